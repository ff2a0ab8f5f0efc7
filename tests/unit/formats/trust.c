/*
 * Tests of formats/trust: what a trust document must say, who counts, and one step of the chain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/trust.h"
#include "tests/unit/trust_text.h"

#define HEX64(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c \
	c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c

/* Change, parse without looking at signatures, free the text. */
static enum err
parse(char *text, struct trust **t, struct fault *f)
{
	struct document doc;
	size_t len = trust_sign(text, "");
	enum err e;

	assert_int_equal(document_split_unsigned(text, len, &doc), OK);
	e = trust_parse(t, &doc, f);
	free(text);
	assert_int_equal(*t != NULL, e == OK);
	return e;
}

static const char revoked[] =
    "  },\n"
    "  \"contact\": \"age1something\",\n"
    "  \"revoked\": {\n"
    "    \"keys\": [{\"key\": \"@7\", \"since\": \"2026-11-19T12:00:00Z\","
    " \"reason\": \"lost\"}],\n"
    "    \"releases\": [{\"id\": \"ETL-1\", \"digest\": \"" HEX64("a") "\", \"reason\": \"bad\"},\n"
    "      {\"id\": \"ETL-2\", \"digest\": \"" HEX64("b") "\", \"reason\": \"bad\"}],\n"
    "    \"seals\": [{\"customer\": \"acme\", \"number\": 7, \"digest\": \"" HEX64("c") "\","
    " \"reason\": \"stolen\"}]\n"
    "  }\n"
    "}\n";

static char *
revoking_text(void)
{
	char *text = trust_text();

	trust_replace(text, "  }\n}\n", revoked);
	return text;
}

static void
all_fields(void **state)
{
	struct digest a, b, c;
	struct trust *t;

	(void)state;
	memset(&a, 0xaa, sizeof a);
	memset(&b, 0xbb, sizeof b);
	memset(&c, 0xcc, sizeof c);
	assert_int_equal(parse(revoking_text(), &t, NULL), OK);
	assert_string_equal(t->vendor, "etl");
	assert_string_equal(t->name, "Elbe Turbine Logic");
	assert_string_equal(t->telephone, "+49 351 5550");
	assert_string_equal(t->address, "Elbufer 1\nDresden");
	assert_string_equal(t->contact, "age1something");
	assert_int_equal(t->version, 1);
	assert_int_equal(t->issued.seconds, 1795162320);	/* date -d, as are the two below */
	assert_int_equal(t->issued.offset, 60);
	assert_int_equal(t->expires.seconds, 1858320720);
	assert_false(t->single_person);
	assert_int_equal(t->key_count, 7);
	assert_string_equal(t->keys[3].id, "anna2");
	assert_string_equal(t->keys[3].holder, "Anna");
	assert_int_equal(t->keys[3].key.type, SSH_SK_ED25519);
	assert_true(sshsig_key_equal(&t->keys[3].key, &trust_pair[3].key));
	assert_int_equal(t->role[ROLE_TRUST].threshold, 2);
	assert_int_equal(t->role[ROLE_TRUST].count, 3);
	assert_int_equal(t->role[ROLE_RELEASE].key[1], 4);
	assert_int_equal(t->role[ROLE_SEAL].key[0], 5);
	assert_int_equal(t->role[ROLE_NOTICE].key[0], 6);
	assert_int_equal(t->revoked_key_count, 1);
	assert_int_equal(t->revoked_keys[0].since.seconds, 1795089600);
	assert_true(trust_release_revoked(t, &a));
	assert_true(trust_release_revoked(t, &b));
	assert_false(trust_release_revoked(t, &c));
	assert_true(trust_seal_revoked(t, &c));
	assert_false(trust_seal_revoked(t, &a));
	trust_free(t);
	trust_free(NULL);
}

static void
optional_fields(void **state)
{
	char *text = trust_text();
	struct digest zero = { { 0 } };
	struct trust *t;

	(void)state;
	trust_replace(text, "  \"telephone\": \"+49 351 5550\",\n", "");
	trust_replace(text, "  \"address\": \"Elbufer 1\\nDresden\",\n", "");
	assert_int_equal(parse(text, &t, NULL), OK);
	assert_string_equal(t->telephone, "");
	assert_string_equal(t->address, "");
	assert_string_equal(t->contact, "");
	assert_int_equal(t->revoked_key_count, 0);
	assert_false(trust_release_revoked(t, &zero));
	assert_false(trust_seal_revoked(t, &zero));
	trust_free(t);

	text = trust_text();
	trust_replace(text, "  }\n}\n", "  },\n \"revoked\": {\"keys\": [], \"seals\": []}}\n");
	assert_int_equal(parse(text, &t, NULL), OK);
	trust_free(t);
}

struct change {
	const char *from, *to;
	enum err want;
	const char *at;		/* is in the place that the fault names */
};

static void
try_change(const struct change *c, char *text)
{
	struct fault f = { .err = OK };
	struct trust *t;
	enum err e;

	trust_replace(text, c->from, c->to);
	e = parse(text, &t, &f);
	trust_free(t);
	if (e != c->want || (e != OK && strstr(f.at, c->at) == NULL))
		print_message("%s -> %s: %d at \"%s\"\n", c->from, c->to, (int)e, f.at);
	assert_int_equal(e, c->want);
	if (e == OK)
		return;
	assert_int_equal(f.err, c->want);
	assert_non_null(strstr(f.at, c->at));
}

static void
forms(void **state)
{
	static const struct change table[] = {
		{ "trust/1", "trust/2", ERR_NEWER, "" },
		{ "trust/1", "seal/1", ERR_DOC_TYPE, "" },
		{ "\"vendor\"", "\"site\"", ERR_DOC_VENDOR, "" },
		{ "\"etl\"", "\"Etl\"", ERR_DOC_VENDOR, "" },
		{ "  \"name\"", "  \"nick\"", ERR_JSON_UNKNOWN, "nick" },
		{ "  \"single_person\": false,\n", "", ERR_JSON_MISSING, "single_person" },
		{ "Elbe Turbine Logic", "", ERR_JSON_VALUE, "name" },
		{ "+49 351 5550", "", ERR_JSON_VALUE, "telephone" },
		{ "\"version\": 1", "\"version\": 0", ERR_JSON_VALUE, "version" },
		{ "\"version\": 1", "\"version\": 1024", OK, "" },
		{ "\"version\": 1", "\"version\": 1025", ERR_JSON_VALUE, "version" },
		{ "\"2026-11-20T09:12:00+01:00\"", "\"2026-11-20\"", ERR_JSON_VALUE, "issued" },
		{ "\"id\": \"anna\"", "\"id\": \"\"", ERR_JSON_VALUE, "id" },
		{ "\"desk\"", "\"12345678901234567890123456789012\"", ERR_TRUST_RULE, "desk" },
		{ "\"desk\"", "\"123456789012345678901234567890123\"", ERR_JSON_VALUE, "id" },
		{ "\"holder\": \"Anna\", ", "", ERR_JSON_MISSING, "holder" },
		{ "\"holder\": \"Anna\"", "\"holder\": \"Anna\", \"x\": 1", ERR_JSON_UNKNOWN, "x" },
		{ "@0", "ssh-rsa AAAA", ERR_KEY_FORM, "ssh-rsa" },
		{ "@0", "@0\\u000a@0", ERR_KEY_FORM, "ssh-ed25519" },
		{ "    \"seal\": {", "    \"parcel\": {", ERR_JSON_MISSING, "seal" },
		{ "    \"seal\": {", "    \"x\": {}, \"seal\": {", ERR_JSON_UNKNOWN, "x" },
		{ "\"threshold\": 2, \"keys\": [\"anna\"", "\"keys\": [\"anna\"",
		    ERR_JSON_MISSING, "threshold" },
		{ "\"threshold\": 2", "\"threshold\": 65", ERR_JSON_VALUE, "threshold" },
		{ "[\"desk\"]", "\"desk\"", ERR_JSON_VALUE, "keys" },
		{ "  }\n}\n", "  },\n  \"contact\": \"\"\n}\n", ERR_JSON_VALUE, "contact" },
		{ "  }\n}\n", "  },\n  \"revoked\": []\n}\n", ERR_JSON_VALUE, "revoked" },
		{ "  }\n}\n", "  },\n  \"revoked\": {\"x\": []}\n}\n", ERR_JSON_UNKNOWN, "x" },
		{ "  \"name\"", "  \"name\": \"x\", \"name\"", ERR_JSON_DUPLICATE, "" },
		{ "{\n", "[\n", ERR_JSON_SYNTAX, "" },
	};
	static const struct change in_revoked[] = {
		{ "\"lost\"", "\"\"", ERR_JSON_VALUE, "reason" },
		{ "12:00:00Z", "12:00:00", ERR_JSON_VALUE, "since" },
		{ "\"@7\"", "\"@7@7\"", ERR_KEY_FORM, "" },
		{ "\"@7\", ", "\"@7\", \"x\": 1,", ERR_JSON_UNKNOWN, "x" },
		{ "\"id\": \"ETL-1\", ", "", ERR_JSON_MISSING, "id" },
		{ "aaaa", "aaaA", ERR_JSON_VALUE, "digest" },
		{ "\"acme\"", "\"ACME\"", ERR_JSON_VALUE, "customer" },
		{ "\"number\": 7", "\"number\": 0", ERR_JSON_VALUE, "number" },
		{ "\"number\": 7", "\"number\": 1073741823", OK, "" },
		{ "\"number\": 7", "\"number\": 1073741824", ERR_JSON_VALUE, "number" },
		{ "\"stolen\"", "\"stolen\", \"id\": \"x\"", ERR_JSON_UNKNOWN, "id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		try_change(&table[i], trust_text());
	for (size_t i = 0; i < sizeof in_revoked / sizeof *in_revoked; i++)
		try_change(&in_revoked[i], revoking_text());
}

static void
rules(void **state)
{
	static const struct change table[] = {
		/* thresholds: 1 to as many persons as there are */
		{ "\"threshold\": 2, \"keys\": [\"anna\"", "\"threshold\": 3, \"keys\": [\"anna\"",
		    OK, "" },
		{ "\"threshold\": 2, \"keys\": [\"anna\"", "\"threshold\": 4, \"keys\": [\"anna\"",
		    ERR_TRUST_RULE, "roles.trust.threshold" },
		{ "\"threshold\": 2, \"keys\": [\"anna\"", "\"threshold\": 0, \"keys\": [\"anna\"",
		    ERR_TRUST_RULE, "roles.trust.threshold" },
		{ "\"threshold\": 1, \"keys\": [\"desk2\"",
		    "\"threshold\": 0, \"keys\": [\"desk2\"", ERR_TRUST_RULE, "roles.notice.threshold" },
		{ "\"Ben\", \"key\": \"@4\"", "\"Anna\", \"key\": \"@4\"", ERR_TRUST_RULE,
		    "roles.release.threshold: 2, with 2 keys of 1" },
		/* each key in exactly one role */
		{ "[\"desk\"]", "[]", ERR_TRUST_RULE, "roles.seal.threshold" },
		{ "[\"desk\"]", "[\"desk2\"]", ERR_TRUST_RULE, "desk" },
		{ "[\"desk\"]", "[\"desk\", \"desk2\"]", ERR_TRUST_RULE, "desk2" },
		{ "[\"desk\"]", "[\"desk\", \"desk\"]", ERR_TRUST_RULE, "desk" },
		{ ", \"cora\"]", "]", ERR_TRUST_RULE, "cora" },
		{ "[\"desk\"]", "[\"disk\"]", ERR_TRUST_RULE, "disk" },
		/* keys are themselves */
		{ "\"id\": \"desk2\"", "\"id\": \"desk\"", ERR_TRUST_RULE, "desk" },
		{ "@6", "@5", ERR_TRUST_RULE, "desk and desk2" },
		{ "@6", "@5 with a comment", ERR_TRUST_RULE, "desk and desk2" },
		/* times */
		{ "2028-11-20T09:12:00+01:00", "2026-11-20T08:12:00Z", ERR_TRUST_RULE, "expires" },
		{ "2028-11-20T09:12:00+01:00", "2026-11-20T08:12:01Z", OK, "" },
		/* a single person is declared if and only if there is one */
		{ "false", "true", ERR_TRUST_RULE, "single_person" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		try_change(&table[i], trust_text());
	try_change(&(struct change){ "\"@7\"", "\"@6\"", ERR_TRUST_RULE, "desk2 is revoked" },
	    revoking_text());
}

/* The same point as a hardware key and as a plain one is the same key. */
static void
same_point_other_type(void **state)
{
	struct keypair saved = trust_pair[6];
	struct fault f;
	struct trust *t;

	(void)state;
	trust_pair[6].key = trust_pair[5].key;
	trust_pair[6].key.type = SSH_SK_ED25519;
	assert_int_equal(parse(trust_text(), &t, &f), ERR_TRUST_RULE);
	trust_pair[6] = saved;
}

static void
single_person(void **state)
{
	static const struct {
		const char *seal, *release, *threshold;
		bool alone;
	} table[] = {
		{ "Dora", "Anna", "2", false },
		{ "Anna", "Anna", "2", false },	/* for the release it takes Ben too */
		{ "Dora", "Anna", "1", false },
		{ "Anna", "Anna", "1", true },
		{ "Ben", "Anna", "1", true },	/* Ben holds ben2 */
		{ "anna", "Anna", "1", false },
	};
	char person[64], threshold[64], *text;
	struct trust *t;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof table / sizeof *table; i++) {
		bool declared = i % 2;

		text = trust_text();
		snprintf(person, sizeof person, "\"%s\", \"key\": \"@5\"", table[i / 2].seal);
		trust_replace(text, "\"Dora\", \"key\": \"@5\"", person);
		snprintf(threshold, sizeof threshold, "%s, \"keys\": [\"anna2\"",
		    table[i / 2].threshold);
		trust_replace(text, "2, \"keys\": [\"anna2\"", threshold);
		if (declared)
			trust_replace(text, "false", "true");
		assert_int_equal(parse(text, &t, NULL),
		    declared == table[i / 2].alone ? OK : ERR_TRUST_RULE);
		if (t != NULL)
			assert_int_equal(t->single_person, declared);
		trust_free(t);
	}
}

/* ${n} keys more, all in the trust role. */
static enum err
with_more_keys(unsigned n)
{
	char *text = trust_text(), line[SSHSIG_LINE], entry[512];
	struct keypair k;
	struct trust *t;
	enum err e;

	for (unsigned i = 0; i < n; i++) {
		k = keypair_new(SSH_ED25519);
		sshsig_key_print(&k.key, line);
		snprintf(entry, sizeof entry, "\"keys\": [\n{\"id\": \"k%u\", \"holder\": \"H\","
		    " \"key\": \"%s\"},", i, line);
		trust_replace(text, "\"keys\": [\n", entry);
		snprintf(entry, sizeof entry, "\"k%u\", \"cora\"]", i);
		trust_replace(text, "\"cora\"]", entry);
	}
	e = parse(text, &t, NULL);
	trust_free(t);
	return e;
}

/* A key whose id has ${n} bytes. */
static enum err
with_id_of(size_t n)
{
	char *text = trust_text(), id[64] = "\"", entry[80];
	struct trust *t;
	enum err e;

	memset(id + 1, 'c', n);
	strcpy(id + 1 + n, "\"");
	trust_replace(text, "\"cora\"]", strcat(strcpy(entry, id), "]"));
	trust_replace(text, "\"cora\"", id);
	e = parse(text, &t, NULL);
	trust_free(t);
	return e;
}

static enum err
with_revoked(const char *list, unsigned n)
{
	static const char seal[] = "{\"customer\": \"acme\", \"number\": 7, \"digest\": \""
	    HEX64("c") "\", \"reason\": \"x\"}";
	static const char release[] = "{\"id\": \"x\", \"digest\": \"" HEX64("c") "\","
	    " \"reason\": \"x\"}";
	char *text = trust_text(), *many = calloc(1, TRUST_TEXT), *end = many;
	char line[SSHSIG_LINE], key[512];
	const char *one = strcmp(list, "seals") == 0 ? seal :
	    strcmp(list, "releases") == 0 ? release : key;
	struct trust *t;
	enum err e;

	assert_non_null(many);
	sshsig_key_print(&trust_pair[7].key, line);
	snprintf(key, sizeof key, "{\"key\": \"%s\", \"since\": \"2026-11-19T12:00:00Z\","
	    " \"reason\": \"x\"}", line);
	end = stpcpy(end, "  }, \"revoked\": {\"");
	end = stpcpy(stpcpy(end, list), "\": [");
	for (unsigned i = 0; i < n; i++)
		end = stpcpy(stpcpy(end, i == 0 ? "" : ","), one);
	stpcpy(end, "]}}\n");
	trust_replace(text, "  }\n}\n", many);
	free(many);
	e = parse(text, &t, NULL);
	trust_free(t);
	return e;
}

static void
limits(void **state)
{
	static const char *const lists[] = { "keys", "releases", "seals" };

	(void)state;
	assert_int_equal(with_more_keys(LIMIT_TRUST_KEYS - 7), OK);
	assert_int_equal(with_more_keys(LIMIT_TRUST_KEYS - 6), ERR_JSON_VALUE);
	assert_int_equal(with_id_of(LIMIT_KEY_ID), OK);
	assert_int_equal(with_id_of(LIMIT_KEY_ID + 1), ERR_JSON_VALUE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(with_revoked(lists[i], LIMIT_REVOKED), OK);
		assert_int_equal(with_revoked(lists[i], LIMIT_REVOKED + 1), ERR_JSON_VALUE);
	}
}

static void
role_names(void **state)
{
	(void)state;
	for (enum trust_role r = ROLE_TRUST; r < ROLE_COUNT; r++)
		assert_int_equal(trust_role_from_name(trust_role_name(r)), r);
	assert_string_equal(trust_role_name(ROLE_NOTICE), "notice");
	assert_int_equal(trust_role_from_name("seals"), ROLE_COUNT);
	assert_int_equal(trust_role_from_name(""), ROLE_COUNT);
}

static struct trust_count
count(const struct trust *t, enum trust_role role, const char *who)
{
	struct signers s = { 0 };

	for (; *who != '\0'; who++)
		s.key[s.count++] = trust_pair[*who - '0'].key;
	return trust_count(t, role, &s);
}

static void
who_counts(void **state)
{
	static const struct {
		enum trust_role role;
		const char *who;
		unsigned have, need, signers;
	} table[] = {
		{ ROLE_TRUST, "", 0, 2, 0 },
		{ ROLE_TRUST, "0", 1, 2, 1 },
		{ ROLE_TRUST, "01", 2, 2, 2 },
		{ ROLE_TRUST, "210", 3, 2, 3 },
		{ ROLE_TRUST, "00", 1, 2, 1 },		/* the same point twice */
		{ ROLE_TRUST, "0345", 1, 2, 1 },	/* keys of other roles */
		{ ROLE_TRUST, "7", 0, 2, 0 },		/* nobody's key */
		{ ROLE_SEAL, "5", 1, 1, 1 },
		{ ROLE_SEAL, "01234", 0, 1, 0 },
		{ ROLE_RELEASE, "34", 2, 2, 2 },
		{ ROLE_NOTICE, "56", 1, 1, 1 },
	};
	char *text = trust_text();
	struct trust_count c;
	struct trust *t;

	(void)state;
	assert_int_equal(parse(text, &t, NULL), OK);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		c = count(t, table[i].role, table[i].who);
		assert_int_equal(c.have, table[i].have);
		assert_int_equal(c.need, table[i].need);
		assert_int_equal(c.signer_count, table[i].signers);
		for (unsigned k = 0; k < c.signer_count; k++)
			assert_non_null(strchr(table[i].who, (int)('0' + c.signer[k])));
	}
	trust_free(t);

	/* one holder with two keys: two signers, one person */
	text = trust_text();
	trust_replace(text, "\"Cora\"", "\"Ben\"");
	assert_int_equal(parse(text, &t, NULL), OK);
	c = count(t, ROLE_TRUST, "12");
	assert_int_equal(c.have, 1);
	assert_int_equal(c.signer_count, 2);
	assert_int_equal(count(t, ROLE_TRUST, "102").have, 2);
	trust_free(t);
}

static void
revoked_since(void **state)
{
	struct signers s = { .count = 2, .key = { trust_pair[0].key, trust_pair[7].key } };
	struct moment at = { 1795089600, 0 };
	struct trust *t;

	(void)state;
	assert_int_equal(parse(revoking_text(), &t, NULL), OK);
	assert_ptr_equal(trust_revoked(t, &s, at), &t->revoked_keys[0]);
	at.seconds--;
	assert_null(trust_revoked(t, &s, at));
	/* the instant decides, not its local date; the point, not its type */
	at = (struct moment){ 1795089600, -600 };
	s.key[1].type = SSH_ED25519;
	assert_non_null(trust_revoked(t, &s, at));
	s.count = 1;
	assert_null(trust_revoked(t, &s, at));
	trust_free(t);
}

static struct trust *
first(const char *who)
{
	char *text = trust_text();
	size_t len = trust_sign(text, who);
	struct trust *t;

	assert_int_equal(trust_first(&t, text, len, NULL, NULL), OK);
	free(text);
	return t;
}

static void
first_version(void **state)
{
	static const struct {
		const char *from, *to, *who;
		enum err want;
	} table[] = {
		{ "trust/1", "trust/1", "01", OK },
		{ "trust/1", "trust/1", "127", OK },	/* signatures of others do no harm */
		{ "trust/1", "trust/1", "0", ERR_CHAIN_QUORUM },
		{ "trust/1", "trust/1", "03456", ERR_CHAIN_QUORUM },
		{ "\"Ben\"", "\"Anna\"", "01", ERR_CHAIN_QUORUM },	/* one holder twice */
		{ "trust/1", "trust/1", "010", ERR_DOC_FORM },		/* same point twice */
		{ "trust/1", "trust/1", "", ERR_DOC_FORM },
		{ "\"version\": 1", "\"version\": 2", "01", ERR_CHAIN_ORDER },
		{ "[\"desk\"]", "[\"desk2\"]", "01", ERR_TRUST_RULE },
		{ "trust/1", "seal/1", "01", ERR_DOC_TYPE },
	};
	struct digest anchor;
	struct trust *t;
	struct fault f;
	char *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		text = trust_text();
		trust_replace(text, table[i].from, table[i].to);
		len = trust_sign(text, table[i].who);
		assert_int_equal(trust_first(&t, text, len, NULL, &f), table[i].want);
		assert_int_equal(t != NULL, table[i].want == OK);
		if (t != NULL) {
			anchor = t->digest;
			trust_free(t);
			assert_int_equal(trust_first(&t, text, len, &anchor, &f), OK);
			trust_free(t);
			anchor.b[31] ^= 1;
			assert_int_equal(trust_first(&t, text, len, &anchor, &f), ERR_CHAIN_FORKED);
		}
		free(text);
	}
}

static void
first_version_cut_or_changed(void **state)
{
	char *text = trust_text();
	size_t len = trust_sign(text, "01"), body = (size_t)(strstr(text, "-----B") - text);
	struct trust *t;

	(void)state;
	for (size_t n = 0; n < len; n++)
		assert_int_not_equal(trust_first(&t, text, n, NULL, NULL), OK);
	for (size_t n = 0; n < body; n++) {
		text[n] ^= 1;
		assert_int_not_equal(trust_first(&t, text, len, NULL, NULL), OK);
		text[n] ^= 1;
	}
	assert_int_equal(trust_first(&t, text, len, NULL, NULL), OK);
	trust_free(t);
	free(text);
}

static void
largest_document(void **state)
{
	char *text = trust_text();
	size_t len = trust_sign(text, "01"), room = LIMIT_TRUST - len;
	struct trust *t;

	(void)state;
	free(text);
	for (size_t more = 0; more < 2; more++) {
		text = trust_text();
		memmove(text + 1 + room + more, text + 1, sizeof trust_template - 1);
		memset(text + 1, ' ', room + more);
		assert_int_equal(trust_sign(text, "01"), LIMIT_TRUST + more);
		assert_int_equal(trust_first(&t, text, LIMIT_TRUST + more, NULL, NULL),
		    more == 0 ? OK : ERR_LIMIT);
		trust_free(t);
		free(text);
	}
}

/* A signature for another purpose is none for this one. */
static void
namespace(void **state)
{
	char *text = trust_text();
	size_t body, len;
	struct trust *t;

	(void)state;
	body = trust_sign(text, "");
	len = body + keypair_sign(&trust_pair[0], "release@waxseal", text, body, text + body, 4096);
	assert_int_equal(trust_first(&t, text, len, NULL, NULL), ERR_SIG_NAMESPACE);
	free(text);
}

static void
next_version(void **state)
{
	static const struct {
		const char *from, *to, *who;
		enum err want;
	} table[] = {
		{ "\"version\": 1", "\"version\": 2", "01", OK },
		{ "\"version\": 1", "\"version\": 2", "0", ERR_CHAIN_QUORUM },
		{ "\"version\": 1", "\"version\": 1", "01", ERR_CHAIN_ORDER },
		{ "\"version\": 1", "\"version\": 3", "01", ERR_CHAIN_ORDER },
		/* a new key for Cora: old quorum and new quorum */
		{ "@2", "@7", "01", OK },
		{ "@2", "@7", "027", OK },
		{ "@2", "@7", "07", ERR_CHAIN_QUORUM },		/* the old one is not met */
		{ "@2", "@7", "02", ERR_CHAIN_QUORUM },		/* the new one is not met */
		{ "\"Cora\"", "\"Ben\"", "12", ERR_CHAIN_QUORUM },
		{ "\"etl\"", "\"etl2\"", "01", ERR_DOC_VENDOR },
		{ "2026-11-20T09:12:00+01:00", "2026-11-20T08:12:00Z", "01", OK },
		{ "2026-11-20T09:12:00+01:00", "2026-11-20T08:11:59Z", "01", ERR_CHAIN_ORDER },
		{ "[\"desk\"]", "[\"desk2\"]", "01", ERR_TRUST_RULE },
		/* not parsed before the keys of now vouch for it */
		{ "[\"desk\"]", "[\"desk2\"]", "07", ERR_CHAIN_QUORUM },
	};
	struct trust *now = first("01"), *t;
	struct fault f;
	char *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		text = trust_text();
		trust_replace(text, table[i].from, table[i].to);
		if (strstr(table[i].from, "version") == NULL)
			trust_replace(text, "\"version\": 1", "\"version\": 2");
		len = trust_sign(text, table[i].who);
		assert_int_equal(trust_next(&t, text, len, now, &f), table[i].want);
		assert_int_equal(t != NULL, table[i].want == OK);
		trust_free(t);
		free(text);
	}
	trust_free(now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fields),
		cmocka_unit_test(optional_fields),
		cmocka_unit_test(forms),
		cmocka_unit_test(rules),
		cmocka_unit_test(same_point_other_type),
		cmocka_unit_test(single_person),
		cmocka_unit_test(limits),
		cmocka_unit_test(role_names),
		cmocka_unit_test(who_counts),
		cmocka_unit_test(revoked_since),
		cmocka_unit_test(first_version),
		cmocka_unit_test(first_version_cut_or_changed),
		cmocka_unit_test(largest_document),
		cmocka_unit_test(namespace),
		cmocka_unit_test(next_version),
	};

	return cmocka_run_group_tests(tests, trust_text_setup, NULL);
}
