# shellcheck shell=bash
# Consignments of several media, and second copies of damaged ones: every volume in another drive.

on_host() {
	local n
	mkdir desk-of-sets
	cp -a vendor desk-of-sets
	mkdir -p large/payload/sub
	head -c 8500000 /dev/urandom >large/payload/data
	head -c 1000 /dev/urandom >large/payload/sub/small
	(
		cd desk-of-sets || exit
		new_release vendor ../large
		do_quietly mkmedia build --home vendor large --customer acme -o set --volume-size 4194304 \
			--recovery 0
		mkmedia letter --home vendor acme/4 --code-only >set.code
	) || return
	for n in 1 2 3; do cp "desk-of-sets/set/acme-4-$n.iso" "volume-$n.img"; done
	[ ! -e desk-of-sets/set/acme-4-4.iso ] || return
	truncate -s 16M volume-2.img
	# Two copies, each with a sector that does not read, in different blocks.
	for n in 3000 5000; do
		printf '[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "%s"\niotype = "read"\n' \
			$n >scratch-$n.rules
	done
	vm_drive cd volume-1.img readonly=on,media=cdrom
	vm_add -device ide-cd,bus=ide.0,drive=cd
	vm_drive stick volume-2.img readonly=on,throttling.bps-read=4000000
	vm_add -device usb-storage,bus=xhci.0,drive=stick,serial=VOLUME2,removable=on
	vm_drive scratch2 blkdebug:scratch-3000.rules:volume-2.img
	vm_add -device usb-storage,bus=xhci.0,drive=scratch2,serial=SCRATCH2,removable=on
	vm_drive other2 blkdebug:scratch-5000.rules:volume-2.img
	vm_add -device usb-uas,bus=xhci.0,id=uas,serial=OTHER2
	vm_add -device scsi-hd,bus=uas.0,scsi-id=0,lun=0,drive=other2,removable=on
	vm_drive scratch blkdebug:scratch-3000.rules:disc.iso
	vm_add -device usb-bot,bus=xhci.0,id=bot,serial=SCRATCH
	vm_add -device scsi-cd,bus=bot.0,scsi-id=0,lun=0,drive=scratch
	vm_drive other blkdebug:scratch-5000.rules:stick.img
	vm_add -device usb-storage,bus=xhci.0,drive=other,serial=OTHER,removable=on
}

# takes MEDIUM MISSING: ingest accept takes a volume in, and those are still to come.
takes() {
	judges 4 set.incomplete ingest accept "$1" --home "$site" --code "$T/set.code"
	shows '.missing == "'"$2"'" and .stage == "" and (.where | endswith("not here: '"$2"'"))'
	on_record '.what == "waiting" and .volumes == 3'
	[ ! -d "$site/stage" ] || [ -z "$(find "$site/stage" -mindepth 2)" ]
}

# completes MEDIUM: and with that one all are there.
completes() {
	judges 0 ok ingest accept "$1" --home "$site" --code "$T/set.code"
	on_record '.what == "accepted" and .volumes == 3'
	is_ours
	[ ! -e "$site/waiting/etl/acme-4" ]
}

# A file, a disc and a stick, in the order 3, 1, 2.
mixed() {
	local start
	start=$(hundredths)
	fresh
	takes "$given/volume-3.img" "1, 2"
	optical "QEMU DVD-ROM"
	takes "$medium" 2
	on_record '.volume == 1 and .device.kind == "disc"'
	says "acme no. 4, 3 discs; not here: 2" ingest status --home "$site"
	disk VOLUME2
	completes "$medium"
	shows '.verdict == "GENUINE"'
	on_record '.device.kind == "stick"'
	note "$(cat "$given"/large/payload/data "$given"/large/payload/sub/small | wc -c) bytes on three media in" \
		"$(($(hundredths) - start))0 ms"
}

# Ingest is killed while it reads volume 2; the next run goes on with what there is.
interrupted() {
	local pid end
	fresh
	optical "QEMU DVD-ROM"
	takes "$medium" "2, 3"
	disk VOLUME2
	forget_pages
	end=$(($(sectors_read) + 4000))
	ingest accept "$medium" --home "$site" --code "$T/set.code" >/dev/null 2>&1 7>&- &
	pid=$!
	within 10 read_until $end
	kill -9 $pid
	wait $pid || [ $? = 137 ]
	on_record '.what == "waiting" and .volume == 1'
	takes "$medium" 3
	completes "$given/volume-3.img"
}
sectors_read() { awk '{ print $3 }' "/sys/class/block/${medium##*/}/stat"; }
read_until() { [ "$(sectors_read)" -ge "$1" ]; }

# repaired STATUS REASON FIRST SECOND CODE: neither copy can be read whole, and both together can.
repaired() {
	forget_pages
	judges 14 medium.unreadable ingest accept "$3" --home "$site" --code "$5"
	shows ".blocks.unreadable == 1 and .blocks.differ == 0 and .blocks.kept == .blocks.good"
	on_record '.what == "refused" and .kept > 0'
	judges "$1" "$2" ingest accept "$4" --home "$site" --code "$5"
	shows ".blocks.mended == 1 and .blocks.unreadable == 0"
	note "$(jq -c .blocks said)"
}

second_copy() {
	local first
	fresh
	disk SCRATCH
	first=$medium
	disk OTHER
	repaired 0 ok "$first" "$medium" disc.code
	shows '.verdict == "REPAIRED"'
	on_record '.what == "accepted" and .verdict == "REPAIRED" and .mended == 1'
	is_ours
}

# The same with one volume of a set.
second_copy_of_volume() {
	local first
	fresh
	disk SCRATCH2
	first=$medium
	disk OTHER2
	repaired 4 set.incomplete "$first" "$medium" "$T/set.code"
	shows '.missing == "1, 3"'
	optical "QEMU DVD-ROM"
	takes "$medium" 3
	completes "$given/volume-3.img"
}

in_guest() {
	cp "$given/desk-of-sets/set.code" "$T"
	try set-of-disc-stick-and-file mixed
	try set-interrupted interrupted
	try second-copy second_copy
	try second-copy-of-a-volume second_copy_of_volume
}
