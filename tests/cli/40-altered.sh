#!/bin/bash
# A genuine image, cut and changed everywhere: never genuine again, and always with a reason.
# LONG=1 does more of it.  SEED=n tries other places.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

CUTS=1000 FLIPS=300
[ "${LONG:-}" = "" ] || FLIPS=3000
# A program that is watched by a sanitizer starts ten times as slowly.
nm -D "$BIN/verify" 2>/dev/null | grep -q __asan_init && CUTS=100 FLIPS=60
SEED=${SEED:-17}
echo "seed $SEED"

new_vendor etl etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
mkdir -p one/payload/deep/er two/payload/deep/er
for r in one two; do
	head -c 500000 /dev/urandom >$r/payload/a.bin
	head -c 400000 /dev/urandom >$r/payload/deep/b.bin
	head -c 1 /dev/urandom >$r/payload/deep/er/c
	: >$r/payload/empty
	new_release etl $r
done
new_image etl acme-plant7 one a
new_image etl acme-plant7 two b
new_site site etl acme-plant7
fresh
new_vendor mmw mmw "Main-Mess-Werke"
FORGE_CHAIN=etl.trust FORGE_KEY=etl/keys/seal FORGE_CODE=$(cat a.code)
cp a.code a1.code	# what refused() takes where nothing else is named

size=$(stat -c %s a.iso)
# place NAME: a number of the image, by the seal.
place() { forge_body a.iso | jq ".image.$1"; }
D=$(place map.offset) map_end=$((D + $(place map.length)))
chain=$(place chain.offset) chain_end=$((chain + $(place chain.length)))
backup=$(place backup)
map2=$(place map2.offset) map2_end=$((map2 + $(place map2.length)))
chain2=$(place chain2.offset) chain2_end=$((chain2 + $(place chain2.length)))
line=$(forge_header a.iso | wc -c) document=$(forge_document a.iso | wc -c)
seal_end=$((16384 + line + document))
check "the image is as small as it is meant to be" [ "$(place blocks)" -le 24 ]
check "and genuine" judges 0 ok verify a.iso --home "$site" --code a.code

# tell WHAT FILE: one verdict more, in the file told: what was done, exit status, JSON.
tell() {
	local rc=0
	verify "$2" --home "$site" --code a.code --json >told.json 2>told.err </dev/null || rc=$?
	[ ! -s told.err ] || rc="$rc, and speaks on standard error"
	{ printf '{"what": "%s", "rc": "%s", "said": ' "$1" "$rc"; cat told.json; echo '}'; } >>told
}
# all_told COUNT LOWEST HIGHEST: so many verdicts, each with a status between these two, and a reason.
all_told() {
	jq -s -r --argjson n "$1" --argjson low "$2" --argjson high "$3" '
		(if length == $n then empty else "\(length) verdicts instead of \($n)" end),
		(.[] | select(.rc != (.said.status | tostring) or .said.status < $low or .said.status > $high or
			(.said.reason | test("^[a-z]+[.][a-z]+$") | not)) |
			"\(.what): exit status \(.rc), \(.said.status) \(.said.reason)")' told >wrong || return 1
	cat wrong
	[ ! -s wrong ]
}
reasons() { jq -s -r 'group_by(.said.reason)[] | "    \(length) \(.[0].said.status) \(.[0].said.reason)"' told; }
random() { echo $(((RANDOM << 30 | RANDOM << 15 | RANDOM) % $1)); }

# ---- cut ----

cut_at() {
	local boundary
	for boundary in 0 16384 $((16384 + line)) $seal_end 32768 65536 $((D - 65536)) "$D" $map_end "$chain" $chain_end \
		"$backup" $((backup + 16384)) "$map2" $map2_end "$chain2" $chain2_end "$size"; do
		echo $((boundary - 1)) "$boundary" $((boundary + 1))
	done | tr ' ' '\n'
	RANDOM=$SEED
	for ((i = 0; i < CUTS; i++)); do random "$size"; done
}
cp a.iso cut.iso
: >told
count=0
for at in $(cut_at | sort -rnu | awk -v size="$size" '$1 >= 0 && $1 < size'); do
	truncate -s "$at" cut.iso
	tell "cut at $at" cut.iso
	count=$((count + 1))
done
check "cut at $count places" all_told $count 10 14
reasons
said_of() { jq -s -r --arg w "$1" '.[] | select(.what == $w) | .said.reason' told; }
check "cut within the seal: not sealed" [ "$(said_of "cut at 32767")" = seal.none ]
check "cut by a byte: shorter" [ "$(said_of "cut at $((size - 1))")" = image.shorter ]
check "cut before the chain: shorter" [ "$(said_of "cut at $chain")" = image.shorter ]

# ---- one byte of the header line ----

cp a.iso flip.iso
: >told
for ((at = 0; at < line; at++)); do
	flip flip.iso $((16384 + at))
	tell "header byte $at" flip.iso
	flip flip.iso $((16384 + at))
done
# "WAXSEAL0" never was a version of the format.
check "each of $line bytes of the header line" all_told "$line" 10 16
check "a version that never was is no newer one" [ "$(jq -s -r '.[] | select(.what == "header byte 7") | .said.reason' told)" = seal.header ]
reasons
check "put right again" cmp a.iso flip.iso

# ---- one bit ----

where() {
	cat <<-END
		0 first byte
		16383 before the seal
		$((16384 + line)) first byte of the document
		$((16384 + line + document / 2)) within the document
		$((seal_end - 2)) last letter of the document
		$seal_end behind the seal
		32767 last of the SEAL area
		32768 volume descriptor
		32769 magic of the volume descriptor
		$((D - 1)) last byte of the last block
		$D map
		$((map_end - 1)) last byte of the map
		$map_end behind the map
		$((chain - 1)) before the chain
		$chain count of the chain
		$((chain + 4)) length in the chain
		$((chain + 100)) document in the chain
		$((chain_end - 2)) signature in the chain
		$chain_end behind the chain
		$((backup - 1)) before the backup
		$backup backup
		$((backup + line + 50)) document in the backup
		$((backup + 16383)) last of the backup
		$((backup + 16384)) behind the backup
		$map2 second map
		$((map2_end - 1)) last byte of the second map
		$map2_end behind the second map
		$chain2 second chain
		$((chain2_end - 1)) last byte of the second chain
		$chain2_end behind the second chain
		$((size - 1)) last byte
		$(grep -abo 'README.TXT' a.iso | head -n 1 | cut -d: -f 1) name of README
		$(grep -abo 'CHECKING BY HAND' a.iso | head -n 1 | cut -d: -f 1) text of README
		$(grep -abo 'a.bin' a.iso | head -n 1 | cut -d: -f 1) name of a file
		$(grep -abo '"kind": "fix"' a.iso | head -n 1 | cut -d: -f 1) release
	END
	RANDOM=$SEED
	for ((i = 0; i < FLIPS; i++)); do echo "$(random "$size") somewhere"; done
}
: >told
count=0
RANDOM=$((SEED + 1))
while read -r at what; do
	bit=$((RANDOM % 8))
	flip flip.iso "$at" $bit
	tell "bit $bit of byte $at, $what" flip.iso
	flip flip.iso "$at" $bit
	count=$((count + 1))
done < <(where)
check "one bit at $count places" all_told $count 10 16
reasons
check "put right again, and genuine" judges 0 ok verify flip.iso --home "$site" --code a.code
# gap NAME OFFSET REASON
gap() {
	flip flip.iso "$2" 3
	check "$1" judges 13 "$3" verify flip.iso --home "$site" --code a.code
	flip flip.iso "$2" 3
}
gap "slack behind the seal" $seal_end image.stray
gap "gap behind the map" $map_end image.stray
gap "gap behind the chain" $chain_end image.stray
gap "gap behind the backup" $((backup + 16384)) image.stray
gap "gap behind the second map" $map2_end image.stray
gap "zeros at the end" $((size - 1)) image.stray
gap "map" $((D + 40)) map.digest
gap "second map" $((map2 + 40)) map.copy
gap "second chain" $((chain2 + 40)) chain.copy
gap "first chain" $((chain + 40)) chain.forked
gap "backup" $((backup + 40)) backup.differs
gap "padding of the last block" $((D - 1)) block.differs

# ---- longer ----

cp a.iso long.iso
printf x >>long.iso
check "a byte appended" refused 13 image.longer "$T/long.iso"
cp a.iso long.iso
truncate -s +2048 long.iso
check "zeros appended" refused 13 image.longer "$T/long.iso"

# ---- pieces of another genuine image ----

check "both images have the same places" [ "$(forge_body b.iso | jq -c '.image | del(.map.digest)')" = "$(forge_body a.iso | jq -c '.image | del(.map.digest)')" ]
# graft OFFSET LENGTH FROM: into flip.iso
graft() { take "$3" "$1" "$2" | put flip.iso "$1"; }
cp b.iso flip.iso
graft 16384 16384 a.iso
check "seal of A on B" refused 13 map.digest "$T/flip.iso"
graft "$backup" 16384 a.iso
graft "$D" $((map_end - D)) a.iso
graft "$map2" $((map2_end - map2)) a.iso
check "seal and maps of A on B" refused 13 block.differs "$T/flip.iso"
cp a.iso flip.iso
graft "$D" $((map_end - D)) b.iso
check "map of B on A" refused 13 map.digest "$T/flip.iso"
graft "$map2" $((map2_end - map2)) b.iso
check "both maps of B on A" refused 13 map.digest "$T/flip.iso"
cp a.iso flip.iso
graft "$map2" $((map2_end - map2)) b.iso
check "second map of B on A" refused 13 map.copy "$T/flip.iso"
cp a.iso flip.iso
graft "$backup" 16384 b.iso
check "backup of B on A" refused 13 backup.differs "$T/flip.iso"
cp a.iso flip.iso
graft 32768 $((D - 32768)) b.iso
check "files of B on A" refused 13 block.differs "$T/flip.iso"
cp a.iso flip.iso
graft $((5 * 65536)) 65536 b.iso
check "one block of B on A" refused 13 block.differs "$T/flip.iso"

cp a.iso flip.iso
put flip.iso "$chain" <mmw.trust
check "chain of another vendor" refused 13 chain.forked "$T/flip.iso"
put flip.iso "$chain2" <mmw.trust
check "both chains of another vendor" refused 13 chain.forked "$T/flip.iso"
check "both chains of another vendor, known by fingerprint" judges 13 chain.forked verify flip.iso --fingerprint "$(anchor_of etl)"
check "both chains of another vendor, whom one trusts too" judges 13 chain.forked verify flip.iso --home "$site" --trust mmw.trust
cp a.iso flip.iso
put flip.iso "$chain2" <mmw.trust
check "second chain of another vendor" refused 13 chain.copy "$T/flip.iso"

done_testing
