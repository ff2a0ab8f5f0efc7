/*
 * customers: whom consignments are sealed for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/enrolment.h"
#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/desk.h"
#include "mkmedia/register.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"

struct adding {
	const char *id, *name, *file, *fingerprint;
	struct enrolment *enrolment;	/* NULL: none was given */
};

/*
 * Its own signature shows only that the site has the key.  That the key is the site's, only the
 * telephone can say.
 */
static enum err
load_enrolment(struct adding *a, struct fault *f)
{
	struct trust_fingerprint fingerprint;
	char *text;
	size_t len;
	enum err e;

	if (a->fingerprint == NULL)
		return err_fault(f, ERR_USAGE, "--fingerprint: call the customer, at a number you "
		    "already have, and have the fingerprint of the enrolment read out to you");
	if (trust_fingerprint_parse(a->fingerprint, &fingerprint) != OK)
		return err_fault(f, ERR_USAGE,
		    "--fingerprint: 32 to 64 hexadecimal digits are needed");
	if ((e = file_load(AT_FDCWD, a->file, LIMIT_DOCUMENT, &text, &len, f)) == OK) {
		e = enrolment_open(&a->enrolment, text, len, f);
		free(text);
	}
	if (e != OK)
		return input_refuse(f, a->file);
	if (!trust_fingerprint_fits(&fingerprint, &a->enrolment->digest))
		return err_fault(f, ERR_USAGE, "%s: the fingerprint is another one.  Either it "
		    "was misheard, or the enrolment is not the customer's; nothing was entered",
		    a->file);
	return OK;
}

static enum err
check(struct adding *a, const struct options_list *args, struct fault *f)
{
	enum err e;

	if (args->count != 1 || a->name == NULL)
		return err_fault(f, ERR_USAGE, "customer add needs an ID and --name NAME");
	a->id = args->item[0];
	if (!name_id_ok(a->id))
		return err_fault(f, ERR_USAGE, "%s: 1 to %u of a-z, 0-9 and \"-\", a letter first",
		    a->id, LIMIT_ID);
	if ((e = input_text("name", a->name, f)) != OK)
		return e;
	if (a->file == NULL && a->fingerprint != NULL)
		return err_fault(f, ERR_USAGE, "--fingerprint: of which --enrolment?");
	return a->file == NULL ? OK : load_enrolment(a, f);
}

static enum err
enter(struct vendor_register *r, const struct adding *a, struct fault *f)
{
	char line[SSHSIG_LINE];
	struct json_writer *w;

	if (register_customer(r, a->id) != NULL)
		return err_fault(f, ERR_USAGE, "%s is entered already; nothing was changed",
		    a->id);
	w = ledger_entry(r->ledger, "customer-added", command_now());
	json_put_string(w, "customer", a->id);
	json_put_string(w, "name", a->name);
	if (a->enrolment != NULL) {
		sshsig_key_print(&a->enrolment->key, line);
		json_put_string(w, "site", a->enrolment->site);
		json_put_digest(w, "enrolment", &a->enrolment->digest);
		json_put_string(w, "key", line);
	}
	return ledger_commit(r->ledger, w, NULL, f);
}

static int
say_added(const struct adding *a, bool json)
{
	struct json_writer *w;

	if (json) {
		w = json_writer_new();
		json_put_string(w, "customer", a->id);
		json_put_string(w, "name", a->name);
		if (a->enrolment != NULL)
			json_put_digest(w, "enrolment", &a->enrolment->digest);
		return report_print_json(w, 0);
	}
	(void)printf("  %s, %s: entered%s.\n", a->id, a->name,
	    a->enrolment == NULL ? ", without an enrolment" : "; the fingerprint fits");
	return 0;
}

int
customers_add(int argc, char **argv)
{
	struct adding a = { .id = NULL };
	const char *home = NULL;
	bool json = false;
	const struct option table[] = {
		{ "name", OPTION_VALUE, &a.name },
		{ "enrolment", OPTION_VALUE, &a.file },
		{ "fingerprint", OPTION_VALUE, &a.fingerprint },
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct vendor_register *r = NULL;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) != OK || check(&a, &args, &f) != OK ||
	    register_open(&r, home, true, &f) != OK || enter(r, &a, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = say_added(&a, json);
	enrolment_free(a.enrolment);
	register_close(r);
	return status;
}

static int
list_json(const struct vendor_register *r)
{
	struct json_writer *w = json_writer_new();
	const struct register_customer *c;
	size_t i;

	json_open_array(w, "customers");
	for (i = 0; i < r->customer_count; i++) {
		c = &r->customer[i];
		json_open_object(w, NULL);
		json_put_string(w, "customer", c->id);
		json_put_string(w, "name", c->name);
		json_put_uint(w, "highest", c->highest);
		if (!digest_is_zero(&c->enrolment))
			json_put_digest(w, "enrolment", &c->enrolment);
		json_close(w);
	}
	return report_print_json(w, 0);
}

static int
list(const struct vendor_register *r)
{
	const struct register_customer *c;
	char last[32];
	size_t i;

	for (i = 0; i < r->customer_count; i++) {
		c = &r->customer[i];
		(void)snprintf(last, sizeof(last), "no. %llu", (unsigned long long)c->highest);
		(void)printf("  %-27s  %-10s  %-8s  %s\n", c->id, c->highest == 0 ? "-" : last,
		    digest_is_zero(&c->enrolment) ? "-" : "enrolled", c->name);
	}
	return 0;
}

static int
view_customers(const struct vendor_register *r, const char *none, bool json)
{
	(void)none;
	return json ? list_json(r) : list(r);
}

int
customers_list(int argc, char **argv)
{
	return desk_show(argc, argv, NULL, view_customers);
}
