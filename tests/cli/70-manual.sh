#!/bin/bash
# The manual pages say what the programs do: commands, options, JSON keys, exit statuses.  Their
# examples, all lines of EXAMPLES with a prompt, are run in order, and end as the pages say: with "Exit
# status N" if that follows, else with 0.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

unset SSH_AUTH_SOCK INGEST_HOME MKMEDIA_HOME
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
page() { echo "$root/$1/$1.1"; }

# ---- reading a page ----

# section PAGE NAME [SUBSECTION]: its source lines.
section() {
	awk -v sh="$2" -v ss="${3-}" '
		/^\.Sh / { on = (substr($0, 5) == sh); sub_on = (ss == ""); next }
		/^\.Ss / && on { name = substr($0, 5); sub(/^\\&/, "", name); sub_on = (ss == "" || name == ss) }
		on && sub_on' "$1"
}
subsections() { section "$1" "$2" | sed -n 's/^\.Ss //p' | sed 's/^\\&//'; }

# options_of < source lines: the options that have an item of their own, without hyphens.
options_of() { grep '^\.It .*Fl ' | grep -oE 'Fl (Fl )?[a-z][a-z-]*' | sed -E 's/^Fl (Fl )?//' | sort -u; }
# keys_of < source lines: the JSON keys.
keys_of() {
	awk '/^\./ { on = 0; for (i = 1; i <= NF; i++) { t = $i; sub(/^\./, "", t)
		if (t ~ /^[A-Z][a-z]$/) on = (t == "Va"); else if (on && t ~ /^[a-z_0-9]+$/) print t } }' | sort -u
}

# examples PAGE SUBSECTION: status, tab, command; a line each.
examples() {
	section "$1" EXAMPLES "$2" | awk '
		function flush() { if (command != "") print status "\t" command; command = ""; status = 0 }
		more { sub(/^ +/, " "); line = $0; command = command line }
		!more && /^(\.Dl )?\$ / { flush(); sub(/^(\.Dl )?\$ /, ""); line = $0; command = line }
		!more && /^Exit status [0-9]+/ { status = $3 + 0 }
		{ more = (line != "" && line ~ /\\e$/); sub(/ *\\e$/, "", command); line = "" }
		END { flush() }' | sed 's/\\(dq/"/g; s/\\e/\\/g'
}

# ---- asking a program ----

commands_of() { "$BIN/$1" --help | sed -nE "s/^  $1 ([a-z]+( [a-z]+)?)( .*)?\$/\1/p"; }
# words PROGRAM COMMAND: the options in its --help, without those that every command has.
words() {
	# shellcheck disable=SC2086
	"$BIN/$1" $2 --help | grep -oE '(^| |\[|\|)--?[a-z][a-z-]*' | sed -E 's/^[^-]*-+//' | common | sort -u
}
common() { grep -vxE 'home|json|help|version'; }
# knows PROGRAM COMMAND OPTION: is it taken?  In a home that is not there, so that nothing else happens.
knows() {
	local dashes=--
	[ ${#3} -gt 1 ] || dashes=-
	# shellcheck disable=SC2086
	! INGEST_HOME=$work/none MKMEDIA_HOME=$work/none "$BIN/$1" $2 "$dashes$3" 2>&1 </dev/null | grep -q 'there is no option'
}

# same A B: two lists; the difference is shown.
same() { diff <(printf '%s\n' "$1" | sort -u) <(printf '%s\n' "$2" | sort -u); }

# ---- 1. form ----

lint() {
	local said
	said=$(mandoc -T lint -W warning "$1" 2>&1)
	printf '%s\n' "$said"
	[ -z "$said" ]
}
for p in verify ingest mkmedia; do
	if command -v mandoc >/dev/null; then
		check "mandoc has nothing to say about $p.1" lint "$(page $p)"
	else
		skip "mandoc is not installed: $p.1"
	fi
done

# ---- 2. commands and options, both ways ----

for p in ingest mkmedia; do
	check "$p --help and $p.1 have the same commands" \
		same "$(commands_of $p)" "$(subsections "$(page $p)" DESCRIPTION)"
	check "the synopsis of $p.1 has them, too" \
		same "$(commands_of $p)" "$(section "$(page $p)" SYNOPSIS | sed -n 's/^\.Ic //p')"
	while IFS= read -r c; do
		options=$(section "$(page $p)" DESCRIPTION "$c" | options_of)
		check "$p $c: the options of --help and of the page" same "$(words $p "$c")" "$options"
		for o in $options home json; do
			check "$p $c knows --$o" knows $p "$c" "$o"
		done
	done < <(commands_of $p)
done
check "verify --help and verify.1 have the same options" same \
	"$("$BIN/verify" --help | grep -oE -- '--[a-z]+' | tr -d - | common)" \
	"$(section "$(page verify)" DESCRIPTION | options_of | common)"
for p in verify ingest mkmedia; do
	tables=$(grep -ohE '\{ "[a-z-]+", OPTION_' "$root/$p"/*.c | cut -d '"' -f 2)
	check "the option tables of $p and $p.1" same "$tables
help
version" "$(grep -oE 'Fl (Fl )?[a-z][a-z-]*' "$(page $p)" | sed -E 's/^Fl (Fl )?//')"
done

# ---- 3. exit statuses, reason for reason ----

statuses() { section "$(page "$1")" 'EXIT STATUS' | sed -nE 's/^\.It ([0-9]+) Ta ([A-Z ]+|-) Ta .*/\1 \2/p'; }
table=$(sed -nE 's/^\tX\([A-Z_]+,[ \t]*([0-9]+),.*/\1/p' "$root/formats/err.h" | sort -un)
check "verify.1 has every exit status there is" same "$table" "$(statuses verify | cut -d ' ' -f 1)"
check "ingest.1 has every exit status there is" same "$table" "$(statuses ingest | cut -d ' ' -f 1)"
verdicts=$(sed -nE 's/^\t\[([0-9]+)\] = \{ "([A-Z ]+)",.*/\1 \2/p' "$root/formats/err.c")
only_verdicts() { ! statuses "$1" | grep -v ' -$' | grep -vxF "$verdicts"; }
for p in verify ingest mkmedia; do
	check "the verdicts of $p.1 are those of the programs" only_verdicts $p
done

# ---- 4. the examples, in order ----

mkdir "$work/desk" "$work/bin"
cd "$work/desk" || exit 1
PATH=$BIN:$work/bin:$PATH
anchor='' enrolment='' site_key='' ran=0
medium=out/acme-plant7-1-1.iso

# The editor in which an administrator fills in a draft.
cat >"$work/bin/vi" <<'VI'
#!/bin/sh
sed -i 's/"product": "[^"]*"/"product": "hmi"/; s|"applies_to": \[\]|"applies_to": [{"purl": "pkg:generic/etl/hmi", "range": "vers:all/*"}]|; s/"customised": "judge"/"customised": "applies"/; s/"title": "[^"]*"/"title": "Hotfix 4.1.8"/' "$1"
VI
chmod +x "$work/bin/vi"

real() {
	sed -e "s|\"7f3a [^\"]*\"|\"$anchor\"|" -e "s|\"51c0 [^\"]*\"|\"$enrolment\"|" \
		-e "s|SHA256:uTEU[^ ]*|$site_key|" -e "s|/dev/sr0|$medium|g" -e "s|/srv/bed-1|bed-1|" \
		-e "s|^ssh-keygen |ssh-keygen -q -N '' |" <<<"$1"
}

# do_as_written COMMAND; where it asks for a code, a person types it at a terminal.
do_as_written() {
	case $1 in
	*"ingest accept"*--code* | *"ingest accept"*'<'*) bash -c "$1" </dev/null ;;
	*"ingest accept"*) script -qec "$1" /dev/null <letter-1.code ;;
	*) bash -c "$1" </dev/null ;;
	esac
}

play() {	# PROGRAM SUBSECTION
	local status command
	while IFS=$'\t' read -r status command; do
		ran=$((ran + 1))
		check "$1.1, $2: $command" expect_status "$status" do_as_written "$(real "$command")"
	done < <(examples "$(page "$1")" "$2")
}
vendor() { MKMEDIA_HOME=$work/vendor play mkmedia "$1"; }
site() { INGEST_HOME=$work/site play "$1" "$2"; }

for k in ben:Ben cora:Cora anna2:Anna ben2:Ben desk:Desk desk2:Desk; do
	ssh-keygen -q -t ed25519 -N '' -C "${k#*:} Berg" -f "${k%:*}"
done
mkdir -p ETL-2026-0042/payload
head -c 200000 /dev/urandom >ETL-2026-0042/payload/hmi.bin
cp ETL-2026-0042/payload/hmi.bin hmi.bin

vendor "First day"
anchor=$(mkmedia trust show --home "$work/vendor" --json | jq -r .anchor | sed 's/..../& /g')
site ingest "First day"
mkdir -p bed-1/var/lib/dpkg
printf 'Package: etl-histd\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.9-1\n\n' >bed-1/var/lib/dpkg/status
echo '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
	{"type": "application", "name": "etl-histd", "version": "2.9", "purl": "pkg:generic/etl/histd@2.9"}]}' >hist-1.cdx.json
site ingest "What is installed"
cp "$work/site/out/etl/plant7.enrolment" .
enrolment=$(sha256sum < <(sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' plant7.enrolment) | cut -c 1-64)
vendor "A customer"
vendor "One patch"
vendor "News"
cp "$work/vendor/notices/1.notice" "$work/vendor/catalogues/1.catalogue" .
sed 's/by disc/by mail/' 1.notice >changed.notice
site ingest "News"
vendor "Alone"

# What else lies on the desk by now: the next consignment, the letters, a foreign disc, a bad copy.
cp hmi.bin ETL-2026-0042/payload/hmi.bin
MKMEDIA_HOME=$work/vendor mkmedia build ETL-2026-0042 --customer acme-plant7 -o out --as desk.pub >/dev/null
cp out/acme-plant7-2-1.iso .
mkdir -p ETL-2026-0043/payload
head -c 8000000 /dev/urandom >ETL-2026-0043/payload/hmi.bin
for c in "release draft" "release finish" "sign --as anna2.pub" "sign --as ben2.pub"; do
	# shellcheck disable=SC2086
	MKMEDIA_HOME=$work/vendor mkmedia $c ETL-2026-0043 >/dev/null
	[ "$c" != "release draft" ] || vi ETL-2026-0043/release.json
done
MKMEDIA_HOME=$work/vendor mkmedia build ETL-2026-0043 --customer acme-plant7 -o . --as desk.pub \
	--volume-size 6000000 >/dev/null
cp out/bolt-works-1-1.iso other.iso
cp acme-plant7-2-1.iso scratched.iso
printf 'X' | dd of=scratched.iso bs=1 seek=150000 conv=notrunc status=none
cp scratched.iso bad-copy.iso
printf 'X' | dd of=bad-copy.iso bs=1 seek=250000 conv=notrunc status=none
for n in 1 2 3; do
	mkmedia letter "acme-plant7/$n" --code-only --home "$work/vendor" >"letter-$n.code"
done

play verify "The clerk with a disc in hand"
site ingest "A disc arrives"
site ingest "What is refused"
site verify "At the site"
cp "$work/site/out/etl/acme-plant7-1.receipt" .
cp -r "$work/site/ledger" .
site_key=$(ssh-keygen -l -f "$work/site/keys/site.pub" | cut -d ' ' -f 2)
site ingest "Several discs"
play verify "Papers"
vendor "The next trust document"
site ingest "The vendor has a new trust document"

count_examples() { for p in verify ingest mkmedia; do section "$(page $p)" EXAMPLES; done | grep -cE '^(\.Dl )?\$ '; }
check "every example was run" test "$ran" = "$(count_examples)"

# ---- 5. JSON keys: what the programs print is in the pages, and what is there is in the programs ----

printed() { jq -r '.. | objects | keys[]' | sort -u; }
listed() {	# PROGRAM SUBSECTION COMMAND...: every key that it prints
	local listed
	listed=$(section "$(page "$1")" DESCRIPTION "$2" | keys_of)
	shift 2
	! "$@" </dev/null | printed | grep -vxF "$listed"
}
in_sources() {
	! keys_of <"$(page "$1")" |
		grep -vxF "$(grep -ohE '"[a-z_0-9]+"' "$root/$1"/*.c "$root"/verify/*.c "$root"/formats/trust.c | tr -d '"')"
}
for p in verify ingest mkmedia; do
	check "the keys of $p.1 are in the sources" in_sources $p
done

export INGEST_HOME=$work/site MKMEDIA_HOME=$work/vendor
check "keys of a medium" listed verify JSON verify acme-plant7-2-1.iso --code letter-2.code --json
for c in "list --missing" "find --fixes CVE-2026-1234" "compare etl:ETL-2026-0042 etl:ETL-2026-0043" \
	"ledger show --sources" "notice 1.notice 1.catalogue changed.notice"; do
	# shellcheck disable=SC2086
	check "keys of ingest $c" listed ingest "$(grep -oE '^[a-z]+( show)?' <<<"$c")" ingest $c --json
done
check "keys of a ledger" listed verify JSON verify --ledger ledger --json
check "keys of a failure" listed verify JSON verify nothing --json
for c in "trust list" "system list" list status "ledger verify"; do
	# shellcheck disable=SC2086
	check "keys of ingest $c" listed ingest "$c" ingest $c --json
done
check "keys of ingest enrolment" listed ingest enrolment ingest enrolment etl --json
check "keys of ingest system add" listed ingest "system add" ingest system add bed-2 --by-hand --json
check "keys of ingest passport set" listed ingest "passport scan" \
	ingest passport set bed-2 hmi 1 --read-by jon --from label --json
check "keys of ingest passport send" listed ingest "passport send" ingest passport send etl --yes --json
check "keys of ingest receipt" listed ingest receipt ingest receipt acme-plant7/1 --code letter-1.code --json
check "keys of ingest init" listed ingest init ingest init other --solo --home "$work/other" --json
check "keys of ingest trust add" listed ingest "trust add" \
	ingest trust add etl.trust --fingerprint "$anchor" --customer other --home "$work/other" --json
accept_keys() {
	! ingest accept acme-plant7-2-1.iso --code letter-2.code --json </dev/null | printed |
		grep -vxF "$({ section "$(page verify)" DESCRIPTION JSON; section "$(page ingest)" DESCRIPTION accept; } | keys_of)"
}
check "keys of ingest accept" accept_keys
for c in "trust show" "customer list" "release list" "ledger verify" status; do
	# shellcheck disable=SC2086
	check "keys of mkmedia $c" listed mkmedia "$c" mkmedia $c --json
done
check "keys of mkmedia trust export" listed mkmedia "trust export" mkmedia trust export x.trust --json
check "keys of mkmedia release show" listed mkmedia "release show" mkmedia release show ETL-2026-0042 --json
check "keys of mkmedia readback" listed mkmedia write mkmedia readback "$medium" --json
check "keys of mkmedia remake" listed mkmedia remake mkmedia remake acme-plant7/1 -o again --json
check "keys of mkmedia letter" listed mkmedia letter mkmedia letter acme-plant7/1 --json
check "keys of mkmedia customer add" listed mkmedia "customer add" \
	mkmedia customer add third --name Third --enrolment plant7.enrolment --fingerprint "$enrolment" --json
check "keys of mkmedia init" listed mkmedia init \
	mkmedia init --home "$work/one" --vendor one --name One --single-person --place Gent --json
mkdir -p ONE-1/payload
cp hmi.bin ONE-1/payload
check "keys of mkmedia notice --list" listed mkmedia notice mkmedia notice --list --json
check "keys of mkmedia notice" listed mkmedia notice mkmedia notice ETL-2026-0042 --json
check "keys of mkmedia withdraw" listed mkmedia withdraw mkmedia withdraw ETL-2026-0042 --reason r --replace --json
check "keys of mkmedia catalogue" listed mkmedia catalogue mkmedia catalogue --json
export MKMEDIA_HOME=$work/one
mkmedia customer add one --name One >/dev/null
check "keys of mkmedia release draft" listed mkmedia "release draft" mkmedia release draft ONE-1 --json
vi ONE-1/release.json
check "keys of mkmedia release finish" listed mkmedia "release finish" mkmedia release finish ONE-1 --json
check "keys of mkmedia status, waiting" listed mkmedia status mkmedia status --json
check "keys of mkmedia sign" listed mkmedia sign mkmedia sign ONE-1 --json
check "keys of mkmedia build" listed mkmedia build mkmedia build ONE-1 --customer one -o out --json

# ---- 6. BY HAND ----

if command -v bsdtar >/dev/null; then
	readme=$(bsdtar -xOf "$medium" README.TXT | sha256sum | cut -c 1-64)
	check "verify.1 has the digest of README.TXT, $readme" grep -qxF ".Dl $readme" "$(page verify)"
else
	skip "bsdtar is not installed: the digest of README.TXT"
fi

done_testing
