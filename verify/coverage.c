/*
 * coverage: see coverage.h.
 */
#include "verify/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/zero.h"

#define STEP BLOCK_SIZE

static enum err
read_map(struct pipeline *p, struct judgement *j, uint64_t offset, struct digest *map)
{
	const struct seal *s = j->seal;
	struct digest d;
	enum err e;

	if ((e = pipeline_read(p, offset, map, (size_t)s->map.length, &j->fault)) != OK)
		return e;
	digest_sha256(map, (size_t)s->map.length, &d);
	return digest_equal(&d, &s->map_digest) ? OK :
	    err_fault(&j->fault, ERR_MAP_DIGEST, "at byte %llu", (unsigned long long)offset);
}

/*
 * A first copy that reads well and is false is never forgiven; one that does not read has a
 * second.
 */
enum err
coverage_map(struct pipeline *p, struct judgement *j, struct digest **map)
{
	const struct seal *s = j->seal;
	enum err e;

	*map = malloc((size_t)s->map.length);
	if (*map == NULL)
		return judgement_fail(
		    j, "V7", "map", err_fault(&j->fault, ERR_MEMORY, "block map"));
	e = read_map(p, j, s->map.offset, *map);
	if (e == ERR_UNREADABLE && read_map(p, j, s->map2.offset, *map) == OK) {
		judgement_note(j, "V7", "map", CHECK_REMARK, OK,
		    "the first copy of the block map cannot be read; the second one was used");
		j->fault = (struct fault){ .err = OK };
		return OK;
	}
	if (e == OK)
		return OK;
	free(*map);
	*map = NULL;
	if (j->fault.err != e)	/* what the second copy said is not what is wrong */
		(void)err_fault(&j->fault, e, "at byte %llu", (unsigned long long)s->map.offset);
	return judgement_fail(j, "V7", "map", e);
}

/* What a stretch of the image must be. */
enum stretch { IS_ZERO, IS_SEAL, IS_MAP, IS_CHAIN };

struct pass {
	struct pipeline *p;
	struct judgement *j;
	struct digest_state *digest;
	uint8_t *buf;			/* STEP */
	uint64_t at;
	uint64_t unread;		/* bytes of copies and zeros that do not read */
};

/*
 * Read on to ${to}; what is read is hashed, and must be zero or the seal where that is asked.  What
 * does not read is a copy of what was good already, or holds nothing: it is counted and left out.
 */
static enum err
advance(struct pass *a, uint64_t to, enum stretch what, struct digest *out)
{
	uint64_t start = a->at;
	struct fault unread;
	enum err e;

	digest_begin(a->digest);
	while (a->at < to) {
		size_t n = to - a->at < STEP ? (size_t)(to - a->at) : STEP;

		e = pipeline_read(a->p, a->at, a->buf, n, &unread);
		if (e == ERR_UNREADABLE) {
			a->unread += n;
			a->at += n;
			continue;
		}
		if (e != OK) {
			a->j->fault = unread;
			return e;
		}
		if (what == IS_ZERO && !zero_all(a->buf, n))
			return err_fault(&a->j->fault, ERR_NOT_ZERO, "between bytes %llu and %llu",
			    (unsigned long long)a->at, (unsigned long long)(a->at + n));
		if (what == IS_SEAL && memcmp(a->buf, a->j->area + (a->at - start), n) != 0)
			return err_fault(&a->j->fault, ERR_BACKUP, "at byte %llu",
			    (unsigned long long)a->at);
		if (what == IS_MAP || what == IS_CHAIN)
			digest_add(a->digest, a->buf, n);
		a->at += n;
	}
	digest_end(a->digest, out);
	return OK;
}

struct copy {
	struct digest digest;
	bool whole;		/* all of it could be read */
};

/* The zeros in front of region ${r}, then the region. */
static enum err
region(struct pass *a, const struct seal_region *r, enum stretch what, struct copy *out)
{
	uint64_t unread;
	enum err e;

	if ((e = advance(a, r->offset, IS_ZERO, &out->digest)) != OK)
		return e;
	unread = a->unread;
	e = advance(a, r->offset + r->length, what, &out->digest);
	out->whole = a->unread == unread;
	return e;
}

static enum err
pass_tail(struct pass *a)
{
	const struct seal *s = a->j->seal;
	struct seal_region backup = { s->backup, SEAL_SIZE };
	struct copy seal, chain, chain2, map2;
	struct digest none;
	enum err e;

	a->at = s->map.offset + s->map.length;	/* the map itself was checked by V7 */
	if ((e = region(a, &s->chain, IS_CHAIN, &chain)) != OK ||
	    (e = region(a, &backup, IS_SEAL, &seal)) != OK ||
	    (e = region(a, &s->map2, IS_MAP, &map2)) != OK)
		return e;
	if (map2.whole && !digest_equal(&map2.digest, &s->map_digest))
		return err_fault(&a->j->fault, ERR_MAP_COPY, "at byte %llu",
		    (unsigned long long)s->map2.offset);
	if ((e = region(a, &s->chain2, IS_CHAIN, &chain2)) != OK)
		return e;
	if (chain.whole && chain2.whole && !digest_equal(&chain.digest, &chain2.digest))
		return err_fault(&a->j->fault, ERR_CHAIN_COPY, "at byte %llu",
		    (unsigned long long)s->chain2.offset);
	return advance(a, s->size, IS_ZERO, &none);
}

enum err
coverage_tail(struct pipeline *p, struct judgement *j)
{
	struct pass a = { .p = p, .j = j, .digest = digest_new(), .buf = malloc(STEP) };
	enum err e;

	e = a.digest == NULL || a.buf == NULL ? err_fault(&j->fault, ERR_MEMORY, "copies") :
	    pass_tail(&a);
	if (e == OK && a.unread > 0)
		judgement_note(j, "V8", "copies", CHECK_REMARK, OK,
		    "%llu bytes behind the blocks cannot be read; nothing that is needed is "
		    "missing",
		    (unsigned long long)a.unread);
	digest_free(a.digest);
	free(a.buf);
	return e == OK ? OK : judgement_fail(j, "V8", "copies", e);
}
