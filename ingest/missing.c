/*
 * missing: see missing.h.
 */
#include "ingest/missing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/name.h"
#include "ingest/known.h"
#include "verify/command.h"
#include "verify/report.h"

/* Why nobody may need one that is missing. */
struct mark {
	const struct known_release *contained;	/* in this one, which is here */
	const struct known_release *replaced;	/* by this one */
};

/*
 * Current, as far as is known here: the newest catalogue has it, or a newer notice tells of it; and
 * it was not withdrawn since.
 */
static bool
is_current(const struct known *k, const struct known_release *r)
{
	const struct news_vendor *v;

	if (r->notice != NULL && r->notice->withdrawal)
		return false;
	if (r->catalogue != NULL)
		return true;
	if (r->notice == NULL)
		return false;
	v = news_of(&k->news, r->vendor);
	return v->newest == NULL || r->notice->sequence > v->newest->highest_notice;
}

static enum err
look_up(const struct known *k, const struct known_release *r, struct mark *m)
{
	enum err e = known_related(k, r, 1u << RELATION_INCORPORATES, true, true, &m->contained);

	return e == OK ? known_related(k, r, RELATIONS_REPLACES, true, false, &m->replaced) : e;
}

static uint64_t
days_since(struct moment m)
{
	const int64_t now = command_now().seconds;

	return m.seconds < now ? (uint64_t)(now - m.seconds) / 86400 : 0;
}

static void
put_one(struct json_writer *w, const struct known_release *r, const struct mark *m)
{
	json_open_object(w, NULL);
	json_put_string(w, "release", r->name);
	json_put_string(w, "kind", r->summary.kind);
	json_put_string(w, "severity", r->summary.severity);
	json_put_string(w, "title", r->summary.title);
	json_put_moment(w, "issued", r->summary.issued);
	json_put_uint(w, "days", days_since(r->summary.issued));
	if (r->notice != NULL)
		json_put_uint(w, "notice", r->notice->sequence);
	if (r->catalogue != NULL)
		json_put_uint(w, "catalogue", r->catalogue->number);
	if (m->contained != NULL)
		json_put_string(w, "contained_in", m->contained->name);
	if (m->replaced != NULL)
		json_put_string(w, "replaced_by", m->replaced->name);
	json_close(w);
}

static void
print_one(const struct known_release *r, const struct mark *m)
{
	char title[4 * LIMIT_TEXT + 1];

	(void)printf("  %-40s %-11s %-8s %5" PRIu64 " days\n      %s\n", r->name, r->summary.kind,
	    r->summary.severity, days_since(r->summary.issued),
	    name_show(title, sizeof(title), r->summary.title));
	if (m->contained != NULL)
		(void)printf("      contained in %s, which is here\n", m->contained->name);
	else if (m->replaced != NULL)
		(void)printf("      replaced by %s%s\n", m->replaced->name,
		    m->replaced->staged != NULL ? ", which is here" : "");
}

static void
print_end(const struct known *k, size_t shown)
{
	for (size_t i = 0; i < k->news.count; i++) {
		const struct news_vendor *v = &k->news.vendor[i];

		(void)printf("  By catalogue %" PRIu64 " of %s, and its notices to %" PRIu64 ".\n",
		    v->catalogue, v->vendor, v->highest);
	}
	if (k->news.count == 0)
		(void)printf("  No vendor has told anything yet.  Next: ingest notice FILE\n");
	else if (shown == 0)
		(void)printf("  Nothing is missing.\n");
}

static int
show(const struct known *k, bool json, struct fault *f)
{
	struct json_writer *w = json ? json_writer_new() : NULL;
	struct mark m;
	size_t shown = 0;
	enum err e = OK;

	json_open_array(w, "missing");
	for (size_t i = 0; i < k->count; i++) {
		if (k->release[i].staged != NULL || !is_current(k, &k->release[i]))
			continue;
		if ((e = look_up(k, &k->release[i], &m)) != OK) {
			json_writer_free(w);
			(void)err_fault(f, e, "relations");
			return 1;
		}
		shown++;
		if (json)
			put_one(w, &k->release[i], &m);
		else
			print_one(&k->release[i], &m);
	}
	json_close(w);
	if (json)
		return report_print_json(w, 0);
	print_end(k, shown);
	return 0;
}

int
missing_show(const struct query *q, struct fault *f)
{
	struct known k;
	int status = 1;

	if (known_load(&k, &q->station, f) == OK)
		status = show(&k, q->json, f);
	known_free(&k);
	return status;
}
