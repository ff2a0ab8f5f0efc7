/*
 * fit: see fit.h.
 */
#include "verify/fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "verify/room.h"

#define NAME (LIMIT_ID + 1 + LIMIT_RELEASE_ID + 1)

struct known {
	char name[NAME];
	struct match_release *match;
	bool withdrawn;
	size_t order;		/* in which it was added */
	size_t node;		/* its number in relations */
};

struct system {
	char name[LIMIT_ID + 1];
	struct match_system *match;
	bool *present;		/* by the numbers of relations; NULL: not looked at yet */
};

struct fit {
	struct relations *relations;
	size_t release_count, system_count;
	struct known *release;		/* sorted by name once all is ready */
	struct system *system;
	size_t *related;		/* room for as many as there are */
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
	for (i = 0; i < f->system_count; i++) {
		match_system_free(f->system[i].match);
		free(f->system[i].present);
	}
	relations_free(f->relations);
	free(f->release);
	free(f->system);
	free(f->related);
	free(f);
}

enum err
fit_add_release(struct fit *f, const char *vendor, const char *id, struct json *j,
    const struct json_node *o, bool withdrawn)
{
	struct known *more = room_for_one(f->release, f->release_count, sizeof(*more));
	enum err e;

	if (more == NULL)
		return ERR_MEMORY;
	f->release = more;
	more += f->release_count;
	*more = (struct known){ .withdrawn = withdrawn, .order = f->release_count };
	(void)snprintf(more->name, sizeof(more->name), "%s:%s", vendor, id);
	if ((e = match_release_new(&more->match, j, o)) != OK)
		return e;
	f->release_count++;
	return relations_add(f->relations, vendor, id, j, o);
}

enum err
fit_add_system(struct fit *f, const char *name, const struct passport *p)
{
	struct system *more = room_for_one(f->system, f->system_count, sizeof(*more));
	enum err e;

	if (more == NULL)
		return ERR_MEMORY;
	f->system = more;
	more += f->system_count;
	*more = (struct system){ .present = NULL };
	(void)snprintf(more->name, sizeof(more->name), "%s", name);
	if ((e = match_system_new(&more->match, p)) != OK)
		return e;
	f->system_count++;
	return OK;
}

static int
compare_known(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
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
	size_t i;
	enum err e;

	unify(f);
	if ((e = relations_ready(f->relations)) != OK)
		return e;
	for (i = 0; i < f->release_count; i++)
		f->release[i].node = relations_find(f->relations, f->release[i].name);
	f->related = calloc(relations_count(f->relations) + 1, sizeof(*f->related));
	return f->related == NULL ? ERR_MEMORY : OK;
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
	return strcmp(key, ((const struct known *)element)->name);
}

size_t
fit_find(const struct fit *f, const char *name)
{
	const struct known *k = f->release_count == 0 ? NULL :
	    bsearch(name, f->release, f->release_count, sizeof(*k), compare_name);

	return k == NULL ? FIT_NONE : (size_t)(k - f->release);
}

/* ---- the question ---- */

/* What is there, as far as its passport tells; looked at once. */
static enum err
look_at(struct fit *f, struct system *s)
{
	struct match_row row;
	size_t i;

	if (s->present != NULL)
		return OK;
	if ((s->present = calloc(relations_count(f->relations) + 1, sizeof(bool))) == NULL)
		return ERR_MEMORY;
	for (i = 0; i < f->release_count; i++) {
		match_judge(f->release[i].match, s->match, &row);
		s->present[f->release[i].node] = row.match == MATCH_ALREADY;
	}
	return OK;
}

static void
add_reason(struct fit_row *row, const char *text, const char *name)
{
	const size_t at = strlen(row->reason);

	(void)snprintf(row->reason + at, sizeof(row->reason) - at, "%s%s%s", at > 0 ? "; " : "",
	    text, name);
}

/* The first of ${n} related releases that is there; RELATIONS_NONE. */
static size_t
first_present(const struct fit *f, const struct system *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s->present[f->related[i]])
			return f->related[i];
	return RELATIONS_NONE;
}

/* What is to be installed before: all of them by name, as many as fit. */
static enum err
judge_missing(struct fit *f, const struct known *k, const struct system *s, struct fit_row *row)
{
	size_t i, n, at;
	enum err e = relations_missing(f->relations, k->node, s->present, f->related, &n);

	if (e != OK || n == 0)
		return e;
	row->verdict = FIT_AFTER;
	add_reason(row, "after ", relations_name(f->relations, f->related[0]));
	for (i = 1; i < n; i++) {
		at = strlen(row->reason);
		(void)snprintf(row->reason + at, sizeof(row->reason) - at, ", %s",
		    relations_name(f->relations, f->related[i]));
	}
	return OK;
}

/* It would fit by its versions: is it contained in what is there, does that forbid it, what is missing? */
static enum err
judge_relations(struct fit *f, const struct known *k, const struct system *s, struct fit_row *row)
{
	const struct relations *r = f->relations;
	size_t n, there;
	enum err e;

	if ((e = relations_reach(r, k->node, 1u << RELATION_INCORPORATES, true, f->related,
	    &n)) != OK)
		return e;
	if ((there = first_present(f, s, n)) != RELATIONS_NONE) {
		row->verdict = FIT_ALREADY;
		add_reason(row, "contained in ", relations_name(r, there));
		return OK;
	}
	if ((e = relations_conflicts(r, k->node, f->related, &n)) != OK)
		return e;
	if ((there = first_present(f, s, n)) != RELATIONS_NONE) {
		row->verdict = FIT_CONFLICTS;
		add_reason(row, "conflicts with ", relations_name(r, there));
		return OK;
	}
	if (row->verdict == FIT_FITS && (e = judge_missing(f, k, s, row)) != OK)
		return e;
	if ((e = relations_reach(r, k->node, RELATIONS_REPLACES, true, f->related, &n)) != OK)
		return e;
	if (n > 0)
		add_reason(row, "replaced by ", relations_name(r, f->related[n - 1]));
	return OK;
}

enum err
fit_judge(struct fit *f, size_t release, size_t system, struct fit_row *out)
{
	static const enum fit_verdict verdicts[] = {
		[MATCH_UNAFFECTED] = FIT_UNAFFECTED, [MATCH_REFUSED] = FIT_REFUSED,
		[MATCH_ALREADY] = FIT_ALREADY, [MATCH_OLDER] = FIT_OLDER,
		[MATCH_UNKNOWN] = FIT_UNKNOWN, [MATCH_CUSTOMISED] = FIT_CUSTOMISED,
		[MATCH_FITS] = FIT_FITS };
	const struct known *k = &f->release[release];
	struct system *s = &f->system[system];
	struct match_row row;
	enum err e;

	match_judge(k->match, s->match, &row);
	*out = (struct fit_row){ .verdict = verdicts[row.match], .component = row.component,
		.needed = row.needed };
	add_reason(out, row.reason, "");
	if (!fit_good(out->verdict) && !fit_open(out->verdict))
		return OK;
	if ((e = look_at(f, s)) != OK || (e = judge_relations(f, k, s, out)) != OK)
		return e;
	if (k->withdrawn && (fit_good(out->verdict) || fit_open(out->verdict))) {
		out->verdict = FIT_WITHDRAWN;
		add_reason(out, "its vendor has withdrawn it", "");
	}
	return OK;
}

enum err
fit_outcome(struct fit *f, size_t release, enum fit_outcome *out)
{
	struct fit_row row;
	size_t i;
	enum err e;

	*out = f->system_count == 0 ? FIT_HELD : FIT_FOR_NONE;
	for (i = 0; i < f->system_count; i++) {
		if ((e = fit_judge(f, release, i, &row)) != OK)
			return e;
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
		release[i] = fit_find(f, relations_name(f->relations, release[i]));
}
