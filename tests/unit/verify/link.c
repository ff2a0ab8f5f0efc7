/*
 * Tests of verify/link: the judge's end of the pipes; the reader lies, falls silent, or dies.
 * In place of verify/crew stands a child that says what it is told to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tests/unit/process.h"
#include "verify/link.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define CHUNK ((size_t)CHUNK_SIZE)

/* ---- sixty seconds are long ---- */

#define SHORT 200	/* milliseconds */
static int asked;	/* what it was to wait */
static uint64_t leap;	/* seconds that pass with each wait */
static uint64_t leapt;

int poll_of_test(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");
int poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room) __asm__("__poll_chk");

int
poll_of_test(struct pollfd *fds, nfds_t n, int timeout)
{
	asked = timeout;
	leapt += leap;
	return (int)syscall(SYS_poll, fds, n, timeout > SHORT ? SHORT : timeout);
}

int clock_of_test(clockid_t clock, struct timespec *t) __asm__("clock_gettime");

int
clock_of_test(clockid_t clock, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, t);

	t->tv_sec += (time_t)leapt;
	return rc;
}

/* So many seconds, less those that have passed meanwhile. */
static void
was_asked(unsigned seconds)
{
	assert_in_range(asked, seconds * 1000 - 500, seconds * 1000);
}

int
poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	return n * sizeof *fds > room ? -1 : poll_of_test(fds, n, timeout);
}

/* ---- a reader ---- */

static struct {
	enum err start;			/* of crew_start */
	struct opening opening;
	size_t opening_len;		/* bytes of it that are said */
	struct report answer[8];	/* one for each command, or for each that is ALIVE one more */
	size_t answers;
	bool stays;			/* when it has no more to say, it says nothing, and lives */
} reader;
static uint8_t ring[RING_SIZE];
static struct command last;		/* that was sent; seen through the pipe commands */
static int commands[2];

static _Noreturn void
read_as_told(int command, int report)
{
	struct command c;
	size_t next = 0;

	if (write(report, &reader.opening, reader.opening_len) != (ssize_t)reader.opening_len)
		_exit(1);
	while (next < reader.answers && wire_read(command, &c, sizeof c)) {
		(void)!write(commands[1], &c, sizeof c);
		do
			(void)!write(report, &reader.answer[next], sizeof reader.answer[0]);
		while (reader.answer[next++].kind == REPORT_ALIVE && next < reader.answers);
	}
	while (reader.stays)
		pause();
	_exit(0);
}

enum err
crew_start(struct crew *c, const struct crew_medium *m, struct fault *f)
{
	int command[2], report[2];

	(void)m;
	*c = (struct crew){ .reader = -1, .parser = -1, .command = -1, .report = -1, .message = -1,
	    .spare = -1, .spare_message = -1, .map = -1, .ring = ring };
	if (reader.start != OK)
		return err_fault(f, reader.start, "no reader");
	assert_int_equal(pipe2(command, O_CLOEXEC), 0);
	assert_int_equal(fcntl(command[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	signal(SIGPIPE, SIG_IGN);
	fflush(NULL);
	c->reader = fork();
	if (c->reader == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		close(command[1]);
		close(report[0]);
		read_as_told(command[0], report[1]);
	}
	close(command[0]);
	close(report[1]);
	c->command = command[1];
	c->report = report[0];
	return OK;
}

void
crew_stop(struct crew *c)
{
	if (c->reader > 0) {
		kill(c->reader, SIGKILL);
		assert_int_equal(waitpid(c->reader, NULL, 0), c->reader);
	}
	if (c->command != -1)
		close(c->command);
	if (c->report != -1)
		close(c->report);
}

static unsigned before;

static int
setup(void **state)
{
	(void)state;
	memset(&reader, 0, sizeof reader);
	reader.opening_len = sizeof reader.opening;
	reader.stays = true;
	before = process_descriptors();
	assert_int_equal(pipe2(commands, O_CLOEXEC | O_NONBLOCK), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(commands[0]);
	close(commands[1]);
	assert_int_equal(process_descriptors(), before);
	process_no_children();
	return 0;
}

static const struct crew_medium medium = { .path = "/dev/sdz", .kept = -1 };

static enum err
start(struct link *l, struct device *d, struct fault *f)
{
	*f = (struct fault){ .at = "" };
	return link_start(l, &medium, d, f);
}

/* Was that the last command? */
static void
told(uint64_t op, uint64_t a, uint64_t b)
{
	while (read(commands[0], &last, sizeof last) == sizeof last)
		;
	assert_int_equal(last.op, op);
	assert_int_equal(last.a, a);
	assert_int_equal(last.b, b);
}

/* ---- the opening ---- */

static void
opens(void **state)
{
	struct device *const d = &reader.opening.device, got;
	struct fault f;
	struct link l;

	(void)state;
	*d = (struct device){ .kind = DEVICE_STICK, .name = "sdz", .size = 1234567, .is_usb = true,
	    .serial = "60A4", .interface_count = 1, .interface = { { .class = 8 } } };
	assert_int_equal(start(&l, &got, &f), OK);
	assert_memory_equal(&got, d, sizeof got);
	assert_int_equal(l.bytes, 0);
	link_stop(&l);
}

/* What it could not do is handed on; what the device is, is judged here. */
static void
opens_not(void **state)
{
	static const struct { enum err said, want; uint8_t class; const char *at; } table[] = {
		{ ERR_NO_MEDIUM, ERR_NO_MEDIUM, 8, "/dev/sdz" },
		{ ERR_DENIED, ERR_DENIED, 8, "/dev/sdz" },
		{ ERR_SANDBOX, ERR_SANDBOX, 8, "/dev/sdz" },
		{ (enum err)(ERR_COUNT - 1), (enum err)(ERR_COUNT - 1), 8, "/dev/sdz" },
		{ OK, ERR_INTERFACE, 3, "sdz: interface 0" },
		{ ERR_UNREADABLE, ERR_UNREADABLE, 3, "/dev/sdz" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device got;
		struct fault f;
		struct link l;

		reader.opening = (struct opening){
		    .fault = { .err = table[i].said, .at = "/dev/sdz" },
		    .device = { .kind = DEVICE_STICK, .name = "sdz", .is_usb = true,
		    .interface_count = 1, .interface = { { .class = table[i].class } } } };
		assert_int_equal(start(&l, &got, &f), table[i].want);
		assert_int_equal(f.err, table[i].want);
		assert_non_null(strstr(f.at, table[i].at));
		assert_string_equal(got.name, "sdz");	/* also with an error */
		link_stop(&l);
	}
}

static void
no_crew(void **state)
{
	struct device d;
	struct fault f;
	struct link l;

	(void)state;
	reader.start = ERR_CHILD;
	assert_int_equal(start(&l, &d, &f), ERR_CHILD);
	assert_string_equal(f.at, "no reader");
	link_stop(&l);
}

/* Every text runs on without an end, every number is as large as can be. */
static void
lies(void **state)
{
	struct device *const d = &reader.opening.device, got;
	const struct { const char *text; size_t size; } text[] = {
		{ got.name, sizeof got.name }, { got.dispute, sizeof got.dispute },
		{ got.manufacturer, DEVICE_TEXT }, { got.model, DEVICE_TEXT },
		{ got.serial, DEVICE_TEXT }, { got.scsi_vendor, DEVICE_TEXT },
		{ got.scsi_model, DEVICE_TEXT }, { got.scsi_revision, DEVICE_TEXT },
		{ got.scsi_serial, DEVICE_TEXT }, { got.disc_id, DEVICE_TEXT },
	};
	char line[400];
	struct fault f;
	struct link l;

	(void)state;
	memset(&reader.opening, 'A', sizeof reader.opening);
	reader.opening.fault.err = OK;
	d->kind = DEVICE_STICK;
	d->disc = DISC_CLOSED;
	d->partition = d->read_only = d->removable = d->is_usb = d->disputed = d->rewritable = true;
	d->interfaces_cut = false;
	d->interface_count = UINT32_MAX;
	for (size_t i = 0; i < LIMIT_INTERFACES; i++)
		d->interface[i].class = 8;
	assert_int_equal(start(&l, &got, &f), ERR_INTERFACE);	/* they cannot all be told */
	assert_int_equal(got.interface_count, LIMIT_INTERFACES);
	assert_true(got.interfaces_cut);
	for (size_t i = 0; i < COUNT(text); i++)
		assert_int_equal(strnlen(text[i].text, text[i].size), text[i].size - 1);
	assert_in_range(strlen(device_describe(&got, line, sizeof line)), 1, sizeof line - 1);
	link_stop(&l);
	/* exactly as many as there may be */
	d->interface_count = LIMIT_INTERFACES;
	assert_int_equal(start(&l, &got, &f), OK);
	assert_false(got.interfaces_cut);
	link_stop(&l);
	/* the reason, too, has no end */
	reader.opening.fault.err = ERR_DENIED;
	assert_int_equal(start(&l, &got, &f), ERR_DENIED);
	assert_int_equal(strnlen(f.at, sizeof f.at), sizeof f.at - 1);
	link_stop(&l);
}

static void
errors_that_are_none(void **state)
{
	static const int table[] = { ERR_COUNT, ERR_COUNT + 1, 9999, INT32_MAX, INT32_MIN, -1 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device got;
		struct fault f;
		struct link l;

		memcpy(&reader.opening.fault.err, &table[i], sizeof table[i]);
		assert_int_equal(start(&l, &got, &f), ERR_CHILD);
		assert_int_equal(f.err, ERR_CHILD);
		link_stop(&l);
	}
}

/* A kind that is none, and a state of a disc: whoever describes them has words for four of each. */
static int
describes(void *arg)
{
	const unsigned *number = arg;
	struct device got;
	struct fault f;
	struct link l;
	char line[400];

	signal(SIGSEGV, SIG_DFL);
	reader.opening.device = (struct device){ .kind = DEVICE_DISC, .name = "sr0" };
	memcpy(&reader.opening.device.disc, number, sizeof *number);
	if (start(&l, &got, &f) == OK)
		(void)device_describe(&got, line, sizeof line);
	link_stop(&l);
	memcpy(&reader.opening.device.kind, number, sizeof *number);
	if (start(&l, &got, &f) == OK)
		(void)device_describe(&got, line, sizeof line);
	link_stop(&l);
	return 0;
}

static void
kinds_that_are_none(void **state)
{
	static unsigned numbers[] = { DISC_CLOSED + 1, 1000, 0x10000000, 0x7fffffff, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(process_run(describes, &numbers[i]), 0);
}

/* A byte that is neither true nor false.  In a child: the sanitizers end a process for it. */
static int
takes_any_byte(void *arg)
{
	const int *byte = arg;
	struct device *const d = &reader.opening.device, got;
	struct fault f;
	struct link l;
	char line[400];

	signal(SIGSEGV, SIG_DFL);
	memset(&reader.opening, *byte, sizeof reader.opening);
	reader.opening.fault.err = OK;
	d->kind = DEVICE_OTHER;
	d->disc = DISC_UNKNOWN;
	if (start(&l, &got, &f) == OK)
		(void)device_describe(&got, line, sizeof line);
	link_stop(&l);
	return 0;
}

static void
any_byte(void **state)
{
	static int bytes[] = { 0x00, 0x01, 0x02, 0x7f, 0x80, 0xff };

	(void)state;
	for (size_t i = 0; i < COUNT(bytes); i++)
		assert_int_equal(process_run(takes_any_byte, &bytes[i]), 0);
}

static void
opening_cut(void **state)
{
	struct device d;
	struct fault f;
	struct link l;

	(void)state;
	reader.stays = false;
	for (size_t n = 0; n < sizeof reader.opening; n = n * 3 + 1) {
		reader.opening_len = n;
		assert_int_equal(start(&l, &d, &f), ERR_CHILD);
		assert_non_null(strstr(f.at, "/dev/sdz"));
		link_stop(&l);
	}
}

/* It does not answer: a whole minute is waited, and then it is left alone. */
static void
silent(void **state)
{
	struct device d;
	struct report r;
	struct fault f;
	struct link l;
	uint8_t byte;

	(void)state;
	reader.opening_len = 0;
	asked = 0;
	assert_int_equal(start(&l, &d, &f), ERR_SILENT);
	was_asked(LIMIT_SILENCE);
	assert_non_null(strstr(f.at, "/dev/sdz"));
	link_stop(&l);
	reader.opening_len = sizeof reader.opening;
	assert_int_equal(start(&l, &d, &f), OK);
	assert_int_equal(link_report(&l, 0, &r), ERR_SILENT);
	assert_int_equal(link_read(&l, 7, &byte, 1, &f), ERR_SILENT);
	assert_int_equal(f.err, ERR_SILENT);
	assert_string_equal(f.at, "at byte 7");
	assert_int_equal(link_size(&l), 0);
	was_asked(LIMIT_SILENCE);
	link_stop(&l);
}

/* ---- answers ---- */

static void
sizes(void **state)
{
	static const struct { uint64_t kind, number, want; } table[] = {
		{ REPORT_SIZE, 0, 0 }, { REPORT_SIZE, 1, 1 }, { REPORT_SIZE, INT64_MAX, INT64_MAX },
		{ REPORT_SIZE, (uint64_t)INT64_MAX + 1, 0 }, { REPORT_SIZE, UINT64_MAX, 0 },
		{ REPORT_READ, 5, 0 }, { REPORT_CHUNK, 5, 0 }, { 0, 5, 0 }, { UINT64_MAX, 5, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device d;
		struct fault f;
		struct link l;

		reader.answer[0] = (struct report){ .kind = table[i].kind,
		    .number = table[i].number };
		reader.answers = 1;
		assert_int_equal(start(&l, &d, &f), OK);
		assert_true(link_size(&l) == table[i].want);
		told(COMMAND_SIZE, 0, 0);
		link_stop(&l);
	}
}

static void
reads(void **state)
{
	static const struct {
		struct report answer;
		size_t len;
		enum err want;
		uint64_t bytes;
		const char *at;
	} table[] = {
		{ { .kind = REPORT_READ, .number = 100 }, 100, OK, 100, "" },
		{ { .kind = REPORT_READ, .number = CHUNK }, CHUNK, OK, CHUNK, "" },
		{ { .kind = REPORT_READ, .number = 99 }, 100, ERR_UNREADABLE, 99, "at byte 5099" },
		{ { .kind = REPORT_READ, .number = 0 }, 100, ERR_UNREADABLE, 0, "at byte 5000" },
		{ { .kind = REPORT_READ, .number = 101 }, 100, ERR_CHILD, 0, "nonsense" },
		{ { .kind = REPORT_READ, .number = UINT64_MAX }, 100, ERR_CHILD, 0, "nonsense" },
		{ { .kind = REPORT_SIZE, .number = 100 }, 100, ERR_CHILD, 0, "nonsense" },
		{ { .kind = REPORT_KEPT, .number = 100 }, 100, ERR_CHILD, 0, "nonsense" },
		{ { .kind = 77, .number = 100 }, 100, ERR_CHILD, 0, "nonsense" },
	};
	static uint8_t got[2 * CHUNK_SIZE];

	(void)state;
	memset(ring, 'r', sizeof ring);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device d;
		struct fault f;
		struct link l;

		memset(got, 0, sizeof got);
		reader.answer[0] = table[i].answer;
		reader.answers = 1;
		assert_int_equal(start(&l, &d, &f), OK);
		assert_int_equal(link_read(&l, 5000, got, table[i].len, &f), table[i].want);
		told(COMMAND_READ, 5000, table[i].len);
		assert_int_equal(l.bytes, table[i].bytes);
		assert_non_null(strstr(f.at, table[i].at));
		if (table[i].want == OK)
			assert_memory_equal(got, ring, table[i].len);
		assert_int_equal(got[table[i].len], 0);		/* and not a byte more */
		link_stop(&l);
	}
}

/* More than a chunk is asked for in pieces; whoever is alive may say so as often as it likes. */
static void
reads_on(void **state)
{
	static uint8_t got[2 * CHUNK_SIZE + 10];
	struct device d;
	struct fault f;
	struct link l;

	(void)state;
	reader.answer[0] = (struct report){ .kind = REPORT_READ, .number = CHUNK };
	reader.answer[1] = (struct report){ .kind = REPORT_ALIVE };
	reader.answer[2] = (struct report){ .kind = REPORT_ALIVE };
	reader.answer[3] = (struct report){ .kind = REPORT_READ, .number = CHUNK };
	reader.answer[4] = (struct report){ .kind = REPORT_READ, .number = 10 };
	reader.answers = 5;
	assert_int_equal(start(&l, &d, &f), OK);
	assert_int_equal(link_read(&l, 77, got, sizeof got, &f), OK);
	told(COMMAND_READ, 77 + 2 * CHUNK, 10);
	assert_int_equal(l.bytes, sizeof got);
	assert_int_equal(link_read(&l, 0, got, 0, &f), OK);	/* of nothing nobody is asked */
	link_stop(&l);
}

/* It dies: before the command, instead of an answer, within one. */
static void
dies(void **state)
{
	struct device d;
	struct report r;
	struct fault f;
	struct link l;
	uint8_t byte;
	siginfo_t info;

	(void)state;
	reader.stays = false;
	assert_int_equal(start(&l, &d, &f), OK);
	assert_int_equal(waitid(P_PID, (id_t)l.crew.reader, &info, WEXITED | WNOWAIT), 0);
	assert_false(link_command(&l, COMMAND_READ, 0, 1));
	assert_int_equal(link_report(&l, 0, &r), ERR_CHILD);
	assert_int_equal(link_read(&l, 0, &byte, 1, &f), ERR_CHILD);
	assert_int_equal(f.err, ERR_CHILD);
	assert_int_equal(link_size(&l), 0);
	link_stop(&l);
	reader.answer[0] = (struct report){ .kind = REPORT_ALIVE };
	reader.answers = 1;
	assert_int_equal(start(&l, &d, &f), OK);
	assert_int_equal(link_read(&l, 0, &byte, 1, &f), ERR_CHILD);
	link_stop(&l);
}

/* It takes no commands any more: those that the pipe does not hold wait LIMIT_SILENCE, not for ever. */
static void
deaf(void **state)
{
	struct device d;
	struct fault f;
	struct link l;
	unsigned n;

	(void)state;
	reader.stays = true;
	assert_int_equal(start(&l, &d, &f), OK);
	for (n = 0; n < 65536 && link_command(&l, COMMAND_CREDIT, n, 0); n++)
		;
	assert_in_range(n, 4096 / sizeof(struct command), 65535);
	was_asked(LIMIT_SILENCE);
	link_stop(&l);
}

/* Any of several pipes, also one that is closed; none at all. */
static void
waits(void **state)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	uint64_t left = 60000;
	int a[2], b[2];

	(void)state;
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	fds[0].fd = a[0];
	fds[1].fd = b[0];
	assert_int_equal(link_wait(fds, 2, &left), ERR_SILENT);
	was_asked(60);
	assert_in_range(left, 59000, 60000 - SHORT);	/* the test did not wait for long */
	left = 7000;
	assert_int_equal(link_wait(fds, 2, &left), ERR_SILENT);
	was_asked(7);
	left = 60000;
	assert_int_equal(write(b[1], "x", 1), 1);
	assert_int_equal(link_wait(fds, 2, &left), OK);
	assert_int_equal(fds[0].revents, 0);
	assert_true((fds[1].revents & POLLIN) != 0);
	assert_in_range(left, 59000, 60000);
	/* what is used up is used up, even if there is something now */
	left = 0;
	assert_int_equal(link_wait(fds, 2, &left), ERR_SILENT);
	left = 60000;
	fds[1].fd = -1;
	close(a[1]);
	assert_int_equal(link_wait(fds, 2, &left), OK);
	assert_true((fds[0].revents & POLLHUP) != 0);
	fds[0].fd = -1;
	leap = 61;
	assert_int_equal(link_wait(fds, 2, &left), ERR_SILENT);
	assert_int_equal(left, 0);
	leap = 0;
	left = 60000;
	assert_int_equal(link_wait(NULL, 1, &left), ERR_CHILD);
	close(a[0]);
	close(b[0]);
	close(b[1]);
}

/* ---- a reader that plays for time ---- */

/* Put into the pipe: ${n} signs of life, of which each tells of ${step} steps more; then that. */
static void
say_alive(int fd, size_t n, uint64_t step, const struct report *then)
{
	struct report r = { .kind = REPORT_ALIVE };

	for (size_t i = 0; i < n; i++) {
		r.number += step;
		assert_int_equal(write(fd, &r, sizeof r), sizeof r);
	}
	assert_int_equal(write(fd, then, sizeof *then), sizeof *then);
}

static void
plays_for_time(void **state)
{
	static const struct {
		size_t signs;
		uint64_t step, steps;
		unsigned seconds;	/* between them */
		enum err want;
	} table[] = {
		{ 9, 0, 0, LIMIT_SILENCE - 1, OK },
		{ 11, 0, 0, LIMIT_SILENCE - 1, ERR_SILENT },	/* LIMIT_ANSWER is over */
		{ 600, 1, 600, 30, OK },
		{ 600, 1, 500, 30, ERR_SILENT },	/* of more than there are nobody wants to hear */
		{ 600, 1, 0, 30, ERR_SILENT },
		{ 600, 0, 600, 30, ERR_SILENT },
	};
	const struct report kept = { .kind = REPORT_KEPT, .number = 3 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct link l = { .bytes = 0 };
		struct report r;
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		l.crew.report = ends[0];
		say_alive(ends[1], table[i].signs, table[i].step, &kept);
		leap = table[i].seconds;
		if (link_report(&l, table[i].steps, &r) != table[i].want)
			fail_msg("case %zu", i);
		leap = 0;
		if (table[i].want == OK)
			assert_int_equal(r.number, 3);
		close(ends[0]);
		close(ends[1]);
	}
}

/* A word that is not finished is none. */
static void
half_a_word(void **state)
{
	struct link l = { .bytes = 0 };
	struct report r = { .kind = REPORT_KEPT };
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	l.crew.report = ends[0];
	assert_int_equal(write(ends[1], &r, 1), 1);
	assert_int_equal(link_report(&l, 0, &r), ERR_SILENT);
	was_asked(LIMIT_SILENCE);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(opens),
		T(opens_not),
		T(no_crew),
		T(lies),
		T(errors_that_are_none),
		T(kinds_that_are_none),
		T(any_byte),
		T(opening_cut),
		T(silent),
		T(sizes),
		T(reads),
		T(reads_on),
		T(dies),
		T(deaf),
		T(waits),
		T(plays_for_time),
		T(half_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
