#!/bin/bash
# adapter: our verify behind the protocol of run.sh.
set -u
# shellcheck source=tests/corpus/site.sh
. "$(dirname "$0")/site.sh"

while IFS=$'\t' read -r id path code trust customer; do
	find_home "$trust" "$customer"
	set -- --home "$home" --json
	[ "$code" = - ] || set -- --code "$code" "$@"
	rc=0
	verify "$path" "$@" >"$T/said" 2>"$T/errors" </dev/null || rc=$?
	conclude "$rc" "$T/said" "$T/errors"
	printf '%s\t%s\n' "$id" "$answer"
done
