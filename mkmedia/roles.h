/*
 * roles: who holds which key in which role, as init is told, on the way into a first trust
 * document.
 */
#ifndef MKMEDIA_ROLES_H
#define MKMEDIA_ROLES_H

#include "formats/limits.h"
#include "formats/trust.h"

struct roles {
	size_t count;
	struct roles_key {
		char id[LIMIT_KEY_ID + 1];
		char holder[LIMIT_TEXT + 1];
		struct ssh_key key;
		enum trust_role role;
	} key[LIMIT_TRUST_KEYS];
	unsigned threshold[ROLE_COUNT];		/* 0: that role was not given */
};

/*
 * roles_key(r, role, file, f):
 * Add the public key of ${file}.  Its id is the name of the file without ".pub", its holder the
 * key's comment, or the id when there is none.  Whatever is wrong with it is ERR_USAGE, or
 * ERR_IO.
 */
enum err roles_key(struct roles *r, enum trust_role role, const char *file,
    struct fault *f) MUST_USE;

/* Add what the option --role says: "release:2=anna.pub,ben.pub". */
enum err roles_option(struct roles *r, const char *text, struct fault *f) MUST_USE;

/* The members "keys" and "roles" of a trust document. */
void roles_print(const struct roles *r, struct json_writer *w);

#endif
