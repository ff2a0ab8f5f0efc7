/*
 * sums: SHA256SUMS as sha256sum writes it, "HEX  PATH" LF, sorted by the bytes of the path.
 */
#ifndef FORMATS_SUMS_H
#define FORMATS_SUMS_H

#include "formats/digest.h"

struct sums_line {
	struct digest digest;
	const char *path;	/* view; not NUL-terminated */
	size_t len;
};

/* Reads the lines one by one; strictly ascending paths, so that none can come twice. */
struct sums {
	const char *at, *end;
	struct sums_line last;
	uint64_t line;		/* number of the last line read, for messages */
};

void sums_open(struct sums *s, const void *buf, size_t len);
/* ERR_SUMS_FORM or ERR_CONTENTS_NAME for a line that may not be; *${more} is false at the end. */
enum err sums_next(struct sums *s, struct sums_line *line, bool *more) MUST_USE;

/* Print one line into ${out} (at least 67 + len bytes); returns its length. */
size_t sums_print(const struct digest *d, const char *path, size_t len, char *out);

/* The order of SHA256SUMS: bytes, shorter first. */
int sums_compare(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
