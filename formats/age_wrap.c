/*
 * age_wrap: C2SP age.md, "The X25519 recipient type" and "The scrypt recipient type".
 */
#include "formats/age_wrap.h"

#include <string.h>

#include <sodium.h>

#define X25519_INFO "age-encryption.org/v1/X25519"
#define SCRYPT_LABEL "age-encryption.org/v1/scrypt"
#define SCRYPT_N 1024u

/* A wrap key is used once, so the nonce is zero. */
static const uint8_t zero_nonce[AGE_CIPHER_NONCE];

static enum err
wrap(const uint8_t wrap_key[static AGE_CIPHER_KEY], const uint8_t key[static AGE_WRAP_KEY],
    uint8_t body[static AGE_WRAP_BODY])
{
	struct age_cipher *c;
	enum err e = age_cipher_new(&c, wrap_key, true);

	if (e != OK)
		return e;
	memcpy(body, key, AGE_WRAP_KEY);
	e = age_cipher_seal(c, zero_nonce, body, AGE_WRAP_KEY);
	age_cipher_free(c);
	return e;
}

static enum err
unwrap(const uint8_t wrap_key[static AGE_CIPHER_KEY], const uint8_t body[static AGE_WRAP_BODY],
    uint8_t key[static AGE_WRAP_KEY])
{
	uint8_t text[AGE_WRAP_BODY];
	struct age_cipher *c;
	enum err e = age_cipher_new(&c, wrap_key, false);

	if (e != OK)
		return e;
	memcpy(text, body, sizeof(text));
	e = age_cipher_open(c, zero_nonce, text, AGE_WRAP_KEY);
	if (e == OK)
		memcpy(key, text, AGE_WRAP_KEY);
	age_cipher_free(c);
	sodium_memzero(text, sizeof(text));
	return e == ERR_AGE_ALTERED ? ERR_AGE_KEY : e;
}

/*
 * The wrap key that ${secret} and the point ${other} share.  ERR_AGE_FORM: their secret is all zero
 * ("MUST abort").
 */
static enum err
agree(const uint8_t *secret, const uint8_t *other, const uint8_t *share, const uint8_t *point,
    uint8_t wrap_key[static AGE_CIPHER_KEY])
{
	uint8_t shared[AGE_KEY_BYTES], salt[2 * AGE_KEY_BYTES];
	enum err e;

	if (crypto_scalarmult(shared, secret, other) != 0)
		return ERR_AGE_FORM;
	memcpy(salt, share, AGE_KEY_BYTES);
	memcpy(salt + AGE_KEY_BYTES, point, AGE_KEY_BYTES);
	e = age_cipher_derive(shared, sizeof(shared), salt, sizeof(salt), X25519_INFO, wrap_key);
	sodium_memzero(shared, sizeof(shared));
	return e;
}

enum err
age_wrap_x25519(const uint8_t point[static AGE_KEY_BYTES], const uint8_t key[static AGE_WRAP_KEY],
    uint8_t share[static AGE_KEY_BYTES], uint8_t body[static AGE_WRAP_BODY])
{
	uint8_t secret[AGE_KEY_BYTES], wrap_key[AGE_CIPHER_KEY];
	enum err e;

	randombytes_buf(secret, sizeof(secret));
	(void)crypto_scalarmult_base(share, secret);
	e = agree(secret, point, share, point, wrap_key);
	if (e == ERR_AGE_FORM)
		e = ERR_KEY_FORM;
	if (e == OK)
		e = wrap(wrap_key, key, body);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return e;
}

enum err
age_wrap_open_x25519(const struct age_key *identity, const uint8_t share[static AGE_KEY_BYTES],
    const uint8_t body[static AGE_WRAP_BODY], uint8_t key[static AGE_WRAP_KEY])
{
	uint8_t wrap_key[AGE_CIPHER_KEY];
	enum err e = agree(identity->secret, share, share, identity->point, wrap_key);

	if (e == OK)
		e = unwrap(wrap_key, body, key);
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return e;
}

static enum err
stretch(const char *passphrase, const uint8_t salt[static AGE_WRAP_SALT],
    uint8_t wrap_key[static AGE_CIPHER_KEY])
{
	uint8_t labelled[sizeof(SCRYPT_LABEL) - 1 + AGE_WRAP_SALT];

	memcpy(labelled, SCRYPT_LABEL, sizeof(SCRYPT_LABEL) - 1);
	memcpy(labelled + sizeof(SCRYPT_LABEL) - 1, salt, AGE_WRAP_SALT);
	return crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)passphrase,
	    strlen(passphrase), labelled, sizeof(labelled), SCRYPT_N, 8, 1, wrap_key,
	    AGE_CIPHER_KEY) == 0 ? OK : ERR_MEMORY;
}

enum err
age_wrap_scrypt(const char *passphrase, const uint8_t key[static AGE_WRAP_KEY],
    uint8_t salt[static AGE_WRAP_SALT], uint8_t body[static AGE_WRAP_BODY])
{
	uint8_t wrap_key[AGE_CIPHER_KEY];
	enum err e;

	randombytes_buf(salt, AGE_WRAP_SALT);
	if ((e = stretch(passphrase, salt, wrap_key)) == OK)
		e = wrap(wrap_key, key, body);
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return e;
}

enum err
age_wrap_open_scrypt(const char *passphrase, const uint8_t salt[static AGE_WRAP_SALT],
    const uint8_t body[static AGE_WRAP_BODY], uint8_t key[static AGE_WRAP_KEY])
{
	uint8_t wrap_key[AGE_CIPHER_KEY];
	enum err e = stretch(passphrase, salt, wrap_key);

	if (e == OK)
		e = unwrap(wrap_key, body, key);
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return e;
}
