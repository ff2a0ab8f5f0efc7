/*
 * report: see report.h.
 */
#include "verify/report.h"

#include <ctype.h>
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"

#define SHOWN 1024

static const char *const STATE[] = { "ok", "FAILED", "not checked", "-" };
static const char *const STATE_CODE[] = { "ok", "failed", "not-checked", "remark" };

bool
report_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fileno(out)) == 1 && (no == NULL || *no == '\0');
}

static const char *
colour_of(enum check_state s)
{
	switch (s) {
	case CHECK_OK:
		return "\033[32m";
	case CHECK_FAILED:
		return "\033[1;31m";
	case CHECK_NOT_MADE:
		return "\033[33m";
	case CHECK_REMARK:
		break;
	}
	return "";
}

void
report_checks(FILE *out, const struct judgement *j, bool colour)
{
	char text[SHOWN];
	size_t i;

	for (i = 0; i < j->check_count; i++) {
		const struct check *c = &j->check[i];

		if (c->state == CHECK_FAILED && c->err == j->verdict && c->err != j->deferred)
			continue;	/* the verdict says it */
		(void)name_show(text, sizeof(text), c->text);
		(void)fprintf(out, "  %-9s %-64s  %s%s%s\n", c->name, text,
		    colour ? colour_of(c->state) : "", STATE[c->state], colour ? "\033[0m" : "");
	}
}

/*
 * "Elbe Turbine Logic to ACME Power, Plant 7: no. 7, disc 1 of 1, sealed 2026-11-20 09:12 +01:00 in
 * Hamburg."
 */
static void
print_consignment(FILE *out, const struct judgement *j)
{
	char sender[SHOWN], customer[SHOWN], place[SHOWN], when[TIME_TEXT];
	const struct seal *s = j->seal;

	if (s == NULL)
		return;
	time_print_short(s->sealed_at, when);
	(void)fprintf(out, "  %s to %s: no. %llu, disc %llu of %llu, sealed %s in %s.\n",
	    name_show(sender, sizeof(sender), j->trust->name),
	    name_show(customer, sizeof(customer), s->customer_name),
	    (unsigned long long)s->number, (unsigned long long)s->volume,
	    (unsigned long long)s->volumes, when,
	    name_show(place, sizeof(place), s->place));
}

static void
print_contact(FILE *out, const struct judgement *j)
{
	const char *who = j->trust != NULL ? j->trust->name : j->resembles.name;
	const char *number = j->trust != NULL ? j->trust->telephone : j->resembles.telephone;
	char name[SHOWN], telephone[SHOWN];

	if (*number == '\0')
		return;
	(void)fprintf(out, "  Call %s, %s (from the trust document held here).\n",
	    name_show(name, sizeof(name), who),
	    name_show(telephone, sizeof(telephone), number));
}

static const char *
step_of(const struct judgement *j)
{
	size_t i;

	for (i = 0; i < j->check_count; i++)
		if (j->check[i].state == CHECK_FAILED && j->check[i].err == j->verdict)
			return j->check[i].step;
	return "";
}

static void
print_sentence(FILE *out, enum err e, const char *at)
{
	const char *s = err_sentence(e);
	char shown[SHOWN];

	(void)fprintf(out, "%c%s", toupper((unsigned char)*s), s + 1);
	if (*at != '\0')
		(void)fprintf(out, ": %s", name_show(shown, sizeof(shown), at));
}

static const char *
advice_of(const struct judgement *j)
{
	return j->verdict == ERR_UNCHECKED && j->needs_code ?
	    "Try again with the code of the letter." : err_advice(j->verdict);
}

void
report_verdict(FILE *out, const struct judgement *j, bool colour)
{
	int status = err_status(j->verdict);
	bool good = j->verdict == OK || j->verdict == ERR_UNCHECKED || j->verdict == ERR_HELD ||
	    j->verdict == ERR_INCOMPLETE;
	const char *step = step_of(j);
	char list[200];

	(void)fprintf(out, "  %s%s%s", !colour ? "" : colour_of(j->verdict == OK ? CHECK_OK :
	    good ? CHECK_NOT_MADE : CHECK_FAILED), judgement_verdict(j), colour ? "\033[0m" : "");
	if (judgement_unchecked(j, list, sizeof(list)) != NULL && good)
		(void)fprintf(out, " (not checked: %s)", list);
	(void)fprintf(out, ".");
	if (!good || j->verdict == ERR_INCOMPLETE || j->verdict == ERR_HELD) {
		(void)fprintf(out, " ");
		print_sentence(out, j->verdict, j->fault.at);
		(void)fprintf(
		    out, " (%s%s%s).", step, *step == '\0' ? "" : " ", err_code(j->verdict));
	}
	(void)fprintf(out, "\n");
	print_consignment(out, j);
	if (*advice_of(j) != '\0')
		(void)fprintf(out, "  %s\n", advice_of(j));
	if (!good && status >= 10)
		print_contact(out, j);
}

enum err
report_file(const char *path, const char *medium, const struct judgement *j, struct moment now,
    struct fault *f)
{
	char when[TIME_TEXT], shown[SHOWN];
	FILE *out = fopen(path, "we");
	bool bad;

	if (out == NULL)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	time_print_short(now, when);
	(void)fprintf(out, "%s, checked %s\n\n",
	    name_show(shown, sizeof(shown), medium), when);
	report_checks(out, j, false);
	report_verdict(out, j, false);
	bad = ferror(out) != 0;
	if (fclose(out) != 0 || bad)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	return OK;
}

static void
json_escaped(struct json_writer *w, const char *key, const char *text)
{
	char shown[SHOWN];

	json_put_string(w, key, name_show(shown, sizeof(shown), text));
}

static void
json_checks(struct json_writer *w, const struct judgement *j)
{
	size_t i;

	json_open_array(w, "checks");
	for (i = 0; i < j->check_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "step", j->check[i].step);
		json_put_string(w, "name", j->check[i].name);
		json_put_string(w, "state", STATE_CODE[j->check[i].state]);
		json_put_string(w, "reason", err_code(j->check[i].err));
		json_escaped(w, "text", j->check[i].text);
		json_close(w);
	}
	json_close(w);
	json_open_array(w, "not_checked");
	for (i = 0; i < j->check_count; i++)
		if (j->check[i].state == CHECK_NOT_MADE)
			json_put_string(w, NULL, j->check[i].name);
	json_close(w);
}

static void
json_consignment(struct json_writer *w, const struct judgement *j)
{
	const struct seal *s = j->seal;

	if (s == NULL)
		return;
	json_open_object(w, "consignment");
	json_put_string(w, "vendor", s->vendor);
	json_put_string(w, "customer", s->customer);
	json_escaped(w, "customer_name", s->customer_name);
	json_put_uint(w, "number", s->number);
	json_put_uint(w, "volume", s->volume);
	json_put_uint(w, "volumes", s->volumes);
	json_put_moment(w, "sealed_at", s->sealed_at);
	json_escaped(w, "place", s->place);
	json_put_digest(w, "seal", &s->digest);
	json_close(w);
}

static void
json_releases(struct json_writer *w, const struct judgement *j)
{
	const struct judged_release *r;
	size_t i;

	json_open_array(w, "releases");
	for (i = 0; j->seal != NULL && i < j->seal->release_count; i++) {
		r = &j->release[i];
		json_open_object(w, NULL);
		json_put_string(w, "id", j->seal->release[i].id);
		json_put_digest(w, "digest", &j->seal->release[i].digest);
		if (r->release != NULL) {
			json_escaped(w, "title", r->release->title);
			json_put_uint(w, "signatures", r->signatures.have);
			json_put_uint(w, "needed", r->signatures.need);
			json_put_uint(w, "files", r->release->files);
			json_put_uint(w, "bytes", r->release->bytes);
		}
		json_put_string(w, "status", r->status == NULL ? "not-judged" : r->status);
		json_close(w);
	}
	json_close(w);
}

static void
json_news(struct json_writer *w, const struct judgement *j)
{
	size_t i;

	json_open_array(w, "notices");
	for (i = 0; i < j->notice_count; i++)
		json_put_uint(w, NULL, j->notice[i]->sequence);
	json_close(w);
	if (j->catalogue != NULL)
		json_put_uint(w, "catalogue", j->catalogue->number);
}

static void
json_usb(struct json_writer *w, const struct device *d)
{
	char id[8];

	if (!d->is_usb)
		return;
	json_open_object(w, "usb");
	(void)snprintf(id, sizeof(id), "%04x", d->vendor);
	json_put_string(w, "vendor", id);
	(void)snprintf(id, sizeof(id), "%04x", d->product);
	json_put_string(w, "product", id);
	json_escaped(w, "manufacturer", d->manufacturer);
	json_escaped(w, "model", d->model);
	json_escaped(w, "serial", d->serial);
	json_put_bool(w, "disputed", d->disputed);
	json_close(w);
}

static void
json_scsi(struct json_writer *w, const struct device *d)
{
	if (*d->scsi_vendor == '\0' && *d->scsi_model == '\0')
		return;
	json_open_object(w, "scsi");
	json_escaped(w, "vendor", d->scsi_vendor);
	json_escaped(w, "model", d->scsi_model);
	json_escaped(w, "serial", d->scsi_serial);
	json_close(w);
}

static void
json_disc(struct json_writer *w, const struct device *d)
{
	static const char *const STATE_OF[] = { "unknown", "blank", "appendable", "closed" };

	if (d->kind != DEVICE_DISC)
		return;
	json_open_object(w, "disc");
	json_put_uint(w, "profile", d->profile);
	json_put_string(w, "state", (unsigned)d->disc < 4 ? STATE_OF[d->disc] : STATE_OF[0]);
	json_put_uint(w, "sessions", d->sessions);
	json_escaped(w, "id", d->disc_id);
	json_close(w);
}

void
report_device(struct json_writer *w, const struct device *d)
{
	static const char *const KIND[] = { "file", "stick", "disc", "other" };

	if (d->kind == DEVICE_FILE)
		return;
	json_open_object(w, "device");
	json_put_string(w, "kind", (unsigned)d->kind < 4 ? KIND[d->kind] : KIND[3]);
	json_escaped(w, "name", d->name);
	json_put_uint(w, "size", d->size < LIMIT_INTEGER ? d->size : LIMIT_INTEGER);
	json_usb(w, d);
	json_scsi(w, d);
	json_disc(w, d);
	json_close(w);
}

void
report_json(struct json_writer *w, const struct judgement *j)
{
	int status = err_status(j->verdict);

	json_put_string(w, "verdict", judgement_verdict(j));
	json_put_uint(w, "status", (uint64_t)status);
	json_put_string(w, "reason", err_code(j->verdict));
	json_put_string(w, "sentence", err_sentence(j->verdict));
	json_escaped(w, "where", j->verdict == OK ? "" : j->fault.at);
	json_put_string(w, "advice", advice_of(j));
	if (j->has_header)
		json_put_string(w, "claims", j->header.vendor);
	if (j->trust != NULL) {
		json_open_object(w, "sender");
		json_put_string(w, "vendor", j->trust->vendor);
		json_escaped(w, "name", j->trust->name);
		json_escaped(w, "telephone", j->trust->telephone);
		json_put_uint(w, "trust", j->trust->version);
		json_put_bool(w, "single_person", j->trust->single_person);
		json_close(w);
	}
	if (*j->resembles.vendor != '\0')
		json_put_string(w, "resembles", j->resembles.vendor);
	json_consignment(w, j);
	json_releases(w, j);
	json_news(w, j);
	json_checks(w, j);
	report_device(w, &j->device);
	json_open_object(w, "blocks");
	json_put_uint(w, "good", j->blocks.good);
	json_put_uint(w, "unreadable", j->blocks.unreadable);
	json_put_uint(w, "differ", j->blocks.differ);
	json_put_uint(w, "mended", j->blocks.mended);
	json_put_uint(w, "mended_differ", j->blocks.mended_differ);
	json_put_uint(w, "repaired", j->blocks.repaired);
	json_put_uint(w, "lost", j->blocks.lost);
	json_put_uint(w, "kept", j->blocks.kept);
	extents_json(w, &j->blocks.bad);
	json_close(w);
	json_put_uint(w, "bytes_read", j->bytes);
	json_put_uint(w, "milliseconds", j->milliseconds);
}

int
report_print_json(struct json_writer *w, int status)
{
	struct fault f = { .err = OK };
	char *text;
	size_t len;
	enum err e;

	if ((e = json_finish(w, 2, &text, &len)) != OK) {
		(void)err_fault(&f, e == ERR_MEMORY ? e : ERR_IO, "what was found cannot be "
		    "written as JSON: %s", err_sentence(e));
	} else {
		(void)fwrite(text, 1, len, stdout);
		free(text);
	}
	return f.err == OK ? report_printed(status) :
	    report_fault(program_invocation_short_name, false, &f);
}

int
report_printed(int status)
{
	struct fault f;

	errno = 0;
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	(void)err_fault(&f, ERR_IO, "standard output: %s",
	    errno != 0 ? strerror(errno) : "not all of it was written");
	/* Said once: what is still to be written is given up. */
	__fpurge(stdout);
	clearerr(stdout);
	return report_fault(program_invocation_short_name, false, &f);
}

int
report_fault(const char *program, bool json, const struct fault *f)
{
	/* A failure that nobody named is no success. */
	const enum err e = f->err == OK ? ERR_IO : f->err;
	int status = err_status(e);
	struct json_writer *w;

	if (json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "verdict", err_verdict(status));
		json_put_uint(w, "status", (uint64_t)status);
		json_put_string(w, "reason", err_code(e));
		json_put_string(w, "sentence", err_sentence(e));
		json_escaped(w, "where", f->at);
		json_put_string(w, "advice", err_advice(e));
		return report_print_json(w, status);
	}
	(void)fprintf(stderr, "%s: ", program);
	print_sentence(stderr, e, f->at);
	(void)fprintf(stderr, " (%s).\n", err_code(e));
	if (*err_advice(e) != '\0')
		(void)fprintf(stderr, "%s\n", err_advice(e));
	return status;
}
