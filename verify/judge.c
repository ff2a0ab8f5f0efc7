/*
 * judge: see judge.h.  The steps in their order: cheap and decisive first.
 */
#include "verify/judge.h"

#include <stdio.h>
#include <stdlib.h>

#include "formats/limits.h"
#include "verify/clock.h"
#include "verify/contents.h"
#include "verify/coverage.h"
#include "verify/probe.h"
#include "verify/provenance.h"
#include "verify/size.h"

struct run {
	const struct judge_request *q;
	struct judgement *j;
	struct contents *contents;
	uint64_t blocks;
};

/* Started before the code is asked for: no child has a copy of that. */
struct helpers {
	struct pipeline *p;
	struct probe_child probe;
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

static enum err
on_restart(void *arg)
{
	struct run *r = arg;
	enum err e;

	contents_free(r->contents);
	if ((e = contents_new(&r->contents, r->j, r->q->sink)) != OK)
		return e;
	return r->q->sink == NULL ? OK : r->q->sink->restart(r->q->sink->arg);
}

static void
on_progress(void *arg, uint64_t done)
{
	struct run *r = arg;

	if (r->q->progress != NULL)
		r->q->progress(r->q->arg, done, r->blocks);
}

/* V1, what it is: facts, and what of them is disputed. */
static void
note_device(struct judgement *j)
{
	char text[300];

	if (j->device.kind == DEVICE_FILE)
		return;
	judgement_note(j, "V1", "device", CHECK_REMARK, OK, "%s",
	    device_describe_raw(&j->device, text, sizeof(text)));
	if (j->device.disputed)
		judgement_note(j, "V1", "device", CHECK_REMARK, OK,
		    "it does not say the same everywhere: %s", j->device.dispute);
}

/* V6: is it the device that the seal is bound to? */
static enum err
check_medium(struct judgement *j)
{
	const struct seal_medium *bound = &j->seal->medium;
	struct fault f = { .err = OK };

	if (bound->kind == SEAL_UNBOUND) {
		judgement_note(j, "V6", "medium", CHECK_REMARK, OK, "not bound to one device");
		return OK;
	}
	switch (device_compare(&j->device, bound, &f)) {
	case DEVICE_MATCH:
		judgement_note(j, "V6", "medium", CHECK_OK, OK, "the device that was sealed");
		return OK;
	case DEVICE_WEAK:
		judgement_note(j, "V6", "medium", CHECK_REMARK, OK,
		    "weak: it may be the device that was sealed: %s", f.at);
		return OK;
	case DEVICE_MISMATCH:
		break;
	}
	j->fault = f;
	return judgement_fail(j, "V6", "medium",
	    err_fault(&j->fault, ERR_WRONG_DEVICE, "%s", f.at));
}

/*
 * V1, what others would take it for.  Only now, because libblkid parses: the seal is authentic, and
 * its parsers see a copy, in a process of their own.
 */
static enum err
check_probe(struct helpers *h, struct judgement *j)
{
	struct pipeline *p = h->p;
	uint64_t size = j->device.size;
	size_t head = size < PROBE_HEAD ? (size_t)size : (size_t)PROBE_HEAD;
	size_t tail = size < PROBE_TAIL ? (size_t)size : (size_t)PROBE_TAIL;
	uint8_t *copy = calloc(1, head + tail);
	struct fault unread;
	struct probe found = { .known = false };
	enum err e;

	if (copy == NULL)
		return err_fault(&j->fault, ERR_MEMORY, "probe");
	/* What does not read is taken for zeros here, and counted with the blocks. */
	e = pipeline_read(p, 0, copy, head, &unread);
	if (e == OK || e == ERR_UNREADABLE)
		e = pipeline_read(p, size - tail, copy + head, tail, &unread);
	if (e != OK && e != ERR_UNREADABLE)
		j->fault = unread;
	else
		e = probe_ask(&h->probe, copy, head, copy + head, tail, size, &found, &j->fault);
	free(copy);
	probe_stop(&h->probe);
	if (e == OK && !found.known)
		judgement_note(j, "V1", "probe", CHECK_NOT_MADE, ERR_UNCHECKED,
		    "what other programs would take it for cannot be told");
	if (e == OK && probe_is_polyglot(&found))
		e = err_fault(&j->fault, ERR_POLYGLOT, "%s%s%s",
		    found.ambivalent ? "several file systems at once" : found.type,
		    *found.table == '\0' ? "" : ", with a partition table ", found.table);
	return e == OK ? OK : judgement_fail(j, "V1", "medium", e);
}

/* A device that grows or shrinks while it is read: nothing was believed of it, but it is odd. */
static void
note_size(struct pipeline *p, struct judgement *j)
{
	uint64_t now;

	if (j->device.kind == DEVICE_FILE)
		return;
	if (j->device.size > j->seal->size)
		judgement_note(j, "V8", "rest", CHECK_REMARK, OK,
		    "%llu bytes behind the image were not read",
		    (unsigned long long)(j->device.size - j->seal->size));
	now = pipeline_size(p);
	if (now != 0 && now != j->device.size)
		judgement_note(j, "V1", "device", CHECK_REMARK, OK,
		    "it changed its size while it was read, from %llu to %llu bytes",
		    (unsigned long long)j->device.size, (unsigned long long)now);
}

static enum err
note_blocks(struct judgement *j, enum err e)
{
	char size[SIZE_TEXT], list[200];
	bool medium;

	if (e == OK) {
		judgement_note(j, "V8", "blocks", CHECK_OK, OK, "%llu of %llu, %s",
		    (unsigned long long)j->blocks.good, (unsigned long long)j->seal->blocks,
		    size_print(j->seal->blocks * BLOCK_SIZE, size));
		if (j->blocks.repaired > 0)
			judgement_note(j, "V8", "repaired", CHECK_REMARK, OK,
			    "%llu block%s computed from parity: %llu unreadable, %llu differed; "
			    "%s", (unsigned long long)j->blocks.repaired,
			    size_plural(j->blocks.repaired),
			    (unsigned long long)j->blocks.unreadable,
			    (unsigned long long)j->blocks.differ,
			    extents_print(&j->blocks.bad, list, sizeof(list)));
		if (j->blocks.mended > 0)
			judgement_note(j, "V8", "mended", CHECK_REMARK, OK,
			    "%llu block%s came from another copy that was read before; here "
			    "%llu of them are unreadable, %llu differ",
			    (unsigned long long)j->blocks.mended, size_plural(j->blocks.mended),
			    (unsigned long long)(j->blocks.mended - j->blocks.mended_differ),
			    (unsigned long long)j->blocks.mended_differ);
		return OK;
	}
	medium = e == ERR_BLOCK || e == ERR_UNREADABLE || e == ERR_SILENT || e == ERR_CHILD;
	return judgement_fail(j, medium ? "V8" : "V9", medium ? "blocks" : "contents", e);
}

/* V7 to V10. */
static enum err
examine(struct pipeline *p, const struct judge_request *q, struct judgement *j)
{
	struct run r = { .q = q, .j = j, .blocks = j->seal->blocks };
	struct pipeline_handler h = { .arg = &r,
	    .recovery = j->seal->recovery.stripes > 0 && !q->as_it_is ? &j->seal->recovery : NULL,
	    .restart = on_restart, .entry = on_entry, .data = on_data, .end = on_end,
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
	if ((e = note_blocks(j, e)) != OK || (e = coverage_tail(p, j, map)) != OK)
		goto out;
	e = contents_check(r.contents);
out:
	contents_free(r.contents);
	free(map);
	return e;
}

static enum err
run(struct helpers *h, const struct judge_request *q, struct judgement *j)
{
	struct pipeline *p = h->p;
	enum err e;

	if ((e = provenance_seal(p, q, j)) != OK || (e = provenance_recipient(q, j)) != OK)
		return e;
	if ((e = probe_start(&h->probe, &j->fault)) != OK)
		return judgement_fail(j, "V1", "medium", e);
	if ((e = provenance_code(q, j)) != OK || (e = provenance_use(q, j)) != OK ||
	    (q->prepare != NULL && (e = q->prepare(q->arg, j->seal, &j->fault)) != OK))
		return e;
	if ((e = check_medium(j)) != OK || (e = check_probe(h, j)) != OK)
		return e;
	e = examine(p, q, j);
	if (e != ERR_SILENT && e != ERR_CHILD)	/* it still answers */
		note_size(p, j);
	return e;
}

/* A volume of a set is never the whole consignment, however genuine it is. */
static enum err
incomplete(const struct judge_request *q, struct judgement *j)
{
	const struct seal *s = j->seal;
	char missing[300] = "all others";

	if (q->site != NULL)
		(void)site_missing(q->site, s->vendor, s->customer, s->number, s->volumes,
		    s->volume, missing, sizeof(missing));
	return err_fault(&j->fault, ERR_INCOMPLETE, "this is disc %llu of %llu; not here: %s",
	    (unsigned long long)s->volume, (unsigned long long)s->volumes,
	    *missing == '\0' ? "none" : missing);
}

enum err
judge(const struct judge_request *q, struct judgement *out)
{
	const struct crew_medium m = { .path = q->path,
		.source = q->source != NULL ? q->source : &device_machine,
		.kept = q->kept != NULL ? *q->kept : -1, .keeps = q->keeps };
	struct helpers h = { .p = NULL,
		.probe = { .pid = -1, .copy = -1, .go = -1, .result = -1 } };
	const uint64_t start = clock_ms();
	char list[200];
	enum err e;

	*out = (struct judgement){ .verdict = OK };
	if ((e = pipeline_start(&h.p, &m, &out->device, &out->fault)) != OK)
		(void)judgement_fail(out, "V1", "medium", e);
	note_device(out);
	if (e == OK)
		e = run(&h, q, out);
	if (h.p != NULL)
		out->bytes = pipeline_bytes(h.p);
	probe_stop(&h.probe);
	pipeline_stop(h.p);
	out->milliseconds = clock_ms() - start;
	if (e == OK && out->deferred != OK)
		e = err_fault(&out->fault, out->deferred, "otherwise genuine");
	if (e == OK && out->seal->volumes > 1)
		e = incomplete(q, out);
	if (e == OK && judgement_unchecked(out, list, sizeof(list)) != NULL)
		e = err_fault(&out->fault, ERR_UNCHECKED, "not checked: %s", list);
	if (e != OK && out->fault.err != e)
		(void)err_fault(&out->fault, e, "judging");
	out->verdict = e;
	return e;
}
