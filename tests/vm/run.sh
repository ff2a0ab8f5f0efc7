#!/bin/bash
# run.sh [BOOT...]: what the programs do with real Linux USB and optical drivers, in virtual machines under
# QEMU without KVM.  Each file of boots/ is one machine with several tests; JOBS of them run at a time
# (default: one more than there are processors, as some do little but wait).  $BIN holds the programs.
#
# A boot has two functions: on_host, which plugs drives in (vm_drive, vm_add: see lab.sh) and may set
# vm_seconds, and in_guest, which runs in the guest (see guest.sh and gadget.sh) and calls, at the
# beginning of a line,  try NAME FUNCTION.
#
# Prints "ok NAME SECONDS", "FAILED NAME" or "SKIPPED NAME WHY" for each, and closes like tests/run.sh.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
here=$PWD/tests/vm
# shellcheck disable=SC2034	# lab.sh uses it
cache=$PWD/build/vm
. tests/cli/lib.sh
. tests/vm/lab.sh
. tests/cli/media.sh

if [ $# = 0 ]; then
	for boot in "$here"/boots/*.sh; do set -- "$@" "$(basename "$boot" .sh)"; done
fi

names_of() { sed -n 's/^[[:space:]]*try \([a-z0-9-]*\) .*/\1/p' "$here/boots/$1.sh"; }

total() {
	echo "$1 passed, $2 failed, $3 skipped"
	[ "$2" = 0 ] && [ $(($1 + $3)) != 0 ]
	exit
}

why=$(lab_missing)
[ -n "$why" ] || lab_kernel || why="the kernel's package could not be fetched"
if [ -n "$why" ]; then
	skipped=0
	for boot in "$@"; do
		for name in $(names_of "$boot"); do
			echo "SKIPPED $name: $why"
			skipped=$((skipped + 1))
		done
	done
	total 0 0 $skipped
fi

# ---- what the guests get: scripts, a site, and images of one vendor ----

share=$T/lab
mkdir -p "$share/given" "$share/vm"
cp -r "$here/../cli" "$share"
cp -r "$here"/{guest.sh,gadget.sh,boots} "$here/../../verify/60-waxseal.rules" "$share/vm"
echo "$share" >"$share/where"
lab_initramfs || { echo "the initramfs could not be made"; exit 1; }

cd "$share/given" || exit 1
new_vendor vendor etl "Elbe Turbine Logic"
do_quietly mkmedia customer add --home vendor acme --name ACME
mkdir -p patch/payload/deep/er
head -c 7000000 /dev/urandom >patch/payload/data
echo hello >patch/payload/deep/er/hello
new_release vendor patch
new_image vendor acme patch disc
# a second consignment, of another size
mkdir -p more/payload
head -c 8000000 /dev/urandom >more/payload/data
new_release vendor more
new_image vendor acme more second
# and one that costs no time
mkdir -p tiny/payload
head -c 300000 /dev/urandom >tiny/payload/data
new_release vendor tiny
new_image vendor acme tiny small
new_site site vendor acme
cp disc.iso stick.img	# sticks are larger than what is written to them
truncate -s $(($(stat -c %s disc.iso) + 3145728)) stick.img

# ---- the machines ----

# one BOOT: its results, with what never came to be called FAILED, in $T/BOOT.
one() {
	local boot=$1 name out=$share/out/$1 ended=1 vm_seconds=480 vm_devices=()
	# shellcheck source=/dev/null
	. "$here/boots/$boot.sh"
	mkdir -p "$out"
	if ! { on_host && vm_run "$boot" "$vm_seconds" "${vm_devices[@]}"; }; then ended=; fi
	touch "$out/tests"
	{
		cat "$out/tests"
		for name in $(names_of "$boot"); do
			grep -qE "^(ok|FAILED|SKIPPED) $name( |$)" "$out/tests" && continue
			echo "FAILED $name"
			echo "    | the machine did not come to it"
			[ -z "$ended" ] || echo "    | although it ran to its end"
		done
		if [ -z "$ended" ] || ! grep -q . "$out/tests"; then
			for name in qemu console log; do tail -n 20 "$out/$name" | sed "s/^/    $name: /"; done
		fi
	} >"$T/$boot" 2>&1
	cat "$T/$boot"
	# what was left beside the tests: the guest's own complaints
	[ ! -s "$out/log" ] || sed "s/^/    $boot: /" "$out/log"
}

for boot in "$@"; do
	while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-$(($(nproc) + 1))}" ]; do wait -n; done
	one "$boot" &
done
wait

cd "$T" || exit 1
count() { cat "$@" | grep -cE "^$word "; }
word=ok passed=$(count "$@")
word=FAILED failed=$(count "$@")
word=SKIPPED skipped=$(count "$@")
total "$passed" "$failed" "$skipped"
