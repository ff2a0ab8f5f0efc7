/*
 * init: a new site.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/home.h"
#include "verify/input.h"
#include "verify/keymaker.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/site.h"

struct founding {
	const char *site, *name, *home;
	bool solo, json;
};

static void
put_founded(struct json_writer *w, const struct ledger *l, void *arg)
{
	const struct founding *founding = arg;
	char line[SSHSIG_LINE];

	sshsig_key_print(&l->key, line);
	json_put_string(w, "site", founding->site);
	json_put_string(w, "name", founding->name);
	json_put_string(w, "key", line);
	json_put_bool(w, "solo", founding->solo);
}

/* The ledger comes last: until it is there, the command may simply be repeated. */
static enum err
found(const struct home *h, struct founding *w, struct fault *f)
{
	static const char *const DIRECTORIES[] = { "keys", "trust", "stage", "scratch", "records",
		"out" };
	char key_file[1100], origin[64];
	size_t i;
	enum err e = OK;

	for (i = 0; e == OK && i < sizeof(DIRECTORIES) / sizeof(DIRECTORIES[0]); i++)
		e = file_mkdir(h->fd, DIRECTORIES[i], f);
	if (e == OK)
		e = file_remove_tree(
		    h->fd, "keys/site", f); /* of a try that did not get to its end */
	if (e == OK)
		e = file_remove_tree(h->fd, "keys/site.pub", f);
	if (e != OK)
		return e;
	site_key_file(h, key_file, sizeof(key_file));
	if ((e = keymaker_make(key_file, w->site, f)) != OK)
		return e;
	(void)snprintf(origin, sizeof(origin), "waxseal/site/%s", w->site);
	return ledger_found(h->fd, "scratch", origin, key_file, command_now(), put_founded, w, f);
}

static enum err
begin(struct founding *w, struct options_list *args, struct home *h, struct fault *f)
{
	char usual[1024];
	enum err e;

	if (args->count != 1 || !name_id_ok(args->item[0]))
		return err_fault(f, ERR_USAGE,
		    "init takes the site's id: a small letter, then up to 26 of a-z, 0-9 and -");
	if (!w->solo)
		return err_fault(f, ERR_USAGE,
		    "this version knows sites of one person only: say --solo");
	w->site = args->item[0];
	if (w->name == NULL)
		w->name = w->site;
	if ((e = input_text("name", w->name, f)) != OK)
		return e;
	if (w->home == NULL) {
		if ((e = home_default_ingest(usual, sizeof(usual))) != OK)
			return err_fault(f, e, "INGEST_HOME");
		return home_create(h, usual, f);
	}
	return home_create(h, w->home, f);
}

int
init_run(int argc, char **argv)
{
	struct founding w = { .name = NULL };
	const struct option table[] = {
		{ "name", OPTION_VALUE, &w.name },
		{ "home", OPTION_VALUE, &w.home },
		{ "solo", OPTION_FLAG, &w.solo },
		{ "json", OPTION_FLAG, &w.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct home h = { .fd = -1, .lock = -1 };
	struct options_list args;
	struct fault f = { .err = OK };
	struct json_writer *out;
	int status = 0;

	if (options_parse(argc, argv, table, &args, &f) != OK || begin(&w, &args, &h, &f) != OK ||
	    found(&h, &w, &f) != OK) {
		status = report_fault("ingest", w.json, &f);
	} else if (w.json && (out = json_writer_new()) != NULL) {
		json_put_string(out, "site", w.site);
		json_put_string(out, "home", h.path);
		status = report_print_json(out, 0);
	} else {
		(void)printf(
		    "  %s founded in %s: key, ledger, stage. One person decides here (--solo).\n"
		    "  Next: ingest trust add FILE --fingerprint \"...\" --customer ID\n",
		    w.site, h.path);
	}
	home_close(&h);
	return status;
}
