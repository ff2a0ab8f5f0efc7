/*
 * join: the volumes of a set put together to the consignment that was cut.  SPEC, "Sets".
 */
#ifndef INGEST_JOIN_H
#define INGEST_JOIN_H

#include "ingest/stage.h"

/*
 * Put the volumes of the set of ${seal}, which all wait, together in the scratch directory of ${g}:
 * whole files by hard links, cut files from their pieces; "seal" is that of volume 1, "seal.I" are
 * the others.  Of what is in the files nothing is checked: that is for recheck_consignment.
 */
enum err join_volumes(const struct station *s, const struct seal *seal, struct stage *g,
    struct fault *f) MUST_USE;

#endif
