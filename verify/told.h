/*
 * told: the notices and the catalogue as they were found in an image.  SPEC V10.
 */
#ifndef VERIFY_TOLD_H
#define VERIFY_TOLD_H

#include "verify/found.h"

struct told {			/* zeroed: nothing */
	bool has_directory;	/* NOTICES */
	size_t count;
	struct { uint64_t sequence; struct kept file; } notice[LIMIT_NOTICES];
	struct kept catalogue;
};

void told_free(struct told *t);

/*
 * The place of the notice that is called ${name} below NOTICES/, "17.notice"; NULL: none is called
 * so, or there are too many.
 */
struct kept *told_notice(struct told *t, const char *name, size_t len);

/*
 * told_check(t, j, sink):
 * When all of the image was seen: is each signed by the quorum of the notice role of the sender of
 * ${j}, and well formed, and is there a notice if there is the directory?  Only then they are
 * parsed, kept in ${j} and handed to the ${sink}, which may be NULL.  With an error ${j}->fault
 * explains it: ERR_CONTENTS_NOTICE, ERR_CONTENTS_CATALOGUE, ERR_CONTENTS_EXTRA, ERR_KEY_RETIRED,
 * ERR_KEY_REVOKED, ERR_NEWER.
 */
enum err told_check(struct told *t, struct judgement *j, const struct judge_sink *sink) MUST_USE;

#endif
