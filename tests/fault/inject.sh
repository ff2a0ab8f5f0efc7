#!/bin/bash
# The n-th malloc, read, pread, write, fsync, rename, mmap, fork, ... fails, in the program or in one of
# its children: an error that is ours and says so, nothing half done, no crash, no leak, no hang, and the
# next command works.  And the n-th read of the medium lies.  By shim.c.  Of each kind some n, spread over all; with LONG=1 every n.
# ONLY="verify": not accept, not repair, not waver, not build.
# (tests/cli/80-crash.sh does the same with system calls and kill -9; here are the C library's.)
# shellcheck disable=SC2016	# single quotes are for jq
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/../cli/media.sh"

FAULT_DIR=${FAULT_DIR:-$BIN/../fault}
FAULT_DIR=$(cd "$FAULT_DIR" && pwd)
CALLS=(malloc calloc realloc read pread write pwrite fsync rename mmap fork)
PROCESSES=(program reader parser spare probe fork-5 fork-6 fork-7)
if grep -qa __asan_init "$BIN/ingest"; then
	sanitized=yes
	export ASAN_OPTIONS="${ASAN_OPTIONS:-}:allocator_may_return_null=1:exitcode=77:detect_leaks=1"
else
	sanitized=
fi

# ---- what there is: a vendor, a tiny consignment, a site, and how the stage looks in the end ----

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
mkdir -p R1/payload/sub
echo one >R1/payload/one
printf '#!/bin/sh\n' >R1/payload/sub/run
chmod +x R1/payload/sub/run
: >R1/payload/empty
new_release vendor R1
new_image vendor acme R1 a1
new_site site vendor acme
cp -a site whole
do_quietly ingest accept a1.iso --home whole --code a1.code
# Another one has a hole that its parity fills.
new_image vendor acme R1 hole --recovery 5
printf 'not what was sealed' | dd of=hole.iso bs=1 seek=40000 conv=notrunc status=none
cp -a site mended
do_quietly ingest accept hole.iso --home mended --code hole.code

# ---- the machinery ----

# with_fault FAULT PROGRAM ARGUMENT...: said, said.err and rc are what came of it; struck, whether it did.
with_fault() {
	local fault=$1 program=$2
	shift 2
	rc=0
	: >counts
	truncate -s 720 counts
	if [ -n "$sanitized" ]; then
		FAULT=$fault FAULT_FILE=$T/counts FAULT_PROGRAM=$program \
			timeout -k 5 90 "$FAULT_DIR/$program" "$@" >said 2>said.err </dev/null || rc=$?
	else
		FAULT=$fault FAULT_FILE=$T/counts FAULT_PROGRAM=$program LD_PRELOAD=$FAULT_DIR/shim.so \
			timeout -k 5 90 "$BIN/$program" "$@" >said 2>said.err </dev/null || rc=$?
	fi
	struck=$(od -An -tu8 -j8 -N8 counts | tr -d ' ')
}

# points: "WHO CALL COUNT" of every process and call in the file counts.
points() {
	od -An -v -tu8 -w88 -j16 counts | awk -v names="${CALLS[*]}" '{
		split(names, name); for (i = 1; i <= NF; i++) if ($i > 0) print NR - 1, name[i], $i }'
}

# which COUNT HOW-MANY: so many n of 1 to COUNT, the first and the last among them.
which() {
	if [ -n "${LONG:-}" ] || [ "$1" -le "$2" ]; then
		seq 1 "$1"
	else
		awk -v c="$1" -v m="$2" 'BEGIN { for (i = 0; i < m; i++) print 1 + int(i * (c - 1) / (m - 1)) }'
	fi
}

# right_end WHO CALL NAME: may the program have ended so?
right_end() {
	local reason
	case $rc in
	124 | 137) echo "it hangs"; return 1 ;;
	77) echo "a leak, or worse:"; cat said.err; return 1 ;;
	0) return 0 ;;
	# A digest that libcrypto cannot compute ends the process (formats/digest.c, and nothing else: lint).
	134) return 0 ;;
	# libisofs 1.5 does not look at what realloc gives, libcrypto 3.0 not at whether it has a lock.
	139) if grep -qE '^shim: a crash in .*/lib(isofs|crypto)[.]so' said.err; then return 0; fi ;;
	# Where there is no memory left for the report, a line has to do.
	1) if [ ! -s said ] && grep -qE '[(]own[.][a-z]+[)]' said.err; then return 0; fi ;;
	esac
	reason=$(jq -r 'select(.status == '"$rc"') | .reason' said) || reason=
	case $rc:$reason in
	1:own.*) return 0 ;;
	# Without memory libisofs writes other names; build looks at what it built, and refuses it.
	13:contents.*)
		[ "$3" = build ] && return 0
		# A pipe does not fail: a parser that has begun and says so is not believed.
		case "${PROCESSES[$1]} $2" in "parser read" | "parser write" | "spare read" | "spare write") return 0 ;; esac ;;
	# That the medium does not read is what it looks like; where the probe cannot tell, that is said.
	14:medium.unreadable) [ "${PROCESSES[$1]} $2" = "reader pread" ] && return 0 ;;
	# While it is repaired, what cannot be read again is lost with the rest.
	13:block.differs) [ "$3 ${PROCESSES[$1]} $2" = "repair reader pread" ] && return 0 ;;
	3:unchecked) jq -e '.where | test("^not checked: (number, )?probe$")' said >/dev/null && return 0 ;;
	esac
	echo "exit status $rc, reason $reason, $(jq -c .where said)"
	head -n 30 said.err
	return 1
}

# inject NAME COMMAND...: let it fail at each point; functions: ${NAME}_before, ${NAME}_after.
inject() {
	local name=$1 who call count n at=0 many
	shift
	case " ${ONLY:-verify accept repair build} " in *" $name "*) ;; *) return 0 ;; esac
	"${name}_before"
	with_fault "" "$@"
	[ "$rc" = 0 ] || { echo "FAILED to prepare: $*"; cat said said.err; exit 1; }
	points >"points.$name"
	: >outcomes
	while read -r who call count; do
		many=2
		[ "$who" != 0 ] || many=5
		[ "$who:$call" != 0:malloc ] || many=9
		for n in $(which "$count" "$many"); do
			"${name}_before"
			with_fault "$who:$call:$n" "$@"
			[ "$struck" = 1 ] || continue	# not as many as before: pipes are read in pieces
			at=$((at + 1))
			echo "$call $rc" >>outcomes
			check "$name, ${PROCESSES[$who]}, $call $n of $count (${PROCESSES[$who]}:$who:$call:$n)" \
				after_fault "$name" "$who" "$call"
		done
	done <"points.$name"
	echo "# $name: $at points; exit statuses by call:"
	sort outcomes | uniq -c | awk '{ print "#     " $2, "ended with", $3, $1, "times" }'
	check "$name: was struck" [ "$at" -gt 50 ]
}
after_fault() {
	right_end "$2" "$3" "$1" || return 1
	"$1_after"
}

# ---- verify ----

verify_before() { :; }
verify_after() {
	[ "$rc" != 0 ] || jq -e '.verdict == "GENUINE" and .not_checked == []' said >/dev/null || { cat said; return 1; }
	diff -r site untouched
}
cp -a site untouched
inject verify verify a1.iso --home site --code a1.code --json

# ---- ingest accept ----

home=$T/home image=a1 stage=whole/stage
accept_before() { rm -rf "$home"; cp -a site "$home"; }
accept_after() {
	local again=0
	# As if nothing had been: then all works as it did.
	if [ "$rc" != 0 ] && diff -r site "$home" >/dev/null; then return 0; fi
	[ "$rc" != 0 ] || [ -n "$(in_stage "$home")" ] || { echo "GENUINE, and not there"; return 1; }
	[ -z "$(comm -13 <(consignments "$home") <(in_stage "$home"))" ] || { echo "in the stage, and not in the ledger"; return 1; }
	[ -z "$(in_stage "$home")" ] || diff -r "$stage" "$home/stage" || return 1
	ingest accept "$image.iso" --code "$image.code" --home "$home" --json >said 2>said.err </dev/null || again=$?
	[ "$again" = 0 ] || [ "$again" = 18 ] || { echo "the next ends with $again"; cat said said.err; return 1; }
	consignments "$home" >accepted
	diff -r "$stage" "$home/stage" && diff accepted <(in_stage "$home") || return 1
	[ "$(wc -l <accepted)" = 1 ] || { echo "accepted twice"; return 1; }
	[ -z "$(ls -A "$home/scratch")" ] || { echo "left in scratch:"; find "$home/scratch"; return 1; }
	[ ! -e "$home/quarantine" ] || { echo "something is in quarantine"; return 1; }
}
inject accept ingest accept a1.iso --code a1.code --home "$home" --json

# ---- ingest accept, of what has to be repaired ----

image=hole stage=mended/stage
repair_before() { accept_before; }
repair_after() {
	[ "$rc" != 0 ] || jq -e '.verdict == "REPAIRED" and .blocks.repaired == 1' said >/dev/null || { cat said; return 1; }
	accept_after
}
inject repair ingest accept hole.iso --code hole.code --home "$home" --json

# ---- a medium that answers one read differently, or all from then on: DESIGN, 9, invariant 4 ----

# waver IMAGE STAGE: genuine, and staged as it was sealed; or refused, and then the next copy is taken.
waver() {
	local image=$1 stage=$2 count n how at=0
	case " ${ONLY:-waver} " in *" waver "*) ;; *) return 0 ;; esac
	accept_before
	with_fault "" ingest accept "$image.iso" --code "$image.code" --home "$home" --json
	count=$(points | awk '$1 == 1 && $2 == "pread" { print $3 }')
	: >outcomes
	for n in $(which "$count" 12); do
		for how in lie lies; do
			accept_before
			with_fault "1:pread:$n:$how" ingest accept "$image.iso" --code "$image.code" --home "$home" --json
			[ "$struck" = 1 ] || continue
			at=$((at + 1))
			echo "$how $rc" >>outcomes
			check "$image, reader, pread $n of $count: $how" after_lie
		done
	done
	echo "# $image, lies of $count reads: $at points; exit statuses:"
	sort outcomes | uniq -c | awk '{ print "#     " $2, "ended with", $3, $1, "times" }'
	check "$image: lied" [ "$at" -gt 10 ]
	check "$image: and was seen" grep -qE ' 1[0-4]$' outcomes
}
after_lie() {
	case $rc in
	0) diff -r "$stage" "$home/stage" || return 1 ;;
	1[0-4]) [ -z "$(in_stage "$home")$(consignments "$home")" ] || { echo "refused, and staged"; return 1; } ;;
	*) echo "exit status $rc"; cat said said.err; return 1 ;;
	esac
	accept_after
}
waver a1 whole/stage
waver hole mended/stage

# ---- mkmedia build ----

home=$T/desk
out=$T/out
sealed() { jq -r 'select(.what == "sealed") | "\(.customer)-\(.number)"' "$home/ledger/entries.jsonl" | sort; }
images() { [ ! -d "$out" ] || (cd "$out" && find . -name '*.iso' -printf '%f\n' | sed 's/-1[.]iso$//' | sort); }
build_before() { rm -rf "$home" "$out"; cp -a vendor "$home"; }
build_after() {
	local name
	if [ "$rc" != 0 ] && diff -r vendor "$home" >/dev/null && [ -z "$(images)" ]; then return 0; fi
	[ -z "$(comm -13 <(sealed) <(images))" ] || { echo "an image that is not in the ledger"; return 1; }
	[ "$rc" != 0 ] || [ -n "$(images)" ] || { echo "no image"; return 1; }
	mkmedia build R1 --customer acme -o "$out" --home "$home" --json >said 2>said.err ||
		{ echo "the next build fails"; cat said said.err; return 1; }
	sealed >numbers
	[ -z "$(uniq -d numbers)" ] || { echo "a number twice"; cat numbers; return 1; }
	[ -z "$(comm -13 numbers <(images))" ] || { echo "an image that is not in the ledger"; return 1; }
	for name in $(images); do
		mkmedia letter --home "$home" "acme/${name##*-}" --code-only >code || return 1
		judges 3 unchecked verify "$out/$name-1.iso" --trust vendor.trust --code code || return 1
	done
}
inject build mkmedia build R1 --customer acme -o "$out" --home "$home" --json

done_testing
