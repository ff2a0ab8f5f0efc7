/*
 * carry: what people said of a system's components goes over into its next passport.
 */
#ifndef INGEST_CARRY_H
#define INGEST_CARRY_H

#include "formats/passport.h"

/*
 * The components of ${from} that a person read off the system go over into ${to}, unless ${to} has
 * the same one; and those that are customised in ${from} are so in ${to}, in whatever version.
 * With ${all}, all go over.  The same: purls that differ in version and qualifiers at most, or kind
 * and name where there is no purl.
 */
enum err carry_over(struct passport *to, const struct passport *from, bool all,
    struct fault *f) MUST_USE;

/* Take out of ${p} every component that is the same as ${c}. */
void carry_remove(struct passport *p, const struct passport_component *c);

/*
 * The one component of ${p} that a person means by ${text}: a purl with or without version, a ref,
 * or a name.  ERR_USAGE: none, or several.
 */
enum err carry_find(struct passport *p, const char *text, struct passport_component **out,
    struct fault *f) MUST_USE;

#endif
