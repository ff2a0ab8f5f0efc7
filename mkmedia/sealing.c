/*
 * sealing: see sealing.h.
 */
#include "mkmedia/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/signer.h"

#define SEAL_NAMESPACE "seal@waxseal"

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

enum err
sealing_area(const struct vendor_register *r, const struct seal *s, const struct code *code,
    const char *as, uint8_t area[static SEAL_SIZE], struct digest *digest, struct fault *f)
{
	struct seal_header h = { .anchor = s->anchor, .chain = s->chain, .chain2 = s->chain2 };
	char line[LIMIT_HEADER_LINE + 1], *document = malloc(SEAL_SIZE), *body = NULL;
	struct signing signing;
	size_t len, line_len;
	enum err e = ERR_MEMORY;

	if (document == NULL || (e = seal_print(s, &body, &len)) != OK) {
		(void)err_fault(f, e, "the seal");
		goto out;
	}
	if (len >= SEAL_SIZE) {
		e = err_fault(f, ERR_LIMIT, "the seal does not fit its area: too many releases");
		goto out;
	}
	digest_sha256(body, len, digest);
	memcpy(document, body, len);
	signing = (struct signing){ .body = body, .len = len, .out = document + len,
	    .room = SEAL_SIZE - len };
	if ((e = sign_enough(r, as, &signing, f)) != OK)
		goto out;
	(void)snprintf(h.vendor, sizeof(h.vendor), "%s", s->vendor);
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
