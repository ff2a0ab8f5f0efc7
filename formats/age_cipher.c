/*
 * age_cipher: libcrypto's ChaCha20-Poly1305 (RFC 8439) and HKDF (RFC 5869) as age v1 uses them.
 * libcrypto's bulk encryption is several times as fast as libsodium's.
 */
#include "formats/age_cipher.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

struct age_cipher {
	EVP_CIPHER *cipher;	/* fetched once, as in digest.c */
	EVP_CIPHER_CTX *context;
};

enum err
age_cipher_derive(const uint8_t *secret, size_t len, const uint8_t *salt, size_t salt_len,
    const char *info, uint8_t key[static AGE_CIPHER_KEY])
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t got = AGE_CIPHER_KEY;
	bool done;

	done = c != NULL && EVP_PKEY_derive_init(c) == 1 &&
	    EVP_PKEY_CTX_set_hkdf_md(c, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set1_hkdf_key(c, secret, (int)len) == 1 &&
	    (salt_len == 0 || EVP_PKEY_CTX_set1_hkdf_salt(c, salt, (int)salt_len) == 1) &&
	    EVP_PKEY_CTX_add1_hkdf_info(c, (const uint8_t *)info, (int)strlen(info)) == 1 &&
	    EVP_PKEY_derive(c, key, &got) == 1;
	EVP_PKEY_CTX_free(c);
	return done ? OK : ERR_MEMORY;
}

enum err
age_cipher_new(struct age_cipher **out, const uint8_t key[static AGE_CIPHER_KEY], bool encrypt)
{
	struct age_cipher *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return ERR_MEMORY;
	c->cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	c->context = EVP_CIPHER_CTX_new();
	if (c->cipher == NULL || c->context == NULL ||
	    EVP_CipherInit_ex2(c->context, c->cipher, key, NULL, encrypt, NULL) != 1) {
		age_cipher_free(c);
		return ERR_MEMORY;
	}
	*out = c;
	return OK;
}

void
age_cipher_free(struct age_cipher *c)
{
	if (c == NULL)
		return;
	EVP_CIPHER_CTX_free(c->context);	/* wipes the key */
	EVP_CIPHER_free(c->cipher);
	free(c);
}

/* Everything but the tag; libcrypto knows the direction. */
static bool
run(struct age_cipher *c, const uint8_t *nonce, uint8_t *text, size_t len)
{
	int got = 0;

	return len <= INT_MAX / 2 &&
	    EVP_CipherInit_ex2(c->context, NULL, NULL, nonce, -1, NULL) == 1 &&
	    (len == 0 || EVP_CipherUpdate(c->context, text, &got, text, (int)len) == 1) &&
	    (size_t)got == len;
}

enum err
age_cipher_seal(struct age_cipher *c, const uint8_t nonce[static AGE_CIPHER_NONCE], uint8_t *text,
    size_t len)
{
	int got = 0;

	if (!run(c, nonce, text, len) || EVP_CipherFinal_ex(c->context, text + len, &got) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->context, EVP_CTRL_AEAD_GET_TAG, AGE_CIPHER_TAG, text + len) != 1)
		return ERR_MEMORY;
	return OK;
}

enum err
age_cipher_open(struct age_cipher *c, const uint8_t nonce[static AGE_CIPHER_NONCE], uint8_t *text,
    size_t len)
{
	uint8_t tag[AGE_CIPHER_TAG];
	int got = 0;
	enum err e = OK;

	memcpy(tag, text + len, sizeof(tag));
	if (!run(c, nonce, text, len) || EVP_CIPHER_CTX_ctrl(c->context, EVP_CTRL_AEAD_SET_TAG,
	    sizeof(tag), tag) != 1)
		e = ERR_MEMORY;
	else if (EVP_CipherFinal_ex(c->context, tag, &got) != 1)
		e = ERR_AGE_ALTERED;
	if (e != OK)
		OPENSSL_cleanse(text, len);
	return e;
}
