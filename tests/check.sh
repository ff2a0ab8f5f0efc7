#!/bin/bash
# make check: every test.  With gcc all of it; with clang under the sanitizers the unit tests, the scenarios that
# read what others made, and what the fuzzers start from.  In CI (CI=true) a skipped test is a failure.
# FLAVOURS="gcc" runs one only.
#
# LONG=1 (make check-long): killed at every call, every call fails, files around 4 GiB, 60 power cuts, 2,000 lies of
# the parser, each fuzz target for ten minutes: hours.  Without it, of each some.
set -eu
cd "$(dirname "$0")/.."

flavours=${FLAVOURS:-gcc clang-san}
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
log=$(mktemp)
trap 'kill "${beside:-}" 2>/dev/null || :; rm -f "$log" "$log.beside"' EXIT

# also NAME TARGET [VARIABLE=VALUE...]: what is made once, with one flavour; and how late it is.
also() {
	local name=$1
	shift
	echo "== $name ($SECONDS s)"
	make -s "$@" 2>&1 | tee -a "${into:-$log}"
	[ "${PIPESTATUS[0]}" = 0 ] || { echo "$name failed"; exit 1; }
}
sanitized=SCENARIOS=$(printf 'tests/cli/%s-*.sh ' 33 36 37 38 39 42 45)
for flavour in $flavours; do
	which=(CC="${flavour%-san}")
	[ "${flavour%-san}" = "$flavour" ] || which+=(SAN=1)
	echo "== $flavour"
	make -s -j2 "${which[@]}" all units
	if [ "${#which[@]}" = 2 ] && [ -z "${LONG:-}" ]; then which+=("$sanitized"); fi
	also "$flavour: tests" test "${which[@]}"
done
if [ -n "${LONG:-}" ]; then
	export SEEDS=2000 CUTS=60
	also "fuzzing" CC=gcc fuzz SECONDS=600
fi
# Each of these keeps one core busy: two rows of them beside each other, and the second is shown when it is done.
(
	into=/dev/null
	also "corpus" CC=gcc check-corpus
	also "fuzz replay" CC=clang SAN=1 fuzz-replay
	also "lint" lint
) >"$log.beside" 2>&1 &
beside=$!
also "faults" CC=gcc fault
also "faults, and nothing leaks" CC=clang SAN=1 fault FAULTS=tests/fault/inject.sh ONLY="accept repair build"
wait "$beside" || { cat "$log.beside"; exit 1; }
tee -a "$log" <"$log.beside"
also "virtual machines" CC=gcc check-vm

total() { grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | awk -v n="$1" '{ sum += $n } END { print sum + 0 }'; }
passed=$(total 1) failed=$(total 3) skipped=$(total 5)
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
if [ "${CI:-}" = true ] && [ "$skipped" != 0 ]; then
	echo "CI skips nothing"
	exit 1
fi
