/*
 * trust: a vendor's root document and the chain of its versions.  SPEC, "Trust".
 */
#ifndef FORMATS_TRUST_H
#define FORMATS_TRUST_H

#include "formats/document.h"
#include "formats/json.h"

enum trust_role { ROLE_TRUST, ROLE_RELEASE, ROLE_SEAL, ROLE_NOTICE, ROLE_COUNT };

struct trust_key {
	const char *id;		/* what the vendor calls the key */
	const char *holder;	/* the person who has it */
	struct ssh_key key;
};

struct trust_quorum {
	unsigned threshold;
	unsigned count;
	uint8_t key[LIMIT_TRUST_KEYS];	/* indices into keys */
};

struct trust_revoked_key { struct ssh_key key; struct moment since; };

struct trust {
	struct json *json;	/* owns the strings */
	struct digest digest;	/* of the body */
	const char *vendor, *name;
	const char *telephone, *address;	/* "" when not given */
	const char *contact; /* age recipient for what is sent to the vendor; "" */
	uint64_t version;	/* from 1 */
	struct moment issued, expires;
	bool single_person;	/* declared: one holder alone meets seal and release */
	size_t key_count;
	struct trust_key keys[LIMIT_TRUST_KEYS];
	struct trust_quorum role[ROLE_COUNT];
	size_t revoked_key_count;
	struct trust_revoked_key *revoked_keys;	/* since: what it signed from then on is void */
	size_t revoked_release_count;
	struct digest *revoked_releases;	/* digests of release bodies */
	size_t revoked_seal_count;
	struct digest *revoked_seals;		/* digests of seal bodies */
};

const char *trust_role_name(enum trust_role r);		/* "trust", "release", ... */
/* ROLE_COUNT when ${name} is no role. */
enum trust_role trust_role_from_name(const char *name);

/*
 * trust_parse(out, doc, f):
 * Parse and check the rules of one body (thresholds 1..keys; no point twice, none in two roles; key
 * ids unique; a single person declared if and only if one holder alone can meet seal and release).
 * Signatures are not looked at.  On OK the caller frees *${out}.
 */
enum err trust_parse(struct trust **out, const struct document *doc, struct fault *f) MUST_USE;
void trust_free(struct trust *t);

struct trust_count {
	unsigned have; /* the smaller of distinct points and distinct holders that signed */
	unsigned need;
	unsigned signer[LIMIT_SIGNATURES];	/* indices into keys of those that count */
	unsigned signer_count;
};

/* Which keys of ${role} are among ${s}; the quorum is met when have >= need. */
struct trust_count trust_count(
    const struct trust *t, enum trust_role role, const struct signers *s);
/* The first of ${s} that is a revoked key of ${t} with since <= ${at}, or NULL. */
const struct trust_revoked_key *trust_revoked(const struct trust *t, const struct signers *s,
    struct moment at);
bool trust_release_revoked(const struct trust *t, const struct digest *release);
bool trust_seal_revoked(const struct trust *t, const struct digest *seal);

/*
 * trust_first(out, buf, len, anchor, f):
 * The first document of a chain: version 1, digest equal to ${anchor} (NULL: any; the caller shows
 * it to a person), signed by its own quorum.
 * trust_next(out, buf, len, now, f):
 * The document after ${now}: same vendor, version + 1, signed by the quorum of both.
 * On OK the caller frees *${out}; ${buf} may go.
 */
enum err trust_first(struct trust **out, const void *buf, size_t len, const struct digest *anchor,
    struct fault *f) MUST_USE;
enum err trust_next(struct trust **out, const void *buf, size_t len, const struct trust *now,
    struct fault *f) MUST_USE;

/* A chain as it lies in an image and in the file that is handed out: u32 count, then u32 length and
 * document each. */
struct trust_chain {
	size_t count;
	struct trust *version[LIMIT_CHAIN];	/* version[i]->version == i + 1 */
	uint8_t *bytes; /* the chain in that form, for writing it out again */
	size_t len;
	struct { size_t at, len; } document[LIMIT_CHAIN];	/* inside bytes */
};

/*
 * trust_chain_parse(out, buf, len, anchor, f):
 * Check a whole chain from its first document (trust_first with ${anchor}, may be NULL) on.  ${len}
 * must be exact.  On OK the caller frees *${out}.
 */
enum err trust_chain_parse(struct trust_chain **out, const void *buf, size_t len,
    const struct digest *anchor, struct fault *f) MUST_USE;
/* Add one document that trust_first or trust_next accepted; the chain owns ${t} from then on, also
 * on error. */
enum err trust_chain_add(
    struct trust_chain *c, struct trust *t, const void *buf, size_t len) MUST_USE;
/* Forget every document after the first ${count}, which the chain must have. */
void trust_chain_cut(struct trust_chain *c, size_t count);
struct trust_chain *trust_chain_new(void);
void trust_chain_free(struct trust_chain *c);
const struct trust *trust_chain_newest(const struct trust_chain *c);	/* NULL when empty */
const struct digest *trust_chain_anchor(const struct trust_chain *c);	/* digest of version 1 */

/*
 * trust_chain_quorum(c, role, s, count):
 * Is the quorum of ${role} among ${s} under the newest version?  Otherwise ERR_KEY_REVOKED (one of
 * them is a revoked key), ERR_KEY_RETIRED (it was met under an older version) or ERR_DOC_SIGNATURE.
 * ${count} gets what trust_count says of the newest.  The chain is not empty.
 */
enum err trust_chain_quorum(const struct trust_chain *c, enum trust_role role,
    const struct signers *s, struct trust_count *count) MUST_USE;

#define TRUST_FINGERPRINT 80	/* 16 groups of four digits and a NUL */

/* "7f3a 91c2 ..." of an anchor, and its inverse: 32 to 64 hex digits, any case, spaces, colons and
 * a leading "SHA256" ignored, else ERR_USAGE; compares as a prefix. */
void trust_fingerprint(const struct digest *anchor, char out[static TRUST_FINGERPRINT]);
struct trust_fingerprint { uint8_t b[32]; size_t digits; };
enum err trust_fingerprint_parse(const char *s, struct trust_fingerprint *out) MUST_USE;
bool trust_fingerprint_fits(const struct trust_fingerprint *f, const struct digest *anchor);

#endif
