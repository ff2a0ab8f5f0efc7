/*
 * Tests of formats/page: rows, blocks, wrapping, escaping.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/page.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define INDENT "              "		/* of rows: 14 */

static void
is(struct page *p, const char *want)
{
	char *text;
	size_t len;

	assert_int_equal(page_finish(p, &text, &len), OK);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	free(text);
}

static void
rows(void **state)
{
	static const struct { const char *title, *text, *want; } table[] = {
		{ "Title", "text", "Title         text\n" },
		{ "", "text", INDENT "text\n" },
		{ "Title", "", "" },
		{ "A title that is long", "text", "A title that is long text\n" },
		/* 58 columns are left for the text */
		{ "T", X50 "xxxxxxxx", "T             " X50 "xxxxxxxx\n" },
		{ "T", X50 "xxxxxxxxy", "T             " X50 "xxxxxxxx\n" INDENT "y\n" },
		{ "T", X50 " 2345678", "T             " X50 " 2345678\n" },
		{ "T", X50 " 23456789", "T             " X50 "\n" INDENT "23456789\n" },
		{ "T", X50 "   23456789", "T             " X50 "  \n" INDENT "23456789\n" },
		/* characters count, not bytes */
		{ "T", X50 "ääääääää", "T             " X50 "ääääääää\n" },
		{ "T", X50 "äääääääää", "T             " X50 "ääääääää\n" INDENT "ä\n" },
		{ "T", "a\x1b[2J\tb", "T             a\\x1b[2J b\n" },
		{ "T", "a\nb", "T             a\\x0ab\n" },
		{ "T", "\xff", "T             \\xff\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct page *p = page_new();

		page_row(p, table[i].title, table[i].text);
		is(p, table[i].want);
	}
}

static void
blocks(void **state)
{
	struct page *p = page_new();

	(void)state;
	page_line(p, "Head");
	page_block(p, "Notes", "one\n\ntwo\n");
	page_block(p, "None", "");
	page_number(p, "Number", UINT64_MAX);
	page_line(p, "");
	page_line(p, X50 " " X50);
	page_block(p, "N", X50 " " X50);
	is(p, "Head\n\nNotes\n  one\n\n  two\nNumber        18446744073709551615\n\n" X50 "\n" X50
	    "\n\nN\n  " X50 "\n  " X50 "\n");
	is(page_new(), "");
}

static void
no_memory(void **state)
{
	char *text;
	size_t len;

	(void)state;
	page_line(NULL, "a");
	page_row(NULL, "a", "b");
	page_number(NULL, "a", 1);
	page_block(NULL, "a", "b");
	assert_int_equal(page_finish(NULL, &text, &len), ERR_MEMORY);
	assert_null(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(blocks),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
