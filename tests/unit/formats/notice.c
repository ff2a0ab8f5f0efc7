/*
 * Tests of formats/notice: reading, printing, the page.  The texts were written by hand from SPEC,
 * "notice/1".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/notice.h"
#include "tests/unit/edit.h"
#include "tests/unit/release_text.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#define D "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"

#define RELEASE \
"{\"id\": \"TX-2026-04\", \"digest\": \"" D "\", \"product\": \"Turbine X\", \"sequence\": 4," \
" \"issued\": \"2026-11-20T09:12:00+01:00\", \"title\": \"Closes the debug port\"," \
" \"kind\": \"security\", \"severity\": \"high\",\n" RELEASE_LISTS \
" \"customised\": \"refuse\", \"restart\": \"service\"}"

#define HEAD \
"{\"waxseal\": \"notice/1\", \"vendor\": \"etl\", \"sequence\": 17," \
" \"issued\": \"2026-11-21T10:00:00+01:00\", \"place\": \"Hamburg\",\n"

#define BODY HEAD \
" \"event\": \"release\",\n" \
" \"release\": " RELEASE ",\n" \
" \"notes\": \"First line\\nsecond line\",\n" \
" \"acquisition\": \"by disc, consignment follows\",\n" \
" \"details\": \"Read me\",\n" \
" \"if_not_applied\": \"the port stays open\"}\n"

#define WITHDRAWAL HEAD \
" \"event\": \"withdrawal\", \"reason\": \"loses data\", \"release\": " RELEASE "}\n"

#define LEAST HEAD \
" \"event\": \"release\", \"release\": {\"id\": \"T\", \"digest\": \"" D "\"," \
" \"product\": \"P\", \"sequence\": 1, \"issued\": \"2026-11-20T09:12:00Z\"," \
" \"title\": \"t\", \"kind\": \"fix\", \"severity\": \"none\"}}\n"

static enum err
parse(const char *text, const char *vendor, struct notice **n, struct fault *f)
{
	struct document doc;

	assert_int_equal(document_split_unsigned(text, strlen(text), &doc), OK);
	return notice_parse(n, &doc, vendor, f);
}

static void
reading(void **state)
{
	struct digest of_text, of_release;
	struct notice *n;

	(void)state;
	digest_sha256(BODY, strlen(BODY), &of_text);
	assert_true(digest_from_hex(&of_release, D, 64));
	assert_int_equal(parse(BODY, "etl", &n, NULL), OK);
	assert_true(digest_equal(&n->digest, &of_text));
	assert_string_equal(n->vendor, "etl");
	assert_int_equal(n->sequence, 17);
	assert_int_equal(n->issued.seconds, 1795251600);
	assert_int_equal(n->issued.offset, 60);
	assert_string_equal(n->place, "Hamburg");
	assert_false(n->withdrawal);
	assert_string_equal(n->reason, "");
	assert_string_equal(n->release.id, "TX-2026-04");
	assert_true(digest_equal(&n->release.digest, &of_release));
	assert_string_equal(n->release.product, "Turbine X");
	assert_int_equal(n->release.sequence, 4);
	assert_int_equal(n->release.issued.seconds, 1795162320);
	assert_string_equal(n->release.title, "Closes the debug port");
	assert_string_equal(n->release.kind, "security");
	assert_string_equal(n->release.severity, "high");
	assert_true(json_has(n->release.node, "applies_to"));
	assert_string_equal(n->notes, "First line\nsecond line");
	assert_string_equal(n->acquisition, "by disc, consignment follows");
	assert_string_equal(n->details, "Read me");
	assert_string_equal(n->if_not_applied, "the port stays open");
	notice_free(n);
	assert_int_equal(parse(WITHDRAWAL, NULL, &n, NULL), OK);
	assert_true(n->withdrawal);
	assert_string_equal(n->reason, "loses data");
	assert_string_equal(n->notes, "");
	notice_free(n);
	assert_int_equal(parse(LEAST, NULL, &n, NULL), OK);
	notice_free(n);
	notice_free(NULL);
}

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X32 X32 X32 X32 X32 X32 X32 X32

static void
refusing(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ "notice/1", "notice/2", ERR_NEWER, "waxseal" },
		{ "notice/1", "release/1", ERR_DOC_TYPE, "waxseal" },
		{ "\"etl\"", "\"Etl\"", ERR_DOC_VENDOR, "vendor" },
		{ "\"sequence\": 17, ", "", ERR_JSON_MISSING, "sequence" },
		{ "\"sequence\": 17", "\"sequence\": 0", ERR_JSON_VALUE, "sequence" },
		{ "\"sequence\": 17", "\"sequence\": 9007199254740991", OK, NULL },
		{ "\"sequence\": 17", "\"sequence\": 9007199254740992", ERR_JSON_NUMBER, NULL },
		{ "\"sequence\": 17", "\"sequence\": 17, \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "\"Hamburg\"", "\"\"", ERR_JSON_VALUE, "place" },
		{ ", \"place\": \"Hamburg\"", "", ERR_JSON_MISSING, "place" },
		{ "2026-11-21T10:00:00+01:00", "today", ERR_JSON_VALUE, "issued" },
		{ "\"event\": \"release\"", "\"event\": \"rumour\"", ERR_JSON_VALUE, "event" },
		{ "\"event\": \"release\"", "\"event\": \"withdrawal\"", ERR_NOTICE_FORM, "reason" },
		{ "\"event\": \"release\"", "\"event\": \"release\", \"reason\": \"none\"",
		    ERR_NOTICE_FORM, "reason" },
		{ "\"event\": \"release\"", "\"event\": \"withdrawal\", \"reason\": \"\"",
		    ERR_JSON_VALUE, "reason" },
		{ "\"release\": {", "\"release\": [], \"rest\": {", ERR_JSON_UNKNOWN, "rest" },
		{ "\"TX-2026-04\"", "\"TX 2026\"", ERR_NOTICE_FORM, "id" },
		{ "\"digest\": \"9", "\"digest\": \"", ERR_JSON_VALUE, "digest" },
		{ "\"product\"", "\"extra\": 1, \"product\"", ERR_JSON_UNKNOWN, "extra" },
		{ "\"sequence\": 4", "\"sequence\": 0", ERR_JSON_VALUE, "sequence" },
		{ "\"high\"", "\"urgent\"", ERR_JSON_VALUE, "severity" },
		{ "\"security\"", "\"miracle\"", ERR_JSON_VALUE, "kind" },
		{ "\"purl\"", "\"extra\": 1, \"purl\"", ERR_JSON_UNKNOWN, "extra" },
		{ "\"etl:TX-2026-01\"", "\"TX-2026-01\"", ERR_NOTICE_FORM, "requires" },
		{ "\"tested\"", "\"untested\"", ERR_JSON_VALUE, "status" },
		{ "\"by disc, consignment follows\"", "\"" X256 "\"", OK, NULL },
		{ "\"by disc, consignment follows\"", "\"" X256 "x\"", ERR_JSON_VALUE,
		    "acquisition" },
		{ "\"the port stays open\"", "\"" X256 "x\"", ERR_JSON_VALUE, "if_not_applied" },
		{ "\"Read me\"", "7", ERR_JSON_VALUE, "details" },
		{ "{\"waxseal\"", "[\"waxseal\"", ERR_JSON_SYNTAX, NULL },
	};
	struct notice *n;
	struct fault f;

	(void)state;
	assert_int_equal(parse(BODY, "other", &n, &f), ERR_DOC_VENDOR);
	for (size_t i = 0; i < COUNT(table); i++) {
		char *body = edit(BODY, table[i].find, table[i].put);

		if (parse(body, "etl", &n, &f) != table[i].want ||
		    (n != NULL) != (table[i].want == OK))
			fail_msg("%s -> %s", table[i].find, table[i].put);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		notice_free(n);
		free(body);
	}
}

/* A notice that is cut anywhere is none. */
static void
truncated(void **state)
{
	struct document doc = { .body = BODY };
	struct notice *n;

	(void)state;
	for (doc.body_len = 0; doc.body_len < strlen(BODY) - 1; doc.body_len++) {
		assert_int_not_equal(notice_parse(&n, &doc, NULL, NULL), OK);
		assert_null(n);
	}
}

/* What is printed of a release says the same of it, member by member. */
static void
printing(void **state)
{
	struct release *r = release_from(RELEASE_TEXT);
	struct notice wanted = { .sequence = 17, .issued = { 1795251600, 60 }, .place = "Hamburg",
		.acquisition = "by disc, consignment follows", .details = "Read me",
		.if_not_applied = "the port stays open" }, *n, *other;
	struct fault f;
	char *text, *compact;
	size_t len;

	(void)state;
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), OK);
	assert_int_equal(len, strlen(text));
	assert_int_equal(parse(text, "etl", &n, &f), OK);
	assert_true(digest_equal(&n->release.digest, &r->digest));
	assert_int_equal(parse(BODY, "etl", &other, NULL), OK);
	for (size_t i = 0; json_key_at(other->release.node, i) != NULL; i++)
		assert_string_equal(json_key_at(n->release.node, i),
		    json_key_at(other->release.node, i));
	assert_int_equal(json_count(n->release.node), json_count(other->release.node));
	assert_string_equal(n->notes, other->notes);
	assert_string_equal(n->acquisition, other->acquisition);
	assert_string_equal(n->details, other->details);
	assert_string_equal(n->if_not_applied, other->if_not_applied);
	notice_free(other);
	notice_free(n);
	free(text);

	wanted = (struct notice){ .sequence = 18, .issued = { 1795251600, 60 },
		.place = "Hamburg", .withdrawal = true, .reason = "loses data" };
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), OK);
	assert_int_equal(parse(text, "etl", &n, &f), OK);
	assert_true(n->withdrawal);
	assert_string_equal(n->reason, "loses data");
	assert_string_equal(n->details, "");
	notice_free(n);
	free(text);

	wanted.reason = NULL;
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), ERR_NOTICE_FORM);
	assert_null(text);
	wanted.reason = "";
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), ERR_NOTICE_FORM);
	wanted.reason = "bell \a";
	assert_int_not_equal(notice_print(&wanted, r, &text, &len, &f), OK);
	wanted.reason = "r";
	wanted.sequence = 0;
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), ERR_JSON_VALUE);
	release_free(r);

	/* Lists that are empty are not told. */
	compact = edit(RELEASE_TEXT, RELEASE_LISTS,
	    " \"fixes\": [], \"applies_to\": [], \"requires\": [], \"compat\": [],");
	r = release_from(compact);
	wanted.sequence = 18;
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), OK);
	assert_null(strstr(text, "fixes"));
	assert_null(strstr(text, "applies_to"));
	assert_null(strstr(text, "requires"));
	assert_null(strstr(text, "compat"));
	free(text);
	release_free(r);
	free(compact);
}

/* ${n} fixes of ${bytes} bytes. */
static struct release *
release_of_size(size_t n, size_t bytes)
{
	char *list = malloc(n * (bytes + 4) + 1), *at = list, *text, *fix;
	struct release *r;

	assert_non_null(list);
	fix = edit_long("\"", bytes, "\"");
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%s%s", i == 0 ? "" : ",\n", fix);
	text = edit(RELEASE_TEXT, "\"CVE-2026-1234\", \"TX-771\"", list);
	r = release_from(text);
	free(text);
	free(fix);
	free(list);
	return r;
}

static void
limits(void **state)
{
	struct notice wanted = { .sequence = 1, .issued = { 1795251600, 60 }, .place = "H" }, *n;
	struct document large = { .body_len = LIMIT_NOTICE + 1 };
	struct release *r = release_of_size(1024, 200);
	struct fault f;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), OK);
	free(text);
	release_free(r);
	r = release_of_size(1024, 250);
	assert_int_equal(notice_print(&wanted, r, &text, &len, &f), ERR_LIMIT);
	assert_null(text);
	release_free(r);
	/* blanks in it, as many as it may have, and one more */
	text = malloc(LIMIT_NOTICE + 1);
	assert_non_null(text);
	memset(text, ' ', LIMIT_NOTICE + 1);
	text[0] = '{';
	memcpy(text + LIMIT_NOTICE + 2 - strlen(BODY), &BODY[1], strlen(BODY) - 1);
	large.body = text;
	assert_int_equal(notice_parse(&n, &large, NULL, &f), ERR_LIMIT);
	text[1] = '{';
	large.body = text + 1;
	large.body_len = LIMIT_NOTICE;
	assert_int_equal(notice_parse(&n, &large, NULL, &f), OK);
	notice_free(n);
	free(text);
}

static void
the_page(void **state)
{
	static const char *const said[] = { "NOTICE OF A RELEASE\n", "From          Elbe Turbine\n",
		"Telephone     +49 40 555 0100\n", "Notice        17\n",
		"Issued        2026-11-21 10:00 +01:00\n", "Release       TX-2026-04\n",
		"Fixes         CVE-2026-1234\n              TX-771\n",
		"  versions    vers:deb/<2.4\n", "  machines    amd64\n              arm64\n",
		"Conflicts     other:1\n", "Restart       service\n", "\nSHA-256 of the release\n  " D "\n",
		"To get it     by disc, consignment follows\n",
		"\nNotes\n  First line\n  second line\n", "\nDetails\n  Read me\n" };
	const struct trust t = { .name = "Elbe Turbine", .telephone = "+49 40 555 0100" };
	struct notice *n;
	char *text, *bad;
	size_t len;

	(void)state;
	assert_int_equal(parse(BODY, NULL, &n, NULL), OK);
	assert_int_equal(notice_text(n, &t, &text, &len), OK);
	assert_int_equal(len, strlen(text));
	for (size_t i = 0; i < COUNT(said); i++)
		if (strstr(text, said[i]) == NULL)
			fail_msg("does not say %s:\n%s", said[i], text);
	assert_null(strstr(text, "Withdrawn"));
	free(text);
	notice_free(n);
	/* what would move the cursor is shown, and a page is no wider than paper */
	bad = edit(WITHDRAWAL, "loses data", "loses \\u202edata " X32 X32 X32);
	assert_int_equal(parse(bad, NULL, &n, NULL), OK);
	assert_int_equal(notice_text(n, &t, &text, &len), OK);
	assert_non_null(strstr(text, "WITHDRAWN\n"));
	assert_non_null(strstr(text, "Withdrawn     loses \\xe2\\x80\\xaedata"));
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 72);
	free(text);
	notice_free(n);
	free(bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(refusing),
		cmocka_unit_test(truncated),
		cmocka_unit_test(printing),
		cmocka_unit_test(limits),
		cmocka_unit_test(the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
