/*
 * crew: the reader and the parser as processes, the pipes to them, and the ring.  SPEC, "Three
 * processes".
 */
#ifndef VERIFY_CREW_H
#define VERIFY_CREW_H

#include <sys/types.h>

#include "formats/err.h"
#include "verify/device.h"

struct crew {
	pid_t reader, parser;		/* -1: not there */
	/* our ends of the pipes; see wire.h.  A write to command never waits: EAGAIN */
	int command, report, message;
	pid_t spare;	/* a second parser: none can be made later, with secrets in memory */
	int spare_message;
	int map;			/* memory for the block map, which the reader has too */
	const uint8_t *ring;
};

/* What the reader opens. */
struct crew_medium {
	const char *path;
	const struct device_source *source;	/* of facts */
	/*
	 * open for reading and writing, with good blocks of another copy, each at its place; or
	 * -1
	 */
	int kept;
	bool keeps;	/* when the medium is damaged, its good blocks go there too */
};

/*
 * crew_start(c, m, f):
 * Start both for ${m}, before any secret is in memory.  The reader opens the medium and first sends
 * a struct opening.  In any case the caller ends with crew_stop, which never waits for a process
 * that hangs in a drive.
 */
enum err crew_start(struct crew *c, const struct crew_medium *m, struct fault *f) MUST_USE;
void crew_stop(struct crew *c);

/* The spare parser takes the place of the first one, for the second pass. */
void crew_change_parser(struct crew *c);

/*
 * When the parser has nothing good to say any more: did the reader die (ERR_CHILD), or what does
 * the parser's own end say?  As blame_end, which see.
 */
enum err crew_died(struct crew *c, bool begun) MUST_USE;
/* Milliseconds of processor time that the parser has used; 0: that cannot be told. */
uint64_t crew_parser_time(const struct crew *c);

#endif
