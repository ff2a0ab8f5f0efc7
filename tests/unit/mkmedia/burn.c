/*
 * Tests of mkmedia/burn with the real xorriso on its imitation of a drive, which is a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "mkmedia/burn.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

#define IMAGE (5 * MIB + 6144)	/* more than fits into a pipe and into xorriso's buffer */
#define BACKUP (3 * MIB)

static struct scratch s;
static unsigned before;
static struct fault f;
static struct progress quiet;
static struct writer_image im;
static uint8_t image[IMAGE], area[SEAL_SIZE], found[2 * IMAGE];
static char drive[300];

static void
fill(uint8_t *p, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(seed >> 24);
	}
}

static int
setup(void **state)
{
	char path[256];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);	/* as mkmedia does */
	before = process_descriptors();
	s = scratch_new();
	f = (struct fault){ .err = OK };
	fill(image, sizeof image, 1);
	fill(area, sizeof area, 2);
	scratch_put(&s, "image", image, sizeof image);
	im = (struct writer_image){ .name = "the image", .size = IMAGE, .area = area,
	    .backup = BACKUP };
	im.fd = open(scratch_path(&s, "image", path), O_RDONLY | O_CLOEXEC);
	assert_true(im.fd >= 0);
	snprintf(drive, sizeof drive, "stdio:%s/disc", s.dir);
	progress_begin(&quiet, "burnt", 1, true);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(close(im.fd), 0);
	assert_int_equal(process_descriptors(), before);
	process_no_children();
	scratch_end(&s);
	return 0;
}

/* The disc has the image with its seal, and behind it only what fills up a block of the drive. */
static void
whole(void **state)
{
	char path[256];
	ssize_t n;
	int fd;

	(void)state;
	NEED_TOOL("xorriso");
	assert_int_equal(burn_image(&im, drive, &quiet, &f), OK);
	fd = open(scratch_path(&s, "disc", path), O_RDONLY | O_CLOEXEC);
	n = read(fd, found, sizeof found);
	assert_int_equal(close(fd), 0);
	assert_in_range(n, IMAGE, IMAGE + 65536);
	memcpy(image + SEAL_OFFSET, area, SEAL_SIZE);
	memcpy(image + BACKUP, area, SEAL_SIZE);
	assert_memory_equal(found, image, IMAGE);
}

/* Startup files of the user, and an environment that would change the language of messages. */
static void
own_settings(void **state)
{
	(void)state;
	NEED_TOOL("xorriso");
	assert_int_equal(scratch_run(&s, "echo '-end -rollback_end' >.xorrisorc"), 0);
	assert_int_equal(setenv("HOME", s.dir, 1), 0);
	assert_int_equal(setenv("LC_ALL", "de_DE.UTF-8", 1), 0);
	assert_int_equal(burn_image(&im, drive, &quiet, &f), OK);
	assert_int_equal(scratch_run(&s, "[ $(stat -c %s disc) -ge $(stat -c %s image) ]"), 0);
}

static void
no_drive(void **state)
{
	(void)state;
	NEED_TOOL("xorriso");
	snprintf(drive, sizeof drive, "stdio:%s/nothing/disc", s.dir);
	assert_int_equal(burn_image(&im, drive, &quiet, &f), ERR_IO);
	assert_non_null(strstr(f.at, drive));
	assert_non_null(strstr(f.at, "Neither stdio-path nor its directory exist"));
	assert_int_equal(burn_image(&im, "/dev/nothing-there", &quiet, &f), ERR_IO);
	assert_non_null(strstr(f.at, "/dev/nothing-there: xorriso : FAILURE : Drive address"));
	assert_int_equal(burn_image(&im, "", &quiet, &f), ERR_IO);
}

static int
burn_two_mib(void *arg)
{
	const struct rlimit r = { 2 * MIB, 2 * MIB };

	(void)arg;
	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &r) != 0)
		return 1;
	if (burn_image(&im, drive, &quiet, &f) != ERR_IO)
		return 2;
	return strstr(f.at, "Cannot write") != NULL && strstr(f.at, "another") != NULL ? 0 : 3;
}

/* The disc fails in the middle: in a process of its own, as limits cannot be taken back. */
static void
failing_disc(void **state)
{
	(void)state;
	NEED_TOOL("xorriso");
	assert_int_equal(process_run(burn_two_mib, NULL), 0);
}

/* What is to be burnt ends early: no success, and the image is what is named. */
static void
short_image(void **state)
{
	(void)state;
	NEED_TOOL("xorriso");
	im.size = IMAGE + 2048;
	assert_int_equal(burn_image(&im, drive, &quiet, &f), ERR_IO);
	assert_string_equal(f.at, "the image: became shorter while it was read");
}

static void
no_xorriso(void **state)
{
	char path[4096];

	(void)state;
	snprintf(path, sizeof path, "%s", getenv("PATH"));
	assert_int_equal(setenv("PATH", s.dir, 1), 0);
	assert_int_equal(burn_image(&im, drive, &quiet, &f), ERR_CHILD);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_non_null(strstr(f.at, "install it"));
}

static void
no_tray(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(burn_reload(scratch_path(&s, "image", path), 0, &f), ERR_NO_MEDIUM);
	assert_non_null(strstr(f.at, "push the tray in"));
	assert_int_equal(burn_reload(scratch_path(&s, "nothing", path), 0, &f), ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole, setup, teardown),
		cmocka_unit_test_setup_teardown(own_settings, setup, teardown),
		cmocka_unit_test_setup_teardown(no_drive, setup, teardown),
		cmocka_unit_test_setup_teardown(failing_disc, setup, teardown),
		cmocka_unit_test_setup_teardown(short_image, setup, teardown),
		cmocka_unit_test_setup_teardown(no_xorriso, setup, teardown),
		cmocka_unit_test_setup_teardown(no_tray, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
