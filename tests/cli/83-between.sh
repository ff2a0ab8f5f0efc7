#!/bin/bash
# What happens between the steps of a command: the computer stopped, the disk failed once, another process
# was at work in the same home, or what waited there rotted; and then the next command is any other.
# (80 and 81 stop at every call; here are the meetings that they do not have.)
# shellcheck disable=SC2016	# single quotes are for jq
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/strike.sh
. "$(dirname "$0")/strike.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

# ---- a vendor with news, a disc with a notice only, one with notice and catalogue, a set of three ----

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
mkdir -p ONE/payload SET/payload
head -c 300000 /dev/urandom >ONE/payload/one
head -c 7000000 /dev/urandom >SET/payload/cut
for release in ONE SET; do
	new_release vendor $release '.kind = "security" | .severity = "high" | .applies_to[0].range = "vers:deb/<2"'
done
do_quietly mkmedia build --home vendor SET --customer acme -o set --volume-size 4194304 --recovery 0
mkmedia letter --home vendor acme/1 --code-only >set.code
volume() { echo "set/acme-1-$1.iso"; }
check "a set of three" [ "$(find set -name '*.iso' | wc -l)" = 3 ]
do_quietly mkmedia notice ONE --home vendor
do_quietly mkmedia sign 1.notice --home vendor
new_image vendor acme ONE notice
do_quietly mkmedia catalogue --home vendor
do_quietly mkmedia sign 1.catalogue --home vendor
new_image vendor acme ONE news
new_image vendor acme ONE parity --recovery 40
dd if=/dev/zero of=parity.iso bs=65536 seek=3 count=1 conv=notrunc status=none
new_site site vendor acme

last() { tail -n 1 "$site/ledger/entries.jsonl" | jq -e "$1" >/dev/null || { tail -n 1 "$site/ledger/entries.jsonl"; return 1; }; }
times() { [ "$(jq -c "select($1)" "$site/ledger/entries.jsonl" | wc -l)" = "$2" ] || { jq -c . "$site/ledger/entries.jsonl"; return 1; }; }

# stopped_after WHAT COMMAND...: killed at the first rename behind that of the checkpoint that covers an entry
# WHAT; which one that is is counted in a copy of the site.
stopped_after() {
	local what=$1 copy=$T/counting n=
	shift
	rm -rf "$copy"
	cp -a "$site" "$copy"
	INGEST_HOME=$copy traced -e trace=renameat,renameat2,rename -- "$@"
	n=$(awk -v want="$(jq -r .what "$copy/ledger/entries.jsonl" | tail -n "+$(($(entries "$site") + 1))" | grep -nx "$what" | head -n 1 | cut -d: -f1)" \
		'/"checkpoint"/ { if (++k == want) { split($0, a, "("); print a[1], NR_of[a[1]] + 1; exit } } { split($0, a, "("); NR_of[a[1]]++ }' trace)
	[ -n "$n" ] || { echo "no entry $what"; return 1; }
	# It is killed at the rename behind that one.
	INGEST_HOME=$site traced -e trace="${n% *}" -e inject="${n% *}:signal=KILL:when=$((${n#* } + 1))" -- "$@"
	[ "$rc" = 137 ] || { echo "exit status $rc"; cat said; return 1; }
	last '.what == "'"$what"'"'
}

# ---- the news of a disc, and then a notice by mail ----

for disc in notice news; do
	for next in notice catalogue; do
		[ "$disc $next" != "notice catalogue" ] || continue
		fresh
		export INGEST_HOME=$site
		check "$disc: stopped behind its entry" stopped_after accepted ingest accept $disc.iso --code $disc.code
		check "the same $next by mail is the next command" expect_status 0 ingest notice vendor/${next}s/1.$next
		check "and is on record once" times '.what == "'$next'"' 1
		check "the consignment is there" diff <(consignments "$site") <(in_stage "$site")
		check "status" expect_status 0 ingest status
		check "another disc" judges 0 ok ingest accept parity.iso --code parity.code
	done
done
fresh
export INGEST_HOME=$site
check "a disc without a catalogue: stopped behind its entry" stopped_after accepted ingest accept notice.iso --code notice.code
check "what comes next does not miss one" expect_status 0 ingest system add hall --by-hand
check "and is done once" times '.what == "system-added" and .system == "hall"' 1
unset INGEST_HOME

# ---- two at once ----

two_inits() {
	local first=0 second=0 pid
	rm -rf twice
	ingest init plant7 --solo --home twice >one.out 2>&1 &
	pid=$!
	ingest init plant7 --solo --home twice >two.out 2>&1 || second=$?
	wait "$pid" || first=$?
	[ "$first $second" = "0 2" ] || [ "$first $second" = "2 0" ] || { echo "$first $second"; cat one.out two.out; return 1; }
	expect_status 0 ingest trust add vendor.trust --fingerprint "$(anchor_of vendor)" --customer acme --home twice
}
for n in 1 2 3 4; do check "one home is founded once ($n)" two_inits; done

# ---- a set ----

fresh
export INGEST_HOME=$site
take() { judges "$1" "$2" ingest accept "$(volume "$3")" --code set.code; }
check "disc 1" take 4 set.incomplete 1
check "disc 2" take 4 set.incomplete 2
check "the receipt tells what is missing now" [ "$(sed '/^-----BEGIN/,$d' "$site/out/etl/acme-1-incomplete.receipt" | jq -r .missing)" = 3 ]
cp -a "$site" both
# The receipt of disc 1 as it was written before disc 2 came.
rm -rf "$site" && cp -a site "$site"
check "disc 1, again in an empty home" take 4 set.incomplete 1
cp "$site/out/etl/acme-1-incomplete.receipt" earlier
check "disc 2, too" take 4 set.incomplete 2
cp earlier "$site/out/etl/acme-1-incomplete.receipt"	# as if the computer had stopped before the new one
check "disc 2 once more" take 4 set.incomplete 2
check "the receipt is of today" [ "$(sed '/^-----BEGIN/,$d' "$site/out/etl/acme-1-incomplete.receipt" | jq -r .missing)" = 3 ]

# ended STATUS JQ: so must $got and what was said be.
ended() {
	if [ "$got" = "$1" ] && jq -e "$2" said >/dev/null; then return 0; fi
	echo "ended with $got"
	cat said said.err
	return 1
}

# begun: an accept in the background is past its first lock, and reads.
begun() {
	for _ in $(seq 200); do
		[ -z "$(find "$site/scratch" -mindepth 1 2>/dev/null)" ] || break
		sleep 0.05
	done
	sleep 0.3
}

# while_code VOLUME STATUS REASON COMMAND...: accept waits for the code of VOLUME; meanwhile the COMMAND.
while_code() {
	local volume=$1 status=$2 reason=$3 pid got=0
	shift 3
	rm -f pipe; mkfifo pipe
	ingest accept "$(volume "$volume")" --code - --json <pipe >said 2>said.err &
	pid=$!
	exec 7>pipe
	begun
	"$@" || return 1
	cat set.code >&7
	exec 7>&-
	wait "$pid" || got=$?
	ended "$status" '.reason == "'"$reason"'"'
}
check "another process ends the set while the code is awaited" while_code 1 18 number.used \
	expect_status 0 ingest accept "$(volume 3)" --code set.code
rm -rf "$site" && cp -a both "$site"
no_fit() { do_quietly ingest passport set bed pkg:generic/waxseal 2 --read-by tests --from "its label" && expect_status 21 ingest accept "$(volume 3)" --code set.code --json; }
check "it all came, and was not joined, while the code is awaited" while_code 1 1 own.busy no_fit
check "what does not fit is on record" times '.what == "refused" and .reason == "fit.none" and .evaluation != null' 1
check "and the vendor is told" [ "$(find "$site/out/etl" -name 'acme-refused-*.receipt' | wc -l)" = 1 ]

# rotten FILE: the copy of a volume that waits here is not what was read any more.
rotten() {
	rm -rf "$site" && cp -a both "$site"
	chmod u+w "$site/waiting/etl/acme-1/1/$1"
	printf 'X' | dd of="$site/waiting/etl/acme-1/1/$1" bs=1 seek=100 conv=notrunc status=none
	take 1 own.home 3 && shows '.where | test("ingest drop acme/1")'
}
piece=$(cd both/waiting/etl/acme-1/1 && find . -path '*/pieces/*' -printf '%P\n' | head -n 1)
check "what waits has rotted" rotten "$piece"
check "no receipt blames the vendor" [ -z "$(find "$site/out/etl" -name 'acme-refused-*')" ]
check "dropped, as it says" expect_status 0 ingest drop acme/1
check "disc 1 anew" take 4 set.incomplete 1
check "disc 2 anew" take 4 set.incomplete 2
check "disc 3 ends it" take 0 ok 3
gone() {
	rm -rf "$site" && cp -a both "$site"
	rm -rf "$site/waiting/etl/acme-1/1/RELEASES"
	take 1 own.home 3 || take 1 own.io 3
}
check "a part of what waits is gone" gone
unset INGEST_HOME

# ---- others at work, others' files ----

fresh
export INGEST_HOME=$site
# After the first pass of a repair scratch is emptied: nobody may take it for a dead one's then.
slow_repair() {
	local pid got=0
	strace -f -o /dev/null -e trace=unlinkat,mkdirat,flock -e inject=unlinkat,mkdirat,flock:delay_exit=300000 \
		ingest accept parity.iso --code parity.code --json >said 2>said.err &
	pid=$!
	for _ in $(seq 40); do ingest enrolment etl >/dev/null 2>&1 || true; sleep 0.1; kill -0 "$pid" 2>/dev/null || break; done
	wait "$pid" || got=$?
	ended 0 '.verdict == "REPAIRED"'
}
check "other commands leave the scratch of a repair alone" slow_repair
fresh
echo "from a person" >"$site/stage/note.txt"
mkdir -p "$site/waiting"
echo "from a person" >"$site/waiting/note.txt"
check "files that people put there stop nobody" expect_status 0 ingest accept parity.iso --code parity.code
check "what was in the stage is in quarantine" [ "$(cat "$site"/quarantine/*)" = "from a person" ]
check "what was in waiting is where it was" [ -f "$site/waiting/note.txt" ]
# held SECONDS: another process has the lock so long.
held() {
	flock "$site/lock" sleep "$1" &
	while flock -n "$site/lock" true; do sleep 0.02; done
}
fresh
busy() {
	local got=0
	held 20
	judges 1 own.busy ingest enrolment etl --home "$site" || got=1
	pkill -P $! sleep || true
	wait $! || true
	return $got
}
check "a command gives up after ten seconds" busy
verdict_waits() {
	local pid got=0
	rm -f pipe; mkfifo pipe
	ingest accept parity.iso --code - --json <pipe >said 2>said.err &
	pid=$!
	exec 7>pipe
	begun
	held 13
	echo AAAA-AAAA >&7
	exec 7>&-
	wait "$pid" || got=$?
	[ "$got" = 16 ] || { echo "ended with $got"; cat said said.err; return 1; }
	last '.what == "refused" and .status == 16'
}
check "a verdict waits longer" verdict_waits
unset INGEST_HOME

# A crash may have kept the name of the newest checkpoint from the disk: who writes on it sees to that first.
at_the_disk() {
	traced -y -e trace=fsync -- ingest enrolment etl --home "$site"
	grep -q '^fsync([0-9]*<[^>]*/ledger>)' trace || { cat trace; return 1; }
}
fresh
check "the checkpoint that is built on is on the disk" at_the_disk

# ---- the vendor's disk fails once ----

cp -a vendor desk
command=(mkmedia build --home desk ONE --customer acme -o out --recovery 0)
calls fsync "${command[@]}" >points
rm -rf desk out
lost=
while read -r call n; do
	rm -rf desk out
	cp -a vendor desk
	traced -e trace="$call" -e inject="$call:error=EIO:when=$n" -- "${command[@]}"
	sealed=$(jq -r 'select(.what == "sealed") | .number' desk/ledger/entries.jsonl | tail -n 1)
	do_quietly "${command[@]}"
	for number in $(seq 5 "$sealed"); do [ -f "out/acme-$number-1.iso" ] || lost="$lost $call:$n:$number"; done
done <points
check "no image that the ledger counts is deleted:$lost" [ -z "$lost" ]
done_testing
