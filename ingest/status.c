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
#include "ingest/query.h"
#include "ingest/stage.h"
#include "verify/command.h"
#include "verify/report.h"

#define WARN_DAYS 90

struct counts {
	uint64_t refused;
	char last_refused[TIME_TEXT];
};

static enum err
count(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct counts *c = arg;

	(void)number, (void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "refused") == 0) {
		c->refused++;
		time_print_short(json_get_moment(j, o, "time"), c->last_refused);
	}
	return ledger_sense(j);
}

/* Accepted, but neither in the stage nor recorded as lost. */
static bool
is_missing(const struct query *q, const struct site_accepted *a)
{
	struct stat st;
	char path[128];

	stage_path(a->vendor, a->customer, a->number, path, sizeof(path));
	return !a->lost && fstatat(q->station.home.fd, path, &st, AT_SYMLINK_NOFOLLOW) == -1;
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

static int
answer_json(const struct query *q, const struct counts *c, const struct evaluations *news)
{
	const struct site *s = q->station.site;
	struct json_writer *w = json_writer_new();
	char gaps[512];
	size_t i;

	if (w == NULL)
		return 1;
	json_put_string(w, "site", s->id);
	json_put_uint(w, "ledger", s->ledger->checkpoint.size);
	json_put_uint(w, "accepted", s->accepted_count);
	json_put_uint(w, "refused", c->refused);
	json_open_array(w, "vendors");
	for (i = 0; i < s->vendor_count; i++) {
		site_gaps(s, &s->vendor[i], gaps, sizeof(gaps));
		json_open_object(w, NULL);
		json_put_string(w, "vendor", s->vendor[i].id);
		json_put_uint(w, "trust", s->vendor[i].version);
		json_put_moment(w, "expires", trust_chain_newest(s->vendor[i].chain)->expires);
		json_put_uint(w, "highest", s->vendor[i].highest);
		json_put_string(w, "missing_numbers", gaps);
		evaluation_json(w, &news->vendor[i]);
		json_close(w);
	}
	json_close(w);
	json_waiting(w, s);
	json_open_array(w, "missing_from_stage");
	for (i = 0; i < s->accepted_count; i++)
		if (is_missing(q, &s->accepted[i]))
			json_put_uint(w, NULL, s->accepted[i].entry);
	json_close(w);
	return report_print_json(w, 0);
}

static void
print_vendor(const struct site *s, const struct site_vendor *v)
{
	const struct trust *t = trust_chain_newest(v->chain);
	int64_t days = (t->expires.seconds - command_now().seconds) / 86400;
	char gaps[512], name[512], telephone[512];

	site_gaps(s, v, gaps, sizeof(gaps));
	(void)printf("  vendor    %s (%s), trust %llu; last consignment %s/%llu\n",
	    name_show(name, sizeof(name), t->name), v->id,
	    (unsigned long long)v->version, v->customer, (unsigned long long)v->highest);
	if (*gaps != '\0')
		(void)printf("            never arrived: no. %s. Ask %s, %s\n", gaps,
		    name_show(name, sizeof(name), t->name),
		    name_show(
			telephone, sizeof(telephone), t->telephone));
	if (days < WARN_DAYS)
		(void)printf("            its trust document %s; ask for a newer one\n",
		    days < 0 ? "has expired" : "expires within 90 days");
}

static int
answer_text(const struct query *q, const struct counts *c, const struct evaluations *news)
{
	const struct site *s = q->station.site;
	size_t i;

	(void)printf("  site      %s%s; ledger %llu, whole\n", s->id, s->solo ? ", one person" : "",
	    (unsigned long long)s->ledger->checkpoint.size);
	for (i = 0; i < s->vendor_count; i++) {
		print_vendor(s, &s->vendor[i]);
		evaluation_print(&news->vendor[i]);
	}
	(void)printf("  accepted  %zu; refused %llu%s%s\n", s->accepted_count,
	    (unsigned long long)c->refused, c->refused == 0 ? "" : ", the last ",
	    c->last_refused);
	print_waiting(s);
	for (i = 0; i < s->accepted_count; i++)
		if (is_missing(q, &s->accepted[i]))
			(void)printf("  missing   %s no. %llu (ledger %llu) was accepted and is "
				     "not in the stage\n",
			    s->accepted[i].customer, (unsigned long long)s->accepted[i].number,
			    (unsigned long long)s->accepted[i].entry);
	if (s->vendor_count == 0)
		(void)printf("  Next: ingest trust add FILE --fingerprint \"...\" --customer ID\n");
	else
		(void)printf("  Next: ingest accept MEDIUM\n");
	return 0;
}

static int
answer(struct query *q, struct fault *f)
{
	struct counts c = { .refused = 0 };
	struct evaluations news = { .count = 0 };
	int status = 1;

	if (ledger_each(q->station.site->ledger, count, &c, f) == OK &&
	    evaluation_load(&news, &q->station, command_now(), f) == OK)
		status = q->json ? answer_json(q, &c, &news) : answer_text(q, &c, &news);
	evaluation_free(&news);
	return status;
}

int
status_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, false, "status takes no arguments", answer);
}
