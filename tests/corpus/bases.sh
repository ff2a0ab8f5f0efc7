#!/bin/bash
# What the defects are made from: vendors' and a site's genuine things.
#   bases.sh OUT        with the programs of $BIN
# keys/ every private key, NAME.iso with NAME.code and NAME.tree, NAME.document, etl.trust, and releases
# that were signed but lie on none of these images.
set -eu
out=$1
mkdir -p "$out/keys"
out=$(cd "$out" && pwd)
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/../cli/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/../cli/media.sh"

# payload DIR BLOCKS: a release with that many times 32 bytes, always the same, in one of its files.
payload() {
	mkdir -p "$1/payload/bin" "$1/payload/sub/deep"
	perl -MDigest::SHA=sha256 -e 'print sha256($_) for 1 .. shift' "$2" >"$1/payload/bin/tool"
	chmod 755 "$1/payload/bin/tool"
	echo hello >"$1/payload/data.txt"
	echo zz >"$1/payload/sub/deep/zzuniquezz"
}

# image NAME RELEASE [build options]: one of one volume.
image() {
	local name=$1 release=$2
	shift 2
	new_image etl acme-plant7 "$release" "$out/$name" "$@"
	unpack "$name"
}

unpack() {
	mkdir "$out/$1.tree"
	bsdtar -xf "$out/$1.iso" -C "$out/$1.tree"
	chmod -R u+w "$out/$1.tree"
}

# A set of two volumes, set1 and set2, that are mostly zeros, to be small on disk.
set_of_two() {
	local i
	rm -rf built
	do_quietly mkmedia build --home etl BIG --customer acme-plant7 -o built --volume-size 4194304 --recovery 0
	[ "$(find built -name '*.iso' | wc -l)" = 2 ] || { echo "not two volumes"; ls -l built; exit 1; }
	for i in 1 2; do
		mv built/*-"$i".iso "$out/set$i.iso"
		mkmedia letter --home etl acme-plant7/3 --code-only >"$out/set$i.code"
		unpack "set$i"
	done
}

new_vendor etl etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
payload R1 2200
payload R3 12500
payload BIG 0
perl -e 'print pack "N x65532", $_ for 1 .. 80' >BIG/payload/bin/tool
mkdir -p R0/payload R2/payload
echo "the old one" >R0/payload/data.txt
echo another >R2/payload/data.txt
for release in R0 R1 R2 R3 BIG; do new_release etl $release; done
for release in R0 R2; do
	mkdir "$out/$release"
	cp -r $release/{release,SHA256SUMS,payload} "$out/$release"
done
cp etl.trust "$out"

image one R1
image parity R3 --recovery 40
set_of_two

new_site site etl acme-plant7
do_quietly ingest enrolment etl --home site
do_quietly ingest accept "$out/one.iso" --home site --code "$out/one.code"
cp site/out/etl/*.enrolment "$out/enrolment.document"
cp site/out/etl/acme-plant7-1.receipt "$out/receipt.document"
cp R1/release "$out/release.document"
cp etl/trust/1.trust "$out/trust.document"
forge_document "$out/one.iso" >"$out/seal.document"

forge_code acme-plant7 2 >"$out/other-number.code"
forge_code acme-plant8 1 >"$out/other-customer.code"
forge_code acme-plant7 1 >"$out/other-secret.code"
for number in 1000 1001 1073741823; do forge_code acme-plant7 $number >"$out/number-$number.code"; done

cp etl/keys/{trust,release,seal,notice}{,.pub} site/keys/site{,.pub} "$out/keys"
for key in stranger anna ben carl hard; do ssh-keygen -q -t ed25519 -N '' -C "" -f "$out/keys/$key"; done
