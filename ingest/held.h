/*
 * held: the releases in the stage of which a person must still say whether they fit.  SPEC, "Fit".
 */
#ifndef INGEST_HELD_H
#define INGEST_HELD_H

#include "ingest/station.h"

struct held {
	char release[LIMIT_ID + LIMIT_RELEASE_ID + 2];	/* "vendor:id" */
	char customer[LIMIT_ID + 1];
	uint64_t number;
};

struct held_list {
	size_t count;
	struct held *item;	/* in the order in which they were accepted */
};

/*
 * Those that were held when they were accepted, and are by the passports of today and by what
 * persons have said since.  held_free in any case.
 */
enum err held_load(struct held_list *out, const struct station *st, struct fault *f) MUST_USE;
void held_free(struct held_list *l);

#endif
