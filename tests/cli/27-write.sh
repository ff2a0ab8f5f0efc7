#!/bin/bash
# write and readback as far as they go without a stick: what must not be overwritten, named, and media
# that were made elsewhere.  No device is written to; sticks are written in the virtual machines of tests/vm.
# shellcheck disable=SC2016	# single quotes are for jq and bash -c
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

loop="" under=""
cleanup() {
	umount "$T/mounted" 2>/dev/null || true
	[ -z "$loop" ] || losetup -d "$loop" 2>/dev/null || true
	[ -z "$under" ] || losetup -d "$under" 2>/dev/null || true
}

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name ACME
mkdir -p patch/payload
head -c 3000000 /dev/urandom >patch/payload/data
new_release vendor patch
new_image vendor acme patch disc
do_quietly mkmedia build --home vendor patch --customer acme -o bound --bind
cp -a vendor early
mkdir -p more/payload
head -c 6000000 /dev/urandom >more/payload/data
new_release vendor more
do_quietly mkmedia build --home vendor more --customer acme -o set --volume-size 6000000
new_vendor other other "Other Tools"
do_quietly mkmedia customer add --home other acme --name ACME
cp -r patch theirs
rm -f theirs/release*
new_release other theirs
new_image other acme theirs foreign
export MKMEDIA_HOME=$T/vendor

# refuses TEXT IMAGE DEVICE...: exit status 2, TEXT is said, nothing is recorded.
refuses() {
	local text=$1 before
	shift
	before=$(entries vendor)
	expect_says 2 "$text" mkmedia write "$@" --yes || return 1
	[ "$(entries vendor)" = "$before" ] || { echo "the ledger has another entry"; return 1; }
}

# --- what is to be written
check "write without a device" refuses "an image and a device" disc.iso
check "write with three arguments" refuses "an image and a device" disc.iso /dev/x /dev/y
check "write of an image that is not there" refuses "nothing.iso: No such file" nothing.iso disc.iso
check "write of something else" refuses "is no image that this desk built" patch/payload/data disc.iso
check "write of a short file" refuses "is no image file" patch/release disc.iso
check "write of a directory" refuses "is no image file" patch disc.iso
check "write of another desk's image" refuses "is no image that this desk built" foreign.iso disc.iso
cp disc.iso longer.iso && echo more >>longer.iso
check "write of an image that grew" refuses "make it again with mkmedia remake" longer.iso disc.iso
head -c 2000000 disc.iso >shorter.iso
check "write of an image that was cut" refuses "has 2000000 bytes and not the" shorter.iso disc.iso
for line in "acme/2 2" "acme/1 1" "acme/9 1" "acme/02 1" "bolt/2 1" "acme/2 1 " "acme/2"; do
	cp bound/acme-2-1.iso forged.iso
	{ echo "UNSEALED $line"; head -c 64 /dev/zero; } | dd of=forged.iso bs=16384 seek=1 conv=notrunc status=none
	check "write of an image that calls itself '$line'" refuses "is no image that this desk built" forged.iso disc.iso
done

# --- where to
check "write to a regular file" refuses "is no block device" disc.iso longer.iso
check "an unsealed image to a regular file" refuses "is no block device" bound/acme-2-1.iso longer.iso
check "write to a directory" refuses "is no block device" disc.iso patch
check "write to a character device" refuses "is no block device" disc.iso /dev/null
check "write to a device that is not there" refuses "/dev/not-there: No such file" disc.iso /dev/not-there
check "write with nobody to ask" bash -c 'mkmedia write disc.iso /dev/null </dev/null 2>&1 | grep -q -- "--yes says so"'
check "write in another home" expect_status 1 mkmedia write disc.iso /dev/null --yes --home nowhere
check "write prints JSON when it is refused" json '.status == 2 and .reason == "usage" and (.where | test("no block device"))' \
	mkmedia write disc.iso /dev/null --yes --json

truncate -s 16M disk
if [ "$(id -u)" = 0 ] && loop=$(losetup -f --show disk 2>/dev/null); then
	check "write to a loop device" refuses "$loop: is not removable" disc.iso "$loop"
	under=$(losetup -f --show "$loop")
	check "write to what a loop device is built on" refuses "${under##*/} is built on it" disc.iso "$loop"
	losetup -d "$under" && under=""
	if have mkfs.ext4 && mkfs.ext4 -q disk && mkdir mounted && mount "$loop" mounted 2>/dev/null; then
		check "write to what is mounted" refuses "${loop##*/} is mounted at $T/mounted; if nobody needs what is there: umount" \
			disc.iso "$loop"
		umount mounted
		rm -rf mounted
	else
		skip "mounting a file system needs mkfs.ext4 and the right to mount"
	fi
	cp disk before
	check "and all the time nothing was written" cmp disk before
	losetup -d "$loop"
else
	skip "loop devices need root and a kernel that has them"
fi
loop=""

# --- media that were made elsewhere
copies() { mkmedia ledger show --json | jq -s '[.[] | select(.what == "read-back" and .status == 0)] | length'; }
last() { tail -n 1 vendor/ledger/entries.jsonl | jq -e "$1" >/dev/null || { tail -n 1 vendor/ledger/entries.jsonl; return 1; }; }
check "readback of a good copy" says "Recorded: acme no. 1 disc 1 copy 1." mkmedia readback disc.iso
check "is on record" last '.what == "read-back" and .customer == "acme" and .number == 1 and .volume == 1 and .copy == 1 and
	.status == 0 and .reason == "ok" and .verdict == "GENUINE" and .bound == false and (has("device") | not) and (.seal | length) == 64'
check "another one" json '.copy == 2 and .status == 0 and .blocks > 40 and .ledger > 0' mkmedia readback disc.iso --json
cp disc.iso flipped.iso
printf 'X' | dd of=flipped.iso bs=1 seek=2000000 conv=notrunc status=none
check "readback of an altered copy" expect_says 13 "Do not send it" mkmedia readback flipped.iso
check "is on record, too" last '.what == "read-back" and .status == 13 and .reason == "block.differs" and .number == 1'
check "and is no copy" says "copy 3." mkmedia readback disc.iso
before=$(entries vendor)
check "readback of a foreign medium" expect_says 11 "Nothing was recorded" mkmedia readback foreign.iso
check "readback of what is not sealed yet" expect_says 10 "Nothing was recorded" mkmedia readback bound/acme-2-1.iso
check "readback of nothing" expect_status 2 mkmedia readback nothing.iso
check "readback without a medium" expect_says 2 "takes one medium" mkmedia readback
check "readback in JSON of what is not ours" json '.status == 11 and .reason == "sender.unknown" and (has("copy") or has("ledger") | not)' \
	mkmedia readback foreign.iso --json
check "none of these is on record" [ "$(entries vendor)" = "$before" ]
check "readback of a volume of a set" says "acme no. 3 disc 2 copy 1" mkmedia readback set/acme-3-2.iso
check "readback without the code, in an old copy of the home" expect_says 1 "letters/acme-3.code" \
	mkmedia readback set/acme-3-1.iso --home early
cp vendor/letters/acme-3.code early/letters
check "readback with an old copy of the home" expect_says 2 "an old copy of the home" \
	mkmedia readback set/acme-3-1.iso --home early
before=$(entries vendor)
mv vendor/letters/acme-1.code vendor/letters/gone
check "readback without the code" expect_says 1 "It is not known whether it is good" mkmedia readback disc.iso
check "says nothing of the medium, so nothing is recorded" [ "$(entries vendor)" = "$before" ]
mv vendor/letters/gone vendor/letters/acme-1.code
if [ "$(id -u)" = 0 ] && loop=$(losetup -r -f --show disc.iso 2>/dev/null); then
	check "readback of a device" says "copy 4." mkmedia readback "$loop"
	check "says what it was" last '.device.kind == "other" and .device.size > 4000000'
else
	loop=""
	skip "loop devices need root and a kernel that has them"
fi
check "copies are counted" [ "$(copies)" -ge 4 ]
check "the ledger is whole" mkmedia ledger verify
done_testing
