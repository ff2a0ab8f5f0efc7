/*
 * build: one consignment: image, seal, code, papers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mkmedia/assemble.h"
#include "mkmedia/commands.h"
#include "mkmedia/paper.h"
#include "mkmedia/register.h"
#include "mkmedia/sealing.h"
#include "mkmedia/volume.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/judge.h"
#include "verify/options.h"
#include "verify/progress.h"
#include "verify/report.h"
#include "verify/size.h"

struct build {
	const char *customer_id, *out, *as, *home, *place, *invoice, *expires, *recovery;
	bool json, recorded;
	struct vendor_register *r;
	struct register_customer *customer;
	struct volume volume;
	struct seal seal;		/* filled in step by step; strings are borrowed */
	struct code code;
	uint8_t area[SEAL_SIZE];
	int directory, file;		/* of -o, and the image in it */
	char partial[96], name[80];	/* of the image: while it is made, and when it is done */
	struct progress progress;
};

static enum err
begin_seal(struct build *b, struct fault *f)
{
	const struct trust *t = trust_chain_newest(b->r->chain);
	struct seal *s = &b->seal;
	size_t i;

	*s = (struct seal){ .vendor = t->vendor,
		.anchor = *trust_chain_anchor(b->r->chain),
		.customer = b->customer->id,
		.customer_name = b->customer->name,
		.number = b->customer->highest + 1,
		.has_previous = b->customer->highest > 0,
		.previous = b->customer->last_seal,
		.sealed_at = command_now(),
		.place = b->place != NULL ? b->place : b->r->place,
		.invoice = b->invoice != NULL ? b->invoice : "",
		.volume = 1,
		.volumes = 1,
		.trust_version = t->version,
		.trust_digest = t->digest,
		.release_count = b->volume.count };
	for (i = 0; i < b->volume.count; i++)
		s->release[i] = (struct seal_release){ b->volume.release[i].release->id,
		    b->volume.release[i].release->digest };
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

/* "CUSTOMER-N-1.iso", and the name that it has until it is done. */
static void
name_image(const struct build *b, uint64_t number, char name[static 80], char partial[static 96])
{
	(void)snprintf(
	    name, 80, "%.27s-%llu-1.iso", b->customer->id, (unsigned long long)number);
	(void)snprintf(partial, 96, ".%s.partial", name);
}

/*
 * The last image was recorded, and so is whole and verified, but the computer stopped before it got
 * its name: it gets it now.
 */
static void
finish_last(const struct build *b)
{
	char name[80], partial[96];

	if (b->customer->highest == 0)
		return;
	name_image(b, b->customer->highest, name, partial);
	if (renameat2(b->directory, partial, b->directory, name, RENAME_NOREPLACE) == 0)
		(void)fprintf(stderr,
		    "mkmedia: %s/%s was sealed before the computer stopped; it is complete.\n",
		    b->out, name);
}

static enum err
open_output(struct build *b, struct fault *f)
{
	name_image(b, b->seal.number, b->name, b->partial);
	if (mkdir(b->out, 0755) == -1 && errno != EEXIST)
		return err_fault(f, err_errno(), "%s: %s", b->out, strerror(errno));
	b->directory = open(b->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->directory == -1)
		return err_fault(f, err_errno(), "%s: %s", b->out, strerror(errno));
	finish_last(b);
	if (faccessat(b->directory, b->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_fault(
		    f, ERR_USAGE, "%s/%s is there already; it was not touched", b->out, b->name);
	(void)unlinkat(b->directory, b->partial, 0);
	b->file = openat(
	    b->directory, b->partial, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (b->file == -1 || fchmod(b->file, 0644) == -1)
		return err_fault(f, err_errno(), "%s/%s: %s", b->out, b->partial, strerror(errno));
	return OK;
}

static enum err
give_code(void *arg, const struct seal *seal, struct code *out, bool *given, struct fault *f)
{
	(void)seal, (void)f;
	*out = ((struct build *)arg)->code;
	*given = true;
	return OK;
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_step(&((struct build *)arg)->progress, done, total);
}

/* What we hand out we check as the customer will, from the file. */
static enum err
verify_output(struct build *b, struct fault *f)
{
	static struct judgement j;
	struct anchors anchors = { .count = 1, .anchor = { { .chain = b->r->chain } } };
	char path[1200], list[200];
	struct judge_request q = { .path = path, .anchors = &anchors, .customer = b->customer->id,
	    .now = b->seal.sealed_at, .code = give_code, .progress = on_progress, .arg = b };
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/%s", b->out, b->partial);
	progress_begin(&b->progress, "verified", BLOCK_SIZE, b->json);
	e = judge(&q, &j);
	progress_end(&b->progress);
	*f = j.fault;
	if (e == ERR_CONTENTS_DIGEST)
		(void)err_fault(f, e, "%s changed since the release was finished", j.fault.at);
	/* Whether the number was used before only the customer knows. */
	if (e == ERR_UNCHECKED && judgement_unchecked(&j, list, sizeof(list)) != NULL &&
	    strcmp(list, "number") == 0) {
		*f = (struct fault){ .err = OK };
		e = OK;
	}
	judgement_free(&j);
	return e;
}

static enum err
record(struct build *b, const struct digest *seal, struct fault *f)
{
	struct json_writer *w = ledger_entry(b->r->ledger, "sealed", b->seal.sealed_at);
	size_t i;

	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	json_put_string(w, "customer", b->seal.customer);
	json_put_uint(w, "number", b->seal.number);
	json_put_uint(w, "volume", 1);
	json_put_uint(w, "volumes", 1);
	json_put_digest(w, "seal", seal);
	json_put_digest(w, "map", &b->seal.map_digest);
	json_put_uint(w, "size", b->seal.size);
	if (b->seal.has_previous)
		json_put_digest(w, "previous", &b->seal.previous);
	json_put_moment(w, "sealed_at", b->seal.sealed_at);
	json_put_string(w, "image", b->name);
	json_open_array(w, "releases");
	for (i = 0; i < b->volume.count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "id", b->seal.release[i].id);
		json_put_digest(w, "digest", &b->seal.release[i].digest);
		json_close(w);
	}
	json_close(w);
	return ledger_commit(b->r->ledger, w, NULL, f);
}

/*
 * The letter goes into that of -o and, for `mkmedia letter`, its code into the home, both for the
 * owner only.
 */
static enum err
write_papers(struct build *b, struct fault *f)
{
	const struct trust *t = trust_chain_newest(b->r->chain);
	struct release *releases[LIMIT_RELEASES];
	char name[80], *waybill = NULL, *letter = NULL, code[CODE_TEXT + 1];
	size_t i;
	enum err e;

	for (i = 0; i < b->volume.count; i++)
		releases[i] = b->volume.release[i].release;
	(void)snprintf(code, sizeof(code), "%s\n", b->code.text);
	(void)snprintf(name, sizeof(name), "letters/%s-%llu.code", b->customer->id,
	    (unsigned long long)b->seal.number);
	if ((e = file_mkdir(b->r->home.fd, "letters", f)) != OK ||
	    (e = file_replace(b->r->home.fd, name, 0600, code, strlen(code), f)) != OK)
		goto out;
	if ((e = paper_waybill(&b->seal, t, releases, &waybill)) != OK ||
	    (e = paper_letter(&b->seal, t, &b->code, &letter)) != OK) {
		(void)err_fault(f, e, "waybill and letter");
		goto out;
	}
	(void)snprintf(name, sizeof(name), "%s-%llu.waybill.txt", b->customer->id,
	    (unsigned long long)b->seal.number);
	if ((e = file_replace(b->directory, name, 0644, waybill, strlen(waybill), f)) != OK)
		goto out;
	(void)snprintf(name, sizeof(name), "%s-%llu.letter.txt", b->customer->id,
	    (unsigned long long)b->seal.number);
	e = file_replace(b->directory, name, 0600, letter, strlen(letter), f);
out:
	explicit_bzero(code, sizeof(code));
	if (letter != NULL)
		explicit_bzero(letter, strlen(letter));
	free(letter);
	free(waybill);
	return e;
}

/*
 * The order matters: nothing has a name that could be shipped before it was verified; the number
 * counts as used from the ledger's entry on, and by then code and papers are safe.
 */
static enum err
produce(struct build *b, struct fault *f)
{
	struct digest seal;
	enum err e;

	if ((e = open_output(b, f)) != OK || (e = volume_fill(&b->volume, f)) != OK)
		return e;
	progress_begin(&b->progress, "written", 1, b->json);
	e = assemble_image(b->volume.image, b->r->chain->bytes, b->r->chain->len, b->file, &b->seal,
	    &b->progress, f);
	progress_end(&b->progress);
	if (e != OK)
		return e;
	if ((e = code_make(b->customer->id, b->seal.number, &b->code)) != OK)
		return err_fault(f, e, "the code");
	if ((e = sealing_area(b->r, &b->seal, &b->code, b->as, b->area, &seal, f)) != OK ||
	    (e = assemble_seal(b->file, &b->seal, b->area, f)) != OK ||
	    (e = verify_output(b, f)) != OK || (e = write_papers(b, f)) != OK)
		return e;
	if (fsync(b->file) == -1)
		return err_fault(f, err_errno(), "%s/%s: %s", b->out, b->partial, strerror(errno));
	if ((e = record(b, &seal, f)) != OK)
		return e;
	b->recorded = true;
	if (renameat2(b->directory, b->partial, b->directory, b->name, RENAME_NOREPLACE) == -1 ||
	    fsync(b->directory) == -1)
		return err_fault(f, err_errno(), "%s/%s: %s", b->out, b->name, strerror(errno));
	return OK;
}

static enum err
prepare(struct build *b, const struct options_list *releases, struct fault *f)
{
	enum err e;

	if (releases->count == 0 || b->customer_id == NULL || b->out == NULL)
		return err_fault(f, ERR_USAGE, "build needs a release, --customer ID and -o DIR");
	if (b->recovery != NULL && strcmp(b->recovery, "0") != 0)
		return err_fault(
		    f, ERR_USAGE, "--recovery: this version makes images without parity, 0");
	if ((e = register_open(&b->r, b->home, true, f)) != OK)
		return e;
	if (b->r->chain == NULL)
		return err_fault(
		    f, ERR_USAGE, "trust 1 is not in force yet; see mkmedia sign 1.trust");
	if ((b->customer = register_customer(b->r, b->customer_id)) == NULL)
		return err_fault(f, ERR_USAGE, "there is no customer %s; see mkmedia customer add",
		    b->customer_id);
	if ((e = volume_load(&b->volume, b->r, releases->item, releases->count, f)) != OK)
		return e;
	return begin_seal(b, f);
}

static void
end(struct build *b)
{
	volume_free(&b->volume);
	code_wipe(&b->code);
	if (b->file != -1) {
		(void)close(b->file);
		if (!b->recorded)
			(void)unlinkat(b->directory, b->partial, 0);
	}
	if (b->directory != -1)
		(void)close(b->directory);
	register_close(b->r);
}

static int
say(const struct build *b)
{
	unsigned long long n = b->seal.number;
	struct json_writer *w;
	char path[1200], size[SIZE_TEXT];

	if (b->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "customer", b->customer->id);
		json_put_uint(w, "number", b->seal.number);
		(void)snprintf(path, sizeof(path), "%s/%s", b->out, b->name);
		json_put_string(w, "image", path);
		(void)snprintf(
		    path, sizeof(path), "%s/%s-%llu.waybill.txt", b->out, b->customer->id, n);
		json_put_string(w, "waybill", path);
		(void)snprintf(
		    path, sizeof(path), "%s/%s-%llu.letter.txt", b->out, b->customer->id, n);
		json_put_string(w, "letter", path);
		json_put_uint(w, "size", b->seal.size);
		json_put_uint(w, "blocks", b->seal.blocks);
		json_put_digest(w, "map", &b->seal.map_digest);
		return report_print_json(w, 0);
	}
	(void)printf("  %s no. %llu: 1 disc, %s, verified.\n", b->customer->id, n,
	    size_print(b->seal.size, size));
	(void)printf("  image           %s/%s\n", b->out, b->name);
	(void)printf("  in the parcel   %s/%s-%llu.waybill.txt\n", b->out, b->customer->id, n);
	(void)printf(
	    "  SEPARATELY      %s/%s-%llu.letter.txt   (code)\n", b->out, b->customer->id, n);
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
		{ "recovery", OPTION_VALUE, &b.recovery },
		{ "home", OPTION_VALUE, &b.home },
		{ "json", OPTION_FLAG, &b.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list releases;
	struct fault f = { .err = OK };
	int status;

	b.directory = b.file = -1;
	if (options_parse(argc, argv, table, &releases, &f) != OK ||
	    prepare(&b, &releases, &f) != OK || produce(&b, &f) != OK)
		status = report_fault("mkmedia", b.json, &f);
	else
		status = say(&b);
	end(&b);
	return status;
}
