/*
 * assemble: the image of a consignment: ISO volume, block map, trust chain and their copies.  The
 * SEAL areas stay empty until assemble_seal.  SPEC, "The image".
 */
#ifndef MKMEDIA_ASSEMBLE_H
#define MKMEDIA_ASSEMBLE_H

#include "formats/seal.h"
#include "mkmedia/image.h"
#include "verify/progress.h"

/*
 * Write the image of volume ${im} with the chain of ${chain_len} bytes into the empty file ${fd},
 * and fill in the image members of ${s}: layout and map digest.
 */
enum err assemble_image(struct image *im, const void *chain, size_t chain_len, int fd,
    struct seal *s, struct progress *progress, struct fault *f) MUST_USE;

/* Write ${area}, SEAL_SIZE bytes, to both its places, and begin to bring the image to the disk. */
enum err assemble_seal(int fd, const struct seal *s, const uint8_t *area, struct fault *f) MUST_USE;
/* The same for an image that is not sealed: only to the first place. */
enum err assemble_unsealed(int fd, const uint8_t *area, struct fault *f) MUST_USE;

/*
 * The most bytes that an ISO volume may have if its image, with a chain of ${chain_len} bytes and
 * ${percent} of parity, is to have at most ${size}; 0 when there is no room.
 */
uint64_t assemble_room(uint64_t size, size_t chain_len, unsigned percent);

#endif
