/*
 * found: one release as it was found in an image, held against what was signed.  SPEC V9 and V10.
 */
#ifndef VERIFY_FOUND_H
#define VERIFY_FOUND_H

#include "verify/judge.h"
#include "verify/judgement.h"
#include "verify/portion.h"

struct kept {			/* a small file, kept whole */
	char *bytes;		/* with a NUL behind them */
	size_t len;
	bool seen;
};

struct found {			/* zeroed: nothing */
	struct kept document, sums;
	bool has_pieces;	/* the directory */
	struct portion payload;
};

void found_free(struct found *f);

/*
 * found_check(f, j, i, sink, step):
 * When all of the image was seen: is ${f} the ${i}-th release that the seal of ${j} names, signed
 * by its quorum, its SHA256SUMS the one it names (V10), its payload exactly that (V9)?  Then
 * release and SHA256SUMS go to the ${sink}, which may be NULL.  With an error, which ${j}->fault
 * explains, ${step} is the step that failed.
 */
enum err found_check(struct found *f, struct judgement *j, size_t i, const struct judge_sink *sink,
    const char **step) MUST_USE;

/*
 * The path in the image of release ${id}'s file ${name} ("release", "SHA256SUMS", "payload/...").
 */
enum err found_path(const char *id, const char *name, char *out, size_t cap) MUST_USE;

#endif
