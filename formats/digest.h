/*
 * digest: SHA-256, SHA-512 and HMAC-SHA256 by libcrypto, and hexadecimal.
 */
#ifndef FORMATS_DIGEST_H
#define FORMATS_DIGEST_H

#include "formats/err.h"

struct digest {
	uint8_t b[32];
};

#define DIGEST_HEX 65		/* 64 lower-case hexadecimal digits and a NUL */

/* A running SHA-256; one may be used again and again, by one thread at a time. */
struct digest_state;
struct digest_state *digest_new(void);		/* NULL: no memory */
void digest_free(struct digest_state *s);
void digest_begin(struct digest_state *s);
void digest_add(struct digest_state *s, const void *data, size_t len);
void digest_end(struct digest_state *s, struct digest *out);

/* One buffer at once. */
void digest_sha256(const void *data, size_t len, struct digest *out);
void digest_sha512(const void *data, size_t len, uint8_t out[static 64]);
void digest_hmac(const void *key, size_t key_len, const void *data, size_t len, struct digest *out);

bool digest_equal(const struct digest *a, const struct digest *b);	/* constant time */
bool digest_is_zero(const struct digest *d);
void digest_hex(const struct digest *d, char out[static DIGEST_HEX]);
/* Exactly 64 lower-case hexadecimal digits at ${hex} (which need not end there). */
bool digest_from_hex(struct digest *out, const char *hex, size_t len);

#endif
