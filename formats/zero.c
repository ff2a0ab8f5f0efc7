/*
 * zero: see zero.h.
 */
#include "formats/zero.h"

#include <string.h>

bool
zero_all(const void *b, size_t len)
{
	const unsigned char *at = b;

	/* The first is zero, and each of the others equals the one before it. */
	return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}
