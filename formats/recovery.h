/*
 * recovery: parity blocks, by which blocks that are lost are computed again.  SPEC, "Recovery".
 *
 * Systematic Reed-Solomon over GF(2^8) with a Cauchy matrix.  Data block i belongs to stripe
 * i mod stripes, so that neighbours are never in one stripe; each stripe has the same number of
 * parity blocks.  A block is good or lost: the block map says which, and nothing is guessed.
 */
#ifndef FORMATS_RECOVERY_H
#define FORMATS_RECOVERY_H

#include "formats/err.h"
#include "formats/limits.h"

#define RECOVERY_ROWS 255u	/* blocks of a stripe, data and parity */

struct recovery {
	uint64_t data;		/* blocks in front of the parity */
	uint64_t stripes;	/* 0: there is no parity */
	uint64_t parity;	/* parity blocks of each stripe */
};

/*
 * recovery_plan(out, data, percent):
 * Parity of at least ${percent} (0 to LIMIT_RECOVERY) of ${data} blocks, in as few stripes as can
 * be; 0 is no parity.  ERR_LIMIT for anything else.
 */
enum err recovery_plan(struct recovery *out, uint64_t data, unsigned percent) MUST_USE;
/* The least percentage for which recovery_plan gives ${r}; 0 if none does. */
unsigned recovery_percent(const struct recovery *r);
/* May it be so?  Both 0 for none; no stripe is empty or has more than RECOVERY_ROWS. */
bool recovery_ok(const struct recovery *r);

/*
 * The rows of every stripe; of a stripe that has one data block less, the last data row is zeros.
 */
unsigned recovery_data_rows(const struct recovery *r);
/*
 * Which block of the image is row ${row} of ${stripe}: data rows first, then parity.  UINT64_MAX
 * for a data row that the stripe does not have.
 */
uint64_t recovery_block(const struct recovery *r, uint64_t stripe, unsigned row);

/* The code for stripes of ${k} data and ${m} parity rows; NULL: no memory, or k + m > 255. */
struct recovery_code;
struct recovery_code *recovery_code_new(unsigned k, unsigned m);
void recovery_code_free(struct recovery_code *c);

/* ${row} points to k + m blocks of BLOCK_SIZE: make the parity of the data. */
void recovery_encode(const struct recovery_code *c, uint8_t *const row[]);

/*
 * recovery_solve(c, row, good):
 * Compute the rows that are not ${good} from those that are, in place.  ERR_UNREADABLE: more rows
 * are lost than there is parity, and nothing was changed; ERR_MEMORY.
 */
enum err recovery_solve(const struct recovery_code *c, uint8_t *const row[],
    const bool good[]) MUST_USE;

#endif
