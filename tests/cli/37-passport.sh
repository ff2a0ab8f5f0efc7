#!/bin/bash
# Systems and passports: what is installed, read from package databases and /sys, typed by people, taken
# over from other tools' lists; and what a vendor gets to see of it.
# shellcheck disable=SC2016	# scripts and jq are in single quotes
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly ingest init --home site plant7 --solo
do_quietly ingest trust add --home site vendor.trust --fingerprint "$(anchor_of vendor)" --customer acme-plant7
export INGEST_HOME=$T/site
passport() { ingest passport "$@" </dev/null; }
body() { sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$1"; }
newest() { find "$INGEST_HOME/passports/$1" -name '*.passport' | sort -V | tail -n 1; }
last_entry() { tail -n 1 "$INGEST_HOME/ledger/entries.jsonl"; }
# entry JQ: the last entry of the ledger is so.
entry() { last_entry | jq -e "$1" >/dev/null || { echo "not so: $1"; last_entry; return 1; }; }
# has SYSTEM JQ: its newest passport is so.
has() { json "$2" passport show "$1" --json; }
# unchanged COUNT: the ledger has as many entries.
unchanged() { [ "$(entries "$INGEST_HOME")" = "$1" ] || { echo "there are new entries"; return 1; }; }
# refused STATUS REASON CMD...: and nothing is recorded.
refuses() {
	local before
	before=$(entries "$INGEST_HOME")
	judges "$@" && unchanged "$before"
}

# ---- systems ----

check "a system with a root" says "Next: ingest passport scan here" ingest system add here --root / --role test
check "that is recorded" entry '.what == "system-added" and .system == "here" and .root == "/" and
	.role == "test" and .by_hand == false'
check "a system by hand" says "Next: ingest passport set hmi-3" ingest system add hmi-3 --by-hand
check "that is recorded" entry '.by_hand == true and .role == "production" and (has("root") | not)'
check "it is there already" refuses 2 usage ingest system add hmi-3 --by-hand
check "a name that is none" refuses 2 usage ingest system add "HMI 3" --by-hand
check "neither root nor by hand" refuses 2 usage ingest system add bed-9
check "both" refuses 2 usage ingest system add bed-9 --root / --by-hand
check "a root that is not there" refuses 2 usage ingest system add bed-9 --root "$T/nowhere"
check "a root that is a file" refuses 2 usage ingest system add bed-9 --root /etc/passwd
check "a role that is none" refuses 2 usage ingest system add bed-9 --by-hand --role prod
check "the list" json '.systems | length == 2 and .[0].system == "here" and .[0].passports == 0' \
	ingest system list --json
check "a system that is not known" refuses 2 system.unknown passport scan elsewhere
check "a passport that is not there yet" refuses 2 usage passport show here

# ---- this computer ----

start=$(date +%s%N)
check "a scan of this computer" says "components." passport scan here
took=$((($(date +%s%N) - start) / 1000000))
echo "    a scan of this computer took $took ms"
check "in 3 seconds" test "$took" -le "${SCAN_LIMIT:-3000}"
check "is recorded" entry '.what == "passport" and .system == "here" and .number == 1 and
	.path == "passports/here/1.passport" and .source == "scan" and .components > 1'
if have dpkg-query; then
	same_packages() {
		diff <(dpkg-query -W -f '${Package} ${Version} ${Architecture} ${db:Status-Abbrev}\n' |
			awk '$4 ~ /^.[iHUFWt]/ { print $1, $2, $3 }' | sort) \
			<(passport show here --json | jq -r '.components[] | select((.purl // "") | startswith("pkg:deb/")) |
			.name + " " + .version + " " + (.purl | capture("arch=(?<a>.*)").a)' | sort)
	}
	check "it has the packages that dpkg-query has" same_packages
else
	skip "dpkg-query is not installed: the packages of this computer"
fi
# shellcheck source=/dev/null
id=$(. /etc/os-release && echo "$ID")
check "and the operating system" has here ".components[] | select(.type == \"operating-system\") | .name == \"$id\""
check "and its kernel" has here ".metadata.properties | any(.name == \"waxseal:kernel\" and .value == \"$(uname -r)\")"
check "the file is the site's alone" test "$(stat -c %a "$(newest here)")" = 600
check "its digest is the one on record" test "$(body "$(newest here)" | sha256sum | cut -c 1-64)" = \
	"$(last_entry | jq -r .digest)"
check "what show prints is what was signed" cmp <(body "$(newest here)") <(passport show here --json)
echo "plant7 namespaces=\"passport@waxseal\" $(cut -d ' ' -f 1,2 site/keys/site.pub)" >allowed
by_hand() {
	body "$1" >signed
	sed '/^-----BEGIN SSH SIGNATURE-----$/,$!d' "$1" >signed.sig
	ssh-keygen -q -Y verify -f allowed -I plant7 -n passport@waxseal -s signed.sig <signed
}
check "ssh-keygen verifies it" by_hand "$(newest here)"

# ---- a root with dpkg ----

# record PACKAGE VERSION [STATUS [MORE]]
record() {
	printf 'Package: %s\nStatus: %s\nPriority: optional\nInstalled-Size: 12\nArchitecture: amd64\n' "$1" "${3:-install ok installed}"
	printf '%s' "${4:-}"
	printf 'Version: %s\nConffiles:\n /etc/%s 0123456789abcdef0123456789abcdef\nDescription: a package\n with a text\n .\n of lines\n\n' "$2" "$1"
}
mkdir -p bed/usr/lib bed/etc bed/opt/dpkg bed/var/lib bed/lib/modules/6.1.0-22-amd64 bed/lib/modules/old
printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n' >bed/usr/lib/os-release
ln -s ../usr/lib/os-release bed/etc/os-release
ln -s /opt/dpkg bed/var/lib/dpkg
touch bed/lib/modules/6.1.0-22-amd64/modules.dep
{
	record dpkg 1.21.22
	record attr 1:2.4.47-2+b1 "install ok installed" "Source: attr (1:2.4.47-2)
"
	record libc6 2.36-9+deb12u10 "hold ok installed" "Source: glibc
"
	record half 1.0-1 "install reinstreq half-configured"
	record waiting 2.0~rc1 "install ok triggers-awaited"
	record gone 3.0 "deinstall ok config-files"
	printf 'Package: never\nStatus: unknown ok not-installed\n\n'
	record etl-hmi 4.1.7-1
} >bed/opt/dpkg/status
ingest system add bed --root bed >quiet.out
state_of() { (cd "$1" && find . -printf '%p %y %s %m %T@ %C@ %l\n' | sort); }
before=$(state_of bed)
check "a root with dpkg, whose links lead inside" says "bed: passport 1, 8 components." passport scan bed
check "nothing was written there" test "$before" = "$(state_of bed)"
check "purls are encoded" has bed '.components | any(.purl == "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64" and
	.version == "1:2.4.47-2+b1" and (.properties == [{name: "waxseal:source", value: "attr 1:2.4.47-2"}]))'
check "what is held is there" has bed '.components | any(.name == "libc6" and
	.properties == [{name: "waxseal:source", value: "glibc 2.36-9+deb12u10"}])'
check "what is half there is there, and says so" has bed '.components |
	any(.name == "half" and (.properties | any(.name == "waxseal:state" and .value == "half-configured")))'
check "what was removed is not" has bed '.components | all(.name != "gone" and .name != "never")'
check "the kernel" has bed '(.components | any(.type == "platform" and .version == "6.1.0-22-amd64")) and
	(.metadata.properties | any(.name == "waxseal:kernel" and .value == "6.1.0-22-amd64")) and
	(.components | all(.version != "old"))'
check "the architecture" has bed '.metadata.properties | any(.name == "waxseal:architecture" and .value == "amd64")'

cp bed/opt/dpkg/status status
whole=$(stat -c %s status)
cut_at() {	# BYTES: refused, with the place
	head -c "$1" status >bed/opt/dpkg/status
	judges 1 packages.form passport scan bed && shows ".where | contains(\"byte\")"
}
for n in 1 20 100 300 700 $((whole - 1)); do
	check "dpkg's list cut off at byte $n" cut_at "$n"
done
spoil() {	# SED: refused
	sed "$1" status >bed/opt/dpkg/status
	judges 1 packages.form passport scan bed
}
check "a record without a version" spoil '0,/^Version/{/^Version/d}'
check "a record without a status" spoil '0,/^Status/{/^Status/d}'
check "a state that is none" spoil 's/half-configured/quarter-configured/'
check "a version that is none" spoil 's/^Version: 1.0-1/Version: 1.0-1 or so/'
check "two records in one" spoil '0,/^$/{/^$/d}'
cp status bed/opt/dpkg/status
mkdir bed/opt/dpkg/updates
touch bed/opt/dpkg/updates/0003
check "dpkg was interrupted" refuses 1 packages.form passport scan bed
rm -r bed/opt/dpkg/updates
mv bed/opt/dpkg bed/opt/elsewhere
check "a root without a list of packages" refuses 1 packages.none passport scan bed
mkdir bed/opt/dpkg
ln -s "$T/status" bed/opt/dpkg/status
check "a link that leads out of the root leads nowhere" refuses 1 packages.none passport scan bed
rm -r bed/opt/dpkg
mv bed/opt/elsewhere bed/opt/dpkg

# Three thousand packages.
mkdir -p many/var/lib/dpkg
for i in $(seq 3000); do record "package-$i" "1.$i-2"; done >many/var/lib/dpkg/status
ingest system add many --root many >quiet.out
start=$(date +%s%N)
check "three thousand packages" says "3001 components." passport scan many
took=$((($(date +%s%N) - start) / 1000000))
echo "    a scan of 3,000 packages took $took ms"
check "in 3 seconds" test "$took" -le "${SCAN_LIMIT:-3000}"
for i in $(seq 20000); do printf 'Package: p%s\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n' "$i"; done \
	>many/var/lib/dpkg/status
check "more packages than a passport holds" refuses 13 limit passport scan many

# ---- hardware, in a /sys of files ----

mkdir -p bed/sys/class/dmi/id bed/sys/devices/pci0/0000:00:1f.2 bed/sys/bus/pci/devices \
	bed/sys/bus/usb/devices/1-1 bed/sys/bus/usb/devices/1-1:1.0 bed/sys/block/sda/device bed/sys/block/loop0
ln -s ../../../devices/pci0/0000:00:1f.2 bed/sys/bus/pci/devices/0000:00:1f.2
fact() { printf '%s\n' "$2" >"bed/sys/$1"; }
fact class/dmi/id/sys_vendor "Siemens AG"; fact class/dmi/id/product_name "SIMATIC IPC427E"
fact class/dmi/id/product_version 2.01; fact class/dmi/id/product_serial SVPL1234567
fact class/dmi/id/bios_vendor "Siemens AG"; fact class/dmi/id/bios_version V21.01.14; fact class/dmi/id/bios_date 07/20/2021
fact devices/pci0/0000:00:1f.2/vendor 0x8086; fact devices/pci0/0000:00:1f.2/device 0xa102
fact devices/pci0/0000:00:1f.2/class 0x010601; fact devices/pci0/0000:00:1f.2/revision 0x31
fact bus/usb/devices/1-1/idVendor 0951; fact bus/usb/devices/1-1/idProduct 1666; fact bus/usb/devices/1-1/bcdDevice 0110
fact bus/usb/devices/1-1/product "DataTraveler 3.0"; fact bus/usb/devices/1-1/serial 60A44C413D5EE3B1
fact bus/usb/devices/1-1:1.0/bInterfaceClass 08
fact block/sda/device/model "SAMSUNG MZ7LH240"; fact block/sda/device/rev 904Q; fact block/sda/size 468862128
check "hardware" says "bed: passport 2, 13 components." passport scan bed
check "the machine" has bed '.components | any(.type == "device" and .name == "SIMATIC IPC427E" and
	.manufacturer.name == "Siemens AG" and .version == "2.01" and
	(.properties | any(.name == "waxseal:serial" and .value == "SVPL1234567")))'
check "its firmware" has bed '.components | any(.type == "firmware" and .version == "V21.01.14")'
check "PCI and USB devices and disks" has bed '[.components[] | select(.type == "device") | .name] |
	contains(["PCI 8086:a102", "DataTraveler 3.0", "SAMSUNG MZ7LH240"]) and length == 4'

# ---- a root with rpm ----

if have rpm rpmbuild; then
	mkdir -p red/etc red/var/lib/rpm
	printf 'ID="rhel"\nVERSION_ID="9.4"\n' >red/etc/os-release
	for p in "hmi 4.1.7 2 1" "histd 2.9 1.el9 0"; do
		read -r name version release epoch <<<"$p"
		printf '%s\n' "Name: $name" "Version: $version" "Release: $release" "Epoch: $epoch" "Summary: x" \
			"License: ISC" "BuildArch: noarch" "%description" "x" "%files" >"$name.spec"
		do_quietly rpmbuild --quiet -bb --define "_topdir $T/rpm" "$name.spec"
	done
	do_quietly rpm --dbpath "$T/red/var/lib/rpm" --initdb
	find rpm -name '*.rpm' -exec rpm --dbpath "$T/red/var/lib/rpm" -i --justdb --nodeps --noscripts {} + >quiet.out 2>&1
	rm -f red/var/lib/rpm/*-shm red/var/lib/rpm/*-wal
	ingest system add red --root red >quiet.out
	before=$(state_of red)
	check "a root with rpm" says "red: passport 1, 3 components." passport scan red
	check "nothing was written there" test "$before" = "$(state_of red)"
	check "nothing is left of the copy" test -z "$(ls -A site/scratch)"
	check "purl, epoch and release" has red '.components | any(.purl == "pkg:rpm/rhel/hmi@4.1.7-2?arch=noarch&epoch=1" and
		.version == "1:4.1.7-2") and any(.purl == "pkg:rpm/rhel/histd@2.9-1.el9?arch=noarch" and .version == "2.9-1.el9")'
	db=red/var/lib/rpm
	cp $db/rpmdb.sqlite good.sqlite
	head -c 100000 good.sqlite >$db/rpmdb.sqlite
	check "an rpm database that is cut off" refuses 1 packages.rpm passport scan red
	: >$db/rpmdb.sqlite
	check "an empty file" refuses 1 packages.rpm passport scan red
	cp good.sqlite $db/rpmdb.sqlite
	: >$db/Packages
	check "two databases" refuses 1 packages.rpm passport scan red
	rm $db/rpmdb.sqlite
	{ head -c 12 /dev/zero; printf '\x61\x15\x06\0\x63\0\0\0\0\x10\0\0'; head -c 4072 /dev/zero; } >$db/Packages
	check "a database of another version" refuses 1 packages.rpm passport scan red
	rm $db/Packages
	{ printf 'RpmP\x63\0\0\0'; head -c 8184 /dev/zero; } >$db/Packages.db
	check "a database of a kind that this rpm does not read" refuses 1 packages.rpm passport scan red
	rm $db/Packages.db
	check "no database at all" refuses 1 packages.none passport scan red
	cp good.sqlite $db/rpmdb.sqlite
	mkdir tools
	for tool in ssh-keygen jq head grep; do ln -s "$(command -v $tool)" tools; done
	no_rpm() { PATH=$BIN:$T/tools judges 1 packages.rpm ingest passport scan red; }
	check "rpm is not installed" no_rpm
	# told CHECK... SCRIPT: what comes of an rpm that does what SCRIPT says.
	told() {
		printf '#!/bin/sh\n%s\n' "${*: -1}" >tools/rpm
		chmod +x tools/rpm
		PATH=$BIN:$T/tools "${@:1:$#-1}"
	}
	scans_red() { ingest passport scan red --json </dev/null | jq -e ".components == $1" >said; }
	check "rpm fails without a word" told judges 1 packages.rpm ingest passport scan red 'exit 1'
	check "rpm is killed" told judges 1 packages.rpm ingest passport scan red 'kill -9 $$'
	check "rpm complains, and says it is well" told judges 1 packages.rpm ingest passport scan red 'echo "warning: empty" >&2'
	check "a package with too few fields" told judges 1 packages.rpm ingest passport scan red 'printf "a\\t\\t1\\t2\\n"'
	check "a package with too many" told judges 1 packages.rpm ingest passport scan red 'printf "a\\t\\t1\\t2\\tnoarch\\tx\\n"'
	check "a package without a version" told judges 1 packages.rpm ingest passport scan red 'printf "a\\t\\t\\t2\\tnoarch\\n"'
	check "a package that is cut off" told judges 1 packages.rpm ingest passport scan red 'printf "a\\t\\t1\\t2\\tnoarch"'
	check "a package that is no text" told judges 1 packages.rpm ingest passport scan red 'printf "a\\377\\t\\t1\\t2\\tnoarch\\n"'
	check "its environment is its own" told scans_red 2 '[ "$(env | sort | cut -d = -f 1 | tr "\\n" " ")" = "HOME LC_ALL PATH PWD " ] || exit 1
printf "gpg-pubkey\\t\\t1\\t2\\t(none)\\n"; printf "a\\t0\\t1\\t2\\tx86_64\\na\\t0\\t1\\t2\\tx86_64\\n"'
	check "the same twice is once, keys are no packages" has red '(.components | length) == 2 and
		(.metadata.properties | any(.name == "waxseal:architecture" and .value == "x86_64"))'
else
	skip "rpm is not installed: rpm databases"
fi

# ---- by hand ----

check "what a person read" says "hmi-3: passport 1, 1 component." passport set hmi-3 pkg:generic/etl/hmi 4.1.7 \
	--read-by jon --from "Help > About"
check "is recorded with who and where" entry '.source == "set" and .read_by == "jon" and .read_from == "Help > About"'
check "another, by name" says "passport 2, 2 components." passport set hmi-3 "plc firmware" 11.3 --read-by jon --from label
check "a new version, by name" says "passport 3, 2 components." passport set hmi-3 hmi 4.1.8 --read-by maria --from screen
check "keeps the purl" has hmi-3 '.components | any(.purl == "pkg:generic/etl/hmi@4.1.8" and .name == "hmi" and
	(.properties | any(.name == "waxseal:read_by" and .value == "maria")))'
check "without who" refuses 2 usage passport set hmi-3 hmi 4.1.8 --from screen
check "without where" refuses 2 usage passport set hmi-3 hmi 4.1.8 --read-by jon
check "without a version" refuses 2 usage passport set hmi-3 hmi "" --read-by jon --from screen
check "a purl that is none" refuses 13 purl.form passport set hmi-3 pkg:hmi 1 --read-by jon --from screen
check "two versions at once" refuses 2 usage passport set hmi-3 pkg:generic/etl/hmi@1 2 --read-by jon --from screen
check "a scan of it" refuses 2 usage passport scan hmi-3
check "customised" says "passport 4, 2 components." passport customised hmi-3 hmi --base 4.1.7
check "is marked" has hmi-3 '.components | any(.name == "hmi" and (.properties |
	any(.name == "waxseal:customised" and .value == "4.1.7")))'
check "and shown" says "hmi 4.1.8, customised from 4.1.7" passport show hmi-3
check "a component that is not there" refuses 2 usage passport customised hmi-3 hni --base 1
check "neither base nor clear" refuses 2 usage passport customised hmi-3 hmi
check "the mark outlasts the version" says "passport 5" passport set hmi-3 hmi 4.1.9 --read-by jon --from screen
check "it is still customised" has hmi-3 '.components | any(.version == "4.1.9" and (.properties |
	any(.name == "waxseal:customised" and .value == "4.1.7")))'
check "until somebody says otherwise" says "passport 6" passport customised hmi-3 pkg:generic/etl/hmi --clear
check "it is not any more" has hmi-3 '.components | all((.properties // []) | all(.name != "waxseal:customised"))'

check "beside what was scanned" says "bed: passport 3, 14 components." passport set bed pkg:generic/etl/panel 2.0 \
	--read-by jon --from sticker
passport customised bed etl-hmi --base 4.1.6-1 >quiet.out
check "what people said outlasts a scan" says "14 components." passport scan bed
check "both" has bed '(.components | any(.purl == "pkg:generic/etl/panel@2.0")) and
	(.components | any(.name == "etl-hmi" and (.properties | any(.value == "4.1.6-1"))))'

# ---- lists of other tools ----

cat >syft.json <<'JSON'
{"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5",
 "serialNumber": "urn:uuid:b5f8c2d0-6a0c-4a3c-9c43-4a1b9e2c7f11", "version": 1,
 "metadata": {"timestamp": "2026-11-20T08:15:30.123456+01:00",
  "tools": {"components": [{"type": "application", "author": "anchore", "name": "syft", "version": "1.4.1"}]},
  "component": {"bom-ref": "af63bd4c8601b7f1", "type": "file", "name": "/"}},
 "components": [
  {"bom-ref": "pkg:deb/debian/adduser@3.134?arch=all&distro=debian-12&package-id=d6f2", "type": "library",
   "publisher": "Debian Adduser Developers", "name": "adduser", "version": "3.134",
   "licenses": [{"license": {"name": "GPL-2\f"}}], "cpe": "cpe:2.3:a:adduser:adduser:3.134:*:*:*:*:*:*:*",
   "purl": "pkg:deb/debian/adduser@3.134?arch=all&distro=debian-12",
   "properties": [{"name": "syft:package:type", "value": "deb"}, {"name": "syft:metadata:installedSize", "value": "686"}]},
  {"bom-ref": "pkg:deb/debian/attr@1%3A2.4.47-2%2Bb1?arch=amd64&package-id=1", "type": "library", "name": "attr",
   "version": "1:2.4.47-2+b1", "purl": "pkg:deb/debian/attr@1:2.4.47-2+b1?arch=amd64",
   "evidence": {"identity": {"field": "purl", "confidence": 0.5}},
   "components": [{"bom-ref": "inner", "type": "application", "name": "inner", "version": "7"}]},
  {"bom-ref": "again", "type": "library", "name": "adduser", "version": "3.134",
   "purl": "pkg:deb/debian/adduser@3.134?arch=all&distro=debian-12"},
  {"bom-ref": "os:debian@12", "type": "operating-system", "name": "debian", "version": "12",
   "swid": {"tagId": "debian", "name": "debian", "version": "12"},
   "externalReferences": [{"url": "https://bugs.debian.org/", "type": "issue-tracker"}]},
  {"bom-ref": "f1", "type": "file", "name": "/usr/bin/attr", "hashes": [{"alg": "SHA-1", "content": "00"}]}],
 "dependencies": [{"ref": "again", "dependsOn": ["inner"]}],
 "vulnerabilities": [{"id": "CVE-2026-1", "ratings": [{"score": 7.5, "other": -1, "huge": 123456789012345678901234567890}]}]}
JSON
ingest system add imported --by-hand >quiet.out
check "CycloneDX of syft" says "imported: passport 1, 4 components." passport import imported syft.json
check "files are left out, and that is said" says "Left out of the list, as files, data, or the system itself: 1." passport import imported syft.json
check "is recorded" entry '.source == "import" and .components == 4'
check "it is as old as it says" has imported '.metadata.timestamp == "2026-11-20T08:15:30+01:00"'
check "inner components, makers, canonical purls" has imported '(.components | any(.name == "inner" and .version == "7")) and
	(.components | any(.name == "adduser" and .manufacturer.name == "Debian Adduser Developers")) and
	(.components | any(.purl == "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64"))'
passport set imported pkg:generic/etl/hmi 4.1.7 --read-by jon --from screen >quiet.out
passport customised imported attr --base 1:2.4.47-2 >quiet.out

cat >debian.spdx.json <<'JSON'
{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "plant",
 "documentNamespace": "https://example.org/spdx/plant-1", "creationInfo": {"created": "2026-11-21T10:00:00Z",
 "creators": ["Tool: spdx-maker-0.1", "Organization: ACME"], "licenseListVersion": "3.22"},
 "packages": [
  {"name": "plant", "SPDXID": "SPDXRef-Root", "downloadLocation": "NOASSERTION", "filesAnalyzed": false},
  {"name": "openssl", "SPDXID": "SPDXRef-P1", "versionInfo": "3.0.15-1~deb12u1", "supplier": "Organization: Debian",
   "downloadLocation": "NOASSERTION", "copyrightText": "one\u000ctwo", "externalRefs": [
   {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:openssl:openssl:3.0.15:*:*:*:*:*:*:*"},
   {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
    "referenceLocator": "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=amd64"}]},
  {"name": "attr", "SPDXID": "SPDXRef-P2", "versionInfo": "1:2.4.48-1", "externalRefs": [
   {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/attr@1:2.4.48-1?arch=amd64"}]},
  {"name": "debian", "SPDXID": "SPDXRef-P3", "versionInfo": "12", "primaryPackagePurpose": "OPERATING_SYSTEM"},
  {"name": "source.tar", "SPDXID": "SPDXRef-P4", "primaryPackagePurpose": "SOURCE"}],
 "relationships": [
  {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Root"},
  {"spdxElementId": "SPDXRef-Root", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-P1"}]}
JSON
check "SPDX" says "4 components." passport import imported debian.spdx.json
check "with purls and suppliers" has imported '.components | any(.name == "openssl" and .manufacturer.name == "Debian" and
	.purl == "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=amd64")'
check "what people said outlasts it" has imported '(.components | any(.name == "hmi" and .version == "4.1.7")) and
	(.components | any(.name == "attr" and .version == "1:2.4.48-1" and (.properties | any(.value == "1:2.4.47-2"))))'

bad() {	# STATUS REASON JQ [FILE]: the list, changed so, is refused
	jq "$3" "${4:-syft.json}" >bad.json
	refuses "$1" "$2" passport import imported bad.json
}
echo '{"name": "nothing"}' >nothing.json
check "something that is no list" refuses 13 bom.form passport import imported nothing.json
echo 'PK' >nothing.zip
check "something that is no JSON" refuses 13 json.syntax passport import imported nothing.zip
check "a list without components" bad 13 bom.form '.components = []'
check "an older CycloneDX" bad 13 bom.form '.specVersion = "1.3"'
check "a newer CycloneDX" bad 5 format.newer '.specVersion = "1.7"'
check "an older SPDX" bad 13 bom.form '.spdxVersion = "SPDX-2.1"' debian.spdx.json
check "a newer SPDX" bad 5 format.newer '.spdxVersion = "SPDX-3.0"' debian.spdx.json
check "a component without version" bad 13 passport.version 'del(.components[0].version)'
check "a package without version" bad 13 passport.version 'del(.packages[2].versionInfo)' debian.spdx.json
check "a bom-ref twice" bad 13 passport.twice '.components[1]."bom-ref" = .components[0]."bom-ref"'
check "an SPDXID twice" bad 13 passport.twice '.packages[1].SPDXID = "SPDXRef-P2"' debian.spdx.json
check "a purl that is none" bad 13 purl.form '.components[0].purl = "pkg:adduser"'
check "a kind that is none" bad 13 bom.form '.components[0].type = "thing"'
check "a name that is none" bad 13 bom.form '.components[0].name = "add\u001b[31muser"'
check "two operating systems" bad 13 passport.form '.components += [{type: "operating-system", name: "other", version: "1"}]'
{ for _ in $(seq 70); do printf '{"a":'; done; printf 1; for _ in $(seq 70); do printf '}'; done; } >deep.json
check "a list that is too deep" refuses 13 json.depth passport import imported deep.json
truncate -s 70000000 long.json
check "a list that is too long" refuses 13 limit passport import imported long.json
jq '.components = [range(20001) | {type: "library", name: "p\(.)", version: "1"}]' syft.json >many.json
check "a list of too many" refuses 13 limit passport import imported many.json

# ---- the official schema ----

# The validator of the CycloneDX project, from the package registry that npm is set to; kept in build/.
library=$root/build/cyclonedx
fetch_validator() {
	[ -f "$library/ready" ] && return 0
	have node npm || return 1
	mkdir -p "$library"
	(cd "$library" && echo '{"private": true}' >package.json && timeout 300 npm install --omit=optional --ignore-scripts \
		--no-audit --no-fund --no-package-lock @cyclonedx/cyclonedx-library@7.1.0 ajv@8.17.1 ajv-formats@3.0.1 \
		ajv-formats-draft2019@1.6.1 && touch ready) >npm.out 2>&1
}
cat >validate.js <<'JS'
const cdx = require(process.argv[2] + "/node_modules/@cyclonedx/cyclonedx-library");
const text = require("fs").readFileSync(process.argv[3], "utf8");
new cdx.Validation.JsonStrictValidator(cdx.Spec.Version.v1dot6).validate(text).then((error) => {
	if (error !== null) {
		console.log(JSON.stringify(error, null, 1).slice(0, 2000));
		process.exitCode = 1;
	}
}, (error) => { console.log(error); process.exitCode = 2; });
JS
valid() { node validate.js "$library" "$1"; }
if fetch_validator; then
	for s in here bed many imported hmi-3 red; do
		[ -d "site/passports/$s" ] || continue
		body "$(newest $s)" >"$s.cdx.json"
		check "the passport of $s is valid CycloneDX 1.6" valid "$s.cdx.json"
	done
	jq '.components[0].serialNumber = "x"' hmi-3.cdx.json >invalid.json
	check "and the validator can say no" fails valid invalid.json
else
	skip "npm or its registry is not there: the official CycloneDX schema"
fi

# ---- what a vendor gets to see ----

before=$(entries site)
check "nothing leaves without a yes" expect_says 2 "nothing was written" passport send etl
check "nothing was recorded" unchanged "$before"
check "and nothing was written" test ! -e site/out/etl/passport.age
check "it shows what it would send" says "This is all that etl gets: " passport send etl --yes
check "is recorded" entry '.what == "passport-sent" and .vendor == "etl" and .customer == "acme-plant7" and
	.path == "out/etl/passport.age" and (.systems | length) >= 3'
check "only the vendor can read it" test "$(head -n 1 site/out/etl/passport.age)" = "age-encryption.org/v1"
if have age; then
	age -d -i vendor/keys/contact.age-identity site/out/etl/passport.age >sent
	check "the vendor can" test -s sent
	check "its digest is on record" entry ".digest == \"$(sha256sum <sent | cut -c 1-64)\""
	check "what was shown is what was sent" cmp sent <(passport send etl --yes --json | jq -j .text)
	sed '/^-----END SSH SIGNATURE-----$/q' sent >first
	check "the first is a signed passport" by_hand first
	sed '/^-----BEGIN/,/^-----END/d' sent >bodies
	check "no names of systems, people, places; no serial numbers" fails grep -E \
		'here|bed|hmi-3|imported|red|jon|maria|Help|sticker|SVPL|60A44|Siemens|Samsung|6\.1\.0|libc6|openssl' bodies
	check "all of the vendor's, and which systems it is on" test "$(jq -r '.components[].name' bodies | sort | tr '\n' ' ')" = \
		"debian debian etl-hmi hmi hmi panel "
	check "with what was customised" json 'any(.metadata.component.name == "s3" and (.components | any(.name == "etl-hmi" and
		.properties == [{name: "waxseal:customised", value: "4.1.6-1"}])))' jq -s . bodies
	if [ -f "$library/ready" ]; then
		jq -s '.[0]' bodies >sent.cdx.json
		check "it is valid CycloneDX 1.6, too" valid sent.cdx.json
	fi
else
	skip "age is not installed: what was sent"
fi
check "a vendor who is not known" refuses 2 usage passport send elbe --yes

new_vendor other knox "Knox"
do_quietly ingest trust add other.trust --fingerprint "$(anchor_of other)" --customer acme
check "a vendor of whom nothing is installed" refuses 2 usage passport send knox --yes
next_trust vendor 'del(.contact)' >2.trust
do_quietly ingest trust update 2.trust
check "a vendor without a contact" refuses 2 usage passport send etl --yes
check "it says what to do" shows '.where | contains("ingest trust update")'

# ---- what is not as it was ----

file=$(newest hmi-3)
cp "$file" kept
sed -i 's/4\.1\.9/4.1.8/' "$file"
check "a passport that was changed" refuses 1 own.home passport show hmi-3
body kept >"$file"
check "one that is not signed" refuses 1 own.home passport show hmi-3
cp "$(newest here)" "$file"
check "another one in its place" refuses 1 own.home passport show hmi-3
truncate -s 10000000 "$file"
check "one of 10 MB" refuses 13 limit passport show hmi-3
cp kept "$file"
check "the right one" has hmi-3 '.version == 6'
check "the ledger is whole" says "The ledger is whole" ingest ledger verify

done_testing
