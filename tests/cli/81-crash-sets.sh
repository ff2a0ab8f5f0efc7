#!/bin/bash
# As 80-crash.sh: the power goes off, or the disk fails, at every system call that changes something on disk.
# Here while discs of a set wait and are joined, a damaged disc leaves its good blocks, another one completes
# it, parity repairs one, what waits is dropped, news and passports come in, and while the vendor announces,
# makes an image again, and opens what a site sent.  And what is said or recorded must be there for good.
# shellcheck disable=SC2016	# single quotes are for jq
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/strike.sh
. "$(dirname "$0")/strike.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

# ---- what there is: a vendor with news, a set of two discs, three discs that can be damaged, a site ----

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
mkdir -p SET/payload/sub ONE/payload
noise() { head -c "$1" /dev/urandom; }
noise 2600000 >SET/payload/cut
noise 1500000 >SET/payload/sub/whole
printf '#!/bin/sh\n' >SET/payload/run
chmod +x SET/payload/run SET/payload/cut
noise 800000 >ONE/payload/one
new_release vendor SET
new_release vendor ONE '.kind = "security" | .severity = "high"'
cp -a vendor silent
tells() {
	do_quietly mkmedia notice ONE --home "$1"
	do_quietly mkmedia sign 1.notice --home "$1"
	do_quietly mkmedia catalogue --home "$1"
	do_quietly mkmedia sign 1.catalogue --home "$1"
}
tells vendor
do_quietly mkmedia build --home vendor SET --customer acme -o set --volume-size 4194304 --recovery 0
mkmedia letter --home vendor acme/1 --code-only >set.code
new_image vendor acme ONE plain
new_image vendor acme ONE parity --recovery 40
check "a set of two" [ "$(find set -name '*.iso' | wc -l)" = 2 ]
hole() { dd if=/dev/zero of="$1" bs=65536 seek="$2" count=1 conv=notrunc status=none; }
cp plain.iso torn-1.iso
cp plain.iso torn-2.iso
hole torn-1.iso 7
hole torn-2.iso 9
hole parity.iso 8
cp set/acme-1-2.iso torn-set.iso
hole torn-set.iso 10
new_site site vendor acme
home=$T/home
disk=yes

# from STATE: the site as it was then; as STATE COMMAND...: what it is after the command, which ends with $good.
from() { rm -rf "$home"; cp -a "$1" "$home"; }
as() {
	local state=$1 before=$2 rc=0
	shift 2
	rm -rf "$state"
	cp -a "$before" "$state"
	"$@" --home "$state" >quiet.out 2>&1 || rc=$?
	[ "$rc" = "$good" ] || { echo "FAILED to prepare: $*: $rc"; cat quiet.out; exit 1; }
}
first() { ingest accept set/acme-1-1.iso --code set.code "$@"; }
last() { ingest accept set/acme-1-2.iso --code set.code "$@"; }
mending() { ingest accept torn-2.iso --code plain.code "$@"; }
repairing() { ingest accept parity.iso --code parity.code "$@"; }
good=4 as waiting site first
as joined waiting last
good=13 as torn site ingest accept torn-1.iso --code plain.code
as mended torn mending
as repaired site repairing
good=13 as droppable waiting ingest accept torn-set.iso --code set.code

# entries_of WHAT JQ: of those that count.
entries_of() {
	head -n "$(sed -n 2p "$home/ledger/checkpoint")" "$home/ledger/entries.jsonl" |
		jq -r "select(.what == \"$1\") | $2" | xargs
}
# recorded HOME: as consignments, without jq, which takes most of the time here.
recorded() {
	awk 'function bare(key, a) { split($0, a, "\"" key "\":"); sub(/^"/, "", a[2]); sub(/[",}].*/, "", a[2]); return a[2] }
		/"what":"lost"/ { delete stage[bare("entry")] }
		/"what":"accepted"/ { stage[bare("n")] = bare("stage") }
		END { for (n in stage) print stage[n] }' "$1/ledger/entries.jsonl" | sort
}
kinds() { grep -oE '"what":"(accepted|notice|catalogue)"' "$1/ledger/entries.jsonl" | sort; }
# looks: who only reads sees a whole ledger, and nothing in the stage that is not on record.
looks() {
	expect_status 0 ingest status --home "$home" >/dev/null || return 1
	expect_status 0 ingest ledger verify --home "$home" >/dev/null || return 1
	[ -z "$(comm -13 <(recorded "$home") <(in_stage "$home"))" ] ||
		{ echo "in the stage, and not in the ledger"; return 1; }
}
# half_written: what no command will write again.
half_written() { find "$home" \( -name '.*.new' -o -name '*.blocks.new' \) ! -path "$home/ledger/.checkpoint.new"; }
# tidy: after the next command that writes, what is staged is what is recorded, and nothing half-done is left.
tidy() {
	expect_status 0 ingest ledger verify --home "$home" >/dev/null || return 1
	diff <(recorded "$home") <(in_stage "$home") || { echo "recorded and staged differ"; return 1; }
	[ -z "$(ls -A "$home/scratch")" ] || { echo "left in scratch:"; find "$home/scratch"; return 1; }
	[ ! -e "$home/quarantine" ] || { echo "something is in quarantine"; return 1; }
	[ -z "$(half_written)" ] || { echo "left over:"; half_written; return 1; }
}
# nothing_waits: nor is anything of it left.
nothing_waits() {
	[ -z "$(find "$home/waiting" -mindepth 2 2>/dev/null)" ] || { echo "it waits still:"; find "$home/waiting"; return 1; }
}
# told HOME: the receipts for the vendor, but those of refusals.
told() { (cd "$1/out" && find . -name '*.receipt' ! -name '*-refused-*' -printf '%P %m\n' | sort); }
# whole STATE: stage, news, and who is told are as in STATE.
whole() {
	diff -r "$1/stage" "$home/stage" && diff <(tree "$1/stage") <(tree "$home/stage") || return 1
	diff <(told "$1") <(told "$home") || { echo "the vendor is told something else"; return 1; }
	if [ -e "$1/news" ]; then diff -r "$1/news" "$home/news" || return 1; fi
	diff <(kinds "$1") <(kinds "$home") ||
		{ echo "the ledger tells something else"; return 1; }
	diff <(recorded "$1") <(recorded "$home")
}
# accepts STATE COMMAND...: the same again is taken in now, or was already; in the end all is as in STATE.
accepts() {
	local state=$1 again="0 ok"
	shift
	# Who writes puts it in order.
	expect_status 0 ingest enrolment etl --home "$home" >/dev/null || return 1
	diff <(recorded "$home") <(in_stage "$home") || return 1
	[ -z "$(in_stage "$home")" ] || again="18 number.used"
	[ "$rc" != 0 ] || [ "$again" != "0 ok" ] || { echo "GENUINE, and not there"; return 1; }
	# shellcheck disable=SC2086	# status and reason
	judges $again "$@" --home "$home" || return 1
	tidy && nothing_waits && whole "$state"
}

# points_of COMMAND...: what strike needs: the calls at which it may be struck.
points_of() {
	command=("$@" --home "$home" --json)
	calls "$CHANGES" "${command[@]}" >points
}
# strikes NAME COMMAND...: all of it, and what the power could take away at the end.
strikes() {
	local name=$1 how
	shift
	"${name}_before"
	points_of "$@"
	"${name}_before"
	check "$name: it lasts" lasting "$T" "${command[@]}"
	for how in signal=KILL error=ENOSPC ${LONG:+error=EIO}; do strike "$name" "$how"; done
}

# ---- the first disc of two ----

wait_before() { from site; }
wait_after() {
	ends "$1" && looks || return 1
	[ "$rc" != 4 ] || [ "$(entries_of waiting .volume)" = 1 ] || { echo "INCOMPLETE, and it does not wait"; return 1; }
	judges 4 set.incomplete first --home "$home" || return 1
	tidy || return 1
	[ "$(entries_of waiting .volume)" = 1 ] || { echo "waits: $(entries_of waiting .volume)"; return 1; }
	diff -r waiting/waiting "$home/waiting" || return 1
	diff <(told waiting) <(told "$home") || { echo "the vendor is told something else"; return 1; }
	judges 0 ok last --home "$home" && tidy && nothing_waits && whole joined
}
good=4 strikes wait ingest accept set/acme-1-1.iso --code set.code

# ---- the last one ----

join_before() { from waiting; }
join_after() { ends "$1" && looks && accepts joined last; }
# The medium is read as before: from here on only what follows is struck.
[ -n "${LONG:-}" ] || locks=2
strikes join ingest accept set/acme-1-2.iso --code set.code

# ---- a damaged disc, whose good blocks are kept, and the copy that completes it ----

tear_before() { from site; }
tear_after() {
	local kept
	ends "$1" || return 1
	kept=$(jq '.blocks.kept' said) || kept=
	looks || return 1
	# What was said to be kept need not be read again.  (The refusal comes first where there is no room.)
	if [ "$rc" != 13 ] || [ "$kept" = 0 ]; then
		judges 13 block.differs ingest accept torn-1.iso --code plain.code --home "$home" || return 1
		shows '.blocks.kept > 0' || return 1
	else
		expect_status 0 ingest enrolment etl --home "$home" >/dev/null || return 1
	fi
	tidy && [ -z "$(in_stage "$home")" ] || return 1
	judges 0 ok mending --home "$home" && shows '.verdict == "REPAIRED" and .blocks.mended == 1' || return 1
	tidy && nothing_waits && diff -r mended/stage "$home/stage"
}
good=13 strikes tear ingest accept torn-1.iso --code plain.code

mend_before() { from torn; }
mend_after() { ends "$1" && looks && accepts mended mending && [ "$(entries_of accepted .verdict)" = REPAIRED ]; }
strikes mend ingest accept torn-2.iso --code plain.code

# ---- parity ----

repair_before() { from site; }
repair_after() { ends "$1" && looks && accepts repaired repairing && [ "$(entries_of accepted .verdict)" = REPAIRED ]; }
strikes repair ingest accept parity.iso --code parity.code

# ---- what waits is dropped ----

locks=0

drop_before() { from droppable; }
drop_after() {
	local again=0
	ends "$1" && looks || return 1
	[ "$rc" != 0 ] || nothing_waits || return 1
	expect_status 0 ingest enrolment etl --home "$home" >/dev/null || return 1
	[ -z "$(entries_of dropped .dropped)" ] || nothing_waits || { echo "it is recorded as dropped"; return 1; }
	[ -z "$(entries_of dropped .dropped)" ] || again=2
	expect_status $again ingest drop acme/1 --home "$home" || return 1
	tidy && nothing_waits && [ "$(entries_of dropped .dropped)" = 1 ] || return 1
	judges 4 set.incomplete last --home "$home" && judges 0 ok first --home "$home" && diff -r joined/stage "$home/stage"
}
strikes drop ingest drop acme/1

# ---- news ----

news=(vendor/notices/1.notice vendor/catalogues/1.catalogue)
as informed site ingest notice "${news[@]}"
news_before() { from site; }
news_after() {
	ends "$1" && looks || return 1
	expect_status 0 ingest notice "${news[@]}" --home "$home" >/dev/null || return 1
	tidy && diff -r informed/news "$home/news" || return 1
	[ "$(entries_of notice .sequence) $(entries_of catalogue .number)" = "1 1" ] || { echo "not each once"; return 1; }
	expect_status 0 ingest list --home "$home" >/dev/null
}
strikes news ingest notice "${news[@]}"

# ---- a passport ----

passport() { ingest passport set bed pkg:generic/waxseal 2 --read-by tests --from "its label" "$@"; }
has() { jq -r '.components[] | select(.name == "waxseal") | .version' said; }
passport_before() { from site; }
passport_after() {
	local n
	ends "$1" && looks || return 1
	n=$(entries_of passport .number)
	[ "$rc" != 0 ] || [ "$n" = "1 2" ] || { echo "said to be there: $n"; return 1; }
	expect_status 0 ingest passport show bed --json --home "$home" >said || return 1
	[ "$(has)" = "$([ "$n" = "1 2" ] && echo 2 || echo 1)" ] || { echo "passports $n, and version $(has)"; return 1; }
	expect_status 0 passport --home "$home" >/dev/null || return 1
	expect_status 0 ingest passport show bed --json --home "$home" >said && [ "$(has)" = 2 ] || return 1
	tidy && [ "$(entries_of passport .number)" = "$n $(($(wc -w <<<"$n") + 1))" ] || return 1
	[ "$(find "$home/passports" -type f | wc -l)" = "$(entries_of passport .number | wc -w)" ]
}
strikes passport ingest passport set bed pkg:generic/waxseal 2 --read-by tests --from "its label"

# ---- a person's judgement ----

do_quietly ingest notice "${news[@]}" --home site
do_quietly ingest passport customised bed waxseal --base 1 --home site
judgement=(ingest judge etl:ONE --fits --reason tried --by jon)
judge_before() { from site; }
judge_after() {
	ends "$1" && looks || return 1
	[ "$rc" != 0 ] || [ -n "$(entries_of judged .by)" ] || { echo "said, and not recorded"; return 1; }
	[ -n "$(entries_of judged .by)" ] || expect_status 0 "${judgement[@]}" --home "$home" || return 1
	tidy && [ "$(entries_of judged .by)" = jon ]
}
strikes judge "${judgement[@]}"

# ---- the vendor tells of a release ----

books() {
	expect_status 0 mkmedia ledger verify --home "$home" >/dev/null || return 1
	[ -z "$(half_written)" ] || [ "${1:-}" = before ] || { echo "left over:"; half_written; return 1; }
}
announce_before() { from silent; }
announce_after() {
	local try=0
	ends "$1" && books before || return 1
	mkmedia notice ONE --home "$home" --json >said 2>said.err || try=$?
	[ "$try" = 0 ] || { [ "$try" = 2 ] && jq -e '.where | test("waits for its signatures")' said >/dev/null; } ||
		{ echo "second try: exit status $try"; cat said said.err; return 1; }
	[ "$rc" != 0 ] || [ "$try" = 2 ] || { echo "drafted, and not there"; return 1; }
	expect_status 0 mkmedia sign 1.notice --home "$home" >/dev/null || return 1
	books && notice_is_out
}
notice_is_out() {
	[ "$(entries_of notice-signed .sequence)" = 1 ] || { echo "not once"; return 1; }
	{ [ -f "$home/notices/1.txt" ] && jq -e .document "$home/notices/one.json" >/dev/null; } ||
		{ find "$home/notices"; return 1; }
	expect_status 0 verify "$home/notices/1.notice" --trust vendor.trust >/dev/null
}
strikes announce mkmedia notice ONE

as drafted silent mkmedia notice ONE
sign_before() { from drafted; }
sign_after() {
	ends "$1" && books before || return 1
	[ "$rc" != 0 ] || notice_is_out || return 1
	expect_status 0 mkmedia sign 1.notice --home "$home" >/dev/null || return 1
	books && notice_is_out
}
strikes sign mkmedia sign 1.notice

# Whoever names the key names it again.
named_before() { from drafted; }
named_after() {
	local try=0
	ends "$1" && books before || return 1
	mkmedia sign 1.notice --as "$home/keys/notice" --home "$home" --json >said 2>said.err || try=$?
	[ "$try" = 0 ] || { [ "$try" = 2 ] && jq -e '.where | test("in force already")' said >/dev/null; } ||
		{ echo "second try: exit status $try"; cat said said.err; return 1; }
	books && notice_is_out
}
named_before
strikes named mkmedia sign 1.notice --as "$home/keys/notice"

# ---- an image once more ----

out=$T/out
remake_before() { from vendor; rm -rf "$out"; }
remake_after() {
	local try=0
	ends "$1" && books before || return 1
	[ "$rc" != 0 ] || cmp set/acme-1-2.iso "$out/acme-1-2.iso" || return 1
	mkmedia remake acme/1 --volume 2 -o "$out" --home "$home" --json >said 2>said.err || try=$?
	[ "$try" = 0 ] || { [ "$try" = 2 ] && jq -e '.where | test("is there already")' said >/dev/null; } ||
		{ echo "second try: exit status $try"; cat said said.err; return 1; }
	cmp set/acme-1-2.iso "$out/acme-1-2.iso" || return 1
	[ "$(ls -A "$out")" = acme-1-2.iso ] || { echo "left over:"; ls -lA "$out"; return 1; }
	books && [ -n "$(entries_of remade .volume)" ]
}
strikes remake mkmedia remake acme/1 --volume 2 -o "$out"

# ---- what a site sent ----

do_quietly ingest passport send etl --yes --home joined
cp joined/out/etl/passport.age .
as received vendor mkmedia inbox passport.age
inbox_before() { from vendor; }
inbox_after() {
	ends "$1" && books before || return 1
	[ "$rc" != 0 ] || [ "$(entries_of passport-received .number | wc -w)" = 1 ] ||
		{ echo "said, and not recorded"; return 1; }
	expect_status 0 mkmedia inbox passport.age --home "$home" >/dev/null || return 1
	books && diff -r received/inbox "$home/inbox" || return 1
	[ "$(entries_of passport-received .number | wc -w)" = 1 ] || { echo "not once"; return 1; }
	[ "$(cd "$home" && find inbox -type f)" = "$(entries_of passport-received .path)" ]
}
strikes inbox mkmedia inbox passport.age

# ---- a release is finished; a customer is entered ----

rm -rf NEW
cp -a ONE NEW
rm NEW/SHA256SUMS NEW/release
sed -i 's/"id": "[^"]*"/"id": "NEW"/' NEW/release.json
cp -a NEW fresh-draft
finish_before() { from vendor; rm -rf NEW; cp -a fresh-draft NEW; }
finish_after() {
	ends "$1" && books before || return 1
	expect_status 0 mkmedia release finish NEW --home "$home" >/dev/null || return 1
	books && expect_status 0 mkmedia sign NEW --home "$home" >/dev/null || return 1
	[ -z "$(find NEW -name '.*')" ] && [ "$(entries_of release-signed .id | tail -c 4)" = NEW ]
}
strikes finish mkmedia release finish NEW

customer_before() { from vendor; }
customer_after() {
	local try=0
	ends "$1" && books before || return 1
	mkmedia customer add bolt --name Bolt --home "$home" --json >said 2>said.err || try=$?
	[ "$try" = 0 ] || { [ "$try" = 2 ] && [ "$rc" != 2 ] && jq -e '.where | test("entered already")' said >/dev/null; } ||
		{ echo "second try: exit status $try"; cat said said.err; return 1; }
	books && [ "$(entries_of customer-added .customer)" = "acme bolt" ]
}
strikes customer mkmedia customer add bolt --name Bolt

# ---- what is founded lasts, too ----

check "init of a site: it lasts" lasting "$T" ingest init plant8 --solo --home "$T/new-site" --json
check "trust add: it lasts" lasting "$T" ingest trust add vendor.trust --fingerprint "$(anchor_of vendor)" \
	--customer acme --home "$T/new-site" --json
check "init of a vendor: it lasts" lasting "$T" mkmedia init --home "$T/new-vendor" --vendor etl --name Elbe \
	--single-person --place Hamburg --json
check "a build: it lasts" lasting "$T" mkmedia build ONE --customer acme -o "$T/new-out" --home vendor --json

done_testing
