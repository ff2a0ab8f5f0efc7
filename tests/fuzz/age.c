/*
 * Encrypted files, headers with the right MAC, keys, and plain text there and back.  The first byte
 * says which.
 */
#include <sodium.h>

#include "formats/age.h"
#include "formats/age_header.h"
#include "formats/digest.h"
#include "tests/fuzz/fuzz.h"

/* Of C2SP's vectors, and of tests/vectors/age. */
static const char identities[] =
    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0\n"
    "AGE-SECRET-KEY-1A0F83Z76PF7VYTWHVL4YCXDG7CPZR822PCZK4C2TRN9YMMWS3LWSJFCPV4\n";
static const char *const recipient =
    "age1jffm28jpjmka64wwf4734gt44c2vvwvtqwpc7nf3ppwgg7k5tgkshcjlct";

static enum err
count(void *arg, const void *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)arg += len;
	return OK;
}

static void
check_pieces(const uint8_t *data, size_t size, size_t step, enum err want, size_t want_len)
{
	struct age_decryption *d;
	size_t len = 0;
	enum err e = OK;

	HOLD(age_decrypt_begin(&d, identities, (struct age_sink){ count, &len }) == OK);
	for (size_t at = 0; e == OK && at < size; at += step)
		e = age_decrypt_add(d, data + at, size - at < step ? size - at : step);
	HOLD(e == OK || age_decrypt_finish(d) == e);
	if (e == OK)
		e = age_decrypt_finish(d);
	age_decrypt_free(d);
	HOLD(e == want && (e != OK || len == want_len));
}

static void
check_file(const uint8_t *data, size_t size)
{
	struct age_decryption *d;
	uint8_t *plain;
	size_t len;
	enum err e = age_decrypt(identities, data, size, &plain, &len);

	HOLD((e == OK) == (plain != NULL) && len <= size);
	check_pieces(data, size, 1, e, len);
	check_pieces(data, size, 1000, e, len);
	free(plain);
	len = 0;
	HOLD(age_decrypt_begin_passphrase(&d, "password", (struct age_sink){ count, &len }) == OK);
	e = age_decrypt_add(d, data, size);
	HOLD(age_decrypt_finish(d) == e || e == OK);
	age_decrypt_free(d);
}

/* Some stanzas in front of a good one, and a MAC over all of it. */
static void
check_header(const uint8_t *data, size_t size)
{
	static const uint8_t file_key[AGE_WRAP_KEY] = { 1, 2, 3 };
	const size_t begin = strlen(AGE_HEADER_VERSION), mac_line = 48;
	char made[512], *text = malloc(size + sizeof(made));
	uint8_t key[AGE_WRAP_KEY], mac_key[AGE_CIPHER_KEY];
	struct age_header_secret secret = { NULL, NULL };
	struct age_keys *keys;
	struct digest mac;
	size_t len;

	HOLD(text != NULL && age_key_identities(identities, &keys) == OK);
	HOLD(age_header_write(&recipient, 1, file_key, made, sizeof(made), &len) == OK);
	memcpy(text, made, begin);
	memcpy(text + begin, data, size);
	memcpy(text + begin + size, made + begin, len - begin);
	secret.keys = keys;
	HOLD((age_header_read(text, size + len, &secret, key) == OK) == (size == 0));
	HOLD(age_cipher_derive(file_key, sizeof(file_key), NULL, 0, "header", mac_key) == OK);
	digest_hmac(mac_key, sizeof(mac_key), text, size + len - mac_line + 3, &mac);
	(void)sodium_bin2base64(text + size + len - mac_line + 4, mac_line - 4, mac.b,
	    sizeof(mac.b), sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	text[size + len - 1] = '\n';
	if (age_header_read(text, size + len, &secret, key) == OK) {
		HOLD(memcmp(key, file_key, sizeof(key)) == 0);
		HOLD(size == 0 || (memcmp(data, "-> ", 3) == 0 && data[size - 1] == '\n'));
		HOLD(memchr(data, '\r', size) == NULL && memchr(data, '\0', size) == NULL);
	}
	age_key_free(keys);
	free(text);
}

static void
check_keys(const char *text)
{
	char again[AGE_KEY_RECIPIENT];
	uint8_t point[AGE_KEY_BYTES];
	struct age_keys *keys;

	if (age_key_recipient(text, point) == OK) {
		age_key_print(point, again);
		HOLD(strcmp(again, text) == 0);
	}
	if (age_key_identities(text, &keys) != OK)
		return;
	HOLD(keys->count >= 1 && keys->count <= LIMIT_AGE_IDENTITIES);
	for (size_t i = 0; i < keys->count; i++) {
		age_key_print(keys->key[i].point, again);
		HOLD(age_key_recipient(again, point) == OK);
	}
	age_key_free(keys);
}

static void
check_plain(const uint8_t *data, size_t size)
{
	uint8_t *file, *plain;
	size_t len, plain_len;

	HOLD(age_encrypt(recipient, data, size, &file, &len) == OK);
	HOLD(len == age_encrypt_size(size, 1));
	HOLD(age_decrypt(identities, file, len, &plain, &plain_len) == OK);
	HOLD(plain_len == size && memcmp(plain, data, size) == 0);
	free(plain);
	for (unsigned bit = 0; size > 0 && bit < 8; bit++) {
		file[(data[0] * 7919u + size) % len] ^= (uint8_t)(1u << bit);
		HOLD(age_decrypt(identities, file, len, &plain, &plain_len) != OK);
		HOLD(plain == NULL);
		file[(data[0] * 7919u + size) % len] ^= (uint8_t)(1u << bit);
	}
	free(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'F':
		check_file(data + 1, size - 1);
		break;
	case 'H':
		check_header(data + 1, size - 1);
		break;
	case 'K':
		text = fuzz_text(data + 1, size - 1);
		check_keys(text);
		free(text);
		break;
	default:
		check_plain(data + 1, size - 1);
	}
	return 0;
}
