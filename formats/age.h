/*
 * age: files encrypted in the format age v1 (C2SP age.md), which `age -d -i` and `age -r` read and
 * write too: for X25519 recipients, or under a passphrase of high entropy.  SPEC, "Encryption".
 *
 * Encryption says nothing about the sender: whoever knows a recipient can encrypt to it.
 */
#ifndef FORMATS_AGE_H
#define FORMATS_AGE_H

#include "formats/age_key.h"
#include "formats/limits.h"

/* ---- at once, in memory ---- */

/*
 * age_encrypt(recipient, plain, len, out, out_len):
 * Encrypt for one recipient ("age1..."; ERR_KEY_FORM if it is none).  The caller frees *${out}.
 */
enum err age_encrypt(const char *recipient, const void *plain, size_t len, uint8_t **out,
    size_t *out_len) MUST_USE;

/*
 * age_decrypt(identity, file, len, plain, plain_len):
 * Decrypt with one of the identities in ${identity}, which is as for age_key_identities.  Nothing
 * comes out unless all of it is authentic; the caller wipes (if need be) and frees *${plain}, which
 * is not NULL on OK, has a NUL behind its ${plain_len} bytes, and is NULL after an error.
 *
 * ERR_AGE_FORM: no age file, or a malformed header; ERR_NEWER: a later version of age;
 * ERR_AGE_KEY: for none of these identities; ERR_AGE_ALTERED: altered, cut short or added to;
 * ERR_IDENTITY: ${identity} is not usable; ERR_LIMIT.
 */
enum err age_decrypt(const char *identity, const void *file, size_t len, uint8_t **plain,
    size_t *plain_len) MUST_USE;

/*
 * ---- as a stream: begin, add any number of pieces of any size, finish, free ----
 *
 * What comes out goes to the sink, in pieces of at most 64 KiB + 16 bytes.  An error of the sink
 * ends the stream and is what add or finish returns; after any error the stream gives that error
 * again.  free takes NULL, and a stream that was not finished.
 */
struct age_sink {
	enum err (*put)(void *arg, const void *bytes, size_t len);
	void *arg;
};

/*
 * age_encrypt_begin(out, recipient, count, sink):
 * Encrypt for each of ${count} (1 to LIMIT_AGE_STANZAS) recipients.  Header and nonce go to the
 * sink at once.
 */
struct age_encryption;
enum err age_encrypt_begin(struct age_encryption **out, const char *const recipient[],
    size_t count, struct age_sink sink) MUST_USE;
/*
 * The same under a passphrase alone, which must be as hard to guess as a key: the work factor is
 * fixed at the low 2^10.
 */
enum err age_encrypt_begin_passphrase(struct age_encryption **out, const char *passphrase,
    struct age_sink sink) MUST_USE;
enum err age_encrypt_add(struct age_encryption *s, const void *plain, size_t len) MUST_USE;
enum err age_encrypt_finish(struct age_encryption *s) MUST_USE;
void age_encrypt_free(struct age_encryption *s);

/* The length of the file that ${plain} bytes become for ${count} X25519 recipients. */
uint64_t age_encrypt_size(uint64_t plain, size_t count);

/*
 * Decryption.  Each piece that the sink gets is authentic and in its place, but that the file is
 * whole is known only when age_decrypt_finish returns OK: do not act on anything before.
 * Errors are those of age_decrypt.
 */
struct age_decryption;
enum err age_decrypt_begin(struct age_decryption **out, const char *identity,
    struct age_sink sink) MUST_USE;
/* The same with a passphrase; a file whose work factor is not 2^10 is ERR_LIMIT. */
enum err age_decrypt_begin_passphrase(struct age_decryption **out, const char *passphrase,
    struct age_sink sink) MUST_USE;
enum err age_decrypt_add(struct age_decryption *s, const void *file, size_t len) MUST_USE;
enum err age_decrypt_finish(struct age_decryption *s) MUST_USE;
void age_decrypt_free(struct age_decryption *s);

#endif
