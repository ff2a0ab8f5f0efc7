/*
 * Tests of verify/medium: what a medium may be.  Drives without a disc need a drive.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/medium.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
kinds(void **state)
{
	static const struct {
		const char *path;
		enum err want;
		uint64_t size;
	} table[] = {
		{ "image", OK, 70000 },
		{ "empty", OK, 0 },
		{ "sparse", OK, UINT64_C(6) << 40 },
		{ "link", OK, 70000 },		/* the user named it */
		{ "missing", ERR_USAGE, 0 },
		{ "missing/x", ERR_USAGE, 0 },
		{ "dangling", ERR_USAGE, 0 },
		{ "directory", ERR_USAGE, 0 },
		{ "pipe", ERR_USAGE, 0 },	/* and nobody waits for a writer */
		{ "/dev/null", ERR_USAGE, 0 },
		{ "/dev/zero", ERR_USAGE, 0 },
		{ "image/x", ERR_IO, 0 },
		{ "", ERR_USAGE, 0 },
	};
	struct scratch s = scratch_new();
	const unsigned before = process_descriptors();

	(void)state;
	assert_int_equal(scratch_run(&s, "head -c 70000 /dev/zero >image && touch empty && "
	    "ln -s image link && ln -s nowhere dangling && mkdir directory && mkfifo pipe"), 0);
	if (scratch_run(&s, "truncate -s 6T sparse 2>/dev/null") != 0)
		assert_int_equal(scratch_run(&s, "rm -f sparse"), 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		struct medium m;
		char path[256];
		enum err e;

		if (*table[i].path == '/' || *table[i].path == '\0')
			snprintf(path, sizeof path, "%s", table[i].path);
		else
			scratch_path(&s, table[i].path, path);
		if (strcmp(table[i].path, "sparse") == 0 && access(path, F_OK) != 0)
			continue;	/* a file system that does not know such sizes */
		e = medium_open(&m, path, &device_machine, &f);
		if (e != table[i].want)
			fail_msg("%s: %s %s", path, err_code(e), f.at);
		assert_int_equal(m.device.kind, DEVICE_FILE);
		if (e == OK) {
			assert_int_equal(m.device.size, table[i].size);
			assert_int_equal(fcntl(m.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
			assert_int_equal(fcntl(m.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
		} else {
			assert_non_null(strstr(f.at, path));
		}
		medium_close(&m);
		assert_int_equal(m.fd, -1);
		medium_close(&m);
		assert_int_equal(process_descriptors(), before);
	}
	scratch_end(&s);
}

static void
denied(void **state)
{
	struct scratch s = scratch_new();
	struct fault f = { .at = "" };
	struct medium m;
	char path[256];
	enum err e;

	(void)state;
	scratch_put(&s, "image", "x", 1);
	assert_int_equal(scratch_run(&s, "chmod 0 image && chmod 755 ."), 0);
	process_drop_root();
	e = medium_open(&m, scratch_path(&s, "image", path), &device_machine, &f);
	process_be_root_again();
	assert_int_equal(e, ERR_DENIED);
	assert_non_null(strstr(f.at, "cdrom"));		/* what to do */
	medium_close(&m);
	scratch_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
