/*
 * sealing: the code and the SEAL area of one consignment.
 */
#ifndef MKMEDIA_SEALING_H
#define MKMEDIA_SEALING_H

#include "formats/code.h"
#include "formats/seal.h"
#include "mkmedia/register.h"

/*
 * Fill the SEAL area ${area} for the complete seal ${s} and its ${code}: body, as many signatures
 * as the seal role needs, header.  ${as} is the key file to sign with, or NULL: the home's keys/ID
 * of each key of the role, until there are enough.  ${digest} gets the digest of the body.
 */
enum err sealing_area(const struct vendor_register *r, const struct seal *s,
    const struct code *code, const char *as, uint8_t area[static SEAL_SIZE], struct digest *digest,
    struct fault *f) MUST_USE;

#endif
