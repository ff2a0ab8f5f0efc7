/*
 * release: the signed description of one patch.  SPEC, "release/1".
 */
#ifndef FORMATS_RELEASE_H
#define FORMATS_RELEASE_H

#include "formats/document.h"
#include "formats/json.h"

struct release {
	struct json *json;	/* owns the strings; descriptive members are read through it */
	struct digest digest;
	const char *vendor, *id, *title, *kind, *severity, *product;
	uint64_t sequence;	/* in its product, from 1 */
	struct moment issued;
	uint64_t files, bytes;	/* of the payload */
	struct digest sums;	/* of SHA256SUMS */
	const struct json_node *executables;	/* paths, sorted by sums_compare, no doubles */
};

/*
 * release_parse(out, doc, vendor, f):
 * Parse one body of ${vendor} (NULL: any).  Signatures are not looked at.  On OK the caller frees
 * it.
 */
enum err release_parse(struct release **out, const struct document *doc, const char *vendor,
    struct fault *f) MUST_USE;
void release_free(struct release *r);
/* Is ${path} one of the executables? */
bool release_executable(struct release *r, const char *path, size_t len);

/* A draft to fill in: release.json with every member that a person writes, each with a harmless
 * default. */
enum err release_draft(const char *vendor, const char *id, char **text, size_t *len) MUST_USE;

struct release_files {
	uint64_t files, bytes;
	struct digest sums;
	const char **executables;
	size_t executable_count;
};

/*
 * release_finish(draft, len, files, issued, text, text_len, f):
 * The body of a release from a filled-in draft: checks every member that people write, adds
 * ${issued} and ${files}, and gives the body to be signed, which the caller frees.
 */
enum err release_finish(const void *draft, size_t len, const struct release_files *files,
    struct moment issued, char **text, size_t *text_len, struct fault *f) MUST_USE;

#endif
