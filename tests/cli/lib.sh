# shellcheck shell=bash
# lib: count what passes.  Source it first.
#   check NAME CMD...          CMD must succeed; what it printed is shown when it does not
#   expect_status N CMD...     true when CMD ends with exit status N
#   skip TEXT                  said aloud and counted
#   done_testing               the last command of a script: the sum, and its status

passed=0 failed=0 skipped=0

check() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		passed=$((passed + 1))
		return 0
	fi
	failed=$((failed + 1))
	printf 'FAILED: %s\n' "$name"
	[ -z "$said" ] || printf '%s\n' "$said" | head -n 20 | sed 's/^/    /'
	return 0
}

expect_status() {
	local want=$1 rc=0
	shift
	"$@" || rc=$?
	[ "$rc" = "$want" ] || { echo "exit status $rc instead of $want: $*"; return 1; }
}

skip() {
	skipped=$((skipped + 1))
	printf 'skip: %s\n' "$*"
}

done_testing() {
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
}
