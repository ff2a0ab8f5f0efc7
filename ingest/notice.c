/*
 * notice: notices and catalogues that came by mail are taken in.  SPEC, "News".
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/news.h"
#include "ingest/table.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

struct reading {
	const char *via, *home;
	bool json;
	struct options_list files;
	struct station station;
	struct news news;
	struct json_writer *w;		/* NULL: for people */
	int status;			/* the highest of all files */
	size_t told;			/* releases that good notices tell of, each once: */
	char release[OPTIONS_MAX][LIMIT_ID + 1 + LIMIT_RELEASE_ID + 1];	/* "vendor:id" */
};

/* What to do about a document that was refused; these are not media. */
static const struct {
	enum err err;
	const char *text;
} ADVICE[] = {
	{ ERR_SENDER, "If it is a vendor of yours: ingest trust add." },
	{ ERR_LOOKALIKE, "Do not believe it. Call the vendor at the number you already have." },
	{ ERR_DOC_SIGNATURE, "Do not believe it. If the vendor has new keys, take in its newest "
	    "trust document (ingest trust update) and try again; else call the vendor at the "
	    "number you already have." },
	{ ERR_KEY_RETIRED, "Do not believe it. Ask the vendor for one that today's keys signed." },
	{ ERR_KEY_REVOKED, "Do not believe it. Ask the vendor for one that today's keys signed." },
	{ ERR_NEWS_FORKED, "One of the two is not what the vendor told others. Keep it, and call "
	    "the vendor at the number you already have." },
	{ ERR_NEWS_OLDER, "What is known here is newer. Nothing is missing." },
	{ ERR_JUMP, "Call the vendor at the number you already have: is it that far?" },
	{ ERR_NEWER, "Update this toolkit, and try again." },
};

static const char *
advice(enum err e)
{
	for (size_t i = 0; i < sizeof(ADVICE) / sizeof(ADVICE[0]); i++)
		if (ADVICE[i].err == e)
			return ADVICE[i].text;
	return e == OK ? "" :
	    "It was altered or cut on its way, or is no notice. Ask for it again.";
}

/* ---- for people ---- */

static void
print_refused(const char *file, const struct news_offer *o)
{
	char at[4 * sizeof(o->why.at)], name[512];

	(void)printf("  %s: REFUSED", name_show(name, sizeof(name), file));
	if (*o->claims != '\0')
		(void)printf(", in the name of %s", o->claims);
	(void)printf(": %s: %s (%s).  Ledger %" PRIu64 ".\n    %s\n", err_sentence(o->why.err),
	    name_show(at, sizeof(at), o->why.at), err_code(o->why.err), o->entry,
	    advice(o->why.err));
}

static void
print_contents(const struct news_offer *o)
{
	const struct notice *n = o->notice;
	char id[300], text[4 * LIMIT_TEXT + 1];

	if (n == NULL) {
		(void)printf("catalogue %" PRIu64 " of %s: %zu release%s", o->number, o->claims,
		    o->catalogue->count, size_plural(o->catalogue->count));
		return;
	}
	(void)printf("notice %" PRIu64 " of %s: %s %s: %s", o->number, o->claims,
	    name_show(id, sizeof(id), n->release.id),
	    n->withdrawal ? "was withdrawn" : "is released",
	    name_show(text, sizeof(text), n->withdrawal ? n->reason : n->release.title));
	if (!n->withdrawal)
		(void)printf(" (%s, %s)", n->release.kind, n->release.severity);
}

static void
print_gap(const struct reading *r, const struct news_offer *o)
{
	const struct trust *t =
	    trust_chain_newest(site_vendor(r->station.site, o->claims)->chain);
	char name[512], telephone[512];

	if (o->gap_from == o->gap_to)
		(void)printf("    notice %" PRIu64 " did not arrive", o->gap_from);
	else
		(void)printf("    notices %" PRIu64 "-%" PRIu64 " did not arrive", o->gap_from,
		    o->gap_to);
	(void)printf("; ask %s, %s\n", name_show(name, sizeof(name), t->name),
	    *t->telephone == '\0' ? "at the number you already have" :
	    name_show(telephone, sizeof(telephone), t->telephone));
}

static void
print_taken(const struct reading *r, const char *file, const struct news_offer *o)
{
	char when[TIME_TEXT], name[512];

	(void)printf("  %s: %s: ", name_show(name, sizeof(name), file),
	    o->known ? "KNOWN ALREADY" : o->late ? "TAKEN IN, late" : "TAKEN IN");
	print_contents(o);
	if (o->entry != 0)
		(void)printf(".  Ledger %" PRIu64, o->entry);
	time_print_short(o->notice != NULL ? o->notice->issued : o->catalogue->issued, when);
	if (!o->dated)
		(void)printf(".\n    issued %s, later than now: is this computer's clock right?\n",
		    when);
	else
		(void)printf(".\n    issued %s, %" PRIu64 " %s ago\n", when, o->days,
		    o->days == 1 ? "day" : "days");
	if (o->gap_from != 0)
		print_gap(r, o);
}

/* ---- for programs ---- */

static void
json_contents(struct json_writer *w, const struct news_offer *o)
{
	const struct notice *n = o->notice;

	if (n == NULL && o->catalogue == NULL)
		return;
	json_put_moment(w, "issued", n != NULL ? n->issued : o->catalogue->issued);
	if (o->dated)
		json_put_uint(w, "days", o->days);
	if (n != NULL) {
		json_put_string(w, "event", n->withdrawal ? "withdrawal" : "release");
		json_put_string(w, "release", n->release.id);
		json_put_string(w, "title", n->release.title);
		json_put_string(w, "kind", n->release.kind);
		json_put_string(w, "severity", n->release.severity);
	} else {
		json_put_uint(w, "releases", o->catalogue->count);
	}
}

static void
json_offer(struct json_writer *w, const char *file, const struct news_offer *o)
{
	const int status = err_status(o->why.err);
	char text[4 * sizeof(o->why.at)];

	json_open_object(w, NULL);
	json_put_string(w, "file", name_show(text, sizeof(text), file));
	json_put_string(w, "verdict", err_verdict(status));
	json_put_uint(w, "status", (uint64_t)status);
	json_put_string(w, "reason", err_code(o->why.err));
	json_put_string(w, "sentence", err_sentence(o->why.err));
	json_put_string(w, "where", name_show(text, sizeof(text), o->why.at));
	json_put_string(w, "advice", advice(o->why.err));
	json_put_string(w, "claims", o->claims);
	json_put_bool(w, "catalogue", o->is_catalogue);
	json_put_uint(w, "number", o->number);
	json_put_bool(w, "known", o->known);
	json_put_bool(w, "late", o->late);
	json_put_uint(w, "gap_from", o->gap_from);
	json_put_uint(w, "gap_to", o->gap_to);
	json_contents(w, o);
	json_put_uint(w, "ledger", o->entry);
	json_close(w);
}

/* ---- the command ---- */

/* What it tells of is compared with every system once all files were read. */
static void
remember(struct reading *r, const struct notice *n)
{
	char *name = r->release[r->told];

	(void)snprintf(name, sizeof(r->release[0]), "%s:%s", n->vendor, n->release.id);
	for (size_t i = 0; i < r->told; i++)
		if (strcmp(r->release[i], name) == 0)
			return;
	r->told++;
}

/* What came is read anew from the ledger, because it counts for each: withdrawals, too. */
static enum err
compare_systems(struct reading *r, struct fault *f)
{
	struct library l;
	size_t release;
	enum err e;

	json_open_array(r->w, "releases");
	if (r->told > 0) {
		if ((e = station_reload(&r->station, f)) != OK)
			return e;
		e = library_open(&l, &r->station, NULL, 0, f);
		for (size_t i = 0; e == OK && i < r->told; i++) {
			release = fit_find(l.fit, r->release[i]);
			e = r->json ? table_json(r->w, &l, release) :
			    table_print(stdout, &l, release);
			if (e != OK)
				(void)err_fault(f, e, "%s", r->release[i]);
		}
		library_free(&l);
		if (e != OK)
			return e;
	}
	json_close(r->w);
	return OK;
}

static enum err
read_one(struct reading *r, const char *file, struct fault *f)
{
	struct news_offer offer;
	char *text;
	size_t len;
	int status;
	enum err e;

	if ((e = file_load(AT_FDCWD, file, LIMIT_CATALOGUE, &text, &len, f)) != OK)
		return e;
	e = news_offer(&r->station, &r->news, text, len, r->via == NULL ? "" : r->via, &offer, f);
	free(text);
	if (e != OK)
		return e;
	status = err_status(offer.why.err);
	r->status = status > r->status ? status : r->status;
	if (r->json)
		json_offer(r->w, file, &offer);
	else if (offer.why.err != OK)
		print_refused(file, &offer);
	else
		print_taken(r, file, &offer);
	if (offer.why.err == OK && offer.notice != NULL)
		remember(r, offer.notice);
	return OK;
}

static enum err
read_all(struct reading *r, struct fault *f)
{
	enum err e;

	if (r->via != NULL && (e = input_text("via", r->via, f)) != OK)
		return e;
	if ((e = station_open(&r->station, r->home, true, f)) != OK ||
	    (e = news_load(&r->news, &r->station, f)) != OK)
		return e;
	if (r->json) {
		r->w = json_writer_new();
		json_open_array(r->w, "files");
	}
	for (size_t i = 0; e == OK && i < r->files.count; i++)
		e = read_one(r, r->files.item[i], f);
	json_close(r->w);
	return e == OK ? compare_systems(r, f) : e;
}

int
notice_run(int argc, char **argv)
{
	struct reading r = { .station = { .home = { .fd = -1, .lock = -1 } } };
	const struct option table[] = {
		{ "via", OPTION_VALUE, &r.via },
		{ "home", OPTION_VALUE, &r.home },
		{ "json", OPTION_FLAG, &r.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct fault f = { .err = OK };

	if (options_parse(argc, argv, table, &r.files, &f) == OK && r.files.count == 0)
		(void)err_fault(&f, ERR_USAGE, "notice takes notices and catalogues, as files");
	if (f.err == OK)
		(void)!read_all(&r, &f);
	if (f.err != OK) {
		json_writer_free(r.w);
		r.status = report_fault("ingest", r.json, &f);
	} else if (r.json) {
		r.status = report_print_json(r.w, r.status);
	}
	news_free(&r.news);
	station_close(&r.station);
	return r.status;
}
