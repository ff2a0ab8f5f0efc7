/*
 * finish: a filled-in draft and a directory of files become a release that can be signed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "formats/release.h"
#include "mkmedia/commands.h"
#include "mkmedia/lineage.h"
#include "mkmedia/payload.h"
#include "mkmedia/register.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

/* What release_draft writes where only a person knows. */
#define UNFILLED "FILL IN"

struct finish {
	const char *home;
	bool json;
	char path[PATH_MAX];		/* of the release's directory, absolute */
	int dir;
	char *draft;
	size_t draft_len;
	struct payload payload;
	const char **executables;	/* views into payload */
	char *sums, *body;
	size_t sums_len, body_len;
	struct release_files files;
	struct moment now;
	struct release *release;	/* what ${body} says */
	struct vendor_register *r;
	bool replaces;			/* another one with the same id, which was never sent */
};

static enum err
refuse_draft(const struct finish *p, struct fault *f)
{
	struct fault was = *f;

	if (was.err == ERR_RELEASE_FORM &&
	    memmem(p->draft, p->draft_len, UNFILLED, strlen(UNFILLED)) != NULL)
		return err_fault(f, ERR_USAGE, "release.json: %s, %s still says " UNFILLED,
		    err_code(was.err), was.at);
	return input_refuse(f, "release.json");
}

/* A mistyped draft is found before the files are summed, which can take long. */
static enum err
load_draft(struct finish *p, struct fault *f)
{
	const struct release_files none = { .files = 1 };
	char *body;
	size_t len;
	enum err e;

	e = file_load(p->dir, "release.json", LIMIT_RELEASE, &p->draft, &p->draft_len, f);
	if (e == ERR_IO && errno == ENOENT)
		return err_fault(f, ERR_USAGE,
		    "%.200s/release.json is missing; see mkmedia release draft", p->path);
	if (e == OK)
		e = release_finish(p->draft, p->draft_len, &none, p->now, &body, &len, f);
	if (e == OK)
		free(body);
	return e == OK ? OK : refuse_draft(p, f);
}

static enum err
sum_payload(struct finish *p, struct fault *f)
{
	struct progress progress;
	enum err e;
	size_t i;

	if (payload_walk(&p->payload, p->dir, "payload", f) != OK)
		return input_refuse(f, "payload");
	progress_begin(&progress, "summed", 1, p->json);
	e = payload_sum(&p->payload, &progress, f);
	progress_end(&progress);
	if (e != OK)
		return input_refuse(f, "payload");
	if (payload_sums(&p->payload, &p->sums, &p->sums_len, f) != OK)
		return input_refuse(f, "payload");
	if ((p->executables = calloc(p->payload.count, sizeof(*p->executables))) == NULL)
		return err_fault(f, ERR_MEMORY, "payload");
	p->files = (struct release_files){ .files = p->payload.count, .bytes = p->payload.bytes,
	    .executables = p->executables };
	digest_sha256(p->sums, p->sums_len, &p->files.sums);
	for (i = 0; i < p->payload.count; i++)
		if (p->payload.file[i].executable)
			p->executables[p->files.executable_count++] = p->payload.file[i].path;
	return OK;
}

static enum err
make_body(struct finish *p, struct fault *f)
{
	struct document doc;
	enum err e;

	e = release_finish(p->draft, p->draft_len, &p->files, p->now, &p->body, &p->body_len, f);
	if (e == OK && (e = document_split_unsigned(p->body, p->body_len, &doc)) != OK)
		(void)err_fault(f, e, "%s", "");
	if (e == OK)
		e = release_parse(&p->release, &doc, p->r->vendor, f);
	if (e == OK)
		e = lineage_check(p->r, p->release, f);
	return e == OK ? OK : input_refuse(f, "release.json");
}

/* May the new release take the place that its id has in the register? */
static enum err
check_place(struct finish *p, struct fault *f)
{
	const struct register_release *known = register_release(p->r, p->release->id);

	p->replaces = known != NULL;
	if (known != NULL && (known->is_sealed || known->is_told))
		return err_fault(f, ERR_USAGE, "%s was %s, and a published "
		    "release does not change; take a new id in release.json.  Nothing was written",
		    known->id, known->is_sealed ? "sealed for a customer" : "announced");
	return OK;
}

/*
 * Files first: a crash in between leaves a release that cannot be signed, and can be finished
 * again.
 */
static enum err
publish(struct finish *p, struct fault *f)
{
	struct json_writer *w;
	enum err e;

	if ((e = file_replace(p->dir, "SHA256SUMS", 0644, p->sums, p->sums_len, f)) != OK ||
	    (e = file_replace(p->dir, "release", 0644, p->body, p->body_len, f)) != OK)
		return e;
	w = ledger_entry(p->r->ledger, "release-finished", p->now);
	json_put_string(w, "id", p->release->id);
	json_put_digest(w, "digest", &p->release->digest);
	json_put_digest(w, "sums", &p->files.sums);
	json_put_uint(w, "files", p->files.files);
	json_put_uint(w, "bytes", p->files.bytes);
	json_put_string(w, "directory", p->path);
	return ledger_commit(p->r->ledger, w, NULL, f);
}

static enum err
open_directory(struct finish *p, const char *directory, struct fault *f)
{
	char shown[PATH_MAX + 1];

	if (realpath(directory, p->path) == NULL ||
	    (p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_fault(f, errno == ENOENT || errno == ENOTDIR ? ERR_USAGE : err_errno(),
		    "%.200s: %s", directory, strerror(errno));
	/* The ledger keeps the name. */
	if (strlen(p->path) >= REGISTER_DIRECTORY ||
	    strcmp(name_show(shown, sizeof(shown), p->path), p->path) != 0)
		return err_fault(f, ERR_USAGE, "%.200s: the name is too long, or not plain text",
		    p->path);
	return OK;
}

static enum err
finish(struct finish *p, const char *directory, struct fault *f)
{
	enum err e;

	p->now = command_now();
	if ((e = open_directory(p, directory, f)) != OK || (e = load_draft(p, f)) != OK ||
	    (e = sum_payload(p, f)) != OK ||
	    (e = register_open(&p->r, p->home, true, f)) != OK ||
	    (e = make_body(p, f)) != OK || (e = check_place(p, f)) != OK)
		return e;
	return publish(p, f);
}

static int
say_json(const struct finish *p)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "id", p->release->id);
	json_put_digest(w, "digest", &p->release->digest);
	json_put_digest(w, "sums", &p->files.sums);
	json_put_uint(w, "files", p->files.files);
	json_put_uint(w, "bytes", p->files.bytes);
	json_put_uint(w, "executables", p->files.executable_count);
	json_put_string(w, "directory", p->path);
	json_put_bool(w, "replaces", p->replaces);
	return report_print_json(w, 0);
}

static int
say(const struct finish *p)
{
	const struct trust *t = p->r->chain == NULL ? NULL : trust_chain_newest(p->r->chain);
	char size[SIZE_TEXT];
	unsigned i;

	(void)printf("  %s: %llu file%s, %s summed.%s\n", p->release->id,
	    (unsigned long long)p->files.files, p->files.files == 1 ? "" : "s",
	    size_print(p->files.bytes, size),
	    !p->replaces ? "" :
	    "  It replaces the one finished before; the signatures of that are void.");
	if (t == NULL) {
		(void)printf("  No trust document is in force yet.  Next: mkmedia sign 1.trust\n");
		return 0;
	}
	(void)printf("  Needs %u of %u:", t->role[ROLE_RELEASE].threshold,
	    t->role[ROLE_RELEASE].count);
	for (i = 0; i < t->role[ROLE_RELEASE].count; i++)
		(void)printf("%s %s", i == 0 ? "" : ",", t->keys[t->role[ROLE_RELEASE].key[i]].id);
	(void)printf("\n  Next: mkmedia sign %s%s\n", p->release->id,
	    p->r->single_person ? "" : " --as KEY");
	return 0;
}

static void
end(struct finish *p)
{
	payload_free(&p->payload);
	release_free(p->release);
	free(p->executables);
	free(p->draft);
	free(p->sums);
	free(p->body);
	if (p->dir != -1)
		(void)close(p->dir);
	register_close(p->r);
}

int
finish_run(int argc, char **argv)
{
	struct finish p = { .dir = -1, .payload = { .dir = -1 } };
	const struct option table[] = {
		{ "home", OPTION_VALUE, &p.home },
		{ "json", OPTION_FLAG, &p.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "release finish takes one directory");
	if (f.err != OK || finish(&p, args.item[0], &f) != OK)
		status = report_fault("mkmedia", p.json, &f);
	else
		status = p.json ? say_json(&p) : say(&p);
	end(&p);
	return status;
}
