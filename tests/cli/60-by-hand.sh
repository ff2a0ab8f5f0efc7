#!/bin/bash
# The commands of README.TXT, as they stand on the disc, without any program of ours: they succeed on
# genuine media, and some command fails on a medium that is not, which verify refuses too.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

have bsdtar jq openssl ssh-keygen csplit od || { skip "not all tools of README.TXT are here"; done_testing; }

# ---- a vendor of three persons, with two trust documents; one who is alone ----

for who in anna ben cora anna2 ben2 cora2 desk desk2 press; do
	ssh-keygen -q -t ed25519 -N '' -C "${who%2}" -f $who
done
do_quietly mkmedia init --home etl --vendor etl --name "Elbe Turbine Logic" --place Hamburg \
	--role trust:2=anna.pub,ben.pub,cora.pub --role release:2=anna2.pub,ben2.pub,cora2.pub \
	--role seal:1=desk.pub,desk2.pub --role notice:1=press.pub
do_quietly mkmedia sign --home etl 1.trust --as anna
do_quietly mkmedia sign --home etl 1.trust --as cora
{ next_trust etl '.issued = (now | todate)' ben; } >2.trust
do_quietly mkmedia sign --home etl 2.trust --as anna
do_quietly mkmedia trust export --home etl etl.trust
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
for r in one two; do
	mkdir -p "$r/payload/a directory/deeper"
	head -c 200000 /dev/urandom >"$r/payload/a directory/file with blanks"
	head -c 200000 /dev/urandom >"$r/payload/a directory/deeper/größe \$HOME *.bin"
	: >$r/payload/empty
	do_quietly mkmedia release draft --home etl $r
	sed -i 's/"FILL IN[^"]*"/"x"/' $r/release.json
	do_quietly mkmedia release finish --home etl $r
	do_quietly mkmedia sign --home etl $r --as ben2
	do_quietly mkmedia sign --home etl $r --as anna2
done
do_quietly mkmedia notice --home etl one
do_quietly mkmedia sign --home etl 1.notice --as press
do_quietly mkmedia catalogue --home etl
do_quietly mkmedia sign --home etl 1.catalogue --as press
new_image etl acme-plant7 one a two --as desk
new_vendor solo solo "Solo"
do_quietly mkmedia customer add --home solo acme-plant7 --name "ACME"
mkdir -p three/payload
echo hello >three/payload/hello
new_release solo three
new_image solo acme-plant7 three s

# ---- the commands ----

bsdtar -x -f a.iso -O README.TXT >readme
sed -n 's/^    \([^ ]\)/\1/p' readme >commands
check "there are commands" [ "$(wc -l <commands)" -gt 20 ]
check "the text is plain" fails grep -nP '[^\x20-\x7e\n]' readme
check "the text is the same for every vendor" cmp readme <(bsdtar -x -f s.iso -O README.TXT)

# by_hand IMAGE CARD CODE: in an empty directory, without our programs; trace is what ran.
by_hand() {
	rm -rf hand
	mkdir hand
	(cd hand && env -i PATH="${HAND_PATH:-/usr/local/bin:/usr/bin:/bin}" HOME="$T/hand" LC_ALL=C.UTF-8 \
		DISC="$1" CARD="$2" CODE="$3" bash -eux ../commands) <&- 2>trace || { tail -n 5 trace; return 1; }
}
# Both as people get them: the fingerprint in groups, the code from the letter.
card=$(mkmedia trust show --home etl | sed -n 's/.*Anchor SHA256 //p' | tr -d ' ')
code=$(mkmedia letter --home etl acme-plant7/1 | sed -n 's/^    \(ACME-PLANT7\)  /\11/p' | tr -d ' ' | tr '[:upper:]' '[:lower:]')
check "the code of the letter" [ "$code" = "$(cat a.code)" ]
check "quorums, two trust documents, two releases" by_hand "$T/a.iso" "$card" "$code"
check "it says whom it is for" says '"id": "acme-plant7"' by_hand "$T/a.iso" "$card" "$code"
check "a single person" by_hand "$T/s.iso" "$(anchor_of solo)" "$(cat s.code)"
check "verify says the same" judges 3 unchecked verify a.iso --trust etl.trust --code a.code
mkdir shim
printf '#!/bin/sh\nexit 1\n' >shim/bsdtar
chmod +x shim/bsdtar
HAND_PATH=$T/shim:/usr/bin:/bin check "without bsdtar" by_hand "$T/a.iso" "$card" "$code"

# ---- media that are not genuine ----

# caught_by_hand LAST IMAGE CARD CODE: LAST is a regular expression for the command that fails.
caught_by_hand() {
	by_hand "$2" "$3" "$4" && { echo "not caught"; return 1; }
	grep -a '^+ ' trace | tail -n 4 | grep -qE -- "$1"
}
# caught NAME LAST STATUS REASON: x.iso, by hand and by verify.
caught() {
	check "$1: by hand" caught_by_hand "$2" "$T/x.iso" "$card" "$code"
	check "$1: by verify" judges "$3" "$4" verify x.iso --trust etl.trust --code a.code
}
D=$(forge_body a.iso | jq .image.map.offset)

cp a.iso x.iso
flip x.iso $((D / 2))
caught "a byte of the payload" 'cmp map.hex' 13 block.differs
cp a.iso x.iso
flip x.iso "$(grep -abo 'CHECKING BY HAND' a.iso | head -n 1 | cut -d: -f 1)" 5
caught "a letter of README" 'cmp map.hex' 13 block.differs
cp a.iso x.iso
sed -i 's/"number": 1,/"number": 2,/' x.iso
caught "a field of the seal" 'test 0 -ge 1' 12 seal.signature
cp a.iso x.iso
flip x.iso "$D"
caught "a byte of the map" 'sha256sum -c' 13 map.digest

forge_code acme-plant7 1 >x.code
check "another code: by hand" caught_by_hand 'grep -q . tag=' "$T/a.iso" "$card" "$(cat x.code)"
check "another code: by verify" judges 16 code.wrong verify a.iso --trust etl.trust --code x.code
check "another card: by hand" caught_by_hand 'sha256sum -c' "$T/a.iso" "$(anchor_of solo)" "$code"
check "another card: by verify" judges 11 sender.unknown verify a.iso --fingerprint "$(anchor_of solo)"

# By somebody who has the shipping desk's key.
FORGE_CHAIN=etl.trust FORGE_KEY=desk FORGE_CODE=$code
# tree: the contents of the genuine image, to be changed.
tree() { rm -rf tree && mkdir tree && bsdtar -xf a.iso -C tree && chmod -R u+w tree; }
# forged: x.iso, with what is in tree now, sealed.
forged() { rm -f volume && forge_iso tree volume && forge_image a.iso volume x.iso; }
cut_signatures() { sed -i "/^-----END SSH SIGNATURE-----\$/{x;s/^/x/;/^x\\{$2\\}\$/{x;q};x}" "$1"; }

tree
forged
check "the forge works: by hand" by_hand "$T/x.iso" "$card" "$code"
check "the forge works: by verify" judges 3 unchecked verify x.iso --trust etl.trust --code a.code
tree
cut_signatures tree/RELEASES/one/release 1
check "one signature is left" [ "$(grep -c BEGIN tree/RELEASES/one/release)" = 1 ]
forged
caught "one signature of a release removed" 'test 1 -ge 2' 13 release.quorum
tree
sed -i '/^-----BEGIN/,$d' tree/RELEASES/two/release
forged
caught "all signatures of a release removed" 'test 0 -ge 2' 13 release.form
tree
sed '/^-----BEGIN/,$d' tree/RELEASES/two/release >body
forge_sign desk release body >tree/RELEASES/two/release
forged
caught "a release signed by the desk" 'test 0 -ge 2' 13 release.quorum
tree
forge_sign anna2 release body >tree/RELEASES/two/release
forge_sign anna2 release body | sed '1,/^}$/d' >>tree/RELEASES/two/release
forged
caught "a release signed twice by one person" 'test 1 -ge 2' 13 release.quorum
tree
echo x >>"tree/RELEASES/two/payload/empty"
forged
caught "a file of a release" 'sha256sum -c --quiet' 13 contents.digest
tree
echo x >"tree/RELEASES/two/payload/more"
forged
caught "a file more" 'test 16 -eq 15' 13 contents.extra
tree
rm tree/RELEASES/two/payload/empty
forged
caught "a file less" 'sha256sum -c --quiet' 13 contents.missing
tree
sed -i '/empty/d' tree/RELEASES/two/SHA256SUMS
rm tree/RELEASES/two/payload/empty
forged
caught "a file and its sum less" 'sha256sum -c' 13 release.sums
tree
cut_signatures tree/TRUST/2.trust 1
forged
check "one signature of a trust document removed: by hand" caught_by_hand 'test 1 -ge 2' "$T/x.iso" "$card" "$code"
tree
sed -i '/^-----BEGIN/,$d' tree/NOTICES/1.notice
forged
caught "the signature of a notice removed" 'test 0 -ge 1' 13 contents.notice
tree
sed '/^-----BEGIN/,$d' tree/NOTICES/1.notice >body
forge_sign desk notice body >tree/NOTICES/1.notice
forged
caught "a notice signed by the desk" 'test 0 -ge 1' 13 contents.notice
tree
sed '/^-----BEGIN/,$d' tree/CATALOGUE.catalogue >body
forge_sign press notice body >tree/CATALOGUE.catalogue
forged
caught "a catalogue signed as a notice" 'test 0 -ge 1' 13 contents.catalogue
tree
echo x >tree/NOTICES/README
forged
caught "a file beside the notices" 'test 16 -eq 15' 13 contents.extra
tree
echo x >tree/AUTORUN.INF
forged
caught "a file beside the releases" 'test 16 -eq 15' 13 contents.extra
tree
cp -r tree/RELEASES/one tree/RELEASES/0ne
forged
caught "a release more" 'test 20 -eq 15' 13 contents.extra
tree
rm tree/RELEASES/one/payload/empty
ln -s ../../two/payload/empty tree/RELEASES/one/payload/empty
forged
caught "a link in place of a file" 'test -z' 13 contents.type
tree
rm tree/README.TXT
forged
caught "no README" 'test -f disc/README.TXT' 13 contents.missing
tree
ssh-keygen -q -t ed25519 -N '' -C "" -f mallory
mallory=$(cut -d ' ' -f 1,2 mallory.pub)
sed '/^-----BEGIN/,$d' tree/TRUST/2.trust |
	jq ".version = 3 | .keys |= map(.key = if .id == \"desk\" then \"$mallory\" else .key end)" >body
forge_sign mallory trust body >tree/TRUST/3.trust
forged
caught "a third trust document that nobody signed" 'test 0 -ge 2' 13 contents.extra

done_testing
