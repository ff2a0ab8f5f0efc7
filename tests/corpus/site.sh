# shellcheck shell=bash
# site: what both adapters share: a site that trusts a vendor, and what our programs print.  Source it.
# Programs are those of $BIN; everything lies in a directory that is removed at the end.

BIN=$(cd "${BIN:-build/gcc/bin}" && pwd)
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
export PATH="$BIN:$PATH" HOME="$T" LC_ALL=C.UTF-8 TZ=UTC
unset SSH_AUTH_SOCK MKMEDIA_HOME INGEST_HOME XDG_DATA_HOME NO_COLOR
declare -A homes=()

# anchor_of TRUST-FILE: the digest of the first document of a chain.
anchor_of() {
	tail -c +9 "$1" | sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' | sha256sum | cut -c 1-64
}

# find_home TRUST-FILE CUSTOMER: the home of such a site, which has accepted nothing, in $home.
find_home() {
	home=${homes[$1 $2]-}
	[ -z "$home" ] || return 0
	home=$T/home${#homes[@]}
	if ! ingest init plant7 --solo --home "$home" >"$T/init" 2>&1 </dev/null ||
		! ingest trust add "$1" --fingerprint "$(anchor_of "$1")" --customer "$2" --home "$home" >"$T/init" 2>&1 ||
		! ingest system add bed --by-hand --home "$home" >"$T/init" 2>&1 || ! ingest passport set bed pkg:generic/waxseal 1 \
			--read-by tests --from "its label" --home "$home" >"$T/init" 2>&1; then
		cat "$T/init" >&2
		exit 1
	fi
	homes[$1 $2]=$home
}

# The status, the reason and the step that failed, of what was printed with --json.
summary() {
	awk -F '"' '/^  "status": / { gsub(/[^0-9]/, ""); status = $0 }
		/^  "reason": / { reason = $4 }
		/^      "step": / { last = $4 }
		/^      "state": "failed"/ && step == "" { step = last }
		END { print status "\t" reason "\t" (step == "" ? "-" : step) }' "$1"
}

# conclude STATUS SAID ERRORS: $answer, "STATUS REASON STEP" with tabs.  What died, or spoke on standard
# error, or ended with another status than it printed, has its own reasons.
conclude() {
	answer=$(summary "$2")
	if [ -s "$3" ]; then
		answer="$1	crash: $(head -c 200 "$3" | tr '\n\t' '  ')	-"
	elif [ "${answer%%	*}" != "$1" ]; then
		answer="$1	crash: it said ${answer//	/ }	-"
	fi
}
