/*
 * age_header: C2SP age.md, "Header": stanzas of type X25519 and scrypt; others are stepped over.
 */
#include "formats/age_header.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "formats/digest.h"

#define LINE_BYTES 48u		/* of a body, in a full line of 64 characters */
#define LINE_CHARS 64u
#define BASE64 44		/* 32 bytes without padding, and a NUL */
#define UNPADDED sodium_base64_VARIANT_ORIGINAL_NO_PADDING

struct cursor {
	const char *at, *end;
};

struct piece {
	const char *at;
	size_t len;
};

struct stanza {
	struct piece args[3];		/* the first ones */
	size_t arg_count;
	uint8_t body[LINE_BYTES];	/* its first line */
	size_t body_len;		/* of all of it */
};

/* The MAC over ${header}, which ends with its "---". */
static enum err
authenticate(const uint8_t *key, const char *header, size_t len, struct digest *mac)
{
	uint8_t mac_key[AGE_CIPHER_KEY];
	enum err e = age_cipher_derive(key, AGE_WRAP_KEY, NULL, 0, "header", mac_key);

	if (e == OK)
		digest_hmac(mac_key, sizeof(mac_key), header, len, mac);
	sodium_memzero(mac_key, sizeof(mac_key));
	return e;
}

/* ---- writing ---- */

struct text {
	char *out;
	size_t cap, len;
	enum err err;
};

static void PRINTF(2, 3)
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->err != OK)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->out + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->cap - t->len)
		t->err = ERR_LIMIT;
	else
		t->len += (size_t)n;
}

static const char *
base64(char out[static BASE64], const uint8_t *bytes, size_t len)
{
	return sodium_bin2base64(out, BASE64, bytes, len, UNPADDED);
}

static enum err
put_x25519(struct text *t, const char *recipient, const uint8_t *key)
{
	uint8_t point[AGE_KEY_BYTES], share[AGE_KEY_BYTES], body[AGE_WRAP_BODY];
	char share64[BASE64], body64[BASE64];
	enum err e = age_key_recipient(recipient, point);

	if (e == OK && (e = age_wrap_x25519(point, key, share, body)) == OK)
		put(t, "-> X25519 %s\n%s\n", base64(share64, share, sizeof(share)),
		    base64(body64, body, sizeof(body)));
	return e;
}

static enum err
put_mac(struct text *t, const uint8_t *key, size_t *len)
{
	char mac64[BASE64];
	struct digest mac;
	enum err e;

	put(t, "---");
	if (t->err != OK)
		return t->err;
	if ((e = authenticate(key, t->out, t->len, &mac)) != OK)
		return e;
	put(t, " %s\n", base64(mac64, mac.b, sizeof(mac.b)));
	*len = t->len;
	return t->err;
}

enum err
age_header_write(const char *const recipient[], size_t count,
    const uint8_t key[static AGE_WRAP_KEY], char *out, size_t cap, size_t *len)
{
	struct text t = { .out = out, .cap = cap };
	enum err e;

	if (count < 1 || count > LIMIT_AGE_STANZAS)
		return ERR_LIMIT;
	if (sodium_init() < 0)
		return ERR_IO;
	put(&t, AGE_HEADER_VERSION);
	for (size_t i = 0; i < count; i++)
		if ((e = put_x25519(&t, recipient[i], key)) != OK)
			return e;
	return put_mac(&t, key, len);
}

enum err
age_header_write_passphrase(const char *passphrase, const uint8_t key[static AGE_WRAP_KEY],
    char *out, size_t cap, size_t *len)
{
	uint8_t salt[AGE_WRAP_SALT], body[AGE_WRAP_BODY];
	struct text t = { .out = out, .cap = cap };
	char salt64[BASE64], body64[BASE64];
	enum err e;

	if (sodium_init() < 0)
		return ERR_IO;
	if ((e = age_wrap_scrypt(passphrase, key, salt, body)) != OK)
		return e;
	put(&t, AGE_HEADER_VERSION "-> scrypt %s " AGE_WRAP_LOG_N "\n%s\n",
	    base64(salt64, salt, sizeof(salt)), base64(body64, body, sizeof(body)));
	return put_mac(&t, key, len);
}

/* ---- reading ---- */

/* The next line, without its LF; a line that does not end is none. */
static bool
next_line(struct cursor *c, struct piece *line)
{
	const char *lf = memchr(c->at, '\n', (size_t)(c->end - c->at));

	if (lf == NULL)
		return false;
	*line = (struct piece){ c->at, (size_t)(lf - c->at) };
	c->at = lf + 1;
	return true;
}

static bool
piece_is(struct piece p, const char *text)
{
	return p.len == strlen(text) && memcmp(p.at, text, p.len) == 0;
}

/*
 * Canonical base64 of exactly ${len} bytes, at most LINE_BYTES.  It must be what we would write:
 * libsodium 1.0.18 takes every byte above 127 for a "/".
 */
static bool
decode(struct piece p, uint8_t *out, size_t len)
{
	char again[LINE_CHARS + 1];
	size_t got;

	if (p.len > LINE_CHARS || sodium_base642bin(out, len, p.at, p.len, NULL, &got, NULL,
	    UNPADDED) != 0 || got != len)
		return false;
	(void)sodium_bin2base64(again, sizeof(again), out, len, UNPADDED);
	return memcmp(again, p.at, p.len) == 0;
}

/* "-> " and 1 or more arguments of visible characters, with one space between. */
static bool
take_args(struct piece line, struct stanza *s)
{
	const char *at = line.at + 3, *end = line.at + line.len, *stop;

	for (s->arg_count = 0;; at = stop + 1) {
		for (stop = at; stop < end && *stop > ' ' && *stop <= '~'; stop++)
			continue;
		if (stop == at || (stop < end && *stop != ' '))
			return false;
		if (s->arg_count < sizeof(s->args) / sizeof(s->args[0]))
			s->args[s->arg_count] = (struct piece){ at, (size_t)(stop - at) };
		s->arg_count++;
		if (stop == end)
			return true;
	}
}

/* Full lines, then one that is shorter, perhaps empty. */
static bool
take_body(struct cursor *c, struct stanza *s)
{
	uint8_t bytes[LINE_BYTES];
	struct piece line;
	size_t len;

	s->body_len = 0;
	do {
		if (!next_line(c, &line) || line.len > LINE_CHARS)
			return false;
		len = line.len / 4 * 3 + (line.len % 4 == 0 ? 0 : line.len % 4 - 1);
		if (!decode(line, bytes, len))
			return false;
		if (s->body_len == 0)
			memcpy(s->body, bytes, len);
		s->body_len += len;
	} while (line.len == LINE_CHARS);
	return true;
}

static enum err
try_x25519(const struct stanza *s, const struct age_keys *keys, uint8_t *key)
{
	uint8_t share[AGE_KEY_BYTES];
	enum err e = ERR_AGE_KEY;

	if (s->arg_count != 2 || !decode(s->args[1], share, sizeof(share)) ||
	    s->body_len != AGE_WRAP_BODY)
		return ERR_AGE_FORM;
	for (size_t i = 0; keys != NULL && e == ERR_AGE_KEY && i < keys->count; i++)
		e = age_wrap_open_x25519(&keys->key[i], share, s->body, key);
	return e;
}

/* A decimal number without leading zeros. */
static bool
is_work_factor(struct piece p)
{
	for (size_t i = 0; i < p.len; i++)
		if (p.at[i] < '0' || p.at[i] > '9')
			return false;
	return p.at[0] != '0';
}

static enum err
try_scrypt(const struct stanza *s, const char *passphrase, uint8_t *key)
{
	uint8_t salt[AGE_WRAP_SALT];

	if (s->arg_count != 3 || !decode(s->args[1], salt, sizeof(salt)) ||
	    !is_work_factor(s->args[2]) || s->body_len != AGE_WRAP_BODY)
		return ERR_AGE_FORM;
	if (passphrase == NULL)
		return ERR_AGE_KEY;
	/* Any other costs what a stranger has chosen, in time and memory. */
	if (!piece_is(s->args[2], AGE_WRAP_LOG_N))
		return ERR_LIMIT;
	return age_wrap_open_scrypt(passphrase, salt, s->body, key);
}

/* ERR_AGE_KEY: well formed, but not ours. */
static enum err
try_stanza(const struct stanza *s, const struct age_header_secret *secret, uint8_t *key)
{
	if (piece_is(s->args[0], "X25519"))
		return try_x25519(s, secret->keys, key);
	if (piece_is(s->args[0], "scrypt"))
		return try_scrypt(s, secret->passphrase, key);
	return ERR_AGE_KEY;
}

/*
 * All stanzas, also behind one that is ours, for the form of each.  The first that is ours counts,
 * as in age; *${line} is the one behind them.
 */
static enum err
take_stanzas(struct cursor *c, struct piece *line, const struct age_header_secret *secret,
    uint8_t *key)
{
	enum err found = ERR_AGE_KEY, e;
	uint8_t spare[AGE_WRAP_KEY] = { 0 };
	bool scrypt = false;
	struct stanza s;

	for (size_t n = 0; next_line(c, line); n++) {
		if (line->len < 3 || memcmp(line->at, "-> ", 3) != 0)
			return n == 0 || (scrypt && n > 1) ? ERR_AGE_FORM : found;
		if (n == LIMIT_AGE_STANZAS)
			return ERR_LIMIT;
		if (!take_args(*line, &s) || !take_body(c, &s))
			return ERR_AGE_FORM;
		scrypt |= piece_is(s.args[0], "scrypt");
		e = try_stanza(&s, secret, found == OK ? spare : key);
		if (e != OK && e != ERR_AGE_KEY)
			return e;
		if (e == OK)
			found = OK;
	}
	return ERR_AGE_FORM;
}

enum err
age_header_read(const char *header, size_t len, const struct age_header_secret *secret,
    uint8_t key[static AGE_WRAP_KEY])
{
	struct cursor c = { header, header + len };
	struct digest mac, expected;
	struct piece line;
	enum err e, found;

	e = age_header_begins(header, len);
	if (e != OK || !next_line(&c, &line))
		return e != OK ? e : ERR_AGE_FORM;
	found = take_stanzas(&c, &line, secret, key);
	if (found != OK && found != ERR_AGE_KEY)
		return found;
	if (line.len < 4 || memcmp(line.at, "--- ", 4) != 0 || c.at != c.end ||
	    !decode((struct piece){ line.at + 4, line.len - 4 }, mac.b, sizeof(mac.b)))
		return ERR_AGE_FORM;
	if (found != OK)
		return found;
	e = authenticate(key, header, (size_t)(line.at + 3 - header), &expected);
	if (e != OK)
		return e;
	return digest_equal(&mac, &expected) ? OK : ERR_AGE_ALTERED;
}

enum err
age_header_begins(const char *start, size_t len)
{
	static const char version[] = AGE_HEADER_VERSION;
	const size_t digit = sizeof("age-encryption.org/v") - 1;

	for (size_t i = 0; i < len && i < sizeof(version) - 1; i++)
		if (start[i] != version[i])
			return i >= digit && start[i] >= '0' && start[i] <= '9' ? ERR_NEWER :
			    ERR_AGE_FORM;
	return OK;
}
