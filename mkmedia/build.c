/*
 * build: one consignment: images, seals, code, papers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmedia/assemble.h"
#include "mkmedia/commands.h"
#include "mkmedia/divide.h"
#include "mkmedia/entries.h"
#include "mkmedia/inspect.h"
#include "mkmedia/kept.h"
#include "mkmedia/outputs.h"
#include "mkmedia/paper.h"
#include "mkmedia/sealing.h"
#include "mkmedia/volume.h"
#include "verify/command.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

#define RECOVERY_USUAL 5u	/* percent */

struct build {
	const char *customer_id, *out, *as, *home, *place, *invoice, *expires, *recovery;
	const char *volume_size;
	bool json, bind;
	uint64_t most;			/* bytes of an image; 0: no matter */
	unsigned percent;		/* of parity */
	struct vendor_register *r;
	struct register_customer *customer;
	struct consignment consignment;
	struct code code;
	struct outputs outputs;
	/* Of each volume: its seal, filled in step by step with borrowed strings; its digest. */
	struct seal seal[LIMIT_VOLUMES];
	struct digest sealed[LIMIT_VOLUMES];
};

/* ---- the seals, as far as they are the same ---- */

static void
begin_seal(struct build *b, struct seal *s)
{
	const struct trust *t = trust_chain_newest(b->r->chain);
	const struct register_volume *last =
	    register_volume(b->r, b->customer->id, b->customer->highest, 1);
	size_t i;

	*s = (struct seal){ .vendor = t->vendor,
		.anchor = *trust_chain_anchor(b->r->chain),
		.customer = b->customer->id,
		.customer_name = b->customer->name,
		.number = b->customer->highest + 1,
		.sealed_at = command_now(),
		.place = b->place != NULL ? b->place : b->r->place,
		.invoice = b->invoice != NULL ? b->invoice : "",
		.volume = 1,
		.volumes = 1,
		.cut = { { 0, 1, 0 } },
		.percent = b->percent,
		.trust_version = t->version,
		.trust_digest = t->digest,
		.release_count = b->consignment.count };
	/* Bound and never written: it has no seal yet. */
	s->has_previous = last != NULL && !digest_is_zero(&last->seal);
	if (s->has_previous)
		s->previous = last->seal;
	for (i = 0; i < b->consignment.count; i++)
		s->release[i] = (struct seal_release){ b->consignment.release[i].release->id,
		    b->consignment.release[i].release->digest };
}

static enum err
check_seal(struct build *b, struct seal *s, struct fault *f)
{
	if (*s->place == '\0')
		return err_fault(f, ERR_USAGE, "--place: where is it sealed?");
	if (s->number > LIMIT_NUMBER)
		return err_fault(f, ERR_LIMIT, "the numbers of %s are used up", s->customer);
	s->has_expires = b->expires != NULL;
	if (b->expires != NULL && (time_parse(b->expires, &s->expires) != OK ||
	    s->expires.seconds <= s->sealed_at.seconds))
		return err_fault(f, ERR_USAGE,
		    "--expires: a time to come is needed, such as 2027-06-30T00:00:00+02:00");
	return OK;
}

static enum err
divide(struct build *b, struct fault *f)
{
	struct seal *s = &b->seal[0];
	uint64_t i;
	enum err e;

	if (b->most != 0 && (e = divide_cuts(&b->consignment, s, b->most, f)) != OK)
		return e;
	if ((e = sealing_fits(b->r, s, f)) != OK)
		return e;
	for (i = 1; i < s->volumes; i++) {
		b->seal[i] = *s;
		b->seal[i].volume = i + 1;
	}
	return OK;
}

/* ---- the images ---- */

static enum err
build_image(struct build *b, uint64_t i, struct fault *f)
{
	struct seal *s = &b->seal[i];
	enum err e = volume_write(&b->consignment, s, b->bind ? VOLUME_ALL : VOLUME_CUT,
	    b->outputs.file[i], b->json, f);

	if (e == OK && b->most != 0 && s->size > b->most)
		e = err_fault(f, ERR_LIMIT, "volume %llu is larger than planned",
		    (unsigned long long)s->volume);
	return e;
}

/* Whatever was sealed is verified; what is sealed when it is written is verified then. */
static enum err
seal_image(struct build *b, uint64_t i, struct fault *f)
{
	const struct seal *s = &b->seal[i];
	char path[OUTPUTS_PATH];
	uint8_t area[SEAL_SIZE];
	enum err e;

	if (b->bind) {
		sealing_none(s, area);
		e = assemble_unsealed(b->outputs.file[i], area, f);
		return e == OK ? kept_put_draft(b->r, s, f) : e;
	}
	if ((e = sealing_area(b->r, s, &b->code, b->as, area, &b->sealed[i], f)) != OK ||
	    (e = assemble_seal(b->outputs.file[i], s, area, f)) != OK)
		return e;
	outputs_partial(&b->outputs, s->volume, path);
	if ((e = inspect_image(path, s, b->r->chain, &b->code, b->json, f)) != OK)
		return e;
	return kept_put_area(b->r, s, area, f);
}

/* All images first: each seal names the maps of all. */
static enum err
make_images(struct build *b, struct fault *f)
{
	const uint64_t count = b->seal[0].volumes;
	uint64_t i, k;
	enum err e = OK;

	for (i = 0; e == OK && i < count; i++)
		e = build_image(b, i, f);
	for (i = 0; e == OK && i < count; i++)
		for (k = 0; k < count; k++)
			b->seal[i].map_of[k] = b->seal[k].map_digest;
	if (e == OK && (e = code_make(b->customer->id, b->seal[0].number, &b->code)) != OK)
		(void)err_fault(f, e, "the code");
	for (i = 0; e == OK && i < count; i++)
		e = seal_image(b, i, f);
	return e;
}

/* ---- papers, and the order of things ---- */

/*
 * The letter goes into the directory of -o and, for `mkmedia letter`, its code into the home, both
 * for the owner only.
 */
static enum err
write_papers(struct build *b, struct fault *f)
{
	struct release *releases[LIMIT_RELEASES];
	char waybill[OUTPUTS_PATH], letter[OUTPUTS_PATH];
	size_t i;
	enum err e;

	for (i = 0; i < b->consignment.count; i++)
		releases[i] = b->consignment.release[i].release;
	outputs_paper(&b->outputs, "waybill", waybill);
	outputs_paper(&b->outputs, "letter", letter);
	if ((e = kept_put_code(b->r, &b->code, f)) != OK)
		return e;
	return paper_write(b->seal, trust_chain_newest(b->r->chain), releases, &b->code, waybill,
	    letter, f);
}

static enum err
open_outputs(struct build *b, struct fault *f)
{
	const struct seal *s = &b->seal[0];
	const struct register_volume *last =
	    register_volume(b->r, s->customer, b->customer->highest, 1);
	enum err e;

	if ((e = outputs_open(&b->outputs, b->out, f)) != OK)
		return e;
	if (last != NULL)
		outputs_recover(&b->outputs, last->customer, last->number, last->volumes,
		    last->sealed_at);
	outputs_sweep(&b->outputs, s->customer, s->number);
	return outputs_begin(
	    &b->outputs, s->customer, s->number, 1, s->volumes, s->sealed_at, f);
}

/*
 * Nothing has a name that could be shipped before it was verified; the number counts as used from
 * the ledger's entry on, and by then code, seals and papers are safe.
 */
static enum err
produce(struct build *b, struct fault *f)
{
	enum err e;

	if ((e = divide(b, f)) != OK || (e = open_outputs(b, f)) != OK ||
	    (e = make_images(b, f)) != OK || (e = write_papers(b, f)) != OK ||
	    (e = outputs_sync(&b->outputs, f)) != OK)
		return e;
	e = entries_add_sealed(b->r, b->seal, b->bind ? NULL : b->sealed, f);
	/* Whether a stuck entry counts the next build will know, and publishes or removes them. */
	b->outputs.kept = e == OK || b->r->ledger->stuck;
	return e == OK ? outputs_publish(&b->outputs, f) : e;
}

static enum err
take_recovery(struct build *b, struct fault *f)
{
	char *end = NULL;

	b->percent = RECOVERY_USUAL;
	if (b->recovery == NULL)
		return OK;
	b->percent = (unsigned)strtoul(b->recovery, &end, 10);
	if (b->recovery[0] < '0' || b->recovery[0] > '9' || *end != '\0' ||
	    b->percent > LIMIT_RECOVERY || strlen(b->recovery) > 2)
		return err_fault(f, ERR_USAGE, "--recovery: a percentage from 0 to %u is needed",
		    LIMIT_RECOVERY);
	return OK;
}

static enum err
prepare(struct build *b, const struct options_list *releases, struct fault *f)
{
	enum err e;

	if (releases->count == 0 || b->customer_id == NULL || b->out == NULL)
		return err_fault(f, ERR_USAGE, "build needs a release, --customer ID and -o DIR");
	if ((e = take_recovery(b, f)) != OK)
		return e;
	if (b->volume_size != NULL && (e = divide_size(b->volume_size, &b->most, f)) != OK)
		return e;
	if ((e = register_open(&b->r, b->home, true, f)) != OK)
		return e;
	if (b->r->chain == NULL)
		return err_fault(
		    f, ERR_USAGE, "trust 1 is not in force yet; see mkmedia sign 1.trust");
	if ((b->customer = register_customer(b->r, b->customer_id)) == NULL)
		return err_fault(f, ERR_USAGE, "there is no customer %s; see mkmedia customer add",
		    b->customer_id);
	if ((e = consignment_load(&b->consignment, b->r, releases->item, releases->count,
	    b->r->notice_count, b->r->catalogue.number, f)) != OK)
		return e;
	begin_seal(b, &b->seal[0]);
	return check_seal(b, &b->seal[0], f);
}

static void
end(struct build *b)
{
	consignment_free(&b->consignment);
	code_wipe(&b->code);
	outputs_close(&b->outputs);
	register_close(b->r);
}

/* ---- what is said ---- */

static void
json_volumes(const struct build *b, struct json_writer *w)
{
	char path[OUTPUTS_PATH];
	uint64_t i;

	json_open_array(w, "volumes");
	for (i = 0; i < b->seal[0].volumes; i++) {
		outputs_path(&b->outputs, i + 1, path);
		json_open_object(w, NULL);
		json_put_uint(w, "volume", i + 1);
		json_put_string(w, "image", path);
		json_put_uint(w, "size", b->seal[i].size);
		json_put_uint(w, "blocks", b->seal[i].blocks);
		json_put_digest(w, "map", &b->seal[i].map_digest);
		if (!b->bind)
			json_put_digest(w, "seal", &b->sealed[i]);
		json_close(w);
	}
	json_close(w);
}

static int
say_json(const struct build *b)
{
	const struct seal *s = &b->seal[0];
	struct json_writer *w = json_writer_new();
	char path[OUTPUTS_PATH];

	json_put_string(w, "customer", s->customer);
	json_put_uint(w, "number", s->number);
	outputs_path(&b->outputs, 1, path);
	json_put_string(w, "image", path);
	outputs_paper(&b->outputs, "waybill", path);
	json_put_string(w, "waybill", path);
	outputs_paper(&b->outputs, "letter", path);
	json_put_string(w, "letter", path);
	json_put_uint(w, "size", s->size);
	json_put_uint(w, "blocks", s->blocks);
	json_put_digest(w, "map", &s->map_digest);
	json_put_bool(w, "bound", b->bind);
	json_volumes(b, w);
	return report_print_json(w, 0);
}

static int
say(const struct build *b)
{
	const struct seal *s = &b->seal[0];
	char path[OUTPUTS_PATH], size[SIZE_TEXT];
	uint64_t i, bytes = 0;

	for (i = 0; i < s->volumes; i++)
		bytes += b->seal[i].size;
	(void)printf("  %s no. %llu: %llu disc%s, %s, %s.\n", s->customer,
	    (unsigned long long)s->number, (unsigned long long)s->volumes,
	    s->volumes == 1 ? "" : "s", size_print(bytes, size),
	    b->bind ? "not sealed yet" : "verified");
	for (i = 0; i < s->volumes; i++) {
		outputs_path(&b->outputs, i + 1, path);
		(void)printf("  %-16s%s\n", i == 0 ? "image" : "", path);
	}
	outputs_paper(&b->outputs, "waybill", path);
	(void)printf("  in the parcel   %s\n", path);
	outputs_paper(&b->outputs, "letter", path);
	(void)printf("  SEPARATELY      %s   (code)\n", path);
	if (b->bind)
		(void)printf("  Next, for each: mkmedia write IMAGE DEVICE, which seals it\n");
	return fflush(stdout) == 0 ? 0 : 1;
}

int
build_run(int argc, char **argv)
{
	static struct build b;
	const struct option table[] = {
		{ "customer", OPTION_VALUE, &b.customer_id },
		{ "o", OPTION_VALUE, &b.out },
		{ "as", OPTION_VALUE, &b.as },
		{ "place", OPTION_VALUE, &b.place },
		{ "invoice", OPTION_VALUE, &b.invoice },
		{ "expires", OPTION_VALUE, &b.expires },
		{ "volume-size", OPTION_VALUE, &b.volume_size },
		{ "bind", OPTION_FLAG, &b.bind },
		{ "recovery", OPTION_VALUE, &b.recovery },
		{ "home", OPTION_VALUE, &b.home },
		{ "json", OPTION_FLAG, &b.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list releases;
	struct fault f = { .err = OK };
	int status;

	b.outputs.directory = -1;
	if (options_parse(argc, argv, table, &releases, &f) != OK ||
	    prepare(&b, &releases, &f) != OK || produce(&b, &f) != OK)
		status = report_fault("mkmedia", b.json, &f);
	else
		status = b.json ? say_json(&b) : say(&b);
	end(&b);
	return status;
}
