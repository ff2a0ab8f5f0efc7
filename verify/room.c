/*
 * room: see room.h.
 */
#include "verify/room.h"

#include <stdlib.h>

void *
room_for_one(void *array, size_t count, size_t size)
{
	if ((count & (count + 1)) != 0)	/* room for 2^n is made when 2^n - 1 are full */
		return array;
	return reallocarray(array, 2 * count + 2, size);
}
