#!/bin/bash
# Does it fit?  A site with systems and passports takes consignments in, with versions as Debian has them:
# what fits, what fits nothing, what a person must judge, and what comes before what.
# shellcheck disable=SC2016	# single quotes are for jq
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/media.sh"

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
export MKMEDIA_HOME=$T/vendor INGEST_HOME=$T/site

# release ID JQ: a release of one file, described as JQ says.
release() {
	mkdir -p "$1/payload"
	echo "$1" >"$1/payload/$1"
	do_quietly mkmedia release draft "$1"
	jq ".product = \"openssl\" | .title = \"Release $1\" | $2" "$1/release.json" >edited
	mv edited "$1/release.json"
	do_quietly mkmedia release finish "$1"
	do_quietly mkmedia sign "$1"
}
# sealed NAME RELEASE...: NAME.iso and NAME.code.
sealed() {
	local name=$1 number
	shift
	rm -rf built
	do_quietly mkmedia build "$@" --customer acme -o built --recovery 0
	number=$(echo built/*.iso | sed 's/.*-\([0-9]*\)-1[.]iso$/\1/')
	mv built/*.iso "$name.iso"
	mkmedia letter "acme/$number" --code-only >"$name.code"
}
deb=pkg:deb/debian/openssl
release SSL-1 '.sequence = 1 | .applies_to = [{purl: "'$deb'", range: "vers:deb/<3.0.14-1~deb12u1"}] | .provides = ["'$deb'@3.0.14-1~deb12u1"]'
release SSL-2 '.sequence = 2 | .applies_to = [{purl: "'$deb'", range: "vers:deb/>=3.0.14-1~deb12u1|<3.0.15-1~deb12u1"}]
	| .provides = ["'$deb'@3.0.15-1~deb12u1"] | .requires = ["etl:SSL-1"]'
release SSL-3 '.sequence = 3 | .applies_to = [{purl: "'$deb'", range: "vers:deb/<3.0.15-1~deb12u1"}]
	| .provides = ["'$deb'@3.0.15-1~deb12u1"] | .incorporates = ["etl:SSL-1", "etl:SSL-2"]'
release BASH-1 '.product = "bash" | .applies_to = [{purl: "pkg:deb/debian/bash", range: "vers:deb/<5.2.15-2+b7", systems: ["debian/12"]}]'
release AMD-1 '.applies_to = [{purl: "'$deb'", range: "vers:all/*", architectures: ["arm64"]}]'
release RIVAL-1 '.product = "rival" | .applies_to = [{purl: "'$deb'", range: "vers:all/*"}] | .conflicts = ["etl:SSL-1"]'
release SILENT-1 '.applies_to = []'
release HMI-1 '.product = "hmi" | .applies_to = [{purl: "pkg:generic/etl/hmi", range: "vers:all/*"}] |
	.compat = [{patch: "etl:SSL-1", status: "tested", date: "2026-11-01T00:00:00Z"}]'
sealed one SSL-1
sealed hmi HMI-1
sealed two SSL-2
sealed both SSL-1 SSL-2
sealed bash BASH-1
sealed arm AMD-1
sealed rival RIVAL-1
sealed silent SILENT-1
sealed mixed SSL-3 BASH-1

do_quietly ingest init plant7 --solo
do_quietly ingest trust add vendor.trust --fingerprint "$(anchor_of vendor)" --customer acme
cp -a site empty
accept() { ingest accept "$1.iso" --code "$1.code" --by maria; }
# taken STATUS REASON NAME: ingest accept says so.
taken() { judges "$1" "$2" ingest accept "$3.iso" --code "$3.code"; }
entry() { tail -n 1 site/ledger/entries.jsonl | jq -e "$1" >/dev/null || { tail -n 1 site/ledger/entries.jsonl; return 1; }; }
evaluation() { jq -e "$1" "site/$(tail -n 1 site/ledger/entries.jsonl | jq -r .evaluation)" >/dev/null; }
nothing_staged() { [ ! -d site/stage ] || [ -z "$(find site/stage -mindepth 2)" ]; }
renew() { rm -rf site; cp -a "${1:-empty}" site; }
# has PURL VERSION...: the passport of the system bed.
has() { do_quietly ingest passport set bed "$1" "$2" --read-by jon --from "dpkg -l"; }

# ---- nobody knows which systems there are ----

check "no systems: staged, and held" taken 3 fit.held one
check "no systems: said" shows '.verdict == "GENUINE" and .stage == "stage/etl/acme-1"'
check "no systems: it lies in the stage" [ -f site/stage/etl/acme-1/RELEASES/SSL-1/payload/SSL-1 ]
check "no systems: on record as held" entry '.what == "accepted" and .releases[0].status == "held"'
check "no systems: the receipt says so" bash -c 'sed "/^-----BEGIN/,\$d" site/out/etl/acme-1.receipt |
	jq -e ".status == 3 and .reason == \"fit.held\" and .releases[0].status == \"held\""'
check "no systems: not twice" taken 18 number.used one
check "no systems: in words" expect_says 3 "see ingest system add" accept silent
check "no systems: asked for" expect_says 3 "No systems are registered here" ingest fit etl:SSL-1
check "judge without a reason" expect_says 2 "--reason TEXT and --by NAME" ingest judge etl:SSL-1 --fits
check "judge without a judgement" expect_says 2 "--fits or --does-not-fit" ingest judge SSL-1 --by jon --reason x
check "judge what is not known" expect_says 2 "SSL-9 is not known here" ingest judge SSL-9 --fits --by jon --reason x
check "judged by a person" says "etl:SSL-1 fits where that was open" ingest judge SSL-1 --fits --by jon --reason "looked at it"
check "judged: on record" entry '.what == "judged" and .by == "jon" and .reason == "looked at it" and .fits'
check "judged: it fits" expect_status 0 ingest fit SSL-1

# ---- a system without passport, then with one ----

renew
do_quietly ingest system add bed --by-hand --role test
cp -a site bare
check "nobody is told of what is not there" expect_says 2 hmi-9 ingest system tell hmi-9 Petra
check "who answers for it" says "Of bed, Petra Kuhn, ext. 114 is told" ingest system tell bed "Petra Kuhn, ext. 114"
check "who answers for it: listed" json '.systems[0].tell == "Petra Kuhn, ext. 114"' ingest system list --json
rm -rf bare && cp -a site bare
check "no passport: held" taken 3 fit.held one
check "no passport: why" evaluation '.releases[0].systems == [{system: "bed", verdict: "unknown", reason: "no passport",
	component: "", installed: "", needed: "", judged: 0, tell: "Petra Kuhn, ext. 114"}]'
check "no passport: held, by the status" says "held      etl:SSL-1 (acme no. 1): a person must judge it" ingest status
check "no passport: what is next" says "Next: ingest fit etl:SSL-1, then ingest judge etl:SSL-1" ingest status
check "no passport: for programs" json '.held == [{release: "etl:SSL-1", customer: "acme", number: 1}]' ingest status --json
do_quietly ingest judge etl:SSL-1 --fits --by jon --reason "looked"
check "once judged it is held no more" json '.held == []' ingest status --json
renew bare
has $deb 3.0.11-1~deb12u2
cp -a site old
check "it fits" taken 0 ok one
check "it fits: the table is kept" evaluation '.releases[0] | .outcome == "fits" and (.systems[0] |
	.system == "bed" and .component == "openssl" and .installed == "3.0.11-1~deb12u2" and .verdict == "fits" and
	.needed == "vers:deb/<3.0.14-1~deb12u1")'
kept_by_digest() {
	local line
	line=$(tail -n 1 site/ledger/entries.jsonl)
	[ "$(sha256sum <"site/$(jq -r .evaluation <<<"$line")" | cut -d ' ' -f 1)" = "$(jq -r .evaluation_digest <<<"$line")" ]
}
check "it fits: by its digest in the ledger" kept_by_digest
check "it fits: nothing is open" expect_says 2 "there is nothing to judge" ingest judge SSL-1 --fits --by jon --reason x
check "fit of a release: who is told" says "; tell Petra Kuhn, ext. 114" ingest fit etl:SSL-1
check "fit of a release" says "it is for this version" ingest fit etl:SSL-1
check "fit of a medium that was not taken in" expect_says 3 "does not say for which system or machine" ingest fit arm.iso
check "fit of a medium, for programs" json '.status == 0 and [.releases[].release] == ["etl:SSL-1", "etl:SSL-2"]' ingest fit both.iso --json
check "fit of an altered medium" expect_says 13 block.differs bash -c 'cp arm.iso altered.iso
	printf X | dd of=altered.iso bs=1 seek=100000 conv=notrunc status=none; ingest fit altered.iso'
check "fit takes nothing in" [ "$(jq -r .what site/ledger/entries.jsonl | grep -c accepted)" = 1 ]

do_quietly ingest passport set bed pkg:generic/etl/hmi 4.1 --read-by jon --from "Help > About"
do_quietly ingest accept hmi.iso --code hmi.code
check "what another vendor says of it" says "etl:HMI-1 says of it: tested, 2026-11-01" ingest fit etl:SSL-1
check "the same for programs" json '.releases[0].compat == [{by: "etl:HMI-1", status: "tested", date: "2026-11-01T00:00:00Z"}]' \
	ingest fit etl:SSL-1 --json

# ---- what fits nothing is not staged ----

# none NAME WHY: DOES NOT FIT; nothing is staged, the evaluation is kept, and the number can come again.
none() {
	taken 21 fit.none "$1" || return 1
	nothing_staged || { echo "something is staged"; return 1; }
	entry '.what == "refused" and .status == 21 and .verdict == "DOES NOT FIT"' && evaluation ".releases[0].systems[0].verdict == \"$2\""
}
renew bare
has $deb 3.0.14-1~deb12u1
check "already there" none one already-there
has $deb 3.0.15-1~deb12u1
check "a downgrade" none one older
check "a downgrade, in words" expect_says 21 "newer than what it brings, 3.0.14-1~deb12u1" accept one
has $deb 1:3.0.0-1
check "an epoch makes it newer" none one older
check "another machine or none" expect_status 3 ingest fit arm.iso	# the passport does not say
renew bare
has pkg:deb/debian/bash 5.2.15-2+b7
check "nothing of it is there" none one not-affected
check "another version of it" none bash older
cp -a site site.before
has pkg:deb/debian/bash 5.2.15-2+b6
check "no word of the operating system" taken 3 fit.held bash
do_quietly ingest judge BASH-1 --does-not-fit --by jon --reason "that is Ubuntu"
rm -rf site && cp -a site.before site
check "what fitted nothing before can come again" none one not-affected
has $deb 3.0.11-1
check "and be taken in once it fits" taken 0 ok one

# ---- customised ----

renew old
do_quietly ingest passport customised bed $deb --base 3.0.11-1~deb12u2
check "customised: held" taken 3 fit.held one
check "customised: why" evaluation '.releases[0].systems[0] | .verdict == "customised" and (.reason | test("3.0.11-1~deb12u2"))'
check "customised: judged not to fit" expect_status 0 ingest judge SSL-1 --system bed --does-not-fit --by jon --reason "patched by hand"
check "customised: it does not" expect_says 21 "judged by jon: patched by hand" ingest fit SSL-1
check "customised: judged again" expect_status 0 ingest judge SSL-1 --system bed --fits --by jon --reason "merged"
check "customised: it does" expect_says 0 "judged by jon: merged" ingest fit SSL-1
check "judge for a system that is not there" expect_says 2 hmi-9 ingest judge SSL-1 --system hmi-9 --fits --by jon --reason x

# ---- relations ----

renew old
check "after another, on one disc" taken 0 ok both
renew bare
has $deb 3.0.14-1~deb12u1
check "what is required is not known here" taken 3 fit.held two
do_quietly mkmedia notice SSL-1
do_quietly mkmedia sign 1.notice
renew bare
has $deb 3.0.14-1~deb12u1
check "a notice, compared with every system" says "already there" ingest notice vendor/notices/1.notice
check "fit of a notice" expect_says 21 "already there" ingest fit vendor/notices/1.notice
check "what is required is there, and known" taken 0 ok two
renew old
do_quietly ingest notice vendor/notices/1.notice
check "announced" says "etl:SSL-1 was announced by notice 1 of" accept one
renew old
do_quietly ingest notice vendor/notices/1.notice
check "not for this version, but after another" judges 0 ok ingest accept two.iso --code two.code
check "and which" evaluation '.releases[0].systems[0] | .verdict == "fits-after" and (.reason | endswith("; after etl:SSL-1"))'
renew old
renew bare
has $deb 3.0.14-1~deb12u1
check "a conflict: only once the other is known" taken 0 ok rival
renew old
do_quietly ingest accept one.iso --code one.code
has $deb 3.0.14-1~deb12u1
check "a conflict with what is there" expect_says 21 "conflicts with etl:SSL-1" accept rival
check "one release fits and one does not: staged as it came" taken 0 ok mixed
check "and on record as what they are" entry '[.releases[] | .id + " " + .status] == ["BASH-1 does-not-fit", "SSL-3 staged"] or
	[.releases[] | .id + " " + .status] == ["SSL-3 staged", "BASH-1 does-not-fit"]'

check "the ledger is whole" expect_status 0 ingest ledger verify
done_testing
