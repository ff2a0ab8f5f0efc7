/*
 * keymaker: has a key made by ssh-keygen, for a home that signs unattended.  Never opens a
 * private key.
 */
#ifndef VERIFY_KEYMAKER_H
#define VERIFY_KEYMAKER_H

#include "formats/err.h"

/*
 * keymaker_make(path, comment, f):
 * Make an Ed25519 key without a passphrase in the new file ${path} (mode 0600) and ${path}.pub,
 * both on disk when this returns.  A file that is there already is ERR_USAGE and stays as it is;
 * if ssh-keygen cannot be run, or fails, ERR_CHILD.
 */
enum err keymaker_make(const char *path, const char *comment, struct fault *f) MUST_USE;

#endif
