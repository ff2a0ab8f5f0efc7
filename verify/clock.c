/*
 * clock: see clock.h.
 */
#include "verify/clock.h"

#include <time.h>

uint64_t
clock_ms(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ?
	    (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 : 0;
}
