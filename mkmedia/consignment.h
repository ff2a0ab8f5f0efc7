/*
 * consignment: the releases that are shipped together, from where they lie on the vendor's disk.
 */
#ifndef MKMEDIA_CONSIGNMENT_H
#define MKMEDIA_CONSIGNMENT_H

#include "formats/release.h"
#include "mkmedia/news.h"
#include "mkmedia/plan.h"
#include "mkmedia/register.h"

struct consignment_release {
	struct release *release;
	char *document, *sums;
	size_t document_len, sums_len;
	int payload;			/* its directory */
	struct plan_file *file;		/* sizes as they are now; as many as there are lines */
};

struct consignment {
	const struct vendor_register *r;
	size_t count;
	struct consignment_release release[LIMIT_RELEASES];
	uint64_t sums;			/* bytes of all SHA256SUMS */
	struct plan plan;
	struct moment date;		/* of its newest release */
	char *readme;
	size_t readme_len;
	struct news_set news;
	/* Digests of cut files, running on from volume to volume; each at its file's first cut. */
	struct digest_state *running[LIMIT_VOLUMES];
};

/*
 * consignment_load(c, r, ids, count, notice, catalogue, f):
 * Load the finished releases ${ids}: as they were registered, signed by the quorum of the release
 * role, each id once; look at the files.  Whether these are those that were signed is found while
 * they are written, and by the judge, who sees the finished image.  With them go the notices up to
 * ${notice} and ${catalogue}, as news_load has it.  In any case the caller ends with
 * consignment_free.
 */
enum err consignment_load(struct consignment *c, const struct vendor_register *r,
    const char *const *ids, size_t count, uint64_t notice, uint64_t catalogue,
    struct fault *f) MUST_USE;
void consignment_free(struct consignment *c);

#endif
