/*
 * Tests of verify/coverage: no byte behind the blocks that is not a copy, a digest or zero.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "formats/limits.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/coverage.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* An image whose blocks are a hole: coverage looks at what lies behind them. */
struct image {
	struct scratch s;
	struct seal seal;
	struct pipeline *p;
	struct judgement j;
	struct digest *map;
	int fd;
	unsigned before;
};

static void
put(const struct image *i, uint64_t offset, const void *bytes, size_t len)
{
	assert_int_equal(pwrite(i->fd, bytes, len, (off_t)offset), (ssize_t)len);
}

static struct image *
image_new(uint64_t iso, uint64_t chain_len)
{
	struct image *i = calloc(1, sizeof *i);
	uint8_t *chain = malloc(chain_len);
	char path[256];

	assert_non_null(i);
	assert_non_null(chain);
	i->before = process_descriptors();
	i->s = scratch_new();
	i->fd = open(scratch_path(&i->s, "image", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_not_equal(i->fd, -1);
	assert_int_equal(seal_layout(&i->seal, iso, chain_len), OK);
	i->map = calloc(i->seal.blocks, sizeof *i->map);
	assert_non_null(i->map);
	for (uint64_t b = 0; b < i->seal.blocks; b++)
		memset(i->map[b].b, (int)(b % 255) + 1, 32);
	digest_sha256(i->map, (size_t)i->seal.map.length, &i->seal.map_digest);
	for (uint64_t b = 0; b < chain_len; b++)
		chain[b] = (uint8_t)(b % 251 + 1);
	for (size_t b = 0; b < SEAL_SIZE; b++)
		i->j.area[b] = (uint8_t)(b % 241 + 1);
	i->j.seal = &i->seal;
	put(i, i->seal.map.offset, i->map, (size_t)i->seal.map.length);
	put(i, i->seal.map2.offset, i->map, (size_t)i->seal.map.length);
	put(i, i->seal.chain.offset, chain, (size_t)chain_len);
	put(i, i->seal.chain2.offset, chain, (size_t)chain_len);
	put(i, i->seal.backup, i->j.area, SEAL_SIZE);
	assert_int_equal(ftruncate(i->fd, (off_t)i->seal.size), 0);
	free(chain);
	return i;
}

static void
image_free(struct image *i)
{
	const unsigned n = i->before;

	close(i->fd);
	free(i->map);
	scratch_end(&i->s);
	free(i);
	assert_int_equal(process_descriptors(), n);
	process_no_children();
}

/* V7, then V8; the map must be the one that was put there. */
static enum err
covered(struct image *i, const char **step)
{
	char path[256];
	const struct crew_medium m = { .path = scratch_path(&i->s, "image", path),
	    .source = &device_machine, .kept = -1 };
	struct digest *map;
	enum err e;

	i->j.check_count = 0;
	i->j.fault = (struct fault){ .err = OK };
	assert_int_equal(pipeline_start(&i->p, &m, &i->j.device, NULL), OK);
	e = coverage_map(i->p, &i->j, &map);
	assert_int_equal(map != NULL, e == OK);
	if (e == OK) {
		assert_memory_equal(map, i->map, i->seal.map.length);
		free(map);
		e = coverage_tail(i->p, &i->j);
	}
	pipeline_stop(i->p);
	assert_int_equal(i->j.check_count, e == OK ? 0 : 1);
	if (e != OK) {
		assert_int_equal(i->j.check[0].state, CHECK_FAILED);
		assert_int_equal(i->j.check[0].err, e);
		assert_int_equal(i->j.fault.err, e);
	}
	*step = e == OK ? "" : i->j.check[0].step;
	return e;
}

/* One byte differs at ${offset}. */
static void
differs(struct image *i, uint64_t offset, enum err want)
{
	const char *step;
	uint8_t byte, other;
	enum err e;

	assert_int_equal(pread(i->fd, &byte, 1, (off_t)offset), 1);
	other = byte ^ 1;
	put(i, offset, &other, 1);
	e = covered(i, &step);
	if (e != want)
		fail_msg("byte %llu: %s", (unsigned long long)offset, err_code(e));
	assert_string_equal(step, want == OK ? "" : want == ERR_MAP_DIGEST ? "V7" : "V8");
	put(i, offset, &byte, 1);
}

/* First, last and a middle byte of each region, and of the zeros between them, if there are any. */
static void
every_region(struct image *i)
{
	const struct seal *s = &i->seal;
	const struct { uint64_t offset, length; enum err want; } region[] = {
		{ s->map.offset, s->map.length, ERR_MAP_DIGEST },
		{ s->chain.offset, s->chain.length, ERR_CHAIN_COPY },
		{ s->backup, SEAL_SIZE, ERR_BACKUP },
		{ s->map2.offset, s->map2.length, ERR_MAP_COPY },
		{ s->chain2.offset, s->chain2.length, ERR_CHAIN_COPY },
		{ s->size, 0, OK },
	};
	const char *step;

	assert_int_equal(covered(i, &step), OK);
	differs(i, 0, OK);			/* the blocks are not its affair */
	differs(i, s->map.offset - 1, OK);
	for (size_t r = 0; r + 1 < COUNT(region); r++) {
		const uint64_t end = region[r].offset + region[r].length;

		differs(i, region[r].offset, region[r].want);
		differs(i, region[r].offset + region[r].length / 2, region[r].want);
		differs(i, end - 1, region[r].want);
		if (end == region[r + 1].offset)
			continue;
		differs(i, end, ERR_NOT_ZERO);
		differs(i, end + (region[r + 1].offset - end) / 2, ERR_NOT_ZERO);
		differs(i, region[r + 1].offset - 1, ERR_NOT_ZERO);
	}
	/* what lies behind the image is a device's own */
	put(i, s->size, "behind", 6);
	assert_int_equal(covered(i, &step), OK);
}

static void
small(void **state)
{
	struct image *i = image_new(400000, 5000);

	(void)state;
	every_region(i);
	image_free(i);
}

/* Copies longer than what is read at once, and regions without a gap between them. */
static void
large(void **state)
{
	struct image *i = image_new(UINT64_C(40000) * BLOCK_SIZE, 3 * MIB);

	(void)state;
	every_region(i);
	image_free(i);
	i = image_new(UINT64_C(2048) * BLOCK_SIZE, MIB - 65536);
	assert_int_equal(i->seal.map.offset + i->seal.map.length, i->seal.chain.offset);
	every_region(i);
	image_free(i);
}

static void
both_copies(void **state)
{
	struct image *i = image_new(400000, 5000);
	const char *step;

	(void)state;
	/* the same change in both chains is seen by V2, which checks the signatures of the first */
	put(i, i->seal.chain.offset + 7, "x", 1);
	put(i, i->seal.chain2.offset + 7, "x", 1);
	assert_int_equal(covered(i, &step), OK);
	/* in both maps: no longer the one that was sealed */
	put(i, i->seal.map.offset + 7, "x", 1);
	put(i, i->seal.map2.offset + 7, "x", 1);
	assert_int_equal(covered(i, &step), ERR_MAP_DIGEST);
	image_free(i);
}

static void
cut(void **state)
{
	struct image *i = image_new(400000, 5000);
	const struct seal *s = &i->seal;
	const struct { uint64_t size; const char *step; } table[] = {
		{ s->size - 1, "V8" }, { s->chain2.offset, "V8" }, { s->map2.offset + 1, "V8" },
		{ s->backup, "V8" }, { s->chain.offset, "V8" },
		{ s->map.offset + s->map.length - 1, "V7" }, { s->map.offset, "V7" }, { 0, "V7" },
	};
	const char *step;

	(void)state;
	for (size_t n = 0; n < COUNT(table); n++) {
		assert_int_equal(ftruncate(i->fd, (off_t)table[n].size), 0);
		assert_int_equal(covered(i, &step), ERR_UNREADABLE);
		assert_string_equal(step, table[n].step);
	}
	image_free(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small),
		cmocka_unit_test(large),
		cmocka_unit_test(both_copies),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
