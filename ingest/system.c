/*
 * system: the systems that patches are for.
 */
#include <limits.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/systems.h"
#include "verify/command.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"

struct addition {
	const char *name, *root, *role, *home;
	bool by_hand, json;
	char path[PATH_MAX];	/* of the root, without links */
	uint64_t entry;
};

static enum err
check_root(struct addition *a, struct fault *f)
{
	struct stat st;

	if (realpath(a->root, a->path) == NULL || stat(a->path, &st) == -1)
		return err_fault(f, ERR_USAGE, "--root %.200s: %s", a->root, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_fault(f, ERR_USAGE, "--root %.200s: not a directory", a->root);
	if (strlen(a->path) >= sizeof(((struct system *)NULL)->root))
		return err_fault(f, ERR_USAGE, "--root: the path is too long");
	return OK;
}

static enum err
check(struct addition *a, struct fault *f)
{
	if (!name_id_ok(a->name))
		return err_fault(f, ERR_USAGE, "a system is named like bed-1: a small letter, then "
		    "up to 26 of a to z, 0 to 9 and hyphens");
	if (a->role == NULL)
		a->role = "production";
	if (strcmp(a->role, "test") != 0 && strcmp(a->role, "production") != 0)
		return err_fault(f, ERR_USAGE, "--role: test or production");
	if ((a->root != NULL) == a->by_hand)
		return err_fault(f, ERR_USAGE,
		    "either --root, where its files are to be read, or --by-hand");
	return a->root == NULL ? OK : check_root(a, f);
}

static enum err
record(const struct addition *a, struct station *st, uint64_t *entry, struct fault *f)
{
	struct json_writer *w = ledger_entry(st->site->ledger, "system-added", command_now());

	if (w != NULL) {
		json_put_string(w, "system", a->name);
		if (a->root != NULL)
			json_put_string(w, "root", a->path);
		json_put_bool(w, "by_hand", a->by_hand);
		json_put_string(w, "role", a->role);
	}
	return ledger_commit(st->site->ledger, w, entry, f);
}

/* Who is told of a system is an entry of its own: it changes. */
static enum err
record_tell(struct station *st, const char *name, const char *whom, uint64_t *entry,
    struct fault *f)
{
	struct json_writer *w = ledger_entry(st->site->ledger, "system-tell", command_now());

	if (w != NULL) {
		json_put_string(w, "system", name);
		json_put_string(w, "tell", whom);
	}
	return ledger_commit(st->site->ledger, w, entry, f);
}

static enum err
add(struct addition *a, struct station *st, struct fault *f)
{
	struct systems systems = { .count = 0 };
	enum err e;

	if ((e = check(a, f)) != OK || (e = station_open(st, a->home, true, f)) != OK ||
	    (e = systems_load(&systems, st->site->ledger, f)) != OK)
		return e;
	if (systems_find(&systems, a->name, NULL) != NULL)
		e = err_fault(f, ERR_USAGE, "%s is there already", a->name);
	else if (systems.count == LIMIT_SYSTEMS)
		e = err_fault(f, ERR_LIMIT, "a site has at most %u systems", LIMIT_SYSTEMS);
	else
		e = record(a, st, &a->entry, f);
	systems_free(&systems);
	return e;
}

static int
say(const struct addition *a)
{
	struct json_writer *w;

	if (a->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "system", a->name);
		json_put_uint(w, "ledger", a->entry);
		return report_print_json(w, 0);
	}
	(void)printf("  %s, %s.  Ledger %llu.  Next: ingest passport %s %s\n", a->name, a->role,
	    (unsigned long long)a->entry, a->by_hand ? "set" : "scan", a->name);
	return 0;
}

int
system_add_run(int argc, char **argv)
{
	struct addition a = { .name = NULL };
	const struct option table[] = {
		{ "root", OPTION_VALUE, &a.root },
		{ "by-hand", OPTION_FLAG, &a.by_hand },
		{ "role", OPTION_VALUE, &a.role },
		{ "home", OPTION_VALUE, &a.home },
		{ "json", OPTION_FLAG, &a.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct station st = { .home = { .fd = -1, .lock = -1 } };
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "system add takes the name of one system");
	if (f.err == OK) {
		a.name = args.item[0];
		(void)!add(&a, &st, &f);
	}
	status = f.err != OK ? report_fault("ingest", a.json, &f) : say(&a);
	station_close(&st);
	return status;
}

static enum err
tell(struct addition *a, struct station *st, const char *whom, struct fault *f)
{
	struct systems systems = { .count = 0 };
	enum err e;

	if ((e = input_text("whom", whom, f)) != OK ||
	    (e = station_open(st, a->home, true, f)) != OK ||
	    (e = systems_load(&systems, st->site->ledger, f)) != OK)
		return e;
	e = systems_find(&systems, a->name, f) == NULL ? f->err :
	    record_tell(st, a->name, whom, &a->entry, f);
	systems_free(&systems);
	return e;
}

int
system_tell_run(int argc, char **argv)
{
	struct addition a = { .name = NULL };
	const struct option table[] = {
		{ "home", OPTION_VALUE, &a.home },
		{ "json", OPTION_FLAG, &a.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct station st = { .home = { .fd = -1, .lock = -1 } };
	struct options_list args;
	struct fault f = { .err = OK };
	struct json_writer *w;
	int status = 0;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 2)
		(void)err_fault(&f, ERR_USAGE, "system tell takes a system, and whom to tell");
	if (f.err == OK) {
		a.name = args.item[0];
		(void)!tell(&a, &st, args.item[1], &f);
	}
	if (f.err != OK) {
		status = report_fault("ingest", a.json, &f);
	} else if (a.json) {
		w = json_writer_new();
		json_put_string(w, "system", a.name);
		json_put_uint(w, "ledger", a.entry);
		status = report_print_json(w, 0);
	} else {
		(void)printf("  Of %s, %s is told.  Ledger %llu.\n", a.name, args.item[1],
		    (unsigned long long)a.entry);
	}
	station_close(&st);
	return status;
}

static int
list_json(const struct systems *s)
{
	struct json_writer *w = json_writer_new();

	json_open_array(w, "systems");
	for (size_t i = 0; i < s->count; i++) {
		const struct system *y = &s->system[i];

		json_open_object(w, NULL);
		json_put_string(w, "system", y->name);
		json_put_string(w, "role", y->test ? "test" : "production");
		json_put_string(w, "root", y->root);
		json_put_bool(w, "by_hand", *y->root == '\0');
		json_put_string(w, "tell", y->tell);
		json_put_uint(w, "passports", y->passports);
		if (y->passports > 0) {
			json_put_moment(w, "recorded", y->recorded);
			json_put_uint(w, "ledger", y->entry);
			json_put_digest(w, "digest", &y->digest);
		}
		json_close(w);
	}
	json_close(w);
	return report_print_json(w, 0);
}

static void
list_text(const struct systems *s)
{
	char when[TIME_TEXT], root[2048];

	for (size_t i = 0; i < s->count; i++) {
		const struct system *y = &s->system[i];

		time_print_short(y->recorded, when);
		(void)printf("  %-27s %-10s  %s\n  %-27s ", y->name,
		    y->test ? "test" : "production", *y->root == '\0' ? "by hand" :
		    name_show(root, sizeof(root), y->root), "");
		if (y->passports == 0)
			(void)printf("no passport yet\n");
		else
			(void)printf("passport %llu of %s, ledger %llu\n",
			    (unsigned long long)y->passports, when, (unsigned long long)y->entry);
		if (*y->tell != '\0')
			(void)printf("  %-27s tell %s\n", "",
			    name_show(root, sizeof(root), y->tell));
	}
	if (s->count == 0)
		(void)printf("  No systems yet.  Next: ingest system add NAME --root DIR, or "
		    "--by-hand\n");
}

static int
answer_list(struct query *q, struct fault *f)
{
	struct systems s;
	int status = 0;

	if (systems_load(&s, q->station.site->ledger, f) != OK)
		return 1;
	if (q->json)
		status = list_json(&s);
	else
		list_text(&s);
	systems_free(&s);
	return status;
}

int
system_list_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, false, "system list takes no arguments", answer_list);
}
