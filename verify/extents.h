/*
 * extents: which blocks of a medium are bad, as runs.  SPEC, "Recovery".
 */
#ifndef VERIFY_EXTENTS_H
#define VERIFY_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/json.h"

#define EXTENTS_MOST 32u

struct extents {
	size_t count;		/* runs, the first of them */
	struct { uint64_t first, count; } run[EXTENTS_MOST];
	bool more;		/* there are others */
};

/* Block ${block} + i is bad for each bit i of ${bad}; blocks come in ascending order. */
void extents_add(struct extents *e, uint64_t block, uint32_t bad);

/* "blocks 12-14, 700", as many as fit into ${cap} bytes; ", and more".  Returns ${out}. */
const char *extents_print(const struct extents *e, char *out, size_t cap);

/*
 * As the members "extents", a list of runs, and "more_extents", of the open object.
 */
void extents_json(struct json_writer *w, const struct extents *e);

#endif
