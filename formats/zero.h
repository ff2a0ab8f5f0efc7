/*
 * zero: bytes that must be, or are, zero.
 */
#ifndef FORMATS_ZERO_H
#define FORMATS_ZERO_H

#include <stdbool.h>
#include <stddef.h>

/* Are all ${len} bytes at ${b} zero?  Of none, all are. */
bool zero_all(const void *b, size_t len);

#endif
