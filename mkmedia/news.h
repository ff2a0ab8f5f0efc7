/*
 * news: notices and catalogues of this vendor, from draft to record.
 *
 *	HOME/notices/N.notice		signed, or the one that is on its way to be
 *	HOME/notices/N.txt		the same on paper
 *	HOME/notices/ID.json		what the notices of a security release say, as CSAF 2.0
 *	HOME/catalogues/N.catalogue, N.txt
 *
 * One of each may wait for its signatures: sequences have no gaps.
 */
#ifndef MKMEDIA_NEWS_H
#define MKMEDIA_NEWS_H

#include "formats/catalogue.h"
#include "formats/notice.h"
#include "mkmedia/quorum.h"

enum news { NEWS_NOTICE, NEWS_CATALOGUE };

#define NEWS_NAME 48

/* "notices/17.notice", "catalogues/4.catalogue" in the home. */
void news_name(enum news kind, uint64_t number, char name[static NEWS_NAME]);
/* The number that the next one has. */
uint64_t news_next(const struct vendor_register *r, enum news kind);
/* Does it wait for its signatures? */
bool news_waits(const struct vendor_register *r, enum news kind);

/*
 * news_begin(r, kind, replace, f):
 * May the next one be drafted?  Trust is in force, and none waits, unless ${replace}.
 */
enum err news_begin(const struct vendor_register *r, enum news kind, bool replace,
    struct fault *f) MUST_USE;
/* Write the body of the next one, and what it says on paper. */
enum err news_draft(const struct vendor_register *r, enum news kind, const char *body, size_t len,
    struct fault *f) MUST_USE;
/* What was drafted and who is to sign it, for people or for programs; the exit status. */
int news_say(const struct vendor_register *r, enum news kind, bool json);

/* The quorum of ${q} is met: it lies in the home and is on record. */
enum err news_record(struct vendor_register *r, const struct quorum *q, struct fault *f) MUST_USE;

/* What goes on a medium. */
struct news_set {
	size_t count;
	struct { uint64_t sequence; char *text; size_t len; } notice[LIMIT_NOTICES];
	char *catalogue;		/* NULL: none */
	size_t catalogue_len;
};

/*
 * news_load(s, r, notice, catalogue, f):
 * The last LIMIT_NOTICES notices up to number ${notice}, and ${catalogue} (0: none), but without
 * those that the notice role of the trust in force did not sign: no reader would take them.  In any
 * case the caller ends with news_free.
 */
enum err news_load(struct news_set *s, const struct vendor_register *r, uint64_t notice,
    uint64_t catalogue, struct fault *f) MUST_USE;
void news_free(struct news_set *s);

#endif
