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

/* The waybill: in the parcel, without the code.  The caller frees *${text}. */
enum err paper_waybill(const struct seal *s, const struct trust *t, struct release *const *releases,
    char **text) MUST_USE;
/* The letter: apart from the parcel, with the code.  The caller wipes and frees *${text}. */
enum err paper_letter(const struct seal *s, const struct trust *t, const struct code *code,
    char **text) MUST_USE;

#endif
