/*
 * Tests of verify/repair: what is lost comes back byte for byte, stripe by stripe, or is counted;
 * nothing is put down that the map does not know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/mman.h>

#include "tests/unit/holes.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/repair.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* An image in memory, and the same in a file, where its SEAL area is none of zeros. */
struct image {
	struct scratch s;
	struct recovery r;
	uint64_t blocks;
	uint8_t *bytes, *room;
	int ends[2];		/* the pipe of reports */
	struct blocks b;
	struct report done;
};

static void
encode(struct image *i)
{
	const unsigned k = recovery_data_rows(&i->r), rows = k + (unsigned)i->r.parity;
	struct recovery_code *code = recovery_code_new(k, (unsigned)i->r.parity);
	uint8_t *zeros = calloc(1, BLOCK_SIZE), *row[RECOVERY_ROWS];

	assert_non_null(code);
	assert_non_null(zeros);
	for (uint64_t stripe = 0; stripe < i->r.stripes; stripe++) {
		for (unsigned n = 0; n < rows; n++) {
			uint64_t block = recovery_block(&i->r, stripe, n);

			row[n] = block == UINT64_MAX ? zeros : i->bytes + block * BLOCK_SIZE;
		}
		recovery_encode(code, row);
	}
	recovery_code_free(code);
	free(zeros);
}

static int
open_file(const struct image *i, const char *name, int flags)
{
	char path[256];
	int fd = open(scratch_path(&i->s, name, path), flags | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

static struct image *
image_new(uint64_t data, uint64_t stripes, uint64_t parity)
{
	struct image *i = calloc(1, sizeof *i);
	struct digest *map;
	int fd;

	assert_non_null(i);
	i->s = scratch_new();
	i->r = (struct recovery){ data, stripes, parity };
	assert_true(recovery_ok(&i->r));
	i->blocks = data + stripes * parity;
	i->bytes = malloc(i->blocks * BLOCK_SIZE);
	i->room = malloc(RECOVERY_ROWS * BLOCK_SIZE);
	map = calloc(i->blocks, sizeof *map);
	assert_true(i->bytes != NULL && i->room != NULL && map != NULL);
	srandom((unsigned)data);
	for (size_t n = 0; n < data * BLOCK_SIZE; n += 4) {
		const uint32_t word = (uint32_t)random();

		memcpy(i->bytes + n, &word, 4);
	}
	memset(i->bytes + SEAL_OFFSET, 0, SEAL_SIZE);
	encode(i);
	for (uint64_t n = 0; n < i->blocks; n++)
		digest_sha256(i->bytes + n * BLOCK_SIZE, BLOCK_SIZE, &map[n]);
	scratch_put(&i->s, "medium", i->bytes, i->blocks * BLOCK_SIZE);
	scratch_put(&i->s, "map", map, i->blocks * sizeof *map);
	free(map);
	assert_int_equal(pipe2(i->ends, O_CLOEXEC | O_NONBLOCK), 0);
	i->b = (struct blocks){ .medium = open_file(i, "medium", O_RDWR),
	    .kept = open_file(i, "kept", O_RDWR | O_CREAT), .report = i->ends[1] };
	fd = open_file(i, "map", O_RDONLY);
	assert_true(blocks_begin(&i->b, fd, i->blocks));
	close(fd);
	assert_int_equal(pwrite(i->b.medium, "WAXSEAL1", 8, SEAL_OFFSET), 8);
	holes_begin("");
	holes.fd = i->b.medium;
	return i;
}

static void
image_free(struct image *i)
{
	holes_begin("");
	close(i->b.medium);
	close(i->b.kept);
	close(i->ends[0]);
	close(i->ends[1]);
	munmap((void *)(uintptr_t)i->b.map, i->blocks * sizeof(struct digest));
	free(i->b.lost);
	digest_free(i->b.digest);
	free(i->bytes);
	free(i->room);
	scratch_end(&i->s);
	free(i);
}

/* As new, and nothing kept. */
static void
image_again(struct image *i)
{
	memset(i->b.lost, 0, i->blocks / 8 + 1);
	i->b.failing = 0;
	holes.count = 0;
	assert_int_equal(ftruncate(i->b.kept, 0), 0);
	assert_int_equal(pwrite(i->b.medium, i->bytes, i->blocks * BLOCK_SIZE, 0),
	    i->blocks * BLOCK_SIZE);
	assert_int_equal(pwrite(i->b.medium, "WAXSEAL1", 8, SEAL_OFFSET), 8);
}

/* The block reads falsely, as the first pass has found. */
static void
lose(struct image *i, uint64_t block)
{
	assert_int_equal(pwrite(i->b.medium, "false", 5, (off_t)(block * BLOCK_SIZE + 999)), 5);
	blocks_lose(&i->b, block);
}

static void
repair(struct image *i)
{
	struct report r;

	repair_run(&i->b, &i->r, i->room, &i->done);
	assert_int_equal(i->done.kind, REPORT_REPAIRED);
	while (read(i->ends[0], &r, sizeof r) == sizeof r)
		assert_int_equal(r.kind, REPORT_ALIVE);
}

/* What is kept is exactly those blocks that are lost in the medium, less ${lacking}. */
static void
kept_are_lost(struct image *i, uint64_t lacking)
{
	uint8_t *block = malloc(BLOCK_SIZE);
	uint64_t found = 0, lost = 0;

	assert_non_null(block);
	for (uint64_t n = 0; n < i->blocks; n++) {
		const bool is_lost = blocks_is_lost(&i->b, n);

		lost += is_lost;
		if (pread(i->b.kept, block, BLOCK_SIZE, (off_t)(n * BLOCK_SIZE)) != BLOCK_SIZE ||
		    memcmp(block, i->bytes + n * BLOCK_SIZE, BLOCK_SIZE) != 0)
			continue;
		assert_true(is_lost);
		found++;
	}
	assert_int_equal(found, lost - lacking);
	free(block);
}

static const struct { uint64_t data, stripes, parity; } forms[] = {
	{ 1, 1, 1 }, { 1, 1, 3 }, { 7, 1, 2 }, { 10, 3, 2 }, { 10, 10, 1 }, { 10, 9, 2 }, { 60, 4, 13 },
	{ 254, 1, 1 }, { 182, 1, 73 },
};

/* Of every stripe as much as parity, wherever it lies. */
static void
as_many_as_parity(void **state)
{
	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		struct image *i = image_new(forms[f].data, forms[f].stripes, forms[f].parity);
		const unsigned rows = recovery_data_rows(&i->r) + (unsigned)i->r.parity;

		for (unsigned run = 0; run < 4; run++) {
			uint64_t lost = 0;

			image_again(i);
			for (uint64_t stripe = 0; stripe < i->r.stripes; stripe++)
				for (uint64_t n = 0, k = 0; n < i->r.parity && k < rows; k++) {
					/* from the front, from the end, and on from the middle */
					const uint64_t row = run == 0 ? k : run == 1 ? rows - 1 - k :
					    (k + rows / run) % rows;
					const uint64_t block = recovery_block(&i->r, stripe,
					    (unsigned)row);

					if (block == UINT64_MAX)
						continue;
					lose(i, block);
					n++;
					lost++;
				}
			repair(i);
			assert_int_equal(i->done.number, lost);
			assert_int_equal(i->done.lost, 0);
			assert_int_equal(i->done.stripes, 0);
			kept_are_lost(i, 0);
		}
		image_free(i);
	}
}

/* One more in one stripe: nothing of that comes back, and all of the others. */
static void
one_more(void **state)
{
	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		struct image *i = image_new(forms[f].data, forms[f].stripes, forms[f].parity);
		const uint64_t last = i->r.stripes - 1;

		lose(i, last);
		for (uint64_t n = 0; n < i->r.parity; n++)
			for (uint64_t stripe = 0; stripe < i->r.stripes; stripe++)
				lose(i, i->r.data + n * i->r.stripes + stripe);
		repair(i);
		assert_int_equal(i->done.lost, i->r.parity + 1);
		assert_int_equal(i->done.stripes, 1);
		assert_int_equal(i->done.number, last * i->r.parity);
		kept_are_lost(i, i->r.parity + 1);
		image_free(i);
	}
}

static void
nothing_lost(void **state)
{
	struct image *i = image_new(30, 4, 2);

	(void)state;
	/* nobody is asked */
	holes_add(0, i->blocks * BLOCK_SIZE);
	repair(i);
	assert_int_equal(i->done.number + i->done.lost + i->done.stripes, 0);
	assert_int_equal(holes.tries, 0);
	image_free(i);
}

/* The first block is computed, and helps to compute others, as if its SEAL area were zeros. */
static void
block_of_the_seal(void **state)
{
	struct image *i = image_new(30, 4, 1);

	(void)state;
	lose(i, 0);
	repair(i);
	assert_int_equal(i->done.number, 1);
	kept_are_lost(i, 0);
	image_again(i);
	lose(i, 4);
	repair(i);
	assert_int_equal(i->done.number, 1);
	kept_are_lost(i, 0);
	image_free(i);
}

/* What was good a moment ago and does not read now is one more that is lost. */
static void
lost_meanwhile(void **state)
{
	struct image *i = image_new(30, 3, 2);

	(void)state;
	lose(i, 1);
	holes_add(4 * BLOCK_SIZE + 5, 1);
	repair(i);
	assert_int_equal(i->done.number, 2);
	assert_int_equal(i->done.lost, 0);
	assert_int_equal(holes.tries, LIMIT_RETRIES);
	blocks_lose(&i->b, 4);
	kept_are_lost(i, 0);
	image_again(i);
	lose(i, 1);
	holes_add(4 * BLOCK_SIZE, BLOCK_SIZE);
	holes_add(7 * BLOCK_SIZE, BLOCK_SIZE);
	repair(i);
	assert_int_equal(i->done.number, 0);
	assert_int_equal(i->done.lost, 3);
	assert_int_equal(i->done.stripes, 1);
	/* a lost block is not asked for again */
	image_again(i);
	holes.tries = 0;
	lose(i, 1);
	lose(i, 4);
	holes_add(BLOCK_SIZE, BLOCK_SIZE);
	holes_add(4 * BLOCK_SIZE, BLOCK_SIZE);
	repair(i);
	assert_int_equal(i->done.number, 2);
	assert_int_equal(holes.tries, 0);
	image_free(i);
}

/* What reads differently now is lost, too: nobody takes what comes out of it. */
static void
false_meanwhile(void **state)
{
	struct image *i = image_new(30, 3, 2);

	(void)state;
	lose(i, 1);
	lose(i, 2);
	assert_int_equal(pwrite(i->b.medium, "x", 1, 4 * BLOCK_SIZE), 1);
	repair(i);
	assert_int_equal(i->done.number, 3);
	assert_int_equal(i->done.lost, 0);
	blocks_lose(&i->b, 4);
	kept_are_lost(i, 0);
	/* that is one too many */
	image_again(i);
	lose(i, 1);
	lose(i, 2);
	assert_int_equal(pwrite(i->b.medium, "x", 1, 4 * BLOCK_SIZE), 1);
	assert_int_equal(pwrite(i->b.medium, "x", 1, 7 * BLOCK_SIZE), 1);
	repair(i);
	assert_int_equal(i->done.number, 1);
	assert_int_equal(i->done.lost, 3);
	assert_int_equal(i->done.stripes, 1);
	image_free(i);
}

/* What another copy gave goes into the stripe, for what does not read and for what is false. */
static void
beside_kept(void **state)
{
	struct image *i = image_new(30, 3, 2);

	(void)state;
	for (unsigned reads = 0; reads < 2; reads++) {
		image_again(i);
		/* mended by the first pass */
		if (reads == 1)
			assert_int_equal(pwrite(i->b.medium, "x", 1, 4 * BLOCK_SIZE), 1);
		else
			holes_add(4 * BLOCK_SIZE, BLOCK_SIZE);
		assert_true(blocks_keep(&i->b, i->bytes + 4 * BLOCK_SIZE, 4));
		blocks_lose(&i->b, 4);
		lose(i, 1);
		lose(i, 7);
		repair(i);
		if (i->done.number != 2 || i->done.lost != 0)
			fail_msg("%s: %u repaired, %u lost", reads == 1 ? "it is false" :
			    "it does not read", (unsigned)i->done.number, i->done.lost);
		kept_are_lost(i, 0);
	}
	image_free(i);
}

/* No room for what is computed, or no file for it: that is not the medium's fault. */
static void
full(void **state)
{
	struct image *i = image_new(30, 3, 2);
	const int kept = i->b.kept;
	const struct { int file, why; } table[] = {
		{ open("/dev/full", O_RDWR | O_CLOEXEC), ENOSPC }, { -1, EBADF },
	};

	(void)state;
	lose(i, 1);
	lose(i, 2);
	for (size_t n = 0; n < COUNT(table); n++) {
		i->b.kept = table[n].file;
		repair(i);
		assert_int_equal(i->done.number, 0);
		assert_int_equal(i->done.lost, 0);
		assert_int_equal(i->done.stripes, 0);
		assert_int_equal(i->done.failed, 2);
		assert_int_equal(i->done.why, table[n].why);
	}
	/* what cannot be computed stays lost */
	lose(i, 4);
	lose(i, 7);
	repair(i);
	assert_int_equal(i->done.lost, 3);
	assert_int_equal(i->done.stripes, 1);
	assert_int_equal(i->done.failed, 1);
	close(table[0].file);
	i->b.kept = kept;
	image_free(i);
}

/* What was kept before cannot be read: that may be what is missing, and is no word on the medium. */
static void
kept_unreadable(void **state)
{
	struct image *i = image_new(30, 3, 2);
	const int kept = i->b.kept;

	(void)state;
	i->b.kept = open_file(i, "kept", O_WRONLY);
	lose(i, 1);
	lose(i, 4);
	repair(i);	/* these can be computed, and are */
	assert_int_equal(i->done.number, 2);
	assert_int_equal(i->done.failed, 0);
	lose(i, 7);
	repair(i);
	assert_int_equal(i->done.number, 0);
	assert_int_equal(i->done.lost, 0);
	assert_int_equal(i->done.failed, 3);
	assert_int_equal(i->done.why, EBADF);
	close(i->b.kept);
	i->b.kept = kept;
	image_free(i);
}

/* Signs of life while there is something to do: one for each stripe that was not whole. */
static void
signs_of_life(void **state)
{
	struct image *i = image_new(30, 5, 1);
	struct report r;
	unsigned n = 0;

	(void)state;
	lose(i, 0);
	lose(i, 3);
	lose(i, 4);
	repair_run(&i->b, &i->r, i->room, &i->done);
	while (read(i->ends[0], &r, sizeof r) == sizeof r)
		n += r.kind == REPORT_ALIVE;
	assert_int_equal(n, 3);
	image_free(i);
}

/* No code can be had for it, as when there is no memory: that is said, and nothing is touched. */
static void
no_plan(void **state)
{
	static const struct recovery wrong[] = { { 30, 1, 226 }, { 300, 1, 1 }, { 30, 3, 0 } };
	struct image *i = image_new(30, 3, 2);

	(void)state;
	for (size_t n = 0; n < COUNT(wrong); n++) {
		repair_run(&i->b, &wrong[n], i->room, &i->done);
		assert_int_equal(i->done.kind, REPORT_REPAIRED);
		assert_int_equal(i->done.number + i->done.lost, 0);
		assert_int_equal(i->done.failed, 1);
		assert_int_equal(i->done.why, ENOMEM);
	}
	image_free(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_parity),
		cmocka_unit_test(one_more),
		cmocka_unit_test(nothing_lost),
		cmocka_unit_test(block_of_the_seal),
		cmocka_unit_test(lost_meanwhile),
		cmocka_unit_test(false_meanwhile),
		cmocka_unit_test(beside_kept),
		cmocka_unit_test(full),
		cmocka_unit_test(kept_unreadable),
		cmocka_unit_test(signs_of_life),
		cmocka_unit_test(no_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
