/*
 * volume: what goes into the ISO volume of a consignment, from where it lies on the vendor's disk.
 */
#ifndef MKMEDIA_VOLUME_H
#define MKMEDIA_VOLUME_H

#include "formats/release.h"
#include "mkmedia/image.h"
#include "mkmedia/register.h"

struct volume_release {
	const struct register_release *known;
	struct release *release;
	char *document, *sums;
	size_t document_len, sums_len;
	int payload;			/* its directory */
};

struct volume {
	const struct vendor_register *r;
	size_t count;
	struct volume_release release[LIMIT_RELEASES];
	struct image *image;
	char *readme;
};

/*
 * volume_load(v, r, ids, count, f):
 * Load the finished releases ${ids}: as they were registered, signed by the quorum of the release
 * role, each id once.  In any case the caller ends with volume_free.
 */
enum err volume_load(struct volume *v, const struct vendor_register *r, const char *const *ids,
    size_t count, struct fault *f) MUST_USE;
/*
 * Put README.TXT, TRUST/ and the releases into ${v}->image.  Whether the files are those that were
 * signed is for the judge to say, who sees the finished image.
 */
enum err volume_fill(struct volume *v, struct fault *f) MUST_USE;
void volume_free(struct volume *v);

#endif
