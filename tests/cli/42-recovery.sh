#!/bin/bash
# Parity: what a damaged disc still gives is enough, byte for byte; where it is not, that is said, and
# another damaged copy may help.  What there are two of may be lost; what reads and is false is refused.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

# noise BYTES N: not zeros, and the same every time.
noise() {
	openssl enc -aes-128-ctr -K "$(printf '%032x' "$2")" -iv 00000000000000000000000000000000 \
		-in /dev/zero 2>/dev/null | head -c "$1" || true
}
new_vendor etl etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
mkdir -p R1/payload/sub R2/payload
noise 6000000 1 >R1/payload/one.bin
noise 3000000 2 >R1/payload/sub/two.bin
seq 1 20000 >R1/payload/sub/numbers.txt
: >R1/payload/empty
noise 70000000 3 >R2/payload/large.bin
for i in {1..300}; do noise $((i * 697)) $((i + 100)) >"R2/payload/small $i"; done
new_release etl R1
new_release etl R2
new_site site etl acme-plant7
fresh

# of IMAGE JQ: what the seal says of the image.
of() { forge_body "$1" | jq ".image | $2"; }

# ---- how much parity there is: SPEC, "Recovery" ----

# planned IMAGE PERCENT: the fewest stripes of at most 255 rows, and so many parity rows in each.
planned() {
	of "$1" . >image
	jq -e --argjson p "$2" '. as $i | ((.iso + 65535) / 65536 | floor) as $n |
		def up(a; b): (a + b - 1) / b | floor;
		def rows(s): up($n; s) | . + up(. * $p; 100);
		if $p == 0 then (has("recovery") | not) and .blocks == $n
		else (first(range(1; $n + 1) | select(rows(.) <= 255))) as $s | up($n; $s) as $k |
			.recovery == {stripes: $s, parity: up($k * $p; 100)} and
			.blocks == $n + $s * up($k * $p; 100)
		end and .map.offset == .blocks * 65536' image || { cat image; return 1; }
}
do_quietly mkmedia build --home etl R1 --customer acme-plant7 -o out
mv out/*.iso default.iso
check "5 % by default" planned default.iso 5
for p in 0 1 5 40; do
	new_image etl acme-plant7 R1 "r$p" --recovery $p
	check "--recovery $p" planned "r$p.iso" $p
	check "--recovery $p: genuine" judges 0 ok verify "$T/r$p.iso" --home "$site" --code "r$p.code"
	check "--recovery $p: and nothing was repaired" shows '.verdict == "GENUINE" and
		(.blocks | .unreadable + .differ + .mended + .repaired + .lost == 0) and .blocks.good == '"$(of "r$p.iso" .blocks)"
done
new_image etl acme-plant7 R2 large --recovery 5
check "a large one" planned large.iso 5
check "of more than one stripe" [ "$(of large.iso .recovery.stripes)" -gt 1 ]
used() { mkmedia status --home etl --json | sha256sum; }
before=$(used)
for p in 41 100 -1 "" " 5" +5 5% 5.5 0x5 five 005 99999999999999999999; do
	check "--recovery '$p' is refused" judges 2 usage mkmedia build --home etl R1 --customer acme-plant7 -o no --recovery "$p"
done
check "and uses no number" [ "$(used)" = "$before" ]
check "and writes nothing" [ ! -e no ]
made_again() {
	mkmedia remake acme-plant7/"$1" --volume 1 --home etl -o again && cmp "again/acme-plant7-$1-1.iso" "$2"
}
check "made again, with the same parity" made_again 4 r5.iso
check "made again, with more" made_again 5 r40.iso
check "made again, without" made_again 2 r0.iso

# ---- damage ----

FORGE_CHAIN=etl.trust FORGE_KEY=etl/keys/seal FORGE_CODE=$(cat r5.code)
N=$(((($(of r5.iso .iso)) + 65535) / 65536)) M=$(of r5.iso .recovery.parity) BLOCKS=$(of r5.iso .blocks)
check "the small one has one stripe" [ "$(of r5.iso .recovery.stripes)" = 1 ]

# spoil FILE BLOCK...: each of these differs in one byte.
spoil() {
	local file=$1 b
	shift
	for b; do flip "$file" $((b * 65536 + 40000 + b % 100)) $((b % 8)); done
}

# Bad sectors, as read(2) shows them to whoever opens an image; a disk that is full or has no room for
# files without a name.  BAD: "FIRST-END ..." in bytes.
cat >bad.c <<'END'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static int medium = -1;
static int
opened(const char *path, int flags, mode_t mode)
{
	size_t n = strlen(path);
	int fd;
	if ((flags & O_TMPFILE) == O_TMPFILE && getenv("NO_TMPFILE") != NULL) {
		errno = ENOSPC;
		return -1;
	}
	fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd != -1 && (flags & O_ACCMODE) == O_RDONLY && n > 4 && strcmp(path + n - 4, ".iso") == 0)
		medium = fd;
	return fd;
}
static ssize_t
bad(int fd, void *buf, size_t len, off_t at)
{
	const char *s = fd == medium ? getenv("BAD") : NULL;
	while (s != NULL && *s != '\0') {
		char *end;
		long long first = strtoll(s, &end, 10), last = strtoll(end + 1, &end, 10);
		if (at < last && first < at + (off_t)len) {
			if (first <= at) {
				errno = EIO;
				return -1;
			}
			len = first - at;
		}
		for (s = end; *s == ' '; s++)
			;
	}
	return syscall(SYS_pread64, fd, buf, len, at);
}
static ssize_t
full(int fd, const void *buf, size_t len, off_t at)
{
	if (len == 65536 && getenv("NO_SPACE") != NULL) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, buf, len, at);
}
int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return opened(path, flags, mode);
}
int
open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return opened(path, flags, mode);
}
int __open_2(const char *path, int flags) { return opened(path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened(path, flags, 0); }
ssize_t pread(int fd, void *b, size_t n, off_t at) { return bad(fd, b, n, at); }
ssize_t pread64(int fd, void *b, size_t n, off_t at) { return bad(fd, b, n, at); }
ssize_t __pread_chk(int fd, void *b, size_t n, off_t at, size_t s) { (void)s; return bad(fd, b, n, at); }
ssize_t __pread64_chk(int fd, void *b, size_t n, off_t at, size_t s) { (void)s; return bad(fd, b, n, at); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return full(fd, b, n, at); }
ssize_t pwrite64(int fd, const void *b, size_t n, off_t at) { return full(fd, b, n, at); }
END
liar=
if gcc -shared -fPIC -w -o bad.so bad.c 2>bad.log; then
	liar=$T/bad.so
else
	skip "what does not read: no C compiler"
fi
# scratched "FIRST-END ..." COMMAND...: with these bytes of the medium not to be read; NAME=1 in front of it.
scratched() {
	local bad=$1
	shift
	BAD=$bad LD_PRELOAD=$liar ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 "$@"
}
# sectors BLOCK...: one sector of each.
sectors() {
	local b
	for b; do printf '%d-%d ' $((b * 65536 + 20480)) $((b * 65536 + 22528)); done
}

# last_entry JQ: what is true of the newest entry of the ledger.
last_entry() {
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e "$1" >/dev/null ||
		{ echo "the ledger says something else"; tail -n 1 "$site/ledger/entries.jsonl"; return 1; }
}
# same_payload RELEASE: what was staged last is what was packed.
same_payload() { diff -r "$1/payload" "$site/$(jq -r .stage said)/RELEASES/$1/payload"; }
# told JQ...: what must be true of the blocks.
told() { shows ".blocks | $1"; }

# repaired IMAGE CODE RELEASE UNREADABLE DIFFER ["FIRST-END ..."]: by verify and by ingest; staged, and on record.
repaired() {
	local image=$1 code=$2 release=$3 unreadable=$4 differ=$5 bad=${6:-} count n extents
	n=$((unreadable + differ))
	fresh
	count=$(entries "$site")
	scratched "$bad" judges 0 ok verify "$image" --home "$site" --code "$code" || return 1
	shows '.verdict == "REPAIRED"' || return 1
	told ".unreadable == $unreadable and .differ == $differ and .repaired == $n and .lost == 0 and .mended == 0" || return 1
	shows ".checks[] | select(.name == \"repaired\" and .state == \"remark\") | .text |
		test(\"^$n blocks? computed from parity: $unreadable unreadable, $differ differed; blocks \")" || return 1
	[ "$(entries "$site")" = "$count" ] || { echo "verify wrote into the ledger"; return 1; }
	scratched "$bad" judges 0 ok ingest accept "$image" --home "$site" --code "$code" || return 1
	shows '.verdict == "REPAIRED"' || return 1
	same_payload "$release" || return 1
	[ -z "$(find "$site/scratch" "$site/waiting" -mindepth 1 -type f 2>/dev/null)" ] || { echo "something stays behind"; return 1; }
	extents="$(jq -c .blocks.extents said)"
	last_entry ".what == \"accepted\" and .verdict == \"REPAIRED\" and .repaired == $n and
		.unreadable == $unreadable and .differ == $differ and .mended == 0 and .extents == $extents and
		(.more_extents or ([.extents[].count] | add) == $n)"
}
# beyond STATUS REASON IMAGE CODE LOST STRIPES ["FIRST-END ..."]: refused by both, and what is good is kept.
beyond() {
	local status=$1 reason=$2 image=$3 code=$4 lost=$5 stripes=$6 bad=${7:-}
	fresh
	scratched "$bad" refused "$status" "$reason" "$image" "$code" || return 1
	shows ".where | test(\"; $lost blocks of $stripes stripes are beyond repair\")" || return 1
	told ".lost == $lost and .repaired == 0" || return 1
	told ".kept == $(of "$image" .blocks) - $lost" || return 1
	last_entry '.what == "refused" and .extents == '"$(jq -c .blocks.extents said)"' and
		(.more_extents or ([.extents[].count] | add) >= '"$lost)"
}
# refuses ...: as refused, by a site that has seen nothing yet.
refuses() {
	fresh
	refused "$@"
}
if_liar() { if [ -n "$liar" ]; then check "$@"; fi; }

like r5.iso d.iso
spoil d.iso 47
check "one block that differs" repaired "$T/d.iso" r5.code R1 0 1
check "and which it was, for programs" told '.extents == [{first: 47, count: 1}] and (.more_extents | not)'
check "and which it was" shows '.checks[] | select(.name == "repaired") | .text | endswith("; blocks 47")'
check "which systems it fits is told as well" json '.status == 0 and .releases[0].outcome == "fits"' \
	ingest fit d.iso --home site --json
check "read back at the desk, it is not good" judges 13 block.differs mkmedia readback d.iso --home etl
check "and is on record as that" shows '.ledger > 0 and (has("copy") | not) and (.where | test("1 differ"))'
if_liar "read back, what does not read is not repaired either" \
	scratched "$(sectors 47)" judges 14 medium.unreadable mkmedia readback r5.iso --home etl
if_liar "one block that does not read" repaired "$T/r5.iso" r5.code R1 1 0 "$(sectors 47)"
if_liar "one of each" repaired "$T/d.iso" r5.code R1 1 1 "$(sectors 90)"
if_liar "a block that differs, and does not read" repaired "$T/d.iso" r5.code R1 1 0 "$(sectors 47)"
like r5.iso d.iso
# shellcheck disable=SC2046
spoil d.iso $(seq 20 $((19 + M)))
check "as many as there is parity for" repaired "$T/d.iso" r5.code R1 0 "$M"
check "as a run" shows ".checks[] | select(.name == \"repaired\") | .text | endswith(\"; blocks 20-$((19 + M))\")"
# shellcheck disable=SC2046
if_liar "as many that do not read" repaired "$T/r5.iso" r5.code R1 "$M" 0 "$(sectors $(seq 20 $((19 + M))))"
like r5.iso d.iso
# shellcheck disable=SC2046
spoil d.iso $(seq "$N" $((BLOCKS - 1)))
check "all of the parity, and nothing else" repaired "$T/d.iso" r5.code R1 0 "$M"
if_liar "all of the parity unread" repaired "$T/r5.iso" r5.code R1 "$M" 0 "$((N * 65536))-$((BLOCKS * 65536))"
like r5.iso d.iso
spoil d.iso 0 $((N - 1)) "$N" $((BLOCKS - 1))
check "first and last of both" repaired "$T/d.iso" r5.code R1 0 4
like r40.iso d.iso
# shellcheck disable=SC2046
spoil d.iso $(seq 5 $((4 + $(of r40.iso .recovery.parity))))
check "40 %" repaired "$T/d.iso" r40.code R1 0 "$(of r40.iso .recovery.parity)"
check "what is there already is not read twice" shows ".bytes_read < 2 * $(stat -c %s r40.iso) + 4000000"

# ---- a large one: here and there, and a scratch ----

LN=$((($(of large.iso .iso) + 65535) / 65536)) LM=$(of large.iso .recovery.parity) LS=$(of large.iso .recovery.stripes)
LB=$(of large.iso .blocks)
mapfile -t random < <(awk -v n="$LB" 'BEGIN { srand(42); while (k < int(n / 100)) { b = int(rand() * n); if (!(b in seen)) { seen[b]; k++; print b } } }')
check "1 % of all blocks are more than 10" [ ${#random[@]} -gt 10 ]
like large.iso d.iso
spoil d.iso "${random[@]}"
check "1 % here and there differ" repaired "$T/d.iso" large.code R2 0 ${#random[@]}
if_liar "1 % here and there do not read" repaired "$T/large.iso" large.code R2 ${#random[@]} 0 "$(sectors "${random[@]}")"
burst=$((LB * 4 / 100)) at=$((LN / 3))
like large.iso d.iso
noise $((burst * 65536)) 77 | put d.iso $((at * 65536))
check "a stretch of 4 % that differs" repaired "$T/d.iso" large.code R2 0 $burst
check "which is one run" shows ".checks[] | select(.name == \"repaired\") | .text | endswith(\"; blocks $at-$((at + burst - 1))\")"
if_liar "a stretch of 4 % that does not read" repaired "$T/large.iso" large.code R2 $burst 0 \
	"$((at * 65536 + 2048))-$(((at + burst) * 65536 - 2048))"
if_liar "both at once, as much as parity in all stripes" repaired "$T/d.iso" large.code R2 $((LS * LM - burst)) $burst \
	"$(((at + burst) * 65536))-$(((at + LS * LM) * 65536))"
check "one block more is too much" [ $((at + LS * LM + 1)) -lt "$LN" ]
like large.iso d.iso
noise $(((LS * LM + 1) * 65536)) 78 | put d.iso $((at * 65536))
check "a stretch that is one block too long" beyond 13 block.differs "$T/d.iso" large.code $((LM + 1)) 1
if_liar "or too long to be read" beyond 14 medium.unreadable "$T/large.iso" large.code $((LM + 1)) 1 \
	"$((at * 65536))-$(((at + LS * LM + 1) * 65536))"

# ---- more than can be repaired ----

like r5.iso d.iso
# shellcheck disable=SC2046
spoil d.iso $(seq 20 $((20 + M)))
check "one more than parity differs" beyond 13 block.differs "$T/d.iso" r5.code $((M + 1)) 1
# shellcheck disable=SC2046
if_liar "one more does not read" beyond 14 medium.unreadable "$T/r5.iso" r5.code $((M + 1)) 1 "$(sectors $(seq 20 $((20 + M))))"
like r5.iso d.iso
# shellcheck disable=SC2046
spoil d.iso $(seq 20 $((19 + M)))
if_liar "one more, of both kinds" beyond 13 block.differs "$T/d.iso" r5.code $((M + 1)) 1 "$(sectors 3)"
like r0.iso d.iso
spoil d.iso 47
check "without parity nothing is repaired" refuses 13 block.differs "$T/d.iso" r0.code
check "and nothing is said of it" shows '(.where | test("beyond") | not) and .blocks.lost == 0 and .blocks.repaired == 0'
if_liar "without parity, unread" scratched "$(sectors 47)" refuses 14 medium.unreadable "$T/r0.iso" r0.code

# Two copies, neither of which can be repaired alone.
like r5.iso first.iso
# shellcheck disable=SC2046
spoil first.iso $(seq 20 $((20 + M)))
like r5.iso second.iso
# shellcheck disable=SC2046
spoil second.iso $(seq 60 $((60 + M)))
check "a copy that is beyond repair" beyond 13 block.differs "$T/first.iso" r5.code $((M + 1)) 1
check "what is kept of it is on the status" json '.kept == [{vendor: "etl", customer: "acme-plant7", number: 4, volume: 1}]' \
	ingest status --home "$site" --json
check "and what it is for" says "good blocks of a damaged disc; read another copy of it, or ingest drop acme-plant7/4" \
	ingest status --home "$site"
completes() {
	judges 0 ok ingest accept "$1" --home "$site" --code r5.code && shows '.verdict == "REPAIRED"' &&
		told ".mended == $2 and .mended_differ == ${4:-$2} and .repaired == $3" && same_payload R1 &&
		last_entry ".verdict == \"REPAIRED\" and .mended == $2 and .mended_differ == ${4:-$2} and .repaired == $3" &&
		[ -z "$(find "$site/waiting" -type f 2>/dev/null)" ]
}
check "is completed by another that is" completes "$T/second.iso" $((M + 1)) 0
# What is missing in both is computed from what one of them has.
like r5.iso second.iso
# shellcheck disable=SC2046
spoil second.iso $(seq 21 $((24 + M)))
check "the first again" beyond 13 block.differs "$T/first.iso" r5.code $((M + 1)) 1
check "and a second one that lacks almost the same" completes "$T/second.iso" 4 "$M"
check "the first once more" beyond 13 block.differs "$T/first.iso" r5.code $((M + 1)) 1
like first.iso again.iso
check "the same damage helps nobody" refused 13 block.differs "$T/again.iso" r5.code
check "and what is kept is no more" told ".kept == $BLOCKS - $((M + 1))"
if_liar "where it differs here and does not read there" scratched "$(sectors 70 71)" completes "$T/second.iso" 6 "$M" 4

# ---- what there are two of ----

SEAL=16384-32768
MAP=$(of r5.iso .map.offset) MAP2=$(of r5.iso .map2.offset) CHAIN=$(of r5.iso .chain.offset) CHAIN2=$(of r5.iso .chain2.offset)
BACKUP=$(of r5.iso .backup) SIZE=$(stat -c %s r5.iso)
# spared NAME "FIRST-END ..." IMAGE CODE: genuine, and it is said.
spared() {
	fresh
	scratched "$2" judges 0 ok verify "$3" --home "$site" --code "$4" &&
		shows ".verdict == \"GENUINE\" and (.checks[] | select(.name == \"$1\" and .state == \"remark\"))" &&
		scratched "$2" judges 0 ok ingest accept "$3" --home "$site" --code "$4" && same_payload R1
}
byte() { echo "$1-$(($1 + 1))"; }
if_liar "first map" spared map "$(byte "$MAP")" "$T/r5.iso" r5.code
if_liar "first map, without parity" spared map "$(byte "$(of r0.iso .map.offset)")" "$T/r0.iso" r0.code
if_liar "second map" spared copies "$(byte "$MAP2")" "$T/r5.iso" r5.code
if_liar "backup of the seal" spared copies "$(byte "$BACKUP")" "$T/r5.iso" r5.code
if_liar "second chain" spared copies "$(byte "$CHAIN2")" "$T/r5.iso" r5.code
if_liar "the tail" spared copies "$((SIZE - 5000))-$SIZE" "$T/r5.iso" r5.code
if_liar "everything behind the backup" spared copies "$MAP2-$SIZE" "$T/r5.iso" r5.code
if_liar "first map, and a block" repaired "$T/r5.iso" r5.code R1 1 0 "$(byte "$MAP") $(sectors 47)"
if_liar "both maps" scratched "$(byte "$MAP") $(byte "$MAP2")" refuses 14 medium.unreadable "$T/r5.iso" r5.code
if_liar "which is said" shows '.checks[-1] | .step == "V7"'
if_liar "first chain" spared chain "$(byte "$CHAIN")" "$T/r5.iso" r5.code
if_liar "first map, chain, and a block" repaired "$T/r5.iso" r5.code R1 1 0 "$(byte "$MAP") $(byte "$CHAIN") $(sectors 47)"
if_liar "both chains" scratched "$(byte "$CHAIN") $(byte "$CHAIN2")" refuses 14 medium.unreadable "$T/r5.iso" r5.code
if_liar "the seal: the backup is used, and its block computed" repaired "$T/r5.iso" r5.code R1 1 0 $SEAL
if_liar "which is said" shows '.checks[] | select(.name == "seal" and .state == "remark")'
if_liar "one sector of the seal" repaired "$T/r5.iso" r5.code R1 1 0 18432-20480
if_liar "the seal, and the first map" repaired "$T/r5.iso" r5.code R1 1 0 "$SEAL $(byte "$MAP")"
if_liar "the seal, without parity: its block is missing" scratched $SEAL refuses 14 medium.unreadable "$T/r0.iso" r0.code
if_liar "and yet it is known from whom it is" shows '.consignment.customer == "acme-plant7" and .blocks.unreadable == 1'
if_liar "the seal of a large one" repaired "$T/large.iso" large.code R2 1 0 $SEAL
if_liar "both seals" scratched "$SEAL $(byte "$BACKUP")" refuses 14 medium.unreadable "$T/r5.iso" r5.code
if_liar "of which nothing is believed" shows '.consignment == null and .sender == null'

# A backup counts only where the seal says that it is.
like r5.iso moved.iso
take r5.iso 16384 16384 | put moved.iso $((BACKUP - 1048576))
if_liar "a seal in the wrong place" scratched "$SEAL $(byte "$BACKUP")" refuses 13 seal.header "$T/moved.iso" r5.code

# What reads well and is false is not forgiven, whatever the other copy says.
like r5.iso false.iso
flip false.iso "$MAP"
check "first map false" refuses 13 map.digest "$T/false.iso" r5.code
if_liar "first map false, the second unread" scratched "$(byte "$MAP2")" refuses 13 map.digest "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso "$MAP2"
check "second map false" refuses 13 map.copy "$T/false.iso" r5.code
if_liar "second map false, the first unread" scratched "$(byte "$MAP")" refuses 14 medium.unreadable "$T/false.iso" r5.code
like r5.iso false.iso
head -c 16384 /dev/zero | put false.iso 16384
check "no seal: the backup is not looked for" refuses 10 seal.none "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso 17500
check "seal false" refuses 12 seal.signature "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso "$BACKUP"
check "backup false" refuses 13 backup.differs "$T/false.iso" r5.code
if_liar "backup false, the seal unread" scratched $SEAL refuses 14 medium.unreadable "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso $((BACKUP + 1000))
if_liar "backup false within, the seal unread" scratched $SEAL refuses 12 seal.signature "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso "$CHAIN2"
check "second chain false" refuses 13 chain.copy "$T/false.iso" r5.code
if_liar "second chain false, the backup unread" scratched "$(byte "$BACKUP")" refuses 13 chain.copy "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso $((CHAIN + 200))
check "first chain false" refuses 13 chain.forked "$T/false.iso" r5.code
like r5.iso false.iso
flip false.iso $((CHAIN2 + 200))
if_liar "second chain false, the first unread" scratched "$(byte "$CHAIN")" refuses 14 medium.unreadable "$T/false.iso" r5.code

# Bytes that no digest covers: between the last block and the map there is no room for any.
MAPLENGTH=$(of r0.iso .map.length) R0MAP=$(of r0.iso .map.offset) R0CHAIN=$(of r0.iso .chain.offset)
take r0.iso "$R0MAP" "$MAPLENGTH" >map
take r0.iso "$R0CHAIN" "$(of r0.iso .chain.length)" >chain
like r0.iso gap.iso
head -c 196608 /dev/zero | put gap.iso "$R0MAP"
put gap.iso $((R0MAP + 65536)) <map
put gap.iso $((R0MAP + 131072)) <chain
FORGE_CODE=$(cat r0.code)
reseal gap.iso ".image.map.offset += 65536 | .image.chain.offset = $R0MAP + 131072"
check "room in front of the map" refuses 13 seal.regions "$T/gap.iso" r0.code
FORGE_CODE=$(cat r5.code)

# ---- an image that ends too early ----

for cut in 2048 400000 $((SIZE - BACKUP)) $((SIZE - MAP)) $((SIZE - MAP + 65536)) $((SIZE - 3000000)); do
	like r5.iso short.iso
	truncate -s -$cut short.iso
	check "$cut bytes are missing at the end" refuses 14 image.shorter "$T/short.iso" r5.code
done

# ---- parity is believed as little as anything else ----

like r5.iso garbage.iso
noise $((M * 65536)) 99 | put garbage.iso $((N * 65536))
check "garbage for parity" repaired "$T/garbage.iso" r5.code R1 0 "$M"
remap garbage.iso
fresh
check "garbage for parity, sealed" judges 0 ok verify garbage.iso --home "$site" --code r5.code
check "is garbage" shows '.verdict == "GENUINE"'
spoil garbage.iso 47
check "and repairs nothing" beyond 13 block.differs "$T/garbage.iso" r5.code 1 1
hostile() {
	like r5.iso forged.iso
	reseal forged.iso ".image.recovery $3"
	refused "$1" "$2" "$T/forged.iso" r5.code
}
fresh
check "hostile: no stripe" hostile 13 json.value '.stripes = 0'
check "hostile: no parity" hostile 13 json.value '.parity = 0'
check "hostile: another key" hostile 13 json.unknown '.percent = 5'
check "hostile: null" hostile 13 json.value '= null'
check "hostile: one more stripe" hostile 13 seal.regions '.stripes += 1'
check "hostile: one parity less" hostile 13 seal.regions '.parity -= 1'
check "hostile: as many stripes as can be" hostile 13 seal.regions '.stripes = 9007199254740991'
check "hostile: 254 parity" hostile 13 seal.regions '.parity = 254'
like r5.iso forged.iso
reseal forged.iso 'del(.image.recovery)'
check "hostile: parity that is not named" refuses 13 seal.regions "$T/forged.iso" r5.code
like r5.iso forged.iso
reseal forged.iso ".image.recovery = {stripes: $M, parity: 1}"
fresh
check "another form of as many blocks" judges 0 ok verify forged.iso --home "$site" --code r5.code
spoil forged.iso 47
check "which fits nothing" beyond 13 block.differs "$T/forged.iso" r5.code 1 1

# ---- where there is no room for what is computed ----

like r5.iso d.iso
spoil d.iso 47 48
full_disk() {
	(
		export NO_SPACE=1
		scratched "" refuses 1 own.space "$T/d.iso" r5.code && told '.differ == 2 and .repaired == 0 and .lost == 0' &&
			shows '.where | test("^parity gives 2 blocks that the medium does not, but they cannot be kept: No space")'
	)
}
homeless() {
	(
		export NO_TMPFILE=1
		scratched "" judges 1 own.io verify d.iso --home "$site" --code r5.code &&
			told '.differ == 2 and .repaired == 0 and .lost == 0'
	)
}
fresh
if_liar "no file can be made for it" homeless
if_liar "then it is not the medium that failed" shows '.where | test("no file can be made for them$")'
beyond_anyway() {
	NO_TMPFILE=1 scratched "" judges 13 block.differs verify worse.iso --home "$site" --code r5.code &&
		told ".lost == $((M + 1))"
}
cp r5.iso worse.iso
# shellcheck disable=SC2046
spoil worse.iso $(seq 20 $((20 + M)))
if_liar "but for what parity cannot give" beyond_anyway
if_liar "the disk is full" full_disk
fresh
elsewhere() {
	(
		export TMPDIR=$1
		judges 0 ok verify d.iso --home "$site" --code r5.code && shows '.verdict == "REPAIRED"'
	)
}
check "TMPDIR is not there: another place" elsewhere "$T/nowhere"
check "TMPDIR is a file: another place" elsewhere "$T/d.iso"
mkdir here
check "TMPDIR is there" elsewhere "$T/here"
check "and nothing stays in it" [ -z "$(ls -A here)" ]
small_disk() {
	# shellcheck disable=SC2016
	unshare -rm bash -c 'mount -t tmpfs -o size=64k none here && TMPDIR=$PWD/here "$@"' -- \
		verify d.iso --home "$site" --code r5.code --json >said 2>said.err </dev/null && return 1
	shows '.status == 1 and .reason == "own.space" and .blocks.differ == 2 and .blocks.repaired == 0'
}
if unshare -rm mount -t tmpfs none here 2>unshare.log; then
	check "a disk that is really full" small_disk
else
	skip "a disk that is really full: no user namespaces here"
fi

# ---- sets ----

do_quietly mkmedia build --home etl R1 --customer acme-plant7 -o set --volume-size 6000000
volumes=$(find set -name '*.iso' | wc -l)
number=$(echo set/*-1.iso | sed 's/.*-\([0-9]*\)-1[.]iso$/\1/')
mkmedia letter --home etl "acme-plant7/$number" --code-only >set.code
check "a set" [ "$volumes" -ge 2 ]
for i in $(seq "$volumes"); do
	volume=set/acme-plant7-$number-$i.iso
	check "volume $i has its parity" planned "$volume" 5
	check "volume $i is not too large" [ "$(stat -c %s "$volume")" -le 6000000 ]
	spoil "$volume" "$i"
done
fresh
takes() {
	judges 4 set.incomplete ingest accept "$1" --home "$site" --code set.code && told '.repaired == 1' &&
		shows '.verdict == "INCOMPLETE"' && last_entry '.what == "waiting" and .repaired == 1 and .differ == 1 and
			(.extents | length) == 1'
}
for i in $(seq 2 "$volumes"); do
	check "volume $i is repaired, and waits" takes "$T/set/acme-plant7-$number-$i.iso"
done
flip set/acme-plant7-"$number"-1.iso $((1 * 65536 + 40000 + 1)) 1
joined() {
	judges 0 ok ingest accept "$1" --home "$site" --code set.code && same_payload R1 &&
		shows '.verdict == "REPAIRED"' &&
		last_entry ".what == \"accepted\" and .verdict == \"REPAIRED\" and .repaired == $((volumes - 1)) and
			.differ == .repaired and (has(\"extents\") | not)"
}
check "the last one is whole, the set was repaired" joined "$T/set/acme-plant7-$number-1.iso"

# What fits without parity need not fit with it; no volume is larger than was said.
least=$(stat -c %s r0.iso)
fitting() {
	rm -rf fit
	mkmedia build --home etl R1 --customer acme-plant7 -o fit --volume-size "$1" --recovery "$2" || return 1
	[ "$(find fit -name '*.iso' | wc -l)" = "$3" ] && [ -z "$(find fit -name '*.iso' -size +"$1"c)" ]
}
check "as large as it is without parity" fitting "$least" 0 1
check "with parity these are two" fitting "$least" 5 2
check "with 40 %, too" fitting "$least" 40 2
check "which all fit on something larger" fitting $((least * 3 / 2 + 3145728)) 40 1

# ---- what people see ----

fresh
like r5.iso d.iso
spoil d.iso 47
sees() { grep -qE -- "$1" seen || { echo "no line with: $1"; cat seen; return 1; }; }
verify d.iso --home "$site" --code r5.code >seen 2>&1 </dev/null || :
check "seen: the verdict" sees '^  REPAIRED'
check "seen: what was repaired" sees '^  repaired  1 block computed from parity: 0 unreadable, 1 differed; blocks 47'
ingest accept d.iso --home "$site" --code r5.code >seen 2>&1 </dev/null || :
check "seen at the site" sees '^  REPAIRED'
check "and staged" sees '^  Staged\.'
receipt() { sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$site"/out/etl/*.receipt* | jq -e '.verdict == "REPAIRED" and .status == 0'; }
check "the vendor is told" receipt

done_testing
