/*
 * passport: what a system has.  Every change is a new passport; nothing is written onto the system.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/bom.h"
#include "formats/name.h"
#include "formats/purl.h"
#include "ingest/carry.h"
#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/survey.h"
#include "ingest/systems.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/filter.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

/* A change of one system's passport. */
struct change {
	struct options_list args;	/* the first is the system */
	const char *home, *read_by, *from, *base;
	bool clear, json;
	struct station station;
	struct systems systems;
	const struct system *system;
	struct passport *old;	/* the newest; NULL: there is none */
	struct passport *made;
	size_t skipped;		/* of an imported list: files and the like */
	uint64_t entry;
};

/* A passport to begin with that has all that the newest has. */
static enum err
copy_old(struct change *c, struct fault *f)
{
	const struct passport *o = c->old;
	struct passport *p = passport_new();

	c->made = p;
	if (p == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	if (o == NULL)
		return OK;
	p->taken = o->taken;
	if ((p->kernel = passport_word(p, o->kernel)) == NULL ||
	    (p->architecture = passport_word(p, o->architecture)) == NULL ||
	    (p->read_by = passport_word(p, o->read_by)) == NULL ||
	    (p->read_from = passport_word(p, o->read_from)) == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	return carry_over(p, o, true, f);
}

/* ---- scan ---- */

static enum err
scan(struct change *c, struct fault *f)
{
	enum err e;

	if (*c->system->root == '\0')
		return err_fault(f, ERR_USAGE, "%s is by hand; see ingest passport set",
		    c->system->name);
	/* Whatever we and rpm do from here on: the system is not written to. */
	if ((e = filter_writes(c->station.home.fd, -1)) != OK)
		return err_fault(f, e, "%s", c->station.home.path);
	if ((e = survey_root(&c->made, c->system->root, &c->station.home, f)) != OK)
		return e;
	c->made->taken = command_now();
	return c->old == NULL ? OK : carry_over(c->made, c->old, false, f);
}

/* ---- set ---- */

/* Name and purl of what a person typed: a purl without its version, or a name. */
static enum err
read_typed(struct change *c, struct passport_component *out, char purl[static LIMIT_PURL + 1],
    struct fault *f)
{
	const char *typed = c->args.item[1], *version = c->args.item[2];
	struct purl *parsed = NULL, with;
	enum err e;

	out->kind = "application";
	out->name = out->ref = typed;
	out->version = version;
	if (strncmp(typed, "pkg:", 4) != 0)
		return OK;
	if ((e = purl_parse(&parsed, typed, strlen(typed))) != OK)
		return err_fault(f, e, "%.250s", typed);
	with = *parsed;
	if (with.version != NULL && strcmp(with.version, version) != 0)
		e = err_fault(f, ERR_USAGE, "the purl has version %.60s, and you say %.60s",
		    with.version, version);
	with.version = version;
	if (e == OK && (e = purl_print(&with, purl)) != OK)
		e = err_fault(f, e, "%.250s", typed);
	if (e == OK && (out->name = passport_word(c->made, with.name)) == NULL)
		e = err_fault(f, ERR_MEMORY, "passport");
	out->ref = out->purl = purl;
	purl_free(parsed);
	return e;
}

/* What is there already under a name keeps its purl, with the new version. */
static enum err
keep_purl(struct change *c, struct passport_component *out, char purl[static LIMIT_PURL + 1],
    struct fault *f)
{
	struct passport_component *was;
	struct purl *parsed;
	enum err e;

	if (*out->purl != '\0')
		return OK;
	for (size_t i = 0, n = 0; i < c->made->count; i++)
		if (strcmp(c->made->component[i].name, out->name) == 0 && ++n > 1)
			return carry_find(c->made, out->name, &was, f);	/* says which there are */
	if (carry_find(c->made, out->name, &was, NULL) != OK)
		return OK;
	out->kind = was->kind;
	out->name = was->name;
	out->fact[FACT_CUSTOMISED] = was->fact[FACT_CUSTOMISED];
	if (*was->purl == '\0')
		return OK;
	if ((e = purl_parse(&parsed, was->purl, strlen(was->purl))) != OK)
		return err_fault(f, e, "%.250s", was->purl);
	parsed->version = out->version;
	e = purl_print(parsed, purl);
	purl_free(parsed);
	out->ref = out->purl = purl;
	return e == OK ? OK : err_fault(f, e, "%.250s", was->purl);
}

static enum err
set(struct change *c, struct fault *f)
{
	struct passport_component new = passport_blank();
	char purl[LIMIT_PURL + 1], ref[LIMIT_TEXT * 2 + 16];
	enum err e;

	if ((e = input_text("read-by", c->read_by == NULL ? "" : c->read_by, f)) != OK ||
	    (e = input_text("from", c->from == NULL ? "" : c->from, f)) != OK ||
	    (e = input_text("name", c->args.item[1], f)) != OK ||
	    (e = input_text("version", c->args.item[2], f)) != OK || (e = copy_old(c, f)) != OK ||
	    (e = read_typed(c, &new, purl, f)) != OK || (e = keep_purl(c, &new, purl, f)) != OK)
		return e;
	if (*new.purl == '\0') {
		(void)snprintf(ref, sizeof(ref), "%s:%s", new.kind, new.name);
		new.ref = ref;
	}
	new.fact[FACT_READ_BY] = c->made->read_by = c->read_by;
	new.fact[FACT_READ_FROM] = c->made->read_from = c->from;
	carry_remove(c->made, &new);
	/* One component that was read does not make those younger that were scanned. */
	if (c->old == NULL || *c->system->root == '\0')
		c->made->taken = command_now();
	e = passport_add(c->made, &new);
	return e == OK ? OK : err_fault(f, e, "a passport has at most %u components",
	    LIMIT_COMPONENTS);
}

/* ---- import ---- */

static enum err
import(struct change *c, struct fault *f)
{
	const struct moment now = command_now();
	char *buf;
	size_t len;
	enum err e;

	if ((c->made = passport_new()) == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	if ((e = file_load(AT_FDCWD, c->args.item[1], LIMIT_IMPORT, &buf, &len, f)) != OK)
		return e;
	e = bom_read(c->made, buf, len, &c->skipped, f);
	free(buf);
	if (e != OK)
		return e;
	if (c->made->count == 0)
		return err_fault(f, ERR_BOM, "%.250s: no component in it", c->args.item[1]);
	/* It is as old as it says; a time to come would never be too old. */
	if (c->made->taken.seconds == 0 || c->made->taken.seconds > now.seconds)
		c->made->taken = now;
	return c->old == NULL ? OK : carry_over(c->made, c->old, false, f);
}

/* ---- customised ---- */

static enum err
customised(struct change *c, struct fault *f)
{
	struct passport_component *found;
	enum err e;

	if ((c->base != NULL) == c->clear)
		return err_fault(f, ERR_USAGE,
		    "either --base, the version it was made from, or --clear");
	if (c->old == NULL)
		return systems_passport(&c->old, &c->station, c->system, f);
	if ((c->base != NULL && (e = input_text("base", c->base, f)) != OK) ||
	    (e = copy_old(c, f)) != OK)
		return e;
	c->made->system = c->system->name;
	if ((e = carry_find(c->made, c->args.item[1], &found, f)) != OK)
		return e;
	found->fact[FACT_CUSTOMISED] = c->clear ? "" : c->base;
	return OK;
}

/* ---- all of them ---- */

static enum err
change(struct change *c, enum err (*make)(struct change *c, struct fault *f), const char *source,
    struct fault *f)
{
	enum err e;

	if ((e = station_open(&c->station, c->home, true, f)) != OK ||
	    (e = systems_load(&c->systems, c->station.site->ledger, f)) != OK)
		return e;
	if ((c->system = systems_find(&c->systems, c->args.item[0], f)) == NULL)
		return ERR_SYSTEM;
	if (c->system->passports > 0 &&
	    (e = systems_passport(&c->old, &c->station, c->system, f)) != OK)
		return e;
	if ((e = make(c, f)) != OK)
		return e;
	return systems_keep(&c->station, c->system, c->made, source, &c->entry, f);
}

static int
say(const struct change *c)
{
	char path[SYSTEMS_PATH];
	struct json_writer *w;

	systems_path(c->system, c->made->number, path);
	if (c->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "system", c->system->name);
		json_put_string(w, "file", path);
		json_put_uint(w, "number", c->made->number);
		json_put_uint(w, "components", c->made->count);
		json_put_uint(w, "skipped", c->skipped);
		json_put_uint(w, "ledger", c->entry);
		return report_print_json(w, 0);
	}
	(void)printf("  %s: passport %llu, %zu component%s.  Ledger %llu.\n", c->system->name,
	    (unsigned long long)c->made->number, c->made->count, size_plural(c->made->count),
	    (unsigned long long)c->entry);
	if (c->skipped > 0)
		(void)printf("  Left out of the list, as files, data, or the system itself: %zu.\n",
		    c->skipped);
	return 0;
}

static int
run(int argc, char **argv, struct change *c, const struct option *table, size_t args,
    const char *usage, enum err (*make)(struct change *c, struct fault *f), const char *source)
{
	struct fault f = { .err = OK };
	int status;

	c->station.home = (struct home){ .fd = -1, .lock = -1 };
	if (options_parse(argc, argv, table, &c->args, &f) == OK && c->args.count != args)
		(void)err_fault(&f, ERR_USAGE, "%s", usage);
	if (f.err == OK)
		(void)!change(c, make, source, &f);
	status = f.err != OK ? report_fault("ingest", c->json, &f) : say(c);
	passport_free(c->made);
	passport_free(c->old);
	systems_free(&c->systems);
	station_close(&c->station);
	return status;
}

int
passport_scan_run(int argc, char **argv)
{
	struct change c = { .old = NULL };
	const struct option table[] = {
		{ "home", OPTION_VALUE, &c.home },
		{ "json", OPTION_FLAG, &c.json },
		{ NULL, OPTION_FLAG, NULL },
	};

	return run(argc, argv, &c, table, 1, "passport scan takes one system", scan, "scan");
}

int
passport_set_run(int argc, char **argv)
{
	struct change c = { .old = NULL };
	const struct option table[] = {
		{ "read-by", OPTION_VALUE, &c.read_by },
		{ "from", OPTION_VALUE, &c.from },
		{ "home", OPTION_VALUE, &c.home },
		{ "json", OPTION_FLAG, &c.json },
		{ NULL, OPTION_FLAG, NULL },
	};

	return run(argc, argv, &c, table, 3,
	    "passport set takes a system, a purl or name, and a version", set, "set");
}

int
passport_import_run(int argc, char **argv)
{
	struct change c = { .old = NULL };
	const struct option table[] = {
		{ "home", OPTION_VALUE, &c.home },
		{ "json", OPTION_FLAG, &c.json },
		{ NULL, OPTION_FLAG, NULL },
	};

	return run(argc, argv, &c, table, 2, "passport import takes a system and a file", import,
	    "import");
}

int
passport_customised_run(int argc, char **argv)
{
	struct change c = { .old = NULL };
	const struct option table[] = {
		{ "base", OPTION_VALUE, &c.base },
		{ "clear", OPTION_FLAG, &c.clear },
		{ "home", OPTION_VALUE, &c.home },
		{ "json", OPTION_FLAG, &c.json },
		{ NULL, OPTION_FLAG, NULL },
	};

	return run(argc, argv, &c, table, 2, "passport customised takes a system and a component",
	    customised, "customised");
}

/* ---- show ---- */

static void
show_text(const struct passport *p, const struct system *s)
{
	char when[TIME_TEXT], name[1100], version[1100], other[1100];

	time_print_short(p->taken, when);
	(void)printf("  %s: passport %llu, of %s, ledger %llu\n", p->system,
	    (unsigned long long)p->number, when, (unsigned long long)s->entry);
	if (*p->read_by != '\0')
		(void)printf("  last read by %s", name_show(name, sizeof(name), p->read_by));
	if (*p->read_by != '\0')
		(void)printf(" from %s\n", name_show(name, sizeof(name), p->read_from));
	for (size_t i = 0; i < p->count; i++) {
		const struct passport_component *c = &p->component[i];
		const char *base = c->fact[FACT_CUSTOMISED];

		(void)printf("  %-16s %s %s", c->kind,
		    name_show(name, sizeof(name), c->name),
		    name_show(version, sizeof(version), c->version));
		if (*base != '\0')
			(void)printf(", customised from %s",
			    name_show(other, sizeof(other), base));
		(void)printf("\n");
	}
}

/* With --json: the body of the passport, as it was signed. */
static int
show_json(const struct passport *p, struct fault *f)
{
	char *text;
	size_t len;

	if (passport_print(p, &text, &len, f) != OK)
		return 1;
	(void)fwrite(text, 1, len, stdout);
	free(text);
	return 0;
}

static int
answer_show(struct query *q, struct fault *f)
{
	struct passport *p = NULL;
	struct systems systems;
	const struct system *s;
	int status = 0;

	if (systems_load(&systems, q->station.site->ledger, f) != OK)
		return 1;
	s = systems_find(&systems, q->args.item[0], f);
	if (s != NULL && systems_passport(&p, &q->station, s, f) == OK) {
		if (q->json)
			status = show_json(p, f);
		else
			show_text(p, s);
	}
	passport_free(p);
	systems_free(&systems);
	return status;
}

int
passport_show_run(int argc, char **argv)
{
	return query_run(argc, argv, 1, false, "passport show takes one system", answer_show);
}
