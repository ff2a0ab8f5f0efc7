/*
 * Tests of verify/portion: what was seen of a release on one volume, beside SHA256SUMS and the cuts
 * of the seal.
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
#include "verify/portion.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define ROWS 6

/* How long they are, SHA256SUMS does not tell. */
static const char *const paths[] = { "a", "b", "c", "d/x", "e" };

static size_t
make_sums(char *out, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		struct digest d;

		digest_sha256(paths[i], strlen(paths[i]), &d);
		len += sums_print(&d, paths[i], strlen(paths[i]), out + len);
	}
	return len;
}

/*
 * A set of five volumes with two releases of the five files: "a" and "b"; 2000 bytes of "c"; its
 * next 1500; its rest, "d/x" and 1000 bytes of "e"; the rest of "e" and all of the second release.
 */
static struct seal *
seal_new(uint64_t volume)
{
	static const struct seal_cut cuts[LIMIT_VOLUMES] = {
		{ 0, 1, 0 }, { 0, 3, 0 }, { 0, 3, 2000 }, { 0, 3, 3500 }, { 0, 5, 1000 },
	};
	struct seal *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->volume = volume;
	s->volumes = 5;
	s->release_count = 2;
	s->release[0].id = "TX-1";
	s->release[1].id = "TX-2";
	memcpy(s->cut, cuts, sizeof s->cut);
	return s;
}

/* "PATH", "PATH/" or "#NAME SIZE": a file, a directory, a piece. */
static enum err
see(struct portion *p, const char *row)
{
	const size_t len = strlen(row), name = strcspn(row, " ");
	struct digest d;

	if (*row == '#')
		return portion_add_piece(p, row + 1, name - 1, strtoull(row + name, NULL, 10));
	if (row[len - 1] == '/')
		return listing_add_directory(&p->whole, row, len - 1);
	digest_sha256(row, len, &d);
	return listing_add_file(&p->whole, row, len, 1000, &d);
}

static void
portions(void **state)
{
	static const struct {
		uint64_t volume;
		size_t release;
		const char *seen[ROWS];
		enum err want;
		const char *at;
	} table[] = {
		/* whole files only */
		{ 1, 0, { "b", "a" }, OK, "" },
		{ 1, 0, { "a" }, ERR_CONTENTS_MISSING, "b" },
		{ 1, 0, { "a", "b", "e" }, ERR_CONTENTS_EXTRA, "e" },
		{ 1, 0, { "a", "b", "c" }, ERR_CONTENTS_EXTRA, "c" },
		{ 1, 0, { "a", "b", "d/x", "d/" }, ERR_CONTENTS_EXTRA, "d/x" },
		{ 1, 0, { "a", "b", "d/" }, ERR_CONTENTS_EXTRA, "d" },
		{ 1, 0, { "a", "b", "#3-0000000000000000 2000" }, ERR_CONTENTS_EXTRA,
		    "pieces of TX-1" },
		/* nothing of a release */
		{ 1, 1, { NULL }, OK, "" },
		{ 1, 1, { "a" }, ERR_CONTENTS_EXTRA, "a" },
		{ 1, 1, { "#1-0000000000000000 1" }, ERR_CONTENTS_EXTRA, "pieces of TX-2" },
		{ 4, 1, { NULL }, OK, "" },
		/* all of it */
		{ 5, 1, { "a", "b", "c", "d/", "d/x", "e" }, OK, "" },
		{ 5, 1, { "a", "b", "c", "d/", "d/x" }, ERR_CONTENTS_MISSING, "e" },
		/* the first piece of a file */
		{ 2, 0, { "#3-0000000000000000 2000" }, OK, "" },
		{ 2, 0, { NULL }, ERR_CONTENTS_MISSING, "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000000000 1999" }, ERR_CONTENTS_DIGEST,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000000000 2001" }, ERR_CONTENTS_DIGEST,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000000000 5000" }, ERR_CONTENTS_DIGEST,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000000000 0" }, ERR_CONTENTS_DIGEST,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000000001 1999" }, ERR_CONTENTS_MISSING,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#2-0000000000000000 2000" }, ERR_CONTENTS_MISSING,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000002000 1500" }, ERR_CONTENTS_MISSING,
		    "pieces/3-0000000000000000" },
		{ 2, 0, { "#3-0000000000000000 2000", "#3-0000000000000000 2000" },
		    ERR_CONTENTS_EXTRA, "pieces of TX-1" },
		{ 2, 0, { "#3-0000000000000000 2000", "#3-0000000000002000 1500" },
		    ERR_CONTENTS_EXTRA, "pieces of TX-1" },
		{ 2, 0, { "#3-0000000000000000 2000", "c" }, ERR_CONTENTS_EXTRA, "c" },
		{ 2, 0, { "c" }, ERR_CONTENTS_MISSING, "pieces/3-0000000000000000" },
		/* a middle one */
		{ 3, 0, { "#3-0000000000002000 1500" }, OK, "" },
		{ 3, 0, { "#3-0000000000002000 1501" }, ERR_CONTENTS_DIGEST,
		    "pieces/3-0000000000002000" },
		{ 3, 0, { "#3-0000000000002000 3000" }, ERR_CONTENTS_DIGEST,
		    "pieces/3-0000000000002000" },
		{ 3, 0, { "#3-0000000000000000 2000" }, ERR_CONTENTS_MISSING,
		    "pieces/3-0000000000002000" },
		/* the last of one file and the first of another: its length shows when joined */
		{ 4, 0, { "#3-0000000000003500 1500", "d/", "d/x", "#5-0000000000000000 1000" }, OK,
		    "" },
		{ 4, 0, { "#5-0000000000000000 1000", "d/x", "#3-0000000000003500 1500", "d/" }, OK,
		    "" },
		{ 4, 0, { "#3-0000000000003500 1", "d/", "d/x", "#5-0000000000000000 1000" }, OK,
		    "" },
		{ 4, 0, { "#3-0000000000003500 0", "d/", "d/x", "#5-0000000000000000 1000" },
		    ERR_CONTENTS_DIGEST, "pieces/3-0000000000003500" },
		{ 4, 0, { "#3-0000000000003500 1500", "d/", "d/x", "#5-0000000000000000 999" },
		    ERR_CONTENTS_DIGEST, "pieces/5-0000000000000000" },
		{ 4, 0, { "#3-0000000000003500 1500", "d/", "d/x" }, ERR_CONTENTS_MISSING,
		    "pieces/5-0000000000000000" },
		{ 4, 0, { "d/", "d/x", "#5-0000000000000000 1000" }, ERR_CONTENTS_MISSING,
		    "pieces/3-0000000000003500" },
		{ 4, 0, { "#3-0000000000003500 1500", "#3-0000000000003500 1500", "d/", "d/x" },
		    ERR_CONTENTS_MISSING, "pieces/5-0000000000000000" },
		{ 4, 0, { "#3-0000000000003500 1500", "#5-0000000000000000 1000", "d/" },
		    ERR_CONTENTS_MISSING, "d/x" },
		{ 4, 0, { "#3-0000000000003500 1500", "#5-0000000000000000 1000", "d/x" },
		    ERR_CONTENTS_MISSING, "d" },
		{ 4, 0, { "#3-0000000000003500 1500", "#5-0000000000000000 1000", "d/", "d/x",
		    "e" }, ERR_CONTENTS_EXTRA, "e" },
		{ 4, 0, { "#3-0000000000003500 1500", "#5-0000000000000000 1000", "d/", "d/x",
		    "a" }, ERR_CONTENTS_EXTRA, "a" },
		/* only the rest of a file */
		{ 5, 0, { "#5-0000000000001000 2000" }, OK, "" },
		{ 5, 0, { "e" }, ERR_CONTENTS_MISSING, "pieces/5-0000000000001000" },
	};
	char sums[ROWS * 100];
	const size_t len = make_sums(sums, COUNT(paths));

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct seal *s = seal_new(table[i].volume);
		struct portion p = { .piece_count = 0 };
		struct fault f = { .at = "" };
		uint64_t lines = 0;
		enum err e;

		for (size_t r = 0; r < ROWS && table[i].seen[r] != NULL; r++)
			assert_int_equal(see(&p, table[i].seen[r]), OK);
		e = portion_check(&p, s, table[i].release, sums, len, &lines, &f);
		if (e != table[i].want || strcmp(f.at, table[i].at) != 0)
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		assert_int_equal(lines, COUNT(paths));
		assert_int_equal(f.err, e);
		portion_free(&p);
		portion_free(&p);
		assert_int_equal(portion_bytes(&p), 0);
		free(s);
	}
}

/* One volume: everything, and never a piece. */
static void
single(void **state)
{
	struct seal *s = seal_new(1);
	struct portion p = { .piece_count = 0 };
	struct fault f = { .at = "" };
	char sums[ROWS * 100];
	const size_t len = make_sums(sums, 2);
	uint64_t lines;

	(void)state;
	s->volumes = 1;
	assert_int_equal(see(&p, "a"), OK);
	assert_int_equal(portion_check(&p, s, 0, sums, len, &lines, &f), ERR_CONTENTS_MISSING);
	assert_int_equal(see(&p, "b"), OK);
	assert_int_equal(portion_check(&p, s, 0, sums, len, &lines, &f), OK);
	assert_int_equal(lines, 2);
	assert_int_equal(portion_bytes(&p), 2000);
	assert_int_equal(see(&p, "#1-0000000000000000 1000"), OK);
	assert_int_equal(portion_check(&p, s, 0, sums, len, &lines, &f), ERR_CONTENTS_EXTRA);
	portion_free(&p);
	/* an empty release */
	assert_int_equal(portion_check(&p, s, 0, "", 0, &lines, &f), OK);
	assert_int_equal(lines, 0);
	portion_free(&p);
	free(s);
}

static void
pieces(void **state)
{
	static const struct { const char *row; enum err want; } table[] = {
		{ "#12-0000000681574400 1", OK },
		{ "#12-0000000681574400 0", OK },	/* that it is empty is seen later */
		{ "#1-0008796093022208 8796093022208", OK },
		{ "#1-0000000000000000 8796093022209", ERR_LIMIT },
		{ "#1-0000000000000000 18446744073709551615", ERR_LIMIT },
		{ "#1-0008796093022209 0", ERR_LIMIT },
		{ "#1-18446744073709551615 1", ERR_LIMIT },
		{ "#012-0000000681574400 1", ERR_CONTENTS_NAME },
		{ "#0-0000000000000000 1", ERR_CONTENTS_NAME },
		{ "#1-1 1", ERR_CONTENTS_NAME },
		{ "#1-00000000000000000 1", ERR_CONTENTS_NAME },
		{ "#1-0000000000000000/x 1", ERR_CONTENTS_NAME },
		{ "# 1", ERR_CONTENTS_NAME },
		{ "#a 1", ERR_CONTENTS_NAME },
	};
	struct portion p = { .piece_count = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		enum err e = see(&p, table[i].row);

		if (e != table[i].want)
			fail_msg("%s: %s", table[i].row, err_code(e));
		assert_int_equal(p.piece_count, e == OK ? 1 : 0);
		portion_free(&p);
	}
	/* a third */
	assert_int_equal(see(&p, "#1-0000000000000007 10"), OK);
	assert_int_equal(see(&p, "#2-0000000000000000 20"), OK);
	assert_int_equal(see(&p, "#3-0000000000000000 30"), ERR_CONTENTS_EXTRA);
	assert_int_equal(see(&p, "#3-00 30"), ERR_CONTENTS_NAME);
	assert_int_equal(portion_bytes(&p), 30);
	assert_int_equal(see(&p, "a"), OK);
	assert_int_equal(portion_bytes(&p), 1030);
	portion_free(&p);
	assert_int_equal(see(&p, "#3-0000000000000000 30"), OK);
	portion_free(&p);
}

/* A list that is none, and a seal that does not fit it. */
static void
lists(void **state)
{
	static const char zeros[] =
	    "0000000000000000000000000000000000000000000000000000000000000000";
	struct seal *s = seal_new(1);
	struct portion p = { .piece_count = 0 };
	char sums[ROWS * 100], bad[ROWS * 100];
	size_t len = make_sums(sums, COUNT(paths));
	struct fault f = { .at = "" };
	uint64_t lines;
	int n;

	(void)state;
	assert_int_equal(see(&p, "a"), OK);
	assert_int_equal(see(&p, "b"), OK);
	/* it is read to its end, also where another volume's files are listed */
	assert_int_equal(portion_check(&p, s, 0, sums, len, &lines, &f), OK);
	assert_int_equal(portion_check(&p, s, 0, sums, len - 1, &lines, &f), ERR_SUMS_FORM);
	assert_string_equal(f.at, "SHA256SUMS, line 5");
	n = snprintf(bad, sizeof bad, "%.*s%s  ../x\n", (int)len, sums, zeros);
	assert_int_equal(portion_check(&p, s, 0, bad, (size_t)n, &lines, &f), ERR_CONTENTS_NAME);
	n = snprintf(bad, sizeof bad, "%.*s%s  a\n", (int)len, sums, zeros);
	assert_int_equal(portion_check(&p, s, 0, bad, (size_t)n, &lines, &f), ERR_SUMS_FORM);
	assert_string_equal(f.at, "SHA256SUMS, line 6");
	/* the first cut is at line 3 */
	len = make_sums(sums, 3);
	assert_int_equal(portion_check(&p, s, 0, sums, len, &lines, &f), OK);
	len = make_sums(sums, 1);
	assert_int_equal(portion_check(&p, s, 0, sums, len, &lines, &f), ERR_SEAL_FORM);
	assert_non_null(strstr(f.at, "TX-1"));
	portion_free(&p);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(portions),
		cmocka_unit_test(single),
		cmocka_unit_test(pieces),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
