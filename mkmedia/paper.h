/*
 * paper: the texts that go with a consignment.
 */
#ifndef MKMEDIA_PAPER_H
#define MKMEDIA_PAPER_H

#include "formats/code.h"
#include "formats/release.h"
#include "formats/seal.h"
#include "formats/trust.h"

/*
 * README.TXT of every image: names no customer, and says how to check by hand.  The caller frees
 * *${text}.
 */
enum err paper_readme(char **text, size_t *len) MUST_USE;

/*
 * paper_write(s, t, releases, code, waybill, letter, f):
 * The waybill, which goes in the parcel, and the letter with the code, which goes apart from it and
 * has mode 0600: as files with these names.  ${s} are the seals of all volumes in their order.
 */
enum err paper_write(const struct seal *s, const struct trust *t, struct release *const *releases,
    const struct code *code, const char *waybill, const char *letter, struct fault *f) MUST_USE;

#endif
