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
static enum err
read_either(struct pipeline *p, struct judgement *j, struct digest *map)
{
	const struct seal *s = j->seal;
	struct fault first;
	enum err e;

	if ((e = read_map(p, j, s->map.offset, map)) != ERR_UNREADABLE)
		return e;
	first = j->fault;
	e = read_map(p, j, s->map2.offset, map);
	if (e == OK) {
		judgement_note(j, "V7", "map", CHECK_REMARK, OK,
		    "the first copy of the block map cannot be read; the second one was used");
		j->second_map = true;
		j->fault = (struct fault){ .err = OK };
	}
	if (e == OK || e == ERR_SILENT || e == ERR_CHILD)
		return e;
	j->fault = first;	/* what the second copy said is not what is wrong */
	return first.err;
}

enum err
coverage_map(struct pipeline *p, struct judgement *j, struct digest **map)
{
	enum err e;

	*map = malloc((size_t)j->seal->map.length);
	if (*map == NULL)
		return judgement_fail(
		    j, "V7", "map", err_fault(&j->fault, ERR_MEMORY, "block map"));
	if ((e = read_either(p, j, *map)) == OK)
		return OK;
	free(*map);
	*map = NULL;
	return judgement_fail(j, "V7", "map", e);
}

struct pass {
	struct pipeline *p;
	struct judgement *j;
	uint8_t *buf;			/* STEP */
	uint64_t at;
	uint64_t unread;		/* bytes of copies and zeros that do not read */
};

/* A stretch of the image: zeros, or a copy of what was used. */
struct stretch {
	uint64_t end;
	const void *copy;		/* NULL: zeros */
	enum err wrong;
};

static enum err
compare(struct pass *a, const struct stretch *s, uint64_t start, size_t n)
{
	if (s->copy == NULL)
		return zero_all(a->buf, n) ? OK :
		    err_fault(&a->j->fault, s->wrong, "between bytes %llu and %llu",
		    (unsigned long long)a->at, (unsigned long long)(a->at + n));
	return memcmp(a->buf, (const uint8_t *)s->copy + (a->at - start), n) == 0 ? OK :
	    err_fault(&a->j->fault, s->wrong, "at byte %llu", (unsigned long long)start);
}

/*
 * Read on to the end of the stretch.  What does not read is a copy of what was good already, or
 * holds nothing: it is counted and left out.
 */
static enum err
advance(struct pass *a, const struct stretch *s)
{
	const uint64_t start = a->at;
	struct fault unread;
	enum err e;

	while (a->at < s->end) {
		size_t n = s->end - a->at < STEP ? (size_t)(s->end - a->at) : STEP;

		e = pipeline_read(a->p, a->at, a->buf, n, &unread);
		if (e != OK && e != ERR_UNREADABLE) {
			a->j->fault = unread;
			return e;
		}
		if (e == ERR_UNREADABLE)
			a->unread += n;
		else if ((e = compare(a, s, start, n)) != OK)
			return e;
		a->at += n;
	}
	return OK;
}

/* The zeros in front of region ${r}, then the region. */
static enum err
region(struct pass *a, const struct seal_region *r, const void *copy, enum err wrong)
{
	const struct stretch before = { r->offset, NULL, ERR_NOT_ZERO };
	const struct stretch within = { r->offset + r->length, copy, wrong };
	enum err e = advance(a, &before);

	return e == OK ? advance(a, &within) : e;
}

/* It did not read when the backup was taken.  If it does now, it is held against what was used. */
static enum err
first_seal(struct pass *a)
{
	const struct stretch area = { SEAL_OFFSET + SEAL_SIZE, a->j->area, ERR_BACKUP };
	enum err e;

	a->at = SEAL_OFFSET;
	e = advance(a, &area);
	a->unread = 0;	/* V2 has said so */
	return e;
}

static enum err
pass_tail(struct pass *a, const struct digest *map)
{
	const struct judgement *j = a->j;
	const struct seal *s = j->seal;
	const struct seal_region backup = { s->backup, SEAL_SIZE };
	const struct stretch rest = { s->size, NULL, ERR_NOT_ZERO };
	enum err e;

	if (j->backup != 0 && (e = first_seal(a)) != OK)
		return e;
	a->at = s->map.offset;
	if (!j->second_map)	/* it was checked by V7 */
		a->at += s->map.length;
	else if ((e = region(a, &s->map, map, ERR_MAP_COPY)) != OK)
		return e;
	if ((e = region(a, &s->chain, j->image_chain, ERR_CHAIN_COPY)) != OK ||
	    (e = region(a, &backup, j->area, ERR_BACKUP)) != OK ||
	    (e = region(a, &s->map2, map, ERR_MAP_COPY)) != OK ||
	    (e = region(a, &s->chain2, j->image_chain, ERR_CHAIN_COPY)) != OK)
		return e;
	return advance(a, &rest);
}

enum err
coverage_tail(struct pipeline *p, struct judgement *j, const struct digest *map)
{
	struct pass a = { .p = p, .j = j, .buf = malloc(STEP) };
	enum err e;

	e = a.buf == NULL ? err_fault(&j->fault, ERR_MEMORY, "copies") : pass_tail(&a, map);
	if (e == OK && a.unread > 0)
		judgement_note(j, "V8", "copies", CHECK_REMARK, OK,
		    "%llu bytes behind the blocks cannot be read; nothing that is needed is "
		    "missing",
		    (unsigned long long)a.unread);
	free(a.buf);
	return e == OK ? OK : judgement_fail(j, "V8", "copies", e);
}
