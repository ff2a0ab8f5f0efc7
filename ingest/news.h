/*
 * news: the notices and catalogues that this site took in, derived from the ledger; and what comes
 * in.  SPEC, "News".
 *
 *	HOME/news/VENDOR/N.notice, N.catalogue	as they were signed
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
	struct digest catalogue_digest;
	size_t notices;
	struct notice **notice;		/* all that were taken in, by sequence; gaps are left out */
	struct catalogue *newest;	/* NULL when none came yet */
};

struct news {
	size_t count;
	struct news_vendor *vendor;
};

/*
 * Read what the ledger names, each file checked against the digest there.  news_free in any case.
 */
enum err news_load(struct news *out, const struct station *s, struct fault *f) MUST_USE;
void news_free(struct news *n);

/* Add what was taken in; it belongs to ${n} from then on, also on error.  ERR_MEMORY only. */
enum err news_add_notice(struct news *n, struct notice *notice) MUST_USE;
enum err news_add_catalogue(struct news *n, struct catalogue *catalogue) MUST_USE;

const struct news_vendor *news_of(const struct news *n, const char *vendor);	/* NULL: nothing */
/* Notice ${sequence}; NULL: it did not come. */
const struct notice *news_numbered(const struct news_vendor *v, uint64_t sequence);
/* The newest notice of the release; NULL: it was not announced. */
const struct notice *news_notice(const struct news *n, const char *vendor, const char *id);
/* Is its newest notice a withdrawal? */
bool news_withdrawn(const struct news *n, const char *vendor, const char *id);
/*
 * The notices that did not come, from 1 to the highest that came or that the newest catalogue
 * names, as "3, 12-14"; at most as many as fit, "" if none.  Returns ${out}.
 */
char *news_gaps(const struct news_vendor *v, char *out, size_t cap);

/* "news/etl/17.notice", in the home. */
#define NEWS_PATH 80
void news_path(const char *vendor, uint64_t number, bool is_catalogue, char out[static NEWS_PATH]);

#define NEWS_CLAIMS 128

/* What became of one document that was offered. */
struct news_offer {
	char claims[NEWS_CLAIMS];	/* whose it claims to be, escaped; "": cannot be told */
	uint64_t number;		/* sequence or number; 0 if that cannot be told */
	bool is_catalogue;
	bool known;			/* it was here already, and nothing was recorded */
	bool late;			/* a notice that newer ones came before */
	struct fault why;		/* .err OK: authentic and taken in; else why not */
	uint64_t entry;			/* of the ledger; 0: nothing was recorded */
	uint64_t gap_from, gap_to;	/* sequences that did not arrive before it; 0: none */
	bool dated;			/* issued is not later than now: */
	uint64_t days;			/* from then to now */
	/* What it says, where that was looked at and is good; the catalogue until the next one. */
	const struct notice *notice;
	const struct catalogue *catalogue;
};

/*
 * news_offer(st, n, text, len, via, out, f):
 * Under the lock: check a notice or catalogue as SPEC, "News", says, against ${n}, which is what
 * news_load gave; keep it, put it on record and add it to ${n}, or put on record what was offered
 * in whose name (${via}: how it came, "" if nobody says).  An error is our own failure; what is
 * wrong with the document is in ${out}.
 */
enum err news_offer(struct station *st, struct news *n, const char *text, size_t len,
    const char *via, struct news_offer *out, struct fault *f) MUST_USE;

#endif
