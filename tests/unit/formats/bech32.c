/*
 * Tests of formats/bech32: the vectors of BIP-173 and BIP-350, valid and invalid.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/bech32.h"

#define MAX 90	/* BIP-173, for addresses */

struct parts {
	char hrp[84];
	uint8_t values[MAX];
	size_t n;
};

static enum err
decode(enum bech32 kind, const char *s, struct parts *p)
{
	return bech32_decode(kind, s, MAX, p->hrp, sizeof p->hrp, p->values, sizeof p->values,
	    &p->n);
}

static const char *const valid_bech32[] = {	/* BIP-173, "Test vectors" */
	"A12UEL5L",
	"a12uel5l",
	"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
	"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
	"11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
	"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
	"?1ezyfcl",
};

static const char *const valid_bech32m[] = {	/* BIP-350, "Test vectors for Bech32m" */
	"A1LQFN3A",
	"a1lqfn3a",
	"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
	"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
	"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
	"split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
	"?1v759aa",
};

/* A valid string decodes, encodes to its own lower case, and is not of the other kind. */
static void
check_valid(const char *s, enum bech32 kind, enum bech32 other)
{
	char again[MAX + 1], lower[MAX + 1];
	struct parts p;
	size_t len = strlen(s);

	assert_int_equal(decode(kind, s, &p), OK);
	assert_int_equal(bech32_encode(kind, p.hrp, p.values, p.n, again, sizeof again), OK);
	for (size_t i = 0; i <= len; i++)
		lower[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]);
	assert_string_equal(again, lower);
	assert_int_equal(decode(other, s, &p), ERR_BECH32);
	/* The same by bech32_verify, which sees the checksum among the values. */
	for (size_t i = 0; i < p.n + BECH32_CHECKSUM; i++)
		p.values[i] = (uint8_t)bech32_value(s[len - p.n - BECH32_CHECKSUM + i]);
	assert_true(bech32_verify(kind, p.hrp, p.values, p.n + BECH32_CHECKSUM));
	assert_false(bech32_verify(other, p.hrp, p.values, p.n + BECH32_CHECKSUM));
}

static void
valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof valid_bech32 / sizeof *valid_bech32; i++)
		check_valid(valid_bech32[i], BECH32, BECH32M);
	for (size_t i = 0; i < sizeof valid_bech32m / sizeof *valid_bech32m; i++)
		check_valid(valid_bech32m[i], BECH32M, BECH32);
}

static void
invalid(void **state)
{
	static const struct {
		enum bech32 kind;
		const char *s;
		enum err want;
	} table[] = {
		/* BIP-173 */
		{ BECH32, " 1nwldj5", ERR_BECH32 }, { BECH32, "\x7f" "1axkwrx", ERR_BECH32 },
		{ BECH32, "\x80" "1eym55h", ERR_BECH32 },
		{ BECH32, "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcluded"
		    "charactersbio1569pvx", ERR_LIMIT },
		{ BECH32, "pzry9x0s0muk", ERR_BECH32 }, { BECH32, "1pzry9x0s0muk", ERR_BECH32 },
		{ BECH32, "x1b4n0q5v", ERR_BECH32 }, { BECH32, "li1dgmt3", ERR_BECH32 },
		{ BECH32, "de1lg7wt\xff", ERR_BECH32 }, { BECH32, "A1G7SGD8", ERR_BECH32 },
		{ BECH32, "10a06t8", ERR_BECH32 }, { BECH32, "1qzzfhee", ERR_BECH32 },
		/* BIP-350 */
		{ BECH32M, " 1xj0phk", ERR_BECH32 }, { BECH32M, "\x7f" "1g6xzxy", ERR_BECH32 },
		{ BECH32M, "\x80" "1vctc34", ERR_BECH32 },
		{ BECH32M, "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharacters"
		    "bioandnumber11d6pts4", ERR_LIMIT },
		{ BECH32M, "qyrz8wqd2c9m", ERR_BECH32 }, { BECH32M, "1qyrz8wqd2c9m", ERR_BECH32 },
		{ BECH32M, "y1b0jsk6g", ERR_BECH32 }, { BECH32M, "lt1igcx5c0", ERR_BECH32 },
		{ BECH32M, "in1muywd", ERR_BECH32 }, { BECH32M, "mm1crxm3i", ERR_BECH32 },
		{ BECH32M, "au1s5cgom", ERR_BECH32 }, { BECH32M, "M1VUXWEZ", ERR_BECH32 },
		{ BECH32M, "16plkw9", ERR_BECH32 }, { BECH32M, "1p2gdwpf", ERR_BECH32 },
		/* mixed case in each part */
		{ BECH32M, "A1lqfn3a", ERR_BECH32 }, { BECH32M, "a1Lqfn3a", ERR_BECH32 },
		{ BECH32M, "a1lqfn3A", ERR_BECH32 },
		{ BECH32M, "", ERR_BECH32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct parts p;

		if (decode(table[i].kind, table[i].s, &p) != table[i].want)
			fail_msg("%s", table[i].s);
	}
}

/* Every cut, and every other character at every place (BIP-173: up to 4 are always found). */
static void
cut_and_changed(void **state)
{
	const char *good = valid_bech32m[3];
	char text[MAX + 1];
	struct parts p;

	(void)state;
	for (size_t i = 0; i < strlen(good); i++) {
		strcpy(text, good);
		text[i] = '\0';
		assert_int_equal(decode(BECH32M, text, &p), ERR_BECH32);
		for (int c = 1; c < 256; c++) {
			text[i] = (char)c;
			memcpy(text + i + 1, good + i + 1, strlen(good) - i);
			assert_int_equal(decode(BECH32M, text, &p),
			    text[i] == good[i] ? OK : ERR_BECH32);
		}
	}
}

static void
room(void **state)
{
	const char *s = valid_bech32[3];	/* hrp of 6, 32 values, 45 characters */
	char hrp[7], text[46];
	uint8_t values[33] = { 0 };
	char longest[85], long_text[91];
	size_t n;

	(void)state;
	assert_int_equal(bech32_decode(BECH32, s, 45, hrp, 7, values, 32, &n), OK);
	assert_int_equal(n, 32);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(values[i], i);
	assert_int_equal(bech32_decode(BECH32, s, 44, hrp, 7, values, 32, &n), ERR_LIMIT);
	assert_int_equal(bech32_decode(BECH32, s, 45, hrp, 6, values, 32, &n), ERR_LIMIT);
	assert_int_equal(bech32_decode(BECH32, s, 45, hrp, 7, values, 31, &n), ERR_LIMIT);

	assert_int_equal(bech32_encode(BECH32, "abcdef", values, 32, text, 46), OK);
	assert_string_equal(text, s);
	assert_int_equal(bech32_encode(BECH32, "abcdef", values, 32, text, 45), ERR_LIMIT);
	assert_int_equal(bech32_encode(BECH32, "abcdef", values, SIZE_MAX, text, 46), ERR_LIMIT);
	assert_int_equal(bech32_encode(BECH32, "abcdef", values, 0, text, 13), ERR_LIMIT);
	assert_int_equal(bech32_encode(BECH32, "abcdef", values, 0, text, 0), ERR_LIMIT);
	values[31] = 32;
	assert_int_equal(bech32_encode(BECH32, "abcdef", values, 32, text, 46), ERR_BECH32);
	assert_false(bech32_verify(BECH32, "abcdef", values, 32));
	assert_false(bech32_verify(BECH32M, "a", values, 5));

	memset(longest, 'a', sizeof longest);
	longest[84] = '\0';
	assert_int_equal(bech32_encode(BECH32, longest + 1, values, 0, long_text, 91), OK);
	assert_int_equal(bech32_encode(BECH32, longest, values, 0, long_text, 91), ERR_BECH32);
}

static void
bad_hrp(void **state)
{
	static const char *const bad[] = { "", "A", "aB", "a b", "\x7f", "a\n", "\xc3\xa4" };
	char text[46];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(bech32_encode(BECH32M, bad[i], NULL, 0, text, sizeof text),
		    ERR_BECH32);
}

static void
alphabet(void **state)
{
	unsigned found = 0;

	(void)state;
	for (int c = -128; c < 256; c++)
		found += bech32_value((char)c) >= 0;
	/* 23 letters in two cases and 9 digits; chars from 128 up are seen twice and are none */
	assert_int_equal(found, 23 * 2 + 9);
	for (int i = 0; i < 32; i++)
		assert_int_equal(bech32_value(BECH32_ALPHABET[i]), i);
	assert_int_equal(bech32_value('L'), 31);
	assert_int_equal(bech32_value('b'), -1);
	assert_int_equal(bech32_value('\0'), -1);
}

static void
bits(void **state)
{
	static const uint8_t seven[] = { 9, 0, 0, 0, 0, 0, 7, 9 };
	uint8_t values[16];

	(void)state;
	memset(values, 9, sizeof values);
	bech32_put_bits(values, 1, 6, 7);
	assert_memory_equal(values, seven, sizeof seven);
	assert_int_equal(bech32_get_bits(values, 1, 6), 7);
	bech32_put_bits(values, 0, 6, (1u << 30) - 1);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(values[i], 31);
	assert_int_equal(bech32_get_bits(values, 0, 6), (1u << 30) - 1);
	bech32_put_bits(values, 2, 12, UINT64_C(0x123456789abcdef));
	assert_int_equal(bech32_get_bits(values, 2, 12), UINT64_C(0x123456789abcdef));
	assert_int_equal(bech32_get_bits(values, 0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid),
		cmocka_unit_test(invalid),
		cmocka_unit_test(cut_and_changed),
		cmocka_unit_test(room),
		cmocka_unit_test(bad_hrp),
		cmocka_unit_test(alphabet),
		cmocka_unit_test(bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
