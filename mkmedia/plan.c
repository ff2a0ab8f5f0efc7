/*
 * plan: see plan.h.
 */
#include "mkmedia/plan.h"

#include <string.h>

#define RECORD 102	/* ECMA-119 9.1 without the name; PX, TF and the head of NM of RRIP 1.10 */
#define ISO_NAME 33	/* the longest name in a record: 30, and ";1" */
#define PATH_ROW 10	/* ECMA-119 9.4 without the name */

static uint64_t
sectors(uint64_t bytes)
{
	return (bytes + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
}

bool
plan_end(const struct plan *p, const struct seal_cut *at)
{
	return at->release == p->count;
}

struct seal_cut
plan_fill(const struct plan *p, struct seal_cut from, uint64_t room, uint64_t *used)
{
	struct seal_cut at = from;
	const struct plan_file *file;
	uint64_t need, left;

	for (*used = 0; !plan_end(p, &at); *used += need) {
		file = &p->release[at.release].file[at.line - 1];
		left = room - *used;
		need = file->names + sectors(file->size - at.offset);
		if (need > left) {
			if (left < file->names + PLAN_PIECE)
				break;
			/* Less than what is left of the file, because that does not fit. */
			need = (left - file->names) / SECTOR_SIZE * SECTOR_SIZE;
			at.offset += need;
			*used += file->names + need;
			break;
		}
		at.offset = 0;
		if (at.line++ == p->release[at.release].count)
			at = (struct seal_cut){ at.release + 1, 1, 0 };
	}
	return at;
}

static uint64_t
record(size_t len)
{
	return RECORD + len + (len + 2 < ISO_NAME ? len + 2 : ISO_NAME);
}

uint64_t
plan_names(const char *path, size_t len, const char *before, size_t before_len)
{
	uint64_t bytes = 0;
	size_t at = 0, i;

	/* Where the directories that both are in end. */
	for (i = 0; i < len && i < before_len && path[i] == before[i]; i++)
		if (path[i] == '/')
			at = i + 1;
	for (i = at; i < len; i++) {
		if (path[i] != '/')
			continue;
		/* A sector of its own, a record in its parent, rows in both path tables. */
		bytes += SECTOR_SIZE + record(i - at) + 2 * (PATH_ROW + i - at);
		at = i + 1;
	}
	return bytes + record(len - at);
}
