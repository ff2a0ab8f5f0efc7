/*
 * Tests of formats/trust_fingerprint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "formats/trust.h"

/* SHA-256 of "abc" (FIPS 180-2, B.1) */
#define ABC "ba78 16bf 8f01 cfea 4141 40de 5dae 2223 b003 61a3 9617 7a9c b410 ff61 f200 15ad"

static void
round_trip(void **state)
{
	char text[TRUST_FINGERPRINT];
	struct trust_fingerprint f;
	struct digest d;

	(void)state;
	digest_sha256("abc", 3, &d);
	trust_fingerprint(&d, text);
	assert_string_equal(text, ABC);
	assert_int_equal(trust_fingerprint_parse(text, &f), OK);
	assert_int_equal(f.digits, 64);
	assert_true(trust_fingerprint_fits(&f, &d));
	for (size_t i = 0; i < 256; i++) {
		d.b[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(trust_fingerprint_fits(&f, &d));
		d.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
spellings(void **state)
{
	static const struct {
		const char *text;
		enum err want;
		bool fits;
	} table[] = {
		{ "SHA256 " ABC, OK, true },
		{ "SHA256:" ABC, OK, true },
		{ "  sha256" ABC " ", OK, true },
		{ "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", OK, true },
		{ "ba:78:16:bf:8f:01:cf:ea:41:41:40:de:5d:ae:22:23", OK, true },
		{ "ba7816bf8f01cfea414140de5dae2223", OK, true },		/* 32 digits */
		{ "ba7816bf8f01cfea414140de5dae2223b", OK, true },		/* 33 */
		{ "ba7816bf8f01cfea414140de5dae2223c", OK, false },
		{ "ba7816bf8f01cfea414140de5dae2224", OK, false },
		{ "aa7816bf8f01cfea414140de5dae2223", OK, false },
		{ "ba7816bf8f01cfea414140de5dae222", ERR_USAGE, false },	/* 31 */
		{ ABC " 0", ERR_USAGE, false },					/* 65 */
		{ "", ERR_USAGE, false },
		{ "SHA256", ERR_USAGE, false },
		{ "SHA256 SHA256 " ABC, ERR_USAGE, false },
		{ "ga7816bf8f01cfea414140de5dae2223", ERR_USAGE, false },
		{ "ba78-16bf-8f01-cfea-4141-40de-5dae-2223", ERR_USAGE, false },
		{ "ba7816bf8f01cfea414140de5dae2223\n", ERR_USAGE, false },
	};
	struct trust_fingerprint f = { .digits = 0 };
	struct digest d;

	(void)state;
	digest_sha256("abc", 3, &d);
	assert_false(trust_fingerprint_fits(&f, &d));
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(trust_fingerprint_parse(table[i].text, &f), table[i].want);
		if (table[i].want == OK)
			assert_int_equal(trust_fingerprint_fits(&f, &d), table[i].fits);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(spellings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
