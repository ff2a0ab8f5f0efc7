/*
 * Tests of formats/time, beside GNU date (its numbers are in the table) and libc's calendar.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "formats/time.h"

#define LAST INT64_C(253402300799)

static void
known_answers(void **state)
{
	/* Seconds from: date -u -d TEXT +%s */
	static const struct {
		const char *text;
		int64_t seconds;
		int offset;
		const char *printed, *brief;
	} table[] = {
		{ "2026-11-20T09:12:00+01:00", 1795162320, 60, NULL, "2026-11-20 09:12 +01:00" },
		{ "2000-02-29T23:59:59Z", 951868799, 0, NULL, "2000-02-29 23:59 Z" },
		{ "9999-12-31T23:59:59Z", LAST, 0, NULL, "9999-12-31 23:59 Z" },
		{ "1970-01-01T00:59:59-23:59", 89939, -1439, NULL, "1970-01-01 00:59 -23:59" },
		{ "2026-01-01T00:00:00-05:30", 1767245400, -330, NULL, "2026-01-01 00:00 -05:30" },
		{ "1970-01-01T00:00:00Z", 0, 0, NULL, "1970-01-01 00:00 Z" },
		{ "1970-01-01T00:00:00+00:00", 0, 0, "1970-01-01T00:00:00Z", "1970-01-01 00:00 Z" },
		{ "1970-01-01T23:59:00+23:59", 0, 1439, NULL, "1970-01-01 23:59 +23:59" },
		{ "1969-12-31T23:59:00-00:01", 0, -1, NULL, "1969-12-31 23:59 -00:01" },
		{ "9999-12-31T22:59:59-01:00", LAST, -60, NULL, "9999-12-31 22:59 -01:00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char text[TIME_TEXT];
		struct moment m;

		assert_int_equal(time_parse(table[i].text, &m), OK);
		assert_int_equal(m.seconds, table[i].seconds);
		assert_int_equal(m.offset, table[i].offset);
		time_print(m, text);
		assert_string_equal(text, table[i].printed ? table[i].printed : table[i].text);
		time_print_short(m, text);
		assert_string_equal(text, table[i].brief);
	}
}

static void
refused(void **state)
{
	static const char *const table[] = {
		"", "2026", "2026-11-20", "2026-11-20T09:12:00", "2026-11-20T09:12Z",
		/* forms that RFC 3339 allows and we do not */
		"2026-11-20T09:12:00.5Z", "2026-11-20T09:12:00z", "2026-11-20t09:12:00Z",
		"2026-11-20 09:12:00Z", "2026-12-31T23:59:60Z", "2026-11-20T09:12:00-00:00",
		/* forms of ISO 8601 and others */
		"2026-11-20T09:12:00+01", "2026-11-20T09:12:00+0100", "20261120T091200Z",
		"2026-11-20T09:12:00,5Z", "2026-W47-5T09:12:00Z", "+2026-11-20T09:12:00Z",
		"12026-11-20T09:12:00Z", " 2026-11-20T09:12:00Z", "2026-11-20T09:12:00Z ",
		"2026-11-20T09:12:00ZZ", "2026-11-20T09:12:00+01:00Z", "2026-11-20T09:12:00 01:00",
		"2026-11-20T09:12:00\xe2\x88\x92\x30\x31:00", "2026-1-20T09:12:00Z",
		/* one past each field */
		"2026-00-20T09:12:00Z", "2026-13-20T09:12:00Z", "2026-11-00T09:12:00Z",
		"2026-11-31T09:12:00Z", "2026-02-29T09:12:00Z", "2024-02-30T09:12:00Z",
		"2100-02-29T09:12:00Z", "2026-11-20T24:00:00Z", "2026-11-20T09:60:00Z",
		"2026-11-20T09:12:61Z", "2026-11-20T09:12:00+24:00", "2026-11-20T09:12:00+01:60",
		/* one second before the first instant and after the last */
		"1969-12-31T23:59:59Z", "1970-01-01T00:00:59+00:01", "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59-00:01", "9999-12-31T23:00:00-01:00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct moment m = { 5, 5 };

		if (time_parse(table[i], &m) != ERR_JSON_VALUE)
			fail_msg("accepted: %s", table[i]);
		assert_int_equal(m.seconds, 5);
		assert_int_equal(m.offset, 5);
	}
}

/* Every cut of a good text, and every byte of it replaced. */
static void
cut_and_changed(void **state)
{
	const char *good = "2026-11-20T09:12:00+01:00";
	char text[TIME_TEXT];
	struct moment m;

	(void)state;
	for (size_t i = 0; i < strlen(good); i++) {
		memcpy(text, good, TIME_TEXT);
		text[i] = '\0';
		assert_int_equal(time_parse(text, &m), ERR_JSON_VALUE);
		memcpy(text, good, TIME_TEXT);
		text[i] = '/';
		assert_int_equal(time_parse(text, &m), ERR_JSON_VALUE);
		text[i] = ':' == good[i] ? ';' : ':';
		assert_int_equal(time_parse(text, &m), ERR_JSON_VALUE);
	}
}

/* Eight thousand years in steps of eleven days and a second, beside libc. */
static void
like_libc(void **state)
{
	(void)state;
	for (int64_t t = 0; t <= LAST; t += 11 * 86400 + 1) {
		char text[TIME_TEXT], want[64];
		struct moment m = { t, 0 };
		time_t libc = (time_t)t;
		struct tm tm;

		assert_non_null(gmtime_r(&libc, &tm));
		assert_true(strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
		time_print(m, text);
		assert_string_equal(text, want);
		assert_int_equal(time_parse(text, &m), OK);
		assert_int_equal(m.seconds, t);
	}
}

/* What no text can say is still printed within the buffer. */
static void
beyond(void **state)
{
	static const struct {
		struct moment m;
		const char *want;
	} table[] = {
		{ { LAST, 60 }, "9999-12-31T23:59:59Z" },
		{ { LAST + 1, 0 }, "9999-12-31T23:59:59Z" },
		{ { INT64_MAX, INT16_MAX }, "9999-12-31T23:59:59Z" },
		{ { -1, 0 }, "1970-01-01T00:00:00Z" },
		{ { INT64_MIN, INT16_MIN }, "1970-01-01T00:00:00Z" },
		{ { 0, 1440 }, "1970-01-01T00:00:00Z" },
		{ { 0, -1440 }, "1970-01-01T00:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char text[TIME_TEXT];

		time_print(table[i].m, text);
		assert_string_equal(text, table[i].want);
		time_print_short(table[i].m, text);
		assert_memory_equal(text, table[i].want, 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(refused),
		cmocka_unit_test(cut_and_changed),
		cmocka_unit_test(like_libc),
		cmocka_unit_test(beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
