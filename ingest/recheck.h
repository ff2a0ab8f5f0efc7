/*
 * recheck: is what lies in the stage still what was accepted?  Every byte is read again.
 */
#ifndef INGEST_RECHECK_H
#define INGEST_RECHECK_H

#include "formats/digest.h"
#include "formats/err.h"

/*
 * Hash every file of the consignment in directory ${dir} against the seal with body digest ${seal},
 * which the ledger vouches for: seal, releases, SHA256SUMS, payload.  Not notices and catalogue:
 * whoever reads these looks at their signatures.
 */
enum err recheck_consignment(int dir, const struct digest *seal, struct fault *f) MUST_USE;

#endif
