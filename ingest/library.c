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
	if ((e = take_systems(out, st, f)) != OK ||
	    (e = judged_load(&out->judged, st->site->ledger, f)) != OK)
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
	judged_free(&l->judged);
	*l = (struct library){ .fit = NULL };
}

size_t
library_find(const struct library *l, const char *name, struct fault *f)
{
	size_t i, last = fit_find(l->fit, name), count = last == FIT_NONE ? 0 : 1;

	for (i = 0; strchr(name, ':') == NULL && i < fit_releases(l->fit); i++) {
		if (strcmp(strchr(fit_release_name(l->fit, i), ':') + 1, name) != 0)
			continue;
		last = i;
		count++;
	}
	if (count == 1)
		return last;
	(void)err_fault(f, ERR_USAGE, "%.100s %s", name, count > 1 ?
	    "is a release of several vendors; say VENDOR:ID" : "is not known here");
	return FIT_NONE;
}

enum err
library_judge(const struct library *l, size_t release, size_t system, struct fit_row *out,
    const struct judged **judged)
{
	const struct judged *j = NULL;
	enum err e = fit_judge(l->fit, release, system, out);

	if (e == OK && fit_open(out->verdict))
		j = judged_find(&l->judged, fit_release_name(l->fit, release),
		    fit_system_name(l->fit, system));
	if (j != NULL)
		out->verdict = j->fits ? FIT_FITS : FIT_REFUSED;
	if (judged != NULL)
		*judged = j;
	return e;
}

enum err
library_outcome(const struct library *l, size_t release, enum fit_outcome *out)
{
	const struct judged *j;
	struct fit_row row;
	size_t i;
	enum err e;

	*out = FIT_FOR_NONE;
	if (fit_systems(l->fit) == 0) {
		j = judged_find(&l->judged, fit_release_name(l->fit, release), "");
		*out = j == NULL ? FIT_HELD : j->fits ? FIT_FOR_SOME : FIT_FOR_NONE;
	}
	for (i = 0; i < fit_systems(l->fit); i++) {
		if ((e = library_judge(l, release, i, &row, NULL)) != OK)
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
