/*
 * evaluation: see evaluation.h.
 */
#include "ingest/evaluation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400)

static struct evaluation *
find(const struct evaluations *e, const char *vendor)
{
	for (size_t i = 0; i < e->count; i++)
		if (strcmp(e->vendor[i].vendor, vendor) == 0)
			return &e->vendor[i];
	return NULL;
}

/* Does an entry say that something of a vendor was looked at and taken in? */
static bool
is_evaluation(const char *what)
{
	return strcmp(what, "notice") == 0 || strcmp(what, "catalogue") == 0 ||
	    strcmp(what, "accepted") == 0 || strcmp(what, "evaluated") == 0;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT);
	const bool trusted = strcmp(what, "trust-added") == 0;
	struct evaluation *e;

	(void)number, (void)line, (void)len;
	if ((!trusted && !is_evaluation(what)) || !json_has(o, "vendor"))
		return OK;
	if ((e = find(arg, json_get_string(j, o, "vendor", 1, LIMIT_ID))) == NULL)
		return ledger_sense(j);
	if (trusted) {
		e->trusted = json_get_moment(j, o, "time");
	} else {
		e->done = true;
		e->last = json_get_moment(j, o, "time");
	}
	return ledger_sense(j);
}

static void
judge(struct evaluation *e, const struct news_vendor *v, int64_t now)
{
	e->due = e->done ? e->last : e->trusted;
	e->due.seconds += LIMIT_EVALUATION * DAY;
	e->overdue = e->due.seconds < now;
	if (v == NULL)
		return;
	e->highest = v->highest;
	e->catalogue = v->catalogue;
	(void)news_gaps(v, e->gaps, sizeof(e->gaps));
	if (v->newest == NULL)
		return;
	e->has_issued = true;
	e->issued = v->newest->issued;
	e->has_next = v->newest->has_next;
	e->next_expected = v->newest->next_expected;
	e->late = e->has_next && e->next_expected.seconds < now;
}

enum err
evaluation_load(struct evaluations *out, const struct station *st, struct moment now,
    struct fault *f)
{
	const struct site *s = st->site;
	struct news news = { .count = 0 };
	enum err e;

	*out = (struct evaluations){ .vendor = calloc(s->vendor_count + 1, sizeof(*out->vendor)) };
	if (out->vendor == NULL)
		return err_fault(f, ERR_MEMORY, "evaluations");
	for (size_t i = 0; i < s->vendor_count; i++)
		(void)snprintf(out->vendor[out->count++].vendor, LIMIT_ID + 1, "%s",
		    s->vendor[i].id);
	if ((e = ledger_each(s->ledger, take_entry, out, f)) == OK)
		e = news_load(&news, st, f);
	for (size_t i = 0; e == OK && i < out->count; i++)
		judge(&out->vendor[i], news_of(&news, out->vendor[i].vendor),
		    s->floor > now.seconds ? s->floor : now.seconds);
	news_free(&news);
	return e;
}

void
evaluation_free(struct evaluations *e)
{
	free(e->vendor);
	*e = (struct evaluations){ .count = 0 };
}

static void
print_catalogue(const struct evaluation *e)
{
	char when[TIME_TEXT];

	if (!e->has_issued) {
		(void)printf("            no catalogue of it is here\n");
		return;
	}
	time_print_short(e->issued, when);
	(void)printf("            catalogue %" PRIu64 " of %s", e->catalogue, when);
	if (e->has_next) {
		time_print_short(e->next_expected, when);
		(void)printf(e->late ? "; OVERDUE: the next was expected by %s. Ask for it" :
		    "; the next by %s", when);
	}
	(void)printf("\n");
}

void
evaluation_print(const struct evaluation *e)
{
	char when[TIME_TEXT];

	if (e->highest > 0)
		(void)printf("            last notice %" PRIu64 "\n", e->highest);
	if (*e->gaps != '\0')
		(void)printf("            never arrived: notices %s. Ask for them\n", e->gaps);
	print_catalogue(e);
	time_print_short(e->last, when);
	(void)printf("            evaluated %s", e->done ? when : "never");
	time_print_short(e->due, when);
	(void)printf(e->overdue ? "; OVERDUE since %s\n" : "; again by %s\n", when);
}

void
evaluation_json(struct json_writer *w, const struct evaluation *e)
{
	json_put_uint(w, "notice", e->highest);
	json_put_string(w, "missing_notices", e->gaps);
	json_put_uint(w, "catalogue", e->catalogue);
	if (e->has_issued)
		json_put_moment(w, "catalogue_issued", e->issued);
	if (e->has_next)
		json_put_moment(w, "next_expected", e->next_expected);
	json_put_bool(w, "catalogue_overdue", e->late);
	if (e->done)
		json_put_moment(w, "evaluated", e->last);
	json_put_moment(w, "evaluation_due", e->due);
	json_put_bool(w, "evaluation_overdue", e->overdue);
}
