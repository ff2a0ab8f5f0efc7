/*
 * systems: the systems of a site and their newest passports, derived from the ledger.  SPEC,
 * "Ledger entries".
 */
#ifndef INGEST_SYSTEMS_H
#define INGEST_SYSTEMS_H

#include "formats/limits.h"
#include "formats/passport.h"
#include "ingest/station.h"

struct system {
	char name[LIMIT_ID + 1];
	char root[1024];	/* "": by hand */
	bool test;		/* its role: for trials, not production */
	char tell[LIMIT_TEXT + 1];	/* who answers for it, and is told of news; "": nobody */
	uint64_t passports;	/* how many there were; the newest has this number; 0: none */
	uint64_t entry;		/* of the newest passport, in the ledger; */
	struct digest digest;	/* its digest, */
	struct moment recorded;	/* and when it was recorded */
};

struct systems {
	size_t count;
	struct system *system;	/* in the order in which they were added */
};

enum err systems_load(struct systems *out, const struct ledger *l, struct fault *f) MUST_USE;
void systems_free(struct systems *s);

/* NULL and ERR_SYSTEM in ${f} (may be NULL) when there is none of that name. */
const struct system *systems_find(const struct systems *s, const char *name, struct fault *f);

/* "passports/bed-1/3.passport", of passport ${number}, in the home. */
#define SYSTEMS_PATH 96
void systems_path(const struct system *s, uint64_t number, char out[static SYSTEMS_PATH]);

/*
 * The newest passport of ${s}, checked against the ledger and the site's key; ERR_USAGE when there
 * is none yet.  On OK the caller frees *${out}.
 */
enum err systems_passport(struct passport **out, const struct station *st, const struct system *s,
    struct fault *f) MUST_USE;

/*
 * Make ${p} the newest passport of ${s}: settle it, sign it, write it into the home, and record it
 * with ${source} ("scan", "set", "import", "customised"), which decides.  Gives it its number
 * and system.  ${entry} gets the number of the ledger entry.
 */
enum err systems_keep(struct station *st, const struct system *s, struct passport *p,
    const char *source, uint64_t *entry, struct fault *f) MUST_USE;

#endif
