/*
 * progress: how far, how fast, how long still; on a terminal only.
 */
#ifndef VERIFY_PROGRESS_H
#define VERIFY_PROGRESS_H

#include <stdint.h>

#include "formats/err.h"

struct progress {
	bool shown;		/* standard error is a terminal and nobody asked for quiet */
	const char *what;	/* "blocks" */
	uint64_t unit;		/* bytes that one step stands for */
	bool running;		/* the first step was made: until then a code may be typed */
	uint64_t first, done;	/* at the first step and at the last one */
	uint64_t start, last;	/* of clock_ms */
};

/*
 * Begin; the clock runs from the first step on, and anew when there is less done than before: a
 * second pass.  Nothing is shown before half a second has passed.
 */
void progress_begin(struct progress *p, const char *what, uint64_t unit, bool quiet);
void progress_step(struct progress *p, uint64_t done, uint64_t total);
/* Wipe the line. */
void progress_end(struct progress *p);

#endif
