/*
 * blocks: those of one medium, as the reader sees them: read with patience, held against the signed
 * map, and where the medium does not give them, taken from another file.  SPEC V8.
 */
#ifndef VERIFY_BLOCKS_H
#define VERIFY_BLOCKS_H

#include "formats/digest.h"
#include "formats/limits.h"

struct blocks {
	int medium;
	/* good blocks from elsewhere, each at its place; -1: there is no such file */
	int kept;
	int report;	/* where a sign of life goes while reading fails */
	uint64_t count;
	const struct digest *map;
	uint8_t *lost;	/* a bit for each block that the medium did not give, or gave wrong */
	/* of whoever checks: */
	struct digest_state *digest;
	/* errno of the last read of kept ones that failed; who looks sets it to 0 */
	int why;
	/* of whoever reads: */
	uint64_t failing;	/* seconds that reads took to fail, since blocks_rest */
	unsigned hangs;		/* how many in a row took LIMIT_HANG */
	bool given_up_once;
};

/*
 * Begin with the ${count} digests in the file ${map}; medium, kept and report are set already.
 * False: no memory.  Never ended: the process does.
 */
bool blocks_begin(struct blocks *b, int map, uint64_t count) MUST_USE;

/*
 * Read [offset, offset + len) as far as it goes; the result is the number of bytes from the
 * start.  Where they are fewer, errno says why; 0: the file ends there.
 */
size_t blocks_read_at(int fd, void *to, size_t len, uint64_t offset);

/*
 * The same of the medium, with patience: nothing at all when LIMIT_PATIENCE seconds went into reads
 * that failed, or when two in a row took LIMIT_HANG to fail.  (A long read that hangs may have met
 * one bad block: the short ones that follow tell.)  Whatever took a second, or failed, sends a
 * REPORT_ALIVE.
 */
size_t blocks_read_some(struct blocks *b, uint8_t *to, size_t len, uint64_t offset) MUST_USE;
/* Whole or not at all. */
bool blocks_read(struct blocks *b, uint8_t *to, size_t len, uint64_t offset) MUST_USE;
/*
 * Block ${number}, LIMIT_RETRIES times if need be, but once if it hangs; a block that is lost is
 * not asked for again.
 */
bool blocks_read_one(struct blocks *b, uint8_t *to, uint64_t number) MUST_USE;
/*
 * Before something else is done with the medium: patience begins anew.  One that was given up
 * because it hangs is asked once more, and then never again.
 */
void blocks_rest(struct blocks *b);

/* Is ${block} block ${number} of the map? */
bool blocks_is_good(const struct blocks *b, const uint8_t *block, uint64_t number);
/* Take block ${number} from the kept ones, if it is there and good; why: it could not be read. */
bool blocks_mend(struct blocks *b, uint8_t *block, uint64_t number);
/* Add a good block to the kept ones; false with errno if it could not be written. */
bool blocks_keep(const struct blocks *b, const uint8_t *block, uint64_t number);

bool blocks_is_lost(const struct blocks *b, uint64_t number);
void blocks_lose(struct blocks *b, uint64_t number);

#endif
