/*
 * Tests of verify/device_usb, device_sysfs and device_machine: real libusb and the real walk
 * through sysfs, over devices that umockdev makes up.  The test runs itself again under
 * umockdev-run, where it writes down the facts of one device; what the device answers to libusb
 * now, as against what the kernel kept in sysfs, is a capture in the format of usbmon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "tests/unit/verify/device_bytes.h"
#include "verify/device.h"
#include "verify/device_sysfs.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define USB "/devices/pci0000:00/0000:00:14.0/usb1/1-2"
#define LUN USB "/1-2:1.0/host6/target6:0:0/6:0:0:0"

static const char *self;

struct looked {
	enum err err;
	struct fault fault;
	struct device device;
	unsigned left_open;
};

/* A descriptor from umockdev is a plain file for fstat; by its path it is the device. */
static enum err
block_by_path(struct device *d, int fd, struct fault *f)
{
	struct stat st;

	(void)fd;
	if (stat("/dev/sdz", &st) == -1)
		return err_fault(f, ERR_IO, "stat");
	return device_sysfs_block(d, st.st_rdev, f);
}

/* Under umockdev: the facts of /dev/sdz go to ${file}. */
static int
look(const char *file)
{
	struct device_source source = device_machine;
	struct looked l = { .err = ERR_IO };
	int fd = open("/dev/sdz", O_RDONLY), out = open(file, O_WRONLY | O_CREAT, 0600);
	const unsigned before = process_descriptors();

	source.block = block_by_path;
	l.err = device_look(&l.device, fd, &source, &l.fault);
	l.left_open = process_descriptors() - before;
	return write(out, &l, sizeof l) == (ssize_t)sizeof l ? 0 : 1;
}

/* What the kernel keeps; NULL: there is no such file. */
struct kernel {
	struct device_bytes descriptors;
	const char *manufacturer, *product, *serial, *vendor_id;
};

static void
put_attribute(FILE *f, const char *name, const char *text)
{
	if (text == NULL)
		return;
	fprintf(f, "A: %s=", name);
	for (; *text != '\0'; text++) {
		if (*text == '\n' || *text == '\\')
			fprintf(f, "\\%c", *text == '\n' ? 'n' : '\\');
		else
			fputc(*text, f);
	}
	fputs("\\n\n", f);
}

/* The description of a stick for umockdev: README.md of umockdev, "device description format". */
static void
describe(const struct scratch *s, const struct kernel *k, const char *block)
{
	char path[256];
	FILE *f = fopen(scratch_path(s, "stick.umockdev", path), "w");

	assert_non_null(f);
	fputs("P: /devices/pci0000:00/0000:00:14.0/usb1\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\n"
	    "E: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\nE: BUSNUM=001\nE: DEVNUM=001\n"
	    "E: MAJOR=189\nE: MINOR=0\nA: busnum=1\\n\nA: devnum=1\\n\nA: idVendor=1d6b\\n\n"
	    "A: idProduct=0002\\n\nA: bConfigurationValue=1\\n\nA: speed=480\\n\n"
	    "H: descriptors=12010002090001406B1D020001060302010109021900010100E0000904000001090000"
	    "000705810304000C\n\n", f);
	fputs("P: " USB "\nN: bus/usb/001/005\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
	    "E: DEVNAME=/dev/bus/usb/001/005\nE: BUSNUM=001\nE: DEVNUM=005\nE: MAJOR=189\n"
	    "E: MINOR=4\nA: busnum=1\\n\nA: devnum=5\\n\nA: idProduct=1666\\n\n"
	    "A: bConfigurationValue=1\\n\nA: speed=480\\n\n", f);
	put_attribute(f, "idVendor", k->vendor_id != NULL ? k->vendor_id : "0951");
	put_attribute(f, "manufacturer", k->manufacturer);
	put_attribute(f, "product", k->product);
	put_attribute(f, "serial", k->serial);
	fputs("H: descriptors=", f);
	for (size_t i = 0; i < k->descriptors.len; i++)
		fprintf(f, "%02X", k->descriptors.byte[i]);
	fputs("\n\nP: " USB "/1-2:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
	    "A: bInterfaceClass=08\\n\n\nP: " LUN "\nE: SUBSYSTEM=scsi\nE: DEVTYPE=scsi_device\n"
	    "A: type=0\\n\n\n", f);
	fputs(block, f);
	assert_int_equal(fclose(f), 0);
}

#define NODE(major, minor) "N: sdz\nE: SUBSYSTEM=block\nE: DEVNAME=/dev/sdz\nE: MAJOR=" major \
	"\nE: MINOR=" minor "\nA: dev=" major ":" minor "\\n\n"
#define DISK(extra) "P: " LUN "/block/sdz\n" NODE("8", "400") "A: removable=1\\n\n" \
	"A: size=131072\\n\nL: device=../../../6:0:0:0\n" extra "\n\n"

/* usbmon, Documentation/usb/usbmon.rst, struct mon_bin_hdr; in a pcap of DLT_USB_LINUX_MMAPPED. */
struct capture {
	uint8_t byte[4096];
	size_t len;
	uint64_t id;
};

static void
put_number(struct capture *c, uint64_t n, unsigned bytes)
{
	assert_true(c->len + bytes <= sizeof c->byte);
	for (; bytes > 0; bytes--, n >>= 8)
		c->byte[c->len++] = (uint8_t)n;
}

static void
put_event(struct capture *c, char type, uint8_t index, uint16_t language, const uint8_t *data,
    size_t len)
{
	put_number(c, 1, 4), put_number(c, 0, 4);
	put_number(c, 64 + len, 4), put_number(c, 64 + len, 4);
	put_number(c, c->id, 8);
	put_number(c, (uint8_t)type, 1), put_number(c, 2, 1), put_number(c, 0x80, 1);
	put_number(c, 5, 1), put_number(c, 1, 2);	/* device, bus */
	put_number(c, type == 'S' ? 0 : '-', 1), put_number(c, type == 'S' ? '<' : 0, 1);
	put_number(c, 1, 8), put_number(c, 0, 4);
	put_number(c, type == 'S' ? (uint64_t)-115 : 0, 4);
	put_number(c, type == 'S' ? 255 : len, 4), put_number(c, len, 4);
	put_number(c, 0x80, 1), put_number(c, 6, 1), put_number(c, 0x300 | index, 2);
	put_number(c, language, 2), put_number(c, 255, 2);
	put_number(c, 0, 4), put_number(c, 0, 4), put_number(c, 0x200, 4), put_number(c, 0, 4);
	for (size_t i = 0; i < len; i++)
		put_number(c, data[i], 1);
}

static void
put_answer(struct capture *c, uint8_t index, uint16_t language, const uint8_t *data, size_t len)
{
	c->id++;
	put_event(c, 'S', index, language, NULL, 0);
	put_event(c, 'C', index, language, data, len);
}

static void
put_string(struct capture *c, uint8_t index, uint16_t language, const char *text)
{
	uint8_t raw[255] = { (uint8_t)(2 + 2 * strlen(text)), 3 };

	for (size_t i = 0; text[i] != '\0'; i++)
		raw[2 + 2 * i] = (uint8_t)text[i];	/* Latin-1 */
	put_answer(c, index, language, raw, raw[0]);
}

/*
 * What the device answers now, if it is asked for its languages and its three strings; the fourth
 * string: it has no list of languages.
 */
static void
capture(const struct scratch *s, const char *const *strings)
{
	static const uint8_t languages[6] = { 6, 3, 0x07, 0x04, 0x09, 0x04 };	/* German first */
	const bool listed = strings[3] == NULL;
	struct capture c = { .len = 0 };

	put_number(&c, 0xa1b2c3d4, 4), put_number(&c, 2, 2), put_number(&c, 4, 2);
	put_number(&c, 0, 8), put_number(&c, 65535, 4), put_number(&c, 220, 4);
	put_answer(&c, 0, 0, languages, listed ? sizeof languages : 2);
	for (uint8_t i = 0; i < 3; i++)
		put_string(&c, (uint8_t)(i + 1), listed ? 0x0407 : 0x0409, strings[i]);
	scratch_put(s, "stick.pcap", c.byte, c.len);
}

/* The facts of /dev/sdz; ${strings} NULL: libusb cannot open it. */
static struct looked
facts(const struct kernel *k, const char *block, const char *const *strings)
{
	struct scratch s = scratch_new();
	struct looked l;
	char line[1024], path[256];
	FILE *f;

	describe(&s, k, block);
	if (strings != NULL)
		capture(&s, strings);
	/* The sanitizers want to be the first library; umockdev is. */
	snprintf(line, sizeof line, "ASAN_OPTIONS=\"$ASAN_OPTIONS:verify_asan_link_order=0\" "
	    "umockdev-run -d stick.umockdev %s -- sh -c '%s \"$0\" --look facts' '%s' >out 2>&1",
	    strings != NULL ? "-p /sys" USB "=stick.pcap" : "",
	    strings != NULL ? "" : "rm -f \"$UMOCKDEV_DIR\"/dev/bus/usb/001/005;", self);
	if (scratch_run(&s, line) != 0) {
		scratch_run(&s, "cat out");
		fail_msg("%s", line);
	}
	f = fopen(scratch_path(&s, "facts", path), "r");
	assert_non_null(f);
	assert_int_equal(fread(&l, sizeof l, 1, f), 1);
	fclose(f);
	if (strings != NULL)	/* umockdev leaves two open itself when a device cannot be opened */
		assert_int_equal(l.left_open, 0);
	scratch_end(&s);
	return l;
}

static const char *const usual[4] = { "Kingston", "DataTraveler", "60A44C3FACE1", NULL };

/* What is the same in all of these. */
static void
assert_usb(const struct looked *l)
{
	assert_int_equal(l->err, OK);
	assert_int_equal(l->device.kind, DEVICE_STICK);
	assert_string_equal(l->device.name, "sdz");
	assert_int_equal(l->device.size, 64 * MIB);
	assert_true(l->device.removable);
	assert_false(l->device.partition);
	assert_true(l->device.is_usb);
	assert_int_equal(l->device.vendor, 0x0951);
	assert_int_equal(l->device.product, 0x1666);
}

static void
agreed(void **state)
{
	static const struct {
		struct device_bytes descriptors;
		uint32_t count;
		enum err check;
		const char *words;
	} table[] = {
		{ DEVICE_BYTES_STICK, 1, OK, "" },
		{ DEVICE_BYTES_UAS, 2, OK, "" },
		{ DEVICE_BYTES_KEYBOARD, 2, ERR_INTERFACE, "keyboard" },
		{ DEVICE_BYTES_VENDOR, 2, ERR_INTERFACE, "vendor's own" },
		{ DEVICE_BYTES_TWO, 3, ERR_INTERFACE, "configuration 2 is a modem or network" },
	};

	(void)state;
	NEED_TOOL("umockdev-run");
	for (size_t i = 0; i < COUNT(table); i++)
		for (unsigned open = 0; open < 2; open++) {
			struct kernel k = { table[i].descriptors, usual[0], usual[1], usual[2],
				NULL };
			struct looked l = facts(&k, DISK("A: ro=1\\n"), open ? usual : NULL);
			struct fault f = { .at = "" };

			assert_usb(&l);
			assert_true(l.device.read_only);
			assert_string_equal(l.device.manufacturer, usual[0]);
			assert_string_equal(l.device.model, usual[1]);
			assert_string_equal(l.device.serial, usual[2]);
			assert_string_equal(l.device.dispute, "");
			assert_false(l.device.disputed);
			assert_int_equal(l.device.interface_count, table[i].count);
			assert_false(l.device.interfaces_cut);
			assert_int_equal(device_check(&l.device, &f), table[i].check);
			assert_non_null(strstr(f.at, table[i].words));
		}
}

static void
strings(void **state)
{
	static const struct {
		const char *kernel[3], *now[4], *want[3];
		bool disputed;
		const char *dispute;
	} table[] = {
		/* no serial number, and nothing at all */
		{ { "Kingston", "DT", NULL }, { "Kingston", "DT", "" }, { "Kingston", "DT", "" },
		    false, "" },
		{ { NULL, NULL, NULL }, { "", "", "" }, { "", "", "" }, false, "" },
		/* control characters come through, newlines too */
		{ { "\033[2J", "a\nb", "X\033[31m\n1\n" }, { "\033[2J", "a\nb", "X\033[31m\n1\n" },
		    { "\033[2J", "a\nb", "X\033[31m\n1\n" }, false, "" },
		{ { "\\x1b", "%s $(id)", "\303\251" }, { "\\x1b", "%s $(id)", "\351" },
		    { "\\x1b", "%s $(id)", "\303\251" }, false, "" },
		/* English, for want of a list */
		{ { "Kingston", "DT", "1" }, { "Kingston", "DT", "1", "" },
		    { "Kingston", "DT", "1" }, false, "" },
		{ { "Kingston", "DT", "1" }, { "Kingston", "DT", "2", "" },
		    { "Kingston", "DT", "2" }, true, "serial number: \"1\", then \"2\"" },
		/* two answers: the newer one counts, and it is said */
		{ { "Kingston", "DT", "60A44C3FACE1" }, { "Kingston", "DT", "60A44C3FACE2" },
		    { "Kingston", "DT", "60A44C3FACE2" }, true,
		    "serial number: \"60A44C3FACE1\", then \"60A44C3FACE2\"" },
		{ { "Kingston", "DT", "X" }, { "Kingston", "DT", "X\nY" },
		    { "Kingston", "DT", "X\nY" }, true, "serial number: \"X\", then \"X\nY\"" },
		{ { "Kingston", "DT", NULL }, { "Kingstom", "DT", "1" },
		    { "Kingstom", "DT", "1" }, true,
		    "manufacturer: \"Kingston\", then \"Kingstom\"" },
		{ { "Kingston", "DT", "1" }, { "Kingston", "", "1" },
		    { "Kingston", "", "1" }, true, "product: \"DT\", then \"\"" },
	};

	(void)state;
	NEED_TOOL("umockdev-run");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct kernel k = { DEVICE_BYTES_STICK, table[i].kernel[0], table[i].kernel[1],
			table[i].kernel[2], NULL };
		struct looked l = facts(&k, DISK(""), table[i].now);

		assert_usb(&l);
		assert_string_equal(l.device.manufacturer, table[i].want[0]);
		assert_string_equal(l.device.model, table[i].want[1]);
		assert_string_equal(l.device.serial, table[i].want[2]);
		assert_int_equal(l.device.disputed, table[i].disputed);
		assert_string_equal(l.device.dispute, table[i].dispute);
		assert_int_equal(device_check(&l.device, NULL), OK);
	}
}

static void
long_strings(void **state)
{
	char text[2][DEVICE_TEXT + 64];
	const char *const now[4] = { text[0], text[0], text[0], NULL };
	struct kernel k = { DEVICE_BYTES_STICK, text[0], text[1], text[0], NULL };
	struct looked l;

	(void)state;
	NEED_TOOL("umockdev-run");
	memset(text, 'A', sizeof text);
	text[0][LIMIT_DEVICE_TEXT] = '\0';
	text[1][LIMIT_DEVICE_TEXT + 60] = '\0';	/* longer than a descriptor can be */
	l = facts(&k, DISK(""), now);
	assert_usb(&l);
	assert_false(l.device.disputed);
	assert_string_equal(l.device.serial, text[0]);
	assert_string_equal(l.device.model, text[0]);
}

/* Numbers in two files of sysfs; and descriptors that libusb refuses too. */
static void
spoiled(void **state)
{
	struct kernel k = { DEVICE_BYTES_STICK, NULL, NULL, NULL, "0952" };
	struct looked l;

	(void)state;
	NEED_TOOL("umockdev-run");
	l = facts(&k, DISK(""), NULL);
	assert_usb(&l);
	assert_true(l.device.disputed);
	assert_string_equal(l.device.dispute,
	    "vendor and product: \"0951:1666\", then \"0952:1666\"");
	k.vendor_id = "95g1";
	l = facts(&k, DISK(""), NULL);
	assert_int_equal(l.err, ERR_IO);
	assert_non_null(strstr(l.fault.at, "sdz: its USB descriptors cannot be read"));
	k.vendor_id = NULL;
	for (size_t len = 0; len < 50; len += 7) {	/* cut, down to nothing */
		k.descriptors.len = len;
		l = facts(&k, DISK(""), NULL);
		assert_int_equal(l.err, OK);
		assert_true(l.device.is_usb);
		assert_true(l.device.interfaces_cut);
		assert_int_equal(device_check(&l.device, NULL), ERR_INTERFACE);
	}
}

/* Well formed, but in an order in which libusb does not see the second setting of interface 0. */
static void
two_opinions(void **state)
{
	static const uint8_t tail[] = {
		9, 4, 1, 0, 0, 8, 6, 0x50, 0, 9, 4, 0, 1, 0, 8, 6, 0x62, 0
	};
	struct kernel k = { DEVICE_BYTES_STICK, NULL, NULL, NULL, NULL };
	struct looked l;

	(void)state;
	NEED_TOOL("umockdev-run");
	memcpy(k.descriptors.byte + 50, tail, sizeof tail);
	k.descriptors.len += sizeof tail;
	k.descriptors.byte[20] += sizeof tail;	/* the configuration's length */
	k.descriptors.byte[22]++;		/* and its interfaces */
	l = facts(&k, DISK(""), NULL);
	assert_usb(&l);
	assert_int_equal(l.device.interface_count, 3);
	assert_true(l.device.interfaces_cut);
	assert_true(l.device.disputed);
	assert_non_null(strstr(l.device.dispute, "interfaces: "));
	assert_int_equal(device_check(&l.device, NULL), ERR_INTERFACE);
}

/* Other devices than sticks, by what sysfs says. */
static void
kinds(void **state)
{
	static const struct {
		const char *block;
		enum device_kind kind;
		bool partition, is_usb, removable;
		uint64_t size;
	} table[] = {
		/* an optical drive on USB: by the type of its SCSI device, or by its number */
		{ "P: " LUN "/block/sdz\n" NODE("8", "400")
		    "A: removable=1\\n\nA: size=1024\\n\nA: device/type=5\\n\n\n",
		    DEVICE_DISC, false, true, true, 512 * KIB },
		{ "P: " LUN "/block/sdz\n" NODE("11", "7") "\n",
		    DEVICE_DISC, false, true, false, 0 },
		{ "P: /devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sdz\n"
		    NODE("11", "0") "A: removable=1\\n\n\n",
		    DEVICE_DISC, false, false, true, 0 },
		{ "P: /devices/platform/mmc0/mmc_host/mmc0/mmc0:aaaa/block/sdz\n" NODE("179", "0")
		    "A: size=4\\n\nA: removable=0\\n\n\n",
		    DEVICE_OTHER, false, false, false, 2048 },
		{ "P: " LUN "/block/sdy\nE: SUBSYSTEM=block\nA: removable=1\\n\n"
		    "A: size=131072\\n\n\n"
		    "P: " LUN "/block/sdy/sdz\n" NODE("8", "401")
		    "A: size=2048\\n\nA: partition=1\\n\n\n",
		    DEVICE_OTHER, true, true, true, MIB },
		/* sizes that are none */
		{ "P: " LUN "/block/sdz\n" NODE("8", "400")
		    "A: size=36028797018963968\\n\nA: removable=x\\n\n\n",
		    DEVICE_STICK, false, true, false, 0 },
	};
	const struct kernel k = { DEVICE_BYTES_STICK, usual[0], usual[1], usual[2], NULL };

	(void)state;
	NEED_TOOL("umockdev-run");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct looked l = facts(&k, table[i].block, NULL);

		if (l.err != OK || l.device.kind != table[i].kind)
			fail_msg("%zu: %s, kind %d", i, l.fault.at, l.device.kind);
		assert_string_equal(l.device.name, "sdz");
		assert_int_equal(l.device.partition, table[i].partition);
		assert_int_equal(l.device.is_usb, table[i].is_usb);
		assert_int_equal(l.device.removable, table[i].removable);
		assert_int_equal(l.device.size, table[i].size);
		assert_string_equal(l.device.serial, table[i].is_usb ? usual[2] : "");
	}
}

/* A node that sysfs does not know any more. */
static void
gone(void **state)
{
	const struct kernel k = { DEVICE_BYTES_STICK, NULL, NULL, NULL, NULL };
	struct looked l;

	(void)state;
	NEED_TOOL("umockdev-run");
	l = facts(&k, "P: /devices/virtual/sdz\n" NODE("8", "400") "\n", NULL);
	assert_int_equal(l.err, ERR_IO);
	assert_non_null(strstr(l.fault.at, "plugged in"));
}

/* The machine itself: files, and what is neither file nor block device. */
static void
machine(void **state)
{
	struct scratch s = scratch_new();
	const unsigned before = process_descriptors();
	struct fault f = { .at = "" };
	struct device d;
	char path[256];
	int fd;

	(void)state;
	scratch_put(&s, "image", "12345", 5);
	fd = open(scratch_path(&s, "image", path), O_RDONLY);
	assert_int_equal(device_look(&d, fd, &device_machine, &f), OK);
	assert_int_equal(d.kind, DEVICE_FILE);
	assert_int_equal(d.size, 5);
	assert_string_equal(d.name, "");
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(device_look(&d, fd, &device_machine, &f), ERR_USAGE);
	close(fd);
	assert_int_equal(device_look(&d, -1, &device_machine, &f), ERR_IO);
	assert_int_equal(f.err, ERR_IO);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
}

/* A loop device of this computer, looked at and not touched: no USB device, no disc. */
static void
machine_block(void **state)
{
	int fd = open("/dev/loop0", O_RDONLY | O_NONBLOCK);
	struct fault f = { .at = "" };
	struct device d;

	(void)state;
	if (fd == -1 || access("/sys/block/loop0", F_OK) == -1) {
		print_message("SKIPPED: no /dev/loop0 that may be read\n");
		skip();
	}
	assert_int_equal(device_look(&d, fd, &device_machine, &f), OK);
	assert_int_equal(d.kind, DEVICE_OTHER);
	assert_string_equal(d.name, "loop0");
	assert_false(d.is_usb);
	assert_false(d.partition);
	assert_string_equal(d.scsi_vendor, "");
	assert_int_equal(d.size, lseek(fd, 0, SEEK_END));
	close(fd);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreed),
		cmocka_unit_test(strings),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(spoiled),
		cmocka_unit_test(two_opinions),
		cmocka_unit_test(kinds),
		cmocka_unit_test(gone),
		cmocka_unit_test(machine),
		cmocka_unit_test(machine_block),
	};
	char path[4096];

	if (argc == 3 && strcmp(argv[1], "--look") == 0)
		return look(argv[2]);
	self = realpath(argv[0], path);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
