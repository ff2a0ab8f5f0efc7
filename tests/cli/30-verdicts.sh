#!/bin/bash
# Every verdict, by verify and by ingest accept: exit status, reason code, what the site keeps of it.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

# ---- a vendor with two customers, a site, and vendors who are not trusted there ----

new_vendor etl etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
do_quietly mkmedia customer add --home etl bode-werk --name "Bode-Werk"
mkdir -p R1/payload/sub
head -c 300000 /dev/urandom >R1/payload/one.bin
head -c 300000 /dev/urandom >R1/payload/sub/two.bin
new_release etl R1
new_image etl acme-plant7 R1 a1
new_image etl acme-plant7 R1 a2
new_image etl bode-werk R1 b1

new_site site etl acme-plant7
fresh

# stranger HOME ID NAME: another vendor's consignment no. 1 for the same customer: HOME.iso, HOME.code.
stranger() {
	new_vendor "$1" "$2" "$3"
	do_quietly mkmedia customer add --home "$1" acme-plant7 --name "ACME Power, Plant 7"
	mkdir -p "$1.release/payload"
	echo "from $1" >"$1.release/payload/file"
	do_quietly mkmedia release draft --home "$1" "$1.release" --id R1
	sed -i 's/"FILL IN[^"]*"/"x"/' "$1.release/release.json"
	do_quietly mkmedia release finish --home "$1" "$1.release"
	do_quietly mkmedia sign --home "$1" "$1.release"
	new_image "$1" acme-plant7 R1 "$1"
}
stranger mmw mmw "Main-Mess-Werke"
stranger alike et1 "Elbe Turbine-Logic"
stranger twin etl "Elbe Turbine Logic"

FORGE_CHAIN=etl.trust FORGE_KEY=etl/keys/seal FORGE_CODE=$(cat a1.code)
D=$(forge_body a1.iso | jq .image.map.offset)

# ---- GENUINE ----

check "genuine" accepted "$T/a1.iso" a1.code
check "genuine: payload is the vendor's" diff -r R1/payload "$site/stage/etl/acme-plant7-1/RELEASES/R1/payload"
check "genuine: ledger whole" ingest ledger verify --home "$site"
fresh
check "genuine: INGEST_HOME" env INGEST_HOME="$site" bash -c 'verify a1.iso --code a1.code </dev/null'
check "genuine: code from a pipe" bash -c "verify a1.iso --home '$site' --code - <a1.code"
typed() { printf '%s\n' "$1" | verify a1.iso --home "$site" --code -; }
check "code: in capitals, in groups" typed "$(grep -E '^    [A-Z]' <(mkmedia letter --home etl acme-plant7/1))"
check "code: hyphens" typed "acme-plant7-$(sed -E 's/..../&-/g' <<<"${FORGE_CODE:12}")"

# ---- GENUINE AS FAR AS CHECKED ----

check "unchecked: no home, no code" judges 3 unchecked verify a1.iso --trust etl.trust
check "unchecked: what was not checked" shows '.not_checked == ["recipient", "code", "number"]'
check "unchecked: no home" judges 3 unchecked verify a1.iso --trust etl.trust --code a1.code --customer acme-plant7
check "unchecked: the number only" shows '.not_checked == ["number"]'
check "unchecked: no code" judges 3 unchecked verify a1.iso --home "$site"
accept_without_code() {
	local before
	before=$(staged "$site")
	judges 3 unchecked ingest accept a1.iso --home "$site" || return 1
	[ "$(staged "$site")" = "$before" ] || return 1
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e '.what == "refused" and .reason == "unchecked"'
}
check "unchecked: nothing is staged without the code" accept_without_code
check "unchecked: all that was not looked at is named" shows '.not_checked ==
	["code", "number", "medium", "blocks", "contents", "release", "fit"] and .advice == "Try again with the code of the letter."'

# ---- NOT SEALED ----

forge_iso R1 plain.iso
head -c 4194304 /dev/zero >zeros
{ printf '%%PDF-1.4\n'; head -c 100000 /dev/urandom; printf '%%%%EOF\n'; } >some.pdf
: >empty
head -c 32767 a1.iso >short
head -c 32768 /dev/zero >zeros-32k
for f in plain.iso zeros some.pdf empty short zeros-32k; do
	check "not sealed: $f" refused 10 seal.none "$T/$f"
done
kept_as() { ingest accept "$2" --home "$site" --code a1.code </dev/null | grep -q "^  $1 is kept as records/[0-9]*/seal[.]$"; }
check "not sealed: what is kept is not called a seal" kept_as "What lies in its place" zeros
check "an unknown sender's is" kept_as "The seal" mmw.iso
for f in /dev/zero . ; do
	check "not a medium: $f" judges 2 usage verify "$f" --home "$site"
	check "not a medium, ingest: $f" judges 2 usage ingest accept "$f" --home "$site"
done
check "no such file" judges 2 usage verify nothing-there --home "$site"

# ---- UNKNOWN SENDER ----

check "unknown sender" refused 11 sender.unknown "$T/mmw.iso" "$T/mmw.code"
check "unknown sender: whom it claims to be" shows '.claims == "mmw" and .sender == null and .consignment == null'
check "look-alike: another id" refused 11 sender.resembles "$T/alike.iso" "$T/alike.code"
check "look-alike: whom it resembles" shows '.resembles == "etl"'
check "look-alike: the same id under another anchor" refused 11 sender.resembles "$T/twin.iso" "$T/twin.code"
check "look-alike: whom the twin resembles" shows '.resembles == "etl"'
check "unknown sender: the fingerprint is spoken of once" [ "$(verify "$T/mmw.iso" --home "$site" </dev/null | grep -c fingerprint)" = 1 ]
check "unknown: nobody is trusted" judges 11 sender.unknown verify a1.iso

# ---- anchors ----

anchor=$(anchor_of etl)
check "anchor: fingerprint in full" judges 3 unchecked verify a1.iso --fingerprint "$anchor"
check "anchor: fingerprint of 32 digits" judges 3 unchecked verify a1.iso --fingerprint "${anchor:0:32}"
check "anchor: fingerprint in groups" judges 3 unchecked verify a1.iso --fingerprint "$(fold -w 4 <<<"$anchor" | paste -sd ' ')"
cp a1.iso renamed.iso
FORGE_CHAIN=etl.trust FORGE_KEY=etl/keys/seal FORGE_CODE=$(cat a1.code) reseal renamed.iso '.vendor = "abc"'
check "anchor: the fingerprint of another vendor than the seal names" judges 13 document.vendor verify renamed.iso --fingerprint "$anchor"
check "anchor: and nothing is believed of that seal" shows ".consignment == null"
check "anchor: 31 digits are too few" judges 2 usage verify a1.iso --fingerprint "${anchor:0:31}"
check "anchor: another fingerprint" judges 11 sender.unknown verify a1.iso --fingerprint "$(anchor_of mmw)"
check "anchor: another vendor's trust" judges 11 sender.unknown verify a1.iso --trust mmw.trust
check "anchor: the twin's trust" judges 11 sender.resembles verify a1.iso --trust twin.trust
check "anchor: trust beside a site" judges 3 unchecked verify mmw.iso --home "$site" --trust mmw.trust --code mmw.code
check "anchor: a file that is no trust is no verdict" judges 2 usage verify a1.iso --trust some.pdf
broken_chain() { echo x >>"$site/trust/etl.chain" && judges 1 own.home "$@" --home "$site"; }
check "anchor: a broken home is no verdict" broken_chain verify a1.iso
check "anchor: a broken home is no verdict, ingest" broken_chain ingest accept a1.iso
fresh

# ---- COUNTERFEIT ----

ssh-keygen -q -t ed25519 -N '' -C forger -f forger
like a1.iso fake.iso
FORGE_KEY=forger reseal fake.iso .
check "counterfeit: a key that never was the vendor's" refused 12 seal.signature "$T/fake.iso"
check "counterfeit: nothing of the seal is believed" shows '.consignment == null and .releases == []'
for key in trust release notice; do
	like a1.iso fake-$key.iso
	FORGE_KEY=etl/keys/$key reseal fake-$key.iso .
	check "counterfeit: sealed by the $key key" refused 12 seal.signature "$T/fake-$key.iso"
done
like a1.iso fake-purpose.iso
FORGE_NAMESPACE=release reseal fake-purpose.iso .
check "counterfeit: signed for another purpose" refused 12 seal.signature "$T/fake-purpose.iso"
like a1.iso fake-field.iso
sed -i 's/"place": "Hamburg"/"place": "Homburg"/' fake-field.iso
check "counterfeit: one letter of the seal changed" refused 12 seal.signature "$T/fake-field.iso"

# ---- ALTERED ----

like a1.iso altered.iso
flip altered.iso $((D - 400000))
check "altered" refused 13 block.differs "$T/altered.iso"
check "altered: one block, and no more" shows '.blocks | .good == '$((D / 65536))' - 1 and .unreadable == 0 and .differ == 1'

# ---- NOT FOR YOU ----

check "not for you" refused 15 recipient.other "$T/b1.iso" "$T/b1.code"
check "not for you: only the seal was looked at" shows '.where ==
	"its seal is genuine, and for Bode-Werk (bode-werk); the rest was not read"'
check "not for you: --customer" judges 15 recipient.other verify a1.iso --trust etl.trust --customer bode-werk
check "not for you: whom it is for" shows '.where | test("ACME Power, Plant 7 .acme-plant7.")'

# ---- WRONG CODE ----

check "code: another number" refused 16 code.other "$T/a1.iso" "$T/a2.code"
check "code: another customer" refused 16 code.other "$T/a1.iso" "$T/b1.code"
check "code: right form, other secret" refused 16 code.wrong "$T/a1.iso" "$T/twin.code"
forge_code acme-plant7 1 >guess.code
check "code: all zeros guessed" refused 16 code.wrong "$T/a1.iso" "$T/guess.code"
# The third group of four is symbols 9 to 12 behind the "1"; symbol 10 becomes its neighbour.
mistype() { sed -E "s/^(acme-plant71.{$1})(.)/\1$(cut -c $((13 + $1)) a1.code | tr 'qpzry9x8gf2tvdw0s3jn54khce6mua7l' 'pzry9x8gf2tvdw0s3jn54khce6mua7lq')/" a1.code >typo.code; }
for at in 0 9 32; do
	mistype $at
	check "code: mistyped at $at" refused 16 code.mistyped "$T/a1.iso" "$T/typo.code"
	group=$((at / 4 + 1))
	[ $group -le 8 ] || group=8
	check "code: mistyped in group $group" shows ".where | test(\"group $group cannot be right\")"
done
sed 's/...$//' a1.code >typo.code
check "code: too short" refused 16 code.mistyped "$T/a1.iso" "$T/typo.code"
: >typo.code
check "code: empty" refused 16 code.mistyped "$T/a1.iso" "$T/typo.code"
sed -E 's/^(.{14})./\1b/' a1.code >typo.code
check "code: a letter that no code has" refused 16 code.mistyped "$T/a1.iso" "$T/typo.code"
check "code: a file that is not there" judges 2 usage verify a1.iso --home "$site" --code none
never_written() { ! grep -rqF "$(cut -c 19-38 a1.code)" "$site/ledger" "$site/records" "$site/out"; }
check "code: stands in no record" never_written

# ---- REPLAYED, late numbers, jumps ----

fresh
check "replay: first" accepted "$T/a1.iso" a1.code
check "replay: second" refused 18 number.used "$T/a1.iso"
check "replay: which entry" shows '.where | test("acme-plant7 no. 1, ledger 5")'
check "number: the next" accepted "$T/a2.iso" a2.code
fresh
check "number: 2 before 1" accepted "$T/a2.iso" a2.code
check "number: 1 is late" accepted "$T/a1.iso" a1.code
check "number: and said to be" shows '.checks[] | select(.name == "number") | .text | test("late: 2 came before it")'
check "number: then replayed" refused 18 number.used "$T/a1.iso"
fresh
# numbered N: consignment N of the vendor, nN.iso and nN.code; FORGE_JQ changes more of the seal.
numbered() {
	local n=$1
	forge_code acme-plant7 "$n" >"n$n.code"
	like a1.iso "n$n.iso"
	FORGE_CODE=$(cat "n$n.code") reseal "n$n.iso" ".number = $n | ${FORGE_JQ:-.}"
}
# LIMIT_NUMBER_JUMP is 1,000; nothing has arrived yet.
numbered 1001
numbered 1000
numbered 2000
check "number: a jump of 1,001" refused 22 number.jump "$T/n1001.iso" "$T/n1001.code"
check "number: a jump of 1,000" accepted "$T/n1000.iso" n1000.code
check "number: 1,000 more" accepted "$T/n2000.iso" n2000.code
check "number: what was a jump is late now" accepted "$T/n1001.iso" n1001.code

# ---- EXPIRED ----

fresh
like a1.iso expired.iso
reseal expired.iso '.sealed_at = "2020-01-01T00:00:00Z" | .expires = "2020-06-30T00:00:00+02:00"'
check "expired" refused 19 seal.expired "$T/expired.iso"
check "expired: otherwise genuine" shows '.where | test("otherwise genuine")'
check "expired: all other checks were made" shows \
	'[.checks[] | select(.state == "ok") | .name] == ["sender", "recipient", "code", "number", "blocks", "contents", "release"]'
flip expired.iso $((D - 400000))
check "expired and altered is altered" refused 13 block.differs "$T/expired.iso"
said_once() { verify expired.iso --home "$site" --code a1.code </dev/null >s || true; [ "$(grep -ci 'read well but differ' s) $(grep -c FAILED s)" = "1 1" ] && grep -q '^  expiry .*FAILED' s; }
check "expired and altered: what decides is said once" said_once
new_image etl acme-plant7 R1 a3 --expires 2036-01-01T00:00:00+01:00
check "not yet expired" accepted "$T/a3.iso" a3.code
fresh
day() { date -u -d "$1 days" +%FT%TZ; }
FORGE_JQ=".sealed_at = \"$(day +300)\"" numbered 4
FORGE_JQ=".expires = \"$(day +200)\"" numbered 5
check "expiry: the floor moves" accepted "$T/n4.iso" n4.code
check "expiry: at the floor, not at a clock that is behind it" refused 19 seal.expired "$T/n5.iso" "$T/n5.code"

# ---- NEWER FORMAT ----

fresh
like a1.iso newer.iso
reheader newer.iso 's/^WAXSEAL1/WAXSEAL2/'
check "newer: header" refused 5 format.newer "$T/newer.iso"
like a1.iso newer.iso
reseal newer.iso '.waxseal = "seal/2"'
check "newer: body" refused 5 format.newer "$T/newer.iso"
like a1.iso newer.iso
reseal newer.iso '.volume = {index: 1, count: 2}'
check "a set that does not name its volumes" refused 13 json.missing "$T/newer.iso"

# ---- DAMAGED ----

like a1.iso truncated.iso
truncate -s -2048 truncated.iso
check "damaged: a sector short" refused 14 image.shorter "$T/truncated.iso"
truncate -s 400000 truncated.iso
check "damaged: cut within the files" refused 14 image.shorter "$T/truncated.iso"

# Bad sectors, as read(2) shows them; the real thing needs a device mapper.
cat >bad.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static ssize_t
bad(const char *name, int fd, void *buf, size_t len, off_t at)
{
	ssize_t (*next)(int, void *, size_t, off_t) =
	    (ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, name);
	const char *bad = getenv("BAD_BYTE");
	if (bad != NULL && len > 1 && at <= atol(bad) && atol(bad) < at + (off_t)len) {
		errno = EIO;
		return -1;
	}
	return next(fd, buf, len, at);
}
ssize_t pread(int fd, void *b, size_t n, off_t at) { return bad("pread", fd, b, n, at); }
ssize_t pread64(int fd, void *b, size_t n, off_t at) { return bad("pread64", fd, b, n, at); }
ssize_t __pread_chk(int fd, void *b, size_t n, off_t at, size_t s) { (void)s; return bad("pread", fd, b, n, at); }
ssize_t __pread64_chk(int fd, void *b, size_t n, off_t at, size_t s) { (void)s; return bad("pread64", fd, b, n, at); }
END
scratched() {
	BAD_BYTE=$1 LD_PRELOAD=$T/bad.so ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
		refused 14 medium.unreadable "$T/a1.iso"
}
if gcc -shared -fPIC -o bad.so bad.c -ldl 2>bad.log; then
	check "damaged: an unreadable sector in a file" scratched $((D - 400000))
	check "damaged: the block is counted" shows '.blocks.unreadable == 1 and .blocks.differ == 0'
	check "damaged: unreadable seal" scratched 20000
	# What there are two of, or what is empty, may be lost: it is said.
	spared() {
		BAD_BYTE=$1 LD_PRELOAD=$T/bad.so ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
			judges 0 ok verify "$T/a1.iso" --home "$site" --code "$T/a1.code" || return 1
		shows ".checks[] | select(.name == \"$2\" and .state == \"remark\")"
	}
	check "spared: unreadable map" spared "$D" map
	check "spared: unreadable backup" spared "$(forge_body a1.iso | jq .image.backup)" copies
	check "spared: unreadable first chain" spared "$(forge_body a1.iso | jq .image.chain.offset)" chain
	check "spared: unreadable second chain" spared "$(forge_body a1.iso | jq .image.chain2.offset)" copies
	check "spared: unreadable tail" spared $(($(stat -c %s a1.iso) - 5000)) copies
else
	skip "unreadable sectors: no C compiler"
fi

# ---- trust 2: adopted from a medium, also from one that is refused ----

cp -a etl etl2
next_trust etl '.issued = (now | todate) | .address = "Elbchaussee 1"' >2.trust
do_quietly mkmedia sign --home etl2 2.trust
new_image etl2 acme-plant7 R1 t2
version_held() { [ "$(ingest trust list --home "$site" --json | jq '.vendors[0].version')" = "$1" ]; }
adoption_recorded() { grep -q '"what":"trust-adopted".*"version":2.*"from":"medium"' "$site/ledger/entries.jsonl"; }

fresh
check "trust 2: verify takes it" judges 0 ok verify t2.iso --home "$site" --code t2.code
check "trust 2: verify adopts nothing" version_held 1
like t2.iso t2-altered.iso
flip t2-altered.iso $((D - 400000))
ADOPTED=1 check "trust 2: a spoiled consignment" refused 13 block.differs "$T/t2-altered.iso" "$T/t2.code"
check "trust 2: is adopted from it" version_held 2
check "trust 2: and that is on record" adoption_recorded
check "trust 2: then the good one" accepted "$T/t2.iso" t2.code
check "trust 2: what trust 1 sealed still counts" accepted "$T/a1.iso" a1.code
fresh
check "trust 2: by fingerprint of version 1" judges 3 unchecked verify t2.iso --fingerprint "$anchor"
check "trust 2: by the file of version 1" judges 3 unchecked verify t2.iso --trust etl.trust
check "trust 2: accepted at a site that held 1" accepted "$T/t2.iso" t2.code
check "trust 2: and adopted" version_held 2
check "trust 2: and recorded" adoption_recorded

# ---- REVOKED ----

ssh-keygen -q -t ed25519 -N '' -C "" -f seal2
new_key=$(cut -d ' ' -f 1,2 seal2.pub)
old_key=$(cut -d ' ' -f 1,2 etl/keys/seal.pub)
replaced=".keys |= map(if .id == \"seal\" then .id = \"seal2\" | .key = \"$new_key\" else . end) | .roles.seal.keys = [\"seal2\"]"
# revoking JQ: a fresh site that was given a second trust document.
revoking() {
	fresh
	next_trust etl "$1" >2.trust
	do_quietly ingest trust update --home "$site" 2.trust
}
release=$(forge_body a1.iso | jq -c .releases[0].digest)
seal=$(forge_body a1.iso | sha256sum | cut -c 1-64)

revoking "$replaced"
check "revoked: a retired key" refused 20 key.retired "$T/a1.iso"
revoking "$replaced | .revoked = {keys: [{key: \"$old_key\", since: \"2026-01-01T00:00:00Z\", reason: \"lost\"}]}"
check "revoked: a revoked key" refused 20 key.revoked "$T/a1.iso"
ssh-keygen -q -t ed25519 -N '' -C "" -f release2
new_release_key=$(cut -d ' ' -f 1,2 release2.pub) old_release_key=$(cut -d ' ' -f 1,2 etl/keys/release.pub)
releaser=".keys |= map(if .id == \"release\" then .id = \"release2\" | .key = \"$new_release_key\" else . end) | .roles.release.keys = [\"release2\"]"
revoking "$releaser"
check "revoked: a retired release key" refused 20 key.retired "$T/a1.iso"
revoking "$releaser | .revoked = {keys: [{key: \"$old_release_key\", since: \"2026-01-01T00:00:00Z\", reason: \"lost\"}]}"
check "revoked: a revoked release key" refused 20 key.revoked "$T/a1.iso"
revoking ".revoked = {releases: [{id: \"R1\", digest: $release, reason: \"burns the bearing\"}]}"
check "revoked: a release" refused 20 release.revoked "$T/a1.iso"
check "revoked: which release" shows '.where == "R1"'
revoking ".revoked = {seals: [{customer: \"acme-plant7\", number: 1, digest: \"$seal\", reason: \"lost in the mail\"}]}"
check "revoked: a consignment" refused 20 consignment.revoked "$T/a1.iso"
check "revoked: not the other one" accepted "$T/a2.iso" a2.code
# The disc brings the revocation of itself.
cp -a etl etl3
do_quietly mkmedia sign --home etl3 2.trust
new_image etl3 acme-plant7 R1 t3
fresh
check "revoked: the news comes with another disc" accepted "$T/t3.iso" t3.code
check "revoked: and works" refused 20 consignment.revoked "$T/a1.iso"
revoking "$replaced"
check "revoked: a counterfeit stays one" refused 12 seal.signature "$T/fake.iso"

# ---- trust documents that are refused ----

fresh
refused_trust() { judges "$1" "$2" ingest trust update --home "$site" "$3" && version_held 1; }
next_trust etl . etl/keys/release >bad.trust
check "trust 2 signed by the release key" refused_trust 13 chain.quorum bad.trust
next_trust etl '.version = 3' >bad.trust
check "trust 3 before trust 2" refused_trust 13 chain.order bad.trust
next_trust twin . >bad.trust
check "trust 2 of another etl" refused_trust 13 chain.quorum bad.trust
next_trust etl '.roles.seal.threshold = 2' >bad.trust
check "trust 2 that nobody can meet" refused_trust 13 trust.rule bad.trust

# ---- the screens ----

# screen FILE CMD...: what a person sees; no byte of it may steer the terminal.
screen() {
	local out=$1
	shift
	"$@" >"$out" 2>&1 </dev/null || :
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$out" || { echo "control characters"; cat -v "$out"; return 1; }
}
shows_line() { grep -qE -- "$2" "$1" || { echo "no line with: $2"; cat "$1"; return 1; }; }

fresh
check "screen: unknown sender" screen s verify mmw.iso --home "$site"
check "screen: unknown sender: how to use a fingerprint" shows_line s 'verify MEDIUM --fingerprint "..."'
check "screen: look-alike" screen s verify alike.iso --home "$site"
check "screen: look-alike: resembles" shows_line s 'resembles etl'
check "screen: look-alike: the number that is held" shows_line s '\+49 40 555 0100'
check "screen: counterfeit" screen s ingest accept fake.iso --home "$site" --code a1.code
check "screen: counterfeit: advice" shows_line s 'Do not put it into another computer'
check "screen: counterfeit: number" shows_line s 'Call Elbe Turbine Logic, \+49 40 555 0100'
check "screen: counterfeit: nothing was staged" shows_line s 'Nothing was staged'
check "screen: one person alone" screen s verify a1.iso --home "$site" --code a1.code
check "screen: one person alone is said" shows_line s 'one person alone can release and seal'

like a1.iso name.iso
reseal name.iso '.customer.name = "ACME\n  GENUINE.\tyes\u202e" | .place = "Ham\nburg"'
check "screen: newline in a name" screen s verify name.iso --home "$site" --code a1.code
check "screen: newline in a name is shown as what it is" shows_line s '^  Elbe Turbine Logic to ACME\\x0a'
only_one_verdict() { [ "$(grep -c '^  GENUINE' s)" = 1 ]; }
check "screen: a name makes no verdict" only_one_verdict
check "screen: newline in a name, ingest" screen s ingest accept name.iso --home "$site" --code a1.code
check "screen: newline in a name, list" screen s ingest list --home "$site"
like a1.iso name.iso
reseal name.iso '.customer.name = "ACME\u001b[2J"'
check "screen: escape in a name" screen s verify name.iso --home "$site" --code a1.code
check "screen: escape in a name is refused" judges 13 json.value verify name.iso --home "$site" --code a1.code

# A title that the release role signed: a careless vendor.
mkdir tree
bsdtar -xf a1.iso -C tree
chmod -R u+w tree
sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' tree/RELEASES/R1/release |
	jq '.title = "Patch\n  GENUINE.\u202e" | .id = "R1"' >release.body
forge_sign etl/keys/release release release.body >tree/RELEASES/R1/release
forge_iso tree title.volume
forge_image a1.iso title.volume title.iso ".releases[0].digest = \"$(forge_digest release.body)\""
fresh
check "screen: newline in a title" screen s verify title.iso --home "$site" --code a1.code
check "screen: newline in a title: genuine all the same" judges 0 ok verify title.iso --home "$site" --code a1.code
check "screen: newline in a title, ingest" screen s ingest accept title.iso --home "$site" --code a1.code
check "screen: newline in a title, show" screen s ingest show acme-plant7/1 --home "$site"
check "screen: newline in a title, document" screen s verify tree/RELEASES/R1/release --home "$site"
check "screen: a title makes no verdict" only_one_verdict

done_testing
