/*
 * notice: the news of a release, or that it was withdrawn.  SPEC, "notice/1".
 */
#ifndef FORMATS_NOTICE_H
#define FORMATS_NOTICE_H

#include "formats/document.h"
#include "formats/summary.h"
#include "formats/trust.h"

struct notice {
	struct json *json;		/* owns the strings; NULL while it is made for printing */
	struct digest digest;
	const char *vendor;
	uint64_t sequence;		/* of this vendor's notices, from 1 without gaps */
	struct moment issued;
	const char *place;
	bool withdrawal;		/* the release should not be installed any more */
	const char *reason;		/* of a withdrawal; else "" */
	struct summary release;
	const char *notes;		/* of the release; "" for none, as of all that follow */
	const char *acquisition;	/* where and how to get it */
	const char *details;
	const char *if_not_applied;
};

/*
 * notice_parse(out, doc, vendor, f):
 * Parse one body of ${vendor} (NULL: any).  Signatures are not looked at.  On OK the caller frees
 * it.
 */
enum err notice_parse(struct notice **out, const struct document *doc, const char *vendor,
    struct fault *f) MUST_USE;
void notice_free(struct notice *n);

/*
 * notice_print(n, r, text, len, f):
 * The body of a notice of ${r} to be signed, with what ${n} says besides vendor, release and notes,
 * which come from ${r}; pointers that are NULL are "".  ERR_LIMIT: no room for its signatures.  On
 * OK the caller frees *${text}.
 */
enum err notice_print(const struct notice *n, const struct release *r, char **text, size_t *len,
    struct fault *f) MUST_USE;

/* A page to be printed, of 72 columns, escaped.  On OK the caller frees *${text}. */
enum err notice_text(const struct notice *n, const struct trust *t, char **text,
    size_t *len) MUST_USE;

#endif
