# shellcheck shell=bash
# The mail room: verify --wait judges whatever is put in, and nothing mounts it.

on_host() {
	truncate -s 16M station.img parted.img
	printf 'label: dos\nstart=2048, type=c\n' | sfdisk -q station.img
	cp station.img parted.img
	vm_add -drive if=none,id=cd,media=cdrom,readonly=on	# nothing is in it
	vm_add -device ide-cd,bus=ide.0,id=cd,drive=cd
	vm_drive disk station.img readonly=off
	vm_add -device ide-hd,bus=ide.1,drive=disk
	vm_drive first stick.img readonly=on,throttling.bps-read=4000000
	vm_add -device usb-storage,bus=xhci.0,id=stick,drive=first,serial=STICK,removable=on
	vm_drive next second.iso
	vm_drive last stick.img
}

# ---- one verdict a medium ----

# station [OPTION]: it waits for media at $medium, until the test ends.
station() {
	: >"$T/verdicts"
	: >"$T/station"
	verify "$medium" --wait --home "$T/site" --code disc.code "$@" >"$T/verdicts" 2>"$T/station" \
		</dev/null 7>&- &
	# shellcheck disable=SC2064
	trap "kill $!" EXIT
}

# told N TEXT: the station said that N times.
told() { [ "$(grep -c "$2" "$T/station")" = "$1" ]; }

# what it says, in the order in which it is to be read
judged() { within 20 told "$1" "The medium in $medium can be taken out now"; }
statuses() {
	jq -c '[.status, .reason, .where]' "$T/verdicts" >"$T/shown"
	[ "$(jq -s -c '[.[][0]]' "$T/shown")" = "$1" ] || { cat "$T/station" "$T/shown"; return 1; }
}

# Nothing was ever in the drive, so there is nothing to judge.
wait_empty() {
	medium=/dev/sr0
	station --json
	within 5 told 1 "Waiting for a medium in $medium"
	sleep 2
	statuses "[]"
	told 0 "can be taken out now"
	host "$(insert cd disc.iso)"
	judged 1
	statuses "[0]"
}

# A disc, another one, nothing, and the first one once more.
wait_disc() {
	medium=/dev/sr0
	host "$(insert cd disc.iso)"
	station --json
	judged 1
	statuses "[0]"
	host "$(insert cd second.iso)"
	judged 2
	statuses "[0,16]"
	host "$(eject cd)"
	within 10 told 1 "Waiting for the next medium in $medium"
	host "$(insert cd disc.iso)"
	judged 3
	statuses "[0,16,0]"
	jq -s -e '[.[] | .consignment.number] == [1, 2, 1]' "$T/verdicts"
	# A disc that stays is not judged again.
	sleep 3
	statuses "[0,16,0]"
	told 3 "can be taken out now"
}

# A stick, pulled out when it was judged; another one; and for people, not for programs.
wait_stick() {
	disk STICK
	station
	judged 1
	host "$(unplug stick)"
	within 10 told 1 "Waiting for the next medium in $medium"
	host "$(plug next next NEXT)"
	judged 2
	[ "$(grep -oE '^  (GENUINE|WRONG CODE)\.' "$T/verdicts" | tr -d '\n')" = "  GENUINE.  WRONG CODE." ]
}

# It is pulled out while it is read.
wait_pulled() {
	disk NEXT
	host "$(unplug next)"
	within 5 [ ! -e "$medium" ]
	host "$(after last 3000000 <<<"$(unplug last)")"
	station --json
	within 5 told 1 "Waiting for a medium in $medium"
	host "$(plug last last LAST)"
	judged 1
	statuses "[14]"
	jq -e '.reason == "medium.unreadable" and .blocks.good > 0 and .blocks.differ == 0' "$T/verdicts"
	within 10 told 1 "Waiting for the next medium in $medium"
}

# ---- the rules for udev ----

# udev: the daemon, with our rules and no others, in front of whatever the test plugs in.
udev() {
	rm -rf /run/udev
	mkdir -p /run/udev/rules.d
	cp /lab/vm/60-waxseal.rules "${1:-/lab/vm/60-waxseal.rules}" /run/udev/rules.d
	SYSTEMD_LOG_LEVEL=debug systemd-udevd >"$T/udevd" 2>&1 7>&- &
	# shellcheck disable=SC2064
	trap "kill $!" EXIT
	within 10 [ -e /run/udev/control ]
	udevadm trigger --action=add --subsystem-match=block
	udevadm settle
}

# What udev says of our rules: nothing but that it reads them.
rules_valid() {
	printf 'KERNEL="sr0", NONSENSE=="1"\n' >"$T/99-wrong.rules"
	udev "$T/99-wrong.rules"
	grep -E '(60-waxseal|99-wrong)\.rules' "$T/udevd"
	[ "$(grep -c '60-waxseal\.rules' "$T/udevd")" = 1 ]
	grep -q "Reading rules file: .*60-waxseal.rules" "$T/udevd"
	grep -q "99-wrong.rules:1 " "$T/udevd"	# it does complain
}

properties() { udevadm info --query=property --name="$1"; }
hidden() { properties "$1" | grep -qx UDISKS_IGNORE=1 && properties "$1" | grep -qx UDISKS_AUTO=0; }

no_automount() {
	udev
	hidden /dev/sr0
	gadget_begin 0x0951 0x1666 Kingston "DataTraveler 3.0" PARTED
	gadget_storage "$given/parted.img"
	gadget_plug
	disk PARTED
	within 5 [ -e "${medium}1" ]
	udevadm settle
	hidden "$medium"
	hidden "${medium}1"
	within 5 find_disk model "QEMU HARDDISK"
	properties "$medium" | grep -q ^DEVTYPE=disk
	! properties "$medium" | grep UDISKS
	! properties "${medium}1" | grep UDISKS
}

in_guest() {
	try wait-empty-drive wait_empty
	try wait-disc wait_disc
	try wait-stick wait_stick
	try wait-stick-pulled wait_pulled
	try udev-rules-valid rules_valid
	try udev-no-automount no_automount
}
