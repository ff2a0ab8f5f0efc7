/*
 * purl: package URLs (ECMA-427), "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64".  Compared by
 * their parts, never as texts.  SPEC, "Versions, ranges, packages".
 */
#ifndef FORMATS_PURL_H
#define FORMATS_PURL_H

#include "formats/err.h"
#include "formats/limits.h"

struct purl_qualifier {
	const char *key, *value;
};

/* All decoded.  What is not there is NULL; nothing is empty. */
struct purl {
	const char *type;
	const char *namespace;		/* perhaps with slashes */
	const char *name;
	const char *version;
	const char *subpath;		/* perhaps with slashes */
	size_t qualifiers;
	const struct purl_qualifier *qualifier;		/* by key, no key twice */
};

/*
 * purl_parse(out, text, len):
 * Read a package URL, canonical or not.  ERR_LIMIT, ERR_PURL.  On OK the caller frees it.
 */
enum err purl_parse(struct purl **out, const char *text, size_t len) MUST_USE;
void purl_free(struct purl *p);

/*
 * purl_print(p, out):
 * The canonical text of ${p}, which need not come from purl_parse().  What purl_parse() would
 * refuse is refused like there.
 */
enum err purl_print(const struct purl *p, char out[static LIMIT_PURL + 1]) MUST_USE;

/* The order of two packages by type, namespace and name, whatever their versions and qualifiers. */
int purl_compare(const struct purl *a, const struct purl *b);
/* Are they one package? */
bool purl_same(const struct purl *a, const struct purl *b);

/* The value of a qualifier ("arch"), or NULL. */
const char *purl_qualifier(const struct purl *p, const char *key);

#endif
