/*
 * share: what of a release's payload lies on one volume of a set.  SPEC, "Sets".
 */
#ifndef FORMATS_SHARE_H
#define FORMATS_SHARE_H

#include "formats/seal.h"

#define SHARE_TO_END UINT64_MAX
#define SHARE_NAME 64		/* bytes of a piece's name with its NUL */

/* Part of the file in ${line} of SHA256SUMS (from 1): its bytes from ${offset} to before ${end}. */
struct share_piece { uint64_t line, offset, end; };

struct share {
	/* lines whose files are whole on the volume; none when first > last */
	uint64_t first, last;
	size_t piece_count;
	struct share_piece piece[2];	/* of the file before and of the one behind those */
};

/*
 * share_of(s, volume, release, lines, out):
 * What volume ${volume} (from 1) of the set of ${s} has of the release with index ${release}, whose
 * SHA256SUMS has ${lines} lines.  Of a single volume: all of it.  ERR_SEAL_FORM when a cut of the
 * seal lies behind the last line.
 */
enum err share_of(const struct seal *s, uint64_t volume, size_t release, uint64_t lines,
    struct share *out) MUST_USE;

/* The name of a piece below RELEASES/ID/pieces/: "12-0000000681574400". */
void share_name(const struct share_piece *p, char out[static SHARE_NAME]);
/*
 * The line and offset of a name of ${len} bytes; false for anything that share_name does not
 * print.
 */
bool share_parse(const char *name, size_t len, struct share_piece *out);

#endif
