/*
 * Tests of formats/scan: UTF-8 as RFC 3629 has it, and what no JSON of ours may hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/scan.h"

/* Limits from both sides: RFC 3629, Markus Kuhn's "UTF-8 decoder capability and stress test". */
static const struct {
	const char *text;
	bool good;
} sequences[] = {
	{ "a", true }, { "\x7f", true },
	{ "\xc2\x80", true }, { "\xdf\xbf", true },
	{ "\xe0\xa0\x80", true }, { "\xef\xbf\xbf", true }, { "\xed\x9f\xbf", true },
	{ "\xee\x80\x80", true }, { "\xef\xb7\x90", true },
	{ "\xf0\x90\x80\x80", true }, { "\xf4\x8f\xbf\xbf", true },
	/* overlong */
	{ "\xc0\x80", false }, { "\xc0\xaf", false }, { "\xc1\xbf", false },
	{ "\xe0\x80\xaf", false }, { "\xe0\x9f\xbf", false }, { "\xf0\x80\x80\xaf", false },
	{ "\xf0\x8f\xbf\xbf", false },
	/* surrogates */
	{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false },
	{ "\xed\xa0\x80\xed\xb0\x80", false },
	/* beyond U+10FFFF, and forms that no longer exist */
	{ "\xf4\x90\x80\x80", false }, { "\xf7\xbf\xbf\xbf", false },
	{ "\xf8\x88\x80\x80\x80", false }, { "\xfc\x84\x80\x80\x80\x80", false },
	{ "\xfe", false }, { "\xff", false },
	/* lonely and missing continuations */
	{ "\x80", false }, { "\xbf", false }, { "\xc2", false }, { "\xe2\x82", false },
	{ "\xf0\x9f\x98", false }, { "\xc2" "a", false }, { "\xe2\x82" "a", false },
	{ "\xc2\xc2\x80", false },
};

static void
utf8(void **state)
{
	(void)state;
	assert_true(scan_utf8("", 0));
	assert_true(scan_utf8("\0", 1));
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		char text[16];

		if (scan_utf8(sequences[i].text, strlen(sequences[i].text)) != sequences[i].good)
			fail_msg("sequence %zu", i);
		snprintf(text, sizeof text, "a%sz", sequences[i].text);
		assert_int_equal(scan_utf8(text, strlen(text)), sequences[i].good);
	}
}

/* The same inside a string and inside a key. */
static void
utf8_in_json(void **state)
{
	(void)state;
	for (size_t i = 2; i < sizeof sequences / sizeof *sequences; i++) {
		const char *s = sequences[i].text;
		bool control = strcmp(s, "\xc2\x80") == 0;
		enum err want = control ? ERR_JSON_VALUE : sequences[i].good ? OK : ERR_JSON_UTF8;
		char text[32];
		size_t at;

		snprintf(text, sizeof text, "{\"a\":\"%s\"}", s);
		assert_int_equal(scan_json(text, strlen(text), &at, NULL), want);
		snprintf(text, sizeof text, "{\"%s\":0}", s);
		assert_int_equal(scan_json(text, strlen(text), &at, NULL), want);
	}
}

#define TEN "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define UMLAUTS "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"

static void
rules(void **state)
{
	static const struct {
		const char *text;
		enum err want;
		size_t at;
	} table[] = {
		{ "{}", OK, 2 },
		{ "{}\n", OK, 3 },
		{ "{ \"a\" :\t[ 1 ,\r\n true ] }\n", OK, 25 },
		/* one object, then nothing or one newline */
		{ "", ERR_JSON_SYNTAX, 0 },
		{ " {}", ERR_JSON_SYNTAX, 0 },
		{ "\xef\xbb\xbf{}", ERR_JSON_SYNTAX, 0 },
		{ "[]", ERR_JSON_SYNTAX, 0 },
		{ "\"a\"", ERR_JSON_SYNTAX, 0 },
		{ "{}\n\n", ERR_JSON_SYNTAX, 3 },
		{ "{}\r\n", ERR_JSON_SYNTAX, 2 },
		{ "{} ", ERR_JSON_SYNTAX, 2 },
		{ "{}{}", ERR_JSON_SYNTAX, 2 },
		{ "{", ERR_JSON_SYNTAX, 1 },
		{ "{\"a\":{}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a", ERR_JSON_SYNTAX, 3 },
		{ "{\"a\\", ERR_JSON_SYNTAX, 4 },
		{ "{\"a\\\"", ERR_JSON_SYNTAX, 5 },
		/* foreign to JSON */
		{ "{'a':0}", ERR_JSON_SYNTAX, 1 },
		{ "{/**/}", ERR_JSON_SYNTAX, 1 },
		{ "{\f}", ERR_JSON_SYNTAX, 1 },
		{ "{\"a\":NaN}", ERR_JSON_SYNTAX, 5 },
		{ "{\"a\":+1}", ERR_JSON_SYNTAX, 5 },
		{ "{\xc3\xa4:0}", ERR_JSON_SYNTAX, 1 },
		{ "{\xff:0}", ERR_JSON_UTF8, 1 },
		{ "{\"a\":\"\\x41\"}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":\"\\u12g4\"}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":\"\\u123", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":\"\\U0041\"}", ERR_JSON_SYNTAX, 7 },
		/* grammar: after the n_*.json of the JSONTestSuite */
		{ "{\"a\":0,}", ERR_JSON_SYNTAX, 7 },
		{ "{,\"a\":0}", ERR_JSON_SYNTAX, 1 },
		{ "{\"a\":0,,\"b\":0}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\" 0}", ERR_JSON_SYNTAX, 5 },
		{ "{\"a\"::0}", ERR_JSON_SYNTAX, 5 },
		{ "{\"a\"}", ERR_JSON_SYNTAX, 4 },
		{ "{\"a\":}", ERR_JSON_SYNTAX, 5 },
		{ "{:0}", ERR_JSON_SYNTAX, 1 },
		{ "{0:0}", ERR_JSON_SYNTAX, 1 },
		{ "{a:0}", ERR_JSON_SYNTAX, 1 },
		{ "{\"a\":0 1}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":[0}]", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":[0,]}", ERR_JSON_SYNTAX, 8 },
		{ "{\"a\":[,0]}", ERR_JSON_SYNTAX, 6 },
		{ "{\"a\":[0 0]}", ERR_JSON_SYNTAX, 8 },
		{ "{\"a\":[\"b\":0]}", ERR_JSON_SYNTAX, 9 },
		{ "{\"a\":tru}", ERR_JSON_SYNTAX, 5 },
		{ "{\"a\":truee}", ERR_JSON_SYNTAX, 9 },
		{ "{\"a\":truefalse}", ERR_JSON_SYNTAX, 9 },
		{ "{\"a\":nul}", ERR_JSON_SYNTAX, 5 },
		{ "{\"a\":0x10}", ERR_JSON_SYNTAX, 6 },
		{ "{\"a\":\"b\"\"c\"}", ERR_JSON_SYNTAX, 8 },
		{ "{]", ERR_JSON_SYNTAX, 1 },
		/* escapes */
		{ "{\"a\":\"\\\"\\\\\\/\\n\\t\\u00e4\\uD83D\\ude00\"}", OK, 36 },
		{ "{\"a\":\"\\ud83d\"}", ERR_JSON_UTF8, 13 },
		{ "{\"a\":\"\\ud83dx\"}", ERR_JSON_UTF8, 13 },
		{ "{\"a\":\"\\ud83d\\n\"}", ERR_JSON_UTF8, 13 },
		{ "{\"a\":\"\\ud83d\\u0041\"}", ERR_JSON_UTF8, 18 },
		{ "{\"a\":\"\\ud83d\\ud83d\"}", ERR_JSON_UTF8, 18 },
		{ "{\"a\":\"\\ude00\"}", ERR_JSON_UTF8, 12 },
		{ "{\"a\":\"\\ud83d", ERR_JSON_UTF8, 12 },
		{ "{\"a\":\"\\u0000\"}", ERR_JSON_UTF8, 12 },
		{ "{\"\\u0000\":0}", ERR_JSON_UTF8, 8 },
		/* control characters: raw ones are not JSON, escaped ones not ours */
		{ "{\"a\":\"\n\"}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":\"\x1b\"}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":\"\x1f\"}", ERR_JSON_SYNTAX, 7 },
		{ "{\"a\":\"\x7f\"}", ERR_JSON_VALUE, 7 },
		{ "{\"a\":\"\xc2\x9b\"}", ERR_JSON_VALUE, 8 },
		{ "{\"a\":\"\xc2\xa0\"}", OK, 10 },
		{ "{\"a\":\"\\b\"}", ERR_JSON_VALUE, 8 },
		{ "{\"a\":\"\\f\"}", ERR_JSON_VALUE, 8 },
		{ "{\"a\":\"\\r\"}", ERR_JSON_VALUE, 8 },
		{ "{\"a\":\"\\u001b\"}", ERR_JSON_VALUE, 12 },
		{ "{\"a\":\"\\u007F\"}", ERR_JSON_VALUE, 12 },
		{ "{\"a\":\"\\u009f\"}", ERR_JSON_VALUE, 12 },
		{ "{\"a\":\"\\u0009\\u000a\"}", OK, 20 },
		{ "{\"\\n\":\"\"}", ERR_JSON_VALUE, 5 },
		{ "{\"\\t\" :\"\"}", ERR_JSON_VALUE, 5 },
		/* numbers */
		{ "{\"a\":0}", OK, 7 },
		{ "{\"a\":9007199254740991}", OK, 22 },	/* LIMIT_INTEGER */
		{ "{\"a\":9007199254740992}", ERR_JSON_NUMBER, 20 },
		{ "{\"a\":18446744073709551616}", ERR_JSON_NUMBER, 21 },
		{ "{\"a\":00}", ERR_JSON_NUMBER, 6 },
		{ "{\"a\":01}", ERR_JSON_NUMBER, 6 },
		{ "{\"a\":-0}", ERR_JSON_NUMBER, 5 },
		{ "{\"a\":-1}", ERR_JSON_NUMBER, 5 },
		{ "{\"a\":1.0}", ERR_JSON_NUMBER, 6 },
		{ "{\"a\":1e0}", ERR_JSON_NUMBER, 6 },
		{ "{\"a\":1E9}", ERR_JSON_NUMBER, 6 },
		{ "{\"a\":1-}", ERR_JSON_NUMBER, 6 },
		{ "{\"a\":1", ERR_JSON_SYNTAX, 6 },
		/* keys of 64 (LIMIT_KEY) and 65 bytes, also when they are written as escapes */
		{ "{\"" SIXTY "aaaa\":0}", OK, 70 },
		{ "{\"" SIXTY "aaaaa\":0}", ERR_LIMIT, 68 },
		{ "{\"" SIXTY "aaaaa\" \n:0}", ERR_LIMIT, 68 },
		{ "{\"" SIXTY "\xf0\x9f\x98\x80\":0}", OK, 70 },
		{ "{\"" SIXTY "a\xf0\x9f\x98\x80\":0}", ERR_LIMIT, 68 },
		{ "{\"" SIXTY "\\ud83d\\ude00\":0}", OK, 78 },
		{ "{\"" SIXTY "a\\ud83d\\ude00\":0}", ERR_LIMIT, 76 },
		{ "{\"" UMLAUTS UMLAUTS UMLAUTS UMLAUTS UMLAUTS UMLAUTS "\xe2\x82\xac\xc3\xa4\":0}",
		    ERR_LIMIT, 68 },
		{ "{\"a\":\"" SIXTY SIXTY "\"}", OK, 128 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		size_t at = 999, len = strlen(table[i].text);
		enum err e = scan_json(table[i].text, len, &at, NULL);

		if (e != table[i].want || at != table[i].at)
			fail_msg("%s: %s at %zu", table[i].text, err_code(e), at);
	}
}

static void
raw_nul(void **state)
{
	static const char value[] = "{\"a\":\"\0\"}", between[] = "{\0}", after[] = "{}\0";
	size_t at;

	(void)state;
	assert_int_equal(scan_json(value, sizeof value - 1, &at, NULL), ERR_JSON_UTF8);
	assert_int_equal(scan_json(between, sizeof between - 1, &at, NULL), ERR_JSON_UTF8);
	assert_int_equal(scan_json(after, sizeof after - 1, &at, NULL), ERR_JSON_SYNTAX);
}

/* LIMIT_JSON_DEPTH, 16, is the last; deeper is refused at the bracket, however much follows. */
static void
depth(void **state)
{
	static char text[1 << 20];
	size_t at;

	(void)state;
	memset(text, '[', sizeof text);
	memcpy(text, "{\"a\":", 5);
	assert_int_equal(scan_json(text, sizeof text, &at, NULL), ERR_JSON_DEPTH);
	assert_int_equal(at, 5 + 15);
	memcpy(text + 5 + 15, "]]]]]]]]]]]]]]]}", 16);
	assert_int_equal(scan_json(text, 5 + 15 + 16, &at, NULL), OK);
	memcpy(text + 5 + 15, "{]]]]]]]]]]]]]]]", 16);
	assert_int_equal(scan_json(text, 5 + 15 + 16, &at, NULL), ERR_JSON_DEPTH);
}

static void
brackets(void **state)
{
	static const struct { const char *text; unsigned max; bool want; } table[] = {
		{ "", 0, true }, { "[]", 0, false }, { "[]", 1, true }, { "[][][]", 1, true },
		{ "[{[]}]", 2, false }, { "[{[]}]", 3, true }, { "\"[[[[\"", 0, true },
		{ "\"\\\"[[\"", 0, true }, { "\"\\\\\"[", 0, false }, { "]]]]]][", 1, true },
		{ "\"\\", 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (scan_depth(table[i].text, strlen(table[i].text), table[i].max) != table[i].want)
			fail_msg("%s, %u", table[i].text, table[i].max);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),
		cmocka_unit_test(utf8_in_json),
		cmocka_unit_test(rules),
		cmocka_unit_test(raw_nul),
		cmocka_unit_test(depth),
		cmocka_unit_test(brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
