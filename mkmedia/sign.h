/*
 * sign: one more signature on a document of this vendor, and what follows when it is complete.
 */
#ifndef MKMEDIA_SIGN_H
#define MKMEDIA_SIGN_H

#include "mkmedia/quorum.h"

/*
 * sign_document(r, path, as, q, f):
 * Have the document ${path} signed by the key ${as}; NULL: in the home of a single person by the
 * role's own key, elsewhere by nobody.  A quorum that is met then goes into the ledger: a trust
 * document is in force from there on.  ${r} was opened for writing.  In any case the caller ends
 * with quorum_free.
 */
enum err sign_document(struct vendor_register *r, const char *path, const char *as,
    struct quorum *q, struct fault *f) MUST_USE;

#endif
