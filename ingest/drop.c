/*
 * drop: what waits of a consignment is thrown away; its number stays free.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/waiting.h"
#include "verify/command.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

struct drop {
	struct station station;
	const char *home, *by, *reason;
	bool json;
	char customer[LIMIT_ID + 1];
	uint64_t number, volumes, entry;
};

/* The vendor who calls us so and of whom something waits. */
static const struct site_vendor *
find_vendor(const struct drop *d)
{
	const struct site *s = d->station.site;
	struct stat st;
	char path[128];
	size_t i;

	for (i = 0; i < s->vendor_count; i++) {
		waiting_path(s->vendor[i].id, d->customer, d->number, 0, path, sizeof(path));
		if (fstatat(d->station.home.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return &s->vendor[i];
	}
	return NULL;
}

static enum err
drop(struct drop *d, struct fault *f)
{
	const struct site_vendor *v;
	struct json_writer *w;
	uint64_t volume;
	enum err e;

	if ((e = station_open(&d->station, d->home, true, f)) != OK)
		return e;
	if ((v = find_vendor(d)) == NULL)
		return err_fault(f, ERR_USAGE, "nothing waits of %s/%llu; see ingest status",
		    d->customer, (unsigned long long)d->number);
	for (volume = 1; volume <= LIMIT_VOLUMES; volume++)
		d->volumes += site_waiting(d->station.site, v->id, d->customer, d->number,
		    volume) != NULL;
	w = ledger_entry(d->station.site->ledger, "dropped", command_now());
	if (w != NULL) {
		json_put_string(w, "vendor", v->id);
		json_put_string(w, "customer", d->customer);
		json_put_uint(w, "number", d->number);
		json_put_uint(w, "dropped", d->volumes);
		if (d->by != NULL)
			json_put_string(w, "by", d->by);
		if (d->reason != NULL)
			json_put_string(w, "reason", d->reason);
	}
	if ((e = ledger_commit(d->station.site->ledger, w, &d->entry, f)) != OK)
		return e;
	return waiting_remove(&d->station, v->id, d->customer, d->number, f);
}

static int
say(const struct drop *d)
{
	struct json_writer *w;

	if (d->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "customer", d->customer);
		json_put_uint(w, "number", d->number);
		json_put_uint(w, "dropped", d->volumes);
		json_put_uint(w, "ledger", d->entry);
		return report_print_json(w, 0);
	}
	(void)printf("  Dropped %llu disc%s of %s/%llu that waited, and what was kept of damaged "
		     "ones.  Ledger %llu.\n",
	    (unsigned long long)d->volumes, size_plural(d->volumes), d->customer,
	    (unsigned long long)d->number, (unsigned long long)d->entry);
	return 0;
}

int
drop_run(int argc, char **argv)
{
	struct drop d = { .station = { .home = { .fd = -1, .lock = -1 } } };
	const struct option table[] = {
		{ "by", OPTION_VALUE, &d.by },
		{ "reason", OPTION_VALUE, &d.reason },
		{ "home", OPTION_VALUE, &d.home },
		{ "json", OPTION_FLAG, &d.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "drop takes one consignment, CUSTOMER/N");
	if (f.err == OK && (d.by == NULL || input_text("by", d.by, &f) == OK) &&
	    (d.reason == NULL || input_text("reason", d.reason, &f) == OK) &&
	    query_consignment(args.item[0], d.customer, &d.number, &f) == OK &&
	    drop(&d, &f) == OK)
		status = say(&d);
	else
		status = report_fault("ingest", d.json, &f);
	station_close(&d.station);
	return status;
}
