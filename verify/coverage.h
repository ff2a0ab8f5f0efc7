/*
 * coverage: every byte of the image is under a digest, a copy of what is, or zero.  SPEC V7 and V8.
 */
#ifndef VERIFY_COVERAGE_H
#define VERIFY_COVERAGE_H

#include "verify/judgement.h"
#include "verify/pipeline.h"

/* V7: read the block map and check it against the seal.  On OK the caller frees *${map}. */
enum err coverage_map(struct pipeline *p, struct judgement *j, struct digest **map) MUST_USE;

/*
 * V8, behind the blocks: the second copies of map and chain equal the first, the backup of the seal
 * equals the seal, and everything else up to the end of the image is zero.  One forward pass.
 */
enum err coverage_tail(struct pipeline *p, struct judgement *j) MUST_USE;

#endif
