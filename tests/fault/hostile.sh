#!/bin/bash
# The hostile parser: ingest accept over real images, with a parser that says anything (hostile.c).  Each
# seed is another lie.  Whatever it is: refused and nothing staged, or accepted and exactly what was
# signed for.  SEEDS=n (30), FIRST=n: the first one.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/media.sh
. "$(dirname "$0")/../cli/media.sh"

hostile=$(cd "$BIN/../fault" && pwd)/hostile-ingest
seeds=${SEEDS:-30} first=${FIRST:-0}

# ---- an image of some chunks, and the same with a hole in its first block that parity fills ----

new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name "ACME Power"
mkdir -p R1/payload/sub
echo one >R1/payload/one
printf 'alpha\n' >R1/payload/alpha
printf 'betas\n' >R1/payload/betas
head -c 2500000 /dev/urandom >R1/payload/blob
printf '#!/bin/sh\n' >R1/payload/sub/run
chmod +x R1/payload/sub/run
: >R1/payload/empty
new_release vendor R1
new_image vendor acme R1 a1 --recovery 5
cp a1.iso hole.iso
printf 'not what was sealed' | dd of=hole.iso bs=1 seek=40000 conv=notrunc status=none
new_site site vendor acme
cp -a site whole
do_quietly ingest accept a1.iso --home whole --code a1.code

honest() {	# IMAGE VERDICT
	rm -rf home
	cp -a site home
	"$hostile" accept "$1" --code a1.code --home home --json >said </dev/null &&
		jq -e --arg v "$2" '.verdict == $v' said >/dev/null && diff -r whole/stage home/stage
}
check "the honest one is accepted" honest a1.iso GENUINE
check "the honest one is accepted after repair" honest hole.iso REPAIRED

# ---- each seed ----

# lie HOME SEED IMAGE: one line, the outcome; it begins with "BAD" if it must not be.
lie() {
	local home=$1 seed=$2 image=$3 rc=0 reason
	HOSTILE_SEED=$seed timeout -k 5 30 "$hostile" accept "$image" --code a1.code --home "$home" --json \
		>"$home.said" 2>"$home.err" </dev/null || rc=$?
	reason=$(sed -n 's/^  "reason": "\(.*\)",$/\1/p' "$home.said")
	case $rc:$reason in
	0:ok)
		if diff -r whole/stage "$home/stage" >/dev/null; then
			echo "accepted, with the right bytes"
		else
			echo "BAD: accepted, with other bytes"
		fi
		rm -rf "$home"
		cp -a site "$home"
		return ;;
	1:own.child | 1:own.memory | 13:contents.* | 13:limit | 13:sums.* | 13:release.* | 14:medium.silent) ;;
	124:* | 137:*) echo "BAD: it hangs" ;;
	*) echo "BAD: exit status $rc, reason $reason" ;;
	esac
	if compgen -G "$home/stage/*/*" >/dev/null || grep -q '"what":"accepted"' "$home/ledger/entries.jsonl"; then
		echo "BAD: $rc $reason, and something is staged or on record as accepted"
		rm -rf "$home"
		cp -a site "$home"
	elif [ -n "$(ls -A "$home/scratch")" ]; then
		echo "BAD: $rc $reason, and something is left in scratch"
	else
		echo "refused: $rc $reason"
	fi
}

# worker FROM STEP: every STEP-th seed.
worker() {
	local home=home-$1 seed image
	cp -a site "$home"
	for ((seed = first + $1; seed < first + seeds; seed += $2)); do
		image=a1.iso
		if [ $((seed / 18 % 4)) = 3 ]; then image=hole.iso; fi
		echo "$seed $image $(lie "$home" "$seed" "$image" | paste -sd ';')"
		if [ $((seed / $2 % 100)) = 99 ]; then
			ingest ledger verify --home "$home" >/dev/null || echo "$seed $image BAD: the ledger is broken"
			rm -rf "$home"
			cp -a site "$home"
		fi
	done
}

workers=$(nproc)
for ((i = 0; i < workers; i++)); do
	worker "$i" "$workers" >"outcomes-$i" &
done
wait
cat outcomes-* | sort -n >outcomes
echo "# what came of $seeds seeds:"
cut -d ' ' -f 3- outcomes | sort | uniq -c | sort -rn | sed 's/^/# /'
none_bad() { ! grep BAD outcomes; }
check "every seed was tried" [ "$(cut -d ' ' -f 1 outcomes | uniq | wc -l)" = "$seeds" ]
check "never a byte that nobody signed for" none_bad
check "some were accepted" grep -q 'accepted, with the right bytes' outcomes
check "some were refused" grep -q '13 contents' outcomes
done_testing
