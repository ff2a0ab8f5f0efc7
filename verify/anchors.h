/*
 * anchors: the vendors that this reader trusts, wherever it learned of them.  SPEC, "Anchors".
 */
#ifndef VERIFY_ANCHORS_H
#define VERIFY_ANCHORS_H

#include "formats/limits.h"
#include "formats/trust.h"
#include "verify/site.h"

struct anchors {
	size_t count;
	struct {
		const struct trust_chain *chain;
		struct trust_chain *own;	/* to be freed; NULL when the site owns it */
	} anchor[LIMIT_ANCHORS];
	bool has_fingerprint;
	struct trust_fingerprint fingerprint;	/* a vendor known by nothing else */
};

/* Add a chain file, as `mkmedia trust export` writes it. */
enum err anchors_add_file(struct anchors *a, const char *path, struct fault *f) MUST_USE;
/* Add every *.trust of a directory; one that is not there adds nothing. */
enum err anchors_add_directory(struct anchors *a, const char *path, struct fault *f) MUST_USE;
/* Add the vendors of a site, which must outlive ${a}. */
enum err anchors_add_site(struct anchors *a, const struct site *s, struct fault *f) MUST_USE;
enum err anchors_set_fingerprint(struct anchors *a, const char *text, struct fault *f) MUST_USE;
void anchors_free(struct anchors *a);

/* The longest chain held for that vendor and anchor, or NULL. */
const struct trust_chain *anchors_find(const struct anchors *a, const char *vendor,
    const struct digest *anchor);
/* Is ${anchor} trusted at all, by a chain or by the fingerprint? */
bool anchors_trusted(const struct anchors *a, const char *vendor, const struct digest *anchor);
/*
 * The newest trust of a vendor that ${vendor} could be taken for: the same id under another anchor,
 * or a like one.
 */
const struct trust *anchors_resembling(const struct anchors *a, const char *vendor);

#endif
