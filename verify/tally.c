/*
 * tally: see tally.h.
 */
#include "verify/tally.h"

#include <stdio.h>

bool
tally_chunk(struct pipeline_blocks *c, const struct report *r, uint64_t n)
{
	const uint64_t lost = (uint64_t)r->unreadable + r->differ;

	if (r->good + lost != n || r->mended > r->good || r->mended_differ > r->mended ||
	    r->failed > lost || (uint64_t)r->bad >> n != 0 ||
	    (unsigned)__builtin_popcount(r->bad) != lost)
		return false;
	c->good += r->good;
	c->unreadable += r->unreadable;
	c->differ += r->differ;
	c->mended += r->mended;
	c->mended_differ += r->mended_differ;
	if (r->failed > 0 && c->failed == 0)
		c->why = (int)r->why;
	c->failed += r->failed;
	extents_add(&c->bad, r->number * CHUNK_BLOCKS, r->bad);
	if (r->bad != 0 && c->first_bad == UINT64_MAX)
		c->first_bad = r->number * CHUNK_BLOCKS + (uint64_t)__builtin_ctz(r->bad);
	return true;
}

enum err
tally_explain(const struct pipeline_blocks *c, enum err e, struct fault *f)
{
	char beyond[140] = "";

	if (c->lost > 0)
		(void)snprintf(beyond, sizeof(beyond),
		    "; %llu blocks of %llu stripes are beyond repair",
		    (unsigned long long)c->lost, (unsigned long long)c->stripes);
	else if (c->worse > 0)
		(void)snprintf(beyond, sizeof(beyond),
		    "; all that was computed, but then %llu were bad, the first is block %llu",
		    (unsigned long long)c->worse, (unsigned long long)c->first_worse);
	return err_fault(f, e,
	    "%llu good, %llu unreadable, %llu differ, the first is block %llu%s",
	    (unsigned long long)c->good, (unsigned long long)c->unreadable,
	    (unsigned long long)c->differ, (unsigned long long)c->first_bad, beyond);
}
