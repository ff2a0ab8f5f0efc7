/*
 * trust: which vendors this site trusts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/station.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/options.h"
#include "verify/report.h"

struct request {
	const char *file, *fingerprint, *customer, *home;
	bool json;
	char *bytes;
	size_t len;
	struct trust_chain *chain;	/* of the file; then what is to be held */
	struct station station;
};

static void
end(struct request *r)
{
	free(r->bytes);
	trust_chain_free(r->chain);
	station_close(&r->station);
}

static enum err
write_chain(const struct request *r, struct fault *f)
{
	char path[LIMIT_ID + 16];

	(void)snprintf(path, sizeof(path), "trust/%s.chain", trust_chain_newest(r->chain)->vendor);
	return file_replace(r->station.home.fd, path, 0600, r->chain->bytes, r->chain->len, f);
}

static struct json_writer *
entry_for(const struct request *r, const char *what)
{
	const struct trust *t = trust_chain_newest(r->chain);
	struct json_writer *w = ledger_entry(r->station.site->ledger, what, command_now());

	if (w != NULL) {
		json_put_string(w, "vendor", t->vendor);
		json_put_uint(w, "version", t->version);
		json_put_digest(w, "digest", &t->digest);
	}
	return w;
}

/* Nothing of the file is believed before a person's fingerprint fits its first document. */
static enum err
check_new(struct request *r, struct fault *f)
{
	struct trust_fingerprint fp;
	char shown[TRUST_FINGERPRINT];
	const struct trust *t;
	enum err e;

	if ((e = trust_chain_parse(&r->chain, r->bytes, r->len, NULL, f)) != OK)
		return e;
	t = trust_chain_newest(r->chain);
	trust_fingerprint(trust_chain_anchor(r->chain), shown);
	if (r->fingerprint == NULL)
		return err_fault(f, ERR_USAGE,
		    "--fingerprint is needed: the file says %s, but take it from "
		    "the vendor's letter or telephone, not from here",
		    shown);
	if (trust_fingerprint_parse(r->fingerprint, &fp) != OK)
		return err_fault(
		    f, ERR_USAGE, "--fingerprint: 32 to 64 hexadecimal digits are needed");
	if (!trust_fingerprint_fits(&fp, trust_chain_anchor(r->chain)))
		return err_fault(f, ERR_SENDER,
		    "the fingerprint is not that of %s; do not use this file", r->file);
	if (r->customer == NULL || !name_id_ok(r->customer))
		return err_fault(f, ERR_USAGE,
		    "--customer: the id by which %s calls this site is needed", t->vendor);
	return OK;
}

static enum err
add(struct request *r, struct fault *f)
{
	const struct trust *t;
	struct json_writer *w;
	enum err e;

	if ((e = file_load(AT_FDCWD, r->file, LIMIT_CHAIN_BYTES, &r->bytes, &r->len, f)) != OK ||
	    (e = check_new(r, f)) != OK || (e = station_open(&r->station, r->home, true, f)) != OK)
		return e;
	t = trust_chain_newest(r->chain);
	if (site_vendor(r->station.site, t->vendor) != NULL)
		return err_fault(
		    f, ERR_USAGE, "%s is trusted already; see ingest trust update", t->vendor);
	if ((e = write_chain(r, f)) != OK)
		return e;
	if ((w = entry_for(r, "trust-added")) != NULL) {
		json_put_string(w, "name", t->name);
		json_put_string(w, "customer", r->customer);
		json_put_digest(w, "anchor", trust_chain_anchor(r->chain));
	}
	return ledger_commit(r->station.site->ledger, w, NULL, f);
}

/* A whole chain that continues what is held, or the one document that comes next. */
static enum err
continue_chain(struct request *r, struct fault *f)
{
	const struct trust_chain *held;
	struct trust *next;
	size_t i;
	enum err e = ERR_SENDER;

	if (r->len > 0 && r->bytes[0] != '{')
		return trust_chain_parse(&r->chain, r->bytes, r->len, NULL, f);
	for (i = 0; i < r->station.site->vendor_count; i++) {
		held = r->station.site->vendor[i].chain;
		e = trust_next(&next, r->bytes, r->len, trust_chain_newest(held), f);
		if (e == ERR_DOC_VENDOR)
			continue;
		if (e != OK)
			return e;
		if ((e = trust_chain_parse(&r->chain, held->bytes, held->len, NULL, f)) != OK) {
			trust_free(next);
			return e;
		}
		return trust_chain_add(r->chain, next, r->bytes, r->len);
	}
	return err_fault(f, e, "%s", r->file);
}

static enum err
update(struct request *r, struct fault *f)
{
	const struct trust *t;
	const struct site_vendor *v;
	struct json_writer *w;
	enum err e;

	if ((e = file_load(AT_FDCWD, r->file, LIMIT_CHAIN_BYTES, &r->bytes, &r->len, f)) != OK ||
	    (e = station_open(&r->station, r->home, true, f)) != OK ||
	    (e = continue_chain(r, f)) != OK)
		return e;
	t = trust_chain_newest(r->chain);
	v = site_vendor(r->station.site, t->vendor);
	if (v == NULL || !digest_equal(&v->anchor, trust_chain_anchor(r->chain)))
		return err_fault(
		    f, ERR_SENDER, "%s is not trusted here; see ingest trust add", t->vendor);
	if (t->version <= v->version)
		return err_fault(f, ERR_USAGE, "trust %llu of %s is held already",
		    (unsigned long long)v->version, v->id);
	if (!digest_equal(&r->chain->version[v->version - 1]->digest, &v->version_digest))
		return err_fault(
		    f, ERR_CHAIN_FORKED, "version %llu", (unsigned long long)v->version);
	if ((e = write_chain(r, f)) != OK)
		return e;
	if ((w = entry_for(r, "trust-adopted")) != NULL)
		json_put_string(w, "from", "file");
	return ledger_commit(r->station.site->ledger, w, NULL, f);
}

static int
say(const struct request *r, const char *what)
{
	const struct trust *t = trust_chain_newest(r->chain);
	char shown[TRUST_FINGERPRINT], name[512];
	struct json_writer *w;

	trust_fingerprint(trust_chain_anchor(r->chain), shown);
	if (r->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "vendor", t->vendor);
		json_put_uint(w, "version", t->version);
		json_put_string(w, "anchor", shown);
		return report_print_json(w, 0);
	}
	(void)printf("  %s (%s), trust %llu %s.  Anchor SHA256 %s\n",
	    name_show(name, sizeof(name), t->name), t->vendor,
	    (unsigned long long)t->version, what, shown);
	return 0;
}

static int
run(int argc, char **argv, struct request *r, const struct option *table,
    enum err (*act)(struct request *, struct fault *), const char *what)
{
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	r->station.home = (struct home){ .fd = -1, .lock = -1 };
	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE,
		    "one file is needed, as the vendor handed it out");
	if (f.err == OK) {
		r->file = args.item[0];
		(void)!act(r, &f);
	}
	status = f.err != OK ? report_fault("ingest", r->json, &f) : say(r, what);
	end(r);
	return status;
}

int
trust_add_run(int argc, char **argv)
{
	struct request r = { .file = NULL };
	const struct option table[] = {
		{ "fingerprint", OPTION_VALUE, &r.fingerprint },
		{ "customer", OPTION_VALUE, &r.customer },
		{ "home", OPTION_VALUE, &r.home },
		{ "json", OPTION_FLAG, &r.json },
		{ NULL, OPTION_FLAG, NULL },
	};

	return run(argc, argv, &r, table, add, "is trusted");
}

int
trust_update_run(int argc, char **argv)
{
	struct request r = { .file = NULL };
	const struct option table[] = {
		{ "home", OPTION_VALUE, &r.home },
		{ "json", OPTION_FLAG, &r.json },
		{ NULL, OPTION_FLAG, NULL },
	};

	return run(argc, argv, &r, table, update, "is in force");
}

static void
print_vendor(const struct site_vendor *v)
{
	const struct trust *t = trust_chain_newest(v->chain);
	char shown[TRUST_FINGERPRINT], until[TIME_TEXT], name[512];

	trust_fingerprint(&v->anchor, shown);
	time_print_short(t->expires, until);
	(void)printf("  %-27s %s, trust %llu until %.10s; calls us %s\n  %-27s anchor SHA256 %s\n",
	    v->id, name_show(name, sizeof(name), t->name),
	    (unsigned long long)v->version, until, v->customer, "", shown);
}

static int
list_json(const struct site *s)
{
	struct json_writer *w = json_writer_new();
	size_t i;

	if (w == NULL)
		return 1;
	json_open_array(w, "vendors");
	for (i = 0; i < s->vendor_count; i++) {
		const struct trust *t = trust_chain_newest(s->vendor[i].chain);

		json_open_object(w, NULL);
		json_put_string(w, "vendor", s->vendor[i].id);
		json_put_string(w, "name", t->name);
		json_put_uint(w, "version", t->version);
		json_put_moment(w, "expires", t->expires);
		json_put_digest(w, "anchor", &s->vendor[i].anchor);
		json_put_string(w, "customer", s->vendor[i].customer);
		json_close(w);
	}
	json_close(w);
	return report_print_json(w, 0);
}

static int
answer_list(struct query *q, struct fault *f)
{
	const struct site *s = q->station.site;
	size_t i;

	(void)f;
	if (q->json)
		return list_json(s);
	for (i = 0; i < s->vendor_count; i++)
		print_vendor(&s->vendor[i]);
	if (s->vendor_count == 0)
		(void)printf(
		    "  Nobody is trusted yet.  Next: ingest trust add FILE --fingerprint \"...\" "
		    "--customer ID\n");
	return 0;
}

int
trust_list_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, false, "trust list takes no arguments", answer_list);
}
