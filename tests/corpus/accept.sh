#!/bin/bash
# accept: our ingest accept behind the protocol of run.sh.  Each case meets a site that has accepted
# nothing, and afterwards the invariants must hold: what was refused has staged nothing; there is one
# entry in the ledger, and it says the same; memory and reading stay within the limits (DESIGN, 9).
#   PEAK (the program of peak.c)   MEMORY (KiB; 0: no limit, for the sanitizers)
set -u
# shellcheck source=tests/corpus/site.sh
. "$(dirname "$0")/site.sh"
MEMORY=${MEMORY:-98304}
OWN=262144	# bytes that our programs read besides the medium: libraries' heads, keys, ledger, /proc

# Of the image or of the part that a verdict may cost: three times, for what is repaired is read again.
most_to_read() {
	local size
	size=$(stat -c %s "$2")
	case ${1%%	*} in
	10 | 11 | 12) echo $((1048576 + OWN)) ;;
	*) echo $((3 * (size < 16777216 ? size : 16777216) + 1048576 + OWN)) ;;
	esac
}

# The entry, besides those of trust that was adopted on the way.
check_ledger() {
	local status reason new what
	IFS=$'\t' read -r status reason _ <<<"$answer"
	new=$(tail -n +"$(($1 + 1))" "$T/fresh/ledger/entries.jsonl" | grep -v '"what": *"trust-adopted"')
	if [ -z "$new" ] || [ "$(wc -l <<<"$new")" != 1 ]; then
		broken="not one entry in the ledger"
		return
	fi
	case $status in 0) what=accepted ;; 4) what=waiting ;; *) what=refused ;; esac
	[[ $new =~ \"what\":\ *\"$what\" ]] || broken="the ledger does not say $what"
	[ $what != refused ] || [[ $new =~ \"status\":\ *$status,.*\"reason\":\ *\"$reason\" ]] ||
		broken="the ledger says something else"
}

check_stage() {
	local staged
	staged=$(find "$T/fresh/stage" "$T/fresh/scratch" -mindepth 1 2>/dev/null | head -n 1)
	case ${answer%%	*} in
	0) [ -n "$staged" ] || broken="nothing was staged" ;;
	*) [ -z "$staged" ] || broken="it left ${staged#"$T/fresh/"}" ;;
	esac
}

check_limits() {
	local memory bytes
	read -r memory bytes <"$T/peak"
	[ "$MEMORY" = 0 ] || [ "$memory" -le "$MEMORY" ] || broken="$memory KiB of memory"
	[ "$bytes" -le "$(most_to_read "$answer" "$1")" ] || broken="it read $bytes bytes"
}

while IFS=$'\t' read -r id path code trust customer; do
	find_home "$trust" "$customer"
	rm -rf "$T/fresh"
	cp -a "$home" "$T/fresh"
	before=$(wc -l <"$T/fresh/ledger/entries.jsonl")
	set -- --home "$T/fresh" --json
	[ "$code" = - ] || set -- --code "$code" "$@"
	rc=0
	"$PEAK" "$T/peak" ingest accept "$path" "$@" >"$T/said" 2>"$T/errors" </dev/null || rc=$?
	conclude "$rc" "$T/said" "$T/errors"
	broken=
	check_ledger "$before"
	check_stage
	check_limits "$path"
	[ -z "$broken" ] || answer="$rc	broken: $broken	-"
	printf '%s\t%s\n' "$id" "$answer"
done
