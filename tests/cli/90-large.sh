#!/bin/bash
# Sizes around 2 GiB and 4 GiB, where numbers of 31 and 32 bits end.  Sparse files: little disk is
# needed for the image; accepting the largest needs 5 GiB for a moment.  Only with LONG=1.
set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/media.sh"

G=1073741824
new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name ACME
mkdir -p edges/payload one/payload
sparse() {	# sparse FILE SIZE: first and last bytes are told apart
	truncate -s "$2" "$1"
	printf 'begin %s' "$2" | dd of="$1" conv=notrunc status=none
	printf 'end' | dd of="$1" bs=1 seek=$(($2 - 3)) conv=notrunc status=none
}
sparse edges/payload/under-2 $((2 * G - 1))
sparse edges/payload/over-2 $((2 * G + 1))
sparse edges/payload/under-4 $((4 * G - 1))
sparse one/payload/over-4 $((4 * G + 1))

for id in edges one; do
	new_release vendor $id
	new_image vendor acme $id $id
	verify $id.iso --trust vendor.trust --json --code $id.code --customer acme >$id.json || true
	bytes=$(find $id/payload -type f -printf '%s\n' | awk '{ s += $1 } END { printf "%.0f", s }')
	check "$id: every byte is counted" test "$(jq '.releases[0].bytes' $id.json)" = "$bytes"
	check "$id: genuine" test "$(jq -r '.verdict + " " + .not_checked[0]' $id.json)" = "GENUINE AS FAR AS CHECKED number"
done

cp --sparse=always one.iso changed.iso
printf 'X' | dd of=changed.iso bs=1 seek=$((4 * G + 1000)) conv=notrunc status=none
check "a byte behind 4 GiB is seen" test "$(verify changed.iso --trust vendor.trust --json </dev/null | jq -r .reason)" = block.differs
rm changed.iso
new_site site vendor acme
check "4 GiB and a byte are accepted" expect_status 0 ingest accept one.iso --home site --code one.code
check "and staged as they were" cmp one/payload/over-4 site/stage/etl/acme-2/RELEASES/one/payload/over-4
done_testing
