/*
 * Tests of verify/home: whose directory it is, and one writer at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <time.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/home.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct scratch s;
static unsigned before;
static char path[256];

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	scratch_path(&s, "home", path);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

static void
set(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static void
defaults(void **state)
{
	static const struct {
		const char *ingest, *mkmedia, *data, *user;
		const char *want_ingest, *want_mkmedia;	/* NULL: ERR_HOME */
	} table[] = {
		{ NULL, NULL, NULL, NULL, "/var/lib/ingest", NULL },
		{ "", "", "", "", "/var/lib/ingest", NULL },
		{ "/i", "/m", "/d", "/u", "/i", "/m" },
		{ "i", "m", "/d", "/u", "i", "m" },
		{ NULL, NULL, "/d", "/u", "/var/lib/ingest", "/d/mkmedia" },
		{ NULL, NULL, "d", "/u", "/var/lib/ingest", "/u/.local/share/mkmedia" },
		{ NULL, NULL, NULL, "/u", "/var/lib/ingest", "/u/.local/share/mkmedia" },
		{ NULL, "", "", "u", "/var/lib/ingest", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char out[64];

		set("INGEST_HOME", table[i].ingest);
		set("MKMEDIA_HOME", table[i].mkmedia);
		set("XDG_DATA_HOME", table[i].data);
		set("HOME", table[i].user);
		assert_int_equal(home_default_ingest(out, sizeof out), OK);
		assert_string_equal(out, table[i].want_ingest);
		assert_int_equal(home_default_ingest(out, strlen(table[i].want_ingest)), ERR_HOME);
		assert_int_equal(home_default_mkmedia(out, sizeof out),
		    table[i].want_mkmedia == NULL ? ERR_HOME : OK);
		if (table[i].want_mkmedia == NULL)
			continue;
		assert_string_equal(out, table[i].want_mkmedia);
		assert_int_equal(home_default_mkmedia(out, strlen(out)), ERR_HOME);
	}
}

static void
opens(void **state)
{
	static const struct {
		const char *made;
		enum err want;
	} table[] = {
		{ "true", ERR_HOME },
		{ "mkdir -m 700 home", OK },
		{ "mkdir -m 500 home", OK },
		{ "mkdir -m 755 home", ERR_HOME },
		{ "mkdir -m 750 home", ERR_HOME },
		{ "mkdir -m 701 home", ERR_HOME },
		{ "mkdir -m 710 home", ERR_HOME },
		{ "mkdir -m 704 home", ERR_HOME },
		{ "mkdir -m 720 home", ERR_HOME },
		{ "touch home", ERR_IO },
		{ "ln -s nowhere home", ERR_HOME },
	};
	char longest[1024 + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		struct home h;

		assert_int_equal(scratch_run(&s, table[i].made), 0);
		if (home_open(&h, path, &f) != table[i].want)
			fail_msg("%s: %s", table[i].made, f.at);
		if (table[i].want == OK) {
			assert_string_equal(h.path, path);
			assert_int_equal(fcntl(h.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
			assert_int_equal(h.lock, -1);
		} else {
			assert_int_equal(h.fd, -1);
			assert_non_null(strstr(f.at, path));	/* what to do is in it, too */
		}
		home_close(&h);
		home_close(&h);
		assert_int_equal(h.fd, -1);
		assert_int_equal(scratch_run(&s, "rm -rf home"), 0);
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(home_open(&(struct home){ .fd = -1 }, longest, NULL), ERR_HOME);
}

static void
opens_own_only(void **state)
{
	struct home h;

	(void)state;
	if (getuid() != 0) {
		print_message("SKIPPED: only root can give a directory away\n");
		skip();
	}
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
	assert_int_equal(home_open(&h, path, NULL), ERR_HOME);
	assert_int_equal(h.fd, -1);
}

static void
creates(void **state)
{
	static const struct {
		const char *made;
		enum err want;
	} table[] = {
		{ "true", OK },
		{ "mkdir -m 700 home", OK },
		/* a try that was not finished */
		{ "mkdir -m 700 home && mkdir home/keys && touch home/lock", OK },
		{ "mkdir -m 755 home", ERR_HOME },
		{ "mkdir -m 700 home && mkdir home/ledger", ERR_USAGE },
		{ "mkdir -m 700 home && touch home/ledger", ERR_USAGE },
		{ "mkdir -m 700 home && ln -s nowhere home/ledger", ERR_USAGE },
		{ "touch home", ERR_IO },
	};
	const mode_t mask = umask(0);
	struct home h;
	struct stat st;
	char deep[256];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };

		assert_int_equal(scratch_run(&s, table[i].made), 0);
		if (home_create(&h, path, &f) != table[i].want)
			fail_msg("%s: %s", table[i].made, f.at);
		assert_int_equal(h.fd != -1, table[i].want == OK);
		home_close(&h);
		assert_int_equal(scratch_run(&s, "rm -rf home"), 0);
	}
	assert_int_equal(home_create(&h, scratch_path(&s, "a/b/c", deep), NULL), OK);
	umask(mask);
	assert_int_equal(fstat(h.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	home_close(&h);
	assert_int_equal(stat(scratch_path(&s, "a/b", deep), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_not_equal(home_create(&h, "", NULL), OK);
	scratch_put(&s, "file", "", 0);
	assert_int_equal(home_create(&h, scratch_path(&s, "file/c", deep), NULL), ERR_IO);
}

static enum err
lock_again(struct fault *f)
{
	struct home h;
	enum err e = home_open(&h, path, f);

	if (e == OK)
		e = home_lock(&h, f);
	if (e == OK && h.lock == -1)
		e = ERR_CHILD;
	home_close(&h);
	return e;
}

static int
lock_in_child(void *arg)
{
	(void)arg;
	return (int)lock_again(NULL);
}

static double
now(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
one_writer(void **state)
{
	struct timespec pause = { 0, 400000000 };
	struct home h;
	double start;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(home_create(&h, path, NULL), OK);
	assert_int_not_equal(h.lock, -1);	/* it is locked from the start */
	home_unlock(&h);
	home_unlock(&h);
	assert_int_equal(process_run(lock_in_child, NULL), OK);

	/* who waits gets it when it is free */
	assert_int_equal(home_lock(&h, NULL), OK);
	start = now();
	fflush(NULL);
	if ((pid = fork()) == 0) {
		close(h.lock);	/* flock locks belong to whoever has the descriptor */
		_exit((int)lock_again(NULL));
	}
	nanosleep(&pause, NULL);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	home_close(&h);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(now() - start >= 0.4);
}

static void
busy_after_ten_seconds(void **state)
{
	struct fault f = { .at = "" };
	struct home h;
	double start;

	(void)state;
	assert_int_equal(home_create(&h, path, NULL), OK);
	start = now();
	assert_int_equal(lock_again(&f), ERR_BUSY);
	assert_true(now() - start >= 9.5 && now() - start < 20);
	assert_non_null(strstr(f.at, path));
	home_close(&h);
	assert_int_equal(lock_again(NULL), OK);
}

static void
lock_is_no_link(void **state)
{
	struct home h;

	(void)state;
	assert_int_equal(home_create(&h, path, NULL), OK);
	home_unlock(&h);
	assert_int_equal(scratch_run(&s, "rm home/lock; ln -s ../elsewhere home/lock"), 0);
	assert_int_not_equal(home_lock(&h, NULL), OK);
	assert_int_equal(h.lock, -1);
	assert_int_not_equal(scratch_run(&s, "test -e elsewhere"), 0);
	home_close(&h);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(defaults),
		T(opens),
		T(opens_own_only),
		T(creates),
		T(one_writer),
		T(busy_after_ten_seconds),
		T(lock_is_no_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
