/*
 * Tests of verify/sandbox: what a child can no longer do.  Each runs in a child; its exit status is
 * the number of the first thing that was not as it should be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "formats/limits.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#define MEMORY (UINT64_C(1) << 40)

#define CHECK(number, what) do {	\
	if (!(what))			\
		return number;		\
} while (0)

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static bool
both_limits(__rlimit_resource_t what, rlim_t want)
{
	struct rlimit r;

	return getrlimit(what, &r) == 0 && r.rlim_cur == want && r.rlim_max == want;
}

/* ${arg}: a pipe.  Its second end is kept, its first is not. */
static int
closes(void *arg)
{
	const int *ends = arg;
	int high = fcntl(ends[0], F_DUPFD, 900);

	CHECK(1, high >= 900);
	CHECK(2, sandbox_enter(&ends[1], 1, MEMORY, 0) == OK);
	CHECK(3, !is_open(ends[0]));
	CHECK(4, !is_open(high));
	CHECK(5, !is_open(STDIN_FILENO));
	CHECK(6, !is_open(STDOUT_FILENO));
#ifdef SANITIZED
	CHECK(7, is_open(STDERR_FILENO));
#else
	CHECK(7, !is_open(STDERR_FILENO));
#endif
	CHECK(8, is_open(ends[1]));
	CHECK(9, write(ends[1], "x", 1) == 1);
	for (int fd = 3; fd < 1024; fd++)
		CHECK(10, fd == ends[1] || !is_open(fd));
	return 0;
}

static int
opens_nothing(void *arg)
{
	const int *ends = arg;
	int more[2];

	CHECK(1, sandbox_enter(&ends[1], 1, MEMORY, 0) == OK);
	CHECK(2, open("/dev/null", O_RDONLY) == -1);
	CHECK(3, open("/tmp", O_RDWR | O_TMPFILE, 0600) == -1);
	CHECK(4, socket(AF_INET, SOCK_STREAM, 0) == -1);
	CHECK(5, pipe(more) == -1);
	CHECK(6, dup(ends[1]) == -1);
	CHECK(7, memfd_create("x", 0) == -1);
	/* nor may it take that back */
	CHECK(8, both_limits(RLIMIT_NOFILE, 0));
	CHECK(9, both_limits(RLIMIT_CORE, 0));
	CHECK(10, both_limits(RLIMIT_FSIZE, 0));
	return 0;
}

static int
writes_no_file(void *arg)
{
	const int *fd = arg;

	signal(SIGXFSZ, SIG_IGN);
	CHECK(1, sandbox_enter(fd, 1, MEMORY, 0) == OK);
	CHECK(2, write(*fd, "x", 1) == -1 && errno == EFBIG);
	return 0;
}

static int
has_no_privileges(void *arg)
{
	int signal_number = 0;

	(void)arg;
	CHECK(1, sandbox_enter(NULL, 0, MEMORY, 0) == OK);
	CHECK(2, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(3, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	CHECK(4, prctl(PR_GET_PDEATHSIG, &signal_number, 0, 0, 0) == 0);
	CHECK(5, signal_number == SIGKILL);
	return 0;
}

/* Descriptors out of order, twice, and standard error among them; then more than there may be. */
static int
keeps(void *arg)
{
	const int *ends = arg;
	const int some[] = { ends[1], STDERR_FILENO, ends[0], ends[1], STDIN_FILENO };
	const int many[17] = { 0 };

	CHECK(1, sandbox_enter(many, 17, MEMORY, 0) == ERR_CHILD);
	CHECK(2, is_open(ends[0]));
	CHECK(3, sandbox_enter(some, 5, MEMORY, 0) == OK);
	CHECK(4, is_open(ends[0]) && is_open(ends[1]) && is_open(STDERR_FILENO));
	CHECK(5, is_open(STDIN_FILENO));
	CHECK(6, !is_open(STDOUT_FILENO));
	return 0;
}

static void
from_the_inside(void **state)
{
	int ends[2], file;
	char byte;
	struct scratch s = scratch_new();
	char path[256];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(process_run(closes, ends), 0);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(process_run(opens_nothing, ends), 0);
	assert_int_equal(process_run(has_no_privileges, NULL), 0);
	assert_int_equal(process_run(keeps, ends), 0);
	file = open(scratch_path(&s, "file", path), O_RDWR | O_CREAT, 0600);
	assert_int_equal(process_run(writes_no_file, &file), 0);
	close(file);
	close(ends[0]);
	close(ends[1]);
	scratch_end(&s);
}

#ifndef SANITIZED	/* the sanitizers need all addresses */
static int
has_little_memory(void *arg)
{
	void *p;

	(void)arg;
	CHECK(1, sandbox_enter(NULL, 0, 256 * MIB, 0) == OK);
	CHECK(2, both_limits(RLIMIT_AS, (rlim_t)(256 * MIB)));
	p = mmap(NULL, (size_t)(16 * MIB), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(3, p != MAP_FAILED);
	CHECK(4, mmap(NULL, (size_t)(256 * MIB), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	    MAP_FAILED);
	return 0;
}

static void
memory(void **state)
{
	(void)state;
	assert_int_equal(process_run(has_little_memory, NULL), 0);
}
#endif

/* The child in the sandbox waits for ever; its parent goes away. */
static int
parent_of_sandboxed(void *arg)
{
	const int *ends = arg;
	pid_t child = fork();

	if (child == 0) {
		if (sandbox_enter(&ends[1], 1, MEMORY, 0) != OK || write(ends[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	return child == -1 ? 1 : 0;
}

static int
parent_that_waits(void *arg)
{
	const int *ends = arg;
	char byte;

	if (parent_of_sandboxed(arg) != 0)
		return 1;
	close(ends[1]);
	return read(ends[0], &byte, 1) == 1 ? 0 : 2;	/* now it is in its sandbox */
}

static void
dies_with_its_parent(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(process_run(parent_that_waits, ends), 0);
	close(ends[1]);
	alarm(20);
	assert_int_equal(read(ends[0], &byte, 1), 0);	/* the last who had the other end is dead */
	alarm(0);
	close(ends[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_inside),
#ifndef SANITIZED
		cmocka_unit_test(memory),
#endif
		cmocka_unit_test(dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
