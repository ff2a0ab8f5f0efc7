/*
 * missing: what the vendors have that this site has not.
 */
#ifndef INGEST_MISSING_H
#define INGEST_MISSING_H

#include "ingest/query.h"

/* Print it; the exit status, or an error in ${f}. */
int missing_show(const struct query *q, struct fault *f);

#endif
