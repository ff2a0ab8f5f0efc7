/*
 * Tests of verify/device: the rules, with made-up facts in place of hardware.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "verify/device.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define SERIAL "60A44C3FACE1"

/* What the fakes below hand out, who was asked, and who fails. */
static struct device facts;
static char asked[16];
static struct { enum err block, usb, scsi, disc; } fails;

static enum err
fake(char who, enum err e, struct fault *f)
{
	asked[strlen(asked)] = who;
	return e == OK ? OK : err_fault(f, e, "made up");
}

static enum err
fake_block(struct device *d, int fd, struct fault *f)
{
	assert_int_equal(fd, 42);
	*d = facts;
	return fake('b', fails.block, f);
}

static enum err
fake_usb(struct device *d, struct fault *f)
{
	assert_string_equal(d->name, facts.name);
	return fake('u', fails.usb, f);
}

static enum err
fake_scsi(struct device *d, int fd, struct fault *f)
{
	assert_int_equal(fd, 42);
	strcpy(d->scsi_vendor, "ACME");
	return fake('s', fails.scsi, f);
}

static enum err
fake_disc(struct device *d, int fd, struct fault *f)
{
	assert_int_equal(fd, 42);
	d->sessions = 7;
	return fake('d', fails.disc, f);
}

static const struct device_source fakes = { fake_block, fake_usb, fake_scsi, fake_disc };

static struct device
stick(void)
{
	return (struct device){ .kind = DEVICE_STICK, .name = "sdb", .size = 64 * MIB,
		.removable = true, .is_usb = true, .vendor = 0x0951, .product = 0x1666,
		.manufacturer = "Kingston", .model = "DataTraveler", .serial = SERIAL,
		.interface_count = 1, .interface = { { 1, 0, 0, 8, 6, 0x50 } } };
}

static struct device
disc(void)
{
	return (struct device){ .kind = DEVICE_DISC, .name = "sr0", .size = 700 * MIB,
		.removable = true, .scsi_vendor = "PIONEER", .scsi_model = "BD-RW", .profile = 0x09,
		.disc = DISC_CLOSED, .sessions = 1, .disc_id = "disc=1a2b3c4d atip=971500" };
}

static void
look(void **state)
{
	static const struct {
		enum device_kind kind;
		enum err block, usb, scsi, disc, want;
		const char *asked;
	} table[] = {
		{ DEVICE_STICK, OK, OK, OK, OK, OK, "bus" },
		{ DEVICE_DISC, OK, OK, OK, OK, OK, "busd" },
		{ DEVICE_OTHER, OK, OK, OK, OK, OK, "bus" },
		{ DEVICE_FILE, OK, OK, OK, OK, OK, "b" },
		{ DEVICE_STICK, ERR_IO, OK, OK, OK, ERR_IO, "b" },
		{ DEVICE_FILE, ERR_USAGE, OK, OK, OK, ERR_USAGE, "b" },
		{ DEVICE_STICK, OK, ERR_IO, OK, OK, ERR_IO, "bu" },
		{ DEVICE_DISC, OK, OK, ERR_DENIED, OK, ERR_DENIED, "bus" },
		{ DEVICE_DISC, OK, OK, OK, ERR_IO, ERR_IO, "busd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		struct device d;

		memset(&d, 0xa5, sizeof d);
		memset(asked, 0, sizeof asked);
		facts = (struct device){ .kind = table[i].kind, .name = "sdx" };
		fails.block = table[i].block;
		fails.usb = table[i].usb;
		fails.scsi = table[i].scsi;
		fails.disc = table[i].disc;
		assert_int_equal(device_look(&d, 42, &fakes, &f), table[i].want);
		assert_string_equal(asked, table[i].asked);
		assert_int_equal(f.err, table[i].want);
		assert_int_equal(d.sessions, strchr(asked, 'd') != NULL ? 7 : 0);
		assert_string_equal(d.serial, "");
	}
}

/* ${d} is refused with ${want}, and the words name the device and ${words}. */
static void
refused(const struct device *d, enum err want, const char *words)
{
	struct fault f = { .at = "" };

	assert_int_equal(device_check(d, &f), want);
	assert_int_equal(device_check(d, NULL), want);
	assert_int_equal(f.err, want);
	assert_non_null(strstr(f.at, d->name));
	if (strstr(f.at, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, f.at);
}

static void
interfaces(void **state)
{
	static const struct { uint8_t class; const char *words; } table[] = {
		{ 0x00, "of another kind" }, { 0x01, "audio" }, { 0x02, "network" },
		{ 0x03, "keyboard" }, { 0x05, "of another kind" }, { 0x06, "camera" },
		{ 0x07, "printer" }, { 0x09, "a hub" }, { 0x0a, "network" }, { 0x0b, "smart card" },
		{ 0x0e, "video" }, { 0xe0, "wireless" }, { 0xef, "of another kind" },
		{ 0xfe, "of another kind" }, { 0xff, "vendor's own" },
	};
	struct device d = stick();

	(void)state;
	assert_int_equal(device_check(&d, NULL), OK);
	/* two ways to talk to the same storage: UAS */
	d.interface[d.interface_count++] = (struct device_interface){ 1, 0, 1, 8, 6, 0x62 };
	assert_int_equal(device_check(&d, NULL), OK);
	for (size_t i = 0; i < COUNT(table); i++) {
		d = stick();
		for (unsigned at = 0; at < LIMIT_INTERFACES; at++) {	/* the last as the first */
			d.interface_count = at + 1;
			d.interface[at] =
			    (struct device_interface){ 3, 2, 1, table[i].class, 1, 1 };
			refused(&d, ERR_INTERFACE, table[i].words);
			d.interface[at].class = 8;
		}
		assert_int_equal(device_check(&d, NULL), OK);
	}
}

static void
interfaces_not_told(void **state)
{
	struct device d = stick();

	(void)state;
	d.interface_count = 0;
	refused(&d, ERR_INTERFACE, "could not all be told");
	d = stick();
	d.interfaces_cut = true;
	refused(&d, ERR_INTERFACE, "could not all be told");
	d = stick();
	d.is_usb = false;
	d.interface_count = 0;
	refused(&d, ERR_INTERFACE, "could not all be told");
}

/* Whoever is on USB is looked at so, whatever else it is. */
static void
interfaces_of_others(void **state)
{
	const struct device_interface keyboard = { 1, 1, 0, 3, 1, 1 };
	struct device d = stick();

	(void)state;
	d.interface[d.interface_count++] = keyboard;
	d.kind = DEVICE_OTHER;
	d.partition = true;
	refused(&d, ERR_INTERFACE, "keyboard");
	d = disc();
	assert_int_equal(device_check(&d, NULL), OK);	/* not on USB */
	d.is_usb = true;
	refused(&d, ERR_INTERFACE, "could not all be told");
	d.interface[d.interface_count++] = keyboard;
	refused(&d, ERR_INTERFACE, "keyboard");
	d = (struct device){ .kind = DEVICE_OTHER, .name = "nvme0n1" };
	assert_int_equal(device_check(&d, NULL), OK);
	d = (struct device){ .kind = DEVICE_FILE };
	assert_int_equal(device_check(&d, NULL), OK);
}

static void
discs(void **state)
{
	static const struct { enum device_disc disc; uint16_t sessions; enum err want; } table[] = {
		{ DISC_CLOSED, 1, OK },
		{ DISC_CLOSED, 0, OK },
		{ DISC_UNKNOWN, 0, OK },
		{ DISC_UNKNOWN, 1, OK },
		{ DISC_UNKNOWN, 2, ERR_DISC_SESSIONS },
		{ DISC_CLOSED, 2, ERR_DISC_SESSIONS },
		{ DISC_CLOSED, UINT16_MAX, ERR_DISC_SESSIONS },
		{ DISC_APPENDABLE, 1, ERR_DISC_OPEN },
		{ DISC_APPENDABLE, 3, ERR_DISC_OPEN },
		{ DISC_BLANK, 0, ERR_NOT_SEALED },
		{ DISC_BLANK, 1, ERR_NOT_SEALED },
	};
	struct device d = disc();

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		d.disc = table[i].disc;
		d.sessions = table[i].sessions;
		if (table[i].want == OK)
			assert_int_equal(device_check(&d, NULL), OK);
		else
			refused(&d, table[i].want, "disc");
	}
	d.kind = DEVICE_OTHER;	/* these members say nothing about anything else */
	assert_int_equal(device_check(&d, NULL), OK);
}

/* Comparing ${d} with ${bound} gives ${want}, and unless it is a match, why. */
static void
compares(const struct device *d, const struct seal_medium *bound, enum device_match want,
    const char *words)
{
	struct fault f = { .at = "" };

	assert_int_equal(device_compare(d, bound, NULL), want);
	assert_int_equal(device_compare(d, bound, &f), want);
	assert_int_equal(f.err, want == DEVICE_MATCH ? OK : ERR_WRONG_DEVICE);
	assert_true(want == DEVICE_MATCH || strstr(f.at, d->name) != NULL);
	if (strstr(f.at, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, f.at);
}

static struct seal_medium
bound_to(const struct device *d, char serial[static 4 * LIMIT_DEVICE_TEXT + 1])
{
	struct seal_medium m;

	assert_int_equal(device_bind(d, &m, serial, NULL), OK);
	return m;
}

static void
sticks(void **state)
{
	char serial[4 * LIMIT_DEVICE_TEXT + 1];
	struct device d = stick();
	const struct seal_medium m = bound_to(&d, serial);

	(void)state;
	assert_int_equal(m.kind, SEAL_USB);
	assert_string_equal(m.serial, SERIAL);
	assert_string_equal(m.disc, "");
	assert_int_equal(m.vendor, 0x0951);
	assert_int_equal(m.product, 0x1666);
	assert_int_equal(m.size, 64 * MIB);
	compares(&d, &m, DEVICE_MATCH, "");

	d.vendor++;
	compares(&d, &m, DEVICE_MISMATCH, "0952:1666");
	d = stick(), d.product--;
	compares(&d, &m, DEVICE_MISMATCH, "0951:1665");
	d = stick(), d.size += 512;
	compares(&d, &m, DEVICE_MISMATCH, "67109376 bytes");
	d = stick(), d.serial[0] = '\0';
	compares(&d, &m, DEVICE_MISMATCH, "\"" SERIAL "\"");
	d = stick(), d.serial[strlen(d.serial) - 1]++;
	compares(&d, &m, DEVICE_MISMATCH, "\"60A44C3FACE2\"");
	d = stick(), d.is_usb = false;
	compares(&d, &m, DEVICE_MISMATCH, "this is none");
	d = stick(), d.kind = DEVICE_OTHER;
	compares(&d, &m, DEVICE_MISMATCH, "this is none");
	d = stick(), d.kind = DEVICE_OTHER, d.partition = true;
	compares(&d, &m, DEVICE_MISMATCH, "whole device");
	d = stick(), d.kind = DEVICE_DISC;	/* a stick that has become a USB CD */
	compares(&d, &m, DEVICE_MISMATCH, "this is none");
	d = (struct device){ .kind = DEVICE_FILE, .size = 64 * MIB };
	compares(&d, &m, DEVICE_MISMATCH, "check the stick itself");
	d = stick(), d.disputed = true;
	compares(&d, &m, DEVICE_WEAK, "same twice");
	/* another name on the case, and another chip revision: still the same stick */
	d = stick(), strcpy(d.model, "X"), strcpy(d.scsi_revision, "9"), d.read_only = true;
	compares(&d, &m, DEVICE_MATCH, "");
}

static void
unbound(void **state)
{
	const struct seal_medium m = { .kind = SEAL_UNBOUND, .serial = "", .disc = "" };
	struct device d = stick();

	(void)state;
	compares(&d, &m, DEVICE_MATCH, "");
	d = disc();
	compares(&d, &m, DEVICE_MATCH, "");
	d = (struct device){ .kind = DEVICE_FILE };
	compares(&d, &m, DEVICE_MATCH, "");
}

/*
 * 12 digits: USB Mass Storage Class Bulk-Only Transport 1.0, 4.1.1.  The shared ones are seen in
 * kernel logs of JMicron, ASMedia, TinyUSB and many sticks.
 */
static void
serials(void **state)
{
	static const struct { const char *serial; enum device_match want; } table[] = {
		{ "", DEVICE_WEAK },
		{ "1", DEVICE_WEAK },
		{ "60A44C3FACE", DEVICE_WEAK },		/* 11 */
		{ "60A44C3FACE1", DEVICE_MATCH },	/* 12 */
		{ "000000000000", DEVICE_WEAK },
		{ "00000000000000000000", DEVICE_WEAK },
		{ "AAAAAAAAAAAA", DEVICE_WEAK },
		{ "FFFFFFFFFFFFFFFF", DEVICE_WEAK },
		{ "000000000001", DEVICE_WEAK },
		{ "000000000012", DEVICE_MATCH },	/* three characters */
		{ "0123456789AB", DEVICE_WEAK },
		{ "0123456789ab", DEVICE_WEAK },
		{ "0123456789ABCDEF", DEVICE_WEAK },
		{ "0123456789abcdef", DEVICE_WEAK },
		{ "1234567890ABCDEF", DEVICE_WEAK },
		{ "123456789ABCDEF", DEVICE_WEAK },
		{ "123456789012", DEVICE_WEAK },
		{ "12345678901234567890", DEVICE_WEAK },
		{ "0123456789ABCDEF0123456789ABCDEF", DEVICE_WEAK },
		{ "0123456789AC", DEVICE_MATCH },
		{ "123456789013", DEVICE_MATCH },
		{ "AA00000000000489", DEVICE_WEAK },
		{ "AA00000000000490", DEVICE_MATCH },
		{ "XYZ-\033[31m\n-1234", DEVICE_MATCH },
		{ "\303\251\303\250\303\252\303\253 serial", DEVICE_MATCH },
		{ "\xff\xfe\xc0\x80-12345678", DEVICE_MATCH },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char text[4 * LIMIT_DEVICE_TEXT + 1];
		struct device d = stick();
		struct seal_medium m;

		strcpy(d.serial, table[i].serial);
		m = bound_to(&d, text);
		if (device_compare(&d, &m, NULL) != table[i].want)
			fail_msg("%s", m.serial);
		compares(&d, &m, table[i].want,
		    table[i].want == DEVICE_WEAK ? "sdb fits, but" : "");
		for (const char *c = m.serial; *c != '\0'; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
	}
}

/* Escaping keeps different serial numbers different: a backslash is escaped too. */
static void
serials_do_not_collide(void **state)
{
	char text[4 * LIMIT_DEVICE_TEXT + 1];
	struct device d = stick();
	struct seal_medium m;

	(void)state;
	strcpy(d.serial, "12-12-12-12-\033");
	m = bound_to(&d, text);
	strcpy(d.serial, "12-12-12-12-\\x1b");
	compares(&d, &m, DEVICE_MISMATCH, "serial number");
	/* The longest, all of it escaped, fits and counts to its last byte. */
	memset(d.serial, 1, LIMIT_DEVICE_TEXT);
	d.serial[LIMIT_DEVICE_TEXT / 2] = 2;
	d.serial[LIMIT_DEVICE_TEXT - 1] = 3;
	d.serial[LIMIT_DEVICE_TEXT] = '\0';
	m = bound_to(&d, text);
	assert_int_equal(strlen(m.serial), 4 * LIMIT_DEVICE_TEXT);
	compares(&d, &m, DEVICE_MATCH, "");
	d.serial[LIMIT_DEVICE_TEXT - 1] = 4;
	compares(&d, &m, DEVICE_MISMATCH, "serial number");
}

static void
bound_discs(void **state)
{
	static const struct {
		const char *bound, *told;
		enum device_match want;
		const char *words;
	} table[] = {
		{ "disc=1a2b3c4d", "disc=1a2b3c4d", DEVICE_MATCH, "" },
		{ "disc=1a2b3c4d atip=971500", "disc=1a2b3c4d atip=971500", DEVICE_MATCH, "" },
		{ "disc=1a2b3c4d atip=971500", "disc=1a2b3c4d", DEVICE_MATCH, "" },
		{ "atip=971500", "disc=1a2b3c4d atip=971500", DEVICE_WEAK, "blanks of this make" },
		{ "disc=1a2b3c4d", "disc=1a2b3c4e", DEVICE_MISMATCH, "another disc" },
		{ "disc=1a2b3c4d", "disc=1a2b3c4", DEVICE_MISMATCH, "another disc" },
		{ "disc=1a2b3c4", "disc=1a2b3c4d", DEVICE_MISMATCH, "another disc" },
		{ "disc=", "disc=1a2b3c4d", DEVICE_MISMATCH, "another disc" },
		{ "atip=971500", "atip=971501", DEVICE_MISMATCH, "another disc" },
		{ "disc=1a2b3c4d atip=971500", "disc=1a2b3c4d atip=1", DEVICE_MISMATCH, "another" },
		{ "disc=1a2b3c4d", "", DEVICE_MISMATCH, "does not tell which disc" },
		{ "disc=1a2b3c4d", "atip=971500", DEVICE_MISMATCH, "does not tell which disc" },
		{ "xdisc=1a2b3c4d", "disc=1a2b3c4d", DEVICE_MISMATCH, "does not tell which disc" },
		{ " ", "disc=1a2b3c4d", DEVICE_MISMATCH, "does not tell which disc" },
		{ "", "disc=1a2b3c4d", DEVICE_WEAK, "names no single disc" },
		{ "", "", DEVICE_WEAK, "names no single disc" },
	};
	char text[4 * LIMIT_DEVICE_TEXT + 1];
	struct device d = disc();
	struct seal_medium m = bound_to(&d, text);

	(void)state;
	assert_int_equal(m.kind, SEAL_DISC);
	assert_string_equal(m.disc, "disc=1a2b3c4d atip=971500");
	assert_string_equal(m.serial, "");
	for (size_t i = 0; i < COUNT(table); i++) {
		m.disc = table[i].bound;
		strcpy(d.disc_id, table[i].told);
		compares(&d, &m, table[i].want, table[i].words);
	}
	d = stick();
	compares(&d, &m, DEVICE_MISMATCH, "this is none");
	d = (struct device){ .kind = DEVICE_FILE };
	compares(&d, &m, DEVICE_MISMATCH, "check the disc itself");
}

static void
not_bindable(void **state)
{
	const struct device table[] = {
		{ .kind = DEVICE_FILE, .size = MIB },
		{ .kind = DEVICE_OTHER, .name = "mmcblk0", .size = MIB },
		{ .kind = DEVICE_OTHER, .name = "sdb1", .size = MIB, .partition = true,
		    .is_usb = true },
		{ .kind = DEVICE_STICK, .name = "sdb", .size = MIB },
		{ .kind = DEVICE_STICK, .name = "sdb", .is_usb = true },
		{ .kind = DEVICE_STICK, .name = "sdb", .is_usb = true, .size = LIMIT_INTEGER + 1 },
	};
	struct device d = { .kind = DEVICE_STICK, .is_usb = true, .size = LIMIT_INTEGER };
	char text[4 * LIMIT_DEVICE_TEXT + 1];
	struct seal_medium m;

	(void)state;
	assert_int_equal(device_bind(&d, &m, text, NULL), OK);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };

		assert_int_equal(device_bind(&table[i], &m, text, &f), ERR_USAGE);
		assert_int_equal(f.err, ERR_USAGE);
		assert_non_null(strstr(f.at, i == 0 ? "an image file" : table[i].name));
		assert_int_equal(m.kind, SEAL_UNBOUND);
		assert_string_equal(m.serial, "");
		assert_string_equal(m.disc, "");
	}
}

static void
describes(const struct device *d, const char *want)
{
	char line[1024], small[1024];

	assert_ptr_equal(device_describe(d, line, sizeof line), line);
	assert_string_equal(line, want);
	for (size_t cap = 1; cap <= strlen(want) + 1; cap++) {
		memset(small, '#', sizeof small);
		(void)device_describe(d, small, cap);
		assert_int_equal(strlen(small), cap - 1);
		assert_memory_equal(small, want, cap - 1);
		assert_int_equal(small[cap], '#');
	}
	small[0] = '#';
	(void)device_describe(d, small, 0);
	assert_int_equal(small[0], '#');
}

static void
describe(void **state)
{
	struct device d = { .kind = DEVICE_FILE, .size = 5 };

	(void)state;
	describes(&d, "an image file");
	d = stick(), d.size = UINT64_C(15) << 30;
	describes(&d, "USB stick Kingston DataTraveler (0951:1666), serial " SERIAL ", 15.0 GiB");
	d.size = 14900 * MIB, d.serial[0] = '\0', d.removable = false;
	describes(&d, "USB disk Kingston DataTraveler (0951:1666), without a serial number, "
	    "14.5 GiB");
	d = stick(), d.manufacturer[0] = d.model[0] = '\0', d.size = 0;
	describes(&d, "USB stick (0951:1666), serial " SERIAL);
	strcpy(d.scsi_vendor, "Generic"), strcpy(d.scsi_model, "Flash \033[2J%s");
	describes(&d, "USB stick Generic Flash \\x1b[2J%s (0951:1666), serial " SERIAL);
	d = stick(), d.kind = DEVICE_OTHER, d.partition = true, strcpy(d.name, "sdb1");
	describes(&d, "a partition (sdb1) of USB stick Kingston DataTraveler (0951:1666), serial "
	    SERIAL ", 64 MiB");
	d = (struct device){ .kind = DEVICE_OTHER, .name = "sda", .size = 500 * KIB,
	    .scsi_vendor = "ATA", .scsi_model = "SSD" };
	describes(&d, "the disk sda ATA SSD, 500 KiB");
	d.partition = true;
	describes(&d, "a partition (sda) of a disk ATA SSD, 500 KiB");
	d = disc(), d.size = 0;
	describes(&d, "CD-R, closed, 1 session, in sr0 PIONEER BD-RW");
	d.disc = DISC_APPENDABLE, d.sessions = 2, d.size = 10240 * MIB, d.profile = 0x41;
	describes(&d, "BD-R, not closed, 2 sessions, 10.0 GiB, in sr0 PIONEER BD-RW");
	d = (struct device){ .kind = DEVICE_DISC, .name = "sr1", .profile = 0xffff,
	    .disc = DISC_BLANK, .is_usb = true, .vendor = 1 };
	describes(&d, "a disc, blank, in sr1 (0001:0000)");
	strcpy(d.manufacturer, "Adapter");
	describes(&d, "a disc, blank, in sr1 Adapter (0001:0000)");
	strcpy(d.scsi_model, "BD-RW");
	describes(&d, "a disc, blank, in sr1 BD-RW (0001:0000)");
	d = (struct device){ .kind = DEVICE_DISC, .name = "sr1" };
	describes(&d, "a disc, in sr1");
}

/* Every text as long as it may be, all of it to be escaped. */
static void
describe_the_worst(void **state)
{
	struct device d = stick();
	char line[4096];

	(void)state;
	memset(d.manufacturer, 1, LIMIT_DEVICE_TEXT);
	memset(d.model, 1, LIMIT_DEVICE_TEXT);
	memset(d.serial, 1, LIMIT_DEVICE_TEXT);
	d.manufacturer[LIMIT_DEVICE_TEXT] = d.model[LIMIT_DEVICE_TEXT] = '\0';
	d.serial[LIMIT_DEVICE_TEXT] = '\0';
	(void)device_describe(&d, line, sizeof line);
	assert_in_range(strlen(line), 3 * 4 * LIMIT_DEVICE_TEXT, 3 * 4 * LIMIT_DEVICE_TEXT + 64);
	for (const char *c = line; *c != '\0'; c++)
		assert_in_range(*c, ' ', '~');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(look),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(interfaces_not_told),
		cmocka_unit_test(interfaces_of_others),
		cmocka_unit_test(discs),
		cmocka_unit_test(sticks),
		cmocka_unit_test(unbound),
		cmocka_unit_test(serials),
		cmocka_unit_test(serials_do_not_collide),
		cmocka_unit_test(bound_discs),
		cmocka_unit_test(not_bindable),
		cmocka_unit_test(describe),
		cmocka_unit_test(describe_the_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
