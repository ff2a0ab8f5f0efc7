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
#include "tests/unit/holes.h"
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
image_with(uint64_t iso, uint64_t chain_len, unsigned percent)
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
	holes_begin(path);
	i->seal.percent = percent;
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
	i->j.image_chain = chain;
	put(i, i->seal.map.offset, i->map, (size_t)i->seal.map.length);
	put(i, i->seal.map2.offset, i->map, (size_t)i->seal.map.length);
	put(i, i->seal.chain.offset, chain, (size_t)chain_len);
	put(i, i->seal.chain2.offset, chain, (size_t)chain_len);
	put(i, i->seal.backup, i->j.area, SEAL_SIZE);
	assert_int_equal(ftruncate(i->fd, (off_t)i->seal.size), 0);
	return i;
}

static struct image *
image_new(uint64_t iso, uint64_t chain_len)
{
	return image_with(iso, chain_len, 0);
}

static void
image_free(struct image *i)
{
	const unsigned n = i->before;

	close(i->fd);
	free(i->map);
	free(i->j.image_chain);
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
	const struct check *last;
	struct digest *map;
	enum err e;

	i->j.check_count = 0;
	i->j.second_map = false;
	i->j.fault = (struct fault){ .err = OK };
	assert_int_equal(pipeline_start(&i->p, &m, &i->j.device, NULL), OK);
	e = coverage_map(i->p, &i->j, &map);
	assert_int_equal(map != NULL, e == OK);
	if (e == OK) {
		assert_memory_equal(map, i->map, i->seal.map.length);
		e = coverage_tail(i->p, &i->j, map);
		free(map);
	}
	pipeline_stop(i->p);
	last = i->j.check_count == 0 ? NULL : &i->j.check[i->j.check_count - 1];
	/* that the second map is used is said, and that the first does not read */
	assert_in_range(i->j.check_count, e == OK ? 0 : 1, i->j.second_map ? 2 : 1);
	if (e == OK && last != NULL)
		assert_int_equal(last->state, CHECK_REMARK);
	if (e != OK) {
		assert_int_equal(last->state, CHECK_FAILED);
		assert_int_equal(last->err, e);
		assert_int_equal(i->j.fault.err, e);
	}
	*step = last == NULL ? "" : last->step;
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
	/* the same change in both chains, since V2 has read the first */
	put(i, i->seal.chain.offset + 7, "x", 1);
	put(i, i->seal.chain2.offset + 7, "x", 1);
	assert_int_equal(covered(i, &step), ERR_CHAIN_COPY);
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
		/* of what there are two of, one may be missing, and that is said */
		assert_int_equal(covered(i, &step),
		    strcmp(table[n].step, "V7") == 0 ? ERR_UNREADABLE : OK);
		assert_string_equal(step, table[n].step);
	}
	image_free(i);
}

/* Parity lies in front of the map, and is as little an affair of this as the other blocks. */
static void
with_parity(void **state)
{
	struct image *i = image_with(1000 * BLOCK_SIZE, 5000, 5);

	(void)state;
	assert_int_equal(i->seal.blocks, 1050);
	every_region(i);
	image_free(i);
}

/* ---- what does not read ---- */

struct place { uint64_t offset, length; };

/* Like covered, with holes and with bytes that are false. */
static enum err
damaged(struct image *i, const struct place hole[2], const struct place *wrong, const char **step)
{
	uint8_t *byte = calloc(1, wrong->length + 1), *other = malloc(wrong->length + 1);
	enum err e;

	assert_true(byte != NULL && other != NULL);
	holes.count = 0;
	for (size_t n = 0; n < 2; n++)
		if (hole[n].length > 0)
			holes_add(hole[n].offset, hole[n].length);
	assert_int_equal(pread(i->fd, byte, wrong->length, (off_t)wrong->offset), wrong->length);
	for (uint64_t n = 0; n < wrong->length; n++)
		other[n] = byte[n] ^ 1;
	put(i, wrong->offset, other, wrong->length);
	e = covered(i, step);
	put(i, wrong->offset, byte, wrong->length);
	holes.count = 0;
	free(byte);
	free(other);
	return e;
}

/* One copy, or mere zeros, may be lost, and it is said; what reads and is false is refused. */
static void
unread(void **state)
{
	struct image *i = image_new(UINT64_C(3000) * BLOCK_SIZE, 200000);
	const struct seal *s = &i->seal;
	const struct place map = { s->map.offset + 5, 1 }, map2 = { s->map2.offset + 70000, 1 },
	    chain = { s->chain.offset + 140000, 2048 }, chain2 = { s->chain2.offset, 1 },
	    backup = { s->backup, 1 }, gap = { s->chain.offset + s->chain.length + 100, 1 },
	    gap2 = { s->backup + SEAL_SIZE + 5, 1 }, tail = { s->size - 5000, 1 },
	    all = { s->map.offset + s->map.length, s->size - s->map.offset - s->map.length },
	    none = { 0, 0 },
	    map_later = { s->map.offset + 70000, 1 }, map2_first = { s->map2.offset + 5, 1 },
	    chain_first = { s->chain.offset + 5, 1 };
	const struct {
		const char *what;
		struct place hole[2], wrong;
		enum err want;
		const char *step;
	} table[] = {
		{ "map", { map }, none, OK, "V8" },
		{ "all of the map", { { s->map.offset, s->map.length } }, none, OK, "V8" },
		{ "both maps", { map, map2 }, none, ERR_UNREADABLE, "V7" },
		{ "second map", { map2 }, none, OK, "V8" },
		{ "first chain", { chain }, none, OK, "V8" },
		{ "second chain", { chain2 }, none, OK, "V8" },
		{ "both chains", { chain, chain2 }, none, OK, "V8" },
		{ "backup", { backup }, none, OK, "V8" },
		{ "zeros", { gap, tail }, none, OK, "V8" },
		{ "everything behind the map", { all }, none, OK, "V8" },
		{ "map, of which the second is false", { map }, map2, ERR_UNREADABLE, "V7" },
		{ "second map, and the first is false", { map2 }, map, ERR_MAP_DIGEST, "V7" },
		{ "everything behind, and the map is false", { all }, map, ERR_MAP_DIGEST, "V7" },
		/* what else does not read makes nothing good */
		{ "tail, and a chain is false", { tail }, chain2, ERR_CHAIN_COPY, "V8" },
		{ "zeros, and a chain is false", { gap }, chain2, ERR_CHAIN_COPY, "V8" },
		{ "backup, and a chain is false", { backup }, chain2, ERR_CHAIN_COPY, "V8" },
		{ "second map, and a chain is false", { map2 }, chain, ERR_CHAIN_COPY, "V8" },
		{ "zeros before it, and the second map is false", { gap2 }, map2, ERR_MAP_COPY, "V8" },
		{ "chains, and the second map is false", { chain, chain2 }, map2, ERR_MAP_COPY, "V8" },
		/* nor what else there is of the same copy */
		{ "part of the map, and another is false", { map }, map_later, ERR_MAP_COPY, "V8" },
		{ "part of the second", { map2 }, map2_first, ERR_MAP_COPY, "V8" },
		{ "part of the chain", { chain }, chain_first, ERR_CHAIN_COPY, "V8" },
		{ "backup, and zeros are not", { backup }, gap, ERR_NOT_ZERO, "V8" },
		{ "first chain, and the backup is false", { chain }, backup, ERR_BACKUP, "V8" },
		{ "second map, and the tail is not zero", { map2 }, tail, ERR_NOT_ZERO, "V8" },
	};

	(void)state;
	for (size_t n = 0; n < COUNT(table); n++) {
		const char *step;
		enum err e = damaged(i, table[n].hole, &table[n].wrong, &step);

		if (e != table[n].want || strcmp(step, table[n].step) != 0)
			fail_msg("%s: %s, %s", table[n].what, err_code(e), step);
		if (e == OK) {
			assert_int_equal(i->j.second_map,
			    table[n].hole[0].offset < s->map.offset + s->map.length);
			assert_int_equal(i->j.check_count, i->j.second_map ? 2 : 1);
			if (i->j.second_map)
				assert_string_equal(i->j.check[0].name, "map");
			assert_string_equal(i->j.check[i->j.check_count - 1].name, "copies");
			assert_int_equal(i->j.fault.err, OK);
		}
	}
	image_free(i);
}

/* The backup was used at V2: what of the first SEAL area reads now says the same. */
static void
first_seal(void **state)
{
	struct image *i = image_new(400000, 5000);
	const struct place hole[2] = { { SEAL_OFFSET + 4096, 512 } }, no_hole[2] = { { 0, 0 } },
	    none = { 0, 0 };
	const char *step;

	(void)state;
	put(i, SEAL_OFFSET, i->j.area, SEAL_SIZE);
	differs(i, SEAL_OFFSET, OK);	/* V2 looked at the first, and that is all */
	i->j.backup = i->seal.backup;
	assert_int_equal(damaged(i, no_hole, &none, &step), OK);
	assert_string_equal(step, "");
	/* it still does not read: that is known */
	assert_int_equal(damaged(i, hole, &none, &step), OK);
	assert_string_equal(step, "");
	differs(i, SEAL_OFFSET - 1, OK);
	differs(i, SEAL_OFFSET, ERR_BACKUP);
	differs(i, SEAL_OFFSET + 9000, ERR_BACKUP);
	differs(i, SEAL_OFFSET + SEAL_SIZE - 1, ERR_BACKUP);
	differs(i, SEAL_OFFSET + SEAL_SIZE, OK);
	every_region(i);
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
		cmocka_unit_test(with_parity),
		cmocka_unit_test(unread),
		cmocka_unit_test(first_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
