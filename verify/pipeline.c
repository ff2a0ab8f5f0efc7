/*
 * pipeline: see pipeline.h.  One thread, two pipes to listen to; every number that comes from the
 * parser is checked against what the reader reported before it is used.
 */
#include "verify/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "verify/crew.h"
#include "verify/wire.h"

#define INBOX 65536u
#define COPY 131072u			/* the private copy from which is hashed and written */

struct pipeline {
	struct crew crew;
	bool keeps;			/* good blocks of a damaged medium */
	uint64_t bytes;

	/* while streaming */
	const struct pipeline_handler *handler;
	struct pipeline_blocks *count;
	struct fault *fault;
	uint64_t blocks, chunks;
	uint64_t reported, published; /* chunks the reader told of; of these, good without a gap */
	uint64_t released;		/* chunks the parser is done with */
	bool parsed;			/* the parser said END */
	bool in_file;
	uint64_t entries;
	uint64_t left;			/* bytes still to come of that file */
	uint8_t inbox[INBOX];
	size_t have;
	uint8_t copy[COPY];
};

/* Wait until one of the pipes has something; ERR_SILENT after LIMIT_SILENCE. */
static enum err
wait_for(struct pollfd *fds, nfds_t n)
{
	int rc;

	do
		rc = poll(fds, n, (int)(LIMIT_SILENCE * 1000));
	while (rc == -1 && errno == EINTR);
	if (rc == 0)
		return ERR_SILENT;
	return rc == -1 ? ERR_CHILD : OK;
}

static enum err
next_report(struct pipeline *p, struct report *r)
{
	struct pollfd fd = { .fd = p->crew.report, .events = POLLIN };
	enum err e;

	do {
		if ((e = wait_for(&fd, 1)) != OK)
			return e;
		if (!wire_read(p->crew.report, r, sizeof(*r)))
			return ERR_CHILD;
	} while (r->kind == REPORT_ALIVE);
	return OK;
}

static bool
send_command(struct pipeline *p, uint64_t op, uint64_t a, uint64_t b)
{
	struct command c = { op, a, b };

	return wire_write(p->crew.command, &c, sizeof(c));
}

/* The reader has talked to the device: what it says is within its bounds, whatever it says. */
static void
tame(struct opening *o)
{
	struct device *d = &o->device;
	char *const text[] = { d->name, d->dispute, d->manufacturer, d->model, d->serial,
		d->scsi_vendor, d->scsi_model, d->scsi_revision, d->scsi_serial, d->disc_id,
		o->fault.at };
	const size_t size[] = { sizeof(d->name), sizeof(d->dispute), DEVICE_TEXT, DEVICE_TEXT,
		DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT,
		sizeof(o->fault.at) };
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		text[i][size[i] - 1] = '\0';
	if (d->interface_count > LIMIT_INTERFACES) {
		d->interface_count = LIMIT_INTERFACES;
		d->interfaces_cut = true;
	}
	if ((unsigned)o->fault.err >= ERR_COUNT)
		o->fault.err = ERR_CHILD;
}

/* The reader's first words.  Until they come the medium may hang as it likes. */
static enum err
next_opening(struct pipeline *p, const char *path, struct device *device, struct fault *f)
{
	struct pollfd fd = { .fd = p->crew.report, .events = POLLIN };
	struct opening o;
	enum err e;

	if ((e = wait_for(&fd, 1)) != OK)
		return err_fault(f, e, "%s: it does not answer; pull it out, try another port or "
				       "drive", path);
	if (!wire_read(p->crew.report, &o, sizeof(o)))
		return err_fault(f, ERR_CHILD, "%s: the reader ended", path);
	tame(&o);
	*device = o.device;
	if (o.fault.err != OK)
		return err_fault(f, o.fault.err, "%s", o.fault.at);
	return device_check(device, f);		/* the judge judges */
}

enum err
pipeline_start(struct pipeline **out, const struct crew_medium *m, struct device *device,
    struct fault *f)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	enum err e;

	*out = NULL;
	if (p == NULL)
		return err_fault(f, ERR_MEMORY, "pipeline");
	p->keeps = m->kept != -1;
	if ((e = crew_start(&p->crew, m, f)) == OK &&
	    (e = next_opening(p, m->path, device, f)) == OK)
		*out = p;
	else
		pipeline_stop(p);
	return e;
}

void
pipeline_stop(struct pipeline *p)
{
	if (p != NULL)
		crew_stop(&p->crew);
	free(p);
}

uint64_t
pipeline_bytes(const struct pipeline *p)
{
	return p->bytes;
}

uint64_t
pipeline_size(struct pipeline *p)
{
	struct report r;

	if (!send_command(p, COMMAND_SIZE, 0, 0) || next_report(p, &r) != OK ||
	    r.kind != REPORT_SIZE || r.number > INT64_MAX)
		return 0;
	return r.number;
}

enum err
pipeline_read(struct pipeline *p, uint64_t offset, void *buf, size_t len, struct fault *f)
{
	uint8_t *to = buf;
	struct report r;
	enum err e;

	while (len > 0) {
		size_t n = len < CHUNK_SIZE ? len : CHUNK_SIZE;

		if (!send_command(p, COMMAND_READ, offset, n))
			return err_fault(f, ERR_CHILD, "the reader ended");
		if ((e = next_report(p, &r)) != OK)
			return err_fault(f, e, "at byte %llu", (unsigned long long)offset);
		if (r.kind != REPORT_READ || r.number > n)
			return err_fault(f, ERR_CHILD, "the reader answers nonsense");
		memcpy(to, p->crew.ring, n);
		p->bytes += r.number;
		if (r.number < n)
			return err_fault(f, ERR_UNREADABLE, "at byte %llu",
			    (unsigned long long)(offset + r.number));
		to += n;
		offset += n;
		len -= n;
	}
	return OK;
}

/* One report of the stream.  After a bad chunk the reader runs free, to count the rest. */
static enum err
take_report(struct pipeline *p)
{
	struct report r;
	uint64_t n;
	enum err e;

	if ((e = next_report(p, &r)) != OK)
		return err_fault(p->fault, e, "at block %llu",
		    (unsigned long long)(p->reported * CHUNK_BLOCKS));
	n = p->blocks - p->reported * CHUNK_BLOCKS;
	if (n > CHUNK_BLOCKS)
		n = CHUNK_BLOCKS;
	if (r.kind != REPORT_CHUNK || r.number != p->reported || p->reported >= p->chunks ||
	    (uint64_t)r.good + r.unreadable + r.differ != n || r.mended > r.good ||
	    (r.good == n) != (r.first_bad == CHUNK_BLOCKS) || r.first_bad > CHUNK_BLOCKS)
		return err_fault(p->fault, ERR_CHILD, "the reader answers nonsense");
	p->reported++;
	p->bytes += ((uint64_t)r.good + r.differ) * BLOCK_SIZE;
	p->count->good += r.good;
	p->count->unreadable += r.unreadable;
	p->count->differ += r.differ;
	p->count->mended += r.mended;
	if (r.first_bad != CHUNK_BLOCKS && p->count->first_bad == UINT64_MAX) {
		p->count->first_bad = r.number * CHUNK_BLOCKS + r.first_bad;
		if (!send_command(p, COMMAND_CREDIT, UINT64_MAX, 0))
			return err_fault(p->fault, ERR_CHILD, "the reader ended");
	}
	if (p->count->first_bad == UINT64_MAX)
		p->published = p->reported;
	if (p->handler->progress != NULL)
		p->handler->progress(p->handler->arg,
		    p->count->good + p->count->unreadable + p->count->differ);
	return OK;
}

static enum err
give_back(struct pipeline *p, uint64_t released)
{
	p->released = released;
	/*
	 * The reader may already have read everything and be gone from the stream: that is no
	 * error.
	 */
	if (p->count->first_bad == UINT64_MAX && p->reported < p->chunks &&
	    !send_command(p, COMMAND_CREDIT, released + RING_SLOTS, 0))
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
	enum err e = crew_died(&p->crew);

	if (e == ERR_SANDBOX)
		return err_fault(p->fault, e, "the parser");
	if (e != OK)
		return err_fault(p->fault, e, "a process that reads the medium died");
	return bad_parser(p, why);
}

static enum err
take_span(struct pipeline *p, uint64_t offset, uint64_t len)
{
	uint64_t chunk = offset / CHUNK_SIZE;
	const uint8_t *from;
	enum err e;

	if (!p->in_file || len > p->left || len > CHUNK_SIZE ||
	    offset % CHUNK_SIZE + len > CHUNK_SIZE || chunk < p->released || chunk >= p->chunks)
		return bad_parser(p, "the parser points outside the file");
	while (chunk >= p->published) {
		if (p->count->first_bad != UINT64_MAX || p->reported == p->chunks)
			return bad_parser(p, "the parser points at a block that is not good");
		if ((e = take_report(p)) != OK)
			return e;
	}
	p->left -= len;
	from = p->crew.ring + (chunk % RING_SLOTS) * CHUNK_SIZE + offset % CHUNK_SIZE;
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
		if (m->a != p->released || m->a >= p->chunks)
			return bad_parser(p, "the parser gives back what it does not have");
		return give_back(p, m->a + 1);
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
		n = read(p->crew.message, p->inbox + p->have, INBOX - p->have);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
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
			{ .fd = p->crew.message, .events = POLLIN },
			{ .fd = p->reported < p->chunks ? p->crew.report : -1, .events = POLLIN },
		};

		if ((e = wait_for(fds, 2)) != OK)
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

	if (ftruncate(p->crew.map, (off_t)size) == -1 || !wire_write(p->crew.map, map, size) ||
	    fcntl(p->crew.map, F_ADD_SEALS, seals) == -1)
		return err_fault(p->fault, ERR_MEMORY, "the block map");
	return OK;
}

/* A bad block was seen: what is good in front of it is worth keeping too. */
static enum err
keep_first(struct pipeline *p)
{
	struct report r;
	enum err e;

	if (!send_command(p, COMMAND_KEEP, p->count->first_bad / CHUNK_BLOCKS, 0))
		return ERR_CHILD;
	if ((e = next_report(p, &r)) != OK)
		return e;
	if (r.kind != REPORT_KEPT || r.number > p->blocks)
		return ERR_CHILD;
	p->count->kept = r.number;
	return OK;
}

enum err
pipeline_stream(struct pipeline *p, const struct digest *map, uint64_t blocks,
    const struct pipeline_handler *h, struct pipeline_blocks *count, struct fault *f)
{
	enum err e;

	*count = (struct pipeline_blocks){ .first_bad = UINT64_MAX };
	p->handler = h;
	p->count = count;
	p->fault = f;
	p->blocks = blocks;
	p->chunks = (blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
	if ((e = share_map(p, map, blocks)) != OK)
		return e;
	if (!send_command(p, COMMAND_STREAM, blocks, 0))
		return err_fault(f, ERR_CHILD, "the reader ended");
	if ((e = follow(p)) != OK)
		return e;
	/* What lies behind the last file is checked like everything else, and looked at by nobody.
	 */
	while (e == OK && p->reported < p->chunks)
		if (!p->parsed || (e = give_back(p, p->reported)) == OK)
			e = take_report(p);
	if (e != OK || count->first_bad == UINT64_MAX)
		return e;
	if (p->keeps && keep_first(p) != OK)
		count->kept = 0;	/* the verdict stands without them */
	return err_fault(f, count->differ > 0 ? ERR_BLOCK : ERR_UNREADABLE,
	    "%llu good, %llu unreadable, %llu differ, the first is block %llu",
	    (unsigned long long)count->good, (unsigned long long)count->unreadable,
	    (unsigned long long)count->differ, (unsigned long long)count->first_bad);
}
