/*
 * share: see share.h.
 */
#include "formats/share.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_behind(const struct seal_cut *cut, size_t release, uint64_t lines)
{
	return cut->release == release && cut->line > lines;
}

/* The part of ${release} that lies at or behind ${cut} begins there. */
static struct seal_cut
clamp(const struct seal_cut *cut, size_t release, uint64_t lines)
{
	if (cut->release < release)
		return (struct seal_cut){ release, 1, 0 };
	if (cut->release > release)
		return (struct seal_cut){ release, lines + 1, 0 };
	return *cut;
}

static void
add_piece(struct share *out, uint64_t line, uint64_t offset, uint64_t end)
{
	out->piece[out->piece_count++] = (struct share_piece){ line, offset, end };
}

enum err
share_of(const struct seal *s, uint64_t volume, size_t release, uint64_t lines, struct share *out)
{
	struct seal_cut end = { release, lines + 1, 0 };
	struct seal_cut begin = clamp(&s->cut[volume - 1], release, lines);

	*out = (struct share){ .piece_count = 0 };
	if (volume > 1 && is_behind(&s->cut[volume - 1], release, lines))
		return ERR_SEAL_FORM;
	if (volume < s->volumes) {
		if (is_behind(&s->cut[volume], release, lines))
			return ERR_SEAL_FORM;
		end = clamp(&s->cut[volume], release, lines);
	}
	out->first = begin.line;
	out->last = end.line - 1;
	if (seal_cut_compare(&begin, &end) >= 0)
		return OK;	/* first > last */
	if (begin.offset > 0) {
		out->first++;
		add_piece(out, begin.line, begin.offset,
		    end.line == begin.line ? end.offset : SHARE_TO_END);
	}
	if (end.offset > 0 && (end.line != begin.line || begin.offset == 0))
		add_piece(out, end.line, 0, end.offset);
	return OK;
}

void
share_name(const struct share_piece *p, char out[static SHARE_NAME])
{
	(void)snprintf(out, SHARE_NAME, "%" PRIu64 "-%016" PRIu64, p->line, p->offset);
}

bool
share_parse(const char *name, size_t len, struct share_piece *out)
{
	char copy[SHARE_NAME], again[SHARE_NAME], *end;

	if (len >= sizeof(copy) || len == 0 || name[0] < '1' || name[0] > '9')
		return false;
	memcpy(copy, name, len);
	copy[len] = '\0';
	*out = (struct share_piece){ .line = strtoull(copy, &end, 10), .end = SHARE_TO_END };
	if (*end != '-')
		return false;
	out->offset = strtoull(end + 1, NULL, 10);
	/* What does not print the same again was written in another way. */
	share_name(out, again);
	return strlen(again) == len && memcmp(again, copy, len) == 0;
}
