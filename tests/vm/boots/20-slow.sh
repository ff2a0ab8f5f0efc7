# shellcheck shell=bash
# Slow drives: the whole of their rate is used, once; and what goes wrong half way.

RATE=600000	# a compact disc at 4 times its own speed

on_host() {
	vm_drive cd disc.iso readonly=on,media=cdrom,throttling.bps-read=$RATE
	vm_add -device ide-cd,bus=ide.0,id=cd,drive=cd
	vm_drive stick stick.img readonly=on,throttling.bps-read=3000000
	vm_add -device usb-storage,bus=xhci.0,id=stick,drive=stick,serial=STICK,removable=on
	vm_drive again stick.img
	vm_drive usbcd disc.iso readonly=on,throttling.bps-read=3000000
	vm_add -device usb-bot,bus=xhci.0,id=bot,serial=USBCD
	vm_add -device scsi-cd,bus=bot.0,scsi-id=0,lun=0,drive=usbcd,id=usbcd
}

# How long it took and how many bytes the drive gave out is for the next test, too.
slow_disc() {
	local before start took size
	optical "QEMU DVD-ROM"
	size=$(size_of disc.iso)
	fresh
	forget_pages
	before=$(bytes_of cd) start=$(hundredths)
	judges 0 ok ingest accept "$medium" --home "$site" --code disc.code
	echo "$size $(($(bytes_of cd) - before))" >"$T/slow"
	note "$(($(hundredths) - start))0 ms in all"
	is_ours
	took=$(jq .milliseconds said)	# from opening the drive to the verdict
	note "$size bytes in $took ms: $((size / took)) kB/s of $((RATE / 1000))"
	# rate = size / (took / 1000), and at least 95 % of RATE
	[ $((size * 1000 * 100)) -ge $((RATE * 95 * took)) ]
}

one_pass() {
	local size bytes
	read -r size bytes <"$T/slow"
	note "the drive gave out $bytes bytes for an image of $size"
	[ "$bytes" -ge "$size" ] && [ "$bytes" -le $((size + size / 50 + 1048576)) ]
}

# half_way DRIVE JSON STATUSES COMMAND...: the host does that when half of the image was read.  Soon
# after, there is one of STATUSES, and nothing is staged.
half_way() {
	local drive=$1 json=$2 statuses=$3 start took
	shift 3
	forget_pages
	host "$(after "$drive" $(($(size_of disc.iso) / 2)) <<<"$json")"
	start=$(hundredths)
	accept_or "$statuses" "$@"
	took=$(($(hundredths) - start))
	note "${took}0 ms: $(jq -c "[.reason, .blocks]" said)"
	[ "$took" -lt 1500 ]
	shows '.status != 0'
}

unplugged_verify() {
	disk STICK
	half_way stick "$(unplug stick)" 14 verify "$medium"
	shows '.reason == "medium.unreadable" and .blocks.differ == 0 and
		.blocks.good > 20 and .blocks.unreadable > 20'
	within 5 [ ! -e "$medium" ]
}

# Another stick in the same port, with the same serial: what was wrong with the first is forgotten.
replugged() {
	host "$(plug again again STICK)"
	disk STICK
	genuine "$medium"
}

# Half of one disc and half of another are no disc.
swapped_accept() {
	disk USBCD
	half_way usbcd "$(insert usbcd second.iso)" "13 14" ingest accept "$medium"
}

unplugged_accept() {
	disk USBCD
	host "$(insert usbcd disc.iso)"
	half_way usbcd "$(unplug bot)" 14 ingest accept "$medium"
	shows '.reason == "medium.unreadable" and .blocks.differ == 0'
	within 5 [ ! -e "$medium" ]
}

in_guest() {
	try slow-disc slow_disc
	try one-pass one_pass
	try unplugged-stick-verify unplugged_verify
	try replugged-stick replugged
	try swapped-disc-accept swapped_accept
	try unplugged-drive-accept unplugged_accept
}
