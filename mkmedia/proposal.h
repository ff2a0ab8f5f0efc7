/*
 * proposal: what the systems in a file of passports need of what is current, and the consignment to
 * build of it.  SPEC, "What sites send".
 */
#ifndef MKMEDIA_PROPOSAL_H
#define MKMEDIA_PROPOSAL_H

#include "mkmedia/arrival.h"

/* Say it for people; or, if ${w} is not NULL, as members of its open object. */
enum err proposal_say(const struct vendor_register *r, const struct arrival *a,
    struct json_writer *w, struct fault *f) MUST_USE;

#endif
