/*
 * merkle: the tree of RFC 6962 section 2 and checkpoints in C2SP tlog-checkpoint text.
 */
#ifndef FORMATS_MERKLE_H
#define FORMATS_MERKLE_H

#include "formats/digest.h"

#define MERKLE_DEPTH 64

/* A growing tree that keeps only the roots of its full subtrees; zeroed = empty. */
struct merkle {
	uint64_t size;
	struct digest full[MERKLE_DEPTH];
};

void merkle_leaf(const void *entry, size_t len, struct digest *out);	/* SHA-256(0x00 entry) */
void merkle_append(struct merkle *t, const struct digest *leaf);
void merkle_root(const struct merkle *t, struct digest *out);		/* empty: SHA-256("") */

/*
 * Proofs over ${n} leaf digests.  ${path} has room for MERKLE_DEPTH digests; ${len} gets how many.
 * ERR_PROOF when the indices make no sense (index < n; 0 < old <= n).
 */
enum err merkle_inclusion(const struct digest *leaves, uint64_t n, uint64_t index,
    struct digest *path, size_t *len) MUST_USE;
enum err merkle_check_inclusion(const struct digest *leaf, uint64_t index, uint64_t n,
    const struct digest *path, size_t len, const struct digest *root) MUST_USE;
enum err merkle_consistency(const struct digest *leaves, uint64_t n, uint64_t old,
    struct digest *path, size_t *len) MUST_USE;
enum err merkle_check_consistency(uint64_t old, const struct digest *old_root, uint64_t n,
    const struct digest *root, const struct digest *path, size_t len) MUST_USE;

struct checkpoint {
	char origin[96];	/* "waxseal/site/ID" or "waxseal/vendor/ID" */
	uint64_t size;
	struct digest root;
};

#define CHECKPOINT_TEXT 256

/* Three lines: origin, size in decimal, root in base64; as C2SP tlog-checkpoint, no extensions. */
size_t merkle_checkpoint_print(const struct checkpoint *c, char out[static CHECKPOINT_TEXT]);
enum err merkle_checkpoint_parse(const char *text, size_t len, struct checkpoint *out) MUST_USE;

#endif
