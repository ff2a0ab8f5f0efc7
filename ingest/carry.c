/*
 * carry: see carry.h.  All purls here are canonical, so that their texts up to the version can be
 * compared.
 */
#include "ingest/carry.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/purl.h"

/* A component, and what makes it the same as another: a text, and its length. */
struct stem {
	const char *text;
	size_t len;
	const char *name;	/* "" beside a purl */
	const struct passport_component *component;
};

static struct stem
stem_of(const struct passport_component *c)
{
	if (*c->purl != '\0')
		return (struct stem){ c->purl, strcspn(c->purl, "@?#"), "", c };
	return (struct stem){ c->kind, strlen(c->kind), c->name, c };
}

static int
compare(const void *a, const void *b)
{
	const struct stem *x = a, *y = b;
	const int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	if (order != 0)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* What is said of the component ${said} is said of all of ${to} that are the same. */
static enum err
mark(struct passport *to, const struct stem *sorted, const struct passport_component *said)
{
	const char *base = passport_word(to, said->fact[FACT_CUSTOMISED]);
	const struct stem key = stem_of(said);
	const struct stem *found = bsearch(&key, sorted, to->count, sizeof(*sorted), compare);

	if (base == NULL)
		return ERR_MEMORY;
	if (found == NULL)
		return OK;
	while (found > sorted && compare(found - 1, &key) == 0)
		found--;
	for (; found < sorted + to->count && compare(found, &key) == 0; found++)
		to->component[found->component - to->component].fact[FACT_CUSTOMISED] = base;
	return OK;
}

enum err
carry_over(struct passport *to, const struct passport *from, bool all, struct fault *f)
{
	const size_t count = to->count;
	struct stem *sorted = calloc(count + 1, sizeof(*sorted));
	enum err e = sorted == NULL ? ERR_MEMORY : OK;

	for (size_t i = 0; e == OK && i < count; i++)
		sorted[i] = stem_of(&to->component[i]);
	if (e == OK)
		qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; e == OK && i < from->count; i++)
		if (*from->component[i].fact[FACT_CUSTOMISED] != '\0')
			e = mark(to, sorted, &from->component[i]);
	for (size_t i = 0; e == OK && i < from->count; i++) {
		const struct passport_component *c = &from->component[i];
		const struct stem key = stem_of(c);

		if ((all || *c->fact[FACT_READ_BY] != '\0') &&
		    bsearch(&key, sorted, count, sizeof(*sorted), compare) == NULL)
			e = passport_add(to, c);
	}
	free(sorted);
	return e == OK ? OK : err_fault(f, e, "passport");
}

void
carry_remove(struct passport *p, const struct passport_component *c)
{
	const struct stem key = stem_of(c);
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct stem s = stem_of(&p->component[i]);

		if (compare(&s, &key) != 0)
			p->component[kept++] = p->component[i];
	}
	p->count = kept;
}

/* ${text} as a canonical purl; "" if it is none. */
static void
canonical(const char *text, char out[static LIMIT_PURL + 1])
{
	struct purl *purl;

	out[0] = '\0';
	if (purl_parse(&purl, text, strlen(text)) != OK)
		return;
	if (purl_print(purl, out) != OK)
		out[0] = '\0';
	purl_free(purl);
}

static bool
is_meant(const struct passport_component *c, const char *text, const char *purl)
{
	const size_t stem = strcspn(purl, "@?#");

	if (strcmp(c->ref, text) == 0)
		return true;
	if (*purl == '\0')
		return strcmp(c->name, text) == 0;
	return strcmp(c->purl, purl) == 0 || (purl[stem] == '\0' && *c->purl != '\0' &&
	    strcspn(c->purl, "@?#") == stem && memcmp(c->purl, purl, stem) == 0);
}

enum err
carry_find(struct passport *p, const char *text, struct passport_component **out, struct fault *f)
{
	char purl[LIMIT_PURL + 1];

	*out = NULL;
	canonical(text, purl);
	for (size_t i = 0; i < p->count; i++) {
		if (!is_meant(&p->component[i], text, purl))
			continue;
		if (*out != NULL)
			return err_fault(f, ERR_USAGE, "%.60s is %.90s and %.90s; say which", text,
			    (*out)->ref, p->component[i].ref);
		*out = &p->component[i];
	}
	return *out != NULL ? OK : err_fault(f, ERR_USAGE,
	    "%s has no component %.200s; see ingest passport show %s", p->system, text, p->system);
}
