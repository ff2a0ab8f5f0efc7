/*
 * lineage: see lineage.h.  Only what the new release leads to is loaded: a circle that is new leads
 * back to it.
 */
#include "mkmedia/lineage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/relations.h"
#include "mkmedia/kept.h"
#include "verify/room.h"

struct lineage {
	const struct vendor_register *r;
	const struct release *release;	/* the new one */
	struct relations *relations;
	struct release **loaded;
	size_t count;
};

static bool
is_loaded(const struct lineage *l, const char *id)
{
	size_t i;

	if (strcmp(l->release->id, id) == 0)
		return true;
	for (i = 0; i < l->count; i++)
		if (strcmp(l->loaded[i]->id, id) == 0)
			return true;
	return false;
}

static enum err
load(struct lineage *l, const struct register_release *known, struct fault *f)
{
	struct release **loaded = room_for_one(l->loaded, l->count, sizeof(struct release *));
	struct release *s;
	enum err e;

	if (loaded == NULL)
		return err_fault(f, ERR_MEMORY, "relations");
	l->loaded = loaded;
	if ((e = kept_release(l->r, known, &loaded[l->count], f)) != OK)
		return e;
	s = loaded[l->count++];
	e = relations_add(l->relations, s->vendor, s->id, s->json, json_root(s->json));
	return e == OK ? OK : err_fault(f, e, "relations");
}

/* Load what ${s} names under ${key}. */
static enum err
follow(struct lineage *l, const struct release *s, const char *key, struct fault *f)
{
	const struct json_node *list = form_list(s->json, json_root(s->json), key);
	const size_t vendor = strlen(l->r->vendor), n = json_count(list);
	const struct register_release *known;
	const char *name;
	size_t i;
	enum err e;

	for (i = 0; i < n; i++) {
		name = json_get_string_at(s->json, list, i, 1, LIMIT_TEXT);
		if (strncmp(name, l->r->vendor, vendor) != 0 || name[vendor] != ':' ||
		    is_loaded(l, name + vendor + 1))
			continue;
		if ((known = register_release(l->r, name + vendor + 1)) == NULL)
			return err_fault(f, ERR_RELEASE_RELATIONS, "%s: %s was never finished here",
			    key, name);
		if ((e = load(l, known, f)) != OK)
			return e;
	}
	return OK;
}

static enum err
follow_all(struct lineage *l, const struct release *s, struct fault *f)
{
	static const char *const keys[] = { "requires", "incorporates", "supersedes", "conflicts" };
	size_t k;
	enum err e = OK;

	for (k = 0; e == OK && k < sizeof(keys) / sizeof(keys[0]); k++)
		e = follow(l, s, keys[k], f);
	return e;
}

static enum err
load_all(struct lineage *l, struct fault *f)
{
	const struct release *s = l->release;
	size_t i;
	enum err e;

	e = relations_add(l->relations, s->vendor, s->id, s->json, json_root(s->json));
	if (e != OK)
		return err_fault(f, e, "relations");
	e = follow_all(l, s, f);
	for (i = 0; e == OK && i < l->count; i++)
		e = follow_all(l, l->loaded[i], f);
	return e;
}

static enum err
check_circle(const struct lineage *l, struct fault *f)
{
	size_t n, i, used = 0;
	const size_t *circle;
	char text[240] = "";
	int len;

	if (relations_ready(l->relations) != OK)
		return err_fault(f, ERR_MEMORY, "relations");
	circle = relations_circle(l->relations, &n);
	if (n == 0)
		return OK;
	for (i = 0; i <= n && used + 1 < sizeof(text); i++) {
		len = snprintf(text + used, sizeof(text) - used, "%s%s", i == 0 ? "" : " -> ",
		    relations_name(l->relations, circle[i % n]));
		used += len < 0 ? 0 : (size_t)len;
	}
	return err_fault(f, ERR_RELEASE_RELATIONS, "%s", text);
}

enum err
lineage_check(const struct vendor_register *r, const struct release *release, struct fault *f)
{
	struct lineage l = { .r = r, .release = release, .relations = relations_new() };
	enum err e;
	size_t i;

	if (l.relations == NULL)
		e = err_fault(f, ERR_MEMORY, "relations");
	else if ((e = load_all(&l, f)) == OK)
		e = check_circle(&l, f);
	relations_free(l.relations);
	for (i = 0; i < l.count; i++)
		release_free(l.loaded[i]);
	free(l.loaded);
	return e;
}
