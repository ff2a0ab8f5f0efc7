#!/bin/bash
# guest.sh BOOT: what runs in the guest.  Each test of BOOT's in_guest leaves "ok NAME SECONDS", or "FAILED
# NAME" with its output, in /lab/out/BOOT/tests; see run.sh.
# shellcheck disable=SC2034	# medium, parent: the boots use them
set -u
export BIN=/opt/waxseal
. /lab/cli/lib.sh
. /lab/cli/media.sh
. /lab/vm/gadget.sh
results=/lab/out/$1/tests
given=/lab/given
site="" medium="" parent=""	# what the tests are about
cp -r "$given"/{site,*.trust,*.code} "$T"
chmod -R go-rwx "$T/site"

# Hundredths of a second since the machine was started.
hundredths() {
	local up rest
	read -r up rest </proc/uptime
	echo $((10#${up/./}))
}

# try NAME COMMAND...: one named test.  The command is a function; whatever fails in it ends it.
try() {
	local name=$1 start took rc
	shift
	: >"$T/.notes"
	start=$(hundredths)
	set +e
	(
		set -eE
		trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR
		"$@"
	) >"$T/.test" 2>&1
	rc=$?
	took=$(($(hundredths) - start))
	[ ! -d "$gadget" ] || gadget_unplug >>"$T/.test" 2>&1
	if [ "$rc" = 0 ]; then
		printf 'ok %s %d.%d\n' "$name" $((took / 100)) $((took % 100 / 10)) >>"$results"
		sed "s/^/    /" "$T/.notes" >>"$results"
	else
		{
			echo "FAILED $name"
			tail -n 40 "$T/.test" | sed 's/^/    | /'
			dmesg | tail -n 12 | sed 's/^/    kernel: /'
		} >>"$results"
	fi
}

# note TEXT: a figure that is worth printing beside the test that found it.
note() { echo "$*" >>"$T/.notes"; }

# host JSON: have the host do something (see qemu.pl); its answer goes to standard output.
host() {
	local answer
	printf '%s\n' "$1" >&7
	read -r -t 30 answer <&7
	printf '%s\n' "$answer"
	jq -e 'has("return")' >/dev/null <<<"$answer"
}

# bytes_of DRIVE: read from it since the machine was started, as the device counts them.
bytes_of() {
	host '{"execute": "query-blockstats"}' >"$T/.stats"
	jq --arg d "$1" '.return[] | select(.device == $d) | .stats.rd_bytes' "$T/.stats"
}

# What the host can do, for host: pull a DEVICE out, or plug a stick in; put IMAGE into a drive as another
# disc, or open the drive; any of them later, when BYTES more of DRIVE were read or written.
unplug() { jq -nc --arg id "$1" '{ execute: "device_del", arguments: { id: $id } }'; }
insert() {
	jq -nc --arg id "$1" --arg file "$shared/given/$2" '{ execute: "blockdev-change-medium",
		arguments: { id: $id, filename: $file, format: "raw", force: true,
			"read-only-mode": "read-only" } }'
}
plug() {	# ID DRIVE SERIAL
	jq -nc --arg id "$1" --arg drive "$2" --arg serial "$3" '{ execute: "device_add", arguments: {
		driver: "usb-storage", id: $id, bus: "xhci.0", drive: $drive, serial: $serial,
		removable: true } }'
}
eject() { jq -nc --arg id "$1" '{ execute: "eject", arguments: { id: $id, force: true } }'; }
after() { jq -c --arg drive "$1" --argjson bytes "$2" '.after = { drive: $drive, bytes: $bytes }'; }

# within SECONDS COMMAND...: wait until the command succeeds.
within() {
	local end=$(($(hundredths) + $1 * 100))
	shift
	until "$@"; do
		[ "$(hundredths)" -lt $end ] || { echo "waited in vain: $*"; return 1; }
		usleep 50000
	done
}

# find_disk ATTRIBUTE VALUE: $medium becomes the block device, with a medium in it, one of whose parents in
# sysfs has it; $parent is that one.
find_disk() {
	local block at value
	for block in /sys/block/s[dr]*; do
		if [ ! -e "$block" ] || [ "$(cat "$block/size")" = 0 ]; then continue; fi
		at=$(readlink -f "$block/device")
		while [ "$at" != /sys/devices ]; do
			value=
			[ ! -f "$at/$1" ] || read -r value <"$at/$1"
			if [ "$value" = "$2" ]; then
				medium=/dev/${block##*/} parent=$at
				return
			fi
			at=${at%/*}
		done
	done
	return 1
}

# disk SERIAL: the stick or USB drive with that serial; its device is $medium.  Letters are in no order.
disk() { within 15 find_disk serial "$1"; }

# disk_of VID PID: the same by what is on its label.
disk_of() { within 15 find_disk idVendor "${1#0x}" && [ "$(cat "$parent/idProduct")" = "${2#0x}" ]; }

# optical MODEL: the same for a drive of that model (an AHCI drive has no USB serial).
optical() { within 15 find_disk model "$1"; }

# size_of IMAGE
size_of() { stat -c %s "$given/$1"; }

# forget_pages: what the kernel has read, it reads again.
forget_pages() { echo 3 >/proc/sys/vm/drop_caches; }

# is_ours: what was staged is what the vendor sent.
is_ours() {
	local release
	for release in "$site/$(jq -r .stage said)"/RELEASES/*; do
		diff -r "$given/${release##*/}/payload" "$release/payload" || return 1
	done
}

# genuine DEVICE [CODE-FILE]: verify and ingest accept say so, and the right bytes are staged.
genuine() {
	fresh
	accepted "$1" "${2:-disc.code}" && is_ours
}

# damaged DEVICE [REASON]: by verify and by ingest, and nothing is staged.
damaged() {
	fresh
	refused 14 "${2:-medium.unreadable}" "$1" disc.code
}

# on_record JQ: what is true of the site's last entry.
on_record() {
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e "$1" >/dev/null && return
	echo "not so: $1"
	tail -n 1 "$site/ledger/entries.jsonl"
	return 1
}

# accept_or STATUSES COMMAND...: ingest accept in a fresh site, of a medium that may or may not get away with
# it: either GENUINE with the right bytes staged, or one of STATUSES with nothing staged.
accept_or() {
	local statuses=$1 status=0 before
	shift
	fresh
	before=$(staged "$site")
	"$@" --home "$site" --code disc.code --json >said 2>said.err </dev/null || status=$?
	[ ! -s said.err ] || { cat said.err; return 1; }
	jq -c '[.status, .reason, .where, .blocks]' said
	if [ "$status" = 0 ]; then
		is_ours
	else
		[[ " $statuses " = *" $status "* ]] && [ "$(staged "$site")" = "$before" ]
	fi
}

shared=$(cat /lab/where)
# shellcheck source=/dev/null
. "/lab/vm/boots/$1.sh"
in_guest
