/*
 * news: the notices and catalogues that this site took in, derived from the ledger; and what comes
 * in.  SPEC, "News".
 */
#ifndef INGEST_NEWS_H
#define INGEST_NEWS_H

#include "formats/catalogue.h"
#include "formats/notice.h"
#include "ingest/station.h"

/* What is known of one vendor. */
struct news_vendor {
	char vendor[LIMIT_ID + 1];
	uint64_t highest;		/* sequence of its notices; 0: none came yet */
	uint64_t catalogue;		/* number of its newest catalogue; 0: none came yet */
	size_t notices;
	struct notice **notice;		/* all that were taken in, by sequence; gaps are left out */
	struct catalogue *newest;	/* NULL when none came yet */
};

struct news {
	size_t count;
	struct news_vendor *vendor;
};

/* Read what the ledger names, each file checked against the digest there.  news_free in any case. */
enum err news_load(struct news *out, const struct station *s, struct fault *f) MUST_USE;
void news_free(struct news *n);

const struct news_vendor *news_of(const struct news *n, const char *vendor);	/* NULL: nothing */
/* The newest notice of the release; NULL: it was not announced. */
const struct notice *news_notice(const struct news *n, const char *vendor, const char *id);
/* Is its newest notice a withdrawal? */
bool news_withdrawn(const struct news *n, const char *vendor, const char *id);

/* What became of one document that was offered. */
struct news_offer {
	char vendor[LIMIT_ID + 1];	/* whose it claims to be; "" if that cannot be told */
	uint64_t number;		/* sequence or number; 0 if that cannot be told */
	bool is_catalogue, known;	/* known: it was here already, and nothing was recorded */
	enum err err;			/* OK: authentic and taken in; else why not */
	uint64_t entry;			/* of the ledger; 0: nothing was recorded */
	uint64_t gap_from, gap_to;	/* sequences that did not arrive before it; 0: none */
};

/*
 * news_offer(st, text, len, via, out, f):
 * Under the lock: check a notice or catalogue as SPEC, "News", says; keep it and put it on record,
 * or put on record what was offered in whose name (${via}: how it came, "" if nobody says).  An error is our own failure; what is
 * wrong with the document is in ${out}.
 */
enum err news_offer(struct station *st, const char *text, size_t len, const char *via,
    struct news_offer *out, struct fault *f) MUST_USE;

#endif
