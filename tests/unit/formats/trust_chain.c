/*
 * Tests of formats/trust_chain: all versions in one piece, cut, forked, out of order, too long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/trust.h"
#include "tests/unit/trust_text.h"

#define ROOM (64 * 1024)

struct version {
	const char *from, *to;	/* the change from the template; NULL: none */
	unsigned number;
	const char *who;
};

static uint8_t *
put_u32(uint8_t *end, size_t n)
{
	for (unsigned i = 0; i < 4; i++)
		*end++ = (uint8_t)(n >> 8 * i);
	return end;
}

/* The chain of ${n} versions with ${said} as their number in front; returns its length. */
static size_t
build(const struct version *v, size_t n, size_t said, uint8_t out[static ROOM])
{
	uint8_t *end = put_u32(out, said);
	char number[32], *text;
	size_t len;

	for (size_t i = 0; i < n; i++) {
		text = trust_text();
		snprintf(number, sizeof number, "\"version\": %u", v[i].number);
		trust_replace(text, "\"version\": 1", number);
		if (v[i].from != NULL)
			trust_replace(text, v[i].from, v[i].to);
		len = trust_sign(text, v[i].who);
		assert_true((size_t)(end - out) + 4 + len <= ROOM);
		end = put_u32(end, len);
		memcpy(end, text, len);
		end += len;
		free(text);
	}
	return (size_t)(end - out);
}

/* Cora's key changes, and her new one vouches for the third version. */
static const struct version good[] = {
	{ NULL, NULL, 1, "01" },
	{ "@2", "@7", 2, "01" },
	{ "@2", "@7", 3, "07" },
};

static void
three_versions(void **state)
{
	uint8_t bytes[ROOM];
	size_t len = build(good, 3, 3, bytes);
	struct trust_chain *c;
	struct digest anchor;

	(void)state;
	assert_int_equal(trust_chain_parse(&c, bytes, len, NULL, NULL), OK);
	assert_int_equal(c->count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(c->version[i]->version, i + 1);
		assert_memory_equal(c->bytes + c->document[i].at, trust_template, 30);
	}
	assert_int_equal(c->len, len);
	assert_memory_equal(c->bytes, bytes, len);
	assert_int_equal(c->document[2].at + c->document[2].len, len);
	assert_ptr_equal(trust_chain_newest(c), c->version[2]);
	assert_true(sshsig_key_equal(&trust_chain_newest(c)->keys[2].key, &trust_pair[7].key));
	anchor = *trust_chain_anchor(c);
	assert_true(digest_equal(&anchor, &c->version[0]->digest));
	trust_chain_free(c);

	assert_int_equal(trust_chain_parse(&c, bytes, len, &anchor, NULL), OK);
	trust_chain_free(c);
	anchor.b[0] ^= 0x80;
	assert_int_equal(trust_chain_parse(&c, bytes, len, &anchor, NULL), ERR_CHAIN_FORKED);
	assert_null(c);
}

static void
bad_steps(void **state)
{
	static const struct {
		struct version v[3];
		enum err want;
	} table[] = {
		{ { { NULL, NULL, 2, "01" } }, ERR_CHAIN_ORDER },
		{ { { NULL, NULL, 1, "0" } }, ERR_CHAIN_QUORUM },
		{ { { NULL, NULL, 1, "01" }, { NULL, NULL, 1, "01" } }, ERR_CHAIN_ORDER },
		{ { { NULL, NULL, 1, "01" }, { NULL, NULL, 3, "01" } }, ERR_CHAIN_ORDER },
		{ { { NULL, NULL, 1, "01" }, { "@2", "@7", 2, "07" } }, ERR_CHAIN_QUORUM },
		{ { { NULL, NULL, 1, "01" }, { "\"etl\"", "\"etm\"", 2, "01" } }, ERR_DOC_VENDOR },
		/* one version left out: its key change is what the last one stands on */
		{ { { NULL, NULL, 1, "01" }, { "@2", "@7", 3, "07" } }, ERR_CHAIN_QUORUM },
		{ { { NULL, NULL, 1, "01" }, { NULL, NULL, 3, "01" }, { NULL, NULL, 2, "01" } },
		    ERR_CHAIN_ORDER },
	};
	uint8_t bytes[ROOM];
	struct trust_chain *c;
	struct fault f;
	size_t n, len;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		for (n = 0; n < 3 && table[i].v[n].number != 0; n++)
			continue;
		len = build(table[i].v, n, n, bytes);
		assert_int_equal(trust_chain_parse(&c, bytes, len, NULL, &f), table[i].want);
		assert_int_equal(f.err, table[i].want);
		assert_null(c);
	}
}

static void
framing(void **state)
{
	static const size_t counts[] = { 0, 1, 3, LIMIT_CHAIN, LIMIT_CHAIN + 1, 0xffffffff };
	static const uint32_t lengths[] = { 0, LIMIT_TRUST + 1, 0xffffffff };
	uint8_t bytes[ROOM + 1] = { 0 };
	struct trust_chain *c;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		len = build(good, 2, counts[i], bytes);
		assert_int_equal(trust_chain_parse(&c, bytes, len, NULL, NULL), ERR_CHAIN_FORM);
	}
	len = build(good, 2, 2, bytes);
	bytes[len] = 0;
	assert_int_equal(trust_chain_parse(&c, bytes, len + 1, NULL, NULL), ERR_CHAIN_FORM);
	for (size_t n = 0; n < len; n++)
		assert_int_equal(trust_chain_parse(&c, bytes, n, NULL, NULL), ERR_CHAIN_FORM);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		put_u32(bytes + 4, lengths[i]);
		assert_int_equal(trust_chain_parse(&c, bytes, len, NULL, NULL), ERR_CHAIN_FORM);
	}
}

static void
bytes_limit(void **state)
{
	uint8_t *bytes = calloc(1, LIMIT_CHAIN_BYTES + 1);
	struct trust_chain *c;

	(void)state;
	assert_non_null(bytes);
	bytes[0] = 1;
	assert_int_equal(trust_chain_parse(&c, bytes, LIMIT_CHAIN_BYTES, NULL, NULL),
	    ERR_CHAIN_FORM);
	assert_int_equal(trust_chain_parse(&c, bytes, LIMIT_CHAIN_BYTES + 1, NULL, NULL),
	    ERR_LIMIT);
	free(bytes);
}

/*
 * Make version ${number} after ${now}, which accepts it, with ${blanks} more in it than is usual,
 * and add it to ${c}.
 */
static enum err
add_long(struct trust_chain *c, unsigned number, const struct trust *now, size_t blanks)
{
	char number_text[32], *text = trust_text();
	struct trust *t;
	size_t body, len;
	enum err e;

	snprintf(number_text, sizeof number_text, "\"version\": %u", number);
	trust_replace(text, "\"version\": 1", number_text);
	body = len = trust_sign(text, "") + blanks;
	memmove(text + 1 + blanks, text + 1, body - blanks);
	memset(text + 1, ' ', blanks);
	for (size_t i = 0; i < 2; i++)
		len += keypair_sign(&trust_pair[i], "trust@waxseal", text, body, text + len,
		    TRUST_TEXT - len);
	assert_int_equal(now == NULL ? trust_first(&t, text, len, NULL, NULL) :
	    trust_next(&t, text, len, now, NULL), OK);
	e = trust_chain_add(c, t, text, len);
	free(text);
	return e;
}

static enum err
add(struct trust_chain *c, unsigned number, const struct trust *now)
{
	return add_long(c, number, now, 0);
}

static void
reads_back(const struct trust_chain *c, size_t count)
{
	struct trust_chain *again;

	assert_int_equal(c->count, count);
	assert_int_equal(trust_chain_parse(&again, c->bytes, c->len, NULL, NULL), OK);
	assert_int_equal(again->count, count);
	assert_memory_equal(again->bytes, c->bytes, c->len);
	trust_chain_free(again);
}

static void
grow_and_cut(void **state)
{
	struct trust_chain *c = trust_chain_new();

	(void)state;
	assert_non_null(c);
	assert_null(trust_chain_newest(c));
	assert_null(trust_chain_anchor(c));
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(add(c, i, trust_chain_newest(c)), OK);
		reads_back(c, i);
	}
	/* the chain frees what it does not take */
	assert_int_equal(add(c, 1, NULL), ERR_CHAIN_ORDER);
	trust_chain_cut(c, 3);
	reads_back(c, 3);
	trust_chain_cut(c, 1);
	reads_back(c, 1);
	assert_int_equal(add(c, 2, c->version[0]), OK);
	reads_back(c, 2);
	trust_chain_free(c);
	trust_chain_free(NULL);
}

static void
longest(void **state)
{
	struct trust_chain *c = trust_chain_new();

	(void)state;
	assert_non_null(c);
	for (unsigned i = 1; i <= LIMIT_CHAIN; i++)
		assert_int_equal(add(c, i, trust_chain_newest(c)), OK);
	reads_back(c, LIMIT_CHAIN);
	assert_int_equal(add(c, 1, NULL), ERR_LIMIT);
	trust_chain_free(c);
}

/* LIMIT_CHAIN_BYTES in 256 documents, and one byte more. */
static void
largest(void **state)
{
	const unsigned n = LIMIT_CHAIN_BYTES / LIMIT_TRUST;
	struct trust_chain *c = trust_chain_new();
	char *text = trust_text();
	/* each but the last with its length is LIMIT_TRUST; the number in front of all takes 4 */
	const size_t blanks = LIMIT_TRUST - 4 - trust_sign(text, "01"), rest = blanks - 2 - 4;

	(void)state;
	free(text);
	assert_non_null(c);
	for (unsigned i = 1; i < n; i++)
		assert_int_equal(add_long(c, i, trust_chain_newest(c), blanks - (i > 9) - (i > 99)),
		    OK);
	assert_int_equal(add_long(c, n, trust_chain_newest(c), rest + 1), ERR_LIMIT);
	assert_int_equal(add_long(c, n, trust_chain_newest(c), rest), OK);
	assert_int_equal(c->len, LIMIT_CHAIN_BYTES);
	reads_back(c, n);
	trust_chain_free(c);
}

/* ---- who may sign, under the newest version, and who could once ---- */

#define SEAL_ROLE "\"seal\": {\"threshold\": 1, \"keys\": [\"desk\"]}"
#define DESK "    {\"id\": \"desk\", \"holder\": \"Dora\", \"key\": \"@5\"},\n"
#define EVE "    {\"id\": \"eve\", \"holder\": \"Eve\", \"key\": \"@7\"},\n"
#define REVOKED "  },\n  \"revoked\": {\n    \"keys\": [{\"key\": \"@5\", " \
	"\"since\": \"2026-11-19T00:00:00Z\", \"reason\": \"lost\"}]\n  }\n}\n"

/* Version 1 has Dora seal alone; what version 2 makes of that. */
static const struct change {
	const char *what, *keys, *role, *end;
} changes[] = {
	{ "nothing", DESK, SEAL_ROLE, "  }\n}\n" },
	{ "one of two", DESK EVE, "\"seal\": {\"threshold\": 1, \"keys\": [\"desk\", \"eve\"]}",
	    "  }\n}\n" },
	{ "both", DESK EVE, "\"seal\": {\"threshold\": 2, \"keys\": [\"desk\", \"eve\"]}",
	    "  }\n}\n" },
	{ "another", EVE, "\"seal\": {\"threshold\": 1, \"keys\": [\"eve\"]}", "  }\n}\n" },
	{ "revoked", EVE, "\"seal\": {\"threshold\": 1, \"keys\": [\"eve\"]}", REVOKED },
};

static struct trust_chain *
chain_of(const struct change *v)
{
	static const struct change first = { "", DESK, SEAL_ROLE, "  }\n}\n" };
	struct trust_chain *c = trust_chain_new();

	assert_non_null(c);
	for (unsigned i = 1; i <= 2; i++) {
		const struct change *now = i == 1 ? &first : v;
		char *text = trust_text();
		struct trust *t;
		size_t len;

		trust_replace(text, "\"version\": 1", i == 1 ? "\"version\": 1" : "\"version\": 2");
		trust_replace(text, DESK, now->keys);
		trust_replace(text, SEAL_ROLE, now->role);
		trust_replace(text, "  }\n}\n", now->end);
		len = trust_sign(text, "01");
		assert_int_equal(i == 1 ? trust_first(&t, text, len, NULL, NULL) :
		    trust_next(&t, text, len, c->version[0], NULL), OK);
		assert_int_equal(trust_chain_add(c, t, text, len), OK);
		free(text);
	}
	return c;
}

static void
quorum(void **state)
{
	static const struct {
		const char *what;
		const char *who;	/* signed */
		unsigned have, need;
		enum err want;
	} table[] = {
		{ "nothing", "5", 1, 1, OK },
		{ "nothing", "", 0, 1, ERR_DOC_SIGNATURE },
		{ "nothing", "7", 0, 1, ERR_DOC_SIGNATURE },
		{ "nothing", "3", 0, 1, ERR_DOC_SIGNATURE },	/* of another role */
		{ "one of two", "5", 1, 1, OK },
		{ "one of two", "7", 1, 1, OK },
		{ "both", "57", 2, 2, OK },
		/* it was enough once, and no key has left the role: too few, and not retired */
		{ "both", "5", 1, 2, ERR_DOC_SIGNATURE },
		{ "both", "7", 1, 2, ERR_DOC_SIGNATURE },
		{ "another", "7", 1, 1, OK },
		{ "another", "5", 0, 1, ERR_KEY_RETIRED },
		{ "another", "57", 1, 1, OK },
		{ "another", "3", 0, 1, ERR_DOC_SIGNATURE },
		{ "revoked", "7", 1, 1, OK },
		{ "revoked", "5", 0, 1, ERR_KEY_REVOKED },
		{ "revoked", "3", 0, 1, ERR_DOC_SIGNATURE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct signers s = { .count = 0 };
		struct trust_count count;
		struct trust_chain *c;
		size_t k = 0;
		enum err e;

		while (strcmp(changes[k].what, table[i].what) != 0)
			k++;
		c = chain_of(&changes[k]);
		for (const char *w = table[i].who; *w != '\0'; w++)
			s.key[s.count++] = trust_pair[*w - '0'].key;
		e = trust_chain_quorum(c, ROLE_SEAL, &s, &count);
		if (e != table[i].want || count.have != table[i].have || count.need != table[i].need)
			fail_msg("%s, signed by %s: %s, %u of %u", table[i].what, table[i].who,
			    err_code(e), count.have, count.need);
		trust_chain_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_versions),
		cmocka_unit_test(bad_steps),
		cmocka_unit_test(framing),
		cmocka_unit_test(bytes_limit),
		cmocka_unit_test(grow_and_cut),
		cmocka_unit_test(longest),
		cmocka_unit_test(largest),
		cmocka_unit_test(quorum),
	};

	return cmocka_run_group_tests(tests, trust_text_setup, NULL);
}
