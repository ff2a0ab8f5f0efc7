/*
 * sign: documents signed by keys that are the same in every run, so that what lies behind a
 * signature can be reached by what is not signed yet.
 */
#ifndef TESTS_FUZZ_SIGN_H
#define TESTS_FUZZ_SIGN_H

#include "formats/document.h"
#include "tests/fuzz/fuzz.h"

#define assert_true(what) HOLD(what)	/* keypair.h is written for cmocka */
#define assert_int_equal(a, b) HOLD((a) == (b))
#include "tests/unit/keypair.h"

/* Key ${i}: its seed is 32 times the byte ${i} + 1. */
static inline struct keypair
sign_key(unsigned i)
{
	struct keypair k = { .key.type = SSH_ED25519 };
	uint8_t seed[crypto_sign_SEEDBYTES];

	HOLD(sodium_init() >= 0);
	memset(seed, (int)i + 1, sizeof(seed));
	HOLD(crypto_sign_seed_keypair(k.key.point, k.secret, seed) == 0);
	return k;
}

/* ${body} and the signatures of keys 0 to ${keys} - 1; the caller frees it. */
static inline char *
sign_body(const void *body, size_t size, const char *namespace, unsigned keys, size_t *len)
{
	char *text = malloc(size + keys * LIMIT_ARMOR + 1);
	unsigned i;

	HOLD(text != NULL);
	if (size > 0)
		memcpy(text, body, size);
	*len = size;
	for (i = 0; i < keys; i++) {
		struct keypair k = sign_key(i);

		*len += keypair_sign(&k, namespace, body, size, text + *len, LIMIT_ARMOR);
	}
	return text;
}

#endif
