/*
 * Tests of mkmedia/parity: what is written is what SPEC, "Recovery", says, block by block, and where
 * it says; made with arithmetic of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "formats/limits.h"
#include "mkmedia/parity.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct scratch s;
static struct fault f;

/* GF(2^8) with the polynomial 0x11d, by the book. */
static uint8_t
multiply(uint8_t a, uint8_t b)
{
	unsigned sum = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		if ((b >> bit & 1) != 0)
			sum ^= (unsigned)a << bit;
	for (unsigned bit = 14; bit >= 8; bit--)
		if ((sum >> bit & 1) != 0)
			sum ^= 0x11du << (bit - 8);
	return (uint8_t)sum;
}

static uint8_t
inverse(uint8_t a)
{
	for (unsigned b = 1; b < 256; b++)
		if (multiply(a, (uint8_t)b) == 1)
			return (uint8_t)b;
	return 0;
}

/* Byte ${at} of parity block ${row} of ${stripe}. */
static uint8_t
parity_byte(const struct recovery *r, const uint8_t *image, uint64_t stripe, unsigned row, size_t at)
{
	const uint64_t k = (r->data + r->stripes - 1) / r->stripes;
	uint8_t sum = 0;

	for (uint64_t j = 0; j < k; j++) {
		const uint64_t block = j * r->stripes + stripe;

		if (block < r->data)
			sum ^= multiply(inverse((uint8_t)((k + row) ^ j)),
			    image[block * BLOCK_SIZE + at]);
	}
	return sum;
}

struct made {
	uint64_t blocks;
	int fd;
	uint8_t *image;		/* as it stands in the file */
	struct digest *map;
};

/* A file of ${r}->data blocks, the rest to come; ${zeros}: all zeros. */
static struct made
make(const struct recovery *r, bool zeros)
{
	struct made m = { .blocks = r->data + r->stripes * r->parity };
	char path[256];

	m.image = calloc(m.blocks, BLOCK_SIZE);
	m.map = calloc(m.blocks, sizeof *m.map);
	m.fd = open(scratch_path(&s, "image", path), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(m.image != NULL && m.map != NULL && m.fd != -1);
	srandom(7);
	for (size_t i = 0; !zeros && i < r->data * BLOCK_SIZE; i++)
		m.image[i] = (uint8_t)random();
	if (!zeros)
		assert_int_equal(write(m.fd, m.image, r->data * BLOCK_SIZE), r->data * BLOCK_SIZE);
	/* more room, as mkmedia makes it */
	assert_int_equal(ftruncate(m.fd, (off_t)(m.blocks * BLOCK_SIZE + 12345)), 0);
	return m;
}

static void
made_free(struct made *m)
{
	close(m->fd);
	free(m->image);
	free(m->map);
}

static int
setup(void **state)
{
	(void)state;
	s = scratch_new();
	f = (struct fault){ .at = "" };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_end(&s);
	return 0;
}

static void
as_specified(void **state)
{
	static const struct recovery table[] = {
		{ 1, 1, 1 }, { 1, 1, 5 }, { 2, 1, 1 }, { 2, 2, 1 }, { 7, 1, 3 }, { 10, 3, 2 },
		{ 31, 4, 5 }, { 100, 1, 5 }, { 101, 2, 3 }, { 182, 1, 73 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct recovery *r = &table[i];
		const unsigned before = process_descriptors();
		struct made m = make(r, false);
		uint8_t *got = malloc(m.blocks * BLOCK_SIZE);
		struct digest d;
		struct stat st;

		assert_non_null(got);
		assert_true(recovery_ok(r));
		assert_int_equal(parity_write(m.fd, r, m.map, &f), OK);
		assert_int_equal(pread(m.fd, got, m.blocks * BLOCK_SIZE, 0), m.blocks * BLOCK_SIZE);
		assert_memory_equal(got, m.image, r->data * BLOCK_SIZE);	/* untouched */
		for (uint64_t stripe = 0; stripe < r->stripes; stripe++)
			for (unsigned row = 0; row < r->parity; row++) {
				const uint64_t block = r->data + row * r->stripes + stripe;

				for (size_t at = 0; at < BLOCK_SIZE; at += 4099)
					assert_int_equal(got[block * BLOCK_SIZE + at],
					    parity_byte(r, m.image, stripe, row, at));
				assert_int_equal(got[(block + 1) * BLOCK_SIZE - 1],
				    parity_byte(r, m.image, stripe, row, BLOCK_SIZE - 1));
				digest_sha256(got + block * BLOCK_SIZE, BLOCK_SIZE, &d);
				assert_true(digest_equal(&d, &m.map[block]));
			}
		for (uint64_t block = 0; block < r->data; block++)
			assert_true(digest_is_zero(&m.map[block]));	/* another's affair */
		assert_int_equal(fstat(m.fd, &st), 0);
		assert_int_equal(st.st_size, m.blocks * BLOCK_SIZE + 12345);
		assert_true(lseek(m.fd, (off_t)(m.blocks * BLOCK_SIZE), SEEK_DATA) == -1);
		free(got);
		made_free(&m);
		assert_int_equal(process_descriptors(), before);
	}
}

/* Parity of zeros is zeros: it takes no room, and has its digests. */
static void
of_zeros(void **state)
{
	const struct recovery r = { 50, 3, 4 };
	struct made m = make(&r, true);
	struct digest d;

	(void)state;
	assert_int_equal(parity_write(m.fd, &r, m.map, &f), OK);
	assert_true(lseek(m.fd, 0, SEEK_DATA) == -1);
	digest_sha256(m.image, BLOCK_SIZE, &d);
	for (uint64_t block = r.data; block < m.blocks; block++)
		assert_true(digest_equal(&d, &m.map[block]));
	made_free(&m);
}

/* The same data gives the same parity, whoever of the two is faster. */
static void
same_again(void **state)
{
	const struct recovery r = { 300, 7, 3 };
	struct digest first[21];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct made m = make(&r, false);

		assert_int_equal(parity_write(m.fd, &r, m.map, &f), OK);
		if (i == 0)
			memcpy(first, m.map + r.data, sizeof first);
		assert_memory_equal(first, m.map + r.data, sizeof first);
		made_free(&m);
	}
}

static int
limited(void *arg)
{
	struct made *m = arg;
	const struct rlimit most = { 22 * BLOCK_SIZE, 22 * BLOCK_SIZE };
	const struct recovery r = { 20, 2, 2 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &most) != 0)
		return 1;
	return parity_write(m->fd, &r, m->map, &f) == ERR_IO && f.err == ERR_IO &&
	    strstr(f.at, "parity") != NULL ? 0 : 2;
}

static void
failures(void **state)
{
	const struct recovery r = { 20, 2, 2 }, one = { 20, 1, 2 }, wrong = { 300, 1, 5 };
	struct made m = make(&r, false);
	char path[256];
	int fd;

	(void)state;
	/* not to be read, not to be written, not there */
	fd = open(scratch_path(&s, "image", path), O_WRONLY | O_CLOEXEC);
	assert_int_equal(parity_write(fd, &r, m.map, &f), ERR_IO);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(parity_write(fd, &r, m.map, &f), ERR_IO);
	close(fd);
	assert_int_equal(f.err, ERR_IO);
	assert_non_null(strstr(f.at, "parity"));
	assert_int_equal(parity_write(-1, &r, m.map, &f), ERR_IO);
	/* no code has so many rows */
	assert_int_equal(parity_write(m.fd, &wrong, m.map, &f), ERR_MEMORY);
	/* somebody cut it meanwhile */
	assert_int_equal(ftruncate(m.fd, 20 * BLOCK_SIZE - 1), 0);
	assert_int_equal(parity_write(m.fd, &one, m.map, &f), ERR_IO);
	made_free(&m);
	m = make(&r, false);
	assert_int_equal(process_run(limited, &m), 0);
	made_free(&m);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(as_specified),
		T(of_zeros),
		T(same_again),
		T(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
