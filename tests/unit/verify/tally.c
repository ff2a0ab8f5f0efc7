/*
 * Tests of verify/tally.h: a report of the reader, who has talked to the device, counts only if its
 * numbers can be true; and what is said of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "verify/tally.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
believed(void **state)
{
	struct pipeline_blocks c = { .first_bad = UINT64_MAX };
	const struct report all = { .number = 0, .good = 16, .mended = 2, .mended_differ = 1 };
	const struct report some = { .number = 1, .good = 13, .unreadable = 1, .differ = 2,
		.bad = 1u << 3 | 1u << 4 | 1u << 15, .failed = 1, .why = 5 };
	const struct report last = { .number = 2, .good = 0, .unreadable = 3, .bad = 7,
		.failed = 3, .why = 6 };

	(void)state;
	assert_true(tally_chunk(&c, &all, 16));
	assert_int_equal(c.first_bad, UINT64_MAX);
	assert_true(tally_chunk(&c, &some, 16));
	assert_true(tally_chunk(&c, &last, 3));
	assert_int_equal(c.good, 29);
	assert_int_equal(c.unreadable, 4);
	assert_int_equal(c.differ, 2);
	assert_int_equal(c.mended, 2);
	assert_int_equal(c.mended_differ, 1);
	assert_int_equal(c.failed, 4);
	assert_int_equal(c.why, 5);	/* of the first */
	assert_int_equal(c.first_bad, CHUNK_BLOCKS + 3);
}

static void
nonsense(void **state)
{
	static const struct {
		struct report r;
		uint64_t n;
	} table[] = {
		{ { .good = 15 }, 16 },						/* too few */
		{ { .good = 17 }, 16 },						/* too many */
		{ { .good = 16, .differ = 1, .bad = 1 }, 16 },
		{ { .good = 16, .mended = 17 }, 16 },
		{ { .good = 16, .mended = 1, .mended_differ = 2 }, 16 },
		{ { .good = 15, .unreadable = 1 }, 16 },			/* which? */
		{ { .good = 15, .unreadable = 1, .bad = 3 }, 16 },
		{ { .good = 16, .bad = 1 }, 16 },
		{ { .good = 2, .differ = 1, .bad = 8 }, 3 },			/* behind the end */
		{ { .good = 15, .unreadable = 1, .bad = 1, .failed = 2 }, 16 },
		{ { .good = 16, .failed = 1 }, 16 },
		{ { .good = 17, .unreadable = UINT32_MAX, .bad = 1 }, 16 },	/* 16, in 32 bits */
		{ { .unreadable = UINT32_MAX, .differ = 17, .bad = 0xffff }, 16 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct pipeline_blocks c = { .first_bad = UINT64_MAX }, before = c;

		if (tally_chunk(&c, &table[i].r, table[i].n))
			fail_msg("row %zu is believed", i);
		assert_memory_equal(&c, &before, sizeof c);
	}
}

static void
words(void **state)
{
	struct pipeline_blocks c = { .good = 5, .unreadable = 1, .differ = 2, .first_bad = 7 };
	struct fault f = { .err = OK };

	(void)state;
	assert_int_equal(tally_explain(&c, ERR_BLOCK, &f), ERR_BLOCK);
	assert_string_equal(f.at, "5 good, 1 unreadable, 2 differ, the first is block 7");
	c.lost = 3;
	c.stripes = 2;
	f = (struct fault){ .err = OK };
	assert_int_equal(tally_explain(&c, ERR_UNREADABLE, &f), ERR_UNREADABLE);
	assert_non_null(strstr(f.at, "; 3 blocks of 2 stripes are beyond repair"));
	c.lost = 0;
	c.worse = 4;
	c.first_worse = 9;
	f = (struct fault){ .err = OK };
	assert_int_equal(tally_explain(&c, ERR_BLOCK, &f), ERR_BLOCK);
	assert_non_null(strstr(f.at, "but then 4 were bad, the first is block 9"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believed),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
