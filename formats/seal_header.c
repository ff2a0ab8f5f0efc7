/*
 * seal_header: the line in front of the signed seal.  SPEC, "SEAL area".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "formats/seal.h"

#define INTEGER_DIGITS 16	/* of LIMIT_INTEGER */

/* What is left of the line; from the first thing that does not fit, ok stays false. */
struct cursor {
	const char *at;
	size_t left;
	bool ok;
};

/* Step over ${n} bytes that were found good. */
static void
step(struct cursor *c, size_t n, bool good)
{
	c->ok = c->ok && good;
	if (c->ok) {
		c->at += n;
		c->left -= n;
	}
}

static void
take_literal(struct cursor *c, const char *text)
{
	const size_t n = strlen(text);

	step(c, n, n <= c->left && memcmp(c->at, text, n) == 0);
}

/* Canonical decimal: no leading zero, at most LIMIT_INTEGER. */
static uint64_t
take_number(struct cursor *c)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < c->left && n < INTEGER_DIGITS && c->at[n] >= '0' && c->at[n] <= '9'; n++)
		value = value * 10 + (uint64_t)(c->at[n] - '0');
	step(c, n, n > 0 && (n == 1 || c->at[0] != '0') && value <= LIMIT_INTEGER);
	return value;
}

static void
take_digest(struct cursor *c, struct digest *out)
{
	const size_t n = DIGEST_HEX - 1;

	step(c, n, n <= c->left && digest_from_hex(out, c->at, n));
}

static void
take_region(struct cursor *c, struct seal_region *out)
{
	out->offset = take_number(c);
	take_literal(c, "+");
	out->length = take_number(c);
}

static void
take_id(struct cursor *c, char out[static LIMIT_ID + 1])
{
	size_t n = 0;

	for (; n < c->left && n < LIMIT_ID && c->at[n] > ' '; n++)
		out[n] = c->at[n];
	out[n] = '\0';
	step(c, n, name_id_ok(out));
}

enum err
seal_header_parse(const void *area, size_t len, struct seal_header *out, size_t *line)
{
	const size_t most = len < LIMIT_HEADER_LINE ? len : LIMIT_HEADER_LINE;
	struct cursor c = { .at = area, .left = most, .ok = true };
	struct seal_header h = { 0 };
	uint64_t version;

	take_literal(&c, "WAXSEAL");
	if (!c.ok)
		return ERR_NOT_SEALED;
	version = take_number(&c);
	if (c.ok && version > 1)
		return ERR_NEWER;
	c.ok = c.ok && version == 1;
	take_literal(&c, " vendor=");
	take_id(&c, h.vendor);
	take_literal(&c, " anchor=");
	take_digest(&c, &h.anchor);
	take_literal(&c, " chain=");
	take_region(&c, &h.chain);
	take_literal(&c, " chain2=");
	take_region(&c, &h.chain2);
	take_literal(&c, " tag=");
	take_digest(&c, &h.tag);
	take_literal(&c, " length=");
	h.length = take_number(&c);
	take_literal(&c, "\n");
	if (!c.ok || h.length > len - (most - c.left))
		return ERR_SEAL_HEADER;
	*out = h;
	*line = most - c.left;
	return OK;
}

enum err
seal_header_print(const struct seal_header *h, char out[static LIMIT_HEADER_LINE + 1], size_t *len)
{
	const uint64_t number[] = { h->chain.offset, h->chain.length, h->chain2.offset,
		h->chain2.length, h->length };
	char anchor[DIGEST_HEX], tag[DIGEST_HEX];
	int n;

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		if (number[i] > LIMIT_INTEGER)
			return ERR_LIMIT;
	}
	digest_hex(&h->anchor, anchor);
	digest_hex(&h->tag, tag);
	n = snprintf(out, LIMIT_HEADER_LINE + 1, "WAXSEAL1 vendor=%s anchor=%s"
	    " chain=%" PRIu64 "+%" PRIu64 " chain2=%" PRIu64 "+%" PRIu64 " tag=%s"
	    " length=%" PRIu64 "\n",
	    h->vendor, anchor, number[0], number[1], number[2], number[3], tag, number[4]);
	if (n < 0 || (size_t)n > LIMIT_HEADER_LINE)
		return ERR_LIMIT;
	*len = (size_t)n;
	return OK;
}
