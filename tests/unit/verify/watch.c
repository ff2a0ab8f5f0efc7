/*
 * Tests of verify/watch: media that come, go, change and hang.  The test is what happens while the
 * station sleeps; time and a device that hangs are the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/watch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct scratch s;
static const char *const path = "medium";
static bool hangs;		/* whoever opens something waits for ever */
static int patience;		/* milliseconds that were to be waited */

/* ---- in place of the C library's ---- */

int open_of_test(const char *name, int flags, ...) __asm__("open64");
int poll_of_test(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");
int poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room) __asm__("__poll_chk");
unsigned sleep_of_test(unsigned seconds) __asm__("sleep");

int
open_of_test(const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	while (hangs && strcmp(name, path) == 0)
		pause();
	return (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

int
poll_of_test(struct pollfd *fds, nfds_t n, int timeout)
{
	patience = timeout;
	return (int)syscall(SYS_poll, fds, n, hangs ? 300 : timeout);
}

int
poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	return n * sizeof *fds > room ? -1 : poll_of_test(fds, n, timeout);
}

/* ---- one look ---- */

static int
setup(void **state)
{
	(void)state;
	s = scratch_new();
	hangs = false;
	return chdir(s.dir);
}

static int
teardown(void **state)
{
	(void)state;
	process_no_children();
	scratch_end(&s);
	return chdir("/");
}

static uint64_t
look(void)
{
	const unsigned before = process_descriptors();
	uint64_t n = watch_look(path, 10);

	assert_int_equal(patience, 10000);
	assert_int_equal(process_descriptors(), before);
	return n;
}

static void
looks(void **state)
{
	static const char *const nothing[] = {
		":", ": >medium", "ln -s nowhere medium", "mkfifo medium", "ln -s medium medium",
		"ln -s /dev/null medium",
	};
	uint64_t first, second;

	(void)state;
	for (size_t i = 0; i < COUNT(nothing); i++) {
		assert_int_equal(scratch_run(&s, nothing[i]), 0);
		if (look() != 0)
			fail_msg("something is there: %s", nothing[i]);
		assert_int_equal(scratch_run(&s, "rm -f medium"), 0);
	}
	scratch_put(&s, "medium", "x", 1);
	first = look();
	assert_true(first != 0 && first != WATCH_HANGS);
	assert_true(look() == first);
	/* another file of the same size under the same name, written at the same time */
	assert_int_equal(scratch_run(&s, "echo >other && truncate -s 1 other && "
	    "touch -r medium other && mv other medium"), 0);
	second = look();
	assert_true(second != first && second != 0);
	/* the same one, written anew */
	assert_int_equal(scratch_run(&s, "touch -d 2026-01-01 medium"), 0);
	assert_true(look() != second);
	/* by another name */
	first = look();
	assert_int_equal(scratch_run(&s, "mv medium image && ln -s image medium"), 0);
	assert_true(look() == first);
}

static void
does_not_answer(void **state)
{
	(void)state;
	scratch_put(&s, "medium", "x", 1);
	hangs = true;
	assert_true(look() == WATCH_HANGS);
	hangs = false;
	assert_true(look() != WATCH_HANGS);
}

static int
look_without_descriptors(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = dup(0)) != -1)
		;
	return watch_look(path, 10) == 0 ? 0 : 1;
}

static void
own_failure(void **state)
{
	(void)state;
	scratch_put(&s, "medium", "x", 1);
	assert_int_equal(process_run(look_without_descriptors, NULL), 0);
}

/* ---- the station ---- */

static const char *const *script;	/* what happens in one second after the other */
static unsigned now, judged[8], count;

unsigned
sleep_of_test(unsigned seconds)
{
	const char *line = script[now++];

	assert_int_equal(seconds, 1);
	assert_non_null(line);		/* it was to end by itself */
	hangs = strcmp(line, "hang") == 0;
	if (!hangs)
		assert_int_equal(scratch_run(&s, line), 0);
	return 0;
}

/* Ends with the fifth. */
static int
each(void *arg)
{
	assert_string_equal(arg, "argument");
	assert_in_range(count, 0, COUNT(judged) - 1);
	judged[count++] = now;
	return count == 5 ? -7 : 14;	/* a verdict ends nothing */
}

static void
station(void **state)
{
	static const char *const lines[] = {
		":",			/* nothing yet */
		"echo A >medium",
		":",			/* it stays: judged now, after the third */
		":",			/* and not again */
		"rm medium",
		":",
		":",
		"echo B >medium",
		"echo C >new && mv new medium",	/* before B was looked at twice */
		":",			/* the tenth */
		"echo D >new && mv new medium",
		":",			/* the twelfth */
		"hang",
		"hang",
		"hang",
		":",			/* back again, */
		":",			/* and stays: the seventeenth */
		"rm medium",		/* a moment only */
		"echo E >medium",
		":",			/* the twentieth */
		NULL,
	};
	static const unsigned want[] = { 3, 10, 12, 17, 20 };
	static const char said[] =
	    "  Waiting for a medium in medium (Ctrl-C ends).\n"
	    "  The medium in medium can be taken out now.\n"
	    "  Waiting for the next medium in medium.\n"
	    "  The medium in medium can be taken out now.\n"
	    "  The medium in medium can be taken out now.\n"
	    "  medium does not answer. Pull it out; try another port or drive.\n"
	    "  The medium in medium can be taken out now.\n";
	char got[4096], file[256];
	int saved = dup(STDERR_FILENO), rc;
	FILE *f;

	(void)state;
	script = lines;
	now = count = 0;
	fflush(NULL);
	f = freopen(scratch_path(&s, "said", file), "w", stderr);
	assert_non_null(f);
	rc = watch_run(path, each, (char[]){ "argument" });
	fflush(stderr);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	assert_int_equal(rc, -7);
	assert_int_equal(count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++)
		assert_int_equal(judged[i], want[i]);
	scratch_get(&s, "said", got, sizeof got);
	assert_string_equal(got, said);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(looks),
		T(does_not_answer),
		T(own_failure),
		T(station),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
