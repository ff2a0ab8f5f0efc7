/*
 * Tests of verify/blocks: patience with a medium that fails, and which blocks are good.  A drive
 * that takes half a minute for a bad sector takes it on the test's own clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "tests/unit/holes.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/blocks.h"
#include "verify/wire.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define BLOCKS 20u
#define NONE UINT64_MAX

static struct scratch s;
static uint8_t original[BLOCKS][BLOCK_SIZE];
static int ends[2];		/* the pipe of reports */
static struct blocks b;

/* ---- the clock: a read that fails takes that long ---- */

static time_t elapsed, takes;

int clock_of_test(clockid_t id, struct timespec *out) __asm__("clock_gettime");

int
clock_of_test(clockid_t id, struct timespec *out)
{
	static unsigned seen;
	int rc = (int)syscall(SYS_clock_gettime, id, out);

	if (seen != holes.tries)
		elapsed += takes;
	seen = holes.tries;
	out->tv_sec += elapsed;
	return rc;
}

/* ---- a medium of 20 blocks, each of its own letter ---- */

static int
open_file(const char *name, int flags)
{
	char path[256];
	int fd = open(scratch_path(&s, name, path), flags | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

static int
setup(void **state)
{
	struct digest map[BLOCKS];
	int fd;

	(void)state;
	s = scratch_new();
	for (unsigned i = 0; i < BLOCKS; i++) {
		memset(original[i], 'a' + (int)i, BLOCK_SIZE);
		digest_sha256(original[i], BLOCK_SIZE, &map[i]);
	}
	scratch_put(&s, "medium", original, sizeof original);
	scratch_put(&s, "map", map, sizeof map);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	b = (struct blocks){ .medium = open_file("medium", O_RDONLY),
	    .kept = open_file("kept", O_RDWR | O_CREAT), .report = ends[1] };
	fd = open_file("map", O_RDONLY);
	assert_true(blocks_begin(&b, fd, BLOCKS));
	close(fd);
	holes_begin("");
	holes.fd = b.medium;
	takes = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	holes_begin("");
	close(b.medium);
	close(b.kept);
	close(ends[0]);
	close(ends[1]);
	munmap((void *)(uintptr_t)b.map, BLOCKS * sizeof(struct digest));
	free(b.lost);
	digest_free(b.digest);
	scratch_end(&s);
	return 0;
}

/* How many signs of life are in the pipe. */
static unsigned
alive(void)
{
	struct pollfd fd = { .fd = ends[0], .events = POLLIN };
	struct report r;
	unsigned n;

	for (n = 0; poll(&fd, 1, 0) == 1; n++) {
		assert_true(wire_read(ends[0], &r, sizeof r));
		assert_int_equal(r.kind, REPORT_ALIVE);
	}
	return n;
}

static void
begins(void **state)
{
	struct blocks other = { .medium = -1, .kept = -1 };
	int fd = open_file("map", O_RDONLY);

	(void)state;
	assert_int_equal(b.count, BLOCKS);
	assert_int_equal(b.failing, 0);
	for (unsigned i = 0; i < BLOCKS; i++) {
		struct digest d;

		assert_false(blocks_is_lost(&b, i));
		digest_sha256(original[i], BLOCK_SIZE, &d);
		assert_true(digest_equal(&b.map[i], &d));
	}
	/* a map that is none */
	assert_false(blocks_begin(&other, -1, BLOCKS));
	free(other.lost);
	digest_free(other.digest);
	assert_false(blocks_begin(&other, fd, 0));
	free(other.lost);
	digest_free(other.digest);
	close(fd);
}

static void
read_at(void **state)
{
	static const struct { uint64_t offset; size_t len, want; } table[] = {
		{ 0, 0, 0 },
		{ 0, 1, 1 },
		{ 65535, 2, 2 },
		{ 100, 5 * BLOCK_SIZE, 5 * BLOCK_SIZE },
		{ BLOCKS * BLOCK_SIZE - 5, 6, 5 },
		{ BLOCKS * BLOCK_SIZE, 1, 0 },
		{ UINT64_C(1) << 62, 1, 0 },
		{ UINT64_MAX, 1, 0 },
	};
	static uint8_t got[5 * BLOCK_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(blocks_read_at(b.medium, got, table[i].len, table[i].offset),
		    table[i].want);
		assert_memory_equal(got, (uint8_t *)original + table[i].offset % sizeof original,
		    table[i].want);
	}
	/* what stands in front of a bad sector is read */
	holes_add(3 * BLOCK_SIZE + 2048, 1);
	assert_int_equal(blocks_read_at(b.medium, got, sizeof got, 2 * BLOCK_SIZE),
	    BLOCK_SIZE + 2048);
	assert_int_equal(blocks_read_at(b.medium, got, 5, 3 * BLOCK_SIZE + 2048), 0);
	assert_int_equal(blocks_read_at(-1, got, 5, 0), 0);
}

/* A block is read at most three times, and only while it is not lost. */
static void
retries(void **state)
{
	static const struct { unsigned heals; bool want; unsigned tries; } table[] = {
		{ 1, true, 1 }, { LIMIT_RETRIES - 1, true, 2 }, { LIMIT_RETRIES, true, 3 },
		{ LIMIT_RETRIES + 1, false, 3 }, { 0, false, 3 },
	};
	uint8_t got[BLOCK_SIZE];

	(void)state;
	assert_true(blocks_read_one(&b, got, BLOCKS - 1));
	assert_memory_equal(got, original[BLOCKS - 1], BLOCK_SIZE);
	assert_false(blocks_read_one(&b, got, BLOCKS));
	assert_int_equal(alive(), LIMIT_RETRIES);
	for (size_t i = 0; i < COUNT(table); i++) {
		holes.count = 0;
		holes.tries = 0;
		holes_add(i * BLOCK_SIZE + 9000, 1);
		holes.hole[0].heals = table[i].heals;
		/* the first read is short, the second fails: that is one attempt */
		assert_int_equal(blocks_read_one(&b, got, i), table[i].want);
		assert_int_equal(holes.tries, table[i].tries);
		if (table[i].want)
			assert_memory_equal(got, original[i], BLOCK_SIZE);
		(void)alive();
	}
	holes.tries = 0;
	blocks_lose(&b, 4);
	assert_false(blocks_read_one(&b, got, 4));
	assert_int_equal(holes.tries, 0);
	assert_int_equal(alive(), 0);
}

/* All of it or nothing, and a sign of life for what fails. */
static void
whole(void **state)
{
	static uint8_t got[4 * BLOCK_SIZE];

	(void)state;
	assert_true(blocks_read(&b, got, sizeof got, BLOCK_SIZE));
	assert_memory_equal(got, original[1], sizeof got);
	assert_int_equal(alive(), 0);
	holes_add(3 * BLOCK_SIZE, 2048);
	assert_false(blocks_read(&b, got, sizeof got, 0));
	assert_int_equal(alive(), 1);
	assert_true(blocks_read(&b, got, 3 * BLOCK_SIZE, 0));
	assert_true(blocks_read(&b, got, sizeof got, 4 * BLOCK_SIZE));
	assert_false(blocks_read(&b, got, sizeof got, (BLOCKS - 3) * BLOCK_SIZE));
	assert_int_equal(alive(), 1);
	assert_int_equal(b.failing, 0);
}

/* Slow failures of all blocks add up; good reads cost nothing, however slow. */
static void
patience(void **state)
{
	static const time_t slow[] = { 1, 7, 24 };
	uint8_t got[BLOCK_SIZE];

	(void)state;
	holes_add(0, 3 * BLOCK_SIZE);
	for (size_t i = 0; i < COUNT(slow); i++) {
		const uint64_t most = LIMIT_PATIENCE / (uint64_t)slow[i] + 1;

		takes = slow[i];
		b.failing = 0;
		holes.tries = 0;
		for (uint64_t n = 0; n < most; n++) {
			assert_false(blocks_read(&b, got, sizeof got, n % 3 * BLOCK_SIZE));
			assert_int_equal(b.failing, (n + 1) * (uint64_t)slow[i]);
			assert_int_equal(b.failing > LIMIT_PATIENCE, n + 1 == most);
			assert_int_equal(alive(), 1);
			if (n + 1 < most)
				assert_true(blocks_read(&b, got, sizeof got, 5 * BLOCK_SIZE));
		}
		assert_int_equal(holes.tries, most);
		/* nothing is asked for any more, not what would be good either */
		assert_false(blocks_read(&b, got, sizeof got, 0));
		assert_false(blocks_read(&b, got, sizeof got, 5 * BLOCK_SIZE));
		assert_false(blocks_read_one(&b, got, 5));
		assert_int_equal(holes.tries, most);
		assert_int_equal(alive(), 0);
	}
	/* exactly so long is not over yet */
	takes = 0;
	b.failing = LIMIT_PATIENCE;
	assert_true(blocks_read(&b, got, sizeof got, 5 * BLOCK_SIZE));
}

/* Two in a row that hang: it will not answer any more.  Each that comes back is a sign of life. */
static void
hangs(void **state)
{
	static const struct {
		time_t takes[4];	/* of one read after the other; 0: one that is good */
		unsigned alive;
		bool over;
	} table[] = {
		{ { LIMIT_HANG, LIMIT_HANG, 0, 0 }, 2, true },
		{ { LIMIT_HANG + 35, LIMIT_HANG, 0, 0 }, 2, true },
		{ { LIMIT_HANG - 1, LIMIT_HANG, 1, 1 }, 4, false },
		{ { LIMIT_HANG, 0, LIMIT_HANG, 0 }, 2, false },
		{ { LIMIT_HANG, 1, LIMIT_HANG, 1 }, 4, false },
		{ { 0, LIMIT_HANG, LIMIT_HANG, 0 }, 2, true },
	};
	uint8_t got[BLOCK_SIZE];

	(void)state;
	holes_add(0, BLOCK_SIZE);
	for (size_t i = 0; i < COUNT(table); i++) {
		b.failing = 0;
		b.hangs = 0;
		for (size_t k = 0; k < COUNT(table[i].takes); k++) {
			const bool good = table[i].takes[k] == 0;

			takes = table[i].takes[k];
			assert_int_equal(blocks_read(&b, got, sizeof got,
			    good ? 7 * BLOCK_SIZE : 0), good && b.failing <= LIMIT_PATIENCE);
		}
		assert_int_equal(b.failing > LIMIT_PATIENCE, table[i].over);
		assert_int_equal(alive(), table[i].alive);
	}
}

/*
 * One block that hangs: the read of all of them does, then it does, once, and the others are good.
 * Two beside each other are two in a row.
 */
static void
one_hangs(void **state)
{
	static uint8_t got[4 * BLOCK_SIZE];

	(void)state;
	takes = LIMIT_HANG;
	holes_add(0, BLOCK_SIZE);
	assert_int_equal(blocks_read_some(&b, got, sizeof got, 0), 0);
	assert_false(blocks_read_one(&b, got, 0));
	for (unsigned n = 1; n < 4; n++)
		assert_true(blocks_read_one(&b, got, n));
	assert_int_equal(holes.tries, 2);
	assert_int_equal(b.failing, 2 * LIMIT_HANG);
	holes_add(BLOCK_SIZE, BLOCK_SIZE);
	assert_false(blocks_read_one(&b, got, 0));
	assert_false(blocks_read_one(&b, got, 1));
	assert_int_equal(holes.tries, 4);
	assert_false(blocks_read_one(&b, got, 2));
	assert_int_equal(blocks_read_some(&b, got, sizeof got, 0), 0);
	assert_int_equal(holes.tries, 4);
}

/* What was used up is there again; who was given up is asked once more, and then never again. */
static void
rest(void **state)
{
	static uint8_t got[4 * BLOCK_SIZE];

	(void)state;
	holes_add(0, 2 * BLOCK_SIZE);
	b.failing = LIMIT_PATIENCE + 1;
	assert_false(blocks_read_one(&b, got, 5));
	blocks_rest(&b);
	assert_true(blocks_read_one(&b, got, 5));
	takes = LIMIT_HANG;
	assert_false(blocks_read_one(&b, got, 0));
	assert_false(blocks_read_one(&b, got, 1));
	assert_false(blocks_read_one(&b, got, 5));	/* given up */
	assert_int_equal(holes.tries, 2);
	blocks_rest(&b);
	/* a long read, too, is the last one now */
	assert_int_equal(blocks_read_some(&b, got, sizeof got, 0), 0);
	assert_false(blocks_read_one(&b, got, 5));
	assert_int_equal(holes.tries, 3);
	blocks_rest(&b);
	assert_false(blocks_read_one(&b, got, 5));
}

/* Whoever answers then was only tired. */
static void
tired(void **state)
{
	static uint8_t got[BLOCK_SIZE];

	(void)state;
	holes_add(0, 2 * BLOCK_SIZE);
	takes = LIMIT_HANG;
	assert_false(blocks_read_one(&b, got, 0));
	assert_false(blocks_read_one(&b, got, 1));
	blocks_rest(&b);
	assert_true(blocks_read_one(&b, got, 5));
	assert_false(blocks_read_one(&b, got, 0));
	assert_true(blocks_read_one(&b, got, 5));
}

/* A read that is good, and takes its time, is a sign of life: the judge waits for a whole chunk. */
static void
slow_and_good(void **state)
{
	uint8_t got[BLOCK_SIZE];

	(void)state;
	holes_add(0, BLOCK_SIZE);
	holes.hole[0].heals = 1;	/* it counts as a try, and reads */
	takes = 1;
	assert_true(blocks_read(&b, got, sizeof got, 0));
	assert_int_equal(alive(), 1);
	assert_int_equal(b.failing, 0);
	takes = 0;
	assert_true(blocks_read(&b, got, sizeof got, 0));
	assert_int_equal(alive(), 0);
}

static void
good(void **state)
{
	uint8_t block[BLOCK_SIZE];

	(void)state;
	for (unsigned i = 0; i < BLOCKS; i++)
		for (unsigned k = 0; k < BLOCKS; k++)
			assert_int_equal(blocks_is_good(&b, original[i], k), i == k);
	for (size_t at = 0; at < BLOCK_SIZE; at += 21845) {
		memcpy(block, original[3], BLOCK_SIZE);
		block[at] ^= 1;
		assert_false(blocks_is_good(&b, block, 3));
	}
}

/* Blocks stand in the kept file at their own places, and nothing in it is believed. */
static void
kept(void **state)
{
	uint8_t block[BLOCK_SIZE];
	struct blocks none = b;
	int fd;

	(void)state;
	for (unsigned i = 0; i < BLOCKS; i++)
		assert_false(blocks_mend(&b, block, i));
	assert_true(blocks_keep(&b, original[7], 7));
	assert_true(blocks_mend(&b, block, 7));
	assert_memory_equal(block, original[7], BLOCK_SIZE);
	assert_false(blocks_mend(&b, block, 6));	/* a hole */
	assert_false(blocks_mend(&b, block, 8));	/* behind the end */
	/* a false one, a short one */
	assert_true(blocks_keep(&b, original[7], 8));
	assert_false(blocks_mend(&b, block, 8));
	assert_int_equal(ftruncate(b.kept, 8 * BLOCK_SIZE - 1), 0);
	assert_false(blocks_mend(&b, block, 7));
	assert_true(blocks_keep(&b, original[7], 7));
	assert_true(blocks_mend(&b, block, 7));
	none.kept = -1;
	assert_false(blocks_mend(&none, block, 7));
	/* it reads zeros and takes nothing */
	fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	none.kept = fd;
	assert_false(blocks_keep(&none, original[7], 7));
	assert_false(blocks_mend(&none, block, 7));
	close(fd);
}

/* Not there is one thing, and not to be read another: why says which. */
static void
kept_unreadable(void **state)
{
	uint8_t block[BLOCK_SIZE];
	struct blocks other = b;

	(void)state;
	assert_true(blocks_keep(&other, original[7], 7));
	errno = EIO;	/* of somebody else */
	assert_false(blocks_mend(&other, block, 6));
	assert_false(blocks_mend(&other, block, 8));
	assert_true(blocks_mend(&other, block, 7));
	assert_int_equal(other.why, 0);
	other.kept = open_file("kept", O_WRONLY);
	assert_false(blocks_mend(&other, block, 7));
	assert_int_equal(other.why, EBADF);
	close(other.kept);
	other.kept = -1;
	other.why = 0;
	assert_false(blocks_mend(&other, block, 7));
	assert_int_equal(other.why, 0);
}

static void
lost(void **state)
{
	static const uint64_t table[] = { 0, 7, 8, 15, 16, BLOCKS - 1, NONE };

	(void)state;
	for (size_t i = 0; table[i] != NONE; i++) {
		blocks_lose(&b, table[i]);
		blocks_lose(&b, table[i]);
		for (uint64_t n = 0; n < BLOCKS; n++) {
			bool want = false;

			for (size_t k = 0; k <= i; k++)
				want |= table[k] == n;
			assert_int_equal(blocks_is_lost(&b, n), want);
		}
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(begins),
		T(read_at),
		T(retries),
		T(whole),
		T(patience),
		T(hangs),
		T(one_hangs),
		T(rest),
		T(tired),
		T(slow_and_good),
		T(good),
		T(kept),
		T(kept_unreadable),
		T(lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
