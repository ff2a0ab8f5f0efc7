# shellcheck shell=bash
# The vendor's desk: images onto sticks, read back, and what happens to them on the way to the site.
# What must not be overwritten is refused by name.

GOOD=60A44C413D8BF7A1	# as sticks have them: more than 12 digits

on_host() {
	mkdir desk
	cp -a vendor desk
	(
		cd desk || exit
		new_image vendor acme tiny bound --bind
	) || return
	# What sticks hold when they come out of a drawer: photographs, and a partition table with a
	# copy of itself at the end.
	truncate -s 32M used.img
	printf 'label: gpt\nstart=2048, size=32768\n' | sfdisk -q used.img
	cp used.img table.img
	mkfs.vfat --offset 2048 -n WORK table.img 16384 >/dev/null 2>&1	# it would have filled the disk
	mkfs.vfat -n PHOTOS photos.img -C 8192 >/dev/null
	cp photos.img uas.img
	truncate -s 24M uas.img
	truncate -s 1M narrow.img
	truncate -s 16M bad.img disk.img
	cp second.iso pulled.img
	truncate -s 16M pulled.img
	cat >bad-write.rules <<-'RULES'
		[inject-error]
		event = "write_aio"
		errno = "5"
		sector = "8000"
	RULES
	vm_drive used used.img readonly=off
	vm_add -device usb-storage,bus=xhci.0,id=used,drive=used,serial=$GOOD,removable=on
	vm_drive uas uas.img readonly=off
	vm_add -device usb-uas,bus=xhci.0,id=uas,serial=UAS4711000815
	vm_add -device scsi-hd,bus=uas.0,scsi-id=0,lun=0,drive=uas,vendor=ACME,product=FlashUAS,removable=on
	vm_drive narrow narrow.img readonly=off
	vm_add -device usb-storage,bus=xhci.0,id=narrow,drive=narrow,serial=NARROW,removable=on
	vm_drive locked stick.img
	vm_add -device usb-storage,bus=xhci.0,id=locked,drive=locked,serial=LOCKED,removable=on
	vm_drive table table.img readonly=off
	vm_add -device usb-storage,bus=xhci.0,id=table,drive=table,serial=TABLE,removable=on
	vm_drive photos photos.img readonly=off
	vm_add -device usb-storage,bus=xhci.0,id=photos,drive=photos,serial=PHOTOS,removable=on
	vm_drive bad blkdebug:bad-write.rules:bad.img readonly=off
	vm_add -device usb-storage,bus=xhci.0,id=bad,drive=bad,serial=BAD,removable=on
	vm_drive pulled pulled.img readonly=off,file.locking=off,throttling.bps-write=3000000
	vm_add -device usb-storage,bus=xhci.0,id=pulled,drive=pulled,serial=PULLED,removable=on
	vm_drive again pulled.img readonly=on,file.locking=off
	vm_drive disk disk.img readonly=off
	vm_add -device ide-hd,bus=ide.0,drive=disk,model=DISK
	vm_drive cd disc.iso readonly=on,media=cdrom
	vm_add -device ide-cd,bus=ide.1,drive=cd
}

# ---- what is on record at the desk ----

last() { tail -n 1 "$MKMEDIA_HOME/ledger/entries.jsonl" | jq -e "$1" >/dev/null && return
	echo "not so: $1"
	tail -n 1 "$MKMEDIA_HOME/ledger/entries.jsonl"
	return 1
}
sectors_written() { awk '{ print $7 }' "/sys/class/block/${medium##*/}/stat"; }

# writes IMAGE: mkmedia write to $medium succeeds; what it says is in the file said.
writes() {
	mkmedia write "$1" "$medium" --yes --json >said
	shows '.verdict == "GENUINE" and .status == 0 and .reason == "ok" and .ledger > 0'
	note "$(jq -r '"\(.written) bytes in \(.milliseconds) ms, read back \(.bytes_read) bytes"' said)"
	last '.what == "written" and .status == 0 and .verdict == "GENUINE" and .customer == "acme"'
	forget_pages
}

# refuses TEXT [DEVICE]: by name, with nothing written and nothing recorded.
refuses() {
	local text=$1 device=${2:-$medium} before count
	before=$(entries "$MKMEDIA_HOME") count=$(sectors_written)
	expect_says 2 "$text" mkmedia write small.iso "$device" --yes
	[ "$(entries "$MKMEDIA_HOME")" = "$before" ]
	[ "$(sectors_written)" = "$count" ]
}

# ---- written and read back ----

# The stick is what mkmedia found on it, and then the image and nothing that was before it.
write_stick() {
	local size
	disk $GOOD
	size=$(blockdev --getsize64 "$medium")
	echo marked | dd of="$medium" bs=1M seek=20 conv=fsync
	tail -c 512 "$medium" | grep -q "EFI PART"
	says "partitions: gpt" mkmedia write disc.iso "$medium" --yes
	last '.device.usb.serial == "'$GOOD'" and .bound == false and .copy == 1 and .device.size == '"$size"
	forget_pages
	[ "$(tail -c 1M "$medium" | tr -d '\0' | wc -c)" = 0 ]
	dd if="$medium" bs=1M skip=20 count=1 | grep -q marked
	cmp -n "$(size_of disc.iso)" "$medium" disc.iso
	genuine "$medium"
	shows '[.checks[] | select(.name == "medium").text] == ["not bound to one device"]'
}

# Once more is another copy; read back, it is that one still.
write_again() {
	disk $GOOD
	writes disc.iso
	shows '.copy == 2 and .device.usb.serial == "'$GOOD'"'
	judges 0 ok mkmedia readback "$medium"
	shows ".copy == 2"
	last '.what == "read-back" and .copy == 2 and .device.usb.serial == "'$GOOD'"'
}

write_uas() {
	disk UAS4711000815
	writes small.iso
	last '.device.scsi.model == "FlashUAS" and .copy == 1'
	genuine "$medium" small.code
}

# A disc that was pressed elsewhere.
readback_disc() {
	optical "QEMU DVD-ROM"
	judges 0 ok mkmedia readback "$medium"
	last '.what == "read-back" and .device.kind == "disc" and .copy == 3'
}

# ---- the question ----

# answers TEXT STATUS: what is typed when mkmedia asks.
answers() {
	local status=0
	echo "$1" | script -qec "mkmedia write small.iso $medium" /dev/null >shown || status=$?
	tr -d '\r' <shown | grep -v '^$'
	grep -q 'on it now  vfat, called "PHOTOS"' shown
	grep -q "Overwrite everything on $medium" shown
	[ "$status" = "$2" ]
}

write_asks() {
	local before
	disk PHOTOS
	before=$(sectors_written)
	answers no 2
	answers y 2
	[ "$(sectors_written)" = "$before" ]
	answers yes 0
	genuine "$medium" small.code
}

# With nobody there to answer nothing is written.
write_unattended() {
	disk PHOTOS
	expect_says 2 "--yes says so" mkmedia write disc.iso "$medium" </dev/null
	cmp -n "$(stat -c %s small.iso)" "$medium" small.iso
}

# ---- what must not be overwritten ----

refuses_mounted() {
	disk TABLE
	mount -t vfat "${medium}1" "$T/mnt"
	trap 'umount "$T/mnt"' EXIT
	refuses "${medium##*/}1 is mounted at $T/mnt; if nobody needs what is there: umount $T/mnt"
}

refuses_system() {
	disk TABLE
	mkdir -p /boot
	mount -t vfat "${medium}1" /boot
	trap "umount /boot" EXIT
	refuses "this computer runs from it: /boot is on ${medium##*/}1"
}

refuses_swap() {
	disk TABLE
	mkswap "${medium}1"
	swapon "${medium}1"
	trap 'swapoff "${medium}1"' EXIT
	refuses "${medium}1 is swap space; if nobody needs it: swapoff ${medium}1"
}

refuses_held() {
	disk TABLE
	dmsetup create --noudevsync volume --table "0 2048 linear ${medium}1 0"
	trap "dmsetup remove --noudevsync volume" EXIT
	refuses "(volume) is built on it (a volume group, RAID"
}
refuses_loop() {
	disk TABLE
	losetup /dev/loop5 "$medium"
	trap "losetup -d /dev/loop5" EXIT
	refuses "loop5 is built on it"
}

# Neither mountinfo nor sysfs shows it here.
refuses_mounted_elsewhere() {
	disk TABLE
	unshare -m sh -c "mount -t vfat ${medium}1 $T/mnt && touch $T/there && exec sleep 60" &
	# shellcheck disable=SC2064
	trap "kill $!" EXIT
	within 5 [ -e "$T/there" ]
	refuses "is in use: mounted in a container"
}

refuses_partition() {
	disk TABLE
	refuses "is only a partition; name the whole device, $medium" "${medium}1"
}
refuses_small() {
	disk NARROW
	refuses "is too small: the image has"
}
refuses_locked() {
	disk LOCKED
	refuses "is write-protected; look for a switch"
}
refuses_disk() {
	within 15 find_disk model DISK
	refuses "is not removable; a stick, a card or a disc is needed"
}
refuses_disc() {
	optical "QEMU DVD-ROM"
	refuses "the disc in it is written already; insert a blank one"
}

refuses_keyboard() {
	gadget_begin 0x1337 0x0001 Lab Composite KEYBOARD0000001
	gadget_stick "$T/blank" -w
	gadget_keyboard
	gadget_plug
	disk KEYBOARD0000001
	expect_says 17 "keyboard" mkmedia write small.iso "$medium" --yes
	[ "$(sectors_written)" = 0 ]
}

# ---- what goes wrong ----

forgotten() {
	gadget_begin 0x1337 0x0bad Lab Liar FORGET000000001
	gadget_stick "$T/blank" -w -l forget@500
	gadget_plug
	disk FORGET000000001
	expect_says 13 "Do not send it" mkmedia write small.iso "$medium" --yes
	last '.what == "written" and .status == 13 and .reason == "block.differs"'
}

# not_sealed: nobody can take it for what was to be written.
not_sealed() {
	last '.what == "written" and .status == 1 and .verdict == "FAILED"'
	forget_pages
	judges 10 seal.none verify "$medium" --trust vendor.trust
}

write_errors() {
	disk BAD
	expect_says 1 "writing fails at byte" mkmedia write disc.iso "$medium" --yes
	not_sealed
}

# There was a good image on it; what comes out again is none.
write_unplugged() {
	disk PULLED
	judges 3 unchecked verify "$medium" --trust vendor.trust
	host "$(after pulled 4000000 <<<"$(unplug pulled)")"
	expect_says 1 "Recorded as not good" mkmedia write disc.iso "$medium" --yes
	within 5 [ ! -e "$medium" ]
	host "$(plug again again PULLED)"
	disk PULLED
	not_sealed
}

# ---- bound to one stick ----

# stick SERIAL FILE [PRODUCT]: such a stick, which can be written, is plugged in.
stick() {
	[ ! -d "$gadget" ] || gadget_unplug
	gadget_begin 0x0951 "${3:-0x1666}" Kingston "DataTraveler 3.0" "$1"
	gadget_storage "$2" ro=0
	gadget_plug
	disk_of 0x0951 "${3:-0x1666}"
}

# says_of_it TEXT STATE: what is said of the device that the seal is bound to.
says_of_it() {
	shows '.checks[] | select(.name == "medium") | (.text | test("'"$1"'")) and .state == "'"$2"'"'
}

bound_match() {
	stick $GOOD "$T/bound"
	writes bound.iso
	shows '.bound and .copy == 1 and .device.usb.serial == "'$GOOD'"'
	last '.bound and .copy == 1'
	stick $GOOD "$T/bound"
	genuine "$medium" bound.code
	says_of_it "the device that was sealed" ok
	on_record '.what == "accepted" and .device.usb.serial == "'$GOOD'"'
	judges 0 ok mkmedia readback "$medium"
	shows ".copy == 1"
}

# wrong TEXT: its bytes were copied to another device, and that is said before they are read.
wrong() {
	forget_pages
	fresh
	refused 17 device.other "${2:-$medium}" bound.code
	shows '.blocks.good == 0 and .bytes_read < 200000 and (.where | test("'"$1"'"))'
	on_record '.what == "refused" and .number == 4'
}

bound_serial() {
	stick 70A44C413D8BF7A1 "$T/bound"
	wrong 'its serial number is .70A44C413D8BF7A1'
}
bound_product() {
	stick $GOOD "$T/bound" 0x1667
	wrong 'this is a 0951:1667, and the seal is bound to a 0951:1666'
}
bound_size() {
	cp "$T/bound" "$T/larger"
	truncate -s 17M "$T/larger"
	stick $GOOD "$T/larger"
	wrong 'it has 17825792 bytes'
}
bound_image() {
	head -c "$(stat -c %s bound.iso)" "$T/bound" >copied.iso
	wrong 'this is a file' copied.iso
}

# Many sticks say the same, so that it fits says little; no more is claimed.
bound_weak() {
	cp "$T/blank" "$T/bound"
	stick "$1" "$T/bound"
	expect_says 0 "weakly: ${medium##*/} fits, but $2" mkmedia write bound.iso "$medium" --yes
	stick "$1" "$T/bound"
	genuine "$medium" bound.code
	says_of_it "weak.*$2" remark
}
bound_empty() { bound_weak "" "it has no serial number"; }
bound_shared() { bound_weak 0123456789ABCDEF "its serial number is one that many devices have"; }

in_guest() {
	cd "$T" || return
	cp -r "$given"/desk/{vendor,bound.iso,bound.code} "$given"/{disc,small}.iso .
	chmod -R go-rwx vendor
	export MKMEDIA_HOME=$T/vendor
	truncate -s 16M blank
	cp blank bound
	mkdir mnt
	modprobe -a vfat nls_cp437 nls_ascii loop dm-mod
	try write-stick write_stick
	try write-another-copy write_again
	try write-uas write_uas
	try readback-disc readback_disc
	try write-asks write_asks
	try write-unattended write_unattended
	try write-refuses-mounted refuses_mounted
	try write-refuses-mounted-elsewhere refuses_mounted_elsewhere
	try write-refuses-system refuses_system
	try write-refuses-swap refuses_swap
	try write-refuses-held refuses_held
	try write-refuses-loop refuses_loop
	try write-refuses-partition refuses_partition
	try write-refuses-small refuses_small
	try write-refuses-write-protected refuses_locked
	try write-refuses-disk refuses_disk
	try write-refuses-written-disc refuses_disc
	try write-refuses-keyboard refuses_keyboard
	try write-forgotten forgotten
	try write-errors write_errors
	try write-unplugged write_unplugged
	try bound-match bound_match
	try bound-other-serial bound_serial
	try bound-other-product bound_product
	try bound-other-size bound_size
	try bound-image-file bound_image
	try bound-empty-serial bound_empty
	try bound-shared-serial bound_shared
}
