#!/bin/bash
# What sites send, at the vendor's desk: enrolment, receipt, passports; which releases the systems need, and
# the next disc, built from that.  Packages and versions are those of Debian 12 and its security updates.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly ingest init --home site plant7 --solo
do_quietly ingest trust add --home site vendor.trust --fingerprint "$(anchor_of vendor)" --customer acme-plant7
export MKMEDIA_HOME=$T/vendor INGEST_HOME=$T/site
inbox() { mkmedia inbox "$@" </dev/null; }
last_entry() { tail -n 1 "$MKMEDIA_HOME/ledger/entries.jsonl"; }
entry() { last_entry | jq -e "$1" >/dev/null || { echo "not so: $1"; last_entry; return 1; }; }
# refuses STATUS REASON FILE...: and neither ledger nor inbox change.
refuses() {
	local before kept
	before=$(entries "$MKMEDIA_HOME") kept=$(find "$MKMEDIA_HOME/inbox" 2>/dev/null | sort)
	judges "$1" "$2" inbox "${@:3}" || return 1
	[ "$(entries "$MKMEDIA_HOME")" = "$before" ] || { echo "there are new entries"; return 1; }
	[ "$(find "$MKMEDIA_HOME/inbox" 2>/dev/null | sort)" = "$kept" ] || { echo "something was kept"; return 1; }
}
# unrecorded COMMAND...: the command is good, and nothing is recorded.
unrecorded() {
	local before
	before=$(entries "$MKMEDIA_HOME")
	"$@" || return 1
	[ "$(entries "$MKMEDIA_HOME")" = "$before" ] || { echo "there are new entries"; return 1; }
}

# release ID SEQUENCE JQ: finished and signed; JQ makes it from the draft.
release() {
	mkdir -p "$1/payload"
	echo "$1" >"$1/payload/patch.deb"
	do_quietly mkmedia release draft "$1"
	jq --arg id "$1" --argjson n "$2" ".title = \$id | .product = \"etl-base\" | .sequence = \$n |
		def deb(\$p): \"pkg:deb/debian/\" + \$p;
		def below(\$p; \$v): {purl: deb(\$p), range: (\"vers:deb/<\" + \$v)};
		def brings(\$p; \$v): deb(\$p) + \"@\" + (\$v | gsub(\"\\\\+\"; \"%2B\"));
		del(.provides, .requires, .incorporates, .supersedes, .conflicts) | $3" "$1/release.json" >draft.json
	mv draft.json "$1/release.json"
	do_quietly mkmedia release finish "$1"
	do_quietly mkmedia sign "$1"
}
# for PACKAGE VERSION: a release that brings just that.
only() { echo ".applies_to = [below(\"$1\"; \"$2\")] | .provides = [brings(\"$1\"; \"$2\")]"; }

# A system: what matters of its dpkg status.
mkdir -p bed/etc bed/var/lib/dpkg
printf 'ID=debian\nVERSION_ID="12"\n' >bed/etc/os-release
installed() {	# PACKAGE VERSION...: all that is installed there
	while [ $# -gt 0 ]; do
		printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n' "$1" "$2"
		shift 2
	done >bed/var/lib/dpkg/status
}
old=(dpkg 1.21.22 openssl "3.0.11-1~deb12u2" libc6 "2.36-9+deb12u4" curl "7.88.1-10+deb12u5"
	xz-utils "5.4.1-0.2" nginx "1.22.1-9" etl-hmi 4.1.7-1 bash "5.2.15-2+b2")
installed "${old[@]}"
do_quietly ingest system add bed --root bed
do_quietly ingest system add desk --by-hand
do_quietly ingest passport scan bed
do_quietly ingest passport set desk pkg:deb/debian/etl-hmi 4.1.9-1 --read-by jon --from "Help > About"
do_quietly ingest passport customised desk etl-hmi --base 4.1.7-1

# ---- the enrolment ----

do_quietly ingest enrolment etl
enrolment=$(find site/out/etl -name '*.enrolment')
check "an enrolment is shown, and nothing is entered" unrecorded says "Next: mkmedia customer add plant7" inbox "$enrolment"
fingerprint=$(sed '/^-----BEGIN/,$d' "$enrolment" | sha256sum | cut -c 1-64)
check "with its digest" json ".files[0] | .kind == \"enrolment\" and .site == \"plant7\" and .digest == \"$fingerprint\"" \
	inbox "$enrolment" --json
sed 's/plant7/plant8/' "$enrolment" >other.enrolment
check "an enrolment that was altered" refuses 13 signature.false other.enrolment
do_quietly mkmedia customer add acme-plant7 --name "ACME Power, Plant 7" --enrolment "$enrolment" --fingerprint "$fingerprint"
do_quietly mkmedia customer add bolt --name "Bolt AG"

# ---- the first disc, and its receipt ----

release ETL-2026-0030 1 '.applies_to = [below("openssl"; "3.0.13-1~deb12u1"), below("libc6"; "2.36-9+deb12u7"),
	below("curl"; "7.88.1-10+deb12u6"), below("xz-utils"; "5.4.1-1"), below("nginx"; "1.22.1-10")] |
	.provides = [brings("openssl"; "3.0.13-1~deb12u1"), brings("libc6"; "2.36-9+deb12u7")]'
new_image vendor acme-plant7 ETL-2026-0030 one
do_quietly ingest accept one.iso --code one.code
receipt=site/out/etl/acme-plant7-1.receipt
check "a receipt" says "acme-plant7/1: GENUINE" inbox "$receipt"
check "is recorded" entry '.what == "receipt-received" and .customer == "acme-plant7" and .number == 1 and
	.verdict == "GENUINE" and .checked and .ours'
kept=$MKMEDIA_HOME/$(last_entry | jq -r .path)
check "and kept as it came" cmp "$receipt" "$kept"
check "for nobody else's eyes" test "$(stat -c '%a' "$kept")" = 600
check "the same once more" unrecorded says "known already" inbox "$receipt"
sed 's/GENUINE/REPAIRED/' "$receipt" >altered.receipt
check "a receipt that was altered" refuses 13 signature.false altered.receipt
head -c 200 "$receipt" >short.receipt
check "a receipt that was cut short" refuses 13 document.form short.receipt
# receipt_as KEY JQ: what another one might send.
receipt_as() {
	sed '/^-----BEGIN/,$d' "$receipt" | jq "$2" >x.body
	ssh-keygen -q -Y sign -f "$1" -n receipt@waxseal <x.body >x.sig 2>/dev/null
	cat x.body x.sig
}
receipt_as site/keys/site '.seal = "'"$fingerprint"'"' >stranger.receipt
check "a receipt of a seal that was not made here" says "not of a seal that was made here" inbox stranger.receipt
check "is recorded as such" entry '.ours == false'
receipt_as site/keys/site '.number = 7' >jump.receipt
check "a receipt of another number" says "not of a seal that was made here" inbox jump.receipt
receipt_as site/keys/site '.customer = "nobody"' >nobody.receipt
check "of a customer who is not entered" refuses 11 customer.unknown nobody.receipt
receipt_as site/keys/site 'del(.customer)' >nobody.receipt
check "of no customer" refuses 11 customer.unknown nobody.receipt
receipt_as site/keys/site '.vendor = "knox"' >knox.receipt
check "for another vendor" refuses 13 document.vendor knox.receipt
do_quietly ssh-keygen -q -t ed25519 -N "" -f thief
receipt_as thief . >thief.receipt
check "signed by somebody else" refuses 12 document.quorum thief.receipt
receipt_as thief '.customer = "bolt"' >bolt.receipt
check "of a customer without an enrolment" says "signature not checked: no enrolment" inbox bolt.receipt
check "is recorded as such" entry '.customer == "bolt" and .checked == false'

# ---- what there is by now ----

release ETL-2026-0031 2 "$(only openssl '3.0.14-1~deb12u2')"
release ETL-2026-0042 3 "$(only openssl '3.0.15-1~deb12u1') | .incorporates = [\"etl:ETL-2026-0031\"] |
	.applies_to[0].architectures = [\"amd64\", \"arm64\"]"
release ETL-2026-0043 4 "$(only libc6 '2.36-9+deb12u9') | .requires = [\"etl:ETL-2026-0042\"]"
release ETL-2026-0044 5 "$(only curl '7.88.1-10+deb12u8') | .applies_to[0].systems = [\"debian/12\"]"
release ETL-2026-0045 6 "$(only xz-utils '5.4.1-1')"
do_quietly mkmedia notice ETL-2026-0045
do_quietly mkmedia sign 1.notice
do_quietly mkmedia withdraw ETL-2026-0045 --reason "It does not unpack."
do_quietly mkmedia sign 2.notice
release ETL-2026-0046 7 "$(only nginx '1.22.1-10') | .applies_to[0].architectures = [\"arm64\"]"
release ETL-2026-0047 8 '.applies_to = [{purl: "pkg:deb/debian/etl-hmi", range: "vers:deb/>=4|<4.1.8"}] |
	.provides = ["pkg:deb/debian/etl-hmi@4.1.8-1"] | .customised = "judge"'
release ETL-2026-0048 9 "$(only bash '5.2.15-3')"

# ---- passports ----

send() { do_quietly ingest passport send etl --yes; cp site/out/etl/passport.age "$1"; }
# of SYSTEM ID JQ: what was said last of a release for a system.
of() { shows ".files[0].systems[] | select(.system == \"$1\") | .releases[] | select(.id == \"$2\") | $3"; }
none() { shows "[.files[].systems[].releases[] | select(.id == \"$1\")] == []"; }

send 1.age
before=$(entries vendor)
check "passports: which releases, instead of which" says \
	"acme-plant7 s1: openssl 3.0.11-1~deb12u2 -> ETL-2026-0042 (instead of ETL-2026-0031)" inbox 1.age
check "two are recorded" test "$(entries vendor)" = $((before + 2))
check "with system, digest, and when it was taken" entry '.what == "passport-received" and .customer == "acme-plant7" and
	.system == "s2" and .checked and (.taken | test("^20")) and .number == 2'
body=$(sed '/^-----BEGIN/,$d' "$MKMEDIA_HOME/$(last_entry | jq -r .path)" | sha256sum | cut -c 1-64)
check "the digest is that of what is kept" entry ".digest == \"$body\""
check "for nobody else's eyes" test "$(find vendor/inbox -type f ! -perm 600)" = ""
check "the same file once more" unrecorded says "known already" inbox 1.age
check "the consignment to build" says \
	"Next: mkmedia build ETL-2026-0030 ETL-2026-0042 ETL-2026-0043 ETL-2026-0044 ETL-2026-0047 --customer acme-plant7 -o DIR" inbox 1.age
judges 0 ok inbox 1.age >quiet.out
check "the same for programs" shows '.files[0] | .kind == "passports" and .checked and
	.build == ["ETL-2026-0030", "ETL-2026-0042", "ETL-2026-0043", "ETL-2026-0044", "ETL-2026-0047"] and ([.systems[].known] | all)'
check "what comes after others" of s1 ETL-2026-0043 '.verdict == "fits-after" and .proposed and (.why | contains("after etl:ETL-2026-0042"))'
check "what is replaced" of s1 ETL-2026-0031 '.proposed == false and .instead == "ETL-2026-0042"'
check "what is for its operating system only" of s1 ETL-2026-0044 '.verdict == "fits" and .proposed'
check "what was customised" of s2 ETL-2026-0047 '.verdict == "customised" and .proposed == false and .installed == "4.1.9-1"'
check "and what was not" of s1 ETL-2026-0047 '.verdict == "fits" and .installed == "4.1.7-1" and .needed == "vers:deb/>=4|<4.1.8"'
check "what was withdrawn is not proposed" none ETL-2026-0045
check "nor what is for other machines" none ETL-2026-0046
check "nor what the site did not show" none ETL-2026-0048

# ---- the next disc is built from it ----

mapfile -t build < <(jq -r '.files[0].build[]' said)
check "the build that is proposed" mkmedia build "${build[@]}" --customer acme-plant7 -o next --recovery 0
mkmedia letter acme-plant7/2 --code-only >2.code
check "is accepted" judges 0 ok ingest accept next/*.iso --code 2.code
check "its receipt" says "acme-plant7/2: GENUINE" inbox site/out/etl/acme-plant7-2.receipt

# It was installed, all but one; and xz-utils came from elsewhere.
installed dpkg 1.21.22 openssl "3.0.15-1~deb12u1" libc6 "2.36-9+deb12u9" curl "7.88.1-10+deb12u8" \
	xz-utils "5.4.1-1" nginx "1.22.1-9" etl-hmi 4.1.7-1 bash "5.2.15-2+b2"
do_quietly ingest passport scan bed
send 2.age
check "afterwards" says "Next: mkmedia build ETL-2026-0047 --customer acme-plant7" inbox 2.age
check "what is there and was withdrawn is said" says "s1: xz-utils 5.4.1-1 has ETL-2026-0045: it brings this version; its vendor has withdrawn it" \
	inbox 2.age
check "a passport that is older than the newest" says "s1: older than passport 2, which was here before" inbox 1.age
judges 0 ok inbox 1.age >quiet.out
check "is not asked what it needs" shows '.files[0].systems[0] | .newer == 2 and .releases == []'

# What is replaced is needed all the same where something needed comes after it; what was revoked is not.
release ETL-2026-0049 10 "$(only nginx '1.22.1-10') | .requires = [\"etl:ETL-2026-0031\"]"
installed "${old[@]}"
do_quietly ingest passport scan bed
send 3.age
check "what is replaced, but comes before something needed" json '.files[0].build ==
	["ETL-2026-0030", "ETL-2026-0031", "ETL-2026-0042", "ETL-2026-0043", "ETL-2026-0044", "ETL-2026-0047", "ETL-2026-0049"]' \
	inbox 3.age --json
next_trust vendor ".revoked = {releases: [{id: \"ETL-2026-0049\", reason: \"x\",
	digest: \"$(sed '/^-----BEGIN/,$d' ETL-2026-0049/release | sha256sum | cut -c 1-64)\"}]}" >2.trust
cp 2.trust vendor/trust/2.trust
do_quietly mkmedia sign 2.trust
check "what was revoked is not proposed" json '.files[0].build ==
	["ETL-2026-0030", "ETL-2026-0042", "ETL-2026-0043", "ETL-2026-0044", "ETL-2026-0047"]' inbox 3.age --json

# ---- several files ----

mkdir mail
cp 2.age mail/passport.age
cp "$receipt" mail/1.receipt
cp altered.receipt mail/2.receipt
cp "$enrolment" mail/
echo hello >mail/README
check "a directory: one refusal, the others are opened" judges 13 signature.false inbox mail
check "in the order of their names, and only what is something" shows \
	'[.files[] | .kind // .refused] == ["receipt", "signature.false", "passports", "enrolment"]'
mkdir empty
check "a directory with nothing in it" judges 2 usage inbox empty
check "no file" judges 2 usage inbox
check "a file that is not there" judges 1 own.io inbox nowhere.age

# ---- what is wrong with a file ----

head -c $(($(stat -c %s 2.age) - 1)) 2.age >short.age
check "cut short" refuses 13 age.altered short.age
head -c 60 2.age >head.age
check "cut in its header" refuses 13 age.form head.age
cp 2.age altered.age
printf X | dd of=altered.age bs=1 seek=$(($(stat -c %s 2.age) - 40)) conv=notrunc 2>/dev/null
check "altered" refuses 13 age.altered altered.age
echo hello >text.age
check "something else" refuses 13 document.type text.age
: >empty.age
check "an empty file" refuses 13 document.type empty.age
truncate -s 40000000 huge.age
check "40 MB" refuses 13 limit huge.age
mv vendor/keys/contact.age-identity identity
check "the identity is not there" refuses 1 own.identity 2.age
echo "AGE-SECRET-KEY-1" >vendor/keys/contact.age-identity
check "the identity is none" refuses 1 own.identity 2.age
mv identity vendor/keys/contact.age-identity
if have age age-keygen; then
	do_quietly age-keygen -o stranger.key
	contact=$(sed -n 's/^# public key: //p' vendor/keys/contact.age-identity)
	age -d -i vendor/keys/contact.age-identity 2.age >row
	age -r "$(age-keygen -y stranger.key)" <row >stranger.age
	check "for another key" refuses 15 age.key stranger.age
	# sealed: what standard input has, as a file for the vendor.
	sealed() { age -r "$contact" >x.age; }
	# passport_as KEY JQ [NAMESPACE]: the first passport of the row, changed, signed by KEY.
	passport_as() {
		sed '/^-----BEGIN/,$d' row | jq -s ".[0] | $2" >x.body
		ssh-keygen -q -Y sign -f "$1" -n "${3:-passport@waxseal}" <x.body >x.sig 2>/dev/null
		cat x.body x.sig
	}
	refuses_row() { sealed; refuses "$1" "$2" x.age; }
	passport() { passport_as "${4:-site/keys/site}" "$3" "${5:-passport@waxseal}" | refuses_row "$1" "$2"; }
	vendor_is() { echo "(.metadata.properties[] | select(.name == \"waxseal:vendor\")).value = \"$1\""; }
	customer_is() { echo "(.metadata.properties[] | select(.name == \"waxseal:customer\")).value = \"$1\""; }
	check "plain, with nothing around it" unrecorded says "known already" inbox row
	check "of another site: signed by another key" passport 12 document.quorum .version+=9 thief
	check "signed for another purpose" passport 13 signature.namespace . site/keys/site receipt@waxseal
	check "for another vendor" passport 13 document.vendor "$(vendor_is knox)"
	check "for no vendor" passport 13 document.vendor 'del(.metadata.properties)'
	check "of a customer who is not entered" passport 11 customer.unknown "$(customer_is nobody)"
	check "of a later format" passport 5 format.newer '.specVersion = "1.7"'
	check "a component without a version" passport 13 passport.version 'del(.components[0].version)'
	check "a component twice" passport 13 passport.twice '.components += [.components[0]]'
	check "a package that is none" passport 13 purl.form '.components[0].purl = "pkg:openssl"'
	check "a key that is not known" passport 13 json.unknown '.serialNumber = "x"'
	# shellcheck disable=SC2016 # jq's, not ours
	long='.components[0].description = ([range(1100)] | map("0123456789") | join("")) | .components = [range(1000) as $i |
		.components[0] | ."bom-ref" = "\($i)"]'
	check "10 MB" passport 13 limit "$long"
	check "the file is as large" test "$(stat -c %s x.age)" -gt 10000000
	cut() { head -c $(($(stat -c %s row) - 5)) row | refuses_row 13 document.form; }
	check "a row that is cut short" cut
	more() { { cat row; echo; } | refuses_row 13 document.form; }
	check "a row with something behind it" more
	twice() { { cat row; passport_as site/keys/site '.version += 1'; } | refuses_row 13 passport.form; }
	check "two passports of one system" twice
	bad_one() { { cat row; passport_as site/keys/site '.version += 1 | .metadata.component.name = "s9"' | sed 's/s9/s8/'; } |
		refuses_row 13 signature.false; }
	check "one of several is altered: none is kept" bad_one
	both() { { passport_as site/keys/site '.version += 1'; passport_as thief ".metadata.component.name = \"b1\" | $(customer_is bolt)"; } |
		refuses_row 13 passport.form; }
	check "passports of two customers" both
	passport_as thief "$(customer_is bolt)" | sealed
	check "of a customer without an enrolment" says "signature not checked: no enrolment" inbox x.age
	check "is recorded as such" entry '.what == "passport-received" and .customer == "bolt" and .checked == false'
	passport_as site/keys/site '.version = 90 | .components = []' | sealed
	check "a system of which nothing is shown" says "s1: needs nothing of what is current" inbox x.age
else
	skip "age is not installed: files that others encrypt"
fi
check "a trust document is nothing for the inbox" refuses 13 document.type vendor/trust/1.trust
check "the ledger is whole" says "whole" mkmedia ledger verify
check "without a home" judges 1 own.home mkmedia inbox 2.age --home "$T/nowhere"

done_testing
