/*
 * fit: which systems a release fits: one that is known here or announced, or those on a medium.
 * SPEC, "Fit".
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/table.h"
#include "verify/anchors.h"
#include "verify/command.h"
#include "verify/documents.h"
#include "verify/file.h"
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
	return status;
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(arg, done, total);
}

/* What the medium or notice is about, once it is authentic; else it is refused as verify does. */
static enum err
look_at(const struct question *u, struct judgement *j)
{
	struct anchors anchors = { .count = 0 };
	struct progress progress;
	const int kept = file_nameless();
	struct judge_request request = { .path = u->q->args.item[0], .anchors = &anchors,
		.site = u->q->station.site, .now = command_now(), .progress = on_progress,
		.arg = &progress, .kept = &kept };
	enum err e = anchors_add_site(&anchors, u->q->station.site, &j->fault);

	progress_begin(&progress, "blocks", BLOCK_SIZE, u->q->json);
	if (e == OK)
		e = documents_is_one(request.path) ? documents_judge(request.path, &anchors, j) :
		    judge(&request, j);
	progress_end(&progress);
	anchors_free(&anchors);
	if (kept != -1)
		(void)close(kept);
	return e == ERR_UNCHECKED ? OK : e;
}

/* The releases of the medium, or the one of the notice. */
static size_t
guests_of(const struct judgement *j, struct library_guest guest[static LIMIT_RELEASES])
{
	const struct notice *n;
	size_t count = 0;

	if (j->seal == NULL && j->notice_count == 1) {
		n = j->notice[0];
		guest[0] = (struct library_guest){ .vendor = n->vendor, .id = n->release.id,
			.json = n->release.json, .node = n->release.node,
			.withdrawn = n->withdrawal };
		return 1;
	}
	while (j->seal != NULL && count < j->seal->release_count &&
	    j->release[count].release != NULL) {
		guest[count] = library_guest_of(j->release[count].release);
		count++;
	}
	return count;
}

static int
ask_file(struct question *u, struct fault *f)
{
	static struct judgement j;
	struct library_guest guest[LIMIT_RELEASES];
	enum err e = look_at(u, &j);
	size_t i, n = 0;
	int status = 1;

	if (e != OK)
		*f = j.fault;
	else if ((n = guests_of(&j, guest)) == 0)
		e = err_fault(f, ERR_USAGE, "fit takes a release, a notice or a medium");
	if (e == OK && library_open(&u->library, &u->q->station, guest, n, f) == OK) {
		for (i = 0; i < n; i++)
			u->release[u->releases++] = library_guest_find(&u->library, &guest[i]);
		status = say(u, f);
	}
	library_free(&u->library);
	judgement_free(&j);
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
	return stat(q->args.item[0], &st) == 0 && !S_ISDIR(st.st_mode) ? ask_file(&u, f) :
	    ask_release(&u, f);
}

int
fit_run(int argc, char **argv)
{
	return query_run(argc, argv, 1, false, "fit takes one release, notice or medium",
	    answer);
}
