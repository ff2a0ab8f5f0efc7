/*
 * relations: how releases of all vendors relate: what requires, incorporates, supersedes and
 * conflicts with what.  Pure arithmetic on a graph; nothing is believed of it but the texts.
 * SPEC, "Relations".
 */
#ifndef FORMATS_RELATIONS_H
#define FORMATS_RELATIONS_H

#include "formats/json.h"

enum relation {
	RELATION_REQUIRES,
	RELATION_INCORPORATES,
	RELATION_SUPERSEDES,
	RELATION_CONFLICTS,
	RELATION_COUNT
};

/* Sets of relations: 1u << RELATION_...  These three lead from the newer to the older. */
#define RELATIONS_OLDER \
	(1u << RELATION_REQUIRES | 1u << RELATION_INCORPORATES | 1u << RELATION_SUPERSEDES)
/* Who leads to a release by one of these stands in its place. */
#define RELATIONS_REPLACES (1u << RELATION_INCORPORATES | 1u << RELATION_SUPERSEDES)

#define RELATIONS_NONE SIZE_MAX

struct relations;
struct relations *relations_new(void);		/* NULL: no memory */
void relations_free(struct relations *r);

/*
 * relations_add(r, vendor, id, j, o):
 * Take in the release ${vendor}:${id}; ${o} of ${j} has its lists requires, incorporates,
 * supersedes, conflicts (those that are missing are empty): the body of a release, or a struct
 * summary's node.  ${j} stays until relations_free.
 */
enum err relations_add(struct relations *r, const char *vendor, const char *id, struct json *j,
    const struct json_node *o) MUST_USE;

/* When all were taken in, and before anything is asked. */
enum err relations_ready(struct relations *r) MUST_USE;

/*
 * Releases are numbered from 0, in the order of their names' bytes: those that were taken in, and
 * those that were only named (not known).
 */
size_t relations_count(const struct relations *r);
const char *relations_name(const struct relations *r, size_t release);	/* "vendor:id" */
bool relations_known(const struct relations *r, size_t release);
/* RELATIONS_NONE: there is none of that name. */
size_t relations_find(const struct relations *r, const char *name);

/*
 * relations_reach(r, from, kinds, back, out):
 * The releases that ${from} leads to by relations of the set ${kinds}, over any number of steps
 * (${back}: those that lead to ${from}), without itself, in ascending order.  ${out} has room for
 * relations_count; ${n} gets how many.  ERR_MEMORY only.
 *
 *	contained in:		1u << RELATION_INCORPORATES, back
 *	superseded by:		RELATIONS_REPLACES, back
 *	all that it contains:	1u << RELATION_INCORPORATES
 */
enum err relations_reach(const struct relations *r, size_t from, unsigned kinds, bool back,
    size_t *out, size_t *n) MUST_USE;

/*
 * relations_missing(r, release, present, out, n):
 * What must be there before ${release} and is not: what it requires, and what that requires, in
 * the order in which to install it.  ${present} tells of each release whether it is there; one that
 * a present one contains counts as there, too.
 */
enum err relations_missing(const struct relations *r, size_t release, const bool *present,
    size_t *out, size_t *n) MUST_USE;

/*
 * Sort ${n} releases, so that each comes after all that it requires, incorporates or supersedes,
 * over any number of steps; the same for the same relations.  Where they lead in a circle, one of
 * its relations does not count.
 */
void relations_order(const struct relations *r, size_t *release, size_t n);

/*
 * A circle of RELATIONS_OLDER: each of ${n} releases leads to the next, and the last to the first;
 * one that leads to itself is a circle.  0: there is none.  Lives as long as ${r}.
 */
const size_t *relations_circle(const struct relations *r, size_t *n);

/* The releases that conflict with ${release}, by what either says.  As relations_reach. */
enum err relations_conflicts(const struct relations *r, size_t release, size_t *out,
    size_t *n) MUST_USE;

#endif
