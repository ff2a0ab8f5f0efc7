/*
 * size: see size.h.
 */
#include "verify/size.h"

#include <stdio.h>

#include "formats/limits.h"

const char *
size_print(uint64_t bytes, char out[static SIZE_TEXT])
{
	unsigned long long kib = bytes / KIB + (bytes % KIB != 0);

	if (kib < 10 * KIB)
		(void)snprintf(out, SIZE_TEXT, "%llu KiB", kib);
	else
		(void)snprintf(out, SIZE_TEXT, "%llu MiB", kib / KIB);
	return out;
}

const char *
size_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}
