/*
 * advisory: what the notices of a security release say, as a CSAF 2.0 document for those who have
 * tools for it.  It is not signed, and nothing here reads it.  CSAF 2.0, profile 5
 * (csaf_security_advisory).
 */
#ifndef FORMATS_ADVISORY_H
#define FORMATS_ADVISORY_H

#include "formats/limits.h"
#include "formats/notice.h"

/* One notice of the release, the oldest first; their versions are counted from 1. */
struct advisory_revision {
	uint64_t sequence;
	struct moment issued;		/* not before the one before */
	bool withdrawal;
};

#define ADVISORY_NAME (LIMIT_RELEASE_ID + 8)

/* The name of its file, CSAF 2.0 section 5.1: of the release's id. */
void advisory_name(const char *id, char out[static ADVISORY_NAME]);

/*
 * advisory_print(n, name, anchor, revision, revisions, text, len):
 * The advisory that the notice ${n} of the vendor called ${name} makes the newest revision of;
 * ${anchor} makes the vendor's id unique in the world.  On OK the caller frees *${text}.
 */
enum err advisory_print(const struct notice *n, const char *name, const struct digest *anchor,
    const struct advisory_revision *revision, size_t revisions, char **text,
    size_t *len) MUST_USE;

#endif
