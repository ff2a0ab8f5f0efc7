/*
 * age_wrap: a file key wrapped for one X25519 recipient, or under a passphrase.
 */
#ifndef FORMATS_AGE_WRAP_H
#define FORMATS_AGE_WRAP_H

#include "formats/age_cipher.h"
#include "formats/age_key.h"

#define AGE_WRAP_KEY 16u	/* bytes of a file key */
#define AGE_WRAP_BODY (AGE_WRAP_KEY + AGE_CIPHER_TAG)
#define AGE_WRAP_SALT 16u
#define AGE_WRAP_LOG_N "10"	/* the only work factor */

/* ERR_KEY_FORM: ${point} is of small order. */
enum err age_wrap_x25519(const uint8_t point[static AGE_KEY_BYTES],
    const uint8_t key[static AGE_WRAP_KEY], uint8_t share[static AGE_KEY_BYTES],
    uint8_t body[static AGE_WRAP_BODY]) MUST_USE;
/* ERR_AGE_KEY: not for this identity; ERR_AGE_FORM: ${share} is of small order. */
enum err age_wrap_open_x25519(const struct age_key *identity,
    const uint8_t share[static AGE_KEY_BYTES], const uint8_t body[static AGE_WRAP_BODY],
    uint8_t key[static AGE_WRAP_KEY]) MUST_USE;

enum err age_wrap_scrypt(const char *passphrase, const uint8_t key[static AGE_WRAP_KEY],
    uint8_t salt[static AGE_WRAP_SALT], uint8_t body[static AGE_WRAP_BODY]) MUST_USE;
/* ERR_AGE_KEY: not under this passphrase. */
enum err age_wrap_open_scrypt(const char *passphrase, const uint8_t salt[static AGE_WRAP_SALT],
    const uint8_t body[static AGE_WRAP_BODY], uint8_t key[static AGE_WRAP_KEY]) MUST_USE;

#endif
