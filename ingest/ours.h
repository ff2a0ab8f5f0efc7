/*
 * ours: which components of a passport are a vendor's.
 */
#ifndef INGEST_OURS_H
#define INGEST_OURS_H

#include "formats/passport.h"
#include "formats/purl.h"
#include "ingest/station.h"

struct ours {
	const char *vendor;
	size_t count;
	struct purl **named;	/* sorted: packages that stored releases of the vendor apply to */
};

/* Read the vendor's releases in the stage. */
enum err ours_load(struct ours *o, const struct station *st, const char *vendor,
    struct fault *f) MUST_USE;
void ours_free(struct ours *o);

/*
 * A passport_keep for a struct ours: the purl has the vendor as namespace, or its name is the
 * vendor's id or begins with it and a hyphen, or it is one that the vendor's releases apply to.
 */
bool ours_keep(void *ours, const struct passport_component *c);

#endif
