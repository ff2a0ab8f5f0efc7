#!/bin/bash
# Media by somebody who has the seal key: what is wrong is in the seal, its header, the places that it
# names, or the chain.  Each has its reason code.
# shellcheck disable=SC2016,SC1003
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/hostile.sh
. "$(dirname "$0")/hostile.sh"

# ---- the header line ----

# header NAME STATUS REASON SED
header() {
	x
	reheader x.iso "$4"
	hostile "header: $1" "$2" "$3"
}
chain=$(forge_body a.iso | jq .image.chain.offset) length=$(forge_body a.iso | jq .image.chain.length)
header "another vendor" 11 sender.unknown 's/vendor=etl/vendor=abc/'
header "a vendor that looks like it" 11 sender.resembles 's/vendor=etl/vendor=et1/'
header "vendor in capitals" 13 seal.header 's/vendor=etl/vendor=ETL/'
header "no vendor" 13 seal.header 's/vendor=etl/vendor=/'
header "vendor of 28 bytes" 13 seal.header 's/vendor=etl/vendor=abcdefghijklmnopqrstuvwxyzab/'
header "vendor with an escape" 13 seal.header $'s/vendor=etl/vendor=e\033l/'
header "another anchor" 11 sender.resembles 's/anchor=................/anchor=0123456789abcdef/'
header "anchor of 63 digits" 13 seal.header 's/anchor=./anchor=/'
header "anchor of 65 digits" 13 seal.header 's/anchor=/anchor=0/'
header "anchor in capitals" 13 seal.header 's/anchor=..../anchor=ABCD/'
for c in chain chain2; do
	header "$c at 2^63" 13 seal.header "s/ $c=[0-9]*/ $c=9223372036854775808/"
	header "$c at 2^64-1" 13 seal.header "s/ $c=[0-9]*/ $c=18446744073709551615/"
	header "$c at 2^53-1" 13 seal.header "s/ $c=[0-9]*/ $c=9007199254740991/"
	header "$c beyond the end" 13 seal.header "s/ $c=[0-9]*/ $c=1099511627776/"
	header "$c with a leading zero" 13 seal.header "s/ $c=/ $c=0/"
	header "$c with a sign" 13 seal.header "s/ $c=/ $c=+/"
	header "$c a byte on" 13 seal.header "s/ $c=\([0-9]*\)\([0-9]\)+/ $c=\11+/"
	header "$c at 0" 13 seal.header "s/ $c=[0-9]*/ $c=0/"
	header "$c of no bytes" 13 seal.header "s/ $c=\([0-9]*\)+[0-9]*/ $c=\1+0/"
	header "$c of a byte more" 13 seal.header "s/ $c=\([0-9]*\)+[0-9]*/ $c=\1+$((length + 1))/"
	header "$c of 2^53-1 bytes" 13 seal.header "s/ $c=\([0-9]*\)+[0-9]*/ $c=\1+9007199254740991/"
	header "$c of 2^64-1 bytes" 13 seal.header "s/ $c=\([0-9]*\)+[0-9]*/ $c=\1+18446744073709551615/"
	header "$c in hexadecimal" 13 seal.header "s/ $c=[0-9]*/ $c=0x10000/"
	header "$c without a length" 13 seal.header "s/ $c=\([0-9]*\)+[0-9]*/ $c=\1/"
	header "no $c" 13 seal.header "s/ $c=[0-9+]*//"
done
header "another tag" 16 code.wrong 's/tag=......../tag=01234567/'
header "tag of 63 digits" 13 seal.header 's/tag=./tag=/'
header "tag in capitals" 13 seal.header 's/tag=..../tag=ABCD/'
header "no tag" 13 seal.header 's/ tag=[0-9a-f]*//'
header "length 0" 12 seal.signature 's/length=.*/length=0/'
header "length 10" 12 seal.signature 's/length=.*/length=10/'
document=$(forge_document a.iso | wc -c)
header "a byte short" 12 seal.signature "s/length=.*/length=$((document - 1))/"
header "a byte long" 12 seal.signature "s/length=.*/length=$((document + 1))/"
header "longer than the area" 13 seal.header 's/length=.*/length=16384/'
header "length 2^53-1" 13 seal.header 's/length=.*/length=9007199254740991/'
header "length with a leading zero" 13 seal.header 's/length=/length=0/'
header "fields in another order" 13 seal.header 's/\(vendor=[a-z]*\) \(anchor=[0-9a-f]*\)/\2 \1/'
header "a field twice" 13 seal.header 's/ tag=/ vendor=etl tag=/'
header "another field" 13 seal.header 's/ length=/ more=1 length=/'
header "a field behind" 13 seal.header 's/$/ more=1/'
header "two spaces" 13 seal.header 's/ tag=/  tag=/'
header "a space at the end" 13 seal.header 's/$/ /'
header "a tab" 13 seal.header 's/ tag=/\ttag=/'
header "CR LF" 13 seal.header 's/$/\r/'
header "513 bytes" 13 seal.header "s/ tag=/$(printf %200s '') tag=/"
header "WAXSEAL" 13 seal.header 's/^WAXSEAL1/WAXSEAL/'
header "WAXSEAL01" 13 seal.header 's/^WAXSEAL1/WAXSEAL01/'
header "WAXSEAL11" 5 format.newer 's/^WAXSEAL1/WAXSEAL11/'
header "waxseal1" 10 seal.none 's/^WAXSEAL1/waxseal1/'

# ---- the places that the seal names ----

# places NAME STATUS REASON JQ: signed, and the header agrees.
places() {
	x
	reseal x.iso "$4"
	hostile "places: $1" "$2" "$3"
}
places "map2 over the backup" 13 seal.regions '.image.map2.offset = .image.backup'
places "map2 before the backup" 13 seal.regions '.image.map2.offset = .image.backup - 65536'
places "map2 and chain2 exchanged" 13 seal.regions '.image |= (.map2.offset as $m | .map2.offset = .chain2.offset | .chain2.offset = $m)'
places "map over the files" 13 seal.regions '.image.map.offset -= 65536'
places "map at 0" 13 seal.regions '.image.map.offset = 0'
places "map behind the end" 13 seal.regions '.image.map.offset = 1099511627776'
places "map at 2^53-1" 13 seal.regions '.image.map.offset = 9007199254740991'
places "map of 32 bytes more" 13 seal.regions '.image.map.length += 32'
places "map of 2^53-1 bytes" 13 seal.regions '.image.map.length = 9007199254740991'
places "maps of 32 bytes less" 13 seal.regions '.image.map.length -= 32 | .image.map2.length -= 32'
places "map2 of another length" 13 seal.regions '.image.map2.length += 32'
places "map2 unaligned" 13 seal.regions '.image.map2.offset += 2048'
places "map2 behind the end" 13 seal.regions '.image.map2.offset = 1099511627776'
places "backup unaligned" 13 seal.regions '.image.backup += 65536'
places "backup at 0" 13 seal.regions '.image.backup = 0'
places "backup at 2^53-1" 13 seal.regions '.image.backup = 9007199254740991'
places "backup at 2^43" 13 seal.regions '.image.backup = 8796093022208'
places "chain2 of another length" 13 seal.regions '.image.chain2.length += 1'
places "chain2 over map2" 13 seal.regions '.image.chain2.offset = .image.map2.offset'
places "chain2 behind the end" 13 seal.regions '.image.chain2.offset = 1099511627776'
places "a block more" 13 seal.regions '.image.blocks += 1'
places "a block less" 13 seal.regions '.image.blocks -= 1'
places "2^53-1 blocks" 13 seal.regions '.image.blocks = 9007199254740991'
places "ISO of no bytes" 13 seal.regions '.image.iso = 0'
places "ISO of 32,768 bytes" 13 seal.regions '.image.iso = 32768'
places "ISO of 2^53-1 bytes" 13 seal.regions '.image.iso = 9007199254740991'
places "a sector smaller" 13 seal.regions '.image.size -= 65536'
places "smaller than its regions" 13 seal.regions '.image.size = 65536'
places "no size" 13 seal.regions '.image.size = 0'
places "half a sector larger" 13 seal.regions '.image.size += 1024'
places "a sector larger" 14 image.shorter '.image.size += 2048'
places "larger than all media" 13 seal.regions '.image.size = 9007199254738944'
x
truncate -s +2M x.iso
reseal x.iso '.image.size += 2097152'
hostile "places: a long tail" 13 seal.regions
# The chain is read where the header says, before the seal is known: it must be there.
x
take a.iso "$chain" "$length" | put x.iso $((chain + 2048))
reseal x.iso '.image.chain.offset += 2048'
hostile "places: chain unaligned" 13 seal.regions
x
reseal x.iso '.image.chain.offset = 2048'
hostile "places: chain in the zeros at the start" 13 chain.form
x
reseal x.iso '.image |= (.chain.offset as $c | .chain.offset = .chain2.offset | .chain2.offset = $c)'
hostile "places: chains exchanged" 13 seal.regions

# ---- the seal's JSON ----

# body NAME STATUS REASON COMMAND...: signed after COMMAND has changed it; the header stays.
body() {
	local name=$1 status=$2 reason=$3
	shift 3
	x
	rebody x.iso "$@"
	hostile "seal: $name" "$status" "$reason"
}
body "same key twice" 13 json.duplicate sed 's/"number": 1,/"number": 1, "number": 1,/'
body "same key twice, deeper" 13 json.duplicate sed 's/"index": 1,/"index": 1, "index": 1,/'
body "same key twice, written otherwise" 13 json.duplicate sed 's/"number": 1,/"number": 1, "numbe\\u0072": 1,/'
body "another key" 13 json.unknown jq '.more = 1'
body "another key, deeper" 13 json.unknown jq '.customer.more = 1'
body "another key of the image" 13 json.unknown jq '.image.parity = {offset: 0, length: 0}'
body "a fraction" 13 json.number sed 's/"number": 1,/"number": 1.0,/'
body "an exponent" 13 json.number sed 's/"number": 1,/"number": 1e0,/'
body "a minus" 13 json.number sed 's/"number": 1,/"number": -1,/'
body "2^53" 13 json.number sed 's/"number": 1,/"number": 9007199254740992,/'
body "a leading zero" 13 json.number sed 's/"number": 1,/"number": 01,/'
body "number 0" 13 json.value sed 's/"number": 1,/"number": 0,/'
body "number 2^30" 13 json.value sed 's/"number": 1,/"number": 1073741824,/'
body "number as text" 13 json.value sed 's/"number": 1,/"number": "1",/'
body "number null" 13 json.value sed 's/"number": 1,/"number": null,/'
nested() { printf '%*s' "$1" '' | tr ' ' '['; printf '%*s' "$1" '' | tr ' ' ']'; }
body "depth 17" 13 json.depth sed "s/\"number\": 1,/\"number\": $(nested 16),/"
body "depth 16" 13 json.value sed "s/\"number\": 1,/\"number\": $(nested 15),/"
body "depth 5,000" 13 json.depth sed "s/\"number\": 1,/\"number\": $(nested 5000),/"
body "NUL" 13 json.utf8 sed 's/Hamburg/Ham\x00urg/'
body "NUL, escaped" 13 json.utf8 sed 's/Hamburg/Ham\\u0000urg/'
body "bytes that are no UTF-8" 13 json.utf8 env LC_ALL=C sed 's/Hamburg/Ham\xffurg/'
body "UTF-8 in too many bytes" 13 json.utf8 env LC_ALL=C sed 's/Hamburg/Ham\xc0\xaeurg/'
body "a surrogate" 13 json.utf8 env LC_ALL=C sed 's/Hamburg/Ham\xed\xa0\x80urg/'
body "a surrogate, escaped" 13 json.utf8 sed 's/Hamburg/Ham\\ud800urg/'
body "an escape" 13 json.value sed 's/Hamburg/Ham\\u001burg/'
body "an escape, raw" 13 json.syntax sed 's/Hamburg/Ham\x1burg/'
body "a byte order mark" 13 json.syntax sed '1s/^/\xef\xbb\xbf/'
body "text behind" 13 json.syntax sed '$s/$/ {}/'
body "a line behind" 13 json.syntax sed '$a more'
body "an empty line behind" 13 json.syntax sed '$a\\'
body "a comment" 13 json.syntax sed '1s/^/\/* *\/ /'
body "a comma too many" 13 json.syntax sed '$s/}/,}/'
body "single quotes" 13 json.syntax sed "s/\"Hamburg\"/'Hamburg'/"
body "no JSON" 13 json.syntax sh -c 'echo nothing'
body "a list" 13 json.syntax sh -c 'printf "[\n"; cat; printf "]\n"'
for key in vendor anchor customer number sealed_at place volume trust releases image; do
	case $key in vendor) reason=document.vendor ;; *) reason=json.missing ;; esac
	body "without $key" 13 $reason jq "del(.$key)"
done
for key in size blocks iso map map2 chain chain2 backup; do
	body "image without $key" 13 json.missing jq "del(.image.$key)"
done
body "without a type" 13 document.type jq 'del(.waxseal)'
body "type not first" 13 document.type jq '{vendor, waxseal} + .'
body "vendor not second" 13 document.vendor jq '{waxseal, number, vendor} + .'
body "a site in place of the vendor" 13 document.vendor jq '{waxseal, site: "etl"} + . | del(.vendor)'
body "type release/1" 13 document.type jq '.waxseal = "release/1"'
body "type seal" 13 document.type jq '.waxseal = "seal"'
body "type seal/01" 13 document.type jq '.waxseal = "seal/01"'
body "type seal/0" 13 document.type jq '.waxseal = "seal/0"'
body "type seal/2" 5 format.newer jq '.waxseal = "seal/2"'
body "another vendor" 13 document.vendor jq '.vendor = "abc"'
body "another anchor" 13 seal.header jq '.anchor = .trust.digest[0:32] + .anchor[0:32]'
body "another chain" 13 seal.header jq '.image.chain.offset += 65536'
body "customer that is no ID" 13 seal.form jq '.customer.id = "Acme"'
body "volume 2 of 1" 13 seal.form jq '.volume.index = 2'
body "volume 0" 13 json.value jq '.volume.index = 0'
body "expires before it is sealed" 13 seal.form jq '.expires = "2001-01-01T00:00:00Z"'
body "a time that is none" 13 json.value jq '.sealed_at = "yesterday"'
body "a time without an offset" 13 json.value jq '.sealed_at = "2026-01-01T00:00:00"'
body "an empty place" 13 json.value jq '.place = ""'
body "a place of 257 bytes" 13 json.value jq '.place = "x" * 257'
body "no releases" 13 json.value jq '.releases = []'
body "65 releases" 13 json.value jq -c '.releases = [range(65) | {id: "R\(.)", digest: ("0" * 64)}]'
body "a release twice" 13 seal.form jq '.releases += .releases'
body "a release called .." 13 seal.form jq '.releases[0].id = ".."'
body "a release with a slash" 13 seal.form jq '.releases[0].id = "a/b"'
body "digest in capitals" 13 json.value jq '.releases[0].digest |= ascii_upcase'
body "digest of 63 digits" 13 json.value jq '.image.map.digest |= .[1:]'
body "trust version 0" 13 json.value jq '.trust.version = 0'
body "trust version 2" 13 chain.cut jq '.trust.version = 2'
body "another digest of trust 1" 13 chain.forked jq '.trust.digest = .image.map.digest'
body "another digest of the map" 13 map.digest jq '.image.map.digest = .trust.digest'
body "another release" 13 contents.extra jq '.releases[0].id = "R9"'
body "another digest of the release" 13 release.digest jq '.releases[0].digest = .trust.digest'
body "a release more" 13 contents.missing jq '.releases += [{id: "R9", digest: .trust.digest}]'

# ---- the seal's signatures ----

# The document as a whole, once the body is signed: COMMAND changes it, and the header's length follows.
document() {
	local name=$1 status=$2 reason=$3 backup
	shift 3
	x
	backup=$(forge_body a.iso | jq .image.backup)
	forge_document a.iso >before
	"$@" <before >after
	{ forge_header a.iso | sed "s/length=.*/length=$(stat -c %s after)/"; cat after; } >area
	forge_write x.iso area "$backup"
	hostile "signatures: $name" "$status" "$reason"
}
document "none" 12 seal.signature sed '/^-----BEGIN/,$d'
document "twice the same" 12 seal.signature sh -c 'cat before; sed -n "/^-----BEGIN/,\$p" before'
document "text between" 12 seal.signature sed 's/^-----BEGIN/\n&/'
document "text behind" 12 seal.signature sed '$a more'
document "without an end" 12 seal.signature sed '$d'
document "an empty line in the armor" 12 seal.signature sed '/^-----BEGIN/a\\'
document "CR LF" 12 seal.signature sed 's/$/\r/'
document "a second one by a stranger that is false" 12 seal.signature sh -c 'cat before; echo x | ssh-keygen -q -Y sign -f etl/keys/notice -n seal@waxseal 2>/dev/null'
document "nine" 12 seal.signature sh -c 'cat before; for i in 1 2 3 4 5 6 7 8; do ssh-keygen -q -t ed25519 -N "" -C x -f k$i; sed "/^-----BEGIN/,\$d" before | ssh-keygen -q -Y sign -f k$i -n seal@waxseal 2>/dev/null; done'
ssh-keygen -q -t ed25519 -N '' -C x -f stranger
forge_body a.iso >body
{ cat body; ssh-keygen -q -Y sign -f stranger -n seal@waxseal <body 2>/dev/null; sed -n '/^-----BEGIN/,$p' <(forge_document a.iso); } >two
x
{ forge_header a.iso | sed "s/length=.*/length=$(stat -c %s two)/"; cat two; } >area
forge_write x.iso area "$(jq .image.backup body)"
harmless "signatures: a true one of a stranger beside the vendor's"

# ---- the chain ----

# A vendor's home that is one trust document ahead, and a site that follows.
cp -a etl ahead
next_trust etl '.issued = (now | todate) | .address = "A"' >2.trust
next_trust etl '.issued = (now | todate) | .address = "B"' >2-other.trust
do_quietly mkmedia sign --home ahead 2.trust
new_image ahead acme-plant7 R1 b
rm -rf tree && mkdir tree && bsdtar -xf b.iso -C tree && chmod -R u+w tree
forge_iso tree b.volume
cp 2.trust ahead.2.trust
# chained NAME STATUS REASON DOCUMENT...: an image of two versions, with another chain.
chained() {
	local name=$1 status=$2 reason=$3
	shift 3
	forge_chain "$@" >x.chain
	FORGE_CHAIN=x.chain FORGE_CODE=$(cat b.code) forge_image b.iso b.volume x.iso
	check "chain: $name" refused "$status" "$reason" "$T/x.iso" b.code
}
ssh-keygen -q -t ed25519 -N '' -C "" -f trust2
ssh-keygen -q -t ed25519 -N '' -C "" -f trust3
key2=$(cut -d ' ' -f 1,2 trust2.pub) key3=$(cut -d ' ' -f 1,2 trust3.pub)
more=".keys += [{id: \"t2\", holder: \"Elbe Turbine Logic\", key: \"$key2\"}, {id: \"t3\", holder: \"Dora\", key: \"$key3\"}]
	| .roles.trust = {threshold: 2, keys: [\"trust\", \"t2\", \"t3\"]}"
one=etl/trust/1.trust
chained "cut" 13 chain.cut $one
chained "in the other order" 13 chain.forked 2.trust $one
chained "first one twice" 13 chain.order $one $one
next_trust etl '.version = 3' >3.trust
chained "one left out" 13 chain.order $one 3.trust
next_trust etl . etl/keys/release >bad.trust
chained "signed by another role" 13 chain.quorum $one bad.trust
next_trust etl "$more" >few.trust
chained "signed by too few" 13 chain.quorum $one few.trust
sign_too() { sed '/^-----BEGIN/,$d' few.trust | ssh-keygen -q -Y sign -f "$1" -n trust@waxseal 2>/dev/null; }
{ cat few.trust; sign_too trust2; } >bad.trust
chained "signed twice by one holder" 13 chain.quorum $one bad.trust
{ cat few.trust; sign_too etl/keys/trust; } >bad.trust
chained "signed twice by one key" 13 document.form $one bad.trust
{ cat few.trust; echo x | ssh-keygen -q -Y sign -f trust3 -n trust@waxseal 2>/dev/null; } >bad.trust
chained "a false signature beside the true one" 13 signature.false $one bad.trust
next_trust etl '.roles.seal.threshold = 2' >bad.trust
chained "a rule broken" 13 trust.rule $one bad.trust
next_trust etl '.vendor = "abc"' >bad.trust
chained "another vendor's" 13 document.vendor $one bad.trust
next_trust etl '.more = 1' >bad.trust
chained "with another key" 13 json.unknown $one bad.trust
next_trust etl '.waxseal = "trust/2"' >bad.trust
chained "a newer kind" 5 format.newer $one bad.trust
next_trust etl '.issued = "2001-01-01T00:00:00Z"' >bad.trust
chained "issued before the first" 13 chain.order $one bad.trust
echo garbage >bad.trust
chained "a document that is none" 13 document.form $one bad.trust
holds() { [ "$(ingest trust list --home "$site" --json | jq '.vendors[0].version')" = "$1" ]; }
check "chain: nothing of that was adopted" holds 1
# Another second one, rightfully signed, is not the one that the seal names; it is held from now on.
ADOPTED=1 chained "another second one" 13 chain.forked $one 2-other.trust
check "chain: what is rightful was adopted" holds 2
fresh
do_quietly ingest trust update --home "$site" 2.trust
chained "forked from what is held" 13 chain.forked $one 2-other.trust
chained "cut before what is held" 13 chain.cut $one
fresh

# garbled NAME REASON OFFSET BYTES: in both copies of the chain.
garbled() {
	x
	local at
	for at in "$chain" "$(forge_body a.iso | jq .image.chain2.offset)"; do
		printf '%b' "$4" | put x.iso $((at + $3))
	done
	hostile "chain: $1" 13 "$2"
}
garbled "count 0" chain.form 0 '\x00\x00\x00\x00'
garbled "count 2 of 1" chain.form 0 '\x02\x00\x00\x00'
garbled "count 1,025" chain.form 0 '\x01\x04\x00\x00'
garbled "count 2^32-1" chain.form 0 '\xff\xff\xff\xff'
garbled "count in the other order" chain.form 0 '\x00\x00\x00\x01'
garbled "length 0" chain.form 4 '\x00\x00\x00\x00'
garbled "length 65,537" chain.form 4 '\x01\x00\x01\x00'
garbled "length 2^32-1" chain.form 4 '\xff\xff\xff\xff'
garbled "length 8" chain.form 4 '\x08\x00\x00\x00'
garbled "body" chain.forked 30 'X'
x
put x.iso $((chain + length)) <<<x
put x.iso $(($(forge_body a.iso | jq .image.chain2.offset) + length)) <<<x
reseal x.iso '.image.chain.length += 2 | .image.chain2.length += 2'
hostile "chain: bytes behind" 13 chain.form

check "the ledger is whole after all that" ingest ledger verify --home "$site"
done_testing
