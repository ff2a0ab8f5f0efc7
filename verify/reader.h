/*
 * reader: the child that touches the medium and nothing else.  It reads into the ring, and checks
 * every block against the signed map before anybody may look at it.  SPEC V8.
 */
#ifndef VERIFY_READER_H
#define VERIFY_READER_H

#include "formats/err.h"

struct reader {
	int medium;	/* descriptor of the medium */
	int map; /* descriptor of the block map: 32 bytes a block, filled in before COMMAND_STREAM
		  */
	int kept; /* good blocks of a damaged image, each at its place; -1: nobody keeps them */
	int command, report, feed;	/* pipe ends; see wire.h */
	uint8_t *ring;	/* RING_SIZE bytes, writable here only */
};

/* Serve commands until the judge closes its end; never returns. */
_Noreturn void reader_run(const struct reader *r);

#endif
