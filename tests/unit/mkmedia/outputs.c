/*
 * Tests of mkmedia/outputs: what has which name when, and what is left of tries that were cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mkmedia/outputs.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

static struct scratch s;
static struct fault f;
static struct outputs o;
static char dir[256];
static unsigned before;
static const struct moment at = { 1000, 0 };

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	scratch_path(&s, "out", dir);
	f = (struct fault){ .err = OK };
	assert_int_equal(outputs_open(&o, dir, &f), OK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	outputs_close(&o);
	outputs_close(&o);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

/* What the directory holds, with single blanks between. */
static void
holds(const char *want)
{
	char got[4096];

	assert_int_equal(scratch_run(&s, "LC_ALL=C ls -A out | xargs echo -n >list"), 0);
	scratch_get(&s, "list", got, sizeof(got));
	assert_string_equal(got, want);
}

static void
published(void **state)
{
	char path[OUTPUTS_PATH], want[OUTPUTS_PATH];

	(void)state;
	assert_int_equal(outputs_begin(&o, "acme", 7, 1, 2, at, &f), OK);
	holds(".acme-7-1.1000.partial .acme-7-2.1000.partial");
	outputs_path(&o, 2, path);
	snprintf(want, sizeof(want), "%s/acme-7-2.iso", dir);
	assert_string_equal(path, want);
	outputs_partial(&o, 2, path);
	assert_int_equal(access(path, F_OK), 0);
	outputs_paper(&o, "letter", path);
	snprintf(want, sizeof(want), "%s/acme-7.letter.txt", dir);
	assert_string_equal(path, want);
	assert_int_equal(write(o.file[1], "two", 3), 3);
	assert_int_equal(outputs_sync(&o, &f), OK);
	o.kept = true;
	assert_int_equal(outputs_publish(&o, &f), OK);
	outputs_close(&o);
	holds("acme-7-1.iso acme-7-2.iso");
	assert_int_equal(scratch_run(&s, "test \"$(cat out/acme-7-2.iso)\" = two &&"
	    " test \"$(stat -c %a out/acme-7-2.iso)\" = 644"), 0);
}

static void
given_up(void **state)
{
	(void)state;
	assert_int_equal(outputs_begin(&o, "acme", 7, 1, LIMIT_VOLUMES, at, &f), OK);
	outputs_close(&o);
	holds("");
}

/* Recorded, and not given their names: they stay, and get them later. */
static void
recovered(void **state)
{
	(void)state;
	assert_int_equal(outputs_begin(&o, "acme", 7, 1, 3, at, &f), OK);
	o.kept = true;
	outputs_close(&o);
	assert_int_equal(scratch_run(&s, "cd out && mv .acme-7-1.1000.partial acme-7-1.iso &&"
	    " touch .acme-7-2.999.partial .acme-6-2.1000.partial .acme-7-4.1000.partial"), 0);
	assert_int_equal(outputs_open(&o, dir, &f), OK);
	outputs_recover(&o, "acme", 7, 3, at);
	holds(".acme-6-2.1000.partial .acme-7-2.999.partial .acme-7-4.1000.partial"
	    " acme-7-1.iso acme-7-2.iso acme-7-3.iso");
	/* Nothing is written over. */
	assert_int_equal(scratch_run(&s, "echo a >out/acme-7-1.iso; touch out/.acme-7-1.1000.partial"),
	    0);
	outputs_recover(&o, "acme", 7, 3, at);
	assert_int_equal(scratch_run(&s, "test -s out/acme-7-1.iso"), 0);
}

static void
swept(void **state)
{
	(void)state;
	assert_int_equal(scratch_run(&s, "cd out && touch .acme-7-1.5.partial .acme-7-99.1.partial"
	    " .acme-70-1.5.partial .acme-6-1.5.partial .acme-b-7-1.5.partial .acme-7-1.5.partial.x"
	    " acme-7-1.5.partial acme-7-1.iso .partial"), 0);
	outputs_sweep(&o, "acme", 7);
	holds(".acme-6-1.5.partial .acme-7-1.5.partial.x .acme-70-1.5.partial .acme-b-7-1.5.partial"
	    " .partial acme-7-1.5.partial acme-7-1.iso");
}

static void
refused(void **state)
{
	struct outputs other;
	char path[256];

	(void)state;
	assert_int_equal(scratch_run(&s, "echo mine >out/acme-7-2.iso; echo file >file"), 0);
	assert_int_equal(outputs_begin(&o, "acme", 7, 1, 3, at, &f), ERR_USAGE);
	assert_non_null(strstr(f.at, "acme-7-2.iso is there already"));
	outputs_close(&o);
	holds("acme-7-2.iso");
	assert_int_equal(outputs_open(&other, scratch_path(&s, "file", path), &f), ERR_IO);
	outputs_close(&other);
	assert_int_equal(outputs_open(&other, scratch_path(&s, "none/out", path), &f), ERR_IO);
	outputs_close(&other);
	/* A name that was taken while the image was made. */
	assert_int_equal(outputs_open(&o, dir, &f), OK);
	assert_int_equal(outputs_begin(&o, "acme", 8, 3, 1, at, &f), OK);
	assert_int_equal(scratch_run(&s, "echo mine >out/acme-8-3.iso"), 0);
	assert_int_equal(outputs_publish(&o, &f), ERR_IO);
	assert_int_equal(scratch_run(&s, "test -s out/acme-8-3.iso"), 0);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(published), TEST(given_up), TEST(recovered), TEST(swept), TEST(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
