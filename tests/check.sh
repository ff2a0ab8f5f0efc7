#!/bin/bash
# make check: every test, with gcc and clang, and with clang under the sanitizers (gcc-san is there, too).
# FLAVOURS="gcc" runs one only.  In CI (CI=true) a skipped test is a failure.  LONG=1: every failing call, every
# power cut, 2,000 lies of the parser, each fuzz target for ten minutes: hours.
set -eu
cd "$(dirname "$0")/.."

flavours=${FLAVOURS:-gcc clang-san clang}
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for flavour in $flavours; do
	cc=${flavour%-san} san=""
	[ "$cc" = "$flavour" ] || san=1
	echo "== $flavour"
	make -s -j2 CC="$cc" SAN=$san all units
	# The scenarios are long: once plain, once under the sanitizers.
	case $flavour in
	gcc) make -s CC="$cc" test ;;
	clang-san) QUICK=1 make -s CC="$cc" SAN=$san test ;;
	*)
		mapfile -t programs < <(find "build/$flavour/unit" -type f -perm -u+x | sort)
		tests/run.sh units "${programs[@]}"
		;;
	esac 2>&1 | tee -a "$log"
	[ "${PIPESTATUS[0]}" = 0 ] || { echo "$flavour failed"; exit 1; }
done

# also NAME TARGET [VARIABLE=VALUE...]: what is made once, with one flavour.
also() {
	local name=$1
	shift
	echo "== $name"
	make -s "$@" 2>&1 | tee -a "$log"
	[ "${PIPESTATUS[0]}" = 0 ] || { echo "$name failed"; exit 1; }
}
if [ -n "${LONG:-}" ]; then
	export SEEDS=2000 CUTS=60
	also "fuzzing" CC=gcc fuzz SECONDS=600
fi
also "faults" CC=gcc fault
also "fuzz replay" CC=clang SAN=1 fuzz-replay
also "corpus" CC=gcc check-corpus
also "virtual machines" CC=gcc check-vm
echo "== lint"
make -s lint

total() { grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | awk -v n="$1" '{ sum += $n } END { print sum + 0 }'; }
passed=$(total 1) failed=$(total 3) skipped=$(total 5)
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
if [ "${CI:-}" = true ] && [ "$skipped" != 0 ]; then
	echo "CI skips nothing"
	exit 1
fi
