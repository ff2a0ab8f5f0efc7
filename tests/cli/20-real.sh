#!/bin/bash
# Real input from end to end: packages of Debian and awkward files, released by two persons, sealed, taken
# in, and compared with what went in; other people's tools read the disc and the receipt.
# The large file has 1 GiB, or 64 MiB with QUICK=1.
# shellcheck disable=SC2016	# single quotes are for jq and bash -c
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

agent=
cleanup() {
	[ -z "$agent" ] || kill "$agent"
	chmod -R u+w "$T" 2>/dev/null || true	# the agent may take its socket away meanwhile
}

# ---- what is shipped ----

payload=R1/payload
mkdir -p $payload/debs
# apt-get's helper user may not enter our directory.
fetch() { (cd $payload/debs && apt-get -qq -o APT::Sandbox::User=root download openssl libssl3 bash); }
if fetch >fetch.out 2>&1 || { apt-get -qq update >>fetch.out 2>&1 && fetch >>fetch.out 2>&1; }; then
	check "three packages of Debian" [ "$(find $payload/debs -name '*.deb' | wc -l)" = 3 ]
else
	skip "no packages of Debian: $(tail -n 1 fetch.out)"
	echo "instead of a package" >$payload/debs/none
fi

large=1024
[ -z "${QUICK:-}" ] || large=64
# Not zeros, and the same every time: a cipher over zeros.
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000000 \
	-in /dev/zero 2>/dev/null | head -c "${large}M" >$payload/large.bin || true
check "the large file has $large MiB" [ "$(stat -c %s $payload/large.bin)" = $((large << 20)) ]
: >$payload/empty
mkdir "$payload/Änderungen für März"
echo "grüße" >"$payload/Änderungen für März/Größe & Maß – 日本語.txt"
long=$(printf 'ä%.0s' {1..127})x
echo long >"$payload/$long"
echo long >"$payload/$(printf 'n%.0s' {1..255})"
check "a name of 255 bytes" [ "$(printf %s "$long" | LC_ALL=C wc -c)" = 255 ]
deep=$(printf 'd/%.0s' {1..31})
mkdir -p "$payload/$deep"
echo deep >"$payload/${deep}file"
printf '#!/bin/sh\necho installed\n' >$payload/install.sh
chmod 755 $payload/install.sh
cp "$BIN/verify" $payload/verify
chmod 700 $payload/verify
(cd $payload && find . -type f -printf '%P\n' | sort) >names

# ---- two persons, of whom one has her keys in an agent ----

for who in anna ben cora anna2 ben2 cora2 desk press; do
	ssh-keygen -q -t ed25519 -N '' -C "${who%2}" -f $who
done
agent=$(ssh-agent -a "$T/agent.sock" | sed -n 's/^SSH_AGENT_PID=\([0-9]*\);.*/\1/p')
agent_has() { SSH_AUTH_SOCK=$T/agent.sock ssh-add -q "$@" && rm "$@"; }
check "an agent" agent_has ben ben2 desk
sign_alone() { mkmedia sign --home vendor "$1" --as "$2"; }
sign_with_agent() { SSH_AUTH_SOCK=$T/agent.sock mkmedia sign --home vendor "$1" --as "$2"; }

check "mkmedia init with a quorum of two" mkmedia init --home vendor --vendor etl --name "Elbe Turbine Logic" \
	--place Hamburg --telephone "+49 40 555 0100" --role trust:2=anna.pub,ben.pub,cora.pub \
	--role release:2=anna2.pub,ben2.pub,cora2.pub --role seal:1=desk.pub --role notice:1=press.pub
check "trust 1, first signature, by a file" sign_alone 1.trust anna.pub
check "one person's signature is not enough" fails mkmedia trust export --home vendor early.trust
check "a key in the agent does not sign without the agent" expect_says 1 own.signer sign_alone 1.trust ben.pub
check "trust 1, second signature, by the agent" sign_with_agent 1.trust ben.pub
check "trust is in force" mkmedia trust export --home vendor etl.trust
check "the customer" mkmedia customer add --home vendor acme-plant7 --name "ACME Power, Plant 7"

check "release draft" mkmedia release draft --home vendor R1
sed -i 's/"title": "[^"]*"/"title": "OpenSSL und Bash"/; s/"product": "[^"]*"/"product": "debian-12"/
	s|"applies_to": \[\]|"applies_to": [{"purl": "pkg:deb/debian/openssl", "range": "vers:deb/<9:0"}]|' R1/release.json
check "release finish" mkmedia release finish --home vendor R1
check "release, first signature" sign_alone R1 anna2.pub
do_build() { SSH_AUTH_SOCK=$T/agent.sock mkmedia build R1 --home vendor --customer acme-plant7 --as desk.pub -o "$@"; }
check "no build with one signature of two" fails do_build early
check "nothing was made of it" [ -z "$(find early -name '*.iso' 2>/dev/null)" ]
check "release, second signature" sign_with_agent R1 ben2.pub
check "build" do_build out
image=out/acme-plant7-1-1.iso
check "the image is there" [ -f "$image" ]

# ---- letter, waybill, code ----

mkmedia letter --home vendor acme-plant7/1 --code-only >code
code=$(tr -d '\n' <code)
letter_code() { awk '/^Authorization code/ { on = 1 } on && /^    / { print }' "$1" | tr -d ' ' | tr '[:upper:]' '[:lower:]'; }
check "the code has 45 characters" [ "${#code}" = 45 ]	# acme-plant7, 1, 33 symbols
check "the letter has the same code" [ "${code/plant71/plant7}" = "$(letter_code out/acme-plant7-1.letter.txt)" ]
check "only its owner reads the letter" [ "$(stat -c %a out/acme-plant7-1.letter.txt)" = 600 ]
check "only its owner reads the code in the home" [ "$(stat -c %a vendor/letters/acme-plant7-1.code)" = 600 ]
secret=${code#acme-plant71}	# then come version and number
secret=${secret:7:20}

# ---- the site ----

do_quietly ingest init --home site plant7 --solo
do_quietly ingest trust add --home site etl.trust --fingerprint "$(anchor_of vendor)" --customer acme-plant7
do_quietly ingest system add --home site hist-1 --by-hand
do_quietly ingest passport set --home site hist-1 pkg:deb/debian/openssl?arch=amd64 3.0.1-1 --read-by jon --from "dpkg -l"
check "verify says GENUINE but for what only the site knows" judges 3 unchecked verify "$image" --trust etl.trust --code code
traced=()
if have strace && strace -o /dev/null true 2>/dev/null; then
	# The sanitizers' leak check cannot work under strace.
	export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
	traced=(strace -f -v -s 65536 -e "trace=execve" -o accept.trace --)
else
	skip "strace is not installed: the arguments of accept's children"
fi
check "accept" judges 0 ok "${traced[@]}" ingest accept "$image" --home site --code code --by maria --via courier
check "accept: two signatures of two" shows '.releases[0] | .signatures == 2 and .needed == 2'
staged=site/stage/etl/acme-plant7-1/RELEASES/R1

check "every byte is the vendor's" diff -r $payload $staged/payload
sums_hold() { (cd $staged/payload && sha256sum --quiet --strict -c ../SHA256SUMS); }
check "sha256sum -c on the stage" sums_hold
check "every name is there, and no other" diff names <(cd $staged/payload && find . -type f -printf '%P\n' | sort)
check "files are 0444, executables 0555" [ "$(cd $staged/payload && find . -type f -perm 555 -printf '%P\n' | sort | xargs)" = "install.sh verify" ]
check "and nothing else" [ -z "$(find site/stage -type f ! -perm 444 ! -perm 555)" ]
check "the executables run" says installed $staged/payload/install.sh
check "the very program says GENUINE too" judges 3 unchecked $staged/payload/verify "$image" --trust etl.trust --code code
for deb in "$staged"/payload/debs/*.deb; do
	[ -e "$deb" ] || continue
	if have dpkg-deb; then
		check "dpkg-deb reads ${deb##*/}" dpkg-deb --info "$deb"
		check "dpkg-deb unpacks ${deb##*/}" dpkg-deb --extract "$deb" unpacked
	fi
done

# ---- the receipt, with other tools ----

receipt=site/out/etl/acme-plant7-1.receipt
mkdir split
check "csplit takes the receipt apart" csplit -q -z -f split/ $receipt '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'
echo "plant7 $(cat site/keys/site.pub)" >allowed
receipt_verifies() { ssh-keygen -Y verify -f allowed -I plant7 -n receipt@waxseal -s split/01 <split/00; }
check "ssh-keygen verifies the receipt" receipt_verifies
check "jq reads the receipt" jq -e '.site == "plant7" and .status == 0 and .verdict == "GENUINE" and .number == 1' split/00
check "the receipt has the ledger's root" [ "$(jq -r .ledger.root split/00 | tr 'A-F' 'a-f')" = \
	"$(sed -n 3p site/ledger/checkpoint | base64 -d | od -An -tx1 | tr -d ' \n')" ]

# The receipt line, made again with openssl: SPEC 3.4 and 4.
charset=qpzry9x8gf2tvdw0s3jn54khce6mua7l
symbols() { local v=$1 n=$2 s='' ; while [ "$n" -gt 0 ]; do s=${charset:$((v & 31)):1}$s v=$((v >> 5)) n=$((n - 1)); done; echo "$s"; }
key=$(printf 'waxseal-code-v1\000%s' "$code" | sha256sum | cut -c 1-64)
mac=$(printf 'waxseal-receipt-v1\000acme-plant7 1 0' | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //' | cut -c 1-10)
line=$(ingest receipt acme-plant7/1 --code code --home site --json | jq -r .line | tr -d ' -' | tr '[:upper:]' '[:lower:]')
expected=acmeplant71$(symbols 1 6)$(symbols 0 1)$(symbols $((16#$mac)) 8)
check "the receipt line is $expected and a checksum" [ "${line:0:-6}" = "$expected" ]

# ---- the code is nowhere it does not belong ----

silent() {	# FILES...: in whatever spelling
	local f
	while IFS= read -r f; do
		! tr -d ' \n-' <"$f" | tr '[:upper:]' '[:lower:]' | grep -qaF "$secret" || { echo "the code is in $f"; return 1; }
	done < <(find "$@" -type f ! -path '*/payload/*')
}
check "the secret part is found where it belongs" fails silent out/acme-plant7-1.letter.txt
check "no code in the waybill" silent out/acme-plant7-1.waybill.txt
check "no code at the site: ledger, records, receipts, stage" silent site
check "no code in the vendor's ledger" silent vendor/ledger vendor/trust vendor/keys
check "no code in the release" silent R1
check "no code on the disc" fails grep -qaiF "$secret" "$image"
check "no code in what accept said" silent said
[ ${#traced[@]} = 0 ] || check "accept starts children" [ "$(grep -c 'execve.*ssh-keygen.*= 0' accept.trace)" -gt 1 ]
[ ${#traced[@]} = 0 ] || check "no code in the arguments and environment of accept and its children" silent accept.trace

# ---- other people's tools on the disc ----

(cd R1 && find payload -type f -printf 'RELEASES/R1/%p\n'; printf '%s\n' README.TXT TRUST/1.trust RELEASES/R1/release RELEASES/R1/SHA256SUMS) | sort >expected.list
if have bsdtar; then
	mkdir unpacked-iso
	check "bsdtar unpacks it" bsdtar -xf "$image" -C unpacked-iso
	check "which is exactly what was released" diff expected.list <(cd unpacked-iso && find . -type f -printf '%P\n' | sort)
	check "bsdtar lists the same" diff <(cd unpacked-iso && find . -printf '%P\n' | sed 's/^$/./' | sort) <(bsdtar -tf "$image" | sed 's,^[.]/,,; s,/$,,' | sort)
	check "what it unpacks is what is staged" diff -r unpacked-iso/RELEASES site/stage/etl/acme-plant7-1/RELEASES
	chmod -R u+w unpacked-iso
	rm -r unpacked-iso
else
	skip "bsdtar is not installed"
fi
if have xorriso; then
	check "xorriso lists exactly what was released" diff expected.list \
		<(xorriso -report_about WARNING -indev "stdio:$image" -find / -type f 2>/dev/null | sed "s,^'/,,; s,'\$,," | sort)
	check "xorriso: no El Torito" fails bash -c "xorriso -indev 'stdio:$image' -report_el_torito plain 2>/dev/null | grep -q ."
else
	skip "xorriso is not installed"
fi

# ---- the same release again: another time, place and language ----

cp -a "$image" first.iso
rm -r out
sleep 2
build_elsewhere() { TZ=Asia/Kathmandu LC_ALL=C do_build out; }
check "a second build elsewhere" build_elsewhere
second=out/acme-plant7-2-1.iso
seal_of() { dd if="$1" bs=2048 skip=8 count=8 status=none | tr -d '\000' | sed 1d | sed '/^-----BEGIN SSH SIGNATURE-----$/,$d'; }
seal_of first.iso >first.seal
seal_of $second >second.seal
backup=$(jq .image.backup first.seal)
check "the seals differ" fails cmp first.seal second.seal
check "other number, other time" jq -se '.[0].number == 1 and .[1].number == 2 and .[0].sealed_at != .[1].sealed_at' first.seal second.seal
check "image, maps and releases are the same" jq -se '(.[0].image == .[1].image) and .[0].releases == .[1].releases' first.seal second.seal
check "same bytes before the seal" cmp -n 16384 first.iso $second
check "same bytes between the seals" cmp -i 32768 -n $((backup - 32768)) first.iso $second
check "same bytes behind the backup" cmp -i $((backup + 16384)) first.iso $second
check "the same size" [ "$(stat -c %s first.iso)" = "$(stat -c %s $second)" ]
mkmedia letter --home vendor acme-plant7/2 --code-only >code2
check "another code" fails cmp code code2
check "the code of one is not the code of the other" judges 16 code.other ingest accept $second --home site --code code
check "the second is taken in too" judges 0 ok ingest accept $second --home site --code code2
check "vendor's ledger" says whole mkmedia ledger verify --home vendor
check "site's ledger" says whole ingest ledger verify --home site

done_testing
