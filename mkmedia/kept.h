/*
 * kept: what the home keeps: of each consignment, to make a volume, a seal or a letter once more;
 * of each release, to tell of it when its directory is gone.
 *
 *	HOME/letters/CUSTOMER-N.code	the code, one line
 *	HOME/seals/CUSTOMER-N-I.seal	the SEAL area of volume I
 *	HOME/seals/CUSTOMER-N-I.draft	bound: the body of its seal, without a device
 *
 *	HOME/releases/ID.release	the signed description
 *
 * All have mode 0600: with image and code a stranger could pass for the customer.
 */
#ifndef MKMEDIA_KEPT_H
#define MKMEDIA_KEPT_H

#include "formats/code.h"
#include "formats/release.h"
#include "formats/seal.h"
#include "mkmedia/register.h"

enum err kept_put_code(const struct vendor_register *r, const struct code *code,
    struct fault *f) MUST_USE;
/* The caller wipes ${code}. */
enum err kept_code(const struct vendor_register *r, const char *customer, uint64_t number,
    struct code *code, struct fault *f) MUST_USE;

/* Of the volume that ${s} is the seal of. */
enum err kept_put_area(const struct vendor_register *r, const struct seal *s,
    const uint8_t area[static SEAL_SIZE], struct fault *f) MUST_USE;
enum err kept_put_draft(const struct vendor_register *r, const struct seal *s,
    struct fault *f) MUST_USE;

/*
 * kept_seal(r, v, area, s, f):
 * The seal of ${v}, and in ${area} its SEAL area; of a bound volume the draft, and ${area} is left
 * alone.  It is the recorded one.  On OK the caller frees *${s}.
 */
enum err kept_seal(const struct vendor_register *r, const struct register_volume *v,
    uint8_t area[static SEAL_SIZE], struct seal **s, struct fault *f) MUST_USE;

enum err kept_put_release(const struct vendor_register *r, const char *id, const void *document,
    size_t len, struct fault *f) MUST_USE;
/*
 * kept_release(r, known, release, f):
 * The description of ${known} as it was finished: from the home, or, when it is not signed yet or
 * was signed before homes kept them, from its directory.  Signatures are not looked at.  On OK the
 * caller frees *${release}.
 */
enum err kept_release(const struct vendor_register *r, const struct register_release *known,
    struct release **release, struct fault *f) MUST_USE;

#endif
