/*
 * Tests of ingest/packages_rpm: how large a database may be, how much rpm may say of it, and how
 * long it may take for that.  What is read of databases that rpm made is in
 * tests/cli/37-passport.sh; here somebody else answers to its name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <sys/syscall.h>
#include <time.h>

#include "formats/limits.h"
#include "ingest/packages.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

#define PLACE "red/var/lib/rpm/"

/* ---- four gigabytes and two minutes are long ---- */

/* Nothing is copied. */
ssize_t copy_of_test(int in, off_t *at, int out, off_t *to, size_t n, unsigned flags)
    __asm__("copy_file_range");

ssize_t
copy_of_test(int in, off_t *at, int out, off_t *to, size_t n, unsigned flags)
{
	(void)in, (void)out, (void)to, (void)flags;
	*at += (off_t)n;
	return (ssize_t)n;
}

static unsigned silence;	/* seconds that are to go by before anybody says anything */
static time_t gone;		/* that went by */

int poll_of_test(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");
int poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room) __asm__("__poll_chk");
int clock_of_test(clockid_t clock, struct timespec *now) __asm__("clock_gettime");

int
poll_of_test(struct pollfd *fds, nfds_t n, int timeout)
{
	if (silence == 0)
		return (int)syscall(SYS_poll, fds, n, timeout);
	silence--;
	gone += timeout / 1000;
	return 0;
}

int
poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	return n * sizeof *fds > room ? -1 : poll_of_test(fds, n, timeout);
}

int
clock_of_test(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = 1000 + gone };
	return 0;
}

/* ---- the root, and what is called rpm ---- */

static struct scratch s;
static struct home home;
static unsigned before;

static int
setup(void **state)
{
	char path[256];

	(void)state;
	before = process_descriptors();
	s = scratch_new();
	assert_int_equal(scratch_run(&s, "mkdir -p home/scratch tools " PLACE
	    " && chmod 700 home"), 0);
	assert_int_equal(home_open(&home, scratch_path(&s, "home", path), NULL), OK);
	assert_int_equal(setenv("PATH", scratch_path(&s, "tools", path), 1), 0);
	silence = 0;
	gone = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1), 0);
	home_close(&home);
	scratch_end(&s);
	assert_int_equal(process_descriptors(), before);
	process_no_children();
	return 0;
}

static void
make(const char *file, uint64_t size)
{
	char path[256];
	int fd = open(scratch_path(&s, file, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

/* rpm runs this script. */
static void
rpm(const char *script)
{
	char text[512];
	int n = snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);

	make("tools/rpm", 0);
	scratch_put(&s, "tools/rpm", text, (size_t)n);
}

/* What is read of the root; of ${count} packages. */
static enum err
scan(size_t count)
{
	struct passport *p = passport_new();
	struct fault f = { .at = "" };
	struct root r;
	char path[256];
	bool found;
	enum err e;

	assert_non_null(p);
	assert_int_equal(root_open(&r, scratch_path(&s, "red", path), NULL), OK);
	e = packages_rpm(&r, "rhel", &home, p, &found, &f);
	assert_true(found);
	assert_int_equal(p->count, e == OK ? count : 0);
	root_close(&r);
	passport_free(p);
	return e;
}

#define HMI "printf 'hmi\\t\\t1.0\\t2\\tnoarch\\n'"

/* LIMIT_RPM_DATABASE of both files together, and a byte more. */
static void
largest(void **state)
{
	(void)state;
	rpm(HMI);
	make(PLACE "rpmdb.sqlite", LIMIT_RPM_DATABASE);
	assert_int_equal(scan(1), OK);
	make(PLACE "rpmdb.sqlite-wal", 1);
	assert_int_equal(scan(0), ERR_LIMIT);
	make(PLACE "rpmdb.sqlite", LIMIT_RPM_DATABASE - 1);
	assert_int_equal(scan(1), OK);
	make(PLACE "rpmdb.sqlite-wal", 0);
	make(PLACE "rpmdb.sqlite", LIMIT_RPM_DATABASE + 1);
	assert_int_equal(scan(0), ERR_LIMIT);
}

/* LIMIT_RPM_OUTPUT, all of it in the name of a key, which is no package; and a byte more. */
static void
longest(void **state)
{
	static const char key[] = "gpg-pubkey\\t\\t1\\t2\\t";
	char script[512];

	(void)state;
	make(PLACE "rpmdb.sqlite", 1);
	for (size_t past = 0; past < 2; past++) {
		/* four of the letters are those of tabs; the newline */
		const size_t rest = LIMIT_RPM_OUTPUT + past - (strlen(key) - 4) - 1;

		snprintf(script, sizeof script, "printf '%s'; head -c %zu /dev/zero | tr '\\0' x;"
		    " echo", key, rest);
		rpm(script);
		assert_int_equal(scan(0), past ? ERR_LIMIT : OK);
	}
}

/* LIMIT_RPM_SECONDS: whoever is silent as long as that is stopped. */
static void
slowest(void **state)
{
	(void)state;
	make(PLACE "rpmdb.sqlite", 1);
	rpm(HMI);
	silence = LIMIT_RPM_SECONDS - 1;
	assert_int_equal(scan(1), OK);
	assert_int_equal(gone, LIMIT_RPM_SECONDS - 1);
	gone = 0;
	rpm("exec sleep 600");
	silence = LIMIT_RPM_SECONDS;
	assert_int_equal(scan(0), ERR_PACKAGES_RPM);
	assert_int_equal(gone, LIMIT_RPM_SECONDS);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(largest), T(longest), T(slowest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
