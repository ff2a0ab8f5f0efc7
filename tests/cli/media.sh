# shellcheck shell=bash
# media: vendors, sites and images, and what the programs must say of an image.  Source it after lib.sh.
# Everything lies in $T, which becomes the working directory.

cd "$T" || exit 1

# do_quietly CMD...: what only prepares; without it there is nothing to test.
do_quietly() {
	"$@" >quiet.out 2>&1 </dev/null || { echo "FAILED to prepare: $*"; cat quiet.out; exit 1; }
}

# new_vendor HOME ID NAME: a vendor who is one person; what it hands out is HOME.trust.
new_vendor() {
	do_quietly mkmedia init --home "$1" --vendor "$2" --name "$3" --single-person --place Hamburg \
		--telephone "+49 40 555 0100"
	do_quietly mkmedia trust export --home "$1" "$1.trust"
}

# new_release HOME DIR [JQ]: a release of the files in DIR/payload; of its draft, what the filter JQ makes.
new_release() {
	do_quietly mkmedia release draft --home "$1" "$2"
	sed -i 's/"title": "[^"]*"/"title": "A patch"/; s/"product": "[^"]*"/"product": "waxseal"/
		s|"applies_to": \[\]|"applies_to": [{"purl": "pkg:generic/waxseal", "range": "vers:all/*"}]|' "$2/release.json"
	[ $# -lt 3 ] || { jq "$3" "$2/release.json" >draft.json && mv draft.json "$2/release.json"; }
	do_quietly mkmedia release finish --home "$1" "$2"
	do_quietly mkmedia sign --home "$1" "$2"
}

# new_image HOME CUSTOMER RELEASE OUT [build options]: OUT.iso and OUT.code.  Without parity, unless it is
# asked for: what is altered here is to stay altered.
new_image() {
	local home=$1 customer=$2 release=$3 out=$4 number
	shift 4
	case " $* " in *" --recovery "*) ;; *) set -- --recovery 0 "$@" ;; esac
	rm -rf built
	do_quietly mkmedia build --home "$home" "$release" --customer "$customer" -o built "$@"
	number=$(echo built/*.iso | sed 's/.*-\([0-9]*\)-1[.]iso$/\1/')
	mv built/*.iso "$out.iso"
	mkmedia letter --home "$home" "$customer/$number" --code-only >"$out.code"
}

anchor_of() { mkmedia trust show --home "$1" --json | jq -r .anchor; }

# new_site HOME VENDOR-HOME CUSTOMER: with a system that has what the releases are for.
new_site() {
	do_quietly ingest init --home "$1" plant7 --solo
	do_quietly ingest trust add --home "$1" "$2.trust" --fingerprint "$(anchor_of "$2")" --customer "$3"
	do_quietly ingest system add --home "$1" bed --by-hand --role test
	do_quietly ingest passport set --home "$1" bed pkg:generic/waxseal 1 --read-by tests --from "its label"
}

# next_trust HOME JQ [KEY]: the vendor's next trust document, as the filter JQ makes it from the newest
# one, signed by KEY; goes to standard output.
next_trust() {
	local body
	body=$(mktemp)
	sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$(find "$1/trust" -name '*.trust' | sort -V | tail -n 1)" |
		jq ".version += 1 | $2" >"$body"
	cat "$body"
	ssh-keygen -q -Y sign -f "${3:-$1/keys/trust}" -n trust@waxseal <"$body" 2>/dev/null
	rm "$body"
}

# judges STATUS REASON CMD...: the exit status, and status and reason of what is printed with --json,
# which is kept in the file said.
judges() {
	local status=$1 reason=$2 rc=0
	shift 2
	"$@" --json >said 2>said.err </dev/null || rc=$?
	[ "$rc" = "$status" ] && [ ! -s said.err ] &&
		jq -e --argjson s "$status" --arg r "$reason" '.status == $s and .reason == $r' said >/dev/null && return 0
	echo "wanted $status $reason; exit status $rc, $(jq -c '[.status, .reason, .where]' said)"
	head -n 40 said.err
	return 1
}

# shows JQ: what was said last, looked at more closely.
shows() { jq -e "$1" said >/dev/null || { echo "not so: $1"; jq -c . said; return 1; }; }

entries() { wc -l <"$1/ledger/entries.jsonl"; }
staged() { find "$1/stage" "$1/scratch" -mindepth 1 | sort; }

# consignments HOME, in_stage HOME: the consignments that are accepted by the ledger, and those that are there.
consignments() {
	jq -rs '[.[] | select(.what == "lost") | .entry] as $lost | .[] |
		select(.what == "accepted" and (.n | IN($lost[]) | not)) | .stage' "$1/ledger/entries.jsonl" | sort
}
in_stage() { (cd "$1" && find stage -mindepth 2 -maxdepth 2 | sort); }

# refused STATUS REASON IMAGE [CODE-FILE]: by verify and by ingest, in $site; nothing is staged and the
# refusal is on record.  With ADOPTED=1 a newer trust is taken in on the way.
refused() {
	local status=$1 reason=$2 image=$3 code=${4:-$T/a1.code} before count
	before=$(staged "$site") count=$(entries "$site")
	judges "$status" "$reason" verify "$image" --home "$site" --code "$code" || return 1
	[ "$(entries "$site")" = "$count" ] || { echo "verify wrote into the ledger"; return 1; }
	judges "$status" "$reason" ingest accept "$image" --home "$site" --code "$code" || return 1
	[ "$(staged "$site")" = "$before" ] || { echo "something was staged"; return 1; }
	[ "$(entries "$site")" = $((count + 1 + ${ADOPTED:-0})) ] || { echo "not one more entry in the ledger"; return 1; }
	tail -n 1 "$site/ledger/entries.jsonl" | jq -e --argjson s "$status" --arg r "$reason" \
		'.what == "refused" and .status == $s and .reason == $r' >/dev/null ||
		{ echo "the ledger says something else"; tail -n 1 "$site/ledger/entries.jsonl"; return 1; }
}

# accepted IMAGE CODE-FILE: by verify and by ingest; staged and on record.
accepted() {
	judges 0 ok verify "$1" --home "$site" --code "$2" || return 1
	judges 0 ok ingest accept "$1" --home "$site" --code "$2" || return 1
	[ -f "$site/$(jq -r .stage said)/seal" ] || { echo "nothing is staged"; return 1; }
	# what came with it is recorded behind it
	[ "$(jq -r .what "$site/ledger/entries.jsonl" | grep -vx 'notice\|catalogue' | tail -n 1)" = accepted ]
}

# fresh: a copy of the site as it was made, in $site.
fresh() {
	rm -rf "$T/fresh"
	cp -a site "$T/fresh"
	site=$T/fresh
}

like() { cp "$1" "$2"; }
