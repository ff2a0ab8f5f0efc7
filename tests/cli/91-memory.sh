#!/bin/bash
# The memory that a large medium takes: 50 GiB in one file of holes, and 100,000 small files.  Sparse
# files: little disk is needed, but every byte is hashed several times.  Only with LONG=1.
#   HUGE=51200 (MiB)   FILES=100000
set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../memory.sh"
. "$(dirname "$0")/media.sh"

HUGE=${HUGE:-51200} FILES=${FILES:-100000}
new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name ACME
mkdir -p R1/payload
perl -e 'for my $i (0 .. $ARGV[0] - 1) { my $d = sprintf("R1/payload/%03d", $i % 317); mkdir $d unless $i >= 317;
	open(my $f, ">", "$d/file-$i") or die; print $f substr("$i " x 1024, 0, 4096); }' "$FILES"
truncate -s "${HUGE}M" R1/payload/huge
new_release vendor R1

# DESIGN: 96 MiB, 48 bytes a block, 640 bytes a file.  Whoever builds has the tree of libisofs, too.
goal=$((96 + HUGE * 16 * 48 / 1048576 + FILES * 640 / 1048576))
tree=$((FILES * 2048 / 1048576))
# within NAME GOAL STATUS COMMAND...
within() {
	local name=$1 goal=$2 status=$3
	shift 3
	peak_memory "$@"
	echo "# $name: $peak MiB, at most $goal"
	check "$name: as it should end" [ "$peak_status" = "$status" ]
	check "$name: $peak MiB of memory, at most $goal" [ "$peak" -le "$goal" ]
}

# Parity of 5 % takes no more: it is made by the stripe.
within "build of $HUGE MiB and $FILES files" $((goal + tree)) 0 mkmedia build R1 --home vendor --customer acme -o out --recovery 5
fallocate --dig-holes out/acme-1-1.iso
within "verify" "$goal" 3 verify out/acme-1-1.iso --trust vendor.trust --json

# One block that differs: a stripe is computed again, and all of it read a second time.
printf 'X' | dd of=out/acme-1-1.iso bs=1 seek=$((HUGE * 524288)) conv=notrunc status=none
within "verify, one block is repaired" "$goal" 3 verify out/acme-1-1.iso --trust vendor.trust --json
done_testing
