# shellcheck shell=bash
# Sticks and drives of any make, as the kernel's own gadget plays them.  What they say of themselves is
# text from a stranger.

on_host() { :; }

# plugged DEVICE-OPTION VID PID MANUFACTURER PRODUCT SERIAL: such a stick, plugged in.
plugged() {
	local option=$1
	shift
	gadget_begin "$@"
	gadget_storage "$T/image" "$option"
	gadget_plug
	disk_of "$1" "$2"
}

kingston() {
	plugged cdrom=0 0x0951 0x1666 Kingston "DataTraveler 3.0" E0D55EA573FCF3A0F829046B
	find_disk serial E0D55EA573FCF3A0F829046B
	genuine "$medium"
}

drive() {
	plugged cdrom=1 0x0e8d 0x1887 ACME "USB DVD" DVD1
	[[ $medium = /dev/sr* ]]
	genuine "$medium"
}

empty_serial() {
	plugged cdrom=0 0x1234 0x0001 ACME Stick ""
	genuine "$medium"
}

# Nothing of what would move the cursor reaches a terminal.
strings() {
	plugged cdrom=0 0x1234 0x0002 $'Evil\e[31m\nCorp' $'Sl\xc3\xbcm "DVD" %s $(id)' $'S\e]0;x\a\nN'
	grep -q $'\e' "$parent/manufacturer"
	genuine "$medium"
	fresh
	ingest accept "$medium" --home "$site" --code disc.code >shown 2>&1 </dev/null
	! grep -q "[$(printf '\1-\10\13-\37\177')]" shown
}

in_guest() {
	cp "$given/disc.iso" "$T/image"
	try identity-stick kingston
	try identity-drive drive
	try identity-empty-serial empty_serial
	try identity-strings strings
}
