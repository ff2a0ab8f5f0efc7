/*
 * known: see known.h.
 */
#include "ingest/known.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/stage.h"
#include "verify/file.h"
#include "verify/room.h"

struct loading {
	struct known *known;
	const struct station *station;
	struct fault *f;
};

/* ---- the stage ---- */

/* What a person removed from the stage is not here. */
static enum err
load_staged(const struct loading *l, struct known_staged *staged, const char *vendor,
    const char *id, const struct digest *digest)
{
	char path[sizeof(staged->stage) + LIMIT_RELEASE_ID + 32], *text;
	struct document doc;
	size_t len;
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/RELEASES/%s/release", staged->stage, id);
	if ((e = file_load(l->station->home.fd, path, LIMIT_RELEASE, &text, &len, l->f)) != OK) {
		if (e != ERR_IO || errno != ENOENT)
			return e;
		*l->f = (struct fault){ .err = OK };
		return OK;
	}
	/* Its signatures were checked when it came; the ledger says which body that was. */
	if (document_split(text, len, &doc) != OK || !digest_equal(&doc.digest, digest))
		e = err_fault(l->f, ERR_HOME, "%s is not what the ledger says", path);
	else
		e = release_parse(&staged->release, &doc, vendor, l->f);
	free(text);
	return e;
}

static enum err
take_release(const struct loading *l, const struct json_node *o, const struct json_node *r,
    struct json *j, uint64_t entry)
{
	struct known *k = l->known;
	struct known_staged *staged = room_for_one(k->staged, k->staged_count, sizeof(*staged));
	const char *vendor = json_get_string(j, o, "vendor", 1, LIMIT_ID);
	const char *id = json_get_string(j, r, "id", 1, LIMIT_RELEASE_ID);
	const struct digest digest = json_get_digest(j, r, "digest");
	enum err e;

	if (staged == NULL)
		return ERR_MEMORY;
	k->staged = staged;
	staged += k->staged_count;
	*staged = (struct known_staged){ .entry = entry };
	stage_path(vendor, json_get_string(j, o, "customer", 1, LIMIT_ID),
	    json_get_uint(j, o, "number", 1, LIMIT_NUMBER), staged->stage, sizeof(staged->stage));
	if ((e = ledger_sense(j)) != OK)
		return e;
	e = load_staged(l, staged, vendor, id, &digest);
	if (staged->release != NULL)
		k->staged_count++;
	return e;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	const struct loading *l = arg;
	const struct json_node *list;
	size_t n;
	enum err e = OK;

	(void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "accepted") != 0 ||
	    site_lost(l->station->site, number))
		return OK;
	list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES);
	n = json_count(list);
	for (size_t i = 0; e == OK && i < n; i++)
		e = take_release(l, o, json_get_object_at(j, list, i), j, number);
	return e == OK ? ledger_sense(j) : e;
}

/* ---- all of them ---- */

static enum err
add(struct known *k, const char *vendor, const struct known_release *row)
{
	struct known_release *more = room_for_one(k->release, k->count, sizeof(*more));

	if (more == NULL)
		return ERR_MEMORY;
	k->release = more;
	more += k->count++;
	*more = *row;
	more->vendor = vendor;
	(void)snprintf(more->name, sizeof(more->name), "%s:%s", vendor, row->summary.id);
	return OK;
}

static enum err
add_staged(struct known *k, const struct known_staged *s)
{
	const struct release *r = s->release;
	const struct known_release row = { .staged = s, .summary = { .json = r->json,
		.node = json_root(r->json), .id = r->id, .product = r->product, .title = r->title,
		.kind = r->kind, .severity = r->severity, .sequence = r->sequence,
		.issued = r->issued, .digest = r->digest } };

	return add(k, r->vendor, &row);
}

static enum err
add_news(struct known *k, const struct news_vendor *v)
{
	const size_t told = v->newest == NULL ? 0 : v->newest->count;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < told; i++)
		e = add(k, v->vendor, &(const struct known_release){
		    .summary = v->newest->release[i], .catalogue = v->newest });
	for (size_t i = 0; e == OK && i < v->notices; i++)
		e = add(k, v->vendor, &(const struct known_release){
		    .summary = v->notice[i]->release, .notice = v->notice[i] });
	return e;
}

static int
by_name(const void *a, const void *b)
{
	const struct known_release *x = a, *y = b;
	const int order = strcmp(x->name, y->name);

	/* What is here says most of itself. */
	return order != 0 ? order : (y->staged != NULL) - (x->staged != NULL);
}

/* One row of each name, with everything that is known of it. */
static void
unify(struct known *k)
{
	struct known_release *to = k->release, *r;
	size_t kept = 0;

	if (k->count > 1)
		qsort(k->release, k->count, sizeof(*k->release), by_name);
	for (size_t i = 0; i < k->count; i++) {
		r = &k->release[i];
		if (kept == 0 || strcmp(to->name, r->name) != 0) {
			to = &k->release[kept++];
			*to = *r;
			continue;
		}
		if (r->staged != NULL && r->staged->entry > to->staged->entry)
			to->staged = r->staged;
		if (r->catalogue != NULL)
			to->catalogue = r->catalogue;
		if (r->notice != NULL && (to->notice == NULL ||
		    r->notice->sequence > to->notice->sequence))
			to->notice = r->notice;
	}
	k->count = kept;
}

static enum err
relate(struct known *k)
{
	enum err e = OK;

	if ((k->relations = relations_new()) == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; e == OK && i < k->count; i++)
		e = relations_add(k->relations, k->release[i].vendor, k->release[i].summary.id,
		    k->release[i].summary.json, k->release[i].summary.node);
	if (e == OK)
		e = relations_ready(k->relations);
	for (size_t i = 0; e == OK && i < k->count; i++)
		k->release[i].node = relations_find(k->relations, k->release[i].name);
	return e;
}

enum err
known_load(struct known *out, const struct station *st, struct fault *f)
{
	struct fault inside = { .err = OK };
	struct loading l = { .known = out, .station = st, .f = &inside };
	enum err e;

	*out = (struct known){ .count = 0 };
	if ((e = news_load(&out->news, st, f)) != OK)
		return e;
	if ((e = ledger_each(st->site->ledger, take_entry, &l, f)) != OK) {
		if (inside.err != OK)
			*f = inside;	/* which file, rather than which entry */
		return e;
	}
	for (size_t i = 0; e == OK && i < out->staged_count; i++)
		e = add_staged(out, &out->staged[i]);
	for (size_t i = 0; e == OK && i < out->news.count; i++)
		e = add_news(out, &out->news.vendor[i]);
	if (e == OK) {
		unify(out);
		e = relate(out);
	}
	return e == OK ? OK : err_fault(f, e, "the releases that are known");
}

void
known_free(struct known *k)
{
	relations_free(k->relations);
	free(k->release);
	for (size_t i = 0; i < k->staged_count; i++)
		release_free(k->staged[i].release);
	free(k->staged);
	news_free(&k->news);
	*k = (struct known){ .count = 0 };
}

/* ---- questions ---- */

static int
compare_name(const void *name, const void *release)
{
	return strcmp(name, ((const struct known_release *)release)->name);
}

const struct known_release *
known_find(const struct known *k, const char *name)
{
	return k->count == 0 ? NULL :
	    bsearch(name, k->release, k->count, sizeof(*k->release), compare_name);
}

enum err
known_related(const struct known *k, const struct known_release *r, unsigned kinds, bool back,
    bool here, const struct known_release **out)
{
	size_t *node = malloc((relations_count(k->relations) + 1) * sizeof(*node)), n = 0;
	const struct known_release *other;
	enum err e = node == NULL ? ERR_MEMORY :
	    relations_reach(k->relations, r->node, kinds, back, node, &n);

	*out = NULL;
	for (size_t i = 0; e == OK && i < n; i++) {
		other = known_find(k, relations_name(k->relations, node[i]));
		if (other == NULL || (*out != NULL && other->staged == NULL))
			continue;
		if (other->staged != NULL || !here)
			*out = other;
		if (other->staged != NULL)
			break;
	}
	free(node);
	return e;
}
