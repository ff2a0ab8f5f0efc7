/*
 * library: see library.h.
 */
#include "ingest/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct library_guest
library_guest_of(const struct release *r)
{
	return (struct library_guest){ .vendor = r->vendor, .id = r->id, .json = r->json,
		.node = json_root(r->json) };
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

/* What was added first counts: the guests, then what is in the stage, then what was told. */
static enum err
take_releases(struct library *l, const struct library_guest *guest, size_t count, struct fault *f)
{
	const struct known_release *r;
	size_t i;
	enum err e = OK;

	for (i = 0; e == OK && i < count; i++)
		e = fit_add_release(l->fit, guest[i].vendor, guest[i].id, guest[i].json,
		    guest[i].node, guest[i].withdrawn);
	for (i = 0; e == OK && i < l->known.count; i++) {
		r = &l->known.release[i];
		e = fit_add_release(l->fit, r->vendor, r->summary.id, r->summary.json,
		    r->summary.node, news_withdrawn(&l->known.news, r->vendor, r->summary.id));
	}
	return e == OK ? OK : err_fault(f, e, "the releases that are known here");
}

enum err
library_open(struct library *out, const struct station *st, const struct library_guest *guest,
    size_t count, struct fault *f)
{
	enum err e;

	*out = (struct library){ .fit = fit_new() };
	if (out->fit == NULL)
		return err_fault(f, ERR_MEMORY, "the library");
	if ((e = known_load(&out->known, st, f)) != OK ||
	    (e = take_releases(out, guest, count, f)) != OK ||
	    (e = take_systems(out, st, f)) != OK ||
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
	free(l->passport);
	known_free(&l->known);
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

size_t
library_guest_find(const struct library *l, const struct library_guest *g)
{
	char name[LIMIT_ID + LIMIT_RELEASE_ID + 2];

	(void)snprintf(name, sizeof(name), "%s:%s", g->vendor, g->id);
	return fit_find(l->fit, name);
}

/* What a person said where a person must judge; else NULL. */
static const struct judged *
find_judged(const struct library *l, size_t release, size_t system, enum fit_verdict v)
{
	return !fit_open(v) ? NULL : judged_find(&l->judged, fit_release_name(l->fit, release),
	    fit_system_name(l->fit, system));
}

static enum fit_verdict
verdict_of(const struct judged *j, enum fit_verdict v)
{
	return j == NULL ? v : j->fits ? FIT_FITS : FIT_REFUSED;
}

enum err
library_judge(const struct library *l, size_t release, size_t system, struct fit_row *out,
    const struct judged **judged)
{
	const struct judged *j = NULL;
	enum err e = fit_judge(l->fit, release, system, out);

	if (e == OK) {
		j = find_judged(l, release, system, out->verdict);
		out->verdict = verdict_of(j, out->verdict);
	}
	if (judged != NULL)
		*judged = j;
	return e;
}

static enum fit_verdict
on_verdict(const void *arg, size_t release, size_t system, enum fit_verdict v)
{
	return verdict_of(find_judged(arg, release, system, v), v);
}

enum err
library_outcome(const struct library *l, size_t release, enum fit_outcome *out)
{
	const struct judged *j;

	if (fit_systems(l->fit) > 0)
		return fit_outcome(l->fit, release, on_verdict, l, out);
	j = judged_find(&l->judged, fit_release_name(l->fit, release), "");
	*out = j == NULL ? FIT_HELD : j->fits ? FIT_FOR_SOME : FIT_FOR_NONE;
	return OK;
}
