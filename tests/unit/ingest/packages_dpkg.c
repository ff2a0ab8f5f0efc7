/*
 * Tests of ingest/packages_dpkg: how long dpkg's list may be.  What is in it is in
 * tests/unit/formats/dpkg.c and tests/cli/37-passport.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/packages.h"
#include "tests/unit/huge.h"
#include "tests/unit/scratch.h"

/* LIMIT_STATUS: one package and as many empty lines, and one more. */
static void
longest(void **state)
{
	static const char one[] = "Package: bash\nStatus: install ok installed\n"
	    "Architecture: amd64\nVersion: 5.2.15-2\n\n";
	struct scratch s = scratch_new();
	char path[256], *lines = malloc(BLOCK_SIZE);
	struct passport *p;
	struct root r;
	struct fault f;
	bool found;

	(void)state;
	assert_non_null(lines);
	memset(lines, '\n', BLOCK_SIZE);
	memcpy(lines, one, strlen(one));
	huge_byte = '\n';
	assert_int_equal(scratch_run(&s, "mkdir -p var/lib/dpkg"), 0);
	scratch_put(&s, "var/lib/dpkg/status", lines, BLOCK_SIZE);
	scratch_path(&s, "var/lib/dpkg/status", path);
	for (size_t past = 0; past < 2; past++) {
		assert_int_equal(truncate(path, (off_t)(LIMIT_STATUS + past)), 0);
		p = passport_new();
		assert_non_null(p);
		assert_int_equal(root_open(&r, s.dir, &f), OK);
		assert_int_equal(packages_dpkg(&r, "debian", p, &found, &f), past ? ERR_LIMIT : OK);
		assert_int_equal(p->count, past ? 0 : 1);
		root_close(&r);
		passport_free(p);
	}
	free(lines);
	scratch_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
