# shellcheck shell=bash
# lib: what every scenario in this directory begins with.  A script does
#
#	set -eu
#	. "$(dirname "$0")/lib.sh"
#	check "what is to be true" COMMAND...
#	done_testing
#
# It gets $T, a directory of its own that is removed at the end (after the function cleanup, if the
# script has one), and the programs of $BIN (default build/gcc/bin) in front of its PATH.  Nothing of
# the user's home, agent or language gets in.

BIN=$(cd "${BIN:-build/gcc/bin}" && pwd)
T=$(mktemp -d)
export PATH="$BIN:$PATH" HOME="$T" LC_ALL=C.UTF-8 TZ=UTC
unset SSH_AUTH_SOCK MKMEDIA_HOME INGEST_HOME XDG_DATA_HOME NO_COLOR
tests_passed=0 tests_failed=0 tests_skipped=0

lib_end() {
	if declare -F cleanup >/dev/null; then cleanup; fi
	rm -rf "$T"
}
trap lib_end EXIT

# check NAME COMMAND...: the command must succeed; what it printed is shown when it does not.
check() {
	local name=$1
	shift
	if "$@" >"$T/.out" 2>&1; then
		tests_passed=$((tests_passed + 1))
		echo "ok - $name"
	else
		tests_failed=$((tests_failed + 1))
		echo "not ok - $name"
		echo "    $*"
		sed 's/^/    | /' "$T/.out"
	fi
}

# expect_status N COMMAND...: the command must end with exit status N.
expect_status() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" = "$want" ] && return 0
	echo "exit status $got instead of $want"
	return 1
}

# says TEXT COMMAND...: the command must print TEXT, on either stream, and succeed.
says() {
	expect_says 0 "$@"
}

# expect_says N TEXT COMMAND...: the same with exit status N.
expect_says() {
	local want=$1 text=$2 output got=0
	shift 2
	output=$("$@" 2>&1) || got=$?
	printf '%s\n' "$output"
	[ "$got" = "$want" ] || { echo "exit status $got instead of $want"; return 1; }
	grep -qF -- "$text" <<<"$output" || { echo "does not say: $text"; return 1; }
}

# json FILTER COMMAND...: what the command prints on standard output is JSON for which the jq filter is true.
json() {
	local filter=$1 output
	shift
	output=$("$@" || true)
	printf '%s\n' "$output"
	jq -e "$filter" <<<"$output" >/dev/null || { echo "not so: $filter"; return 1; }
}

# fails COMMAND...: the command (of somebody else) must not succeed.
fails() {
	if "$@"; then return 1; fi
}

# skip TEXT: say that something could not be tried here, and why.
skip() {
	tests_skipped=$((tests_skipped + 1))
	echo "skip - $1"
}

# have TOOL...: are they all installed?
have() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || return 1
	done
}

done_testing() {
	echo "$tests_passed passed, $tests_failed failed, $tests_skipped skipped"
	[ "$tests_failed" = 0 ] && [ "$tests_passed" != 0 ]
}
