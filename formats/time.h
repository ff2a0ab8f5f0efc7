/*
 * time: one instant and the local date it was written with (RFC 3339, seconds, numeric offset
 * or Z).
 */
#ifndef FORMATS_TIME_H
#define FORMATS_TIME_H

#include "formats/err.h"

struct moment {
	int64_t seconds;	/* since 1970-01-01T00:00:00Z, 0 .. end of the year 9999 */
	int16_t offset;		/* minutes east of UTC, -23:59 .. +23:59; 0 prints as "Z" */
};

#define TIME_TEXT 26	/* "2026-11-20T09:12:00+01:00" and a NUL */

/* Parse exactly the text ${s}; no fractions, no leap seconds, no "-00:00", no lower case. */
enum err time_parse(const char *s, struct moment *out) MUST_USE;
/* Print as RFC 3339. */
void time_print(struct moment m, char out[static TIME_TEXT]);
/* Print for people: "2026-11-20 09:12 +01:00". */
void time_print_short(struct moment m, char out[static TIME_TEXT]);

#endif
