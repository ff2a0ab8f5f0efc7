#!/bin/bash
# What a vendor tells: notices, withdrawals, catalogues, CSAF advisories; how its releases relate.
# shellcheck disable=SC2016	# single quotes are for jq and bash -c
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"
export MKMEDIA_HOME=$T/home

for who in anna ben desk press vicki; do ssh-keygen -q -t ed25519 -N '' -C "$who" -f $who; done
do_quietly mkmedia init --vendor etl --name "Elbe Turbine Logic" --place Hamburg --telephone "+49 40 555 0100" \
	--role trust:1=anna.pub --role release:1=ben.pub --role seal:1=desk.pub --role notice:2=press.pub,vicki.pub
check "nothing is told before there is trust" expect_says 2 "not in force yet" mkmedia catalogue
do_quietly mkmedia sign 1.trust --as anna.pub
do_quietly mkmedia customer add acme --name "ACME Power"

# finished DIR JQ: a release whose draft was edited by a jq filter.
finished() {
	mkdir -p "$1/payload"
	echo "$1" >"$1/payload/file"
	[ -e "$1/release.json" ] || do_quietly mkmedia release draft "$1"
	jq ".product = \"Turbine X\" | .title = \"Release $1\" | $2" "$1/release.json" >edited
	mv edited "$1/release.json"
	mkmedia release finish "$1"
}
released() { do_quietly finished "$@"; do_quietly mkmedia sign "$1" --as ben.pub; }

released TX-1 '.kind = "security" | .severity = "high" | .fixes = ["CVE-2026-1234", "TX-771"] | .notes = "One\nTwo" |
	.restart = "service" | .applies_to = [{purl: "pkg:deb/etl/turbine-x", range: "vers:deb/<2.4"},
		{purl: "pkg:deb/etl/turbine-y", range: "vers:deb/>=1|<2", systems: ["debian-12"], architectures: ["amd64"]}]'

# ---- a notice ----

check "not of what there is not" expect_says 2 "no finished release" mkmedia notice TX-9
do_quietly finished TX-2 '.requires = ["etl:TX-1"]'
check "not of what is not signed" expect_says 2 "mkmedia sign TX-2" mkmedia notice TX-2
check "not of two at once" expect_says 2 "one release" mkmedia notice TX-1 TX-2
check "nothing was drafted" [ ! -e home/notices ]
echo "The port 4711 is closed." >details
printf 'bell \a\n' >bell
head -c 8193 /dev/zero | tr '\0' x >long
check "details that are no text" expect_says 2 "json." mkmedia notice TX-1 --details bell
check "details that are too long" expect_says 2 "limit" mkmedia notice TX-1 --details long
check "details that are not there" fails mkmedia notice TX-1 --details nowhere
check "a text over two lines" expect_says 2 "--acquisition" mkmedia notice TX-1 --acquisition $'by\ndisc'
check "a notice is drafted" says "It needs 2 of: press, vicki" mkmedia notice TX-1 --acquisition "by disc, consignment follows" \
	--details details --if-not-applied "The debug port stays open"
check "it is JSON with all that a site wants" json '.waxseal == "notice/1" and .vendor == "etl" and .sequence == 1
	and .place == "Hamburg" and .event == "release" and .release.id == "TX-1" and .release.product == "Turbine X"
	and .release.severity == "high" and .release.kind == "security" and .release.restart == "service"
	and .release.fixes == ["CVE-2026-1234", "TX-771"] and .release.applies_to[1].systems == ["debian-12"]
	and .notes == "One\nTwo" and .acquisition == "by disc, consignment follows" and .if_not_applied == "The debug port stays open"
	and .details == "The port 4711 is closed."' cat home/notices/1.notice
check "it names the release as it was signed" [ "$(jq -r .release.digest home/notices/1.notice)" = \
	"$(sed '/^-----/,$d' TX-1/release | sha256sum | cut -c 1-64)" ]
check "on paper" grep -qx "To get it     by disc, consignment follows" home/notices/1.txt
check "no line of it is wider than paper" bash -c '! grep -E "^.{73}" home/notices/1.txt'
check "status waits for it" json '.notices == 0 and (.waiting | map(.document) | index("1.notice")) != null' mkmedia status --json
check "a second one waits for the first" expect_says 2 "--replace" mkmedia notice TX-1
check "unless it takes its place" says "drafted" mkmedia notice TX-1 --replace --acquisition "by disc" --details details
check "the release role does not sign notices" expect_says 2 "no key of the notice role" mkmedia sign 1.notice --as ben.pub
check "the first signature" says "1 of 2 signatures.  Waited for: vicki" mkmedia sign 1.notice --as press.pub
check "is not enough to be told" json '.notices == []' mkmedia notice --list --json
cp home/notices/1.notice copy
check "the second one is made on a copy" says "1.notice: 2 of 2: complete" mkmedia sign copy --as vicki.pub
check "which came home" cmp copy home/notices/1.notice
check "on record" json '.notices[0].sequence == 1 and .notices[0].release == "TX-1" and .notices[0].event == "release"
	and .waiting == false' mkmedia notice --list --json
check "once" bash -c 'mkmedia sign 1.notice && [ "$(mkmedia ledger show --json | grep -c notice-signed)" = 1 ]'
check "further signatures would change what is on discs" expect_says 2 "change nothing" mkmedia sign 1.notice --as press.pub
sed 's/Hamburg/Bremen/' home/notices/1.notice | sed '/^-----/,$d' >other
check "a notice from nowhere is not signed" expect_says 2 "as it was drafted in this home" mkmedia sign other --as press.pub
sed -i 's/by disc/by mail/' copy
check "nor one that somebody changed" expect_says 2 "signature.false" mkmedia sign copy --as press.pub
check "what was announced does not change" expect_says 2 "was announced" finished TX-1 '.severity = "low"'
mkmedia trust export etl.trust >/dev/null
anchor=$(anchor_of home)
check "verify knows it" says "notice 1" verify home/notices/1.notice --trust etl.trust
check "and not by another's trust" fails verify home/notices/1.notice --fingerprint "$(tr 0-9 1-90 <<<"$anchor")"
check "verify knows a changed one" expect_status 13 verify copy --trust etl.trust

# ---- the same with old tools ----

mkmedia trust export --allowed-signers allowed >/dev/null
mkdir parts
csplit -s -z -f parts/ home/notices/1.notice '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'
check "ssh-keygen verifies it" ssh-keygen -Y verify -f allowed -I press -n notice@waxseal -s parts/01 <parts/00
check "but not as a catalogue" fails ssh-keygen -Y verify -f allowed -I press -n catalogue@waxseal -s parts/01 <parts/00

# ---- withdrawn, and announced again ----

sign_news() { mkmedia sign "$1" --as press.pub && mkmedia sign "$1" --as vicki.pub; }
do_quietly mkmedia sign TX-2 --as ben.pub
check "what nobody knows is not withdrawn" expect_says 2 "nobody knows" mkmedia withdraw TX-2 --reason "loses data"
check "nor without a reason" expect_says 2 "--reason" mkmedia withdraw TX-1
check "nor what there is not" expect_says 2 "no finished release" mkmedia withdraw TX-9 --reason r
check "withdraw" says "2.notice drafted" mkmedia withdraw TX-1 --reason "The service does not start on machines with one core"
check "says so" json '.event == "withdrawal" and (.reason | startswith("The service")) and .sequence == 2
	and .release.id == "TX-1"' cat home/notices/2.notice
check "in large letters" grep -qx "NOTICE: A RELEASE WAS WITHDRAWN" home/notices/2.txt
check "signed" sign_news 2.notice
check "on record" json '.notices[1].event == "withdrawal"' mkmedia notice --list --json
check "not twice" expect_says 2 "withdrawn already" mkmedia withdraw TX-1 --reason again

# ---- a catalogue ----

check "a time that was" expect_says 2 "a time to come" mkmedia catalogue --next-expected 2020-01-01T00:00:00Z
check "a time that is none" expect_says 2 "a time to come" mkmedia catalogue --next-expected tomorrow
check "it lists everything" expect_says 2 "no argument" mkmedia catalogue TX-1
check "a catalogue is drafted" says "1.catalogue drafted" mkmedia catalogue --next-expected 2199-01-01T00:00:00+01:00
check "without what is withdrawn" json '.number == 1 and .highest_notice == 2 and (.releases | map(.id)) == ["TX-2"]
	and .releases[0].requires == ["etl:TX-1"] and (.releases[0] | has("fixes") | not) and .releases[0].sequence == 1' \
	cat home/catalogues/1.catalogue
check "announced again" bash -c 'mkmedia notice TX-1 --acquisition "by disc" >/dev/null && mkmedia sign 3.notice --as press.pub >/dev/null &&
	mkmedia sign 3.notice --as vicki.pub'
check "a catalogue that is older than the news is not signed" expect_says 2 "newer notices" mkmedia sign 1.catalogue --as press.pub
check "a second draft takes its place only when that is said" expect_says 2 "--replace" mkmedia catalogue
check "and has what is current again" bash -c 'mkmedia catalogue --replace --next-expected 2199-01-01T00:00:00+01:00 >/dev/null &&
	jq -e ".highest_notice == 3 and (.releases | map(.id)) == [\"TX-1\", \"TX-2\"]" home/catalogues/1.catalogue'
check "signed by the notice role" sign_news 1.catalogue
check "status tells" json '.catalogue == 1 and .notices == 3 and .next_expected == "2199-01-01T00:00:00+01:00" and .waiting == []' \
	mkmedia status --json
check "on paper" grep -qx "The next by   2199-01-01 00:00 +01:00" home/catalogues/1.txt
check "what is in a catalogue does not change" expect_says 2 "was announced" finished TX-2 .
check "verify knows it" says "catalogue 1" verify home/catalogues/1.catalogue --trust etl.trust
csplit -s -z -f parts/c home/catalogues/1.catalogue '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'
check "ssh-keygen verifies it" ssh-keygen -Y verify -f allowed -I vicki -n catalogue@waxseal -s parts/c02 <parts/c00
check "the next one has the next number" bash -c 'mkmedia catalogue >/dev/null && jq -e ".number == 2 and (has(\"next_expected\") | not)" home/catalogues/2.catalogue'
check "the older one is recorded under its number only" expect_says 2 "as it was drafted" bash -c \
	'sed "/^-----/,\$d" home/catalogues/1.catalogue | jq ".number = 2" >two && mkmedia sign two --as press.pub'

# A draft is older than its release.
do_quietly finished TX-3 .
do_quietly mkmedia sign TX-3 --as ben.pub
do_quietly mkmedia notice TX-3
do_quietly finished TX-3 '.severity = "low"'
check "a draft of what was finished again is not signed" expect_says 2 "release.digest" mkmedia sign 4.notice --as press.pub
do_quietly mkmedia sign TX-3 --as ben.pub
check "but drafted again" bash -c 'mkmedia notice TX-3 --replace && mkmedia sign 4.notice --as press.pub && mkmedia sign 4.notice --as vicki.pub'

# ---- what is gone from where it lay can still be told ----

mv TX-1 elsewhere
check "a release whose directory is gone" bash -c 'mkmedia withdraw TX-1 --reason "see notice 2" && mkmedia catalogue --replace'
digest_told() { sed '/^-----/,$d' "$1" | jq -r .release.digest; }
check "is told as it was" [ "$(digest_told home/notices/5.notice)" = "$(digest_told home/notices/1.notice)" ]
sign_news 5.notice >/dev/null
mv elsewhere TX-1

# ---- the ledger ----

check "entries" json -s 'map(select(.what == "notice-signed") | [.sequence, .event, .id]) ==
	[[1, "release", "TX-1"], [2, "withdrawal", "TX-1"], [3, "release", "TX-1"], [4, "release", "TX-3"], [5, "withdrawal", "TX-1"]]' \
	mkmedia ledger show --json
check "of the catalogue, too" json -s 'map(select(.what == "catalogue-signed") | [.number, .highest_notice, .releases]) == [[1, 3, 2]]' \
	mkmedia ledger show --json

# ---- relations ----

circle() { expect_says 2 "$1" finished "$2" "$3"; }
check "of oneself" circle "etl:TX-4 -> etl:TX-4" TX-4 '.requires = ["etl:TX-4"]'
check "with the reason code" circle "release.relations" TX-4 '.supersedes = ["etl:TX-4"] | .requires = []'
check "to one that there is not" circle "requires: etl:TX-99 was never finished here" TX-4 '.requires = ["etl:TX-99"] | .supersedes = []'
check "whatever the relation" circle "conflicts: etl:TX-99" TX-4 '.requires = [] | .conflicts = ["etl:TX-99"]'
check "what is no name" circle "release.form" TX-4 '.conflicts = ["TX-99"]'
check "other vendors are not known here" finished TX-4 '.conflicts = ["other:1"] | .requires = ["other:2"]'
check "one that requires it" finished TX-5 '.incorporates = ["etl:TX-4"]'
check "one that requires that" finished TX-6 '.requires = ["etl:TX-5"]'
check "a circle of three" circle "etl:TX-4 -> etl:TX-6 -> etl:TX-5 -> etl:TX-4" TX-4 '.supersedes = ["etl:TX-6"]'
check "was not recorded" json '[.releases[] | select(.id == "TX-4")][0].state == "finished"' mkmedia release list --json
check "that two exclude each other is no circle" finished TX-4 '.supersedes = [] | .conflicts = ["etl:TX-6"]'

# ---- CSAF ----

advisory=home/notices/tx-1.json
check "only for security" [ ! -e home/notices/tx-3.json ]
check "an advisory has a revision for each notice" json '.document.tracking.version == "4" and .document.tracking.id == "TX-1"
	and (.document.tracking.revision_history | map(.number)) == ["1", "2", "3", "4"]' cat $advisory
cp $advisory withdrawn.json
do_quietly mkmedia notice TX-1 --acquisition "by disc" --if-not-applied "The port stays open" --details details
do_quietly mkmedia sign 6.notice --as press.pub
check "an advisory is written when the notice is signed" cmp $advisory withdrawn.json
do_quietly mkmedia sign 6.notice --as vicki.pub
check "then it is" json '.document.tracking.version == "5" and .vulnerabilities[0].cve == "CVE-2026-1234"
	and .vulnerabilities[0].remediations[0].category == "vendor_fix" and .vulnerabilities[1].ids[0].text == "TX-771"' cat $advisory
released Odd.Name_--x '.kind = "security" | .fixes = ["CVE-2026-1234", "CVE-2026-1234", "not a CVE"]'
do_quietly mkmedia notice Odd.Name_--x
do_quietly sign_news 7.notice
released Least '.kind = "security" | .fixes = []'
do_quietly mkmedia notice Least
do_quietly sign_news 8.notice
if validator=$("$top/tests/csaf/prepare.sh" 2>&1); then
	for file in $advisory withdrawn.json home/notices/odd_name_--x.json home/notices/least.json; do
		check "$file passes all mandatory tests of CSAF 2.0" says "45 of 45 tests" node "$validator" "$file"
	done
	jq 'del(.vulnerabilities[0].product_status)' $advisory >bad.json
	check "which do refuse something" fails node "$validator" bad.json
else
	skip "the CSAF validator could not be had: $validator"
fi

# ---- on a medium ----

new_image home acme TX-1 a1 --as desk.pub
mkdir -p first && bsdtar -xf a1.iso -C first
check "an image has the notices as they were signed" bash -c 'for n in 1 2 3 4 5 6 7 8; do cmp home/notices/$n.notice first/NOTICES/$n.notice || exit 1; done'
check "and no others" [ "$(find first/NOTICES -type f | wc -l)" = 8 ]
check "and the catalogue that was signed" cmp home/catalogues/1.catalogue first/CATALOGUE.catalogue
mkmedia trust export home.trust >/dev/null
new_site site home acme
do_quietly ingest passport set --home site bed pkg:deb/etl/turbine-x 2.3 --read-by tests --from "its label"
check "verify says so" says "notices 1 to 8, catalogue 1" bash -c 'verify a1.iso --home site --code a1.code'
site=$T/site
check "it is accepted" accepted "$T/a1.iso" "$T/a1.code"
check "for programs, too" shows '.notices == [range(1; 9)] and .catalogue == 1'
stage=$site/$(jq -r .stage said)
check "the notices are staged" diff -r first/NOTICES "$stage/NOTICES"
check "the catalogue, too" cmp first/CATALOGUE.catalogue "$stage/CATALOGUE.catalogue"
check "for nobody to change" [ -z "$(find "$stage" -type f -perm /222 ! -name seal ! -name trust.chain)" ]

do_quietly mkmedia notice TX-2
do_quietly sign_news 9.notice
check "a volume is made again as it was, whatever was told since" bash -c \
	'mkmedia remake acme/1 -o again && cmp again/acme-1-1.iso a1.iso'

# By somebody who has the shipping desk's key.
export FORGE_CHAIN=etl.trust FORGE_KEY=desk
FORGE_CODE=$(cat a1.code)
tree() { rm -rf tree && mkdir tree && bsdtar -xf a1.iso -C tree && chmod -R u+w tree; }
# caught NAME STATUS REASON: what is in tree now, sealed.
caught() {
	rm -f volume x.iso
	forge_iso tree volume && forge_image a1.iso volume x.iso
	check "$1" judges "$2" "$3" verify x.iso --trust etl.trust --code a1.code
	tree
}
body() { sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$1"; }
# told NAMESPACE: the body on standard input, signed by both.
told() {
	cat >new
	cat new
	for key in press vicki; do ssh-keygen -q -Y sign -f $key -n "$1@waxseal" <new 2>/dev/null; done
}
tree
caught "nothing was changed" 3 unchecked
told notice < <(body first/NOTICES/1.notice) >tree/NOTICES/1.notice
caught "signed once more" 3 unchecked
rm -r tree/NOTICES tree/CATALOGUE.catalogue
caught "news are not needed" 3 unchecked
rm tree/NOTICES/*
caught "an empty directory" 13 contents.extra
body first/NOTICES/8.notice >eight
forge_sign press notice eight >tree/NOTICES/8.notice
caught "a notice that one of two signed" 13 contents.notice
check "which is named, and none is believed" shows '.notices == [] and (.where | startswith("NOTICES/8.notice: too few of") and contains("1 of 2"))'
body first/NOTICES/8.notice >tree/NOTICES/8.notice
caught "a notice that nobody signed" 13 contents.notice
sed -i 's/Hamburg/Bremen_/' tree/NOTICES/3.notice
caught "a notice that somebody changed" 13 contents.notice
told release < <(body first/NOTICES/8.notice) >tree/NOTICES/8.notice
caught "signed for another purpose" 13 contents.notice
told notice < <(body first/NOTICES/8.notice | jq '.rumour = true') >tree/NOTICES/8.notice
caught "signed, but malformed" 13 contents.notice
check "which says what is wrong" shows '.where | contains("NOTICES/8.notice") and contains("rumour")'
told notice < <(body first/NOTICES/8.notice | jq '.vendor = "other"') >tree/NOTICES/8.notice
caught "signed, but another vendor's" 13 contents.notice
told notice < <(body first/NOTICES/8.notice | jq '.waxseal = "notice/2"') >tree/NOTICES/8.notice
caught "a notice of tomorrow" 5 format.newer
mv tree/NOTICES/8.notice tree/NOTICES/9.notice
caught "a notice under another number" 13 contents.notice
cp tree/NOTICES/8.notice tree/NOTICES/08.notice
caught "a number that begins with a zero" 13 contents.extra
cp tree/NOTICES/8.notice tree/NOTICES/8.txt
caught "another file beside them" 13 contents.extra
mkdir tree/NOTICES/1
cp tree/NOTICES/8.notice tree/NOTICES/1/8.notice
caught "a directory among them" 13 contents.extra
for n in {9..20}; do told notice < <(body first/NOTICES/8.notice | jq ".sequence = $n") >"tree/NOTICES/$n.notice"; done
caught "twenty notices" 3 unchecked
for n in {9..21}; do told notice < <(body first/NOTICES/8.notice | jq ".sequence = $n") >"tree/NOTICES/$n.notice"; done
caught "one more" 13 contents.extra
{ head -c $((256 << 10)) /dev/zero | tr '\0' ' '; echo x; } >tree/NOTICES/8.notice
caught "a notice that is too large" 13 limit
body first/CATALOGUE.catalogue >tree/CATALOGUE.catalogue
caught "a catalogue that nobody signed" 13 contents.catalogue
told notice < <(body first/CATALOGUE.catalogue) >tree/CATALOGUE.catalogue
caught "a catalogue signed as a notice" 13 contents.catalogue
told catalogue < <(body first/CATALOGUE.catalogue | jq '.releases |= reverse') >tree/CATALOGUE.catalogue
caught "a catalogue out of order" 13 contents.catalogue
cp tree/CATALOGUE.catalogue tree/NOTICES/CATALOGUE.catalogue
caught "a catalogue among the notices" 13 contents.extra
mkdir tree/none && mv tree/CATALOGUE.catalogue tree/none/
caught "a catalogue elsewhere" 13 contents.extra

# ---- keys of the notice role that are no longer ----

ssh-keygen -q -t ed25519 -N '' -C nora -f nora
{ next_trust home ".issued = (now | todate) | .keys |= map(if .id == \"vicki\" then
	{id: \"nora\", holder: \"nora\", key: \"$(cut -d ' ' -f 1,2 nora.pub)\"} else . end) |
	.roles.notice.keys |= map(if . == \"vicki\" then \"nora\" else . end)" anna; } >2.trust
do_quietly mkmedia sign 2.trust
mkmedia trust export etl.trust >/dev/null
check "who knows of it does not take what they signed" judges 20 key.retired verify a1.iso --trust etl.trust --code a1.code
new_image home acme TX-2 a2 --as desk.pub
check "nor is it put on a disc" judges 3 unchecked verify a2.iso --trust etl.trust --code a2.code
check "any more" shows '.notices == [] and (has("catalogue") | not)'
check "but made again as it was" bash -c 'mkmedia remake acme/1 -o again2 && cmp again2/acme-1-1.iso a1.iso'
do_quietly mkmedia withdraw TX-1 --reason "see notice 2"
do_quietly mkmedia sign 10.notice --as press.pub
check "the key that came for it signs" says "2 of 2: complete" mkmedia sign 10.notice --as nora.pub
new_image home acme TX-2 a3 --as desk.pub
check "what it signed is on the disc" judges 3 unchecked verify a3.iso --trust etl.trust --code a3.code
check "alone" shows '.notices == [10]'

# ---- a single person, many notices, several discs ----

new_vendor alone solo "Solo Shop"
do_quietly mkmedia customer add --home alone bolt --name Bolt
mkdir -p S1/payload && head -c 9000000 /dev/urandom >S1/payload/x
new_release alone S1
check "needs no --as" bash -c 'mkmedia notice S1 --home alone && mkmedia sign 1.notice --home alone &&
	mkmedia catalogue --home alone && mkmedia sign 1.catalogue --home alone | grep -q "1 of 1: complete"'
check "both are on record" json '.notices == 1 and .catalogue == 1' mkmedia status --home alone --json

for n in {2..22}; do
	do_quietly mkmedia notice S1 --home alone
	do_quietly mkmedia sign "$n.notice" --home alone
done
rm -rf built
do_quietly mkmedia build S1 --home alone --customer bolt -o built --volume-size 6000000 --recovery 0
mkmedia letter --home alone bolt/1 --code-only >bolt.code
do_quietly mkmedia trust export --home alone alone.trust
new_site joined alone bolt
check "a set of two" [ "$(find built -name '*.iso' | wc -l)" = 2 ]
check "its first disc has the last twenty" judges 4 set.incomplete ingest accept built/bolt-1-1.iso --home joined --code bolt.code
check "which is said" shows '.notices == [range(3; 23)] and .catalogue == 1'
check "its second one, too" judges 0 ok ingest accept built/bolt-1-2.iso --home joined --code bolt.code
check "once they are joined, they are there" bash -c 'd=joined/$(jq -r .stage said) && [ "$(find $d/NOTICES -type f | wc -l)" = 20 ] &&
	cmp $d/NOTICES/22.notice alone/notices/22.notice && cmp $d/CATALOGUE.catalogue alone/catalogues/1.catalogue'

done_testing
