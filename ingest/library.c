/*
 * library: see library.h.
 */
#include "ingest/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/file.h"
#include "verify/room.h"

/* One entry of the ledger, on its way into the library. */
struct taking {
	struct library *library;
	const struct station *station;
	struct fault *f;
};

static enum err
take_staged(const struct taking *t, const char *stage, const char *vendor, const char *id,
    const struct digest *digest)
{
	struct library *l = t->library;
	struct release **more = room_for_one(l->release, l->releases, sizeof(struct release *));
	char path[256], *text = NULL;
	struct document doc;
	size_t len;
	enum err e = ERR_MEMORY;

	if (more == NULL)
		return err_fault(t->f, e, "the releases in the stage");
	l->release = more;
	(void)snprintf(path, sizeof(path), "%s/RELEASES/%s/release", stage, id);
	if ((e = file_load(t->station->home.fd, path, LIMIT_RELEASE, &text, &len, t->f)) != OK)
		return e;
	/* Its signatures were checked when it came; the ledger says which body that was. */
	if ((e = document_split(text, len, &doc)) != OK || !digest_equal(&doc.digest, digest))
		e = err_fault(t->f, ERR_HOME, "%s is not what the ledger says", path);
	else
		e = release_parse(&l->release[l->releases], &doc, vendor, t->f);
	free(text);
	if (e == OK)
		l->releases++;
	return e;
}

static bool
is_there(const struct site *s, uint64_t entry)
{
	size_t i;

	for (i = 0; i < s->accepted_count; i++)
		if (s->accepted[i].entry == entry)
			return !s->accepted[i].lost;
	return false;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	const struct taking *t = arg;
	const struct json_node *list, *r;
	struct digest digest;
	enum err e = OK;
	size_t i;

	(void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "accepted") != 0 ||
	    !is_there(t->station->site, number))
		return OK;
	list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES);
	for (i = 0; e == OK && i < json_count(list); i++) {
		r = json_get_object_at(j, list, i);
		digest = json_get_digest(j, r, "digest");
		e = take_staged(t, json_get_string(j, o, "stage", 1, LIMIT_TEXT),
		    json_get_string(j, o, "vendor", 1, LIMIT_ID),
		    json_get_string(j, r, "id", 1, LIMIT_RELEASE_ID), &digest);
	}
	return e == OK ? ledger_sense(j) : e;
}

static enum err
take_systems(struct library *l, const struct station *st, struct fault *f)
{
	const struct system *s;
	enum err e;

	if ((e = systems_load(&l->systems, st->site->ledger, f)) != OK)
		return e;
	if ((l->passport = calloc(l->systems.count + 1, sizeof(struct passport *))) == NULL)
		return err_fault(f, ERR_MEMORY, "the systems");
	for (; l->passports < l->systems.count; l->passports++) {
		s = &l->systems.system[l->passports];
		if (s->passports > 0 && (e = systems_passport(&l->passport[l->passports], st, s,
		    f)) != OK)
			return e;
		if ((e = fit_add_system(l->fit, s->name, l->passport[l->passports])) != OK)
			return err_fault(f, e, "%s", s->name);
	}
	return OK;
}

static enum err
add(struct library *l, const struct release *r, struct fault *f)
{
	enum err e = fit_add_release(l->fit, r->vendor, r->id, r->json, json_root(r->json), false);

	return e == OK ? OK : err_fault(f, e, "%s:%s", r->vendor, r->id);
}

enum err
library_open(struct library *out, const struct station *st, struct release *const *extra,
    size_t count, struct fault *f)
{
	struct taking t = { .library = out, .station = st, .f = f };
	size_t i;
	enum err e;

	*out = (struct library){ .fit = fit_new() };
	if (out->fit == NULL)
		return err_fault(f, ERR_MEMORY, "the library");
	for (i = 0; i < count; i++)
		if ((e = add(out, extra[i], f)) != OK)
			return e;
	if ((e = ledger_each(st->site->ledger, take_entry, &t, f)) != OK)
		return e;
	for (i = 0; i < out->releases; i++)
		if ((e = add(out, out->release[i], f)) != OK)
			return e;
	if ((e = take_systems(out, st, f)) != OK)
		return e;
	e = fit_ready(out->fit);
	return e == OK ? OK : err_fault(f, e, "the library");
}

void
library_free(struct library *l)
{
	size_t i;

	fit_free(l->fit);
	for (i = 0; i < l->passports; i++)
		passport_free(l->passport[i]);
	for (i = 0; i < l->releases; i++)
		release_free(l->release[i]);
	free(l->passport);
	free(l->release);
	systems_free(&l->systems);
	*l = (struct library){ .fit = NULL };
}
