/*
 * judge: see judge.h.  The steps in their order: cheap and decisive first.
 */
#include "verify/judge.h"

#include <stdlib.h>
#include <time.h>

#include "formats/limits.h"
#include "verify/contents.h"
#include "verify/coverage.h"
#include "verify/provenance.h"
#include "verify/size.h"

struct run {
	const struct judge_request *q;
	struct contents *contents;
	uint64_t blocks;
};

static enum err
on_entry(void *arg, enum entry type, const char *path, size_t len, uint64_t size)
{
	return contents_entry(((struct run *)arg)->contents, type, path, len, size);
}

static enum err
on_data(void *arg, const void *bytes, size_t len)
{
	return contents_data(((struct run *)arg)->contents, bytes, len);
}

static enum err
on_end(void *arg)
{
	return contents_end(((struct run *)arg)->contents);
}

static void
on_progress(void *arg, uint64_t done)
{
	struct run *r = arg;

	if (r->q->progress != NULL)
		r->q->progress(r->q->arg, done, r->blocks);
}

/* V6: binding to a device is not part of this version of the seal; what it is, is said. */
static void
note_medium(struct judgement *j)
{
	if (j->medium_is_device)
		judgement_note(j, "V6", "medium", CHECK_REMARK, OK,
		    "a device of %llu bytes, not bound to one; %llu bytes behind the image were "
		    "not read",
		    (unsigned long long)j->medium_size,
		    (unsigned long long)(j->medium_size - j->seal->size));
	else
		judgement_note(j, "V6", "medium", CHECK_REMARK, OK, "an image file of %llu bytes",
		    (unsigned long long)j->medium_size);
}

static enum err
note_blocks(struct judgement *j, enum err e)
{
	char size[SIZE_TEXT];
	bool medium;

	if (e == OK) {
		judgement_note(j, "V8", "blocks", CHECK_OK, OK, "%llu of %llu, %s",
		    (unsigned long long)j->blocks.good, (unsigned long long)j->seal->blocks,
		    size_print(j->seal->blocks * BLOCK_SIZE, size));
		if (j->blocks.mended > 0)
			judgement_note(j, "V8", "mended", CHECK_REMARK, OK,
			    "%llu blocks came from another copy that was read before",
			    (unsigned long long)j->blocks.mended);
		return OK;
	}
	medium = e == ERR_BLOCK || e == ERR_UNREADABLE || e == ERR_SILENT || e == ERR_CHILD;
	return judgement_fail(j, medium ? "V8" : "V9", medium ? "blocks" : "contents", e);
}

/* V7 to V10. */
static enum err
examine(struct pipeline *p, const struct judge_request *q, struct judgement *j)
{
	struct run r = { .q = q, .blocks = j->seal->blocks };
	struct pipeline_handler h = { .arg = &r, .entry = on_entry, .data = on_data, .end = on_end,
	    .progress = on_progress };
	struct digest *map = NULL;
	enum err e;

	if ((e = coverage_map(p, j, &map)) != OK)
		return e;
	if ((e = contents_new(&r.contents, j, q->sink)) != OK) {
		e = judgement_fail(j, "V9", "contents", err_fault(&j->fault, e, "contents"));
		goto out;
	}
	e = pipeline_stream(p, map, r.blocks, &h, &j->blocks, &j->fault);
	if (e != OK && j->fault.err != e)
		(void)err_fault(&j->fault, e, "while reading the contents");
	if ((e = note_blocks(j, e)) != OK || (e = coverage_tail(p, j)) != OK)
		goto out;
	e = contents_check(r.contents);
out:
	contents_free(r.contents);
	free(map);
	return e;
}

static enum err
run(struct pipeline *p, const struct judge_request *q, struct judgement *j)
{
	enum err e;

	if ((e = provenance_seal(p, q, j)) != OK || (e = provenance_recipient(q, j)) != OK ||
	    (e = provenance_code(q, j)) != OK || (e = provenance_use(q, j)) != OK ||
	    (q->prepare != NULL && (e = q->prepare(q->arg, j->seal, &j->fault)) != OK))
		return e;
	note_medium(j);
	return examine(p, q, j);
}

/* A volume of a set is never the whole consignment, however genuine it is. */
static enum err
incomplete(const struct judge_request *q, struct judgement *j)
{
	const struct seal *s = j->seal;
	char missing[200] = "all others";

	if (q->site != NULL)
		(void)site_missing(q->site, s->vendor, s->customer, s->number, s->volumes,
		    s->volume, missing, sizeof(missing));
	return err_fault(&j->fault, ERR_INCOMPLETE, "this is disc %llu of %llu; not here: %s",
	    (unsigned long long)s->volume, (unsigned long long)s->volumes,
	    *missing == '\0' ? "none" : missing);
}

static double
seconds_since(const struct timespec *start)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

enum err
judge(const struct judge_request *q, struct judgement *out)
{
	struct pipeline *p = NULL;
	struct timespec start;
	struct medium m;
	char list[200];
	enum err e;

	*out = (struct judgement){ .verdict = OK };
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	if ((e = medium_open(&m, q->path, &out->fault)) != OK)
		(void)judgement_fail(out, "V1", "medium", e);
	out->medium_size = m.size;
	out->medium_is_device = m.device;
	if (e == OK && (e = pipeline_start(&p, &m, q->keeps ? q->kept : -1, &out->fault)) == OK)
		e = run(p, q, out);
	if (p != NULL)
		out->bytes = pipeline_bytes(p);
	pipeline_stop(p);
	medium_close(&m);
	out->seconds = seconds_since(&start);
	if (e == OK && out->deferred != OK)
		e = err_fault(&out->fault, out->deferred, "otherwise genuine");
	if (e == OK && out->seal->volumes > 1)
		e = incomplete(q, out);
	if (e == OK && judgement_unchecked(out, list, sizeof(list)) != NULL)
		e = err_fault(&out->fault, ERR_UNCHECKED, "not checked: %s", list);
	out->verdict = e;
	return e;
}
