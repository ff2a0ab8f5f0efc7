/*
 * Tests of formats/receipt: the signed receipt and the line that is read out over the telephone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/receipt.h"
#include "tests/unit/edit.h"
#include "tests/unit/keypair.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define CAP 8192

#define A "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define B "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"

#define BODY \
"{\n" \
" \"waxseal\": \"receipt/1\",\n" \
" \"site\": \"plant7\",\n" \
" \"vendor\": \"etl\",\n" \
" \"customer\": \"acme-plant7\",\n" \
" \"number\": 7,\n" \
" \"seal\": \"" A "\",\n" \
" \"status\": 13,\n" \
" \"verdict\": \"ALTERED\",\n" \
" \"reason\": \"block.differs\",\n" \
" \"at\": \"2026-11-20T09:12:00+01:00\",\n" \
" \"by\": \"M. Huber\",\n" \
" \"via\": \"post\",\n" \
" \"place\": \"Linz\",\n" \
" \"missing\": \"1, 3\",\n" \
" \"checks\": [\n" \
"  {\n" \
"   \"step\": \"V2\",\n" \
"   \"state\": \"ok\",\n" \
"   \"text\": \"\"\n" \
"  },\n" \
"  {\n" \
"   \"step\": \"V8\",\n" \
"   \"state\": \"failed\",\n" \
"   \"text\": \"block 17\"\n" \
"  }\n" \
" ],\n" \
" \"releases\": [\n" \
"  {\n" \
"   \"id\": \"TX-2026-04\",\n" \
"   \"digest\": \"" B "\",\n" \
"   \"status\": \"refused\"\n" \
"  }\n" \
" ],\n" \
" \"formats\": [\n" \
"  \"seal/1\",\n" \
"  \"release/1\",\n" \
"  \"trust/1\"\n" \
" ],\n" \
" \"ledger\": {\n" \
"  \"origin\": \"waxseal/site/plant7\",\n" \
"  \"size\": 41,\n" \
"  \"root\": \"" B "\"\n" \
" }\n" \
"}\n"

/* What a site says of something that it could not even read. */
#define BARE \
"{\n" \
" \"waxseal\": \"receipt/1\",\n" \
" \"site\": \"plant7\",\n" \
" \"status\": 10,\n" \
" \"verdict\": \"NOT SEALED\",\n" \
" \"reason\": \"seal.none\",\n" \
" \"at\": \"2026-11-20T08:12:00Z\",\n" \
" \"checks\": [],\n" \
" \"releases\": [],\n" \
" \"formats\": [\n" \
"  \"seal/1\",\n" \
"  \"release/1\",\n" \
"  \"trust/1\"\n" \
" ],\n" \
" \"ledger\": {\n" \
"  \"origin\": \"waxseal/site/plant7\",\n" \
"  \"size\": 0,\n" \
"  \"root\": \"" A "\"\n" \
" }\n" \
"}\n"

static const char ours[] = "receipt@waxseal";

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

static enum err
open_signed(const char *body, struct receipt **r, struct fault *f)
{
	struct keypair k = keypair_new(SSH_ED25519);
	char *text = signed_by(body, ours, &k, 1);
	enum err e = receipt_open(r, text, strlen(text), &k.key, NULL, f);

	free(text);
	return e;
}

static void
opened(void **state)
{
	struct digest a, b, of_body;
	struct receipt *r;
	char *text;
	size_t len;

	(void)state;
	assert_true(digest_from_hex(&a, A, 64) && digest_from_hex(&b, B, 64));
	digest_sha256(BODY, strlen(BODY), &of_body);
	assert_int_equal(open_signed(BODY, &r, NULL), OK);
	assert_memory_equal(&r->digest, &of_body, sizeof of_body);
	assert_string_equal(r->site, "plant7");
	assert_string_equal(r->vendor, "etl");
	assert_string_equal(r->customer, "acme-plant7");
	assert_int_equal(r->number, 7);
	assert_memory_equal(&r->seal, &a, sizeof a);
	assert_int_equal(r->status, 13);
	assert_string_equal(r->verdict, "ALTERED");
	assert_string_equal(r->reason, "block.differs");
	assert_int_equal(r->at.seconds, 1795162320);
	assert_int_equal(r->at.offset, 60);
	assert_string_equal(r->by, "M. Huber");
	assert_string_equal(r->via, "post");
	assert_string_equal(r->place, "Linz");
	assert_string_equal(r->missing, "1, 3");
	assert_int_equal(r->check_count, 2);
	assert_string_equal(r->check[1].step, "V8");
	assert_string_equal(r->check[1].state, "failed");
	assert_string_equal(r->check[1].text, "block 17");
	assert_int_equal(r->release_count, 1);
	assert_string_equal(r->release[0].id, "TX-2026-04");
	assert_memory_equal(&r->release[0].digest, &b, sizeof b);
	assert_string_equal(r->release[0].status, "refused");
	assert_string_equal(r->ledger.origin, "waxseal/site/plant7");
	assert_int_equal(r->ledger.size, 41);
	assert_memory_equal(&r->ledger.root, &b, sizeof b);
	assert_int_equal(receipt_print(r, &text, &len), OK);
	assert_int_equal(len, strlen(BODY));
	assert_string_equal(text, BODY);
	free(text);
	receipt_free(r);
	receipt_free(NULL);
}

static void
opened_bare(void **state)
{
	struct receipt *r;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(open_signed(BARE, &r, NULL), OK);
	assert_string_equal(r->vendor, "");
	assert_string_equal(r->customer, "");
	assert_int_equal(r->number, 0);
	assert_true(digest_is_zero(&r->seal));
	assert_string_equal(r->by, "");
	assert_string_equal(r->missing, "");
	assert_int_equal(r->check_count, 0);
	assert_int_equal(receipt_print(r, &text, &len), OK);
	assert_string_equal(text, BARE);
	free(text);
	receipt_free(r);
}

static void
forms(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ "receipt/1", "receipt/2", ERR_NEWER, "waxseal" },
		{ "receipt/1", "enrolment/1", ERR_DOC_TYPE, "waxseal" },
		{ "\"plant7\"", "\"Plant7\"", ERR_DOC_VENDOR, "site" },
		{ " \"status\": 13", " \"extra\": 1,\n \"status\": 13", ERR_JSON_UNKNOWN, "extra" },
		{ "   \"state\"", "\"extra\": 1, \"state\"", ERR_JSON_UNKNOWN, "extra" },
		{ "   \"status\"", "\"extra\": 1, \"status\"", ERR_JSON_UNKNOWN, "extra" },
		{ "  \"size\"", "\"extra\": 1, \"size\"", ERR_JSON_UNKNOWN, "extra" },
		{ " \"verdict\": \"ALTERED\",\n", "", ERR_JSON_MISSING, "verdict" },
		{ " \"status\": 13,\n", "", ERR_JSON_MISSING, "status" },
		{ "   \"step\": \"V2\",\n", "", ERR_JSON_MISSING, "step" },
		{ "  \"size\": 41,\n", "", ERR_JSON_MISSING, "size" },
		{ "\"etl\"", "\"Etl\"", ERR_JSON_VALUE, "vendor" },
		{ "\"etl\"", "\"\"", ERR_JSON_VALUE, "vendor" },
		{ "\"acme-plant7\"", "\"acme plant7\"", ERR_JSON_VALUE, "customer" },
		{ "\"number\": 7", "\"number\": 0", ERR_JSON_VALUE, "number" },
		{ "\"number\": 7", "\"number\": 1073741823", OK, NULL },
		{ "\"number\": 7", "\"number\": 1073741824", ERR_JSON_VALUE, "number" },
		{ "\"seal\": \"6", "\"seal\": \"", ERR_JSON_VALUE, "seal" },
		{ "\"status\": 13", "\"status\": 31", OK, NULL },
		{ "\"status\": 13", "\"status\": 32", ERR_JSON_VALUE, "status" },
		{ "\"ALTERED\"", "\"\"", ERR_JSON_VALUE, "verdict" },
		{ "+01:00", "+0100", ERR_JSON_VALUE, "at" },
		{ "\"post\"", "\"\"", ERR_JSON_VALUE, "via" },
		{ "\"1, 3\"", "\"\"", ERR_JSON_VALUE, "missing" },
		{ "\"1, 3\"", "3", ERR_JSON_VALUE, "missing" },
		{ " \"missing\": \"1, 3\",\n", "", OK, NULL },
		{ "\"ok\"", "\"\"", ERR_JSON_VALUE, "state" },
		{ "\"checks\": [", "\"checks\": [ 1,", ERR_JSON_VALUE, NULL },
		{ "\"TX-2026-04\"", "\"TX/2026\"", ERR_JSON_VALUE, "releases" },
		{ "\"refused\"", "\"\"", ERR_JSON_VALUE, "status" },
		{ "\"trust/1\"", "\"trust/2\"", OK, NULL },
		{ "\"trust/1\"", "2", ERR_JSON_VALUE, NULL },
		{ "\"seal/1\",\n  \"release/1\",\n  \"trust/1\"\n", "", ERR_JSON_VALUE, "formats" },
		{ "waxseal/site/plant7", "waxseal/site/plant8", ERR_JSON_VALUE, "origin" },
		{ "waxseal/site/plant7", "waxseal/vendor/plant7", ERR_JSON_VALUE, "origin" },
		{ "\"by\"", "\"via\"", ERR_JSON_DUPLICATE, NULL },
		{ "{\n", "[\n", ERR_JSON_SYNTAX, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *body = edit(BODY, table[i].find, table[i].put);
		struct receipt *r;
		struct fault f;

		if (open_signed(body, &r, &f) != table[i].want)
			fail_msg("%s -> %s", table[i].find, table[i].put);
		assert_true((r != NULL) == (table[i].want == OK));
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		receipt_free(r);
		free(body);
	}
}

/* Full lists, and one entry more. */
static void
limits(void **state)
{
	static const struct { const char *find, *entry; size_t most; } table[] = {
		{ "\"checks\": [", "{\"step\":\"V1\",\"state\":\"ok\",\"text\":\"\"},", 32 },
		{ "\"releases\": [", "{\"id\":\"r\",\"digest\":\"" A "\",\"status\":\"new\"},",
		    LIMIT_RELEASES },
		{ "\"formats\": [", "\"x/1\",", LIMIT_LIST },
	};
	static const size_t already[] = { 2, 1, 3 };
	struct receipt *r;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		for (size_t past = 0; past < 2; past++) {
			const size_t n = table[i].most - already[i] + past;
			char *list = malloc(strlen(table[i].find) + n * strlen(table[i].entry) + 1);
			char *end, *body;

			assert_non_null(list);
			end = stpcpy(list, table[i].find);
			for (size_t k = 0; k < n; k++)
				end = stpcpy(end, table[i].entry);
			body = edit(BODY, table[i].find, list);
			assert_int_equal(open_signed(body, &r, NULL), past ? ERR_JSON_VALUE : OK);
			receipt_free(r);
			free(body);
			free(list);
		}
	}
}

/* LIMIT_LONG_TEXT, at and one past. */
static void
longest_missing(void **state)
{
	struct receipt *r;

	(void)state;
	for (size_t past = 0; past < 2; past++) {
		char *text = edit_long("\"", LIMIT_LONG_TEXT + past, "\""), *body;

		body = edit(BODY, "\"1, 3\"", text);
		assert_int_equal(open_signed(body, &r, NULL), past ? ERR_JSON_VALUE : OK);
		receipt_free(r);
		free(body);
		free(text);
	}
}

static void
signatures(void **state)
{
	struct keypair k[2] = { keypair_new(SSH_ED25519), keypair_new(SSH_SK_ED25519) };
	const struct {
		const char *body, *namespace;
		const struct keypair *by;
		size_t n;
		const struct ssh_key *key;
		enum err want;
	} table[] = {
		{ BODY, ours, &k[0], 1, &k[0].key, OK },
		{ BODY, ours, &k[0], 1, NULL, OK },
		{ BODY, ours, &k[1], 1, NULL, OK },
		{ BODY, ours, &k[0], 0, NULL, ERR_DOC_FORM },
		{ BODY, ours, &k[0], 2, NULL, ERR_DOC_FORM },
		{ BODY, ours, &k[0], 2, &k[0].key, ERR_DOC_FORM },
		{ BODY, ours, &k[0], 1, &k[1].key, ERR_DOC_SIGNATURE },
		{ BODY, "enrolment@waxseal", &k[0], 1, NULL, ERR_SIG_NAMESPACE },
		{ "not JSON\n", "enrolment@waxseal", &k[0], 1, NULL, ERR_SIG_NAMESPACE },
		{ "not JSON\n", ours, &k[0], 1, &k[1].key, ERR_DOC_SIGNATURE },
		{ "not JSON\n", ours, &k[0], 1, NULL, ERR_JSON_SYNTAX },
	};
	struct ssh_key signer;
	struct receipt *r;
	struct fault f;
	char *all, *at;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		all = signed_by(table[i].body, table[i].namespace, table[i].by, table[i].n);
		assert_int_equal(receipt_open(&r, all, strlen(all), table[i].key, &signer, &f),
		    table[i].want);
		if (table[i].want == OK)
			assert_true(sshsig_key_equal(&signer, &table[i].by->key));
		else
			assert_int_equal(f.err, table[i].want);
		receipt_free(r);
		free(all);
	}
	all = signed_by(BODY, ours, k, 1);
	at = strstr(all, "\"status\": 13") + 10;
	*at = '0';
	assert_int_equal(receipt_open(&r, all, strlen(all), NULL, NULL, &f), ERR_SIG_FALSE);
	*at = '1';
	for (size_t n = 0; n < strlen(all); n++) {
		assert_int_not_equal(receipt_open(&r, all, n, NULL, NULL, &f), OK);
		assert_null(r);
	}
	free(all);
	all = edit_long("", LIMIT_DOCUMENT + 1, "");
	assert_int_equal(receipt_open(&r, all, LIMIT_DOCUMENT, NULL, NULL, &f), ERR_DOC_FORM);
	assert_int_equal(receipt_open(&r, all, LIMIT_DOCUMENT + 1, NULL, NULL, &f), ERR_LIMIT);
	free(all);
}

/* jq reads in our text what we wrote. */
static void
beside_jq(void **state)
{
	struct scratch s;

	(void)state;
	NEED_TOOL("jq");
	s = scratch_new();
	scratch_put(&s, "receipt", BODY, strlen(BODY));
	assert_int_equal(scratch_run(&s, "jq -e '.waxseal == \"receipt/1\" and .ledger.size == 41"
	    " and .checks[1].state == \"failed\"' receipt > out"), 0);
	scratch_end(&s);
}

/* ---- the line ---- */

/*
 * Calculated apart: the MAC with Python's hmac, the checksums with the reference code of BIP-173
 * and the constant of BIP-350.  Customer acme-plant7, number 7, status 13, a secret of zeros.
 */
#define CODE "acme-plant71qqqqqq8qqqqqqqqqqqqqqqqqqqqxy2klc"
#define LINE "acme-plant71qqqqq8d48hqtw3hsc7e7a"

static struct code
known_code(void)
{
	struct code c = { .customer = "acme-plant7", .number = 7, .text = CODE };

	return c;
}

static void
line(void **state)
{
	const struct code c = known_code();
	char out[RECEIPT_LINE];
	struct receipt_line l;

	(void)state;
	assert_int_equal(receipt_line_print(&c, 13, out), OK);
	assert_string_equal(out, LINE);
	assert_int_equal(receipt_line_parse(LINE, &l), OK);
	assert_string_equal(l.customer, "acme-plant7");
	assert_int_equal(l.number, 7);
	assert_int_equal(l.status, 13);
	assert_int_equal(receipt_line_check(&l, &c), OK);
}

/* The longest customer, and all numbers at their ends. */
static void
line_limits(void **state)
{
	static const uint64_t numbers[] = { 1, LIMIT_NUMBER }, statuses[] = { 0, 31 };
	struct receipt_line l;
	char out[RECEIPT_LINE];
	struct code c;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(code_make("abcdefghijklmnopqrstuvwxyz1", numbers[i], &c),
			    OK);
			assert_int_equal(receipt_line_print(&c, statuses[k], out), OK);
			assert_int_equal(strlen(out), RECEIPT_LINE - 1);
			assert_int_equal(receipt_line_parse(out, &l), OK);
			assert_int_equal(l.number, numbers[i]);
			assert_int_equal(l.status, statuses[k]);
			assert_int_equal(receipt_line_check(&l, &c), OK);
		}
	}
	assert_int_equal(receipt_line_print(&c, 32, out), ERR_LIMIT);
	c.number = LIMIT_NUMBER + 1;
	assert_int_equal(receipt_line_print(&c, 31, out), ERR_LIMIT);
}

static void
line_typed(void **state)
{
	static const char good[] = LINE;
	struct receipt_line l;
	char text[2 * sizeof good], other[2 * sizeof good];

	(void)state;
	for (size_t i = 0; i < sizeof good; i++)
		text[i] = good[i] >= 'a' && good[i] <= 'z' ? (char)(good[i] - 32) : good[i];
	assert_int_equal(receipt_line_parse(text, &l), OK);
	assert_string_equal(l.customer, "acme-plant7");
	text[0] = 'a';		/* a person may mix cases */
	assert_int_equal(receipt_line_parse(text, &l), OK);
	snprintf(text, sizeof text, " %.14s %.4s-%s \r\n", good, good + 14, good + 18);
	assert_int_equal(receipt_line_parse(text, &l), OK);
	assert_int_equal(l.status, 13);
	/* one wrong character anywhere, one too few, one too many */
	for (size_t i = 0; i < strlen(good); i++) {
		strcpy(text, good);
		text[i] = text[i] == 'p' ? 'q' : 'p';
		assert_int_equal(receipt_line_parse(text, &l), ERR_BECH32);
		snprintf(other, sizeof other, "%.*s%s", (int)i, good, good + i + 1);
		assert_int_equal(receipt_line_parse(other, &l), ERR_BECH32);
		snprintf(other, sizeof other, "%.*sp%s", (int)i, good, good + i);
		assert_int_equal(receipt_line_parse(other, &l), ERR_BECH32);
	}
	assert_int_equal(receipt_line_parse("", &l), ERR_BECH32);
	assert_int_equal(receipt_line_parse("1", &l), ERR_BECH32);
	assert_int_equal(receipt_line_parse(LINE LINE, &l), ERR_BECH32);
}

/* Well-formed bech32m that is no receipt line. */
static void
line_forms(void **state)
{
	static const struct {
		const char *customer;
		size_t n;
		uint8_t number;
		enum err want;
	} table[] = {
		{ "acme", 15, 1, OK },
		{ "acme", 15, 0, ERR_BECH32 },
		{ "acme", 14, 1, ERR_BECH32 },
		{ "acme", 16, 1, ERR_BECH32 },
		{ "acme", 0, 1, ERR_BECH32 },
		{ "7acme", 15, 1, ERR_BECH32 },
		{ "ac_me", 15, 1, ERR_BECH32 },
		{ "abcdefghijklmnopqrstuvwxyz01", 15, 1, ERR_BECH32 },
	};
	struct receipt_line l;
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		uint8_t values[16] = { 0, 0, 0, 0, 0, table[i].number };

		assert_int_equal(bech32_encode(BECH32M, table[i].customer, values, table[i].n, text,
		    sizeof text), OK);
		assert_int_equal(receipt_line_parse(text, &l), table[i].want);
		assert_int_equal(bech32_encode(BECH32, table[i].customer, values, table[i].n, text,
		    sizeof text), OK);
		assert_int_equal(receipt_line_parse(text, &l), ERR_BECH32);
	}
}

static void
line_check(void **state)
{
	struct code c = known_code(), other;
	struct receipt_line l, changed;

	(void)state;
	assert_int_equal(receipt_line_parse(LINE, &l), OK);
	assert_int_equal(code_make("acme-plant7", 7, &other), OK);
	assert_int_equal(receipt_line_check(&l, &other), ERR_CODE_WRONG);
	assert_int_equal(code_make("acme-plant7", 8, &other), OK);
	assert_int_equal(receipt_line_check(&l, &other), ERR_CODE_OTHER);
	assert_int_equal(code_make("acme-plant8", 7, &other), OK);
	assert_int_equal(receipt_line_check(&l, &other), ERR_CODE_OTHER);
	changed = l;
	changed.status = 0;
	assert_int_equal(receipt_line_check(&changed, &c), ERR_CODE_WRONG);
	for (unsigned bit = 0; bit < 40; bit++) {
		changed = l;
		changed.mac ^= UINT64_C(1) << bit;
		assert_int_equal(receipt_line_check(&changed, &c), ERR_CODE_WRONG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opened),
		cmocka_unit_test(opened_bare),
		cmocka_unit_test(forms),
		cmocka_unit_test(limits),
		cmocka_unit_test(longest_missing),
		cmocka_unit_test(signatures),
		cmocka_unit_test(beside_jq),
		cmocka_unit_test(line),
		cmocka_unit_test(line_limits),
		cmocka_unit_test(line_typed),
		cmocka_unit_test(line_forms),
		cmocka_unit_test(line_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
