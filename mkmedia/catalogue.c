/*
 * catalogue: the list of all current releases, as a document to be signed.
 */
#include "formats/catalogue.h"

#include <stdlib.h>

#include "mkmedia/commands.h"
#include "mkmedia/kept.h"
#include "mkmedia/news.h"
#include "verify/command.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"

struct listing {
	const char *home, *next;
	bool json, replace;
	struct vendor_register *r;
	struct catalogue catalogue;	/* what is said, with borrowed strings */
	struct release **release;
	size_t count;
	char *body;
	size_t len;
};

/* Finished and signed, neither withdrawn nor revoked. */
static enum err
load_current(struct listing *l, struct fault *f)
{
	const struct vendor_register *r = l->r;
	const struct trust *t = trust_chain_newest(r->chain);
	size_t i;
	enum err e;

	if ((l->release = calloc(r->release_count + 1, sizeof(struct release *))) == NULL)
		return err_fault(f, ERR_MEMORY, "releases");
	for (i = 0; i < r->release_count; i++) {
		const struct register_release *known = &r->release[i];

		if (!known->is_signed || known->is_withdrawn ||
		    trust_release_revoked(t, &known->digest))
			continue;
		if ((e = kept_release(r, known, &l->release[l->count], f)) != OK)
			return e;
		l->count++;
	}
	return OK;
}

static enum err
take_next(struct listing *l, struct fault *f)
{
	struct catalogue *c = &l->catalogue;

	c->has_next = l->next != NULL;
	if (c->has_next && (time_parse(l->next, &c->next_expected) != OK ||
	    c->next_expected.seconds <= c->issued.seconds))
		return err_fault(f, ERR_USAGE, "--next-expected: a time to come is needed, such as "
		    "2027-06-30T00:00:00+02:00");
	return OK;
}

static enum err
print(struct listing *l, struct fault *f)
{
	const struct release **sorted = calloc(l->count + 1, sizeof(const struct release *));
	size_t i;
	enum err e;

	if (sorted == NULL)
		return err_fault(f, ERR_MEMORY, "catalogue");
	for (i = 0; i < l->count; i++)
		sorted[i] = l->release[i];
	e = catalogue_print(&l->catalogue, sorted, l->count, &l->body, &l->len, f);
	free(sorted);
	return e == OK ? OK : input_refuse(f, "catalogue");
}

static enum err
draft(struct listing *l, struct fault *f)
{
	enum err e;

	if ((e = register_open(&l->r, l->home, true, f)) != OK ||
	    (e = news_begin(l->r, NEWS_CATALOGUE, l->replace, f)) != OK)
		return e;
	l->catalogue = (struct catalogue){ .vendor = l->r->vendor,
		.number = news_next(l->r, NEWS_CATALOGUE), .issued = command_now(),
		.highest_notice = l->r->notice_count };
	if ((e = take_next(l, f)) != OK || (e = load_current(l, f)) != OK ||
	    (e = print(l, f)) != OK)
		return e;
	return news_draft(l->r, NEWS_CATALOGUE, l->body, l->len, f);
}

int
catalogue_run(int argc, char **argv)
{
	struct listing l = { .replace = false };
	const struct option table[] = {
		{ "next-expected", OPTION_VALUE, &l.next },
		{ "replace", OPTION_FLAG, &l.replace },
		{ "home", OPTION_VALUE, &l.home },
		{ "json", OPTION_FLAG, &l.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	size_t i;
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 0)
		(void)err_fault(&f, ERR_USAGE, "catalogue takes no argument: it lists everything");
	if (f.err != OK || draft(&l, &f) != OK)
		status = report_fault("mkmedia", l.json, &f);
	else
		status = news_say(l.r, NEWS_CATALOGUE, l.json);
	for (i = 0; i < l.count; i++)
		release_free(l.release[i]);
	free(l.release);
	free(l.body);
	register_close(l.r);
	return status;
}
