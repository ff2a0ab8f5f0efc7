/*
 * Tests of formats/form: every form, with a table made for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/form.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define D "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"

static const char *const words[] = { "yes", "no", NULL };

static const struct form_member inner[] = {
	{ .key = "i", .form = FORM_NUMBER, .must = true },
	{ .key = NULL },
};

static const struct form_member table[] = {
	{ .key = "must", .form = FORM_TEXT, .must = true },
	{ .key = "other", .form = FORM_OTHER },
	{ .key = "note", .form = FORM_NOTE },
	{ .key = "long", .form = FORM_LONG_NOTE },
	{ .key = "word", .form = FORM_WORD, .words = words },
	{ .key = "vendor", .form = FORM_VENDOR_ID },
	{ .key = "release", .form = FORM_RELEASE_ID },
	{ .key = "number", .form = FORM_NUMBER },
	{ .key = "moment", .form = FORM_MOMENT },
	{ .key = "digest", .form = FORM_DIGEST },
	{ .key = "texts", .form = FORM_TEXTS },
	{ .key = "relations", .form = FORM_RELATIONS },
	{ .key = "object", .form = FORM_OBJECT, .members = inner },
	{ .key = "objects", .form = FORM_OBJECTS, .members = inner },
	{ .key = NULL },
};

static void
forms(void **state)
{
	static const struct { const char *more; enum err want; const char *at; } cases[] = {
		{ "", OK, NULL },
		{ ", \"other\": {\"any\": [1]}", OK, NULL },
		{ ", \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ ", \"note\": \"\"", OK, NULL },
		{ ", \"note\": 1", ERR_JSON_VALUE, "note" },
		{ ", \"long\": \"a\\nb\"", OK, NULL },
		{ ", \"long\": null", ERR_JSON_VALUE, "long" },
		{ ", \"word\": \"no\"", OK, NULL },
		{ ", \"word\": \"maybe\"", ERR_JSON_VALUE, "word" },
		{ ", \"vendor\": \"etl\"", OK, NULL },
		{ ", \"vendor\": \"ETL\"", ERR_USAGE, "vendor" },
		{ ", \"release\": \"TX-1\"", OK, NULL },
		{ ", \"release\": \"TX 1\"", ERR_USAGE, "release" },
		{ ", \"number\": 1", OK, NULL },
		{ ", \"number\": 0", ERR_JSON_VALUE, "number" },
		{ ", \"moment\": \"2026-11-20T09:12:00Z\"", OK, NULL },
		{ ", \"moment\": \"2026-11-20\"", ERR_JSON_VALUE, "moment" },
		{ ", \"digest\": \"" D "\"", OK, NULL },
		{ ", \"digest\": \"" D "0\"", ERR_JSON_VALUE, "digest" },
		{ ", \"texts\": []", OK, NULL },
		{ ", \"texts\": [\"a\", \"b\"]", OK, NULL },
		{ ", \"texts\": [\"a\", \"\"]", ERR_JSON_VALUE, NULL },
		{ ", \"texts\": [\"FILL IN: a\"]", ERR_USAGE, "texts" },
		{ ", \"texts\": \"a\"", ERR_JSON_VALUE, "texts" },
		{ ", \"relations\": [\"etl:TX-1\"]", OK, NULL },
		{ ", \"relations\": [\"TX-1\"]", ERR_USAGE, "relations" },
		{ ", \"object\": {\"i\": 1}", OK, NULL },
		{ ", \"object\": {}", ERR_JSON_MISSING, "i" },
		{ ", \"object\": {\"i\": 1, \"k\": 1}", ERR_JSON_UNKNOWN, "k" },
		{ ", \"object\": []", ERR_JSON_VALUE, "object" },
		{ ", \"objects\": []", OK, NULL },
		{ ", \"objects\": [{\"i\": 1}, {\"i\": 0}]", ERR_JSON_VALUE, "i" },
		{ ", \"objects\": [1]", ERR_JSON_VALUE, NULL },
	};
	struct fault f;
	struct json *j;
	char text[400];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(text, sizeof text, "{\"must\": \"a\"%s}", cases[i].more);
		assert_int_equal(json_parse(&j, text, strlen(text), NULL), OK);
		form_check(j, json_root(j), table, ERR_USAGE);
		if (json_error(j, &f) != cases[i].want)
			fail_msg("%s: %s", text, err_code(f.err));
		if (cases[i].at != NULL)
			assert_string_equal(f.at, cases[i].at);
		json_free(j);
	}
}

static void
what_must_be(void **state)
{
	struct json *j;
	struct fault f;

	(void)state;
	assert_int_equal(json_parse(&j, "{}", 2, NULL), OK);
	form_check(j, json_root(j), table, ERR_USAGE);
	assert_int_equal(json_error(j, &f), ERR_JSON_MISSING);
	assert_string_equal(f.at, "must");
	json_free(j);
}

static void
lists(void **state)
{
	static const char text[] = "{\"a\": [1, 2]}";
	struct json *j;

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), NULL), OK);
	assert_int_equal(json_count(form_list(j, json_root(j), "a")), 2);
	assert_null(form_list(j, json_root(j), "b"));
	assert_null(form_list(j, NULL, "a"));
	assert_int_equal(json_error(j, NULL), OK);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(what_must_be),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
