/*
 * needs: which current releases the systems of a customer need, by their passports.  SPEC, "Fit"
 * and "What sites send".
 */
#ifndef MKMEDIA_NEEDS_H
#define MKMEDIA_NEEDS_H

#include "mkmedia/register.h"
#include "verify/fit.h"

/* One release for one system. */
struct needs_mark {
	enum fit_verdict verdict;
	size_t instead;		/* the release that is proposed in its place; FIT_NONE */
	bool proposed;
	bool asked;		/* a person must judge, and nothing stands in its place */
	bool warned;		/* it is there, and was withdrawn or revoked */
};

struct needs {
	struct fit *fit;
	size_t loaded;
	struct release **release;	/* all that were signed; not in fit's order */
	size_t systems, releases;	/* as fit counts them */
	struct needs_mark *mark;	/* system after system */
	size_t *order;			/* all releases, as they are to be installed */
};

/*
 * needs_find(out, r, passport, count, f):
 * Every release of ${r} that was signed, beside ${count} passports, which stay.  In any case the
 * caller ends with needs_free.
 */
enum err needs_find(struct needs *out, const struct vendor_register *r,
    const struct passport *const *passport, size_t count, struct fault *f) MUST_USE;
void needs_free(struct needs *n);

const struct needs_mark *needs_mark(const struct needs *n, size_t system, size_t release);
/* Is it proposed for any system? */
bool needs_proposed(const struct needs *n, size_t release);
/* The id of ${release}, without its vendor. */
const char *needs_id(const struct needs *n, size_t release);

#endif
