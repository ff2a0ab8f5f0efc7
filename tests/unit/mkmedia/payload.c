/*
 * Tests of mkmedia/payload: what is found and in which order, what is refused and by which name, and
 * that the sums are those of sha256sum.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/limits.h"
#include "mkmedia/payload.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct scratch s;
static int dir;
static unsigned before;
static struct fault f;
static struct payload p;
static struct progress quiet;

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	dir = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	f = (struct fault){ .err = OK };
	progress_begin(&quiet, "summed", 1, true);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	payload_free(&p);
	close(dir);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

/* Directories come in no order of their own; the list has that of SHA256SUMS: bytes, shorter first. */
static void
found_in_order(void **state)
{
	static const char *const want[] = { "B", "a.b", "a/x", "a/x!/deep/er", "a0", "\xc3\xa4" };

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir -p 'p/a/x!/deep' && cd p &&"
	    " touch a0 B a.b a/x 'a/x!/deep/er' \"$(printf '\\303\\244')\""), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
	assert_int_equal(p.count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++)
		assert_string_equal(p.file[i].path, want[i]);
	assert_int_equal(p.bytes, 0);
}

static void
sizes_and_executables(void **state)
{
	static const struct {
		const char *path;
		uint64_t size;
		bool executable;
	} want[] = {
		{ "all", 3, true }, { "group", 0, true }, { "hard", 3, true }, { "other", 0, true },
		{ "owner", 0, true }, { "plain", 5, false },
	};

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir p && cd p && printf abc >all && chmod 755 all &&"
	    " touch owner group other && chmod 700 owner && chmod 610 group && chmod 601 other &&"
	    " printf 12345 >plain && chmod 666 plain && ln all hard"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
	assert_int_equal(p.count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_string_equal(p.file[i].path, want[i].path);
		assert_int_equal(p.file[i].size, want[i].size);
		assert_int_equal(p.file[i].executable, want[i].executable);
		assert_true(digest_is_zero(&p.file[i].digest));
	}
	assert_int_equal(p.bytes, 11);
}

/* FIPS 180-2, B.1: SHA-256("abc"); and that of nothing. */
static void
known_answers(void **state)
{
	static const char want[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n"
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n";
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir p && printf abc >p/abc && : >p/empty"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
	assert_int_equal(payload_sum(&p, &quiet, &f), OK);
	assert_int_equal(payload_sums(&p, &text, &len, &f), OK);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(text, want, len);
	free(text);
}

/* Sizes around what is read at once, and more files than threads. */
static void
as_sha256sum(void **state)
{
	char *text;
	size_t len;

	(void)state;
	NEED_TOOL("sha256sum");
	assert_int_equal(scratch_run(&s, "mkdir -p p/d && for n in 0 1 1048575 1048576 1048577 3000000; do"
	    " head -c $n /dev/urandom >p/$n; done; for n in $(seq 300); do echo $n >p/d/$n; done"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
	assert_int_equal(p.count, 306);
	assert_int_equal(payload_sum(&p, &quiet, &f), OK);
	assert_int_equal(payload_sums(&p, &text, &len, &f), OK);
	scratch_put(&s, "SHA256SUMS", text, len);
	free(text);
	assert_int_equal(scratch_run(&s, "cd p && sha256sum --strict --quiet -c ../SHA256SUMS"), 0);
	assert_int_equal(scratch_run(&s, "[ $(find p -type f | wc -l) = $(wc -l <SHA256SUMS) ]"), 0);
	assert_int_equal(scratch_run(&s, "cut -c 67- SHA256SUMS | LC_ALL=C sort -c"), 0);
}

static void
refused(void **state)
{
	static const struct {
		const char *make;	/* inside p, beside a good file */
		enum err want;
		const char *at;		/* must be named */
	} table[] = {
		{ "ln -s good link", ERR_CONTENTS_TYPE, "link is a symbolic link" },
		{ "ln -s . link", ERR_CONTENTS_TYPE, "link is a symbolic link" },
		{ "ln -s nowhere link", ERR_CONTENTS_TYPE, "link is a symbolic link" },
		{ "mkdir d && ln -s / d/link", ERR_CONTENTS_TYPE, "d/link is a symbolic link" },
		{ "mkfifo pipe", ERR_CONTENTS_TYPE, "pipe is a pipe" },
		{ "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); "
		  "bind(S, sockaddr_un(\"sock\")) or die'",
		    ERR_CONTENTS_TYPE, "sock is a socket" },
		{ "mkdir empty", ERR_CONTENTS_EXTRA, "empty is empty" },
		{ "mkdir -p a/b/c && touch a/x", ERR_CONTENTS_EXTRA, "a/b/c is empty" },
		{ "touch \"$(printf 'new\\nline')\"", ERR_CONTENTS_NAME, "new\nline" },
		{ "touch 'back\\slash'", ERR_CONTENTS_NAME, "back\\slash" },
		{ "touch co:lon", ERR_CONTENTS_NAME, "co:lon" },
		{ "mkdir co:lon", ERR_CONTENTS_NAME, "co:lon" },
		{ "touch \"$(printf '\\377')\"", ERR_CONTENTS_NAME, "\xff" },
		{ "touch Good", ERR_CONTENTS_TWIN, "ood" },
		{ "mkdir x X && touch x/1 X/2", ERR_CONTENTS_TWIN, "" },
		{ "touch \"$(printf 'u\\314\\210')\" \"$(printf '\\303\\274')\"", ERR_CONTENTS_TWIN, "" },
		/* one component more than LIMIT_DEPTH */
		{ "mkdir -p $(seq -s/ 32) && touch $(seq -s/ 32)/f", ERR_CONTENTS_NAME, "/32/f" },
	};
	char line[512];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(scratch_run(&s, "rm -rf p && mkdir p && touch p/good"), 0);
		snprintf(line, sizeof line, "cd p && %s", table[i].make);
		assert_int_equal(scratch_run(&s, line), 0);
		f = (struct fault){ .err = OK };
		assert_int_equal(payload_walk(&p, dir, "p", &f), table[i].want);
		assert_int_equal(f.err, table[i].want);
		assert_non_null(strstr(f.at, table[i].at));
		payload_free(&p);
	}
}

static void
device_refused(void **state)
{
	(void)state;
	if (getuid() != 0) {
		print_message("SKIPPED: only root makes device files\n");
		skip();
	}
	assert_int_equal(scratch_run(&s, "mkdir p && mknod p/null c 1 3"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_CONTENTS_TYPE);
	assert_string_equal(f.at, "null is a device");
}

static void
deepest_accepted(void **state)
{
	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir -p p/$(seq -s/ 31) && touch p/$(seq -s/ 31)/f"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
	assert_int_equal(p.count, 1);
}

static void
nothing_to_carry(void **state)
{
	(void)state;
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_IO);
	payload_free(&p);
	assert_int_equal(scratch_run(&s, "touch p"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_IO);
	payload_free(&p);
	assert_int_equal(scratch_run(&s, "rm p && mkdir p"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_CONTENTS_MISSING);
	payload_free(&p);
	/* The payload directory itself must not be a link either. */
	assert_int_equal(scratch_run(&s, "touch p/x && ln -s p q"), 0);
	assert_int_equal(payload_walk(&p, dir, "q", &f), ERR_IO);
}

static void
directory_that_may_not_be_read(void **state)
{
	(void)state;
	assert_int_equal(scratch_run(&s, "chmod 755 . && mkdir -p p/d && touch p/d/x && chmod 700 p/d"), 0);
	process_drop_root();
	if (getuid() != 0)
		assert_int_equal(scratch_run(&s, "chmod 0 p/d"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_DENIED);
	process_be_root_again();
	assert_int_equal(scratch_run(&s, "chmod 700 p/d"), 0);
	assert_non_null(strstr(f.at, "d: "));
}

static void
changed_while_summed(void **state)
{
	static const struct {
		const char *change;
		enum err want;
	} table[] = {
		{ "printf abcd >p/f", ERR_CONTENTS_DIGEST },
		{ "printf ab >p/f", ERR_CONTENTS_DIGEST },
		{ ": >p/f", ERR_CONTENTS_DIGEST },
		{ "rm p/f", ERR_IO },
		{ "rm p/f; ln -s good p/f", ERR_IO },
		{ "rm p/f; mkfifo p/f", ERR_CONTENTS_DIGEST },
		{ "rm p/f; mkdir p/f", ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(scratch_run(&s, "rm -rf p && mkdir p && printf abc >p/f && touch p/good"), 0);
		assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
		assert_int_equal(scratch_run(&s, table[i].change), 0);
		f = (struct fault){ .err = OK };
		assert_int_equal(payload_sum(&p, &quiet, &f), table[i].want);
		assert_memory_equal(f.at, "f", 1);
		payload_free(&p);
	}
}

/* A sparse file one byte larger than an image can be. */
static void
too_large(void **state)
{
	char path[256];
	int fd;

	(void)state;
	assert_int_equal(scratch_run(&s, "mkdir p && touch p/b"), 0);
	fd = open(scratch_path(&s, "p/a", path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	if (ftruncate(fd, (off_t)(LIMIT_IMAGE + 1)) != 0) {
		close(fd);
		print_message("SKIPPED: this file system has no files of 8 TiB\n");
		skip();
	}
	close(fd);
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_LIMIT);
	payload_free(&p);
	assert_int_equal(truncate(path, (off_t)LIMIT_IMAGE), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), OK);
	assert_int_equal(p.bytes, LIMIT_IMAGE);
	payload_free(&p);
	assert_int_equal(scratch_run(&s, "echo >p/b"), 0);
	assert_int_equal(payload_walk(&p, dir, "p", &f), ERR_LIMIT);
}

/* LIMIT_SUMS: lines of a kilobyte; and a byte more in the last. */
static void
longest_sums(void **state)
{
	enum { LINE = 1024, FRAME = 64 + 2 + 1 };
	const size_t n = LIMIT_SUMS / LINE;
	struct payload many = { .dir = -1, .count = n, .file = calloc(n, sizeof *many.file) };
	char usual[LINE - FRAME + 1], last[LINE - FRAME + 2], *text;
	size_t len;

	(void)state;
	assert_non_null(many.file);
	memset(usual, 'u', sizeof usual);
	usual[LINE - FRAME] = '\0';
	memset(last, 'v', sizeof last);
	for (size_t i = 0; i < n; i++)
		many.file[i].path = i == n - 1 ? last : usual;
	for (size_t past = 0; past < 2; past++) {
		last[LINE - FRAME] = past ? 'v' : '\0';
		last[LINE - FRAME + past] = '\0';
		assert_int_equal(payload_sums(&many, &text, &len, &f), past ? ERR_LIMIT : OK);
		assert_int_equal(len, past ? 0 : LIMIT_SUMS);
		free(text);
	}
	free(many.file);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(found_in_order), TEST(sizes_and_executables), TEST(known_answers),
		TEST(as_sha256sum), TEST(refused), TEST(device_refused), TEST(deepest_accepted),
		TEST(nothing_to_carry), TEST(directory_that_may_not_be_read),
		TEST(changed_while_summed), TEST(too_large), TEST(longest_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
