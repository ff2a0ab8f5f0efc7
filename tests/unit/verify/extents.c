/*
 * Tests of verify/extents.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "verify/extents.h"

static void
says(const struct extents *e, const char *want)
{
	char text[200];

	assert_string_equal(extents_print(e, text, sizeof text), want);
}

/* Runs go on from one chunk to the next. */
static void
runs(void **state)
{
	struct extents e = { .count = 0 };

	(void)state;
	says(&e, "blocks");
	extents_add(&e, 0, 0);
	assert_int_equal(e.count, 0);
	extents_add(&e, 0, 1);
	says(&e, "blocks 0");
	extents_add(&e, 16, 0xe001);	/* 16; 29, 30, 31 */
	extents_add(&e, 32, 0x10003);	/* 32, 33; 48 */
	says(&e, "blocks 0, 16, 29-33, 48");
	extents_add(&e, UINT64_C(1) << 40, UINT32_MAX);
	says(&e, "blocks 0, 16, 29-33, 48, 1099511627776-1099511627807");
	assert_false(e.more);
}

/* As many as there is room for, in the list and in the text; what comes behind goes to no run. */
static void
most(void **state)
{
	struct extents e = { .count = 0 };
	char text[80];

	(void)state;
	for (uint64_t n = 0; n < EXTENTS_MOST; n++)
		extents_add(&e, 10 * n, 3);
	assert_int_equal(e.count, EXTENTS_MOST);
	assert_false(e.more);
	extents_add(&e, 10 * (EXTENTS_MOST - 1) + 2, 1);
	assert_false(e.more);
	extents_add(&e, 10 * EXTENTS_MOST, 1);
	assert_true(e.more);
	extents_add(&e, 10 * (EXTENTS_MOST - 1) + 3, 1);
	assert_int_equal(e.run[EXTENTS_MOST - 1].count, 3);
	assert_string_equal(extents_print(&e, text, sizeof text),
	    "blocks 0-1, 10-11, 20-21, 30-31, and more");
}

static void
json(void **state)
{
	struct extents e = { .count = 0 };
	struct json_writer *w = json_writer_new();
	char *text;
	size_t len;

	(void)state;
	extents_add(&e, 7, 0xb);
	e.more = true;
	extents_json(w, &e);
	assert_int_equal(json_finish(w, 0, &text, &len), OK);
	assert_non_null(strstr(text, "\"extents\":[{\"first\":7,\"count\":2},{\"first\":10,"
	    "\"count\":1}],\"more_extents\":true"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs),
		cmocka_unit_test(most),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
