/*
 * age_key: X25519 keys of age v1 as text: recipients ("age1...", public) and identities
 * ("AGE-SECRET-KEY-1...", secret).  Identities live in locked memory.
 */
#ifndef FORMATS_AGE_KEY_H
#define FORMATS_AGE_KEY_H

#include "formats/err.h"

#define AGE_KEY_BYTES 32u
#define AGE_KEY_RECIPIENT 63	/* "age1", 52 symbols, checksum of 6, NUL */
#define AGE_KEY_IDENTITY 75	/* "AGE-SECRET-KEY-1", 52 symbols, checksum of 6, NUL */

/* Make a new pair.  The caller wipes ${identity} (sodium_memzero). */
enum err age_key_make(char identity[static AGE_KEY_IDENTITY],
    char recipient[static AGE_KEY_RECIPIENT]) MUST_USE;

/* The point of ${recipient}, exactly "age1..." in lower case; anything else is ERR_KEY_FORM. */
enum err age_key_recipient(const char *recipient, uint8_t point[static AGE_KEY_BYTES]) MUST_USE;

/* Some identities, the first of 1 to LIMIT_AGE_IDENTITIES. */
struct age_key {
	uint8_t secret[AGE_KEY_BYTES];
	uint8_t point[AGE_KEY_BYTES];
};
struct age_keys {
	size_t count;
	struct age_key key[];
};

/*
 * age_key_identities(text, out):
 * Read ${text}: a single identity, or an age identity file (one on a line; empty lines and lines
 * that begin with "#" mean nothing).  ERR_IDENTITY when a line is anything else or there is none,
 * ERR_LIMIT when there are too many.  The caller frees *${out}, which is NULL after an error.
 */
enum err age_key_identities(const char *text, struct age_keys **out) MUST_USE;
void age_key_free(struct age_keys *keys);

/* The text of recipient ${point}. */
void age_key_print(const uint8_t point[static AGE_KEY_BYTES],
    char recipient[static AGE_KEY_RECIPIENT]);

#endif
