# shellcheck shell=bash
# Sticks that lie on the wire (usbstick.c).  What they say is refused, or it is what was sealed.

on_host() { :; }

SECTOR=8000	# in the middle of the payload

# liar LIE COMMAND...: the command with such a stick plugged in; its device is $medium.
liar() {
	gadget_begin 0x1337 0x0bad Lab Liar "$1"
	gadget_stick "$T/stick" -l "$1@$SECTOR"
	gadget_plug
	disk "$1"
	shift
	"$@"
}

honest() { genuine "$medium"; }

# The good answer is for whoever asks first.
toctou() {
	accept_or "" ingest accept "$medium"
	forget_pages
	accept_or 13 ingest accept "$medium"
	shows '.reason == "block.differs" and .blocks.differ == 1'
	forget_pages
	fresh
	refused 13 block.differs "$medium" disc.code
}

capacity() { accept_or "13 14" ingest accept "$medium"; }

# One block, however often it is asked for.
one_block() {
	damaged "$medium"
	note "$(jq -c .blocks said)"
	shows '.blocks.unreadable == 1 and .blocks.differ == 0'
}

eject() {
	accept_or 14 ingest accept "$medium"
	shows '.reason == "medium.unreadable" and .blocks.differ == 0'
	fresh
	refused 14 medium.none "$medium" disc.code
}

stick_honest() { liar honest honest; }
stick_toctou() { liar toctou toctou; }
stick_capacity() { liar capacity capacity; }
stick_badcsw() { liar badcsw one_block; }
stick_short() { liar short one_block; }
stick_eject() { liar eject eject; }

in_guest() {
	cp "$given/stick.img" "$T/stick"
	try stick-honest stick_honest
	try stick-toctou stick_toctou
	try stick-capacity stick_capacity
	try stick-badcsw stick_badcsw
	try stick-short stick_short
	try stick-eject stick_eject
}
