/*
 * dpkg: the list of packages that dpkg keeps, var/lib/dpkg/status (deb-control(5), dpkg(1)).
 */
#ifndef FORMATS_DPKG_H
#define FORMATS_DPKG_H

#include "formats/err.h"

/* A piece of the list; no NUL behind it. */
struct dpkg_text {
	const char *at;
	size_t len;
};

struct dpkg_package {
	struct dpkg_text name, version, architecture;
	struct dpkg_text source, source_version;	/* empty: the same as of the package */
	struct dpkg_text state;	/* "installed", "half-configured", ... */
	bool present;		/* its files are there, or some of them */
};

struct dpkg {
	const char *text;
	size_t len, at;
};

/* Begin with ${len} bytes at ${text}, which must stay. */
void dpkg_open(struct dpkg *d, const void *text, size_t len);

/*
 * The next package; *${more} is false after the last.  ERR_PACKAGES: a record that is malformed or
 * was cut off; ${f} has the byte at which it begins.
 */
enum err dpkg_next(struct dpkg *d, struct dpkg_package *out, bool *more, struct fault *f) MUST_USE;

#endif
