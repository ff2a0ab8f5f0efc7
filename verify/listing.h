/*
 * listing: the payload of one release as it was seen, to be held against its SHA256SUMS.  SPEC V9.
 */
#ifndef VERIFY_LISTING_H
#define VERIFY_LISTING_H

#include "formats/digest.h"
#include "formats/err.h"

struct listing_row {
	const char *path;	/* below payload/; not NUL-terminated */
	uint32_t len;
	bool expected;		/* directories: it holds a file that was signed for */
	struct digest digest;	/* files */
};

struct listing_table {
	struct listing_row *row;
	size_t count, room;
	bool unsorted;
};

struct listing {
	struct listing_table files, directories;
	struct listing_chunk *text;	/* where the paths lie */
	uint64_t bytes;			/* sum of the sizes of the files */
};

/* Zeroed is empty.  The path is copied. */
enum err listing_add_file(struct listing *l, const char *path, size_t len, uint64_t size,
    const struct digest *digest) MUST_USE;
enum err listing_add_directory(struct listing *l, const char *path, size_t len) MUST_USE;
void listing_free(struct listing *l);

/*
 * Are files and directories exactly those in the lines ${first} to ${last} (from 1) of ${sums} and
 * their parents, with these digests?  ERR_CONTENTS_MISSING, _EXTRA, _DIGEST with the path in ${f};
 * the errors of sums_next.
 */
enum err listing_compare(struct listing *l, const char *sums, size_t len, uint64_t first,
    uint64_t last, struct fault *f) MUST_USE;
/* After listing_compare: is there a file ${path}? */
bool listing_has(const struct listing *l, const char *path, size_t len);

#endif
