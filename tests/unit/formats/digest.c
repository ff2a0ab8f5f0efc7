/*
 * Tests of formats/digest: known answers of FIPS 180 and RFC 4231, and sha256sum as a peer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/digest.h"
#include "tests/unit/scratch.h"

static void
check(const struct digest *d, const char *want)
{
	char hex[DIGEST_HEX];

	digest_hex(d, hex);
	assert_string_equal(hex, want);
}

/* FIPS 180-2 appendix B and the "" of the NIST short message vectors. */
static void
sha256_known(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	static const char thousand[1000];
	struct digest_state *s = digest_new();
	char block[1000];
	struct digest d;

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		digest_sha256(table[i].text, strlen(table[i].text), &d);
		check(&d, table[i].want);
		/* The same a byte at a time, and the state used again. */
		digest_begin(s);
		for (const char *p = table[i].text; *p != '\0'; p++)
			digest_add(s, p, 1);
		digest_end(s, &d);
		check(&d, table[i].want);
	}
	digest_begin(s);
	digest_add(s, thousand, sizeof thousand);	/* dropped by the next begin */
	digest_begin(s);
	memset(block, 'a', sizeof block);
	for (int i = 0; i < 1000; i++)
		digest_add(s, block, sizeof block);
	digest_end(s, &d);
	check(&d, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	digest_free(s);
	digest_free(NULL);
}

/* FIPS 180-2 appendix C.1. */
static void
sha512_known(void **state)
{
	uint8_t out[64];
	struct digest half;

	(void)state;
	digest_sha512("abc", 3, out);
	memcpy(half.b, out, 32);
	check(&half, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a");
	memcpy(half.b, out + 32, 32);
	check(&half, "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

/* RFC 4231 cases 1, 2, 6, 7. */
static void
hmac_known(void **state)
{
	static const char long_data[] = "This is a test using a larger than block-size key and a "
	    "larger than block-size data. The key needs to be hashed before being used by the HMAC "
	    "algorithm.";
	static const char short_data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t ones[20], long_key[131];
	struct digest d;

	(void)state;
	memset(ones, 0x0b, sizeof ones);
	memset(long_key, 0xaa, sizeof long_key);
	digest_hmac(ones, sizeof ones, "Hi There", 8, &d);
	check(&d, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, &d);
	check(&d, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	digest_hmac(long_key, sizeof long_key, short_data, sizeof short_data - 1, &d);
	check(&d, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	digest_hmac(long_key, sizeof long_key, long_data, sizeof long_data - 1, &d);
	check(&d, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

static void
like_sha256sum(void **state)
{
	struct scratch dir;
	char out[128];
	uint8_t data[3 * 65536 + 7];
	struct digest d;
	char hex[DIGEST_HEX];

	(void)state;
	NEED_TOOL("sha256sum");
	dir = scratch_new();
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * i >> 3);
	scratch_put(&dir, "data", data, sizeof data);
	assert_int_equal(scratch_run(&dir, "sha256sum data >sum"), 0);
	scratch_get(&dir, "sum", out, sizeof out);
	digest_sha256(data, sizeof data, &d);
	digest_hex(&d, hex);
	assert_memory_equal(out, hex, DIGEST_HEX - 1);
	scratch_end(&dir);
}

static void
comparing(void **state)
{
	struct digest a = { { 0 } }, b = { { 0 } };

	(void)state;
	assert_true(digest_is_zero(&a));
	assert_true(digest_equal(&a, &b));
	for (unsigned bit = 0; bit < 256; bit++) {
		b.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(digest_equal(&a, &b));
		assert_false(digest_is_zero(&b));
		b.b[bit / 8] = 0;
	}
}

static void
hexadecimal(void **state)
{
	static const char good[] =
	    "00123456789abcdef0ff000102030405060708090a0b0c0d0e0f101112131415";
	static const char foreign[] = "/:`gGAF@ \n\xff";
	char text[DIGEST_HEX], back[DIGEST_HEX];
	struct digest d;

	(void)state;
	assert_true(digest_from_hex(&d, good, 64));
	digest_hex(&d, back);
	assert_string_equal(back, good);
	for (size_t len = 0; len <= 66; len++)
		assert_int_equal(digest_from_hex(&d, good, len), len == 64);
	for (size_t i = 0; i < 64; i++) {
		for (size_t k = 0; k < sizeof foreign; k++) {	/* and the NUL */
			memcpy(text, good, sizeof text);
			text[i] = foreign[k];
			assert_false(digest_from_hex(&d, text, 64));
		}
	}
	digest_hex(&d, back);
	assert_string_equal(back, good);	/* a refusal changes nothing */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_known),
		cmocka_unit_test(sha512_known),
		cmocka_unit_test(hmac_known),
		cmocka_unit_test(like_sha256sum),
		cmocka_unit_test(comparing),
		cmocka_unit_test(hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
