# shellcheck shell=bash
# forge: what an attacker makes who has a vendor's seal key, with tools that everybody has.
# Source it after lib.sh.  Works on images of one vendor with trust chain file $FORGE_CHAIN,
# seal key $FORGE_KEY and authorization code $FORGE_CODE (canonical).

# put FILE OFFSET < bytes;   take FILE OFFSET LENGTH > bytes
put() { dd of="$1" bs=64k seek="$2" oflag=seek_bytes conv=notrunc status=none; }
take() { dd if="$1" bs=64k iflag=skip_bytes,count_bytes,fullblock skip="$2" count="$3" status=none; }

# flip FILE OFFSET [BIT]: the same call again puts it right.
flip() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "$(printf '\\x%02x' $((byte ^ 1 << ${3:-0})))" | put "$1" "$2"
}

# The parts of the SEAL area: header line, document, body.
forge_area() { take "$1" 16384 16384 | tr -d '\000'; }
forge_header() { forge_area "$1" | sed -n 1p; }
forge_document() { forge_area "$1" | sed 1d; }
forge_body() { forge_document "$1" | sed '/^-----BEGIN SSH SIGNATURE-----$/,$d'; }

# digest FILE
forge_digest() { sha256sum <"$1" | cut -c 1-64; }

# tag CODE BODYFILE
forge_tag() {
	local key
	key=$(printf 'waxseal-code-v1\000%s' "$1" | sha256sum | cut -c 1-64)
	{ printf 'waxseal-seal-v1\000'; cat "$2"; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //'
}

# forge_sign KEY NAMESPACE BODYFILE: the document; the body comes to stand before the signature.
forge_sign() {
	cat "$3"
	ssh-keygen -q -Y sign -f "$1" -n "$2@waxseal" <"$3" 2>/dev/null
}

# forge_write IMAGE AREAFILE BACKUP: the same SEAL area in both places.
forge_write() {
	truncate -s 16384 "$2"
	put "$1" 16384 <"$2"
	put "$1" "$3" <"$2"
}

# reheader IMAGE SED: another header line before the same document.
reheader() {
	local dir backup
	dir=$(mktemp -d)
	backup=$(forge_body "$1" | jq .image.backup)
	{ forge_header "$1" | sed "$2"; forge_document "$1"; } >"$dir/area"
	forge_write "$1" "$dir/area" "$backup"
	rm -r "$dir"
}

# The header line of a body, up to the tag.
forge_prefix() {
	jq -r '"WAXSEAL1 vendor=\(.vendor) anchor=\(.anchor)" +
		" chain=\(.image.chain.offset)+\(.image.chain.length)" +
		" chain2=\(.image.chain2.offset)+\(.image.chain2.length)"' "$1"
}

# forge_seal IMAGE BODYFILE PREFIX BACKUP: sign that body, with tag and length to fit.
forge_seal() {
	local dir
	dir=$(mktemp -d)
	forge_sign "$FORGE_KEY" "${FORGE_NAMESPACE:-seal}" "$2" >"$dir/document"
	{
		printf '%s tag=%s length=%s\n' "$3" "$(forge_tag "$FORGE_CODE" "$2")" "$(stat -c %s "$dir/document")"
		cat "$dir/document"
	} >"$dir/area"
	forge_write "$1" "$dir/area" "$4"
	rm -r "$dir"
}

# reseal IMAGE JQ: the seal of IMAGE, changed by the filter JQ; the header says what the body says.
# The backup stays where it was.
reseal() {
	local dir
	dir=$(mktemp -d)
	forge_body "$1" >"$dir/before"
	jq "$2" "$dir/before" >"$dir/body"
	forge_seal "$1" "$dir/body" "$(forge_prefix "$dir/body")" "$(jq .image.backup "$dir/before")"
	rm -r "$dir"
}

# rebody IMAGE COMMAND...: the body through a command that need not make JSON; the header says what
# it said.
rebody() {
	local image=$1 dir backup
	shift
	dir=$(mktemp -d)
	forge_body "$image" >"$dir/before"
	backup=$(jq .image.backup "$dir/before")
	"$@" <"$dir/before" >"$dir/body"
	forge_seal "$image" "$dir/body" "$(forge_header "$image" | sed 's/ tag=.*//')" "$backup"
	rm -r "$dir"
}

# remap IMAGE: new block map over whatever the image holds now, and a seal that names it.
remap() {
	local dir blocks map map2
	dir=$(mktemp -d)
	forge_body "$1" >"$dir/body"
	blocks=$(jq .image.blocks "$dir/body") map=$(jq .image.map.offset "$dir/body") map2=$(jq .image.map2.offset "$dir/body")
	forge_map "$1" "$blocks" >"$dir/map"
	put "$1" "$map" <"$dir/map"
	put "$1" "$map2" <"$dir/map"
	reseal "$1" ".image.map.digest = \"$(forge_digest "$dir/map")\""
	rm -r "$dir"
}

forge_map() {
	{ take "$1" 0 16384; head -c 16384 /dev/zero; take "$1" 32768 $(($2 * 65536 - 32768)); } |
		split -b 65536 --filter='openssl dgst -sha256 -binary'
}

# forge_image GENUINE ISO OUT [JQ]: an image around the ISO volume ISO, sealed like GENUINE otherwise,
# or as the filter JQ changes it.
forge_image() {
	local dir iso blocks d chain chain_at backup map2 chain2 size
	dir=$(mktemp -d)
	iso=$(stat -c %s "$2")
	blocks=$(((iso + 65535) / 65536))
	d=$((blocks * 65536))
	chain=$(stat -c %s "$FORGE_CHAIN")
	chain_at=$((d + (blocks * 32 + 65535) / 65536 * 65536))
	backup=$(((chain_at + chain + 1048575) / 1048576 * 1048576))
	map2=$((backup + 65536))
	chain2=$((map2 + (blocks * 32 + 65535) / 65536 * 65536))
	size=$(((chain2 + chain + 307200 + 2047) / 2048 * 2048))
	cp "$2" "$3"
	chmod u+w "$3"
	truncate -s "$size" "$3"
	head -c 32768 /dev/zero | put "$3" 0
	forge_map "$3" "$blocks" >"$dir/map"
	put "$3" "$d" <"$dir/map"
	put "$3" "$map2" <"$dir/map"
	put "$3" "$chain_at" <"$FORGE_CHAIN"
	put "$3" "$chain2" <"$FORGE_CHAIN"
	forge_body "$1" | jq ".image = {size: $size, blocks: $blocks, iso: $iso,
		map: {offset: $d, length: ($blocks * 32), digest: \"$(forge_digest "$dir/map")\"},
		map2: {offset: $map2, length: ($blocks * 32)},
		chain: {offset: $chain_at, length: $chain}, chain2: {offset: $chain2, length: $chain},
		backup: $backup} | ${4:-.}" >"$dir/body"
	forge_seal "$3" "$dir/body" "$(forge_prefix "$dir/body")" "$backup"
	rm -r "$dir"
}

# forge_iso TREE OUT [mkisofs options]: an ISO 9660 volume with Rock Ridge.
forge_iso() {
	local tree=$1 out=$2
	shift 2
	xorriso -as mkisofs -quiet -iso-level 3 -D -R "$@" -o "$out" "$tree" 2>/dev/null
}

# forge_chain DOCUMENT...: a trust chain.
forge_chain() {
	local document
	forge_u32 $#
	for document; do
		forge_u32 "$(stat -c %s "$document")"
		cat "$document"
	done
}

# Four bytes, little-endian.
forge_u32() {
	# shellcheck disable=SC2059
	printf "$(printf '\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}

# forge_code CUSTOMER NUMBER [SECRET]: an authorization code; SECRET is 20 symbols of bech32.
forge_code() {
	local set=qpzry9x8gf2tvdw0s3jn54khce6mua7l text i c v values=() sum=1 top
	local generator=(0x3b6a57b2 0x26508e6d 0x1ea119fa 0x3d4233dd 0x2a1462b3)
	text=q
	for ((i = 25; i >= 0; i -= 5)); do text+=${set:$(($2 >> i & 31)):1}; done
	text+=${3:-qqqqqqqqqqqqqqqqqqqq}
	for ((i = 0; i < ${#1}; i++)); do printf -v c %d "'${1:i:1}"; values+=($((c >> 5))); done
	values+=(0)
	for ((i = 0; i < ${#1}; i++)); do printf -v c %d "'${1:i:1}"; values+=($((c & 31))); done
	for ((i = 0; i < ${#text}; i++)); do v=${set%%"${text:i:1}"*}; values+=(${#v}); done
	for v in "${values[@]}" 0 0 0 0 0 0; do
		top=$((sum >> 25))
		sum=$(((sum & 0x1ffffff) << 5 ^ v))
		for ((i = 0; i < 5; i++)); do ((top >> i & 1)) && sum=$((sum ^ generator[i])); done
	done
	sum=$((sum ^ 0x2bc830a3))
	for ((i = 25; i >= 0; i -= 5)); do text+=${set:$((sum >> i & 31)):1}; done
	printf '%s1%s\n' "$1" "$text"
}
