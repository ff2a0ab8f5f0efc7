/*
 * judge: a person says whether a release fits, where nobody else can tell.  SPEC, "Fit".
 */
#include <stdio.h>
#include <string.h>

#include "ingest/commands.h"
#include "ingest/library.h"
#include "verify/command.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"

struct judging {
	const char *release, *system, *reason, *by, *home;
	bool fits, unfit, json;
	char name[LIMIT_ID + LIMIT_RELEASE_ID + 2];	/* as it is known here */
	uint64_t entry;
};

static enum err
check(const struct judging *j, struct fault *f)
{
	enum err e;

	if (j->fits == j->unfit)
		return err_fault(f, ERR_USAGE, "say --fits or --does-not-fit");
	if (j->reason == NULL || j->by == NULL)
		return err_fault(f, ERR_USAGE, "--reason TEXT and --by NAME are needed: "
		    "somebody will ask later");
	if ((e = input_text("reason", j->reason, f)) != OK)
		return e;
	return input_text("by", j->by, f);
}

/* Only what is open needs a person. */
static enum err
check_open(struct judging *j, const struct library *l, struct fault *f)
{
	const size_t release = library_find(l, j->release, f);
	struct fit_row row;
	size_t i, open = 0;
	enum err e;

	if (release == FIT_NONE)
		return f->err;
	(void)snprintf(j->name, sizeof(j->name), "%s", fit_release_name(l->fit, release));
	if (j->system != NULL && systems_find(&l->systems, j->system, f) == NULL)
		return f->err;
	for (i = 0; i < fit_systems(l->fit); i++) {
		if (j->system != NULL && strcmp(fit_system_name(l->fit, i), j->system) != 0)
			continue;
		if ((e = fit_judge(l->fit, release, i, &row)) != OK)
			return err_fault(f, e, "%s", j->name);
		open += fit_open(row.verdict);
	}
	return open > 0 || i == 0 ? OK : err_fault(f, ERR_USAGE,
	    "there is nothing to judge: ingest fit %s says so", j->name);
}

static enum err
record(struct judging *j, struct station *st, struct fault *f)
{
	struct json_writer *w = ledger_entry(st->site->ledger, "judged", command_now());

	if (w != NULL) {
		json_put_string(w, "release", j->name);
		if (j->system != NULL)
			json_put_string(w, "system", j->system);
		json_put_bool(w, "fits", j->fits);
		json_put_string(w, "by", j->by);
		json_put_string(w, "reason", j->reason);
	}
	return ledger_commit(st->site->ledger, w, &j->entry, f);
}

static enum err
judge(struct judging *j, struct station *st, struct fault *f)
{
	struct library l;
	enum err e;

	if ((e = check(j, f)) != OK || (e = station_open(st, j->home, true, f)) != OK)
		return e;
	e = library_open(&l, st, NULL, 0, f);
	if (e == OK)
		e = check_open(j, &l, f);
	library_free(&l);
	return e == OK ? record(j, st, f) : e;
}

int
judge_run(int argc, char **argv)
{
	struct judging j = { .release = NULL };
	const struct option table[] = {
		{ "system", OPTION_VALUE, &j.system },
		{ "fits", OPTION_FLAG, &j.fits },
		{ "does-not-fit", OPTION_FLAG, &j.unfit },
		{ "reason", OPTION_VALUE, &j.reason },
		{ "by", OPTION_VALUE, &j.by },
		{ "home", OPTION_VALUE, &j.home },
		{ "json", OPTION_FLAG, &j.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct station st = { .home = { .fd = -1, .lock = -1 } };
	struct options_list args;
	struct fault f = { .err = OK };
	struct json_writer *w;
	int status = 0;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "judge takes one release, VENDOR:ID");
	if (f.err == OK) {
		j.release = args.item[0];
		(void)!judge(&j, &st, &f);
	}
	if (f.err != OK) {
		status = report_fault("ingest", j.json, &f);
	} else if (j.json) {
		w = json_writer_new();
		json_put_string(w, "release", j.name);
		json_put_uint(w, "ledger", j.entry);
		status = report_print_json(w, 0);
	} else {
		(void)printf("  %s %s %s.  Ledger %llu.\n", j.name, j.fits ? "fits" :
		    "does not fit", j.system == NULL ? "where that was open" : j.system,
		    (unsigned long long)j.entry);
	}
	station_close(&st);
	return status;
}
