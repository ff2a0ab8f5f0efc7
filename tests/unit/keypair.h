/*
 * keypair: SSH keys whose private half a test holds, hardware keys made of software included.
 * Include after cmocka.h.
 */
#ifndef TESTS_UNIT_KEYPAIR_H
#define TESTS_UNIT_KEYPAIR_H

#include <sodium.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/sshsig.h"

struct keypair {
	struct ssh_key key;
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

static inline struct keypair
keypair_new(enum ssh_key_type type)
{
	struct keypair k = { .key.type = type };

	assert_true(sodium_init() >= 0);
	assert_int_equal(crypto_sign_keypair(k.key.point, k.secret), 0);
	return k;
}

static inline uint8_t *
keypair_string(uint8_t *end, const void *data, size_t len)
{
	*end++ = (uint8_t)(len >> 24);
	*end++ = (uint8_t)(len >> 16);
	*end++ = (uint8_t)(len >> 8);
	*end++ = (uint8_t)len;
	if (len > 0)
		memcpy(end, data, len);
	return end + len;
}

/*
 * 64 bytes of signature over ${tbs}; a hardware key signs
 * SHA256("ssh:") | flags | counter | SHA256(tbs) (PROTOCOL.u2f), with ${presence} the middle two.
 */
static inline void
keypair_raw(const struct keypair *k, const uint8_t presence[static 5], const uint8_t *tbs,
    size_t len, uint8_t sig[static 64])
{
	uint8_t wrapped[69];

	if (k->key.type == SSH_SK_ED25519) {
		crypto_hash_sha256(wrapped, (const uint8_t *)"ssh:", 4);
		memcpy(wrapped + 32, presence, 5);
		crypto_hash_sha256(wrapped + 37, tbs, len);
		tbs = wrapped;
		len = sizeof wrapped;
	}
	assert_int_equal(crypto_sign_detached(sig, NULL, tbs, len, k->secret), 0);
}

/* What an agent answers for ${tbs}; returns its length. */
static inline size_t
keypair_inner(const struct keypair *k, uint8_t flags, const uint8_t *tbs, size_t len,
    uint8_t out[static 128])
{
	const char *type = k->key.type == SSH_ED25519 ? "ssh-ed25519" :
	    "sk-ssh-ed25519@openssh.com";
	const uint8_t presence[5] = { flags, 0, 0, 0, 9 };
	uint8_t sig[64], *end;

	keypair_raw(k, presence, tbs, len, sig);
	end = keypair_string(out, type, strlen(type));
	end = keypair_string(end, sig, sizeof sig);
	if (k->key.type == SSH_SK_ED25519) {
		memcpy(end, presence, sizeof presence);
		end += sizeof presence;
	}
	return (size_t)(end - out);
}

/* One armored signature over ${msg}; returns its length. */
static inline size_t
keypair_sign(const struct keypair *k, const char *namespace, const void *msg, size_t len, char *out,
    size_t cap)
{
	uint8_t tbs[SSHSIG_TBS], inner[128];
	size_t n = sshsig_tbs(namespace, msg, len, tbs);

	n = keypair_inner(k, 1, tbs, n, inner);
	assert_int_equal(sshsig_armor(&k->key, namespace, inner, n, out, cap), OK);
	return strlen(out);
}

#endif
