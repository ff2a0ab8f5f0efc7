/*
 * needs: see needs.h.
 */
#include "mkmedia/needs.h"

#include <stdlib.h>
#include <string.h>

#include "mkmedia/kept.h"

/* ---- what there is ---- */

/* Also what was withdrawn or revoked: it may be there, or contained in what is there. */
static enum err
load_releases(struct needs *n, const struct vendor_register *r, struct fault *f)
{
	const struct trust *t = r->chain == NULL ? NULL : trust_chain_newest(r->chain);
	struct release *s;
	size_t i;
	enum err e;

	if ((n->release = calloc(r->release_count + 1, sizeof(struct release *))) == NULL)
		return err_fault(f, ERR_MEMORY, "releases");
	for (i = 0; i < r->release_count; i++) {
		const struct register_release *known = &r->release[i];

		if (!known->is_signed)
			continue;
		if ((e = kept_release(r, known, &n->release[n->loaded], f)) != OK)
			return e;
		s = n->release[n->loaded++];
		if ((e = fit_add_release(n->fit, s->vendor, s->id, s->json, json_root(s->json),
		    known->is_withdrawn || (t != NULL &&
		    trust_release_revoked(t, &known->digest)))) != OK)
			return err_fault(f, e, "release %s", s->id);
	}
	return OK;
}

static enum err
load(struct needs *n, const struct vendor_register *r, const struct passport *const *passport,
    size_t count, struct fault *f)
{
	size_t i;
	enum err e;

	if ((n->fit = fit_new()) == NULL)
		return err_fault(f, ERR_MEMORY, "releases");
	if ((e = load_releases(n, r, f)) != OK)
		return e;
	for (i = 0; i < count; i++)
		if ((e = fit_add_system(n->fit, passport[i]->system, passport[i])) != OK)
			return err_fault(f, e, "passport of %s", passport[i]->system);
	return (e = fit_ready(n->fit)) == OK ? OK : err_fault(f, e, "releases");
}

/* ---- what is needed ---- */

static struct needs_mark *
marks_of(const struct needs *n, size_t system)
{
	return &n->mark[system * n->releases];
}

static enum err
judge(struct needs *n, size_t system, struct needs_mark *mark)
{
	struct fit_row row;
	size_t i;
	enum err e;

	for (i = 0; i < n->releases; i++) {
		if ((e = fit_judge(n->fit, i, system, &row)) != OK)
			return e;
		mark[i] = (struct needs_mark){ .verdict = row.verdict, .instead = row.replaced,
			.warned = row.there && row.withdrawn };
	}
	return OK;
}

/* What is replaced by something good is not needed, unless something needed comes after it. */
static enum err
propose(struct needs *n, size_t system, struct needs_mark *mark, size_t *missing)
{
	size_t i, k, count;
	enum err e;

	for (i = 0; i < n->releases; i++) {
		if (mark[i].instead != FIT_NONE && !fit_good(mark[mark[i].instead].verdict))
			mark[i].instead = FIT_NONE;
		mark[i].proposed = fit_good(mark[i].verdict) && mark[i].instead == FIT_NONE;
		mark[i].asked = fit_open(mark[i].verdict) && mark[i].verdict != FIT_WITHDRAWN &&
		    mark[i].instead == FIT_NONE;
	}
	for (i = 0; i < n->releases; i++) {
		if (mark[i].verdict != FIT_AFTER || !mark[i].proposed)
			continue;
		if ((e = fit_missing(n->fit, i, system, missing, &count)) != OK)
			return e;
		for (k = 0; k < count; k++) {
			mark[missing[k]].proposed = fit_good(mark[missing[k]].verdict);
			mark[missing[k]].instead = FIT_NONE;
		}
	}
	return OK;
}

static enum err
mark_all(struct needs *n)
{
	size_t i, *missing = calloc(n->releases + 1, sizeof(*missing));
	enum err e = missing == NULL ? ERR_MEMORY : OK;

	for (i = 0; e == OK && i < n->systems; i++)
		if ((e = judge(n, i, marks_of(n, i))) == OK)
			e = propose(n, i, marks_of(n, i), missing);
	free(missing);
	return e;
}

enum err
needs_find(struct needs *out, const struct vendor_register *r,
    const struct passport *const *passport, size_t count, struct fault *f)
{
	size_t i;
	enum err e;

	*out = (struct needs){ .fit = NULL };
	if ((e = load(out, r, passport, count, f)) != OK)
		return e;
	out->systems = count;
	out->releases = fit_releases(out->fit);
	out->mark = calloc(out->systems * out->releases + 1, sizeof(*out->mark));
	out->order = calloc(out->releases + 1, sizeof(*out->order));
	if (out->mark == NULL || out->order == NULL || mark_all(out) != OK)
		return err_fault(f, ERR_MEMORY, "releases");
	for (i = 0; i < out->releases; i++)
		out->order[i] = i;
	fit_order(out->fit, out->order, out->releases);
	return OK;
}

void
needs_free(struct needs *n)
{
	size_t i;

	fit_free(n->fit);
	for (i = 0; i < n->loaded; i++)
		release_free(n->release[i]);
	free(n->release);
	free(n->mark);
	free(n->order);
}

const struct needs_mark *
needs_mark(const struct needs *n, size_t system, size_t release)
{
	return &marks_of(n, system)[release];
}

bool
needs_proposed(const struct needs *n, size_t release)
{
	size_t i;

	for (i = 0; i < n->systems; i++)
		if (needs_mark(n, i, release)->proposed)
			return true;
	return false;
}

const char *
needs_id(const struct needs *n, size_t release)
{
	return strchr(fit_release_name(n->fit, release), ':') + 1;
}
