/*
 * match: see match.h.
 */
#include "verify/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/version.h"
#include "verify/match_system.h"

/* One line of applies_to. */
struct need {
	struct purl *purl;
	struct version_range *range;
	const char *text;		/* of the range */
	const struct json_node *systems, *architectures;	/* NULL: any */
};

struct match_release {
	struct json *json;
	const char *customised;		/* what it says of changed software: "judge", ... */
	size_t needs, provides;
	struct need *need;
	struct purl **provided;		/* each with a version */
};

/* What can be said of "is this meant?"; of several answers the lowest one counts. */
enum answer { NO, UNTOLD, YES };

/* ---- releases ---- */

static enum err
read_need(struct match_release *r, const struct json_node *o, struct need *out)
{
	const char *purl = json_get_string(r->json, o, "purl", 1, LIMIT_PURL);
	enum err e;

	out->text = json_get_string(r->json, o, "range", 1, LIMIT_RANGE);
	out->systems = form_list(r->json, o, "systems");
	out->architectures = form_list(r->json, o, "architectures");
	if ((e = purl_parse(&out->purl, purl, strlen(purl))) != OK)
		return e;
	return version_range_parse(&out->range, out->text, strlen(out->text));
}

enum err
match_release_new(struct match_release **out, struct json *j, const struct json_node *o)
{
	const struct json_node *needs = form_list(j, o, "applies_to");
	const struct json_node *provides = form_list(j, o, "provides");
	struct match_release *r = calloc(1, sizeof(*r));
	enum err e = OK;
	const char *text;

	*out = NULL;
	if (r == NULL)
		return ERR_MEMORY;
	r->json = j;
	r->customised = json_has(o, "customised") ?
	    json_get_string(j, o, "customised", 1, LIMIT_TEXT) : "judge";
	r->need = calloc(json_count(needs) + 1, sizeof(*r->need));
	r->provided = calloc(json_count(provides) + 1, sizeof(struct purl *));
	if (r->need == NULL || r->provided == NULL)
		e = ERR_MEMORY;
	for (; e == OK && r->needs < json_count(needs); r->needs++)
		e = read_need(r, json_get_object_at(j, needs, r->needs), &r->need[r->needs]);
	for (; e == OK && r->provides < json_count(provides); r->provides++) {
		text = json_get_string_at(j, provides, r->provides, 1, LIMIT_PURL);
		e = purl_parse(&r->provided[r->provides], text, strlen(text));
	}
	if (e != OK) {
		match_release_free(r);
		return e;
	}
	*out = r;
	return OK;
}

void
match_release_free(struct match_release *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; r->need != NULL && i < r->needs; i++) {
		purl_free(r->need[i].purl);
		version_range_free(r->need[i].range);
	}
	for (i = 0; r->provided != NULL && i < r->provides; i++)
		purl_free(r->provided[i]);
	free(r->need);
	free(r->provided);
	free(r);
}

/* ---- is this component meant? ---- */

/* ${has} is the result of match_system_machine(), of a component. */
static enum answer
for_machine(const char *wanted, const char *has)
{
	wanted = match_system_machine(wanted);
	if (*wanted == '\0')
		return YES;
	if (*has == '\0')
		return UNTOLD;
	return strcmp(wanted, has) == 0 ? YES : NO;
}

static enum answer
at_most(enum answer a, enum answer b)
{
	return a < b ? a : b;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "debian" means all of them, "debian/12" 12 and 12.8; whether "12" is 12.8 nobody knows. */
static enum answer
for_system(const char *wanted, const struct passport *p)
{
	const size_t id = strcspn(wanted, "/"), has = strlen(p->os_version);
	const char *version = wanted + id + (wanted[id] != '\0');
	const size_t len = strlen(version), common = len < has ? len : has;

	if (*p->os_id == '\0')
		return UNTOLD;
	if (strlen(p->os_id) != id || strncasecmp(wanted, p->os_id, id) != 0)
		return NO;
	if (len == 0)
		return YES;
	if (has == 0 || strcmp(p->os_version, "unknown") == 0 ||
	    is_digit(*version) != is_digit(*p->os_version))
		return UNTOLD;
	if (strncmp(version, p->os_version, common) != 0)
		return NO;
	if (has == len || (has > len && p->os_version[len] == '.'))
		return YES;
	return has < len && version[has] == '.' ? UNTOLD : NO;
}

/* The best of the answers to what a list names; an empty one names everything. */
static enum answer
for_one_of(const struct match_release *r, const struct json_node *list, bool systems,
    const struct match_system *s, const struct match_item *i)
{
	const size_t n = json_count(list);
	enum answer best = n == 0 ? YES : NO, a;

	for (size_t k = 0; best != YES && k < n; k++) {
		const char *text = json_get_string_at(r->json, list, k, 1, LIMIT_TEXT);

		a = systems ? for_system(text, s->passport) : for_machine(text, i->machine);
		best = a > best ? a : best;
	}
	return best;
}

/* What a package URL says more than which package.  The epoch is part of the version. */
static enum answer
qualifies(const struct purl *wanted, const struct match_item *i)
{
	enum answer all = YES;

	for (size_t k = 0; k < wanted->qualifiers; k++) {
		const struct purl_qualifier *q = &wanted->qualifier[k];
		const char *has = purl_qualifier(i->purl, q->key);

		if (strcmp(q->key, "arch") == 0)
			all = at_most(all, for_machine(q->value, i->machine));
		else if (strcmp(q->key, "epoch") != 0)
			all = at_most(all, has == NULL ? UNTOLD :
			    strcmp(has, q->value) == 0 ? YES : NO);
	}
	return all;
}

/* ---- versions ---- */

#define VERSION_ROOM (LIMIT_TEXT + 64)

/* The package URLs of rpm have the epoch beside the version.  What is cut here is no version. */
static const char *
whole_version(const struct purl *p, const char *version, char room[static VERSION_ROOM])
{
	const char *epoch = purl_qualifier(p, "epoch");

	if (epoch == NULL || strcmp(p->type, "rpm") != 0 || strchr(version, ':') != NULL)
		return version;
	(void)snprintf(room, VERSION_ROOM, "%.32s:%s", epoch, version);
	return room;
}

/*
 * Where a range holds all versions, the type of the package decides, if it has an order; else plain
 * numbers have one, and nobody guesses at other texts.
 */
static enum err
compare_versions(const struct need *n, const char *a, const char *b, int *order)
{
	enum version_scheme scheme = n->range->scheme;

	if (scheme == VERSION_ALL && strcmp(a, b) == 0) {
		*order = 0;
		return OK;
	}
	if (scheme == VERSION_ALL &&
	    (version_scheme_find(n->purl->type, strlen(n->purl->type), &scheme) != OK ||
	    scheme == VERSION_ALL))
		scheme = VERSION_INTDOT;
	return version_compare(scheme, a, b, order);
}

enum brought { NOTHING, EQUAL, LOWER, HIGHER };

/*
 * Beside what ${r} brings for ${i}: equal to one of it, higher than all, else lower; ${what} is one
 * that tells.
 */
static enum err
beside_provided(const struct match_release *r, const struct need *n, const struct match_item *i,
    const char *version, enum brought *out, const char **what)
{
	char room[VERSION_ROOM];
	int order;
	enum err e;

	*out = NOTHING;
	*what = "";
	for (size_t k = 0; k < r->provides; k++) {
		const struct purl *p = r->provided[k];

		if (p->version == NULL || !purl_same(p, n->purl) || qualifies(p, i) == NO)
			continue;
		e = compare_versions(n, version, whole_version(p, p->version, room), &order);
		if (e != OK)
			return e;
		if (order == 0)
			*out = EQUAL;
		else if (order < 0 && *out != EQUAL)
			*out = LOWER;
		else if (order > 0 && *out == NOTHING)
			*out = HIGHER;
		*what = p->version;
	}
	return OK;
}

bool
match_leads(const struct match_release *earlier, const struct match_release *r)
{
	char room[VERSION_ROOM];
	bool in = false;

	for (size_t i = 0; !in && i < r->needs; i++)
		for (size_t k = 0; !in && k < earlier->provides; k++) {
			const struct purl *p = earlier->provided[k];

			in = p->version != NULL && purl_same(p, r->need[i].purl) &&
			    version_range_contains(r->need[i].range,
			    whole_version(p, p->version, room), &in) == OK && in;
		}
	return in;
}

/* ---- the question ---- */

/* Only what is higher than all before changes the row. */
static void
decide(struct match_row *row, enum match m, const struct passport_component *c,
    const struct need *n, const char *phrase, const char *detail)
{
	row->newer |= m == MATCH_OLDER;
	if (*row->reason != '\0' && m <= row->match)
		return;
	row->match = m;
	row->component = c;
	row->needed = n->text;
	(void)snprintf(row->reason, sizeof(row->reason), "%s%s%s", phrase,
	    *detail == '\0' ? "" : " ", detail);
}

/* Its version lies in the range, and is older than what the release brings. */
static void
judge_affected(const struct match_release *r, const struct need *n,
    const struct passport_component *c, enum answer told, struct match_row *row)
{
	if (told == UNTOLD)
		decide(row, MATCH_UNKNOWN, c, n,
		    "it is for this version; the passport does not say for which system or machine "
		    "this is", "");
	else if (*c->fact[FACT_CUSTOMISED] == '\0')
		decide(row, MATCH_FITS, c, n, "it is for this version", "");
	else if (strcmp(r->customised, "applies") == 0)
		decide(row, MATCH_FITS, c, n, "it is for customised software, too", "");
	else if (strcmp(r->customised, "refuse") == 0)
		decide(row, MATCH_REFUSED, c, n, "it is not for customised software", "");
	else
		decide(row, MATCH_CUSTOMISED, c, n, "customised; the maker delivered",
		    c->fact[FACT_CUSTOMISED]);
}

static void
judge_version(const struct match_release *r, const struct need *n, const struct match_item *i,
    enum answer told, struct match_row *row)
{
	const struct passport_component *c = i->component;
	const char *base = c->fact[FACT_CUSTOMISED], *version;
	char room[VERSION_ROOM];
	const char *what;
	enum version_side side;
	enum brought brought;

	version = whole_version(i->purl, *base == '\0' ? c->version : base, room);
	if (version_range_side(n->range, version, &side) != OK ||
	    beside_provided(r, n, i, version, &brought, &what) != OK) {
		decide(row, MATCH_UNKNOWN, c, n, "its version cannot be compared:", version);
		return;
	}
	row->brings |= brought == LOWER && side == VERSION_IN;
	row->lower |= told == YES && (side == VERSION_BELOW || side == VERSION_BETWEEN);
	if (brought == EQUAL && *c->fact[FACT_STATE] != '\0')
		decide(row, MATCH_UNKNOWN, c, n, "it brings this version, whose state is",
		    c->fact[FACT_STATE]);
	else if (brought == EQUAL)
		decide(row, MATCH_ALREADY, c, n, "it brings this version", "");
	else if (brought == HIGHER)
		decide(row, MATCH_OLDER, c, n, "newer than what it brings,", what);
	else if (side == VERSION_IN)
		judge_affected(r, n, c, told, row);
	else if (side == VERSION_ABOVE && brought == NOTHING)
		decide(row, MATCH_OLDER, c, n, "newer than what it is for", "");
	else
		decide(row, MATCH_UNAFFECTED, c, n, "it is for other versions", "");
}

static void
judge_component(const struct match_release *r, const struct need *n, const struct match_system *s,
    const struct match_item *i, struct match_row *row)
{
	const enum answer system = for_one_of(r, n->systems, true, s, i),
	    machine = for_one_of(r, n->architectures, false, s, i),
	    told = at_most(at_most(system, machine), qualifies(n->purl, i));

	if (told == NO)
		decide(row, MATCH_UNAFFECTED, i->component, n,
		    system == NO ? "it is for other operating systems" :
		    machine == NO ? "it is for other machines" :
		    "it is for other builds of the package", "");
	else
		judge_version(r, n, i, told, row);
}

static void
judge_need(const struct match_release *r, const struct need *n, const struct match_system *s,
    struct match_row *row)
{
	const struct passport_component *c = match_system_named(s, n->purl->name);
	size_t i = match_system_first(s, n->purl);

	for (; i < s->count && purl_same(s->item[i].purl, n->purl); i++)
		judge_component(r, n, s, &s->item[i], row);
	if (c != NULL)
		decide(row, MATCH_UNKNOWN, c, n,
		    "the passport does not say which package this is", "");
}

void
match_judge(const struct match_release *r, const struct match_system *s, struct match_row *out)
{
	const char *reason = "it has nothing of that";
	size_t i;

	*out = (struct match_row){ .match = MATCH_UNAFFECTED, .needed = "" };
	for (i = 0; s->passport != NULL && i < r->needs; i++)
		judge_need(r, &r->need[i], s, out);
	if (s->passport == NULL || r->needs == 0) {
		out->match = MATCH_UNKNOWN;
		reason = s->passport == NULL ? "no passport" :
		    "the release does not say what it is for";
	} else if (out->newer && out->match == MATCH_FITS) {
		out->match = MATCH_UNKNOWN;
		reason = "it fits, and would replace something newer";
	} else if (*out->reason != '\0') {
		return;
	}
	(void)snprintf(out->reason, sizeof(out->reason), "%s", reason);
}
