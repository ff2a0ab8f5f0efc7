/*
 * fit_system: one system beside all releases that are known; for fit alone.
 */
#ifndef VERIFY_FIT_SYSTEM_H
#define VERIFY_FIT_SYSTEM_H

#include "formats/limits.h"
#include "formats/relations.h"
#include "verify/match.h"

struct fit_known {
	char name[LIMIT_ID + 1 + LIMIT_RELEASE_ID + 1];	/* "vendor:id" */
	struct match_release *match;
	bool withdrawn;
	size_t order;		/* in which it was added */
	size_t node;		/* its number in relations */
};

struct fit_system {
	char name[LIMIT_ID + 1];
	struct match_system *match;
	/* By the numbers of relations; NULL: not looked at yet. */
	bool *present;		/* it is there, as far as versions tell */
	bool *fits;		/* it could come: by its versions or those that come before it, */
				/* and nothing is against it */
};

/*
 * Look at ${s}, once, beside ${count} releases at ${release}.  ${room} is for as many numbers as
 * ${r} has.
 */
enum err fit_system_look(struct fit_system *s, const struct relations *r,
    const struct fit_known *release, size_t count, size_t *room) MUST_USE;
void fit_system_end(struct fit_system *s);

/* The first of ${n} releases that is there; RELATIONS_NONE. */
size_t fit_system_first(const struct fit_system *s, const size_t *list, size_t n);

#endif
