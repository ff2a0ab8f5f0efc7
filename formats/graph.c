/*
 * graph: see graph.h.
 */
#include "formats/graph.h"

#include <stdlib.h>
#include <string.h>

void
graph_free(struct graph *g)
{
	free(g->forth.edge);
	free(g->forth.first);
	free(g->back.edge);
	free(g->back.first);
	free(g->rank);
	free(g->circle);
	*g = (struct graph){ .count = 0 };
}

/* ---- making ---- */

static int
compare_size(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_forth(const void *a, const void *b)
{
	const struct graph_edge *x = a, *y = b;
	const int from = compare_size(x->from, y->from), to = compare_size(x->to, y->to);

	return from != 0 ? from : to != 0 ? to : compare_size(x->kind, y->kind);
}

static int
compare_back(const void *a, const void *b)
{
	const struct graph_edge *x = a, *y = b;
	const struct graph_edge a_turned = { x->to, x->from, x->kind };
	const struct graph_edge b_turned = { y->to, y->from, y->kind };

	return compare_forth(&a_turned, &b_turned);
}

static enum err
sort_ends(size_t count, const struct graph_edge *edge, size_t edges, bool back,
    struct graph_ends *out)
{
	size_t at = 0;

	out->edge = calloc(edges + 1, sizeof(*out->edge));
	out->first = calloc(count + 1, sizeof(*out->first));
	if (out->edge == NULL || out->first == NULL)
		return ERR_MEMORY;
	if (edges > 0) {
		memcpy(out->edge, edge, edges * sizeof(*out->edge));
		qsort(out->edge, edges, sizeof(*out->edge), back ? compare_back : compare_forth);
	}
	for (size_t i = 0; i < count; i++) {
		out->first[i] = at;
		while (at < edges && (back ? out->edge[at].to : out->edge[at].from) == i)
			at++;
	}
	out->first[count] = at;
	return OK;
}

enum err
graph_make(struct graph *g, size_t count, const struct graph_edge *edge, size_t edges)
{
	enum err e;

	*g = (struct graph){ .count = count };
	e = sort_ends(count, edge, edges, false, &g->forth);
	return e == OK ? sort_ends(count, edge, edges, true, &g->back) : e;
}

/* ---- ranks ---- */

struct search {
	struct graph *g;
	unsigned kinds;
	size_t *stack, depth;	/* the way from where the search began */
	size_t *next;		/* edge of each node to be looked at next */
	enum { NEW, OPEN, DONE } *state;
	size_t done;
};

static void
enter(struct search *s, size_t node)
{
	s->state[node] = OPEN;
	s->next[node] = s->g->forth.first[node];
	s->stack[s->depth++] = node;
}

/* ${node} is on the way already: the first such circle is kept. */
static enum err
keep_circle(struct search *s, size_t node)
{
	struct graph *g = s->g;
	size_t from = s->depth;

	if (g->circle != NULL)
		return OK;
	do
		from--;
	while (s->stack[from] != node);
	g->circle_count = s->depth - from;
	g->circle = calloc(g->circle_count, sizeof(*g->circle));
	if (g->circle == NULL)
		return ERR_MEMORY;
	memcpy(g->circle, s->stack + from, g->circle_count * sizeof(*g->circle));
	return OK;
}

/* One step from the last node of the way: to an older one, or back when all are done. */
static enum err
step(struct search *s)
{
	const size_t at = s->stack[s->depth - 1];
	const struct graph_edge *edge;

	if (s->next[at] == s->g->forth.first[at + 1]) {
		s->state[at] = DONE;
		s->g->rank[at] = s->done++;
		s->depth--;
		return OK;
	}
	edge = &s->g->forth.edge[s->next[at]++];
	if ((1u << edge->kind & s->kinds) == 0 || s->state[edge->to] == DONE)
		return OK;
	if (s->state[edge->to] == OPEN)
		return keep_circle(s, edge->to);
	enter(s, edge->to);
	return OK;
}

enum err
graph_rank(struct graph *g, unsigned kinds)
{
	struct search s = { .g = g, .kinds = kinds };
	enum err e = OK;

	s.stack = calloc(g->count + 1, sizeof(*s.stack));
	s.next = calloc(g->count + 1, sizeof(*s.next));
	s.state = calloc(g->count + 1, sizeof(*s.state));
	g->rank = calloc(g->count + 1, sizeof(*g->rank));
	if (s.stack == NULL || s.next == NULL || s.state == NULL || g->rank == NULL)
		e = ERR_MEMORY;
	for (size_t i = 0; e == OK && i < g->count; i++) {
		if (s.state[i] == NEW)
			enter(&s, i);
		while (e == OK && s.depth > 0)
			e = step(&s);
	}
	free(s.stack);
	free(s.next);
	free(s.state);
	return e;
}

/* ---- walks ---- */

enum err
graph_walk_begin(struct graph_walk *w, const struct graph *g)
{
	*w = (struct graph_walk){ .g = g };
	w->seen = calloc(g->count + 1, sizeof(*w->seen));
	w->queue = calloc(g->count + 1, sizeof(*w->queue));
	return w->seen == NULL || w->queue == NULL ? ERR_MEMORY : OK;
}

void
graph_walk_end(struct graph_walk *w)
{
	free(w->seen);
	free(w->queue);
}

void
graph_walk_enter(struct graph_walk *w, size_t node)
{
	if (w->seen[node] || (w->stop != NULL && w->stop[node]))
		return;
	w->seen[node] = true;
	w->queue[w->queued++] = node;
}

void
graph_walk_step(struct graph_walk *w, size_t node)
{
	const struct graph_ends *ends = w->back ? &w->g->back : &w->g->forth;

	for (size_t i = ends->first[node]; i < ends->first[node + 1]; i++)
		if ((1u << ends->edge[i].kind & w->kinds) != 0)
			graph_walk_enter(w, w->back ? ends->edge[i].from : ends->edge[i].to);
}

void
graph_walk_all(struct graph_walk *w)
{
	for (size_t i = 0; i < w->queued; i++)
		graph_walk_step(w, w->queue[i]);
}

