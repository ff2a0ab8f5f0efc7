#!/bin/bash
# make demo: a vendor ships these very programs to a site, which takes them in; every step is shown.
set -eu
BIN=${BIN:-$(cd "$(dirname "$0")/.." && pwd)/build/gcc/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export MKMEDIA_HOME=$work/vendor INGEST_HOME=$work/site PATH=$BIN:$PATH
run() { printf '\n$ %s\n' "$*"; "$@"; }

echo "== The vendor, first day"
run mkmedia init --vendor etl --name "Elbe Turbine Logic" --single-person --place Hamburg --telephone "+49 40 555 0100"
run mkmedia trust export etl.trust
run mkmedia customer add acme-plant7 --name "ACME Power, Plant 7"

echo
echo "== The site, first day: the fingerprint comes by letter or telephone, never with the file"
fingerprint=$(mkmedia trust show --json | jq -r .anchor 2>/dev/null || mkmedia trust show --json | sed -n 's/.*"anchor": "\(.*\)".*/\1/p')
run ingest init plant7 --solo
run ingest trust add etl.trust --fingerprint "$fingerprint" --customer acme-plant7
run ingest system add bed-1 --by-hand --role test
run ingest passport set bed-1 pkg:generic/etl/waxseal 1.0.0 --read-by jon --from "verify --version"
run ingest passport set bed-1 pkg:generic/etl/historian 2.8 --read-by jon --from "Help, About"

echo
echo "== The vendor ships one patch"
mkdir -p ETL-2026-0042/payload
cp "$BIN/verify" "$BIN/ingest" "$BIN/mkmedia" ETL-2026-0042/payload/
run mkmedia release draft ETL-2026-0042
sed -i 's/"title": "[^"]*"/"title": "Waxseal itself"/; s/"product": "[^"]*"/"product": "waxseal"/
	s|"applies_to": \[\]|"applies_to": [{"purl": "pkg:generic/etl/waxseal", "range": "vers:semver/<1.1.0"}]|' ETL-2026-0042/release.json
run mkmedia release finish ETL-2026-0042
run mkmedia sign ETL-2026-0042
run mkmedia build ETL-2026-0042 --customer acme-plant7 -o out
run cat out/acme-plant7-1.waybill.txt

echo
echo "== Anyone with the disc in hand, and a card"
(unset INGEST_HOME; run verify out/acme-plant7-1-1.iso --trust etl.trust) || [ $? = 3 ]
cp out/acme-plant7-1-1.iso altered.iso
dd if=/dev/zero of=altered.iso bs=64k seek=15 count=10 conv=notrunc 2>/dev/null
(unset INGEST_HOME; run verify altered.iso --trust etl.trust) || [ $? = 13 ]

echo
echo "== The site takes it in; the code came by letter"
mkmedia letter acme-plant7/1 --code-only > code
printf 'X' | dd of=out/acme-plant7-1-1.iso bs=1 seek=1000000 conv=notrunc 2>/dev/null
echo "  (One byte of it went bad on the way.)"
run ingest accept out/acme-plant7-1-1.iso --code code --by maria --via "courier"
run ingest list
run ingest fit etl:ETL-2026-0042
for p in verify ingest mkmedia; do cmp "$BIN/$p" "$INGEST_HOME/stage/etl/acme-plant7-1/RELEASES/ETL-2026-0042/payload/$p"; done
echo "  The staged programs are the vendor's, byte for byte."

echo
echo "== The same disc again"
run ingest accept out/acme-plant7-1-1.iso --code code || [ $? = 18 ]

echo
echo "== A patch that is larger than a disc comes on several, in any order"
mkdir -p ETL-2026-0043/payload
head -c 8000000 /dev/urandom > ETL-2026-0043/payload/historian.img
run mkmedia release draft ETL-2026-0043
sed -i 's/"title": "[^"]*"/"title": "Historian 2.9"/; s/"product": "[^"]*"/"product": "historian"/
	s|"applies_to": \[\]|"applies_to": [{"purl": "pkg:generic/etl/historian", "range": "vers:intdot/<2.9"}]|' ETL-2026-0043/release.json
run mkmedia release finish ETL-2026-0043
run mkmedia sign ETL-2026-0043
run mkmedia build ETL-2026-0043 --customer acme-plant7 --volume-size 6000000 -o out
mkmedia letter acme-plant7/2 --code-only > code
for disc in $(printf "%s\n" out/acme-plant7-2-*.iso | sort -r); do run ingest accept "$disc" --code code || [ $? = 4 ]; done
cmp {"$INGEST_HOME/stage/etl/acme-plant7-2/RELEASES/",}ETL-2026-0043/payload/historian.img

echo
echo "== The end of the day"
run ingest status
run ingest ledger verify
