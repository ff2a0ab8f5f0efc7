# shellcheck shell=bash
# lab: what tests/vm/run.sh builds virtual machines from: Debian's own kernel, an initramfs with the
# programs under test, and one directory of the host ($share) that the guest sees as /lab.
#
# What comes from the network (the kernel, as a .deb) and what is slow to make of it (the modules) is
# kept in $cache; nothing of it is installed.

lab_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin	# where depmod and modprobe are

# What the guest can load; what these need comes with them.
lab_modules=(
	xhci-pci usb-storage uas sd_mod sr_mod sg ahci	# sticks and drives
	isofs vfat nls_cp437 nls_ascii nls_utf8 loop	# what can be mounted
	ext4 crc32c_generic	# what a station lives on
	virtio_pci virtio_console 9pnet_virtio 9p	# the way to the host
	dummy_hcd libcomposite usb_f_mass_storage usb_f_hid usb_f_fs usb_f_ss_lb	# of our own making
	usbhid hid-generic
	dm-mod scsi_debug	# holders of a disk, and medium errors as a real disk reports them
)

# What the guest has beside busybox and the programs under test.
lab_tools=(bash jq ssh-keygen script dmsetup udevadm)

# The package that linux-image-amd64 stands for today, or, where apt does not know, the one that was fetched.
lab_kernel_package() {
	local package
	package=$(apt-cache depends linux-image-amd64 2>/dev/null |
		sed -n "s/^ *Depends: \(linux-image-[0-9][^ ]*\)\$/\1/p" | head -n 1)
	if [ -z "$package" ]; then
		package=$(find "$cache" -name "linux-image-*.deb")
		package=$(basename "$package" .deb)
	fi
	echo "$package"
}

# lab_fetch: its file, in $cache.  apt itself compares it with the digest that Debian signed.
lab_fetch() {
	local package
	package=$(lab_kernel_package)
	[ -n "$package" ] || return 1
	[ ! -f "$cache/$package.deb" ] || return 0
	echo "fetching $package"
	(cd "$cache" && apt-get -q download "$package" >/dev/null 2>&1 && mv "$package"_*.deb new &&
		rm -f ./*.deb && mv new "$package.deb")
}

# lab_missing: why there can be no virtual machine here; nothing if there can.
lab_missing() {
	local tool
	for tool in qemu-system-x86_64 depmod modprobe bsdtar perl dpkg-deb apt-get \
		sfdisk mkfs.vfat mkfs.ext4 \
		"${CC:-gcc}" "${lab_tools[@]}"; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed"; return; }
	done
	[ -x /bin/busybox ] || { echo "busybox is not installed"; return; }
	perl -MJSON::PP -MIO::Socket::UNIX -e 1 2>/dev/null || { echo "perl has no JSON::PP"; return; }
}

# lab_kernel: $cache/vmlinuz and $cache/modules.cpio, as the package and the list above have it.
lab_kernel() {
	local package stamp sudo=""
	mkdir -p "$cache"
	if ! lab_fetch; then
		[ "$(id -u)" = 0 ] || sudo=sudo
		$sudo apt-get -q update >/dev/null 2>&1
		lab_fetch || return 1
	fi
	package=$(lab_kernel_package)
	stamp="$package ${lab_modules[*]}"
	[ "$stamp" != "$(cat "$cache/stamp" 2>/dev/null)" ] || return 0
	rm -f "$cache/stamp"
	lab_unpack "$cache/$package.deb" "$T/kernel" && echo "$stamp" >"$cache/stamp"
}

# lab_unpack DEB DIR: by way of DIR.
lab_unpack() {
	local tree=$2/tree chosen=$2/chosen version module
	mkdir -p "$tree" "$chosen"
	dpkg-deb -x "$1" "$tree" || return 1
	version=$(ls "$tree/lib/modules")
	depmod -b "$tree" "$version" || return 1
	for module in "${lab_modules[@]}"; do
		modprobe -d "$tree" -S "$version" --show-depends "$module" || return 1
	done >"$2/list"
	sed -n "s|^insmod $tree/\([^ ]*\).*|\1|p" "$2/list" | sort -u >"$2/files"
	printf "lib/modules/$version/modules.%s\n" order builtin builtin.modinfo >>"$2/files"
	(cd "$tree" && xargs cp --parents -t "$chosen" <"$2/files") || return 1
	depmod -b "$chosen" "$version" && lab_archive "$chosen" "$cache/modules.cpio" &&
		cp "$tree/boot/vmlinuz-$version" "$cache/vmlinuz" && rm -rf "$2"
}

# lab_archive DIR FILE: not compressed, because unpacking costs more than loading.
lab_archive() {
	bsdtar --format=newc --uid 0 --gid 0 -cf "$2" -C "$1" .
}

# lab_put ROOT DIR PROGRAM...: programs, and the libraries that they are linked with.
lab_put() {
	local root=$1 dir=$2 library
	shift 2
	mkdir -p "$root/$dir"
	cp -L "$@" "$root/$dir" || return 1
	for library in $(ldd "$@" | grep -o '/[^ ]*[^ :]' | sort -u); do
		[ -f "$root/$library" ] || install -D "$library" "$root/$library"
	done
}

# lab_initramfs: $T/initramfs of today's programs.
lab_initramfs() {
	local root=$T/initramfs.d tool
	mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,lab,usr/lib/locale}
	cp /bin/busybox "$root/bin"
	cp "$lab_here/init" "$root/init"
	echo 'root:x:0:0:root:/tmp:/bin/sh' >"$root/etc/passwd"
	[ ! -d /usr/lib/locale/C.utf8 ] || cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale"
	for tool in "${lab_tools[@]}"; do lab_put "$root" bin "$(command -v "$tool")" || return 1; done
	lab_put "$root" opt/waxseal "$BIN"/{verify,ingest,mkmedia} || return 1
	"${CC:-gcc}" -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror \
		-o "$T/usbstick" "$lab_here/usbstick.c" -lpthread || return 1
	lab_put "$root" bin "$T/usbstick"
	ln -s udevadm "$root/bin/systemd-udevd"	# one program by two names
	lab_archive "$root" "$T/programs.cpio"
	cat "$cache/modules.cpio" "$T/programs.cpio" >"$T/initramfs"
	rm -rf "$root" "$T/programs.cpio"
}

# vm_drive ID FILE [OPTIONS]: a drive to plug into a device, read-only unless OPTIONS say otherwise.
# To be used, like vm_add, by on_host of a boot; a FILE is one of $share/given.
vm_drive() {
	vm_devices+=(-drive "if=none,id=$1,format=raw,file=$2,${3:-readonly=on}")
}

vm_add() { vm_devices+=("$@"); }

# vm_run BOOT SECONDS QEMU-OPTION...: start the guest, run in_guest of BOOT there, and wait for its end,
# for SECONDS at most.  What it leaves is in $share/out/BOOT: tests, log, console.  The status is 0 when it
# ran to its end.
vm_run() {
	local boot=$1 seconds=$2 out=$share/out/$1
	shift 2
	timeout --foreground -k 10 $((seconds + 10)) perl "$lab_here/qemu.pl" "$out" "$seconds" qemu-system-x86_64 \
		-accel tcg -machine q35 -cpu max -m 512 -nodefaults -no-user-config -display none -no-reboot \
		-serial "file:$out/console" -kernel "$cache/vmlinuz" -initrd "$T/initramfs" \
		-append "console=ttyS0 no_timer_check loglevel=${LOGLEVEL:-3} panic=-1 waxseal_boot=$boot" \
		-virtfs "local,path=$share,mount_tag=lab,security_model=none" \
		-device qemu-xhci,id=xhci,p2=8,p3=8 "$@" </dev/null >"$out/qemu" 2>&1
	[ -f "$out/done" ]
}
