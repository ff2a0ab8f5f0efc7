/*
 * sequel: what follows from the entry that accepts a consignment: the vendor's receipt, and the
 * news that came with it.  All of it before the consignment is published, so that whatever still
 * lies in scratch after a crash may lack it, and what is in the stage does not.  SPEC V12.
 */
#ifndef INGEST_SEQUEL_H
#define INGEST_SEQUEL_H

#include "ingest/station.h"

/* "out/VENDOR/CUSTOMER-N.receipt"; while discs of a set are missing, "...-incomplete.receipt". */
void sequel_receipt_path(const char *vendor, const char *customer, uint64_t number, char *out,
    size_t cap);
void sequel_incomplete_path(const char *vendor, const char *customer, uint64_t number, char *out,
    size_t cap);

/*
 * sequel_news(st, vendor, customer, number, directory, f):
 * Under the lock: the notices and the catalogue of the consignment that lies in ${directory} are
 * offered, as acts of their own.  What is wrong with one is on record, and changes nothing else;
 * what is known already, or older, is left out.
 */
enum err sequel_news(struct station *st, const char *vendor, const char *customer,
    uint64_t number, const char *directory, struct fault *f) MUST_USE;

/*
 * After a crash: what of this is missing for ${a}, which lies in ${directory}.  The receipt then
 * says what the ledger says; the single checks are not on record.
 */
enum err sequel_recover(struct station *st, const struct site_accepted *a, const char *directory,
    struct fault *f) MUST_USE;
/* It is lost: the vendor is told nothing. */
enum err sequel_undo(const struct station *st, const struct site_accepted *a,
    struct fault *f) MUST_USE;

#endif
