/*
 * clock: see clock.h.
 */
#include "verify/clock.h"

#include <limits.h>

uint64_t
clock_of(clockid_t id)
{
	struct timespec t;

	return clock_gettime(id, &t) == 0 ?
	    (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 : 0;
}

uint64_t
clock_ms(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

uint64_t
clock_in(uint64_t seconds)
{
	return clock_ms() + seconds * 1000;
}

int
clock_left(uint64_t until)
{
	const uint64_t now = clock_ms(), left = now < until ? until - now : 0;

	return left < INT_MAX ? (int)left : INT_MAX;
}
