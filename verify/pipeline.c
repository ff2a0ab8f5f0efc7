/*
 * pipeline: see pipeline.h.  One thread, two pipes to listen to; every number that comes from the
 * parser is checked against what the reader reported before it is used.
 */
#include "verify/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "formats/name.h"
#include "verify/parser.h"
#include "verify/reader.h"
#include "verify/sandbox.h"
#include "verify/wire.h"

#define INBOX 65536u
#define COPY 131072u			/* the private copy from which is hashed and written */
#define READER_MEMORY                                                                              \
	(UINT64_C(64) << 30) /* addresses: the map of the largest image, and threads */
#define PARSER_MEMORY (UINT64_C(4) << 30)

struct pipeline {
	pid_t reader, parser;
	int command, report, message;	/* our ends; -1 when closed */
	int map;
	const uint8_t *ring;
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
	uint64_t left;			/* bytes still to come of that file */
	uint8_t inbox[INBOX];
	size_t have;
	uint8_t copy[COPY];
};

static void
close_end(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

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
	struct pollfd fd = { .fd = p->report, .events = POLLIN };
	enum err e;

	if ((e = wait_for(&fd, 1)) != OK)
		return e;
	return wire_read(p->report, r, sizeof(*r)) ? OK : ERR_CHILD;
}

static bool
send_command(struct pipeline *p, uint64_t op, uint64_t a, uint64_t b)
{
	struct command c = { op, a, b };

	return wire_write(p->command, &c, sizeof(c));
}

/* The ring: writable in the reader, and in nobody else, not even by a later change of mind. */
static enum err
make_ring(uint8_t **writable, const uint8_t **readable)
{
	int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	enum err e = ERR_MEMORY;

	*writable = MAP_FAILED;
	*readable = MAP_FAILED;
	if (fd == -1 || ftruncate(fd, (off_t)RING_SIZE) == -1)
		goto out;
	*writable = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*writable == MAP_FAILED || fcntl(fd, F_ADD_SEALS,
	    F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1)
		goto out;
	*readable = mmap(NULL, RING_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (*readable == MAP_FAILED)
		goto out;
	e = OK;
out:
	if (fd != -1)
		(void)close(fd);
	return e;
}

static _Noreturn void
reader_child(const struct medium *m, const struct reader *r)
{
	int keep[] = { m->fd, r->map, r->command, r->report, r->feed };

	if (sandbox_enter(keep, sizeof(keep) / sizeof(keep[0]), READER_MEMORY) != OK)
		_exit(1);
	reader_run(r);
}

static _Noreturn void
parser_child(const struct parser *q, uint8_t *writable)
{
	int keep[] = { q->feed, q->message };

	tzset();	/* libarchive asks for the local time; later it could not open the file */
	if (munmap(writable, RING_SIZE) == -1 ||
	    sandbox_enter(keep, sizeof(keep) / sizeof(keep[0]), PARSER_MEMORY) != OK)
		_exit(1);
	parser_run(q);
}

enum err
pipeline_start(struct pipeline **out, const struct medium *m, struct fault *f)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int command[2] = { -1, -1 }, report[2] = { -1, -1 }, feed[2] = { -1, -1 },
	    message[2] = { -1, -1 };
	uint8_t *writable = MAP_FAILED;
	struct reader r;
	struct parser q;
	enum err e = ERR_CHILD;

	*out = NULL;
	if (p == NULL)
		return err_fault(f, ERR_MEMORY, "pipeline");
	p->command = p->report = p->message = p->map = -1;
	p->reader = p->parser = -1;
	if (make_ring(&writable, &p->ring) != OK ||
	    (p->map = memfd_create("map", MFD_CLOEXEC | MFD_ALLOW_SEALING)) == -1 ||
	    pipe2(command, O_CLOEXEC) == -1 || pipe2(report, O_CLOEXEC) == -1 ||
	    pipe2(feed, O_CLOEXEC) == -1 || pipe2(message, O_CLOEXEC) == -1)
		goto out;
	r = (struct reader){ .medium = m->fd, .map = p->map, .command = command[0],
	    .report = report[1], .feed = feed[1], .ring = writable };
	q = (struct parser){ .feed = feed[0], .message = message[1], .ring = p->ring };
	(void)signal(SIGPIPE, SIG_IGN);
	p->reader = fork();
	if (p->reader == 0)
		reader_child(m, &r);
	p->parser = p->reader == -1 ? -1 : fork();
	if (p->parser == 0)
		parser_child(&q, writable);
	if (p->parser == -1)
		goto out;
	p->command = command[1];
	p->report = report[0];
	p->message = message[0];
	command[1] = report[0] = message[0] = -1;
	*out = p;
	p = NULL;
	e = OK;
out:
	close_end(&command[0]), close_end(&command[1]);
	close_end(&report[0]), close_end(&report[1]);
	close_end(&feed[0]), close_end(&feed[1]);
	close_end(&message[0]), close_end(&message[1]);
	if (writable != MAP_FAILED)
		(void)munmap(writable, RING_SIZE);
	pipeline_stop(p);
	return e == OK ? OK : err_fault(f, e, "starting reader and parser");
}

/* A process in uninterruptible sleep cannot be waited for: init will. */
static void
end_child(pid_t pid)
{
	struct timespec pause = { 0, 2000000 };
	unsigned i;

	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);
	for (i = 0; i < 100 && waitpid(pid, NULL, WNOHANG) == 0; i++)
		(void)nanosleep(&pause, NULL);
}

void
pipeline_stop(struct pipeline *p)
{
	if (p == NULL)
		return;
	end_child(p->reader);
	end_child(p->parser);
	close_end(&p->command);
	close_end(&p->report);
	close_end(&p->message);
	close_end(&p->map);
	if (p->ring != NULL && p->ring != MAP_FAILED)
		(void)munmap((void *)(uintptr_t)p->ring, RING_SIZE);
	free(p);
}

uint64_t
pipeline_bytes(const struct pipeline *p)
{
	return p->bytes;
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
		memcpy(to, p->ring, n);
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
	enum err e;

	if ((e = next_report(p, &r)) != OK)
		return err_fault(p->fault, e, "at block %llu",
		    (unsigned long long)(p->reported * CHUNK_BLOCKS));
	if (r.kind != REPORT_CHUNK || r.number != p->reported || p->reported >= p->chunks)
		return err_fault(p->fault, ERR_CHILD, "the reader answers nonsense");
	p->reported++;
	p->bytes += ((uint64_t)r.good + r.differ) * BLOCK_SIZE;
	p->count->good += r.good;
	p->count->unreadable += r.unreadable;
	p->count->differ += r.differ;
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
	from = p->ring + (chunk % RING_SLOTS) * CHUNK_SIZE + offset % CHUNK_SIZE;
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
		return bad_parser(p, name_escape(why, sizeof(why), text, m->length));
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

/* Something from the parser; when it is gone without END, that is its last word. */
static enum err
listen_parser(struct pipeline *p)
{
	ssize_t n;

	do
		n = read(p->message, p->inbox + p->have, INBOX - p->have);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return bad_parser(p, "the file system of the image broke the parser");
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
			{ .fd = p->message, .events = POLLIN },
			{ .fd = p->reported < p->chunks ? p->report : -1, .events = POLLIN },
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
	size_t size = (size_t)blocks * sizeof(*map);

	if (ftruncate(p->map, (off_t)size) == -1 || !wire_write(p->map, map, size) ||
	    fcntl(p->map, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		-1)
		return err_fault(p->fault, ERR_MEMORY, "the block map");
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
	return err_fault(f, count->differ > 0 ? ERR_BLOCK : ERR_UNREADABLE,
	    "%llu good, %llu unreadable, %llu differ, the first is block %llu",
	    (unsigned long long)count->good, (unsigned long long)count->unreadable,
	    (unsigned long long)count->differ, (unsigned long long)count->first_bad);
}
