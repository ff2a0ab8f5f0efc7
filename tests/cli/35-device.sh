#!/bin/bash
# Block devices: the same image, the same check.  Loop devices stand for sticks here; real drivers
# belong to the virtual machine.
set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/media.sh"

loop=""
cleanup() { [ -z "$loop" ] || losetup -d "$loop" 2>/dev/null || true; }
if [ "$(id -u)" != 0 ] || ! losetup -f >/dev/null 2>&1; then
	skip "loop devices need root and a kernel that has them"
	done_testing
	exit
fi

attach() { cleanup; loop=$(losetup -r -f --show "$1"); }
new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name ACME
mkdir -p patch/payload/deep/er
head -c 3000000 /dev/urandom >patch/payload/data
echo hello >patch/payload/deep/er/hello
new_release vendor patch
new_image vendor acme patch disc
new_site site vendor acme

verdict() { verify "$loop" --trust vendor.trust --json </dev/null | jq -r "$1"; }
is() { [ "$(verdict "$2")" = "$1" ] || { echo "$(verdict "$2") instead of $1"; return 1; }; }

cp disc.iso stick
truncate -s $(($(stat -c %s stick) + 5 * 1048576)) stick
attach stick
check "a larger device is as good as the image" is 3 .status
check "and the verdict says what was not read" is "5242880 bytes behind the image were not read" \
	'.checks[] | select(.name == "rest") | .text'
head -c 5242880 /dev/urandom | dd of=stick bs=1M oflag=append conv=notrunc status=none
attach stick
check "whatever lies behind it" is 3 .status
check "a site accepts from a device" expect_status 0 ingest accept "$loop" --home site --code disc.code
check "what is staged is what was sent" diff -r patch/payload site/stage/etl/acme-1/RELEASES/patch/payload

size=$(stat -c %s disc.iso)
head -c $((size - 65536)) disc.iso >short
attach short
check "a smaller device is DAMAGED" is image.shorter .reason

cp disc.iso flipped
printf 'X' | dd of=flipped bs=1 seek=2000000 conv=notrunc status=none
attach flipped
check "a changed byte is ALTERED" is block.differs .reason

truncate -s 1T empty
attach empty
check "a terabyte of zeros is NOT SEALED" is seal.none .reason
check "at once" sh -c "[ $(verdict .bytes_read) -le 1048576 ]"
done_testing
