/*
 * enrolment: how a site introduces itself to a vendor.  SPEC, "enrolment/1".
 */
#ifndef FORMATS_ENROLMENT_H
#define FORMATS_ENROLMENT_H

#include "formats/document.h"
#include "formats/json.h"

struct enrolment {
	struct json *json;	/* owns the strings */
	struct digest digest;	/* its fingerprint is read out over the telephone */
	const char *site, *name;
	struct ssh_key key;	/* must be the one that signed */
	struct moment issued;
};

/* Parse and verify: signed by exactly the key that it names.  On OK the caller frees *${out}. */
enum err enrolment_open(
    struct enrolment **out, const void *buf, size_t len, struct fault *f) MUST_USE;
void enrolment_free(struct enrolment *e);
/* The body to be signed; the caller frees *${text}. */
enum err enrolment_print(const char *site, const char *name, const struct ssh_key *key,
    struct moment issued, char **text, size_t *len) MUST_USE;

#endif
