/*
 * audit: a ledger, shown and vouched for; the same for verify, ingest and mkmedia.
 */
#ifndef VERIFY_AUDIT_H
#define VERIFY_AUDIT_H

#include "verify/ledger.h"

/* Print every entry: a line for people, or with ${json} the lines as they are. */
enum err audit_show(const struct ledger *l, bool json, struct fault *f) MUST_USE;

/*
 * Say what opening ${l} has shown; the result is the exit status.  ${key} is the fingerprint that
 * its key must have ("SHA256:..."), NULL: nobody said; ${own}: it is the ledger of a home of ours.
 */
int audit_verify(const struct ledger *l, const char *key, bool own, bool json);

#endif
