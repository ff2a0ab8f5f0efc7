# shellcheck shell=bash
# gadget: in the guest, USB devices of any identity: configfs describes them, dummy_hcd is the port that they
# are plugged into.
#
#	gadget_begin VID PID MANUFACTURER PRODUCT SERIAL
#	gadget_storage FILE [ro=0] [cdrom=1]		and any of these, as often as you like
#	gadget_stick FILE [options of usbstick]
#	gadget_keyboard
#	gadget_vendor_specific
#	gadget_configuration				what follows is in another configuration
#	gadget_plug
#	... gadget_unplug		(the end of a test does it, too)

gadget=/sys/kernel/config/usb_gadget/g
gadget_count=0 gadget_configurations=0

# Strings are written in one piece and with a newline behind them, which the kernel takes off; one that is
# in the string stays there.  (The shell's own printf writes line by line.)
gadget_string() { env printf '%s\n' "$2" >"$1"; }

gadget_begin() {
	modprobe -a dummy_hcd libcomposite usb_f_mass_storage usb_f_hid usb_f_fs usb_f_ss_lb \
		usbhid hid-generic
	[ -d /sys/kernel/config/usb_gadget ] || mount -t configfs none /sys/kernel/config
	mkdir -p $gadget/strings/0x409
	echo "$1" >$gadget/idVendor
	echo "$2" >$gadget/idProduct
	gadget_string $gadget/strings/0x409/manufacturer "$3"
	gadget_string $gadget/strings/0x409/product "$4"
	gadget_string $gadget/strings/0x409/serialnumber "$5"
	gadget_count=0 gadget_configurations=0
	gadget_configuration
}

gadget_configuration() {
	gadget_configurations=$((gadget_configurations + 1))
	mkdir $gadget/configs/c.$gadget_configurations
}

gadget_add() {	# function
	gadget_count=$((gadget_count + 1))
	ln -s "$gadget/functions/$1" "$gadget/configs/c.$gadget_configurations/$gadget_count"
}

# A stick, or with cdrom=1 a drive, as the kernel's own gadget makes it.
gadget_storage() {
	local file=$1 ro=1 cdrom=0 inquiry='' option f=mass_storage.$gadget_count
	shift
	for option in "$@"; do
		case $option in
		ro=*) ro=${option#*=} ;;
		cdrom=*) cdrom=${option#*=} ;;
		inquiry=*) inquiry=${option#*=} ;;
		esac
	done
	mkdir -p "$gadget/functions/$f"
	echo "$ro" >"$gadget/functions/$f/lun.0/ro"
	echo 1 >"$gadget/functions/$f/lun.0/removable"
	echo "$cdrom" >"$gadget/functions/$f/lun.0/cdrom"
	[ -z "$inquiry" ] || echo "$inquiry" >"$gadget/functions/$f/lun.0/inquiry_string"
	echo "$file" >"$gadget/functions/$f/lun.0/file"
	gadget_add "$f"
}

# A stick that may lie: usbstick.c.
gadget_stick() {
	local file=$1 name=stick$gadget_count
	shift
	mkdir -p "$gadget/functions/ffs.$name" "/dev/$name"
	mount -t functionfs "$name" "/dev/$name"
	usbstick "$@" "/dev/$name" "$file" >"$T/$name.out" 2>&1 7>&- &
	within 5 grep -q ready "$T/$name.out"
	gadget_add "ffs.$name"
}

# A keyboard as every computer takes it: 8 bytes a report, boot protocol.
gadget_keyboard() {
	local f=hid.$gadget_count
	mkdir -p "$gadget/functions/$f"
	echo 1 >"$gadget/functions/$f/protocol"
	echo 1 >"$gadget/functions/$f/subclass"
	echo 8 >"$gadget/functions/$f/report_length"
	# usage page 1, usage 6 (keyboard): 8 modifiers of 1 bit, 1 byte of padding, 6 key codes of 1 byte
	xxd -r -p >"$gadget/functions/$f/report_desc" <<-HEX
		05010906a101 050719e029e7150025017501950881 02 9501750881 03
		95067508150025650507190029658100 c0
	HEX
	gadget_add "$f"
}

# Two bulk endpoints of class 255: what has no name can be anything.
gadget_vendor_specific() {
	mkdir -p "$gadget/functions/Loopback.$gadget_count"
	gadget_add "Loopback.$gadget_count"
}

gadget_plug() { echo "${1:-dummy_udc.0}" >$gadget/UDC; }

gadget_unplug() {
	local name
	echo >$gadget/UDC
	within 5 gadget_gone
	find $gadget/configs -type l -exec rm {} +
	killall -q -9 usbstick || :
	for name in $(mount | sed -n 's|.* on \(/dev/stick[0-9]*\) type functionfs.*|\1|p'); do
		within 5 umount "$name"
	done
	find $gadget/functions -mindepth 1 -maxdepth 1 -exec rmdir {} +
	rmdir $gadget/configs/c.* $gadget/strings/0x409 $gadget
}

# Has the kernel noticed?  A device is named after its bus and port: 3-1.
gadget_gone() { ! compgen -G "/sys/devices/platform/dummy_hcd.0/usb*/*-1" >/dev/null; }
