/*
 * Tests of verify/contents.h: how much is remembered of a medium before anybody's signature of its
 * releases was looked at.  (What may lie where, tests/corpus and tests/cli/55-hostile-files.sh say.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "formats/limits.h"
#include "verify/contents.h"

#define PREFIX "RELEASES/R1/payload/"
#define LINE 67u	/* of SHA256SUMS, without its path */

static const char *const IDS[] = { "R1", "R2", "R3" };

/* A medium with the first ${count} of these releases, and ${versions} trust documents. */
struct fixture {
	struct seal *s;
	struct judgement *j;
	struct contents *c;
};

static void
begin(struct fixture *x, size_t count, size_t versions)
{
	x->s = calloc(1, sizeof *x->s);
	x->j = calloc(1, sizeof *x->j);
	assert_true(x->s != NULL && x->j != NULL);
	x->s->release_count = count;
	for (size_t i = 0; i < count; i++)
		x->s->release[i].id = IDS[i];
	x->s->volumes = 1;
	x->j->seal = x->s;
	x->j->image_versions = versions;
	assert_int_equal(contents_new(&x->c, x->j, NULL), OK);
}

static void
end(struct fixture *x)
{
	contents_free(x->c);
	free(x->j);
	free(x->s);
}

/* A directory below payload/, so that its whole path has ${len} bytes. */
static enum err
enter(struct contents *c, size_t len)
{
	static char path[LIMIT_PATH];

	memcpy(path, PREFIX, strlen(PREFIX));
	for (size_t i = strlen(PREFIX); i < len; i++)
		path[i] = i % 200 == 100 ? '/' : 'd';
	return contents_entry(c, ENTRY_DIRECTORY, path, len, 0);
}

static void
names(void **state)
{
	const size_t each = 4000;
	struct fixture x;
	uint64_t left = LIMIT_NAMES;

	(void)state;
	begin(&x, 1, 1);
	for (; left > 3 * each; left -= each + LINE)
		assert_int_equal(enter(x.c, each), OK);
	/* the rest, in two that are exactly as much as is left */
	assert_int_equal(enter(x.c, each), OK);
	left -= each + LINE;
	assert_int_equal(enter(x.c, (size_t)left / 2 - LINE), OK);
	left -= left / 2;
	assert_int_equal(enter(x.c, (size_t)left - LINE), OK);
	assert_int_equal(enter(x.c, strlen(PREFIX) + 1), ERR_LIMIT);
	assert_int_equal(x.j->fault.err, ERR_LIMIT);
	end(&x);
}

/* They are kept until they can be checked: LIMIT_ALL_SUMS of them, and not a byte more. */
static void
sums(void **state)
{
	static const uint64_t size[] = { LIMIT_SUMS, LIMIT_ALL_SUMS - LIMIT_SUMS, 1 };
	struct fixture x;
	char path[64];

	(void)state;
	begin(&x, 3, 1);
	for (size_t i = 0; i < 3; i++) {
		const int len = snprintf(path, sizeof path, "RELEASES/%s/SHA256SUMS", IDS[i]);

		assert_int_equal(contents_entry(x.c, ENTRY_FILE, path, (size_t)len, size[i]),
		    i < 2 ? OK : ERR_LIMIT);
	}
	end(&x);
}

/* What a medium may hold, each once: one after the other, and what becomes of it. */
static void
places(void **state)
{
	static const char deep[] = "RELEASES/R1/payload/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/"
				   "20/21/22/23/24/25/26/27/28/29/30/31/32/33";
	static const struct {
		enum entry type;
		const char *path;
		uint64_t size;
		enum err want;
	} table[] = {
		{ ENTRY_DIRECTORY, ".", 0, OK },
		{ ENTRY_FILE, "README.TXT", LIMIT_README + 1, ERR_LIMIT },
		{ ENTRY_FILE, "README.TXT", LIMIT_README, OK },
		{ ENTRY_FILE, "README.TXT", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "README.TXU", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "README.TXT/", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "TRUST", 0, OK },
		{ ENTRY_FILE, "TRUST", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/1.trust", LIMIT_TRUST + 1, ERR_LIMIT },
		{ ENTRY_FILE, "TRUST/1.trust", LIMIT_TRUST, OK },
		{ ENTRY_FILE, "TRUST/1.trust", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/2.trust", 1, OK },
		{ ENTRY_FILE, "TRUST/3.trust", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/0.trust", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/01.trust", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/+1.trust", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/1.trusty", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "TRUST/00000000000000001.trust", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "NOTICES", 0, OK },
		{ ENTRY_FILE, "CATALOGUE.catalogue", LIMIT_CATALOGUE + 1, ERR_LIMIT },
		{ ENTRY_FILE, "CATALOGUE.catalogue", 1, OK },
		{ ENTRY_FILE, "CATALOGUE.catalogue", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "RELEASES", 0, OK },
		{ ENTRY_DIRECTORY, "RELEASES/R1", 0, OK },
		{ ENTRY_DIRECTORY, "RELEASES/R2", 0, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "RELEASES/R10", 0, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "RELEASES/R1", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "RELEASES/R2/release", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "RELEASES/R1/release", LIMIT_RELEASE + 1, ERR_LIMIT },
		{ ENTRY_FILE, "RELEASES/R1/release", 1, OK },
		{ ENTRY_FILE, "RELEASES/R1/release", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "RELEASES/R1/SHA256SUMS", LIMIT_SUMS + 1, ERR_LIMIT },
		{ ENTRY_FILE, "RELEASES/R1/SHA256SUMS", 1, OK },
		{ ENTRY_FILE, "RELEASES/R1/SHA256SUMS", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_FILE, "RELEASES/R1/other", 1, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "RELEASES/R1/other", 0, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "RELEASES/R1/payload", 0, OK },
		{ ENTRY_DIRECTORY, "RELEASES/R1/payloads", 0, ERR_CONTENTS_EXTRA },
		{ ENTRY_DIRECTORY, "RELEASES/R1/payload/..", 0, ERR_CONTENTS_NAME },
		{ ENTRY_DIRECTORY, "RELEASES/R1/payload/", 0, ERR_CONTENTS_NAME },
		{ ENTRY_DIRECTORY, deep, 0, ERR_CONTENTS_NAME },
		{ ENTRY_FILE, deep, 1, ERR_CONTENTS_NAME },
		{ ENTRY_FILE, "RELEASES/R1/payload/a/../b", 1, ERR_CONTENTS_NAME },
		{ ENTRY_FILE, "RELEASES/R1/payload/", 1, ERR_CONTENTS_NAME },
		{ ENTRY_OTHER, "RELEASES/R1/payload/a", 0, ERR_CONTENTS_TYPE },
		{ ENTRY_FILE, "RELEASES/R1/payload/a", 1, OK },
		{ ENTRY_FILE, "RELEASES/R1/pieces/a", 1, ERR_CONTENTS_NAME },
	};
	struct fixture x;

	(void)state;
	begin(&x, 1, 2);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const char *path = table[i].path;

		x.j->fault = (struct fault){ .err = OK };
		if (contents_entry(x.c, table[i].type, path, strlen(path), table[i].size) != table[i].want)
			fail_msg("%zu: %s of %llu bytes is not %s", i, path,
			    (unsigned long long)table[i].size, err_code(table[i].want));
		assert_int_equal(x.j->fault.err, table[i].want);
	}
	end(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(sums),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
