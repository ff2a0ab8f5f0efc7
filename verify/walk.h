/*
 * walk: the trust chain of an image, document by document.  SPEC V2.
 */
#ifndef VERIFY_WALK_H
#define VERIFY_WALK_H

#include "formats/seal.h"
#include "formats/trust.h"
#include "verify/pipeline.h"

/*
 * walk_chain(p, where, anchor, chain, versions, bytes, f):
 * Walk the copy of the chain at ${where}: each document is the one of ${chain}, as far as that
 * goes, then the rightful next one, which is added to it, also when a later one is bad.  The
 * first must have the digest ${anchor}.  ${versions} gets the number of good ones.  On OK ${bytes}
 * gets the region as it was read, which the caller frees.  ERR_CHAIN_*, the errors of trust_first
 * and trust_next, those of pipeline_read.
 */
enum err walk_chain(struct pipeline *p, const struct seal_region *where,
    const struct digest *anchor, struct trust_chain *chain, size_t *versions, uint8_t **bytes,
    struct fault *f) MUST_USE;

#endif
