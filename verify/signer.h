/*
 * signer: has a body signed, by the SSH agent or by ssh-keygen.  Never opens a private key.
 */
#ifndef VERIFY_SIGNER_H
#define VERIFY_SIGNER_H

#include "formats/limits.h"
#include "formats/sshsig.h"

/*
 * signer_public(key_file, key, comment, cap, f):
 * Read the public half of the key that is called ${key_file}: "KEY.pub", or "KEY" for the KEY.pub
 * beside it.  ${comment} (may be NULL) gets the comment, cut to ${cap}.
 */
enum err signer_public(const char *key_file, struct ssh_key *key, char *comment, size_t cap,
    struct fault *f) MUST_USE;

/*
 * signer_sign(key_file, namespace, body, len, armor, key, f):
 * Have ${len} bytes signed by that key: by the agent at $SSH_AUTH_SOCK when it holds the key, which
 * may take a minute (a touch), else by ssh-keygen with the file KEY, which may ask for a passphrase
 * on the terminal.  ${armor} gets the signature and a NUL (on error only a NUL), ${key} the public
 * key.  The signature is verified; whatever goes wrong with it is ERR_SIGNER, and ${f} says what.
 */
enum err signer_sign(const char *key_file, const char *namespace, const void *body, size_t len,
    char armor[static LIMIT_ARMOR + 1], struct ssh_key *key, struct fault *f) MUST_USE;

#endif
