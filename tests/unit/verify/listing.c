/*
 * Tests of verify/listing: set equality with SHA256SUMS, both ways, in whatever order it came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/sums.h"
#include "verify/listing.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define ROWS 6

/* The digest of "PATH" or, where two files may differ, of "PATH=CONTENTS". */
static struct digest
digest_of(const char *row)
{
	struct digest d;

	digest_sha256(row, strlen(row), &d);
	return d;
}

/* A row is "PATH" or "PATH=CONTENTS"; one that ends in a slash is a directory. */
static void
add_row(struct listing *l, const char *row)
{
	const struct digest d = digest_of(row);
	const size_t len = strcspn(row, "=");

	if (row[len - 1] == '/')
		assert_int_equal(listing_add_directory(l, row, len - 1), OK);
	else
		assert_int_equal(listing_add_file(l, row, len, 1, &d), OK);
}

static size_t
print_row(const char *row, char *out)
{
	const struct digest d = digest_of(row);

	return sums_print(&d, row, strcspn(row, "="), out);
}

static void
forms(void **state)
{
	static const struct {
		const char *sums[ROWS];		/* sorted, as in SHA256SUMS */
		const char *seen[ROWS];		/* in any order */
		enum err want;
		const char *at;
	} table[] = {
		{ { NULL }, { NULL }, OK, "" },
		{ { "a" }, { "a" }, OK, "" },
		{ { "a", "b" }, { "a", "b" }, OK, "" },
		{ { "a", "b", "c" }, { "c", "a", "b" }, OK, "" },
		{ { "a", "a-", "a0" }, { "a0", "a-", "a" }, OK, "" },
		{ { "a=1", "b=2" }, { "b=2", "a=1" }, OK, "" },
		/* files */
		{ { "a" }, { NULL }, ERR_CONTENTS_MISSING, "a" },
		{ { NULL }, { "a" }, ERR_CONTENTS_EXTRA, "a" },
		{ { "a", "b" }, { "a" }, ERR_CONTENTS_MISSING, "b" },
		{ { "a", "b" }, { "b" }, ERR_CONTENTS_MISSING, "a" },
		{ { "a", "c" }, { "c", "b", "a" }, ERR_CONTENTS_EXTRA, "b" },
		{ { "b" }, { "a", "b" }, ERR_CONTENTS_EXTRA, "a" },
		{ { "b" }, { "b", "c" }, ERR_CONTENTS_EXTRA, "c" },
		{ { "a" }, { "b" }, ERR_CONTENTS_MISSING, "a" },
		{ { "a" }, { "A" }, ERR_CONTENTS_EXTRA, "A" },
		{ { "a=1" }, { "a=2" }, ERR_CONTENTS_DIGEST, "a" },
		{ { "a=1", "b=2" }, { "a=2", "b=1" }, ERR_CONTENTS_DIGEST, "a" },
		{ { "a", "b=2" }, { "b=1", "a" }, ERR_CONTENTS_DIGEST, "b" },
		{ { "a", "b" }, { "a", "a", "b" }, ERR_CONTENTS_EXTRA, "a" },
		{ { "a", "b" }, { "a", "b", "a" }, ERR_CONTENTS_EXTRA, "a" },
		{ { "a=1" }, { "a=1", "a=2" }, ERR_CONTENTS_EXTRA, "a" },
		{ { "a", "b" }, { "b", "b" }, ERR_CONTENTS_MISSING, "a" },
		/* directories */
		{ { "d/a" }, { "d/", "d/a" }, OK, "" },
		{ { "d/a" }, { "d/a", "d/" }, OK, "" },
		{ { "d/a", "d/b" }, { "d/", "d/a", "d/b" }, OK, "" },
		{ { "a/b/c/d" }, { "a/b/c/d", "a/b/", "a/b/c/", "a/" }, OK, "" },
		{ { "d-/a", "d/a" }, { "d/", "d/a", "d-/", "d-/a" }, OK, "" },
		{ { "d/a" }, { "d/a" }, ERR_CONTENTS_MISSING, "d" },
		{ { "a/b/c" }, { "a/", "a/b/c" }, ERR_CONTENTS_MISSING, "a/b" },
		{ { "a/b/c" }, { "a/b/", "a/b/c" }, ERR_CONTENTS_MISSING, "a" },
		{ { "a/b", "c/d" }, { "a/", "a/b", "c/d" }, ERR_CONTENTS_MISSING, "c" },
		{ { "a" }, { "a", "d/" }, ERR_CONTENTS_EXTRA, "d" },
		{ { "d/a" }, { "d/", "d/a", "d/e/" }, ERR_CONTENTS_EXTRA, "d/e" },
		{ { "d/a" }, { "d/", "d/a", "D/" }, ERR_CONTENTS_EXTRA, "D" },
		{ { "d/a" }, { "d/", "d/", "d/a" }, ERR_CONTENTS_EXTRA, "d" },
		{ { "d/a" }, { "d/", "d/a", "d/a/" }, ERR_CONTENTS_EXTRA, "d/a" },
		{ { "d" }, { "d/" }, ERR_CONTENTS_MISSING, "d" },
		{ { "d/a" }, { "d", "d/a" }, ERR_CONTENTS_EXTRA, "d" },
		{ { NULL }, { "d/" }, ERR_CONTENTS_EXTRA, "d" },
		/* a list that is none */
		{ { "b", "a" }, { "a", "b" }, ERR_CONTENTS_EXTRA, "a" },
		{ { "b", "a" }, { "b", "c" }, ERR_SUMS_FORM, "SHA256SUMS, line 2" },
		{ { "a", "a" }, { "a", "b" }, ERR_SUMS_FORM, "SHA256SUMS, line 2" },
		{ { "../a" }, { "../a" }, ERR_CONTENTS_NAME, "SHA256SUMS, line 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct listing l = { .text = NULL };
		struct fault f = { .at = "" };
		char sums[ROWS * 100];
		size_t len = 0;
		enum err e;

		for (size_t r = 0; r < ROWS && table[i].seen[r] != NULL; r++)
			add_row(&l, table[i].seen[r]);
		for (size_t r = 0; r < ROWS && table[i].sums[r] != NULL; r++)
			len += print_row(table[i].sums[r], sums + len);
		e = listing_compare(&l, sums, len, 1, ROWS, &f);
		if (e != table[i].want || strcmp(f.at, table[i].at) != 0)
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		listing_free(&l);
		listing_free(&l);
	}
}

/* Some lines of "a", "b", "d/c", "d/e", "f": what a volume of a set has. */
static void
ranges(void **state)
{
	static const char *const rows[] = { "a", "b", "d/c", "d/e", "f" };
	static const struct {
		uint64_t first, last;
		const char *seen[ROWS];
		enum err want;
		const char *at;
	} table[] = {
		{ 1, 5, { "f", "d/e", "d/c", "d/", "b", "a" }, OK, "" },
		{ 1, UINT64_MAX, { "a", "b", "d/", "d/c", "d/e", "f" }, OK, "" },
		{ 1, 1, { "a" }, OK, "" },
		{ 2, 2, { "b" }, OK, "" },
		{ 5, 5, { "f" }, OK, "" },
		{ 2, 3, { "d/c", "d/", "b" }, OK, "" },
		{ 4, 5, { "d/", "d/e", "f" }, OK, "" },
		/* none */
		{ 1, 0, { NULL }, OK, "" },
		{ 3, 2, { NULL }, OK, "" },
		{ 6, 5, { NULL }, OK, "" },
		{ 6, 6, { NULL }, OK, "" },
		{ 1, 0, { "a" }, ERR_CONTENTS_EXTRA, "a" },
		{ 3, 2, { "b" }, ERR_CONTENTS_EXTRA, "b" },
		{ 3, 2, { "d/c", "d/" }, ERR_CONTENTS_EXTRA, "d/c" },
		{ 3, 2, { "d/" }, ERR_CONTENTS_EXTRA, "d" },
		{ 6, 5, { "f" }, ERR_CONTENTS_EXTRA, "f" },
		{ 6, 5, { "g" }, ERR_CONTENTS_EXTRA, "g" },
		/* a file that is another volume's: signed for, but not here */
		{ 2, 3, { "a", "b", "d/", "d/c" }, ERR_CONTENTS_EXTRA, "a" },
		{ 2, 3, { "b", "d/", "d/c", "d/e" }, ERR_CONTENTS_EXTRA, "d/e" },
		{ 2, 3, { "b", "d/", "d/c", "f" }, ERR_CONTENTS_EXTRA, "f" },
		{ 2, 3, { "b", "d/", "d/c", "g" }, ERR_CONTENTS_EXTRA, "g" },
		{ 2, 3, { "a", "d/", "d/c" }, ERR_CONTENTS_EXTRA, "a" },
		/* one of its own that is not there, or is another */
		{ 2, 3, { "d/", "d/c" }, ERR_CONTENTS_MISSING, "b" },
		{ 2, 3, { "b" }, ERR_CONTENTS_MISSING, "d/c" },
		{ 2, 3, { "b", "d/c" }, ERR_CONTENTS_MISSING, "d" },
		{ 2, 2, { NULL }, ERR_CONTENTS_MISSING, "b" },
		{ 2, 3, { "b=2", "d/", "d/c" }, ERR_CONTENTS_DIGEST, "b" },
		/* the parent of another volume's files */
		{ 1, 2, { "a", "b", "d/" }, ERR_CONTENTS_EXTRA, "d" },
	};
	char sums[ROWS * 100];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		len += print_row(rows[i], sums + len);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct listing l = { .text = NULL };
		struct fault f = { .at = "" };
		enum err e;

		for (size_t r = 0; r < ROWS && table[i].seen[r] != NULL; r++)
			add_row(&l, table[i].seen[r]);
		e = listing_compare(&l, sums, len, table[i].first, table[i].last, &f);
		if (e != table[i].want || strcmp(f.at, table[i].at) != 0)
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		listing_free(&l);
	}
}

static void
has(void **state)
{
	static const char *const rows[] = { "b", "d/", "d/a", "a" };
	struct listing l = { .text = NULL };
	char sums[400];
	size_t len;

	(void)state;
	assert_false(listing_has(&l, "a", 1));
	for (size_t i = 0; i < COUNT(rows); i++)
		add_row(&l, rows[i]);
	len = print_row("a", sums);
	len += print_row("b", sums + len);
	len += print_row("d/a", sums + len);
	assert_int_equal(listing_compare(&l, sums, len, 1, 3, NULL), OK);
	assert_true(listing_has(&l, "a", 1));
	assert_true(listing_has(&l, "b", 1));
	assert_true(listing_has(&l, "d/a", 3));
	assert_true(listing_has(&l, "d/a/x", 3));
	assert_false(listing_has(&l, "d", 1));
	assert_false(listing_has(&l, "c", 1));
	assert_false(listing_has(&l, "", 0));
	assert_int_equal(l.bytes, 3);
	/* compared again, it is the same */
	assert_int_equal(listing_compare(&l, sums, len, 1, 3, NULL), OK);
	listing_free(&l);
}

static void
limits(void **state)
{
	const struct digest d = { { 0 } };
	struct listing l = { .text = NULL };
	static char path[65537];

	(void)state;
	memset(path, 'p', sizeof path);
	assert_int_equal(listing_add_file(&l, "a", 1, LIMIT_IMAGE, &d), OK);
	assert_int_equal(l.bytes, LIMIT_IMAGE);
	assert_int_equal(listing_add_file(&l, "b", 1, 0, &d), OK);
	assert_int_equal(listing_add_file(&l, "c", 1, 1, &d), ERR_LIMIT);
	listing_free(&l);
	assert_int_equal(listing_add_file(&l, "a", 1, LIMIT_IMAGE + 1, &d), ERR_LIMIT);
	assert_int_equal(listing_add_file(&l, "a", 1, UINT64_MAX, &d), ERR_LIMIT);
	assert_int_equal(l.files.count, 0);
	/* the longest that fits beside others, and one that never does */
	assert_int_equal(listing_add_directory(&l, path, LIMIT_PATH), OK);
	assert_int_equal(listing_add_directory(&l, path, 65536), OK);
	assert_int_not_equal(listing_add_directory(&l, path, 65537), OK);
	listing_free(&l);
	/* pretend that there are as many as may be but one: all would take half a gigabyte */
	for (size_t i = 0; i < 2; i++) {
		struct listing_table *t = i == 0 ? &l.files : &l.directories;

		t->room = (size_t)LIMIT_FILES;
		t->row = calloc(t->room, sizeof *t->row);
		assert_non_null(t->row);
		t->count = t->room - 1;
		t->row[t->count - 1] = (struct listing_row){ .path = "0", .len = 1 };
		assert_int_equal(i == 0 ? listing_add_file(&l, "a", 1, 0, &d) :
		    listing_add_directory(&l, "a", 1), OK);
		assert_int_equal(i == 0 ? listing_add_file(&l, "b", 1, 0, &d) :
		    listing_add_directory(&l, "b", 1), ERR_LIMIT);
		t->count = 0;
	}
	listing_free(&l);
}

#define MANY 50000u

static void
name_of(unsigned i, char out[static 40])
{
	snprintf(out, 40, "%02u/%03u/%04u.bin", i / 5000, i / 50 % 100, i % 50);
}

/* In the order of a shuffled deck: 7919 is prime to 50,000. */
static void
fill(struct listing *l, unsigned except)
{
	char name[40];

	for (unsigned i = 0, n = 0; i < MANY; i++, n = (n + 7919) % MANY) {
		const struct digest d = { { (uint8_t)n, (uint8_t)(n >> 8), 1 } };

		name_of(n, name);
		if (n != except)
			assert_int_equal(listing_add_file(l, name, strlen(name), n, &d), OK);
		name[6] = '\0';		/* each directory with its first file */
		if (n % 50 == 0)
			assert_int_equal(listing_add_directory(l, name, 6), OK);
		name[2] = '\0';
		if (n % 5000 == 0)
			assert_int_equal(listing_add_directory(l, name, 2), OK);
	}
}

static void
many(void **state)
{
	static const unsigned excepts[] = { UINT32_MAX, 0, MANY / 2, MANY - 1 };
	char *sums = malloc(MANY * 100), name[40];
	size_t len = 0;

	(void)state;
	assert_non_null(sums);
	for (unsigned n = 0; n < MANY; n++) {
		const struct digest d = { { (uint8_t)n, (uint8_t)(n >> 8), 1 } };

		name_of(n, name);
		len += sums_print(&d, name, strlen(name), sums + len);
	}
	for (size_t i = 0; i < COUNT(excepts); i++) {
		struct listing l = { .text = NULL };
		struct fault f = { .at = "" };

		fill(&l, excepts[i]);
		assert_int_equal(listing_compare(&l, sums, len, 1, MANY, &f),
		    excepts[i] < MANY ? ERR_CONTENTS_MISSING : OK);
		for (unsigned n = 0; n < MANY; n += 997) {
			name_of(n, name);
			assert_int_equal(listing_has(&l, name, strlen(name)), n != excepts[i]);
		}
		if (excepts[i] < MANY) {
			name_of(excepts[i], name);
			assert_string_equal(f.at, name);
		} else {
			assert_int_equal(l.bytes, (uint64_t)MANY * (MANY - 1) / 2);
		}
		listing_free(&l);
	}
	free(sums);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(ranges),
		cmocka_unit_test(has),
		cmocka_unit_test(limits),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
