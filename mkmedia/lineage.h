/*
 * lineage: how a release that is being finished relates to those of this vendor that there are.
 * SPEC, "Relations".
 */
#ifndef MKMEDIA_LINEAGE_H
#define MKMEDIA_LINEAGE_H

#include "formats/release.h"
#include "mkmedia/register.h"

/*
 * Do the relations of ${release} name only releases of this vendor that were finished here (what
 * other vendors have nobody knows here), and lead in no circle?  Else ERR_RELEASE_RELATIONS, with
 * the name or the circle.
 */
enum err lineage_check(const struct vendor_register *r, const struct release *release,
    struct fault *f) MUST_USE;

#endif
