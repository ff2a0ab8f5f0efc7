/*
 * evaluation: is a vendor's news up to date: which notices are missing, is its catalogue overdue,
 * when is what it has to be evaluated again?  SPEC, "News".
 */
#ifndef INGEST_EVALUATION_H
#define INGEST_EVALUATION_H

#include "ingest/news.h"

struct evaluation {
	char vendor[LIMIT_ID + 1];
	struct moment trusted;		/* since when */
	bool done;			/* something of this vendor was ever looked at, */
	struct moment last;		/* then the last time */
	struct moment due;		/* LIMIT_EVALUATION days later */
	bool overdue;			/* due has passed */
	uint64_t highest, catalogue;	/* as in struct news_vendor */
	char gaps[200];			/* see news_gaps */
	bool has_issued, has_next;	/* of the newest catalogue: */
	struct moment issued, next_expected;
	bool late;			/* next_expected has passed */
};

struct evaluations {
	size_t count;
	struct evaluation *vendor;	/* in the order of the site's vendors */
};

/* ${now}: the clock; where the floor is later, that counts.  evaluation_free in any case. */
enum err evaluation_load(struct evaluations *out, const struct station *st, struct moment now,
    struct fault *f) MUST_USE;
void evaluation_free(struct evaluations *e);

/* What is to be said of it under the vendor's line of `ingest status`; and as members. */
void evaluation_print(const struct evaluation *e);
void evaluation_json(struct json_writer *w, const struct evaluation *e);

#endif
