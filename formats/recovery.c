/*
 * recovery: see recovery.h.  ISA-L does the arithmetic.
 */
#include "formats/recovery.h"

#include <isa-l/erasure_code.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN 2048u	/* bytes of every row at a time: they stay in the processor's cache */
#define TABLE 32u	/* bytes of ISA-L's tables for one coefficient */

enum err
recovery_plan(struct recovery *out, uint64_t data, unsigned percent)
{
	uint64_t k, m;

	*out = (struct recovery){ .data = data };
	if (percent > LIMIT_RECOVERY || data > LIMIT_IMAGE / BLOCK_SIZE)
		return ERR_LIMIT;
	if (percent == 0 || data == 0)
		return OK;
	k = RECOVERY_ROWS * 100 / (100 + percent);
	while (k + (k * percent + 99) / 100 > RECOVERY_ROWS)
		k--;
	out->stripes = (data + k - 1) / k;
	k = (data + out->stripes - 1) / out->stripes;
	m = (k * percent + 99) / 100;
	out->parity = m;
	return OK;
}

unsigned
recovery_percent(const struct recovery *r)
{
	struct recovery plan;
	unsigned percent;

	for (percent = 1; percent <= LIMIT_RECOVERY; percent++)
		if (recovery_plan(&plan, r->data, percent) == OK &&
		    plan.stripes == r->stripes && plan.parity == r->parity)
			return percent;
	return 0;
}

bool
recovery_ok(const struct recovery *r)
{
	if (r->stripes == 0 || r->parity == 0)
		return r->stripes == 0 && r->parity == 0;
	if (r->data > LIMIT_IMAGE / BLOCK_SIZE || r->stripes > r->data)
		return false;
	return r->parity < RECOVERY_ROWS &&
	    (r->data + r->stripes - 1) / r->stripes + r->parity <= RECOVERY_ROWS;
}

unsigned
recovery_data_rows(const struct recovery *r)
{
	return (unsigned)((r->data + r->stripes - 1) / r->stripes);
}

uint64_t
recovery_block(const struct recovery *r, uint64_t stripe, unsigned row)
{
	const unsigned k = recovery_data_rows(r);
	uint64_t block;

	if (row >= k)
		return r->data + (uint64_t)(row - k) * r->stripes + stripe;
	block = (uint64_t)row * r->stripes + stripe;
	return block < r->data ? block : UINT64_MAX;
}

struct recovery_code {
	unsigned k, m;
	/* (k + m) x k: the unit matrix, then one row for each parity block */
	uint8_t *matrix;
	uint8_t *tables;	/* of the parity rows */
};

struct recovery_code *
recovery_code_new(unsigned k, unsigned m)
{
	struct recovery_code *c;

	if (k == 0 || m == 0 || k > RECOVERY_ROWS || m > RECOVERY_ROWS - k ||
	    (c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->k = k;
	c->m = m;
	c->matrix = malloc((size_t)(k + m) * k);
	c->tables = malloc((size_t)k * m * TABLE);
	if (c->matrix == NULL || c->tables == NULL) {
		recovery_code_free(c);
		return NULL;
	}
	gf_gen_cauchy1_matrix(c->matrix, (int)(k + m), (int)k);
	ec_init_tables((int)k, (int)m, c->matrix + (size_t)k * k, c->tables);
	return c;
}

void
recovery_code_free(struct recovery_code *c)
{
	if (c == NULL)
		return;
	free(c->matrix);
	free(c->tables);
	free(c);
}

/* ${to}[0..n) = tables x ${from}[0..k), all BLOCK_SIZE long. */
static void
multiply(unsigned k, unsigned n, uint8_t *tables, uint8_t *const from[], uint8_t *const to[])
{
	uint8_t *in[RECOVERY_ROWS], *out[RECOVERY_ROWS];
	size_t at;
	unsigned i;

	for (at = 0; at < BLOCK_SIZE; at += COLUMN) {
		for (i = 0; i < k; i++)
			in[i] = from[i] + at;
		for (i = 0; i < n; i++)
			out[i] = to[i] + at;
		ec_encode_data(COLUMN, (int)k, (int)n, tables, in, out);
	}
}

void
recovery_encode(const struct recovery_code *c, uint8_t *const row[])
{
	multiply(c->k, c->m, c->tables, row, row + c->k);
}

/* What is lost, and as many good parity rows to compute it from. */
struct loss {
	unsigned lost[RECOVERY_ROWS], parity[RECOVERY_ROWS];
	unsigned count;
};

static bool
find_loss(const struct recovery_code *c, const bool good[], struct loss *l)
{
	unsigned i, rows = 0;

	l->count = 0;
	for (i = 0; i < c->k; i++)
		if (!good[i])
			l->lost[l->count++] = i;
	for (i = c->k; i < c->k + c->m && rows < l->count; i++)
		if (good[i])
			l->parity[rows++] = i;
	return rows == l->count;
}

/*
 * Each good parity row less what the good data rows put into it, in ${syndrome}: what remains is
 * what the lost rows put into it.  Then the inverse of that small matrix gives the lost rows.
 */
static bool
solve_data(const struct recovery_code *c, const struct loss *l, uint8_t *const row[],
    uint8_t *const syndrome[], uint8_t *matrix, uint8_t *inverse, uint8_t *tables)
{
	uint8_t *to[RECOVERY_ROWS];
	unsigned i, j;
	size_t b;

	for (i = 0; i < l->count; i++)
		memset(row[l->lost[i]], 0, BLOCK_SIZE);
	for (i = 0; i < l->count; i++)
		memcpy(matrix + (size_t)i * c->k, c->matrix + (size_t)l->parity[i] * c->k, c->k);
	ec_init_tables((int)c->k, (int)l->count, matrix, tables);
	multiply(c->k, l->count, tables, row, syndrome);
	for (i = 0; i < l->count; i++)
		for (b = 0; b < BLOCK_SIZE; b++)
			syndrome[i][b] ^= row[l->parity[i]][b];
	for (i = 0; i < l->count; i++)
		for (j = 0; j < l->count; j++)
			matrix[i * l->count + j] =
			    c->matrix[(size_t)l->parity[i] * c->k + l->lost[j]];
	if (gf_invert_matrix(matrix, inverse, (int)l->count) != 0)
		return false;	/* cannot be: every square part of a Cauchy matrix has one */
	ec_init_tables((int)l->count, (int)l->count, inverse, tables);
	for (i = 0; i < l->count; i++)
		to[i] = row[l->lost[i]];
	multiply(l->count, l->count, tables, syndrome, to);
	return true;
}

/* Parity that is lost is made again from the data, which is whole by now. */
static void
solve_parity(const struct recovery_code *c, uint8_t *const row[], const bool good[])
{
	unsigned i;

	for (i = 0; i < c->m; i++)
		if (!good[c->k + i])
			multiply(c->k, 1, c->tables + (size_t)i * c->k * TABLE, row,
			    row + c->k + i);
}

enum err
recovery_solve(const struct recovery_code *c, uint8_t *const row[], const bool good[])
{
	uint8_t *syndrome[RECOVERY_ROWS], *memory = NULL, *matrix, *inverse, *tables;
	struct loss l;
	size_t n;
	unsigned i;
	bool solved = true;

	if (!find_loss(c, good, &l))
		return ERR_UNREADABLE;
	if (l.count > 0) {
		n = (size_t)l.count;
		memory = malloc(n * BLOCK_SIZE + n * c->k + n * n + n * c->k * TABLE);
		if (memory == NULL)
			return ERR_MEMORY;
		for (i = 0; i < l.count; i++)
			syndrome[i] = memory + (size_t)i * BLOCK_SIZE;
		matrix = memory + n * BLOCK_SIZE;
		inverse = matrix + n * c->k;
		tables = inverse + n * n;
		solved = solve_data(c, &l, row, syndrome, matrix, inverse, tables);
		free(memory);
	}
	solve_parity(c, row, good);
	return solved ? OK : ERR_UNREADABLE;
}
