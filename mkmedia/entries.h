/*
 * entries: what the entries of a vendor's ledger mean for its register.  SPEC, "The ledger".
 */
#ifndef MKMEDIA_ENTRIES_H
#define MKMEDIA_ENTRIES_H

#include "formats/seal.h"
#include "mkmedia/register.h"

struct entries {
	struct vendor_register *r;	/* filled in, but for its chain */
	uint64_t version;		/* of the trust in force; 0: none */
	struct digest digest;
};

/* Take one; ${arg} is the struct entries.  ERR_LEDGER: it contradicts those before it. */
enum err entries_take(void *arg, uint64_t number, const struct json_node *o, struct json *j,
    const char *line, size_t len) MUST_USE;

/*
 * Put on record, as the last step before they get their names: the images with the seals ${s}, one
 * for each volume, whose bodies have these digests (NULL: they are to be bound).
 */
enum err entries_add_sealed(const struct vendor_register *r, const struct seal *s,
    const struct digest *digests, struct fault *f) MUST_USE;
/* The same for an image that was made again. */
enum err entries_add_remade(const struct vendor_register *r, const struct register_volume *v,
    struct moment now, struct fault *f) MUST_USE;

#endif
