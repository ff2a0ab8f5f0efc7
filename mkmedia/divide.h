/*
 * divide: where each volume of a consignment begins.  SPEC, "Sets".
 */
#ifndef MKMEDIA_DIVIDE_H
#define MKMEDIA_DIVIDE_H

#include "mkmedia/consignment.h"

#define DIVIDE_LEAST (4 * MIB)		/* what a volume may be limited to */

/*
 * divide_size(text, bytes, f):
 * What --volume-size says: cd, dvd, bd or a number of bytes from DIVIDE_LEAST up; else ERR_USAGE.
 */
enum err divide_size(const char *text, uint64_t *bytes, struct fault *f) MUST_USE;

/*
 * divide_cuts(c, s, size, f):
 * Fill in ${s}->volumes and ${s}->cut, so that no image with the trust chain of ${c} is larger than
 * ${size} bytes and all but the last are about full: the same for the same releases, trust, and
 * size.  ERR_USAGE: so little goes on a volume that nothing fits, or there would be too many.
 */
enum err divide_cuts(struct consignment *c, struct seal *s, uint64_t size,
    struct fault *f) MUST_USE;

#endif
