# shellcheck shell=bash
# The power goes off, again and again, while a site accepts one consignment after the other and something
# else keeps the disk busy.  What is on the disk at that instant is kept by the host; later each is mounted
# as after a restart, and must be in order.  CUTS=n: so many (8).

on_host() {
	local n
	cp -a vendor desk-of-power
	mkdir -p slight/payload/sub
	head -c 150000 /dev/urandom >slight/payload/data
	echo one >slight/payload/sub/one
	(
		new_release desk-of-power slight
		for n in 4 5 6; do new_image desk-of-power acme slight "power-$n"; done
	) || return
	truncate -s 64M power.img
	mkfs.ext4 -q -F -J size=4 power.img || return
	echo "${CUTS:-8}" >cuts
	vm_drive power power.img readonly=off
	vm_add -device ide-hd,bus=ide.0,drive=power,model=POWER
	# shellcheck disable=SC2034	# run.sh uses it
	vm_seconds=$((300 + 20 * ${CUTS:-8}))
}

claims=/lab/out/90-power/claims	# what was begun, and what ended; every line reaches the host at once
cuts=/lab/out/90-power/cut

# The host has as many disks as it was asked for.
all_cut() { [ -e "$cuts-$(cat "$given/cuts")" ]; }

busy() { while :; do dd if=/dev/urandom of=disk/noise bs=32k count=40 conv=fsync 2>/dev/null; done; }

# Each home takes three consignments, then comes the next one.
power_is_cut() {
	local k n status pid accepted=0
	within 15 find_disk model POWER
	mkdir disk
	mount -t ext4 "$medium" disk
	for ((k = 0; k < 8; k++)); do cp -a site "disk/home-$k"; done
	sync
	busy 7>&- &
	pid=$!
	# shellcheck disable=SC2064
	trap "kill $pid; wait $pid || umount -l disk" EXIT
	echo "begin home-0 4" >>$claims
	host "$(jq -nc --argjson n "$(cat "$given/cuts")" --arg from "$shared/given/power.img" --arg to "${claims%/*}" \
		'{ cuts: $n, from: $from, to: ($to | sub("^/lab"; "'"$shared"'")) }')"
	for ((k = 0; ; k = (k + 1) % 8)); do
		rm -rf "disk/home-$k"
		cp -a site "disk/home-$k"
		sync -f "disk/home-$k" || sync
		for n in 4 5 6; do
			! all_cut || break 2
			echo "begin home-$k $n" >>$claims
			status=0
			ingest accept "$given/power-$n.iso" --code "$given/power-$n.code" --home "disk/home-$k" \
				>/dev/null 7>&- || status=$?
			echo "end home-$k $n $status" >>$claims
			[ "$status" = 0 ]
			accepted=$((accepted + 1))
		done
	done
	note "cut $(cat "$given/cuts") times while $accepted consignments were accepted"
}

# in_order HOME N CLAIMS: what lies in the stage is what is on record, nothing that was said to be accepted is
# gone, and consignment N, which was in the machine, can be accepted or was.
in_order() {
	local home=$1 n=$2 i status=0 stage
	# shellcheck disable=SC2013	# numbers
	for i in $(awk -v h="${1##*/}" '$1 == "begin" { if ($2 != last) said = ""; last = $2 }
		$1 == "end" && $2 == h && $4 == 0 { said = said " " $3 } END { print said }' "$3"); do
		consignments "$home" | grep -qx "stage/etl/acme-$i" || { echo "$i was accepted, and is not on record"; return 1; }
	done
	ingest status --home "$home"
	ingest ledger verify --home "$home"
	[ -z "$(comm -13 <(consignments "$home") <(in_stage "$home"))" ]
	ingest accept "$given/power-$n.iso" --code "$given/power-$n.code" --home "$home" >/dev/null || status=$?
	[ $status = 0 ] || [ $status = 18 ]
	outcomes="$outcomes $status"
	diff <(consignments "$home") <(in_stage "$home")
	consignments "$home" | grep -qx "stage/etl/acme-$n"
	[ -z "$(consignments "$home" | uniq -d)" ]
	for stage in $(in_stage "$home"); do diff -r "$given/slight/payload" "$home/$stage/RELEASES/slight/payload"; done
	[ -z "$(ls -A "$home/scratch")" ]
	[ ! -e "$home/quarantine" ]
	ingest ledger verify --home "$home"
}

power_comes_back() {
	local i last home n outcomes=""
	mkdir -p back
	for ((i = 1; i <= $(cat "$given/cuts"); i++)); do
		cp "$cuts-$i" image
		mount -t ext4 -o loop image back
		last=$(grep '^begin' "$cuts-$i.claims" | tail -n 1) || last=""
		if [ -n "$last" ]; then
			read -r _ home n <<<"$last"
			in_order "back/$home" "$n" "$cuts-$i.claims" || { echo "cut $i: $last"; umount back; return 1; }
		fi
		umount back
		rm "$cuts-$i" image
	done
	note "afterwards accepted (0) or already there (18):$(tr ' ' '\n' <<<"$outcomes" | sort -n | uniq -c | awk '$2 != "" { printf " %d x %s", $1, $2 }')"
}

in_guest() {
	cd "$T" || return
	modprobe -a crc32c_generic ext4 loop
	ln -sf /proc/self/fd /dev/fd
	cp -r "$given/site" .
	chmod -R go-rwx site
	: >$claims
	try power-is-cut power_is_cut
	try power-comes-back power_comes_back
}
