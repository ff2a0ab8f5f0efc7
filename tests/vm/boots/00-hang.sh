# shellcheck shell=bash
# A stick that stops answering: the kernel's readers of it cannot be killed for half a minute and more.
# Hardly anything but waiting, and the longest of all: it comes first.

# shellcheck disable=SC2034	# run.sh uses it
on_host() { vm_seconds=360; }

hang() {
	local start took
	gadget_begin 0x1337 0x0bad Lab Liar HANG
	gadget_stick "$given/stick.img" -l hang@8000
	gadget_plug
	disk HANG
	fresh
	start=$(hundredths)
	accept_or 14 ingest accept "$medium"
	took=$((($(hundredths) - start) / 100))
	note "$took s: $(jq -r .reason said)"
	[ "$took" -lt 180 ]
	shows '.status == 14 and (.reason == "medium.silent" or .reason == "medium.unreadable")'
}

# Whoever still waits for the stick is gone when the kernel gives it up.
nobody_left() {
	within 60 nobody
}
nobody() { ! pidof ingest >/dev/null; }

in_guest() {
	try stick-hang hang
	try stick-hang-nobody-left nobody_left
}
