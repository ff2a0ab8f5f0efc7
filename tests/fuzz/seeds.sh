#!/bin/bash
# seeds.sh DIRECTORY: real material for the fuzzers, made by our own programs: DIRECTORY/material (a tiny
# consignment) and DIRECTORY/seeds/TARGET/*.  What needs no program is in tests/fuzz/seeds.
# shellcheck disable=SC2016,SC2094	# single quotes are for jq; seed writes into seeds/
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
mkdir -p "$1"
out=$(cd "$1" && pwd)
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/media.sh
. tests/cli/media.sh

seed() { mkdir -p "seeds/$1" && cat >"seeds/$1/$2"; }	# TARGET NAME: what comes in
bytes() { printf '%b' "$@"; }
body() { sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$1"; }
armor() { sed '/^-----BEGIN SSH SIGNATURE-----$/,$!d' "$1"; }
cut_out() { tail -c +$(($2 + 1)) "$1" | head -c "$3"; }

# ---- the consignment: three files; and what a site makes of it ----

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
mkdir -p R1/payload/sub material
echo one >R1/payload/one
printf '#!/bin/sh\n' >R1/payload/sub/run
chmod +x R1/payload/sub/run
: >R1/payload/empty
new_release vendor R1
new_image vendor acme R1 a1
new_site site vendor acme
do_quietly ingest enrolment etl --home site
do_quietly ingest accept a1.iso --home site --code a1.code
cp a1.iso a1.code material

# ---- documents, and what is in them ----

cut_out a1.iso 16384 16384 >area
sed 1d area | sed '/^-----END SSH SIGNATURE-----$/q' >seal
head -n 1 area >header
place() { sed "s/.* $1=\([^ ]*\) .*/\1/; s/[+]/ /" header; }
# shellcheck disable=SC2046	# two numbers
cut_out a1.iso $(place chain) >chain
tail -c +9 chain >trust
jq -n '{a: [1, 9007199254740991, "\u20ac\ud83d\ude00\n", {}, [], true, null], b: {c: {d: ""}}}' | seed json some

seed seal_header real <header
body seal | seed seal real
body seal | jq '.medium = {kind: "usb", vendor: "0951", product: "1666", serial: "60A4", size: 15518924800}' |
	seed seal usb
body seal | jq '.medium = {kind: "disc", disc: "disc=01020304"}' | seed seal disc
body seal | jq '.expires = "2030-01-01T00:00:00+01:00" | .invoice = "7" | .previous = .anchor |
	.image.recovery = {stripes: 1, parity: 1} | .image.blocks += 1' | seed seal more
body seal | jq '.volume = {index: 2, count: 3, maps: [.anchor, .image.map.digest, .anchor], cuts: [
	{release: "R1", line: 1, offset: 7}, {release: "R1", line: 3, offset: 0}]}' | seed seal set
seed document seal <seal
seed document trust <trust
body trust | seed trust real
body trust | jq '.version = 2 | .contact = "age1" | .address = "Elbufer 1\nDresden" | .revoked = {
	keys: [{key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqHX/8es4RRV3rNWv7kBUVlaN18ieCQhjoFV7x69J8X",
	since: .issued, reason: "lost"}], releases: [{id: "R1", digest: ("0" * 64), reason: "bad"}],
	seals: [{customer: "acme", number: 1, digest: ("1" * 64), reason: "bad"}]}' | seed trust revoked
cp "$top/tests/fuzz/seeds/chain/one" one
seed chain file <chain
{ cat one; bytes '\0'; jq '.version = 2 | .expires = "2031-01-01T00:00:00Z"' one; } | seed chain two
body R1/release | seed release real
seed release draft <R1/release.json
body R1/release | jq '.applies_to = [{purl: "pkg:deb/etl/x?arch=amd64", range: "vers:deb/>=1%2B1|<2"}]' | seed release fits
body site/out/etl/plant7.enrolment |
	jq '.key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"' | seed enrolment real
seed enrolment file <site/out/etl/plant7.enrolment
body site/out/etl/acme-1.receipt | seed receipt real
seed receipt file <site/out/etl/acme-1.receipt
mkmedia notice R1 --home vendor --acquisition "by disc" --if-not-applied "it stays" >/dev/null
seed notice real <vendor/notices/1.notice
told='.release |= (. + {fixes: ["CVE-2026-1234", "T-1"], provides: ["pkg:deb/etl/x@2"], requires: ["etl:R0", "o:1"],
	applies_to: [{purl: "pkg:deb/etl/x", range: "vers:deb/<2", systems: ["debian-12"], architectures: ["amd64"]}],
	incorporates: ["etl:R-1"], supersedes: ["etl:R-2"], conflicts: ["etl:R3"], restart: "service", customised: "judge",
	compat: [{patch: "KB1", status: "tested", date: "2026-11-20T09:12:00Z"}]})'
jq "$told | .notes = \"one\\ntwo\" | .details = \"d\"" vendor/notices/1.notice >told
seed notice more <told
jq '.event = "withdrawal" | .reason = "bad"' told | seed notice withdrawal
mkmedia catalogue --home vendor --next-expected 2199-01-01T00:00:00Z >/dev/null
seed catalogue real <vendor/catalogues/1.catalogue
jq -s '.[0].releases = [.[1].release | .id = "R0" | .requires = ["etl:R1"], .id = "R1", (.id = "R2" | .incorporates = ["etl:R1"])] |
	.[0]' vendor/catalogues/1.catalogue told | seed catalogue circle
seed sums real <R1/SHA256SUMS
body site/ledger/checkpoint | seed checkpoint real

# ---- passports, and what they are made of ----

jq -n '{bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata: {timestamp: "2026-11-20T09:12:00+01:00",
	component: {type: "device", name: "bed-1"}, properties: [{name: "waxseal:kernel", value: "6.1"},
	{name: "waxseal:read_by", value: "jon"}]}, components: [
	{type: "operating-system", "bom-ref": "os", name: "debian", version: "12"},
	{type: "device", "bom-ref": "disk:sda", name: "disk", manufacturer: {name: "S"}, description: "1 MiB",
	properties: [{name: "waxseal:serial", value: "1"}, {name: "waxseal:slot", value: "sda"}]},
	{type: "library", "bom-ref": "a", name: "attr", version: "1:2-1",
	purl: "pkg:deb/debian/attr@1:2-1?arch=amd64&distro=debian-12&vcs_url=x#y",
	properties: [{name: "waxseal:customised", value: "1"}]}]}' >passport
seed passport real <passport
jq '.components[2].components = [{type: "firmware", name: "inner", version: "7", publisher: "P"}]' passport | seed bom cyclonedx
jq -n '{spdxVersion: "SPDX-2.3", creationInfo: {created: "2026-11-21T10:00:00Z"}, documentDescribes: ["SPDXRef-0"],
	packages: [{SPDXID: "SPDXRef-0", name: "plant"}, {SPDXID: "SPDXRef-1", name: "attr", versionInfo: "1",
	supplier: "Organization: D", primaryPackagePurpose: "LIBRARY", externalRefs: [{referenceType: "purl",
	referenceLocator: "pkg:deb/debian/attr@1?arch=amd64"}]}]}' | seed bom spdx
printf '%s\n' 'Package: attr' 'Status: install ok installed' 'Architecture: amd64' 'Source: at (1:2-1)' 'Version: 1:2-1+b1' \
	'Conffiles:' ' /etc/x 0123' '' 'Package: gone' 'Status: deinstall ok config-files' '' | seed packages real

# ---- OpenSSH's own formats; keys and signatures that people made elsewhere are among them ----

{ bytes A; armor seal; } | seed sshsig armor
for file in seal "$top"/tests/vectors/sshsig/*.sig; do
	{ bytes B; armor "$file" | sed '/^-----/d' | base64 -d; } | seed sshsig "blob-$(basename "$file")"
done
for file in "$top"/tests/vectors/sshsig/*.pub; do
	{ bytes K; cat "$file"; } | seed sshsig "key-$(basename "$file")"
done

# ---- files of age, and their headers ----

vectors=$top/tests/vectors/age
for file in "$vectors"/*.age; do
	{ bytes F; cat "$file"; } | seed age "file-$(basename "$file")"
	{ bytes H; sed -n '/^->/,/^---/p' "$file" | sed '/^---/d'; } | seed age "header-$(basename "$file")"
done
{ bytes K; cat "$vectors/identity"; } | seed age identity
{ bytes K; tr -d '\n' <"$vectors/recipient"; } | seed age recipient
bytes 'Pplain' | seed age plain

# ---- what people type ----

seed code code <a1.code
tr '[:upper:]' '[:lower:]' <a1.code | tr -d ' \n' | seed code lower
ingest receipt acme/1 --home site --code a1.code 2>/dev/null | tail -n 1 | seed code line
for text in 2026-11-20T09:12:00+01:00 2024-02-29T23:59:59Z 12-0000000681574400 a/b/ä.txt; do
	bytes "$text" | seed name "$(tr / _ <<<"$text")"
done
bytes 'acme\0ACME' | seed name twins
anchor_of vendor | seed name anchor

bytes '1:2.4.47-2+b1~rc1\00001:2.4.47-2' | seed version deb
bytes '3:1.0^git7-1.el9_4\00001.0~rc1-2' | seed version rpm
bytes '1.2.3-rc.1.a+b.07\00001.2.3-rc.1' | seed version semver
bytes '010.234.5.12\000010.234' | seed version intdot
bytes 'vers:all/*\0000x' | seed version all
bytes 'vers:deb/!=0.9|>=1:1.0-1|!=1:1.5%2B1|<1:2%7e|1:2|>1:3\00001:1.7' | seed version range-deb
bytes 'vers:rpm/<=1.0|2|>3.0-1|!=4^1\00001_0' | seed version range-rpm
bytes 'vers:semver/<1.0.0|>=2.0.0-rc.1|<2.1.0\00002.0.0' | seed version range-semver
bytes 'vers:intdot/1|3|>=5.0|!=7\00007.0' | seed version range-intdot
bytes 'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12#a/b' | seed version purl-deb
bytes 'pkg://RPM/Fedora/NetworkManager@1.42-1?epoch=1' | seed version purl-rpm
bytes 'pkg:npm/%40scope/%C3%A4?z=&b=%26' | seed version purl-npm

# ---- homes ----

founded='{"n":1,"time":"2026-11-20T09:12:00Z","what":"founded","site":"plant7","name":"Plant 7","key":"","solo":true}'
digest=$(sha256sum one | cut -d ' ' -f 1)
entries_of_all_kinds() {
	echo "$founded"
	jq -nc --arg d "$digest" '[
		{what: "trust-added", vendor: "etl", version: 1, digest: $d, name: "E", customer: "acme", anchor: $d},
		{what: "accepted", vendor: "etl", customer: "acme", number: 3, volumes: 1, seal: $d, floor: 1795162320, scratch: "x"},
		{what: "lost", entry: 3}, {what: "refused"}, {what: "quarantined"},
		{what: "waiting", vendor: "etl", customer: "acme", number: 5, volume: 2, volumes: 3, set: $d, seal: $d},
		{what: "dropped", vendor: "etl", customer: "acme", number: 4},
		{what: "accepted", vendor: "etl", customer: "acme", number: 9, volumes: 1, seal: $d, floor: 1795162320, scratch: "y"}
		] | to_entries[] | {n: (.key + 2), time: "2026-11-20T09:12:00Z"} + .value'
}
{ bytes '\0'; entries_of_all_kinds; } | seed ledger entries
{ bytes '\0'; cat site/ledger/entries.jsonl; } | seed ledger real
{ bytes '\1'; bytes 'waxseal/site/plant7\n1\n'; printf '\0%s' "$founded" | openssl sha256 -binary | base64; } |
	seed ledger checkpoint
{ bytes '\2'; cat site/ledger/checkpoint; } | seed ledger checkpoint-file
{ bytes '\3'; cat site/ledger/key.pub; } | seed ledger key

# ---- media ----

{ bytes '\0'; cat area chain; } | seed medium real
{ bytes '\1'; cat area chain; } | seed medium fingerprint
{
	bytes '\2'
	cat header
	body seal | jq --arg d "$digest" '.anchor = $d | .trust.digest = $d'
} | seed medium ours
# The volume without the zeros behind it.
volume() { tail -c +32769 "$1" | head -c 4000000 | perl -0777 -pe 's/\0+\z//'; }
cut_out a1.iso 0 131072 >a1.volume
volume a1.volume | seed iso real
# Rock Ridge that goes on where it is: libarchive never comes back.
patch() { dd of=a1.volume bs=1 seek="$1" conv=notrunc status=none; }
bytes '\x1a' | patch 38914
bytes 'CE\x1c\x01' '\x13\0\0\0\0\0\0\x13' '\0\0\0\0\0\0\0\0' '\xed\0\0\0\0\0\0\xed' | patch 38938
volume a1.volume | seed iso circle
if have genisoimage; then
	mkdir -p tree/a/b/c/d/e/f/g/h/i/j/k
	echo deep >tree/a/b/c/d/e/f/g/h/i/j/k/deep
	seq 2000 >tree/numbers
	ln -s numbers tree/link
	ln tree/numbers tree/hard
	head -c 2048 /dev/zero >boot
	cp boot tree/boot.img
	printf 'a long name in a continuation %.0s' 1 2 3 4 5 6 7 8 >tree/text
	mv tree/text "tree/$(printf 'n%.0s' {1..200})"
	iso() { genisoimage -quiet -no-pad "${@:2}" -o made.iso tree 2>/dev/null && volume made.iso | seed iso "$1"; }
	iso rock-ridge -R
	iso joliet -R -J
	iso plain -iso-level 4
	iso boot -R -b boot.img -no-emul-boot
	iso hard-links -R -cache-inodes
	if have mkzftree; then mkzftree tree packed && mv packed/numbers tree/packed && iso zisofs -R -z; fi
fi

# ---- devices ----

stick='\x12\x01\x00\x02\x00\x00\x00\x40\x51\x09\x66\x16\x00\x01\x01\x02\x03\x01'
storage='\x09\x04\x00\x00\x02\x08\x06\x50\x00\x07\x05\x81\x02\x00\x02\x00\x07\x05\x02\x02\x00\x02\x00'
keyboard='\x09\x04\x01\x00\x01\x03\x01\x01\x00\x09\x21\x10\x01\x00\x01\x22\x3f\x00\x07\x05\x83\x03\x08\x00\x0a'
bytes '\0' "$stick" '\x09\x02\x20\x00\x01\x01\x00\x80\x32' "$storage" | seed usb stick
bytes '\0' "$stick" '\x09\x02\x39\x00\x02\x01\x00\x80\x32' "$storage" "$keyboard" | seed usb keyboard
bytes '\1' '\x0e\x03K\0i\0n\0\x3d\xd8\x00\xde\xe4\0' | seed usb string
inquiry='\0\0\x24\x00\x80\x06\x02\x1f\0\0\0PIONEER BD-RW   BDR-XD071.02'
zeros='\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
bytes "$inquiry" '\0\0\x06\0\0\0\x02\0\x80' '\0\0\x08\0\x80\0\x04SN12' '\x05' '\0\0\x08\0\0\0\x0c\0\0\0\x09' \
	'\0\0\x22\0\x20\x0e\x01\x01\x01\x01\x80\0\0\0\0\x11\x22\x33\x44' "$zeros" '\0\0\x1c\0\x1a\0\0\xd0\0\0\0\x61\x1a\x0c\0\x4f\x3b\x4a' |
	seed scsi disc
bytes "$inquiry" '\x02\0\x0e\x70\0\x06\0\0\0\0\x0a\0\0\0\0\x28\0' '\0\0\x06\0\0\0\x02\0\x80' | seed scsi attention

# ---- what is wrong with the corpus: one of each that differs ----

perl - "$(BIN=$BIN "$top/tests/corpus/run.sh" --make)" <<'END'
use strict;
use warnings;
use Digest::SHA 'sha256_hex';

my %seen;
sub seed {
	my ($target, $name, $bytes) = @_;
	return if $bytes eq '' || $seen{$target}{sha256_hex($bytes)}++;
	mkdir "seeds/$target";
	open(my $f, '>:raw', "seeds/$target/corpus-$name") or die "$target $name: $!";
	print $f $bytes;
	close $f or die;
}
for my $path (glob "$ARGV[0]/*.iso $ARGV[0]/*.document") {
	my ($name, $kind) = $path =~ m{([^/]*)[.](.*)$};
	open(my $f, '<:raw', $path) or die "$path: $!";
	read($f, my $head, 1 << 20);
	if ($kind eq 'document') { seed('document', $name, $head); next }
	next if length $head < 32768;
	my $area = substr($head, 16384, 16384);
	my ($line) = $area =~ /^([^\n]{0,600}\n)/;
	my $volume = substr($head, 32768) =~ s/\0+\z//r;
	seed('iso', $name, $volume) if length $volume < 262144;
	next unless defined $line;
	seed('seal_header', $name, $line);
	seed('document', $name, substr($area, length $line) =~ s/\0+\z//r);
	my ($offset, $length) = $line =~ / chain=(\d{1,8})[+](\d{1,6}) /;
	my $chain = '';
	if (defined $length && seek($f, $offset, 0)) { read($f, $chain, $length) }
	seed('chain', $name, $chain);
	seed('medium', $name, "\1$area$chain");
}
END

rm -rf "$out/material" "$out/seeds"
mv material seeds "$out"
