/*
 * status: what there is, and what to do next.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/evaluation.h"
#include "ingest/held.h"
#include "ingest/query.h"
#include "ingest/stage.h"
#include "verify/command.h"
#include "verify/report.h"

#define WARN_DAYS 90

struct counts {
	uint64_t refused, failed;	/* by the medium, by this computer */
	char last_refused[TIME_TEXT];
};

struct summary_of {
	struct counts counts;
	struct evaluations news;
	struct held_list held;
};

static enum err
count(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct counts *c = arg;

	(void)number, (void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "refused") != 0)
		return OK;
	if (json_get_uint(j, o, "status", 0, 255) == (uint64_t)err_status(ERR_IO)) {
		c->failed++;
		return ledger_sense(j);
	}
	c->refused++;
	time_print_short(json_get_moment(j, o, "time"), c->last_refused);
	return ledger_sense(j);
}

static bool
is_there(const struct query *q, const char *path)
{
	struct stat st;

	return fstatat(q->station.home.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Accepted, but neither in the stage nor recorded as lost: what is left of it? */
enum absence { PRESENT, UNFINISHED, MISSING };

static enum absence
absence_of(const struct query *q, const struct site_accepted *a)
{
	char path[128], scratch[96];

	stage_path(a->vendor, a->customer, a->number, path, sizeof(path));
	if (a->lost || is_there(q, path))
		return PRESENT;
	(void)snprintf(scratch, sizeof(scratch), "scratch/%s", a->scratch);
	return *a->scratch != '\0' && is_there(q, scratch) ? UNFINISHED : MISSING;
}

/* Is the ${i}-th volume that waits the first of its consignment? */
static bool
is_first(const struct site *s, size_t i)
{
	const struct site_waiting *w = &s->waiting[i];

	return site_waiting(s, w->vendor, w->customer, w->number, 0) == w;
}

static void
json_waiting(struct json_writer *w, const struct site *s)
{
	char missing[300];
	size_t i;

	json_open_array(w, "waiting");
	for (i = 0; i < s->waiting_count; i++) {
		const struct site_waiting *v = &s->waiting[i];

		if (!is_first(s, i))
			continue;
		json_open_object(w, NULL);
		json_put_string(w, "vendor", v->vendor);
		json_put_string(w, "customer", v->customer);
		json_put_uint(w, "number", v->number);
		json_put_uint(w, "volumes", v->volumes);
		json_put_string(w, "missing", site_missing(s, v->vendor, v->customer, v->number,
		    v->volumes, 0, missing, sizeof(missing)));
		json_close(w);
	}
	json_close(w);
}

static void
print_waiting(const struct site *s)
{
	char missing[300];
	size_t i;

	for (i = 0; i < s->waiting_count; i++) {
		const struct site_waiting *v = &s->waiting[i];

		if (is_first(s, i))
			(void)printf("  waiting   %s no. %llu, %llu discs; not here: %s\n",
			    v->customer, (unsigned long long)v->number,
			    (unsigned long long)v->volumes,
			    site_missing(s, v->vendor, v->customer, v->number, v->volumes, 0,
				missing, sizeof(missing)));
	}
}

static void
json_kept(struct json_writer *w, const struct site *s)
{
	size_t i;

	json_open_array(w, "kept");
	for (i = 0; i < s->kept_count; i++) {
		const struct site_kept *k = &s->kept[i];

		json_open_object(w, NULL);
		json_put_string(w, "vendor", k->vendor);
		json_put_string(w, "customer", k->customer);
		json_put_uint(w, "number", k->number);
		json_put_uint(w, "volume", k->volume);
		json_close(w);
	}
	json_close(w);
}

static void
print_kept(const struct site *s)
{
	size_t i;

	for (i = 0; i < s->kept_count; i++) {
		const struct site_kept *k = &s->kept[i];

		(void)printf("  kept      %s no. %llu disc %llu: good blocks of a damaged disc; "
		    "read another copy of it, or ingest drop %s/%llu\n",
		    k->customer, (unsigned long long)k->number, (unsigned long long)k->volume,
		    k->customer, (unsigned long long)k->number);
	}
}

static void
json_held(struct json_writer *w, const struct held_list *l)
{
	size_t i;

	json_open_array(w, "held");
	for (i = 0; i < l->count; i++) {
		const struct held *h = &l->item[i];

		json_open_object(w, NULL);
		json_put_string(w, "release", h->release);
		json_put_string(w, "customer", h->customer);
		json_put_uint(w, "number", h->number);
		json_close(w);
	}
	json_close(w);
}

static void
print_held(const struct held_list *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		(void)printf("  held      %s (%s no. %llu): a person must judge it\n",
		    l->item[i].release, l->item[i].customer,
		    (unsigned long long)l->item[i].number);
}

/* What ${absence} is said of, as the numbers of the entries. */
static void
json_absent(struct json_writer *w, const char *key, const struct query *q, enum absence absence)
{
	const struct site *s = q->station.site;
	size_t i;

	json_open_array(w, key);
	for (i = 0; i < s->accepted_count; i++)
		if (absence_of(q, &s->accepted[i]) == absence)
			json_put_uint(w, NULL, s->accepted[i].entry);
	json_close(w);
}

static void
print_absent(const struct query *q, const struct site_accepted *a)
{
	const enum absence absence = absence_of(q, a);

	if (absence == PRESENT)
		return;
	(void)printf("  %-9s %s no. %llu (ledger %llu)%s\n",
	    absence == UNFINISHED ? "unfinished" : "missing", a->customer,
	    (unsigned long long)a->number, (unsigned long long)a->entry,
	    absence == UNFINISHED ? ": accepted, but the computer stopped; the next command that "
	    "writes puts it into the stage" : " was accepted and is not in the stage; its number "
	    "stays used: restore it from a copy of the home, or ask the vendor for a new "
	    "consignment");
}

static int
answer_json(const struct query *q, const struct summary_of *u)
{
	const struct site *s = q->station.site;
	struct json_writer *w = json_writer_new();
	char gaps[512];
	size_t i;

	if (w == NULL)
		return 1;
	json_put_string(w, "site", s->id);
	json_put_uint(w, "ledger", s->ledger->checkpoint.size);
	json_put_bool(w, "torn", s->ledger->torn);
	json_put_uint(w, "accepted", s->accepted_count);
	json_put_uint(w, "refused", u->counts.refused);
	json_put_uint(w, "failed_here", u->counts.failed);
	json_open_array(w, "vendors");
	for (i = 0; i < s->vendor_count; i++) {
		site_gaps(s, &s->vendor[i], gaps, sizeof(gaps));
		json_open_object(w, NULL);
		json_put_string(w, "vendor", s->vendor[i].id);
		json_put_uint(w, "trust", s->vendor[i].version);
		json_put_moment(w, "expires", trust_chain_newest(s->vendor[i].chain)->expires);
		json_put_uint(w, "highest", s->vendor[i].highest);
		json_put_string(w, "missing_numbers", gaps);
		evaluation_json(w, &u->news.vendor[i]);
		json_close(w);
	}
	json_close(w);
	json_waiting(w, s);
	json_kept(w, s);
	json_held(w, &u->held);
	json_absent(w, "unfinished", q, UNFINISHED);
	json_absent(w, "missing_from_stage", q, MISSING);
	return report_print_json(w, 0);
}

static void
print_vendor(const struct site *s, const struct site_vendor *v)
{
	const struct trust *t = trust_chain_newest(v->chain);
	int64_t days = (t->expires.seconds - command_now().seconds) / 86400;
	char gaps[512], name[512], telephone[512];

	site_gaps(s, v, gaps, sizeof(gaps));
	(void)printf("  vendor    %s (%s), trust %llu; ", name_show(name, sizeof(name), t->name),
	    v->id, (unsigned long long)v->version);
	if (v->highest == 0)
		(void)printf("no consignment yet\n");
	else
		(void)printf("last consignment %s/%llu\n", v->customer,
		    (unsigned long long)v->highest);
	if (*gaps != '\0')
		(void)printf("            never arrived: no. %s. Ask %s, %s\n", gaps,
		    name_show(name, sizeof(name), t->name),
		    name_show(
			telephone, sizeof(telephone), t->telephone));
	if (days < WARN_DAYS)
		(void)printf("            its trust document %s; ask for a newer one\n",
		    days < 0 ? "has expired" : "expires within 90 days");
}

static void
print_counts(const struct site *s, const struct counts *c)
{
	(void)printf("  accepted  %zu; refused %llu%s%s", s->accepted_count,
	    (unsigned long long)c->refused, c->refused == 0 ? "" : ", the last ",
	    c->last_refused);
	if (c->failed == 1)
		(void)printf("; 1 try failed on this computer");
	else if (c->failed > 1)
		(void)printf("; %llu tries failed on this computer", (unsigned long long)c->failed);
	(void)printf("\n");
}

static int
answer_text(const struct query *q, const struct summary_of *u)
{
	const struct site *s = q->station.site;
	size_t i;

	(void)printf("  site      %s%s; ledger %llu, whole%s\n", s->id,
	    s->solo ? ", one person" : "", (unsigned long long)s->ledger->checkpoint.size,
	    s->ledger->torn ? "; one entry behind it does not count" : "");
	for (i = 0; i < s->vendor_count; i++) {
		print_vendor(s, &s->vendor[i]);
		evaluation_print(&u->news.vendor[i]);
	}
	print_counts(s, &u->counts);
	print_waiting(s);
	print_kept(s);
	print_held(&u->held);
	for (i = 0; i < s->accepted_count; i++)
		print_absent(q, &s->accepted[i]);
	if (s->vendor_count == 0)
		(void)printf("  Next: ingest trust add FILE --fingerprint \"...\" --customer ID\n");
	else if (u->held.count > 0)
		(void)printf("  Next: ingest fit %s, then ingest judge %s\n",
		    u->held.item[0].release, u->held.item[0].release);
	else
		(void)printf("  Next: ingest accept MEDIUM\n");
	return 0;
}

static int
answer(struct query *q, struct fault *f)
{
	struct summary_of u = { .counts = { .refused = 0 } };
	int status = 1;

	if (ledger_each(q->station.site->ledger, count, &u.counts, f) == OK &&
	    evaluation_load(&u.news, &q->station, command_now(), f) == OK &&
	    held_load(&u.held, &q->station, f) == OK)
		status = q->json ? answer_json(q, &u) : answer_text(q, &u);
	held_free(&u.held);
	evaluation_free(&u.news);
	return status;
}

int
status_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, false, "status takes no arguments", answer);
}
