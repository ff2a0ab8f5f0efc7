/*
 * draft: see draft.h.
 */
#include "mkmedia/draft.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verify/input.h"

#define YEARS_MAX 30

/* The same date in another year; 29 February becomes 1 March. */
enum err
draft_expiry(struct draft *d, const char *years, struct fault *f)
{
	size_t digits = strspn(years, "0123456789");
	int n = digits <= 2 ? (int)strtoul(years, NULL, 10) : 0;
	time_t t = (time_t)d->issued.seconds;
	struct tm tm;

	if (digits == 0 || years[digits] != '\0' || n < 1 || n > YEARS_MAX ||
	    gmtime_r(&t, &tm) == NULL)
		return err_fault(f, ERR_USAGE, "--years %s: 1 to %d", years, YEARS_MAX);
	tm.tm_year += n;
	d->expires = (struct moment){ .seconds = (int64_t)timegm(&tm), .offset = d->issued.offset };
	return OK;
}

static enum err
print_body(const struct draft *d, bool single_person, char **text, size_t *len)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "waxseal", "trust/1");
	json_put_string(w, "vendor", d->vendor);
	json_put_string(w, "name", d->name);
	if (d->telephone != NULL)
		json_put_string(w, "telephone", d->telephone);
	if (d->address != NULL)
		json_put_string(w, "address", d->address);
	json_put_uint(w, "version", 1);
	json_put_moment(w, "issued", d->issued);
	json_put_moment(w, "expires", d->expires);
	json_put_bool(w, "single_person", single_person);
	roles_print(&d->roles, w);
	json_put_string(w, "contact", d->contact);
	return json_finish(w, 1, text, len);
}

static enum err
try_body(struct draft *d, bool single_person, struct fault *f)
{
	struct document doc;
	enum err e;

	draft_free(d);
	if ((e = print_body(d, single_person, &d->body, &d->len)) != OK ||
	    (e = document_split_unsigned(d->body, d->len, &doc)) != OK)
		return err_fault(f, e, "%s", "");
	return trust_parse(&d->trust, &doc, f);
}

enum err
draft_make(struct draft *d, struct fault *f)
{
	enum err e = try_body(d, d->single_person, f);

	if (e == OK)
		return OK;
	/* If only the declaration is wrong, that is what to speak of. */
	if (e != ERR_TRUST_RULE || try_body(d, !d->single_person, NULL) != OK)
		return input_refuse(f, "1.trust");
	if (d->single_person)
		return err_fault(f, ERR_USAGE, "--single-person: with these roles nobody alone "
		    "can release and seal; leave it out");
	return err_fault(f, ERR_USAGE, "with these roles one person alone can release and seal.  "
	    "Have a second person hold a key, or declare it: --single-person together with "
	    "--role.  Every verdict will say so");
}

void
draft_free(struct draft *d)
{
	trust_free(d->trust);
	free(d->body);
	d->trust = NULL;
	d->body = NULL;
}
