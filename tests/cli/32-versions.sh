#!/bin/bash
# What a release is for: packages and ranges of their versions.  The desk refuses what is malformed before
# anything is signed; a site refuses it from a vendor whose tools did not.
set -eu -o pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

new_vendor etl etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
mkdir -p R1/payload
echo hello >R1/payload/data.txt
do_quietly mkmedia release draft --home etl R1
sed -i 's/"FILL IN[^"]*"/"x"/' R1/release.json
cp R1/release.json draft.json

# ---- at the desk ----

# draft PURL RANGE: release.json, for that package in that range.
draft() { jq --arg p "$1" --arg r "$2" '.applies_to = [{purl: $p, range: $r}]' draft.json >R1/release.json; }
# desk REASON WHERE PURL RANGE: refused, and nothing is written.
desk() {
	draft "$3" "$4"
	expect_says 2 "release.json: $1" mkmedia release finish --home etl R1 | tee refusal &&
		grep -qF ": $2 (usage)" refusal && [ ! -e R1/release ]
}
deb=pkg:deb/debian/openssl
check "a package that is no URL" desk purl.form purl openssl 'vers:deb/<3'
check "a package of Debian without its vendor" desk purl.form purl pkg:deb/openssl 'vers:deb/<3'
check "a package with a version" desk release.form purl $deb@3.0.15-1 'vers:deb/<3'
check "no range" desk version.range range $deb '<3'
check "a scheme that is not known" desk version.scheme range $deb 'vers:npm/<3.0.0'
check "a range that is not sorted" desk version.range range $deb 'vers:deb/<3|>=1'
check "a version twice, written in two ways" desk version.range range $deb 'vers:deb/>=3.0|<0:3.0-0'
check "an interval that does not end" desk version.range range $deb 'vers:deb/>=1|>=2'
check "a version encoded twice" desk version.form range $deb 'vers:deb/<3.0.15-1%257Edeb12u1'
check "an epoch that dpkg cannot count to" desk version.form range $deb 'vers:deb/<2147483648:1'
check "a version of another scheme" desk version.form range $deb 'vers:semver/<3.0.15-1~deb12u1'

draft $deb 'vers:deb/>=3.0.11-1~deb12u1|!=3.0.14-1~deb12u2|<3.0.15-1%7Edeb12u1'
check "a range of real versions" mkmedia release finish --home etl R1
do_quietly mkmedia sign --home etl R1

# ---- at a site ----

new_image etl acme-plant7 R1 a
cp a.code a1.code
new_site site etl acme-plant7
do_quietly ingest passport set --home site bed pkg:deb/debian/openssl 3.0.13-1~deb12u1 --read-by tests --from "dpkg -l"
fresh
FORGE_CHAIN=etl.trust FORGE_KEY=etl/keys/seal FORGE_CODE=$(cat a.code)

# described REASON JQ: what a release says, signed by the vendor's own keys.
described() {
	rm -rf tree && mkdir tree && bsdtar -xf a.iso -C tree && chmod -R u+w tree
	sed '/^-----BEGIN/,$d' R1/release | jq "$2" >release.body
	forge_sign etl/keys/release release release.body >tree/RELEASES/R1/release
	rm -f volume
	forge_iso tree volume
	forge_image a.iso volume x.iso ".releases[0].digest = \"$(forge_digest release.body)\""
	refused 13 "$1" "$T/x.iso" && shows '.where | test("range|purl")'
}
check "signed: a scheme that is not known" described version.scheme '.applies_to[0].range = "vers:npm/<3.0.0"'
check "signed: a range that is not sorted" described version.range '.applies_to[0].range = "vers:deb/<3|>=1"'
check "signed: a malformed version" described version.form '.applies_to[0].range = "vers:deb/<v3"'
check "signed: a malformed package" described purl.form '.applies_to[0].purl = "openssl"'
check "signed: a package with a version" described release.form '.applies_to[0].purl += "@3"'
check "the range of real versions" accepted a.iso a.code

done_testing
