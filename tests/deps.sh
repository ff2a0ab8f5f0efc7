#!/bin/sh
# Install what is missing, from Debian, and say what.  Arguments: build, check.
set -eu

packages=""
for set in "$@"; do
	case $set in
	build) packages="$packages gcc libc6-dev make openssh-client libarchive-dev libisofs-dev
		libusb-1.0-0-dev libblkid-dev libseccomp-dev libisal-dev libsodium-dev libssl-dev libjansson-dev libutf8proc-dev libsolv-dev" ;;
	check) packages="$packages age clang libclang-rt-14-dev libcmocka-dev cppcheck shellcheck mandoc jq
		openssl xorriso libarchive-tools genisoimage strace perl procps
		qemu-system-x86 busybox-static kmod umockdev dosfstools e2fsprogs fdisk udev dmsetup
		binutils util-linux bsdextrautils bsdutils rpm libdpkg-perl" ;;
	*) echo "deps.sh: no set $set" >&2; exit 2 ;;
	esac
done

# The validator of CSAF comes by npm, which is in Debian's package or in somebody else's.
case " $* " in *" check "*) command -v npm >/dev/null || packages="$packages nodejs npm" ;; esac

missing=""
for p in $packages; do
	dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^ii' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

echo "Installing what is missing:$missing"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$sudo apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 ||
	{ $sudo apt-get update && $sudo apt-get install -y --no-install-recommends $missing; }
