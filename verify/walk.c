/*
 * walk: see walk.h.
 */
#include "verify/walk.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"

#define FEED (256 * KIB)

/*
 * A region of the medium, read forwards in pieces: a false chain is given up after its first false
 * document.  What was read stays, for whoever compares the copies.
 */
struct region {
	struct pipeline *p;
	uint64_t at, left;
	uint8_t *bytes;
	size_t have, used, room;
};

static enum err
region_more(struct region *r, struct fault *f)
{
	size_t n = r->left < FEED ? (size_t)r->left : (size_t)FEED;
	uint8_t *bytes;
	enum err e;

	if (n == 0)
		return err_fault(f, ERR_CHAIN_FORM, "it ends within a document");
	if (r->have + n > LIMIT_CHAIN_BYTES)
		return err_fault(f, ERR_CHAIN_FORM, "it is too long");
	if (r->have + n > r->room) {
		if ((bytes = realloc(r->bytes, 2 * r->room + n)) == NULL)
			return err_fault(f, ERR_MEMORY, "trust chain");
		r->bytes = bytes;
		r->room = 2 * r->room + n;
	}
	if ((e = pipeline_read(r->p, r->at, r->bytes + r->have, n, f)) != OK)
		return e;
	r->at += n;
	r->left -= n;
	r->have += n;
	return OK;
}

/* The next ${len} bytes; ${out} is good until more is taken. */
static enum err
region_take(struct region *r, size_t len, const uint8_t **out, struct fault *f)
{
	enum err e;

	while (r->have - r->used < len)
		if ((e = region_more(r, f)) != OK)
			return e;
	*out = r->bytes + r->used;
	r->used += len;
	return OK;
}

static enum err
region_u32(struct region *r, uint64_t min, uint64_t max, uint32_t *out, struct fault *f)
{
	const uint8_t *b;
	enum err e;

	if ((e = region_take(r, 4, &b, f)) != OK)
		return e;
	*out = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	if (*out < min || *out > max)
		return err_fault(f, ERR_CHAIN_FORM, "a length or count is out of bounds");
	return OK;
}

/* Document ${i} of the image's chain: the same as held here, or the rightful next one. */
static enum err
take_document(struct trust_chain *chain, size_t i, const uint8_t *buf, size_t len,
    const struct digest *anchor, struct fault *f)
{
	struct document doc;
	struct signers s;
	struct trust *t;
	enum err e;

	if (i < chain->count) {
		if (document_split(buf, len, &doc) != OK)
			return err_fault(f, ERR_CHAIN_FORM, "version %zu", i + 1);
		if (!digest_equal(&doc.digest, &chain->version[i]->digest))
			return err_fault(f, ERR_CHAIN_FORKED, "version %zu", i + 1);
		if (document_signers(&doc, "trust@waxseal", &s) != OK)
			return err_fault(f, ERR_CHAIN_QUORUM, "version %zu", i + 1);
		return OK;
	}
	e = i == 0 ? trust_first(&t, buf, len, anchor, f) :
	    trust_next(&t, buf, len, chain->version[i - 1], f);
	return e == OK ? trust_chain_add(chain, t, buf, len) : e;
}

static enum err
walk(struct region *r, const struct digest *anchor, struct trust_chain *chain, size_t *versions,
    struct fault *f)
{
	const uint8_t *document;
	uint32_t count, len;
	size_t i;
	enum err e;

	if ((e = region_u32(r, 1, LIMIT_CHAIN, &count, f)) != OK)
		return e;
	for (i = 0; i < count; i++) {
		if ((e = region_u32(r, 1, LIMIT_TRUST, &len, f)) != OK ||
		    (e = region_take(r, len, &document, f)) != OK ||
		    (e = take_document(chain, i, document, len, anchor, f)) != OK)
			return e;
		*versions = i + 1;
	}
	if (r->left != 0 || r->used != r->have)
		return err_fault(f, ERR_CHAIN_FORM, "bytes behind the last document");
	return OK;
}

enum err
walk_chain(struct pipeline *p, const struct seal_region *where, const struct digest *anchor,
    struct trust_chain *chain, size_t *versions, uint8_t **bytes, struct fault *f)
{
	struct region r = { .p = p, .at = where->offset, .left = where->length };
	enum err e;

	*versions = 0;
	if ((e = walk(&r, anchor, chain, versions, f)) == OK)
		*bytes = r.bytes;
	else
		free(r.bytes);
	return e;
}
