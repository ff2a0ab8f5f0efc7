/*
 * repair: see repair.h.
 */
#include "verify/repair.h"

#include <errno.h>
#include <string.h>

/*
 * Row ${row} of the stripe, from the medium or from what is kept; false: it is lost.  ${strict}: it
 * is lost, too, if it is not the one of the map.
 */
static bool
take_row(struct blocks *b, const struct recovery *c, uint64_t stripe, unsigned row, bool strict,
    uint8_t *to)
{
	uint64_t number = recovery_block(c, stripe, row);

	if (number == UINT64_MAX) {
		memset(to, 0, BLOCK_SIZE);
		return true;
	}
	if (!blocks_read_one(b, to, number))
		return blocks_mend(b, to, number);
	if (number == 0)	/* the SEAL area counts as zeros */
		memset(to + SEAL_OFFSET, 0, SEAL_SIZE);
	return !strict || blocks_is_good(b, to, number) || blocks_mend(b, to, number);
}

struct stripe {
	uint64_t number;
	unsigned rows;
	uint8_t *row[RECOVERY_ROWS];
	bool good[RECOVERY_ROWS];	/* it went in */
	bool right[RECOVERY_ROWS];	/* it did not, and came out as the map has it */
};

/* Take what there is, and compute the rest. */
static enum err
compute(struct blocks *b, const struct recovery *c, const struct recovery_code *code, bool strict,
    struct stripe *s)
{
	unsigned i;

	for (i = 0; i < s->rows; i++)
		s->good[i] = take_row(b, c, s->number, i, strict, s->row[i]);
	return recovery_solve(code, s->row, s->good);
}

/* Is all that came out what the map says? */
static bool
all_right(const struct blocks *b, const struct recovery *c, struct stripe *s)
{
	bool all = true;
	unsigned i;

	for (i = 0; i < s->rows; i++) {
		s->right[i] = !s->good[i] &&
		    blocks_is_good(b, s->row[i], recovery_block(c, s->number, i));
		all &= s->good[i] || s->right[i];
	}
	return all;
}

/* It is not the medium's fault. */
static void
fail(struct report *done, int why)
{
	if (done->failed++ == 0)
		done->why = (uint32_t)why;
}

/*
 * What goes in need not be hashed again: what comes out is.  Only where that is false, each row is
 * held against the map, for a medium may answer differently now.
 */
static void
repair_stripe(struct blocks *b, const struct recovery *c, const struct recovery_code *code,
    struct stripe *s, struct report *done)
{
	uint32_t lost = 0;
	unsigned i;
	enum err e;

	b->why = 0;
	e = compute(b, c, code, false, s);
	if (e == OK && !all_right(b, c, s) && (e = compute(b, c, code, true, s)) == OK)
		(void)all_right(b, c, s);
	for (i = 0; i < s->rows; i++) {
		if (s->good[i])
			continue;
		if (e == ERR_MEMORY)
			fail(done, ENOMEM);
		else if ((e != OK || !s->right[i]) && b->why != 0)	/* or else it might go in */
			fail(done, b->why);
		else if (e != OK || !s->right[i])
			lost++;
		else if (!blocks_keep(b, s->row[i], recovery_block(c, s->number, i)))
			fail(done, errno);
		else
			done->number++;
	}
	done->lost += lost;
	done->stripes += lost > 0;
}

static bool
is_whole(const struct blocks *b, const struct recovery *c, uint64_t stripe)
{
	const unsigned rows = recovery_data_rows(c) + (unsigned)c->parity;
	uint64_t number;
	unsigned row;

	for (row = 0; row < rows; row++) {
		number = recovery_block(c, stripe, row);
		if (number != UINT64_MAX && blocks_is_lost(b, number))
			return false;
	}
	return true;
}

void
repair_run(struct blocks *b, const struct recovery *c, uint8_t *room, struct report *done)
{
	struct report alive = { .kind = REPORT_ALIVE };
	struct recovery_code *code =
	    recovery_code_new(recovery_data_rows(c), (unsigned)c->parity);
	struct stripe s = { .rows = recovery_data_rows(c) + (unsigned)c->parity };
	unsigned i;

	*done = (struct report){ .kind = REPORT_REPAIRED };
	if (code == NULL) {
		fail(done, ENOMEM);
		return;
	}
	for (i = 0; i < s.rows; i++)
		s.row[i] = room + (size_t)i * BLOCK_SIZE;
	for (; s.number < c->stripes; s.number++) {
		if (is_whole(b, c, s.number))
			continue;
		repair_stripe(b, c, code, &s, done);
		alive.number = s.number + 1;
		(void)wire_write(b->report, &alive, sizeof(alive));
	}
	recovery_code_free(code);
}
