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
 * document.
 */
struct region {
	struct pipeline *p;
	uint64_t at, left;
	uint8_t *buf;
	size_t have, used;
};

static enum err
region_take(struct region *r, void *to, size_t len, struct fault *f)
{
	uint8_t *out = to;
	size_t n;
	enum err e;

	while (len > 0) {
		if (r->used == r->have) {
			n = r->left < FEED ? (size_t)r->left : (size_t)FEED;
			if (n == 0)
				return err_fault(f, ERR_CHAIN_FORM, "it ends within a document");
			if ((e = pipeline_read(r->p, r->at, r->buf, n, f)) != OK)
				return e;
			r->at += n;
			r->left -= n;
			r->have = n;
			r->used = 0;
		}
		n = len < r->have - r->used ? len : r->have - r->used;
		memcpy(out, r->buf + r->used, n);
		out += n;
		len -= n;
		r->used += n;
	}
	return OK;
}

static enum err
region_u32(struct region *r, uint64_t min, uint64_t max, uint32_t *out, struct fault *f)
{
	uint8_t b[4];
	enum err e;

	if ((e = region_take(r, b, sizeof(b), f)) != OK)
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

enum err
walk_chain(struct pipeline *p, const struct seal_region *where, const struct digest *anchor,
    struct trust_chain *chain, size_t *versions, struct fault *f)
{
	struct region r = { .p = p, .at = where->offset, .left = where->length };
	uint8_t *document = malloc(LIMIT_TRUST);
	uint32_t count, len;
	enum err e = ERR_MEMORY;
	size_t i;

	*versions = 0;
	if (document == NULL || (r.buf = malloc(FEED)) == NULL)
		goto out;
	if ((e = region_u32(&r, 1, LIMIT_CHAIN, &count, f)) != OK)
		goto out;
	for (i = 0; i < count; i++) {
		if ((e = region_u32(&r, 1, LIMIT_TRUST, &len, f)) != OK ||
		    (e = region_take(&r, document, len, f)) != OK ||
		    (e = take_document(chain, i, document, len, anchor, f)) != OK)
			goto out;
		*versions = i + 1;
	}
	if (r.left != 0 || r.used != r.have)
		e = err_fault(f, ERR_CHAIN_FORM, "bytes behind the last document");
out:
	free(document);
	free(r.buf);
	return e;
}
