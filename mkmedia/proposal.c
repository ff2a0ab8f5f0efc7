/*
 * proposal: see proposal.h.
 */
#include "mkmedia/proposal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "mkmedia/needs.h"

struct proposal {
	const struct arrival *a;
	struct json_writer *w;		/* NULL: for people */
	struct needs needs;
};

/* " (instead of ETL-2026-0031, ETL-2026-0030)" */
static void
print_instead(const struct needs *n, size_t system, size_t release)
{
	const char *between = " (instead of ";

	for (size_t i = 0; i < n->releases; i++) {
		if (needs_mark(n, system, n->order[i])->instead != release ||
		    !fit_good(needs_mark(n, system, n->order[i])->verdict))
			continue;
		(void)printf("%s%s", between, needs_id(n, n->order[i]));
		between = ", ";
	}
	(void)printf("%s", *between == ',' ? ")" : "");
}

static void
print_row(const struct proposal *p, size_t system, size_t release, const struct fit_row *row)
{
	const struct needs *n = &p->needs;
	const struct needs_mark *m = needs_mark(n, system, release);
	char name[4 * LIMIT_TEXT + 1] = "", version[4 * LIMIT_TEXT + 1] = "";
	char reason[4 * FIT_REASON];

	if (row->component != NULL) {
		name_show(name, sizeof(name), row->component->name);
		name_show(version, sizeof(version), row->component->version);
	}
	(void)printf("  %s %s: ", p->a->customer->id, fit_system_name(n->fit, system));
	if (row->component != NULL)
		(void)printf("%s %s ", name, version);
	(void)printf("%s %s", m->proposed ? "->" : m->asked ? "?" : "has", needs_id(n, release));
	if (m->proposed)
		print_instead(n, system, release);
	if (m->asked || m->warned || m->verdict == FIT_AFTER)
		(void)printf(": %s", name_show(reason, sizeof(reason), row->reason));
	(void)printf("\n");
}

static void
put_row(const struct proposal *p, size_t system, size_t release, const struct fit_row *row)
{
	const struct needs *n = &p->needs;
	const struct needs_mark *m = needs_mark(n, system, release);

	json_open_object(p->w, NULL);
	json_put_string(p->w, "id", needs_id(n, release));
	json_put_string(p->w, "verdict", fit_code(row->verdict));
	json_put_bool(p->w, "proposed", m->proposed);
	json_put_bool(p->w, "withdrawn", row->withdrawn);
	if (m->instead != FIT_NONE)
		json_put_string(p->w, "instead", needs_id(n, m->instead));
	if (row->component != NULL) {
		json_put_string(p->w, "component", row->component->name);
		json_put_string(p->w, "installed", row->component->version);
		json_put_string(p->w, "needed", row->needed);
	}
	json_put_string(p->w, "why", row->reason);
	json_close(p->w);
}

/* What there is to say of one system: in the order of installation. */
static enum err
say_rows(const struct proposal *p, size_t system)
{
	const struct needs *n = &p->needs;
	bool said = false;
	struct fit_row row;
	enum err e;

	for (size_t i = 0; i < n->releases; i++) {
		const size_t release = n->order[i];
		const struct needs_mark *m = needs_mark(n, system, release);
		const bool shown = m->proposed || m->asked || m->warned;

		if (!shown && (p->w == NULL || !fit_good(m->verdict)))
			continue;
		if ((e = fit_judge(n->fit, release, system, &row)) != OK)
			return e;
		if (p->w != NULL)
			put_row(p, system, release, &row);
		else
			print_row(p, system, release, &row);
		said = true;
	}
	if (!said && p->w == NULL)
		(void)printf("  %s %s: needs nothing of what is current\n", p->a->customer->id,
		    fit_system_name(n->fit, system));
	return OK;
}

/* ${system} counts up where the passport was asked about. */
static enum err
say_passport(const struct proposal *p, const struct arrival_passport *q, size_t *system)
{
	char taken[TIME_TEXT];
	enum err e = OK;

	time_print_short(q->passport->taken, taken);
	if (p->w != NULL) {
		json_open_object(p->w, NULL);
		json_put_string(p->w, "system", q->passport->system);
		json_put_uint(p->w, "number", q->passport->number);
		json_put_moment(p->w, "taken", q->passport->taken);
		json_put_digest(p->w, "digest", &q->passport->digest);
		json_put_bool(p->w, "known", q->known);
		if (q->newer != 0)
			json_put_uint(p->w, "newer", q->newer);
		json_open_array(p->w, "releases");
	} else {
		(void)printf("  %s %s: passport %llu, %s%s\n", p->a->customer->id,
		    q->passport->system, (unsigned long long)q->passport->number, taken,
		    q->known ? "; known already" : "");
		if (q->newer != 0)
			(void)printf("  %s %s: older than passport %llu, which was here before\n",
			    p->a->customer->id, q->passport->system,
			    (unsigned long long)q->newer);
	}
	if (q->newer == 0)
		e = say_rows(p, (*system)++);
	if (p->w != NULL) {
		json_close(p->w);
		json_close(p->w);
	}
	return e;
}

/* The releases for all of its systems, as the next command has them. */
static void
say_build(const struct proposal *p)
{
	const struct needs *n = &p->needs;
	bool any = false;

	if (p->w != NULL)
		json_open_array(p->w, "build");
	for (size_t i = 0; i < n->releases; i++) {
		if (!needs_proposed(n, n->order[i]))
			continue;
		if (p->w != NULL)
			json_put_string(p->w, NULL, needs_id(n, n->order[i]));
		else
			(void)printf("%s %s", any ? "" : "  Next: mkmedia build",
			    needs_id(n, n->order[i]));
		any = true;
	}
	if (p->w != NULL)
		json_close(p->w);
	else if (any)
		(void)printf(" --customer %s -o DIR\n", p->a->customer->id);
}

static enum err
say_all(const struct proposal *p)
{
	size_t system = 0;
	enum err e = OK;

	if (p->w != NULL)
		json_open_array(p->w, "systems");
	for (size_t i = 0; e == OK && i < p->a->count; i++)
		e = say_passport(p, &p->a->passport[i], &system);
	if (p->w != NULL)
		json_close(p->w);
	say_build(p);
	return e;
}

enum err
proposal_say(const struct vendor_register *r, const struct arrival *a, struct json_writer *w,
    struct fault *f)
{
	const struct passport **passport = calloc(a->count + 1, sizeof(const struct passport *));
	struct proposal p = { .a = a, .w = w };
	size_t count = 0;
	enum err e;

	if (passport == NULL)
		return err_fault(f, ERR_MEMORY, "passports");
	for (size_t i = 0; i < a->count; i++)
		if (a->passport[i].newer == 0)
			passport[count++] = a->passport[i].passport;
	if ((e = needs_find(&p.needs, r, passport, count, f)) == OK && (e = say_all(&p)) != OK)
		(void)err_fault(f, e, "passports");
	needs_free(&p.needs);
	free(passport);
	return e;
}
