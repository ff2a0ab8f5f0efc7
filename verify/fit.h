/*
 * fit: which releases fit which systems, and in which order: the one engine behind V11, ingest fit
 * and mkmedia inbox.  SPEC, "Fit".
 */
#ifndef VERIFY_FIT_H
#define VERIFY_FIT_H

#include "formats/relations.h"
#include "verify/match.h"

enum fit_verdict {
	FIT_FITS,
	FIT_AFTER,		/* after others, which are named */
	FIT_ALREADY,		/* it is there, or contained in what is there */
	FIT_UNAFFECTED,
	FIT_OLDER,		/* what is there is newer */
	FIT_REFUSED,		/* customised, and the release is not for that */
	FIT_CONFLICTS,		/* with what is there */
	FIT_CUSTOMISED,		/* this and all that follow: a person must judge */
	FIT_UNKNOWN,
	FIT_WITHDRAWN,
};

const char *fit_code(enum fit_verdict v);	/* "fits", "fits-after", ...; SPEC, "Fit" */
const char *fit_words(enum fit_verdict v);	/* "fits", "fits after others", ... for people */
bool fit_good(enum fit_verdict v);		/* it could be installed */
bool fit_open(enum fit_verdict v);		/* a person must judge */

struct fit;
struct fit *fit_new(void);			/* NULL: no memory */
void fit_free(struct fit *f);

/*
 * fit_add_release(f, vendor, id, j, o, withdrawn):
 * A release that is known: ${o} of ${j} as match_release_new takes it.  What one that was added
 * before is for does not change; it is withdrawn if either time it was.
 * fit_add_system(f, name, p): a system, with its passport or NULL.
 * Both: what is given stays until fit_free.
 */
enum err fit_add_release(struct fit *f, const char *vendor, const char *id, struct json *j,
    const struct json_node *o, bool withdrawn) MUST_USE;
enum err fit_add_system(struct fit *f, const char *name, const struct passport *p) MUST_USE;
/* When all were added, and before anything is asked. */
enum err fit_ready(struct fit *f) MUST_USE;

size_t fit_releases(const struct fit *f);
size_t fit_systems(const struct fit *f);
const char *fit_release_name(const struct fit *f, size_t release);	/* "vendor:id" */
const char *fit_system_name(const struct fit *f, size_t system);
#define FIT_NONE SIZE_MAX
size_t fit_find(const struct fit *f, const char *name);	/* "vendor:id"; FIT_NONE: not known */

#define FIT_REASON 1000

struct fit_row {
	enum fit_verdict verdict;
	const struct passport_component *component;	/* that decides; NULL: none */
	const char *needed;			/* the range that it was held against; "" */
	size_t replaced;	/* by this release, which fits, too; FIT_NONE */
	bool there;		/* by its versions: not only contained in what is there */
	bool withdrawn;		/* whatever the verdict is */
	char reason[FIT_REASON];		/* not escaped */
};

/* Does ${release} fit ${system}? */
enum err fit_judge(struct fit *f, size_t release, size_t system, struct fit_row *out) MUST_USE;

/*
 * fit_missing(f, release, system, out, n):
 * The releases that are known, are missing on ${system}, and ${release} comes after, in the order
 * in which to install them.  ${out} has room for fit_releases.
 */
enum err fit_missing(struct fit *f, size_t release, size_t system, size_t *out,
    size_t *n) MUST_USE;

/* The verdict that counts, where fit_judge says ${v}: a person may have judged. */
typedef enum fit_verdict fit_word(const void *arg, size_t release, size_t system,
    enum fit_verdict v);

/* What becomes of one release at a site. */
enum fit_outcome { FIT_FOR_SOME, FIT_HELD, FIT_FOR_NONE };
/*
 * Of the verdicts of all systems, as ${word} (NULL: nobody judged) has them: good for one; else
 * open for one, or there is no system; else for none.
 */
enum err fit_outcome(struct fit *f, size_t release, fit_word *word, const void *arg,
    enum fit_outcome *out) MUST_USE;

/* Sort ${n} releases as they are to be installed: formats/relations.h. */
void fit_order(const struct fit *f, size_t *release, size_t n);

#endif
