/*
 * tally: what the reader told of the blocks, chunk by chunk, and how it is said.
 */
#ifndef VERIFY_TALLY_H
#define VERIFY_TALLY_H

#include "verify/pipeline.h"
#include "verify/wire.h"

/* Count a report of ${n} blocks.  False: its numbers cannot be right, and nothing was counted. */
bool tally_chunk(struct pipeline_blocks *c, const struct report *r, uint64_t n) MUST_USE;

/* ERR_BLOCK or ERR_UNREADABLE, with what was found; the result is ${e}. */
enum err tally_explain(const struct pipeline_blocks *c, enum err e, struct fault *f);

#endif
