/*
 * known: every release that this site has or was told of, whatever told it.  SPEC, "News".
 */
#ifndef INGEST_KNOWN_H
#define INGEST_KNOWN_H

#include "formats/relations.h"
#include "ingest/news.h"

/* One release in the stage. */
struct known_staged {
	struct release *release;
	char stage[128];		/* "stage/VENDOR/CUSTOMER-N" */
	uint64_t entry;			/* of the ledger */
};

struct known_release {
	const char *vendor;
	char name[LIMIT_ID + 1 + LIMIT_RELEASE_ID + 1];	/* "vendor:id" */
	struct summary summary;			/* of the release where it is here, else as told */
	const struct known_staged *staged;	/* the newest; NULL: it is not here */
	const struct catalogue *catalogue;	/* the newest, if that has it; else NULL */
	const struct notice *notice;		/* the newest; NULL: it was not announced */
	size_t node;				/* its number in the relations */
};

struct known {
	struct news news;
	size_t staged_count;
	struct known_staged *staged;
	size_t count;
	struct known_release *release;		/* in the order of their names' bytes */
	struct relations *relations;		/* of all of them, ready */
};

/* known_free in any case. */
enum err known_load(struct known *out, const struct station *st, struct fault *f) MUST_USE;
void known_free(struct known *k);

/* NULL: there is none of that name. */
const struct known_release *known_find(const struct known *k, const char *name);

/*
 * The first release that ${r} leads to by relations of ${kinds} over any number of steps (${back}:
 * that lead to ${r}); one that is here, if there is any, and else, unless ${here}, any other.  NULL
 * in *${out}: none.  ERR_MEMORY only.
 */
enum err known_related(const struct known *k, const struct known_release *r, unsigned kinds,
    bool back, bool here, const struct known_release **out) MUST_USE;

#endif
