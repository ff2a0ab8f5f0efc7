/*
 * size: numbers of bytes for people.
 */
#ifndef VERIFY_SIZE_H
#define VERIFY_SIZE_H

#include <stdint.h>

#define SIZE_TEXT 32

/* "611 MiB", or "2863 KiB" below 10 MiB; the result is ${out}. */
const char *size_print(uint64_t bytes, char out[static SIZE_TEXT]);

/* What stands behind a word for ${n} of it: "s", or nothing for one. */
const char *size_plural(uint64_t n);

#endif
