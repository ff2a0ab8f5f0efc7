/*
 * age: the payload of age v1 (C2SP age.md, "Payload"): chunks of 64 KiB, each authentic by itself
 * and in its place, the last one marked; and whole files in memory.
 */
#include "formats/age.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "formats/age_header.h"

#define CHUNK 65536u
#define NONCE 16u

/* What both directions have; a chunk is encrypted and decrypted in place. */
struct payload {
	struct age_sink sink;
	enum err err;
	struct age_cipher *cipher;
	uint64_t count;			/* chunks that went through */
	size_t have;			/* bytes in ${buf} */
	uint8_t buf[CHUNK + AGE_CIPHER_TAG];
};

struct age_encryption {
	struct payload p;
};

enum part { HEADER, PAYLOAD_NONCE, CHUNKS };

struct age_decryption {
	struct payload p;
	enum part part;
	size_t line;			/* where the header's last line begins */
	uint8_t key[AGE_WRAP_KEY];
	struct age_keys *keys;
	char *passphrase;
};

static enum err
begin_chunks(struct payload *p, const uint8_t *key, const uint8_t *nonce, bool encrypt)
{
	uint8_t payload_key[AGE_CIPHER_KEY];
	enum err e;

	e = age_cipher_derive(key, AGE_WRAP_KEY, nonce, NONCE, "payload", payload_key);
	if (e == OK)
		e = age_cipher_new(&p->cipher, payload_key, encrypt);
	sodium_memzero(payload_key, sizeof(payload_key));
	return e;
}

/* 11 bytes of big-endian counter, and the mark of the last one. */
static void
next_nonce(struct payload *p, bool last, uint8_t nonce[static AGE_CIPHER_NONCE])
{
	memset(nonce, 0, AGE_CIPHER_NONCE);
	for (unsigned i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t)(p->count >> 8 * i);
	nonce[11] = last;
	p->count++;
}

static enum err
hand_out(struct payload *p, size_t len)
{
	p->have = 0;
	return len == 0 ? OK : p->sink.put(p->sink.arg, p->buf, len);
}

/* As much of what is left of ${*data} as the buffer takes, up to ${full}. */
static void
fill(struct payload *p, const uint8_t **data, size_t *len, size_t full)
{
	size_t n = full - p->have < *len ? full - p->have : *len;

	memcpy(p->buf + p->have, *data, n);
	p->have += n;
	*data += n;
	*len -= n;
}

/* ---- encryption ---- */

static enum err
encrypt_chunk(struct payload *p, bool last)
{
	uint8_t nonce[AGE_CIPHER_NONCE];
	enum err e;

	next_nonce(p, last, nonce);
	e = age_cipher_seal(p->cipher, nonce, p->buf, p->have);
	return e == OK ? hand_out(p, p->have + AGE_CIPHER_TAG) : e;
}

/* For recipients, or with none of them for the passphrase. */
static enum err
begin(struct age_encryption **out, const char *const recipient[], size_t count,
    const char *passphrase, struct age_sink sink)
{
	struct age_encryption *s = malloc(sizeof(*s));
	uint8_t key[AGE_WRAP_KEY], *nonce;
	enum err e = OK;
	size_t len = 0;

	*out = NULL;
	if (s == NULL)
		return ERR_MEMORY;
	s->p = (struct payload){ .sink = sink };
	if (sodium_init() < 0)
		e = ERR_IO;
	randombytes_buf(key, sizeof(key));
	if (e == OK && passphrase != NULL)
		e = age_header_write_passphrase(passphrase, key, (char *)s->p.buf, CHUNK, &len);
	else if (e == OK)
		e = age_header_write(recipient, count, key, (char *)s->p.buf, CHUNK, &len);
	nonce = s->p.buf + len;
	randombytes_buf(nonce, NONCE);
	if (e == OK && (e = begin_chunks(&s->p, key, nonce, true)) == OK)
		e = hand_out(&s->p, len + NONCE);
	sodium_memzero(key, sizeof(key));
	if (e != OK)
		age_encrypt_free(s);
	else
		*out = s;
	return e;
}

enum err
age_encrypt_begin(struct age_encryption **out, const char *const recipient[], size_t count,
    struct age_sink sink)
{
	return begin(out, recipient, count, NULL, sink);
}

enum err
age_encrypt_begin_passphrase(struct age_encryption **out, const char *passphrase,
    struct age_sink sink)
{
	return begin(out, NULL, 0, passphrase, sink);
}

/* A full chunk waits: it may be the last one. */
enum err
age_encrypt_add(struct age_encryption *s, const void *plain, size_t len)
{
	struct payload *p = &s->p;
	const uint8_t *data = plain;

	while (p->err == OK && len > 0) {
		if (p->have == CHUNK)
			p->err = encrypt_chunk(p, false);
		else
			fill(p, &data, &len, CHUNK);
	}
	return p->err;
}

enum err
age_encrypt_finish(struct age_encryption *s)
{
	enum err e = s->p.err;

	if (e == OK)
		e = encrypt_chunk(&s->p, true);
	/* Nothing may follow the last chunk. */
	s->p.err = e == OK ? ERR_USAGE : e;
	return e;
}

static void
wipe(struct payload *p)
{
	age_cipher_free(p->cipher);
	sodium_memzero(p->buf, sizeof(p->buf));
}

void
age_encrypt_free(struct age_encryption *s)
{
	if (s == NULL)
		return;
	wipe(&s->p);
	free(s);
}

uint64_t
age_encrypt_size(uint64_t plain, size_t count)
{
	uint64_t chunks = plain == 0 ? 1 : (plain - 1) / CHUNK + 1;

	return AGE_HEADER_REST + count * AGE_HEADER_STANZA + NONCE + plain +
	    chunks * AGE_CIPHER_TAG;
}

/* ---- decryption ---- */

static struct age_decryption *
new_decryption(struct age_sink sink)
{
	struct age_decryption *s = malloc(sizeof(*s));

	if (s != NULL)
		*s = (struct age_decryption){ .p = { .sink = sink } };
	return s;
}

enum err
age_decrypt_begin(struct age_decryption **out, const char *identity, struct age_sink sink)
{
	struct age_decryption *s = new_decryption(sink);
	enum err e;

	*out = NULL;
	if (s == NULL)
		return ERR_MEMORY;
	if ((e = age_key_identities(identity, &s->keys)) != OK)
		age_decrypt_free(s);
	else
		*out = s;
	return e;
}

enum err
age_decrypt_begin_passphrase(struct age_decryption **out, const char *passphrase,
    struct age_sink sink)
{
	struct age_decryption *s = new_decryption(sink);
	size_t size = strlen(passphrase) + 1;

	*out = NULL;
	if (s == NULL || sodium_init() < 0 || (s->passphrase = sodium_malloc(size)) == NULL) {
		age_decrypt_free(s);
		return ERR_MEMORY;
	}
	memcpy(s->passphrase, passphrase, size);
	*out = s;
	return OK;
}

/* The keys are of no more use when the header is read. */
static void
forget_secrets(struct age_decryption *s)
{
	age_key_free(s->keys);
	sodium_free(s->passphrase);
	s->keys = NULL;
	s->passphrase = NULL;
}

/* Bytes up to the end of a line; "---" begins the last one. */
static enum err
take_header(struct age_decryption *s, const uint8_t **data, size_t *len)
{
	const struct age_header_secret secret = { s->keys, s->passphrase };
	const uint8_t *lf = memchr(*data, '\n', *len);
	size_t n = lf == NULL ? *len : (size_t)(lf - *data) + 1;
	char *header = (char *)s->p.buf;
	struct payload *p = &s->p;
	enum err e;

	*len -= n;
	fill(p, data, &n, LIMIT_AGE_HEADER);
	if ((e = age_header_begins(header, p->have)) != OK || n > 0)
		return e != OK ? e : ERR_LIMIT;
	if (lf == NULL)
		return OK;
	if (p->have - s->line >= 3 && memcmp(header + s->line, "---", 3) == 0) {
		e = age_header_read(header, p->have, &secret, s->key);
		forget_secrets(s);
		s->part = PAYLOAD_NONCE;
		p->have = 0;
	}
	s->line = p->have;
	return e;
}

static enum err
take_nonce(struct age_decryption *s, const uint8_t **data, size_t *len)
{
	fill(&s->p, data, len, NONCE);
	if (s->p.have < NONCE)
		return OK;
	s->part = CHUNKS;
	s->p.have = 0;
	return begin_chunks(&s->p, s->key, s->p.buf, false);
}

static enum err
decrypt_chunk(struct payload *p, bool last)
{
	uint8_t nonce[AGE_CIPHER_NONCE];
	enum err e;

	/* Only an empty file has an empty chunk. */
	if (p->have < AGE_CIPHER_TAG || (p->have == AGE_CIPHER_TAG && p->count > 0))
		return ERR_AGE_ALTERED;
	next_nonce(p, last, nonce);
	e = age_cipher_open(p->cipher, nonce, p->buf, p->have - AGE_CIPHER_TAG);
	return e == OK ? hand_out(p, p->have - AGE_CIPHER_TAG) : e;
}

/* A full chunk waits: it may be the last one. */
static enum err
take_chunk(struct age_decryption *s, const uint8_t **data, size_t *len)
{
	if (s->p.have == sizeof(s->p.buf))
		return decrypt_chunk(&s->p, false);
	fill(&s->p, data, len, sizeof(s->p.buf));
	return OK;
}

enum err
age_decrypt_add(struct age_decryption *s, const void *file, size_t len)
{
	const uint8_t *data = file;

	while (s->p.err == OK && len > 0) {
		if (s->part == HEADER)
			s->p.err = take_header(s, &data, &len);
		else if (s->part == PAYLOAD_NONCE)
			s->p.err = take_nonce(s, &data, &len);
		else
			s->p.err = take_chunk(s, &data, &len);
	}
	return s->p.err;
}

enum err
age_decrypt_finish(struct age_decryption *s)
{
	enum err e = s->p.err;

	if (e == OK && s->part == HEADER)
		e = ERR_AGE_FORM;
	else if (e == OK && s->part == PAYLOAD_NONCE)
		e = ERR_AGE_ALTERED;
	else if (e == OK)
		e = decrypt_chunk(&s->p, true);
	s->p.err = e == OK ? ERR_USAGE : e;
	return e;
}

void
age_decrypt_free(struct age_decryption *s)
{
	if (s == NULL)
		return;
	forget_secrets(s);
	wipe(&s->p);
	sodium_memzero(s->key, sizeof(s->key));
	free(s);
}

/* ---- at once ---- */

/* The caller of a stream knows how much may come; more cannot. */
struct memory {
	uint8_t *bytes;
	size_t cap, len;
};

static enum err
remember(void *arg, const void *bytes, size_t len)
{
	struct memory *m = arg;

	if (len > m->cap - m->len)
		return ERR_LIMIT;
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
	return OK;
}

static enum err
new_memory(struct memory *m, uint64_t cap)
{
	*m = (struct memory){ .cap = (size_t)cap };
	if (cap >= SIZE_MAX)
		return ERR_LIMIT;
	m->bytes = malloc((size_t)cap + 1);
	return m->bytes == NULL ? ERR_MEMORY : OK;
}

enum err
age_encrypt(const char *recipient, const void *plain, size_t len, uint8_t **out, size_t *out_len)
{
	struct age_encryption *s = NULL;
	struct memory m;
	enum err e;

	*out = NULL;
	*out_len = 0;
	/* Room for the tags is less than that again. */
	if (len > SIZE_MAX / 2)
		return ERR_LIMIT;
	if ((e = new_memory(&m, age_encrypt_size(len, 1))) == OK &&
	    (e = age_encrypt_begin(&s, &recipient, 1, (struct age_sink){ remember, &m })) == OK &&
	    (e = age_encrypt_add(s, plain, len)) == OK && (e = age_encrypt_finish(s)) == OK) {
		*out = m.bytes;
		*out_len = m.len;
	} else
		free(m.bytes);
	age_encrypt_free(s);
	return e;
}

enum err
age_decrypt(const char *identity, const void *file, size_t len, uint8_t **plain, size_t *plain_len)
{
	struct age_decryption *s = NULL;
	struct memory m;
	enum err e;

	*plain = NULL;
	*plain_len = 0;
	if ((e = new_memory(&m, len)) == OK &&
	    (e = age_decrypt_begin(&s, identity, (struct age_sink){ remember, &m })) == OK &&
	    (e = age_decrypt_add(s, file, len)) == OK && (e = age_decrypt_finish(s)) == OK) {
		m.bytes[m.len] = '\0';
		*plain = m.bytes;
		*plain_len = m.len;
	} else if (m.bytes != NULL) {
		sodium_memzero(m.bytes, m.len);
		free(m.bytes);
	}
	age_decrypt_free(s);
	return e;
}
