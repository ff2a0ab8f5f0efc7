/*
 * fit: which systems a release fits: one that is known here, or those on a medium.  SPEC, "Fit".
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/table.h"
#include "verify/anchors.h"
#include "verify/command.h"
#include "verify/judge.h"
#include "verify/progress.h"
#include "verify/report.h"

struct question {
	struct query *q;
	struct library library;
	size_t releases;		/* that are asked for */
	size_t release[LIMIT_RELEASES];
};

/* The exit status of one outcome; of several the one that asks for most counts. */
static int
status_of(enum fit_outcome outcome)
{
	return outcome == FIT_FOR_SOME ? 0 : err_status(outcome == FIT_HELD ? ERR_HELD : ERR_FIT);
}

static enum err
worst(const struct question *u, int *status)
{
	enum fit_outcome outcome;
	size_t i;
	enum err e;

	*status = 0;
	for (i = 0; i < u->releases; i++) {
		if ((e = library_outcome(&u->library, u->release[i], &outcome)) != OK)
			return e;
		if (status_of(outcome) > *status)
			*status = status_of(outcome);
	}
	return OK;
}

/* In the order in which they would be installed. */
static int
say(struct question *u, struct fault *f)
{
	struct json_writer *w = NULL;
	size_t i;
	int status;
	enum err e;

	fit_order(u->library.fit, u->release, u->releases);
	if ((e = worst(u, &status)) != OK)
		return (void)err_fault(f, e, "fit"), 1;
	if (u->q->json) {
		w = json_writer_new();
		json_put_uint(w, "status", (uint64_t)status);
		json_open_array(w, "releases");
	}
	for (i = 0; e == OK && i < u->releases; i++)
		e = w != NULL ? table_json(w, &u->library, u->release[i]) :
		    table_print(stdout, &u->library, u->release[i]);
	if (e != OK) {
		json_writer_free(w);
		return (void)err_fault(f, e, "fit"), 1;
	}
	if (w != NULL)
		return report_print_json(w, status);
	return fflush(stdout) == 0 ? status : 1;
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(arg, done, total);
}

/* Its releases are authentic, or it is refused like verify refuses it. */
static int
ask_medium(struct question *u, struct fault *f)
{
	static struct judgement j;
	struct anchors anchors = { .count = 0 };
	struct progress progress;
	struct judge_request request = { .path = u->q->args.item[0], .anchors = &anchors,
		.site = u->q->station.site, .now = command_now(), .progress = on_progress,
		.arg = &progress };
	struct release *releases[LIMIT_RELEASES];
	char name[LIMIT_ID + LIMIT_RELEASE_ID + 2];
	size_t i, n = 0;
	int status = 1;
	enum err e;

	if ((e = anchors_add_site(&anchors, u->q->station.site, f)) != OK)
		return err_status(e);
	progress_begin(&progress, "blocks", BLOCK_SIZE, u->q->json);
	e = judge(&request, &j);
	progress_end(&progress);
	if (e != OK && e != ERR_UNCHECKED) {
		*f = j.fault;
		status = err_status(e);
		goto out;
	}
	for (; n < j.seal->release_count; n++)
		releases[n] = j.release[n].release;
	if (library_open(&u->library, &u->q->station, releases, n, f) != OK)
		goto out;
	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%s:%s", releases[i]->vendor, releases[i]->id);
		u->release[u->releases++] = fit_find(u->library.fit, name);
	}
	status = say(u, f);
out:
	library_free(&u->library);
	judgement_free(&j);
	anchors_free(&anchors);
	return status;
}

static int
ask_release(struct question *u, struct fault *f)
{
	int status = 1;

	if (library_open(&u->library, &u->q->station, NULL, 0, f) == OK) {
		u->release[0] = library_find(&u->library, u->q->args.item[0], f);
		u->releases = 1;
		status = u->release[0] == FIT_NONE ? 2 : say(u, f);
	}
	library_free(&u->library);
	return status;
}

static int
answer(struct query *q, struct fault *f)
{
	struct question u = { .q = q };
	struct stat st;

	/* A directory is none, and may well be called like a release. */
	return stat(q->args.item[0], &st) == 0 && !S_ISDIR(st.st_mode) ? ask_medium(&u, f) :
	    ask_release(&u, f);
}

int
fit_run(int argc, char **argv)
{
	return query_run(argc, argv, 1, false, "fit takes one release, VENDOR:ID, or one medium",
	    answer);
}
