/*
 * Tests of mkmedia/writer on regular files: what is on the medium afterwards, and what is not when
 * it was cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "mkmedia/writer.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

#define OLD 0xee		/* what was on the device */
#define IMAGE (9 * MIB + 6144)	/* no multiple of the buffer, of a MiB or of a page */
#define BACKUP (8 * MIB)

static struct scratch s;
static unsigned before;
static struct fault f;
static struct progress quiet;
static struct writer_image im;
static uint8_t image[IMAGE], area[SEAL_SIZE], found[16 * MIB];

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
	progress_begin(&quiet, "written", 1, true);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(close(im.fd), 0);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

/* A device of ${size} bytes that was in use before: even its seal is somebody's. */
static int
device(size_t size)
{
	char path[256];
	int fd;

	memset(found, OLD, size);
	scratch_put(&s, "device", found, size);
	fd = open(scratch_path(&s, "device", path), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void
load(int fd, size_t size)
{
	assert_int_equal(pread(fd, found, sizeof found, 0), size);
	assert_int_equal(close(fd), 0);
}

static bool
all(uint8_t byte, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (found[i] != byte) {
			print_message("byte %zu is %02x, not %02x\n", i, found[i], byte);
			return false;
		}
	return true;
}

/* What must be on the medium: the image with the area of the call. */
static void
patch_image(void)
{
	memcpy(image + SEAL_OFFSET, area, SEAL_SIZE);
	memcpy(image + BACKUP, area, SEAL_SIZE);
}

static void
whole(void **state)
{
	const size_t size = 16 * MIB;
	int fd = device(size);

	(void)state;
	assert_int_equal(writer_write(&im, fd, "/dev/it", size, &quiet, &f), OK);
	/* The descriptor is as it was: what comes next need not be aligned. */
	assert_int_equal(fcntl(fd, F_GETFL) & O_DIRECT, 0);
	load(fd, size);
	patch_image();
	assert_memory_equal(found, image, IMAGE);
	assert_true(all(0, IMAGE, 10 * MIB));
	assert_true(all(OLD, 10 * MIB, 15 * MIB));
	assert_true(all(0, 15 * MIB, size));
}

/* Devices that end close to the image: nothing is written behind the end, nothing old is left. */
static void
tight(void **state)
{
	static const size_t sizes[] = { IMAGE, IMAGE + 512, 10 * MIB - 512, 10 * MIB,
	    10 * MIB + 512, 11 * MIB - 512, 11 * MIB, 11 * MIB + 512, 11 * MIB + 4096 };

	(void)state;
	patch_image();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const size_t size = sizes[i], end = size < 10 * MIB ? size : 10 * MIB;
		const size_t tail = size > 11 * MIB ? size - 1 * MIB : end;
		int fd = device(size);

		assert_int_equal(writer_write(&im, fd, "/dev/it", size, &quiet, &f), OK);
		load(fd, size);
		assert_memory_equal(found, image, IMAGE);
		assert_true(all(0, IMAGE, end) && all(OLD, end, tail) && all(0, tail, size));
	}
}

static void
too_small(void **state)
{
	int fd = device(10 * MIB);

	(void)state;
	assert_int_equal(writer_write(&im, fd, "/dev/it", IMAGE - 512, &quiet, &f), ERR_USAGE);
	im.backup = IMAGE - SEAL_SIZE + 1;
	assert_int_equal(writer_write(&im, fd, "/dev/it", 10 * MIB, &quiet, &f), ERR_USAGE);
	load(fd, 10 * MIB);
	assert_true(all(OLD, 0, 10 * MIB));
}

/* A device that takes no byte from ${limit} on, as a stick that lies about its size or breaks. */
struct limited {
	int fd;
	rlim_t limit;
};

static int
write_until(void *arg)
{
	const struct limited *l = arg;
	const struct rlimit r = { l->limit, l->limit };
	/* Both places of the seal are emptied first. */
	const rlim_t end = l->limit >= ISO_START && l->limit < BACKUP ? BACKUP : l->limit;
	char says[64];

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)snprintf(says, sizeof says, "/dev/it: ends at byte %llu and not at %llu",
	    (unsigned long long)end, (unsigned long long)(16 * MIB));
	if (setrlimit(RLIMIT_FSIZE, &r) != 0)
		return 1;
	if (writer_write(&im, l->fd, "/dev/it", 16 * MIB, &quiet, &f) != ERR_IO)
		return 2;
	return strncmp(f.at, says, strlen(says)) == 0 ? 0 : 3;
}

static void
cut_off(void **state)
{
	static const rlim_t limits[] = { SEAL_OFFSET, SEAL_OFFSET + 4096, ISO_START, 4 * MIB,
	    5 * MIB, BACKUP, BACKUP + 4096, 9 * MIB, 10 * MIB - 4096, 15 * MIB, 15 * MIB + 4096,
	    16 * MIB - 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct limited l = { device(16 * MIB), limits[i] };

		assert_int_equal(process_run(write_until, &l), 0);
		load(l.fd, 16 * MIB);
		/* Neither the new seal nor the old one, where anything could be written. */
		if (limits[i] >= ISO_START)
			assert_true(all(0, SEAL_OFFSET, SEAL_OFFSET + SEAL_SIZE));
		if (limits[i] >= BACKUP + SEAL_SIZE)
			assert_true(all(0, BACKUP, BACKUP + SEAL_SIZE));
		assert_true(all(OLD, limits[i], 16 * MIB));
	}
}

/* The seal is not there before everything else is: a process that is killed at any write. */
static void
killed(void **state)
{
	char path[256], self[512] = "", line[1024];
	bool last = false;

	(void)state;
	NEED_TOOL("strace");
	assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
	patch_image();
	for (int n = 1; !last; n++) {
		int fd = device(16 * MIB);

		assert_int_equal(close(fd), 0);
		snprintf(line, sizeof line, "exec 2>/dev/null; export ASAN_OPTIONS=detect_leaks=0;"
		    " strace -o trace -e trace=pwrite64 -e inject=pwrite64:signal=KILL:when=%d"
		    " '%s' --write image device", n, self);
		last = scratch_run(&s, line) == 0;
		fd = open(scratch_path(&s, "device", path), O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		load(fd, 16 * MIB);
		/* The call itself is carried out before the signal is. */
		if (memcmp(found + SEAL_OFFSET, area, SEAL_SIZE) == 0) {
			assert_memory_equal(found, image, IMAGE);
			assert_true(all(0, 15 * MIB, 16 * MIB));
		} else {
			assert_false(last);
			assert_true(all(n == 1 && found[SEAL_OFFSET] == OLD ? OLD : 0, SEAL_OFFSET,
			    SEAL_OFFSET + SEAL_SIZE));
		}
		assert_in_range(n, 1, 20);
	}
}

static void
broken_image(void **state)
{
	int fd = device(16 * MIB);

	(void)state;
	im.size = IMAGE + 2048;
	assert_int_equal(writer_write(&im, fd, "/dev/it", 16 * MIB, &quiet, &f), ERR_IO);
	assert_string_equal(f.at, "the image: became shorter while it was read");
	load(fd, 16 * MIB);
	assert_true(all(0, SEAL_OFFSET, SEAL_OFFSET + SEAL_SIZE));
}

static void
no_writing(void **state)
{
	char path[256];
	int fd;

	(void)state;
	assert_int_equal(close(device(16 * MIB)), 0);
	fd = open(scratch_path(&s, "device", path), O_RDONLY | O_CLOEXEC);
	assert_int_equal(writer_write(&im, fd, "/dev/it", 16 * MIB, &quiet, &f), ERR_IO);
	assert_non_null(strstr(f.at, "/dev/it: writing fails at byte 16384"));
	assert_non_null(strstr(f.at, "cable"));
	load(fd, 16 * MIB);
	assert_true(all(OLD, 0, 16 * MIB));
}

/* Pieces that begin and end in and around the seal's places. */
static void
pieces(void **state)
{
	static const size_t cuts[] = { 0, 1, SEAL_OFFSET - 1, SEAL_OFFSET, SEAL_OFFSET + 1, 20000,
	    ISO_START - 1, ISO_START, ISO_START + 1, BACKUP - 1, BACKUP, BACKUP + 1,
	    BACKUP + SEAL_SIZE - 1, BACKUP + SEAL_SIZE, BACKUP + SEAL_SIZE + 1, IMAGE };
	const size_t count = sizeof cuts / sizeof *cuts;

	(void)state;
	patch_image();
	for (size_t a = 0; a < count; a++)
		for (size_t b = a; b < count; b++) {
			const size_t len = cuts[b] - cuts[a];

			assert_int_equal(writer_read(&im, area, cuts[a], found, len, &f), OK);
			assert_memory_equal(found, image + cuts[a], len);
		}
	assert_int_equal(writer_read(&im, NULL, 0, found, IMAGE, &f), OK);
	assert_true(all(0, SEAL_OFFSET, ISO_START) && all(0, BACKUP, BACKUP + SEAL_SIZE));
	assert_memory_equal(found + ISO_START, image + ISO_START, BACKUP - ISO_START);
}

/* What killed() runs: no test, only the writing. */
static int
only_write(const char *from, const char *to)
{
	fill(area, sizeof area, 2);
	im = (struct writer_image){ .fd = open(from, O_RDONLY), .name = from, .size = IMAGE,
	    .area = area, .backup = BACKUP };
	return writer_write(&im, open(to, O_RDWR), to, 16 * MIB, &quiet, &f) == OK ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole, setup, teardown),
		cmocka_unit_test_setup_teardown(tight, setup, teardown),
		cmocka_unit_test_setup_teardown(too_small, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(killed, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_image, setup, teardown),
		cmocka_unit_test_setup_teardown(no_writing, setup, teardown),
		cmocka_unit_test_setup_teardown(pieces, setup, teardown),
	};

	if (argc == 4 && strcmp(argv[1], "--write") == 0)
		return only_write(argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
