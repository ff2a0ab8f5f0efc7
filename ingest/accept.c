/*
 * accept: the main job: judge a medium, and keep what is genuine.  SPEC V1 to V12.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/acceptance.h"
#include "ingest/commands.h"
#include "ingest/waiting.h"
#include "verify/ask.h"
#include "verify/command.h"
#include "verify/filter.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"

static enum err
on_code(void *arg, const struct seal *seal, struct code *out, bool *given, struct fault *f)
{
	struct acceptance *a = arg;
	enum err e;

	/* All volumes of a consignment have one code. */
	if (a->has_code && a->code.number == seal->number &&
	    strcmp(a->code.customer, seal->customer) == 0) {
		*out = a->code;
		*given = true;
		return OK;
	}
	if ((e = ask_code(a->journey.code, false, out, given, f)) != OK)
		return e;
	if (!*given)
		return err_fault(f, ERR_UNCHECKED, "the code of the letter is needed: --code FILE, "
						   "or --code - for standard input");
	a->code = *out;
	a->has_code = true;
	return OK;
}

/* Of a set: is this volume here already?  Otherwise, what an earlier copy of it left behind. */
static enum err
on_prepare(void *arg, const struct seal *s, struct fault *f)
{
	struct acceptance *a = arg;
	const struct site *site = a->station.site;
	char missing[300];

	if (s->volumes > 1 &&
	    site_waiting(site, s->vendor, s->customer, s->number, s->volume) != NULL &&
	    *site_missing(site, s->vendor, s->customer, s->number, s->volumes, 0, missing,
		sizeof(missing)) != '\0') {
		a->already = true;
		return err_fault(f, ERR_INCOMPLETE,
		    "disc %llu of %llu is here already; not here: %s",
		    (unsigned long long)s->volume, (unsigned long long)s->volumes, missing);
	}
	a->prepared = true;
	return a->kept == -1 ? OK : waiting_take_blocks(&a->station, s, a->kept, f);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(&((struct acceptance *)arg)->progress, done, total);
}

static int
say_json(const struct acceptance *a)
{
	struct json_writer *w = json_writer_new();

	report_json(w, &a->j);
	json_put_uint(w, "ledger", a->entry);
	json_put_string(w, "stage", records_staged(a) ? a->staged : "");
	json_put_string(w, "receipt", a->receipt);
	json_put_string(w, "missing", a->missing);
	return report_print_json(w, err_status(a->j.verdict));
}

static int
say_text(const struct acceptance *a)
{
	const struct judgement *j = &a->j;
	int status = err_status(j->verdict);

	report_checks(stdout, j, report_colour(stdout));
	report_verdict(stdout, j, report_colour(stdout));
	if (a->already)
		return report_printed(status);
	(void)printf("  %s  Ledger %llu%s%s%s%s.\n",
	    j->verdict == OK ? "Staged." : j->verdict == ERR_HELD ? "Staged, and held." :
	    j->verdict == ERR_INCOMPLETE ? "Kept; nothing is staged yet." : "Nothing was staged.",
	    (unsigned long long)a->entry, records_staged(a) ? "; " : "",
	    records_staged(a) ? a->staged : "", *a->receipt == '\0' ? "" : "; receipt ",
	    a->receipt);
	if (j->blocks.kept > 0)
		(void)printf("  %llu good block%s kept. Another copy of no. %llu disc %llu "
			     "can fill the holes.\n",
		    (unsigned long long)j->blocks.kept,
		    j->blocks.kept == 1 ? " is" : "s are", (unsigned long long)j->seal->number,
		    (unsigned long long)j->seal->volume);
	if (!records_staged(a) && j->verdict != ERR_INCOMPLETE && status != 1 && j->has_area)
		(void)printf("  %s is kept as records/%llu/seal.\n",
		    j->has_header ? "The seal" : "What lies in its place",
		    (unsigned long long)a->entry);
	return report_printed(status);
}

/* Whoever cannot be told is not to think that nothing happened. */
static int
say(const struct acceptance *a)
{
	const int status = a->journey.json ? say_json(a) : say_text(a);

	if (status != err_status(a->j.verdict) && a->entry != 0)
		(void)fprintf(stderr, "It was recorded: ledger %llu; see ingest list.\n",
		    (unsigned long long)a->entry);
	return status;
}

static enum err
examine(struct acceptance *a, struct fault *f)
{
	enum err e;

	if ((e = station_open(&a->station, a->journey.home, true, f)) != OK ||
	    (e = anchors_add_site(&a->anchors, a->station.site, f)) != OK ||
	    (e = stage_begin(&a->stage, &a->station, f)) != OK)
		return e;
	station_unlock(&a->station);
	if (!a->confined && (e = filter_writes(a->station.home.fd, a->stage.scratch)) != OK)
		return err_fault(f, e, "%s", a->station.home.path);
	a->confined = true;
	a->kept = waiting_new_blocks(&a->station);
	a->sink = stage_sink(&a->stage);
	a->request = (struct judge_request){ .path = a->journey.medium, .anchors = &a->anchors,
	    .site = a->station.site, .now = command_now(), .code = on_code, .prepare = on_prepare,
	    .progress = on_progress, .arg = a, .kept = &a->kept,
	    .keeps = true, .sink = &a->sink };
	a->stage.fault = &a->j.fault;
	progress_begin(&a->progress, "blocks", BLOCK_SIZE, a->journey.json);
	(void)!judge(&a->request, &a->j);
	progress_end(&a->progress);
	if (a->j.verdict == ERR_USAGE) {	/* no medium was looked at */
		*f = a->j.fault;
		return ERR_USAGE;
	}
	anchors_free(&a->anchors);
	return conclude(a, f);
}

/* One medium, from its first byte to its verdict. */
static int
accept_one(struct acceptance *a)
{
	struct fault f = { .err = OK };
	int status;

	if (examine(a, &f) != OK)
		status = report_fault("ingest", a->journey.json, &f);
	else
		status = say(a);
	stage_abort(&a->stage);
	if (a->kept != -1)
		(void)close(a->kept);
	anchors_free(&a->anchors);
	judgement_free(&a->j);
	appraise_free(a);
	station_close(&a->station);
	a->station.home = (struct home){ .fd = -1, .lock = -1 };
	a->kept = -1;
	a->entry = 0;
	a->prepared = a->already = false;
	*a->receipt = '\0';
	return status;
}

/* Of a set, at a terminal: the next volume, in the same drive or somewhere else. */
static bool
ask_next(struct acceptance *a, char path[static 1024])
{
	if (a->journey.json || !ask_line("Insert another disc of it and press Enter, or type where "
					 "it is (q: stop):", path, 1024))
		return false;
	a->asked = true;
	if (strcmp(path, "q") == 0)
		return false;
	if (*path != '\0')
		a->journey.medium = path;
	return true;
}

int
accept_run(int argc, char **argv)
{
	static struct acceptance a;
	const struct option table[] = {
		{ "code", OPTION_VALUE, &a.journey.code },
		{ "by", OPTION_VALUE, &a.journey.by },
		{ "via", OPTION_VALUE, &a.journey.via },
		{ "place", OPTION_VALUE, &a.journey.place },
		{ "home", OPTION_VALUE, &a.journey.home },
		{ "json", OPTION_FLAG, &a.journey.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	static char path[1024];
	int status;

	a.kept = -1;
	a.station.home = (struct home){ .fd = -1, .lock = -1 };
	a.stage = (struct stage){ .scratch = -1, .directory = -1, .file = -1 };
	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "accept takes one medium; see ingest accept --help");
	if (f.err == OK && (a.journey.by == NULL || input_text("by", a.journey.by, &f) == OK) &&
	    (a.journey.via == NULL || input_text("via", a.journey.via, &f) == OK) &&
	    (a.journey.place == NULL || input_text("place", a.journey.place, &f) == OK))
		a.journey.medium = args.item[0];
	if (f.err != OK)
		return report_fault("ingest", a.journey.json, &f);
	do
		status = accept_one(&a);
	while ((status == err_status(ERR_INCOMPLETE) ||
	    (a.asked && status == err_status(ERR_USAGE))) && ask_next(&a, path));
	code_wipe(&a.code);
	return status;
}
