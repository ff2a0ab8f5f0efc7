/*
 * Tests of formats/code: codes and tags computed elsewhere, and what people type.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/code.h"

/*
 * Customer acme-plant7, number 7, secret 0 1 2 ... 19: from the Python of BIP-350 ("Bech32m"), with
 * the values [0] + [0, 0, 0, 0, 0, 7] + list(range(20)).
 */
#define TEXT "acme-plant71qqqqqq8qpzry9x8gf2tvdw0s3jnnhega8"
#define PRINTED "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA8"

static struct code
parse(const char *text)
{
	struct code_typo typo;
	struct code c;

	assert_int_equal(code_parse(text, strlen(text), &c, &typo), OK);
	assert_int_equal(typo.group, 0);
	assert_int_equal(typo.missing, 0);
	assert_string_equal(typo.typed, "");
	return c;
}

static void
known(void **state)
{
	struct code c = parse(TEXT);
	char printed[CODE_PRINT];

	(void)state;
	assert_string_equal(c.customer, "acme-plant7");
	assert_int_equal(c.number, 7);
	assert_string_equal(c.text, TEXT);
	code_print(&c, printed);
	assert_string_equal(printed, PRINTED);
}

/* The same code as people may type it. */
static void
typed_rightly(void **state)
{
	static const char *const table[] = {
		PRINTED,
		"acme-plant7 qqqqqq8qpzry9x8gf2tvdw0s3jnnhega8",
		"acme-plant7qqqqqq8qpzry9x8gf2tvdw0s3jnnhega8",
		"ACME-PLANT71QQQQQQ8QPZRY9X8GF2TVDW0S3JNNHEGA8",
		"Acme-Plant7 1 qqqq QQ8q pzry 9x8g f2tv dw0s 3jnn hega8",
		"acme-plant7-1-qqqq-qq8q-pzry-9x8g-f2tv-dw0s-3jnn-hega8",
		"acme-plant7-qqqq-qq8q-pzry-9x8g-f2tv-dw0s-3jnn-hega8",
		"acme-plant7 - qqqq - qq8q - pzry - 9x8g - f2tv - dw0s - 3jnn - hega8",
		"   acme-plant7    q q q q q q 8 q p z r y 9x8g--f2tv dw0s 3jnn h ega8 - ",
		"acme-plant7 qqqqq q8qpz ry9x8 gf2tv dw0s3 jnnhe ga8",
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct code c = parse(table[i]);

		assert_string_equal(c.text, TEXT);
		assert_string_equal(c.customer, "acme-plant7");
		assert_int_equal(c.number, 7);
	}
}

/* IDs that end in "1" or "-", are all "1", or are as long as an ID can be (same source). */
static void
awkward_customers(void **state)
{
	static const struct {
		const char *text, *customer;
		uint64_t number;
	} table[] = {
		{ "plant11qqqqqq8qpzry9x8gf2tvdw0s3jnc4uxps", "plant1", 7 },
		{ "plant-1qqqqqq8qpzry9x8gf2tvdw0s3jnjceyfz", "plant-", 7 },
		{ "a1qqqqqqpqqqqqqqqqqqqqqqqqqqqr7xn3v", "a", 1 },
		{ "abbbbbbbbbbbbbbbbbbbbbbbbbb1qqqqqqpqqqqqqqqqqqqqqqqqqqqxz7d86",
		    "abbbbbbbbbbbbbbbbbbbbbbbbbb", 1 },
		{ "acme-plant71qlllllllllllllllllllllllllll6jzrm", "acme-plant7", LIMIT_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char printed[CODE_PRINT];
		struct code c = parse(table[i].text);

		assert_string_equal(c.customer, table[i].customer);
		assert_int_equal(c.number, table[i].number);
		code_print(&c, printed);
		assert_int_equal(strlen(printed), strlen(c.customer) + 2 + CODE_SYMBOLS + 7);
		c = parse(printed);
		assert_string_equal(c.text, table[i].text);
	}
}

static void
mistyped(void **state)
{
	static const struct {
		const char *text;
		unsigned group;
		const char *typed;
		int missing;
	} table[] = {
		/* characters that no code has */
		{ "ACME-PLANT7  QQQQ QQ8Q PZ1Y 9X8G F2TV DW0S 3JNN HEGA8", 3, "PZ1Y", 0 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DWoS 3JNN HEGA8", 6, "DWOS", 0 },
		{ "ACME-PLANT7  QQQQ QQBQ PZRY 9X8G F2TV DW0S 3JNN HEGA8", 2, "QQBQ", 0 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGAi", 8, "HEGAI", 0 },
		{ "ACME-PLANT7  ?QQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA8", 1, "?QQQ", 0 },
		{ "ACME-PLANT71QQQQQQ8QPZ1Y9X8GF2TVDW0S3JNNHEGA8", 3, "PZ1Y", 0 },
		/* two of them: the first */
		{ "ACME-PLANT7  QQQQ QQ8Q PZOY 9X8G F2TV DWOS 3JNN HEGA8", 3, "PZOY", 0 },
		/* one character that is another: each group, first and last place */
		{ "ACME-PLANT7  PQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA8", 1, "PQQQ", 0 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNM HEGA8", 7, "3JNM", 0 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGAA", 8, "HEGAA", 0 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TW DW0S 3JNN HEGA8", 5, "F2TW", 0 },
		{ "ACME-PLANT7-QQQQ-QQ8Q-PZRY-9X8G-F2TW-DW0S-3JNN-HEGA8", 5, "F2TW", 0 },
		{ "acme-plant71qqqqqq8qpzry9x8gf2twdw0s3jnnhega8", 5, "F2TW", 0 },
		/* two that are others, two exchanged, the wrong customer: cannot be told */
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TW DW0S 3JNN HEGAA", 0, "", 0 },
		{ "ACME-PLANT7  QQQQ QQ8Q ZPRY 9X8G F2TV DW0S 3JNN HEGA8", 0, "", 0 },
		{ "ACME-PLANT8  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA8", 0, "", 0 },
		{ "ACME_PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA8", 0, "", 0 },
		{ "ABBBBBBBBBBBBBBBBBBBBBBBBBBB QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA8",
		    0, "", 0 },
		{ "QQQQQQ8QPZRY9X8GF2TVDW0S3JNNHEGA8", 0, "", 0 },
		/* a character or a group left out or typed twice */
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA", 0, "", 1 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV 3JNN HEGA8", 0, "", 4 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S DW0S 3JNN HEGA8", 0, "", -4 },
		{ "ACME-PLANT7  QQQQ QQ8Q PZRY 9X8G F2TV DW0S 3JNN HEGA88", 0, "", -1 },
		{ "acme-plant71qqqqqq8qpzry9x8gf2tvdw0s3jnnhega", 0, "", 1 },
		{ "acme-plant71qqqqqq8qpzry9x8gf2tvdw0s3jnnhega88", 0, "", -1 },
		{ "ACME-PLANT7 ", 0, "", 33 },
		{ "ACME", 0, "", 29 },
		{ "", 0, "", 33 },
		{ "  ", 0, "", 33 },
		{ "1", 0, "", 33 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		static const struct code empty;
		struct code_typo typo;
		struct code c;
		enum err e = code_parse(table[i].text, strlen(table[i].text), &c, &typo);

		if (e != ERR_CODE_TYPED || typo.group != table[i].group ||
		    typo.missing != table[i].missing || strcmp(typo.typed, table[i].typed) != 0)
			fail_msg("%s: %s, group %u (%s), missing %d", table[i].text, err_code(e),
			    typo.group, typo.typed, typo.missing);
		assert_memory_equal(c.text, empty.text, sizeof c.text);
		assert_string_equal(c.customer, "");
		assert_int_equal(c.number, 0);
	}
}

/* Every symbol, every other character: never accepted, and always its group is named. */
static void
every_substitution(void **state)
{
	char text[] = TEXT;
	const size_t data = sizeof TEXT - 1 - CODE_SYMBOLS;

	(void)state;
	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		for (int ch = 1; ch < 256; ch++) {
			struct code_typo typo;
			struct code c;
			enum err e;

			text[data + i] = (char)ch;
			if (ch == ' ' || ch == '-' ||
			    bech32_value((char)ch) == bech32_value(TEXT[data + i]))
				continue;
			e = code_parse(text, sizeof text - 1, &c, &typo);
			assert_int_equal(e, ERR_CODE_TYPED);
			assert_int_equal(typo.group, i < 32 ? i / 4 + 1 : 8);
			assert_int_equal(strlen(typo.typed), typo.group == 8 ? 5 : 4);
		}
		text[data + i] = TEXT[data + i];
	}
}

static void
cut_everywhere(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof PRINTED - 1; len++) {
		struct code_typo typo;
		struct code c;

		assert_int_equal(code_parse(PRINTED, len, &c, &typo), ERR_CODE_TYPED);
		if (len >= sizeof "ACME-PLANT7")
			assert_in_range(typo.missing, 1, 33);
	}
}

/* A NUL, a line end and bytes beyond ASCII are characters that no code has. */
static void
foreign_bytes(void **state)
{
	static const char nul[] = "acme-plant7 qqqqqq8qpzry9x8gf2tvdw0s3jnnheg\0008";
	static const char line[] = "acme-plant7 qqqqqq8qpzry9x8gf2tvdw0s3jnnhega8\n";
	static const char nul_before[] = "acme-plant7\0qqqqqq8qpzry9x8gf2tvdw0s3jnnhega8";
	struct code_typo typo;
	struct code c;

	(void)state;
	assert_int_equal(code_parse(nul, sizeof nul - 1, &c, &typo), ERR_CODE_TYPED);
	assert_int_equal(typo.group, 8);
	assert_int_equal(code_parse(line, sizeof line - 1, &c, &typo), ERR_CODE_TYPED);
	assert_int_equal(typo.missing, -1);
	assert_int_equal(code_parse(nul_before, sizeof nul_before - 1, &c, &typo), ERR_CODE_TYPED);
}

/* Right checksums over what no code of this version has (same source). */
static void
well_formed(void **state)
{
	static const char newer[] = "acme-plant71pqqqqq8qpzry9x8gf2tvdw0s3jn7jj2cc";
	static const char number_0[] = "acme-plant71qqqqqqqqpzry9x8gf2tvdw0s3jn7mvxkm";
	static const char digits[] = "111qqqqqqpqqqqqqqqqqqqqqqqqqqq48fhk3";	/* customer "11" */
	struct code_typo typo;
	struct code c;

	(void)state;
	assert_int_equal(code_parse(newer, sizeof newer - 1, &c, &typo), ERR_NEWER);
	assert_string_equal(c.text, "");
	assert_int_equal(code_parse(number_0, sizeof number_0 - 1, &c, &typo), ERR_CODE_TYPED);
	assert_int_equal(typo.group, 0);
	assert_int_equal(code_parse(digits, sizeof digits - 1, &c, &typo), ERR_CODE_TYPED);
}

static void
made(void **state)
{
	char printed[CODE_PRINT];
	struct code a, b;

	(void)state;
	assert_int_equal(code_make("acme-plant7", LIMIT_NUMBER, &a), OK);
	assert_int_equal(code_make("acme-plant7", LIMIT_NUMBER, &b), OK);
	assert_string_not_equal(a.text, b.text);
	code_print(&a, printed);
	b = parse(printed);
	assert_string_equal(b.text, a.text);
	assert_string_equal(b.customer, "acme-plant7");
	assert_int_equal(b.number, LIMIT_NUMBER);
	code_wipe(&a);
	for (size_t i = 0; i < sizeof a; i++)
		assert_int_equal(((const unsigned char *)&a)[i], 0);

	assert_int_equal(code_make("abbbbbbbbbbbbbbbbbbbbbbbbbb", 1, &a), OK);
	assert_int_equal(code_make("abbbbbbbbbbbbbbbbbbbbbbbbbbb", 1, &a), ERR_USAGE);
	assert_int_equal(code_make("Acme", 1, &a), ERR_USAGE);
	assert_int_equal(code_make("", 1, &a), ERR_USAGE);
	assert_int_equal(code_make("acme", 0, &a), ERR_LIMIT);
	assert_int_equal(code_make("acme", LIMIT_NUMBER + 1, &a), ERR_LIMIT);
	assert_string_equal(a.text, "");
}

/* All 20 symbols of the secret vary, over all 32 values. */
static void
secret_is_random(void **state)
{
	uint32_t seen[20] = { 0 };

	(void)state;
	for (int n = 0; n < 1000; n++) {
		struct code c;

		assert_int_equal(code_make("a", 1, &c), OK);
		for (size_t i = 0; i < 20; i++)
			seen[i] |= UINT32_C(1) << bech32_value(c.text[2 + 7 + i]);
	}
	/* A value that is missing at one place: 20 * 32 * (31/32)^1000 = 1e-11. */
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(seen[i], UINT32_MAX);
}

/*
 * python3 -c 'import hmac, hashlib
 * k = hashlib.sha256(b"waxseal-code-v1\0" + b"TEXT").digest()
 * print(hmac.new(k, b"waxseal-seal-v1\0" + BODY, "sha256").hexdigest())'
 */
static void
tags(void **state)
{
	static const char body[] = "{\"waxseal\":\"seal/1\"}\n";
	struct code c = parse(PRINTED), other = parse("a1qqqqqqpqqqqqqqqqqqqqqqqqqqqr7xn3v");
	struct digest d, e;
	char hex[DIGEST_HEX];
	uint64_t mac;

	(void)state;
	assert_int_equal(code_tag(&c, body, sizeof body - 1, &d), OK);
	digest_hex(&d, hex);
	assert_string_equal(hex,
	    "f676bd1214cc7b3cedbeabb98cb82ebca7fd42137519f439a5ed4f2f70708c39");
	assert_int_equal(code_tag(&other, body, sizeof body - 1, &e), OK);
	assert_false(digest_equal(&d, &e));
	assert_int_equal(code_tag(&c, NULL, 0, &d), OK);
	digest_hex(&d, hex);
	assert_string_equal(hex,
	    "8dd1e4b0eeca511e06ad6a6a606c2679477b45911d3ddca939ca02a512398e2d");
	assert_int_equal(code_tag(&c, body, SIZE_MAX, &d), ERR_MEMORY);

	/* The same with the label "waxseal-receipt-v1"; the first 40 bits. */
	assert_int_equal(code_mac40(&c, "acme-plant7 7 GENUINE", 21, &mac), OK);
	assert_int_equal(mac, UINT64_C(0xe58b394241));
	assert_int_equal(code_mac40(&c, "acme-plant7 7 GENUINE", SIZE_MAX, &mac), ERR_MEMORY);
	assert_int_equal(mac, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(typed_rightly),
		cmocka_unit_test(awkward_customers),
		cmocka_unit_test(mistyped),
		cmocka_unit_test(every_substitution),
		cmocka_unit_test(cut_everywhere),
		cmocka_unit_test(foreign_bytes),
		cmocka_unit_test(well_formed),
		cmocka_unit_test(made),
		cmocka_unit_test(secret_is_random),
		cmocka_unit_test(tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
