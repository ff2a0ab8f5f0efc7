/*
 * age_key: X25519 keys as bech32 (C2SP age.md, "The X25519 recipient type"), and identity files.
 */
#include "formats/age_key.h"

#include <string.h>

#include <sodium.h>

#include "formats/bech32.h"
#include "formats/limits.h"

#define RECIPIENT_HRP "age"
#define IDENTITY_HRP "age-secret-key-"
#define IDENTITY_HEAD "AGE-SECRET-KEY-1"
#define SYMBOLS 52		/* 32 bytes and four zero bits */
#define GROUP 8			/* symbols that are 5 bytes */

static enum err
encode(const char *hrp, const uint8_t *key, char *text, size_t cap)
{
	uint8_t values[SYMBOLS + 4], bytes[35] = { 0 };
	uint64_t bits;
	enum err e;

	memcpy(bytes, key, AGE_KEY_BYTES);
	for (size_t i = 0; i < sizeof(bytes) / 5; i++) {
		bits = 0;
		for (size_t k = 0; k < 5; k++)
			bits = bits << 8 | bytes[5 * i + k];
		bech32_put_bits(values, GROUP * i, GROUP, bits);
	}
	e = bech32_encode(BECH32, hrp, values, SYMBOLS, text, cap);
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(values, sizeof(values));
	return e;
}

/* ${text} is in one case, which the caller has looked at. */
static bool
decode(const char *hrp, const char *text, uint8_t *key)
{
	uint8_t values[SYMBOLS + 4] = { 0 }, bytes[35];
	char found[sizeof(IDENTITY_HRP)];
	uint64_t bits;
	size_t n = 0;
	bool good;

	good = bech32_decode(BECH32, text, AGE_KEY_IDENTITY - 1, found, sizeof(found), values,
	    SYMBOLS, &n) == OK && n == SYMBOLS && strcmp(found, hrp) == 0;
	for (size_t i = 0; i < sizeof(bytes) / 5; i++) {
		bits = bech32_get_bits(values, GROUP * i, GROUP);
		for (size_t k = 5; k > 0; k--, bits >>= 8)
			bytes[5 * i + k - 1] = bits & 0xff;
	}
	memcpy(key, bytes, AGE_KEY_BYTES);
	good = good && bytes[AGE_KEY_BYTES] == 0;
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(values, sizeof(values));
	return good;
}

enum err
age_key_make(char identity[static AGE_KEY_IDENTITY], char recipient[static AGE_KEY_RECIPIENT])
{
	struct age_key k;
	enum err e;

	if (sodium_init() < 0)
		return ERR_IO;
	randombytes_buf(k.secret, sizeof(k.secret));
	(void)crypto_scalarmult_base(k.point, k.secret);
	e = encode(IDENTITY_HRP, k.secret, identity, AGE_KEY_IDENTITY);
	for (char *c = identity; e == OK && *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - ('a' - 'A'));
	if (e == OK)
		e = encode(RECIPIENT_HRP, k.point, recipient, AGE_KEY_RECIPIENT);
	sodium_memzero(&k, sizeof(k));
	return e;
}

void
age_key_print(const uint8_t point[static AGE_KEY_BYTES], char recipient[static AGE_KEY_RECIPIENT])
{
	/* It cannot fail: the readable part is good and there is room. */
	(void)!encode(RECIPIENT_HRP, point, recipient, AGE_KEY_RECIPIENT);
}

enum err
age_key_recipient(const char *recipient, uint8_t point[static AGE_KEY_BYTES])
{
	static const uint8_t any[AGE_KEY_BYTES] = { 8 };
	uint8_t shared[AGE_KEY_BYTES];

	if (strncmp(recipient, RECIPIENT_HRP, sizeof(RECIPIENT_HRP) - 1) != 0 ||
	    !decode(RECIPIENT_HRP, recipient, point))
		return ERR_KEY_FORM;
	/* With a point of small order anybody could read along. */
	return crypto_scalarmult(shared, any, point) == 0 ? OK : ERR_KEY_FORM;
}

static enum err
add_identity(struct age_keys *keys, const char *line, size_t len)
{
	struct age_key *k = &keys->key[keys->count];
	char text[AGE_KEY_IDENTITY];
	bool good;

	if (len == 0 || line[0] == '#')
		return OK;
	if (keys->count == LIMIT_AGE_IDENTITIES)
		return ERR_LIMIT;
	if (len >= sizeof(text) || strncmp(line, IDENTITY_HEAD, sizeof(IDENTITY_HEAD) - 1) != 0)
		return ERR_IDENTITY;
	memcpy(text, line, len);
	text[len] = '\0';
	good = decode(IDENTITY_HRP, text, k->secret);
	sodium_memzero(text, sizeof(text));
	if (!good)
		return ERR_IDENTITY;
	(void)crypto_scalarmult_base(k->point, k->secret);
	keys->count++;
	return OK;
}

enum err
age_key_identities(const char *text, struct age_keys **out)
{
	struct age_keys *keys;
	enum err e = OK;
	size_t len;

	*out = NULL;
	if (sodium_init() < 0)
		return ERR_IO;
	/* Guard pages, locked where the system allows it, and wiped when it is freed. */
	keys = sodium_malloc(sizeof(*keys) + LIMIT_AGE_IDENTITIES * sizeof(keys->key[0]));
	if (keys == NULL)
		return ERR_MEMORY;
	keys->count = 0;
	for (; e == OK && *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		e = add_identity(keys, text, len);
	}
	if (e == OK && keys->count == 0)
		e = ERR_IDENTITY;
	if (e != OK)
		age_key_free(keys);
	else
		*out = keys;
	return e;
}

void
age_key_free(struct age_keys *keys)
{
	sodium_free(keys);
}
