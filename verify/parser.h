/*
 * parser: the child that understands ISO 9660.  It sees only checked blocks in the ring, has
 * nothing else, and can at worst cause a refusal.  The only file that includes libarchive.  SPEC
 * V9.
 */
#ifndef VERIFY_PARSER_H
#define VERIFY_PARSER_H

#include "formats/err.h"

struct parser {
	int feed, message;	/* pipe ends; see wire.h */
	const uint8_t *ring;	/* RING_SIZE bytes, read only */
};

/* Exit statuses: it could not be confined, and was not started; it has no memory. */
#define PARSER_UNCONFINED 3
#define PARSER_NO_MEMORY 4

/* Walk the ISO volume once, forwards, and tell the judge what is in it; never returns. */
_Noreturn void parser_run(const struct parser *p);

#endif
