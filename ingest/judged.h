/*
 * judged: what persons said where nobody else could tell whether a release fits.  SPEC, "Fit".
 */
#ifndef INGEST_JUDGED_H
#define INGEST_JUDGED_H

#include "formats/limits.h"
#include "verify/ledger.h"

struct judged {
	char release[LIMIT_ID + 1 + LIMIT_RELEASE_ID + 1];	/* "vendor:id" */
	char system[LIMIT_ID + 1];	/* "": all of them */
	bool fits;
	char by[LIMIT_TEXT + 1], reason[LIMIT_TEXT + 1];
	uint64_t entry;
};

struct judged_list {
	size_t count;
	struct judged *item;		/* as they were said */
};

/* From the ledger.  On OK the caller ends with judged_free. */
enum err judged_load(struct judged_list *out, const struct ledger *l, struct fault *f) MUST_USE;
void judged_free(struct judged_list *l);

/* What was said last of ${release} for ${system}; NULL: nothing. */
const struct judged *judged_find(const struct judged_list *l, const char *release,
    const char *system);

#endif
