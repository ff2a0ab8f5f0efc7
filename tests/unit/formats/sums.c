/*
 * Tests of formats/sums: the one form of SHA256SUMS, beside sha256sum itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/sums.h"
#include "tests/unit/scratch.h"

/* SHA-256 of "" and of "abc" (FIPS 180-2, appendix B.1). */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static enum err
read_all(const char *text, size_t len, uint64_t *lines)
{
	struct sums_line l;
	struct sums s;
	bool more;
	enum err e;

	sums_open(&s, text, len);
	while ((e = sums_next(&s, &l, &more)) == OK && more)
		continue;
	assert_false(more);
	*lines = s.line;
	return e;
}

static void
forms(void **state)
{
	static const struct {
		const char *text;
		enum err want;
		uint64_t lines;
	} table[] = {
		{ "", OK, 0 },
		{ EMPTY "  a\n", OK, 1 },
		{ EMPTY "  a\n" ABC "  b\n", OK, 2 },
		{ EMPTY "  a b\n" ABC "  a/b  c\n", OK, 2 },
		{ EMPTY "  a\n" ABC "  ab\n", OK, 2 },
		{ EMPTY "  Z\n" ABC "  a\n", OK, 2 },
		{ EMPTY "  z\n" ABC "  \xc3\xa4\n", OK, 2 },
		/* order, doubles */
		{ EMPTY "  a\n" ABC "  a\n", ERR_SUMS_FORM, 2 },
		{ EMPTY "  b\n" ABC "  a\n", ERR_SUMS_FORM, 2 },
		{ EMPTY "  ab\n" ABC "  a\n", ERR_SUMS_FORM, 2 },
		{ EMPTY "  \xc3\xa4\n" ABC "  z\n", ERR_SUMS_FORM, 2 },
		/* other forms that sha256sum writes or reads */
		{ EMPTY " *a\n", ERR_SUMS_FORM, 1 },
		{ "\\" EMPTY "  a\\nb\n", ERR_SUMS_FORM, 1 },
		{ "SHA256 (a) = " EMPTY "\n", ERR_SUMS_FORM, 1 },
		{ EMPTY "  a\r\n", ERR_CONTENTS_NAME, 1 },
		{ "# comment\n" EMPTY "  a\n", ERR_SUMS_FORM, 1 },
		{ "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855  a\n",
		    ERR_SUMS_FORM, 1 },
		/* broken lines */
		{ "\n", ERR_SUMS_FORM, 1 },
		{ EMPTY "  a\n\n", ERR_SUMS_FORM, 2 },
		{ EMPTY "  a", ERR_SUMS_FORM, 1 },
		{ EMPTY "\n", ERR_SUMS_FORM, 1 },
		{ EMPTY " \n", ERR_SUMS_FORM, 1 },
		{ EMPTY " a\n", ERR_SUMS_FORM, 1 },
		{ EMPTY "\t\ta\n", ERR_SUMS_FORM, 1 },
		{ EMPTY "0  a\n", ERR_SUMS_FORM, 1 },
		{ " " EMPTY " a\n", ERR_SUMS_FORM, 1 },
		/* names */
		{ EMPTY "  \n", ERR_CONTENTS_NAME, 1 },
		{ EMPTY "  /a\n", ERR_CONTENTS_NAME, 1 },
		{ EMPTY "  a//b\n", ERR_CONTENTS_NAME, 1 },
		{ EMPTY "  ../a\n", ERR_CONTENTS_NAME, 1 },
		{ EMPTY "  a\\b\n", ERR_CONTENTS_NAME, 1 },
		{ EMPTY "  a\tb\n", ERR_CONTENTS_NAME, 1 },
		{ EMPTY "  \xff\n", ERR_CONTENTS_NAME, 1 },
	};
	uint64_t lines;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(read_all(table[i].text, strlen(table[i].text), &lines),
		    table[i].want);
		assert_int_equal(lines, table[i].lines);
	}
}

/* Only a cut between lines leaves a list. */
static void
cut(void **state)
{
	static const char text[] = EMPTY "  a\n" ABC "  b\n";
	uint64_t lines;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		char *copy = malloc(n + 1);	/* so that reading past the end is seen */
		bool whole = n == 0 || n == sizeof text / 2 || n == sizeof text - 1;
		enum err e;

		assert_non_null(copy);
		memcpy(copy, text, n);
		e = read_all(copy, n, &lines);
		assert_true(whole ? e == OK : e == ERR_SUMS_FORM || e == ERR_CONTENTS_NAME);
		free(copy);
	}
}

static void
nul(void **state)
{
	static const char text[] = EMPTY "  a\0b\n";
	uint64_t lines;

	(void)state;
	assert_int_equal(read_all(text, sizeof text - 1, &lines), ERR_CONTENTS_NAME);
}

static void
views(void **state)
{
	static const char text[] = EMPTY "  a b\n" ABC "  c/d\n";
	struct sums_line l;
	struct digest d;
	struct sums s;
	bool more;

	(void)state;
	sums_open(&s, text, sizeof text - 1);
	assert_int_equal(sums_next(&s, &l, &more), OK);
	assert_true(more);
	assert_ptr_equal(l.path, text + 66);
	assert_int_equal(l.len, 3);
	digest_sha256("", 0, &d);
	assert_true(digest_equal(&l.digest, &d));
	assert_int_equal(sums_next(&s, &l, &more), OK);
	assert_true(more);
	assert_int_equal(l.len, 3);
	assert_memory_equal(l.path, "c/d", 3);
	digest_sha256("abc", 3, &d);
	assert_true(digest_equal(&l.digest, &d));
	assert_int_equal(sums_next(&s, &l, &more), OK);
	assert_false(more);
	assert_null(l.path);
}

/* The longest path, and one byte more. */
static void
long_path(void **state)
{
	char text[66 + LIMIT_PATH + 2] = EMPTY "  ";
	uint64_t lines;

	(void)state;
	for (size_t i = 0; i < LIMIT_PATH + 1; i++)
		text[66 + i] = i % 200 == 199 ? '/' : 'x';
	text[66 + LIMIT_PATH - 1] = 'x';
	text[66 + LIMIT_PATH] = '\n';
	assert_int_equal(read_all(text, 66 + LIMIT_PATH + 1, &lines), OK);
	text[66 + LIMIT_PATH] = 'x';
	text[66 + LIMIT_PATH + 1] = '\n';
	assert_int_equal(read_all(text, 66 + LIMIT_PATH + 2, &lines), ERR_CONTENTS_NAME);
}

static void
compare(void **state)
{
	static const char *const sorted[] = { "", " ", "A", "A/b", "A0", "a", "a/b", "a/b/c", "aa",
		"b", "\x7f", "\xc3\xa4", "\xff" };
	const size_t n = sizeof sorted / sizeof *sorted;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			const int order = sums_compare(sorted[i], strlen(sorted[i]), sorted[k],
			    strlen(sorted[k]));

			assert_true(i < k ? order < 0 : i == k ? order == 0 : order > 0);
		}
	}
}

static const char *const names[] = { "B.txt", "a b", "a", "dir/x", "dir0", "\xc3\xa4" };

/* What we print, sha256sum -c accepts; what it prints, sorted, we read and print the same. */
static void
beside_sha256sum(void **state)
{
	struct scratch s;
	char ours[2048], theirs[2048], path[256];
	struct sums_line l;
	struct sums list;
	size_t n, at = 0;
	bool more;

	(void)state;
	NEED_TOOL("sha256sum");
	s = scratch_new();
	assert_int_equal(scratch_run(&s, "mkdir files files/dir"), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_in_range(snprintf(path, sizeof path, "files/%s", names[i]), 1, 255);
		scratch_put(&s, path, names[i], strlen(names[i]));
	}
	assert_int_equal(scratch_run(&s, "cd files && find . -type f -printf '%P\\0' | "
	    "LC_ALL=C sort -z | xargs -0 sha256sum > ../theirs"), 0);
	n = scratch_get(&s, "theirs", theirs, sizeof theirs);
	sums_open(&list, theirs, n);
	while (assert_int_equal(sums_next(&list, &l, &more), OK), more)
		at += sums_print(&l.digest, l.path, l.len, ours + at);
	assert_int_equal(list.line, sizeof names / sizeof *names);
	assert_int_equal(at, n);
	assert_memory_equal(ours, theirs, n);
	scratch_put(&s, "ours", ours, at);
	assert_int_equal(scratch_run(&s, "cd files && sha256sum --strict --quiet -c ../ours"), 0);
	scratch_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(cut),
		cmocka_unit_test(nul),
		cmocka_unit_test(views),
		cmocka_unit_test(long_path),
		cmocka_unit_test(compare),
		cmocka_unit_test(beside_sha256sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
