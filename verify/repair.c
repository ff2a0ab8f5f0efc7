/*
 * repair: see repair.h.
 */
#include "verify/repair.h"

#include <errno.h>
#include <string.h>

/* Row ${row} of the stripe, from the medium or from what is kept; false: it is lost. */
static bool
take_row(struct blocks *b, const struct recovery *c, uint64_t stripe, unsigned row, uint8_t *to)
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
	return true;
}

/* It is not the medium's fault. */
static void
fail(struct report *done, int why)
{
	if (done->failed++ == 0)
		done->why = (uint32_t)why;
}

/*
 * What goes in need not be hashed again: what comes out is, and a medium that answers differently
 * now only spoils that.
 */
static void
repair_stripe(struct blocks *b, const struct recovery *c, const struct recovery_code *code,
    uint64_t stripe, uint8_t *room, struct report *done)
{
	const unsigned rows = recovery_data_rows(c) + (unsigned)c->parity;
	uint8_t *row[RECOVERY_ROWS];
	bool good[RECOVERY_ROWS];
	uint32_t lost = 0;
	uint64_t number;
	unsigned i;
	enum err e;

	for (i = 0; i < rows; i++) {
		row[i] = room + (size_t)i * BLOCK_SIZE;
		good[i] = take_row(b, c, stripe, i, row[i]);
	}
	e = recovery_solve(code, row, good);
	for (i = 0; i < rows; i++) {
		if (good[i])
			continue;
		number = recovery_block(c, stripe, i);
		if (e == ERR_MEMORY)
			fail(done, ENOMEM);
		else if (e != OK || !blocks_is_good(b, row[i], number))
			lost++;
		else if (!blocks_keep(b, row[i], number))
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

bool
repair_run(struct blocks *b, const struct recovery *c, uint8_t *room, struct report *done)
{
	const struct report alive = { .kind = REPORT_ALIVE };
	struct recovery_code *code =
	    recovery_code_new(recovery_data_rows(c), (unsigned)c->parity);
	uint64_t stripe;

	*done = (struct report){ .kind = REPORT_REPAIRED };
	if (code == NULL)
		return false;
	for (stripe = 0; stripe < c->stripes; stripe++) {
		if (is_whole(b, c, stripe))
			continue;
		repair_stripe(b, c, code, stripe, room, done);
		(void)wire_write(b->report, &alive, sizeof(alive));
	}
	recovery_code_free(code);
	return true;
}
