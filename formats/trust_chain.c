/*
 * trust_chain: all versions of a vendor's trust documents in one piece, as it lies in an image and
 * in the file that is handed out.  SPEC, "Trust".
 */
#include <stdlib.h>
#include <string.h>

#include "formats/trust.h"

static uint32_t
get_u32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void
put_u32(uint8_t *b, size_t n)
{
	b[0] = (uint8_t)n;
	b[1] = (uint8_t)(n >> 8);
	b[2] = (uint8_t)(n >> 16);
	b[3] = (uint8_t)(n >> 24);
}

struct trust_chain *
trust_chain_new(void)
{
	return calloc(1, sizeof(struct trust_chain));
}

void
trust_chain_free(struct trust_chain *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		trust_free(c->version[i]);
	free(c->bytes);
	free(c);
}

enum err
trust_chain_add(struct trust_chain *c, struct trust *t, const void *buf, size_t len)
{
	const size_t at = (c->count == 0 ? 4 : c->len) + 4;
	enum err e = ERR_LIMIT;
	uint8_t *bytes;

	if (c->count == LIMIT_CHAIN || len > LIMIT_TRUST || at + len > LIMIT_CHAIN_BYTES)
		goto out;
	e = ERR_CHAIN_ORDER;
	if (t->version != c->count + 1)
		goto out;
	e = ERR_MEMORY;
	if ((bytes = realloc(c->bytes, at + len)) == NULL)
		goto out;
	memcpy(bytes + at, buf, len);
	put_u32(bytes + at - 4, len);
	put_u32(bytes, c->count + 1);
	c->bytes = bytes;
	c->len = at + len;
	c->document[c->count].at = at;
	c->document[c->count].len = len;
	c->version[c->count++] = t;
	return OK;
out:
	trust_free(t);
	return e;
}

void
trust_chain_cut(struct trust_chain *c, size_t count)
{
	while (c->count > count) {
		trust_free(c->version[--c->count]);
		c->len = c->document[c->count].at - 4;
		put_u32(c->bytes, c->count);
	}
}

/* One document from the bytes at *${at}. */
static enum err
take_document(struct trust_chain *c, const uint8_t *buf, size_t len, size_t *at,
    const struct digest *anchor, struct fault *f)
{
	struct trust *t;
	size_t n;
	enum err e;

	if (len - *at < 4)
		return err_fault(f, ERR_CHAIN_FORM, "cut before version %zu", c->count + 1);
	n = get_u32(buf + *at);
	*at += 4;
	if (n == 0 || n > LIMIT_TRUST || n > len - *at)
		return err_fault(f, ERR_CHAIN_FORM, "length of version %zu", c->count + 1);
	buf += *at;
	*at += n;
	e = c->count == 0 ? trust_first(&t, buf, n, anchor, f) :
	    trust_next(&t, buf, n, trust_chain_newest(c), f);
	if (e == OK && (e = trust_chain_add(c, t, buf, n)) != OK)
		err_fault(f, e, "version %zu", c->count + 1);
	return e;
}

enum err
trust_chain_parse(struct trust_chain **out, const void *buf, size_t len,
    const struct digest *anchor, struct fault *f)
{
	struct trust_chain *c;
	size_t count, at = 4;
	enum err e = OK;

	*out = NULL;
	if (len > LIMIT_CHAIN_BYTES)
		return err_fault(f, ERR_LIMIT, "trust chain");
	count = len < 4 ? 0 : get_u32(buf);
	if (count < 1 || count > LIMIT_CHAIN)
		return err_fault(f, ERR_CHAIN_FORM, "number of versions");
	if ((c = trust_chain_new()) == NULL)
		return err_fault(f, ERR_MEMORY, "trust chain");
	while (e == OK && c->count < count)
		e = take_document(c, buf, len, &at, anchor, f);
	if (e == OK && at != len)
		e = err_fault(f, ERR_CHAIN_FORM, "bytes behind version %zu", count);
	if (e == OK)
		*out = c;
	else
		trust_chain_free(c);
	return e;
}

const struct trust *
trust_chain_newest(const struct trust_chain *c)
{
	return c->count == 0 ? NULL : c->version[c->count - 1];
}

const struct digest *
trust_chain_anchor(const struct trust_chain *c)
{
	return c->count == 0 ? NULL : &c->version[0]->digest;
}

enum err
trust_chain_quorum(const struct trust_chain *c, enum trust_role role, const struct signers *s,
    struct trust_count *count)
{
	const struct moment forever = { INT64_MAX, 0 };
	struct trust_count older;

	*count = trust_count(trust_chain_newest(c), role, s);
	if (count->have >= count->need)
		return OK;
	if (trust_revoked(trust_chain_newest(c), s, forever) != NULL)
		return ERR_KEY_REVOKED;
	for (size_t i = 0; i + 1 < c->count; i++) {
		older = trust_count(c->version[i], role, s);
		/* With all its keys still in the role, it is the threshold that rose. */
		if (older.have >= older.need && count->have < older.have)
			return ERR_KEY_RETIRED;
	}
	return ERR_DOC_SIGNATURE;
}
