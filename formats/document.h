/*
 * document: a body that ends in a newline, then 1 to 8 armored signatures over exactly the body.
 * SPEC, "Documents".  Splitting parses nothing of the body.
 */
#ifndef FORMATS_DOCUMENT_H
#define FORMATS_DOCUMENT_H

#include "formats/sshsig.h"
#include "formats/limits.h"

struct document {
	const char *body;	/* views into the caller's buffer */
	size_t body_len;
	unsigned count;		/* signatures; 0 only from document_split_unsigned */
	struct { const char *armor; size_t len; } signature[LIMIT_SIGNATURES];
	struct digest digest;	/* SHA-256 of the body: the identity of the document */
};

struct signers {
	unsigned count;
	struct ssh_key key[LIMIT_SIGNATURES];
};

/* Split ${len} bytes at ${buf}; the views live as long as ${buf}.  No signature is ERR_DOC_FORM. */
enum err document_split(const void *buf, size_t len, struct document *out) MUST_USE;
/* The same, but a body without signatures is allowed: a draft on its way to be signed. */
enum err document_split_unsigned(const void *buf, size_t len, struct document *out) MUST_USE;

/*
 * Verify every signature of ${doc} in ${namespace} and give the keys.  One false or foreign
 * signature refuses the whole document; so does the same point twice.
 */
enum err document_signers(const struct document *doc, const char *namespace,
    struct signers *out) MUST_USE;

/* What type the body says it is ("trust", "release", ...) from its first bytes alone: {"waxseal":
 * "TYPE/N". */
enum err document_type(const char *body, size_t len, char *type, size_t cap) MUST_USE;

/*
 * Whom the body says it is from: the text of its second member, which must be ${party} ("vendor",
 * "site"), as it stands there, cut to what ${out} has room for.  It may be anything and is not
 * believed.  ERR_DOC_VENDOR: there is none.
 */
enum err document_party(const char *body, size_t len, const char *party, char *out,
    size_t cap) MUST_USE;

#endif
