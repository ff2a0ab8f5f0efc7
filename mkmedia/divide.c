/*
 * divide: see divide.h.  What names take in the directories of an ISO volume is known only when it
 * is laid out: each volume is planned, laid out, and planned again with what was too much or too
 * little.
 */
#include "mkmedia/divide.h"

#include <stdlib.h>
#include <string.h>

#include "mkmedia/assemble.h"
#include "mkmedia/volume.h"
#include "verify/size.h"

#define TRIES 8u

static const struct {
	const char *name;
	uint64_t sectors;
} discs[] = {
	{ "cd", 359844 },		/* of 80 minutes */
	{ "dvd", 2295104 },		/* DVD+R; a DVD-R has 2,298,496 */
	{ "bd", 12219392 },
};

enum err
divide_size(const char *text, uint64_t *bytes, struct fault *f)
{
	size_t i;

	for (i = 0; i < sizeof(discs) / sizeof(discs[0]); i++)
		if (strcmp(text, discs[i].name) == 0) {
			*bytes = discs[i].sectors * SECTOR_SIZE;
			return OK;
		}
	*bytes = 0;
	if (strlen(text) <= 13 && strspn(text, "0123456789") == strlen(text))
		*bytes = strtoull(text, NULL, 10);
	if (*bytes < DIVIDE_LEAST || *bytes > LIMIT_IMAGE)
		return err_fault(f, ERR_USAGE,
		    "--volume-size: cd, dvd, bd, or bytes from %llu to %llu",
		    (unsigned long long)DIVIDE_LEAST, (unsigned long long)LIMIT_IMAGE);
	return OK;
}

/* Bytes of an ISO volume with the payload from ${begin} to before ${end}. */
static enum err
measure(struct consignment *c, const struct seal_cut *begin, const struct seal_cut *end,
    uint64_t *bytes, struct fault *f)
{
	struct seal trial = { .volume = 1, .volumes = 2, .cut = { *begin, *end } };
	struct volume v;
	enum err e;

	e = volume_fill(&v, c, &trial, VOLUME_NONE, f);
	if (e == OK && (e = image_size(v.image, bytes)) != OK)
		(void)err_fault(f, e, "laying out a volume");
	volume_free(&v);
	return e;
}

/* The farthest *${end} that was found of the volume from ${begin} with at most ${room} bytes. */
static enum err
find_end(struct consignment *c, const struct seal_cut *begin, uint64_t room, struct seal_cut *end,
    struct fault *f)
{
	struct seal_cut at, last = *begin;
	uint64_t bytes, used, left = room;
	unsigned i;
	enum err e;

	*end = *begin;
	for (i = 0; i < TRIES; i++, last = at) {
		at = plan_fill(&c->plan, *begin, left, &used);
		if (seal_cut_compare(&at, &last) == 0)
			break;
		if ((e = measure(c, begin, &at, &bytes, f)) != OK)
			return e;
		if (bytes <= room && seal_cut_compare(&at, end) > 0)
			*end = at;
		if (bytes <= room && (plan_end(&c->plan, &at) || room - bytes < PLAN_PIECE))
			break;
		left = used + room > bytes ? used + room - bytes : 0;
	}
	return OK;
}

static enum err
refuse_small(struct consignment *c, uint64_t size, struct fault *f)
{
	const struct seal_cut start = { 0, 1, 0 };
	char is[SIZE_TEXT], takes[SIZE_TEXT];
	uint64_t bytes;
	enum err e = measure(c, &start, &start, &bytes, f);

	return e != OK ? e : err_fault(f, ERR_USAGE,
	    "--volume-size: %s is too little: lists and trust, which go on every disc, take %s",
	    size_print(size, is), size_print(bytes, takes));
}

enum err
divide_cuts(struct consignment *c, struct seal *s, uint64_t size, struct fault *f)
{
	uint64_t room = assemble_room(size, c->r->chain->len, s->percent);
	struct seal_cut end = { 0, 1, 0 };
	char text[SIZE_TEXT];
	enum err e;

	for (s->volumes = 0; !plan_end(&c->plan, &end); s->volumes++) {
		if (s->volumes == LIMIT_VOLUMES)
			return err_fault(f, ERR_USAGE, "--volume-size: more than %u discs of %s;"
			    " take larger ones", LIMIT_VOLUMES, size_print(size, text));
		s->cut[s->volumes] = end;
		if ((e = find_end(c, &s->cut[s->volumes], room, &end, f)) != OK)
			return e;
		if (seal_cut_compare(&s->cut[s->volumes], &end) == 0)
			return refuse_small(c, size, f);
	}
	return OK;
}
