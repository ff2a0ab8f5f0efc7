/*
 * Tests of mkmedia/image: the same tree makes the same bytes; bsdtar and xorriso read them back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "mkmedia/image.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct moment date = { 1795000000, 60 };	/* 2026-11-18T12:06:40+01:00 */

/* --- A sink that checks the rules for pieces and keeps what it is asked to keep. --- */

struct keep {
	struct digest_state *sha;
	uint64_t bytes;
	bool ended;		/* a short piece came: there may be no other */
	int fd;			/* -1: only the digest */
	uint8_t head[20 * SECTOR_SIZE];
};

static struct keep
keep_new(int fd)
{
	struct keep k = { .sha = digest_new(), .fd = fd };

	assert_non_null(k.sha);
	digest_begin(k.sha);
	return k;
}

static enum err
keep_piece(void *arg, const void *bytes, size_t len)
{
	struct keep *k = arg;

	assert_in_range(len, 1, IMAGE_PIECE);
	assert_false(k->ended);
	k->ended = len < IMAGE_PIECE;
	digest_add(k->sha, bytes, len);
	if (k->bytes == 0)
		memcpy(k->head, bytes, sizeof(k->head));
	if (k->fd >= 0)
		assert_int_equal(write(k->fd, bytes, len), len);
	k->bytes += len;
	return OK;
}

static struct digest
keep_end(struct keep *k)
{
	struct digest d;

	digest_end(k->sha, &d);
	digest_free(k->sha);
	if (k->fd >= 0)
		assert_int_equal(close(k->fd), 0);
	return d;
}

/* --- A tree with everything that is hard. --- */

#define LONG_NAMES 300		/* siblings that are equal in the 31 bytes of an ISO name */

struct entry {
	char *path;
	size_t size;
	uint32_t seed;		/* equal seeds and sizes: equal contents */
	bool in_memory;
};

struct tree {
	struct entry entry[LONG_NAMES + 40];
	size_t count;
};

static void
tree_add(struct tree *t, const char *path, size_t size, uint32_t seed)
{
	assert_true(t->count < COUNT(t->entry));
	t->entry[t->count] = (struct entry) {
		.path = strdup(path), .size = size, .seed = seed, .in_memory = t->count % 7 == 3,
	};
	assert_non_null(t->entry[t->count++].path);
}

static char *
repeated(char *out, const char *text, size_t times, const char *end)
{
	char *at = out;

	while (times-- > 0)
		at = stpcpy(at, text);
	strcpy(at, end);
	return out;
}

static struct tree *
tree_new(void)
{
	static const char *const names[] = {
		"README.TXT", "CATALOGUE.catalogue", "RELEASES/r/release", "RELEASES/r/SHA256SUMS",
		/* '/' sorts before everything */
		"order/a", "order/a b/x", "order/a-b", "order/a-c/x", "order/a.b", "order/ab/x",
		"order/a0/x", "order/a0.b", "order/A", "order/.hidden", "order/end.", "order/x;1",
		"order/two.dots.tar.gz", "order/-rf", "order/caf\303\251", "order/cafe\314\201",
	};
	struct tree *t = calloc(1, sizeof(*t));
	char path[LIMIT_PATH + 256], name[256];

	assert_non_null(t);
	for (uint32_t i = 0; i < COUNT(names); i++)
		tree_add(t, names[i], i * 1000, i);
	tree_add(t, "equal/one", 5000, 77);
	tree_add(t, "equal/two", 5000, 77);
	tree_add(t, "empty/one", 0, 0);
	tree_add(t, "empty/two", 0, 0);
	tree_add(t, "large", 3 * MIB + 1, 78);
	tree_add(t, "exact", 2 * 256 * KIB, 79);
	tree_add(t, repeated(path, "d/", 31, "file"), 100, 80);
	/* 255 bytes in letters of one, two and three bytes; 32 components in nearly 4,000 bytes */
	tree_add(t, repeated(path, "n", 255, ""), 101, 81);
	tree_add(t, repeated(path, "\303\251", 127, "x"), 102, 82);
	tree_add(t, repeated(path, "\346\274\242", 85, "/file"), 103, 83);
	repeated(name, "\303\251", 61, "/");
	tree_add(t, repeated(path, name, 31, "file"), 104, 84);
	for (uint32_t i = 0; i < LONG_NAMES; i++) {
		snprintf(path, sizeof(path), "many/the-same-in-the-first-31-bytes-%03u.rpm", i);
		tree_add(t, path, i % 5 * 1024, 1000 + i);
	}
	return t;
}

static void
tree_free(struct tree *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->entry[i].path);
	free(t);
}

static uint8_t *
contents(const struct entry *e)
{
	uint8_t *p = malloc(e->size + 1);
	uint32_t x = e->seed;

	assert_non_null(p);
	for (size_t i = 0; i < e->size; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (uint8_t)(x >> 24);
	}
	return p;
}

/* --- Building. --- */

struct build {
	struct scratch dir;
	int dirfd;
	struct tree *tree;
	void *data[LONG_NAMES + 40];
	size_t rotate;		/* which entry is added first */
	bool backwards;
};

static struct build
build_new(time_t mtime, mode_t mode)
{
	struct build b = { .dir = scratch_new(), .tree = tree_new() };
	struct timespec times[2] = { { mtime, 0 }, { mtime, 0 } };
	char name[32];

	b.dirfd = open(b.dir.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(b.dirfd >= 0);
	for (size_t i = 0; i < b.tree->count; i++) {
		b.data[i] = contents(&b.tree->entry[i]);
		snprintf(name, sizeof(name), "s%zu", i);
		scratch_put(&b.dir, name, b.data[i], b.tree->entry[i].size);
		assert_int_equal(fchmodat(b.dirfd, name, mode, 0), 0);
		if (geteuid() == 0)
			assert_int_equal(fchownat(b.dirfd, name, (uid_t)mode, 7, 0), 0);
		assert_int_equal(utimensat(b.dirfd, name, times, 0), 0);
	}
	return b;
}

static void
build_end(struct build *b)
{
	for (size_t i = 0; i < b->tree->count; i++)
		free(b->data[i]);
	tree_free(b->tree);
	close(b->dirfd);
	assert_int_equal(scratch_run(&b->dir, "chmod -R u+w ."), 0);
	scratch_end(&b->dir);
}

static struct image *
build_image(const struct build *b, struct moment when)
{
	struct image *im;
	size_t n = b->tree->count;

	assert_int_equal(image_new(&im, "WAXSEAL_TEST", when), OK);
	for (size_t k = 0; k < n; k++) {
		size_t i = ((b->backwards ? n - 1 - k : k) + b->rotate) % n;
		const struct entry *e = &b->tree->entry[i];
		char name[32];
		struct digest expect;
		struct image_file f = {
			.path = e->path, .dirfd = b->dirfd, .source = name, .size = e->size,
			.data = e->in_memory ? b->data[i] : NULL,
			.expect = i % 2 == 0 ? &expect : NULL,
		};

		snprintf(name, sizeof(name), "s%zu", i);
		digest_sha256(b->data[i], e->size, &expect);
		assert_int_equal(image_add(im, &f), OK);
	}
	return im;
}

static struct digest
stream(struct image *im, int fd)
{
	static const uint8_t zeros[ISO_START];
	struct keep k = keep_new(fd);
	struct fault f = { .err = OK };
	uint64_t size;

	assert_int_equal(image_size(im, &size), OK);
	assert_int_equal(image_stream(im, keep_piece, &k, &f), OK);
	assert_int_equal(f.err, OK);
	assert_int_equal(k.bytes, size);
	assert_int_equal(size % SECTOR_SIZE, 0);
	/* the system area, and no volume descriptors but the primary one and the terminator */
	assert_memory_equal(k.head, zeros, ISO_START);
	assert_memory_equal(k.head + ISO_START, "\1CD001", 6);
	assert_memory_equal(k.head + ISO_START + SECTOR_SIZE, "\377CD001", 6);
	image_free(im);
	return keep_end(&k);
}

/* --- Same input, same bytes. --- */

struct variant {
	time_t mtime;
	mode_t mode;
	const char *zone, *locale;
	size_t rotate;
	bool backwards;
};

/* In a process of its own, because C libraries and libisofs read TZ once. */
static struct digest
variant_digest(const struct variant *v)
{
	struct build b = build_new(v->mtime, v->mode);
	struct digest d;
	int ends[2], status;
	pid_t pid;

	b.rotate = v->rotate;
	b.backwards = v->backwards;
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setenv("TZ", v->zone, 1);
		setenv("LC_ALL", v->locale, 1);
		setlocale(LC_ALL, "");
		d = stream(build_image(&b, date), -1);
		_exit(write(ends[1], &d, sizeof(d)) == sizeof(d) ? 0 : 1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &d, sizeof(d)), sizeof(d));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ends[0]);
	build_end(&b);
	return d;
}

static void
test_reproducible(void **state)
{
	static const struct variant variants[] = {
		{ 1000000000, 0644, "UTC", "C.UTF-8", 0, false },
		{ 1600000000, 0644, "UTC", "C.UTF-8", 0, false },
		{ 1000000000, 0400, "UTC", "C.UTF-8", 0, false },
		{ 1000000000, 0644, "Asia/Kathmandu", "C.UTF-8", 0, false },
		{ 1000000000, 0644, "XYZ+11:30", "C.UTF-8", 0, false },
		{ 1000000000, 0644, "UTC", "C", 0, false },
		{ 1000000000, 0644, "UTC", "C.UTF-8", 0, true },
		{ 1900000000, 0600, "America/St_Johns", "POSIX", 123, true },
	};
	struct digest first = variant_digest(&variants[0]), d;

	(void)state;
	sleep(1);	/* the present time must not matter either */
	for (size_t i = 1; i < COUNT(variants); i++) {
		d = variant_digest(&variants[i]);
		assert_memory_equal(&d, &first, sizeof(d));
	}
}

/* A whole image is made while another is under way, and one after both. */
static enum err
nest(void *arg, const void *bytes, size_t len)
{
	struct build *b = arg;

	(void)bytes;
	(void)len;
	if (b->rotate == 0) {
		b->rotate = 5;
		*(struct digest *)b->data[0] = stream(build_image(b, date), -1);
	}
	return OK;
}

static void
test_two_at_once(void **state)
{
	struct build b = build_new(1000000000, 0644);
	struct image *outer = build_image(&b, date);
	struct digest before, within, after, other;
	void *saved = b.data[0];
	struct moment later = { date.seconds + 1, date.offset };
	struct moment elsewhere = { date.seconds, -90 };

	(void)state;
	before = stream(build_image(&b, date), -1);
	b.data[0] = &within;
	assert_int_equal(b.tree->entry[0].size, 0);
	assert_int_equal(image_stream(outer, nest, &b, NULL), OK);
	b.data[0] = saved;
	image_free(outer);
	after = stream(build_image(&b, date), -1);
	assert_memory_equal(&within, &before, sizeof(before));
	assert_memory_equal(&after, &before, sizeof(before));
	other = stream(build_image(&b, elsewhere), -1);
	assert_memory_equal(&other, &before, sizeof(before));
	other = stream(build_image(&b, later), -1);
	assert_memory_not_equal(&other, &before, sizeof(before));
	build_end(&b);
}

/* --- Read back. --- */

static int
create(const struct scratch *s, const char *name)
{
	char path[256];
	int fd = open(scratch_path(s, name, path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

/* The files below ${out} are those of the tree: contents and dates; and there are no others. */
static void
compare_tree(const struct build *b, const char *out)
{
	char count[32], line[64];
	int dirfd = openat(b->dirfd, out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	assert_true(dirfd >= 0);
	for (size_t i = 0; i < b->tree->count; i++) {
		const struct entry *e = &b->tree->entry[i];
		int fd = openat(dirfd, e->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		uint8_t *got = malloc(e->size + 1);

		assert_true(fd >= 0);
		assert_non_null(got);
		assert_int_equal(read(fd, got, e->size + 1), e->size);
		assert_memory_equal(got, b->data[i], e->size);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0444);
		assert_int_equal(st.st_mtime, date.seconds);
		assert_int_equal(st.st_nlink, 1);
		free(got);
		close(fd);
	}
	close(dirfd);
	snprintf(line, sizeof(line), "find %s -type f | wc -l >count", out);
	assert_int_equal(scratch_run(&b->dir, line), 0);
	scratch_get(&b->dir, "count", count, sizeof(count));
	assert_int_equal(atoi(count), b->tree->count);
}

static void
test_bsdtar(void **state)
{
	struct build b = build_new(1000000000, 0644);

	(void)state;
	NEED_TOOL("bsdtar");
	stream(build_image(&b, date), create(&b.dir, "iso"));
	assert_int_equal(scratch_run(&b.dir, "export LC_ALL=C.UTF-8;"
	    " mkdir out && bsdtar -xpf iso -C out"), 0);
	compare_tree(&b, "out");
	/* type, mode, owner and date of every file and directory */
	assert_int_equal(scratch_run(&b.dir, "export TZ=UTC LC_ALL=C.UTF-8;"
	    " bsdtar --numeric-owner -tvf iso >list && test $(wc -l <list) -gt 340 &&"
	    " ! grep -Evq '^(-r--r--r--|dr-xr-xr-x) +[0-9]+ 0 +0 +[0-9]+"
	    " Nov 18 +(11:06|2026) ' list"), 0);
	build_end(&b);
}

static void
test_xorriso(void **state)
{
	struct build b = build_new(1000000000, 0644);

	(void)state;
	NEED_TOOL("xorriso");
	stream(build_image(&b, date), create(&b.dir, "iso"));
	assert_int_equal(scratch_run(&b.dir, "export LC_ALL=C.UTF-8;"
	    " xorriso -osirrox on -indev iso -extract / out >log 2>&1"), 0);
	compare_tree(&b, "out");
	assert_int_equal(scratch_run(&b.dir, "export LC_ALL=C.UTF-8;"
	    " xorriso -indev iso -pvd_info >info 2>/dev/null &&"
	    " grep -q '^Volume Id    : WAXSEAL_TEST$' info &&"
	    " grep -q '^Creation Time: 2026111811064000$' info &&"
	    " grep -q '^Modif. Time  : 2026111811064000$' info"), 0);
	build_end(&b);
}

/* A pipe to bsdtar.  Pages of the source are given back: 4 GiB of new ones take half a minute. */
struct pipe {
	FILE *to;
	int source;
	uint64_t bytes;
};

static enum err
pipe_piece(void *arg, const void *bytes, size_t len)
{
	struct pipe *p = arg;

	assert_int_equal(fwrite(bytes, 1, len, p->to), len);
	p->bytes += len;
	if (p->bytes % (32 * MIB) == 0)
		assert_int_equal(posix_fadvise(p->source, 0, 0, POSIX_FADV_DONTNEED), 0);
	return OK;
}

/* Past 4 GiB a file has two extents; the marks stand on both sides of the seam and at the end. */
static void
test_four_gib(void **state)
{
	static const off_t marks[] = { 0, 0xfffff7ff, 0xfffff800, 0xffffffff, 0x100000000 };
	const off_t end = 0x100000001;
	struct scratch s = scratch_new();
	struct image_file f = { .path = "huge", .source = "huge", .size = (uint64_t)end };
	struct image_file behind = { .path = "later", .data = "later", .size = 5 };
	struct pipe p = { .source = create(&s, "huge") };
	char line[128], path[256], later[8];
	struct image *im;
	uint64_t size;
	size_t seen = 0;
	int fd;

	(void)state;
	NEED_TOOL("bsdtar");
	f.dirfd = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < COUNT(marks); i++)
		assert_int_equal(pwrite(p.source, "X", 1, marks[i]), 1);
	assert_int_equal(fsync(p.source), 0);
	assert_int_equal(image_new(&im, "HUGE", date), OK);
	assert_int_equal(image_add(im, &f), OK);
	assert_int_equal(image_add(im, &behind), OK);
	assert_int_equal(image_size(im, &size), OK);

	/* S: write holes */
	assert_int_equal(scratch_run(&s, "mkdir out"), 0);
	snprintf(line, sizeof(line), "exec bsdtar -xSf - -C %s/out", s.dir);
	p.to = popen(line, "w");
	assert_non_null(p.to);
	assert_int_equal(image_stream(im, pipe_piece, &p, NULL), OK);
	assert_int_equal(p.bytes, size);
	assert_int_equal(pclose(p.to), 0);
	image_free(im);

	fd = open(scratch_path(&s, "out/huge", path), O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, 0, SEEK_END), end);
	for (off_t at = 0; (at = lseek(fd, at, SEEK_DATA)) >= 0; ) {
		off_t hole = lseek(fd, at, SEEK_HOLE);

		for (char c; at < hole; at++) {
			assert_int_equal(pread(fd, &c, 1, at), 1);
			if (c == '\0')
				continue;
			assert_int_equal(c, 'X');
			assert_int_equal(at, marks[seen++]);
		}
	}
	assert_int_equal(seen, COUNT(marks));
	assert_int_equal(scratch_get(&s, "out/later", later, sizeof(later)), 5);
	assert_string_equal(later, "later");
	close(fd);
	close(p.source);
	close(f.dirfd);
	scratch_end(&s);
}

/* One descriptor at a time; and equal files, even the same one, are written each for itself. */
static void
test_many(void **state)
{
	struct scratch s = scratch_new();
	struct image_file f = { .source = "file", .size = 4097 };
	struct rlimit was, few;
	struct image *im;
	char path[64];
	uint64_t size;

	(void)state;
	assert_int_equal(scratch_run(&s, "truncate -s 4097 file"), 0);
	f.dirfd = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(image_new(&im, "MANY", date), OK);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), "%u/%u", i % 3, i);
		f.path = path;
		assert_int_equal(image_add(im, &f), OK);
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	few = (struct rlimit) { 40, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(image_size(im, &size), OK);
	assert_in_range(size, 2000 * 3 * SECTOR_SIZE, 2000 * 4 * SECTOR_SIZE);
	stream(im, -1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	close(f.dirfd);
	scratch_end(&s);
}

static void
test_empty_volume(void **state)
{
	struct image *im;

	(void)state;
	assert_int_equal(image_new(&im, "E", date), OK);
	stream(im, -1);
}

/* --- Refused. --- */

static enum err
count_piece(void *arg, const void *bytes, size_t len)
{
	(void)bytes;
	*(uint64_t *)arg += len;
	return OK;
}

/* One bad file between good ones: the error and its path, no whole image, and nothing on stderr. */
static void
test_bad_file(void **state)
{
	static const struct {
		const char *prepare;	/* "file" has the 8 MiB that are promised, until then */
		enum err want;
		bool expect, in_memory;
	} cases[] = {
		{ ":", OK, true, false },
		{ ":", OK, true, true },
		{ "printf x | dd of=file bs=1 seek=8388607 conv=notrunc status=none",
		    ERR_CONTENTS_DIGEST, true, false },
		{ "printf x | dd of=file bs=1 seek=8388607 conv=notrunc status=none",
		    OK, false, false },
		{ "printf x >>file", ERR_CONTENTS_DIGEST, false, false },
		{ "truncate -s -1 file", ERR_CONTENTS_DIGEST, false, false },
		{ "rm file", ERR_CONTENTS_MISSING, false, false },
		{ "mv file real && ln -s real file", ERR_CONTENTS_TYPE, false, false },
		{ "rm file && mkfifo file", ERR_CONTENTS_TYPE, false, false },
	};
	uint8_t *bytes = calloc(1, 8 * MIB);
	struct digest right;
	enum err e;

	(void)state;
	assert_non_null(bytes);
	digest_sha256(bytes, 8 * MIB, &right);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scratch s = scratch_new();
		int dirfd = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int err = dup(STDERR_FILENO), quiet = create(&s, "stderr");
		struct image_file f[] = {
			{ .path = "a", .data = "a", .size = 1 },
			{ .path = "b/bad", .dirfd = dirfd, .source = "file", .size = 8 * MIB,
			    .data = cases[i].in_memory ? bytes : NULL,
			    .expect = cases[i].expect ? &right : NULL },
			{ .path = "c", .data = "c", .size = 1 },
		};
		struct fault fault = { .err = OK };
		struct image *im;
		uint64_t size, got = 0;

		scratch_put(&s, "file", bytes, 8 * MIB);
		assert_int_equal(image_new(&im, "BAD", date), OK);
		for (size_t k = 0; k < COUNT(f); k++)
			assert_int_equal(image_add(im, &f[k]), OK);
		assert_int_equal(scratch_run(&s, cases[i].prepare), 0);
		assert_int_equal(dup2(quiet, STDERR_FILENO), STDERR_FILENO);
		assert_int_equal(image_size(im, &size), OK);
		e = image_stream(im, count_piece, &got, &fault);
		image_free(im);
		assert_int_equal(dup2(err, STDERR_FILENO), STDERR_FILENO);

		assert_int_equal(e, cases[i].want);
		assert_int_equal(fault.err, e);
		assert_string_equal(fault.at, e == OK ? "" : "b/bad");
		assert_true(e == OK ? got == size : got < size);
		assert_int_equal(lseek(quiet, 0, SEEK_END), 0);
		close(quiet);
		close(err);
		close(dirfd);
		scratch_end(&s);
	}
	free(bytes);
}

/* Bytes in memory, and an empty file: the digest counts for them too. */
static void
test_bad_digest(void **state)
{
	struct digest zero = { { 0 } };
	struct scratch s = scratch_new();
	int dirfd = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct image_file f[] = {
		{ .path = "bad", .data = "abc", .size = 3, .expect = &zero },
		{ .path = "bad", .data = "", .size = 0, .expect = &zero },
		{ .path = "bad", .dirfd = dirfd, .source = "empty", .size = 0, .expect = &zero },
	};
	struct fault fault;
	struct image *im;
	uint64_t got = 0;

	(void)state;
	scratch_put(&s, "empty", "", 0);
	for (size_t i = 0; i < COUNT(f); i++) {
		assert_int_equal(image_new(&im, "BAD", date), OK);
		assert_int_equal(image_add(im, &f[i]), OK);
		assert_int_equal(image_stream(im, count_piece, &got, &fault), ERR_CONTENTS_DIGEST);
		assert_string_equal(fault.at, "bad");
		image_free(im);
	}
	close(dirfd);
	scratch_end(&s);
}

/* The sink changes the file when it gets the first bytes: what is read later is another file. */
struct meddler {
	const struct scratch *dir;
	const char *line;
};

static enum err
meddle(void *arg, const void *bytes, size_t len)
{
	struct meddler *m = arg;

	(void)bytes;
	(void)len;
	if (m->line != NULL)
		assert_int_equal(scratch_run(m->dir, m->line), 0);
	m->line = NULL;
	return OK;
}

static void
test_changed_under_way(void **state)
{
	static const char *const lines[] = { "printf x >>file", "truncate -s 30M file" };
	struct scratch s = scratch_new();
	struct image_file f = { .path = "dir/file", .source = "file", .size = 32 * MIB };
	struct fault fault;
	struct image *im;

	(void)state;
	f.dirfd = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct meddler m = { &s, lines[i] };

		assert_int_equal(scratch_run(&s, "rm -f file; truncate -s 32M file"), 0);
		assert_int_equal(image_new(&im, "X", date), OK);
		assert_int_equal(image_add(im, &f), OK);
		assert_int_equal(image_stream(im, meddle, &m, &fault), ERR_CONTENTS_DIGEST);
		assert_string_equal(fault.at, "dir/file");
		image_free(im);
	}
	close(f.dirfd);
	scratch_end(&s);
}

/* One file in pieces on three volumes, which bsdtar unpacks and cat joins. */
static enum err
stream_piece(const struct scratch *s, const struct image_file *f, struct fault *fault)
{
	struct keep k = keep_new(openat(f->dirfd, "piece.iso", O_WRONLY | O_CREAT | O_TRUNC, 0600));
	struct image *im;
	enum err e;

	assert_true(k.fd >= 0);
	assert_int_equal(image_new(&im, "X", date), OK);
	assert_int_equal(image_add(im, f), OK);
	e = image_stream(im, keep_piece, &k, fault);
	(void)keep_end(&k);
	image_free(im);
	if (e == OK)
		assert_int_equal(scratch_run(s, "bsdtar -xOf piece.iso pieces/p >>joined"), 0);
	return e;
}

static void
test_pieces(void **state)
{
	static const uint64_t cut[] = { 0, MIB + 2048, 3 * MIB + 1, 5 * MIB + 7 };
	struct image_piece piece = { .whole = cut[3], .digest = digest_new() };
	struct image_file f = { .path = "pieces/p", .source = "file", .piece = &piece };
	struct scratch s = scratch_new();
	uint8_t *bytes = malloc(cut[3]);
	struct digest right;
	struct fault fault;
	enum err e = OK;

	(void)state;
	NEED_TOOL("bsdtar");
	assert_true(bytes != NULL && piece.digest != NULL);
	for (size_t i = 0; i < cut[3]; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 24);
	scratch_put(&s, "file", bytes, cut[3]);
	digest_sha256(bytes, cut[3], &right);
	f.expect = &right;
	f.dirfd = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 3; i++) {
		piece.offset = cut[i];
		f.size = cut[i + 1] - cut[i];
		assert_int_equal(stream_piece(&s, &f, &fault), OK);
	}
	assert_int_equal(scratch_run(&s, "cmp joined file"), 0);
	/* Changed in what was read before: the last piece does not fit the digest. */
	for (size_t i = 0; i < 3; i++) {
		piece.offset = cut[i];
		f.size = cut[i + 1] - cut[i];
		if (i == 1)
			assert_int_equal(scratch_run(&s, "printf xyz | dd of=file bs=1 seek=3145720"
			    " conv=notrunc status=none"), 0);
		e = stream_piece(&s, &f, &fault);
		assert_int_equal(e, i < 2 ? OK : ERR_CONTENTS_DIGEST);
	}
	assert_string_equal(fault.at, "pieces/p");
	close(f.dirfd);
	free(bytes);
	digest_free(piece.digest);
	scratch_end(&s);
}

static enum err
full_after_three(void *arg, const void *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	return ++*(unsigned *)arg == 3 ? ERR_SPACE : OK;
}

static void
test_sink_fails(void **state)
{
	struct image_file f = { .path = "f", .size = 16 * MIB };
	void *data = calloc(1, f.size);
	struct fault fault = { .err = OK };
	struct image *im;
	unsigned calls = 0;

	(void)state;
	f.data = data;
	assert_non_null(data);
	assert_int_equal(image_new(&im, "X", date), OK);
	assert_int_equal(image_add(im, &f), OK);
	assert_int_equal(image_stream(im, full_after_three, &calls, &fault), ERR_SPACE);
	assert_int_equal(calls, 3);
	assert_int_equal(image_stream(im, full_after_three, &calls, &fault), ERR_USAGE);
	assert_int_equal(calls, 3);
	image_free(im);
	free(data);
}

static void
test_new_arguments(void **state)
{
	static const struct {
		const char *id;
		int64_t seconds;
		enum err want;
	} cases[] = {
		{ "A", 0, OK },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZ_01234", 5869583999, OK },	/* 2155-12-31T23:59:59Z */
		{ "56789", 5869584000, ERR_LIMIT },
		{ "A", -1, ERR_LIMIT },
		{ "A", INT64_MAX, ERR_LIMIT },
		{ "", 0, ERR_USAGE },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZ_012345", 0, ERR_USAGE },
		{ "a", 0, ERR_USAGE },
		{ "A B", 0, ERR_USAGE },
		{ "A-B", 0, ERR_USAGE },
	};
	struct image *im;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct moment m = { cases[i].seconds, 0 };

		assert_int_equal(image_new(&im, cases[i].id, m), cases[i].want);
		if (cases[i].want == OK)
			assert_non_null(im);
		else
			assert_null(im);
		image_free(im);
	}
}

/* The first and the last date that can be written are the ones that are read. */
static void
test_first_and_last_date(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = { { 0, "1970010100000000" }, { 5869583999, "2155123123595900" } };
	struct image_file f = { .path = "f", .data = "f", .size = 1 };
	struct keep k;
	struct image *im;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct moment m = { cases[i].seconds, 0 };
		const uint8_t *root;

		k = keep_new(-1);
		assert_int_equal(image_new(&im, "DATE", m), OK);
		assert_int_equal(image_add(im, &f), OK);
		assert_int_equal(image_stream(im, keep_piece, &k, NULL), OK);
		image_free(im);
		keep_end(&k);
		/* ECMA-119 8.4.26: creation; 8.4.18 and 9.1.5: the root's year, month, day, ... */
		assert_memory_equal(k.head + ISO_START + 813, cases[i].text, 16);
		root = k.head + ISO_START + 156 + 18;
		assert_memory_equal(root, i == 0 ? "\106\1\1\0\0\0\0" : "\377\14\37\27\73\73\0", 7);
	}
}

static void
test_add_arguments(void **state)
{
	const uint64_t most = LIMIT_SECTORS * SECTOR_SIZE;
	struct image_file huge = { .path = "h", .data = "", .size = most + 1 };
	struct image_file neither = { .path = "n", .size = 1 };
	struct image_file one = { .path = "o", .data = "o", .size = 1 };
	struct image *im;
	uint64_t size, again;

	(void)state;
	assert_int_equal(image_new(&im, "A", date), OK);
	assert_int_equal(image_add(im, &neither), ERR_USAGE);
	assert_int_equal(image_add(im, &huge), ERR_LIMIT);
	huge.size = UINT64_MAX;
	assert_int_equal(image_add(im, &huge), ERR_LIMIT);
	assert_int_equal(image_add(im, &one), OK);
	huge.size = most - SECTOR_SIZE + 1;
	assert_int_equal(image_add(im, &huge), ERR_LIMIT);
	huge.size = most - SECTOR_SIZE;
	assert_int_equal(image_add(im, &huge), OK);
	assert_int_equal(image_add(im, &one), ERR_LIMIT);
	image_free(im);

	assert_int_equal(image_new(&im, "A", date), OK);
	assert_int_equal(image_add(im, &one), OK);
	assert_int_equal(image_size(im, &size), OK);
	assert_int_equal(image_add(im, &one), ERR_USAGE);
	assert_int_equal(image_size(im, &again), OK);
	assert_int_equal(size, again);
	image_free(im);		/* nothing was streamed */
	image_free(NULL);
}

static void
test_names(void **state)
{
	char long_name[257];
	char long_dir[260];
	const struct {
		const char *one, *other;
		enum err want;
	} cases[] = {
		{ "a", "b", OK },
		{ "a", "a", ERR_CONTENTS_TWIN },
		{ "d/a", "d/a", ERR_CONTENTS_TWIN },
		{ "a", "a/b", ERR_CONTENTS_TWIN },
		{ "d/a/b/c", "d/a", ERR_CONTENTS_TWIN },
		{ "a", "", ERR_CONTENTS_NAME },
		{ "a", "b/", ERR_CONTENTS_NAME },
		{ "a", "/b", ERR_CONTENTS_NAME },
		{ "a", "b//c", ERR_CONTENTS_NAME },
		{ "a", "b/./c", ERR_CONTENTS_NAME },
		{ "a", "..", ERR_CONTENTS_NAME },
		{ "a", repeated(long_name, "x", 256, ""), ERR_CONTENTS_NAME },
		{ "a", repeated(long_dir, "x", 256, "/b"), ERR_CONTENTS_NAME },
	};
	struct fault fault;
	struct image *im;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		struct image_file a = { .path = cases[i / 2].one, .data = "1", .size = 1 };
		struct image_file b = { .path = cases[i / 2].other, .data = "2", .size = 1 };

		assert_int_equal(image_new(&im, "A", date), OK);
		assert_int_equal(image_add(im, i % 2 ? &a : &b), OK);
		assert_int_equal(image_add(im, i % 2 ? &b : &a), OK);
		assert_int_equal(image_size(im, &n), cases[i / 2].want);
		if (cases[i / 2].want != OK) {
			assert_int_equal(image_size(im, &n), ERR_USAGE);
			assert_int_equal(image_stream(im, count_piece, &n, &fault), ERR_USAGE);
		}
		image_free(im);
	}
}

/* LIMIT_NAMES: as many as a reader takes, "." with them, and one byte more. */
static void
test_all_names(void **state)
{
	enum { EACH = 250 };
	char path[EACH + 1];
	struct image *im;
	uint64_t n;

	(void)state;
	for (unsigned past = 0; past < 2; past++) {
		struct image_file f = { .path = path, .data = "1", .size = 1 };
		uint64_t left = LIMIT_NAMES - name_weight(1) - name_weight(3) + past;
		unsigned i = 0;

		assert_int_equal(image_new(&im, "A", date), OK);
		while (left > 0) {
			const uint64_t len = left < 2 * name_weight(EACH) ? left / (left > name_weight(EACH) ?
			    2 : 1) - name_weight(0) : EACH;

			memset(path, 'x', sizeof path);
			(void)snprintf(path, sizeof path, "dir/%09u", i++);
			path[strlen(path)] = 'x';
			path[len] = '\0';
			assert_int_equal(image_add(im, &f), OK);
			left -= name_weight((size_t)len);
		}
		assert_int_equal(image_size(im, &n), past ? ERR_LIMIT : OK);
		image_free(im);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reproducible),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_bsdtar),
		cmocka_unit_test(test_xorriso),
		cmocka_unit_test(test_four_gib),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_empty_volume),
		cmocka_unit_test(test_bad_file),
		cmocka_unit_test(test_bad_digest),
		cmocka_unit_test(test_changed_under_way),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_sink_fails),
		cmocka_unit_test(test_new_arguments),
		cmocka_unit_test(test_first_and_last_date),
		cmocka_unit_test(test_add_arguments),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_all_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
