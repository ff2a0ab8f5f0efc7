/*
 * sealing: see sealing.h.
 */
#include "mkmedia/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmedia/kept.h"
#include "verify/signer.h"

#define SEAL_NAMESPACE "seal@waxseal"
#define LEAST_ARMOR 302		/* bytes of a signature by an ssh-ed25519 key */

struct signing {
	const char *body;
	size_t len;
	char *out;		/* where signatures go */
	size_t room;
	struct signers signers;
};

static enum err
sign_once(struct signing *s, const char *key_file, struct fault *f)
{
	char armor[LIMIT_ARMOR + 1];
	size_t n;
	enum err e;

	if (s->signers.count == LIMIT_SIGNATURES)
		return err_fault(f, ERR_LIMIT, "more than %u signatures", LIMIT_SIGNATURES);
	e = signer_sign(key_file, SEAL_NAMESPACE, s->body, s->len, armor,
	    &s->signers.key[s->signers.count], f);
	if (e != OK)
		return e;
	n = strlen(armor);
	if (n > s->room)
		return err_fault(f, ERR_LIMIT, "the seal does not fit its area");
	memcpy(s->out, armor, n);
	s->out += n;
	s->room -= n;
	s->signers.count++;
	return OK;
}

/* Sign with the role's keys that can be had, until there are enough of them. */
static enum err
sign_enough(const struct vendor_register *r, const char *as, struct signing *s, struct fault *f)
{
	const struct trust *t = trust_chain_newest(r->chain);
	const struct trust_quorum *role = &t->role[ROLE_SEAL];
	struct trust_count count = { .need = role->threshold };
	char name[64], path[1100];
	enum err e = OK;
	unsigned i;

	if (as != NULL)
		e = sign_once(s, as, f);
	for (i = 0; as == NULL && i < role->count && count.have < count.need; i++) {
		(void)snprintf(name, sizeof(name), "keys/%s", t->keys[role->key[i]].id);
		register_path(r, name, path, sizeof(path));
		e = sign_once(s, path, f);
		count = trust_count(t, ROLE_SEAL, &s->signers);
	}
	count = trust_count(t, ROLE_SEAL, &s->signers);
	if (count.have >= count.need)
		return OK;
	if (e != OK)
		return e;
	return err_fault(f, ERR_SIGNER,
	    "%u of %u signatures of the seal role; name a key of it with --as", count.have,
	    count.need);
}

static void
fill_header(const struct seal *s, struct seal_header *h)
{
	*h = (struct seal_header){ .anchor = s->anchor, .chain = s->chain, .chain2 = s->chain2 };
	(void)snprintf(h->vendor, sizeof(h->vendor), "%s", s->vendor);
}

enum err
sealing_fits(const struct vendor_register *r, const struct seal *s, struct fault *f)
{
	const struct trust *t = trust_chain_newest(r->chain);
	char line[LIMIT_HEADER_LINE + 1], *body;
	struct seal_header h;
	size_t len, line_len;
	enum err e;

	if ((e = seal_print(s, &body, &len)) != OK)
		return err_fault(f, e, "the seal");
	free(body);
	fill_header(s, &h);
	h.length = len + t->role[ROLE_SEAL].threshold * LEAST_ARMOR;
	if ((e = seal_header_print(&h, line, &line_len)) != OK)
		return err_fault(f, e, "the seal");
	if (h.length > SEAL_SIZE - line_len)
		return err_fault(f, ERR_LIMIT, "the seal of %zu releases on %llu discs does not fit"
		    " its %u bytes; take larger discs, or make several consignments of it",
		    s->release_count, (unsigned long long)s->volumes, SEAL_SIZE);
	return OK;
}

/* The same as sealing_area, and ${signers} gets who signed. */
static enum err
seal_it(const struct vendor_register *r, const struct seal *s, const struct code *code,
    const char *as, uint8_t area[static SEAL_SIZE], struct digest *digest,
    struct signers *signers, struct fault *f)
{
	struct seal_header h;
	char line[LIMIT_HEADER_LINE + 1], *document = malloc(SEAL_SIZE), *body = NULL;
	struct signing signing;
	size_t len, line_len;
	enum err e = ERR_MEMORY;

	if (document == NULL || (e = seal_print(s, &body, &len)) != OK) {
		(void)err_fault(f, e, "the seal");
		goto out;
	}
	if (len >= SEAL_SIZE) {
		e = err_fault(f, ERR_LIMIT, "the seal does not fit its area");
		goto out;
	}
	digest_sha256(body, len, digest);
	memcpy(document, body, len);
	signing = (struct signing){ .body = body, .len = len, .out = document + len,
	    .room = SEAL_SIZE - len };
	if ((e = sign_enough(r, as, &signing, f)) != OK)
		goto out;
	*signers = signing.signers;
	fill_header(s, &h);
	h.length = (uint64_t)(signing.out - document);
	if ((e = code_tag(code, body, len, &h.tag)) != OK ||
	    (e = seal_header_print(&h, line, &line_len)) != OK ||
	    (e = h.length > SEAL_SIZE - line_len ? ERR_LIMIT : OK) != OK) {
		(void)err_fault(f, e, "the seal");
		goto out;
	}
	memset(area, 0, SEAL_SIZE);
	memcpy(area, line, line_len);
	memcpy(area + line_len, document, (size_t)h.length);
out:
	free(body);
	free(document);
	return e;
}

enum err
sealing_area(const struct vendor_register *r, const struct seal *s, const struct code *code,
    const char *as, uint8_t area[static SEAL_SIZE], struct digest *digest, struct fault *f)
{
	struct signers signers;

	return seal_it(r, s, code, as, area, digest, &signers, f);
}

void
sealing_none(const struct seal *s, uint8_t area[static SEAL_SIZE])
{
	memset(area, 0, SEAL_SIZE);
	(void)snprintf((char *)area, SEAL_SIZE, "UNSEALED %s/%llu %llu\n", s->customer,
	    (unsigned long long)s->number, (unsigned long long)s->volume);
}

enum err
sealing_bound(const struct vendor_register *r, const char *customer, uint64_t number,
    uint64_t volume, const struct seal_medium *medium, struct moment now, const char *as,
    uint8_t area[static SEAL_SIZE], struct digest *digest, struct fault *f)
{
	const struct register_volume *v = register_volume(r, customer, number, volume);
	const struct trust *t;
	struct code code = { .number = 0 };
	struct signers signers;
	struct trust_count count;
	struct seal *s = NULL;
	enum err e;

	if (v == NULL || !v->bound)
		return err_fault(f, ERR_USAGE, "%s/%llu, volume %llu, was not built with --bind",
		    customer, (unsigned long long)number, (unsigned long long)volume);
	if ((e = kept_seal(r, v, area, &s, f)) != OK ||
	    (e = kept_code(r, customer, number, &code, f)) != OK)
		goto out;
	if (s->trust_version > r->chain->count) {
		e = err_fault(f, ERR_HOME, "the draft names a trust document that is not in force");
		goto out;
	}
	s->medium = *medium;
	s->sealed_at = now;
	if ((e = seal_it(r, s, &code, as, area, digest, &signers, f)) != OK)
		goto out;
	t = r->chain->version[s->trust_version - 1];
	count = trust_count(t, ROLE_SEAL, &signers);
	if (count.have < count.need)
		e = err_fault(f, ERR_KEY_RETIRED, "the image has trust %llu, in which these keys do"
		    " not seal; build a new consignment", (unsigned long long)t->version);
out:
	code_wipe(&code);
	seal_free(s);
	return e;
}
