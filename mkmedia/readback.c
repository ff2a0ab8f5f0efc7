/*
 * readback: see readback.h.  The command is for media that were burnt or copied elsewhere.
 */
#include "mkmedia/readback.h"

#include <stdio.h>
#include <string.h>

#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/kept.h"
#include "verify/command.h"
#include "verify/judge.h"
#include "verify/options.h"
#include "verify/progress.h"
#include "verify/report.h"
#include "verify/size.h"

struct examination {
	const struct vendor_register *r;
	struct progress progress;
};

static enum err
give_code(void *arg, const struct seal *seal, struct code *out, bool *given, struct fault *f)
{
	*given = true;
	return kept_code(((struct examination *)arg)->r, seal->customer, seal->number, out, f);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(&((struct examination *)arg)->progress, done, total);
}

/* Is everything that was not checked the receiver's to check? */
static bool
rest_is_theirs(const struct judgement *j, bool knew_customer)
{
	const struct check *c;

	for (c = j->check; c < j->check + j->check_count; c++)
		if (c->state == CHECK_NOT_MADE && strcmp(c->name, "number") != 0 &&
		    strcmp(c->name, "set") != 0 &&
		    (knew_customer || strcmp(c->name, "recipient") != 0))
			return false;
	return true;
}

/* Which volume is it?  What the seal says counts from here on: it was verified. */
static enum err
find_volume(struct readback *b, const struct vendor_register *r, struct fault *f)
{
	const struct seal *s = b->j.seal;
	const struct register_volume *v =
	    register_volume(r, s->customer, s->number, s->volume);

	b->seal = s->digest;
	if (*b->volume.customer == '\0' && v != NULL && digest_equal(&v->map, &s->map_digest))
		b->volume = *v;
	if (strcmp(b->volume.customer, s->customer) == 0 && b->volume.number == s->number &&
	    b->volume.volume == s->volume && digest_equal(&b->volume.map, &s->map_digest))
		return OK;
	return err_fault(f, ERR_USAGE, "it is %s no. %llu disc %llu, and that is not what %s",
	    s->customer, (unsigned long long)s->number, (unsigned long long)s->volume,
	    *b->volume.customer == '\0' ? "this home has on record (an old copy of the home?)" :
	    "was written (another medium?)");
}

void
readback_examine(struct readback *b, const struct vendor_register *r, const char *path, bool quiet)
{
	struct anchors anchors = { .count = 1, .anchor = { { .chain = r->chain } } };
	struct examination x = { .r = r };
	const bool knew_customer = *b->volume.customer != '\0';
	struct judge_request q = { .path = path, .anchors = &anchors, .now = command_now(),
	    .customer = knew_customer ? b->volume.customer : NULL, .code = give_code,
	    .progress = on_progress, .arg = &x, .as_it_is = true };
	enum err e;

	progress_begin(&x.progress, "read back", BLOCK_SIZE, quiet);
	e = judge(&q, &b->j);
	progress_end(&x.progress);
	b->has_judgement = true;
	b->fault = b->j.fault;
	b->fault.err = e;
	if ((e == ERR_UNCHECKED || e == ERR_INCOMPLETE) && rest_is_theirs(&b->j, knew_customer))
		b->fault = (struct fault){ .err = OK };
	if (b->j.seal != NULL && find_volume(b, r, b->fault.err == OK ? &b->fault : NULL) != OK &&
	    !knew_customer)
		b->volume = (struct register_volume){ .number = 0 };
	/* What was known before it fell silent is better than nothing. */
	if (b->j.device.kind != DEVICE_FILE || b->device.kind == DEVICE_FILE)
		b->device = b->j.device;
}

void
readback_free(struct readback *b)
{
	if (b->has_judgement)
		judgement_free(&b->j);
	b->has_judgement = false;
}

static void
put_all(struct json_writer *w, const struct readback *b)
{
	const int status = err_status(b->fault.err);

	if (*b->volume.customer != '\0') {
		json_put_string(w, "customer", b->volume.customer);
		json_put_uint(w, "number", b->volume.number);
		json_put_uint(w, "volume", b->volume.volume);
		if (b->copy != 0)
			json_put_uint(w, "copy", b->copy);
		json_put_bool(w, "bound", b->volume.bound);
		json_put_digest(w, "seal", &b->seal);
	}
	report_device(w, &b->device);
	json_put_string(w, "verdict", err_verdict(status));
	json_put_uint(w, "status", (uint64_t)status);
	json_put_string(w, "reason", err_code(b->fault.err));
}

struct search {
	const struct readback *b;
	uint64_t copy;			/* as which the medium was recorded last; 0: never */
};

/*
 * Is the entry about this device?  A serial number tells sticks apart (that of a drive says nothing
 * of the disc in it), and a number of its own discs; else nothing is known.
 */
static bool
same_device(const struct device *d, const struct json_node *o, struct json *j)
{
	const bool is_disc = d->kind == DEVICE_DISC;
	const char *part = is_disc ? "disc" : "usb", *key = is_disc ? "id" : "serial";
	const char *mine = is_disc ? d->disc_id : d->serial;
	char shown[4 * DEVICE_TEXT];

	if (*mine == '\0' || (is_disc && strstr(mine, "disc=") == NULL) || !json_has(o, "device"))
		return false;
	o = json_get_object(j, o, "device");
	if (strcmp(json_get_string(j, o, "kind", 1, LIMIT_TEXT), is_disc ? "disc" : "stick") != 0 ||
	    !json_has(o, part))
		return false;
	(void)name_show(shown, sizeof(shown), mine);
	return strcmp(shown, json_get_string(j, json_get_object(j, o, part), key, 0,
	    sizeof(shown))) == 0;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct search *s = arg;
	const struct register_volume *v = &s->b->volume;
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT);
	struct digest seal;

	(void)number, (void)line, (void)len;
	if ((strcmp(what, "written") != 0 && strcmp(what, "read-back") != 0) ||
	    strcmp(json_get_string(j, o, "customer", 1, LIMIT_ID), v->customer) != 0 ||
	    json_get_uint(j, o, "number", 1, LIMIT_NUMBER) != v->number ||
	    json_get_uint(j, o, "volume", 1, LIMIT_VOLUMES) != v->volume ||
	    json_get_uint(j, o, "status", 0, 255) != 0)
		return OK;
	seal = json_get_digest(j, o, "seal");
	if (v->bound ? digest_equal(&seal, &s->b->seal) :
	    same_device(&s->b->device, o, j))
		s->copy = json_get_uint(j, o, "copy", 1, LIMIT_INTEGER);
	return OK;
}

/*
 * Its number: the next one; but what was written here and is read back again is the same copy
 * still.  What is not good has a number, too, and does not use it up.
 */
static enum err
number_copy(struct readback *b, const struct vendor_register *r, const char *what,
    const struct register_volume *v, struct fault *f)
{
	struct search s = { .b = b };
	enum err e = OK;

	if (strcmp(what, "written") != 0)
		e = ledger_each(r->ledger, take_entry, &s, f);
	b->copy = s.copy != 0 ? s.copy : v->copies + 1;
	return e;
}

enum err
readback_record(struct readback *b, const char *home, const char *what, struct fault *f)
{
	const struct register_volume *v;
	struct vendor_register *r = NULL;
	struct json_writer *w;
	enum err e;

	while ((e = register_open(&r, home, true, f)) == ERR_BUSY)
		(void)fprintf(stderr, "  Waiting to record it until the other command is done.\n");
	if (e != OK)
		return e;
	v = register_volume(r, b->volume.customer, b->volume.number, b->volume.volume);
	if (v == NULL)
		e = err_fault(f, ERR_LEDGER, "%s", b->volume.customer);
	else
		e = number_copy(b, r, what, v, f);
	if (e == OK && (w = ledger_entry(r->ledger, what, command_now())) != NULL) {
		put_all(w, b);
		e = ledger_commit(r->ledger, w, &b->entry, f);
	} else if (e == OK) {
		e = err_fault(f, ERR_MEMORY, "ledger");
	}
	if (e != OK || b->fault.err != OK)
		b->copy = 0;
	register_close(r);
	return e;
}

/* Did this computer fail, and not the medium? */
static bool
is_unknown(const struct readback *b)
{
	return b->has_judgement && err_status(b->fault.err) == err_status(ERR_IO);
}

static int
say_json(const struct readback *b, struct json_writer *w)
{
	const int status = err_status(b->fault.err);
	char shown[4 * sizeof(b->fault.at)];

	put_all(w, b);
	if (status != 0) {
		json_put_string(w, "sentence", err_sentence(b->fault.err));
		json_put_string(w, "where", name_show(shown, sizeof(shown), b->fault.at));
	}
	if (b->has_judgement) {
		json_put_uint(w, "blocks", b->j.blocks.good);
		json_put_uint(w, "bytes_read", b->j.bytes);
	}
	if (b->entry != 0)
		json_put_uint(w, "ledger", b->entry);
	return report_print_json(w, status);
}

int
readback_say(const struct readback *b, struct json_writer *w)
{
	const struct register_volume *v = &b->volume;
	char shown[4 * sizeof(b->fault.at)], size[SIZE_TEXT];

	if (w != NULL)
		return say_json(b, w);
	if (b->fault.err == OK)
		(void)printf("  read back  GENUINE, %llu block%s, %s, %.0f s\n",
		    (unsigned long long)b->j.blocks.good, size_plural(b->j.blocks.good),
		    size_print(b->j.blocks.good * BLOCK_SIZE, size),
		    (double)b->j.milliseconds / 1000);
	else
		(void)printf("  %-9s  %s: %s: %s (%s)\n",
		    b->has_judgement ? "read back" : "written",
		    err_verdict(err_status(b->fault.err)), err_sentence(b->fault.err),
		    name_show(shown, sizeof(shown), b->fault.at),
		    err_code(b->fault.err));
	if (b->copy != 0)
		(void)printf("  Recorded: %s no. %llu disc %llu copy %llu.\n", v->customer,
		    (unsigned long long)v->number, (unsigned long long)v->volume,
		    (unsigned long long)b->copy);
	else
		(void)printf("  %s  %s\n", is_unknown(b) ?
		    "It is not known whether it is good: put that right, then read it back." :
		    "Do not send it: write another one.",
		    b->entry != 0 ? "Recorded as not good." : "Nothing was recorded.");
	return err_status(b->fault.err);
}

int
readback_run(int argc, char **argv)
{
	static struct readback b;
	const char *home = NULL;
	bool json = false;
	const struct option table[] = {
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct vendor_register *r = NULL;
	struct fault f = { .err = OK };
	char line[1024];
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "readback takes one medium");
	if (f.err == OK && register_open(&r, home, false, &f) == OK && r->chain == NULL)
		(void)err_fault(&f, ERR_USAGE, "nothing was sealed in this home yet");
	if (f.err == OK) {
		readback_examine(&b, r, args.item[0], json);
		if (*b.volume.customer != '\0' && !is_unknown(&b) &&
		    readback_record(&b, home, "read-back", &f) != OK)
			b.entry = 0;
		else if (b.fault.err == ERR_USAGE && b.j.seal == NULL)
			f = b.fault;	/* it cannot even be opened: that is no verdict */
	}
	if (f.err == OK && !json)
		(void)printf("  medium     %s\n", device_describe(&b.device, line, sizeof(line)));
	status = f.err != OK ? report_fault("mkmedia", json, &f) :
	    readback_say(&b, json ? json_writer_new() : NULL);
	readback_free(&b);
	register_close(r);
	return status;
}
