/*
 * Tests of ingest/root: links lead where they lead on the system itself, and never out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/root.h"
#include "tests/unit/scratch.h"

static void
links(void **state)
{
	static const struct { const char *path, *want; } table[] = {
		{ "etc/plain", "inside" }, { "etc/relative", "inside" }, { "etc/absolute", "inside" },
		{ "etc/up", "inside" }, { "dir/plain", "inside" }, { "etc/nothing", NULL },
		{ "etc/plain/more", NULL }, { "etc/out", NULL }, { "outdir/secret", NULL },
		{ "../secret", NULL }, { "/etc/plain", "inside" },
	};
	struct scratch s = scratch_new();
	char path[256], *text;
	struct root r;
	size_t len;

	(void)state;
	assert_int_equal(scratch_run(&s, "echo secret >secret && mkdir -p bed/etc && cd bed &&"
	    " printf inside >etc/plain && ln -s plain etc/relative && ln -s /etc/plain etc/absolute"
	    " && ln -s ../../../etc/plain etc/up && ln -s /etc dir && ln -s \"$PWD/../secret\" etc/out"
	    " && ln -s .. outdir"), 0);
	assert_int_equal(root_open(&r, scratch_path(&s, "bed", path), NULL), OK);
	assert_false(r.own);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(root_load(&r, table[i].path, 6, &text, &len, NULL), OK);
		if (table[i].want == NULL && text != NULL)
			fail_msg("%s: %s", table[i].path, text);
		if (table[i].want != NULL)
			assert_string_equal(text, table[i].want);
		free(text);
	}
	root_close(&r);
	root_close(&r);
	scratch_end(&s);
}

static void
loading(void **state)
{
	struct scratch s = scratch_new();
	struct root r;
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(scratch_run(&s, "printf 1234567 >seven && mkfifo pipe && mkdir dir"), 0);
	assert_int_equal(root_open(&r, s.dir, NULL), OK);
	assert_int_equal(root_load(&r, "seven", 7, &text, &len, NULL), OK);
	assert_int_equal(len, 7);
	free(text);
	assert_int_equal(root_load(&r, "seven", 6, &text, &len, NULL), ERR_LIMIT);
	assert_null(text);
	assert_int_equal(root_load(&r, "pipe", 6, &text, &len, NULL), ERR_PACKAGES);
	assert_int_equal(root_load(&r, "dir", 6, &text, &len, NULL), ERR_PACKAGES);
	root_close(&r);
	assert_int_equal(root_open(&r, "/nowhere", NULL), ERR_IO);
	assert_int_equal(root_open(&r, "/", NULL), OK);
	assert_true(r.own);
	root_close(&r);
	scratch_end(&s);
}

static void
lines(void **state)
{
	static const struct { const char *name, *want; } table[] = {
		{ "blanks", "a b" }, { "two", "one" }, { "none", "" }, { "escape", "" }, { "bytes", "" },
		{ "nothing", "" }, { "long", "" },
	};
	struct scratch s = scratch_new();
	struct root_names names;
	char line[ROOT_LINE];
	struct root r;

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir d && cd d && printf ' \\ta b \\n' >blanks &&"
	    " printf 'one\\ntwo\\n' >two && : >none && printf 'a\\033[31m' >escape &&"
	    " printf 'a\\377' >bytes && touch .hidden \"$(printf 'n\\nm')\" &&"
	    " head -c 300 /dev/zero | tr '\\0' '\\351' >long"), 0);
	assert_int_equal(root_open(&r, s.dir, NULL), OK);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		root_line(&r, "d", table[i].name, line);
		assert_string_equal(line, table[i].want);
	}
	assert_int_equal(root_list(&r, "d", &names, NULL), OK);
	assert_int_equal(names.count, 6);
	assert_string_equal(names.name[0]->d_name, "blanks");
	root_list_free(&names);
	assert_int_equal(root_list(&r, "e", &names, NULL), OK);
	assert_int_equal(names.count, 0);
	root_list_free(&names);
	root_close(&r);
	scratch_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links),
		cmocka_unit_test(loading),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
