#!/bin/bash
# What a site makes of what vendors tell: notices and catalogues, good, late, forged, forked, cut; what is missing,
# what fixes what, who sent what, when the next look is due.
# shellcheck disable=SC2016	# single quotes are for jq and bash -c
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

# ---- two vendors, one of whom releases six patches; a site that trusts both; somebody else ----

new_vendor etl etl "Elbe Turbine Logic"
new_vendor rhine rhine "Rhine Valves"
new_vendor other mallory "Mallory"
new_site site etl acme
do_quietly ingest trust add --home site rhine.trust --fingerprint "$(anchor_of rhine)" --customer acme
do_quietly mkmedia customer add --home etl acme --name "ACME Power"

# released ID JQ: a release of etl, edited by a jq filter, signed.
released() {
	mkdir -p "$1/payload"
	printf 'same\n' >"$1/payload/same"
	echo "$1" >"$1/payload/changed"
	echo "$1" >"$1/payload/only-$1"
	do_quietly mkmedia release draft --home etl "$1"
	jq ".product = \"tx\" | .title = \"Patch $1\" | $2" "$1/release.json" >edited
	mv edited "$1/release.json"
	do_quietly mkmedia release finish --home etl "$1"
	do_quietly mkmedia sign --home etl "$1"
}
# announced N RELEASE: notice N of etl.
announced() {
	do_quietly mkmedia notice --home etl "$2"
	do_quietly mkmedia sign --home etl "$1.notice"
	cp "etl/notices/$1.notice" .
}
catalogued() {	# N: catalogue N of etl
	do_quietly mkmedia catalogue --home etl --next-expected 2199-01-01T00:00:00Z
	do_quietly mkmedia sign --home etl "$1.catalogue"
	cp "etl/catalogues/$1.catalogue" .
}
# told TYPE FILE JQ [KEY [NAMESPACE]]: what FILE says, edited by a jq filter and signed again; to standard output.
told() {
	sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$2" | jq "$3" >told.body
	cat told.body
	ssh-keygen -q -Y sign -f "${4:-etl/keys/notice}" -n "${5:-$1}@waxseal" <told.body 2>/dev/null
}
released TX-1 '.kind = "security" | .severity = "high" | .fixes = ["CVE-2026-1234"]'
announced 1 TX-1
do_quietly mkmedia build --home etl TX-1 --customer acme -o built
released TX-2 '.kind = "fix"'
announced 2 TX-2
released TX-3 '.incorporates = ["etl:TX-2"] | .supersedes = ["etl:TX-1"] | .fixes = ["CVE-2026-1234", "TX-771"]'
announced 3 TX-3
do_quietly mkmedia build --home etl TX-3 --customer acme -o built
released TX-4 .
announced 4 TX-4
catalogued 1
released TX-5 '.supersedes = ["etl:TX-4"]'
announced 5 TX-5
catalogued 2
released TX-6 '.fixes = ["cve-2026-9"]'
announced 6 TX-6

export INGEST_HOME=$T/site
last_entry() { tail -n 1 "$INGEST_HOME/ledger/entries.jsonl"; }
# entry JQ: the last entry of the ledger is so.
entry() { last_entry | jq -e "$1" >/dev/null || { echo "not so: $1"; last_entry; return 1; }; }
# offer STATUS JQ FILE...: what ingest notice makes of the only file, or of all.
offer() {
	local status=$1 filter=$2
	shift 2
	expect_status "$status" ingest notice "$@" --json >said 2>said.err || { cat said said.err; return 1; }
	jq -e "$filter" said >/dev/null || { echo "not so: $filter"; cat said; return 1; }
}
# refuses STATUS REASON FILE: and that is on record, and nothing else has changed.
refuses() {
	local news before
	news=$(cd "$INGEST_HOME" && find news -type f -exec sha256sum {} + 2>/dev/null)
	before=$(entries "$INGEST_HOME")
	offer "$1" ".files[0] | .status == $1 and .reason == \"$2\" and .ledger == $((before + 1)) and .advice != \"\"" "$3" --via post ||
		return 1
	entry ".what == \"notice-refused\" and .status == $1 and .reason == \"$2\" and .via == \"post\" and (.digest | length) == 64" || return 1
	[ "$(entries "$INGEST_HOME")" = $((before + 1)) ] || { echo "more than one entry"; return 1; }
	[ "$news" = "$(cd "$INGEST_HOME" && find news -type f -exec sha256sum {} + 2>/dev/null)" ] || { echo "the news changed"; return 1; }
}
# unrecorded COMMAND...: it leaves no entry.
unrecorded() {
	local before
	before=$(entries "$INGEST_HOME")
	"$@" || return 1
	[ "$(entries "$INGEST_HOME")" = "$before" ] || { echo "there is a new entry"; return 1; }
}

# ---- nothing yet ----

check "nothing was told yet" says "No vendor has told anything" ingest list --missing
check "nobody sent anything" says "Nothing was offered" ingest ledger show --sources
check "no evaluation yet; the first is due 35 days after trust" json '.vendors[0] | (has("evaluated") | not) and
	.notice == 0 and .catalogue == 0 and .evaluation_overdue == false and .catalogue_overdue == false and
	(.evaluation_due | fromdate) > (now + 34 * 86400) and (.evaluation_due | fromdate) <= (now + 35 * 86400)' ingest status --json
check "no file is a mistake" unrecorded judges 2 usage ingest notice
check "a file that is not there" unrecorded judges 1 own.io ingest notice nothing
check "a way that is no text" unrecorded judges 2 usage ingest notice 1.notice --via $'a\nb'

# ---- taken in: in order, again, with a gap, late ----

check "a notice is taken in" says "TAKEN IN: notice 1 of etl: TX-1 is released: Patch TX-1 (security, high)" \
	ingest notice 1.notice --via "e-mail"
check "on record" entry '.what == "notice" and .vendor == "etl" and .sequence == 1 and .event == "release" and .id == "TX-1" and
	.via == "e-mail" and .days == 0 and (.issued | fromdate) <= now'
check "with the digests of its body and of the release" [ "$(last_entry | jq -r '.digest + .release')" = \
	"$(sed '/^-----/,$d' 1.notice | sha256sum | cut -c 1-64)$(jq -r .release.digest <(sed '/^-----/,$d' 1.notice))" ]
check "kept as it was signed" cmp 1.notice site/news/etl/1.notice
check "for nobody else" [ "$(stat -c %a site/news/etl/1.notice)" = 600 ]
check "known already" unrecorded offer 0 '.files[0] | .known and .ledger == 0 and .release == "TX-1"' 1.notice
check "and said so" says "KNOWN ALREADY: notice 1 of etl" ingest notice 1.notice
check "several at once; one with a gap" offer 0 '(.files | map(.number)) == [2, 5] and .files[0].gap_from == 0 and
	.files[1].gap_from == 3 and .files[1].gap_to == 4 and .files[1].late == false' 2.notice 5.notice
check "the gap is in the status" json '.vendors[0] | .notice == 5 and .missing_notices == "3-4"' ingest status --json
check "what is late is taken in" says "TAKEN IN, late: notice 4" ingest notice 4.notice
check "one is missing" says "never arrived: notices 3. Ask" ingest status
check "a gap of one, in words" bash -c 'ingest notice 3.notice && ingest status | grep -q "last notice 5"'
check "nothing is missing" json '.vendors[0].missing_notices == ""' ingest status --json
cp -a site whole

# ---- a catalogue ----

check "a catalogue is taken in" offer 0 '.files[0] | .catalogue and .number == 2 and .releases == 5 and .known == false' 2.catalogue
check "on record" entry '.what == "catalogue" and .number == 2 and .highest_notice == 5 and .releases == 5 and
	.next_expected == "2199-01-01T00:00:00Z"'
check "known already" unrecorded offer 0 '.files[0].known' 2.catalogue
check "an older one is refused" refuses 18 catalogue.older 1.catalogue
told catalogue 2.catalogue '.next_expected = "2198-01-01T00:00:00Z"' >forked.catalogue
check "another one with that number" refuses 13 notice.forked forked.catalogue
told catalogue 2.catalogue '.number = 3 | .highest_notice = 7' >three.catalogue
check "it names notices that did not come" bash -c 'ingest notice three.catalogue && ingest status --json | jq -e ".vendors[0].missing_notices == \"6-7\""'
told catalogue 2.catalogue '.number = 1004' >jump.catalogue
check "a number that is too far" refuses 22 number.jump jump.catalogue
told catalogue 2.catalogue '.number = 4 | .releases[0].digest = .releases[1].digest' >changed.catalogue
check "a release that was told of otherwise" refuses 13 notice.forked changed.catalogue
told catalogue 2.catalogue '.number = 4 | .releases |= reverse' >order.catalogue
check "releases out of order" refuses 13 catalogue.form order.catalogue
told catalogue 2.catalogue '.number = 4 | .highest_notice = 5 | .issued = "2020-01-01T00:00:00Z" | .next_expected = "2020-02-01T00:00:00Z"' >old.catalogue
check "the next one is overdue" bash -c 'ingest notice old.catalogue && ingest status --json | jq -e ".vendors[0].catalogue_overdue"'
check "in words" says "OVERDUE: the next was expected by 2020-02-01" ingest status
rm -rf site
mv whole site
do_quietly ingest notice 2.catalogue

# ---- who is not the vendor ----

sed 's/Hamburg/Bremen/' 6.notice >altered
check "altered" refuses 13 signature.false altered
check "in whose name" entry '.claims == "etl" and .type == "notice" and .verdict == "ALTERED"'
told notice 6.notice . other/keys/notice >forged
check "forged" refuses 12 document.quorum forged
check "in whose name" entry '.claims == "etl" and .verdict == "COUNTERFEIT"'
check "what to do" expect_says 12 "Do not believe it" ingest notice forged
told notice 6.notice . etl/keys/release >role
check "signed by another role" refuses 12 document.quorum role
told notice 6.notice . etl/keys/notice release >namespace
check "signed for another purpose" refuses 13 signature.namespace namespace
told notice 6.notice '.vendor = "rhine"' etl/keys/notice >neighbour
check "one vendor in the name of another" refuses 12 document.quorum neighbour
check "in whose name" entry '.claims == "rhine"'
told notice 6.notice '.vendor = "mallory"' other/keys/notice >stranger
check "a stranger" refuses 11 sender.unknown stranger
check "in whose name" entry '.claims == "mallory"'
told notice 6.notice '.vendor = "et1"' other/keys/notice >lookalike
check "one that looks like it" refuses 11 sender.resembles lookalike
told notice 6.notice '.vendor = "etl\u202e\u0007 & sons, of a name that does not end for a long time"' other/keys/notice >strange
check "a name that a terminal must not see" refuses 11 sender.unknown strange
check "is escaped" bash -c 'ingest ledger show --sources | LC_ALL=C grep -q "etl.*xe2.*x80.*xae" && ! ingest ledger show --sources | LC_ALL=C grep -q "$(printf "\\342\\200\\256")"'
told notice 6.notice 'del(.vendor)' >nobody
check "in nobody's name" refuses 11 sender.unknown nobody
check "in nobody's name" entry 'has("claims") | not'
check "a release is no news" refuses 13 document.type TX-1/release
check "a trust chain neither" refuses 13 document.type etl.trust
told notice 6.notice '.waxseal = "notice/2"' >newer
check "of a newer format" refuses 5 format.newer newer
told notice 6.notice '.extra = 1' >extra
check "with a member that there is not" refuses 13 json.unknown extra
told notice 6.notice '.release.vendor = "rhine"' >foreign
check "of another vendor's release: there is no way to say that" refuses 13 json.unknown foreign
told notice 6.notice '.release.applies_to = [{purl: "pkg:deb/debian/x", range: "vers:deb/2|1"}]' >range
check "a range that is not sorted" refuses 13 version.range range
truncate -s 17M large
check "larger than any" unrecorded judges 13 limit ingest notice large
: >empty
check "empty" refuses 13 document.form empty
size=$(stat -c %s 6.notice)
body=$(sed '/^-----/,$d' 6.notice | wc -c)
for n in 1 10 40 $((body - 1)) "$body" $((body + 40)) $((size - 1)); do
	head -c "$n" 6.notice >cutoff
	check "cut after $n of $size bytes" refuses 13 document.form cutoff
done
{ cat 6.notice; echo more; } >longer
check "with more behind it" refuses 13 document.form longer
told notice 6.notice '.sequence = 2000' >far
check "the worst of several counts" offer 22 '(.files | map(.status)) == [13, 0, 22]' altered 1.notice far

# ---- forks, jumps ----

told notice 5.notice '.place = "Bremen"' >fork
check "another notice with that number" refuses 13 notice.forked fork
told notice 6.notice '.release.id = "TX-1"' >otherwise
check "a release that was told of otherwise" refuses 13 notice.forked otherwise
told notice 6.notice '.sequence = 1006 | .release.id = "TX-7"' >jump
check "more than 1,000 above the highest" refuses 22 number.jump jump
cp -a site before
told notice 6.notice '.sequence = 1005 | .release.id = "TX-7"' >far
check "1,000 above the highest" offer 0 '.files[0] | .gap_from == 6 and .gap_to == 1004' far
check "the gap stays, whatever comes late" bash -c 'ingest notice 6.notice && ingest status --json | jq -e ".vendors[0].missing_notices == \"7-1004\""'
rm -rf site
mv before site
told notice 6.notice '.vendor = "rhine" | .sequence = 5000' rhine/keys/notice >first
check "the first notice of a vendor may have any number" offer 0 '.files[0] | .gap_from == 1 and .gap_to == 4999' first
told notice 6.notice '.issued = "2199-01-01T00:00:00Z" | .vendor = "rhine" | .sequence = 5001' rhine/keys/notice >future
check "issued later than now" says "is this computer's clock right" ingest notice future
told notice 6.notice '.issued = "2020-01-01T00:00:00Z" | .vendor = "rhine" | .sequence = 5002' rhine/keys/notice >old
check "issued long ago" offer 0 '.files[0].days > 2000' old
check "on record" entry '.days > 2000'

# ---- what is missing ----

stages() {	# a disc; where its fit is not judged, that is no matter here
	local rc=0
	mkmedia letter --home etl "acme/$1" --code-only >code
	ingest accept "built/acme-$1-1.iso" --code code >quiet.out 2>&1 || rc=$?
	[ -d "site/stage/etl/acme-$1" ] || { cat quiet.out; return 1; }
}
missing() { json "[.missing[] | select(.release | startswith(\"etl:\"))] | $1" ingest list --missing --json; }
check "all that the catalogue has" missing 'map(.release) == ["etl:TX-1", "etl:TX-2", "etl:TX-3", "etl:TX-4", "etl:TX-5"]'
check "with what was told of them" missing '.[0] | .kind == "security" and .severity == "high" and .title == "Patch TX-1" and
	.days == 0 and .notice == 1 and .catalogue == 2'
check "what replaces what" missing 'map(.replaced_by) == ["etl:TX-3", "etl:TX-3", null, "etl:TX-5", null]'
check "and what is newer than the catalogue" bash -c 'ingest notice 6.notice >/dev/null && ingest list --missing --json |
	jq -e "[.missing[] | select(.release == \"etl:TX-6\") | .notice == 6 and (has(\"catalogue\") | not)] == [true]"'
check "consignment 1 is staged" stages 1
check "consignment 2 is staged" stages 2
check "less is missing" missing 'map(.release) == ["etl:TX-2", "etl:TX-4", "etl:TX-5", "etl:TX-6"]'
check "one of them is in what is here" missing '.[0] | .contained_in == "etl:TX-3" and .replaced_by == "etl:TX-3"'
check "in words" says "contained in etl:TX-3, which is here" ingest list --missing
check "in words" says "replaced by etl:TX-5" ingest list --missing

# ---- withdrawn, and announced again ----

withdrawal() { do_quietly mkmedia withdraw --home etl TX-6 --reason "It loses data"; do_quietly mkmedia sign --home etl 7.notice; }
withdrawal
cp etl/notices/7.notice .
check "withdrawn" says "notice 7 of etl: TX-6 was withdrawn: It loses data" ingest notice 7.notice
check "on record" entry '.event == "withdrawal" and .sequence == 7'
check "is not missing" missing 'map(.release) | index("etl:TX-6") == null'
check "it can be found" json '.releases[0] | .release == "etl:TX-6" and .withdrawn and .notice == 7' ingest find --fixes CVE-2026-9 --json
announced 8 TX-6
check "announced again" ingest notice 8.notice
check "is missing again" missing '.[3].release == "etl:TX-6" and .[3].notice == 8'
check "and not withdrawn" json '.releases[0].withdrawn == false' ingest find --fixes CVE-2026-9 --json
cp -a site asked
told notice 8.notice '.sequence = 10 | .event = "withdrawal" | .reason = "again"' >ten
told notice 8.notice '.sequence = 9' >nine
check "of two that come in the wrong order, the later one counts" bash -c 'ingest notice ten nine >/dev/null &&
	ingest find --fixes CVE-2026-9 --json | jq -e ".releases[0] | .withdrawn and .notice == 10"'
rm -rf site
mv asked site

# ---- what a notice is good for, before anybody has the release ----

cp -a site asked
do_quietly ingest system add hmi-3 --by-hand
do_quietly ingest passport set hmi-3 pkg:generic/etl/hmi 4.1.7 --read-by jon --from screen
do_quietly ingest system add bed-1 --by-hand --role test
do_quietly ingest passport set bed-1 pkg:generic/etl/hmi 4.2.0 --read-by jon --from screen
hmi='.applies_to = [{purl: "pkg:generic/etl/hmi", range: "vers:semver/>=4.0.0|<4.1.8"}] | .provides = ["pkg:generic/etl/hmi@4.1.8"]'
released TX-9 "$hmi"
do_quietly mkmedia notice --home etl TX-9
do_quietly mkmedia sign --home etl 9.notice
cp etl/notices/9.notice .
check "which systems it fits" offer 0 '.releases | length == 1 and .[0].release == "etl:TX-9" and .[0].outcome == "fits" and
	(.[0].systems | map([.system, .verdict]) | sort) == [["bed", "not-affected"], ["bed-1", "older"], ["hmi-3", "fits"]]' 9.notice
check "also of one that is known" unrecorded offer 0 '(.files | map(.known)) == [true, true] and (.releases | map(.release)) == ["etl:TX-9"]' 9.notice 9.notice
check "in words" bash -c 'ingest notice 9.notice | grep -E "hmi-3 .*4.1.7 .*fits"'
check "of a refused one nothing is said" offer 13 '.releases == []' altered
told notice 9.notice '.sequence = 10 | .event = "withdrawal" | .reason = "it does not start"' >ten
cp -a site announced
check "announced and withdrawn in one go: a person must judge" offer 0 '(.files | map(.known)) == [true, false] and (.releases | length == 1) and
	(.releases[0].systems | map(select(.system == "hmi-3"))[0].verdict == "withdrawn")' 9.notice ten
rm -rf site
mv announced site
check "withdrawn: a person must judge" offer 0 '.releases[0].systems | map(select(.system == "hmi-3"))[0].verdict == "withdrawn"' ten
check "ingest fit knows what was only told" expect_says 3 "withdrawn" ingest fit etl:TX-9
rm -rf site
mv asked site

# ---- find, compare, show ----

check "what fixes it" json '.fixes == "cve-2026-1234" and (.releases | map([.release, .stage])) ==
	[["etl:TX-1", "stage/etl/acme-1"], ["etl:TX-3", "stage/etl/acme-2"]]' ingest find --fixes cve-2026-1234 --json
check "in words" says "stage/etl/acme-2; catalogue 2; notice 3" ingest find --fixes CVE-2026-1234
check "of other vendors, too" json '.releases | map(.release) == ["etl:TX-6", "rhine:TX-6"]' ingest find --fixes CVE-2026-9 --json
check "nothing does" says "No release that is known here fixes CVE-2027-1" ingest find --fixes CVE-2027-1
check "find wants to know what" judges 2 usage ingest find
check "compare: the fact and the claim" json '.equal == 1 and .changed == 1 and .only_a == 1 and .only_b == 1 and
	.b_supersedes_a and (.a_supersedes_b | not) and (.b_incorporates_a | not)' ingest compare etl:TX-1 etl:TX-3 --json
check "in words" says "files: 1 equal, 1 changed, 1 only in etl:TX-1, 1 only in etl:TX-3" ingest compare etl:TX-1 etl:TX-3
check "in words" says "claim   etl:TX-3 supersedes etl:TX-1" ingest compare etl:TX-1 etl:TX-3
check "with itself" json '.equal == 3 and .changed + .only_a + .only_b == 0 and .a_supersedes_b == false' ingest compare etl:TX-1 etl:TX-1 --json
check "only what is here" judges 2 usage ingest compare etl:TX-1 etl:TX-2
check "the page of a notice" says "NOTICE: A RELEASE WAS WITHDRAWN" ingest show etl/notice/7
check "no line of it is wider than paper" bash -c '! ingest show etl/notice/1 | grep -E "^.{73}"'
check "as it was signed" cmp <(ingest show etl/notice/7 --json) <(sed '/^-----/,$d' 7.notice)
check "one that is not here" judges 2 usage ingest show etl/notice/9
check "of nobody" judges 2 usage ingest show nobody/notice/1
check "not a notice" judges 2 usage ingest show etl/notice/0

# ---- keys that are no longer the vendor's ----

cp -a site asked
ssh-keygen -q -t ed25519 -N '' -C notice2 -f notice2
next_trust etl ".keys |= map(if .id == \"notice\" then .key = \"$(cut -d ' ' -f 1,2 notice2.pub)\" else . end)" >2.trust
told notice 8.notice '.sequence = 9' >nine
check "its keys, while they last" bash -c 'cp -a site held && ingest notice nine --home held'
check "the trust document that follows" ingest trust update 2.trust
check "a retired key" refuses 20 key.retired nine
told notice 8.notice '.sequence = 9' notice2 >nine2
check "the new key" offer 0 '.files[0].status == 0' nine2
check "what was taken in stays" unrecorded offer 0 '.files[0].known' 8.notice
rm -rf site
mv asked site
next_trust etl ".keys |= map(if .id == \"notice\" then .key = \"$(cut -d ' ' -f 1,2 notice2.pub)\" else . end) |
	.revoked = {keys: [{key: \"$(cut -d ' ' -f 1,2 etl/keys/notice.pub)\", since: \"2020-01-01T00:00:00Z\", reason: \"stolen\"}]}" >2.trust
check "the trust document that revokes" ingest trust update 2.trust
check "a revoked key" refuses 20 key.revoked nine

# ---- who sent what ----

check "valid and invalid sources" json '(.sources | map(select(.vendor == "etl"))[0]) as $e | $e.trusted and $e.media_good == 2 and
	$e.notices_good == 9 and $e.notices_refused > 10 and ($e.via | index("e-mail") != null and index("post") != null) and
	$e.last_reason == "key.revoked" and (.sources | map(select(.vendor == "mallory"))[0] | .trusted == false and
	.notices_refused == 1 and .notices_good == 0 and (has("last_good") | not))' ingest ledger show --sources --json
check "in words" says "NOT TRUSTED" ingest ledger show --sources
mkdir -p R1/payload && echo x >R1/payload/x
new_release other R1
do_quietly mkmedia customer add --home other acme --name "ACME Power"
new_image other acme R1 strange
check "a medium of a stranger" expect_status 11 ingest accept strange.iso --code strange.code
check "is in the list" json '.sources | map(select(.vendor == "mallory"))[0].media_refused == 1' ingest ledger show --sources --json
check "only the list" judges 2 usage ingest ledger show --sources x

# ---- what is kept is what was signed ----

cp -a site asked
sed -i 's/Hamburg/Bremen/' site/news/etl/3.notice
check "a kept notice that was changed" judges 1 own.home ingest status
check "takes nothing in" judges 1 own.home ingest notice 1.notice
rm site/news/etl/3.notice
check "or is gone" judges 1 own.io ingest list --missing
rm -rf site
mv asked site
echo "not signed" >site/news/etl/9.notice
check "a file that is on no record is nothing" json '.vendors[0].notice == 8' ingest status --json
told notice 8.notice '.sequence = 9' notice2 >nine2
check "and is overwritten" bash -c 'ingest notice nine2 && cmp nine2 site/news/etl/9.notice'

# ---- the power goes off ----

if have strace && strace -o /dev/null true 2>/dev/null; then
	export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
	told notice 8.notice '.sequence = 10' notice2 >ten
	changes=openat2,mkdirat,write,fsync,renameat,unlinkat
	cp -a site asked
	strace -o trace -e trace="umask,$changes" ingest notice ten >/dev/null
	awk -F'(' '/^umask/ { on = 1; next } /^[a-z]/ { n[$1]++; if (on && ($1 !~ /^open/ || /O_CREAT/)) print $1, n[$1] }' trace >points
	killed() {	# SYSCALL N
		rm -rf site
		cp -a asked site
		{ timeout -k 5 60 strace -o trace -e trace="$1" -e inject="$1:signal=KILL:when=$2" -- ingest notice ten >said 2>&1; } 2>/dev/null || true
		expect_status 0 ingest status && expect_status 0 ingest ledger verify || return 1
		# Either it is on record and whole, or it is not; then it is taken in now, once.
		offer 0 '.files[0] | .number == 10' ten && cmp ten site/news/etl/10.notice || return 1
		[ "$(jq -c 'select(.what == "notice" and .sequence == 10)' site/ledger/entries.jsonl | wc -l)" = 1 ] || { echo "not once on record"; return 1; }
		[ -z "$(find site/news ! -name '*.notice' ! -name '*.catalogue' -type f)" ] || { echo "left behind:"; find site/news; return 1; }
	}
	while read -r call n; do
		check "killed at $call $n" killed "$call" "$n"
	done <points
	check "it was killed at all" grep -q "" points
else
	skip "strace is not installed or may not trace: nothing was killed"
fi

done_testing
