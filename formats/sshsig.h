/*
 * sshsig: OpenSSH public keys and signatures (PROTOCOL.sshsig), verified more strictly than
 * ssh-keygen does.  SPEC, "Signatures".  Private keys are not our business.
 */
#ifndef FORMATS_SSHSIG_H
#define FORMATS_SSHSIG_H

#include "formats/digest.h"
#include "formats/err.h"

enum ssh_key_type { SSH_ED25519 = 1, SSH_SK_ED25519 };

struct ssh_key {
	enum ssh_key_type type;
	uint8_t point[32];	/* keys are the same key when their points are equal */
};

#define SSHSIG_BLOB	128	/* a public key blob fits */
#define SSHSIG_LINE	256	/* "type base64" and a NUL fit */
#define SSHSIG_PRINT	64	/* "SHA256:..." and a NUL fit */

/*
 * sshsig_key_parse(line, len, key, comment, cap):
 * A public key line "TYPE BASE64 [COMMENT]" with or without a newline.  TYPE is ssh-ed25519 or
 * sk-ssh-ed25519@openssh.com with the application "ssh:".  ${comment} (may be NULL) gets the
 * comment, cut to ${cap}. Anything else, also a point that could never sign, is ERR_KEY_FORM.
 */
enum err sshsig_key_parse(const char *line, size_t len, struct ssh_key *key, char *comment,
    size_t cap) MUST_USE;
/* The line without comment and newline; the blob; the fingerprint "SHA256:..." as ssh-keygen -l
 * prints it. */
void sshsig_key_print(const struct ssh_key *key, char out[static SSHSIG_LINE]);
size_t sshsig_key_blob(const struct ssh_key *key, uint8_t out[static SSHSIG_BLOB]);
void sshsig_key_fingerprint(const struct ssh_key *key, char out[static SSHSIG_PRINT]);
bool sshsig_key_equal(const struct ssh_key *a, const struct ssh_key *b);	/* by point */

/*
 * sshsig_verify(armor, len, namespace, msg, msg_len, key):
 * Check one armored signature, exactly ${len} bytes, over ${msg} and give the key that made it.
 * Canonical armor (70 characters a line, LF), version 1, empty reserved, sha256 or sha512, S < L,
 * user present for hardware keys, nothing left over.
 */
enum err sshsig_verify(const char *armor, size_t len, const char *namespace, const void *msg,
    size_t msg_len, struct ssh_key *key) MUST_USE;

#define SSHSIG_TBS 256

/*
 * The bytes that a signer signs for ${msg} with sha512; returns their length, or 0 when
 * ${namespace} does not have 1 to 64 bytes.
 */
size_t sshsig_tbs(const char *namespace, const void *msg, size_t msg_len,
    uint8_t out[static SSHSIG_TBS]);

/*
 * sshsig_armor(key, namespace, sig, sig_len, out, cap):
 * The armored signature for the SSH signature string ${sig} ("ssh-ed25519" + 64 bytes, or the sk
 * form, as an agent returns it) over sshsig_tbs(); NUL-terminated in ${out}.
 */
enum err sshsig_armor(const struct ssh_key *key, const char *namespace, const uint8_t *sig,
    size_t sig_len, char *out, size_t cap) MUST_USE;

#endif
