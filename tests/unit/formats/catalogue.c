/*
 * Tests of formats/catalogue: reading, finding, printing, the page; 10,000 releases.  The texts were
 * written by hand from SPEC, "catalogue/1".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "formats/catalogue.h"
#include "formats/limits.h"
#include "formats/relations.h"
#include "formats/sanitized.h"
#include "tests/unit/edit.h"
#include "tests/unit/release_text.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#define D "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define ROW(id, more) \
"{\"id\": \"" id "\", \"digest\": \"" D "\", \"product\": \"Turbine X\", \"sequence\": 4," \
" \"issued\": \"2026-11-20T09:12:00+01:00\", \"title\": \"A title\"," \
" \"kind\": \"fix\", \"severity\": \"none\"" more "}"
#define HEAD \
"{\"waxseal\": \"catalogue/1\", \"vendor\": \"etl\", \"number\": 4," \
" \"issued\": \"2026-11-21T10:00:00+01:00\", \"next_expected\": \"2027-02-01T00:00:00+01:00\"," \
" \"highest_notice\": 17,\n"
#define BODY HEAD " \"releases\": [" ROW("A", ", \"requires\": [\"etl:Z\"]") ", " \
    ROW("B", ", \"fixes\": [\"CVE-2026-1\", \"T-2\"]") ", " ROW("a", "") "]}\n"

static enum err
parse(const char *text, size_t len, const char *vendor, struct catalogue **c, struct fault *f)
{
	struct document doc;

	assert_int_equal(document_split_unsigned(text, len, &doc), OK);
	return catalogue_parse(c, &doc, vendor, f);
}

static void
reading(void **state)
{
	struct digest of_text;
	struct catalogue *c;

	(void)state;
	digest_sha256(BODY, strlen(BODY), &of_text);
	assert_int_equal(parse(BODY, strlen(BODY), "etl", &c, NULL), OK);
	assert_true(digest_equal(&c->digest, &of_text));
	assert_string_equal(c->vendor, "etl");
	assert_int_equal(c->number, 4);
	assert_int_equal(c->issued.seconds, 1795251600);
	assert_true(c->has_next);
	assert_int_equal(c->next_expected.seconds, 1801436400);
	assert_int_equal(c->highest_notice, 17);
	assert_int_equal(c->count, 3);
	assert_ptr_equal(catalogue_find(c, "A"), &c->release[0]);
	assert_ptr_equal(catalogue_find(c, "B"), &c->release[1]);
	assert_ptr_equal(catalogue_find(c, "a"), &c->release[2]);
	assert_null(catalogue_find(c, "C"));
	assert_null(catalogue_find(c, ""));
	assert_string_equal(c->release[1].title, "A title");
	catalogue_free(c);
	catalogue_free(NULL);
}

static void
refusing(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ "catalogue/1", "catalogue/2", ERR_NEWER, "waxseal" },
		{ "catalogue/1", "notice/1", ERR_DOC_TYPE, "waxseal" },
		{ "\"number\": 4, ", "", ERR_JSON_MISSING, "number" },
		{ "\"number\": 4", "\"number\": 0", ERR_JSON_VALUE, "number" },
		{ "\"number\": 4", "\"number\": 4, \"extra\": 0", ERR_JSON_UNKNOWN, "extra" },
		{ "\"highest_notice\": 17", "\"highest_notice\": 0", OK, NULL },
		{ " \"highest_notice\": 17,", "", ERR_JSON_MISSING, "highest_notice" },
		{ " \"next_expected\": \"2027-02-01T00:00:00+01:00\",", "", OK, NULL },
		{ "2027-02-01T00:00:00+01:00", "2026-11-21T10:00:00+01:00", ERR_CATALOGUE_FORM,
		    "next_expected" },
		{ "2027-02-01T00:00:00+01:00", "2027-02-01", ERR_JSON_VALUE, "next_expected" },
		{ "\"id\": \"A\"", "\"id\": \"B\"", ERR_CATALOGUE_FORM, "releases" },
		{ "\"id\": \"A\"", "\"id\": \"C\"", ERR_CATALOGUE_FORM, "releases" },
		{ "\"id\": \"A\"", "\"id\": \"A:\"", ERR_CATALOGUE_FORM, "id" },
		{ "\"etl:Z\"", "\"Z\"", ERR_CATALOGUE_FORM, "requires" },
		{ "\"fixes\"", "\"fixed\"", ERR_JSON_UNKNOWN, "fixed" },
		{ "\"releases\": [", "\"releases\": [1, ", ERR_JSON_VALUE, NULL },
		{ "\"releases\": [", "\"releases\": {}, \"others\": [", ERR_JSON_UNKNOWN,
		    "others" },
	};
	struct catalogue *c;
	struct fault f;

	(void)state;
	assert_int_equal(parse(BODY, strlen(BODY), "other", &c, &f), ERR_DOC_VENDOR);
	for (size_t i = 0; i < COUNT(table); i++) {
		char *body = edit(BODY, table[i].find, table[i].put);

		if (parse(body, strlen(body), NULL, &c, &f) != table[i].want ||
		    (c != NULL) != (table[i].want == OK))
			fail_msg("%s -> %s", table[i].find, table[i].put);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		catalogue_free(c);
		free(body);
	}
}

static void
truncated(void **state)
{
	struct document doc = { .body = BODY };
	struct catalogue *c;

	(void)state;
	for (doc.body_len = 0; doc.body_len < strlen(BODY) - 1; doc.body_len++) {
		assert_int_not_equal(catalogue_parse(&c, &doc, NULL, NULL), OK);
		assert_null(c);
	}
}

static struct catalogue
wanted(void)
{
	return (struct catalogue){ .vendor = "etl", .number = 1, .issued = { 1795251600, 60 },
		.has_next = true, .next_expected = { 1801436400, 60 }, .highest_notice = 2 };
}

/* The order in which releases come does not matter. */
static void
printing(void **state)
{
	char *second = edit(RELEASE_TEXT, "TX-2026-04", "TX-2026-03"), *text;
	struct release *r[2] = { release_from(RELEASE_TEXT), release_from(second) };
	const struct release *list[2] = { r[0], r[1] };
	struct catalogue want = wanted(), *c;
	struct fault f;
	size_t len;

	(void)state;
	assert_int_equal(catalogue_print(&want, list, 2, &text, &len, &f), OK);
	assert_int_equal(parse(text, len, "etl", &c, &f), OK);
	assert_int_equal(c->number, 1);
	assert_int_equal(c->count, 2);
	assert_string_equal(c->release[0].id, "TX-2026-03");
	assert_string_equal(c->release[1].id, "TX-2026-04");
	assert_true(digest_equal(&c->release[1].digest, &r[0]->digest));
	assert_int_equal(c->next_expected.seconds, want.next_expected.seconds);
	assert_int_equal(c->highest_notice, 2);
	catalogue_free(c);
	free(text);
	/* the same twice; no next; nothing at all */
	list[0] = list[1] = r[1];
	assert_int_equal(catalogue_print(&want, list, 2, &text, &len, &f), ERR_CATALOGUE_FORM);
	assert_null(text);
	want.has_next = false;
	assert_int_equal(catalogue_print(&want, list, 0, &text, &len, &f), OK);
	assert_int_equal(parse(text, len, "etl", &c, &f), OK);
	assert_false(c->has_next);
	assert_int_equal(c->count, 0);
	assert_null(catalogue_find(c, "A"));
	catalogue_free(c);
	free(text);
	assert_int_equal(catalogue_print(&want, list, LIMIT_CATALOGUE_RELEASES + 1, &text, &len,
	    &f), ERR_LIMIT);
	for (size_t i = 0; i < COUNT(r); i++)
		release_free(r[i]);
	free(second);
}

static void
the_page(void **state)
{
	const struct trust t = { .name = "Elbe Turbine", .telephone = "" };
	struct catalogue *c;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(parse(BODY, strlen(BODY), NULL, &c, NULL), OK);
	assert_int_equal(catalogue_text(c, &t, &text, &len), OK);
	assert_non_null(strstr(text, "Catalogue     4\n"));
	assert_non_null(strstr(text, "The next by   2027-02-01 00:00 +01:00\n"));
	assert_non_null(strstr(text, "\nB\n  title       A title\n"
	    "  product     Turbine X, sequence 4\n  kind        fix, severity none\n"
	    "  fixes       CVE-2026-1\n              T-2\n"));
	assert_null(strstr(text, "Telephone"));
	free(text);
	catalogue_free(c);
}

/* ${n} releases, each with what one usually has; each requires and supersedes the one before. */
static char *
large(size_t n, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_non_null(out);
	(void)fputs(HEAD " \"releases\": [\n", out);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(out, "%s{\"id\": \"TX-%06zu\", \"digest\": \"" D "\","
		    " \"product\": \"Turbine X\", \"sequence\": %zu,"
		    " \"issued\": \"2026-11-20T09:12:00+01:00\","
		    " \"title\": \"Closes the debug port of the turbine's control\","
		    " \"kind\": \"security\", \"severity\": \"high\","
		    " \"fixes\": [\"CVE-2026-%05zu\", \"TX-%zu\"],"
		    " \"applies_to\": [{\"purl\": \"pkg:deb/etl/turbine-x\","
		    " \"range\": \"vers:deb/>=2.%zu|<2.%zu\", \"systems\": [\"debian-12\"]}],"
		    " \"requires\": [\"etl:TX-%06zu\"], \"supersedes\": [\"etl:TX-%06zu\"]}",
		    i == 0 ? "" : ",\n", i + 1, i + 1, i, i, i, i + 1, i, i);
	(void)fputs("]}\n", out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static double
seconds(const struct timespec *from)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)(now.tv_sec - from->tv_sec) + (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

/*
 * The figures of SPEC, "catalogue/1": 10,000 releases load in half a second, and so do their
 * relations, all of one chain.
 */
static void
ten_thousand(void **state)
{
	const double most = SANITIZED ? 10 : 0.5;	/* under the sanitizers nothing is measured */
	size_t len, n, circle, *out;
	char *text = large(10000, &len);
	struct catalogue *c;
	struct relations *r;
	struct timespec start;
	double load, relate;

	(void)state;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	assert_int_equal(parse(text, len, "etl", &c, NULL), OK);
	load = seconds(&start);
	assert_int_equal(c->count, 10000);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	r = relations_new();
	for (size_t i = 0; i < c->count; i++)
		assert_int_equal(relations_add(r, c->vendor, c->release[i].id, c->json,
		    c->release[i].node), OK);
	assert_int_equal(relations_ready(r), OK);
	out = calloc(relations_count(r), sizeof *out);
	assert_int_equal(relations_reach(r, relations_find(r, "etl:TX-000001"),
	    RELATIONS_REPLACES, true, out, &n), OK);
	relate = seconds(&start);
	assert_int_equal(n, 9999);
	assert_int_equal(relations_count(r), 10001);	/* TX-000000 is only named */
	assert_null(relations_circle(r, &circle));
	print_message("%zu bytes: loaded in %.3f s, related in %.3f s\n", len, load, relate);
	assert_true(load < most && relate < most);
	free(out);
	relations_free(r);
	catalogue_free(c);
	free(text);
}

static void
limits(void **state)
{
	struct document large_one = { .body_len = LIMIT_CATALOGUE + 1 };
	struct catalogue *c;
	struct fault f;
	char *text;
	size_t len;

	(void)state;
	/* blanks in it, as many as it may have, and one more */
	text = malloc(LIMIT_CATALOGUE + 1);
	assert_non_null(text);
	memset(text, ' ', LIMIT_CATALOGUE + 1);
	text[0] = '{';
	memcpy(text + LIMIT_CATALOGUE + 2 - strlen(BODY), &BODY[1], strlen(BODY) - 1);
	large_one.body = text;
	assert_int_equal(catalogue_parse(&c, &large_one, NULL, &f), ERR_LIMIT);
	text[1] = '{';
	large_one.body = text + 1;
	large_one.body_len = LIMIT_CATALOGUE;
	assert_int_equal(catalogue_parse(&c, &large_one, NULL, &f), OK);
	catalogue_free(c);
	free(text);
	text = large(LIMIT_CATALOGUE_RELEASES, &len);
	assert_int_equal(parse(text, len, "etl", &c, &f), OK);
	assert_string_equal(catalogue_find(c, "TX-016384")->id, "TX-016384");
	catalogue_free(c);
	free(text);
	text = large(LIMIT_CATALOGUE_RELEASES + 1, &len);
	assert_int_equal(parse(text, len, "etl", &c, &f), ERR_JSON_VALUE);
	assert_string_equal(f.at, "releases");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(refusing),
		cmocka_unit_test(truncated),
		cmocka_unit_test(printing),
		cmocka_unit_test(the_page),
		cmocka_unit_test(ten_thousand),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
