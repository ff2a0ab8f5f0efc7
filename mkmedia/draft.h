/*
 * draft: trust version 1 of a new vendor, ready to be signed.
 */
#ifndef MKMEDIA_DRAFT_H
#define MKMEDIA_DRAFT_H

#include "formats/trust.h"
#include "mkmedia/roles.h"

struct draft {
	const char *vendor, *name;
	const char *telephone, *address;	/* NULL when not given */
	const char *contact;			/* age recipient */
	bool single_person;			/* declared */
	struct moment issued, expires;
	struct roles roles;
	/* what draft_make gives, and draft_free frees */
	struct trust *trust;
	char *body;
	size_t len;
};

/* The moment ${years} ("5") after ${d}->issued; ERR_USAGE when that is no number from 1 to 30. */
enum err draft_expiry(struct draft *d, const char *years, struct fault *f) MUST_USE;

/*
 * Write the body and read it as everybody will.  A rule that it breaks is ERR_USAGE, with what to
 * do.
 */
enum err draft_make(struct draft *d, struct fault *f) MUST_USE;
void draft_free(struct draft *d);

#endif
