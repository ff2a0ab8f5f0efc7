/*
 * room: arrays that grow.
 */
#ifndef VERIFY_ROOM_H
#define VERIFY_ROOM_H

#include <stddef.h>

/*
 * ${array} of ${count} things of ${size} bytes, with room for one more: perhaps at another place.
 * NULL: no memory, and ${array} stays as it was.
 */
void *room_for_one(void *array, size_t count, size_t size);

#endif
