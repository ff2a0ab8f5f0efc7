/*
 * sources: who sent what, and in whose name: the list of valid and invalid sources.  SPEC, "News".
 */
#ifndef INGEST_SOURCES_H
#define INGEST_SOURCES_H

#include "ingest/query.h"

/* Print it; the exit status, or an error in ${f}. */
int sources_show(const struct query *q, struct fault *f);

#endif
