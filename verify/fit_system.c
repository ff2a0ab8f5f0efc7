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

/* All releases beside one system, while it is looked at. */
struct look {
	struct fit_system *s;
	const struct relations *r;
	const struct fit_known **known;	/* by the numbers of relations; NULL: not known */
	bool *later;		/* it is for versions above those that are there */
	size_t *order, *room;	/* numbers */
};

static void
look_versions(const struct look *l, const struct fit_known *release, size_t count)
{
	struct match_row row;

	for (size_t i = 0; i < count; i++) {
		const size_t node = release[i].node;

		match_judge(release[i].match, l->s->match, &row);
		l->known[node] = &release[i];
		l->s->present[node] = row.match == MATCH_ALREADY;
		l->s->fits[node] = row.match == MATCH_FITS && !release[i].withdrawn;
		l->later[node] = row.match == MATCH_UNAFFECTED && row.lower &&
		    !release[i].withdrawn;
	}
	for (size_t i = 0; i < relations_count(l->r); i++)
		l->order[i] = i;
	relations_order(l->r, l->order, relations_count(l->r));
}

/* What is missing before ${node} could come, and brings a version that it is for. */
static enum err
look_later(const struct look *l, size_t node)
{
	bool leads = false, come = true;
	size_t n;
	enum err e = relations_missing(l->r, node, l->s->present, l->room, &n);

	for (size_t i = 0; e == OK && come && i < n; i++) {
		come = l->s->fits[l->room[i]];
		leads |= come && match_leads(l->known[l->room[i]]->match, l->known[node]->match);
	}
	l->s->fits[node] = e == OK && come && leads;
	return e;
}

/* From the older to the newer: what comes after others is asked after them. */
static enum err
look_relations(const struct look *l)
{
	size_t i, n, node;
	enum err e = OK;

	for (i = 0; e == OK && i < relations_count(l->r); i++) {
		node = l->order[i];
		if (!l->s->fits[node] && !l->later[node])
			continue;
		if ((e = relations_conflicts(l->r, node, l->room, &n)) != OK)
			break;
		if (fit_system_first(l->s, l->room, n) != RELATIONS_NONE)
			l->s->fits[node] = false;
		else if (l->later[node])
			e = look_later(l, node);
	}
	return e;
}

enum err
fit_system_look(struct fit_system *s, const struct relations *r, const struct fit_known *release,
    size_t count, size_t *room)
{
	const size_t numbers = relations_count(r) + 1;
	struct look l = { .s = s, .r = r, .room = room };
	enum err e = ERR_MEMORY;

	if (s->present != NULL)
		return OK;
	l.known = calloc(numbers, sizeof(const struct fit_known *));
	l.later = calloc(numbers, sizeof(bool));
	l.order = calloc(numbers, sizeof(size_t));
	s->fits = calloc(numbers, sizeof(bool));
	s->present = calloc(numbers, sizeof(bool));
	if (l.known != NULL && l.later != NULL && l.order != NULL && s->fits != NULL &&
	    s->present != NULL) {
		look_versions(&l, release, count);
		e = look_relations(&l);
	}
	if (e != OK) {
		free(s->present);
		free(s->fits);
		s->present = s->fits = NULL;
	}
	free(l.known);
	free(l.later);
	free(l.order);
	return e;
}
