/*
 * age_cipher: what age v1 takes from libcrypto: ChaCha20-Poly1305 and HKDF-SHA256.
 */
#ifndef FORMATS_AGE_CIPHER_H
#define FORMATS_AGE_CIPHER_H

#include "formats/err.h"

#define AGE_CIPHER_KEY 32u
#define AGE_CIPHER_NONCE 12u
#define AGE_CIPHER_TAG 16u

/* HKDF-SHA256 of ${secret}; ${salt_len} may be 0.  ERR_MEMORY is the only error. */
enum err age_cipher_derive(const uint8_t *secret, size_t len, const uint8_t *salt, size_t salt_len,
    const char *info, uint8_t key[static AGE_CIPHER_KEY]) MUST_USE;

/* One key, for many messages, in one direction. */
struct age_cipher;
enum err age_cipher_new(struct age_cipher **out, const uint8_t key[static AGE_CIPHER_KEY],
    bool encrypt) MUST_USE;
void age_cipher_free(struct age_cipher *c);

/*
 * In place: ${len} (at most 2^30) bytes of ${text}, and the tag behind them.  open says
 * ERR_AGE_ALTERED, and wipes the text, when the tag is false.
 */
enum err age_cipher_seal(struct age_cipher *c, const uint8_t nonce[static AGE_CIPHER_NONCE],
    uint8_t *text, size_t len) MUST_USE;
enum err age_cipher_open(struct age_cipher *c, const uint8_t nonce[static AGE_CIPHER_NONCE],
    uint8_t *text, size_t len) MUST_USE;

#endif
