#!/bin/bash
# make check: every test, with gcc and clang, and with clang under the sanitizers (gcc-san is there, too).
# FLAVOURS="gcc" runs one only.  In CI (CI=true) a skipped test is a failure.
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
echo "== virtual machines"
make -s CC=gcc check-vm 2>&1 | tee -a "$log"
[ "${PIPESTATUS[0]}" = 0 ] || { echo "the virtual machines failed"; exit 1; }
echo "== corpus"
make -s CC=gcc check-corpus 2>&1 | tee -a "$log"
[ "${PIPESTATUS[0]}" = 0 ] || { echo "the corpus failed"; exit 1; }
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
