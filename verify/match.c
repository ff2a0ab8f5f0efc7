/*
 * match: see match.h.
 */
#include "verify/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/limits.h"

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

/* A component that has a package URL. */
struct item {
	struct purl *purl;
	const struct passport_component *component;
};

struct match_system {
	const struct passport *passport;
	size_t count;
	struct item *item;		/* sorted by package */
};

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

/* ---- systems ---- */

static int
compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = purl_compare(x->purl, y->purl);

	/* Several of one package: in the order in which they stand in the passport. */
	return order != 0 ? order : (x->component > y->component) - (x->component < y->component);
}

enum err
match_system_new(struct match_system **out, const struct passport *p)
{
	struct match_system *s = calloc(1, sizeof(*s));
	const struct passport_component *c;
	size_t i;
	enum err e;

	*out = NULL;
	if (s == NULL)
		return ERR_MEMORY;
	s->passport = p;
	if (p != NULL && (s->item = calloc(p->count + 1, sizeof(*s->item))) == NULL)
		goto memory;
	for (i = 0; p != NULL && i < p->count; i++) {
		c = &p->component[i];
		if (*c->purl == '\0')
			continue;
		e = purl_parse(&s->item[s->count].purl, c->purl, strlen(c->purl));
		if (e == ERR_MEMORY)
			goto memory;
		if (e == OK)	/* what is no package is found by nobody */
			s->item[s->count++].component = c;
	}
	if (s->count > 1)
		qsort(s->item, s->count, sizeof(*s->item), compare_items);
	*out = s;
	return OK;
memory:
	match_system_free(s);
	return ERR_MEMORY;
}

void
match_system_free(struct match_system *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->count; i++)
		purl_free(s->item[i].purl);
	free(s->item);
	free(s);
}

/* The first component of the package ${key}, or where it would be. */
static size_t
first_of(const struct match_system *s, const struct purl *key)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (purl_compare(s->item[middle].purl, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- the question ---- */

/* What a package URL says more than which package: each qualifier must be the same. */
static bool
qualifies(const struct purl *wanted, const struct purl *has)
{
	const char *value;
	size_t i;

	for (i = 0; i < wanted->qualifiers; i++) {
		value = purl_qualifier(has, wanted->qualifier[i].key);
		if (value == NULL || strcmp(value, wanted->qualifier[i].value) != 0)
			return false;
	}
	return true;
}

static bool
lists(const struct match_release *r, const struct json_node *list, const char *value)
{
	size_t i;

	for (i = 0; i < json_count(list); i++)
		if (strcmp(json_get_string_at(r->json, list, i, 1, LIMIT_TEXT), value) == 0)
			return true;
	return false;
}

/* "debian" is for all of them, "debian/12" for 12 and 12.8. */
static bool
lists_system(const struct match_release *r, const struct json_node *list, const struct passport *p)
{
	const size_t id = strlen(p->os_id);
	size_t i, n;

	for (i = 0; i < json_count(list); i++) {
		const char *text = json_get_string_at(r->json, list, i, 1, LIMIT_TEXT);

		if (strncmp(text, p->os_id, id) != 0)
			continue;
		if (text[id] == '\0')
			return true;
		n = strlen(text) - id - 1;
		if (text[id] == '/' && strncmp(p->os_version, text + id + 1, n) == 0 &&
		    (p->os_version[n] == '\0' || p->os_version[n] == '.'))
			return true;
	}
	return false;
}

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

/* Which order decides where a range holds all versions: what the type of package has, if it has one. */
static enum err
compare_versions(const struct need *n, const char *a, const char *b, int *order)
{
	enum version_scheme scheme = n->range->scheme;

	if (scheme == VERSION_ALL &&
	    version_scheme_find(n->purl->type, strlen(n->purl->type), &scheme) != OK) {
		if (version_compare(VERSION_SEMVER, a, b, order) == OK)
			return OK;
		scheme = VERSION_INTDOT;
	}
	return version_compare(scheme, a, b, order);
}

/* The version of the package of ${n} that ${r} brings for a component like ${i}; NULL: it says none. */
static const char *
provided(const struct match_release *r, const struct need *n, const struct item *i)
{
	size_t k;

	for (k = 0; k < r->provides; k++)
		if (purl_same(r->provided[k], n->purl) && qualifies(r->provided[k], i->purl))
			return r->provided[k]->version;
	return NULL;
}

/* ${version} lies in the range, and is older than what the release brings. */
static void
judge_affected(const struct match_release *r, const struct need *n,
    const struct passport_component *c, struct match_row *row)
{
	if (*c->fact[FACT_CUSTOMISED] == '\0')
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
judge_component(const struct match_release *r, const struct need *n, const struct item *i,
    struct match_row *row)
{
	const struct passport_component *c = i->component;
	const char *base = c->fact[FACT_CUSTOMISED];
	const char *version = *base == '\0' ? c->version : base;
	const char *new = provided(r, n, i);
	enum version_side side;
	int order = -1;

	if (version_range_side(n->range, version, &side) != OK ||
	    (new != NULL && compare_versions(n, version, new, &order) != OK)) {
		decide(row, MATCH_UNKNOWN, c, n, "versions that cannot be compared with", version);
		return;
	}
	if (new != NULL && order == 0)
		decide(row, MATCH_ALREADY, c, n, "it brings", new);
	else if (new != NULL && order > 0)
		decide(row, MATCH_OLDER, c, n, "newer than what it brings,", new);
	else if (side == VERSION_IN)
		judge_affected(r, n, c, row);
	else if (side == VERSION_ABOVE && new == NULL)
		decide(row, MATCH_OLDER, c, n, "newer than what it is for", "");
	else
		decide(row, MATCH_UNAFFECTED, c, n, "it is for other versions", "");
}

static void
judge_need(const struct match_release *r, const struct need *n, const struct match_system *s,
    struct match_row *row)
{
	const struct passport *p = s->passport;
	size_t i;

	if (n->systems != NULL && *p->os_id != '\0' && !lists_system(r, n->systems, p)) {
		decide(row, MATCH_UNAFFECTED, NULL, n, "it is for other operating systems", "");
		return;
	}
	if (n->architectures != NULL && *p->architecture != '\0' &&
	    !lists(r, n->architectures, p->architecture)) {
		decide(row, MATCH_UNAFFECTED, NULL, n, "it is for other machines", "");
		return;
	}
	for (i = first_of(s, n->purl); i < s->count && purl_same(s->item[i].purl, n->purl); i++) {
		if (!qualifies(n->purl, s->item[i].purl))
			continue;
		if ((n->systems != NULL && *p->os_id == '\0') ||
		    (n->architectures != NULL && *p->architecture == '\0'))
			decide(row, MATCH_UNKNOWN, s->item[i].component, n,
			    "the passport does not say which system or machine it is", "");
		else
			judge_component(r, n, &s->item[i], row);
	}
}

void
match_judge(const struct match_release *r, const struct match_system *s, struct match_row *out)
{
	size_t i;

	*out = (struct match_row){ .match = MATCH_UNKNOWN, .needed = "" };
	if (s->passport == NULL) {
		(void)snprintf(out->reason, sizeof(out->reason), "no passport");
		return;
	}
	if (r->needs == 0) {
		(void)snprintf(out->reason, sizeof(out->reason),
		    "the release does not say what it is for");
		return;
	}
	out->match = MATCH_UNAFFECTED;
	for (i = 0; i < r->needs; i++)
		judge_need(r, &r->need[i], s, out);
	if (*out->reason == '\0')
		(void)snprintf(out->reason, sizeof(out->reason), "it has nothing of that");
	if (out->newer && out->match > MATCH_UNKNOWN) {
		out->match = MATCH_UNKNOWN;
		(void)snprintf(out->reason, sizeof(out->reason),
		    "it fits, and would replace something newer");
	}
}
