/*
 * accept: the main job: judge a medium, and keep what is genuine.  SPEC V1 to V12.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "formats/receipt.h"
#include "ingest/commands.h"
#include "ingest/stage.h"
#include "ingest/station.h"
#include "verify/ask.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/progress.h"
#include "verify/provenance.h"
#include "verify/report.h"

struct journey {
	const char *medium, *code, *by, *via, *place, *home;
	bool json;
};

struct acceptance {
	struct journey journey;
	struct station station;
	struct anchors anchors;
	struct stage stage;
	struct judge_sink sink;
	struct judge_request request;
	struct judgement j;
	struct progress progress;
	uint64_t entry;			/* of the ledger; 0: nothing was recorded */
	char staged[128];		/* "stage/VENDOR/CUSTOMER-N" */
	char receipt[160];		/* "out/VENDOR/..." ; "" when there is none */
};

static enum err
on_code(void *arg, const struct seal *seal, struct code *out, bool *given, struct fault *f)
{
	struct acceptance *a = arg;
	enum err e;

	(void)seal;
	if ((e = ask_code(a->journey.code, false, out, given, f)) != OK || *given)
		return e;
	return err_fault(f, ERR_UNCHECKED,
	    "the code of the letter is needed: --code FILE, or --code - for standard input");
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(&((struct acceptance *)arg)->progress, done, total);
}

static bool
is_ours(const struct acceptance *a)
{
	return a->j.trust != NULL && site_vendor(a->station.site, a->j.trust->vendor) != NULL;
}

/*
 * New trust that the medium brought is adopted as an act of its own, whatever becomes of the
 * consignment: otherwise a spoiled block would keep a revocation away.
 */
static enum err
adopt_trust(struct acceptance *a, struct fault *f)
{
	struct site_vendor *v =
	    is_ours(a) ? site_vendor(a->station.site, a->j.trust->vendor) : NULL;
	char path[LIMIT_ID + 16];
	struct json_writer *w;
	enum err e;

	if (v == NULL || a->j.trust->version <= v->version ||
	    !digest_equal(&a->j.chain->version[v->version - 1]->digest, &v->version_digest) ||
	    !digest_equal(trust_chain_anchor(a->j.chain), &v->anchor))
		return OK;
	(void)snprintf(path, sizeof(path), "trust/%s.chain", v->id);
	if ((e = file_replace(
		 a->station.home.fd, path, 0600, a->j.chain->bytes, a->j.chain->len, f)) != OK)
		return e;
	w = ledger_entry(a->station.site->ledger, "trust-adopted", a->request.now);
	if (w != NULL) {
		json_put_string(w, "vendor", v->id);
		json_put_uint(w, "version", a->j.trust->version);
		json_put_digest(w, "digest", &a->j.trust->digest);
		json_put_string(w, "from", "medium");
	}
	return ledger_commit(a->station.site->ledger, w, NULL, f);
}

/* What both kinds of entry say of the journey. */
static void
put_journey(const struct acceptance *a, struct json_writer *w)
{
	if (a->journey.by != NULL)
		json_put_string(w, "by", a->journey.by);
	if (a->journey.via != NULL)
		json_put_string(w, "via", a->journey.via);
	if (a->journey.place != NULL)
		json_put_string(w, "place", a->journey.place);
}

static void
put_releases(const struct judgement *j, struct json_writer *w, const char *status)
{
	size_t i;

	json_open_array(w, "releases");
	for (i = 0; i < j->seal->release_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "id", j->seal->release[i].id);
		json_put_digest(w, "digest", &j->seal->release[i].digest);
		json_put_string(w, "status", status);
		json_close(w);
	}
	json_close(w);
}

static enum err
record_accepted(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	struct json_writer *w = ledger_entry(a->station.site->ledger, "accepted", a->request.now);

	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	json_put_string(w, "vendor", s->vendor);
	json_put_string(w, "customer", s->customer);
	json_put_uint(w, "number", s->number);
	json_put_uint(w, "volume", s->volume);
	json_put_uint(w, "volumes", s->volumes);
	json_put_digest(w, "seal", &s->digest);
	json_put_moment(w, "sealed_at", s->sealed_at);
	json_put_uint(w, "trust", a->j.trust->version);
	json_put_uint(w, "floor", (uint64_t)site_floor_after(a->station.site,
	    a->request.now.seconds, s->sealed_at.seconds, a->j.trust->expires.seconds));
	json_put_string(w, "stage", a->staged);
	json_put_string(w, "scratch", a->stage.name);
	json_put_string(w, "verdict", err_verdict(0));
	json_put_uint(w, "files", a->j.files);
	json_put_uint(w, "bytes", a->j.payload);
	put_releases(&a->j, w, "staged");
	put_journey(a, w);
	return ledger_commit(a->station.site->ledger, w, &a->entry, f);
}

/* V12, under the lock: V5 again under today's trust; everything on disk; the entry; the rename. */
static enum err
publish(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	const struct site_vendor *v = site_vendor(a->station.site, s->vendor);
	size_t before = a->j.check_count;
	enum err e;

	if (v == NULL || !digest_equal(&v->version_digest, &a->j.trust->digest))
		return err_fault(
		    f, ERR_BUSY, "the trust in %s changed while the medium was read", s->vendor);
	if ((e = provenance_use(&a->request, &a->j)) != OK) {
		*f = a->j.fault;
		return e;
	}
	if (a->j.deferred != OK)
		return err_fault(f, a->j.deferred, "while the medium was read");
	a->j.check_count = before;	/* they are on the list already */
	stage_path(s->vendor, s->customer, s->number, a->staged, sizeof(a->staged));
	if ((e = station_out(&a->station, s->vendor, f)) != OK ||	/* for the receipt */
	    (e = stage_free_place(&a->station, a->staged, f)) != OK ||
	    (e = stage_add(&a->stage, "seal", a->j.area, SEAL_SIZE)) != OK ||
	    (e = stage_add(&a->stage, "trust.chain", a->j.chain->bytes, a->j.chain->len)) != OK ||
	    (e = stage_sync(&a->stage)) != OK)
		return e;
	stage_keep(&a->stage);
	if ((e = record_accepted(a, f)) != OK)
		return e;
	return stage_publish(&a->station, a->stage.name, a->staged, f);
}

/* The raw SEAL area of a refused medium, for whoever investigates. */
static enum err
keep_record(struct acceptance *a, uint64_t number, char *path, size_t cap, struct fault *f)
{
	char directory[64];
	enum err e;

	(void)snprintf(directory, sizeof(directory), "records/%llu", (unsigned long long)number);
	(void)snprintf(path, cap, "%s/seal", directory);
	if ((e = file_mkdir(a->station.home.fd, "records", f)) != OK ||
	    (e = file_mkdir(a->station.home.fd, directory, f)) != OK)
		return e;
	return file_replace(a->station.home.fd, path, 0600, a->j.area, SEAL_SIZE, f);
}

static enum err
record_refused(struct acceptance *a, struct fault *f)
{
	uint64_t number = a->station.site->ledger->tree.size + 1;
	char record[96] = "", shown[4 * sizeof(a->j.fault.at)];
	struct json_writer *w;
	struct digest area;
	enum err e;

	if (a->j.has_area && (e = keep_record(a, number, record, sizeof(record), f)) != OK)
		return e;
	w = ledger_entry(a->station.site->ledger, "refused", a->request.now);
	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	if (a->j.has_header)
		json_put_string(w, "claims", a->j.header.vendor);
	if (a->j.seal != NULL) {
		json_put_string(w, "vendor", a->j.seal->vendor);
		json_put_string(w, "customer", a->j.seal->customer);
		json_put_uint(w, "number", a->j.seal->number);
		json_put_digest(w, "seal", &a->j.seal->digest);
	}
	json_put_uint(w, "status", (uint64_t)err_status(a->j.verdict));
	json_put_string(w, "verdict", err_verdict(err_status(a->j.verdict)));
	json_put_string(w, "reason", err_code(a->j.verdict));
	json_put_string(w, "where", name_escape(shown, sizeof(shown), a->j.fault.at,
	    strlen(a->j.fault.at)));
	if (a->j.has_area) {
		digest_sha256(a->j.area, SEAL_SIZE, &area);
		json_put_string(w, "record", record);
		json_put_digest(w, "record_digest", &area);
	}
	put_journey(a, w);
	return ledger_commit(a->station.site->ledger, w, &a->entry, f);
}

static void
fill_receipt(const struct acceptance *a, struct receipt *r)
{
	static const char *const STATE[] = { "ok", "failed", "not checked", "-" };
	const struct judgement *j = &a->j;
	int status = err_status(j->verdict);
	size_t i;

	*r = (struct receipt){ .site = a->station.site->id,
		.vendor = j->trust->vendor,
		.customer = site_vendor(a->station.site, j->trust->vendor)->customer,
		.status = (uint64_t)status,
		.verdict = err_verdict(status),
		.reason = err_code(j->verdict),
		.at = a->request.now,
		.by = a->journey.by == NULL ? "" : a->journey.by,
		.via = a->journey.via == NULL ? "" : a->journey.via,
		.place = a->journey.place == NULL ? "" : a->journey.place,
		.ledger = a->station.site->ledger->checkpoint };
	for (i = 0; i < j->check_count && r->check_count < 32; i++)
		r->check[r->check_count++] = (struct receipt_check){ j->check[i].step,
		    STATE[j->check[i].state], j->check[i].name };
	if (j->seal == NULL)
		return;
	r->number = j->seal->number;
	r->seal = j->seal->digest;
	for (i = 0; i < j->seal->release_count; i++)
		r->release[r->release_count++] = (struct receipt_release){ j->seal->release[i].id,
		    j->seal->release[i].digest, j->verdict == OK ? "staged" : "refused" };
}

static enum err
write_receipt(struct acceptance *a, struct fault *f)
{
	static struct receipt r;
	char *text;
	size_t len;
	enum err e;

	fill_receipt(a, &r);
	if (a->j.verdict == OK)
		(void)snprintf(a->receipt, sizeof(a->receipt), "out/%s/%s-%llu.receipt", r.vendor,
		    r.customer, (unsigned long long)r.number);
	else
		(void)snprintf(a->receipt, sizeof(a->receipt), "out/%s/%s-refused-%llu.receipt",
		    r.vendor, r.customer, (unsigned long long)a->entry);
	if ((e = station_out(&a->station, r.vendor, f)) != OK ||
	    (e = receipt_print(&r, &text, &len)) != OK)
		return err_fault(f, e, "receipt");
	e = station_sign(&a->station, "receipt@waxseal", a->receipt, text, len, f);
	free(text);
	return e;
}

/* Everything that follows the judgement, under the lock. */
static enum err
conclude(struct acceptance *a, struct fault *f)
{
	struct fault why = { .err = OK };
	enum err e;

	if ((e = station_relock(&a->station, f)) != OK || (e = adopt_trust(a, f)) != OK)
		return e;
	if (is_ours(a) && (e = station_reload(&a->station, f)) != OK)
		return e;
	a->request.site = a->station.site;
	if (a->j.verdict == OK) {
		a->stage.fault = &why;
		a->j.verdict = publish(a, &why);
		if (a->j.verdict != OK) {
			if (why.err != a->j.verdict)
				(void)err_fault(&why, a->j.verdict, "publishing");
			a->j.fault = why;
			(void)judgement_fail(&a->j, "V12", "stage", a->j.verdict);
		}
	}
	/* Now: where the disk was full there is room for the entry then. */
	if (a->j.verdict != OK)
		stage_abort(&a->stage);
	if (a->j.verdict != OK && (a->entry != 0 || a->station.site->ledger->stuck)) {
		*f = a->j.fault;
		return a->j.verdict;
	}
	if (a->j.verdict != OK && a->entry == 0 && (e = record_refused(a, f)) != OK)
		return e;
	return is_ours(a) ? write_receipt(a, f) : OK;
}

static int
say(const struct acceptance *a)
{
	const struct judgement *j = &a->j;
	int status = err_status(j->verdict);
	struct json_writer *w;

	if (a->journey.json) {
		if ((w = json_writer_new()) == NULL)
			return 1;
		report_json(w, j);
		json_put_uint(w, "ledger", a->entry);
		json_put_string(w, "stage", j->verdict == OK ? a->staged : "");
		json_put_string(w, "receipt", a->receipt);
		return report_print_json(w, status);
	}
	report_checks(stdout, j, report_colour(stdout));
	report_verdict(stdout, j, report_colour(stdout));
	(void)printf("  %s  Ledger %llu%s%s%s%s.\n",
	    j->verdict == OK ? "Staged." : "Nothing was staged.", (unsigned long long)a->entry,
	    j->verdict == OK ? "; " : "", j->verdict == OK ? a->staged : "",
	    *a->receipt == '\0' ? "" : "; receipt ", a->receipt);
	if (j->verdict != OK && j->has_area)
		(void)printf(
		    "  The seal is kept as records/%llu/seal.\n", (unsigned long long)a->entry);
	return fflush(stdout) == 0 ? status : 1;
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
	a->sink = stage_sink(&a->stage);
	a->request = (struct judge_request){ .path = a->journey.medium, .anchors = &a->anchors,
	    .site = a->station.site, .now = command_now(), .code = on_code, .progress = on_progress,
	    .arg = a, .sink = &a->sink };
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
	int status;

	a.station.home = (struct home){ .fd = -1, .lock = -1 };
	a.stage = (struct stage){ .scratch = -1, .directory = -1, .file = -1 };
	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "accept takes one medium; see ingest accept --help");
	if (f.err == OK && (a.journey.by == NULL || input_text("by", a.journey.by, &f) == OK) &&
	    (a.journey.via == NULL || input_text("via", a.journey.via, &f) == OK) &&
	    (a.journey.place == NULL || input_text("place", a.journey.place, &f) == OK))
		a.journey.medium = args.item[0];
	if (f.err != OK || examine(&a, &f) != OK)
		status = report_fault("ingest", a.journey.json, &f);
	else
		status = say(&a);
	stage_abort(&a.stage);
	anchors_free(&a.anchors);
	judgement_free(&a.j);
	station_close(&a.station);
	return status;
}
