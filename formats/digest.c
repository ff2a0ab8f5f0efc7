/*
 * digest: SHA-256, SHA-512 and HMAC-SHA256 by libcrypto (about 4 times libsodium's speed), and
 * hexadecimal.  The only file in formats/ that includes libcrypto for this.
 */
#include "formats/digest.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

struct digest_state {
	EVP_MD *sha256;		/* fetched once: each implicit fetch takes locks and 0.2 us */
	EVP_MD_CTX *context;
};

/*
 * libcrypto reports failure where its small inner allocations fail.  A wrong digest must never come
 * back, and a digest cannot be half made, so that is the end of the process.
 */
static void
must(bool done)
{
	if (!done)
		abort();
}

struct digest_state *
digest_new(void)
{
	struct digest_state *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->context = EVP_MD_CTX_new();
	if (s->sha256 == NULL || s->context == NULL ||
	    EVP_DigestInit_ex2(s->context, s->sha256, NULL) != 1) {
		digest_free(s);
		return NULL;
	}
	return s;
}

void
digest_free(struct digest_state *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->context);
	EVP_MD_free(s->sha256);
	free(s);
}

void
digest_begin(struct digest_state *s)
{
	must(EVP_DigestInit_ex2(s->context, NULL, NULL) == 1);
}

void
digest_add(struct digest_state *s, const void *data, size_t len)
{
	must(EVP_DigestUpdate(s->context, data, len) == 1);
}

void
digest_end(struct digest_state *s, struct digest *out)
{
	must(EVP_DigestFinal_ex(s->context, out->b, NULL) == 1);
}

void
digest_sha256(const void *data, size_t len, struct digest *out)
{
	must(EVP_Digest(data, len, out->b, NULL, EVP_sha256(), NULL) == 1);
}

void
digest_sha512(const void *data, size_t len, uint8_t out[static 64])
{
	must(EVP_Digest(data, len, out, NULL, EVP_sha512(), NULL) == 1);
}

void
digest_hmac(const void *key, size_t key_len, const void *data, size_t len, struct digest *out)
{
	must(key_len <= INT_MAX &&
	    HMAC(EVP_sha256(), key, (int)key_len, data, len, out->b, NULL) != NULL);
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return CRYPTO_memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool
digest_is_zero(const struct digest *d)
{
	static const struct digest zero;

	return digest_equal(d, &zero);
}

void
digest_hex(const struct digest *d, char out[static DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(d->b); i++) {
		out[2 * i] = digits[d->b[i] >> 4];
		out[2 * i + 1] = digits[d->b[i] & 15];
	}
	out[DIGEST_HEX - 1] = '\0';
}

/* The value of a lower-case hexadecimal digit, or -1. */
static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
digest_from_hex(struct digest *out, const char *hex, size_t len)
{
	struct digest d;

	if (len != DIGEST_HEX - 1)
		return false;
	for (size_t i = 0; i < sizeof(d.b); i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		d.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = d;
	return true;
}
