/*
 * ours: see ours.h.
 */
#include "ingest/ours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/release.h"
#include "ingest/stage.h"
#include "verify/file.h"
#include "verify/room.h"

static int
compare(const void *a, const void *b)
{
	return purl_compare(*(const struct purl *const *)a, *(const struct purl *const *)b);
}

/* A purl that is none applies to nothing. */
static enum err
take_purl(struct ours *o, const char *text)
{
	struct purl **more, *purl;
	enum err e = purl_parse(&purl, text, strlen(text));

	if (e != OK)
		return e == ERR_MEMORY ? e : OK;
	if ((more = room_for_one(o->named, o->count, sizeof(struct purl *))) == NULL) {
		purl_free(purl);
		return ERR_MEMORY;
	}
	o->named = more;
	o->named[o->count++] = purl;
	return OK;
}

static enum err
take_release(struct ours *o, const void *buf, size_t len, struct fault *f)
{
	const struct json_node *root, *list;
	struct release *r = NULL;
	struct document doc;
	size_t n;
	enum err e;

	if ((e = document_split(buf, len, &doc)) != OK)
		return err_fault(f, e, "release");
	if ((e = release_parse(&r, &doc, o->vendor, f)) != OK)
		return e;
	root = json_root(r->json);
	if (json_has(root, "applies_to")) {
		list = json_get_array(r->json, root, "applies_to", 0, LIMIT_LIST);
		n = json_count(list);
		for (size_t i = 0; e == OK && i < n; i++)
			e = take_purl(o, json_get_string(r->json, json_get_object_at(r->json, list,
			    i), "purl", 1, LIMIT_TEXT));
	}
	release_free(r);
	return e == OK ? OK : err_fault(f, e, "applies_to");
}

/* A consignment in the stage. */
struct visit {
	struct ours *o;
	const struct home *h;
	const char *releases;
};

static enum err
take_named(void *arg, const char *name, struct fault *f)
{
	const struct visit *v = arg;
	char path[600], *buf;
	size_t len;
	enum err e;

	if (name[0] == '.')
		return OK;
	(void)snprintf(path, sizeof(path), "%s/%s/release", v->releases, name);
	if ((e = file_load(v->h->fd, path, LIMIT_RELEASE, &buf, &len, f)) != OK)
		return e;
	e = take_release(v->o, buf, len, f);
	free(buf);
	return e;
}

/* One consignment; what was removed from the stage by hand names nothing. */
static enum err
take_consignment(struct ours *o, const struct home *h, const char *stage, struct fault *f)
{
	char path[160];
	struct visit v = { .o = o, .h = h, .releases = path };

	(void)snprintf(path, sizeof(path), "%s/RELEASES", stage);
	return file_each(h->fd, path, take_named, &v, f);
}

enum err
ours_load(struct ours *o, const struct station *st, const char *vendor, struct fault *f)
{
	const struct site *s = st->site;
	char stage[128];
	enum err e = OK;

	*o = (struct ours){ .vendor = vendor };
	for (size_t i = 0; e == OK && i < s->accepted_count; i++) {
		const struct site_accepted *a = &s->accepted[i];

		if (a->lost || strcmp(a->vendor, vendor) != 0)
			continue;
		stage_path(a->vendor, a->customer, a->number, stage, sizeof(stage));
		e = take_consignment(o, &st->home, stage, f);
	}
	if (e != OK)
		ours_free(o);
	else if (o->count > 0)
		qsort(o->named, o->count, sizeof(struct purl *), compare);
	return e;
}

void
ours_free(struct ours *o)
{
	for (size_t i = 0; i < o->count; i++)
		purl_free(o->named[i]);
	free(o->named);
	o->named = NULL;
	o->count = 0;
}

/* Is ${text} the vendor's id, or that followed by ${separator} and more? */
static bool
begins(const char *text, const char *vendor, char separator)
{
	const size_t len = strlen(vendor);

	return text != NULL && strncmp(text, vendor, len) == 0 &&
	    (text[len] == '\0' || text[len] == separator);
}

bool
ours_keep(void *ours, const struct passport_component *c)
{
	const struct ours *o = ours;
	struct purl *purl;
	bool keep;

	if (*c->purl == '\0' || purl_parse(&purl, c->purl, strlen(c->purl)) != OK)
		return false;
	keep = begins(purl->namespace, o->vendor, '/') || begins(purl->name, o->vendor, '-') ||
	    (o->count > 0 && bsearch(&purl, o->named, o->count, sizeof(struct purl *),
	    compare) != NULL);
	purl_free(purl);
	return keep;
}
