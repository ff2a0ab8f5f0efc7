/*
 * reader: the child that touches the medium and nothing else.  It reads into the ring, and checks
 * every block against the signed map before anybody may look at it.  SPEC V8.
 */
#ifndef VERIFY_READER_H
#define VERIFY_READER_H

#include "formats/err.h"

#define READER_PASSES 2	/* the second when something was repaired */

struct reader {
	int medium;	/* descriptor of the medium */
	int map; /* descriptor of the block map: 32 bytes a block, filled in before COMMAND_STREAM
		  */
	/*
	 * blocks that were computed or came from another copy, each at its place; -1: no such
	 * file
	 */
	int kept;
	int command, report;	/* pipe ends; see wire.h */
	int feed[READER_PASSES];	/* to the parser of each pass */
	uint8_t *ring;	/* RING_SIZE bytes, writable here only */
};

/* Serve commands until the judge closes its end; never returns. */
_Noreturn void reader_run(const struct reader *r);

#endif
