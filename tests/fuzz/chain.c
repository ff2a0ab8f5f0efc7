/*
 * A chain of trust documents: the bytes as they are, and the bytes as bodies with a NUL between,
 * signed by keys 0 to 2 and put together.
 */
#include "formats/trust.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"

#define BODIES 6u

static void
check(const void *bytes, size_t len)
{
	struct trust_chain *c, *again;
	struct digest anchor;

	if (trust_chain_parse(&c, bytes, len, NULL, NULL) != OK)
		return;
	HOLD(c->count >= 1 && c->len == len && memcmp(c->bytes, bytes, len) == 0);
	for (size_t i = 0; i < c->count; i++) {
		HOLD(c->version[i]->version == i + 1);
		HOLD(strcmp(c->version[i]->vendor, c->version[0]->vendor) == 0);
		HOLD(i == 0 ||
		    c->version[i]->issued.seconds >= c->version[i - 1]->issued.seconds);
	}
	anchor = *trust_chain_anchor(c);
	anchor.b[31] ^= 1;
	HOLD(trust_chain_parse(&again, bytes, len, &anchor, NULL) != OK && again == NULL);
	anchor.b[31] ^= 1;
	/* A chain may end earlier. */
	trust_chain_cut(c, 1);
	HOLD(trust_chain_parse(&again, c->bytes, c->len, &anchor, NULL) == OK);
	HOLD(again->count == 1);
	trust_chain_free(again);
	trust_chain_free(c);
}

static void
put_u32(uint8_t *to, size_t n)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> 8 * i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size, *stop;
	uint8_t *chain;
	size_t len = 4, n;
	unsigned count;

	check(data, size);
	if (size == 0 || size > LIMIT_TRUST)
		return 0;
	chain = malloc(4 + size + BODIES * (4 + 3 * LIMIT_ARMOR));
	HOLD(chain != NULL);
	for (count = 0; count < BODIES && at < end; count++, at = stop + 1) {
		char *doc;

		stop = memchr(at, '\0', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		doc = sign_body(at, (size_t)(stop - at), "trust@waxseal", 3, &n);
		put_u32(chain + len, n);
		memcpy(chain + len + 4, doc, n);
		len += 4 + n;
		free(doc);
	}
	put_u32(chain, count);
	check(chain, len);
	free(chain);
	return 0;
}
