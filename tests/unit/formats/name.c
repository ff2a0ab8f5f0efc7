/*
 * Tests of formats/name: what may be a name, twins, look-alikes, and foreign text on a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "formats/limits.h"
#include "formats/name.h"

static void
identifiers(void **state)
{
	static const char *const good[] = {
		"a", "z", "etl", "acme-plant7", "a-", "a--0", "abcdefghijklmnopqrstuvwxyz0",
	};
	static const char *const bad[] = {
		"", "A", "7a", "-a", "Etl", "etL", "a_b", "a.b", "a b", " a", "a ", "a\n", "a/b",
		"\xc3\xa4", "a\xc3\xa4", "abcdefghijklmnopqrstuvwxyz01",
	};

	(void)state;
	assert_int_equal(strlen(good[6]), LIMIT_ID);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(name_id_ok(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (name_id_ok(bad[i]))
			fail_msg("%s", bad[i]);
}

static void
releases(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a:b", "a\\b", "a+b", "a\n",
		"\xc3\xa4",
	};
	char longest[LIMIT_RELEASE_ID + 2];

	(void)state;
	assert_true(name_release_ok("ETL-2026-0042"));
	assert_true(name_release_ok("1.2_3-"));
	assert_true(name_release_ok("z"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (name_release_ok(bad[i]))
			fail_msg("%s", bad[i]);
	memset(longest, 'a', sizeof longest);
	longest[LIMIT_RELEASE_ID] = '\0';
	assert_true(name_release_ok(longest));
	longest[LIMIT_RELEASE_ID] = 'a';
	longest[LIMIT_RELEASE_ID + 1] = '\0';
	assert_false(name_release_ok(longest));
}

static void
paths(void **state)
{
	static const char *const good[] = {
		"a", "a/b", ".a", "..a", "a..", "...", "a b", " ", "-rf", "~", "*", "\"",
		"a/.b/c.d", "\xc3\xa4", "\xc2\xa0", "\xf0\x9f\x98\x80", "a\xcc\x88", "\xe2\x80\xae",
		"CON",
	};
	static const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "../a", "a/../b", "./a",
		"a\\b", "a:b", "c:/a", "a\n", "\t", "a/\x1b[1m", "\x01", "\x1f", "\x7f",
		"\xc2\x80", "\xc2\x9f", "a\xc2\x85",
		/* not UTF-8 */
		"\xff", "a\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"a/\xe2\x82",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!name_path_ok(good[i], strlen(good[i])))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (name_path_ok(bad[i], strlen(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	assert_false(name_path_ok("a\0b", 3));
	assert_true(name_path_ok("a/b/", 3));	/* the length counts, not the text behind it */
	assert_true(name_path_ok("ab\xff", 2));
}

static void
path_limits(void **state)
{
	char text[LIMIT_PATH + 2];

	(void)state;
	memset(text, 'a', sizeof text);
	assert_true(name_path_ok(text, LIMIT_NAME));
	assert_false(name_path_ok(text, LIMIT_NAME + 1));
	for (size_t i = 100; i < sizeof text; i += 200)
		text[i] = '/';
	assert_true(name_path_ok(text, LIMIT_PATH));
	assert_false(name_path_ok(text, LIMIT_PATH + 1));
	for (size_t i = 1; i < sizeof text; i += 2)
		text[i] = '/';
	assert_true(name_path_ok(text, LIMIT_DEPTH * 2 - 1));
	assert_false(name_path_ok(text, LIMIT_DEPTH * 2 + 1));
	/* 127 letters of two bytes and one more byte */
	for (size_t i = 0; i < 256; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	assert_true(name_path_ok(text, 254));
	assert_false(name_path_ok(text, 255));
	assert_false(name_path_ok(text, 256));
}

static char *
fold(const char *text)
{
	char *out;

	assert_int_equal(name_fold(text, strlen(text), &out), OK);
	return out;
}

static void
twins(void **state)
{
	/* Foldings from Unicode's CaseFolding.txt (C and F), compositions from UnicodeData.txt. */
	static const char *const pairs[][2] = {
		{ "README", "readme" },
		{ "a/B", "A/b" },
		{ "\xc3\x84", "a\xcc\x88" },			/* U+00C4, a + U+0308 */
		{ "stra\xc3\x9f" "e", "STRASSE" },		/* U+00DF */
		{ "\xe1\xba\x9e", "ss" },			/* U+1E9E */
		{ "\xcf\x82", "\xce\xa3" },			/* U+03C2, U+03A3 */
		{ "\xef\xac\x81", "FI" },			/* U+FB01 */
		{ "\xe2\x84\xaa", "k" },			/* U+212A kelvin */
		{ "\xe2\x84\xab", "\xc3\xa5" },			/* U+212B angstrom, U+00E5 */
		{ "\xc4\xb0", "i\xcc\x87" },			/* U+0130 */
		{ "\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1" },	/* U+AC00 hangul */
		{ "q\xcc\xa3\xcc\x87", "q\xcc\x87\xcc\xa3" },	/* marks in either order */
		/* canonically equal only before folding: alpha, U+0345, U+0301 in either order */
		{ "\xce\xb1\xcd\x85\xcc\x81", "\xce\xb1\xcc\x81\xcd\x85" },
		{ "\xe1\xbe\xb4", "\xce\xb1\xcd\x85\xcc\x81" },	/* U+1FB4 */
	};
	static const char *const others[][2] = {
		{ "a", "b" }, { "a", "a\xcc\x88" }, { "\xc4\xb1", "i" }, { "a b", "ab" },
		{ "\xef\xbc\xa1", "a" },			/* U+FF21: NFC, not NFKC */
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char *a = fold(pairs[i][0]), *b = fold(pairs[i][1]);

		if (strcmp(a, b) != 0)
			fail_msg("%s and %s: %s and %s", pairs[i][0], pairs[i][1], a, b);
		free(a);
		free(b);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		char *a = fold(others[i][0]), *b = fold(others[i][1]);

		assert_string_not_equal(a, b);
		free(a);
		free(b);
	}
}

/* For every character of the planes that have case: a fold is NFC, its own fold, and NFD's. */
static void
folds_of_all(void **state)
{
	(void)state;
	for (utf8proc_int32_t point = 0x20; point < 0x20000; point++) {
		uint8_t text[8] = { 'A' }, *nfd, *nfc;
		char *once, *twice, *decomposed;

		if (!utf8proc_codepoint_valid(point))
			continue;
		text[1 + utf8proc_encode_char(point, text + 1)] = '\0';
		once = fold((char *)text);
		twice = fold(once);
		nfc = utf8proc_NFC((uint8_t *)once);
		nfd = utf8proc_NFD(text);
		decomposed = fold((char *)nfd);
		if (strcmp(once, twice) != 0 || strcmp(once, (char *)nfc) != 0 ||
		    strcmp(once, decomposed) != 0)
			fail_msg("U+%04X", (unsigned)point);
		free(once);
		free(twice);
		free(nfc);
		free(nfd);
		free(decomposed);
	}
}

static void
not_utf8(void **state)
{
	char *out = (char *)(uintptr_t)8;

	(void)state;
	assert_int_equal(name_fold("a\xff", 2, &out), ERR_CONTENTS_NAME);
	assert_null(out);
}

static void
escapes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "", "" },
		{ "plain text, 7 \"'&<>", "plain text, 7 \"'&<>" },
		{ "T\xc3\xbcr \xe2\x82\xac \xf0\x9f\x98\x80 a\xcc\x88",
		    "T\xc3\xbcr \xe2\x82\xac \xf0\x9f\x98\x80 a\xcc\x88" },
		{ "a\\x41", "a\\x5cx41" },
		{ "\x1b[2J\a\n\r\t\x7f", "\\x1b[2J\\x07\\x0a\\x0d\\x09\\x7f" },
		{ "\xc2\x9b" "1m", "\\xc2\\x9b1m" },			/* C1 CSI */
		{ "\xff\xc3", "\\xff\\xc3" },
		{ "\xc3(", "\\xc3(" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xe2\x80\xae" "gpj.exe", "\\xe2\\x80\\xaegpj.exe" },	/* U+202E */
		{ "\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9",
		    "\\xe2\\x80\\xaa\\xe2\\x81\\xa6\\xe2\\x81\\xa9" },
		/* U+200B, U+200F */
		{ "\xe2\x80\x8b\xe2\x80\x8f", "\\xe2\\x80\\x8b\\xe2\\x80\\x8f" },
		{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },			/* U+FEFF */
		/* U+2028, U+2029 */
		{ "\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9" },
		{ "\xc2\xad", "\\xc2\\xad" },				/* U+00AD, Cf */
		{ "\xee\x80\x80", "\\xee\\x80\\x80" },			/* U+E000, Co */
		{ "\xef\xbf\xbf", "\\xef\\xbf\\xbf" },			/* U+FFFF, Cn */
		{ "\xe3\x85\xa4", "\\xe3\\x85\\xa4" },			/* U+3164, empty letter */
		{ "\xef\xb8\x8f", "\\xef\\xb8\\x8f" },			/* U+FE0F */
		{ "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81" },		/* U+E0041, a tag */
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *text = table[i].text;

		assert_ptr_equal(name_escape(out, sizeof out, text, strlen(text)), out);
		assert_string_equal(out, table[i].want);
	}
	assert_string_equal(name_escape(out, sizeof out, "a\0b", 3), "a\\x00b");
	assert_string_equal(name_show(out, sizeof out, "a\033b"), "a\\x1bb");
}

/* The ranges that the terminal must never see, whatever the library calls them. */
static void
never_raw(void **state)
{
	static const int ranges[][2] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		for (utf8proc_int32_t point = ranges[i][0]; point <= ranges[i][1]; point++) {
			uint8_t text[4];
			size_t len = (size_t)utf8proc_encode_char(point, text);
			char out[32];

			name_escape(out, sizeof out, text, len);
			assert_int_equal(strlen(out), 4 * len);
			assert_memory_equal(out, "\\x", 2);
		}
	}
}

static void
cuts(void **state)
{
	static const struct {
		size_t cap;
		const char *want;
	} table[] = {
		{ 15, "ab\xc3\xa4\\x0ad\xe2\x82\xac" "fg" },	/* 14 bytes and the NUL */
		{ 14, "ab\xc3\xa4\\x0ad..." }, { 13, "ab\xc3\xa4\\x0ad..." },
		{ 12, "ab\xc3\xa4\\x0a..." }, { 11, "ab\xc3\xa4..." }, { 10, "ab\xc3\xa4..." },
		{ 9, "ab\xc3\xa4..." }, { 8, "ab\xc3\xa4..." }, { 7, "ab..." }, { 6, "ab..." },
		{ 5, "a..." }, { 4, "..." }, { 3, ".." }, { 2, "." }, { 1, "" },
	};
	static const char text[] = "ab\xc3\xa4\nd\xe2\x82\xac" "fg";
	char out[17];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		memset(out, '#', sizeof out);
		name_escape(out, table[i].cap, text, sizeof text - 1);
		assert_string_equal(out, table[i].want);
		assert_int_equal(out[table[i].cap], '#');
	}
	memset(out, '#', sizeof out);
	assert_ptr_equal(name_escape(out, 0, text, sizeof text - 1), out);
	assert_int_equal(out[0], '#');
}

static void
lookalikes(void **state)
{
	static const char *const alike[][2] = {
		{ "etl", "et1" }, { "etl", "ETI" }, { "etl", "e-t-l" }, { "o2", "02" },
		{ "Elbe Turbine Logic", "Elbe Turbine-Logic" },
		{ "Elbe Turbine Logic", "EIbe TurbineLogic" },
		{ "Elbe Turbine Logic", "ELBE TURBINE L0GIC" }, { "acme", "ac-me-" },
		{ "acme", "\xef\xbd\x81" "cme" }, { "acme", "\xc3\xa1" "cme" },
		{ "acme", "ac\xe2\x80\x8bme" }, { "a-b", "a\xe2\x80\x93" "b" },
	};
	static const char *const unlike[][2] = {
		{ "etl", "etl" }, { "etl", "etk" }, { "etl", "et" }, { "etl", "" },
		{ "etl", "e_tl" },
		{ "etl", "etl2" }, { "etl\xff", "et1\xff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
		if (!name_resembles(alike[i][0], alike[i][1]))
			fail_msg("%s, %s", alike[i][0], alike[i][1]);
		assert_true(name_resembles(alike[i][1], alike[i][0]));
	}
	for (size_t i = 0; i < sizeof unlike / sizeof *unlike; i++)
		if (name_resembles(unlike[i][0], unlike[i][1]))
			fail_msg("%s, %s", unlike[i][0], unlike[i][1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers),
		cmocka_unit_test(releases),
		cmocka_unit_test(paths),
		cmocka_unit_test(path_limits),
		cmocka_unit_test(twins),
		cmocka_unit_test(folds_of_all),
		cmocka_unit_test(not_utf8),
		cmocka_unit_test(escapes),
		cmocka_unit_test(never_raw),
		cmocka_unit_test(cuts),
		cmocka_unit_test(lookalikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
