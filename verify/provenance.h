/*
 * provenance: who sealed it, for whom, and may it still be used?  SPEC V2 to V6.
 */
#ifndef VERIFY_PROVENANCE_H
#define VERIFY_PROVENANCE_H

#include "verify/judge.h"
#include "verify/judgement.h"
#include "verify/pipeline.h"

/* V2: header, trust chain, signatures, seal.  Fills in ${j} as far as it gets. */
enum err provenance_seal(struct pipeline *p, const struct judge_request *q,
    struct judgement *j) MUST_USE;
/* V3: is it for this customer? */
enum err provenance_recipient(const struct judge_request *q, struct judgement *j) MUST_USE;
/* V4: the authorization code. */
enum err provenance_code(const struct judge_request *q, struct judgement *j) MUST_USE;
/* V5: number, expiry, revocation.  Expiry is put off: ${j}->deferred.  No medium is needed. */
enum err provenance_use(const struct judge_request *q, struct judgement *j) MUST_USE;

#endif
