#!/bin/bash
# make bench: ratios beside peers, measured in one run, turn by turn.  Medians; timings never fail.
#   SIZE=2048   MiB in four files      FILES=100000   files of 4 KiB      RUNS=5      DIR=where to work
#   HUGE=51200  MiB of holes in one more file, beside FILES small ones: only memory is measured (0: not at all)
set -eu
cd "$(dirname "$0")/../.."
. tests/memory.sh
BIN=${BIN:-$PWD/build/gcc/bin}
SIZE=${SIZE:-2048} FILES=${FILES:-100000} RUNS=${RUNS:-5} HUGE=${HUGE:-0}
work=$(mktemp -d -p "${DIR:-${TMPDIR:-/tmp}}")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export MKMEDIA_HOME=$work/vendor PATH=$BIN:$PATH
unset INGEST_HOME SSH_AUTH_SOCK

median() { sort -n | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }
# clock FILE COMMAND...: append the seconds that it took.
clock() {
	local out=$1 start=$EPOCHREALTIME
	shift
	"$@" >/dev/null 2>&1 || { rc=$?; [ $rc = 3 ] || [ "${ANY_STATUS:-}" = 1 ] || { echo "bench: failed ($rc): $*" >&2; exit 1; }; }
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }' >>"$out"
}
# row NAME GOAL OURS PEER: the ratio of the medians, peer over ours.
row() {
	local ours peer
	ours=$(median <"$3") peer=$(median <"$4")
	awk -v n="$1" -v g="$2" -v o="$ours" -v p="$peer" 'BEGIN { printf "| %s | %.2f s | %.2f s | %.2f | %s |\n", n, o, p, p / o, g }'
}
have() { command -v "$1" >/dev/null || { echo "skip: $1 is not installed"; return 1; }; }

release() {	# release ID: from ID/payload to out/
	mkmedia release draft "$1" >/dev/null
	sed -i 's/"title": "[^"]*"/"title": "bench"/; s/"product": "[^"]*"/"product": "bench"/' "$1/release.json"
	mkmedia release finish "$1" >/dev/null
	mkmedia sign "$1" >/dev/null
}
# Nothing is deleted between runs: ext4 looks at every inode that was deleted in the last five minutes before
# it gives one out, and that search would be what is measured (25 s of it for 100,000 files were seen).  So
# wait that long after deleting many files, those of another run too.
peer_accept() {	# peer_accept ID IMAGE DIR: what an administrator would do
	mkdir "$3"
	bsdtar -x -f "$2" -C "$3"
	(cd "$3/RELEASES/$1/payload" && sha256sum --quiet -c ../SHA256SUMS)
	sync
}
accept() {	# accept IMAGE CODE HOME [PROGRAM]
	INGEST_HOME=$3 "${4:-ingest}" accept "$1" --code "$2"
}
peer_build() {	# peer_build DIR OUT
	genisoimage -quiet -R -o "$2" "$1" && sha256sum "$2" >"$work/peer.sum"
	if [ -n "$minisign" ]; then minisign -S -W -s "$work/minisign.key" -m "$work/peer.sum" -x "$work/peer.sig"; fi
}

# damage IMAGE BLOCKS HOW: one byte in each of so many blocks of its volume, scattered (seeded) or in a row.
damage() {
	perl -e 'my ($image, $n, $how) = @ARGV; srand 7;
		open(my $f, "+<:raw", $image) or die; my $all = int((-s $f) / 65536 * 0.9); my %seen;
		my $first = 1 + int rand($all - $n);
		for my $i (1 .. $n) {
			my $b = $first + $i; if ($how eq "scattered") { do { $b = 1 + int rand $all } while $seen{$b}++ }
			seek($f, $b * 65536 + 100, 0); read($f, my $c, 1); seek($f, $b * 65536 + 100, 0); print $f chr(255 - ord $c);
		}' "$@"
}

cd "$work"
echo "Preparing: $SIZE MiB in 4 files, $FILES files of 4 KiB, $RUNS runs each, $(nproc) cores"
mkmedia init --vendor bench --name Bench --single-person --place here >/dev/null
mkmedia customer add site --name Site >/dev/null
mkmedia trust export bench.trust >/dev/null
mkdir -p big/payload many/payload
for i in 1 2 3 4; do openssl enc -aes-128-ctr -K "$(printf '%032d' "$i")" -iv 0 -nosalt -in /dev/zero 2>/dev/null | head -c $((SIZE * 262144)) >big/payload/file$i || true; done
perl -e 'for my $i (0 .. $ARGV[0] - 1) { my $d = sprintf("many/payload/%03d", $i % 317); mkdir $d unless $i >= 317; open(my $f, ">", "$d/file-$i") or die; print $f substr(("$i " x 1024), 0, 4096); }' "$FILES"
release big
release many
fingerprint=$(mkmedia trust show --json | sed -n 's/.*"anchor": "\(.*\)".*/\1/p')
INGEST_HOME=$work/site ingest init site --solo >/dev/null
INGEST_HOME=$work/site ingest trust add bench.trust --fingerprint "$fingerprint" --customer site >/dev/null
minisign=""
if have minisign; then minisign=1; minisign -G -W -f -p minisign.pub -s minisign.key >/dev/null; fi

for r in $(seq "$RUNS"); do
	sync
	clock build.ours mkmedia build big --recovery 0 --customer site -o "out-$r"
	sync
	if have genisoimage; then clock build.peer peer_build big "peer-$r.iso"; fi
done
mv out-1/*.iso big.iso
mkmedia letter site/1 --code-only >big.code
rm -rf out-* peer-*.iso
mkmedia build many --recovery 0 --customer site -o out >/dev/null
mv out/*.iso many.iso
mkmedia letter "site/$((RUNS + 1))" --code-only >many.code
find big many big.iso many.iso -type f -exec cat {} + >/dev/null	# into the page cache

for id in big many; do
	for r in $(seq "$RUNS"); do
		clock $id.verify verify $id.iso --trust bench.trust </dev/null
		clock $id.sums sh -c "cd $id/payload && sha256sum --quiet -c ../SHA256SUMS"
		clock $id.openssl openssl dgst -sha256 $id.iso
	done
	for r in $(seq "$RUNS"); do
		cp -a site "site-$id-$r" && sync
		clock $id.accept accept $id.iso $id.code "$work/site-$id-$r"
		sync
		clock $id.peer peer_accept $id $id.iso "$work/peer-$id-$r"
		sync
	done
done
# What the confinement costs, beside the same programs without it; each is the first every other time.
unconfined=$BIN/../bench/unconfined
for id in big many; do
	for r in $(seq $((2 * RUNS))); do
		clock $id.confined verify $id.iso --trust bench.trust </dev/null
		clock $id.free "$unconfined/verify" $id.iso --trust bench.trust </dev/null
	done
	for r in $(seq "$RUNS"); do
		order="confined free"
		[ $((r % 2)) = 1 ] || order="free confined"
		for how in $order; do
			cp -a site "site-$id-$how-$r" && sync
			case $how in confined) program=ingest ;; *) program=$unconfined/ingest ;; esac
			clock "$id.accept.$how" accept $id.iso $id.code "$work/site-$id-$how-$r" "$program"
			sync
		done
	done
done
# The same with parity: made, and needed.
mkmedia build big --recovery 5 --customer site -o five-1 >/dev/null
five=five-1/$(basename five-1/*.iso)
cp big.iso parity.iso
for r in $(seq "$RUNS"); do
	sync
	"$BIN/../bench/parity" parity.iso 5 >>parity.ours
done
rm parity.iso
number=${five##*/site-}
mkmedia letter "site/${number%%-*}" --code-only >five.code
# Of the first 128 MiB only, because it takes minutes for each GiB.
if have par2; then
	head -c 134217728 "$five" >part.iso
	clock par2.part par2 create -q -q -r5 -n1 -s65536 peer.par2 part.iso
	awk -v n="$(stat -c %s "$five")" '{ print $1 * n / 134217728 }' par2.part >par2
fi
cp "$five" scattered.iso
cp "$five" burst.iso
blocks=$(($(stat -c %s "$five") / 65536))
damage scattered.iso $((blocks / 100)) scattered
damage burst.iso $((blocks * 4 / 100)) row
cat "$five" scattered.iso burst.iso >/dev/null
for r in $(seq "$RUNS"); do
	for id in five scattered burst; do
		cp -a site "site-$id-$r" && sync
		image=$id.iso
		[ $id != five ] || image=$five
		clock $id.accept accept "$image" five.code "$work/site-$id-$r"
		sync
		diff -r big/payload "site-$id-$r"/stage/bench/site-*/RELEASES/big/payload >&2
		chmod -R u+w "site-$id-$r" && rm -r "site-$id-$r/stage"
	done
done
cp many.iso fake.iso
printf 'X' | dd of=fake.iso bs=1 seek=16900 conv=notrunc 2>/dev/null
for r in $(seq "$RUNS"); do ANY_STATUS=1 clock fake.ours verify fake.iso --trust bench.trust </dev/null; done

echo
echo "| what | ours | peer | ratio | goal |"
echo "|---|---|---|---|---|"
row "verify $SIZE MiB, 4 files / sha256sum -c" ">= 3" big.verify big.sums
row "the same / openssl dgst of the image" ">= 0.85" big.verify big.openssl
row "verify $FILES files of 4 KiB / sha256sum -c" ">= 2" many.verify many.sums
row "accept $SIZE MiB, 4 files / bsdtar + sha256sum -c + sync" ">= 2" big.accept big.peer
row "accept $FILES files / the same" ">= 1.3" many.accept many.peer
[ -f build.peer ] && row "build $SIZE MiB / genisoimage + sha256sum + minisign" ">= 2" build.ours build.peer
echo
echo "| confined | ours | unconfined | ratio | goal |"
echo "|---|---|---|---|---|"
for id in big many; do
	row "verify $id" ">= 0.95" $id.confined $id.free
	row "accept $id" ">= 0.95" $id.accept.confined $id.accept.free
done
echo
echo "| with 5 % of parity | clean or peer | ours | ratio | goal |"
echo "|---|---|---|---|---|"
# ratio NAME GOAL A B: B over A
ratio() { awk -v n="$1" -v g="$2" -v a="$3" -v b="$4" 'BEGIN { printf "| %s | %.2f s | %.2f s | %.2f | %s |\n", n, a, b, b / a, g }'; }
clean=$(median <five.accept)
[ -f par2 ] && ratio "parity of the image / par2 create -r5 (of 128 MiB, scaled)" ">= 10" "$(median <parity.ours)" "$(median <par2)"
ratio "accept, 1 % of the blocks differ / clean" "<= 3" "$clean" "$(median <scattered.accept)"
ratio "accept, 4 % in one burst / clean" "<= 3" "$clean" "$(median <burst.accept)"
echo
echo "| what | ours | | | goal |"
echo "|---|---|---|---|---|"
awk -v t="$(median <fake.ours)" 'BEGIN { printf "| verdict on a false seal | %.3f s | | | <= 0.1 s |\n", t }'
echo "| bytes read for it | $(verify fake.iso --trust bench.trust --json </dev/null | sed -n 's/.*"bytes_read": \([0-9]*\).*/\1/p') | | | <= 1048576 |"
for r in $(seq "$RUNS"); do "$BIN/../bench/fit" | cut -d ' ' -f 1 >>fit.ours; done
awk -v t="$(median <fit.ours)" 'BEGIN { printf "| fit of 1,000 releases against 50 systems of 2,000 components | %.2f s | | | <= 2 s |\n", t }'
memory() {	# memory NAME GOAL COMMAND...
	local name=$1 goal=$2
	shift 2
	peak_memory "$@"
	echo "| peak memory, $name (MiB) | $peak | | | <= $goal |"
}
memory "verify $SIZE MiB" $((96 + SIZE * 16 * 48 / 1048576)) verify big.iso --trust bench.trust
memory "verify $FILES files" $((96 + FILES * 640 / 1048576)) verify many.iso --trust bench.trust
[ "$HUGE" != 0 ] || exit 0

# Holes cost no disk, but building writes them: they are dug again afterwards.
truncate -s "${HUGE}M" many/payload/huge
mkmedia release draft many >/dev/null
sed -i 's/"title": "[^"]*"/"title": "bench"/; s/"product": "[^"]*"/"product": "bench"/; s/"sequence": 1,/"sequence": 2,/' many/release.json
mkmedia release finish many >/dev/null
mkmedia sign many >/dev/null
mkmedia build many --recovery 0 --customer site -o huge >/dev/null
fallocate --dig-holes huge/*.iso
goal=$((96 + HUGE * 16 * 48 / 1048576 + FILES * 640 / 1048576))
memory "verify $HUGE MiB of holes and $FILES files" "$goal" verify huge/*.iso --trust bench.trust
