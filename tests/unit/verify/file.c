/*
 * Tests of verify/file: opened beneath a directory, replaced whole, removed without recursion.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "formats/limits.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/file.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct scratch s;
static int dir = -1;
static unsigned before;

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	dir = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_not_equal(dir, -1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(close(dir), 0);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

static bool
there(const char *path)
{
	return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
contents_are(const char *name, const char *want)
{
	char got[4096];

	scratch_get(&s, name, got, sizeof got);
	assert_string_equal(got, want);
}

static void
opens_beneath(void **state)
{
	static const struct {
		const char *path;
		int want;	/* errno; 0: it opens */
	} table[] = {
		{ "d/e/f", 0 },
		{ "./d/e/f", 0 },
		{ "d/../top", 0 },	/* does not leave the directory */
		{ "..", EXDEV },
		{ "../top", EXDEV },
		{ "d/../../top", EXDEV },
		{ "/etc/passwd", EXDEV },
		{ "to-file", ELOOP },
		{ "to-dir/f", ELOOP },
		{ "to-dir/../../top", ELOOP },
		{ "dangling", ELOOP },
		{ "absolute", ELOOP },
		{ "missing", ENOENT },
		{ "d/e/f/g", ENOTDIR },
		{ "", ENOENT },
	};

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir -p d/e && echo x >d/e/f && echo x >top && "
	    "ln -s top to-file && ln -s d/e to-dir && ln -s nowhere dangling && "
	    "ln -s /etc/passwd absolute"), 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		int fd;

		errno = 0;
		fd = file_open(dir, table[i].path, O_RDONLY, 0);
		if ((fd == -1 ? errno : 0) != table[i].want)
			fail_msg("%s: %s", table[i].path, strerror(errno));
		if (fd == -1)
			continue;
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		close(fd);
	}
}

static void
opens_new_files(void **state)
{
	const mode_t mask = umask(0);
	struct stat st;
	int fd;

	(void)state;
	fd = file_open(dir, "new", O_WRONLY | O_CREAT | O_EXCL, 0640);
	umask(mask);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	close(fd);
	assert_int_equal(file_open(dir, "new", O_WRONLY | O_CREAT | O_EXCL, 0640), -1);
	assert_int_equal(errno, EEXIST);
}

static void
loads(void **state)
{
	static const char text[] = "seven\0!";	/* with a NUL inside and one behind */
	struct fault f;
	char *buf, path[256];
	size_t len;

	(void)state;
	scratch_put(&s, "seven", text, 7);
	scratch_put(&s, "empty", "", 0);
	assert_int_equal(scratch_run(&s, "mkdir d && ln -s seven link"), 0);

	assert_int_equal(file_load(dir, "seven", 7, &buf, &len, NULL), OK);
	assert_int_equal(len, 7);
	assert_memory_equal(buf, text, 8);
	free(buf);
	assert_int_equal(file_load(dir, "empty", 0, &buf, &len, NULL), OK);
	assert_int_equal(len, 0);
	assert_int_equal(buf[0], '\0');
	free(buf);
	assert_int_equal(file_load(dir, "seven", 6, &buf, &len, &f), ERR_LIMIT);
	assert_null(buf);
	assert_non_null(strstr(f.at, "seven"));
	/* a link is the user's own business, but not one beneath a home */
	assert_int_equal(file_load(AT_FDCWD, scratch_path(&s, "link", path), 7, &buf, &len, NULL),
	    OK);
	free(buf);
	assert_int_equal(file_load(dir, "link", 7, &buf, &len, &f), ERR_IO);
	assert_null(buf);
}

static void
loads_large_file(void **state)
{
	const size_t size = 3 * 1024 * 1024 + 1;
	char *want = malloc(size), *buf;
	size_t len;

	(void)state;
	assert_non_null(want);
	for (size_t i = 0; i < size; i++)
		want[i] = (char)(i * 31 >> 3);
	scratch_put(&s, "large", want, size);
	assert_int_equal(file_load(dir, "large", size, &buf, &len, NULL), OK);
	assert_int_equal(len, size);
	assert_memory_equal(buf, want, size);
	free(buf);
	free(want);
}

/* Only a file that is not there is ENOENT: callers go on as if there had never been one. */
static void
loads_nothing_else(void **state)
{
	static const struct {
		const char *path;
		bool missing;
	} table[] = {
		{ "missing", true },
		{ "missing/x", true },
		{ "d", false },
		{ "pipe", false },	/* and nobody waits for a writer */
		{ "f/x", false },
	};

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir d && mkfifo pipe && echo x >f"), 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .err = OK };
		size_t len = 1;
		char *buf;

		errno = ENOENT;	/* left over from another call */
		assert_int_equal(file_load(dir, table[i].path, 100, &buf, &len, &f), ERR_IO);
		if ((errno == ENOENT) != table[i].missing)
			fail_msg("%s: %s", table[i].path, strerror(errno));
		assert_null(buf);
		assert_int_equal(len, 0);
		assert_int_equal(f.err, ERR_IO);
	}
}

static void
loads_what_may_be_read(void **state)
{
	enum err e;
	size_t len;
	char *buf;

	(void)state;
	scratch_put(&s, "secret", "x", 1);
	assert_int_equal(scratch_run(&s, "chmod 0 secret && chmod 755 ."), 0);
	process_drop_root();
	e = file_load(dir, "secret", 100, &buf, &len, NULL);
	process_be_root_again();
	assert_int_equal(e, ERR_DENIED);
}

static void
replaces(void **state)
{
	static const mode_t modes[] = { 0600, 0644, 0444, 0755, 0 };
	char old[8] = "";
	struct stat st;
	int fd;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(modes); i++) {
		const mode_t mask = umask(i % 2 == 0 ? 0 : 0777);

		assert_int_equal(file_replace(dir, "f", modes[i / 2], "new\n", 4, NULL), OK);
		umask(mask);
		assert_int_equal(fstatat(dir, "f", &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, modes[i / 2]);
		assert_int_equal(st.st_size, 4);
		assert_false(there(".f.new"));
	}
	/* who has the old file open keeps it */
	assert_int_equal(file_replace(dir, "f", 0600, "old", 3, NULL), OK);
	fd = openat(dir, "f", O_RDONLY);
	assert_int_equal(file_replace(dir, "f", 0600, "", 0, NULL), OK);
	assert_int_equal(read(fd, old, sizeof old), 3);
	close(fd);
	contents_are("f", "");
}

static void
replaces_after_a_crash(void **state)
{
	static const char *const leftovers[] = {
		"echo junk >.f.new && chmod 0 .f.new",
		"ln -s precious .f.new",
		"ln precious .f.new",
		"mkfifo .f.new",
	};

	(void)state;
	scratch_put(&s, "precious", "gold", 4);
	for (size_t i = 0; i < COUNT(leftovers); i++) {
		assert_int_equal(scratch_run(&s, leftovers[i]), 0);
		assert_int_equal(file_replace(dir, "f", 0600, "good", 4, NULL), OK);
		contents_are("f", "good");
		contents_are("precious", "gold");
		assert_false(there(".f.new"));
	}
}

static void
replaces_in_places(void **state)
{
	char name[LIMIT_NAME + 2] = "", path[LIMIT_NAME + 4];
	struct fault f;

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir -p d/e out && ln -s out link && "
	    "echo kept >target && ln -s target to-target"), 0);
	assert_int_equal(file_replace(dir, "d/e/f", 0600, "x", 1, NULL), OK);
	contents_are("d/e/f", "x");
	assert_int_equal(file_replace(dir, "no/f", 0600, "x", 1, &f), ERR_IO);
	assert_non_null(strstr(f.at, "no/f"));
	assert_int_equal(file_replace(dir, "link/f", 0600, "x", 1, NULL), ERR_IO);
	assert_int_equal(file_replace(dir, "d/../../f", 0600, "x", 1, NULL), ERR_IO);
	assert_false(there("out/f"));
	/* a link is replaced and not followed */
	assert_int_equal(file_replace(dir, "to-target", 0600, "x", 1, NULL), OK);
	contents_are("to-target", "x");
	contents_are("target", "kept\n");
	assert_int_equal(file_replace(AT_FDCWD, scratch_path(&s, "abs", path), 0600, "x", 1, NULL),
	    OK);
	contents_are("abs", "x");

	memset(name, 'n', LIMIT_NAME);
	snprintf(path, sizeof path, "d/%s", name);
	assert_int_equal(file_replace(dir, path, 0600, "x", 1, NULL), OK);
	name[LIMIT_NAME] = 'n';
	snprintf(path, sizeof path, "d/%s", name);
	assert_int_equal(file_replace(dir, path, 0600, "x", 1, NULL), ERR_IO);
	assert_int_equal(scratch_run(&s, "test $(ls -A d | wc -l) = 2"), 0);
}

static void
fails_and_leaves_the_old(void **state)
{
	const struct rlimit small = { 4096, RLIM_INFINITY };
	static char large[8192];
	struct rlimit usual;
	enum err e;

	(void)state;
	scratch_put(&s, "f", "old", 3);
	/* a disk that takes only a part */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	e = file_replace(dir, "f", 0600, large, sizeof large, NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(e, ERR_IO);
	contents_are("f", "old");
	assert_false(there(".f.new"));
	/* a directory in its place */
	assert_int_equal(scratch_run(&s, "mkdir -p d/e"), 0);
	assert_int_equal(file_replace(dir, "d", 0600, "x", 1, NULL), ERR_IO);
	assert_true(there("d/e"));
	assert_false(there(".d.new"));
	/* a directory in the place of the new file */
	assert_int_equal(scratch_run(&s, "mkdir .f.new"), 0);
	assert_int_equal(file_replace(dir, "f", 0600, "x", 1, NULL), ERR_IO);
	contents_are("f", "old");
	/* a directory that may not be written */
	assert_int_equal(scratch_run(&s, "chmod 755 ."), 0);
	process_drop_root();
	if (getuid() == 0)
		e = file_replace(dir, "d/new", 0600, "x", 1, NULL);
	process_be_root_again();
	if (getuid() == 0)
		assert_int_equal(e, ERR_DENIED);
}

static int
count_bytes(void *arg)
{
	const int *ends = arg;
	size_t total = 0;
	char buf[1000];
	ssize_t n;

	close(ends[1]);
	while ((n = read(ends[0], buf, sizeof buf)) > 0)
		total += (size_t)n;
	return total == 1000000 ? 0 : 1;
}

static void
writes(void **state)
{
	int fd = open("/dev/full", O_WRONLY), ends[2], status;
	char *large = calloc(1, 1000000);
	pid_t pid;

	(void)state;
	assert_non_null(large);
	assert_int_equal(file_write(fd, "x", 1), ERR_SPACE);
	assert_int_equal(file_write(fd, "", 0), OK);
	close(fd);
	assert_int_equal(file_write(fd, "x", 1), ERR_IO);
	/* more than a pipe takes at once */
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		_exit(count_bytes(ends));
	assert_int_equal(file_write(ends[1], large, 1000000), OK);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(large);
}

static void
makes_directories(void **state)
{
	static char deep[LIMIT_PATH + 200];
	struct stat st;

	(void)state;
	assert_int_equal(file_mkdir(dir, "d", NULL), OK);
	assert_int_equal(file_mkdir(dir, "d", NULL), OK);
	assert_int_equal(fstatat(dir, "d", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(file_mkdir(dir, "no/d", NULL), ERR_IO);
	assert_int_equal(file_mkdir(dir, "../d", NULL), ERR_IO);
	assert_int_equal(file_mkdir_parents(dir, "file", NULL), OK);
	assert_int_equal(file_mkdir_parents(dir, "d/a/b/file", NULL), OK);
	assert_int_equal(file_mkdir_parents(dir, "d/a/c/file", NULL), OK);
	assert_true(there("d/a/b"));
	assert_true(there("d/a/c"));
	assert_false(there("d/a/b/file"));
	assert_false(there("file"));
	assert_int_equal(fstatat(dir, "d/a/b", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(scratch_run(&s, "ln -s d link && echo x >f"), 0);
	assert_int_equal(file_mkdir_parents(dir, "link/x/file", NULL), ERR_IO);
	assert_int_equal(file_mkdir_parents(dir, "f/x/file", NULL), ERR_IO);
	assert_false(there("d/x"));
	memset(deep, 'a', sizeof deep - 1);
	for (size_t i = 1; i < sizeof deep - 1; i += 2)
		deep[i] = '/';
	assert_int_equal(file_mkdir_parents(dir, deep, NULL), ERR_LIMIT);
	assert_int_equal(file_remove_tree(dir, "a", NULL), OK);
}

/* ${levels} directories called ${name} in one another, below tree/, with a file in each. */
static void
dig(const char *name, unsigned levels)
{
	int at = dir, next, fd;

	assert_int_equal(mkdirat(dir, "tree", 0700), 0);
	at = openat(dir, "tree", O_RDONLY | O_DIRECTORY);
	for (unsigned i = 0; i < levels; i++) {
		fd = openat(at, "file", O_WRONLY | O_CREAT, 0444);
		assert_int_not_equal(fd, -1);
		close(fd);
		assert_int_equal(mkdirat(at, name, 0700), 0);
		next = openat(at, name, O_RDONLY | O_DIRECTORY);
		assert_int_not_equal(next, -1);
		close(at);
		at = next;
	}
	close(at);
}

static void
removes(void **state)
{
	static const char *const made[] = {
		"true",
		"echo x >tree",
		"mkdir tree",
		"mkfifo tree",
		"ln -s nowhere tree",
		"mkdir -p tree/a/b/c tree/a/d tree/e && echo x >tree/a/b/f && echo x >tree/a/f",
		"mkdir tree && for i in $(seq 60); do mkdir tree/$i && echo x >tree/$i/f; done",
		"mkdir tree && for i in $(seq 500); do echo x >tree/$i; done",
		"mkdir tree && touch -- tree/-rf 'tree/a b' \"$(printf 'tree/\\033\\n\\377')\"",
		"mkdir -p tree/a && echo x >tree/a/f && chmod 500 tree/a && chmod 0 tree/a/f",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(made); i++) {
		struct fault f = { .at = "" };

		assert_int_equal(scratch_run(&s, made[i]), 0);
		if (file_remove_tree(dir, "tree", &f) != OK)
			fail_msg("%s: %s", made[i], f.at);
		assert_false(there("tree"));
	}
	assert_int_equal(scratch_run(&s, "mkdir -p d/tree/x d/other"), 0);
	assert_int_equal(file_remove_tree(dir, "d/tree", NULL), OK);
	assert_false(there("d/tree"));
	assert_true(there("d/other"));
}

static void
removes_links_only(void **state)
{
	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir precious tree tree/d && echo gold >precious/f && "
	    "ln -s precious link && ln -s ../precious tree/link && ln -s ../.. tree/d/up && "
	    "ln precious/f tree/hard"), 0);
	assert_int_equal(file_remove_tree(dir, "link", NULL), OK);
	assert_false(there("link"));
	assert_int_equal(file_remove_tree(dir, "tree", NULL), OK);
	assert_false(there("tree"));
	contents_are("precious/f", "gold\n");
}

static void
removes_deep_trees(void **state)
{
	char name[LIMIT_NAME + 1] = "";

	(void)state;
	dig("d", 500);
	assert_int_equal(file_remove_tree(dir, "tree", NULL), OK);
	assert_false(there("tree"));
	memset(name, 'n', LIMIT_NAME);
	dig(name, 10);
	assert_int_equal(file_remove_tree(dir, "tree", NULL), OK);
	assert_false(there("tree"));
}

/*
 * The longest path of a payload has LIMIT_PATH bytes, and a stage or scratch has up to 150 more in
 * front of it: together longer than the kernel takes at once (PATH_MAX).
 */
static void
removes_longest_paths(void **state)
{
	char name[125] = "";
	struct fault f = { .at = "" };

	(void)state;
	memset(name, 'n', sizeof name - 1);
	dig(name, 34);	/* the last one that is not empty lies 33 * 125 = 4125 bytes down */
	if (file_remove_tree(dir, "tree", &f) != OK)
		fail_msg("%s", f.at);
	assert_false(there("tree"));
}

static void
fails_to_remove(void **state)
{
	static char path[2 * LIMIT_PATH];
	struct fault f = { .at = "" };
	enum err e = ERR_DENIED;

	(void)state;
	memset(path, 'x', sizeof path - 1);
	assert_int_not_equal(file_remove_tree(dir, path, &f), OK);
	assert_int_equal(scratch_run(&s, "mkdir -p tree/a && echo x >tree/a/f && chmod 755 ."), 0);
	process_drop_root();
	if (getuid() == 0)
		e = file_remove_tree(dir, "tree", &f);
	process_be_root_again();
	assert_int_not_equal(e, OK);
	assert_true(there("tree/a/f"));
	/* not through a link */
	assert_int_equal(scratch_run(&s, "ln -s tree link"), 0);
	assert_int_not_equal(file_remove_tree(dir, "link/a", &f), OK);
	assert_true(there("tree/a/f"));
}

static char seen[64];

static enum err
see(void *arg, const char *name, struct fault *f)
{
	(void)f;
	if (strcmp(name, arg) == 0)
		return ERR_BUSY;
	assert_null(strstr(seen, name));
	strcat(seen, name);
	return OK;
}

static void
visits(void **state)
{
	struct fault f = { .at = "" };
	char last[8], none[] = "none";

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir -p d/.b && echo x >d/a && ln -s nowhere d/..c"), 0);
	*seen = '\0';
	assert_int_equal(file_each(dir, "d", see, none, NULL), OK);
	assert_int_equal(strlen(seen), strlen("a.b..c"));
	/* what one says ends it, whichever comes first */
	snprintf(last, sizeof last, "%s", seen[0] == 'a' ? "a" : seen[1] == 'b' ? ".b" : "..c");
	*seen = '\0';
	assert_int_equal(file_each(dir, "d", see, last, NULL), ERR_BUSY);
	assert_string_equal(seen, "");
	assert_int_equal(file_each(dir, "not-there", see, none, NULL), OK);
	assert_int_equal(file_each(dir, "d/.b", see, none, NULL), OK);
	assert_string_equal(seen, "");
	/* no directory, and not through a link */
	assert_int_equal(file_each(dir, "d/a", see, none, &f), ERR_IO);
	assert_non_null(strstr(f.at, "d/a"));
	assert_int_equal(scratch_run(&s, "ln -s d link"), 0);
	assert_int_not_equal(file_each(dir, "link", see, none, NULL), OK);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(opens_beneath),
		T(opens_new_files),
		T(loads),
		T(loads_large_file),
		T(loads_nothing_else),
		T(loads_what_may_be_read),
		T(replaces),
		T(replaces_after_a_crash),
		T(replaces_in_places),
		T(fails_and_leaves_the_old),
		T(writes),
		T(makes_directories),
		T(visits),
		T(removes),
		T(removes_links_only),
		T(removes_deep_trees),
		T(removes_longest_paths),
		T(fails_to_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
