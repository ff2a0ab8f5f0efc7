/*
 * Tests of formats/document: where a document may be split, and whose signatures it has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/document.h"
#include "tests/unit/keypair.h"
#include "tests/unit/scratch.h"

#define BEGIN "-----BEGIN SSH SIGNATURE-----"
#define END "-----END SSH SIGNATURE-----"
#define ARMOR BEGIN "\nAAAA\n" END "\n"
#define BODY "{\n  \"waxseal\": \"test/1\"\n}\n"

static const char namespace[] = "test@waxseal";

static void
split(void **state)
{
	static const struct {
		const char *text;
		enum err want, want_unsigned;
		size_t body;
		unsigned count;
	} table[] = {
		{ BODY ARMOR, OK, OK, sizeof BODY - 1, 1 },
		{ BODY ARMOR ARMOR, OK, OK, sizeof BODY - 1, 2 },
		{ "\n" ARMOR, OK, OK, 1, 1 },
		{ "a\n\n\n" ARMOR, OK, OK, 4, 1 },
		{ BODY, ERR_DOC_FORM, OK, sizeof BODY - 1, 0 },
		{ "\n", ERR_DOC_FORM, OK, 1, 0 },
		/* only a whole line begins a signature */
		{ " " BEGIN "\n" ARMOR, OK, OK, sizeof BEGIN + 1, 1 },
		{ BEGIN " \n" ARMOR, OK, OK, sizeof BEGIN + 1, 1 },
		{ BEGIN "\r\n" ARMOR, OK, OK, sizeof BEGIN + 1, 1 },
		{ "a\n" BEGIN "\r\nAAAA\r\n" END "\r\n", ERR_DOC_FORM, OK, 68, 0 },
		{ "{}" ARMOR, ERR_DOC_FORM, OK, sizeof ARMOR + 1, 0 },
		{ "", ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ "{}", ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ ARMOR, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY BEGIN "\n", ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY BEGIN, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY ARMOR "\n", ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY ARMOR "\n" ARMOR, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY ARMOR " " ARMOR, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY ARMOR BODY, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY ARMOR BODY ARMOR, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
		{ BODY BEGIN "\nAAAA\n" END, ERR_DOC_FORM, ERR_DOC_FORM, 0, 0 },
	};
	struct document doc;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(document_split(table[i].text, strlen(table[i].text), &doc),
		    table[i].want);
		assert_int_equal(document_split_unsigned(table[i].text, strlen(table[i].text),
		    &doc), table[i].want_unsigned);
		if (table[i].want_unsigned != OK)
			continue;
		assert_ptr_equal(doc.body, table[i].text);
		assert_int_equal(doc.body_len, table[i].body);
		assert_int_equal(doc.count, table[i].count);
		for (unsigned k = 0; k < doc.count; k++) {
			assert_int_equal(doc.signature[k].len, strlen(ARMOR));
			assert_memory_equal(doc.signature[k].armor, ARMOR, strlen(ARMOR));
		}
	}
}

/* Only the cuts at the end of the body and of each signature leave a document. */
static void
cut(void **state)
{
	static const char text[] = BODY ARMOR ARMOR;
	const size_t body = sizeof BODY - 1, armor = sizeof ARMOR - 1;
	struct document doc;
	enum err want;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		want = n == body + armor || n == body + 2 * armor ? OK : ERR_DOC_FORM;
		assert_int_equal(document_split(text, n, &doc), want);
	}
}

static void
limits(void **state)
{
	char text[LIMIT_ARMOR + 64], many[1024] = BODY;
	const size_t body = sizeof BODY - 1, end = sizeof END + 1;
	struct document doc;
	char *stop = many + body;

	(void)state;
	for (unsigned i = 0; i < LIMIT_SIGNATURES; i++)
		stop = stpcpy(stop, ARMOR);
	assert_int_equal(document_split(many, strlen(many), &doc), OK);
	assert_int_equal(doc.count, LIMIT_SIGNATURES);
	stpcpy(stop, ARMOR);
	assert_int_equal(document_split(many, strlen(many), &doc), ERR_LIMIT);

	memset(text, 'A', sizeof text);
	memcpy(text, BODY BEGIN "\n", sizeof BODY + sizeof BEGIN - 1);
	memcpy(text + body + LIMIT_ARMOR - end, "\n" END "\n", end);
	assert_int_equal(document_split(text, body + LIMIT_ARMOR, &doc), OK);
	assert_int_equal(doc.signature[0].len, LIMIT_ARMOR);
	memset(text + body + LIMIT_ARMOR - end, 'A', end);
	memcpy(text + body + LIMIT_ARMOR - end + 1, "\n" END "\n", end);
	assert_int_equal(document_split(text, body + LIMIT_ARMOR + 1, &doc), ERR_LIMIT);
}

/* Also when the signatures change: they are no part of the identity. */
static void
digest_is_of_the_body(void **state)
{
	char hex[DIGEST_HEX], line[128];
	struct scratch dir;
	struct document doc;

	(void)state;
	NEED_TOOL("sha256sum");
	dir = scratch_new();
	scratch_put(&dir, "doc", BODY ARMOR, sizeof BODY ARMOR - 1);
	assert_int_equal(scratch_run(&dir, "sed '/^" BEGIN "$/,$d' doc | sha256sum >sum"), 0);
	scratch_get(&dir, "sum", line, sizeof line);
	assert_int_equal(document_split(BODY ARMOR, sizeof BODY ARMOR - 1, &doc), OK);
	digest_hex(&doc.digest, hex);
	assert_memory_equal(line, hex, 64);
	assert_int_equal(document_split(BODY ARMOR ARMOR, sizeof BODY ARMOR ARMOR - 1, &doc), OK);
	digest_hex(&doc.digest, hex);
	assert_memory_equal(line, hex, 64);
	scratch_end(&dir);
}

static size_t
append(char *text, size_t len, const struct keypair *k, const char *purpose)
{
	return len + keypair_sign(k, purpose, BODY, sizeof BODY - 1, text + len, LIMIT_ARMOR);
}

static enum err
signers(const char *text, size_t len, struct signers *s)
{
	struct document doc;

	assert_int_equal(document_split(text, len, &doc), OK);
	return document_signers(&doc, namespace, s);
}

static void
who_signed(void **state)
{
	char text[4 * LIMIT_ARMOR] = BODY;
	struct keypair a = keypair_new(SSH_ED25519), b = keypair_new(SSH_SK_ED25519), c;
	const size_t body = sizeof BODY - 1;
	struct signers s;
	size_t one, two, n;

	(void)state;
	one = append(text, body, &a, namespace);
	two = append(text, one, &b, namespace);
	assert_int_equal(signers(text, two, &s), OK);
	assert_int_equal(s.count, 2);
	assert_true(sshsig_key_equal(&s.key[0], &a.key));
	assert_true(sshsig_key_equal(&s.key[1], &b.key));
	assert_int_equal(s.key[1].type, SSH_SK_ED25519);

	/* the same key again, also as if it were of the other type */
	n = append(text, two, &a, namespace);
	assert_int_equal(signers(text, n, &s), ERR_DOC_FORM);
	assert_int_equal(s.count, 0);
	c = a;
	c.key.type = SSH_SK_ED25519;
	n = append(text, two, &c, namespace);
	assert_int_equal(signers(text, n, &s), ERR_DOC_FORM);

	/* one bad signature spoils the good ones */
	n = append(text, two, &a, "seal@waxseal");
	assert_int_equal(signers(text, n, &s), ERR_SIG_NAMESPACE);
	c = keypair_new(SSH_ED25519);
	c.key = keypair_new(SSH_ED25519).key;
	n = append(text, two, &c, namespace);
	assert_int_equal(signers(text, n, &s), ERR_SIG_FALSE);
	assert_int_equal(s.count, 0);
	memcpy(text + two, ARMOR, sizeof ARMOR);
	assert_int_equal(signers(text, two + sizeof ARMOR - 1, &s), ERR_SIG_FORM);

	/* any other body */
	for (size_t i = 0; i < body - 1; i++) {
		text[i] ^= 1;
		assert_int_equal(signers(text, two, &s), ERR_SIG_FALSE);
		text[i] ^= 1;
	}
	assert_int_equal(signers(text, two, &s), OK);
}

/* Split by hand as README says, each signature is good for ssh-keygen. */
static void
by_hand(void **state)
{
	char text[4 * LIMIT_ARMOR] = BODY, line[SSHSIG_LINE + 8], print[SSHSIG_LINE];
	struct keypair k[2] = { keypair_new(SSH_ED25519), keypair_new(SSH_SK_ED25519) };
	size_t n = sizeof BODY - 1;
	struct scratch dir;

	(void)state;
	NEED_TOOL("ssh-keygen");
	dir = scratch_new();
	for (size_t i = 0; i < 2; i++)
		n = append(text, n, &k[i], namespace);
	scratch_put(&dir, "doc", text, n);
	assert_int_equal(scratch_run(&dir, "csplit -s doc '/^" BEGIN "$/' '{*}'"), 0);
	for (size_t i = 0; i < 2; i++) {
		sshsig_key_print(&k[i].key, print);
		n = (size_t)snprintf(line, sizeof line, "me %s\n", print);
		scratch_put(&dir, "allowed", line, n);
		assert_int_equal(scratch_run(&dir, i == 0 ? "cp xx01 sig" : "cp xx02 sig"), 0);
		assert_int_equal(scratch_run(&dir, "ssh-keygen -Y verify -f allowed -I me "
		    "-n test@waxseal -s sig <xx00 >log 2>&1"), 0);
	}
	scratch_end(&dir);
}

static void
type(void **state)
{
	static const struct {
		const char *body, *want;	/* want: NULL is ERR_DOC_TYPE */
	} table[] = {
		{ "{\"waxseal\":\"trust/1\"", "trust" },
		{ "{\n  \"waxseal\": \"release/1\",", "release" },
		{ "{ \t\r\n\"waxseal\" : \"enrolment/2\"}", "enrolment" },
		{ "{\"waxseal\":\"trust/1", "trust" },
		{ "{\"waxseal\":\"abcdefghijk/9", "abcdefghijk" },
		{ "{\"waxseal\":\"abcdefghijkl/9", NULL },
		{ "{\"waxseal\":\"/1\"", NULL },
		{ "{\"waxseal\":\"trust\"", NULL },
		{ "{\"waxseal\":\"trust/\"", NULL },
		{ "{\"waxseal\":\"trust/0\"", NULL },
		{ "{\"waxseal\":\"trust/:\"", NULL },
		{ "{\"waxseal\":\"Trust/1\"", NULL },
		{ "{\"waxseal\":\" trust/1\"", NULL },
		{ "{\"waxseal\":trust/1", NULL },
		{ "{\"waxseal\"\"trust/1", NULL },
		{ "{\"Waxseal\":\"trust/1", NULL },
		{ "{waxseal:\"trust/1", NULL },
		{ " {\"waxseal\":\"trust/1", NULL },
		{ "\xef\xbb\xbf{\"waxseal\":\"trust/1", NULL },
		{ "[\"waxseal\":\"trust/1", NULL },
		{ "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\"", NULL },
		{ "plain text", NULL },
	};
	char out[12];
	enum err e;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		e = document_type(table[i].body, strlen(table[i].body), out, sizeof out);
		assert_int_equal(e, table[i].want != NULL ? OK : ERR_DOC_TYPE);
		if (e == OK)
			assert_string_equal(out, table[i].want);
	}
	for (size_t n = 0; n < strlen(table[3].body); n++)
		assert_int_equal(document_type(table[3].body, n, out, sizeof out), ERR_DOC_TYPE);
}

static void
party(void **state)
{
	static const struct {
		const char *body, *party, *want;
	} table[] = {
		{ "{\"waxseal\": \"notice/1\", \"vendor\": \"etl\"}", "vendor", "etl" },
		{ "{\n\t\"waxseal\" :\r\n\"x\" , \"vendor\":\"\"}", "vendor", "" },
		{ "{\"waxseal\": \"receipt/1\", \"site\": \"plant7\"}", "site", "plant7" },
		{ "{\"waxseal\": \"receipt/1\", \"site\": \"plant7\"}", "vendor", NULL },
		{ "{\"waxseal\": \"notice/1\", \"vendors\": \"etl\"}", "vendor", NULL },
		{ "{\"waxseal\": \"notice/1\", \"n\": 1, \"vendor\": \"etl\"}", "vendor", NULL },
		{ "{\"vendor\": \"etl\"}", "vendor", NULL },
		{ "{\"waxseal\": \"notice/1\", \"vendor\": 7}", "vendor", NULL },
		{ "", "vendor", NULL },
		/* as it stands there, and no more than there is room for */
		{ "{\"waxseal\": \"notice/1\", \"vendor\": \"e\\u0074l\"}", "vendor", "e\\u0074l" },
		{ "{\"waxseal\": \"notice/1\", \"vendor\": \"e\x01\nl\"}", "vendor", "e\x01\nl" },
		{ "{\"waxseal\": \"notice/1\", \"vendor\": \"etl-etl-etl\"}", "vendor",
		    "etl-etl-etl" },
		{ "{\"waxseal\": \"notice/1\", \"vendor\": \"etl-etl-etl-\"}", "vendor",
		    "etl-etl-etl" },
	};
	char out[12];
	enum err e;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		e = document_party(table[i].body, strlen(table[i].body), table[i].party, out,
		    sizeof out);
		assert_int_equal(e, table[i].want != NULL ? OK : ERR_DOC_VENDOR);
		if (e == OK)
			assert_string_equal(out, table[i].want);
	}
	for (size_t n = 0; n < strlen(table[0].body) - 1; n++)
		assert_int_equal(document_party(table[0].body, n, "vendor", out, sizeof out),
		    ERR_DOC_VENDOR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split),
		cmocka_unit_test(cut),
		cmocka_unit_test(limits),
		cmocka_unit_test(digest_is_of_the_body),
		cmocka_unit_test(who_signed),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(type),
		cmocka_unit_test(party),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
