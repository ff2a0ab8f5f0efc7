/*
 * Tests of formats/share: what of a release lies on which volume, and the names of pieces.
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
#include "formats/share.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define END SHARE_TO_END
#define MOST 5

/* Releases 0 to 2 have these lines. */
static const uint64_t lines[] = { 5, 1, 3 };

struct expected {
	uint64_t first, last;	/* { 0, 0 }: none */
	struct share_piece piece[2];
};

struct set {
	const char *what;
	uint64_t volumes;
	struct seal_cut cut[MOST];		/* of the second volume and those behind it */
	struct expected share[MOST][3];		/* by volume and release */
};

#define ALL { { 1, 5, { { 0 } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } }
#define NONE { 0, 0, { { 0 } } }

/* By hand, from SPEC, "Sets". */
static const struct set sets[] = {
	{ "one volume", 1, { { 0 } }, { ALL } },
	{ "between files", 2, { { 0, 3, 0 } }, {
		{ { 1, 2, { { 0 } } }, NONE, NONE },
		{ { 3, 5, { { 0 } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "before the last file", 2, { { 2, 3, 0 } }, {
		{ { 1, 5, { { 0 } } }, { 1, 1, { { 0 } } }, { 1, 2, { { 0 } } } },
		{ NONE, NONE, { 3, 3, { { 0 } } } } } },
	{ "between releases", 3, { { 1, 1, 0 }, { 2, 1, 0 } }, {
		{ { 1, 5, { { 0 } } }, NONE, NONE },
		{ NONE, { 1, 1, { { 0 } } }, NONE },
		{ NONE, NONE, { 1, 3, { { 0 } } } } } },
	{ "within a file", 2, { { 0, 3, 100 } }, {
		{ { 1, 2, { { 3, 0, 100 } } }, NONE, NONE },
		{ { 4, 5, { { 3, 100, END } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "within the first file", 2, { { 0, 1, 1 } }, {
		{ { 0, 0, { { 1, 0, 1 } } }, NONE, NONE },
		{ { 2, 5, { { 1, 1, END } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "within the last file of a release", 2, { { 0, 5, 7 } }, {
		{ { 1, 4, { { 5, 0, 7 } } }, NONE, NONE },
		{ { 0, 0, { { 5, 7, END } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "within the only file of a release", 2, { { 1, 1, 7 } }, {
		{ { 1, 5, { { 0 } } }, { 0, 0, { { 1, 0, 7 } } }, NONE },
		{ NONE, { 0, 0, { { 1, 7, END } } }, { 1, 3, { { 0 } } } } } },
	{ "a file over three volumes", 3, { { 0, 2, 100 }, { 0, 2, 250 } }, {
		{ { 1, 1, { { 2, 0, 100 } } }, NONE, NONE },
		{ { 0, 0, { { 2, 100, 250 } } }, NONE, NONE },
		{ { 3, 5, { { 2, 250, END } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "the first file over five volumes", 5,
	    { { 0, 1, 1 }, { 0, 1, 2 }, { 0, 1, 3 }, { 0, 1, LIMIT_IMAGE } }, {
		{ { 0, 0, { { 1, 0, 1 } } }, NONE, NONE },
		{ { 0, 0, { { 1, 1, 2 } } }, NONE, NONE },
		{ { 0, 0, { { 1, 2, 3 } } }, NONE, NONE },
		{ { 0, 0, { { 1, 3, LIMIT_IMAGE } } }, NONE, NONE },
		{ { 2, 5, { { 1, LIMIT_IMAGE, END } } }, { 1, 1, { { 0 } } },
		    { 1, 3, { { 0 } } } } } },
	{ "pieces at both ends", 3, { { 0, 1, 10 }, { 0, 4, 20 } }, {
		{ { 0, 0, { { 1, 0, 10 } } }, NONE, NONE },
		{ { 2, 3, { { 1, 10, END }, { 4, 0, 20 } } }, NONE, NONE },
		{ { 5, 5, { { 4, 20, END } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "pieces of neighbours, and nothing between", 3, { { 0, 1, 10 }, { 0, 2, 20 } }, {
		{ { 0, 0, { { 1, 0, 10 } } }, NONE, NONE },
		{ { 0, 0, { { 1, 10, END }, { 2, 0, 20 } } }, NONE, NONE },
		{ { 3, 5, { { 2, 20, END } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
	{ "pieces in two releases", 3, { { 0, 4, 10 }, { 2, 2, 20 } }, {
		{ { 1, 3, { { 4, 0, 10 } } }, NONE, NONE },
		{ { 5, 5, { { 4, 10, END } } }, { 1, 1, { { 0 } } }, { 1, 1, { { 2, 0, 20 } } } },
		{ NONE, NONE, { 3, 3, { { 2, 20, END } } } } } },
	{ "the rest of a file", 3, { { 0, 2, 10 }, { 0, 3, 0 } }, {
		{ { 1, 1, { { 2, 0, 10 } } }, NONE, NONE },
		{ { 0, 0, { { 2, 10, END } } }, NONE, NONE },
		{ { 3, 5, { { 0 } } }, { 1, 1, { { 0 } } }, { 1, 3, { { 0 } } } } } },
};

static void
make_seal(struct seal *s, uint64_t volumes, const struct seal_cut *cut)
{
	*s = (struct seal){ .volumes = volumes, .volume = 1, .release_count = 3,
	    .cut = { { 0, 1, 0 } } };
	for (uint64_t v = 1; v < volumes; v++)
		s->cut[v] = cut[v - 1];
}

static void
is_expected(const char *what, uint64_t volume, size_t release, const struct share *got,
    const struct expected *want)
{
	size_t pieces = 0;
	bool good;

	while (pieces < 2 && want->piece[pieces].line != 0)
		pieces++;
	good = (want->last == 0 ? got->first > got->last :
	    got->first == want->first && got->last == want->last) && got->piece_count == pieces;
	for (size_t i = 0; good && i < pieces; i++)
		good = got->piece[i].line == want->piece[i].line &&
		    got->piece[i].offset == want->piece[i].offset &&
		    got->piece[i].end == want->piece[i].end;
	if (!good)
		fail_msg("%s: volume %llu, release %zu: lines %llu to %llu, %zu pieces", what,
		    (unsigned long long)volume, release, (unsigned long long)got->first,
		    (unsigned long long)got->last, got->piece_count);
}

static void
shares(void **state)
{
	static struct seal s;
	struct share got;

	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		make_seal(&s, sets[i].volumes, sets[i].cut);
		for (uint64_t v = 1; v <= sets[i].volumes; v++) {
			for (size_t r = 0; r < COUNT(lines); r++) {
				memset(&got, 0xff, sizeof got);
				assert_int_equal(share_of(&s, v, r, lines[r], &got), OK);
				is_expected(sets[i].what, v, r, &got, &sets[i].share[v - 1][r]);
			}
		}
	}
}

/* Whole files and pieces of all volumes together are every file once, from its start to its end. */
static void
nothing_twice(void **state)
{
	static struct seal s;
	struct share got;

	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		make_seal(&s, sets[i].volumes, sets[i].cut);
		for (size_t r = 0; r < COUNT(lines); r++) {
			uint64_t line = 1, offset = 0;	/* what must come next */

			for (uint64_t v = 1; v <= sets[i].volumes; v++) {
				size_t k = 0;

				assert_int_equal(share_of(&s, v, r, lines[r], &got), OK);
				if (got.piece_count > 0 && got.piece[0].offset > 0) {
					assert_int_equal(got.piece[0].line, line);
					assert_true(got.piece[0].offset == offset);
					offset = got.piece[0].end == END ? 0 : got.piece[0].end;
					line += got.piece[0].end == END;
					k = 1;
				}
				if (got.first <= got.last) {
					assert_int_equal(offset, 0);
					assert_int_equal(got.first, line);
					line = got.last + 1;
				}
				if (k < got.piece_count) {
					assert_int_equal(offset, 0);
					assert_int_equal(got.piece[k].line, line);
					assert_int_equal(got.piece[k].offset, 0);
					offset = got.piece[k].end;
				}
			}
			assert_int_equal(line, lines[r] + 1);
			assert_int_equal(offset, 0);
		}
	}
}

/* A seal is signed before anybody counts lines: a cut may lie where no file is. */
static void
behind_the_last(void **state)
{
	static const struct { struct seal_cut cut; uint64_t lines; enum err want; } table[] = {
		{ { 0, 5, 0 }, 5, OK },
		{ { 0, 5, 1 }, 5, OK },
		{ { 0, 6, 0 }, 5, ERR_SEAL_FORM },
		{ { 0, 6, 1 }, 5, ERR_SEAL_FORM },
		{ { 0, 7, 0 }, 5, ERR_SEAL_FORM },
		{ { 0, 7, 1 }, 5, ERR_SEAL_FORM },
		{ { 0, LIMIT_FILES, LIMIT_IMAGE }, 5, ERR_SEAL_FORM },
		{ { 0, 2, 0 }, 1, ERR_SEAL_FORM },
		{ { 0, 1, 1 }, 0, ERR_SEAL_FORM },
		/* the cut is in another release, whose lines are not asked for */
		{ { 1, 9, 0 }, 5, OK },
		{ { 1, 9, 9 }, 5, OK },
	};
	static struct seal s;
	struct share got;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		make_seal(&s, 2, &table[i].cut);
		for (uint64_t v = 1; v <= 2; v++) {
			enum err e = share_of(&s, v, 0, table[i].lines, &got);

			if (e != table[i].want)
				fail_msg("row %zu, volume %llu: %s", i, (unsigned long long)v,
				    err_code(e));
		}
	}
	/* of a single volume there is no cut that could be wrong */
	make_seal(&s, 1, NULL);
	for (uint64_t n = 0; n <= 2; n++) {
		assert_int_equal(share_of(&s, 1, 0, n, &got), OK);
		assert_int_equal(got.last + 1 - got.first, n);
		assert_int_equal(got.piece_count, 0);
	}
}

/* ---- names ---- */

static void
names(void **state)
{
	static const struct { struct share_piece piece; const char *name; } table[] = {
		{ { 12, 681574400, 0 }, "12-0000000681574400" },
		{ { 1, 0, 0 }, "1-0000000000000000" },
		{ { LIMIT_FILES, LIMIT_IMAGE, 0 }, "4000000-0008796093022208" },
		{ { 9, UINT64_C(9999999999999999), 0 }, "9-9999999999999999" },
		{ { 9, UINT64_C(10000000000000000), 0 }, "9-10000000000000000" },
		{ { UINT64_MAX, UINT64_MAX, 0 }, "18446744073709551615-18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct share_piece got = { 0 };
		char name[SHARE_NAME], longer[SHARE_NAME + 1];

		share_name(&table[i].piece, name);
		assert_string_equal(name, table[i].name);
		assert_true(share_parse(name, strlen(name), &got));
		assert_true(got.line == table[i].piece.line);
		assert_true(got.offset == table[i].piece.offset);
		/* what stands behind it is not its own */
		snprintf(longer, sizeof longer, "%s7", name);
		assert_true(share_parse(longer, strlen(name), &got));
		assert_true(got.offset == table[i].piece.offset);
	}
}

static void
bad_names(void **state)
{
	static const struct { const char *name; size_t len; } table[] = {
#define N(text) { text, sizeof text - 1 }
		N(""), N("1"), N("-"), N("1-"), N("-0000000000000000"), N("12"), N("x"),
		/* too few digits, too many, none where some must be */
		N("1-1"), N("1-0"), N("1-000000000000000"), N("1-00000000000000000"),
		N("1-00000000000000001"), N("1-01000000000000000"),
		/* leading zeros, and no line at all */
		N("012-0000000681574400"), N("0-0000000000000000"), N("00-0000000000000000"),
		/* signs and spaces */
		N("+1-0000000000000000"), N("-1-0000000000000000"), N(" 1-0000000000000000"),
		N("1 -0000000000000000"), N("1- 000000000000001"), N("1-+000000000000001"),
		N("1--000000000000001"), N("1--1"), N("1--0000000000000001"),
		N("1-0000000000000000 "), N("1-0000000000000000\n"), N("1-\t000000000000001"),
		/* more behind it */
		N("1-0000000000000000x"), N("1-0000000000000000-"), N("1-0000000000000000.part"),
		N("1-0000000000000000/"), N("1-0000000000000000-0000000000000001"),
		/* NUL inside and behind */
		N("1-0000000000000000\0"), N("1-000000000000\0000"), N("1\0-0000000000000000"),
		N("\0001-0000000000000000"), N("1-\0"), N("\0"),
		/* other digits */
		N("0x1-0000000000000000"), N("1-0x00000000000001"), N("1-000000000000000a"),
		N("1e1-0000000000000000"), N("\xd9\xa1-0000000000000000"),
		/* past 2^64, also so that the last digits would be right */
		N("18446744073709551616-0000000000000000"),
		N("18446744073709551617-0000000000000000"),
		N("99999999999999999999-0000000000000000"), N("1-18446744073709551616"),
		N("1-99999999999999999999"), N("184467440737095516150-18446744073709551615"),
		/* as long as there is room, and longer */
		N("111111111111111111111111111111111111111111111111111111111111111"),
		N("1111111111111111111111111111111111111111111111111111111111111111"),
		N("1-00000000000000000000000000000000000000000000000000000000000000000000"),
#undef N
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct share_piece got;
		char *copy = malloc(table[i].len + 1);	/* so that reading past the end is seen */

		assert_non_null(copy);
		memcpy(copy, table[i].name, table[i].len);
		copy[table[i].len] = '\0';
		if (share_parse(copy, table[i].len, &got))
			fail_msg("\"%s\", %zu bytes", table[i].name, table[i].len);
		free(copy);
	}
}

/* A good name cut at every byte, without a NUL behind it. */
static void
cut_names(void **state)
{
	static const char name[] = "12-0000000681574400";
	struct share_piece got;

	(void)state;
	for (size_t n = 0; n <= strlen(name); n++) {
		char *copy = malloc(n == 0 ? 1 : n);

		assert_non_null(copy);
		memcpy(copy, name, n);
		assert_int_equal(share_parse(copy, n, &got), n == strlen(name));
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(nothing_twice),
		cmocka_unit_test(behind_the_last),
		cmocka_unit_test(names),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(cut_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
