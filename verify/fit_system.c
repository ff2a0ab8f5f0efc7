/*
 * fit_system: see fit_system.h.
 */
#include "verify/fit_system.h"

#include <stdlib.h>

void
fit_system_end(struct fit_system *s)
{
	match_system_free(s->match);
	free(s->present);
	free(s->fits);
}

size_t
fit_system_first(const struct fit_system *s, const size_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s->present[list[i]])
			return list[i];
	return RELATIONS_NONE;
}

static enum err
drop_conflicts(struct fit_system *s, const struct relations *r, size_t *room)
{
	enum err e = OK;
	size_t n;

	for (size_t i = 0; e == OK && i < relations_count(r); i++) {
		if (!s->fits[i] || (e = relations_conflicts(r, i, room, &n)) != OK)
			continue;
		s->fits[i] = fit_system_first(s, room, n) == RELATIONS_NONE;
	}
	return e;
}

enum err
fit_system_look(struct fit_system *s, const struct relations *r, const struct fit_known *release,
    size_t count, size_t *room)
{
	const size_t numbers = relations_count(r) + 1;
	struct match_row row;

	if (s->present != NULL)
		return OK;
	free(s->fits);
	s->fits = calloc(numbers, sizeof(bool));
	if (s->fits == NULL || (s->present = calloc(numbers, sizeof(bool))) == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		match_judge(release[i].match, s->match, &row);
		s->present[release[i].node] = row.match == MATCH_ALREADY;
		s->fits[release[i].node] = row.match == MATCH_FITS && !release[i].withdrawn;
	}
	return drop_conflicts(s, r, room);
}
