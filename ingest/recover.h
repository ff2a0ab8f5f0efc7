/*
 * recover: what a crash left behind is put in order, before anything new is done.  SPEC V12.
 */
#ifndef INGEST_RECOVER_H
#define INGEST_RECOVER_H

#include "ingest/station.h"

/*
 * Under the lock: what the ledger calls accepted and still lies in scratch is hashed again and
 * published, or recorded as lost; what is in the stage without an entry is moved to quarantine/ and
 * recorded; scratch that nobody holds is removed.  What was published, lost or moved is said on
 * standard error.  After an entry that changes the site it stops: the site is read anew, and it is
 * called again.
 */
enum err recover_run(struct station *s, struct fault *f) MUST_USE;

#endif
