/*
 * match_system: see match_system.h.
 */
#include "verify/match_system.h"

#include <stdlib.h>
#include <string.h>

/* ---- machines ---- */

const char *
match_system_machine(const char *name)
{
	static const char *const names[][5] = {
		{ "", "all", "noarch", "any" },
		{ "amd64", "x86_64" },
		{ "arm64", "aarch64" },
		{ "armhf", "armv7l", "armv7hl" },
		{ "i386", "i486", "i586", "i686", "x86" },
		{ "ppc64el", "ppc64le" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t k = 0; k < 5 && names[i][k] != NULL; k++)
			if (strcmp(names[i][k], name) == 0)
				return names[i][0];
	return name;
}

/* What a package is made for; the system's, if it is for all or does not say. */
static const char *
machine_of(const struct purl *purl, const struct passport *p)
{
	const char *arch = purl_qualifier(purl, "arch");

	if (arch != NULL && *match_system_machine(arch) != '\0')
		return match_system_machine(arch);
	return match_system_machine(p->architecture);
}

/* ---- systems ---- */

static int
compare_items(const void *a, const void *b)
{
	const struct match_item *x = a, *y = b;
	int order = purl_compare(x->purl, y->purl);

	/* Several of one package: in the order in which they stand in the passport. */
	return order != 0 ? order : (x->component > y->component) - (x->component < y->component);
}

static int
compare_names(const void *a, const void *b)
{
	const struct passport_component *const *x = a, *const *y = b;

	return strcasecmp((*x)->name, (*y)->name);
}

/* Software that somebody typed in by its name: it may be any package of that name. */
static bool
is_nameless(const struct passport_component *c)
{
	return passport_is_software(c->kind) && strcmp(c->kind, "operating-system") != 0 &&
	    strcmp(c->kind, "platform") != 0;
}

static enum err
take_component(struct match_system *s, const struct passport_component *c)
{
	struct match_item *i = &s->item[s->count];
	enum err e;

	if (*c->purl == '\0') {
		if (is_nameless(c))
			s->named[s->nameless++] = c;
		return OK;
	}
	if ((e = purl_parse(&i->purl, c->purl, strlen(c->purl))) != OK)
		return e;
	i->component = c;
	i->machine = machine_of(i->purl, s->passport);
	s->count++;
	return OK;
}

enum err
match_system_new(struct match_system **out, const struct passport *p)
{
	const size_t count = p == NULL ? 0 : p->count;
	struct match_system *s = calloc(1, sizeof(*s));
	enum err e = OK;

	*out = NULL;
	if (s == NULL)
		return ERR_MEMORY;
	s->passport = p;
	s->item = calloc(count + 1, sizeof(*s->item));
	s->named = calloc(count + 1, sizeof(struct passport_component *));
	if (s->item == NULL || s->named == NULL)
		e = ERR_MEMORY;
	for (size_t i = 0; e == OK && i < count; i++)
		e = take_component(s, &p->component[i]);
	if (e != OK) {
		match_system_free(s);
		return e;
	}
	if (s->count > 1)
		qsort(s->item, s->count, sizeof(*s->item), compare_items);
	if (s->nameless > 1)
		qsort(s->named, s->nameless, sizeof(struct passport_component *), compare_names);
	*out = s;
	return OK;
}

void
match_system_free(struct match_system *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		purl_free(s->item[i].purl);
	free(s->item);
	free(s->named);
	free(s);
}

size_t
match_system_first(const struct match_system *s, const struct purl *key)
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

const struct passport_component *
match_system_named(const struct match_system *s, const char *name)
{
	const struct passport_component what = { .name = name }, *key = &what,
	    *const *found = s->nameless == 0 ? NULL : bsearch(&key, s->named, s->nameless,
	    sizeof(struct passport_component *), compare_names);

	return found == NULL ? NULL : *found;
}
