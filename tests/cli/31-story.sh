#!/bin/bash
# The whole story, with versions of OpenSSL as Debian 12 had them: the vendor announces, the site sees whom it
# concerns, a disc comes, is compared again and staged; what is installed afterwards goes back to the vendor,
# who builds the next disc from it.
# shellcheck disable=SC2016	# single quotes are for jq
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

export MKMEDIA_HOME=$T/vendor INGEST_HOME=$T/site
new_vendor vendor etl "Elbe Turbine Logic"
do_quietly ingest init plant7 --solo
do_quietly ingest trust add vendor.trust --fingerprint "$(anchor_of vendor)" --customer acme-plant7
do_quietly ingest enrolment etl
fingerprint=$(sed '/^-----BEGIN/,$d' site/out/etl/plant7.enrolment | sha256sum | cut -c 1-64)
do_quietly mkmedia customer add acme-plant7 --name "ACME Power, Plant 7" --enrolment site/out/etl/plant7.enrolment \
	--fingerprint "$fingerprint"

# release ID SEQUENCE FROM TO JQ: brings OpenSSL from one version to the other.
release() {
	mkdir -p "$1/payload"
	echo "$1" >"$1/payload/openssl.deb"
	do_quietly mkmedia release draft "$1"
	jq --arg from "$3" --arg to "$4" --argjson n "$2" '.title = "OpenSSL " + $to | .product = "etl-base" | .sequence = $n |
		.kind = "security" | .severity = "high" | .provides = ["pkg:deb/debian/openssl@" + $to] |
		.applies_to = [{purl: "pkg:deb/debian/openssl", range: ("vers:deb/" + $from + "<" + $to), systems: ["debian/12"]}] | '"$5" \
		"$1/release.json" >draft.json
	mv draft.json "$1/release.json"
	do_quietly mkmedia release finish "$1"
	do_quietly mkmedia sign "$1"
}
release ETL-2026-0042 1 "" 3.0.14-1~deb12u2 '.fixes = ["CVE-2024-4741"]'
release ETL-2026-0043 2 ">=3.0.14-1~deb12u2|" 3.0.15-1~deb12u1 '.fixes = ["CVE-2024-9143"] | .requires = ["etl:ETL-2026-0042"]'

# installs VERSION: what dpkg would leave behind on the system.
installs() {
	mkdir -p bed/etc bed/var/lib/dpkg
	printf 'ID=debian\nVERSION_ID="12"\n' >bed/etc/os-release
	printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n' "$1" >bed/var/lib/dpkg/status
	do_quietly ingest passport scan bed
}
mkdir bed
do_quietly ingest system add bed --root bed --role test
installs 3.0.11-1~deb12u2

# verdict RELEASE VERDICT: of ingest fit, for the system.
verdict() { jq -e --arg r "etl:$1" --arg v "$2" '.releases[] | select(.release == $r).systems[0].verdict == $v' said >/dev/null ||
	{ echo "$1 is not $2"; jq -c .releases said; return 1; }; }

# ---- notification ----

for n in 1 2; do
	do_quietly mkmedia notice ETL-2026-004$((n + 1)) --acquisition "by disc, consignment follows"
	do_quietly mkmedia sign $n.notice
done
do_quietly mkmedia catalogue --next-expected "$(date -u -d '+30 days' +%Y-%m-%dT00:00:00Z)"
do_quietly mkmedia sign 1.catalogue
ingest notice vendor/notices/[12].notice vendor/catalogues/1.catalogue --via mail --json >said
check "the news come by mail" shows '[.files[] | .status] == [0, 0, 0]'
check "the first fits" verdict ETL-2026-0042 fits
check "the second fits after it" verdict ETL-2026-0043 fits-after
check "both are missing here" says "ETL-2026-0043" ingest list --missing
check "who fixes what" says "etl:ETL-2026-0042" ingest find --fixes CVE-2024-4741
check "the same, asked for" expect_says 0 "after etl:ETL-2026-0042" ingest fit ETL-2026-0043

# ---- acquisition ----

# disc N RELEASE: built and taken in.
disc() {
	mkmedia build "$2" --customer acme-plant7 -o "out-$1" >/dev/null
	mkmedia letter "acme-plant7/$1" --code-only >code
	judges 0 ok ingest accept "out-$1/acme-plant7-$1-1.iso" --code code --by maria --via courier
}
check "the disc is taken in" disc 1 ETL-2026-0042
check "it was announced" shows '[.checks[] | select(.name == "notice").text] == ["etl:ETL-2026-0042 was announced by notice 1 of " + (now | strftime("%Y-%m-%d"))]'
check "it fits" shows '[.checks[] | select(.name == "fit").text] == ["etl:ETL-2026-0042 fits bed"]'
check "and lies in the stage" cmp ETL-2026-0042/payload/openssl.deb \
	site/stage/etl/acme-plant7-1/RELEASES/ETL-2026-0042/payload/openssl.deb

# ---- installation ----

check "before it is installed it fits" expect_says 0 "it is for this version" ingest fit ETL-2026-0042
installs 3.0.14-1~deb12u2
check "in effect: it is there" expect_says 21 "already there" ingest fit ETL-2026-0042
check "now the second fits" expect_says 0 "it is for this version" ingest fit ETL-2026-0043

# ---- back to the vendor, and the next disc ----

check "the passport goes to the vendor" ingest passport send etl --yes
check "the vendor opens it" mkmedia inbox site/out/etl/passport.age
next=$(mkmedia inbox site/out/etl/passport.age site/out/etl/acme-plant7-1.receipt | sed -n 's/.*Next: mkmedia build \([^ ]*\) .*/\1/p' | head -n 1)
check "what it needs next" [ "$next" = ETL-2026-0043 ]
check "the next disc is taken in, too" disc 2 "${next:-ETL-2026-0043}"
check "the ledgers are whole" bash -c 'ingest ledger verify && mkmedia ledger verify'
done_testing
