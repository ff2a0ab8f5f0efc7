/*
 * Tests of verify/twins: names that one system tells apart and another does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/sums.h"
#include "verify/twins.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define PATHS 5

/* SHA256SUMS of ${n} paths, which are sorted; the digests do not matter.  The caller frees it. */
static char *
sums_of(const char *const *path, size_t n, size_t *len)
{
	const struct digest d = { { 1 } };
	size_t size = 1;
	char *text;

	for (size_t i = 0; i < n; i++)
		size += 67 + strlen(path[i]);
	text = malloc(size);
	assert_non_null(text);
	*len = 0;
	for (size_t i = 0; i < n; i++)
		*len += sums_print(&d, path[i], strlen(path[i]), text + *len);
	return text;
}

/* Case folding and composition as the Unicode standard has them (CaseFolding.txt, UAX #15). */
static void
forms(void **state)
{
	static const struct {
		const char *path[PATHS];	/* sorted by their bytes */
		bool twins;
	} table[] = {
		{ { "a" }, false },
		{ { "a", "b", "c/d" }, false },
		{ { "a", "a.b", "ab" }, false },
		{ { "A", "a" }, true },
		{ { "README", "Readme" }, true },
		{ { "README", "ReadMe2" }, false },
		{ { "A", "B", "C", "b" }, true },
		/* as directories */
		{ { "Dir/x", "dir/y" }, true },
		{ { "Dir/x", "dir2/x" }, false },
		{ { "a/Dir/x", "a/dir/y" }, true },
		{ { "a/Dir/x", "b/dir/x" }, false },
		{ { "a/b/c", "a/b/d", "a/c/c" }, false },
		{ { "a/x/1", "b/x/1", "c/x/1" }, false },
		{ { "A/b/c", "a/b/d" }, true },
		/* a file and a directory of one name */
		{ { "a", "a/b" }, true },
		{ { "a", "a-", "a/b" }, true },
		{ { "a", "a!/b", "a/b" }, true },
		{ { "A", "a/b" }, true },
		{ { "a/b", "a/b/c" }, true },
		{ { "a", "b/a" }, false },
		{ { "ab", "a\xc3\xa4/b" }, false },
		/* sharp s: U+00DF folds to ss, U+1E9E does too */
		{ { "STRASSE", "stra\xc3\x9f" "e" }, true },
		{ { "strasse", "stra\xe1\xba\x9e" "e" }, true },
		{ { "stra\xc3\x9f" "e", "stra\xe1\xba\x9e" "e" }, true },
		{ { "strase", "stra\xc3\x9f" "e" }, false },
		/* A with ring: U+00C5, A U+030A, U+00E5, and the Angstrom sign U+212B */
		{ { "A\xcc\x8a", "\xc3\x85" }, true },
		{ { "A\xcc\x8a", "\xc3\xa5" }, true },
		{ { "\xc3\x85", "\xe2\x84\xab" }, true },
		{ { "A", "\xc3\x85" }, false },
		/* marks in another order */
		{ { "a\xcc\x87\xcc\xa3", "a\xcc\xa3\xcc\x87" }, true },
		/* Kelvin sign U+212A, micro sign U+00B5 and mu, final sigma */
		{ { "K", "\xe2\x84\xaa" }, true },
		{ { "k", "\xe2\x84\xaa" }, true },
		{ { "\xc2\xb5", "\xce\xbc" }, true },
		{ { "\xcf\x82", "\xcf\x83" }, true },
		/* dotted I: U+0130 folds to i U+0307 */
		{ { "i\xcc\x87", "\xc4\xb0" }, true },
		{ { "I", "\xc4\xb0" }, false },
		{ { "i", "\xc4\xb0" }, false },
		{ { "I", "\xc4\xb1" }, false },		/* dotless i is a letter of its own */
		{ { "I", "i" }, true },
		/* a ligature folds to its letters; a wide letter is another letter */
		{ { "fi", "\xef\xac\x81" }, true },
		{ { "a", "\xef\xbd\x81" }, false },
		{ { "\xef\xbc\xa1", "\xef\xbd\x81" }, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		size_t n = 0, len;
		char *sums;
		enum err e;
		bool named = false;

		while (n < PATHS && table[i].path[n] != NULL)
			n++;
		sums = sums_of(table[i].path, n, &len);
		e = twins_check(sums, len, &f);
		free(sums);
		if (e != (table[i].twins ? ERR_CONTENTS_TWIN : OK))
			fail_msg("row %zu, %s: %s %s", i, table[i].path[0], err_code(e), f.at);
		for (size_t p = 0; p < n; p++)	/* it or one of its directories */
			named = named || strncmp(table[i].path[p], f.at, strlen(f.at)) == 0;
		assert_true(e == OK || (named && *f.at != '\0'));
	}
}

static void
bad_lists(void **state)
{
#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	static const struct {
		const char *text;
		enum err want;
		const char *says;
	} table[] = {
		{ "", OK, "" },
		{ HEX "  a\n" HEX "  a\n", ERR_SUMS_FORM, "line 2" },
		{ HEX "  b\n" HEX "  a\n", ERR_SUMS_FORM, "line 2" },
		{ HEX "  a", ERR_SUMS_FORM, "line 1" },
		{ HEX "  ../b\n", ERR_CONTENTS_NAME, "line 1" },
		{ HEX "  A\n" HEX "  a\n" HEX "  \xff\n", ERR_CONTENTS_NAME, "line 3" },
		{ HEX "  A\n" HEX "  a\nx", ERR_SUMS_FORM, "line 3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		enum err e = twins_check(table[i].text, strlen(table[i].text), &f);

		if (e != table[i].want)
			fail_msg("row %zu: %s", i, err_code(e));
		assert_non_null(strstr(f.at, table[i].says));
	}
}

#define MANY 50000u

/* Every third name has capital letters, so that both ways of folding meet. */
static void
many(void **state)
{
	static char text[MANY + 1][32];
	static const char *path[MANY + 1];
	struct fault f = { .at = "" };
	size_t len;
	char *sums;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof text[i], "%03u/%s-%05u", i / 100,
		    i % 3 == 0 ? "File" : "file", i);
		path[i] = text[i];
	}
	/* sorted within a hundred: "File" before "file" */
	for (unsigned i = 0; i < MANY; i += 100) {
		unsigned n = 0;

		for (unsigned pass = 0; pass < 2; pass++)
			for (unsigned k = i; k < i + 100; k++)
				if ((k % 3 == 0) == (pass == 0))
					path[i + n++] = text[k];
	}
	sums = sums_of(path, MANY, &len);
	assert_int_equal(twins_check(sums, len, &f), OK);
	free(sums);
	/* the last of them gets a twin */
	snprintf(text[MANY], sizeof text[MANY], "499/filE-49999");
	path[MANY] = path[MANY - 1];
	for (size_t i = MANY; i > 0 && strcmp(text[MANY], path[i - 1]) < 0; i--) {
		path[i] = path[i - 1];
		path[i - 1] = text[MANY];
	}
	sums = sums_of(path, MANY + 1, &len);
	assert_int_equal(twins_check(sums, len, &f), ERR_CONTENTS_TWIN);
	assert_non_null(strstr(f.at, "-49999"));
	free(sums);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
