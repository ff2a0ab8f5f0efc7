#!/bin/bash
# What can stand in the way at the station: no room, no right, a home that is not as it must be, another
# command at work, a ledger that was tampered with.  Each has its status and reason, and nothing is staged.
# shellcheck disable=SC2016	# single quotes are for jq and bash -c
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
mkdir -p R1/payload BIG/payload
echo one >R1/payload/one
head -c 16M /dev/urandom >BIG/payload/big
new_release vendor R1
new_release vendor BIG
new_image vendor acme R1 small
new_image vendor acme BIG big
new_image vendor acme R1 third
new_site site vendor acme

accept() { ingest accept small.iso --code small.code --home "$site" "$@"; }
# Nothing in stage and scratch, and the ledger as good as before.
nothing_staged() {
	[ -z "$(find "$site/stage" "$site/scratch" -mindepth 1 ! -path "$site/stage/etl")" ] || { staged "$site"; return 1; }
	! grep -q '"what":"accepted"' "$site/ledger/entries.jsonl" || { echo "it is in the ledger"; return 1; }
	expect_status 0 ingest ledger verify --home "$site"
}
# stopped REASON: so does accept end, with status 1, and nothing was done.
stopped() {
	judges 1 "$1" accept && nothing_staged
}
works() { judges 0 ok accept && [ -f "$site/stage/etl/acme-1/seal" ]; }

# ---- the home ----

fresh
check "a site that has nothing yet" says "no consignment yet" ingest status --home "$site"

fresh
chmod 750 "$site"
check "a home that others may read" judges 1 own.home accept
check "verify does not trust it either" judges 1 own.home verify small.iso --code small.code --home "$site"
chmod 700 "$site"
check "a home with mode 0700" works

fresh
check "no home" judges 1 own.home ingest accept small.iso --code small.code --home nowhere
check "a file for a home" judges 1 own.io ingest accept small.iso --code small.code --home small.iso

mkdir elsewhere
for name in stage scratch out ledger trust; do
	fresh
	rm -rf elsewhere
	mv "$site/$name" elsewhere
	ln -s "$T/elsewhere" "$site/$name"
	before=$(find elsewhere | sort)
	check "$name/ is a symbolic link" judges 1 own.io accept
	check "$name/ is a symbolic link: nothing was written behind it" [ "$(find elsewhere | sort)" = "$before" ]
	rm "$site/$name"
	mv elsewhere "$site/$name"
	check "$name/ is a symbolic link: nothing was staged" nothing_staged
	check "$name/ is a directory again" works
done
fresh
mkdir elsewhere
mkdir -p "$site/stage" && ln -s "$T/elsewhere" "$site/stage/etl"
check "stage/VENDOR is a symbolic link" judges 1 own.io accept
check "stage/VENDOR is a symbolic link: nothing was written behind it" [ -z "$(ls -A elsewhere)" ]
fresh
ln -sf "$T/elsewhere/lock" "$site/lock"
check "the lock is a symbolic link" stopped own.io
fresh
rm "$site/lock" && mkfifo "$site/lock"
check "the lock is something else" works
fresh
rm "$site/ledger/checkpoint" && mkfifo "$site/ledger/checkpoint"
check "the checkpoint is a pipe, and nobody waits for it" judges 1 own.io timeout 20 ingest accept small.iso --code small.code --home "$site"

fresh
rmdir "$site/out" "$site/stage" "$site/scratch" "$site/records" 2>/dev/null || true
check "empty directories that are missing are made again" works
# broken REASON WHAT: so does accept end; nothing comes into the stage.
broken() { judges 1 "$1" accept && [ -z "$(find "$site/stage" -mindepth 2)" ]; }
fresh
rm "$site/trust/etl.chain"
check "the chain that is held is missing" broken own.io
fresh
printf 'x' >>"$site/trust/etl.chain"
check "the chain that is held is spoiled" broken own.home
for what in keys/site keys/site.pub keys; do
	fresh
	mv "$site/$what" away
	check "$what is missing" broken "$([ $what = keys/site ] && echo own.signer || echo own.io)"
	check "$what is missing: the ledger is whole" expect_status 0 ingest ledger verify --home "$site"
	mv away "$site/$what"
	check "$what is back" works
	check "$what is back: nothing is left in scratch" [ -z "$(ls -A "$site/scratch")" ]
done
fresh
ssh-keygen -q -t ed25519 -N '' -f other
cp other "$site/keys/site"
another_half() {	# ssh-keygen has its say, too
	expect_status 1 accept --json >said && shows '.reason == "own.signer"' && [ -z "$(find "$site/stage" -mindepth 2)" ]
}
check "the site's key is another one" another_half
cp other.pub "$site/keys/site.pub"
check "both halves are another key's" broken ledger.key
check "both halves are another key's: the ledger is whole" expect_status 0 ingest ledger verify --home "$site"
# ---- somebody else's place ----

fresh
# Accepted, never published, and not whole when it was looked at again: lost.
spoil() {
	ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" strace -o /dev/null -e inject=renameat2:signal=KILL:when=1 -- ingest accept small.iso --code small.code --home "$site" || true
	find "$site/scratch" -name seal -exec rm -f {} \;
	ingest enrolment etl --home "$site"
	jq -r .what "$site/ledger/entries.jsonl" | grep -qx lost
}
if have strace && strace -o /dev/null true 2>/dev/null; then
	check "a consignment was lost" spoil
	mkdir -p "$site/stage/etl/acme-1"
	echo theirs >"$site/stage/etl/acme-1/file"
	check "something stands where it belongs: no entry explains it" says "stage/etl/acme-1 is in no entry of the ledger" \
		ingest enrolment etl --home "$site"
	check "it is whole, elsewhere" [ "$(cat "$site"/quarantine/*/file)" = theirs ]
	check "scratch is empty" [ -z "$(ls -A "$site/scratch")" ]
	check "in the free place it is taken in" works
else
	skip "strace is not installed or may not trace: a lost consignment"
fi

# ---- two at the same time ----

fresh
exec 9<"$site/lock"
flock 9
mkdir out
cp -a vendor busy
exec 8<"$T/busy/lock" && flock 8
busy() { judges 1 own.busy mkmedia build R1 --customer acme -o out --home busy; }
accept_busy() { local rc=0; accept --json >busy.said 2>&1 || rc=$?; echo $rc >busy.rc; }
accept_busy 8>&- 9>&- &
check "the vendor's home is locked" busy
wait
check "the site's home is locked" [ "$(cat busy.rc) $(jq -r .reason busy.said)" = "1 own.busy" ]
flock -u 9
flock -u 8
check "the site's home is free again" works

# waiting NAME: an accept that has everything but the code, for which it waits; give NAME lets it go on.
waiting() {
	mkfifo "$1.fifo"
	{ rc=0; accept_as "$1" || rc=$?; echo $rc >"$1.rc"; } &
}
accept_as() { ingest accept "${2:-small.iso}" --code "$1.fifo" --home "$site" --json >"$1.said" 2>"$1.err"; }
give() { cat small.code >"$1.fifo"; }
ended() { [ "$(cat "$1.rc") $(jq -r .reason "$1.said")" = "$2" ] || { cat "$1.rc" "$1.said" "$1.err"; return 1; }; }

in_stage() {
	[ -f "$site/stage/etl/acme-1/RELEASES/R1/payload/one" ] && [ -z "$(ls -A "$site/scratch")" ] &&
		expect_status 0 ingest ledger verify --home "$site"
}
for round in 1 2 3 4 5; do
	fresh
	rm -f a.* b.*
	waiting a
	waiting b
	give a &
	give b &
	wait
	check "two at once, $round: one wins, the other is a replay" \
		[ "$(sort -n a.rc b.rc | xargs) $(jq -r .reason a.said b.said | sort | xargs)" = "0 18 number.used ok" ]
	check "two at once, $round: once in the ledger" \
		[ "$(jq -r .what "$site/ledger/entries.jsonl" | sort | xargs)" = "accepted founded passport refused system-added trust-added" ]
	check "two at once, $round: whole" in_stage
done

fresh
rm -f a.*
next_trust vendor '.issued = (now | todate)' >2.trust
waiting a
sleep 0.3
check "trust is updated while a medium is read" expect_status 0 ingest trust update 2.trust --home "$site"
give a
wait
check "what was judged under the old trust is not taken in" ended a "1 own.busy"
check "what was judged under the old trust: nothing is staged" nothing_staged
check "judged anew under the new trust" works

# ---- the ledger ----

# Six entries: founded, trust-added, system-added, passport, two refusals.
with_refusals() {
	fresh
	do_quietly expect_status 16 ingest accept small.iso --home "$site" --code third.code
	rm -rf before
	cp -a "$site/ledger" before
	do_quietly expect_status 16 ingest accept small.iso --home "$site" --code third.code
}
# tampered REASON: whoever reads the ledger says so, and nothing goes on.
tampered() {
	local count
	count=$(find "$site" | sort)
	judges 1 "$1" accept || return 1
	judges 1 "$1" ingest status --home "$site" || return 1
	judges 1 "$1" ingest ledger verify --home "$site" || return 1
	judges 1 "$1" verify --ledger "$site/ledger" || return 1
	judges 1 "$1" ingest enrolment etl --home "$site" || return 1
	[ "$(find "$site" | sort)" = "$count" ] || { echo "something was written"; return 1; }
}
entries_file() { echo "$site/ledger/entries.jsonl"; }

with_refusals
check "an untouched ledger" expect_status 0 ingest ledger verify --home "$site"
sed -i '5s/"refused"/"Refused"/' "$(entries_file)"
check "an entry was edited" tampered ledger.broken
check "an entry was edited: nothing is to be put right by hand" expect_says 1 "Change nothing." ingest status --home "$site"
with_refusals
sed -i '$d' "$(entries_file)"
check "the last entry was removed" tampered ledger.broken
with_refusals
sed -i '2d' "$(entries_file)"
check "an entry was removed" tampered ledger.broken
with_refusals
sed -i '5{h;d};6{G}' "$(entries_file)"
check "two entries were exchanged" tampered ledger.broken
with_refusals
: >"$(entries_file)"
check "all entries were removed" tampered ledger.broken
with_refusals
tail -n 1 "$(entries_file)" >>"$(entries_file).new" && cat "$(entries_file).new" "$(entries_file).new" >>"$(entries_file)"
rm "$(entries_file).new"
check "entries were added" tampered ledger.broken
with_refusals
do_quietly expect_status 16 ingest accept small.iso --home "$site" --code third.code
cp before/checkpoint "$site/ledger/checkpoint"
check "an older checkpoint was put back" tampered ledger.broken
with_refusals
sed -i '2s/.*/9/' "$site/ledger/checkpoint"
check "the checkpoint was edited" tampered ledger.key
with_refusals
cp other.pub "$site/ledger/key.pub"
check "the ledger's key was replaced" tampered ledger.key
with_refusals
rm "$site/ledger/checkpoint"
check "the checkpoint is missing" tampered own.io
with_refusals
rm "$(entries_file)"
check "the entries are missing" tampered own.io

# One entry behind the checkpoint is what a crash leaves; it does not count.
with_refusals
cp before/checkpoint "$site/ledger/checkpoint"
check "one entry without checkpoint is on the status" says "whole; one entry behind it does not count" ingest status --home "$site"
check "for programs, too" json '.torn' ingest status --home "$site" --json
check "one entry without checkpoint is said" says "does not count" ingest ledger verify --home "$site"
check "and cut" works
check "after which the ledger is whole" json '.entries == 6 and (.torn | not)' ingest ledger verify --home "$site" --json

# The whole ledger of yesterday: that looks whole; but what it does not explain does not stay in the stage.
with_refusals
check "a consignment" works
rm -r "$site/ledger"
cp -a before "$site/ledger"
rolled_back() {
	expect_status 0 ingest enrolment etl --home "$site" && [ -z "$(find "$site/stage" -mindepth 2)" ] &&
		[ "$(ls "$site/quarantine")" = 6 ] && grep -q '"what":"quarantined"' "$(entries_file)"
}
check "an older ledger was put back" rolled_back

# ---- nobody who hears what is said ----

unheard() {
	cat unheard.err
	[ "$1" = 1 ] || { echo "exit status $1"; return 1; }
	[ "$(grep -c "standard output: $2 (own.io)" unheard.err)" = 1 ]
}
full() {
	local rc=0
	"$@" >/dev/full 2>unheard.err </dev/null || rc=$?
	unheard "$rc" "No space left on device"
}
gone() {
	{ sleep 0.2; "$@" 2>unheard.err </dev/null; } | true
	unheard "${PIPESTATUS[0]}" "Broken pipe"
}
fresh
for json in "" --json; do
	# shellcheck disable=SC2086
	for out in full gone; do
		check "verify $json, $out" $out verify small.iso --home "$site" --code small.code $json
		check "ingest status $json, $out" $out ingest status --home "$site" $json
		check "ingest list $json, $out" $out ingest list --home "$site" $json
		check "ingest ledger show $json, $out" $out ingest ledger show --home "$site" $json
		check "mkmedia status $json, $out" $out mkmedia status --home vendor $json
		check "mkmedia letter $json, $out" $out mkmedia letter acme/1 --code-only --home vendor $json
		fresh
		check "ingest accept $json, $out" $out accept $json
		check "ingest accept $json, $out: what was recorded is said" grep -qx "It was recorded: ledger 5; see ingest list." unheard.err
		fresh
	done
done
check "--help, full" full ingest --help
check "--version, full" full verify --version
check "verify --ledger, full" full verify --ledger "$site/ledger"

# ---- what is not used as it should be, for programs ----

check "verify of nothing" judges 2 usage verify
check "verify of two media" judges 2 usage verify small.iso big.iso
check "an option that there is not" judges 2 usage verify --bogus
check "an option that there is not, ingest" judges 2 usage ingest accept --bogus
check "no such command, ingest" judges 2 usage ingest foo
check "no such command, mkmedia" judges 2 usage mkmedia foo bar

# ---- no room ----

# A file that may not become as large as it must: ulimit -f, in KiB.
limited() { bash -c 'ulimit -f "$1"; shift; exec "$@"' - "$@"; }
fresh
said_own() { json '.status == 1 and (.reason | startswith("own."))' "$@" --json; }
check "files of 1,000 KiB, verify" said_own limited 1000 verify big.iso --code big.code --home "$site"
check "files of 1,000 KiB, accept" said_own limited 1000 ingest accept big.iso --code big.code --home "$site"
check "files of 1,000 KiB: nothing is staged" nothing_staged
check "files of 17,000 KiB, which is room for the ring" judges 0 ok limited 17000 verify small.iso --code small.code --home "$site"

# alone COMMAND: in a mount namespace of its own.  In a chroot "/" is no mount point and cannot be
# made private as a whole; the mount below it that holds $T can.
alone() {
	# shellcheck disable=SC2016
	unshare -m --propagation unchanged -- bash -c \
		'mount --make-private "$(stat -c %m "$T")" 2>/dev/null && "$@"' - "$@"
}
# in_private COMMAND: with a tmpfs of 12 MiB on disk/, that nobody else sees.
in_private() {
	alone bash -c 'mount -t tmpfs -o size=12m,mode=700 none "$T/disk" && cd "$T" && "$@"' - "$@"
}
room_for_big() {
	cp -a "$T/site" disk/site && site=$T/disk/site
	judges 1 own.space ingest accept big.iso --code big.code --home "$site" || return 1
	nothing_staged || return 1
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e '.what == "refused" and .reason == "own.space"' ||
		{ echo "what did not fit is not on record"; return 1; }
	json '.refused == 0 and .failed_here == 1' ingest status --home "$site" --json &&
		says "refused 0; 1 try failed on this computer" ingest status --home "$site" || return 1
	json '.sources == []' ingest ledger show --sources --home "$site" --json || return 1
	works || return 1
	mount -o remount,size=64m "$T/disk" || return 1
	judges 0 ok ingest accept big.iso --code big.code --home "$site" &&
		cmp BIG/payload/big "$site/stage/etl/acme-2/RELEASES/BIG/payload/big"
}
# What is kept of a damaged disc gives way to the refusal itself: the bad block comes before all files, so that
# nothing is in scratch, and what is free is whole blocks, so that they take all of it.
no_room_for_blocks() {
	cp -a "$T/site" disk/site && site=$T/disk/site
	cp big.iso hole.iso
	dd if=/dev/urandom of=hole.iso bs=65536 seek=1 count=1 conv=notrunc status=none
	head -c $(($(df --output=avail -B1 disk | tail -n 1) % 65536)) /dev/zero >disk/rest
	judges 13 block.differs ingest accept hole.iso --code big.code --home "$site" || return 1
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e '.what == "refused" and .reason == "block.differs" and .kept == 0' ||
		{ echo "the refusal is not on record"; return 1; }
	[ -z "$(find "$site/waiting" -type f 2>/dev/null)" ] && works
}
fill() { dd if=/dev/zero of=disk/full bs=4096 status=none 2>/dev/null; dd if=/dev/zero bs=1 status=none 2>/dev/null >>disk/full || true; }
no_room_at_all() {
	cp -a "$T/site" disk/site && site=$T/disk/site
	fill
	judges 1 own.space accept || return 1
	judges 1 own.space ingest enrolment etl --home "$site" || return 1
	expect_status 0 ingest status --home "$site" || return 1
	[ -z "$(find "$site/stage" -mindepth 2)" ] || return 1
	rm disk/full
	works && [ -z "$(ls -A "$site/scratch")" ] && expect_status 0 ingest ledger verify --home "$site"
}
no_room_for_images() {
	mkdir disk/out
	cp -a vendor desk
	judges 1 own.space mkmedia build BIG --customer acme -o disk/out --home desk || return 1
	[ -z "$(ls -A disk/out)" ] || { ls -lA disk/out; return 1; }
	[ "$(grep -c '"what":"sealed"' desk/ledger/entries.jsonl)" = 3 ] || { echo "a number is gone"; return 1; }
	expect_status 0 mkmedia ledger verify --home desk || return 1
	mount -o remount,size=64m "$T/disk" || return 1
	expect_status 0 mkmedia build BIG --customer acme -o disk/out --home desk && [ -f disk/out/acme-4-1.iso ]
}
no_room_for_a_home() {
	fill
	# ssh-keygen makes the key, and has its say, too.
	expect_status 1 ingest init plant8 --solo --home disk/site --json >said || return 1
	shows '.status == 1 and (.reason | startswith("own."))' || return 1
	rm disk/full
	expect_status 0 ingest init plant8 --solo --home disk/site && expect_status 0 ingest status --home disk/site
}
no_room_for_a_desk() {
	fill
	expect_status 1 mkmedia init --home disk/desk --vendor one --name One --single-person --place Gent --json >said || return 1
	shows '.status == 1 and (.reason | startswith("own."))' || return 1
	rm disk/full
	expect_status 0 mkmedia init --home disk/desk --vendor one --name One --single-person --place Gent
}
read_only() {
	cp -a "$T/site" disk/site && site=$T/disk/site
	mount -o remount,ro "$T/disk" || return 1
	judges 1 own.io accept || return 1
	expect_status 0 ingest status --home "$site" && expect_status 0 ingest ledger verify --home "$site" || return 1
	judges 0 ok verify small.iso --code small.code --home "$site" || return 1
	mount -o remount,rw "$T/disk" && works
}
export T site
mkdir disk
if [ "$(id -u)" = 0 ] && alone true 2>/dev/null; then
	for f in $(declare -F | cut -d ' ' -f 3); do export -f "${f?}"; done
	check "a consignment that does not fit" in_private room_for_big
	check "a disk that is full" in_private no_room_at_all
	check "an image that does not fit" in_private no_room_for_images
	check "good blocks that do not fit" in_private no_room_for_blocks
	check "a new site on a full disk" in_private no_room_for_a_home
	check "a new desk on a full disk" in_private no_room_for_a_desk
	check "a disk that is read only" in_private read_only
else
	skip "not root, or mounts cannot be private: full and read-only disks"
fi

# ---- no streams ----

fresh
# What is printed goes nowhere, and not into the first file that is opened.
no_streams() {
	(accept <&- >&- 2>&-) || return 1
	judges 18 number.used accept && expect_status 0 ingest ledger verify --home "$site" && (verify small.iso --home "$site" --code small.code <&- >&- 2>&- || [ $? = 18 ])
}
check "standard streams are closed" no_streams

# ---- no right ----

if [ "$(id -u)" = 0 ] && have setpriv; then
	fresh
	chown 65534 "$site"
	check "another user's home" judges 1 own.home accept
	# An ordinary user, who has programs and media of her own.
	chmod 711 "$T"
	mkdir user
	cp "$BIN/ingest" "$BIN/verify" small.iso small.code user
	cp -a site user/site
	chown -R 65534:65534 user
	site=$T/user/site
	user() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; }
	as_user() { user "$T/user/ingest" "$@"; }
	accept() { as_user accept user/small.iso --code user/small.code --home "$site" "$@"; }
	no_right() {	# REASON MODE PATH
		local ok=0
		chmod "$2" "$site/$3"
		expect_status 1 accept --json >said && shows ".reason == \"$1\"" || ok=1
		chmod "$4" "$site/$3"
		[ $ok = 0 ] && nothing_in_stage
	}
	nothing_in_stage() { [ -z "$(find "$site/stage" -mindepth 2)" ]; }
	rm -f "$site/lock"
	check "a home that cannot be written" no_right own.permission 500 . 700
	check "a stage that cannot be read" no_right own.permission 000 stage 700
	check "a scratch that cannot be written" no_right own.permission 500 scratch 700
	check "a ledger that cannot be written" no_right own.permission 500 ledger 700
	check "entries that cannot be written" no_right own.permission 400 ledger/entries.jsonl 600
	check "a key that cannot be read" no_right own.signer 000 keys/site 600
	check "public key that cannot be read" no_right own.permission 000 keys/site.pub 600
	rm -rf "$site/out/etl"
	check "out/ that cannot be written" no_right own.permission 500 out 700
	check "with all rights back it is taken in" works
	check "nothing is left in scratch" [ -z "$(ls -A "$site/scratch")" ]
	check "verify asks for no rights" judges 18 number.used user "$T/user/verify" user/small.iso --home "$site" --code user/small.code
	if user unshare -r true 2>/dev/null; then
		check "nor does it trust those of a user namespace" \
			judges 18 number.used user unshare -r "$T/user/verify" user/small.iso --home "$site" --code user/small.code
	else
		skip "verify in a user namespace: there are none here"
	fi
	chmod 000 user/small.iso
	check "a medium that may not be read" judges 1 own.permission accept
else
	skip "not root, or no setpriv: rights of another user"
fi

done_testing
