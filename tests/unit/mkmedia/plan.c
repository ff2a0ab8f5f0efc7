/*
 * Tests of mkmedia/plan: where volumes begin, by hand-made tables; and that nothing is lost, doubled
 * or too large for many payloads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "mkmedia/plan.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define S SECTOR_SIZE
#define P PLAN_PIECE

/* Two releases: files of these sizes, each with a name of 100 bytes. */
#define NAMES 100u

struct sizes {
	size_t count[2];	/* 0 in the second: one release only */
	uint64_t size[8];
};

static struct plan
make(const struct sizes *s, struct plan_file file[static 8])
{
	struct plan p = { .count = s->count[1] > 0 ? 2 : 1 };

	for (size_t i = 0; i < 8; i++)
		file[i] = (struct plan_file){ .size = s->size[i], .names = NAMES };
	p.release[0].count = s->count[0];
	p.release[0].file = file;
	p.release[1].count = s->count[1];
	p.release[1].file = file + s->count[0];
	return p;
}

static void
tables(void **state)
{
	static const struct {
		struct sizes s;
		struct seal_cut from;
		uint64_t room;
		struct seal_cut want;
		uint64_t used;
	} table[] = {
		/* everything, to the byte, and one byte less */
		{ { { 2, 0 }, { S, 1 } }, { 0, 1, 0 }, 2 * (S + NAMES), { 1, 1, 0 }, 2 * (S + NAMES) },
		{ { { 2, 0 }, { S, 1 } }, { 0, 1, 0 }, 2 * (S + NAMES) - 1, { 0, 2, 0 }, S + NAMES },
		{ { { 2, 0 }, { S, S + 1 } }, { 0, 1, 0 }, 2 * (S + NAMES), { 0, 2, 0 }, S + NAMES },
		/* empty files take their names only, and are whole */
		{ { { 3, 0 }, { 0, 0, 0 } }, { 0, 1, 0 }, 3 * NAMES, { 1, 1, 0 }, 3 * NAMES },
		{ { { 3, 0 }, { 0, 0, 0 } }, { 0, 1, 0 }, 3 * NAMES - 1, { 0, 3, 0 }, 2 * NAMES },
		{ { { 1, 0 }, { 0 } }, { 0, 1, 0 }, NAMES - 1, { 0, 1, 0 }, 0 },
		/* from one release into the next */
		{ { { 1, 1 }, { S, S } }, { 0, 1, 0 }, 2 * (S + NAMES), { 2, 1, 0 }, 2 * (S + NAMES) },
		{ { { 1, 1 }, { S, S } }, { 0, 1, 0 }, S + NAMES, { 1, 1, 0 }, S + NAMES },
		{ { { 1, 1 }, { S, 9 * P } }, { 0, 1, 0 }, S + NAMES + P + NAMES, { 1, 1, P },
		    S + NAMES + P + NAMES },
		/* cut at the end of a sector; no piece smaller than P but the last */
		{ { { 1, 0 }, { 9 * P } }, { 0, 1, 0 }, P + NAMES + S - 1, { 0, 1, P }, P + NAMES },
		{ { { 1, 0 }, { 9 * P } }, { 0, 1, 0 }, P + NAMES + S, { 0, 1, P + S }, P + S + NAMES },
		{ { { 1, 0 }, { 9 * P } }, { 0, 1, 0 }, P + NAMES - 1, { 0, 1, 0 }, 0 },
		{ { { 1, 0 }, { P } }, { 0, 1, 0 }, P + NAMES - 1, { 0, 1, 0 }, 0 },
		{ { { 1, 0 }, { P } }, { 0, 1, 0 }, P + NAMES, { 1, 1, 0 }, P + NAMES },
		/* one byte is left over, and goes on the next */
		{ { { 1, 0 }, { P + 1 } }, { 0, 1, 0 }, P + NAMES, { 0, 1, P }, P + NAMES },
		{ { { 1, 0 }, { P + 1 } }, { 0, 1, P }, P, { 1, 1, 0 }, S + NAMES },
		{ { { 2, 0 }, { P + 1, 3 } }, { 0, 1, P }, S + NAMES, { 0, 2, 0 }, S + NAMES },
		/* a middle piece, and the last of a file that fits to the byte: the next is whole */
		{ { { 2, 0 }, { 9 * P, S } }, { 0, 1, 4 * P }, 4 * P + NAMES, { 0, 1, 8 * P },
		    4 * P + NAMES },
		{ { { 2, 0 }, { 9 * P, S } }, { 0, 1, 8 * P }, P + NAMES, { 0, 2, 0 }, P + NAMES },
		{ { { 2, 0 }, { 9 * P, 9 * P } }, { 0, 1, 8 * P }, P + NAMES + P + NAMES, { 0, 2, P },
		    2 * (P + NAMES) },
		/* nothing fits */
		{ { { 1, 0 }, { 1 } }, { 0, 1, 0 }, 0, { 0, 1, 0 }, 0 },
		/* the largest numbers */
		{ { { 4, 4 }, { LIMIT_IMAGE, LIMIT_IMAGE, LIMIT_IMAGE, LIMIT_IMAGE, LIMIT_IMAGE,
		    LIMIT_IMAGE, LIMIT_IMAGE, LIMIT_IMAGE } }, { 0, 1, 0 }, UINT64_MAX, { 2, 1, 0 },
		    8 * (LIMIT_IMAGE + NAMES) },
		{ { { 1, 0 }, { LIMIT_IMAGE } }, { 0, 1, 0 }, LIMIT_IMAGE + NAMES - 1,
		    { 0, 1, LIMIT_IMAGE - S }, LIMIT_IMAGE - S + NAMES },
	};
	struct plan_file file[8];
	struct plan p;
	struct seal_cut got;
	uint64_t used;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		p = make(&table[i].s, file);
		got = plan_fill(&p, table[i].from, table[i].room, &used);
		if (seal_cut_compare(&got, &table[i].want) != 0 || used != table[i].used)
			fail_msg("row %zu: %zu/%llu/%llu, used %llu", i, got.release,
			    (unsigned long long)got.line, (unsigned long long)got.offset,
			    (unsigned long long)used);
		assert_true(plan_end(&p, &got) == (got.release == p.count));
	}
}

/*
 * Fill volume after volume: each begins where the last ended, none has too much, and all but the
 * last have so much that not even P more would fit.
 */
static size_t
fill_all(const struct plan *p, uint64_t room, uint64_t *bytes)
{
	struct seal_cut at = { 0, 1, 0 }, next;
	uint64_t used, size;
	size_t volumes = 0;

	for (*bytes = 0; !plan_end(p, &at); at = next, volumes++) {
		next = plan_fill(p, at, room, &used);
		assert_true(seal_cut_compare(&at, &next) < 0);
		assert_true(used <= room);
		if (!plan_end(p, &next)) {
			size = p->release[next.release].file[next.line - 1].size;
			assert_true(next.offset == 0 || (next.offset < size && next.offset % S == 0));
			assert_true(room - used < P + NAMES + S);
		}
		for (; seal_cut_compare(&at, &next) < 0; ) {
			size = p->release[at.release].file[at.line - 1].size;
			if (at.release == next.release && at.line == next.line) {
				*bytes += next.offset - at.offset;
				break;
			}
			*bytes += size - at.offset;
			at.offset = 0;
			if (at.line++ == p->release[at.release].count)
				at = (struct seal_cut){ at.release + 1, 1, 0 };
		}
	}
	return volumes;
}

static void
one_large_file(void **state)
{
	struct plan_file file = { .size = 10000 * MIB + 1, .names = NAMES };
	struct plan p = { .count = 1, .release = { { 1, &file } } };
	uint64_t bytes;

	(void)state;
	assert_int_equal(fill_all(&p, 700 * MIB, &bytes), 15);
	assert_int_equal(bytes, file.size);
	assert_int_equal(fill_all(&p, UINT64_MAX, &bytes), 1);
	/* Each volume holds exactly its part, and one byte makes one more. */
	file.size = 10 * 700 * MIB;
	assert_int_equal(fill_all(&p, 700 * MIB + NAMES, &bytes), 10);
	file.size++;
	assert_int_equal(fill_all(&p, 700 * MIB + NAMES, &bytes), 11);
	assert_int_equal(bytes, file.size);
}

static void
many_files(void **state)
{
	enum { MANY = 100000 };
	struct plan_file *file = calloc(MANY, sizeof(*file));
	struct plan p = { .count = 3, .release = {
		{ 1, file }, { MANY / 2, file + 1 }, { MANY - MANY / 2 - 1, file + 1 + MANY / 2 } } };
	static const uint64_t rooms[] = { MIB, 5 * MIB + 1, 100 * MIB, 10000 * MIB };
	uint64_t sum = 0, bytes;
	uint32_t x = 1;

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < MANY; i++) {
		x = x * 1664525 + 1013904223;
		file[i] = (struct plan_file){ .size = x >> (x % 100 == 0 ? 9 : 18), .names = NAMES };
		sum += file[i].size;
	}
	for (size_t i = 0; i < COUNT(rooms); i++) {
		assert_in_range(fill_all(&p, rooms[i], &bytes), sum / rooms[i], sum / rooms[i] * 2 + 1);
		assert_int_equal(bytes, sum);
	}
	free(file);
}

/* Not exactly known from outside; what is known: more for a longer name, a sector a new directory. */
static void
names(void **state)
{
	static const struct {
		const char *path, *before;
		uint64_t least, most;
	} table[] = {
		{ "a", "", 100, 130 },
		{ "b", "a", 100, 130 },
		{ "a/b", "", S + 200, S + 300 },
		{ "a/c", "a/b", 100, 130 },
		{ "ab/c", "a/b", S + 200, S + 300 },
		{ "a/b/c", "a/b", S + 200, S + 300 },
		{ "a/b/c/d", "a/x", 2 * S + 300, 2 * S + 450 },
		{ "a/b/c/d", "a/b/c/a", 100, 130 },
		{ "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789", "", 190, 220 },
	};
	uint64_t got;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		got = plan_names(table[i].path, strlen(table[i].path), table[i].before,
		    strlen(table[i].before));
		assert_in_range(got, table[i].least, table[i].most);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(one_large_file),
		cmocka_unit_test(many_files),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
