/*
 * notice: the news that there is a release, or that it should not be installed any more.
 */
#include "formats/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmedia/commands.h"
#include "mkmedia/kept.h"
#include "mkmedia/news.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"

struct telling {
	const char *home, *details_file;
	bool json, replace, list;
	struct vendor_register *r;
	struct release *release;
	struct notice notice;		/* what is said, with borrowed strings */
	char *details;
	char *body;
	size_t len;
};

/* ---- what may be told ---- */

static enum err
check_state(const struct telling *t, const struct register_release *known, struct fault *f)
{
	if (!known->is_signed)
		return err_fault(f, ERR_USAGE, "%s is not signed yet; see mkmedia sign %s",
		    known->id, known->id);
	if (trust_release_revoked(trust_chain_newest(t->r->chain), &known->digest))
		return err_fault(f, ERR_USAGE, "%s was revoked", known->id);
	if (!t->notice.withdrawal)
		return OK;
	if (known->is_withdrawn)
		return err_fault(f, ERR_USAGE, "%s is withdrawn already", known->id);
	if (!known->is_told && !known->is_sealed)
		return err_fault(f, ERR_USAGE,
		    "nobody knows of %s: it was neither announced nor sealed", known->id);
	return OK;
}

/* Of one release, the later notice counts; nobody could tell which that is. */
static enum err
check_clock(const struct telling *t, struct fault *f)
{
	const struct register_notice *last;
	char when[TIME_TEXT];

	if (t->r->notice_count == 0)
		return OK;
	last = &t->r->notice[t->r->notice_count - 1];
	if (last->issued.seconds <= t->notice.issued.seconds)
		return OK;
	time_print_short(last->issued, when);
	return err_fault(f, ERR_USAGE,
	    "the clock is wrong: the last notice was issued at %s", when);
}

static enum err
load_details(struct telling *t, struct fault *f)
{
	size_t len;

	if (t->details_file == NULL)
		return OK;
	if (file_load(AT_FDCWD, t->details_file, LIMIT_LONG_TEXT, &t->details, &len, f) != OK)
		return input_refuse(f, "--details");
	while (len > 0 && t->details[len - 1] == '\n')
		t->details[--len] = '\0';
	t->notice.details = t->details;
	return strlen(t->details) == len ? OK :
	    err_fault(f, ERR_USAGE, "--details %s: not plain text", t->details_file);
}

static enum err
check_texts(const struct telling *t, struct fault *f)
{
	const struct notice *n = &t->notice;
	enum err e = OK;

	if (n->withdrawal && n->reason == NULL)
		return err_fault(f, ERR_USAGE, "--reason: why should nobody install it?");
	if (*n->place == '\0')
		return err_fault(f, ERR_USAGE, "--place: where is it issued?");
	if ((e = input_text("place", n->place, f)) == OK && n->reason != NULL)
		e = input_text("reason", n->reason, f);
	if (e == OK && n->acquisition != NULL)
		e = input_text("acquisition", n->acquisition, f);
	if (e == OK && n->if_not_applied != NULL)
		e = input_text("if-not-applied", n->if_not_applied, f);
	return e;
}

static enum err
draft(struct telling *t, const char *id, struct fault *f)
{
	const struct register_release *known;
	enum err e;

	if ((e = register_open(&t->r, t->home, true, f)) != OK ||
	    (e = news_begin(t->r, NEWS_NOTICE, t->replace, f)) != OK)
		return e;
	if ((known = register_release(t->r, id)) == NULL)
		return err_fault(f, ERR_USAGE,
		    "there is no finished release %s; see mkmedia release list", id);
	t->notice.issued = command_now();
	t->notice.sequence = news_next(t->r, NEWS_NOTICE);
	if (t->notice.place == NULL)
		t->notice.place = t->r->place;
	if ((e = check_state(t, known, f)) != OK || (e = check_clock(t, f)) != OK ||
	    (e = check_texts(t, f)) != OK || (e = load_details(t, f)) != OK ||
	    (e = kept_release(t->r, known, &t->release, f)) != OK)
		return e;
	if (notice_print(&t->notice, t->release, &t->body, &t->len, f) != OK)
		return input_refuse(f, id);
	return news_draft(t->r, NEWS_NOTICE, t->body, t->len, f);
}

/* ---- the list ---- */

static int
list_json(const struct vendor_register *r)
{
	struct json_writer *w = json_writer_new();
	size_t i;

	json_open_array(w, "notices");
	for (i = 0; i < r->notice_count; i++) {
		json_open_object(w, NULL);
		json_put_uint(w, "sequence", i + 1);
		json_put_digest(w, "digest", &r->notice[i].digest);
		json_put_moment(w, "issued", r->notice[i].issued);
		json_put_string(w, "event", r->notice[i].withdrawal ? "withdrawal" : "release");
		json_put_string(w, "release", r->notice[i].release);
		json_close(w);
	}
	json_close(w);
	json_put_bool(w, "waiting", news_waits(r, NEWS_NOTICE));
	return report_print_json(w, 0);
}

static int
list(const struct vendor_register *r)
{
	char when[TIME_TEXT];
	size_t i;

	for (i = 0; i < r->notice_count; i++) {
		time_print_short(r->notice[i].issued, when);
		(void)printf("  %4zu  %s  %-9s  %s\n", i + 1, when,
		    r->notice[i].withdrawal ? "withdrawn" : "release", r->notice[i].release);
	}
	if (news_waits(r, NEWS_NOTICE))
		(void)printf("  %4zu  waits for its signatures: mkmedia sign %zu.notice\n", i + 1,
		    i + 1);
	return 0;
}

/* ---- the commands ---- */

static int
run(struct telling *t, const struct options_list *args, struct fault *f)
{
	int status;

	if (f->err == OK && t->list && args->count == 0) {
		if (register_open(&t->r, t->home, false, f) != OK)
			status = report_fault("mkmedia", t->json, f);
		else
			status = t->json ? list_json(t->r) : list(t->r);
	} else {
		if (f->err == OK && (args->count != 1 || t->list))
			(void)err_fault(f, ERR_USAGE, "the id of one release is needed");
		if (f->err != OK || draft(t, args->item[0], f) != OK)
			status = report_fault("mkmedia", t->json, f);
		else
			status = news_say(t->r, NEWS_NOTICE, t->json);
	}
	release_free(t->release);
	free(t->details);
	free(t->body);
	register_close(t->r);
	return status;
}

int
notice_run(int argc, char **argv)
{
	struct telling t = { .replace = false };
	const struct option table[] = {
		{ "acquisition", OPTION_VALUE, &t.notice.acquisition },
		{ "details", OPTION_VALUE, &t.details_file },
		{ "if-not-applied", OPTION_VALUE, &t.notice.if_not_applied },
		{ "place", OPTION_VALUE, &t.notice.place },
		{ "replace", OPTION_FLAG, &t.replace },
		{ "list", OPTION_FLAG, &t.list },
		{ "home", OPTION_VALUE, &t.home },
		{ "json", OPTION_FLAG, &t.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };

	(void)!options_parse(argc, argv, table, &args, &f);
	return run(&t, &args, &f);
}

int
notice_withdraw(int argc, char **argv)
{
	struct telling t = { .notice = { .withdrawal = true } };
	const struct option table[] = {
		{ "reason", OPTION_VALUE, &t.notice.reason },
		{ "details", OPTION_VALUE, &t.details_file },
		{ "place", OPTION_VALUE, &t.notice.place },
		{ "replace", OPTION_FLAG, &t.replace },
		{ "home", OPTION_VALUE, &t.home },
		{ "json", OPTION_FLAG, &t.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };

	(void)!options_parse(argc, argv, table, &args, &f);
	return run(&t, &args, &f);
}
