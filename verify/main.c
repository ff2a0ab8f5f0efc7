/*
 * verify: is this medium, document or ledger genuine?  Reports, and changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verify/ask.h"
#include "verify/audit.h"
#include "verify/command.h"
#include "verify/documents.h"
#include "verify/file.h"
#include "verify/filter.h"
#include "verify/home.h"
#include "verify/input.h"
#include "verify/judge.h"
#include "verify/options.h"
#include "verify/progress.h"
#include "verify/report.h"
#include "verify/watch.h"

#define TRUST_DIRECTORY "/etc/waxseal/trust.d"

struct arguments {
	const char *trust, *fingerprint, *code, *customer, *report, *home, *ledger;
	bool json, wait;
	const char *medium;
	int spare;	/* a file without a name, for blocks that are repaired; -1: none */
};

struct context {
	const struct arguments *a;
	struct progress progress;
};

static void
usage(FILE *out)
{
	(void)fprintf(out,
	    "verify MEDIUM|DOCUMENT [--trust FILE] [--fingerprint FP] [--home DIR] [--code "
	    "-|FILE]\n"
	    "       [--customer ID] [--wait] [--report FILE] [--json]\n"
	    "verify --ledger DIR [--fingerprint SHA256:KEY] [--json]\n\n"
	    "  Says whether a disc, stick or image is genuine, whom it is from and for; or whether "
	    "a\n"
	    "  document or a ledger is.  Changes nothing, mounts nothing.  The manual: man "
	    "verify\n");
}

static enum err
on_code(void *arg, const struct seal *seal, struct code *out, bool *given, struct fault *f)
{
	struct context *c = arg;

	(void)seal;
	*given = false;
	if (c->a->code == NULL && c->a->wait)	/* nobody may be there to answer */
		return OK;
	return ask_code(c->a->code, true, out, given, f);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(&((struct context *)arg)->progress, done, total);
}

/* The site of this computer: the one named, or the usual one where there is one and it may be read.
 */
static enum err
find_site(const struct arguments *a, struct home *h, struct site **site, struct fault *f)
{
	char path[1024] = "";
	enum err e;

	*site = NULL;
	if (a->home == NULL) {
		if ((e = home_default_ingest(path, sizeof(path))) != OK)
			return err_fault(f, e, "INGEST_HOME");
		if (strcmp(path, HOME_INGEST) == 0 && access(path, R_OK | X_OK) == -1)
			return OK;
	}
	if ((e = home_open(h, a->home != NULL ? a->home : path, f)) != OK)
		return e;
	return site_load(site, h, false, f);
}

static enum err
gather_anchors(const struct arguments *a, const struct site *site, struct anchors *out,
    struct fault *f)
{
	enum err e = OK;

	if (a->trust != NULL && (e = anchors_add_file(out, a->trust, f)) != OK)
		e = input_refuse(f, a->trust);
	if (e == OK && a->fingerprint != NULL)
		e = anchors_set_fingerprint(out, a->fingerprint, f);
	if (e == OK && site != NULL)
		e = anchors_add_site(out, site, f);
	if (e == OK && (e = anchors_add_directory(out, TRUST_DIRECTORY, f)) != OK)
		e = input_refuse(f, TRUST_DIRECTORY);
	return e;
}

static int
report(const struct arguments *a, const struct judgement *j)
{
	struct fault f = { .err = OK };
	struct json_writer *w;

	if (a->report != NULL && report_file(a->report, a->medium, j, command_now(), &f) != OK)
		return report_fault("verify", a->json, &f);
	if (a->json) {
		w = json_writer_new();
		report_json(w, j);
		return report_print_json(w, err_status(j->verdict));
	}
	report_checks(stdout, j, report_colour(stdout));
	report_verdict(stdout, j, report_colour(stdout));
	return report_printed(err_status(j->verdict));
}

static int
verify_medium(const struct arguments *a)
{
	static struct judgement j;
	struct anchors anchors = { .count = 0 };
	struct home home = { .fd = -1, .lock = -1 };
	struct site *site = NULL;
	struct fault f = { .err = OK };
	struct context c = { .a = a };
	struct judge_request q = { .path = a->medium, .anchors = &anchors, .customer = a->customer,
	    .now = command_now(), .code = on_code, .progress = on_progress, .arg = &c,
	    .kept = &a->spare };
	int status;

	if (a->spare != -1 && ftruncate(a->spare, 0) == -1) {	/* of the medium before */
		(void)err_fault(&f, err_errno(), "the file for repaired blocks: %s",
		    strerror(errno));
		return report_fault("verify", a->json, &f);
	}
	if (find_site(a, &home, &site, &f) != OK || gather_anchors(a, site, &anchors, &f) != OK) {
		status = report_fault("verify", a->json, &f);
	} else {
		q.site = site;
		progress_begin(&c.progress, "blocks", 65536, a->json);
		if (documents_is_one(a->medium))
			(void)!documents_judge(a->medium, &anchors, &j);
		else
			(void)!judge(&q, &j);
		progress_end(&c.progress);
		status = report(a, &j);
		judgement_free(&j);
	}
	anchors_free(&anchors);
	site_free(site);
	home_close(&home);
	return status;
}

/* From here on only the report and the spare file are written. */
static enum err
confine(struct arguments *a, struct fault *f)
{
	char directory[1024] = ".";
	const char *slash = a->report == NULL ? NULL : strrchr(a->report, '/');
	int report = -1;
	enum err e = OK;

	if (slash != NULL && (size_t)snprintf(directory, sizeof(directory), "%.*s",
	    (int)(slash - a->report + 1), a->report) >= sizeof(directory))
		return err_fault(f, ERR_USAGE, "--report: the path is too long");
	if (a->report != NULL &&
	    (report = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_fault(f, err_errno(), "%s: %s", a->report, strerror(errno));
	if (!documents_is_one(a->medium))
		a->spare = file_nameless();
	if ((e = filter_writes(report, -1)) != OK)
		(void)err_fault(f, e, "verify");
	if (report != -1)
		(void)close(report);
	return e;
}

static int
verify_next(void *arg)
{
	return verify_medium(arg);
}

static int
verify_ledger(const struct arguments *a)
{
	struct fault f = { .err = OK };
	struct ledger *l;
	int status;

	if (ledger_open(&l, AT_FDCWD, a->ledger, NULL, &f) != OK)
		return report_fault("verify", a->json, &f);
	status = audit_verify(l, a->fingerprint, false, a->json);
	ledger_free(l);
	return status;
}

static int
run(int argc, char **argv)
{
	struct arguments a = { .spare = -1 };
	bool help = false, version = false;
	const struct option table[] = {
		{ "trust", OPTION_VALUE, &a.trust },
		{ "fingerprint", OPTION_VALUE, &a.fingerprint },
		{ "code", OPTION_VALUE, &a.code },
		{ "customer", OPTION_VALUE, &a.customer },
		{ "report", OPTION_VALUE, &a.report },
		{ "home", OPTION_VALUE, &a.home },
		{ "ledger", OPTION_VALUE, &a.ledger },
		{ "wait", OPTION_FLAG, &a.wait },
		{ "json", OPTION_FLAG, &a.json },
		{ "help", OPTION_FLAG, &help },
		{ "version", OPTION_FLAG, &version },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };

	if (options_parse(argc - 1, argv + 1, table, &args, &f) != OK)
		return report_fault("verify", a.json, &f);
	if (help || version) {
		if (help)
			usage(stdout);
		else
			(void)printf("verify (Waxseal) 1\n");
		return 0;
	}
	if (a.ledger != NULL && args.count == 0)
		return verify_ledger(&a);
	if (args.count != 1 || a.ledger != NULL) {
		(void)err_fault(&f, ERR_USAGE, "verify takes one medium or document, or --ledger");
		if (a.json)
			return report_fault("verify", true, &f);
		usage(stderr);
		return 2;
	}
	a.medium = args.item[0];
	if (confine(&a, &f) != OK)
		return report_fault("verify", a.json, &f);
	return a.wait ? watch_run(a.medium, verify_next, &a) : verify_medium(&a);
}

int
main(int argc, char **argv)
{
	return command_begin() ? report_printed(run(argc, argv)) : 1;
}
