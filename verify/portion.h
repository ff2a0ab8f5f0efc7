/*
 * portion: the payload of one release as it was seen on one volume: whole files, and pieces of
 * those that are cut; to be held against its SHA256SUMS and the cuts of the seal.  SPEC V9.
 */
#ifndef VERIFY_PORTION_H
#define VERIFY_PORTION_H

#include "formats/share.h"
#include "verify/listing.h"

struct portion {
	struct listing whole;
	size_t piece_count;
	struct share_piece piece[2];	/* as seen: from offset to end */
};

/* Zeroed is empty. */
void portion_free(struct portion *p);
/* Bytes of all that was seen. */
uint64_t portion_bytes(const struct portion *p);

/*
 * A piece was seen, ${name} below pieces/, of ${size} bytes.  ERR_CONTENTS_NAME: no piece is called
 * so; ERR_CONTENTS_EXTRA: more pieces than a volume can have.
 */
enum err portion_add_piece(struct portion *p, const char *name, size_t len,
    uint64_t size) MUST_USE;

/*
 * portion_check(p, s, release, sums, len, lines, f):
 * Is exactly that there which volume ${s}->volume has of the release with index ${release}?
 * ${lines} gets the number of lines of ${sums}.  The errors of listing_compare;
 * ERR_CONTENTS_MISSING, _EXTRA, _DIGEST (another length) for a piece; ERR_SEAL_FORM.
 */
enum err portion_check(struct portion *p, const struct seal *s, size_t release, const char *sums,
    size_t len, uint64_t *lines, struct fault *f) MUST_USE;

#endif
