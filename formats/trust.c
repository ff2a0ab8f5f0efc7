/*
 * trust: a vendor's root document: its keys, their roles, what is revoked, and the step from one
 * version to the next.  SPEC, "Trust".
 */
#include "formats/trust.h"

#include <stdlib.h>
#include <string.h>

#include "formats/name.h"

#define NAMESPACE	"trust@waxseal"

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_TRUST] = "trust",
	[ROLE_RELEASE] = "release",
	[ROLE_SEAL] = "seal",
	[ROLE_NOTICE] = "notice",
};

const char *
trust_role_name(enum trust_role r)
{
	return role_names[r];
}

enum trust_role
trust_role_from_name(const char *name)
{
	enum trust_role r = ROLE_TRUST;

	while (r < ROLE_COUNT && strcmp(name, role_names[r]) != 0)
		r++;
	return r;
}

/* ---- reading ---- */

static const char *
optional_text(struct json *j, const struct json_node *o, const char *key, size_t max)
{
	return json_has(o, key) ? json_get_string(j, o, key, 1, max) : "";
}

static struct ssh_key
get_key(struct json *j, const struct json_node *o)
{
	const char *line = json_get_string(j, o, "key", 1, LIMIT_KEY_LINE);
	struct ssh_key key = { .type = SSH_ED25519 };

	if (sshsig_key_parse(line, strlen(line), &key, NULL, 0) != OK)
		json_refuse(j, ERR_KEY_FORM, line);
	return key;
}

static void
read_head(struct trust *t, const struct json_node *root)
{
	struct json *j = t->json;

	json_check_type(j, "trust", "vendor", NULL);
	json_only(j, root, "waxseal vendor name telephone address version issued expires"
	    " single_person keys roles contact revoked");
	t->vendor = json_get_string(j, root, "vendor", 1, LIMIT_ID);
	t->name = json_get_string(j, root, "name", 1, LIMIT_TEXT);
	t->telephone = optional_text(j, root, "telephone", LIMIT_TEXT);
	t->address = optional_text(j, root, "address", LIMIT_LONG_TEXT);
	t->contact = optional_text(j, root, "contact", LIMIT_TEXT);
	t->version = json_get_uint(j, root, "version", 1, LIMIT_CHAIN);
	t->issued = json_get_moment(j, root, "issued");
	t->expires = json_get_moment(j, root, "expires");
	t->single_person = json_get_bool(j, root, "single_person");
}

static void
read_keys(struct trust *t, const struct json_node *root)
{
	struct json *j = t->json;
	const struct json_node *list = json_get_array(j, root, "keys", 1, LIMIT_TRUST_KEYS);

	t->key_count = json_count(list);
	for (size_t i = 0; i < t->key_count; i++) {
		const struct json_node *o = json_get_object_at(j, list, i);

		json_only(j, o, "id holder key");
		t->keys[i].id = json_get_string(j, o, "id", 1, LIMIT_KEY_ID);
		t->keys[i].holder = json_get_string(j, o, "holder", 1, LIMIT_TEXT);
		t->keys[i].key = get_key(j, o);
	}
}

static void
read_role(struct trust *t, const struct json_node *roles, enum trust_role r)
{
	struct json *j = t->json;
	const struct json_node *o = json_get_object(j, roles, role_names[r]);
	const struct json_node *list;
	struct trust_quorum *q = &t->role[r];
	const char *id;
	size_t k;

	json_only(j, o, "threshold keys");
	q->threshold = (unsigned)json_get_uint(j, o, "threshold", 0, LIMIT_TRUST_KEYS);
	list = json_get_array(j, o, "keys", 0, LIMIT_TRUST_KEYS);
	q->count = (unsigned)json_count(list);
	for (size_t i = 0; i < q->count; i++) {
		id = json_get_string_at(j, list, i, 1, LIMIT_KEY_ID);
		for (k = 0; k < t->key_count && strcmp(t->keys[k].id, id) != 0; k++)
			continue;
		if (k == t->key_count)
			json_refuse(j, ERR_TRUST_RULE, id);
		q->key[i] = (uint8_t)k;
	}
}

/* Room for ${count} entries of ${size} bytes; without memory the error sticks. */
static void *
allocate(struct json *j, size_t *count, size_t size)
{
	void *p = *count > 0 ? calloc(*count, size) : NULL;

	if (p == NULL && *count > 0) {
		*count = 0;
		json_refuse(j, ERR_MEMORY, "revoked");
	}
	return p;
}

static const struct json_node *
revoked_list(struct json *j, const struct json_node *revoked, const char *key, size_t *count)
{
	const struct json_node *list = NULL;

	if (json_has(revoked, key))
		list = json_get_array(j, revoked, key, 0, LIMIT_REVOKED);
	*count = json_count(list);
	return list;
}

static void
read_revoked_keys(struct trust *t, const struct json_node *revoked)
{
	struct json *j = t->json;
	const struct json_node *o, *list = revoked_list(j, revoked, "keys", &t->revoked_key_count);

	t->revoked_keys = allocate(j, &t->revoked_key_count, sizeof *t->revoked_keys);
	for (size_t i = 0; i < t->revoked_key_count; i++) {
		o = json_get_object_at(j, list, i);
		json_only(j, o, "key since reason");
		t->revoked_keys[i].key = get_key(j, o);
		t->revoked_keys[i].since = json_get_moment(j, o, "since");
		json_get_string(j, o, "reason", 1, LIMIT_TEXT);
	}
}

/* What says for people which release or consignment it is; the digest decides. */
static void
check_release(struct json *j, const struct json_node *o)
{
	json_only(j, o, "id digest reason");
	json_get_string(j, o, "id", 1, LIMIT_TEXT);
}

static void
check_seal(struct json *j, const struct json_node *o)
{
	json_only(j, o, "customer number digest reason");
	if (!name_id_ok(json_get_string(j, o, "customer", 1, LIMIT_ID)))
		json_refuse(j, ERR_JSON_VALUE, "customer");
	json_get_uint(j, o, "number", 1, LIMIT_NUMBER);
}

static struct digest *
read_revoked_digests(struct json *j, const struct json_node *revoked, const char *key,
    void check(struct json *, const struct json_node *), size_t *count)
{
	const struct json_node *o, *list = revoked_list(j, revoked, key, count);
	struct digest *digests = allocate(j, count, sizeof *digests);

	for (size_t i = 0; i < *count; i++) {
		o = json_get_object_at(j, list, i);
		check(j, o);
		digests[i] = json_get_digest(j, o, "digest");
		json_get_string(j, o, "reason", 1, LIMIT_TEXT);
	}
	return digests;
}

static void
read_revoked(struct trust *t, const struct json_node *root)
{
	const struct json_node *revoked;

	if (!json_has(root, "revoked"))
		return;
	revoked = json_get_object(t->json, root, "revoked");
	json_only(t->json, revoked, "keys releases seals");
	read_revoked_keys(t, revoked);
	t->revoked_releases = read_revoked_digests(t->json, revoked, "releases", check_release,
	    &t->revoked_release_count);
	t->revoked_seals = read_revoked_digests(t->json, revoked, "seals", check_seal,
	    &t->revoked_seal_count);
}

/* ---- rules ---- */

/* How many persons hold the ${count} keys whose indices are at ${key}. */
static unsigned
count_holders(const struct trust *t, const unsigned *key, unsigned count)
{
	unsigned holders = 0, k;

	for (unsigned i = 0; i < count; i++) {
		for (k = 0; k < i; k++)
			if (strcmp(t->keys[key[k]].holder, t->keys[key[i]].holder) == 0)
				break;
		holders += k == i;
	}
	return holders;
}

static enum err
check_keys(const struct trust *t, struct fault *f)
{
	for (size_t i = 0; i < t->key_count; i++) {
		const struct trust_key *a = &t->keys[i];

		for (size_t k = 0; k < i; k++) {
			if (strcmp(a->id, t->keys[k].id) == 0)
				return err_fault(f, ERR_TRUST_RULE, "keys: two are called %s",
				    a->id);
			if (sshsig_key_equal(&a->key, &t->keys[k].key))
				return err_fault(f, ERR_TRUST_RULE, "keys: %s and %s are the same",
				    t->keys[k].id, a->id);
		}
		for (size_t k = 0; k < t->revoked_key_count; k++)
			if (sshsig_key_equal(&a->key, &t->revoked_keys[k].key))
				return err_fault(f, ERR_TRUST_RULE, "keys: %s is revoked", a->id);
	}
	return OK;
}

static enum err
check_roles(const struct trust *t, struct fault *f)
{
	unsigned roles_of[LIMIT_TRUST_KEYS] = { 0 }, key[LIMIT_TRUST_KEYS], holders;

	for (enum trust_role r = ROLE_TRUST; r < ROLE_COUNT; r++) {
		const struct trust_quorum *q = &t->role[r];

		for (unsigned i = 0; i < q->count; i++) {
			key[i] = q->key[i];
			roles_of[key[i]]++;
		}
		holders = count_holders(t, key, q->count);
		if (q->threshold < 1 || q->threshold > holders)
			return err_fault(f, ERR_TRUST_RULE,
			    "roles.%s.threshold: %u, with %u keys of %u persons", role_names[r],
			    q->threshold, q->count, holders);
	}
	for (size_t i = 0; i < t->key_count; i++)
		if (roles_of[i] != 1)
			return err_fault(f, ERR_TRUST_RULE, "roles: %s is in %s", t->keys[i].id,
			    roles_of[i] == 0 ? "none" : "more than one place");
	return OK;
}

/* Quorums count persons, so nobody alone can meet a threshold above 1. */
static bool
one_person_suffices(const struct trust *t)
{
	const struct trust_quorum *seal = &t->role[ROLE_SEAL], *release = &t->role[ROLE_RELEASE];

	if (seal->threshold > 1 || release->threshold > 1)
		return false;
	for (unsigned i = 0; i < seal->count; i++)
		for (unsigned k = 0; k < release->count; k++)
			if (strcmp(t->keys[seal->key[i]].holder,
			    t->keys[release->key[k]].holder) == 0)
				return true;
	return false;
}

static enum err
check_rules(const struct trust *t, struct fault *f)
{
	enum err e;

	if (t->expires.seconds <= t->issued.seconds)
		return err_fault(f, ERR_TRUST_RULE, "expires: not after issued");
	if ((e = check_keys(t, f)) != OK || (e = check_roles(t, f)) != OK)
		return e;
	if (t->single_person != one_person_suffices(t))
		return err_fault(f, ERR_TRUST_RULE, "single_person: one person alone can%s meet the"
		    " release and the seal role", t->single_person ? "not" : "");
	return OK;
}

enum err
trust_parse(struct trust **out, const struct document *doc, struct fault *f)
{
	const struct json_node *root;
	struct trust *t;
	enum err e;

	*out = NULL;
	if ((t = calloc(1, sizeof *t)) == NULL)
		return err_fault(f, ERR_MEMORY, "trust");
	if ((e = json_parse(&t->json, doc->body, doc->body_len, f)) != OK)
		goto out;
	t->digest = doc->digest;
	root = json_root(t->json);
	read_head(t, root);
	read_keys(t, root);
	for (enum trust_role r = ROLE_TRUST; r < ROLE_COUNT; r++)
		read_role(t, json_get_object(t->json, root, "roles"), r);
	json_only(t->json, json_get_object(t->json, root, "roles"), "trust release seal notice");
	read_revoked(t, root);
	if ((e = json_error(t->json, f)) != OK || (e = check_rules(t, f)) != OK)
		goto out;
	*out = t;
	t = NULL;
out:
	trust_free(t);
	return e;
}

void
trust_free(struct trust *t)
{
	if (t == NULL)
		return;
	json_free(t->json);
	free(t->revoked_keys);
	free(t->revoked_releases);
	free(t->revoked_seals);
	free(t);
}

/* ---- judging ---- */

struct trust_count
trust_count(const struct trust *t, enum trust_role role, const struct signers *s)
{
	const struct trust_quorum *q = &t->role[role];
	struct trust_count c = { .need = q->threshold };

	/* By role and not by signer, so that nobody counts twice. */
	for (unsigned i = 0; i < q->count; i++)
		for (unsigned k = 0; k < s->count; k++)
			if (sshsig_key_equal(&t->keys[q->key[i]].key, &s->key[k])) {
				c.signer[c.signer_count++] = q->key[i];
				break;
			}
	/* Points differ within a document: there are never more persons than points. */
	c.have = count_holders(t, c.signer, c.signer_count);
	return c;
}

const struct trust_revoked_key *
trust_revoked(const struct trust *t, const struct signers *s, struct moment at)
{
	for (unsigned k = 0; k < s->count; k++)
		for (size_t i = 0; i < t->revoked_key_count; i++)
			if (sshsig_key_equal(&s->key[k], &t->revoked_keys[i].key) &&
			    t->revoked_keys[i].since.seconds <= at.seconds)
				return &t->revoked_keys[i];
	return NULL;
}

static bool
is_among(const struct digest *list, size_t count, const struct digest *d)
{
	for (size_t i = 0; i < count; i++)
		if (digest_equal(&list[i], d))
			return true;
	return false;
}

bool
trust_release_revoked(const struct trust *t, const struct digest *release)
{
	return is_among(t->revoked_releases, t->revoked_release_count, release);
}

bool
trust_seal_revoked(const struct trust *t, const struct digest *seal)
{
	return is_among(t->revoked_seals, t->revoked_seal_count, seal);
}

/* ---- versions ---- */

static enum err
check_quorum(const struct trust *t, const struct signers *s, const char *whose, struct fault *f)
{
	struct trust_count c = trust_count(t, ROLE_TRUST, s);

	if (c.have >= c.need)
		return OK;
	return err_fault(f, ERR_CHAIN_QUORUM, "%u of %u for the %s version", c.have, c.need, whose);
}

static enum err
open_document(struct document *doc, const void *buf, size_t len, struct fault *f)
{
	enum err e = len > LIMIT_TRUST ? ERR_LIMIT : document_split(buf, len, doc);

	return e == OK ? OK : err_fault(f, e, "trust document");
}

static enum err
read_signers(const struct document *doc, struct signers *s, struct fault *f)
{
	enum err e = document_signers(doc, NAMESPACE, s);

	return e == OK ? OK : err_fault(f, e, "trust document");
}

enum err
trust_first(struct trust **out, const void *buf, size_t len, const struct digest *anchor,
    struct fault *f)
{
	struct document doc;
	struct signers s;
	struct trust *t = NULL;
	enum err e;

	*out = NULL;
	if ((e = open_document(&doc, buf, len, f)) != OK)
		return e;
	if (anchor != NULL && !digest_equal(anchor, &doc.digest))
		return err_fault(f, ERR_CHAIN_FORKED, "version 1");
	if ((e = read_signers(&doc, &s, f)) != OK || (e = trust_parse(&t, &doc, f)) != OK)
		return e;
	if (t->version != 1)
		e = err_fault(f, ERR_CHAIN_ORDER, "version %u comes first", (unsigned)t->version);
	else
		e = check_quorum(t, &s, "first", f);
	if (e == OK)
		*out = t;
	else
		trust_free(t);
	return e;
}

static enum err
check_successor(const struct trust *t, const struct trust *now, struct fault *f)
{
	if (strcmp(t->vendor, now->vendor) != 0)
		return err_fault(f, ERR_DOC_VENDOR, "%s after %s", t->vendor, now->vendor);
	if (t->version != now->version + 1)
		return err_fault(f, ERR_CHAIN_ORDER, "version %u after %u", (unsigned)t->version,
		    (unsigned)now->version);
	if (t->issued.seconds < now->issued.seconds)
		return err_fault(f, ERR_CHAIN_ORDER, "version %u was issued before version %u",
		    (unsigned)t->version, (unsigned)now->version);
	return OK;
}

enum err
trust_next(struct trust **out, const void *buf, size_t len, const struct trust *now,
    struct fault *f)
{
	struct document doc;
	struct signers s;
	struct trust *t = NULL;
	enum err e;

	*out = NULL;
	/* Nothing is parsed before the keys that are trusted now vouch for it. */
	if ((e = open_document(&doc, buf, len, f)) != OK ||
	    (e = read_signers(&doc, &s, f)) != OK ||
	    (e = check_quorum(now, &s, "present", f)) != OK ||
	    (e = trust_parse(&t, &doc, f)) != OK)
		return e;
	if ((e = check_successor(t, now, f)) == OK)
		e = check_quorum(t, &s, "next", f);
	if (e == OK)
		*out = t;
	else
		trust_free(t);
	return e;
}
