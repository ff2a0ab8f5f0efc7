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
 * V8, behind the blocks: both copies of ${map} and of the chain are what was used, the backup of
 * the seal equals the seal, and everything else up to the end of the image is zero.  One forward
 * pass.
 */
enum err coverage_tail(struct pipeline *p, struct judgement *j, const struct digest *map) MUST_USE;

#endif
