/*
 * crew: the reader and the parser as processes, the pipes to them, and the ring.  SPEC, "Three
 * processes".
 */
#ifndef VERIFY_CREW_H
#define VERIFY_CREW_H

#include <sys/types.h>

#include "formats/err.h"
#include "verify/medium.h"

struct crew {
	pid_t reader, parser;		/* -1: not there */
	int command, report, message;	/* our ends of the pipes; see wire.h */
	int map;			/* memory for the block map, which the reader has too */
	const uint8_t *ring;
};

/*
 * crew_start(c, m, kept, f):
 * Start both for ${m}, before any secret is in memory.  ${kept} is a file, open for reading and
 * writing, with the good blocks of earlier tries, or -1.  In any case the caller ends with
 * crew_stop, which never waits for a process that hangs in a drive.
 */
enum err crew_start(struct crew *c, const struct medium *m, int kept, struct fault *f) MUST_USE;
void crew_stop(struct crew *c);

/*
 * When the parser has nothing good to say any more: did the reader die, or was the parser killed
 * from outside or not able to begin?  Then that says nothing of the medium.
 */
bool crew_died(struct crew *c);

#endif
