/*
 * match: is one release for what one system has?  Neither relations nor people are asked; that is
 * fit's business.  SPEC, "Fit".
 */
#ifndef VERIFY_MATCH_H
#define VERIFY_MATCH_H

#include "formats/limits.h"
#include "formats/passport.h"

/* In the order in which they decide: of several components the highest one counts. */
enum match {
	MATCH_UNAFFECTED,	/* nothing of it is there, or in other versions */
	MATCH_ALREADY,		/* what the release brings is there */
	MATCH_OLDER,		/* what is there is newer than the release */
	MATCH_FITS,
	MATCH_UNKNOWN,		/* nobody can tell by these texts */
	MATCH_CUSTOMISED,	/* it would fit what the maker delivered */
	MATCH_REFUSED,		/* the same, and the release is not for that */
};

/* What a release says of what it is for, parsed. */
struct match_release;
/*
 * match_release_new(out, j, o):
 * From ${o} of ${j}: the body of a release, or a struct summary's node; both stay longer.
 * ERR_MEMORY, or what release_parse would refuse.  On OK the caller frees it.
 */
enum err match_release_new(struct match_release **out, struct json *j,
    const struct json_node *o) MUST_USE;
void match_release_free(struct match_release *r);

/* What a system has, found by package. */
struct match_system;
/* ${p} may be NULL: there is no passport; it stays longer.  On OK the caller frees it. */
enum err match_system_new(struct match_system **out, const struct passport *p) MUST_USE;
void match_system_free(struct match_system *s);

#define MATCH_REASON (LIMIT_TEXT + 80)		/* a phrase, and one text of a passport */

struct match_row {
	enum match match;
	const struct passport_component *component;	/* that decides; NULL: none */
	const char *needed;	/* the range that it was held against; "" */
	bool newer;		/* something is there that is newer than the release */
	bool lower;		/* something is there that is lower than what the release is for */
	bool brings;		/* something is there that is older than what it brings */
	char reason[MATCH_REASON];		/* one phrase; not escaped */
};

/* The row of ${r} in the table of ${s}. */
void match_judge(const struct match_release *r, const struct match_system *s,
    struct match_row *out);

/* Does ${earlier} bring a version that ${r} is for? */
bool match_leads(const struct match_release *earlier, const struct match_release *r);

#endif
