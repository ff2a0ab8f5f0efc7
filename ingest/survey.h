/*
 * survey: everything that can be read beneath the root of a system, as a passport.
 */
#ifndef INGEST_SURVEY_H
#define INGEST_SURVEY_H

#include "formats/passport.h"
#include "ingest/station.h"

/*
 * The passport of what lies beneath ${path}: operating system, packages, kernels, hardware.
 * ERR_PACKAGES_NONE when nothing there is known to keep a list of packages: a passport without them
 * would say that nothing is installed.  On OK the caller frees *${out}.
 */
enum err survey_root(struct passport **out, const char *path, const struct home *home,
    struct fault *f) MUST_USE;

#endif
