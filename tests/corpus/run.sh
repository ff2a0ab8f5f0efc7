#!/bin/bash
# run: media and documents with exactly one defect each, and what an implementation says of them.
#   run.sh [--accept] [--adapter PROGRAM] [--every N] [ID-PATTERN...]
#   run.sh --make		only make them, and say where they are
#
# The table says what the defects are and what SPEC.md demands.  They are made once (build/corpus) and
# shown one after the other to an adapter, a program that puts an implementation behind this protocol:
#
#   standard input, a line for each case, fields separated by tabs:
#       ID  PATH  CODE-FILE  TRUST-FILE  CUSTOMER
#   standard output, a line for each line read, at once:
#       ID  STATUS  REASON  [STEP]
#
# PATH is an image, or a signed document (*.document).  It is to be judged as at a site that has accepted
# nothing yet, trusts the vendor of TRUST-FILE (a trust chain, SPEC 2.2) and nobody else, and is its
# CUSTOMER; the code of the letter is in CODE-FILE, or is not there if that is "-".  STATUS is an exit
# status and REASON a reason code of SPEC 8; STEP is the step of SPEC 6 that failed, or "-", and may be
# left out.  An adapter that ends, or is silent for DEADLINE seconds, has failed the case.
#
# --accept: our ingest accept instead of our verify, with the invariants that accept.sh knows.
# Environment: BIN, the programs; JOBS, how many adapters at a time.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root" || exit 1
DEADLINE=${DEADLINE:-40}
JOBS=${JOBS:-$(nproc)}
export BIN=${BIN:-$root/build/gcc/bin}

# ---- the corpus, made anew when anything changes that it is made from ----

inputs() {
	echo "$root"
	cat "$here"/{table,bases.sh,forge.pl,*.pm,*.c} tests/cli/{lib,media,forge}.sh {formats,verify,mkmedia,ingest}/*.[ch]
}

make_corpus() {
	corpus=build/corpus/$(inputs | sha256sum | cut -c 1-16)
	export PEAK=$root/$corpus/peak
	[ ! -f "$corpus/complete" ] || return 0
	rm -rf build/corpus
	mkdir -p "$corpus/bases" "$corpus/cases"
	if ! "${CC:-gcc}" -O2 -Wall -Wextra -Werror -o "$corpus/peak" "$here/peak.c" ||
		! "${CC:-gcc}" -O2 -Wall -Wextra -Werror -o "$corpus/sign" "$here/sign.c" -lsodium ||
		! bash "$here/bases.sh" "$corpus/bases" ||
		! perl "$here/forge.pl" "$here/table" "$corpus/bases" "$corpus/cases" "$corpus/sign" "$JOBS"; then
		echo "The corpus cannot be made."
		exit 1
	fi
	: >"$corpus/complete"
}

# ---- what is expected ----

# ingest accept takes no document for a medium, and goes no further than V4 without a code.
expect_accept() {
	case $path:$code:$step in
	*.document:*) step=V2 status=10 reason=seal.none ;;
	*:-:V2 | *:-:V3 | *:-:V1) ;;
	*:-:*) step=- status=3 reason=unchecked ;;
	esac
}

chosen() {
	local pattern
	[ ${#patterns[@]} -gt 0 ] || return 0
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# ---- one adapter, and the cases that are its share ----

start_adapter() {
	rm -f "$results/$1".to "$results/$1".from
	mkfifo "$results/$1".to "$results/$1".from
	setsid "$adapter" <"$results/$1".to >"$results/$1".from &	# a process group of its own
	adapter_pid=$!
	exec {to}>"$results/$1".to {from}<"$results/$1".from
}

stop_adapter() {
	exec {to}>&- {from}<&-
	wait "$adapter_pid"
}

# put_case SHARE: the case to the adapter, its answer to $got.
put_case() {
	local answered got_status got_reason got_step
	printf '%s\t%s\t%s\t%s\t%s\n' "$id" "$path" "$code" "$trust" "$customer" >&"$to"
	if ! IFS=$'\t' read -r -t "$DEADLINE" answered got_status got_reason got_step <&"$from"; then
		got="no answer"
		{ kill -- -"$adapter_pid"; stop_adapter; } 2>/dev/null
		start_adapter "$1"
		return
	fi
	got="$got_status $got_reason ${got_step:-$step}"
	[ "$answered" = "$id" ] || got="an answer for $answered"
}

run_share() {
	local n=0
	trap '' PIPE
	start_adapter "$1"
	while IFS=$'\t' read -r id path code trust customer step status reason; do
		chosen "$id" || continue
		n=$((n + 1))
		[ $((n / JOBS % every)) = 0 ] || continue
		[ $((n % JOBS)) = "$1" ] || continue
		[ -z "$accept" ] || expect_accept
		put_case "$1"
		printf '%s\t%s\t%s\t%s\n' "$n" "$id" "$status $reason $step" "$got"
	done <"$corpus/cases/cases" >"$results/$1".said
	stop_adapter
}

print_results() {
	sort -n "$results"/*.said | awk -F '\t' '
		{ good = $3 == $4
		  printf "%-6s - %-36s expected %-32s got %s\n", good ? "ok" : "not ok", $2, $3, good ? "the same" : $4
		  if (good) passed++; else failed++
		  area = $2; sub(/-.*/, "", area)
		  if (!n[area]++) order[++areas] = area }
		END { for (i = 1; i <= areas; i++) printf "%s %d%s", order[i], n[order[i]], i < areas ? ", " : "\n"
		      printf "%d passed, %d failed, 0 skipped\n", passed, failed
		      exit failed != 0 || passed == 0 }'
}

if [ "${1:-}" = --make ]; then
	make_corpus >&2
	echo "$root/$corpus/cases"
	exit
fi
adapter=$here/adapter.sh accept='' every=1 patterns=()
while [ $# -gt 0 ]; do
	case $1 in
	--accept) accept=1 adapter=$here/accept.sh ;;
	--adapter)
		adapter=$2
		shift
		;;
	--every)	# each N-th case only
		every=$2
		shift
		;;
	*) patterns+=("$1") ;;
	esac
	shift
done
make_corpus
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for ((share = 0; share < JOBS; share++)); do run_share $share & done
wait
print_results
