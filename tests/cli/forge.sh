# shellcheck shell=bash
# forge: what an attacker makes who has a vendor's seal key, with tools that everybody has.
# Source it after lib.sh.  Works on images of one vendor with trust chain file $FORGE_CHAIN,
# seal key $FORGE_KEY and authorization code $FORGE_CODE (canonical).

# put FILE OFFSET < bytes;   take FILE OFFSET LENGTH > bytes
put() { dd of="$1" bs=64k seek="$2" oflag=seek_bytes conv=notrunc status=none; }
take() { dd if="$1" bs=64k iflag=skip_bytes,count_bytes,fullblock skip="$2" count="$3" status=none; }

# The parts of the SEAL area: header line, document, body.
forge_area() { take "$1" 16384 16384 | tr -d '\000'; }
forge_header() { forge_area "$1" | head -n 1; }
forge_document() { forge_area "$1" | sed 1d; }
forge_body() { forge_document "$1" | sed '/^-----BEGIN SSH SIGNATURE-----$/,$d'; }

# tag CODE BODYFILE
forge_tag() {
	local key
	key=$(printf 'waxseal-code-v1\000%s' "$1" | sha256sum | cut -c 1-64)
	{ printf 'waxseal-seal-v1\000'; cat "$2"; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //'
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

# resign IMAGE BODYFILE: sign that body, header and tag to fit; offsets are taken from the body
# where they make sense.
resign() {
	local dir size backup
	dir=$(mktemp -d)
	cp "$2" "$dir/body"
	ssh-keygen -q -Y sign -f "$FORGE_KEY" -n seal@waxseal "$dir/body" 2>/dev/null
	cat "$dir/body" "$dir/body.sig" >"$dir/document"
	size=$(stat -c %s "$dir/document")
	backup=${FORGE_BACKUP:-$(jq .image.backup "$dir/body")}
	{
		printf 'WAXSEAL1 vendor=%s anchor=%s chain=%s chain2=%s tag=%s length=%s\n' \
			"${FORGE_VENDOR:-$(jq -r .vendor "$dir/body")}" "$(jq -r .anchor "$dir/body")" \
			"${FORGE_CHAIN_AT:-$(jq -r '.image.chain | "\(.offset)+\(.length)"' "$dir/body")}" \
			"$(jq -r '.image.chain2 | "\(.offset)+\(.length)"' "$dir/body")" \
			"$(forge_tag "$FORGE_CODE" "$dir/body")" "$size"
		cat "$dir/document"
	} >"$dir/area"
	forge_write "$1" "$dir/area" "$backup"
	rm -r "$dir"
}

# reseal IMAGE JQ: the seal of IMAGE, changed by the filter JQ and signed again.
reseal() {
	local body
	body=$(mktemp)
	forge_body "$1" | jq "$2" >"$body"
	resign "$1" "$body"
	rm "$body"
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
	reseal "$1" ".image.map.digest = \"$(sha256sum <"$dir/map" | cut -c 1-64)\""
	rm -r "$dir"
}

forge_map() {
	{ take "$1" 0 16384; head -c 16384 /dev/zero; take "$1" 32768 $(($2 * 65536 - 32768)); } |
		split -b 65536 --filter='openssl dgst -sha256 -binary'
}

# forge_image GENUINE ISO OUT: an image around the ISO volume ISO, sealed like GENUINE otherwise.
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
		map: {offset: $d, length: ($blocks * 32), digest: \"$(sha256sum <"$dir/map" | cut -c 1-64)\"},
		map2: {offset: $map2, length: ($blocks * 32)},
		chain: {offset: $chain_at, length: $chain}, chain2: {offset: $chain2, length: $chain},
		backup: $backup}" >"$dir/body"
	resign "$3" "$dir/body"
	rm -r "$dir"
}

# forge_iso TREE OUT [mkisofs options]: an ISO 9660 volume with Rock Ridge.
forge_iso() {
	local tree=$1 out=$2
	shift 2
	xorriso -as mkisofs -quiet -R "$@" -o "$out" "$tree" 2>/dev/null
}
