#!/bin/bash
# Sets at the site: volumes in any order, one after the other, damaged, of another set, dropped,
# joined, and nothing staged before all are there.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

# ---- a vendor, a release that does not fit, the same number sealed twice ----

new_vendor desk etl "Elbe Turbine Logic"
do_quietly mkmedia customer add acme-plant7 --name "ACME Power, Plant 7" --home desk
mkdir -p big/payload/sub/deep
head -c 21000000 /dev/urandom >big/payload/image.bin
head -c 9000000 /dev/urandom >big/payload/sub/tool
chmod +x big/payload/sub/tool
printf '#!/bin/sh\n' >big/payload/sub/run.sh
chmod +x big/payload/sub/run.sh
seq 1 20000 >big/payload/sub/deep/numbers.txt
: >big/payload/zzz-empty
new_release desk big
cp -a desk other
do_quietly mkmedia build --home desk big --customer acme-plant7 -o a --volume-size 12000000 --recovery 0
do_quietly mkmedia build --home other big --customer acme-plant7 -o b --volume-size 18000000 --recovery 0
mkmedia letter --home desk acme-plant7/1 --code-only >a.code
mkmedia letter --home other acme-plant7/1 --code-only >b.code
new_site site desk acme-plant7
vol() { echo "$T/a/acme-plant7-1-$1.iso"; }
volumes=$(find a -name '*.iso' | wc -l)
check "a set of at least three" [ "$volumes" -ge 3 ]

# keeps N MISSING: ingest accept takes volume N in, and MISSING are still to come.
keeps() {
	local before
	before=$(entries "$site")
	judges 4 set.incomplete ingest accept "$(vol "$1")" --home "$site" --code a.code || return 1
	shows ".missing == \"$2\" and .stage == \"\"" || return 1
	[ "$(entries "$site")" = $((before + 1)) ] || { echo "not one more entry"; return 1; }
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e --argjson v "$1" '.what == "waiting" and .volume == $v' >/dev/null
}
# last_entry JQ: what is true of the newest entry of the ledger.
last_entry() { tail -n 1 "$site/ledger/entries.jsonl" | jq -e "$1"; }
nothing_staged() { [ ! -d "$site/stage" ] || [ -z "$(find "$site/stage" -mindepth 2)" ]; }
# all_but N: the numbers of the other volumes, "1, 3"
all_but() { seq 1 "$volumes" | grep -vxF -e "$1" -e "${2:-x}" | paste -sd, | sed 's/,/, /g'; }

# ---- one disc of them ----

fresh
check "verify: one disc of a set is incomplete" judges 4 set.incomplete verify "$(vol 2)" --home "$site" --code a.code
check "and all checks of it were made" shows '.not_checked == [] and .consignment.volume == 2'
check "and it says which are not here" shows ".where | endswith(\"not here: $(all_but 2)\")"
check "verify: without the code it is incomplete, and the code is not checked" \
	judges 4 set.incomplete verify "$(vol 2)" --home "$site"
check "and that is said" shows '.not_checked == ["code"]'
check "accept without the code keeps nothing" judges 3 unchecked ingest accept "$(vol 2)" --home "$site"
check "with the code of another set neither" judges 16 code.wrong ingest accept "$(vol 2)" --home "$site" --code b.code

# ---- in any order ----

fresh
check "the second disc first" keeps 2 "$(all_but 2)"
check "nothing is staged" nothing_staged
sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$site/out/etl/acme-plant7-1-incomplete.receipt" >receipt.json
check "what is missing is in a receipt for the vendor" jq -e '.status == 4 and .missing == "'"$(all_but 2)"'" and
	.releases[0].status == "waiting"' receipt.json
check "which is a genuine document" json '.checks[0].name == "receipt" and .checks[0].state == "ok"' \
	verify "$site/out/etl/acme-plant7-1-incomplete.receipt" --home "$site" --json
check "status names the set" says "waiting   acme-plant7 no. 1, $volumes discs; not here: $(all_but 2)" ingest status --home "$site"
check "status, for programs" json '.waiting == [{vendor: "etl", customer: "acme-plant7", number: 1, volumes: '"$volumes"', missing: "'"$(all_but 2)"'"}]' \
	ingest status --home "$site" --json
again() {
	local before
	before=$(entries "$site")
	judges 4 set.incomplete ingest accept "$(vol 2)" --home "$site" --code a.code &&
		shows '.where | startswith("disc 2 of '"$volumes"' is here already")' && [ "$(entries "$site")" = "$before" ]
}
check "the same disc again is told at once" again
few_bytes() { shows '.bytes_read < 2000000'; }
check "and is not read again" few_bytes
check "another set with this number" judges 4 set.other ingest accept "$T/b/acme-plant7-1-1.iso" --home "$site" --code b.code
check "verify says so, too" judges 4 set.other verify "$T/b/acme-plant7-1-1.iso" --home "$site" --code b.code
in_order() {
	local v
	for v in $(seq "$volumes" -1 1); do
		[ "$v" != 2 ] || continue
		[ "$v" = 1 ] || ingest accept "$(vol "$v")" --home "$site" --code a.code >out.txt || [ $? = 4 ] || return 1
	done
	judges 0 ok ingest accept "$(vol 1)" --home "$site" --code a.code
}
check "the last one completes it" in_order
stage=$site/stage/etl/acme-plant7-1
check "what is staged is what was sealed" diff -r big/payload "$stage/RELEASES/big/payload"
sums() { (cd "$stage/RELEASES/big/payload" && sha256sum -c --quiet ../SHA256SUMS); }
check "sha256sum finds the same" sums
modes() { (cd "$1" && find . -type f -perm -100 | sort) }
check "cut files are executable again" [ "$(modes "$stage/RELEASES/big/payload")" = "$(modes big/payload)" ]
check "nobody may write there" [ -z "$(find "$stage" -type f -perm /222)" ]
check "the seals of all discs are kept" [ "$(find "$stage" -maxdepth 1 -name 'seal*' | wc -l)" = "$volumes" ]
check "nothing waits any more" [ ! -e "$site/waiting/etl/acme-plant7-1" ]
check "and no file has a second name" [ -z "$(find "$stage" -type f -links +1)" ]
check "one consignment was accepted" json '.consignments | length == 1 and .[0].files == 5' ingest list --home "$site" --json
for v in 1 2 "$volumes"; do
	check "disc $v once more is a replay" judges 18 number.used ingest accept "$(vol "$v")" --home "$site" --code a.code
done
check "and so is the other set" judges 18 number.used ingest accept "$T/b/acme-plant7-1-1.iso" --home "$site" --code b.code

# ---- at a terminal ----

fresh
typed=$(for v in $(seq 2 "$volumes"); do vol "$v"; done)
at_terminal() {
	printf '%s\n' "$typed" | script -qec "ingest accept '$(vol 1)' --home '$site' --code a.code" /dev/null >out.txt
	tr -d '\r' <out.txt | grep -q "Insert another disc" && [ -f "$site/stage/etl/acme-plant7-1/seal" ]
}
check "at a terminal the next disc is asked for" at_terminal
fresh
stop() {
	printf 'q\n' | script -qec "ingest accept '$(vol 1)' --home '$site' --code a.code" /dev/null >out.txt || [ $? = 4 ] || return 1
	tr -d '\r' <out.txt | grep -q "INCOMPLETE" && nothing_staged
}
check "q stops, and the disc stays" stop
check "the next run goes on" keeps 3 "$(all_but 1 3)"

# ---- drop ----

check "drop: another consignment" expect_says 2 "nothing waits of acme-plant7/2" ingest drop acme-plant7/2 --home "$site"
check "drop" says "Dropped 2 discs of acme-plant7/1" ingest drop acme-plant7/1 --reason "the other set came" --home "$site"
check "it is on record" last_entry '.what == "dropped" and .dropped == 2 and .reason == "the other set came"'
check "twice: nothing to drop" expect_status 2 ingest drop acme-plant7/1 --home "$site"
other_set() {
	local v n
	n=$(find b -name '*.iso' | wc -l)
	for v in $(seq 1 $((n - 1))); do
		expect_status 4 ingest accept "b/acme-plant7-1-$v.iso" --home "$site" --code b.code >/dev/null || return 1
	done
	judges 0 ok ingest accept "b/acme-plant7-1-$n.iso" --home "$site" --code b.code &&
		diff -r big/payload "$site/stage/etl/acme-plant7-1/RELEASES/big/payload"
}
check "then the other set is taken" other_set

# ---- damaged: a second copy fills the holes ----

fresh
hole() { dd if=/dev/zero of="$1" bs=65536 seek="$2" count="$3" conv=notrunc status=none; }
cp "$(vol 1)" torn-1.iso
cp "$(vol 1)" torn-2.iso
hole torn-1.iso 60 3
hole torn-2.iso 20 2
hole torn-2.iso 100 5
check "a copy with holes" judges 13 block.differs ingest accept torn-1.iso --home "$site" --code a.code
check "its good blocks are kept" shows '.blocks.kept > 100 and .blocks.kept == .blocks.good'
check "it is recorded" last_entry '.what == "refused" and .kept > 100'
check "verify keeps nothing, and mends nothing" judges 13 block.differs verify torn-2.iso --home "$site" --code a.code
check "another copy with other holes is whole" judges 4 set.incomplete ingest accept torn-2.iso --home "$site" --code a.code
check "seven blocks came from the first" shows '.blocks.mended == 7 and .blocks.good == (.blocks.good + .blocks.differ)'
mended() {
	local v
	for v in $(seq 2 $((volumes - 1))); do
		expect_status 4 ingest accept "$(vol "$v")" --home "$site" --code a.code >/dev/null || return 1
	done
	judges 0 ok ingest accept "$(vol "$volumes")" --home "$site" --code a.code &&
		diff -r big/payload "$site/stage/etl/acme-plant7-1/RELEASES/big/payload"
}
check "and the whole is right" mended
fresh
check "holes at the same place" judges 13 block.differs ingest accept torn-1.iso --home "$site" --code a.code
check "stay holes" judges 13 block.differs ingest accept torn-1.iso --home "$site" --code a.code
check "but the third copy fills them" judges 4 set.incomplete ingest accept torn-2.iso --home "$site" --code a.code
fresh
check "kept blocks may be spoiled" judges 13 block.differs ingest accept torn-1.iso --home "$site" --code a.code
head -c 8000000 /dev/urandom | dd of="$site/waiting/etl/acme-plant7-1/1.blocks" conv=notrunc status=none
check "then they mend nothing" judges 13 block.differs ingest accept torn-2.iso --home "$site" --code a.code
check "drop removes them, too" says "Dropped 0 discs" ingest drop acme-plant7/1 --home "$site"
check "and all of it" [ ! -e "$site/waiting/etl/acme-plant7-1" ]

# ---- a single disc, mended ----

mkdir -p small/payload
head -c 3000000 /dev/urandom >small/payload/x
new_release desk small
new_image desk acme-plant7 small single
fresh
cp single.iso torn-3.iso
hole torn-3.iso 10 2
cp single.iso torn-4.iso
hole torn-4.iso 30 1
check "one disc with a hole" judges 13 block.differs ingest accept torn-3.iso --home "$site" --code single.code
check "and its second copy" judges 0 ok ingest accept torn-4.iso --home "$site" --code single.code
check "are REPAIRED" shows '.verdict == "REPAIRED" and .blocks.mended == 1'
check "the ledger says so" last_entry '.verdict == "REPAIRED" and .mended == 1'
check "the kept blocks are gone" [ ! -e "$site/waiting/etl/acme-plant7-2" ]

# ---- what happens between two discs ----

all_but_last() {
	local v
	for v in $(seq 1 $((volumes - 1))); do
		expect_status 4 ingest accept "$(vol "$v")" --home "$site" --code a.code >/dev/null || return 1
	done
}
fresh
check "all but the last" all_but_last
tampered=$(find "$site/waiting" -name image.bin -o -path '*pieces/*' | head -n 1)
chmod u+w "$tampered"
printf x | dd of="$tampered" bs=1 seek=100 conv=notrunc status=none
check "a file that waits is changed: found when it is joined, and no fault of the disc" judges 1 own.home ingest accept "$(vol "$volumes")" --home "$site" --code a.code
check "and nothing is staged" nothing_staged
check "after drop the discs are read again" expect_status 0 ingest drop acme-plant7/1 --home "$site"
check "and taken" all_but_last
check "whole" judges 0 ok ingest accept "$(vol "$volumes")" --home "$site" --code a.code

fresh
check "all but the last, again" all_but_last
rm -rf "$site/waiting/etl/acme-plant7-1/1"
check "a disc that waits is gone" judges 1 own.home ingest accept "$(vol "$volumes")" --home "$site" --code a.code
check "what to do is said" shows '.where | test("ingest drop acme-plant7/1, then read its discs again")'
check "nothing is staged then" nothing_staged

fresh
mkdir -p "$site/waiting/etl/acme-plant7-1/3/RELEASES" "$site/waiting/nobody/x-1"
check "what nobody recorded" keeps 2 "$(all_but 2)"
check "is removed" [ ! -e "$site/waiting/etl/acme-plant7-1/3" ]
check "every bit of it" [ ! -e "$site/waiting/nobody/x-1" ]

fresh
check "before a revocation" all_but_last
next_trust desk '.revoked = {keys: [], releases: [{id: "big", digest: "'"$(jq -r 'select(.what == "release-finished" and .id == "big").digest' desk/ledger/entries.jsonl)"'", reason: "broken"}], seals: []}' >2.trust
check "a newer trust revokes the release" expect_status 0 ingest trust update 2.trust --home "$site"
check "the last disc is refused" judges 20 release.revoked ingest accept "$(vol "$volumes")" --home "$site" --code a.code
check "nothing is staged of it" nothing_staged

done_testing
