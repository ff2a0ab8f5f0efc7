/*
 * Tests of formats/age: files of the real age (tests/vectors/age), both ways
 * with the age that is installed, sizes around a chunk, and every way to spoil a small file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "formats/age.h"
#include "formats/bech32.h"
#include "formats/digest.h"
#include "tests/unit/scratch.h"

#define VECTORS "tests/vectors/age/"
#define TEXT "Elbe Turbine Logic\n"
#define MANY (300 * KIB)
#define HEADER 168u		/* of a file for one recipient */

static char identity[512], other[512], recipient[64];
static char one[1024];		/* one.age */
static size_t one_len;

static int
load(void **state)
{
	(void)state;
	scratch_load(VECTORS "identity", identity, sizeof identity);
	scratch_load(VECTORS "other", other, sizeof other);
	scratch_load(VECTORS "recipient", recipient, sizeof recipient);
	recipient[strcspn(recipient, "\n")] = '\0';
	one_len = scratch_load(VECTORS "one.age", one, sizeof one);
	return sodium_init() < 0;
}

/* What age_decrypt says of a file; what is not OK gives nothing. */
static enum err
judge(const char *with, const void *file, size_t len)
{
	uint8_t *plain = NULL;
	size_t n = 0;
	enum err e = age_decrypt(with, file, len, &plain, &n);

	assert_true((e == OK) == (plain != NULL));
	assert_true(e == OK || n == 0);
	free(plain);
	return e;
}

static void
decrypts_to(const char *with, const void *file, size_t len, const void *want, size_t want_len)
{
	uint8_t *plain;
	size_t n;

	assert_int_equal(age_decrypt(with, file, len, &plain, &n), OK);
	assert_int_equal(n, want_len);
	assert_memory_equal(plain, want, n);
	assert_int_equal(plain[n], 0);
	free(plain);
}

/* ---- a sink that keeps what comes ---- */

struct kept {
	uint8_t *bytes;
	size_t len, cap;
	enum err err;		/* of the next piece */
};

static enum err
keep(void *arg, const void *bytes, size_t len)
{
	struct kept *k = arg;

	assert_in_range(len, 1, 65536 + 16);
	if (k->err != OK)
		return k->err;
	if (len > k->cap - k->len) {
		k->cap = 2 * (k->len + len);
		k->bytes = realloc(k->bytes, k->cap);
		assert_non_null(k->bytes);
	}
	memcpy(k->bytes + k->len, bytes, len);
	k->len += len;
	return OK;
}

static enum err
stream(struct age_decryption *d, const uint8_t *file, size_t len, size_t step)
{
	enum err e = OK;

	for (size_t at = 0; e == OK && at < len; at += step)
		e = age_decrypt_add(d, file + at, len - at < step ? len - at : step);
	if (e != OK)
		assert_int_equal(age_decrypt_add(d, "x", 1), e);
	if (e == OK)
		e = age_decrypt_finish(d);
	else
		assert_int_equal(age_decrypt_finish(d), e);
	age_decrypt_free(d);
	return e;
}

static uint8_t *
some_bytes(size_t len)
{
	static const unsigned char seed[randombytes_SEEDBYTES] = "age";
	uint8_t *bytes = malloc(len + 1);

	assert_non_null(bytes);
	randombytes_buf_deterministic(bytes, len, seed);
	return bytes;
}

/* ---- what others made ---- */

static void
made_by_age(void **state)
{
	char file[1024], both[1100];
	struct age_keys *keys;
	char text[AGE_KEY_RECIPIENT];
	size_t len;

	(void)state;
	decrypts_to(identity, one, one_len, TEXT, sizeof TEXT - 1);
	assert_int_equal(one_len, age_encrypt_size(sizeof TEXT - 1, 1));
	len = scratch_load(VECTORS "two.age", file, sizeof file);
	assert_int_equal(len, age_encrypt_size(sizeof TEXT - 1, 2));
	decrypts_to(identity, file, len, TEXT, sizeof TEXT - 1);
	decrypts_to(other, file, len, TEXT, sizeof TEXT - 1);
	len = scratch_load(VECTORS "empty.age", file, sizeof file);
	assert_int_equal(len, age_encrypt_size(0, 1));
	decrypts_to(identity, file, len, "", 0);

	assert_int_equal(judge(other, one, one_len), ERR_AGE_KEY);
	snprintf(both, sizeof both, "%s\n# and\n%s", other, identity);
	decrypts_to(both, one, one_len, TEXT, sizeof TEXT - 1);
	assert_int_equal(age_key_identities(both, &keys), OK);
	assert_int_equal(keys->count, 2);
	age_key_print(keys->key[1].point, text);
	assert_string_equal(text, recipient);
	age_key_free(keys);
}

/* ---- sizes ---- */

static const size_t sizes[] = {
	0, 1, 65535, 65536, 65537, 131071, 131072, 131073, 1 << 20,
};

static void
every_size(void **state)
{
	static const size_t steps[] = { 1000, 65536, 65552, 1 << 21 };
	uint8_t *bytes = some_bytes(1 << 20), *file;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_int_equal(age_encrypt(recipient, bytes, sizes[i], &file, &len), OK);
		assert_int_equal(len, age_encrypt_size(sizes[i], 1));
		decrypts_to(identity, file, len, bytes, sizes[i]);
		assert_int_equal(judge(identity, file, len - 1), ERR_AGE_ALTERED);
		for (size_t n = 0; n < sizeof steps / sizeof *steps; n++) {
			struct kept k = { .len = 0 };
			struct age_decryption *d;

			assert_int_equal(age_decrypt_begin(&d, identity,
			    (struct age_sink){ keep, &k }), OK);
			assert_int_equal(stream(d, file, len, steps[n]), OK);
			assert_int_equal(k.len, sizes[i]);
			assert_memory_equal(k.len == 0 ? bytes : k.bytes, bytes, k.len);
			free(k.bytes);
		}
		free(file);
	}
	free(bytes);
}

/* The same plain text, in pieces of any size, for several. */
static void
in_pieces(void **state)
{
	static const size_t steps[] = { 1, 4095, 65536, 65537, MANY };
	uint8_t *bytes = some_bytes(MANY);
	char second[AGE_KEY_RECIPIENT], secret[AGE_KEY_IDENTITY];
	const char *to[] = { second, recipient };

	(void)state;
	assert_int_equal(age_key_make(secret, second), OK);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct kept k = { .len = 0 };
		struct age_encryption *s;

		assert_int_equal(age_encrypt_begin(&s, to, 2, (struct age_sink){ keep, &k }), OK);
		for (size_t at = 0; at < MANY; at += steps[i])
			assert_int_equal(age_encrypt_add(s, bytes + at,
			    MANY - at < steps[i] ? MANY - at : steps[i]), OK);
		assert_int_equal(age_encrypt_add(s, bytes, 0), OK);
		assert_int_equal(age_encrypt_finish(s), OK);
		assert_int_equal(age_encrypt_add(s, "x", 1), ERR_USAGE);
		assert_int_equal(age_encrypt_finish(s), ERR_USAGE);
		age_encrypt_free(s);
		assert_int_equal(k.len, age_encrypt_size(MANY, 2));
		decrypts_to(identity, k.bytes, k.len, bytes, MANY);
		decrypts_to(secret, k.bytes, k.len, bytes, MANY);
		assert_int_equal(judge(other, k.bytes, k.len), ERR_AGE_KEY);
		free(k.bytes);
	}
	free(bytes);
}

/* ---- spoiled files ---- */

static void
every_truncation(void **state)
{
	(void)state;
	for (size_t len = 0; len < one_len; len++)
		assert_int_equal(judge(identity, one, len),
		    len < HEADER ? ERR_AGE_FORM : ERR_AGE_ALTERED);
	for (unsigned byte = 0; byte < 256; byte++) {
		one[one_len] = (char)byte;
		assert_int_equal(judge(identity, one, one_len + 1), ERR_AGE_ALTERED);
	}
}

static void
every_bit(void **state)
{
	char copy[sizeof one];

	(void)state;
	memcpy(copy, one, one_len);
	for (size_t bit = 0; bit < 8 * one_len; bit++) {
		enum err e;

		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		e = judge(identity, copy, one_len);
		if (bit / 8 >= HEADER)
			assert_int_equal(e, ERR_AGE_ALTERED);
		else
			assert_true(e == ERR_AGE_FORM || e == ERR_AGE_KEY || e == ERR_AGE_ALTERED ||
			    (e == ERR_NEWER && bit / 8 >= 20 && bit / 8 <= 21));
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
	}
	decrypts_to(identity, copy, one_len, TEXT, sizeof TEXT - 1);
}

/* Chunks that are authentic, but not where they belong. */
static void
chunks_moved(void **state)
{
	enum { CHUNK = 65536 + 16, START = HEADER + 16 };
	uint8_t *bytes = some_bytes(MANY), *file, *copy;
	size_t len;

	(void)state;
	assert_int_equal(age_encrypt(recipient, bytes, 3 * 65536, &file, &len), OK);
	assert_int_equal(len, START + 3 * CHUNK);
	copy = malloc(len + CHUNK);
	assert_non_null(copy);

	memcpy(copy, file, len);		/* swapped */
	memcpy(copy + START, file + START + CHUNK, CHUNK);
	memcpy(copy + START + CHUNK, file + START, CHUNK);
	assert_int_equal(judge(identity, copy, len), ERR_AGE_ALTERED);
	memcpy(copy, file, len);		/* one is missing */
	memmove(copy + START + CHUNK, copy + START + 2 * CHUNK, CHUNK);
	assert_int_equal(judge(identity, copy, len - CHUNK), ERR_AGE_ALTERED);
	assert_int_equal(judge(identity, file, len - CHUNK), ERR_AGE_ALTERED);
	memcpy(copy, file, len);		/* the last one twice */
	memcpy(copy + len, file + len - CHUNK, CHUNK);
	assert_int_equal(judge(identity, copy, len + CHUNK), ERR_AGE_ALTERED);
	assert_int_equal(judge(identity, file, len), OK);
	free(copy);
	free(file);
	free(bytes);
}

/* one.age with ${from} of its header made ${to}. */
static enum err
edited(const char *from, const char *to)
{
	char *at = memmem(one, HEADER, from, strlen(from)), *copy;
	size_t before, tail, len = strlen(to);
	enum err e;

	assert_non_null(at);
	before = (size_t)(at - one);
	tail = one_len - before - strlen(from);
	copy = malloc(before + len + tail);
	assert_non_null(copy);
	memcpy(copy, one, before);
	memcpy(copy + before, to, len);
	memcpy(copy + before + len, at + strlen(from), tail);
	e = judge(identity, copy, before + len + tail);
	free(copy);
	return e;
}

static void
headers(void **state)
{
	static const struct {
		const char *from, *to;
		enum err want;
	} table[] = {
		{ "v1\n", "v2\n", ERR_NEWER }, { "v1\n", "v10\n", ERR_NEWER },
		{ "v1\n", "v1\r\n", ERR_AGE_FORM }, { "v1\n", "vx\n", ERR_AGE_FORM },
		{ "age-", "Age-", ERR_AGE_FORM },
		{ "age-", "-----BEGIN AGE ENCRYPTED FILE-----\nage-", ERR_AGE_FORM },
		/* well formed, but not what the MAC is for */
		{ "-> X", "-> any thing !~\n\n-> X", ERR_AGE_ALTERED },
		{ "-> X", "-> any\nAA\n-> X", ERR_AGE_ALTERED },
		/* arguments */
		{ "-> X", "->\n\n-> X", ERR_AGE_FORM }, { "-> X", "-> \n\n-> X", ERR_AGE_FORM },
		{ "-> X", "->  X", ERR_AGE_FORM }, { "-> X", "-> a \n\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\x7f\n\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\x80\n\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\tb\n\n-> X", ERR_AGE_FORM },
		{ "X25519 ", "X25519 a ", ERR_AGE_FORM }, { "X25519 ", "X25519 A", ERR_AGE_FORM },
		{ "X25519 ", "x25519 ", ERR_AGE_KEY }, { "X25519 ", "scrypt ", ERR_AGE_FORM },
		/* bodies */
		{ "-> X", "-> a\n-> X", ERR_AGE_FORM }, { "-> X", "-> a\nA\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\nAB\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\nAA==\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\nA-_A\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\nAA+/\n-> X", ERR_AGE_ALTERED },
		{ "-> X", "-> a\nAA+\xaf\n-> X", ERR_AGE_FORM },
		{ "-> X", "-> a\nAAAA\r\n-> X", ERR_AGE_FORM },
		/* passphrases stand alone */
		{ "-> X", "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n"
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X", ERR_AGE_FORM },
		/* low order: all-zero shared secret */
		{ "-> X", "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X", ERR_AGE_FORM },
		{ "\n--- ", "\n---  ", ERR_AGE_FORM }, { "\n--- ", "\n---", ERR_AGE_FORM },
		{ "\n--- ", "\n---\n--- ", ERR_AGE_FORM }, { "\n--- ", "\n-- ", ERR_AGE_FORM },
		{ "\n--- ", "\n\n--- ", ERR_AGE_FORM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		enum err e = edited(table[i].from, table[i].to);

		if (e != table[i].want)
			fail_msg("%s: %s", table[i].to, err_code(e));
	}
}

/* A header that is too large is refused, one that is just not larger is read. */
static void
limits(void **state)
{
	char *text = calloc(1, LIMIT_AGE_HEADER + 64), *at;
	const char *to[LIMIT_AGE_STANZAS + 1];
	struct age_encryption *s;
	struct age_decryption *d;
	struct kept k = { .len = 0 };

	(void)state;
	assert_non_null(text);
	at = text;
	for (unsigned i = 1; i < LIMIT_AGE_STANZAS; i++)
		at = stpcpy(at, "-> any\n\n");
	strcpy(at, "-> X");
	assert_int_equal(edited("-> X", text), ERR_AGE_ALTERED);
	strcpy(at, "-> any\n\n-> X");
	assert_int_equal(edited("-> X", text), ERR_LIMIT);

	memset(text, 'a', LIMIT_AGE_HEADER);
	memcpy(text, "-> ", 3);
	strcpy(text + LIMIT_AGE_HEADER - HEADER - 2, "\n\n-> X");
	assert_int_equal(edited("-> X", text), ERR_AGE_ALTERED);
	strcpy(text + LIMIT_AGE_HEADER - HEADER - 2, "a\n\n-> X");
	assert_int_equal(edited("-> X", text), ERR_LIMIT);
	free(text);

	for (size_t i = 0; i < sizeof to / sizeof *to; i++)
		to[i] = recipient;
	assert_int_equal(age_encrypt_begin(&s, to, LIMIT_AGE_STANZAS + 1,
	    (struct age_sink){ keep, &k }), ERR_LIMIT);
	assert_null(s);
	assert_int_equal(age_encrypt_begin(&s, to, 0, (struct age_sink){ keep, &k }), ERR_LIMIT);
	assert_int_equal(k.len, 0);
	assert_int_equal(age_encrypt_begin(&s, to, LIMIT_AGE_STANZAS,
	    (struct age_sink){ keep, &k }), OK);
	assert_int_equal(age_encrypt_finish(s), OK);
	age_encrypt_free(s);
	assert_int_equal(k.len, age_encrypt_size(0, LIMIT_AGE_STANZAS));
	decrypts_to(identity, k.bytes, k.len, "", 0);
	free(k.bytes);

	assert_int_equal(age_encrypt(recipient, "", SIZE_MAX, &(uint8_t *){ NULL },
	    &(size_t){ 0 }), ERR_LIMIT);
	/* Bytes without an end of line are collected no longer than a header may be. */
	assert_int_equal(age_decrypt_begin(&d, identity, (struct age_sink){ keep, &k }), OK);
	assert_int_equal(age_decrypt_add(d, "age-encryption.org/v1\n", 22), OK);
	for (unsigned i = 22; i < LIMIT_AGE_HEADER; i++)
		assert_int_equal(age_decrypt_add(d, "a", 1), OK);
	assert_int_equal(age_decrypt_add(d, "a", 1), ERR_LIMIT);
	age_decrypt_free(d);
}

/* ---- keys ---- */

/* 32 bytes ${first}, 0, 0, ... as bech32, with ${pad} in its last four bits. */
static void
print_key(enum bech32 kind, const char *hrp, uint8_t first, unsigned pad, char *out)
{
	uint8_t values[52] = { (uint8_t)(first >> 3), (uint8_t)((first & 7) << 2) };

	values[51] = (uint8_t)pad;
	assert_int_equal(bech32_encode(kind, hrp, values, 52, out, 128), OK);
}

static void
recipients(void **state)
{
	char text[128];
	uint8_t point[AGE_KEY_BYTES], *file;
	size_t len;

	(void)state;
	print_key(BECH32, "age", 9, 0, text);
	assert_int_equal(age_key_recipient(text, point), OK);
	assert_int_equal(point[0], 9);
	print_key(BECH32, "age", 9, 1, text);		/* not canonical */
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	print_key(BECH32, "age", 9, 8, text);
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	print_key(BECH32, "age", 0, 0, text);		/* small order */
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	print_key(BECH32, "age", 1, 0, text);
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	assert_int_equal(age_encrypt(text, "", 0, &file, &len), ERR_KEY_FORM);
	assert_null(file);
	print_key(BECH32M, "age", 9, 0, text);
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	print_key(BECH32, "agf", 9, 0, text);
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	print_key(BECH32, "age1", 9, 0, text);
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	assert_int_equal(age_key_recipient("", point), ERR_KEY_FORM);
	assert_int_equal(age_key_recipient("age1", point), ERR_KEY_FORM);
	assert_int_equal(age_key_recipient(identity, point), ERR_KEY_FORM);

	strcpy(text, recipient);
	assert_int_equal(age_key_recipient(text, point), OK);
	for (size_t i = 0; text[i] != '\0'; i++) {
		char was = text[i];

		text[i] = was == 'q' ? 'p' : 'q';
		assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
		text[i] = '\0';
		assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
		text[i] = was;
	}
	strcat(text, "\n");
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
	for (char *c = text; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	text[strlen(text) - 1] = '\0';
	assert_int_equal(age_key_recipient(text, point), ERR_KEY_FORM);
}

static void
upper(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)(*text >= 'a' && *text <= 'z' ? *text - 32 : *text);
}

static enum err
identities(const char *text, size_t count)
{
	struct age_keys *keys;
	enum err e = age_key_identities(text, &keys);

	assert_true((e == OK) == (keys != NULL));
	if (e == OK)
		assert_int_equal(keys->count, count);
	age_key_free(keys);
	return e;
}

static void
identity_files(void **state)
{
	char key[128], text[4096];

	(void)state;
	print_key(BECH32, "age-secret-key-", 1, 0, key);
	assert_int_equal(identities(key, 0), ERR_IDENTITY);	/* lower case */
	upper(key);
	assert_int_equal(identities(key, 1), OK);
	snprintf(text, sizeof text, "# made\n\n%s\n\n#%s\n%s", key, key, key);
	assert_int_equal(identities(text, 2), OK);
	snprintf(text, sizeof text, "%s\r\n", key);
	assert_int_equal(identities(text, 0), ERR_IDENTITY);
	snprintf(text, sizeof text, " %s", key);
	assert_int_equal(identities(text, 0), ERR_IDENTITY);
	snprintf(text, sizeof text, "%s%s", key, key);
	assert_int_equal(identities(text, 0), ERR_IDENTITY);
	snprintf(text, sizeof text, "%s\nAGE-PLUGIN-YUBIKEY-1QQQ\n", key);
	assert_int_equal(identities(text, 0), ERR_IDENTITY);
	assert_int_equal(identities("", 0), ERR_IDENTITY);
	assert_int_equal(identities("\n# nothing\n", 0), ERR_IDENTITY);
	assert_int_equal(identities(recipient, 0), ERR_IDENTITY);
	assert_int_equal(judge(recipient, one, one_len), ERR_IDENTITY);
	for (size_t i = 0; key[i] != '\0'; i++) {
		char was = key[i];

		key[i] = was == 'Q' ? 'P' : 'Q';
		assert_int_equal(identities(key, 0), ERR_IDENTITY);
		key[i] = '\0';
		assert_int_equal(identities(key, 0), ERR_IDENTITY);
		key[i] = was;
	}
	*text = '\0';
	for (size_t i = 1; i <= LIMIT_AGE_IDENTITIES + 1; i++) {
		strcat(strcat(text, key), "\n");
		assert_int_equal(identities(text, i), i <= LIMIT_AGE_IDENTITIES ? OK : ERR_LIMIT);
	}
	print_key(BECH32M, "age-secret-key-", 1, 0, key);
	upper(key);
	assert_int_equal(identities(key, 0), ERR_IDENTITY);
	print_key(BECH32, "age-secret-key-", 1, 2, key);
	upper(key);
	assert_int_equal(identities(key, 0), ERR_IDENTITY);
}

static void
made_keys(void **state)
{
	char secret[2][AGE_KEY_IDENTITY], public[2][AGE_KEY_RECIPIENT], text[AGE_KEY_RECIPIENT];
	uint8_t point[AGE_KEY_BYTES];
	struct age_keys *keys;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(age_key_make(secret[i], public[i]), OK);
		assert_int_equal(strlen(secret[i]), AGE_KEY_IDENTITY - 1);
		assert_int_equal(strlen(public[i]), AGE_KEY_RECIPIENT - 1);
		assert_int_equal(age_key_recipient(public[i], point), OK);
		assert_int_equal(age_key_identities(secret[i], &keys), OK);
		assert_memory_equal(keys->key[0].point, point, sizeof point);
		age_key_print(point, text);
		assert_string_equal(text, public[i]);
		age_key_free(keys);
	}
	assert_string_not_equal(secret[0], secret[1]);
}

/* ---- sinks and passphrases ---- */

static void
sinks_that_fail(void **state)
{
	struct kept k = { .err = ERR_SPACE };
	const char *to = recipient;
	uint8_t *bytes = some_bytes(MANY);
	struct age_encryption *s;
	struct age_decryption *d;

	(void)state;
	assert_int_equal(age_encrypt_begin(&s, &to, 1, (struct age_sink){ keep, &k }), ERR_SPACE);
	assert_null(s);
	k.err = OK;
	assert_int_equal(age_encrypt_begin(&s, &to, 1, (struct age_sink){ keep, &k }), OK);
	k.err = ERR_SPACE;
	assert_int_equal(age_encrypt_add(s, bytes, MANY), ERR_SPACE);
	k.err = OK;
	assert_int_equal(age_encrypt_add(s, bytes, 1), ERR_SPACE);
	assert_int_equal(age_encrypt_finish(s), ERR_SPACE);
	age_encrypt_free(s);

	k.err = ERR_IO;
	assert_int_equal(age_decrypt_begin(&d, identity, (struct age_sink){ keep, &k }), OK);
	assert_int_equal(stream(d, (const uint8_t *)one, one_len, 50), ERR_IO);
	age_encrypt_free(NULL);
	age_decrypt_free(NULL);
	age_key_free(NULL);
	free(k.bytes);
	free(bytes);
}

static struct kept
under(const char *passphrase)
{
	struct kept k = { .len = 0 };
	struct age_encryption *s;

	assert_int_equal(age_encrypt_begin_passphrase(&s, passphrase, (struct age_sink){ keep,
	    &k }), OK);
	assert_int_equal(age_encrypt_add(s, TEXT, sizeof TEXT - 1), OK);
	assert_int_equal(age_encrypt_finish(s), OK);
	age_encrypt_free(s);
	return k;
}

static enum err
with_passphrase(const char *passphrase, const uint8_t *file, size_t len, struct kept *k)
{
	struct age_decryption *d;

	assert_int_equal(age_decrypt_begin_passphrase(&d, passphrase, (struct age_sink){ keep, k }),
	    OK);
	return stream(d, file, len, 11);
}

static void
passphrases(void **state)
{
	struct kept file = under("ACME1QPZRY"), k = { .len = 0 };
	char *factor;

	(void)state;
	assert_int_equal(with_passphrase("ACME1QPZRY", file.bytes, file.len, &k), OK);
	assert_int_equal(k.len, sizeof TEXT - 1);
	assert_memory_equal(k.bytes, TEXT, k.len);
	assert_int_equal(with_passphrase("ACME1QPZRX", file.bytes, file.len, &k), ERR_AGE_KEY);
	assert_int_equal(with_passphrase("ACME1QPZRY", (uint8_t *)one, one_len, &k), ERR_AGE_KEY);
	assert_int_equal(judge(identity, file.bytes, file.len), ERR_AGE_KEY);
	factor = memmem(file.bytes, file.len, " 10\n", 4);
	assert_non_null(factor);
	factor[2] = '8';
	assert_int_equal(with_passphrase("ACME1QPZRY", file.bytes, file.len, &k), ERR_LIMIT);
	assert_int_equal(k.len, sizeof TEXT - 1);
	free(file.bytes);
	free(k.bytes);
}

/* ---- with the age that is installed ---- */

static void
peer_reads(void **state)
{
	uint8_t *bytes = some_bytes(1 << 20), *file;
	struct scratch s;
	size_t len;

	(void)state;
	NEED_TOOL("age");
	s = scratch_new();
	scratch_put(&s, "identity", identity, strlen(identity));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_int_equal(age_encrypt(recipient, bytes, sizes[i], &file, &len), OK);
		scratch_put(&s, "file", file, len);
		scratch_put(&s, "want", bytes, sizes[i]);
		assert_int_equal(scratch_run(&s, "age -d -i identity file >plain && cmp plain want"),
		    0);
		free(file);
	}
	free(bytes);
	scratch_end(&s);
}

static void
peer_writes(void **state)
{
	uint8_t *bytes = some_bytes(1 << 20);
	char line[256], *file = malloc(2 << 20);
	struct scratch s;
	size_t len;

	(void)state;
	NEED_TOOL("age");
	s = scratch_new();
	assert_non_null(file);
	snprintf(line, sizeof line, "age -r %s plain >file", recipient);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		scratch_put(&s, "plain", bytes, sizes[i]);
		assert_int_equal(scratch_run(&s, line), 0);
		len = scratch_get(&s, "file", file, 2 << 20);
		assert_int_equal(len, age_encrypt_size(sizes[i], 1));
		decrypts_to(identity, file, len, bytes, sizes[i]);
	}
	free(file);
	free(bytes);
	scratch_end(&s);
}

static void
peer_knows_the_key(void **state)
{
	char secret[AGE_KEY_IDENTITY], public[AGE_KEY_RECIPIENT], said[128];
	struct scratch s;

	(void)state;
	NEED_TOOL("age-keygen");
	s = scratch_new();
	assert_int_equal(age_key_make(secret, public), OK);
	scratch_put(&s, "identity", secret, strlen(secret));
	assert_int_equal(scratch_run(&s, "age-keygen -y identity >said"), 0);
	scratch_get(&s, "said", said, sizeof said);
	said[strcspn(said, "\n")] = '\0';
	assert_string_equal(said, public);
	scratch_end(&s);
}

/* age asks for a passphrase at a terminal only. */
static void
peer_takes_the_passphrase(void **state)
{
	struct kept file;
	struct scratch s;

	(void)state;
	NEED_TOOL("age");
	NEED_TOOL("script");
	s = scratch_new();
	file = under("acme1qpzry");
	scratch_put(&s, "file", file.bytes, file.len);
	scratch_put(&s, "want", TEXT, sizeof TEXT - 1);
	assert_int_equal(scratch_run(&s, "echo acme1qpzry | script -qec 'age -d -o plain file' "
	    "/dev/null >said && cmp plain want"), 0);
	free(file.bytes);
	scratch_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_by_age),
		cmocka_unit_test(every_size),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(chunks_moved),
		cmocka_unit_test(headers),
		cmocka_unit_test(limits),
		cmocka_unit_test(recipients),
		cmocka_unit_test(identity_files),
		cmocka_unit_test(made_keys),
		cmocka_unit_test(sinks_that_fail),
		cmocka_unit_test(passphrases),
		cmocka_unit_test(peer_reads),
		cmocka_unit_test(peer_writes),
		cmocka_unit_test(peer_knows_the_key),
		cmocka_unit_test(peer_takes_the_passphrase),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
