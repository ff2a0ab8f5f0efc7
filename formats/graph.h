/*
 * graph: what leads to what, by numbers.  Every walk has its own queue or stack in memory: no
 * recursion.
 */
#ifndef FORMATS_GRAPH_H
#define FORMATS_GRAPH_H

#include "formats/err.h"

struct graph_edge {
	size_t from, to;
	unsigned kind;		/* below 32 */
};

/* Edges in the order of one of their ends; those of node i are first[i] up to first[i + 1]. */
struct graph_ends {
	struct graph_edge *edge;
	size_t *first;
};

struct graph {			/* zeroed: nothing */
	size_t count;		/* nodes */
	struct graph_ends forth, back;
	size_t *rank;		/* from graph_rank on */
	size_t *circle;		/* each leads to the next, the last to the first; NULL: none */
	size_t circle_count;
};

/*
 * graph_make(g, count, edge, edges):
 * ${edge} is copied and names nodes below ${count}.  In any case the caller ends with graph_free.
 */
enum err graph_make(struct graph *g, size_t count, const struct graph_edge *edge,
    size_t edges) MUST_USE;
void graph_free(struct graph *g);

/*
 * Give each node a rank above all that it leads to by the kinds in the set ${kinds} (1u << kind),
 * and find a circle.  An edge that closes a circle does not count for the rank.  Once.
 */
enum err graph_rank(struct graph *g, unsigned kinds) MUST_USE;

/* A walk to all that can be reached. */
struct graph_walk {
	const struct graph *g;
	unsigned kinds;		/* set by the caller, like the next two */
	bool back;		/* against the edges */
	const bool *stop;	/* nodes that are not entered; NULL: none */
	bool *seen;
	size_t *queue, queued;
};

/* In any case the caller ends with graph_walk_end. */
enum err graph_walk_begin(struct graph_walk *w, const struct graph *g) MUST_USE;
void graph_walk_end(struct graph_walk *w);
void graph_walk_enter(struct graph_walk *w, size_t node);
/* Enter the neighbours of ${node}. */
void graph_walk_step(struct graph_walk *w, size_t node);
/* Everything that can be reached from what was entered. */
void graph_walk_all(struct graph_walk *w);

#endif
