/*
 * Tests of mkmedia/source: what is opened, what is refused, and files that change while they are
 * read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mkmedia/image.h"
#include "mkmedia/source.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

static struct scratch dir;
static int dirfd_of;
static struct source *reader;

static int
setup(void **state)
{
	(void)state;
	dir = scratch_new();
	dirfd_of = open(dir.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dirfd_of >= 0);
	reader = source_new();
	assert_non_null(reader);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	source_free(reader);
	close(dirfd_of);
	scratch_end(&dir);
	return 0;
}

/* Bytes of which no two pieces are equal. */
static uint8_t *
pattern(size_t len)
{
	uint8_t *p = malloc(len + 1);
	uint32_t x = 1;

	assert_non_null(p);
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (uint8_t)(x >> 24);
	}
	return p;
}

/* Read to the end or the first error, comparing with ${want}. */
static enum err
drain(const uint8_t *want, size_t size)
{
	const uint8_t *bytes;
	size_t len, at = 0;
	enum err e;

	while ((e = source_read(reader, &bytes, &len)) == OK && len > 0) {
		assert_in_range(len, 1, SOURCE_PIECE);
		assert_in_range(len, 1, size - at);
		assert_memory_equal(bytes, want + at, len);
		at += len;
	}
	if (e == OK)
		assert_int_equal(at, size);
	else
		assert_true(at < size || size == 0);	/* never all the bytes of a refused file */
	return e;
}

static void
test_sizes(void **state)
{
	static const size_t sizes[] = {
		0, 1, 2047, 2048, 2049, SOURCE_PIECE - 1, SOURCE_PIECE, SOURCE_PIECE + 1,
		3 * SOURCE_PIECE, 3 * SOURCE_PIECE + 5,
	};
	struct digest right, wrong;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];
		uint8_t *p = pattern(size);

		scratch_put(&dir, "file", p, size);
		digest_sha256(p, size, &right);
		wrong = right;
		wrong.b[31] ^= 1;

		assert_int_equal(source_open(reader, dirfd_of, "file", size, NULL, NULL), OK);
		assert_int_equal(drain(p, size), OK);
		assert_int_equal(source_open(reader, dirfd_of, "file", size, NULL, &right), OK);
		assert_int_equal(drain(p, size), OK);
		assert_int_equal(source_open(reader, dirfd_of, "file", size, NULL, &wrong), OK);
		assert_int_equal(drain(p, size), ERR_CONTENTS_DIGEST);

		assert_int_equal(source_open(reader, dirfd_of, "file", size + 1, NULL, &right),
		    ERR_CONTENTS_DIGEST);
		if (size > 0)
			assert_int_equal(source_open(reader, dirfd_of, "file", size - 1, NULL, &right),
			    ERR_CONTENTS_DIGEST);
		free(p);
	}
	source_close(reader);
	source_close(reader);
}

static void
make_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_true(snprintf(a.sun_path, sizeof(a.sun_path), "%s/socket", dir.dir) > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *name;
		enum err want;
	} cases[] = {
		{ "sub/file", OK },
		{ "sub/../sub/file", OK },		/* stays inside */
		{ "nothing", ERR_CONTENTS_MISSING },
		{ "sub/file/deeper", ERR_CONTENTS_MISSING },
		{ "", ERR_CONTENTS_MISSING },
		{ "link", ERR_CONTENTS_TYPE },
		{ "linked-dir/file", ERR_CONTENTS_TYPE },
		{ "dangling", ERR_CONTENTS_TYPE },
		{ "../outside", ERR_CONTENTS_TYPE },
		{ "/etc/passwd", ERR_CONTENTS_TYPE },
		{ "sub", ERR_CONTENTS_TYPE },
		{ "fifo", ERR_CONTENTS_TYPE },
		{ "socket", ERR_CONTENTS_TYPE },
	};

	(void)state;
	assert_int_equal(scratch_run(&dir, "mkdir sub && printf 12345 >sub/file && mkfifo fifo &&"
	    " ln -s sub/file link && ln -s sub linked-dir && ln -s nowhere dangling"), 0);
	make_socket();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(source_open(reader, dirfd_of, cases[i].name, 5, NULL, NULL),
		    cases[i].want);
	assert_int_equal(source_open(reader, -1, "file", 5, NULL, NULL), ERR_IO);
}

static void
test_not_readable(void **state)
{
	enum err e;

	(void)state;

	assert_int_equal(scratch_run(&dir, "printf 1 >secret && chmod 0 secret && chmod 755 ."), 0);
	process_drop_root();
	e = source_open(reader, dirfd_of, "secret", 1, NULL, NULL);
	process_be_root_again();
	assert_int_equal(e, ERR_DENIED);
}

/* read(2) itself fails: the open file's descriptor is made a directory's. */
static void
test_read_error(void **state)
{
	const uint8_t *bytes;
	size_t len;
	int next = dup(dirfd_of);

	(void)state;
	assert_int_equal(close(next), 0);
	scratch_put(&dir, "file", "12345", 5);
	assert_int_equal(source_open(reader, dirfd_of, "file", 5, NULL, NULL), OK);
	assert_int_equal(dup2(dirfd_of, next), next);
	assert_int_equal(source_read(reader, &bytes, &len), ERR_IO);
}

/* A file that another process changes after the first piece was read. */
static void
test_changed(void **state)
{
	static const struct {
		const char *change;
		enum err want;
	} cases[] = {
		{ ":", OK },
		{ "printf x >>file", ERR_CONTENTS_DIGEST },
		{ "truncate -s -1 file", ERR_CONTENTS_DIGEST },
		{ "truncate -s 0 file", ERR_CONTENTS_DIGEST },
		{ "printf x | dd of=file bs=1 seek=1000000 conv=notrunc status=none",
		    ERR_CONTENTS_DIGEST },
		{ "rm file", OK },		/* what is open stays what it was */
	};
	size_t size = 4 * SOURCE_PIECE, len;
	uint8_t *p = pattern(size);
	const uint8_t *bytes;
	struct digest right;
	enum err e;

	(void)state;
	digest_sha256(p, size, &right);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scratch_put(&dir, "file", p, size);
		assert_int_equal(source_open(reader, dirfd_of, "file", size, NULL, &right), OK);
		assert_int_equal(source_read(reader, &bytes, &len), OK);
		assert_int_equal(len, SOURCE_PIECE);
		assert_int_equal(scratch_run(&dir, cases[i].change), 0);
		do
			e = source_read(reader, &bytes, &len);
		while (e == OK && len > 0);
		assert_int_equal(e, cases[i].want);
	}
	free(p);
}

/* The pieces of a cut file, each read on its own; its digest runs on from one to the next. */
static void
test_pieces(void **state)
{
	enum { WHOLE = 3 * SOURCE_PIECE + 5 };
	static const struct {
		uint64_t cut[4];	/* up to one that is the whole */
		bool wrong;		/* another digest is expected */
	} cases[] = {
		{ { WHOLE }, false },
		{ { WHOLE }, true },
		{ { 1, WHOLE }, false },
		{ { 1, WHOLE }, true },
		{ { WHOLE - 1, WHOLE }, false },
		{ { WHOLE - 1, WHOLE }, true },
		{ { SOURCE_PIECE, 2 * SOURCE_PIECE, WHOLE }, false },
		{ { SOURCE_PIECE + 1, SOURCE_PIECE + 2, WHOLE - 5, WHOLE }, false },
		{ { SOURCE_PIECE + 1, SOURCE_PIECE + 2, WHOLE - 5, WHOLE }, true },
	};
	uint8_t *p = pattern(WHOLE);
	struct digest right, wrong;
	struct image_piece piece = { .whole = WHOLE, .digest = digest_new() };
	uint64_t end;

	(void)state;
	scratch_put(&dir, "file", p, WHOLE);
	digest_sha256(p, WHOLE, &right);
	wrong = right;
	wrong.b[0] ^= 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < 4 && (k == 0 || cases[i].cut[k - 1] < WHOLE); k++) {
			piece.offset = k == 0 ? 0 : cases[i].cut[k - 1];
			end = cases[i].cut[k];
			assert_int_equal(source_open(reader, dirfd_of, "file", end - piece.offset,
			    &piece, cases[i].wrong ? &wrong : &right), OK);
			assert_int_equal(drain(p + piece.offset, end - piece.offset),
			    cases[i].wrong && end == WHOLE ? ERR_CONTENTS_DIGEST : OK);
		}
	digest_free(piece.digest);
	free(p);
}

/* What is behind or in front of a piece may not change either; without a digest nobody looks. */
static void
test_changed_pieces(void **state)
{
	struct image_piece piece = { .offset = 2, .whole = 10 };
	struct digest any = { { 0 } };

	(void)state;
	scratch_put(&dir, "file", "0123456789", 10);
	assert_int_equal(source_open(reader, dirfd_of, "file", 3, &piece, NULL), OK);
	assert_int_equal(drain((const uint8_t *)"234", 3), OK);
	assert_int_equal(source_open(reader, dirfd_of, "file", 8, &piece, &any), OK);
	assert_int_equal(drain((const uint8_t *)"23456789", 8), OK);
	assert_int_equal(scratch_run(&dir, "printf x >>file"), 0);
	assert_int_equal(source_open(reader, dirfd_of, "file", 3, &piece, NULL),
	    ERR_CONTENTS_DIGEST);
	assert_int_equal(scratch_run(&dir, "truncate -s 9 file"), 0);
	assert_int_equal(source_open(reader, dirfd_of, "file", 3, &piece, NULL),
	    ERR_CONTENTS_DIGEST);
	/* It grows or shrinks after it was opened: the last piece sees both, the others need not. */
	piece.whole = 9;
	assert_int_equal(source_open(reader, dirfd_of, "file", 7, &piece, NULL), OK);
	assert_int_equal(scratch_run(&dir, "printf x >>file"), 0);
	assert_int_equal(drain((const uint8_t *)"2345678", 7), ERR_CONTENTS_DIGEST);
	piece.whole = 10;
	assert_int_equal(source_open(reader, dirfd_of, "file", 3, &piece, NULL), OK);
	assert_int_equal(scratch_run(&dir, "truncate -s 4 file"), 0);
	assert_int_equal(drain((const uint8_t *)"234", 3), ERR_CONTENTS_DIGEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_readable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed_pieces, setup, teardown),
	};

	source_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
