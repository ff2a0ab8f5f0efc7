/*
 * fit: see fit.h.
 */
#include "verify/fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/fit_system.h"
#include "verify/room.h"

struct fit {
	struct relations *relations;
	size_t release_count, system_count;
	struct fit_known *release;		/* sorted by name once all is ready */
	struct fit_system *system;
	size_t *numbered;		/* the releases by the numbers of relations; FIT_NONE */
	size_t *related, *containing;	/* room for as many as relations have */
};

static const struct {
	const char *code, *words;
} TEXT[] = {
	[FIT_FITS] = { "fits", "fits" },
	[FIT_AFTER] = { "fits-after", "fits after others" },
	[FIT_ALREADY] = { "already-there", "already there" },
	[FIT_UNAFFECTED] = { "not-affected", "not affected" },
	[FIT_OLDER] = { "older", "older than installed" },
	[FIT_REFUSED] = { "customised-refused", "not for customised software" },
	[FIT_CONFLICTS] = { "conflicts", "conflicts" },
	[FIT_CUSTOMISED] = { "customised", "customised: judge" },
	[FIT_UNKNOWN] = { "unknown", "cannot be told: judge" },
	[FIT_WITHDRAWN] = { "withdrawn", "withdrawn: judge" },
};

const char *
fit_code(enum fit_verdict v)
{
	return TEXT[v].code;
}

const char *
fit_words(enum fit_verdict v)
{
	return TEXT[v].words;
}

bool
fit_good(enum fit_verdict v)
{
	return v == FIT_FITS || v == FIT_AFTER;
}

bool
fit_open(enum fit_verdict v)
{
	return v >= FIT_CUSTOMISED;
}

/* ---- taking in ---- */

struct fit *
fit_new(void)
{
	struct fit *f = calloc(1, sizeof(*f));

	if (f != NULL && (f->relations = relations_new()) == NULL) {
		free(f);
		f = NULL;
	}
	return f;
}

void
fit_free(struct fit *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->release_count; i++)
		match_release_free(f->release[i].match);
	for (i = 0; i < f->system_count; i++)
		fit_system_end(&f->system[i]);
	relations_free(f->relations);
	free(f->release);
	free(f->system);
	free(f->numbered);
	free(f->related);
	free(f->containing);
	free(f);
}

enum err
fit_add_release(struct fit *f, const char *vendor, const char *id, struct json *j,
    const struct json_node *o, bool withdrawn)
{
	struct fit_known *more = room_for_one(f->release, f->release_count, sizeof(*more));
	enum err e;

	if (more == NULL)
		return ERR_MEMORY;
	f->release = more;
	more += f->release_count;
	*more = (struct fit_known){ .withdrawn = withdrawn, .order = f->release_count };
	(void)snprintf(more->name, sizeof(more->name), "%s:%s", vendor, id);
	if ((e = match_release_new(&more->match, j, o)) != OK)
		return e;
	f->release_count++;
	return relations_add(f->relations, vendor, id, j, o);
}

enum err
fit_add_system(struct fit *f, const char *name, const struct passport *p)
{
	struct fit_system *more = room_for_one(f->system, f->system_count, sizeof(*more));
	enum err e;

	if (more == NULL)
		return ERR_MEMORY;
	f->system = more;
	more += f->system_count;
	*more = (struct fit_system){ .present = NULL };
	(void)snprintf(more->name, sizeof(more->name), "%s", name);
	if ((e = match_system_new(&more->match, p)) != OK)
		return e;
	f->system_count++;
	return OK;
}

static int
compare_known(const void *a, const void *b)
{
	const struct fit_known *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* Of those with one name, the first that was added. */
static void
unify(struct fit *f)
{
	size_t i, kept = 0;

	if (f->release_count > 1)
		qsort(f->release, f->release_count, sizeof(*f->release), compare_known);
	for (i = 0; i < f->release_count; i++) {
		if (kept > 0 && strcmp(f->release[kept - 1].name, f->release[i].name) == 0) {
			f->release[kept - 1].withdrawn |= f->release[i].withdrawn;
			match_release_free(f->release[i].match);
		} else {
			f->release[kept++] = f->release[i];
		}
	}
	f->release_count = kept;
}

enum err
fit_ready(struct fit *f)
{
	size_t i, n;
	enum err e;

	unify(f);
	if ((e = relations_ready(f->relations)) != OK)
		return e;
	n = relations_count(f->relations);
	f->numbered = calloc(n + 1, sizeof(*f->numbered));
	f->related = calloc(n + 1, sizeof(*f->related));
	f->containing = calloc(n + 1, sizeof(*f->containing));
	if (f->numbered == NULL || f->related == NULL || f->containing == NULL)
		return ERR_MEMORY;
	for (i = 0; i < n; i++)
		f->numbered[i] = fit_find(f, relations_name(f->relations, i));
	for (i = 0; i < n; i++)
		if (f->numbered[i] != FIT_NONE)
			f->release[f->numbered[i]].node = i;
	return OK;
}

/* ---- names ---- */

size_t
fit_releases(const struct fit *f)
{
	return f->release_count;
}

size_t
fit_systems(const struct fit *f)
{
	return f->system_count;
}

const char *
fit_release_name(const struct fit *f, size_t release)
{
	return f->release[release].name;
}

const char *
fit_system_name(const struct fit *f, size_t system)
{
	return f->system[system].name;
}

static int
compare_name(const void *key, const void *element)
{
	return strcmp(key, ((const struct fit_known *)element)->name);
}

size_t
fit_find(const struct fit *f, const char *name)
{
	const struct fit_known *k = f->release_count == 0 ? NULL :
	    bsearch(name, f->release, f->release_count, sizeof(*k), compare_name);

	return k == NULL ? FIT_NONE : (size_t)(k - f->release);
}

/* ---- what is there ---- */

#define CONTAINED (1u << RELATION_INCORPORATES)

/* A release that is there and contains ${node}; RELATIONS_NONE. */
static enum err
find_container(struct fit *f, const struct fit_system *s, size_t node, size_t *out)
{
	size_t n = 0;
	enum err e = relations_reach(f->relations, node, CONTAINED, true, f->containing, &n);

	*out = fit_system_first(s, f->containing, n);
	return e;
}

/* What ${node} conflicts with and is there; RELATIONS_NONE.  ${n} of f->related are asked about. */
static enum err
find_conflict(struct fit *f, const struct fit_system *s, size_t node, size_t *n, size_t *out)
{
	enum err e = relations_conflicts(f->relations, node, f->related, n);

	*out = e == OK ? fit_system_first(s, f->related, *n) : RELATIONS_NONE;
	return e;
}

static enum err
look_at(struct fit *f, struct fit_system *s)
{
	return fit_system_look(s, f->relations, f->release, f->release_count, f->related);
}

/* ---- the question ---- */

/* ${text} and ${name} behind what is there already, whole or not at all. */
static void
add_reason(struct fit_row *row, const char *between, const char *text, const char *name)
{
	const size_t at = strlen(row->reason), room = sizeof(row->reason) - at;

	if (at == 0)
		between = "";
	if (strlen(between) + strlen(text) + strlen(name) < room)
		(void)snprintf(row->reason + at, room, "%s%s%s", between, text, name);
}

/* Only ${row} that fits becomes ${verdict}; what a person must judge stays so. */
static void
doubt(struct fit_row *row, enum fit_verdict verdict)
{
	if (fit_good(row->verdict))
		row->verdict = verdict;
}

/*
 * Is it contained in what is there?  Where the release says which version it brings and there is an
 * older one, one of the two is wrong.
 */
static enum err
judge_contained(struct fit *f, const struct fit_known *k, const struct fit_system *s, bool brings,
    struct fit_row *row)
{
	size_t there;
	enum err e = find_container(f, s, k->node, &there);

	if (e != OK || there == RELATIONS_NONE)
		return e;
	if (brings) {
		doubt(row, FIT_UNKNOWN);
		add_reason(row, "; ", "though contained in ", relations_name(f->relations, there));
	} else {
		row->verdict = FIT_ALREADY;
		add_reason(row, "; ", "contained in ", relations_name(f->relations, there));
	}
	return OK;
}

/* What conflicts with a release may not conflict with one that contains it: a person must judge. */
static enum err
judge_conflicts(struct fit *f, const struct fit_known *k, const struct fit_system *s,
    struct fit_row *row)
{
	size_t i, n, there;
	enum err e = find_conflict(f, s, k->node, &n, &there);

	if (e == OK && there != RELATIONS_NONE) {
		row->verdict = FIT_CONFLICTS;
		add_reason(row, "; ", "conflicts with ", relations_name(f->relations, there));
		return OK;
	}
	for (i = 0; e == OK && i < n; i++) {
		e = find_container(f, s, f->related[i], &there);
		if (e != OK || there == RELATIONS_NONE)
			continue;
		doubt(row, FIT_UNKNOWN);
		add_reason(row, "; ", "conflicts with ", relations_name(f->relations,
		    f->related[i]));
		add_reason(row, ", ", "contained in ", relations_name(f->relations, there));
	}
	return e;
}

/* What is to be installed before, all of it by name.  What cannot come cannot be waited for. */
static enum err
judge_missing(struct fit *f, const struct fit_known *k, const struct fit_system *s,
    struct fit_row *row)
{
	const bool fits = fit_good(row->verdict);
	size_t i, n, node;
	enum err e = relations_missing(f->relations, k->node, s->present, f->related, &n);

	if (e != OK || n == 0)
		return e;
	doubt(row, FIT_AFTER);
	for (i = 0; fits && i < n; i++) {
		node = f->related[i];
		if (s->fits[node])
			continue;
		doubt(row, FIT_UNKNOWN);
		add_reason(row, "; ", relations_known(f->relations, node) ?
		    "this cannot be installed: " : "nothing is known of ",
		    relations_name(f->relations, node));
	}
	for (i = 0; i < n; i++)
		add_reason(row, i == 0 ? "; after " : ", ", relations_name(f->relations,
		    f->related[i]), "");
	return OK;
}

/* The newest that stands in its place and could come. */
static enum err
find_replacing(struct fit *f, const struct fit_known *k, const struct fit_system *s,
    struct fit_row *row)
{
	size_t i, n, kept = 0;
	enum err e = relations_reach(f->relations, k->node, RELATIONS_REPLACES, true, f->related,
	    &n);

	for (i = 0; e == OK && i < n; i++)
		if (s->fits[f->related[i]])
			f->related[kept++] = f->related[i];
	if (kept == 0)
		return e;
	relations_order(f->relations, f->related, kept);
	row->replaced = f->numbered[f->related[kept - 1]];
	add_reason(row, "; ", "replaced by ", f->release[row->replaced].name);
	return OK;
}

static enum err
judge_relations(struct fit *f, const struct fit_known *k, const struct fit_system *s, bool brings,
    struct fit_row *row)
{
	enum err e = judge_contained(f, k, s, brings, row);

	if (e != OK || row->verdict == FIT_ALREADY || row->verdict == FIT_OLDER)
		return e;
	if ((e = judge_conflicts(f, k, s, row)) != OK || row->verdict == FIT_CONFLICTS)
		return e;
	if ((e = judge_missing(f, k, s, row)) != OK)
		return e;
	return find_replacing(f, k, s, row);
}

enum err
fit_judge(struct fit *f, size_t release, size_t system, struct fit_row *out)
{
	static const enum fit_verdict verdicts[] = {
		[MATCH_UNAFFECTED] = FIT_UNAFFECTED, [MATCH_ALREADY] = FIT_ALREADY,
		[MATCH_OLDER] = FIT_OLDER, [MATCH_FITS] = FIT_FITS, [MATCH_UNKNOWN] = FIT_UNKNOWN,
		[MATCH_CUSTOMISED] = FIT_CUSTOMISED, [MATCH_REFUSED] = FIT_REFUSED };
	const struct fit_known *k = &f->release[release];
	struct fit_system *s = &f->system[system];
	struct match_row row;
	enum err e;

	match_judge(k->match, s->match, &row);
	*out = (struct fit_row){ .verdict = verdicts[row.match], .component = row.component,
		.needed = row.needed, .replaced = FIT_NONE,
		.there = row.match == MATCH_ALREADY, .withdrawn = k->withdrawn };
	if (row.match == MATCH_UNAFFECTED && row.lower) {
		if ((e = look_at(f, s)) != OK)
			return e;
		if (s->fits[k->node])
			out->verdict = FIT_FITS;
	}
	add_reason(out, "", row.match == MATCH_UNAFFECTED && fit_good(out->verdict) ?
	    "it is for a version that comes before it" : row.reason, "");
	if (out->verdict == FIT_UNAFFECTED || out->verdict == FIT_REFUSED)
		return OK;
	if (row.match != MATCH_ALREADY && ((e = look_at(f, s)) != OK ||
	    (e = judge_relations(f, k, s, row.brings, out)) != OK))
		return e;
	if (k->withdrawn && (fit_good(out->verdict) || fit_open(out->verdict)))
		out->verdict = FIT_WITHDRAWN;
	if (k->withdrawn && out->verdict != FIT_OLDER)
		add_reason(out, "; ", "its vendor has withdrawn it", "");
	return OK;
}

enum err
fit_missing(struct fit *f, size_t release, size_t system, size_t *out, size_t *n)
{
	struct fit_system *s = &f->system[system];
	size_t i, all = 0;
	enum err e;

	*n = 0;
	if ((e = look_at(f, s)) == OK)
		e = relations_missing(f->relations, f->release[release].node, s->present,
		    f->related, &all);
	for (i = 0; e == OK && i < all; i++)
		if (f->numbered[f->related[i]] != FIT_NONE)
			out[(*n)++] = f->numbered[f->related[i]];
	return e;
}

enum err
fit_outcome(struct fit *f, size_t release, fit_word *word, const void *arg,
    enum fit_outcome *out)
{
	struct fit_row row;
	size_t i;
	enum err e;

	*out = f->system_count == 0 ? FIT_HELD : FIT_FOR_NONE;
	for (i = 0; i < f->system_count; i++) {
		if ((e = fit_judge(f, release, i, &row)) != OK)
			return e;
		if (word != NULL)
			row.verdict = word(arg, release, i, row.verdict);
		if (fit_good(row.verdict)) {
			*out = FIT_FOR_SOME;
			return OK;
		}
		if (fit_open(row.verdict))
			*out = FIT_HELD;
	}
	return OK;
}

void
fit_order(const struct fit *f, size_t *release, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		release[i] = f->release[release[i]].node;
	relations_order(f->relations, release, n);
	for (i = 0; i < n; i++)
		release[i] = f->numbered[release[i]];
}
