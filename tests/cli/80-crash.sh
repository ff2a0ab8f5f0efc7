#!/bin/bash
# The power goes off, or the disk fails, at every system call that changes something on disk: whatever
# is left must be whole, and the next command must carry on.  With strace, which kills the program
# (SIGKILL, before the call is made) or lets the call fail.  At every third of them killed, at every
# ninth failing; with LONG=1 at each.
# shellcheck disable=SC2016	# single quotes are for jq
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/strike.sh
. "$(dirname "$0")/strike.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

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
anchor=$(anchor_of vendor)
cp -a site whole
do_quietly ingest accept a1.iso --home whole --code a1.code

accept() { ingest accept a1.iso --code a1.code --home "$home" --json; }

# ---- ingest accept ----

stage_is_whole() {
	diff -r whole/stage "$home/stage" && diff <(tree whole/stage) <(tree "$home/stage") || return 1
	(cd "$home/stage/etl/acme-1/RELEASES/R1/payload" && sha256sum --quiet -c ../SHA256SUMS)
}

home=$T/home
accept_before() { rm -rf "$home"; cp -a site "$home"; }
accept_after() {
	local again
	ends "$1" || return 1
	# Who only looks sees a whole ledger, and nothing in the stage that is not on record.
	expect_status 0 ingest status --home "$home" || return 1
	expect_status 0 ingest ledger verify --home "$home" || return 1
	[ -z "$(comm -13 <(consignments "$home") <(in_stage "$home"))" ] || { echo "in the stage, and not in the ledger"; return 1; }
	# Who writes puts it in order.
	expect_status 0 ingest enrolment etl --home "$home" || return 1
	diff <(consignments "$home") <(in_stage "$home") || return 1
	[ -z "$(in_stage "$home")" ] || stage_is_whole || return 1
	again=$([ -z "$(in_stage "$home")" ] && echo 0 ok || echo 18 number.used)
	[ "$rc" != 0 ] || [ "$again" = "18 number.used" ] || { echo "GENUINE, and not there"; return 1; }
	# shellcheck disable=SC2086	# status and reason
	judges $again ingest accept a1.iso --code a1.code --home "$home" || return 1
	diff <(consignments "$home") <(in_stage "$home") && stage_is_whole || return 1
	[ "$(consignments "$home" | wc -l)" = 1 ] || { echo "accepted twice"; return 1; }
	expect_status 0 ingest ledger verify --home "$home" || return 1
	[ -z "$(ls -A "$home/scratch")" ] || { echo "left in scratch:"; find "$home/scratch"; return 1; }
	[ ! -e "$home/quarantine" ] || { echo "something is in quarantine"; return 1; }
}

accept_before
command=(ingest accept a1.iso --code a1.code --home "$home" --json)
calls "$CHANGES" "${command[@]}" >points
strike accept signal=KILL
for error in ENOSPC EIO; do strike accept error=$error; done
accept_before
calls "openat2,openat,mkdirat,write$([ -n "$sanitized" ] || echo ,mmap)" "${command[@]}" >points
strike accept error=ENOMEM

# An entry that was never published, and while it is put in order the power goes off again, or the disk fails.
cut_short() {	# SYSCALL: accept is killed at the last of its kind
	local n
	accept_before
	n=$(calls "$1" "${command[@]}" | tail -n 1 | cut -d ' ' -f 2)
	accept_before
	traced -e trace="$1" -e inject="$1:signal=KILL:when=$n" -- "${command[@]}"
	rm -rf short
	cp -a "$home" short
}
command=(ingest accept a1.iso --code a1.code --home "$home" --json)
cut_short renameat2
check "accepted, and not published: in the ledger" [ -n "$(consignments "$home")" ]
check "accepted, and not published: not in the stage" [ -z "$(in_stage "$home")" ]
of_status() { json "$1" ingest status --home "$home" --json; }
check "ingest status says that it is not finished" of_status '.unfinished == [5] and .missing_from_stage == []'
check "and what becomes of it" says "unfinished acme no. 1 (ledger 5): accepted, but the computer stopped; the next command" \
	ingest status --home "$home"
rm -r "$home/scratch"/*
check "without that directory it is missing" of_status '.unfinished == [] and .missing_from_stage == [5]'
check "and what to do then" says "its number stays used: restore it from a copy of the home, or ask" ingest status --home "$home"
recover_before() { rm -rf "$home"; cp -a short "$home"; }
recover_after() {
	# The enrolment is no consignment.
	rc=$([ "$rc" = 0 ] && echo 137 || echo "$rc")
	case $1 in signal=KILL) ;; *) [ "$rc" = 137 ] || ends "$1" || return 1 ;; esac
	expect_status 0 ingest enrolment etl --home "$home" || return 1
	[ "$(consignments "$home")" = "$(in_stage "$home")" ] || { echo "recorded and staged differ"; return 1; }
	[ "$(consignments "$home")" = stage/etl/acme-1 ] || { echo "a whole consignment was given up"; return 1; }
	stage_is_whole && expect_status 0 ingest ledger verify --home "$home" || return 1
	[ -z "$(ls -A "$home/scratch")" ]
}
recover_before
command=(ingest enrolment etl --home "$home" --json)
calls "$CHANGES" "${command[@]}" >points
strike recover signal=KILL
recover_before
traced -e trace=umask,openat,openat2,mmap,read -- "${command[@]}"
awk -F'(' -v skip="${sanitized:+mmap}" '/^umask/ { on = 1; next }
	/^[a-z]/ { n[$1]++; if (on && $1 != skip) print $1, n[$1] }' trace >points
strike recover error=ENOMEM

# What is no longer whole is not published.
recover_before
find "$home/scratch" -name one -exec sh -c 'chmod u+w "$1"; echo two >"$1"' - {} \;
check "spoiled in scratch" expect_status 0 ingest enrolment etl --home "$home"
check "spoiled in scratch: nothing is staged" [ -z "$(in_stage "$home")" ]
check "spoiled in scratch: recorded as lost" [ "$(tail -n 1 "$home/ledger/entries.jsonl" | jq -r '.what, .entry, .reason' | xargs)" = "lost 5 contents.digest" ]
check "spoiled in scratch: the number is free again" judges 0 ok ingest accept a1.iso --code a1.code --home "$home"
check "spoiled in scratch: and used again" judges 18 number.used ingest accept a1.iso --code a1.code --home "$home"

# What nobody accepted does not stay in the stage.
accept_before
mkdir -p "$home/stage/etl/acme-7" "$home/stage/other/x-1"
check "stage without entry" expect_status 0 ingest enrolment etl --home "$home"
check "stage without entry: taken away" [ -z "$(in_stage "$home")" ]
check "stage without entry: kept and recorded" [ "$(jq -r 'select(.what == "quarantined") | .to' \
	"$home/ledger/entries.jsonl" | sort)" = "$(cd "$home" && find quarantine -mindepth 1 -maxdepth 1 | sort)" ]

# ---- the children die: reader, parser, ssh-keygen ----

own_error() {	# nothing staged, an error with a code, no hang, and the same again works
	local reasons=$1
	shift
	accept_before
	rc=0
	timeout -k 5 30 "$@" >said 2>said.err </dev/null || rc=$?
	case $rc in 124 | 137) echo "it hangs"; return 1 ;; esac
	[ "$rc" = 1 ] || { echo "exit status $rc"; cat said said.err; return 1; }
	jq -e --arg r "$reasons" --argjson s "$rc" '.status == $s and (.reason | test($r))' said >/dev/null || { cat said; return 1; }
	[ -z "$(in_stage "$home")" ] || { echo "something is staged"; return 1; }
	rc=137
	accept_after signal=KILL
}
accept_under() { strace -f -o trace -e inject="$1" -- ingest accept a1.iso --code a1.code --home "$home" --json; }
export -f accept_under
export home
# That says nothing of the medium.
broken='own[.]child'
refused='own[.](sandbox|child)'
# The judge's own first prctl is the only one it makes.
killed_as_it_confines_itself() {
	accept_before
	rc=0
	timeout -k 5 30 bash -c 'accept_under prctl:signal=KILL:when=1' >said 2>said.err </dev/null || rc=$?
	[ "$rc" = 137 ] && accept_after signal=KILL
}
check "the judge is killed as it confines itself" killed_as_it_confines_itself
for n in 2 3; do
	check "reader and parser are killed at prctl $n" own_error "$broken" bash -c "accept_under prctl:signal=KILL:when=$n"
done
for n in 1 2 3 4 5; do
	check "reader and parser are killed at close_range $n" own_error "$broken" bash -c "accept_under close_range:signal=KILL:when=$n"
	check "reader and parser may not close_range $n" own_error "$refused" bash -c "accept_under close_range:error=EPERM:when=$n"
done
# Whoever cannot be confined does not work.  (The sanitizers make calls of their own: under them nothing
# is filtered, and limits are none of ours.)
for call in capset landlock_create_ruleset landlock_restrict_self ${sanitized:-seccomp prlimit64}; do
	[ "$call" != yes ] || continue
	check "no process is confined: $call" own_error "$refused" bash -c "accept_under $call:error=EINVAL"
done
# Once they are at work: the judge waits for the code meanwhile.
accept_without_child() {	# 1: reader, 2: parser; SIGNAL
	local judge child='' i
	mkfifo code.fifo
	ingest accept a1.iso --code code.fifo --home "$home" --json &
	judge=$!
	for ((i = 0; i < 100; i++)); do
		child=$(tr ' ' '\n' <"/proc/$judge/task/$judge/children" | sed -n "$1p")
		[ -n "$child" ] && [ $i -gt 20 ] && break	# by now it waits for the code
		sleep 0.02
	done
	kill -KILL "$child"
	cat a1.code >code.fifo
	rm code.fifo
	i=0
	wait "$judge" || i=$?
	return $i
}
export -f accept_without_child
check "the reader is killed at work" own_error 'own[.]child' bash -c 'accept_without_child 1'
check "the parser is killed at work" own_error 'own[.]child' bash -c 'accept_without_child 2'

# A key that is not signed with: nothing may be accepted that cannot be put on record.
mkdir shim
ssh_keygen=$(command -v ssh-keygen)
cat >shim/ssh-keygen <<SHIM
#!/bin/bash
[ "\$WHERE" != before ] || kill -9 \$\$
[ "\$WHERE" != false ] || exit 255
[ "\$WHERE" != silent ] || exit 0
[ "\$WHERE" != half ] || { "$ssh_keygen" "\$@" | head -c 100; kill -9 \$\$; }
[ "\$WHERE" != halfgood ] || { "$ssh_keygen" "\$@" | head -c 100; exit 0; }
[ "\$WHERE" != endless ] || exec yes
[ "\$WHERE" != other ] || { shift 5; exec "$ssh_keygen" -q -Y sign -f "$T/other" "\$@"; }
exec "$ssh_keygen" "\$@"
SHIM
chmod +x shim/ssh-keygen
ssh-keygen -q -t ed25519 -N '' -f other
accept_with_shim() { WHERE=$1 PATH=$T/shim:$PATH ingest accept a1.iso --code a1.code --home "$home" --json; }
export -f accept_with_shim
export T
for where in before false silent half halfgood endless other; do
	check "ssh-keygen fails ($where)" own_error 'own[.](signer|child)' bash -c "accept_with_shim $where"
done

# ---- ingest init, ingest trust add ----

init_before() { rm -rf "$home"; }
init_after() {
	local try=0
	ends "$1" || return 1
	if [ "$rc" = 0 ]; then
		expect_status 2 ingest init plant7 --solo --home "$home" || return 1
	else
		ingest init plant7 --solo --home "$home" --json >said 2>said.err </dev/null || try=$?
		# Founded just before it ended: then it is whole, and says so.
		[ "$try" = 0 ] || { [ "$try" = 2 ] && jq -e '.where | test("in use already")' said >/dev/null; } ||
			{ echo "second try: exit status $try"; cat said said.err; return 1; }
	fi
	expect_status 0 ingest status --home "$home" || return 1
	[ "$(jq -rs 'map(.what) | join(" ")' "$home/ledger/entries.jsonl")" = founded ] || { cat "$home/ledger/entries.jsonl"; return 1; }
	expect_status 0 ingest trust add vendor.trust --fingerprint "$anchor" --customer acme --home "$home" || return 1
	judges 3 fit.held ingest accept a1.iso --code a1.code --home "$home"
}
init_before
command=(ingest init plant7 --solo --home "$home" --json)
calls "$CHANGES" "${command[@]}" >points
strike init signal=KILL
strike init error=ENOSPC

do_quietly ingest init plant7 --solo --home founded
trust_before() { rm -rf "$home"; cp -a founded "$home"; }
trust_after() {
	local try=0
	ends "$1" || return 1
	expect_status 0 ingest status --home "$home" || return 1
	ingest trust add vendor.trust --fingerprint "$anchor" --customer acme --home "$home" --json >said 2>said.err || try=$?
	[ "$try" = 0 ] || { [ "$try" = 2 ] && jq -e '.where | test("trusted already")' said >/dev/null; } ||
		{ echo "second try: exit status $try"; cat said said.err; return 1; }
	[ "$(jq -r 'select(.what == "trust-added") | .vendor' "$home/ledger/entries.jsonl")" = etl ] || return 1
	judges 3 fit.held ingest accept a1.iso --code a1.code --home "$home"
}
trust_before
command=(ingest trust add vendor.trust --fingerprint "$anchor" --customer acme --home "$home" --json)
calls "$CHANGES" "${command[@]}" >points
strike trust signal=KILL
strike trust error=EIO

# ---- mkmedia build ----

home=$T/desk
out=$T/out
sealed() { jq -r 'select(.what == "sealed") | "\(.customer)-\(.number)"' "$home/ledger/entries.jsonl"; }
images() { (cd "$out" && find . -name '*.iso' -printf '%f\n' | sed 's/-1[.]iso$//' | sort); }
letter_code() { awk '/^Authorization code/ { on = 1 } on && /^    / { print }' "$1" | tr -d ' ' | tr '[:upper:]' '[:lower:]'; }
build_before() { rm -rf "$home" "$out"; cp -a vendor "$home"; }
build_after() {
	local name number
	ends "$1" || return 1
	expect_status 0 mkmedia ledger verify --home "$home" || return 1
	mkdir -p "$out"
	[ -z "$(comm -13 <(sealed | sort) <(images))" ] || { echo "an image that is not in the ledger"; return 1; }
	[ "$rc" != 0 ] || [ -n "$(images)" ] || { echo "no image"; return 1; }
	do_build --json >said || { echo "the next build fails"; cat said; return 1; }
	[ -z "$(sealed | sort | uniq -d)" ] || { echo "a number twice"; sealed; return 1; }
	[ -z "$(comm -13 <(sealed | sort) <(images))" ] || { echo "an image that is not in the ledger"; return 1; }
	expect_status 0 mkmedia ledger verify --home "$home" || return 1
	for name in $(images); do
		number=${name##*-}
		[ -f "$out/$name.waybill.txt" ] || { echo "$name has no waybill"; return 1; }
		mkmedia letter --home "$home" "acme/$number" --code-only >code || return 1
		[ "$(tr -d 1 <code)" = "$(letter_code "$out/$name.letter.txt" | tr -d 1)" ] || { echo "$name: not the code of the letter"; return 1; }
		judges 3 unchecked verify "$out/$name-1.iso" --trust vendor.trust --code code || return 1
		[ "$(jq -r '.not_checked | if type == "array" then join(" ") else . end' said)" != "" ] || return 1
	done
	[ -n "$(images)" ]
}
do_build() { mkmedia build R1 --customer acme -o "$out" --home "$home" "$@"; }
build_before
command=(mkmedia build R1 --customer acme -o "$out" --home "$home" --json)
calls "$CHANGES" "${command[@]}" >points
strike build signal=KILL
strike build error=ENOSPC
if [ -z "$sanitized" ]; then
	build_before
	calls mmap "${command[@]}" >points
	strike build error=ENOMEM
fi

# ---- mkmedia init ----

desk_before() { rm -rf "$home"; }
desk_after() {
	local try=0
	ends "$1" || return 1
	"${command[@]}" >said 2>said.err || try=$?
	case $try in
	0) [ "$rc" != 0 ] || { echo "founded twice"; return 1; } ;;
	2)	# It says what stands in the way; in an empty place it works.
		jq -e '.where | test("is not empty|in use already")' said >/dev/null || { cat said; return 1; }
		# What is in use has a whole ledger.
		if jq -e '.where | test("in use already")' said >/dev/null; then
			expect_status 0 mkmedia ledger verify --home "$home" || return 1
			[ "$(jq -r .what "$home/ledger/entries.jsonl" | head -n 1)" = founded ] || return 1
		fi
		if [ "$rc" != 0 ] && ! mkmedia trust show --home "$home" >/dev/null 2>&1; then
			rm -rf "$home"
			expect_status 0 "${command[@]}" || return 1
		fi ;;
	*) echo "second try: exit status $try"; cat said said.err; return 1 ;;
	esac
	expect_status 0 mkmedia ledger verify --home "$home" || return 1
	expect_status 0 mkmedia customer add --home "$home" acme --name ACME || return 1
	# Founded, and stopped before the first trust document was signed: that is the step to go on with.
	if [ "$(expect_status 2 mkmedia trust export --home "$home" desk.trust 2>&1 | grep -c 'see mkmedia sign 1.trust')" = 1 ]; then
		expect_status 0 mkmedia sign 1.trust --home "$home" || return 1
	fi
	expect_status 0 mkmedia trust export --home "$home" desk.trust
}
desk_before
command=(mkmedia init --home "$home" --vendor etl --name "Elbe Turbine Logic" --single-person --place Hamburg --json)
calls "$CHANGES" "${command[@]}" >points
strike desk signal=KILL
strike desk error=EIO

done_testing
