# shellcheck shell=bash
# Sticks and drives of any make, as the kernel's own gadget plays them.  What they say of themselves is
# text from a stranger, and goes on record as such; what they are besides storage refuses them unread; and
# so does, unjudged, what other programs would find on them.
# shellcheck disable=SC2016	# single quotes are for jq

on_host() {
	local size
	cp small.iso eight.img
	truncate -s 8M eight.img
	size=$(stat -c %s eight.img)
	cp eight.img partitions.img
	printf 'label: dos\nstart=2048, size=4096, type=c\n' | sfdisk -q partitions.img
	truncate -s 8M ext4
	mkfs.ext4 -q ext4
	cp eight.img ext4.img
	dd if=ext4 of=ext4.img bs=1024 skip=1 seek=1 count=1 conv=notrunc status=none
	# The member of a RAID whose metadata (version 1.0: magic, version, features, set, name; where this
	# is; checksum) lie behind everything else, where no block of the image is.
	cp eight.img raid.img
	perl -e '
		my $at = ($ARGV[0] & ~4095) - 8192;
		my $b = pack("V4 a16 a32 x80 Q< x104", 0xa92b4efc, 1, 0, 0, "a" x 16, "lab:0", $at / 512);
		my $sum = 0;
		$sum += $_ for unpack("V64", $b);
		substr($b, 216, 4) = pack("V", ($sum & 0xffffffff) + ($sum >> 32));
		open my $f, "+<", "raid.img" or die;
		seek $f, $at, 0;
		print $f $b;
	' "$size"
}

# plugged FILE DEVICE-OPTION VID PID MANUFACTURER PRODUCT SERIAL: such a stick, plugged in.
plugged() {
	local file=$1 option=$2
	shift 2
	gadget_begin "$@"
	gadget_storage "$file" "$option"
	gadget_plug
	disk_of "$1" "$2"
}

# Of what was accepted, and of what was refused, the ledger says on what it came.
kingston() {
	plugged "$T/image" cdrom=0 0x0951 0x1666 Kingston "DataTraveler 3.0" E0D55EA573FCF3A0F829046B
	find_disk serial E0D55EA573FCF3A0F829046B
	genuine "$medium" small.code
	shows '.device.kind == "stick" and .device.size == '"$(size_of small.iso)"' and
		.device.usb == { vendor: "0951", product: "1666", manufacturer: "Kingston",
		model: "DataTraveler 3.0", serial: "E0D55EA573FCF3A0F829046B", disputed: false }'
	on_record '.what == "accepted" and .device.usb.serial == "E0D55EA573FCF3A0F829046B" and
		.device.scsi.model != ""'
	refused 18 number.used "$medium" small.code
	on_record '.device.usb.serial == "E0D55EA573FCF3A0F829046B" and .device.kind == "stick"'
}

drive() {
	plugged "$T/image" cdrom=1 0x0e8d 0x1887 ACME "USB DVD" DVD100000000001
	[[ $medium = /dev/sr* ]]
	genuine "$medium" small.code
	on_record '.device.kind == "disc" and .device.usb.product == "1887" and .device.disc.sessions == 1'
}

empty_serial() {
	plugged "$T/image" cdrom=0 0x1234 0x0001 ACME Stick ""
	genuine "$medium" small.code
	shows '.device.usb.serial == ""'
}

# Nothing of what would move the cursor reaches a terminal, a program or the ledger.
strings() {
	plugged "$T/image" cdrom=0 0x1234 0x0002 $'Evil\e[31m\nCorp' $'Sl\xc3\xbcm "DVD" %s $(id)' \
		$'S\e]0;x\a\nN'
	grep -q $'\e' "$parent/manufacturer"
	genuine "$medium" small.code
	shows '.device.usb | .manufacturer == "Evil\\x1b[31m\\x0aCorp" and
		.model == "Slüm \"DVD\" %s $(id)" and .serial == "S\\x1b]0;x\\x07\\x0aN"'
	on_record '.device.usb.serial == "S\\x1b]0;x\\x07\\x0aN"'
	fresh
	ingest accept "$medium" --home "$site" --code small.code >shown 2>&1 </dev/null
	grep -qF 'Evil\x1b[31m\x0aCorp' shown
	! grep -q "[$(printf '\1-\10\13-\37\177')]" shown
}

# more_than_storage: the stick at $medium is refused, and gives out not one sector for it.
more_than_storage() {
	local before
	# Who looks at every new device has done so when this is through.
	dd if="$medium" of="$T/sector" bs=512 count=1
	before=$(sectors_read)
	[ "$before" -gt 0 ]
	forget_pages
	fresh
	refused 17 device.interface "$medium" small.code
	shows '.bytes_read == 0 and .blocks.good == 0'
	on_record '.device.kind == "stick" and .device.usb.vendor == "1337"'
	[ "$(sectors_read)" = "$before" ]
}
sectors_read() { grep -c '^read ' "$T/stick0.out"; }

keyboard() {
	gadget_begin 0x1337 0x0001 Lab Composite KEYBOARD0000001
	gadget_stick "$T/image"
	gadget_keyboard
	gadget_plug
	disk KEYBOARD0000001
	more_than_storage
	shows '.where | test("keyboard")'
}

vendor_specific() {
	gadget_begin 0x1337 0x0002 Lab Composite VENDOR000000001
	gadget_stick "$T/image"
	gadget_vendor_specific
	gadget_plug
	disk VENDOR000000001
	more_than_storage
	shows '.where | test("class ff")'
}

# The keyboard is there only when somebody chooses the second configuration.
second_configuration() {
	gadget_begin 0x1337 0x0003 Lab Composite SECOND000000001
	gadget_stick "$T/image"
	gadget_configuration
	gadget_keyboard
	gadget_plug
	disk SECOND000000001
	more_than_storage
	shows '.where | test("configuration 2 is a keyboard")'
}

# polyglot IMAGE TYPE: refused by what it is besides, before any block is compared.
polyglot() {
	plugged "$given/$1.img" cdrom=0 0x1234 0x0003 ACME Stick POLYGLOT0000001
	fresh
	refused 13 medium.polyglot "$medium" small.code
	shows '.blocks.differ == 0 and .blocks.good == 0 and (.where | test("'"$2"'"))'
}
polyglot_partitions() { polyglot partitions dos; }
polyglot_ext4() { polyglot ext4 "ext4|several file systems"; }
polyglot_raid() { polyglot raid linux_raid_member; }

in_guest() {
	cp "$given/small.iso" "$T/image"
	try identity-stick kingston
	try identity-drive drive
	try identity-empty-serial empty_serial
	try identity-strings strings
	try identity-keyboard keyboard
	try identity-vendor-specific vendor_specific
	try identity-second-configuration second_configuration
	try polyglot-partition-table polyglot_partitions
	try polyglot-ext4 polyglot_ext4
	try polyglot-raid-at-the-end polyglot_raid
}
