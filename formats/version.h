/*
 * version: the order of versions, and ranges of them.  SPEC, "Versions, ranges, packages".
 * deb and rpm as dpkg and rpm order them, Semantic Versioning 2.0.0, integers with dots.
 */
#ifndef FORMATS_VERSION_H
#define FORMATS_VERSION_H

#include "formats/err.h"

enum version_scheme {
	VERSION_DEB,
	VERSION_RPM,
	VERSION_SEMVER,
	VERSION_INTDOT,
	VERSION_ALL,		/* of ranges only: "vers:all/" and a star */
};

/* The name of a scheme ("deb"), and back from ${len} bytes; ERR_VERSION_SCHEME when it is none. */
const char *version_scheme_name(enum version_scheme scheme);
enum err version_scheme_find(const char *name, size_t len, enum version_scheme *out) MUST_USE;

/*
 * version_check(scheme, text, len):
 * Are these ${len} bytes a version of ${scheme}?  ERR_LIMIT, ERR_VERSION; ERR_VERSION_SCHEME for
 * VERSION_ALL, which has no versions of its own.
 */
enum err version_check(enum version_scheme scheme, const char *text, size_t len) MUST_USE;

/*
 * version_compare(scheme, a, b, order):
 * ${order} gets -1, 0 or 1: ${a} is lower than, equal to, higher than ${b}.  Different texts can be
 * equal.  What version_check() refuses of either is refused.
 */
enum err version_compare(enum version_scheme scheme, const char *a, const char *b,
    int *order) MUST_USE;

enum version_comparator {
	VERSION_EQUAL,
	VERSION_NOT_EQUAL,
	VERSION_LESS,
	VERSION_LESS_EQUAL,
	VERSION_GREATER,
	VERSION_GREATER_EQUAL,
};

struct version_constraint {
	enum version_comparator comparator;
	const char *version;
};

struct version_range {
	enum version_scheme scheme;
	size_t count;		/* 0: a star, every version */
	struct version_constraint constraint[];	/* strictly ascending */
};

/*
 * version_range_parse(out, text, len):
 * Read "vers:SCHEME/CONSTRAINT|CONSTRAINT...", in canonical form only.  A scheme that is not known
 * is ERR_VERSION_SCHEME, one of its versions that is malformed ERR_VERSION, more bytes or
 * constraints than the limits ERR_LIMIT, all else ERR_VERSION_RANGE.  On OK the caller frees it.
 */
enum err version_range_parse(struct version_range **out, const char *text, size_t len) MUST_USE;
void version_range_free(struct version_range *r);

enum version_side {
	VERSION_IN,
	VERSION_BELOW,		/* lower than everything in the range */
	VERSION_ABOVE,		/* higher than everything in the range */
	VERSION_BETWEEN,	/* neither: in a gap of the range, or excluded from it */
};

/*
 * Where ${version} lies, in or beside ${r}.  A version that the range's scheme refuses is refused
 * like by version_check(), and in no place; VERSION_ALL looks at none.
 */
enum err version_range_side(const struct version_range *r, const char *version,
    enum version_side *side) MUST_USE;
enum err version_range_contains(const struct version_range *r, const char *version,
    bool *in) MUST_USE;

#endif
