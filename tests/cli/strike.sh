# shellcheck shell=bash
# strike: a command is killed (SIGKILL, before the call is made), or its call fails, at every system call
# that changes something on disk.  With strace.  Source it after lib.sh; without strace the scenario ends.

if ! have strace || ! strace -o /dev/null true 2>/dev/null; then
	skip "strace is not installed or may not trace: nothing was killed"
	# shellcheck disable=SC2034	# of lib.sh
	tests_passed=1
	done_testing
	exit
fi
# Under strace the leak check cannot work, and the sanitizers do not survive a failing mmap.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
# shellcheck disable=SC2034	# of the scenario
sanitized=$(if grep -qa __asan_init "$BIN/ingest"; then echo yes; fi)

CHANGES=openat,openat2,mkdir,mkdirat,write,pwrite64,fsync,syncfs,rename,renameat,renameat2,fchmod
CHANGES=$CHANGES,fchmodat,unlink,unlinkat,ftruncate,linkat,copy_file_range
locks=0	# it is struck from this lock of the home on, counted from 1
good=0	# the exit status of the command when nothing strikes it
disk=	# yes: what goes into pipes is left alone

# traced STRACE-OPTIONS... -- COMMAND: only the program itself, not its children.  said and rc are what came of it.
traced() {
	local options=()
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	rc=0
	{ timeout -k 5 60 strace -o trace "${options[@]}" -- "$@" >said 2>said.err </dev/null; } 2>/dev/null || rc=$?
}

# calls SYSCALLS COMMAND...: the calls that COMMAND makes once it has begun, "NAME N", and for open only
# those that create; with disk=yes, of writes none to a pipe; with locks=N, from when
# it takes the lock of the home for the Nth time.
calls() {
	local set=$1
	shift
	traced -y -e trace="umask,$set" -- "$@"
	[ "$rc" = "$good" ] || { echo "FAILED to prepare: $*: $rc" >&2; cat said said.err >&2; exit 1; }
	awk -F'(' -v disk="$disk" -v locks="$locks" '/^umask/ { on = 1; next } /^[a-z]/ {
		n[$1]++
		if (/"lock", .*O_CREAT/) locks--
		if (on && locks <= 0 && ($1 !~ /^open/ || /O_CREAT/) && !(disk != "" && /^write\([0-9]+<pipe:/))
			print $1, n[$1]
	}' trace
}

# strike NAME HOW: kill or fail at each of the calls in the file points; before, make the state anew; after,
# see that all is well.  Functions: NAME_before, NAME_after; command: the array command.  At every third of
# them killed, at every ninth failing; with LONG=1 at each.
strike() {
	local name=$1 how=$2 call n at=0 struck=0 step=3
	if [ -n "${LONG:-}" ]; then step=1; elif [ "$how" != signal=KILL ]; then step=9; fi
	while read -r call n; do
		at=$((at + 1))
		[ $((at % step)) = $((1 % step)) ] || continue
		"${name}_before"
		traced -e trace="$call" -e inject="$call:$how:when=$n" -- "${command[@]}"
		# The pipes to reader and parser are written to as often as it happens to be.
		grep -qE 'INJECTED|killed by SIGKILL' trace && struck=$((struck + 1))
		check "$name, $how at $call $n: $(stricken)" "${name}_after" "$how"
	done <points
	echo "# $name, $how: $struck points"
	check "$name, $how: was struck" [ "$struck" -gt 0 ]
}
stricken() { grep -aE 'INJECTED|unfinished|\?$' trace | head -n 1 | cut -c 1-100; }

# ends HOW: how the stricken command itself may end: killed, or with an error that is ours, or as if nothing was.
ends() {
	case $1 in
	signal=KILL) [ "$rc" = 137 ] || [ "$rc" = "$good" ] || { echo "exit status $rc"; return 1; } ;;
	*)
		[ "$rc" != "$good" ] || return 0
		[ "$rc" = 1 ] || { echo "exit status $rc"; cat said said.err; return 1; }
		# What cannot be printed cannot be looked at.
		grep -qE '^write\(1,.*INJECTED' trace && return 0
		jq -e '.status == 1 and (.reason | startswith("own."))' said >/dev/null ||
			{ echo "does not say what failed here:"; cat said said.err; return 1; } ;;
	esac
}

# tree DIRECTORY: names, types, and modes.
tree() { (cd "$1" && find . -printf '%P %y %m\n' | sort); }

# lasting DIRECTORY COMMAND...: what the power could take away when the command has said that all is well, or
# when it writes the checkpoint that vouches for it: names below DIRECTORY that no fsync of their directory
# followed, contents that none of their file followed; none may be.  What was only removed may come back.
lasting() {
	local root=$1
	shift
	traced -y -s 300 -e trace="$CHANGES,close" -- "$@"
	[ "$rc" = "$good" ] || { echo "exit status $rc"; cat said said.err; return 1; }
	awk -v root="$root/" '
		function name(fd, path) { return path ~ /^\// ? path : fd "/" path }
		function parent(path) { sub(/\/[^\/]*$/, "", path); return path }
		function clean(path) { gsub(/\/\.?\//, "/", path); sub(/\/\.$/, "", path); return path }
		function owes(path) { return index(path "/", root) == 1 && path !~ /\/(lock|said)$/ }
		function entered(path) { if (owes(path)) names[path] = parent(path) }
		function gone(path) { delete names[path]; delete contents[path] }
		function filled(path) { if (owes(path)) contents[path] = path }
		function report(when, not, k) {
			for (k in names) if (names[k] != not) { print when ": the name of " k; bad = 1 }
			for (k in contents) { print when ": what is in " contents[k]; bad = 1 }
		}
		# The paths of descriptors are in <>, names in quotes.
		!/ = [0-9]/ { next }
		{
			n = split($0, q, "\""); at = $0; m = 0
			while (match(at, /<[^<>]*>/)) {
				fd[++m] = substr(at, RSTART + 1, RLENGTH - 2)
				at = substr(at, RSTART + RLENGTH)
			}
			call = substr($0, 1, index($0, "(") - 1)
		}
		call ~ /^openat/ && /O_TMPFILE/ { next }
		call ~ /^openat/ && /O_CREAT/ { p = clean(name(fd[1], q[2])); entered(p) }
		call ~ /^mkdir/ { entered(clean(call == "mkdir" ? q[2] : name(fd[1], q[2]))) }
		call ~ /^(write|pwrite64|ftruncate|fchmod)$/ { filled(fd[1]) }
		call == "copy_file_range" { filled(fd[2]) }
		call == "linkat" { entered(clean(name(fd[2], q[4]))) }
		call ~ /^rename/ {
			from = clean(name(fd[1], q[2])); to = clean(name(fd[2], q[4]))
			if (to ~ /\/removed-[0-9]+$/) next
			if (to ~ /\/ledger\/checkpoint$/) report("at the checkpoint", parent(to))
			if (from in contents) { delete contents[from]; filled(to) }
			gone(from); entered(to)
			# The directory that it came from is to forget it, too.
			if (parent(from) != parent(to)) entered(from)
		}
		call == "unlinkat" { gone(clean(name(fd[1], q[2]))) }
		call == "fsync" {
			delete contents[fd[1]]
			for (k in names) if (names[k] == fd[1]) delete names[k]
		}
		call == "syncfs" { split("", names); split("", contents) }
		END { report("at the end", ""); exit bad }' trace
}
