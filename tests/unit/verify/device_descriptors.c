/*
 * Tests of verify/device_descriptors: descriptors of real kinds of devices, and what evil ones
 * send.  That libusb reads the same from the good ones is shown in tests/unit/verify/device_usb.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/verify/device_bytes.h"
#include "verify/device_descriptors.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* Parse a copy that ends where its memory ends. */
static struct device
parse(const uint8_t *raw, size_t len)
{
	struct device d;
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	memset(&d, 0xa5, sizeof d);
	d.interface_count = 1000;
	memcpy(copy, raw, len);
	device_descriptors_parse(&d, len == 0 ? copy + 1 : copy, len);
	free(copy);
	assert_true(d.interface_count <= LIMIT_INTERFACES);
	return d;
}

static void
whole(void **state)
{
	static const struct {
		struct device_bytes raw;
		uint32_t count;
		struct device_interface want[3];
	} table[] = {
		{ DEVICE_BYTES_STICK, 1, { { 1, 0, 0, 8, 6, 0x50 } } },
		{ DEVICE_BYTES_UAS, 2, { { 1, 0, 0, 8, 6, 0x50 }, { 1, 0, 1, 8, 6, 0x62 } } },
		{ DEVICE_BYTES_KEYBOARD, 2, { { 1, 0, 0, 8, 6, 0x50 }, { 1, 1, 0, 3, 1, 1 } } },
		{ DEVICE_BYTES_VENDOR, 2, { { 1, 0, 0, 8, 6, 0x50 }, { 1, 1, 0, 0xff, 0, 0 } } },
		{ DEVICE_BYTES_TWO, 3,
		    { { 1, 0, 0, 8, 6, 0x50 }, { 2, 0, 0, 2, 6, 0 }, { 2, 1, 0, 0x0a, 0, 0 } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device d = parse(table[i].raw.byte, table[i].raw.len);

		assert_false(d.interfaces_cut);
		assert_int_equal(d.vendor, 0x0951);
		assert_int_equal(d.product, 0x1666);
		assert_int_equal(d.interface_count, table[i].count);
		assert_memory_equal(d.interface, table[i].want,
		    table[i].count * sizeof(struct device_interface));
	}
}

/* Cut at every byte, and with one byte more: never whole, and never more than there is. */
static void
truncated(void **state)
{
	const struct device_bytes raws[] = {
		DEVICE_BYTES_STICK, DEVICE_BYTES_UAS, DEVICE_BYTES_KEYBOARD, DEVICE_BYTES_TWO
	};

	(void)state;
	for (size_t i = 0; i < COUNT(raws); i++) {
		struct device all = parse(raws[i].byte, raws[i].len);

		for (size_t len = 0; len < raws[i].len; len++) {
			struct device d = parse(raws[i].byte, len);

			assert_true(d.interfaces_cut);
			assert_true(d.interface_count <= all.interface_count);
		}
		assert_true(raws[i].len + 1 <= sizeof raws[i].byte);
		assert_true(parse(raws[i].byte, raws[i].len + 1).interfaces_cut);
	}
}

/* One byte of a stick with a keyboard is another: ${cut}, or still whole. */
static void
spoiled(void **state)
{
	static const struct { size_t at; uint8_t byte; bool cut; const char *what; } table[] = {
		{ 0, 0, true, "device: length 0" },
		{ 0, 1, true, "device: length 1" },
		{ 0, 17, true, "device: too short" },
		{ 0, 19, true, "device: too long" },
		{ 0, 255, true, "device: beyond the end" },
		{ 1, 2, true, "device: another type" },
		{ 17, 0, true, "no configurations" },
		{ 17, 2, true, "a second configuration is announced" },
		{ 17, 255, true, "and 254 more" },
		{ 18, 0, true, "configuration: length 0" },
		{ 18, 1, true, "configuration: length 1" },
		{ 18, 8, true, "configuration: too short" },
		{ 18, 10, true, "configuration: longer, so that the next begins elsewhere" },
		{ 18, 255, true, "configuration: beyond the end" },
		{ 19, 4, true, "configuration: another type" },
		{ 20, 8, true, "total below its own length" },
		{ 20, 0, true, "total 0" },
		{ 20, 9, true, "total without the interfaces" },
		{ 20, 56, true, "total one below" },
		{ 20, 58, true, "total one beyond the end" },
		{ 21, 1, true, "total far beyond the end" },
		{ 21, 255, true, "total as large as can be" },
		{ 22, 1, true, "fewer interfaces announced" },
		{ 22, 3, true, "more interfaces announced" },
		{ 22, 0, true, "none announced" },
		{ 23, 9, false, "another number of the configuration" },
		{ 27, 0, true, "interface: length 0" },
		{ 27, 1, true, "interface: length 1" },
		{ 27, 2, true, "interface: too short" },
		{ 27, 8, true, "interface: too short" },
		{ 27, 255, true, "interface: beyond the end" },
		{ 28, 1, true, "a device inside" },
		{ 28, 2, true, "a configuration inside" },
		{ 28, 5, true, "no interface, so that one is missing" },
		{ 29, 1, true, "twice the same number" },
		{ 30, 1, false, "another alternate setting" },
		{ 36, 0, true, "endpoint: length 0" },
		{ 36, 1, true, "endpoint: length 1" },
		{ 36, 6, true, "endpoint: one short, so that the next begins elsewhere" },
		{ 36, 255, true, "endpoint: beyond the end" },
		{ 37, 0x24, false, "a class's own descriptor instead" },
		{ 37, 2, true, "a configuration instead of an endpoint" },
	};
	const struct device_bytes good = DEVICE_BYTES_KEYBOARD;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device_bytes raw = good;

		assert_int_not_equal(raw.byte[table[i].at], table[i].byte);
		raw.byte[table[i].at] = table[i].byte;
		if (parse(raw.byte, raw.len).interfaces_cut != table[i].cut)
			fail_msg("%s", table[i].what);
	}
}

/* Whatever the bytes are, nothing is read beyond them (the sanitizers see to that). */
static void
anything(void **state)
{
	const struct device_bytes good = DEVICE_BYTES_TWO;

	(void)state;
	for (size_t at = 0; at < good.len; at++)
		for (unsigned byte = 0; byte < 256; byte++) {
			struct device_bytes raw = good;

			raw.byte[at] = (uint8_t)byte;
			(void)parse(raw.byte, raw.len);
		}
}

static void
many(void **state)
{
	static const uint8_t interface[9] = { 9, 4, 0, 0, 0, 8, 6, 0x50, 0 };
	const struct device_bytes stick = DEVICE_BYTES_STICK;

	(void)state;
	for (unsigned n = LIMIT_INTERFACES; n <= LIMIT_INTERFACES + 1; n++) {
		uint8_t raw[18 + 9 + 9 * (LIMIT_INTERFACES + 1)];
		unsigned total = 9 + 9 * n;
		struct device d;

		memcpy(raw, stick.byte, 27);
		raw[20] = (uint8_t)total, raw[21] = (uint8_t)(total >> 8);
		raw[22] = (uint8_t)n;
		for (unsigned i = 0; i < n; i++) {
			memcpy(raw + 27 + 9 * i, interface, 9);
			raw[27 + 9 * i + 2] = (uint8_t)i;
		}
		d = parse(raw, 18 + total);
		assert_int_equal(d.interface_count, LIMIT_INTERFACES);
		assert_int_equal(d.interfaces_cut, n > LIMIT_INTERFACES);
		assert_int_equal(d.interface[LIMIT_INTERFACES - 1].number, LIMIT_INTERFACES - 1);
	}
}

static void
strings(void **state)
{
	static const struct {
		size_t len;
		uint8_t raw[32];
		const char *want;	/* NULL: no string */
	} table[] = {
		{ 0, { 0 }, NULL },
		{ 1, { 2 }, NULL },
		{ 2, { 2, 3 }, "" },
		{ 2, { 0, 3 }, NULL },
		{ 2, { 1, 3 }, NULL },
		{ 2, { 2, 4 }, NULL },
		{ 8, { 8, 3, 'X', 0, 'Y', 0, 'Z', 0 }, "XYZ" },
		{ 7, { 8, 3, 'X', 0, 'Y', 0, 'Z' }, "XY" },		/* less than it says */
		{ 10, { 8, 3, 'X', 0, 'Y', 0, 'Z', 0, '!', 0 }, "XYZ" },	/* and more */
		{ 5, { 5, 3, 'X', 0, 'Y' }, "X" },			/* half a character */
		{ 8, { 8, 3, 0x1b, 0, '\n', 0, 0x7f, 0 }, "\033\n\177" },
		{ 8, { 8, 3, 'a', 0, 0, 0, 'b', 0 }, "a\xc0\x80" "b" },
		{ 6, { 6, 3, 0xe9, 0, 0x2e, 0x20 }, "\303\251\342\200\256" },
		{ 6, { 6, 3, 0x7f, 0, 0x80, 0 }, "\177\302\200" },
		{ 6, { 6, 3, 0xff, 0x07, 0x00, 0x08 }, "\337\277\340\240\200" },
		{ 6, { 6, 3, 0x3d, 0xd8, 0x00, 0xde }, "\360\237\230\200" },	/* U+1F600 */
		{ 6, { 6, 3, 0xff, 0xdb, 0xff, 0xdf }, "\364\217\277\277" },	/* U+10FFFF */
		{ 6, { 6, 3, 0x3d, 0xd8, 'x', 0 }, "\355\240\275x" },		/* half a pair */
		{ 4, { 4, 3, 0x3d, 0xd8 }, "\355\240\275" },
		{ 6, { 6, 3, 0x00, 0xde, 0x3d, 0xd8 }, "\355\270\200\355\240\275" },
		{ 4, { 4, 3, 0xff, 0xff }, "\357\277\277" },
	};
	char out[DEVICE_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		uint8_t *copy = malloc(table[i].len + 1);

		memcpy(copy + 1, table[i].raw, table[i].len);
		assert_int_equal(device_descriptors_string(out, copy + 1, table[i].len),
		    table[i].want != NULL);
		assert_string_equal(out, table[i].want != NULL ? table[i].want : "");
		free(copy);
	}
}

/* 126 characters are what fits into a descriptor; in ASCII all stay, in Chinese the first 42. */
static void
long_strings(void **state)
{
	uint8_t raw[255] = { 254, 3 };
	char out[DEVICE_TEXT];

	(void)state;
	for (size_t i = 2; i < 254; i += 2)
		raw[i] = 'A';
	assert_true(device_descriptors_string(out, raw, 254));
	assert_int_equal(strlen(out), 126);
	raw[0] = 255;
	assert_true(device_descriptors_string(out, raw, 255));
	assert_int_equal(strlen(out), 126);
	for (size_t i = 3; i < 254; i += 2)
		raw[i] = 0x4e;
	assert_true(device_descriptors_string(out, raw, 254));
	assert_int_equal(strlen(out), LIMIT_DEVICE_TEXT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(truncated),
		cmocka_unit_test(spoiled),
		cmocka_unit_test(anything),
		cmocka_unit_test(many),
		cmocka_unit_test(strings),
		cmocka_unit_test(long_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
