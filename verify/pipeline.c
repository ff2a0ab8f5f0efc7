/*
 * pipeline: see pipeline.h.  One thread, two pipes to listen to; every number that comes from the
 * parser is checked against what the reader reported before it is used.
 */
#include "verify/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "verify/blame.h"
#include "verify/link.h"
#include "verify/tally.h"

#define INBOX 65536u
#define COPY 131072u			/* the private copy from which is hashed and written */

struct pipeline {
	struct link link;
	bool has_kept, keeps;		/* as struct crew_medium has it */

	/* while streaming */
	const struct pipeline_handler *handler;
	struct pipeline_blocks *count;
	struct fault *fault;
	uint64_t blocks, chunks;
	uint64_t reported, published; /* chunks the reader told of; of these, good without a gap */
	uint64_t released;		/* chunks the parser is done with */
	/* milliseconds that we wait: for the next chunk; for the parser to be done with one */
	uint64_t left_for_reader, left_for_parser;
	uint64_t parser_time;	/* milliseconds that it had used when we began to wait for it */
	bool broken_off;		/* the reader is still within a pass */
	bool begun, parsed;		/* the parser said BEGIN, END */
	bool in_file;
	uint64_t entries;
	uint64_t left;			/* bytes still to come of that file */
	uint64_t place;			/* in the image, behind the last of them */
	uint8_t inbox[INBOX];
	size_t have;
	uint8_t copy[COPY];
};

enum err
pipeline_start(struct pipeline **out, const struct crew_medium *m, struct device *device,
    struct fault *f)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	enum err e;

	*out = NULL;
	if (p == NULL)
		return err_fault(f, ERR_MEMORY, "pipeline");
	p->has_kept = m->kept != -1;
	p->keeps = p->has_kept && m->keeps;
	if ((e = link_start(&p->link, m, device, f)) == OK)
		*out = p;
	else
		pipeline_stop(p);
	return e;
}

void
pipeline_stop(struct pipeline *p)
{
	if (p != NULL)
		link_stop(&p->link);
	free(p);
}

uint64_t
pipeline_bytes(const struct pipeline *p)
{
	return p->link.bytes;
}

uint64_t
pipeline_size(struct pipeline *p)
{
	return p->broken_off ? 0 : link_size(&p->link);
}

enum err
pipeline_read(struct pipeline *p, uint64_t offset, void *buf, size_t len, struct fault *f)
{
	return link_read(&p->link, offset, buf, len, f);
}

/* One report of the stream.  After a bad chunk the reader runs free, to count the rest. */
static enum err
take_report(struct pipeline *p)
{
	struct report r;
	uint64_t n;
	bool first;
	enum err e;

	if ((e = link_report(&p->link, 0, &r)) != OK)
		return err_fault(p->fault, e, "at block %llu",
		    (unsigned long long)(p->reported * CHUNK_BLOCKS));
	n = p->blocks - p->reported * CHUNK_BLOCKS;
	if (n > CHUNK_BLOCKS)
		n = CHUNK_BLOCKS;
	first = p->count->first_bad == UINT64_MAX;
	if (r.kind != REPORT_CHUNK || r.number != p->reported || p->reported >= p->chunks ||
	    !tally_chunk(p->count, &r, n))
		return err_fault(p->fault, ERR_CHILD, "the reader answers nonsense");
	p->reported++;
	p->left_for_reader = LIMIT_SILENCE * UINT64_C(1000);
	p->link.bytes += ((uint64_t)r.good - r.mended + r.mended_differ + r.differ) * BLOCK_SIZE;
	if (r.bad != 0 && first && !link_command(&p->link, COMMAND_CREDIT, UINT64_MAX, 0))
		return err_fault(p->fault, ERR_CHILD, "the reader ended");
	if (p->count->first_bad == UINT64_MAX)
		p->published = p->reported;
	if (p->handler->progress != NULL)
		p->handler->progress(p->handler->arg,
		    p->count->good + p->count->unreadable + p->count->differ);
	return OK;
}

/* From now on it has LIMIT_PARSING to be done with a chunk. */
static void
await_parser(struct pipeline *p)
{
	p->left_for_parser = LIMIT_PARSING * UINT64_C(1000);
	p->parser_time = crew_parser_time(&p->link.crew);
}

static enum err
give_back(struct pipeline *p, uint64_t released)
{
	p->released = released;
	await_parser(p);
	/*
	 * The reader may already have read everything and be gone from the stream: that is no
	 * error.
	 */
	if (p->count->first_bad == UINT64_MAX && p->reported < p->chunks &&
	    !link_command(&p->link, COMMAND_CREDIT, released + RING_SLOTS, 0))
		return err_fault(p->fault, ERR_CHILD, "the reader ended");
	return OK;
}

static enum err
bad_parser(struct pipeline *p, const char *what)
{
	return err_fault(p->fault, ERR_CONTENTS_FORM, "%s", what);
}

/* The parser gave up, or is gone without END. */
static enum err
end_of_parser(struct pipeline *p, const char *why)
{
	enum err e = crew_died(&p->link.crew, p->begun);

	if (e == ERR_CONTENTS_FORM)
		return bad_parser(p, why);
	if (e == ERR_CHILD)
		why = p->begun ? "a process that reads the medium died" :
		    "the parser could not begin";
	else
		why = e == ERR_LIMIT ? "what the file system of the image takes" : "the parser";
	return err_fault(p->fault, e, "%s", why);
}

/*
 * Hear the reader until chunk ${chunk} is known to be good: what the parser says of it may have
 * come faster.  Of a chunk that the reader has no leave to publish yet it can say nothing.
 */
static enum err
reach(struct pipeline *p, uint64_t chunk, const char *lie)
{
	enum err e;

	if (chunk >= p->chunks || chunk >= p->released + RING_SLOTS)
		return bad_parser(p, lie);
	while (chunk >= p->published) {
		if (p->count->first_bad != UINT64_MAX || p->reported == p->chunks)
			return bad_parser(p, lie);
		if ((e = take_report(p)) != OK)
			return e;
	}
	return OK;
}

static enum err
take_release(struct pipeline *p, uint64_t chunk)
{
	static const char lie[] = "the parser gives back what it does not have";
	enum err e;

	if (chunk != p->released)
		return bad_parser(p, lie);
	return (e = reach(p, chunk, lie)) == OK ? give_back(p, chunk + 1) : e;
}

static enum err
take_span(struct pipeline *p, uint64_t offset, uint64_t len)
{
	uint64_t chunk = offset / CHUNK_SIZE;
	const uint8_t *from;
	enum err e;

	/* Each byte of the image belongs to one file at most, and files come in its order. */
	if (!p->in_file || len == 0 || len > p->left || len > CHUNK_SIZE || offset < p->place ||
	    offset % CHUNK_SIZE + len > CHUNK_SIZE || chunk < p->released ||
	    chunk >= p->chunks || offset + len > p->blocks * BLOCK_SIZE)
		return bad_parser(p, "the parser points outside the file");
	if ((e = reach(p, chunk, "the parser points at a block that is not good")) != OK)
		return e;
	p->left -= len;
	p->place = offset + len;
	from = p->link.crew.ring + (chunk % RING_SLOTS) * CHUNK_SIZE + offset % CHUNK_SIZE;
	while (len > 0) {
		size_t n = len < COPY ? (size_t)len : COPY;

		memcpy(p->copy, from, n);
		if ((e = p->handler->data(p->handler->arg, p->copy, n)) != OK)
			return e;
		from += n;
		len -= n;
	}
	return OK;
}

static enum err
end_file(struct pipeline *p)
{
	if (!p->in_file)
		return OK;
	p->in_file = false;
	if (p->left != 0)
		return bad_parser(p, "a file ends too early");
	return p->handler->end(p->handler->arg);
}

static enum err
take_entry(struct pipeline *p, const struct message *m, const char *text)
{
	enum err e;

	if ((e = end_file(p)) != OK)
		return e;
	/* Each has a record of 34 bytes or more in a directory of the image. */
	if (++p->entries > p->blocks * (BLOCK_SIZE / 34))
		return bad_parser(p, "the parser finds more than fits the image");
	if (m->type == MESSAGE_FILE) {
		p->in_file = true;
		p->left = m->a;
		return p->handler->entry(p->handler->arg, ENTRY_FILE, text, m->length, m->a);
	}
	return p->handler->entry(p->handler->arg,
	    m->type == MESSAGE_DIRECTORY ? ENTRY_DIRECTORY : ENTRY_OTHER, text, m->length, 0);
}

static enum err
take_message(struct pipeline *p, const struct message *m, const char *text)
{
	char why[200];
	enum err e;

	switch (m->type) {
	case MESSAGE_FILE:
	case MESSAGE_DIRECTORY:
	case MESSAGE_OTHER:
		return take_entry(p, m, text);
	case MESSAGE_SPAN:
		return take_span(p, m->a, m->b);
	case MESSAGE_RELEASE:
		return take_release(p, m->a);
	case MESSAGE_BEGIN:
		if (p->begun)
			return bad_parser(p, "the parser begins again");
		p->begun = true;
		return OK;
	case MESSAGE_END:
		if ((e = end_file(p)) != OK)
			return e;
		p->parsed = true;
		return OK;
	case MESSAGE_FAIL:
		return end_of_parser(p, name_escape(why, sizeof(why), text, m->length));
	default:
		return bad_parser(p, "the parser sends nonsense");
	}
}

/* Take what is complete in the inbox; the rest moves to its front. */
static enum err
take_inbox(struct pipeline *p)
{
	size_t at = 0;
	enum err e = OK;

	while (e == OK && !p->parsed && p->have - at >= sizeof(struct message)) {
		struct message m;

		memcpy(&m, p->inbox + at, sizeof(m));
		if (m.length > WIRE_PATH)
			return bad_parser(p, "the parser sends nonsense");
		if (p->have - at < sizeof(m) + m.length)
			break;
		e = take_message(p, &m, (const char *)p->inbox + at + sizeof(m));
		at += sizeof(m) + m.length;
	}
	memmove(p->inbox, p->inbox + at, p->have - at);
	p->have -= at;
	return e;
}

/* Something from the parser. */
static enum err
listen_parser(struct pipeline *p)
{
	ssize_t n;

	do
		n = read(p->link.crew.message, p->inbox + p->have, INBOX - p->have);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_fault(p->fault, ERR_CHILD, "the parser's words: %s", strerror(errno));
	if (n == 0)
		return end_of_parser(p, "the file system of the image broke the parser");
	p->have += (size_t)n;
	return take_inbox(p);
}

/* Contents and reports as they come, until the parser is through or a block is bad. */
static enum err
follow(struct pipeline *p)
{
	enum err e = OK;

	while (e == OK && !p->parsed && p->count->first_bad == UINT64_MAX) {
		struct pollfd fds[2] = {
			{ .fd = p->link.crew.message, .events = POLLIN },
			{ .fd = p->reported < p->chunks ? p->link.crew.report : -1,
			    .events = POLLIN },
		};

		/* With all of it checked, or the ring full, the reader waits for it, too. */
		const bool thinks = p->reported == p->chunks ||
		    p->reported - p->released >= RING_SLOTS;

		e = link_wait(fds, 2, thinks ? &p->left_for_parser : &p->left_for_reader);
		if (e == ERR_SILENT && thinks)
			return blame_silence(crew_parser_time(&p->link.crew) - p->parser_time,
			    p->begun, p->fault);
		if (e != OK)
			return err_fault(p->fault, e, "after block %llu",
			    (unsigned long long)(p->reported * CHUNK_BLOCKS));
		if (fds[1].revents != 0)
			e = take_report(p);
		else if (fds[0].revents != 0)
			e = listen_parser(p);
	}
	return e;
}

static enum err
share_map(struct pipeline *p, const struct digest *map, uint64_t blocks)
{
	const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	size_t size = (size_t)blocks * sizeof(*map);

	if (ftruncate(p->link.crew.map, (off_t)size) == -1 ||
	    !wire_write(p->link.crew.map, map, size) ||
	    fcntl(p->link.crew.map, F_ADD_SEALS, seals) == -1)
		return err_fault(p->fault, ERR_MEMORY, "the block map");
	return OK;
}

/* One pass over all blocks, with the contents of the good ones as far as there is no bad one. */
static enum err
pass(struct pipeline *p, struct pipeline_blocks *count)
{
	enum err e;

	*count = (struct pipeline_blocks){ .first_bad = UINT64_MAX };
	p->count = count;
	p->reported = p->published = p->released = p->entries = p->left =
	    p->place = 0;
	p->begun = p->parsed = p->in_file = false;
	p->left_for_reader = LIMIT_SILENCE * UINT64_C(1000);
	await_parser(p);
	p->broken_off = true;
	p->have = 0;
	if (!link_command(&p->link, COMMAND_STREAM, p->blocks, 0))
		return err_fault(p->fault, ERR_CHILD, "the reader ended");
	if ((e = follow(p)) != OK)
		return e;
	/* What lies behind the last file is checked like everything else, and looked at by nobody.
	 */
	while (e == OK && p->reported < p->chunks)
		if (!p->parsed || (e = give_back(p, p->reported)) == OK)
			e = take_report(p);
	if (e != OK)
		return e;
	p->broken_off = false;
	if (count->first_bad == UINT64_MAX)
		return OK;
	return count->differ > 0 ? ERR_BLOCK : ERR_UNREADABLE;
}

/* Have the reader do what comes between or behind the passes. */
static enum err
ask(struct pipeline *p, uint64_t op, uint64_t a, uint64_t b, uint64_t kind, struct report *r)
{
	enum err e;

	if (!link_command(&p->link, op, a, b))
		return ERR_CHILD;
	if ((e = link_report(&p->link, p->blocks, r)) != OK)
		return e;
	return r->kind != kind || r->number > p->blocks ? ERR_CHILD : OK;
}

/* What is lost is computed; if that is all of it, a second pass finds every block good. */
static enum err
repair(struct pipeline *p, struct pipeline_blocks *count, enum err damage)
{
	const struct recovery *c = p->handler->recovery;
	struct pipeline_blocks again;
	struct report r;
	enum err e;

	if ((e = ask(p, COMMAND_REPAIR, c->stripes, c->parity, REPORT_REPAIRED, &r)) != OK)
		return err_fault(p->fault, e, "repairing");
	count->lost = r.lost;
	count->stripes = r.stripes;
	if (r.lost > 0)
		return damage;
	if (r.failed > 0) {
		errno = (int)r.why;
		return err_fault(p->fault, err_errno(), "parity gives %lu blocks that the medium "
		    "does not, but they cannot be kept: %s", (unsigned long)r.failed,
		    p->has_kept ? strerror(errno) : "no file can be made for them");
	}
	/*
	 * What is zeros is found in the holes of that file; what was lost since the pass was,
	 * too.
	 */
	count->repaired = count->unreadable + count->differ;
	if (count->repaired < r.number)
		count->repaired = r.number;
	crew_change_parser(&p->link.crew);
	if ((e = p->handler->restart(p->handler->arg)) != OK)
		return e;
	if ((e = pass(p, &again)) != ERR_BLOCK && e != ERR_UNREADABLE)
		return e;
	if (again.failed > 0) {
		errno = again.why;
		return err_fault(p->fault, err_errno(), "%llu blocks of our own file of computed "
		    "ones cannot be read: %s", (unsigned long long)again.failed, strerror(errno));
	}
	/* It got worse meanwhile, and what the first pass found is not forgotten. */
	count->repaired = 0;
	count->worse = again.unreadable + again.differ;
	count->first_worse = again.first_bad;
	return damage == ERR_BLOCK ? damage : e;
}

enum err
pipeline_stream(struct pipeline *p, const struct digest *map, uint64_t blocks,
    const struct pipeline_handler *h, struct pipeline_blocks *count, struct fault *f)
{
	struct report r;
	enum err e;

	p->handler = h;
	p->fault = f;
	p->blocks = blocks;
	p->chunks = (blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
	if ((e = share_map(p, map, blocks)) != OK)
		return e;
	e = pass(p, count);
	if ((e == ERR_BLOCK || e == ERR_UNREADABLE) && h->recovery != NULL)
		e = repair(p, count, e);
	if (e != ERR_BLOCK && e != ERR_UNREADABLE)
		return e;
	/* The verdict stands without them. */
	if (p->keeps && ask(p, COMMAND_KEEP, 0, 0, REPORT_KEPT, &r) == OK)
		count->kept = r.number;
	return tally_explain(count, e, f);
}
