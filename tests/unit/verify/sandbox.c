/*
 * Tests of verify/sandbox: what a child can no longer do.  Each runs in a child; its exit status is
 * the number of the first thing that was not as it should be.  Inside, only the calls of its role
 * are left: whether a descriptor is open is found out by closing it; the rest is seen from outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "formats/limits.h"
#include "formats/sanitized.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/sandbox.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define MEMORY (UINT64_C(1) << 40)
#define KILLED 200	/* as an exit status: the kernel ended it for a call that it may not make */

#define CHECK(number, what) do {	\
	if (!(what))			\
		return number;		\
} while (0)

static const enum filter_role roles[] = { FILTER_READER, FILTER_PARSER, FILTER_PROBE };

static enum err
enter(enum filter_role role, uint64_t file, int keep)
{
	const struct sandbox s = { .role = role, .memory = MEMORY, .processor = 60,
	    .file = file, .count = 3, .keep = { -1, keep, -1 } };

	return sandbox_enter(&s);
}

/* ---- descriptors ---- */

static bool
was_open(int fd)
{
	return close(fd) == 0;
}

/* ${arg}: a pipe.  Its second end is kept, its first is not. */
static int
closes(void *arg)
{
	const int *ends = arg;
	int high = fcntl(ends[0], F_DUPFD, 900);

	CHECK(1, high >= 900);
	CHECK(2, enter(FILTER_READER, 0, ends[1]) == OK);
	CHECK(3, !was_open(ends[0]));
	CHECK(4, !was_open(high));
	CHECK(5, !was_open(STDIN_FILENO));
	CHECK(6, !was_open(STDOUT_FILENO));
#if !SANITIZED
	CHECK(7, !was_open(STDERR_FILENO));
#endif
	CHECK(8, write(ends[1], "x", 1) == 1);
	for (int fd = 3; fd < 1024; fd++)
		CHECK(9, fd == ends[1] || !was_open(fd));
	CHECK(10, was_open(ends[1]));
	return 0;
}

/* Descriptors out of order, twice, none at all, and standard error among them. */
static int
keeps(void *arg)
{
	const int *ends = arg;
	const struct sandbox s = { .role = FILTER_READER, .memory = MEMORY,
	    .processor = 60, .count = 8, .keep = {
	    ends[1], -1, STDERR_FILENO, ends[0], -1, ends[1], STDIN_FILENO, ends[0] } };

	CHECK(1, sandbox_enter(&s) == OK);
	CHECK(2, was_open(ends[0]) && was_open(ends[1]));
	CHECK(3, was_open(STDIN_FILENO));
	CHECK(4, was_open(STDERR_FILENO));
	CHECK(5, !was_open(STDOUT_FILENO));
	return 0;
}

/* More than there may be: then nothing was closed, and the child must exit. */
static int
keeps_too_many(void *arg)
{
	const struct sandbox s = { .role = FILTER_READER, .memory = MEMORY,
	    .processor = 60, .count = 9 };

	(void)arg;
	CHECK(1, sandbox_enter(&s) == ERR_SANDBOX);
	CHECK(2, was_open(STDIN_FILENO));
	return 0;
}

static void
descriptors(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(process_run(closes, ends), 0);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(process_run(keeps, ends), 0);
	assert_int_equal(process_run(keeps_too_many, NULL), 0);
	close(ends[0]);
	close(ends[1]);
}

/* ---- files ---- */

static int
writes_no_file(void *arg)
{
	const int *fd = arg;

	signal(SIGXFSZ, SIG_IGN);
	CHECK(1, enter(FILTER_READER, 0, *fd) == OK);
	CHECK(2, write(*fd, "x", 1) == -1 && errno == EFBIG);
	CHECK(3, pwrite(*fd, "x", 1, 0) == -1 && errno == EFBIG);
	return 0;
}

static int
writes_some(void *arg)
{
	const int *fd = arg;

	signal(SIGXFSZ, SIG_IGN);
	CHECK(1, enter(FILTER_READER, 100, *fd) == OK);
	CHECK(2, pwrite(*fd, "12345", 5, 95) == 5);
	CHECK(3, pwrite(*fd, "x", 1, 100) == -1 && errno == EFBIG);
	CHECK(4, pwrite(*fd, "12", 2, 99) == 1);
	return 0;
}

/* Who may write little is not kept from reading: the lower limit stays. */
static int
has_a_lower_limit(void *arg)
{
	const struct rlimit lower = { 50, 50 };
	const int *fd = arg;

	signal(SIGXFSZ, SIG_IGN);
	CHECK(1, setrlimit(RLIMIT_FSIZE, &lower) == 0);
	CHECK(2, enter(FILTER_READER, 100, *fd) == OK);
	CHECK(3, pwrite(*fd, "x", 1, 49) == 1);
	CHECK(4, pwrite(*fd, "x", 1, 50) == -1 && errno == EFBIG);
	return 0;
}

static void
in_file(int (*fn)(void *arg))
{
	struct scratch s = scratch_new();
	char path[256];
	int file = open(scratch_path(&s, "file", path), O_RDWR | O_CREAT, 0600);

	assert_int_not_equal(file, -1);
	assert_int_equal(process_run(fn, &file), 0);
	close(file);
	scratch_end(&s);
}

static void
files(void **state)
{
	(void)state;
	in_file(writes_no_file);
	in_file(writes_some);
}

static void
lower_limits(void **state)
{
	(void)state;
	in_file(has_a_lower_limit);
}

/* ---- calls ---- */

#if !SANITIZED	/* the sanitizers make calls of their own */

struct attempt {
	enum filter_role role;
	int (*call)(int fd);
};

static int do_open(int fd) { (void)fd; return open("/dev/null", O_RDONLY); }
static int do_socket(int fd) { (void)fd; return socket(AF_INET, SOCK_STREAM, 0); }
static int do_exec(int fd) { (void)fd; return execl("/bin/true", "true", (char *)NULL); }
static int do_fork(int fd) { (void)fd; return fork(); }
static int do_kill(int fd) { (void)fd; return kill(getppid(), 0); }
static int do_ioctl(int fd) { int n; return ioctl(fd, FIONREAD, &n); }
static int do_dup(int fd) { return dup(fd); }
static int do_memfd(int fd) { (void)fd; return memfd_create("x", 0); }
static int do_unlink(int fd) { (void)fd; return unlink("/nowhere/at/all"); }
static int do_chmod(int fd) { return fchmod(fd, 0777); }
static int do_truncate(int fd) { return ftruncate(fd, 0); }
static int do_prctl(int fd) { (void)fd; return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static int do_limit(int fd) { (void)fd; return getrlimit(RLIMIT_AS, &(struct rlimit){ 0, 0 }); }
static int do_user(int fd) { (void)fd; return (int)syscall(SYS_setuid, 0); }
static int do_ptrace(int fd) { (void)fd; return (int)syscall(SYS_ptrace, 16, getppid(), 0, 0); }
static int do_bpf(int fd) { (void)fd; return (int)syscall(SYS_bpf, 0, NULL, 0); }
static int do_uring(int fd) { (void)fd; return (int)syscall(SYS_io_uring_setup, 1, NULL); }

static int
map_page(int protection)
{
	return mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int do_map_exec(int fd) { (void)fd; return map_page(PROT_READ | PROT_EXEC); }

static int
do_protect_exec(int fd)
{
	static char page[8192];

	(void)fd;
	return mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096,
	    PROT_READ | PROT_EXEC);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
do_thread(int fd)
{
	pthread_t t;

	(void)fd;
	return pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0;
}

static int do_pread(int fd) { char c; return pread(fd, &c, 1, 0) == 1 ? 0 : 1; }
static int do_pwrite(int fd) { return pwrite(fd, "x", 1, 0) == 1 ? 0 : 1; }
static int do_map(int fd) { (void)fd; return map_page(PROT_READ | PROT_WRITE); }
static int do_read(int fd) { char c; return read(fd, &c, 1) == 1 ? 0 : 1; }

static int fd_of_attempt;

static int
try_call(void *arg)
{
	const struct attempt *a = arg;

	if (enter(a->role, 1000, fd_of_attempt) != OK)
		return 100;
	return a->call(fd_of_attempt) == 0 ? 0 : 101;
}

/* The exit status of a child that makes the call in its sandbox; KILLED if it did not survive. */
static int
attempt(enum filter_role role, int (*call)(int fd))
{
	struct attempt a = { role, call };
	const int status = process_end(try_call, &a);

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
calls(void **state)
{
	static int (*const never[])(int) = { do_open, do_socket, do_exec, do_fork, do_kill,
		do_ioctl, do_dup, do_memfd, do_unlink, do_chmod, do_truncate, do_prctl, do_limit,
		do_user, do_ptrace, do_bpf, do_uring, do_map_exec, do_protect_exec };
	static const struct { int (*call)(int); int want[3]; } some[] = {
		{ do_read, { 0, 0, 0 } },
		{ do_map, { 0, 0, 0 } },
		{ do_pread, { 0, KILLED, 0 } },
		{ do_pwrite, { 0, KILLED, KILLED } },
		{ do_thread, { 0, KILLED, KILLED } },
	};
	struct scratch s = scratch_new();
	char path[256];

	(void)state;
	scratch_put(&s, "file", "contents", 8);
	for (size_t r = 0; r < COUNT(roles); r++) {
		fd_of_attempt = open(scratch_path(&s, "file", path), O_RDWR);
		assert_int_not_equal(fd_of_attempt, -1);
		for (size_t i = 0; i < COUNT(never); i++)
			if (attempt(roles[r], never[i]) != KILLED)
				fail_msg("role %zu may make call %zu", r, i);
		for (size_t i = 0; i < COUNT(some); i++) {
			int got;

			assert_int_equal(lseek(fd_of_attempt, 0, SEEK_SET), 0);
			if ((got = attempt(roles[r], some[i].call)) != some[i].want[r])
				fail_msg("role %zu, call %zu: %d", r, i, got);
		}
		close(fd_of_attempt);
	}
	scratch_end(&s);
}

/* What LIMIT_READER_MEMORY, LIMIT_PARSER_MEMORY and LIMIT_PROBE_MEMORY are set for. */
static int
has_little_memory(void *arg)
{
	const struct sandbox s = { .role = FILTER_PARSER, .memory = 256 * MIB,
	    .processor = 60 };

	(void)arg;
	CHECK(1, sandbox_enter(&s) == OK);
	CHECK(2, mmap(NULL, (size_t)(16 * MIB), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	    MAP_FAILED);
	CHECK(3, mmap(NULL, (size_t)(256 * MIB), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
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

/* ---- processor time: what LIMIT_READER_TIME and LIMIT_PARSER_TIME are set for ---- */

static int
never_ends(void *arg)
{
	const struct sandbox s = { .role = FILTER_PARSER, .memory = MEMORY, .processor = 1 };
	volatile unsigned long n = 0;

	(void)arg;
	CHECK(1, sandbox_enter(&s) == OK);
	for (;;)
		n++;
}

static void
processor_time(void **state)
{
	int status;

	(void)state;
	status = process_end(never_ends, NULL);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* ---- seen from outside ---- */

static void
in_proc(const struct scratch *s, pid_t pid, const char *file, const char *pattern)
{
	char line[256];

	snprintf(line, sizeof line, "grep -Eq '%s' /proc/%d/%s", pattern, (int)pid, file);
	if (scratch_run(s, line) != 0)
		fail_msg("/proc/PID/%s has no %s", file, pattern);
}

/* Who it is, what it may, and that it cannot take that back. */
static void
from_outside(void **state)
{
	struct scratch s = scratch_new();
	int ready[2], wait[2], status;
	char byte, text[128];
	struct stat st;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < COUNT(roles); i++) {
		assert_int_equal(pipe(ready), 0);
		assert_int_equal(pipe(wait), 0);
		fflush(NULL);
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0) {
			const struct sandbox box = { .role = roles[i], .memory = 4096 * MIB,
			    .processor = 77, .file = 12345, .count = 2, .keep = { ready[1], wait[0] } };

			if (sandbox_enter(&box) != OK || write(ready[1], "x", 1) != 1)
				_exit(1);
			_exit(read(wait[0], &byte, 1) == 1 ? 0 : 2);
		}
		close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		in_proc(&s, pid, "limits", "^Max core file size +0 +0 ");
		in_proc(&s, pid, "limits", "^Max open files +0 +0 ");
		in_proc(&s, pid, "limits", "^Max file size +12345 +12345 ");
		in_proc(&s, pid, "limits", "^Max cpu time +77 +77 ");
		in_proc(&s, pid, "status", "^NoNewPrivs:\t1$");
		in_proc(&s, pid, "status", "^CapInh:\t0+$");
		in_proc(&s, pid, "status", "^CapPrm:\t0+$");
		in_proc(&s, pid, "status", "^CapEff:\t0+$");
		if (geteuid() == 0 && scratch_run(&s, "grep -q 4294967295 /proc/self/uid_map") == 0) {
			const int id = 60800 + (int)roles[i];	/* each role its own */

			snprintf(text, sizeof text, "^Uid:(\t%d){4}$", id);
			in_proc(&s, pid, "status", text);
			snprintf(text, sizeof text, "^Gid:(\t%d){4}$", id);
			in_proc(&s, pid, "status", text);
			in_proc(&s, pid, "status", "^Groups:[ \t]*$");
		}
#if !SANITIZED
		in_proc(&s, pid, "limits", "^Max address space +4294967296 +4294967296 ");
		in_proc(&s, pid, "status", "^Seccomp:\t2$");
#endif
		/* not dumpable: nobody but root may look into it */
		snprintf(text, sizeof text, "/proc/%d/mem", (int)pid);
		assert_int_equal(stat(text, &st), 0);
		assert_true(st.st_uid == 0 || st.st_uid == 65534);	/* in a user namespace */
		assert_int_equal(write(wait[1], "x", 1), 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		close(ready[0]);
		close(wait[0]);
		close(wait[1]);
	}
	scratch_end(&s);
}

/* ---- the parent ---- */

struct pipes {
	int ready[2];
	int never[2];	/* nobody writes to it */
};

/* The child in the sandbox waits for ever; its parent goes away when it is there. */
static int
parent_that_leaves(void *arg)
{
	const struct pipes *p = arg;
	pid_t child = fork();
	char byte;

	if (child == 0) {
		const struct sandbox s = { .role = FILTER_READER, .memory = MEMORY,
		    .processor = 60, .count = 2, .keep = { p->ready[1], p->never[0] } };

		if (sandbox_enter(&s) != OK || write(p->ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)!read(p->never[0], &byte, 1);
	}
	if (child == -1)
		return 1;
	close(p->ready[1]);
	if (poll(&(struct pollfd){ .fd = p->ready[0], .events = POLLIN }, 1, 20000) != 1 ||
	    read(p->ready[0], &byte, 1) != 1)
		return 2;
	/* it lives on as long as we do */
	return poll(&(struct pollfd){ .fd = p->ready[0], .events = POLLIN }, 1, 200) == 0 ? 0 : 3;
}

static void
dies_with_its_parent(void **state)
{
	struct pipes p;
	char byte;

	(void)state;
	assert_int_equal(pipe(p.ready), 0);
	assert_int_equal(pipe(p.never), 0);
	assert_int_equal(process_run(parent_that_leaves, &p), 0);
	close(p.ready[1]);
	alarm(20);
	assert_int_equal(read(p.ready[0], &byte, 1), 0);	/* whoever had the other end is dead */
	alarm(0);
	close(p.ready[0]);
	close(p.never[0]);
	close(p.never[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(files),
		cmocka_unit_test(lower_limits),
#if !SANITIZED
		cmocka_unit_test(calls),
		cmocka_unit_test(memory),
#endif
		cmocka_unit_test(processor_time),
		cmocka_unit_test(from_outside),
		cmocka_unit_test(dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
