/*
 * Tests of verify/filter: what is left of paths and calls; whole sandboxes are tested with
 * verify/sandbox.  Each runs in a child; its exit status is the number of the first thing that was
 * not as it should be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

#include "formats/limits.h"
#include "formats/sanitized.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/filter.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define KILLED 200	/* as an exit status: ended for a call that it may not make */
#define NOT_TOLD 100	/* the kernel's own answer */

#define CHECK(number, what) do {	\
	if (!(what))			\
		return number;		\
} while (0)

static struct scratch s;

/* ---- a kernel that offers something else ---- */

static int offers = NOT_TOLD;	/* which ABI of Landlock */

/* It reads six arguments, however many there are. */
long syscall_of_test(long number, ...) __asm__("syscall") __attribute__((no_sanitize_address));

long
syscall_of_test(long number, ...)
{
	union { void *object; long (*function)(long, ...); } real;
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < COUNT(a); i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	/* landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) */
	if (offers != NOT_TOLD && number == SYS_landlock_create_ruleset && a[0] == 0) {
		if (offers == -1)
			errno = EOPNOTSUPP;
		return offers;
	}
	real.object = dlsym(RTLD_NEXT, "syscall");
	return real.function(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* What this kernel really offers. */
static int
abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static int
make_scratch(void **state)
{
	(void)state;
	s = scratch_new();
	return scratch_run(&s, "mkdir directory && echo x >file && chmod -R a+rwX .");
}

static int
end_scratch(void **state)
{
	(void)state;
	scratch_end(&s);
	return 0;
}

#define NEED_LANDLOCK() do {						\
	if (abi() < 2) {						\
		print_message("SKIPPED: this kernel has no Landlock\n"); \
		skip();							\
	}								\
} while (0)

/* ---- paths ---- */

static bool
refused(long rc)
{
	return rc == -1 && errno == EACCES;
}

/* Opened before: that stays; but no way leads from it to anywhere else. */
static int
reaches_nothing(void *arg)
{
	const int file = open("file", O_RDWR | O_CLOEXEC);
	const int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int path_only = open("file", O_PATH | O_CLOEXEC);
	char name[64], byte;

	(void)arg;
	CHECK(1, file != -1 && directory != -1 && path_only != -1);
	snprintf(name, sizeof name, "/proc/self/fd/%d", file);
	CHECK(2, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(3, filter_paths() == OK);
	CHECK(10, refused(open("/etc/passwd", O_RDONLY)));
	CHECK(11, refused(open("file", O_RDONLY)));
	CHECK(12, refused(open("file", O_WRONLY)));
	CHECK(13, refused(open("/dev/null", O_RDWR)));
	CHECK(14, refused(open(".", O_RDONLY | O_DIRECTORY)));
	CHECK(15, refused(open("new", O_WRONLY | O_CREAT, 0600)));
	CHECK(16, refused(open(".", O_RDWR | O_TMPFILE, 0600)));
	CHECK(17, refused(openat(directory, "file", O_RDONLY)));
	CHECK(18, refused(open(name, O_RDONLY)));
	CHECK(19, refused(openat(path_only, "", O_RDONLY)) || errno == ENOENT);
	CHECK(20, refused(mkdir("new", 0700)));
	CHECK(21, refused(mkdirat(directory, "new", 0700)));
	CHECK(22, refused(rmdir("directory")));
	CHECK(23, refused(unlink("file")));
	CHECK(24, refused(symlink("file", "new")));
	CHECK(25, refused(link("file", "new")));
	CHECK(26, refused(link("file", "directory/new")) || errno == EXDEV);
	CHECK(27, refused(rename("file", "new")));
	CHECK(28, refused(rename("file", "directory/file")) || errno == EXDEV);
	CHECK(29, refused(mkfifo("new", 0600)));
	CHECK(30, refused(execl("/bin/true", "true", (char *)NULL)));
	CHECK(31, refused(execl("file", "file", (char *)NULL)));
	if (abi() >= 3)
		CHECK(32, refused(truncate("file", 0)));
	/* what was opened before */
	CHECK(40, pread(file, &byte, 1, 0) == 1 && byte == 'x');
	CHECK(41, pwrite(file, "x", 1, 0) == 1);
	CHECK(42, lseek(file, 0, SEEK_END) == 2);
	return 0;
}

/* Nor anybody else: neither by the network nor by a socket without a path, nor by a signal. */
static int
reaches_nobody(void *arg)
{
	const int *listening = arg;
	const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof address;
	const struct sockaddr any = { .sa_family = AF_INET };
	struct sockaddr to = { .sa_family = AF_INET };

	to.sa_data[1] = 9;			/* discard, */
	memcpy(to.sa_data + 2, "\177\0\0\1", 4);	/* here */
	CHECK(1, tcp != -1 && local != -1);
	CHECK(2, getsockname(*listening, (struct sockaddr *)&address, &len) == 0);
	CHECK(3, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(4, filter_paths() == OK);
	if (abi() >= 4) {
		CHECK(10, refused(connect(tcp, &to, sizeof to)));
		CHECK(11, refused(bind(tcp, &any, sizeof any)));
	}
	if (abi() >= 6) {
		CHECK(12, connect(local, (struct sockaddr *)&address, len) == -1 && errno == EPERM);
		CHECK(13, kill(getppid(), 0) == -1 && errno == EPERM);
	}
	CHECK(14, kill(getpid(), 0) == 0);
	return 0;
}

static int
in_scratch(int (*fn)(void *arg), void *arg)
{
	char here[4096];
	int rc;

	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(s.dir), 0);
	rc = process_run(fn, arg);
	assert_int_equal(chdir(here), 0);
	return rc;
}

static void
paths(void **state)
{
	const struct sockaddr_un none = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	NEED_LANDLOCK();
	assert_int_equal(in_scratch(reaches_nothing, NULL), 0);
	/* autobind: an abstract name of the kernel's choice */
	assert_int_equal(bind(listening, (const struct sockaddr *)&none, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(in_scratch(reaches_nobody, &listening), 0);
	close(listening);
	print_message("Landlock: ABI %d\n", abi());
}

/* It is the same with every kernel that offers enough, as far as that goes. */
static int
with_offer(void *arg)
{
	const int *offer = arg;
	const unsigned before = process_descriptors();
	struct stat st;

	CHECK(1, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	offers = *offer;
	if (*offer < 2) {
		CHECK(2, filter_paths() == ERR_SANDBOX);
		CHECK(3, open("file", O_RDONLY | O_CLOEXEC) != -1);
		return 0;
	}
	CHECK(4, filter_paths() == OK);
	/* it leaves nothing open; looking needs /proc, so count what the next one would get */
	CHECK(5, fcntl(0, F_DUPFD, 0) <= (int)before + 1);
	CHECK(6, refused(open("file", O_RDONLY)));
	CHECK(7, refused(rename("file", "directory/file")) || errno == EXDEV);
	CHECK(8, stat("file", &st) == 0);	/* that it is there may be known */
	return 0;
}

static void
abis(void **state)
{
	static int offered[] = { -1, 0, 1, 2, 3, 4, 5, 6, 7, 99, INT32_MAX };
	int real;

	(void)state;
	NEED_LANDLOCK();
	real = abi();
	for (size_t i = 0; i < COUNT(offered); i++) {
		int rc;

		/* no kernel takes more than it offers */
		if (offered[i] > real && real < 6)
			continue;
		rc = in_scratch(with_offer, &offered[i]);
		if (rc != 0)
			fail_msg("ABI %d: %d", offered[i], rc);
	}
}

/* Who could gain privileges may not confine itself, and who has no descriptor cannot. */
static int
may_not(void *arg)
{
	const struct rlimit none = { 0, 0 };

	(void)arg;
	if (getuid() == 0)
		CHECK(1, setresuid(65534, 65534, 65534) == 0);
	CHECK(2, filter_paths() == ERR_SANDBOX);
	CHECK(3, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(4, setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK(5, filter_paths() == ERR_SANDBOX);
	return 0;
}

static void
cannot(void **state)
{
	(void)state;
	NEED_LANDLOCK();
	assert_int_equal(process_run(may_not, NULL), 0);
}

/* ---- writing ---- */

/* All can be read; written only beneath the directory, or nowhere, and to /dev/null. */
static int
writes(void *arg)
{
	const bool beneath = *(const bool *)arg;
	const int directory = open("directory", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(1, directory != -1);
	CHECK(2, filter_writes(beneath ? directory : -1, -1) == OK);
	CHECK(10, open("file", O_RDONLY) != -1 && open(".", O_RDONLY | O_DIRECTORY) != -1);
	CHECK(11, open("/dev/null", O_RDWR) != -1);
	CHECK(12, refused(open("file", O_WRONLY)));
	CHECK(13, refused(open("new", O_WRONLY | O_CREAT, 0600)));
	CHECK(14, refused(open(".", O_RDWR | O_TMPFILE, 0600)));
	CHECK(15, refused(mkdir("new", 0700)));
	CHECK(16, refused(unlink("file")));
	CHECK(17, refused(rename("file", "new")));
	CHECK(18, refused(rename("file", "directory/file")) || errno == EXDEV);
	CHECK(19, refused(symlink("file", "new")));
	if (!beneath) {
		CHECK(20, refused(open("directory/new", O_WRONLY | O_CREAT, 0600)));
		CHECK(21, refused(mkdir("directory/new", 0700)));
		return 0;
	}
	CHECK(22, open("directory/new", O_WRONLY | O_CREAT, 0600) != -1);
	CHECK(23, rename("directory/new", "directory/other") == 0);
	CHECK(24, unlink("directory/other") == 0);
	return 0;
}

/* Where most is written there is no more leave than beside it, and no less. */
static int
writes_often(void *arg)
{
	int directory, often;

	(void)arg;
	CHECK(1, mkdir("directory/often", 0700) == 0);
	directory = open("directory", O_PATH | O_DIRECTORY | O_CLOEXEC);
	often = open("directory/often", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(2, directory != -1 && often != -1);
	CHECK(3, filter_writes(directory, often) == OK);
	CHECK(4, refused(open("new", O_WRONLY | O_CREAT, 0600)));
	CHECK(5, openat(often, "new", O_WRONLY | O_CREAT, 0600) != -1);
	CHECK(6, mkdir("directory/often/deep", 0700) == 0);
	CHECK(7, mkdir("directory/beside", 0700) == 0);
	/* as a whole it is moved to its place, and no longer there it is where all is */
	CHECK(8, rename("directory/often", "directory/beside/place") == 0);
	CHECK(9, unlink("directory/beside/place/new") == 0);
	CHECK(10, mkdir("directory/often", 0700) == 0);
	CHECK(11, open("directory/often/again", O_WRONLY | O_CREAT, 0600) != -1);
	return 0;
}

static void
writing(void **state)
{
	bool beneath = true, nowhere = false;
	int old = 1;

	(void)state;
	NEED_LANDLOCK();
	assert_int_equal(in_scratch(writes, &beneath), 0);
	assert_int_equal(in_scratch(writes, &nowhere), 0);
	assert_int_equal(in_scratch(writes_often, NULL), 0);
	offers = old;
	assert_int_equal(filter_writes(-1, -1), ERR_SANDBOX);
	offers = NOT_TOLD;
}

/* ---- calls ---- */

#if !SANITIZED	/* under them nothing is filtered */

struct attempt {
	enum filter_role role;
	int (*call)(void);
};

/* A libseccomp that has no memory, and goes round in circles. */
static volatile bool circles;

int
seccomp_load(const scmp_filter_ctx c)
{
	union { void *object; int (*function)(scmp_filter_ctx); } real;

	while (circles)
		;
	real.object = dlsym(RTLD_NEXT, "seccomp_load");
	return real.function(c);
}

/* The test has no time for what takes seconds. */
int
setitimer(__itimer_which_t which, const struct itimerval *value, struct itimerval *old)
{
	struct itimerval t = *value;

	if (t.it_value.tv_sec == LIMIT_CONFINING)
		t.it_value = (struct timeval){ .tv_usec = 50000 };
	return (int)syscall(SYS_setitimer, which, &t, old);
}

static int
filtered(void *arg)
{
	const struct attempt *a = arg;

	signal(SIGSEGV, SIG_DFL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || filter_calls(a->role) != OK)
		return 100;
	return a->call();
}

static int
attempt(enum filter_role role, int (*call)(void))
{
	struct attempt a = { role, call };
	const int status = process_end(filtered, &a);

	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

/* The C library by itself: memory large and small, locks, time, random numbers. */
static int
lives(void)
{
	void *p[64], *large;
	struct timespec t;

	for (size_t i = 0; i < COUNT(p); i++)
		CHECK(1, (p[i] = malloc(i * 5000 + 1)) != NULL);
	for (size_t i = 0; i < COUNT(p); i++)
		CHECK(2, (p[i] = realloc(p[i], i * 9000 + 1)) != NULL);
	for (size_t i = 0; i < COUNT(p); i++)
		free(p[i]);
	CHECK(3, (large = malloc(64 << 20)) != NULL);
	free(large);
	CHECK(4, clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return 0;
}

/* The time for the filter is no time for what comes after it. */
static int
has_time(void)
{
	struct itimerval left, none = { .it_value = { 0, 0 } };

	CHECK(1, setitimer(ITIMER_PROF, &none, &left) == 0);
	CHECK(2, left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0);
	return 0;
}

static void *
allocates(void *arg)
{
	void *p = malloc(100000);	/* an arena of its own */

	free(p);
	return arg;
}

static int
hashes_beside(void)
{
	pthread_t t[2];

	for (size_t i = 0; i < COUNT(t); i++)
		CHECK(1, pthread_create(&t[i], NULL, allocates, NULL) == 0);
	for (size_t i = 0; i < COUNT(t); i++)
		CHECK(2, pthread_join(t[i], NULL) == 0);
	return 0;
}

static void *
opens(void *arg)
{
	(void)!open("/dev/null", O_RDONLY);
	return arg;
}

/* A thread cannot do more than its process, and takes it along. */
static int
opens_beside(void)
{
	pthread_t t;

	CHECK(1, pthread_create(&t, NULL, opens, NULL) == 0);
	CHECK(2, pthread_join(t, NULL) == 0);
	return 0;
}

static int
makes_process(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0) == -1;
}

static int
makes_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(1, p != MAP_FAILED);
	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

#ifdef __x86_64__
/* The calls of 32-bit programs and of the x32 ABI have other numbers for the same things. */
static int
asks_as_i386(void)
{
	long rc;

	__asm__ volatile("int $0x80" : "=a"(rc) : "a"(20L) : "memory");	/* getpid */
	return 0;
}

static int
asks_as_x32(void)
{
	syscall(0x40000000 | SYS_getpid);
	return 0;
}
#endif

static void
calls(void **state)
{
	static const enum filter_role roles[] = { FILTER_READER, FILTER_PARSER, FILTER_PROBE };

	(void)state;
	for (size_t i = 0; i < COUNT(roles); i++) {
		const enum filter_role r = roles[i];

		assert_int_equal(attempt(r, lives), 0);
		assert_int_equal(attempt(r, has_time), 0);
		assert_int_equal(attempt(r, hashes_beside), r == FILTER_READER ? 0 : KILLED);
		assert_int_equal(attempt(r, opens_beside), KILLED);
		assert_int_equal(attempt(r, makes_process), KILLED);
		assert_int_equal(attempt(r, makes_executable), KILLED);
#ifdef __x86_64__
		assert_int_equal(attempt(r, asks_as_i386), KILLED);
		assert_int_equal(attempt(r, asks_as_x32), KILLED);
#endif
	}
}

static void
filter_has_no_end(void **state)
{
	struct attempt a = { FILTER_PARSER, lives };
	int status;

	(void)state;
	circles = true;
	status = process_end(filtered, &a);
	circles = false;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPROF);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(abis),
		cmocka_unit_test(cannot),
		cmocka_unit_test(writing),
#if !SANITIZED
		cmocka_unit_test(calls),
		cmocka_unit_test(filter_has_no_end),
#endif
	};

	return cmocka_run_group_tests(tests, make_scratch, end_scratch);
}
