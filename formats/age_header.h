/*
 * age_header: the header of an age v1 file: the file key, wrapped for each recipient or under a
 * passphrase, and the MAC over it all.
 */
#ifndef FORMATS_AGE_HEADER_H
#define FORMATS_AGE_HEADER_H

#include "formats/age_wrap.h"
#include "formats/limits.h"

#define AGE_HEADER_VERSION "age-encryption.org/v1\n"
#define AGE_HEADER_STANZA 98u	/* bytes of an X25519 stanza */
#define AGE_HEADER_REST 70u	/* of a header without its X25519 stanzas */

/*
 * Write a header for ${count} recipients, or under ${passphrase}, into ${out} of ${cap} bytes.
 * ERR_KEY_FORM: no recipient; ERR_LIMIT: not 1 to LIMIT_AGE_STANZAS of them, or no room.
 */
enum err age_header_write(const char *const recipient[], size_t count,
    const uint8_t key[static AGE_WRAP_KEY], char *out, size_t cap, size_t *len) MUST_USE;
enum err age_header_write_passphrase(const char *passphrase,
    const uint8_t key[static AGE_WRAP_KEY], char *out, size_t cap, size_t *len) MUST_USE;

/* What opens a header: one of these, the other is NULL. */
struct age_header_secret {
	const struct age_keys *keys;
	const char *passphrase;
};

/*
 * The file key of the whole header ${header}, which ends with the line of the MAC.  ERR_AGE_FORM,
 * ERR_AGE_KEY, ERR_AGE_ALTERED, ERR_LIMIT as for age_decrypt.
 */
enum err age_header_read(const char *header, size_t len, const struct age_header_secret *secret,
    uint8_t key[static AGE_WRAP_KEY]) MUST_USE;

/* May a header begin like this?  ERR_NEWER or ERR_AGE_FORM if not. */
enum err age_header_begins(const char *start, size_t len) MUST_USE;

#endif
