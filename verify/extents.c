/*
 * extents: see extents.h.
 */
#include "verify/extents.h"

#include <inttypes.h>
#include <stdio.h>

static void
add_one(struct extents *e, uint64_t block)
{
	const size_t n = e->count;

	if (n > 0 && !e->more && e->run[n - 1].first + e->run[n - 1].count == block) {
		e->run[n - 1].count++;
	} else if (n == EXTENTS_MOST) {
		e->more = true;
	} else {
		e->run[n].first = block;
		e->run[n].count = 1;
		e->count++;
	}
}

void
extents_add(struct extents *e, uint64_t block, uint32_t bad)
{
	for (; bad != 0; block++, bad >>= 1)
		if ((bad & 1) != 0)
			add_one(e, block);
}

const char *
extents_print(const struct extents *e, char *out, size_t cap)
{
	size_t i, used = (size_t)snprintf(out, cap, "blocks");
	int n;

	for (i = 0; i < e->count && used + 50 <= cap; i++) {
		const uint64_t first = e->run[i].first, last = first + e->run[i].count - 1;

		n = first == last ? snprintf(out + used, cap - used, "%s %" PRIu64,
		    i == 0 ? "" : ",", first) : snprintf(out + used, cap - used,
		    "%s %" PRIu64 "-%" PRIu64, i == 0 ? "" : ",", first, last);
		used += n < 0 ? 0 : (size_t)n;
	}
	if (i < e->count || e->more)
		(void)snprintf(out + used, cap - used, ", and more");
	return out;
}

void
extents_json(struct json_writer *w, const struct extents *e)
{
	size_t i;

	json_open_array(w, "extents");
	for (i = 0; i < e->count; i++) {
		json_open_object(w, NULL);
		json_put_uint(w, "first", e->run[i].first);
		json_put_uint(w, "count", e->run[i].count);
		json_close(w);
	}
	json_close(w);
	json_put_bool(w, "more_extents", e->more);
}
