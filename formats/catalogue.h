/*
 * catalogue: a vendor's list of its current releases, with what they are for and how they relate.
 * SPEC, "catalogue/1".
 */
#ifndef FORMATS_CATALOGUE_H
#define FORMATS_CATALOGUE_H

#include "formats/document.h"
#include "formats/summary.h"
#include "formats/trust.h"

struct catalogue {
	struct json *json;		/* owns the strings; NULL while it is made for printing */
	struct digest digest;
	const char *vendor;
	uint64_t number;		/* of this vendor's catalogues, from 1 */
	struct moment issued;
	bool has_next;
	struct moment next_expected;	/* the next catalogue comes by then */
	uint64_t highest_notice;	/* sequence of the newest notice; 0: there is none */
	size_t count;
	struct summary *release;	/* in ascending order of their ids' bytes */
};

/*
 * catalogue_parse(out, doc, vendor, f):
 * Parse one body of ${vendor} (NULL: any).  Signatures are not looked at.  On OK the caller frees
 * it.
 */
enum err catalogue_parse(struct catalogue **out, const struct document *doc, const char *vendor,
    struct fault *f) MUST_USE;
void catalogue_free(struct catalogue *c);

/* The release ${id}, found by halves; or NULL. */
const struct summary *catalogue_find(const struct catalogue *c, const char *id);

/*
 * catalogue_print(c, releases, count, text, len, f):
 * The body to be signed, with what ${c} says besides releases; these are sorted here.  ERR_LIMIT:
 * too many, or no room for its signatures.  On OK the caller frees *${text}.
 */
enum err catalogue_print(const struct catalogue *c, const struct release **releases, size_t count,
    char **text, size_t *len, struct fault *f) MUST_USE;

/* A page to be printed, of 72 columns, escaped.  On OK the caller frees *${text}. */
enum err catalogue_text(const struct catalogue *c, const struct trust *t, char **text,
    size_t *len) MUST_USE;

#endif
