#!/bin/bash
# Run tests, JOBS of them at a time (default: as many as there are processors), and add up what they say.
#   run.sh units PROGRAM...    cmocka programs
#   run.sh cli SCRIPT...       scenarios; $BIN holds the programs
# Closes with "N passed, N failed, N skipped"; fails when anything failed or nothing ran.
set -u

kind=$1
shift
# The scenarios with the high numbers take longest.
if [ "$kind" = cli ]; then mapfile -t scripts < <(printf '%s\n' "$@" | sort -r) && set -- "${scripts[@]}"; fi
jobs=${JOBS:-$(nproc)}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# one TEST LOG: run it; LOG.sum gets "passed failed skipped".
one() {
	local t=$1 log=$2 start rc p f s
	start=$(date +%s)
	count() { grep -aoE "$1" "$log" | grep -oE '[0-9]+' | tail -n 1; }
	if [ "$kind" = units ]; then
		"$t" >"$log" 2>&1
		rc=$?
		p=$(count '\[  PASSED  \] [0-9]+ test') s=$(count '\[  SKIPPED \] [0-9]+ test') f=$(count '\[  FAILED  \] [0-9]+ test')
	else
		bash "$t" >"$log" 2>&1
		rc=$?
		p=$(count '^[0-9]+ passed') f=$(count '[0-9]+ failed') s=$(count '[0-9]+ skipped')
	fi
	p=${p:-0} f=${f:-0} s=${s:-0}
	# A test that died without a count has failed.
	if [ $rc -ne 0 ] && [ "$f" = 0 ]; then f=1; fi
	echo "$p $f $s" >"$log.sum"
	if [ "$f" != 0 ]; then
		cat "$log"
	else
		grep -aE '^(skip|# |\[  SKIPPED)' "$log"
	fi
	printf '  %-44s %4d passed %3d failed %3d skipped  %3d s\n' "${t##*/build/}" "$p" "$f" "$s" $(($(date +%s) - start))
}

n=0
for t in "$@"; do
	n=$((n + 1))
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	one "$t" "$logs/$n" &
done
wait

read -r passed failed skipped < <(cat "$logs"/*.sum | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
