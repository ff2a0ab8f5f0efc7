/*
 * clock: how long something takes.
 */
#ifndef VERIFY_CLOCK_H
#define VERIFY_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some moment, by a clock that nobody sets. */
uint64_t clock_ms(void);
/* The same of clock ${id}, as clock_gettime has it; 0: it cannot be told. */
uint64_t clock_of(clockid_t id);

/* When ${seconds} from now will be over, by clock_ms. */
uint64_t clock_in(uint64_t seconds);
/* How many milliseconds are left until then, for poll; 0: it is over. */
int clock_left(uint64_t until);

#endif
