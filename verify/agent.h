/*
 * agent: has a body signed by the SSH agent at $SSH_AUTH_SOCK.
 */
#ifndef VERIFY_AGENT_H
#define VERIFY_AGENT_H

#include "formats/limits.h"
#include "formats/sshsig.h"

/*
 * agent_sign(key, namespace, body, len, armor, held, f):
 * When the agent holds ${key}, set *${held} and have it sign: ${armor} gets the signature, not
 * verified, and a NUL.  No agent, or one without the key, is OK with *${held} false.  Gives up
 * after a minute.  An agent that refuses, babbles or is silent is ERR_SIGNER.
 */
enum err agent_sign(const struct ssh_key *key, const char *namespace, const void *body, size_t len,
    char armor[static LIMIT_ARMOR + 1], bool *held, struct fault *f) MUST_USE;

#endif
