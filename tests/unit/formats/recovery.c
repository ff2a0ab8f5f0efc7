/*
 * Tests of formats/recovery: what is lost comes back byte for byte, and never more than there is
 * parity for.  That the code is Reed-Solomon is shown by any erasure of m rows being mended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "formats/recovery.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
plans(void **state)
{
	static const struct {
		uint64_t data;
		unsigned percent;
		uint64_t stripes, parity;
	} table[] = {
		{ 1, 5, 1, 1 },
		{ 20, 5, 1, 1 },
		{ 21, 5, 1, 2 },
		{ 242, 5, 1, 13 },	/* 242 + 13 = 255 */
		{ 243, 5, 2, 7 },
		{ 32768, 5, 136, 13 },	/* 2 GiB */
		{ 819200, 5, 3386, 13 },	/* 50 GiB */
		{ 182, 40, 1, 73 },
		{ 183, 40, 2, 37 },
		{ 100, 1, 1, 1 },
		{ 0, 5, 0, 0 },
		{ 1000, 0, 0, 0 },
		{ LIMIT_IMAGE / BLOCK_SIZE, 5, 554619, 13 },
	};
	struct recovery r;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(recovery_plan(&r, table[i].data, table[i].percent), OK);
		assert_int_equal(r.data, table[i].data);
		assert_int_equal(r.stripes, table[i].stripes);
		assert_int_equal(r.parity, table[i].parity);
		assert_true(recovery_ok(&r));
		assert_true(r.stripes * r.parity * 100 >= r.data * table[i].percent);
	}
	assert_int_equal(recovery_plan(&r, 1000, LIMIT_RECOVERY), OK);
	assert_int_equal(recovery_plan(&r, 1000, LIMIT_RECOVERY + 1), ERR_LIMIT);
	assert_int_equal(recovery_plan(&r, LIMIT_IMAGE / BLOCK_SIZE + 1, 5), ERR_LIMIT);
}

/* For every size and percentage there is a plan that may be, with no more rows than there can be. */
static void
every_plan(void **state)
{
	struct recovery r;

	(void)state;
	for (unsigned percent = 1; percent <= LIMIT_RECOVERY; percent++)
		for (uint64_t data = 1; data < 2000; data++) {
			assert_int_equal(recovery_plan(&r, data, percent), OK);
			assert_true(recovery_ok(&r));
			assert_true(recovery_data_rows(&r) + r.parity <= RECOVERY_ROWS);
		}
}

/* The percentage that was asked for, or a smaller one that plans the same; 0 where none does. */
static void
percents(void **state)
{
	static const struct recovery none[] = {
		{ 1000, 0, 0 }, { 1000, 5, 0 }, { 1000, 0, 10 }, { 1000, 5, 255 }, { 1000, 50, 1 },
		{ 0, 1, 1 }, { UINT64_MAX, 5, 10 }, { 1000, UINT64_MAX, UINT64_MAX },
		{ LIMIT_IMAGE / BLOCK_SIZE + 1, 554619, 13 },
	};
	struct recovery r, again;

	(void)state;
	for (unsigned percent = 1; percent <= LIMIT_RECOVERY; percent++)
		for (uint64_t data = 1; data < 100000; data = data * 3 / 2 + 1) {
			unsigned got;

			assert_int_equal(recovery_plan(&r, data, percent), OK);
			got = recovery_percent(&r);
			assert_in_range(got, 1, percent);
			assert_int_equal(recovery_plan(&again, data, got), OK);
			assert_memory_equal(&again, &r, sizeof r);
			/* the least */
			assert_int_equal(recovery_plan(&again, data, got - 1), OK);
			assert_true(again.stripes != r.stripes || again.parity != r.parity);
		}
	for (size_t i = 0; i < COUNT(none); i++)
		assert_int_equal(recovery_percent(&none[i]), 0);
}

static void
wrong_plans(void **state)
{
	static const struct recovery table[] = {
		{ 100, 0, 1 },
		{ 100, 1, 0 },
		{ 100, 101, 1 },		/* a stripe without data */
		{ 254, 1, 2 },			/* 256 rows */
		{ 255, 1, 1 },
		{ 10, 1, 255 },
		{ 10, 1, UINT64_MAX },
		{ UINT64_MAX, 1, 1 },
		{ UINT64_MAX, UINT64_MAX, 1 },
	};
	const struct recovery most = { 254, 1, 1 };

	(void)state;
	assert_true(recovery_ok(&most));
	for (size_t i = 0; i < COUNT(table); i++)
		assert_false(recovery_ok(&table[i]));
}

/* Every block is one row of one stripe, and no two neighbours share a stripe. */
static void
places(void **state)
{
	struct recovery r;
	unsigned char seen[2000] = { 0 };
	uint64_t total, block;

	(void)state;
	assert_int_equal(recovery_plan(&r, 1000, 10), OK);
	total = r.data + r.stripes * r.parity;
	assert_true(total < sizeof seen);
	for (uint64_t stripe = 0; stripe < r.stripes; stripe++)
		for (unsigned row = 0; row < recovery_data_rows(&r) + r.parity; row++) {
			block = recovery_block(&r, stripe, row);
			if (block == UINT64_MAX)
				continue;
			assert_true(block < total);
			assert_int_equal(seen[block]++, 0);
			assert_int_equal(block < r.data ? block % r.stripes :
			    (block - r.data) % r.stripes, stripe);
		}
	for (block = 0; block < total; block++)
		assert_int_equal(seen[block], 1);
}

struct stripe {
	unsigned k, m;
	uint8_t *row[RECOVERY_ROWS], *original[RECOVERY_ROWS];
	struct recovery_code *code;
};

static struct stripe
stripe_new(unsigned k, unsigned m)
{
	struct stripe s = { .k = k, .m = m, .code = recovery_code_new(k, m) };

	assert_non_null(s.code);
	for (unsigned i = 0; i < k + m; i++) {
		s.row[i] = malloc(BLOCK_SIZE);
		s.original[i] = malloc(BLOCK_SIZE);
		for (size_t b = 0; b < BLOCK_SIZE; b++)
			s.row[i][b] = (uint8_t)random();
	}
	recovery_encode(s.code, s.row);
	for (unsigned i = 0; i < k + m; i++)
		memcpy(s.original[i], s.row[i], BLOCK_SIZE);
	return s;
}

static void
stripe_end(struct stripe *s)
{
	for (unsigned i = 0; i < s->k + s->m; i++) {
		free(s->row[i]);
		free(s->original[i]);
	}
	recovery_code_free(s->code);
}

/* Lose the rows that are not good, and have them back. */
static void
lose(struct stripe *s, const bool good[], enum err want)
{
	for (unsigned i = 0; i < s->k + s->m; i++)
		if (!good[i])
			memset(s->row[i], 0x55, BLOCK_SIZE);
	assert_int_equal(recovery_solve(s->code, s->row, good), want);
	for (unsigned i = 0; i < s->k + s->m; i++) {
		if (want == OK)
			assert_memory_equal(s->row[i], s->original[i], BLOCK_SIZE);
		memcpy(s->row[i], s->original[i], BLOCK_SIZE);
	}
}

/* Of 4 + 3 rows, every set of rows: up to three are mended, four never. */
static void
every_loss(void **state)
{
	struct stripe s = stripe_new(4, 3);

	(void)state;
	for (unsigned set = 0; set < 1u << 7; set++) {
		bool good[7];
		unsigned lost = 0;

		for (unsigned i = 0; i < 7; i++) {
			good[i] = (set >> i & 1) == 0;
			lost += !good[i];
		}
		lose(&s, good, lost <= 3 ? OK : ERR_UNREADABLE);
	}
	stripe_end(&s);
}

/* GF(2^8) with the polynomial 0x11d, by the book. */
static uint8_t
multiply(uint8_t a, uint8_t b)
{
	unsigned sum = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		if ((b >> bit & 1) != 0)
			sum ^= (unsigned)a << bit;
	for (unsigned bit = 14; bit >= 8; bit--)
		if ((sum >> bit & 1) != 0)
			sum ^= 0x11du << (bit - 8);
	return (uint8_t)sum;
}

/*
 * SPEC, "Recovery": parity row r is the sum over j of data row j divided by (k + r) xor j.  A one in
 * data row j alone shows the factor itself.
 */
static void
coefficients(void **state)
{
	static const struct { unsigned k, m; } table[] = { { 1, 1 }, { 4, 3 }, { 242, 13 }, { 182, 73 } };

	(void)state;
	for (size_t t = 0; t < COUNT(table); t++) {
		struct stripe s = stripe_new(table[t].k, table[t].m);

		for (unsigned j = 0; j < s.k; j++)
			memset(s.row[j], 0, BLOCK_SIZE);
		for (unsigned j = 0; j < s.k; j++)
			s.row[j][j * 257] = 1;
		recovery_encode(s.code, s.row);
		for (unsigned r = 0; r < s.m; r++)
			for (unsigned j = 0; j < s.k; j++)
				assert_int_equal(multiply(s.row[s.k + r][j * 257],
				    (uint8_t)((s.k + r) ^ j)), 1);
		stripe_end(&s);
	}
}

/* The widest stripe, with as much lost as can be, in many ways. */
static void
wide_losses(void **state)
{
	static const struct { unsigned k, m; } table[] = {
		{ 242, 13 }, { 254, 1 }, { 1, 254 }, { 182, 73 }, { 1, 1 }
	};

	(void)state;
	for (size_t t = 0; t < COUNT(table); t++) {
		struct stripe s = stripe_new(table[t].k, table[t].m);

		for (unsigned run = 0; run < 8; run++) {
			bool good[RECOVERY_ROWS];
			unsigned lost = 0, one;

			memset(good, true, sizeof good);
			while (lost < s.m) {
				one = (unsigned)random() % (s.k + s.m);
				lost += good[one];
				good[one] = false;
			}
			lose(&s, good, OK);
			for (one = 0; !good[one]; one++)
				;
			good[one] = false;
			lose(&s, good, ERR_UNREADABLE);
		}
		stripe_end(&s);
	}
}

/* Zeros have zeros for parity, and a stripe is not touched when nothing can be done. */
static void
zeros(void **state)
{
	struct stripe s = stripe_new(5, 2);
	static const uint8_t zero[BLOCK_SIZE];
	bool good[7] = { false, false, false, true, true, true, true };

	(void)state;
	assert_int_equal(recovery_solve(s.code, s.row, good), ERR_UNREADABLE);
	for (unsigned i = 0; i < 7; i++)
		assert_memory_equal(s.row[i], s.original[i], BLOCK_SIZE);
	for (unsigned i = 0; i < 5; i++)
		memset(s.row[i], 0, BLOCK_SIZE);
	recovery_encode(s.code, s.row);
	assert_memory_equal(s.row[5], zero, BLOCK_SIZE);
	assert_memory_equal(s.row[6], zero, BLOCK_SIZE);
	stripe_end(&s);
}

static void
no_code(void **state)
{
	(void)state;
	assert_null(recovery_code_new(0, 1));
	assert_null(recovery_code_new(1, 0));
	assert_null(recovery_code_new(255, 1));
	assert_null(recovery_code_new(200, 56));
	assert_null(recovery_code_new(UINT32_MAX, 2));
	recovery_code_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),
		cmocka_unit_test(every_plan),
		cmocka_unit_test(percents),
		cmocka_unit_test(wrong_plans),
		cmocka_unit_test(places),
		cmocka_unit_test(every_loss),
		cmocka_unit_test(coefficients),
		cmocka_unit_test(wide_losses),
		cmocka_unit_test(zeros),
		cmocka_unit_test(no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
