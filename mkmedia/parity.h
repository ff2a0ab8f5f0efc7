/*
 * parity: the parity blocks of an image, made from the finished file.  SPEC, "Recovery".
 */
#ifndef MKMEDIA_PARITY_H
#define MKMEDIA_PARITY_H

#include "formats/digest.h"
#include "formats/recovery.h"

/*
 * parity_write(fd, r, map, f):
 * Read the data blocks of ${r} from ${fd} once more, write the parity blocks behind them, and put
 * their digests into ${map}.  Two threads, with room for one stripe each: 32 MiB, whatever the size
 * of the image.
 */
enum err parity_write(int fd, const struct recovery *r, struct digest *map,
    struct fault *f) MUST_USE;

#endif
