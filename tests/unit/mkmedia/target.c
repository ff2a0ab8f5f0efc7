/*
 * Tests of mkmedia/target and mkmedia/sysfs: every kind of device that must not be overwritten, as
 * trees of sysfs and procfs that look as the kernel makes them.  No device is opened but a loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "mkmedia/sysfs.h"
#include "mkmedia/target.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define STICK "pci0/usb1/1-2/1-2:1.0/host6/block/sdb"
#define USB "disk " STICK " 8:16 2048 1; usb pci0/usb1/1-2; "
#define SATA "disk pci0/ata1/host0/block/sda 8:0 2048 0; "

/*
 *	disk PLACE M:m SECTORS REMOVABLE	a whole device
 *	part PLACE M:m			a partition; the last word of PLACE is its name
 *	on PLACE PLACE			the second is built on the first
 *	dm PLACE NAME			what the device mapper calls it
 *	usb PLACE			a USB device
 *	mounted M:m POINT SOURCE	a line of mountinfo
 *	swap FILE			a line of swaps
 */
static const char TOOLS[] =
	"mkdir -p proc/self sys/dev/block sys/block sys/bus/usb sys/bus/scsi\n"
	"dir=sys/devices\n"
	"node() { mkdir -p $dir/$1/holders; echo $2 >$dir/$1/dev; echo 0 >$dir/$1/ro\n"
	"	ln -s ../../devices/$1 sys/dev/block/$2; }\n"
	"disk() { node $1 $2; echo $3 >$dir/$1/size; echo $4 >$dir/$1/removable\n"
	"	ln -s ../devices/$1 sys/block/${1##*/}; }\n"
	"part() { node $1 $2; echo 100 >$dir/$1/size; echo 1 >$dir/$1/partition; }\n"
	"on() { ln -s \"$PWD/$dir/$2\" $dir/$1/holders/${2##*/}; }\n"
	"dm() { mkdir $dir/$1/dm; echo $2 >$dir/$1/dm/name; }\n"
	"usb() { ln -s ../../../../bus/usb $dir/$1/subsystem; }\n"
	"mounted() { echo \"36 1 $1 / $2 rw,relatime shared:1 - ext4 $3 rw\" >>proc/self/mountinfo; }\n"
	"swap() { echo \"$1 partition 1024 0 -2\" >>proc/swaps; }\n"
	"echo 'Filename	Type	Size	Used	Priority' >proc/swaps\n"
	"mounted 0:22 /sys sysfs\n"
	"mounted 0:31 / overlay\n";

static struct scratch s;
static unsigned before;
static struct fault f;
static struct target t;

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	f = (struct fault){ .err = OK };
	scratch_put(&s, "tools", TOOLS, sizeof TOOLS - 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(process_descriptors(), before);
	(void)scratch_run(&s, "[ ! -s name ] || losetup -d $(cat name)");
	scratch_end(&s);
	return 0;
}

static void
make(const char *tree)
{
	char line[2048];

	assert_in_range(snprintf(line, sizeof line, "rm -rf sys proc; set -e; . ./tools; %s\n:", tree),
	    1, (int)sizeof line - 1);
	assert_int_equal(scratch_run(&s, line), 0);
}

static enum err
examine(unsigned int major, unsigned int minor)
{
	t = (struct target){ .path = "/dev/it", .block = true, .device = makedev(major, minor) };
	return target_examine(&t, s.dir, &f);
}

static void
look(const char *tree, unsigned int major, unsigned int minor)
{
	make(tree);
	assert_int_equal(examine(major, minor), OK);
}

/* Sizes are in sectors of 512 bytes, whatever the device calls a sector. */
static void
facts(void **state)
{
	(void)state;
	look(USB, 8, 16);
	assert_string_equal(t.name, "sdb");
	assert_true(t.usb && t.removable && !t.read_only && !t.partition && !t.optical);
	assert_int_equal(t.size, 1048576);
	assert_int_equal(t.use, TARGET_FREE);
	assert_int_equal(target_check(&t, 1048576, &f), OK);

	look("disk pci0/ata2/host1/block/sr0 11:0 2097151 1;"
	    "mkdir $dir/pci0/ata2/host1/block/sr0/device;"
	    "echo 5 >$dir/pci0/ata2/host1/block/sr0/device/type", 11, 0);
	assert_true(t.optical && t.removable && !t.usb);
	assert_int_equal(target_check(&t, 1, &f), OK);
	/* A blank disc has no size, and the drive cannot be written to as a disk is. */
	t.size = 0;
	t.read_only = true;
	assert_int_equal(target_check(&t, UINT64_C(1) << 40, &f), OK);

	/* A stick that says that it is a fixed disk; a card in a slot. */
	look("disk " STICK " 8:16 2048 0; usb pci0/usb1/1-2", 8, 16);
	assert_int_equal(target_check(&t, 1, &f), OK);
	look("disk mmc0/block/mmcblk0 179:0 2048 0; mkdir $dir/mmc0/block/mmcblk0/device;"
	    "echo SD >$dir/mmc0/block/mmcblk0/device/type", 179, 0);
	assert_int_equal(target_check(&t, 1, &f), OK);
}

/* Another disk is full of uses: that says nothing of the stick. */
static void
others_do_not_count(void **state)
{
	(void)state;
	look(USB SATA "part pci0/ata1/host0/block/sda/sda1 8:1; mounted 8:1 / /dev/sda1;"
	    "part pci0/ata1/host0/block/sda/sda2 8:2; swap /dev/sda2; swap /swapfile;"
	    "disk virtual/block/dm-0 253:0 10 0; on pci0/ata1/host0/block/sda/sda1 virtual/block/dm-0;"
	    "disk virtual/block/loop0 7:0 10 0; mkdir $dir/virtual/block/loop0/loop;"
	    "echo /srv/image >$dir/virtual/block/loop0/loop/backing_file;"
	    "mounted 7:0 /mnt /dev/loop0; mounted 8:160 /srv /dev/sdk; mounted 0:40 /x /dev/sdb1x", 8, 16);
	assert_int_equal(t.use, TARGET_FREE);
	assert_int_equal(target_check(&t, 1, &f), OK);
}

static void
refusals(void **state)
{
	static const struct {
		const char *tree;
		unsigned int major, minor;
		const char *says;
	} list[] = {
		{ SATA, 8, 0, "/dev/it: is not removable" },
		{ "disk mmc0/block/mmcblk0 179:0 2048 0; mkdir $dir/mmc0/block/mmcblk0/device;"
		    "echo MMC >$dir/mmc0/block/mmcblk0/device/type", 179, 0, "not removable" },
		{ "disk virtual/block/dm-0 253:0 2048 0", 253, 0, "not removable" },
		{ USB "part " STICK "/sdb1 8:17", 8, 17, "name the whole device, /dev/sdb" },
		{ USB "part " STICK "/sdb1 8:17; mounted 8:17 / /dev/sdb1", 8, 17, "name the whole" },
		{ USB "mounted 8:16 /media/stick /dev/sdb", 8, 16,
		    "/dev/it: sdb is mounted at /media/stick; if nobody needs what is there: "
		    "umount /media/stick" },
		{ USB "part " STICK "/sdb2 8:18; mounted 8:18 /media/stick /dev/sdb2", 8, 16,
		    "sdb2 is mounted at /media/stick" },
		/* btrfs: the number is none of a device. */
		{ USB "part " STICK "/sdb1 8:17; mounted 0:41 /data /dev/sdb1", 8, 16,
		    "sdb1 is mounted at /data" },
		{ USB "swap /dev/sdb", 8, 16, "swapoff /dev/sdb" },
		{ USB "part " STICK "/sdb1 8:17; swap /dev/sdb1", 8, 16, "swapoff /dev/sdb1" },
		{ USB "part " STICK "/sdb1 8:17; disk virtual/block/dm-3 253:3 9 0;"
		    "dm virtual/block/dm-3 vg0-swap; on " STICK "/sdb1 virtual/block/dm-3;"
		    "swap /dev/dm-3", 8, 16, "swapoff /dev/dm-3" },
		{ USB "disk virtual/block/md127 9:127 9 0; on " STICK " virtual/block/md127", 8, 16,
		    "md127 is built on it" },
		{ USB "part " STICK "/sdb1 8:17; disk virtual/block/dm-3 253:3 9 0;"
		    "dm virtual/block/dm-3 vg0-data; on " STICK "/sdb1 virtual/block/dm-3", 8, 16,
		    "dm-3 (vg0-data) is built on it" },
		{ USB "disk virtual/block/bcache0 252:0 9 0; on " STICK " virtual/block/bcache0", 8, 16,
		    "bcache0 is built on it" },
		{ USB "part " STICK "/sdb1 8:17; disk virtual/block/loop5 7:5 9 0;"
		    "mkdir $dir/virtual/block/loop5/loop;"
		    "echo /dev/sdb1 >$dir/virtual/block/loop5/loop/backing_file", 8, 16,
		    "loop5 is built on it" },
		{ USB "part " STICK "/sdb1 8:17; mounted 8:17 / /dev/sdb1", 8, 16,
		    "this computer runs from it: / is on sdb1" },
		{ USB "mounted 8:16 /boot/efi /dev/sdb", 8, 16, "/boot/efi is on sdb" },
		{ USB "mounted 8:16 /usr /dev/sdb", 8, 16, "/usr is on sdb" },
		/* The gravest counts, whatever comes first. */
		{ USB "mounted 8:16 /mnt /dev/sdb; mounted 8:16 /boot /dev/sdb;"
		    "mounted 8:16 /srv /dev/sdb; swap /dev/sdb", 8, 16, "/boot is on sdb" },
		/* RAID of a partition, encryption, volume group, root: one on top of the other. */
		{ USB "part " STICK "/sdb3 8:19; disk virtual/block/md0 9:0 9 0;"
		    "on " STICK "/sdb3 virtual/block/md0; part virtual/block/md0/md0p1 259:1;"
		    "disk virtual/block/dm-0 253:0 9 0; on virtual/block/md0/md0p1 virtual/block/dm-0;"
		    "disk virtual/block/dm-1 253:1 9 0; on virtual/block/dm-0 virtual/block/dm-1;"
		    "mounted 253:1 / /dev/mapper/vg0-root", 8, 16,
		    "this computer runs from it: / is on dm-1" },
		/* The same with btrfs: only /dev/mapper has its name. */
		{ USB "disk virtual/block/dm-1 253:1 9 0; on " STICK " virtual/block/dm-1;"
		    "dm virtual/block/dm-1 vg0-root; mounted 0:25 / /dev/mapper/vg0-root", 8, 16,
		    "this computer runs from it: / is on dm-1" },
		{ USB "echo 1 >$dir/" STICK "/ro", 8, 16, "write-protected; look for a switch" },
		{ USB "echo 0 >$dir/" STICK "/size", 8, 16, "there is no medium in it" },
		{ USB "echo 2047 >$dir/" STICK "/size", 8, 16,
		    "too small: the image has 1024 KiB (1048576 bytes), the device 1024 KiB "
		    "(1048064 bytes)" },
		{ "disk pci0/ata2/block/sr0 11:0 99 1; mkdir $dir/pci0/ata2/block/sr0/device;"
		    "echo 5 >$dir/pci0/ata2/block/sr0/device/type; mounted 11:0 /media/cdrom /dev/sr0",
		    11, 0, "sr0 is mounted at /media/cdrom" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		look(list[i].tree, list[i].major, list[i].minor);
		f = (struct fault){ .err = OK };
		assert_int_equal(target_check(&t, 1048576, &f), ERR_USAGE);
		if (strstr(f.at, list[i].says) == NULL)
			fail_msg("%s\nmust say: %s\nbut says: %s", list[i].tree, list[i].says, f.at);
	}
}

/* Rings of holders, which the kernel cannot make, and more of them than there is room for. */
static void
stacks_end(void **state)
{
	(void)state;
	look(USB "disk virtual/block/dm-0 253:0 9 0; on " STICK " virtual/block/dm-0;"
	    "on virtual/block/dm-0 " STICK, 8, 16);
	assert_int_equal(t.use, TARGET_HELD);
	make(USB "i=1; while [ $i -le 255 ]; do part " STICK "/sdb$i 259:$i; i=$((i + 1)); done");
	assert_int_equal(examine(8, 16), OK);
	make(USB "i=1; while [ $i -le 256 ]; do part " STICK "/sdb$i 259:$i; i=$((i + 1)); done");
	assert_int_equal(examine(8, 16), ERR_USAGE);
	assert_non_null(strstr(f.at, "more than 256"));
}

/* What the system does not tell is no leave to write. */
static void
silent_system(void **state)
{
	(void)state;
	make(USB "rm proc/self/mountinfo");
	assert_int_equal(examine(8, 16), ERR_IO);
	make(USB "rm proc/swaps");
	assert_int_equal(examine(8, 16), ERR_IO);
	make(USB);
	assert_int_equal(examine(8, 32), ERR_USAGE);
	assert_non_null(strstr(f.at, "/dev/it: there is no device behind it"));
	make(USB "rm $dir/" STICK "/dev");
	assert_int_equal(examine(8, 16), ERR_USAGE);
	make(USB "rm $dir/" STICK "/ro $dir/" STICK "/size");
	assert_int_equal(examine(8, 16), OK);
	assert_true(t.read_only && t.size == 0);
}

static void
no_device(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(target_look(&t, scratch_path(&s, "nothing", path), "", &f), ERR_USAGE);
	assert_int_equal(target_look(&t, scratch_path(&s, "tools/x", path), "", &f), ERR_USAGE);
	assert_int_equal(target_look(&t, scratch_path(&s, "tools", path), "", &f), OK);
	assert_false(t.block);
	assert_int_equal(target_check(&t, 1, &f), ERR_USAGE);
	assert_non_null(strstr(f.at, "is no block device"));
	assert_int_equal(target_look(&t, "/dev/null", "", &f), OK);
	assert_int_equal(target_check(&t, 1, &f), ERR_USAGE);
	assert_int_equal(target_look(&t, s.dir, "", &f), OK);
	assert_int_equal(target_check(&t, 1, &f), ERR_USAGE);
}

/* What is opened is looked at again. */
static void
another_device(void **state)
{
	char path[256];
	int fd;

	(void)state;
	t = (struct target){ .path = scratch_path(&s, "tools", path), .block = true };
	assert_int_equal(target_open(&t, &fd, &f), ERR_USAGE);
	assert_non_null(strstr(f.at, "became another device"));
	assert_int_equal(fd, -1);
	t.path = scratch_path(&s, "nothing", path);
	assert_int_equal(target_open(&t, &fd, &f), ERR_IO);
	assert_int_equal(fd, -1);
}

/* This computer's own disk, of which only sysfs and procfs are read. */
static void
real_disk(void **state)
{
	unsigned int major = 0, minor = 0;
	char line[4096], point[256], path[64];
	FILE *mounts = fopen("/proc/self/mountinfo", "r");

	(void)state;
	assert_non_null(mounts);
	while (fgets(line, sizeof line, mounts) != NULL)
		if (sscanf(line, "%*s %*s %u:%u %*s %255s", &major, &minor, point) == 3 &&
		    strcmp(point, "/") == 0)
			break;
	assert_int_equal(fclose(mounts), 0);
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major, minor);
	if (access(path, F_OK) != 0) {
		print_message("SKIPPED: / is on no block device of its own here\n");
		skip();
	}
	t = (struct target){ .path = "/dev/root", .block = true, .device = makedev(major, minor) };
	assert_int_equal(target_examine(&t, "", &f), OK);
	assert_int_equal(t.use, TARGET_SYSTEM);
	assert_int_equal(target_check(&t, 1, &f), ERR_USAGE);
}

/* This computer's own kernel and trees, on a loop device over a file of ours. */
static void
real_loop(void **state)
{
	char loop[64];
	size_t n;
	int fd;

	(void)state;
	if (scratch_run(&s, "truncate -s 1M file && losetup -f --show file >name 2>/dev/null") != 0) {
		print_message("SKIPPED: no loop device can be had here\n");
		skip();
	}
	n = scratch_get(&s, "name", loop, sizeof loop);
	loop[n - 1] = '\0';
	assert_int_equal(target_look(&t, loop, "", &f), OK);
	assert_true(t.block && !t.removable && !t.usb && !t.optical && !t.partition && !t.read_only);
	assert_int_equal(t.size, 1048576);
	assert_int_equal(t.use, TARGET_FREE);
	assert_int_equal(target_check(&t, 1, &f), ERR_USAGE);
	assert_int_equal(target_open(&t, &fd, &f), OK);
	assert_int_equal(close(fd), 0);
	/* Somebody else has it for himself. */
	int other = open(loop, O_RDONLY | O_EXCL);
	assert_int_equal(target_open(&t, &fd, &f), ERR_USAGE);
	assert_non_null(strstr(f.at, "is in use"));
	assert_int_equal(close(other), 0);
	t.device = makedev(7, 255);
	assert_int_equal(target_open(&t, &fd, &f), ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(facts, setup, teardown),
		cmocka_unit_test_setup_teardown(others_do_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(stacks_end, setup, teardown),
		cmocka_unit_test_setup_teardown(silent_system, setup, teardown),
		cmocka_unit_test_setup_teardown(no_device, setup, teardown),
		cmocka_unit_test_setup_teardown(another_device, setup, teardown),
		cmocka_unit_test_setup_teardown(real_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(real_loop, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
