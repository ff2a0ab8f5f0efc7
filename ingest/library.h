/*
 * library: all releases that this site knows of, by what lies in its stage, by catalogues and by
 * notices, and its systems, as one struct fit.  SPEC, "Fit".
 */
#ifndef INGEST_LIBRARY_H
#define INGEST_LIBRARY_H

#include "formats/release.h"
#include "ingest/systems.h"
#include "verify/fit.h"

struct library {
	struct fit *fit;		/* ready to be asked */
	struct systems systems;		/* in the same order as those of fit */
	size_t passports;
	struct passport **passport;	/* of each system; NULL: it has none */
	size_t releases;
	struct release **release;	/* those in the stage */
};

/*
 * library_open(out, st, extra, count, f):
 * ${extra}: ${count} releases that are not in the stage (on a medium); they stay until
 * library_free, which the caller calls in any case.
 */
enum err library_open(struct library *out, const struct station *st, struct release *const *extra,
    size_t count, struct fault *f) MUST_USE;
void library_free(struct library *l);

#endif
