# shellcheck shell=bash
# Good media in every kind of drive, and media with errors in a good drive.

on_host() {
	cat >bad.rules <<-'RULES'
		[inject-error]
		event = "read_aio"
		errno = "5"
		sector = "5000"
		iotype = "read"
		[inject-error]
		event = "read_aio"
		errno = "5"
		sector = "9000"
		iotype = "read"
	RULES
	vm_drive stick stick.img
	vm_add -device usb-storage,bus=xhci.0,id=stick,drive=stick,serial=STICK,removable=on
	vm_drive uas stick.img
	vm_add -device usb-uas,bus=xhci.0,id=uas,serial=UAS
	vm_add -device scsi-hd,bus=uas.0,scsi-id=0,lun=0,drive=uas,vendor=ACME,product=FlashUAS,removable=on
	vm_drive usbcd disc.iso
	vm_add -device usb-bot,bus=xhci.0,id=bot,serial=USBCD
	vm_add -device scsi-cd,bus=bot.0,scsi-id=0,lun=0,drive=usbcd,vendor=ACME,product=USB-DVD
	vm_drive cd disc.iso readonly=on,media=cdrom
	vm_add -device ide-cd,bus=ide.0,id=cd,drive=cd
	vm_drive bad blkdebug:bad.rules:stick.img
	vm_add -device usb-storage,bus=xhci.0,id=bad,drive=bad,serial=BAD,removable=on
}

usb_stick() { disk STICK && genuine "$medium"; }
uas_stick() { disk UAS && genuine "$medium"; }
usb_cd() { disk USBCD && genuine "$medium"; }
ahci_cd() { optical "QEMU DVD-ROM" && genuine "$medium"; }

# Two bad sectors cost two blocks, and all others are counted good.
read_errors() {
	disk BAD
	damaged "$medium"
	note "$(jq -c .blocks said)"
	shows '.blocks.unreadable == 2 and .blocks.differ == 0 and .blocks.good > 100'
}

# What a worn disk says, MEDIUM ERROR: eight sectors of one block.
medium_error() {
	modprobe scsi_debug dev_size_mb=16 removable=1 opts=0 \
		medium_error_start=8000 medium_error_count=8
	within 15 find_disk model scsi_debug
	dd if="$given/disc.iso" of="$medium" bs=64k
	echo 2 >/sys/bus/pseudo/drivers/scsi_debug/opts
	forget_pages
	damaged "$medium"
	shows ".blocks.unreadable == 1 and .blocks.differ == 0"
}

# After a change the first read of a drive fails (unit attention), and nobody notices.
disc_changed() {
	optical "QEMU DVD-ROM"
	host "$(insert cd second.iso)"
	fresh
	judges 0 ok verify "$medium" --home "$site" --code second.code
	shows ".consignment.number == 2"
	genuine "$medium" second.code
}

# The code of the disc that was in the drive before.
disc_changed_code() {
	fresh
	optical "QEMU DVD-ROM"
	refused 16 code.other "$medium" disc.code
}

# Nothing is in it; nothing is on record but that.
empty_drive() {
	optical "QEMU DVD-ROM"
	host "$(eject cd)"
	fresh
	refused 14 medium.none "$medium" disc.code
	shows '.bytes_read == 0 and (.where | startswith("'"${medium##*/}"'"))'
}

in_guest() {
	try usb-stick usb_stick
	try uas-stick uas_stick
	try usb-cd usb_cd
	try ahci-cd ahci_cd
	try read-errors read_errors
	try medium-error medium_error
	try disc-changed disc_changed
	try disc-changed-old-code disc_changed_code
	try empty-drive empty_drive
}
