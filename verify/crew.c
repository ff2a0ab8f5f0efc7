/*
 * crew: see crew.h.
 */
#include "verify/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verify/blame.h"
#include "verify/clock.h"
#include "verify/medium.h"
#include "verify/parser.h"
#include "verify/reader.h"
#include "verify/sandbox.h"
#include "verify/wire.h"

static void
close_end(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
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

/* Whatever hangs while the medium is opened hangs here, and not in the judge. */
static _Noreturn void
reader_child(const struct crew_medium *m, struct reader *r)
{
	static struct opening o;
	struct medium medium;
	struct sandbox s = { .role = FILTER_READER, .memory = LIMIT_READER_MEMORY,
		.processor = LIMIT_READER_TIME, .file = r->kept == -1 ? 0 : LIMIT_IMAGE, .count = 7,
		.keep = { -1, r->map, r->kept, r->command, r->report, r->feed[0],
		    r->feed[1] } };

	(void)!medium_open(&medium, m->path, m->source, &o.fault);
	o.device = medium.device;
	r->medium = s.keep[0] = medium.fd;
	(void)signal(SIGXFSZ, SIG_IGN);	/* what cannot be kept is not kept */
	if (sandbox_enter(&s) != OK && o.fault.err == OK)
		(void)err_fault(&o.fault, ERR_SANDBOX, "the reader");
	if (!wire_write(r->report, &o, sizeof(o)) || o.fault.err != OK)
		_exit(0);
	reader_run(r);
}

static _Noreturn void
parser_child(const struct parser *q, uint8_t *writable)
{
	const struct sandbox s = { .role = FILTER_PARSER, .memory = LIMIT_PARSER_MEMORY,
		.processor = LIMIT_PARSER_TIME, .count = 2, .keep = { q->feed, q->message } };

	tzset();	/* libarchive asks for the local time; later it could not open the file */
	if (munmap(writable, RING_SIZE) == -1 || sandbox_enter(&s) != OK)
		_exit(PARSER_UNCONFINED);
	parser_run(q);
}

struct pipes {
	int command[2], report[2], feed[READER_PASSES][2], message[READER_PASSES][2];
};

static void
close_pipe(int ends[2])
{
	close_end(&ends[0]);
	close_end(&ends[1]);
}

static void
close_pipes(struct pipes *p)
{
	unsigned i;

	close_pipe(p->command);
	close_pipe(p->report);
	for (i = 0; i < READER_PASSES; i++) {
		close_pipe(p->feed[i]);
		close_pipe(p->message[i]);
	}
}

/*
 * Who writes into it never waits for who does not listen.  Who listens leaves no more unread than
 * the ring has slots, and that is little.
 */
static bool
make_impatient(int pipe[2])
{
	return pipe2(pipe, O_CLOEXEC) == 0 && fcntl(pipe[1], F_SETFL, O_NONBLOCK) == 0;
}

static bool
make_pipes(struct pipes *p)
{
	unsigned i;

	memset(p, -1, sizeof(*p));	/* no descriptor */
	if (!make_impatient(p->command) || pipe2(p->report, O_CLOEXEC) == -1)
		return false;
	for (i = 0; i < READER_PASSES; i++)
		if (!make_impatient(p->feed[i]) || pipe2(p->message[i], O_CLOEXEC) == -1)
			return false;
	return true;
}

/* The parser of pass ${i}. */
static pid_t
start_parser(const struct crew *c, const struct pipes *p, unsigned i, uint8_t *writable)
{
	const struct parser q = { .feed = p->feed[i][0], .message = p->message[i][1],
		.ring = c->ring };
	pid_t pid = fork();

	if (pid == 0)
		parser_child(&q, writable);
	return pid;
}

static int
take_end(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

enum err
crew_start(struct crew *c, const struct crew_medium *m, struct fault *f)
{
	uint8_t *writable = MAP_FAILED;
	struct pipes p;
	struct reader r;
	enum err e = ERR_CHILD;
	int why;

	*c = (struct crew){ .reader = -1, .parser = -1, .command = -1, .report = -1,
		.message = -1, .spare = -1, .spare_message = -1, .map = -1 };
	if (!make_pipes(&p) || make_ring(&writable, &c->ring) != OK ||
	    (c->map = memfd_create("map", MFD_CLOEXEC | MFD_ALLOW_SEALING)) == -1)
		goto out;
	r = (struct reader){ .medium = -1, .map = c->map, .kept = m->kept,
	    .command = p.command[0], .report = p.report[1],
	    .feed = { p.feed[0][1], p.feed[1][1] }, .ring = writable };
	(void)signal(SIGPIPE, SIG_IGN);
	c->reader = fork();
	if (c->reader == 0)
		reader_child(m, &r);
	if (c->reader == -1 || (c->parser = start_parser(c, &p, 0, writable)) == -1 ||
	    (c->spare = start_parser(c, &p, 1, writable)) == -1)
		goto out;
	c->command = take_end(&p.command[1]);
	c->report = take_end(&p.report[0]);
	c->message = take_end(&p.message[0][0]);
	c->spare_message = take_end(&p.message[1][0]);
	e = OK;
out:
	why = errno;
	close_pipes(&p);
	if (writable != MAP_FAILED)
		(void)munmap(writable, RING_SIZE);
	return e == OK ? OK : err_fault(f, e, "starting reader and parser: %s", strerror(why));
}

/* Has ${pid} ended, or does it while we look ${times}, two milliseconds apart? */
static bool
ended(pid_t pid, unsigned times, int *status, struct rusage *used)
{
	struct timespec pause = { 0, 2000000 };
	unsigned i;

	for (i = 0; pid > 0 && i < times; i++) {
		if (wait4(pid, status, WNOHANG, used) == pid)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

/* A process in uninterruptible sleep cannot be waited for: init will. */
static void
end_child(pid_t pid)
{
	int status;

	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);
	(void)ended(pid, 100, &status, NULL);
}

void
crew_stop(struct crew *c)
{
	end_child(c->reader);
	end_child(c->parser);
	end_child(c->spare);
	close_end(&c->command);
	close_end(&c->report);
	close_end(&c->message);
	close_end(&c->spare_message);
	close_end(&c->map);
	if (c->ring != NULL && c->ring != MAP_FAILED)
		(void)munmap((void *)(uintptr_t)c->ring, RING_SIZE);
	c->ring = NULL;
}

void
crew_change_parser(struct crew *c)
{
	end_child(c->parser);
	close_end(&c->message);
	c->parser = c->spare;
	c->message = take_end(&c->spare_message);
	c->spare = -1;
}

static bool
reader_died(struct crew *c, unsigned times)
{
	int status;

	if (!ended(c->reader, times, &status, NULL))
		return false;
	c->reader = -1;
	return true;
}

enum err
crew_died(struct crew *c, bool begun)
{
	struct rusage used;
	enum err e;
	int status = 0;

	if (reader_died(c, 10))	/* it serves commands until we close the pipe */
		return ERR_CHILD;
	/* It has closed its pipe, or will: on a busy computer that takes its time. */
	if (!ended(c->parser, 500, &status, &used))
		return begun ? ERR_CONTENTS_FORM : ERR_CHILD;
	c->parser = -1;
	e = blame_end(status, &used, begun);
	/* It may have ended because the reader did. */
	return e == ERR_CONTENTS_FORM && reader_died(c, 100) ? ERR_CHILD : e;
}

uint64_t
crew_parser_time(const struct crew *c)
{
	clockid_t clock;

	return c->parser > 0 && clock_getcpuclockid(c->parser, &clock) == 0 ? clock_of(clock) : 0;
}
