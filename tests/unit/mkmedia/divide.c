/*
 * Tests of mkmedia/divide: what libisofs really lays out for the cuts that are found.  The files are
 * not there; only what their names and sizes take is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/sums.h"
#include "mkmedia/assemble.h"
#include "mkmedia/divide.h"
#include "mkmedia/volume.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define CHAIN 3000u	/* bytes; only their number is looked at */

static struct fault f;
static struct trust_chain *chain;
static struct vendor_register r;
static struct consignment c;
static struct seal s;

static int
setup(void **state)
{
	(void)state;
	f = (struct fault){ .err = OK };
	chain = trust_chain_new();
	assert_non_null(chain);
	chain->len = CHAIN;
	r = (struct vendor_register){ .chain = chain };
	c = (struct consignment){ .r = &r, .date = { 1795000000, 0 }, .readme = strdup("Read.\n"),
	    .readme_len = 6 };
	s = (struct seal){ .volumes = 1 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < c.count; i++) {
		free(c.release[i].release);
		c.release[i].release = NULL;	/* was no document */
	}
	consignment_free(&c);
	trust_chain_free(chain);
	return 0;
}

/* A release of ${count} files of ${size} bytes, PATTERN with its number, which sorts. */
static void
add_release(const char *id, size_t count, uint64_t size, const char *pattern)
{
	struct consignment_release *rel = &c.release[c.count];
	struct digest none = { { 0 } };
	char path[400], before[400] = "";

	*rel = (struct consignment_release){ .payload = -1, .document = strdup("x"),
	    .document_len = 1 };
	rel->release = calloc(1, sizeof(*rel->release));
	rel->file = calloc(count, sizeof(*rel->file));
	rel->sums = malloc(count * 480);
	assert_true(rel->release != NULL && rel->file != NULL && rel->sums != NULL);
	rel->release->id = id;
	rel->release->files = count;
	for (size_t i = 0; i < count; i++) {
		/* The pattern has two numbers: a directory of 500, and the file. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		assert_in_range(snprintf(path, sizeof(path), pattern, (int)(i / 500), (int)i), 1, 399);
#pragma GCC diagnostic pop
		rel->sums_len += sums_print(&none, path, strlen(path), rel->sums + rel->sums_len);
		rel->file[i] = (struct plan_file){ .size = size,
		    .names = plan_names(path, strlen(path), before, strlen(before)) };
		strcpy(before, path);
	}
	c.plan.release[c.count].count = count;
	c.plan.release[c.count].file = rel->file;
	c.plan.count = ++c.count;
}

/* Bytes that the ISO volume of volume ${i} takes. */
static uint64_t
laid_out(uint64_t i)
{
	struct volume v;
	uint64_t bytes;

	s.volume = i;
	assert_int_equal(volume_fill(&v, &c, &s, VOLUME_NONE, &f), OK);
	assert_int_equal(image_size(v.image, &bytes), OK);
	volume_free(&v);
	return bytes;
}

static void
check(uint64_t size, uint64_t volumes, double fill)
{
	uint64_t room = assemble_room(size, CHAIN, s.percent), bytes;
	struct seal layout = { .percent = s.percent };

	assert_int_equal(divide_cuts(&c, &s, size, &f), OK);
	assert_int_equal(s.volumes, volumes);
	assert_int_equal(s.cut[0].release + s.cut[0].offset, 0);
	assert_int_equal(s.cut[0].line, 1);
	for (uint64_t i = 1; i <= s.volumes; i++) {
		bytes = laid_out(i);
		if (bytes > room)
			fail_msg("volume %llu: %llu of %llu", (unsigned long long)i,
			    (unsigned long long)bytes, (unsigned long long)room);
		assert_int_equal(seal_layout(&layout, bytes, CHAIN), OK);
		if (layout.size > size)
			fail_msg("volume %llu with %u %% parity: its ISO volume of %llu bytes makes an "
			    "image of %llu, %llu are allowed", (unsigned long long)i, s.percent,
			    (unsigned long long)bytes, (unsigned long long)layout.size,
			    (unsigned long long)size);
		if (i < s.volumes && (double)bytes < fill * (double)room)
			fail_msg("volume %llu: only %llu of %llu", (unsigned long long)i,
			    (unsigned long long)bytes, (unsigned long long)room);
	}
}

static void
large_files(void **state)
{
	uint64_t room = assemble_room(736960512, CHAIN, 0);
	uint64_t base;

	(void)state;
	add_release("R1", 3, 2000 * MIB, "%d/file%d");
	check(736960512, 9, 0.9999);
	/* The largest single file that goes on one CD, and one byte more. */
	c.count = c.plan.count = 0;
	free(c.release[0].file);
	free(c.release[0].sums);
	free(c.release[0].document);
	free(c.release[0].release);
	add_release("R1", 1, 0, "%d/file%d");
	s.volumes = 1;
	base = laid_out(1);
	c.release[0].file[0].size = room - base;
	check(736960512, 1, 0);
	c.release[0].file[0].size++;
	check(736960512, 2, 0.9999);
}

static void
small_files(void **state)
{
	(void)state;
	add_release("R1", 100000, 100, "d%03d/file-%06d.txt");
	check(20 * MIB, 20, 0.995);
	check(100 * MIB, 3, 0.999);
	check(LIMIT_IMAGE, 1, 0);
}

static void
with_parity(void **state)
{
	static const unsigned percents[] = { 0, 1, 5, 13, 40 };

	(void)state;
	add_release("R1", 3, 1000 * MIB, "%d/file%d");
	for (size_t i = 0; i < COUNT(percents); i++) {
		s.percent = percents[i];
		check(736960512, percents[i] == 40 ? 7 : 5, 0.9999);
		check(UINT64_C(4700372992), 1, 0);
	}
}

/* Parity comes in whole stripes.  However much of a volume is used, its image is not too large. */
static void
parity_steps(void **state)
{
	const uint64_t size = 495 * MIB;
	uint64_t base, room;

	(void)state;
	add_release("R1", 1, 0, "%d/file%d");
	base = laid_out(1);
	s.percent = 5;
	room = assemble_room(size, CHAIN, s.percent);
	for (uint64_t less = 0; less < 64; less++) {
		c.release[0].file[0].size = room - base - less * BLOCK_SIZE;
		check(size, 1, 0);
	}
}

/* Long names: continuation areas, and many directories. */
static void
long_names(void **state)
{
	(void)state;
	add_release("R1", 3000, 1, "%d/x/%0240d");
	add_release("R2", 2000, 5000, "%06d/a/b/c/d/e/f/g/h/%06d");
	add_release("R3", 1, 0, "%d%d");
	check(6 * MIB, 6, 0.98);
	check(30 * MIB, 1, 0);
}

static void
same_again(void **state)
{
	struct seal first;

	(void)state;
	add_release("R1", 20000, 3000, "d%03d/file-%06d");
	check(20 * MIB, 5, 0.99);
	first = s;
	check(20 * MIB, 5, 0.99);
	assert_memory_equal(first.cut, s.cut, sizeof(s.cut));
}

static void
refused(void **state)
{
	(void)state;
	add_release("R1", 20, 20 * MIB, "%d/f%02d");
	assert_int_equal(divide_cuts(&c, &s, 4 * MIB, &f), ERR_USAGE);	/* more than 99 */
	assert_non_null(strstr(f.at, "99"));
	assert_int_equal(divide_cuts(&c, &s, 6 * MIB, &f), OK);
	assert_in_range(s.volumes, 80, 99);
	/* A list that fills the volume alone. */
	add_release("R2", 60000, 0, "%03d-%0200d");
	assert_int_equal(divide_cuts(&c, &s, 15 * MIB, &f), ERR_USAGE);
	assert_non_null(strstr(f.at, "15 MiB is too little"));
	/* A chain that does. */
	chain->len = 3 * MIB;
	assert_int_equal(assemble_room(5 * MIB, chain->len, 0), 0);
	assert_int_equal(divide_cuts(&c, &s, 5 * MIB, &f), ERR_USAGE);
}

static void
sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;		/* 0: refused */
	} table[] = {
		{ "cd", 736960512 }, { "dvd", 4700372992 }, { "bd", 25025314816 },
		{ "4194304", 4 * MIB }, { "4194303", 0 }, { "8796093022208", LIMIT_IMAGE },
		{ "8796093022209", 0 }, { "99999999999999999999999999", 0 }, { "", 0 }, { "CD", 0 },
		{ "cdd", 0 }, { "-1", 0 }, { "5000000 ", 0 }, { "5M", 0 }, { "0x5000000", 0 },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(divide_size(table[i].text, &bytes, &f),
		    table[i].want == 0 ? ERR_USAGE : OK);
		if (table[i].want != 0)
			assert_int_equal(bytes, table[i].want);
	}
}

/*
 * The most that fits: the image is not too large, and with a sector more it is.  Parity comes in whole
 * stripes, so that with it the most is known less exactly.
 */
static void
rooms(void **state)
{
	static const uint64_t size[] = { 4 * MIB, 4 * MIB + 2048, 16 * MIB, 50000001, 736960512,
	    UINT64_C(25025314816), LIMIT_IMAGE };
	static const size_t chain_len[] = { 1, 65535, 65536, 65537, 1000000 };
	struct seal layout = { .percent = 0 };
	uint64_t room, more;

	(void)state;
	for (layout.percent = 0; layout.percent <= LIMIT_RECOVERY; layout.percent++)
		for (size_t i = 0; i < COUNT(size) * COUNT(chain_len); i++) {
			const uint64_t most = size[i / COUNT(chain_len)];
			const size_t chain_bytes = chain_len[i % COUNT(chain_len)];

			room = assemble_room(most, chain_bytes, layout.percent);
			if (room == 0) {
				assert_true(most < 5 * MIB && chain_bytes == 1000000);
				continue;
			}
			assert_int_equal(seal_layout(&layout, room, chain_bytes), OK);
			assert_true(layout.size <= most);
			more = layout.percent == 0 ? SECTOR_SIZE : room / 50 + 2 * MIB;
			assert_true(seal_layout(&layout, room + more, chain_bytes) != OK ||
			    layout.size > most);
		}
	assert_int_equal(assemble_room(0, 1, 0), 0);
	assert_int_equal(assemble_room(1000, 1, 0), 0);
	assert_int_equal(assemble_room(1000, 1, 5), 0);
	assert_int_equal(assemble_room(16 * MIB, 1, LIMIT_RECOVERY + 1), 0);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(large_files), TEST(small_files), TEST(with_parity), TEST(parity_steps),
		TEST(long_names), TEST(same_again),
		TEST(refused), cmocka_unit_test(sizes), cmocka_unit_test(rooms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
