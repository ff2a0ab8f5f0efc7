/*
 * merkle: trees, inclusion and consistency proofs of RFC 6962 section 2.1 (checked as RFC 9162
 * sections 2.1.3.2 and 2.1.4.2 say), and the text of a checkpoint.  SPEC, "Ledger".
 */
#include "formats/merkle.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "formats/limits.h"

/* SHA-256 of a prefix, ${a} and ${b}.  By libsodium, whose running state cannot lack memory. */
static void
hash(uint8_t prefix, const void *a, size_t a_len, const void *b, size_t b_len, struct digest *out)
{
	crypto_hash_sha256_state s;

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, &prefix, 1);
	crypto_hash_sha256_update(&s, a, a_len);
	crypto_hash_sha256_update(&s, b, b_len);
	crypto_hash_sha256_final(&s, out->b);
}

static void
join(const struct digest *left, const struct digest *right, struct digest *out)
{
	hash(0x01, left->b, sizeof(left->b), right->b, sizeof(right->b), out);
}

void
merkle_leaf(const void *entry, size_t len, struct digest *out)
{
	hash(0x00, entry, len, "", 0, out);
}

/* Like adding one to a binary number: each carry joins two full subtrees of equal size. */
void
merkle_append(struct merkle *t, const struct digest *leaf)
{
	struct digest d = *leaf;
	unsigned level = 0;

	for (; (t->size >> level & 1) != 0; level++)
		join(&t->full[level], &d, &d);
	t->full[level] = d;
	t->size++;
}

void
merkle_root(const struct merkle *t, struct digest *out)
{
	bool some = false;

	digest_sha256("", 0, out);
	for (unsigned level = 0; level < MERKLE_DEPTH; level++) {
		if ((t->size >> level & 1) == 0)
			continue;
		if (some)
			join(&t->full[level], out, out);
		else
			*out = t->full[level];
		some = true;
	}
}

/* ---- proofs ---- */

static void
subtree(const struct digest *leaves, uint64_t n, struct digest *out)
{
	struct merkle t = { 0 };

	for (uint64_t i = 0; i < n; i++)
		merkle_append(&t, &leaves[i]);
	merkle_root(&t, out);
}

/* The largest power of two below ${n}, which is at least 2. */
static uint64_t
split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k *= 2;
	return k;
}

/* The RFC defines both paths from the leaf up; walking down gives them the other way round. */
static void
reverse(struct digest *path, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		struct digest d = path[i];

		path[i] = path[len - 1 - i];
		path[len - 1 - i] = d;
	}
}

enum err
merkle_inclusion(const struct digest *leaves, uint64_t n, uint64_t index, struct digest *path,
    size_t *len)
{
	size_t depth = 0;

	*len = 0;
	if (index >= n)
		return ERR_PROOF;
	while (n > 1) {
		const uint64_t k = split(n);

		if (index < k) {
			subtree(leaves + k, n - k, &path[depth++]);
			n = k;
		} else {
			subtree(leaves, k, &path[depth++]);
			leaves += k;
			index -= k;
			n -= k;
		}
	}
	reverse(path, depth);
	*len = depth;
	return OK;
}

enum err
merkle_consistency(const struct digest *leaves, uint64_t n, uint64_t old, struct digest *path,
    size_t *len)
{
	bool known = true;	/* the subtree in hand is the whole old tree: its root is known */
	size_t depth = 0;

	*len = 0;
	if (old == 0 || old > n)
		return ERR_PROOF;
	while (old < n) {
		const uint64_t k = split(n);

		if (old <= k) {
			subtree(leaves + k, n - k, &path[depth++]);
			n = k;
		} else {
			subtree(leaves, k, &path[depth++]);
			leaves += k;
			old -= k;
			n -= k;
			known = false;
		}
	}
	if (!known)
		subtree(leaves, n, &path[depth++]);
	reverse(path, depth);
	*len = depth;
	return OK;
}

/* Where the walk up stands: the number of the node and of the last node in one level. */
struct walk {
	uint64_t node, last;
};

static void
up(struct walk *w)
{
	w->node >>= 1;
	w->last >>= 1;
}

/* Is the next digest of the path a left sibling?  If so, skip the levels where there is none. */
static bool
from_left(struct walk *w)
{
	if ((w->node & 1) == 0 && w->node != w->last)
		return false;
	while ((w->node & 1) == 0 && w->node != 0)
		up(w);
	return true;
}

enum err
merkle_check_inclusion(const struct digest *leaf, uint64_t index, uint64_t n,
    const struct digest *path, size_t len, const struct digest *root)
{
	struct walk w = { .node = index, .last = n - 1 };
	struct digest d = *leaf;

	if (index >= n)
		return ERR_PROOF;
	for (size_t i = 0; i < len; i++) {
		if (w.last == 0)
			return ERR_PROOF;
		if (from_left(&w))
			join(&path[i], &d, &d);
		else
			join(&d, &path[i], &d);
		up(&w);
	}
	return w.last == 0 && digest_equal(&d, root) ? OK : ERR_PROOF;
}

enum err
merkle_check_consistency(uint64_t old, const struct digest *old_root, uint64_t n,
    const struct digest *root, const struct digest *path, size_t len)
{
	struct walk w = { .node = old - 1, .last = n - 1 };
	struct digest was, is;
	size_t i = 0;

	if (old == 0 || old > n)
		return ERR_PROOF;
	if (old == n)
		return len == 0 && digest_equal(old_root, root) ? OK : ERR_PROOF;
	while ((w.node & 1) != 0)
		up(&w);
	/* A full old tree is itself the node that the path starts from, and is left out of it. */
	if ((old & (old - 1)) != 0 && len == 0)
		return ERR_PROOF;
	was = is = (old & (old - 1)) == 0 ? *old_root : path[i++];
	for (; i < len; i++) {
		if (w.last == 0)
			return ERR_PROOF;
		if (from_left(&w)) {
			join(&path[i], &was, &was);
			join(&path[i], &is, &is);
		} else {
			join(&is, &path[i], &is);
		}
		up(&w);
	}
	if (w.last != 0 || !digest_equal(&was, old_root) || !digest_equal(&is, root))
		return ERR_PROOF;
	return OK;
}

/* ---- checkpoints ---- */

size_t
merkle_checkpoint_print(const struct checkpoint *c, char out[static CHECKPOINT_TEXT])
{
	char root[sodium_base64_ENCODED_LEN(sizeof(c->root.b), sodium_base64_VARIANT_ORIGINAL)];

	sodium_bin2base64(root, sizeof(root), c->root.b, sizeof(c->root.b),
	    sodium_base64_VARIANT_ORIGINAL);
	return (size_t)snprintf(out, CHECKPOINT_TEXT, "%s\n%" PRIu64 "\n%s\n", c->origin, c->size,
	    root);
}

/* Cut the next line, without its newline, from the text at ${*at} that ends before ${end}. */
static bool
take_line(const char **at, const char *end, const char **line, size_t *len)
{
	const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

	if (newline == NULL)
		return false;
	*line = *at;
	*len = (size_t)(newline - *at);
	*at = newline + 1;
	return true;
}

/* What C2SP recommends for an origin: printable, no space, no plus. */
static bool
read_origin(const char *line, size_t len, struct checkpoint *c)
{
	if (len == 0 || len >= sizeof(c->origin))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (line[i] <= ' ' || line[i] > '~' || line[i] == '+')
			return false;
	}
	memcpy(c->origin, line, len);
	return true;
}

static bool
read_size(const char *line, size_t len, struct checkpoint *c)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] < '0' || line[i] > '9' || c->size > LIMIT_INTEGER / 10)
			return false;
		c->size = c->size * 10 + (uint64_t)(line[i] - '0');
	}
	return c->size <= LIMIT_INTEGER;
}

static bool
read_root(const char *line, size_t len, struct checkpoint *c)
{
	size_t got = 0;

	return sodium_base642bin(c->root.b, sizeof(c->root.b), line, len, NULL, &got, NULL,
	    sodium_base64_VARIANT_ORIGINAL) == 0 && got == sizeof(c->root.b);
}

enum err
merkle_checkpoint_parse(const char *text, size_t len, struct checkpoint *out)
{
	bool (*const read[])(const char *, size_t, struct checkpoint *) =
	    { read_origin, read_size, read_root };
	const char *at = text, *line;
	char again[CHECKPOINT_TEXT];
	struct checkpoint c = { 0 };
	size_t n;

	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
		if (!take_line(&at, text + len, &line, &n) || !read[i](line, n, &c))
			return ERR_CHECKPOINT;
	}
	/* Leading zeros, no digits, loose base64, a fourth line: it must be what we would print. */
	n = merkle_checkpoint_print(&c, again);
	if (n != len || memcmp(again, text, n) != 0)
		return ERR_CHECKPOINT;
	*out = c;
	return OK;
}
