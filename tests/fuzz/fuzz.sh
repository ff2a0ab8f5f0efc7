#!/bin/bash
# fuzz.sh fuzz|replay DIRECTORY SECONDS TARGET...: DIRECTORY holds the targets' programs.
# fuzz: each for SECONDS with libFuzzer; what it finds of interest stays in build/fuzz/corpus, what breaks
# in build/fuzz/broken (make it small, and put it into tests/fuzz/found/TARGET).
# replay: seeds and found, once.
set -u
cd "$(dirname "$0")/../.." || exit 1
kind=$1 programs=$2 seconds=$3
shift 3
work=$PWD/build/fuzz
export FUZZ_MATERIAL=$work/material FUZZ_SEEDS=$PWD/tests/fuzz/seeds
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=1} UBSAN_OPTIONS=print_stacktrace=1
tests/fuzz/seeds.sh "$work" || { echo "the seeds could not be made"; exit 1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# What the parser says of each image is what the judge hears: no flags, the blocks of the image.
said=$work/seeds/pipeline
mkdir -p "$said"
for volume in "$work"/seeds/iso/*; do
	[ -x "$programs/iso" ] || break
	FUZZ_MESSAGES=$log "$programs/iso" "$volume" >/dev/null 2>&1
	{ printf '\0\0\0\0'; head -c 60000 "$log"; } >"$said/${volume##*/}"
	{ printf '\4\5\0\0'; head -c 60000 "$log"; } >"$said/${volume##*/}-parity"
done

existing() {	# TARGET: the directories that there are
	local d
	for d in "$work/seeds/$1" "tests/fuzz/seeds/$1" "tests/fuzz/found/$1"; do
		[ ! -d "$d" ] || echo "$d"
	done
}

passed=0 failed=0
for target in "$@"; do
	mapfile -t inputs < <(existing "$target")
	if [ "$kind" = replay ]; then
		if n=$("$programs/$target" "${inputs[@]}" 2>"$log"); then
			passed=$((passed + n))
		else
			failed=$((failed + 1))
			echo "not ok - fuzz $target:"
			tail -n 40 "$log" | sed 's/^/    | /'
		fi
		continue
	fi
	mkdir -p "$work/corpus/$target" "$work/broken"
	grep -oh '"[a-z0-9_/ -]\+"' formats/*.c | sort -u >"$work/words"
	"$programs/$target" -max_total_time="$seconds" -max_len=70000 -timeout=10 -rss_limit_mb=4096 -dict="$work/words" \
		-artifact_prefix="$work/broken/$target-" -print_final_stats=1 "$work/corpus/$target" "${inputs[@]}" >"$log" 2>&1
	rc=$?
	rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
	covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
	if [ $rc = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $target, $seconds s, ${rate:-?} a second, $covered"
	else
		failed=$((failed + 1))
		echo "not ok - $target"
		grep -aE '^(tests/|==|SUMMARY|    #|artifact|.*: does not hold)' "$log" | head -n 30 | sed 's/^/    | /'
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
