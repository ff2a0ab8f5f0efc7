/*
 * library: all releases that this site knows of, by what lies in its stage, by catalogues and by
 * notices, and its systems, as one struct fit.  SPEC, "Fit".
 */
#ifndef INGEST_LIBRARY_H
#define INGEST_LIBRARY_H

#include "ingest/judged.h"
#include "ingest/known.h"
#include "ingest/systems.h"
#include "verify/fit.h"

/* A release that the site does not have yet: on a medium, or in a notice that just came. */
struct library_guest {
	const char *vendor, *id;
	struct json *json;
	const struct json_node *node;	/* as fit_add_release takes it */
	bool withdrawn;
};

struct library_guest library_guest_of(const struct release *r);

struct library {
	struct fit *fit;		/* ready to be asked */
	struct known known;
	struct systems systems;		/* in the same order as those of fit */
	size_t passports;
	struct passport **passport;	/* of each system; NULL: it has none */
	struct judged_list judged;
};

/*
 * library_open(out, st, guest, count, f):
 * ${guest}: ${count} releases besides; they stay until library_free, which the caller calls in any
 * case.
 */
enum err library_open(struct library *out, const struct station *st,
    const struct library_guest *guest, size_t count, struct fault *f) MUST_USE;
void library_free(struct library *l);

/*
 * The release "vendor:id", or "id" where only one vendor has it; FIT_NONE and ERR_USAGE in ${f}
 * when it is not known here.
 */
size_t library_find(const struct library *l, const char *name, struct fault *f);

/* A guest that it was opened with. */
size_t library_guest_find(const struct library *l, const struct library_guest *g);

/*
 * As fit_judge, with what a person has said where a person must judge: ${judged} (may be NULL)
 * gets that, or NULL.
 */
enum err library_judge(const struct library *l, size_t release, size_t system, struct fit_row *out,
    const struct judged **judged) MUST_USE;

/* What becomes of a release here: fit.h, with what persons have said. */
enum err library_outcome(const struct library *l, size_t release,
    enum fit_outcome *out) MUST_USE;

#endif
