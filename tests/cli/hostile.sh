# shellcheck shell=bash
# hostile: a vendor with two releases, a site, a genuine image a.iso of one of them; and somebody who has the vendor's
# seal key makes x.iso of it.  Source it after lib.sh.
# shellcheck source=tests/cli/forge.sh
. "$(dirname "$0")/forge.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

new_vendor etl etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home etl acme-plant7 --name "ACME Power, Plant 7"
mkdir -p R1/payload/bin R1/payload/sub/deep R2/payload
head -c 150000 /dev/urandom >R1/payload/bin/tool
chmod 755 R1/payload/bin/tool
echo hello >R1/payload/data.txt
echo zz >R1/payload/sub/deep/zzuniquezz
echo another >R2/payload/data.txt
new_release etl R1
new_release etl R2
new_image etl acme-plant7 R1 a
new_site site etl acme-plant7
fresh
cp a.code a1.code	# what refused() takes where nothing else is named
FORGE_CHAIN=etl.trust FORGE_KEY=etl/keys/seal FORGE_CODE=$(cat a.code)

# hostile NAME STATUS REASON: x.iso is refused.
hostile() { check "$1" refused "$2" "$3" "$T/x.iso"; }
# harmless NAME: x.iso is genuine (a fresh site each time: the number is used afterwards).
harmless() {
	check "$1" accepted "$T/x.iso" a.code
	fresh
}
x() { cp a.iso x.iso; }
