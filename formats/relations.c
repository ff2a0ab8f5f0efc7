/*
 * relations: see relations.h.
 */
#include "formats/relations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/graph.h"
#include "formats/limits.h"

/* A name as it was met, before it is known which are the same. */
struct mention {
	const char *name;
	size_t index;		/* of this mention */
	bool known;
};

struct relations {
	struct mention *mention;
	size_t mention_count, mention_room;
	char **own;		/* names that were made here */
	size_t own_count, own_room;
	struct graph_edge *edge;	/* between mentions; between releases when all is ready */
	size_t edge_count, edge_room;

	/* from relations_ready on */
	size_t count;
	const char **name;
	bool *known;
	struct graph graph;	/* rank: the older come first */
};

struct relations *
relations_new(void)
{
	return calloc(1, sizeof(struct relations));
}

void
relations_free(struct relations *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->own_count; i++)
		free(r->own[i]);
	free(r->own);
	free(r->mention);
	free(r->edge);
	free(r->name);
	free(r->known);
	graph_free(&r->graph);
	free(r);
}

/* ---- taking in ---- */

/* ${array} with room for one more of ${size} bytes; NULL: no memory, and it stays as it was. */
static void *
grow(void *array, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return array;
	larger = reallocarray(array, 2 * *room + 16, size);
	if (larger != NULL)
		*room = 2 * *room + 16;
	return larger;
}

static enum err
add_mention(struct relations *r, const char *name, bool known)
{
	struct mention *m = grow(r->mention, r->mention_count, &r->mention_room, sizeof(*m));

	if (m == NULL)
		return ERR_MEMORY;
	r->mention = m;
	m[r->mention_count] = (struct mention){ name, r->mention_count, known };
	r->mention_count++;
	return OK;
}

static enum err
add_edge(struct relations *r, size_t from, enum relation kind, const char *to)
{
	struct graph_edge *edge = grow(r->edge, r->edge_count, &r->edge_room, sizeof(*edge));

	if (edge == NULL)
		return ERR_MEMORY;
	r->edge = edge;
	edge[r->edge_count++] = (struct graph_edge){ from, r->mention_count, kind };
	return add_mention(r, to, false);
}

static enum err
add_own(struct relations *r, const char *vendor, const char *id)
{
	char **own = grow(r->own, r->own_count, &r->own_room, sizeof(*own));

	if (own == NULL)
		return ERR_MEMORY;
	r->own = own;
	if (asprintf(&own[r->own_count], "%s:%s", vendor, id) < 0)
		return ERR_MEMORY;
	r->own_count++;
	return add_mention(r, own[r->own_count - 1], true);
}

enum err
relations_add(struct relations *r, const char *vendor, const char *id, struct json *j,
    const struct json_node *o)
{
	static const char *const keys[RELATION_COUNT] = {
		[RELATION_REQUIRES] = "requires",
		[RELATION_INCORPORATES] = "incorporates",
		[RELATION_SUPERSEDES] = "supersedes",
		[RELATION_CONFLICTS] = "conflicts",
	};
	const size_t from = r->mention_count;
	enum err e = add_own(r, vendor, id);

	for (enum relation kind = 0; kind < RELATION_COUNT; kind++) {
		const struct json_node *list = form_list(j, o, keys[kind]);
		const size_t n = json_count(list);

		for (size_t i = 0; e == OK && i < n; i++)
			e = add_edge(r, from, kind, json_get_string_at(j, list, i, 1, LIMIT_TEXT));
	}
	return e;
}

/* ---- sorting ---- */

static int
compare_mentions(const void *a, const void *b)
{
	return strcmp(((const struct mention *)a)->name, ((const struct mention *)b)->name);
}

/* The releases, and in ${release} which of them each mention means. */
static void
name_releases(struct relations *r, size_t *release)
{
	if (r->mention_count > 0)
		qsort(r->mention, r->mention_count, sizeof(*r->mention), compare_mentions);
	for (size_t i = 0; i < r->mention_count; i++) {
		const struct mention *m = &r->mention[i];

		if (i == 0 || strcmp(m->name, r->name[r->count - 1]) != 0)
			r->name[r->count++] = m->name;
		r->known[r->count - 1] |= m->known;
		release[m->index] = r->count - 1;
	}
}

enum err
relations_ready(struct relations *r)
{
	size_t *release = calloc(r->mention_count + 1, sizeof(*release));
	enum err e = ERR_MEMORY;

	r->name = calloc(r->mention_count + 1, sizeof(*r->name));
	r->known = calloc(r->mention_count + 1, sizeof(*r->known));
	if (release == NULL || r->name == NULL || r->known == NULL)
		goto out;
	name_releases(r, release);
	for (size_t i = 0; i < r->edge_count; i++) {
		r->edge[i].from = release[r->edge[i].from];
		r->edge[i].to = release[r->edge[i].to];
	}
	if ((e = graph_make(&r->graph, r->count, r->edge, r->edge_count)) == OK)
		e = graph_rank(&r->graph, RELATIONS_OLDER);
out:
	free(release);
	return e;
}

/* ---- asking ---- */

size_t
relations_count(const struct relations *r)
{
	return r->count;
}

const char *
relations_name(const struct relations *r, size_t release)
{
	return r->name[release];
}

bool
relations_known(const struct relations *r, size_t release)
{
	return r->known[release];
}

static int
compare_name(const void *name, const void *other)
{
	return strcmp(name, *(const char *const *)other);
}

size_t
relations_find(const struct relations *r, const char *name)
{
	const char **found = bsearch(name, r->name, r->count, sizeof(*r->name), compare_name);

	return found == NULL ? RELATIONS_NONE : (size_t)(found - r->name);
}

const size_t *
relations_circle(const struct relations *r, size_t *n)
{
	*n = r->graph.circle_count;
	return r->graph.circle;
}

/* All that were seen but ${from}, in ascending order. */
static size_t
list_seen(const struct graph_walk *w, size_t from, size_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->g->count; i++)
		if (w->seen[i] && i != from)
			out[n++] = i;
	return n;
}

enum err
relations_reach(const struct relations *r, size_t from, unsigned kinds, bool back, size_t *out,
    size_t *n)
{
	struct graph_walk w;
	enum err e = graph_walk_begin(&w, &r->graph);

	if (e == OK) {
		w.kinds = kinds;
		w.back = back;
		graph_walk_enter(&w, from);
		graph_walk_all(&w);
		*n = list_seen(&w, from, out);
	}
	graph_walk_end(&w);
	return e;
}

enum err
relations_conflicts(const struct relations *r, size_t release, size_t *out, size_t *n)
{
	struct graph_walk w;
	enum err e = graph_walk_begin(&w, &r->graph);

	if (e == OK) {
		w.kinds = 1u << RELATION_CONFLICTS;
		graph_walk_step(&w, release);
		w.back = true;
		graph_walk_step(&w, release);
		*n = list_seen(&w, release, out);
	}
	graph_walk_end(&w);
	return e;
}

enum err
relations_missing(const struct relations *r, size_t release, const bool *present, size_t *out,
    size_t *n)
{
	struct graph_walk there, missing;
	enum err e = graph_walk_begin(&there, &r->graph);
	enum err e2 = graph_walk_begin(&missing, &r->graph);

	if (e == OK && (e = e2) == OK) {
		there.kinds = 1u << RELATION_INCORPORATES;
		for (size_t i = 0; i < r->count; i++)
			if (present[i])
				graph_walk_enter(&there, i);
		graph_walk_all(&there);
		missing.kinds = 1u << RELATION_REQUIRES;
		missing.stop = there.seen;
		graph_walk_step(&missing, release);
		graph_walk_all(&missing);
		*n = list_seen(&missing, release, out);
		relations_order(r, out, *n);
	}
	graph_walk_end(&there);
	graph_walk_end(&missing);
	return e;
}

static int
compare_rank(const void *a, const void *b, void *arg)
{
	const size_t *rank = arg, x = rank[*(const size_t *)a], y = rank[*(const size_t *)b];

	return x < y ? -1 : x > y;
}

void
relations_order(const struct relations *r, size_t *release, size_t n)
{
	if (n > 0)
		qsort_r(release, n, sizeof(*release), compare_rank, r->graph.rank);
}
