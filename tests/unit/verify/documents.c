/*
 * Tests of verify/documents: what is said of a document alone, and under whose keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/enrolment.h"
#include "formats/receipt.h"
#include "tests/unit/edit.h"
#include "tests/unit/process.h"
#include "tests/unit/site_home.h"
#include "verify/documents.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define CAP 65536

static struct scratch s;
static struct trust_chain *etl, *rhine;
static struct anchors none, held;	/* nobody; etl as far as version 2, and rhine */
static char path[256];

static void
put_chain(const char *name, const struct trust_chain *c, size_t n)
{
	struct trust_chain *copy;

	assert_int_equal(trust_chain_parse(&copy, c->bytes, c->len, NULL, NULL), OK);
	trust_chain_cut(copy, n);
	scratch_put(&s, name, copy->bytes, copy->len);
	trust_chain_free(copy);
}

/* Write ${body} with the signatures of the keys whose digits are in ${who}. */
static void
put_signed(const char *body, const char *namespace, const char *who)
{
	char *text = malloc(CAP);
	size_t len = strlen(body);

	assert_non_null(text);
	strcpy(text, body);
	for (; *who != '\0'; who++)
		len += keypair_sign(&trust_pair[*who - '0'], namespace, body, strlen(body),
		    text + len,
		    CAP - len);
	scratch_put(&s, "document", text, len);
	free(text);
}

static int
make_all(void **state)
{
	trust_text_setup(state);
	s = scratch_new();
	etl = site_home_chain("etl", "Elbe Turbine Logic", 3);
	rhine = site_home_chain("rhine", "Rhine", 1);
	put_chain("held", etl, 2);
	if (anchors_add_file(&held, scratch_path(&s, "held", path), NULL) != OK)
		return -1;
	put_signed("{\"waxseal\": \"trust/1\"}\n", "trust@waxseal", "7");
	if (scratch_run(&s, "mv document rogue") != 0)
		return -1;
	put_chain("rhine", rhine, 1);
	if (anchors_add_file(&held, scratch_path(&s, "rhine", path), NULL) != OK)
		return -1;
	scratch_path(&s, "document", path);
	return 0;
}

static int
end_all(void **state)
{
	(void)state;
	anchors_free(&held);
	trust_chain_free(etl);
	trust_chain_free(rhine);
	scratch_end(&s);
	return 0;
}

/* Judge the file document. */
static enum err
judged(const struct anchors *a, struct judgement *j)
{
	const unsigned before = process_descriptors();
	const enum err e = documents_judge(path, a, j);

	assert_int_equal(e, j->verdict);
	assert_int_equal(process_descriptors(), before);
	assert_true(j->check_count > 0);
	assert_int_equal(j->check[j->check_count - 1].state == CHECK_FAILED,
	    e != OK && e != ERR_UNCHECKED);
	if (e != OK) {
		assert_int_equal(j->fault.err, e);
		assert_string_not_equal(j->fault.at, "");
	}
	assert_null(j->seal);
	return e;
}

static void
judged_as(const char *what, const struct anchors *a, enum err want)
{
	struct judgement *j = malloc(sizeof *j);
	enum err e;

	assert_non_null(j);
	e = judged(a, j);
	if (e != want)
		fail_msg("%s: %s, %s", what, err_code(e), j->fault.at);
	judgement_free(j);
	free(j);
}

static void
put_one(const struct trust_chain *c, size_t version)
{
	scratch_put(&s, "document", c->bytes + c->document[version - 1].at,
	    c->document[version - 1].len);
}

static void
told_apart(void **state)
{
	static const struct { const char *text; size_t len; bool want; } table[] = {
		{ "{", 1, true },
		{ "{\n \"waxseal\": \"trust/1\"", 23, true },
		{ "\1\0\0\0\1\1\0\0{", 9, true },
		{ "\1\0\0\0\1\1\0\0", 8, false },
		{ "\1\0\0\0\1\1\0\0x", 9, false },
		{ "", 0, false },
		{ "\0\0\0\0\0\0\0\0\0", 9, false },
		{ " {", 2, false },
	};
	char missing[256];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		scratch_put(&s, "document", table[i].text, table[i].len);
		assert_int_equal(documents_is_one(path), table[i].want);
	}
	assert_false(documents_is_one(scratch_path(&s, "missing", missing)));
	assert_false(documents_is_one(s.dir));
	assert_int_equal(scratch_run(&s, "mkfifo pipe"), 0);
	/* nor does it wait */
	assert_false(documents_is_one(scratch_path(&s, "pipe", missing)));
}

static void
chains(void **state)
{
	static struct judgement j;
	char fingerprint[TRUST_FINGERPRINT];
	struct anchors a = { .count = 0 };

	(void)state;
	put_chain("document", etl, 3);
	judged_as("held here", &held, OK);
	judged_as("not held", &none, ERR_UNCHECKED);
	/* what is to be compared is shown */
	trust_fingerprint(trust_chain_anchor(etl), fingerprint);
	assert_int_equal(judged(&none, &j), ERR_UNCHECKED);
	assert_string_equal(j.check[1].name, "anchor");
	assert_string_equal(j.check[1].text, fingerprint);
	judgement_free(&j);
	assert_int_equal(anchors_set_fingerprint(&a, fingerprint, NULL), OK);
	judged_as("by its fingerprint", &a, OK);
	trust_fingerprint(trust_chain_anchor(rhine), fingerprint);
	assert_int_equal(anchors_set_fingerprint(&a, fingerprint, NULL), OK);
	judged_as("by another fingerprint", &a, ERR_SENDER);
	assert_int_equal(scratch_run(&s, "truncate -s -1 document"), 0);
	judged_as("cut", &held, ERR_CHAIN_FORM);
	put_chain("document", etl, 3);
	assert_int_equal(scratch_run(&s, "sed -i s/Dresden/Dresdon/ document"), 0);
	judged_as("changed", &held, ERR_SIG_FALSE);
}

static void
trust_documents(void **state)
{
	char *text = trust_text();
	size_t len;

	(void)state;
	put_one(etl, 1);
	judged_as("first, held", &held, OK);
	judged_as("first, not held", &none, ERR_UNCHECKED);
	put_one(etl, 3);
	judged_as("next", &held, OK);
	judged_as("third, nothing held", &none, ERR_CHAIN_ORDER);
	put_one(rhine, 1);
	judged_as("first of another", &held, OK);
	/* etl's name under another anchor */
	trust_replace(text, "Dresden", "Meissen");
	len = trust_sign(text, "01");
	scratch_put(&s, "document", text, len);
	judged_as("another etl", &held, ERR_UNCHECKED);
	free(text);
	text = trust_text();
	trust_replace(text, "Dresden", "Meissen");
	len = trust_sign(text, "0");
	scratch_put(&s, "document", text, len);
	judged_as("without its quorum", &held, ERR_CHAIN_QUORUM);
	free(text);
}

/* A later version that is held here is as genuine as the first, if its signatures are its own. */
static void
trust_document_held(void **state)
{
	char *body, *end;

	(void)state;
	put_one(etl, 2);
	judged_as("second, held", &held, OK);
	body = calloc(1, etl->document[1].len + 1);
	assert_non_null(body);
	memcpy(body, etl->bytes + etl->document[1].at, etl->document[1].len);
	end = strstr(body, "-----BEGIN");
	assert_non_null(end);
	*end = '\0';
	put_signed(body, "trust@waxseal", "01");
	judged_as("signed again", &held, OK);
	put_signed(body, "release@waxseal", "01");
	judged_as("signed for another purpose", &held, ERR_SIG_NAMESPACE);
	put_signed(body, "trust@waxseal", "01");
	assert_int_equal(scratch_run(&s, "{ cat document; sed -n '/^-----BEGIN/,$p' rogue; } >x && "
	    "mv x document"), 0);
	judged_as("with a false signature behind its own", &held, ERR_SIG_FALSE);
	free(body);
}

/* The body of release "TX-1" of ${vendor}; the caller frees it. */
static char *
release_body(const char *vendor)
{
	struct release_files files = { .files = 1, .bytes = 2 };
	char *draft, *product, *filled, *body;
	struct fault f = { .at = "" };
	size_t len;

	assert_int_equal(release_draft(vendor, "TX-1", &draft, &len), OK);
	product = edit(draft, "FILL IN: the product that this is for", "Turbine X");
	filled = edit(product, "FILL IN: what this does, in one line", "Closes the debug port");
	if (release_finish(filled, strlen(filled), &files, site_home_now, &body, &len, &f) != OK)
		fail_msg("%s: %s", err_code(f.err), f.at);
	free(draft);
	free(product);
	free(filled);
	return body;
}

/* The release role of the template is keys 3 and 4, both of them. */
static void
releases(void **state)
{
	static const struct {
		const char *vendor, *namespace, *who;
		enum err want;
	} table[] = {
		{ "etl", "release@waxseal", "34", OK },
		{ "etl", "release@waxseal", "43", OK },
		{ "other", "release@waxseal", "34", ERR_DOC_VENDOR },
		{ "etl", "release@waxseal", "3", ERR_DOC_SIGNATURE },
		{ "etl", "release@waxseal", "30", ERR_DOC_SIGNATURE },
		{ "etl", "release@waxseal", "01", ERR_SENDER },		/* keys of another role */
		{ "etl", "release@waxseal", "7", ERR_SENDER },		/* of none */
		{ "etl", "seal@waxseal", "34", ERR_SIG_NAMESPACE },
		{ "etl", "release@waxseal", "33", ERR_DOC_FORM },
		{ "etl", "release@waxseal", "", ERR_DOC_FORM },
	};
	static struct judgement j;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *body = release_body(table[i].vendor), row[16];

		put_signed(body, table[i].namespace, table[i].who);
		snprintf(row, sizeof row, "row %zu", i);
		judged_as(row, &held, table[i].want);
		if (i == 0) {
			judged_as("nothing held", &none, ERR_SENDER);
			assert_int_equal(judged(&held, &j), OK);
			assert_string_equal(j.trust->vendor, "etl");
			assert_string_equal(j.release[0].release->id, "TX-1");
			assert_int_equal(j.release[0].signatures.have, 2);
			assert_int_equal(j.release[0].signatures.need, 2);
			judgement_free(&j);
			assert_int_equal(scratch_run(&s, "sed -i s/TX-1/TX-2/ document"), 0);
			judged_as("changed", &held, ERR_SIG_FALSE);
		}
		free(body);
	}
}

#define NOTICE(vendor) "{\"waxseal\": \"notice/1\", \"vendor\": \"" vendor "\"," \
    " \"sequence\": 3, \"issued\": \"2026-11-21T10:00:00Z\", \"place\": \"Hamburg\"," \
    " \"event\": \"withdrawal\", \"reason\": \"It burns\", \"release\": {\"id\": \"TX-1\"," \
    " \"digest\": \"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7\"," \
    " \"product\": \"X\", \"sequence\": 1, \"issued\": \"2026-11-20T10:00:00Z\"," \
    " \"title\": \"t\", \"kind\": \"fix\", \"severity\": \"none\"}}\n"
#define CATALOGUE(vendor) "{\"waxseal\": \"catalogue/1\", \"vendor\": \"" vendor "\"," \
    " \"number\": 2, \"issued\": \"2026-11-21T10:00:00Z\", \"highest_notice\": 3," \
    " \"releases\": []}\n"

/* The notice role of the template is key 6. */
static void
news(void **state)
{
	static const struct {
		const char *text, *namespace, *who;
		enum err want;
		const char *said;
	} table[] = {
		{ NOTICE("etl"), "notice@waxseal", "6", OK,
		    "Elbe Turbine Logic, notice 3: etl:TX-1 was withdrawn: It burns" },
		{ NOTICE("etl"), "catalogue@waxseal", "6", ERR_SIG_NAMESPACE, NULL },
		{ NOTICE("etl"), "notice@waxseal", "5", ERR_SENDER, NULL },
		{ NOTICE("other"), "notice@waxseal", "6", ERR_DOC_VENDOR, NULL },
		{ CATALOGUE("etl"), "catalogue@waxseal", "6", OK,
		    "Elbe Turbine Logic, catalogue 2: 0 releases, the newest notice is 3" },
		{ CATALOGUE("etl"), "notice@waxseal", "6", ERR_SIG_NAMESPACE, NULL },
		{ CATALOGUE("etl"), "catalogue@waxseal", "34", ERR_SENDER, NULL },
		{ CATALOGUE("other"), "catalogue@waxseal", "6", ERR_DOC_VENDOR, NULL },
	};
	static struct judgement j;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		put_signed(table[i].text, table[i].namespace, table[i].who);
		if (judged(&held, &j) != table[i].want)
			fail_msg("row %zu: %s", i, j.fault.at);
		if (table[i].said != NULL)
			assert_string_equal(j.check[0].text, table[i].said);
		judgement_free(&j);
	}
}

/* Version 2 of etl revokes the release; whoever also holds version 1 must not be told otherwise. */
static void
revoked_release(void **state)
{
	static const char *const orders[][2] = { { "old", "new" }, { "new", "old" }, { "new",
	    NULL } };
	char *body = release_body("etl"), *text = trust_text(), hex[DIGEST_HEX], list[400],
	    file[256];
	struct trust_chain *c = site_home_chain("etl", "Elbe Turbine Logic", 1);
	struct digest d;
	struct trust *t;
	size_t len;

	(void)state;
	put_chain("old", c, 1);
	digest_sha256(body, strlen(body), &d);
	digest_hex(&d, hex);
	snprintf(list, sizeof list,
	    "}\n  },\n  \"revoked\": {\"keys\": [], \"releases\": [{\"id\": \"TX-1\", "
	    "\"digest\": \"%s\", \"reason\": \"It burns\"}], \"seals\": []}\n}\n", hex);
	trust_replace(text, "}\n  }\n}\n", list);
	trust_replace(text, "\"version\": 1", "\"version\": 2");
	len = trust_sign(text, "01");
	assert_int_equal(trust_next(&t, text, len, c->version[0], NULL), OK);
	assert_int_equal(trust_chain_add(c, t, text, len), OK);
	put_chain("new", c, 2);
	put_signed(body, "release@waxseal", "34");
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct anchors a = { .count = 0 };

		for (size_t n = 0; n < 2 && orders[i][n] != NULL; n++)
			assert_int_equal(anchors_add_file(&a, scratch_path(&s, orders[i][n], file),
			    NULL), OK);
		judged_as(orders[i][0], &a, ERR_RELEASE_REVOKED);
		anchors_free(&a);
	}
	trust_chain_free(c);
	free(text);
	free(body);
}

/* What nobody who is trusted here signed is not looked into: the reason is always the signature. */
static void
bodies_unread(void **state)
{
	static const char *const bodies[] = {
		"{\"waxseal\": \"release/1\", \n",
		"{\"waxseal\": \"release/1\", \"vendor\": \"etl\", \"vendor\": \"etl\"}\n",
		"{\"waxseal\": \"release/1\", \"vendor\": \"\xff\"}\n",
		"{\"waxseal\": \"release/2\"}\n",
	};
	static const enum err when_signed[] = {
		ERR_JSON_SYNTAX, ERR_JSON_DUPLICATE, ERR_JSON_UTF8, ERR_NEWER,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		put_signed(bodies[i], "release@waxseal", "7");
		judged_as(bodies[i], &held, ERR_SENDER);
		put_signed(bodies[i], "release@waxseal", "34");
		judged_as(bodies[i], &held, when_signed[i]);
	}
}

static void
enrolments(void **state)
{
	struct anchors a = { .count = 0 };
	char *body, fingerprint[TRUST_FINGERPRINT];
	struct digest d;
	size_t len;

	(void)state;
	assert_int_equal(enrolment_print("plant7", "Acme, Werk 7", &trust_pair[0].key,
	    site_home_now, &body,
	    &len), OK);
	put_signed(body, "enrolment@waxseal", "0");
	judged_as("enrolment", &held, ERR_UNCHECKED);
	digest_sha256(body, len, &d);
	trust_fingerprint(&d, fingerprint);
	assert_int_equal(anchors_set_fingerprint(&a, fingerprint, NULL), OK);
	judged_as("enrolment with its digest", &a, OK);
	trust_fingerprint(trust_chain_anchor(etl), fingerprint);
	assert_int_equal(anchors_set_fingerprint(&a, fingerprint, NULL), OK);
	judged_as("enrolment with another digest", &a, ERR_SENDER);
	put_signed(body, "enrolment@waxseal", "1");
	judged_as("enrolment by another key", &held, ERR_DOC_SIGNATURE);
	put_signed(body, "receipt@waxseal", "0");
	judged_as("enrolment signed as a receipt", &held, ERR_SIG_NAMESPACE);
	free(body);
}

static void
receipts(void **state)
{
	struct receipt r = { .site = "plant7", .vendor = "etl", .customer = "acme", .number = 7,
	    .status = 13, .verdict = "ALTERED", .reason = "block.differs", .at = site_home_now,
	    .by = "",
	    .via = "", .place = "", .missing = "", .ledger = { .origin = "waxseal/site/plant7", .size = 1 } };
	static struct judgement j;
	char *body, key[SSHSIG_PRINT];
	size_t len;

	(void)state;
	r.seal.b[0] = 1;
	assert_int_equal(receipt_print(&r, &body, &len), OK);
	put_signed(body, "receipt@waxseal", "0");
	assert_int_equal(judged(&held, &j), ERR_UNCHECKED);
	sshsig_key_fingerprint(&trust_pair[0].key, key);
	assert_non_null(strstr(j.check[1].text, key));	/* to be compared with the enrolment */
	assert_non_null(strstr(j.check[0].text, "acme no. 7: ALTERED (block.differs)"));
	judgement_free(&j);
	assert_int_equal(scratch_run(&s, "sed -i s/ALTERED/GENUINE/ document"), 0);
	judged_as("changed", &held, ERR_SIG_FALSE);
	free(body);
}

static void
no_documents(void **state)
{
	static const struct { const char *text; enum err want; } table[] = {
		{ "", ERR_DOC_FORM },
		{ "{", ERR_DOC_FORM },
		{ "words\n", ERR_DOC_FORM },
		{ "{\"waxseal\": \"release/1\"}\n", ERR_DOC_FORM },	/* not signed */
		{ "many words, and no more\n", ERR_CHAIN_FORM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		scratch_put(&s, "document", table[i].text, strlen(table[i].text));
		judged_as(table[i].text, &held, table[i].want);
	}
	put_signed("{\"waxseal\": \"policy/1\"}\n", "policy@waxseal", "5");
	judged_as("of a type that comes later", &held, ERR_NEWER);
	put_signed("{\"other\": 1}\n", "release@waxseal", "34");
	judged_as("of no type", &held, ERR_DOC_TYPE);
	assert_int_equal(scratch_run(&s, "rm document"), 0);
	judged_as("missing", &held, ERR_IO);
	assert_int_equal(scratch_run(&s, "truncate -s 16777217 document"), 0);
	judged_as("too large", &held, ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_apart),
		cmocka_unit_test(chains),
		cmocka_unit_test(trust_documents),
		cmocka_unit_test(trust_document_held),
		cmocka_unit_test(releases),
		cmocka_unit_test(news),
		cmocka_unit_test(revoked_release),
		cmocka_unit_test(bodies_unread),
		cmocka_unit_test(enrolments),
		cmocka_unit_test(receipts),
		cmocka_unit_test(no_documents),
	};

	return cmocka_run_group_tests(tests, make_all, end_all);
}
