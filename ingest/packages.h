/*
 * packages: what package managers say is installed beneath a root.
 */
#ifndef INGEST_PACKAGES_H
#define INGEST_PACKAGES_H

#include "formats/passport.h"
#include "ingest/root.h"
#include "ingest/station.h"

/*
 * packages_dpkg(r, vendor, p, found, f):
 * Add the packages that dpkg has, with purls of ${vendor} ("debian").  ERR_PACKAGES when its list
 * is not whole.  *${found} is false, and nothing is added, where there is no dpkg.
 */
enum err packages_dpkg(const struct root *r, const char *vendor, struct passport *p, bool *found,
    struct fault *f) MUST_USE;

/*
 * The same for the rpm database, a copy of which is read by rpm(8) in ${home}'s scratch: the root
 * is only read, whatever that program does.  ERR_PACKAGES_RPM when it cannot read all of it.
 */
enum err packages_rpm(const struct root *r, const char *vendor, const struct home *home,
    struct passport *p, bool *found, struct fault *f) MUST_USE;

#endif
