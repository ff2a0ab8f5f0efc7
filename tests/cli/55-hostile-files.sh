#!/bin/bash
# Media by somebody who has the seal key, or by a careless vendor, whose map and seal are right: what is
# wrong is in the releases, the files or the volume.  Each has its reason code.
# shellcheck disable=SC2016,SC1003
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/hostile.sh
. "$(dirname "$0")/hostile.sh"

# ---- releases and files, with map and seal made anew ----

# tree: the contents of the genuine image, to be changed.
tree() { rm -rf tree && mkdir tree && bsdtar -xf a.iso -C tree && chmod -R u+w tree; }
P=tree/RELEASES/R1/payload
# pressed [JQ [mkisofs options]]: x.iso, with what is in tree now, sealed.
pressed() {
	local filter=${1:-.}
	[ $# = 0 ] || shift
	rm -f volume
	forge_iso tree volume "$@"
	forge_image a.iso volume x.iso "$filter"
}
# careless [JQ [RELEASE]]: the same, and SHA256SUMS and the release are made and signed for what is there.
careless() {
	local r=tree/RELEASES/${2:-R1}
	[ -n "${KEEP_SUMS:-}" ] || (cd "$r/payload" && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum) >"$r/SHA256SUMS"
	sed '/^-----BEGIN/,$d' "$r/release" |
		jq --arg sums "$(forge_digest "$r/SHA256SUMS")" --argjson count "$(wc -l <"$r/SHA256SUMS")" \
			--argjson bytes "$(find "$r/payload" -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }')" \
			".files |= (.sums = \$sums | .count = \$count | .bytes = \$bytes) | ${1:-.}" >release.body
	forge_sign etl/keys/release release release.body >"$r/release"
	pressed ".releases[0].digest = \"$(forge_digest release.body)\""
}

tree
pressed
harmless "release: the forge works"
tree
echo more >>$P/data.txt
careless
harmless "release: the careless vendor's forge works"

tree
cp R2/release R2/SHA256SUMS tree/RELEASES/R1/
cp R2/payload/data.txt $P/data.txt
pressed
hostile "release: another genuine one in its place" 13 release.digest
pressed ".releases[0].digest = \"$(sed '/^-----BEGIN/,$d' R2/release | sha256sum | cut -c 1-64)\""
hostile "release: another genuine one under this name" 13 release.form
rm -r tree/RELEASES/R1
mkdir tree/RELEASES/R2
cp -r R2/release R2/SHA256SUMS R2/payload tree/RELEASES/R2/
pressed ".releases = [{id: \"R2\", digest: \"$(sed '/^-----BEGIN/,$d' R2/release | sha256sum | cut -c 1-64)\"}]"
harmless "release: another genuine one, named"

ssh-keygen -q -t ed25519 -N '' -C x -f stranger
# signed_by NAME STATUS REASON KEY [NAMESPACE]
signed_by() {
	tree
	sed '/^-----BEGIN/,$d' tree/RELEASES/R1/release >release.body
	forge_sign "$4" "${5:-release}" release.body >tree/RELEASES/R1/release
	pressed
	hostile "release: signed $1" "$2" "$3"
}
signed_by "by the seal key" 13 release.quorum etl/keys/seal
signed_by "by the trust key" 13 release.quorum etl/keys/trust
signed_by "by a stranger" 13 release.quorum stranger
signed_by "for another purpose" 13 release.quorum etl/keys/release seal
tree
sed -i '/^-----BEGIN/,$d' tree/RELEASES/R1/release
pressed
hostile "release: not signed" 13 release.form
tree
echo x | ssh-keygen -q -Y sign -f stranger -n release@waxseal 2>/dev/null >>tree/RELEASES/R1/release
pressed
hostile "release: a false signature beside the true one" 13 release.quorum
tree
sed -i 's/"title": "A patch"/"title": "A catch"/' tree/RELEASES/R1/release
pressed
hostile "release: a word changed" 13 release.digest
pressed ".releases[0].digest = \"$(sed '/^-----BEGIN/,$d' tree/RELEASES/R1/release | sha256sum | cut -c 1-64)\""
hostile "release: a word changed, with its digest" 13 release.quorum
tree
cp R2/SHA256SUMS tree/RELEASES/R1/
pressed
hostile "release: the sums of another" 13 release.sums
for f in release SHA256SUMS; do
	tree
	rm tree/RELEASES/R1/$f
	pressed
	hostile "release: no $f" 13 contents.missing
done
tree
head -c 1100000 /dev/zero >>tree/RELEASES/R1/release
pressed
hostile "release: a mebibyte" 13 limit

# body_of NAME STATUS REASON JQ: what the release role signed without care.
described() {
	tree
	careless "$4"
	hostile "description: $1" "$2" "$3"
}
described "another key" 13 json.unknown '.more = 1'
described "another type" 13 document.type '.waxseal = "seal/1"'
described "a newer type" 5 format.newer '.waxseal = "release/2"'
described "another vendor" 13 document.vendor '.vendor = "abc"'
described "another id" 13 release.form '.id = "R2"'
described "a file more" 13 release.form '.files.count += 1'
described "a byte less" 13 release.form '.files.bytes -= 1'
described "other sums" 13 release.sums '.files.sums |= .[1:] + .[0:1]'
described "an executable that is not there" 13 release.form '.files.executables = ["bin/none"]'
described "an executable that is a directory" 13 release.form '.files.executables = ["bin"]'
described "an executable outside" 13 release.form '.files.executables = ["../../../../etc/passwd"]'
described "an escape in the title" 13 json.value '.title = "A \u001b[2J"'

# listed NAME STATUS REASON COMMAND...: SHA256SUMS through COMMAND, signed.
listed() {
	local name=$1 status=$2 reason=$3
	shift 3
	tree
	"$@" <tree/RELEASES/R1/SHA256SUMS >sums
	cp sums tree/RELEASES/R1/SHA256SUMS
	KEEP_SUMS=1 careless
	hostile "sums: $name" "$status" "$reason"
}
listed "in another order" 13 sums.form tac
listed "a line twice" 13 sums.form sed '1p'
listed "digest in capitals" 13 sums.form tr a-f A-F
listed "one space" 13 sums.form sed 's/  / /'
listed "for binary files" 13 sums.form sed 's/  / */'
listed "CR LF" 13 contents.name sed 's/$/\r/'
listed "no newline at the end" 13 sums.form head -c -1
listed "an empty line" 13 sums.form sed '$a\\'
listed "a comment" 13 sums.form sed '1i # sums'
listed "./" 13 contents.name sed 's/  /  .\//'
listed "an absolute path" 13 contents.name sed 's/  /  \//'
listed "a path upwards" 13 contents.name sed '1s/  .*/  ..\/x/'
listed "nothing" 13 json.value true

# files NAME STATUS REASON: tree as it is now.
files() {
	pressed
	hostile "files: $1" "$2" "$3"
}
tree
printf 'X' | put $P/bin/tool 1000
files "a byte changed" 13 contents.digest
tree
printf 'x' >>$P/data.txt
files "a byte more" 13 contents.digest
tree
: >$P/data.txt
files "emptied" 13 contents.digest
tree
echo more >$P/more
files "one too many" 13 contents.extra
tree
rm $P/data.txt
files "one too few" 13 contents.missing
tree
mv $P/data.txt $P/data.TXT
files "renamed" 13 contents.extra
tree
mv $P/data.txt $P/sub/data.txt
files "moved" 13 contents.missing
tree
cp $P/data.txt $P/Data.txt
files "a twin that nobody signed" 13 contents.extra
careless
hostile "files: a twin by case, signed" 13 contents.twin
tree
echo 1 >$P/$'caf\303\251'
echo 2 >$P/$'cafe\314\201'
careless
hostile "files: a twin by accents, signed" 13 contents.twin
tree
mkdir $P/SUB
echo 2 >$P/SUB/other
careless
hostile "files: a twin of a directory, signed" 13 contents.twin
tree
echo 1 >$P/$'stra\303\237e'
echo 2 >$P/STRASSE
careless
hostile "files: a twin by full folding, signed" 13 contents.twin
tree
mkdir $P/empty
files "an empty directory" 13 contents.extra
careless
hostile "files: an empty directory, all else signed" 13 contents.extra
tree
echo x >tree/AUTORUN.INF
files "one at the top" 13 contents.extra
tree
mkdir tree/EMPTY
files "a directory at the top" 13 contents.extra
tree
mkdir tree/RELEASES/R2
files "a release directory that the seal does not name" 13 contents.extra
tree
echo x >tree/RELEASES/R1/more
files "one beside payload" 13 contents.extra
tree
echo x >tree/RELEASES/x
files "one beside the releases" 13 contents.extra
tree
cp tree/TRUST/1.trust tree/TRUST/2.trust
files "a trust document more" 13 contents.extra
tree
mv tree/TRUST/1.trust tree/TRUST/01.trust
files "a trust document named otherwise" 13 contents.extra
tree
rm tree/TRUST/1.trust
files "no trust document" 13 contents.missing
tree
sed -i 's/Hamburg/Homburg/; s/Elbe/Elfe/' tree/TRUST/1.trust
files "another trust document" 13 contents.digest
tree
rm tree/README.TXT
files "no README" 13 contents.missing
tree
head -c 70000 /dev/zero >tree/README.TXT
files "a README of 70,000 bytes" 13 limit
tree
echo "Trust this." >tree/README.TXT
pressed
harmless "files: another README (nobody acts on it)"
tree
rm -r tree/RELEASES
files "nothing" 13 contents.missing

# ---- types ----

tree
rm $P/data.txt
ln -s bin/tool $P/data.txt
files "a symbolic link for a file" 13 contents.type
tree
ln -s /etc/passwd $P/link
files "a symbolic link more" 13 contents.type
tree
rm -r $P/sub
ln -s bin $P/sub
files "a symbolic link for a directory" 13 contents.type
tree
rm -r tree/RELEASES
ln -s TRUST tree/RELEASES
files "a symbolic link for RELEASES" 13 contents.type
tree
ln $P/data.txt $P/hard
careless
hostile "files: a hard link, signed" 13 contents.type
tree
mkfifo $P/pipe
files "a pipe" 13 contents.type
tree
rm $P/data.txt
mkfifo $P/data.txt
files "a pipe for a file" 13 contents.type
tree
if mknod $P/null c 1 3 2>/dev/null; then
	files "a device" 13 contents.type
else
	skip "a device on the medium: only root can make one"
fi

# ---- names ----

# screen CMD...: no byte may steer the terminal.
screen() {
	"$@" >shown 2>&1 </dev/null || :
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' shown || { echo "control characters"; cat -v shown; return 1; }
}
# named NAME STATUS REASON TEN-BYTES: the Rock Ridge name of a file, in the finished volume.
named() {
	local at
	tree
	rm -f volume
	forge_iso tree volume
	at=$(grep -abo zzuniquezz volume | head -n 1 | cut -d: -f 1)
	printf '%b' "$4" | put volume "$at"
	[ "$(printf '%b' "$4" | wc -c)" = 10 ] || { echo "not ten bytes: $4"; exit 1; }
	forge_image a.iso volume x.iso
	hostile "names: $1" "$2" "$3"
	check "names: $1, on the screen" screen verify x.iso --home "$site" --code a.code
}
named "newline" 13 contents.name 'zz\nniquezz'
named "escape" 13 contents.name 'zz\x1b[2Juezz'
named "DEL" 13 contents.name 'zz\x7fniquezz'
named "C1" 13 contents.name 'zz\xc2\x9biquezz'
named "backslash" 13 contents.name 'zz\\niquezz'
named "colon" 13 contents.name 'zz:niquezz'
named "no UTF-8" 13 contents.name 'zz\xffniquezz'
named "upwards" 13 contents.name '../../../x'
named "upwards by a backslash" 13 contents.name '..\\..\\..\\x'
named "a slash" 13 contents.extra 'zz/niquezz'
named "absolute" 13 contents.name '/etc/zzuni'
named "NUL" 13 contents.extra 'zz\x00niquezz'
named "right to left" 13 contents.missing 'zz\xe2\x80\xaequezz'
named "the case of a letter" 13 contents.extra 'Zzuniquezz'

# A length of 1 or 2 in the NM field, with the name . or ..
for dots in . ..; do
	tree
	rm -f volume
	forge_iso tree volume
	at=$(grep -abo zzuniquezz volume | head -n 1 | cut -d: -f 1)
	# N M length version flags name: a shorter name, and a field of padding behind it.
	{ printf '%b' "\\x$(printf %02x $((5 + ${#dots})))\\x01\\x00$dots"; printf '%b' "ZZ\\x$(printf %02x $((10 - ${#dots})))\\x01XXXXXXXX" | head -c $((10 - ${#dots})); } |
		put volume $((at - 3))
	forge_image a.iso volume x.iso
	hostile "names: $dots" 13 contents.name
done

deep=$P
for i in $(seq 32); do deep=$deep/d; done
tree
mkdir -p "${deep%/d}"
echo x >"${deep%/d}/f"
careless
harmless "names: 32 levels"
tree
mkdir -p "$deep"
echo x >"$deep/f"
careless
hostile "names: 33 levels" 13 contents.name
tree
long=$(printf %250s '' | tr ' ' x)
(cd $P && for i in $(seq 15); do mkdir "$long" && cd "$long"; done && echo x >"${long}xxxxx")
files "names: 4,000 bytes and more" 13 contents.name

# ---- other volumes ----

tree
pressed . -J -joliet-long
harmless "volume: with Joliet"
tree
echo x >tree/RELEASES/R1/only-joliet
pressed . -J -joliet-long -hide only-joliet
harmless "volume: with a file that only Joliet shows"
tree
pressed . -J -joliet-long -hide-joliet data.txt
harmless "volume: with a file that Joliet does not show"
if have genisoimage; then
	tree
	genisoimage -quiet -iso-level 3 -o volume tree 2>/dev/null
	forge_image a.iso volume x.iso
	hostile "volume: without Rock Ridge" 13 contents.extra
	genisoimage -quiet -J -joliet-long -o volume tree 2>/dev/null
	forge_image a.iso volume x.iso
	hostile "volume: Joliet without Rock Ridge" 13 contents.extra
else
	skip "volumes without Rock Ridge: no genisoimage"
fi
tree
head -c 200000 /dev/zero >$P/zeros
careless
harmless "volume: a file of zeros"
rm -f volume
do_quietly xorriso -outdev volume -map tree / -set_filter_r --zisofs /RELEASES -- -commit
forge_image x.iso volume x2.iso
mv x2.iso x.iso
check "volume: zisofs compresses" grep -qaP 'ZF\x10\x01pz' x.iso
hostile "volume: files compressed by zisofs" 13 contents.form
tree
pressed . -b RELEASES/R1/payload/data.txt -no-emul-boot -c boot.cat
hostile "volume: El Torito, with its catalogue" 13 contents.extra
pressed . -b RELEASES/R1/payload/data.txt -no-emul-boot -c boot.cat -hide boot.cat
harmless "volume: El Torito, its catalogue hidden"
tree
rm -f volume
forge_iso tree volume
do_quietly xorriso -dev volume -pathspecs off -map R2/payload/data.txt /second-session -commit
forge_image a.iso volume x.iso
hostile "volume: a second session with a file more" 13 contents.form
do_quietly xorriso -dev volume -rm /second-session -- -map R2/payload/data.txt /RELEASES/R1/payload/data.txt -commit
forge_image a.iso volume x.iso
hostile "volume: a third session with another file" 13 contents.form
tree
rm -f volume
forge_iso tree volume
truncate -s 102400 volume
forge_image a.iso volume x.iso
hostile "volume: cut within a file" 13 contents.form
head -c 102400 /dev/zero >volume
forge_image a.iso volume x.iso
hostile "volume: zeros" 13 contents.form
head -c 102400 /dev/urandom >volume
forge_image a.iso volume x.iso
hostile "volume: noise" 13 contents.form
(cd tree && bsdtar -cf ../volume .)
truncate -s %2048 volume
{ head -c 32768 /dev/zero; cat volume; } >volume2
forge_image a.iso volume2 x.iso
hostile "volume: a tar archive" 13 contents.form

check "the ledger is whole after all that" ingest ledger verify --home "$site"
done_testing
