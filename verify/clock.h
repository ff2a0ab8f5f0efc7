/*
 * clock: how long something takes.
 */
#ifndef VERIFY_CLOCK_H
#define VERIFY_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment, by a clock that nobody sets. */
uint64_t clock_ms(void);

#endif
