/*
 * Tests of formats/enrolment: printed, signed and opened again; what a stranger may not send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/enrolment.h"
#include "tests/unit/edit.h"
#include "tests/unit/keypair.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define CAP 8192

static const char ours[] = "enrolment@waxseal";
static const struct moment issued = { 1795162320, 60 };

/* ${body} and a signature of each key; the caller frees it. */
static char *
signed_by(const char *body, const char *namespace, const struct keypair *k, size_t n)
{
	char *text = malloc(strlen(body) + CAP);

	assert_non_null(text);
	strcpy(text, body);
	for (size_t i = 0; i < n; i++)
		keypair_sign(&k[i], namespace, body, strlen(body), text + strlen(text), CAP / 4);
	return text;
}

static char *
printed(const struct keypair *k)
{
	char *text;
	size_t len;

	assert_int_equal(enrolment_print("acme-plant7", "Acme, Werk 7", &k->key, issued, &text,
	    &len), OK);
	assert_int_equal(strlen(text), len);
	return text;
}

static void
opened(void **state)
{
	static const enum ssh_key_type types[] = { SSH_ED25519, SSH_SK_ED25519 };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct keypair k = keypair_new(types[i]);
		char *body = printed(&k), *text = signed_by(body, ours, &k, 1);
		struct digest of_body;
		struct enrolment *e;

		digest_sha256(body, strlen(body), &of_body);
		assert_int_equal(enrolment_open(&e, text, strlen(text), NULL), OK);
		free(text);	/* the strings must not be views into it */
		assert_memory_equal(&e->digest, &of_body, sizeof of_body);
		assert_string_equal(e->site, "acme-plant7");
		assert_string_equal(e->name, "Acme, Werk 7");
		assert_true(sshsig_key_equal(&e->key, &k.key));
		assert_int_equal(e->key.type, types[i]);
		assert_int_equal(e->issued.seconds, issued.seconds);
		assert_int_equal(e->issued.offset, issued.offset);
		enrolment_free(e);
		enrolment_free(NULL);
		free(body);
	}
}

static void
text(void **state)
{
	struct keypair k = keypair_new(SSH_ED25519);
	char line[SSHSIG_LINE], want[1024], *body = printed(&k);

	(void)state;
	sshsig_key_print(&k.key, line);
	snprintf(want, sizeof want, "{\n"
	    " \"waxseal\": \"enrolment/1\",\n"
	    " \"site\": \"acme-plant7\",\n"
	    " \"name\": \"Acme, Werk 7\",\n"
	    " \"key\": \"%s\",\n"
	    " \"issued\": \"2026-11-20T09:12:00+01:00\",\n"
	    " \"reads\": [\n"
	    "  \"seal/1\",\n"
	    "  \"release/1\",\n"
	    "  \"trust/1\"\n"
	    " ]\n"
	    "}\n", line);
	assert_string_equal(body, want);
	free(body);
}

static void
forms(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ "enrolment/1", "enrolment/2", ERR_NEWER, "waxseal" },
		{ "enrolment/1", "receipt/1", ERR_DOC_TYPE, "waxseal" },
		{ "acme-plant7", "Acme", ERR_DOC_VENDOR, "site" },
		{ "\"site\"", "\"vendor\"", ERR_DOC_VENDOR, "site" },
		{ " \"issued\"", " \"extra\": 1,\n \"issued\"", ERR_JSON_UNKNOWN, "extra" },
		{ " \"issued\": \"2026-11-20T09:12:00+01:00\",\n", "", ERR_JSON_MISSING, "issued" },
		{ " \"name\": \"Acme, Werk 7\",\n", "", ERR_JSON_MISSING, "name" },
		{ "\"Acme, Werk 7\"", "\"\"", ERR_JSON_VALUE, "name" },
		{ "ssh-ed25519 ", "ssh-rsa ", ERR_KEY_FORM, "key" },
		{ "2026-11-20T", "2026-11-31T", ERR_JSON_VALUE, "issued" },
		{ "\"trust/1\"", "\"trust/2\"", OK, NULL },
		{ "\"trust/1\"", "\"passport/1\"", OK, NULL },
		{ "\"trust/1\"", "\"\"", ERR_JSON_VALUE, NULL },
		{ "\"seal/1\",\n  \"release/1\",\n  \"trust/1\"\n", "", ERR_JSON_VALUE, "reads" },
		{ "{\n", "{{\n", ERR_JSON_SYNTAX, NULL },
	};
	struct keypair k = keypair_new(SSH_ED25519);
	char *body = printed(&k);

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *other = edit(body, table[i].find, table[i].put);
		char *text_of = signed_by(other, ours, &k, 1);
		struct enrolment *e;
		struct fault f;

		if (enrolment_open(&e, text_of, strlen(text_of), &f) != table[i].want)
			fail_msg("%s -> %s", table[i].find, table[i].put);
		assert_true((e != NULL) == (table[i].want == OK));
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		enrolment_free(e);
		free(text_of);
		free(other);
	}
	free(body);
}

/* Only the key that it names, once, for this purpose, and before anything is parsed. */
static void
signatures(void **state)
{
	struct keypair k[2] = { keypair_new(SSH_ED25519), keypair_new(SSH_ED25519) };
	char *body = printed(&k[0]);
	const struct {
		const char *body, *namespace;
		const struct keypair *by;
		size_t n;
		enum err want;
	} table[] = {
		{ body, ours, k, 1, OK },
		{ body, ours, k, 0, ERR_DOC_FORM },
		{ body, ours, k, 2, ERR_DOC_FORM },
		{ body, ours, k + 1, 1, ERR_DOC_SIGNATURE },
		{ body, "receipt@waxseal", k, 1, ERR_SIG_NAMESPACE },
		{ "not JSON\n", "receipt@waxseal", k, 1, ERR_SIG_NAMESPACE },
		{ "not JSON\n", ours, k, 1, ERR_JSON_SYNTAX },
	};
	struct enrolment *e;
	struct fault f;
	char *all, *at;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		all = signed_by(table[i].body, table[i].namespace, table[i].by, table[i].n);
		assert_int_equal(enrolment_open(&e, all, strlen(all), &f), table[i].want);
		if (table[i].want != OK)
			assert_int_equal(f.err, table[i].want);
		enrolment_free(e);
		free(all);
	}
	all = signed_by(body, ours, k, 1);
	at = strstr(all, "Werk 7");
	at[5] = '8';
	assert_int_equal(enrolment_open(&e, all, strlen(all), &f), ERR_SIG_FALSE);
	at[5] = '7';
	at = strstr(all, "U1NIU0lH");	/* "SSHSIG", where the armor begins */
	assert_non_null(at);
	*at = 'V';
	assert_int_equal(enrolment_open(&e, all, strlen(all), &f), ERR_SIG_FORM);
	*at = 'U';
	for (size_t n = 0; n < strlen(all); n++) {
		assert_int_not_equal(enrolment_open(&e, all, n, &f), OK);
		assert_null(e);
	}
	free(all);
	free(body);
}

/* LIMIT_DOCUMENT with the signature, and one byte more. */
static void
limit(void **state)
{
	struct keypair k = keypair_new(SSH_ED25519);
	char *body = printed(&k), *all = signed_by(body, ours, &k, 1);
	const size_t room = LIMIT_DOCUMENT - strlen(all);
	char *padding = malloc(room + 3);
	struct enrolment *e;

	(void)state;
	assert_non_null(padding);
	memset(padding, ' ', room + 3);
	padding[0] = '{';
	for (size_t past = 0; past < 2; past++) {
		char *padded, *text_of;

		padding[room + 1 + past] = '\0';
		padded = edit(body, "{", padding);
		text_of = signed_by(padded, ours, &k, 1);
		assert_int_equal(strlen(text_of), LIMIT_DOCUMENT + past);
		assert_int_equal(enrolment_open(&e, text_of, strlen(text_of), NULL),
		    past ? ERR_LIMIT : OK);
		enrolment_free(e);
		free(text_of);
		free(padded);
		padding[room + 1 + past] = ' ';
	}
	free(padding);
	free(all);
	free(body);
}

/* A key file of ssh-keygen signs what we print, and ssh-keygen verifies nothing less. */
static void
beside_ssh_keygen(void **state)
{
	char line[LIMIT_KEY_LINE], all[CAP], *body;
	struct enrolment *e;
	struct ssh_key key;
	struct scratch s;
	size_t len;

	(void)state;
	NEED_TOOL("ssh-keygen");
	s = scratch_new();
	assert_int_equal(scratch_run(&s, "ssh-keygen -q -t ed25519 -N '' -C '' -f key"), 0);
	len = scratch_get(&s, "key.pub", line, sizeof line);
	assert_int_equal(sshsig_key_parse(line, len, &key, NULL, 0), OK);
	assert_int_equal(enrolment_print("acme-plant7", "Acme", &key, issued, &body, &len), OK);
	scratch_put(&s, "body", body, len);
	assert_int_equal(scratch_run(&s, "ssh-keygen -q -Y sign -n enrolment@waxseal -f key body"
	    " 2>/dev/null && cat body body.sig > all"), 0);
	len = scratch_get(&s, "all", all, sizeof all);
	assert_int_equal(enrolment_open(&e, all, len, NULL), OK);
	assert_true(sshsig_key_equal(&e->key, &key));
	enrolment_free(e);
	free(body);
	scratch_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opened),
		cmocka_unit_test(text),
		cmocka_unit_test(forms),
		cmocka_unit_test(signatures),
		cmocka_unit_test(limit),
		cmocka_unit_test(beside_ssh_keygen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
