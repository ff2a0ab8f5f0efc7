/*
 * payload: the files of a release where they lie on the vendor's disk: found, judged by their
 * names, summed.  SPEC, "SHA256SUMS" and "Names".
 */
#ifndef MKMEDIA_PAYLOAD_H
#define MKMEDIA_PAYLOAD_H

#include "formats/digest.h"
#include "formats/err.h"
#include "verify/progress.h"

struct payload_file {
	char *path;		/* below the payload directory */
	uint64_t size;
	bool executable;	/* any of its x bits is set */
	struct digest digest;	/* zero until it was summed */
};

struct payload {
	int dir;		/* the payload directory; payload_free closes it */
	size_t count;
	struct payload_file *file;	/* sorted by sums_compare */
	uint64_t bytes;
};

/*
 * payload_walk(p, dirfd, name, f):
 * Find every file below the directory ${name} of ${dirfd}.  Refused, with the path in ${f}: what
 * is neither file nor directory (ERR_CONTENTS_TYPE), an empty directory (ERR_CONTENTS_EXTRA), a
 * name that may not be on a medium (ERR_CONTENTS_NAME), twins (ERR_CONTENTS_TWIN), no file at all
 * (ERR_CONTENTS_MISSING), too many or too large (ERR_LIMIT).  In any case the caller ends with
 * payload_free.
 */
enum err payload_walk(struct payload *p, int dirfd, const char *name, struct fault *f) MUST_USE;

/*
 * payload_sum(p, progress, f):
 * Sum every file with two threads; ${progress} has begun with one byte a step.
 * ERR_CONTENTS_DIGEST: a file is not as long as payload_walk found it.
 */
enum err payload_sum(struct payload *p, struct progress *progress, struct fault *f) MUST_USE;

/* The text of SHA256SUMS; the caller frees *${text}. */
enum err payload_sums(const struct payload *p, char **text, size_t *len, struct fault *f) MUST_USE;

void payload_free(struct payload *p);

#endif
