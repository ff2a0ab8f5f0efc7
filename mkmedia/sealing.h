/*
 * sealing: what lies in the SEAL areas of the images of a consignment.
 */
#ifndef MKMEDIA_SEALING_H
#define MKMEDIA_SEALING_H

#include "formats/code.h"
#include "formats/seal.h"
#include "mkmedia/register.h"

/*
 * sealing_fits(r, s, f):
 * Has the seal ${s}, whose digests need not be there yet, room in its area with the least that
 * signatures take?  ERR_LIMIT: it cannot be sealed like this.
 */
enum err sealing_fits(const struct vendor_register *r, const struct seal *s,
    struct fault *f) MUST_USE;

/*
 * Fill the SEAL area ${area} for the complete seal ${s} and its ${code}: body, as many signatures
 * as the seal role needs, header.  ${as} is the key file to sign with, or NULL: the home's keys/ID
 * of each key of the role, until there are enough.  ${digest} gets the digest of the body.
 */
enum err sealing_area(const struct vendor_register *r, const struct seal *s,
    const struct code *code, const char *as, uint8_t area[static SEAL_SIZE], struct digest *digest,
    struct fault *f) MUST_USE;

/* What stands in place of the seal ${s} while the image is not sealed: "UNSEALED CUSTOMER/N I". */
void sealing_none(const struct seal *s, uint8_t area[static SEAL_SIZE]);

/*
 * sealing_bound(r, customer, number, volume, medium, now, as, area, digest, f):
 * The SEAL area of a volume that was built with --bind: its kept draft, bound to ${medium} and
 * sealed at ${now}, with the code of the consignment.  Otherwise like sealing_area; nothing is
 * recorded here.  ERR_USAGE: no such volume was built to be bound; ERR_KEY_RETIRED: whoever knows
 * only the trust that is in the image would not accept the keys that sign now.
 */
enum err sealing_bound(const struct vendor_register *r, const char *customer, uint64_t number,
    uint64_t volume, const struct seal_medium *medium, struct moment now, const char *as,
    uint8_t area[static SEAL_SIZE], struct digest *digest, struct fault *f) MUST_USE;

#endif
