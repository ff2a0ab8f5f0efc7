/*
 * Tests of verify/pipeline with reader and parser: ISO images of genisoimage or xorriso go in, the
 * very files must come out, or a refusal with exact counts, and in every case nothing stays behind.
 */

/* In place of the parser, where a test says so, stands another one; else it is the real one. */
#define parser_run honest_run
#include "verify/parser.c"
#undef parser_run
_Noreturn void parser_run(const struct parser *p);

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "formats/limits.h"
#include "formats/sanitized.h"
#include "tests/unit/holes.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/pipeline.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define CHILDREN 3	/* reader, parser, and the parser of a second pass */
#define PATIENCE 100	/* seconds until a test that hangs is killed; the pipeline waits for 60 */

/* ---- twenty seconds are long ---- */

static struct {
	pid_t child;		/* a parser that was stopped; 0: there is none */
	bool wakes;		/* when somebody waits for it */
	unsigned waited;	/* how often somebody waited for a parser that thinks */
} sleeper;
#define ANY (-1)		/* child: whichever, and nobody stops it */

int poll_of_test(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");
int poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room) __asm__("__poll_chk");

int
poll_of_test(struct pollfd *fds, nfds_t n, int timeout)
{
	if (timeout > (int)LIMIT_PARSING * 1000 - 500 && timeout <= (int)LIMIT_PARSING * 1000 &&
	    sleeper.child != 0) {
		sleeper.waited++;
		if (!sleeper.wakes)
			timeout = 300;
		else if (sleeper.waited == 1)
			(void)kill(sleeper.child, SIGCONT);
	}
	return (int)syscall(SYS_poll, fds, n, timeout);
}

int
poll_of_test_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	return n * sizeof *fds > room ? -1 : poll_of_test(fds, n, timeout);
}

/* ---- another parser, and pipes of two pages ---- */

static void (*hostile)(const struct parser *p);	/* NULL: honest */
static bool small_pipes;

_Noreturn void
parser_run(const struct parser *p)
{
	if (hostile == NULL)
		honest_run(p);
	hostile(p);
	for (;;)	/* it thinks, and has no call to wait with */
		__asm__ volatile("pause");
}

int pipe_of_test(int ends[2], int flags) __asm__("pipe2");

int
pipe_of_test(int ends[2], int flags)
{
	int rc = (int)syscall(SYS_pipe2, ends, flags);

	if (rc == 0 && small_pipes)
		(void)fcntl(ends[1], F_SETPIPE_SZ, 8192);
	return rc;
}

/* The processor time of others, as if what is waited here had been those twenty seconds. */
int clock_of_test(clockid_t id, struct timespec *t) __asm__("clock_gettime");

int
clock_of_test(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);

	if (rc == 0 && id < 0) {
		const uint64_t ms = ((uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_nsec / 1000000) * 40;

		t->tv_sec = (time_t)(ms / 1000);
		t->tv_nsec = (long)(ms % 1000 * 1000000);
	}
	return rc;
}

static struct scratch s;
static unsigned before;

static int
make_scratch(void **state)
{
	(void)state;
	s = scratch_new();
	return 0;
}

static int
end_scratch(void **state)
{
	(void)state;
	scratch_end(&s);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	hostile = NULL;
	memset(&sleeper, 0, sizeof sleeper);
	small_pipes = false;
	holes_begin("");
	alarm(PATIENCE);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	alarm(0);
	assert_int_equal(process_descriptors(), before);
	process_no_children();
	return 0;
}

#define NEED_ISO() do {								\
	if (system("{ command -v genisoimage || command -v xorriso; } >/dev/null") != 0) { \
		print_message("SKIPPED: neither genisoimage nor xorriso is installed\n"); \
		skip();								\
	}									\
} while (0)

/* Make the image ${name}.iso of the directory ${name}, with Rock Ridge. */
static void
make_iso(const char *name, const char *options)
{
	char line[512];

	snprintf(line, sizeof line, "if command -v genisoimage >/dev/null; then "
	    "genisoimage -quiet -R -iso-level 3 %s -o %s.iso %s; else "
	    "xorriso -as mkisofs -quiet -R -iso-level 3 %s -o %s.iso %s; fi 2>iso.log", options,
	    name,
	    name, options, name, name);
	if (scratch_run(&s, line) != 0)
		scratch_run(&s, "cat iso.log");
	assert_int_equal(scratch_run(&s, "test -s iso.log && grep -i error iso.log"), 1);
}

/* ${len} bytes that look random and are the same every time (xorshift). */
static void
make_file(const char *name, size_t len, uint32_t seed)
{
	uint8_t *b = malloc(len + 4);
	uint32_t x = seed * 2654435761u | 1;

	assert_non_null(b);
	for (size_t i = 0; i < len; i += 4) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		memcpy(b + i, &x, 4);
	}
	scratch_put(&s, name, b, len);
	free(b);
}

/* Make the image ${name}.iso ${blocks} blocks long (0: as long as it must be); returns how many. */
static uint64_t
pad(const char *name, uint64_t blocks)
{
	char path[256];
	struct stat st;

	assert_int_equal(stat(scratch_path(&s, name, path), &st), 0);
	if (blocks == 0)
		blocks = ((uint64_t)st.st_size + BLOCK_SIZE - 1) / BLOCK_SIZE;
	assert_true((uint64_t)st.st_size <= blocks * BLOCK_SIZE);
	assert_int_equal(truncate(path, (off_t)(blocks * BLOCK_SIZE)), 0);
	return blocks;
}

/* The block map, with zeros for the SEAL area; the caller frees it. */
static struct digest *
map_of(const char *name, uint64_t blocks)
{
	struct digest *map = calloc(blocks, sizeof *map);
	uint8_t *block = malloc(BLOCK_SIZE);
	char path[256];
	FILE *f = fopen(scratch_path(&s, name, path), "r");

	assert_non_null(map);
	assert_non_null(block);
	assert_non_null(f);
	for (uint64_t i = 0; i < blocks; i++) {
		assert_int_equal(fread(block, 1, BLOCK_SIZE, f), BLOCK_SIZE);
		if (i == 0)
			memset(block + SEAL_OFFSET, 0, SEAL_SIZE);
		digest_sha256(block, BLOCK_SIZE, &map[i]);
	}
	fclose(f);
	free(block);
	return map;
}

/* Write ${len} bytes at ${offset} of an image. */
static void
poke(const char *name, uint64_t offset, const void *bytes, size_t len)
{
	char path[256];
	int fd = open(scratch_path(&s, name, path), O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, len, (off_t)offset), (ssize_t)len);
	close(fd);
}

static void
flip(const char *name, uint64_t offset)
{
	char path[256];
	uint8_t b;
	int fd = open(scratch_path(&s, name, path), O_RDONLY);

	assert_int_equal(pread(fd, &b, 1, (off_t)offset), 1);
	close(fd);
	b ^= 0x40;
	poke(name, offset, &b, 1);
}

enum call { CALL_NONE, CALL_ENTRY, CALL_DATA, CALL_END, CALL_RESTART };

/* Compares everything it is handed with the original files below ${tree}; remembers what it saw. */
struct recorder {
	const char *tree;
	FILE *original;
	uint64_t left;
	unsigned files, directories, others, ended;
	uint64_t bytes, progressed, steps, all;
	uint64_t read;			/* from the medium */
	bool false_bytes;
	char names[4096];		/* "path " of every file and ENTRY_OTHER */
	enum call fail_at;		/* return ERR_SPACE from this call */
	size_t kill_child;		/* at the first data: kill this child, from 1 */
	bool stop_parser;		/* at the first data: it goes on when it is told to */
	uint64_t kill_reader;		/* when that many blocks were looked at; 0: never */
	bool slow;			/* a disk that takes its time over the first file */
	const struct recovery *recovery;	/* the image's parity */
	bool forgets;			/* the good blocks of what stays damaged */
	unsigned restarts;
	/* when all blocks were looked at once, and when they are to be looked at again */
	void (*at_end)(void), (*at_restart)(void);
};

static enum err
on_entry(void *arg, enum entry type, const char *path, size_t len, uint64_t size)
{
	struct recorder *r = arg;
	char name[600], whole[900];
	size_t used = strlen(r->names);

	if (len >= sizeof name)
		return ERR_LIMIT;
	snprintf(name, sizeof name, "%.*s", (int)len, path);
	if (type == ENTRY_DIRECTORY)
		r->directories++;
	else if (used + len + 2 < sizeof r->names)
		snprintf(r->names + used, sizeof r->names - used, "%s ", name);
	if (type == ENTRY_OTHER)
		r->others++;
	if (type == ENTRY_FILE) {
		r->files++;
		snprintf(whole, sizeof whole, "%s/%s/%s", s.dir, r->tree, name);
		r->original = fopen(whole, "r");
		r->left = size;
		if (r->original == NULL)
			return ERR_CONTENTS_EXTRA;
	}
	return r->fail_at == CALL_ENTRY ? ERR_SPACE : OK;
}

static enum err
on_data(void *arg, const void *bytes, size_t len)
{
	struct recorder *r = arg;
	uint8_t *want = malloc(len);

	if (r->original == NULL || want == NULL || len > r->left ||
	    fread(want, 1, len, r->original) != len || memcmp(want, bytes, len) != 0)
		r->false_bytes = true;
	free(want);
	r->left -= len;
	r->bytes += len;
	if (r->kill_child != 0) {
		pid_t child[8];
		size_t n = process_children(child, COUNT(child));

		if (n < r->kill_child || kill(child[r->kill_child - 1], SIGKILL) == -1)
			return ERR_CHILD + 1000;
		r->kill_child = 0;
	}
	if (r->stop_parser) {
		pid_t child[8];

		assert_int_equal(process_children(child, COUNT(child)), CHILDREN);
		sleeper.child = child[1];
		assert_int_equal(kill(sleeper.child, SIGSTOP), 0);
		r->stop_parser = false;
	}
	return r->fail_at == CALL_DATA ? ERR_SPACE : OK;
}

static enum err
on_end(void *arg)
{
	struct recorder *r = arg;

	if (r->original == NULL || r->left != 0 || fgetc(r->original) != EOF)
		r->false_bytes = true;
	if (r->original != NULL)
		fclose(r->original);
	r->original = NULL;
	if (r->slow && r->ended == 0)
		usleep(500000);
	r->ended++;
	return r->fail_at == CALL_END ? ERR_SPACE : OK;
}

/* Whatever came before is void. */
static enum err
on_restart(void *arg)
{
	struct recorder *r = arg;

	if (r->original != NULL)
		fclose(r->original);
	r->original = NULL;
	r->files = r->directories = r->others = r->ended = 0;
	r->bytes = r->progressed = r->steps = 0;
	*r->names = '\0';
	r->restarts++;
	if (r->at_restart != NULL)
		r->at_restart();
	return r->fail_at == CALL_RESTART ? ERR_SPACE : OK;
}

static void
on_progress(void *arg, uint64_t done)
{
	struct recorder *r = arg;

	assert_true(done > r->progressed);
	r->progressed = done;
	r->steps++;
	if (r->at_end != NULL && r->restarts == 0 && done == r->all)
		r->at_end();
	if (done == r->kill_reader) {
		pid_t child[8];

		assert_int_equal(process_children(child, COUNT(child)), CHILDREN);
		assert_int_equal(kill(child[0], SIGKILL), 0);
	}
}

static struct pipeline *
start_with(const char *name, int kept, bool keeps)
{
	char path[256];
	const struct crew_medium m = { .path = scratch_path(&s, name, path),
	    .source = &device_machine, .kept = kept, .keeps = keeps };
	struct device d;
	struct pipeline *p;
	struct stat st;

	assert_int_equal(pipeline_start(&p, &m, &d, NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(d.kind, DEVICE_FILE);
	assert_int_equal(d.size, st.st_size);
	assert_int_equal(pipeline_size(p), st.st_size);
	return p;
}

static struct pipeline *
start(const char *name, int kept)
{
	return start_with(name, kept, true);
}

/*
 * Stream ${blocks} blocks of an image, with good blocks of others in ${kept}; the recorder need
 * only say what is to happen.
 */
static enum err
stream_kept(const char *name, int kept, const struct digest *map, uint64_t blocks,
    struct recorder *r, struct pipeline_blocks *count, struct fault *f)
{
	const struct pipeline_handler h = { .arg = r, .recovery = r->recovery,
	    .restart = on_restart, .entry = on_entry, .data = on_data, .end = on_end,
	    .progress = on_progress };
	struct pipeline *p;
	enum err e;

	r->all = blocks;
	p = start_with(name, kept, !r->forgets);
	e = pipeline_stream(p, map, blocks, &h, count, f);
	if (e == OK && count->mended == 0 && r->restarts == 0)
		assert_int_equal(pipeline_bytes(p), blocks * BLOCK_SIZE);
	r->read = pipeline_bytes(p);
	pipeline_stop(p);
	if (r->original != NULL)
		fclose(r->original);
	assert_false(r->false_bytes);
	if (e != OK && r->fail_at == CALL_NONE)
		assert_int_equal(f->err, e);
	return e;
}

static enum err
stream(const char *name, const struct digest *map, uint64_t blocks, struct recorder *r,
    struct pipeline_blocks *count, struct fault *f)
{
	enum err e = stream_kept(name, -1, map, blocks, r, count, f);

	assert_int_equal(count->mended, 0);
	assert_int_equal(count->kept, 0);
	return e;
}

/* All is well, and the files are ${files} of ${tree}. */
static void
good(const char *name, const char *tree, unsigned files, uint64_t blocks, bool slow)
{
	struct digest *map = map_of(name, blocks);
	struct recorder r = { .tree = tree, .slow = slow };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };

	if (stream(name, map, blocks, &r, &count, &f) != OK)	/* silent: all wait for all */
		fail_msg("%s, %llu blocks: %s: %s", name, (unsigned long long)blocks,
		    err_code(f.err),
		    f.at);
	assert_int_equal(r.files, files);
	assert_int_equal(r.ended, files);
	assert_int_equal(r.others, 0);
	assert_int_equal(count.good, blocks);
	assert_int_equal(count.unreadable, 0);
	assert_int_equal(count.differ, 0);
	assert_true(count.first_bad == UINT64_MAX);
	assert_int_equal(r.progressed, blocks);
	assert_int_equal(r.steps, (blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS);
	free(map);
}

static void
make_tree(void)
{
	static const size_t sizes[] = { 0, 1, 2047, 2048, 2049, 65535, 65536, 65537, 300000 };
	char name[64];

	assert_int_equal(scratch_run(&s, "rm -rf tree && mkdir -p tree/a/b/c/d/e/f/g/h/i/j/k "
	    "'tree/with space'"), 0);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		snprintf(name, sizeof name, "tree/%zu", sizes[i]);
		make_file(name, sizes[i], (uint32_t)i);
	}
	make_file("tree/a/b/c/d/e/f/g/h/i/j/k/deep", 5000, 77);
	make_file("tree/a/UPPER and lower", 10, 78);
	make_file("tree/with space/\xc3\xa4\xf0\x9f\x98\x80", 20, 79);
	make_file("tree/empty too", 0, 80);
	make_iso("tree", "");
}

#define TREE_FILES 13u

static void
every_file(void **state)
{
	static const char seal[SEAL_SIZE] = "WAXSEAL1 this counts as zeros";
	struct digest *map;
	struct recorder r = { .tree = "tree" };
	struct pipeline_blocks count;
	struct fault f;
	uint64_t blocks;

	(void)state;
	NEED_ISO();
	make_tree();
	blocks = pad("tree.iso", 0);
	good("tree.iso", "tree", TREE_FILES, blocks, false);
	poke("tree.iso", SEAL_OFFSET, seal, sizeof seal);
	good("tree.iso", "tree", TREE_FILES, blocks, false);
	/* the byte before the SEAL area does not count as zero */
	map = map_of("tree.iso", blocks);
	poke("tree.iso", SEAL_OFFSET - 1, "x", 1);
	assert_int_equal(stream("tree.iso", map, blocks, &r, &count, &f), ERR_BLOCK);
	assert_int_equal(count.first_bad, 0);
	free(map);
}

static void
lengths(void **state)
{
	static const uint64_t blocks[] = { 15, 16, 17, 31, 32, 33, 255, 256, 257 };

	(void)state;
	NEED_ISO();
	make_tree();
	for (size_t i = 0; i < COUNT(blocks); i++) {
		pad("tree.iso", 0);
		good("tree.iso", "tree", TREE_FILES, pad("tree.iso", blocks[i]), false);
	}
}

static void
one_block(void **state)
{
	(void)state;
	NEED_TOOL("genisoimage");	/* the smallest that xorriso writes has two */
	assert_int_equal(scratch_run(&s, "mkdir -p one"), 0);
	make_file("one/file", 100, 1);
	make_iso("one", "-no-pad");
	good("one.iso", "one", 1, pad("one.iso", 1), false);
}

/* Zeros of three rings behind the last file: nobody but the reader looks at them. */
static void
long_tail(void **state)
{
	const uint64_t blocks = 3 * RING_SIZE / BLOCK_SIZE + 5;

	(void)state;
	NEED_ISO();
	make_tree();
	good("tree.iso", "tree", TREE_FILES, pad("tree.iso", blocks), false);
	/* so much to tell that the reader has filled the ring before the parser comes to its end */
	assert_int_equal(scratch_run(&s, "mkdir -p many && cd many && "
	    "touch $(seq -f \"%04g-$(printf 'x%.0s' $(seq 150))\" 3000)"), 0);
	make_iso("many", "");
	good("many.iso", "many", 3000, pad("many.iso", blocks), true);
}

#define BIG_FILES 36u

/* 27 MiB, so that every slot of the ring is used again. */
static void
make_big(void)
{
	char name[64];

	if (scratch_run(&s, "test -e big.iso") == 0)
		return;
	assert_int_equal(scratch_run(&s, "mkdir big"), 0);
	make_file("big/00-large", 5 * 1024 * 1024 + 12345, 5);
	for (unsigned i = 1; i < BIG_FILES; i++) {
		snprintf(name, sizeof name, "big/%02u", i);
		make_file(name, 640000 + i * 777, i + 100);
	}
	make_iso("big", "");
	assert_int_equal(scratch_run(&s, "cp big.iso good.iso"), 0);
}

static void
ring_wraps(void **state)
{
	uint64_t blocks;

	(void)state;
	NEED_ISO();
	make_big();
	blocks = pad("big.iso", 0);
	assert_true(blocks * BLOCK_SIZE > RING_SIZE + RING_SIZE / 2);
	good("big.iso", "big", BIG_FILES, blocks, false);
	good("big.iso", "big", BIG_FILES, blocks, true);
}

static void
changed(void **state)
{
	static const struct {
		int64_t at[4];	/* bytes to flip; below zero: from the end; 0 ends the list */
		uint64_t differ;
	} table[] = {
		{ { 1 }, 1 },
		{ { 32768 }, 1 },
		{ { 32769, 32770 }, 1 },
		{ { 10000000 }, 1 },
		{ { 10000000, 10065536, 20000000 }, 3 },
		{ { 1048575, 1048576 }, 2 },
		{ { 16777216 }, 1 },
		{ { -1 }, 1 },
		{ { 5, -1 }, 2 },
		{ { -65536, -65537 }, 2 },
	};
	uint64_t blocks, size;
	struct digest *map;

	(void)state;
	NEED_ISO();
	make_big();
	blocks = pad("big.iso", 0);
	size = blocks * BLOCK_SIZE;
	map = map_of("big.iso", blocks);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		uint64_t first = UINT64_MAX;
		enum err e;

		for (size_t k = 0; k < 4 && table[i].at[k] != 0; k++) {
			uint64_t at = (uint64_t)table[i].at[k] + (table[i].at[k] < 0 ? size : 0);

			flip("big.iso", at);
			first = at / BLOCK_SIZE < first ? at / BLOCK_SIZE : first;
		}
		e = stream("big.iso", map, blocks, &r, &count, &f);
		if (e != ERR_BLOCK)
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		assert_int_equal(count.differ, table[i].differ);
		assert_int_equal(count.good, blocks - table[i].differ);
		assert_int_equal(count.unreadable, 0);
		assert_int_equal(count.first_bad, first);
		assert_int_equal(r.progressed, blocks);
		/* whatever was handed out lay in chunks before the bad one (and was compared) */
		assert_true(r.bytes <= first / CHUNK_BLOCKS * CHUNK_SIZE);
		for (size_t k = 0; k < 4 && table[i].at[k] != 0; k++)
			flip("big.iso", (uint64_t)table[i].at[k] + (table[i].at[k] < 0 ? size : 0));
	}
	free(map);
	good("big.iso", "big", BIG_FILES, blocks, false);
}

static void
truncated(void **state)
{
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	make_big();
	blocks = pad("big.iso", 0);
	map = map_of("big.iso", blocks);
	for (uint64_t cut = 1; cut <= blocks * BLOCK_SIZE; cut = cut * 7 + 12345) {
		const uint64_t left = blocks * BLOCK_SIZE - cut, readable = left / BLOCK_SIZE;
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		char line[128];

		snprintf(line, sizeof line, "cp big.iso cut.iso && truncate -s %llu cut.iso",
		    (unsigned long long)left);
		assert_int_equal(scratch_run(&s, line), 0);
		assert_int_equal(stream("cut.iso", map, blocks, &r, &count, &f), ERR_UNREADABLE);
		assert_int_equal(count.good, readable);
		assert_int_equal(count.unreadable, blocks - readable);
		assert_int_equal(count.differ, 0);
		assert_int_equal(count.first_bad, readable);
		if (readable < 4)
			continue;
		/* one of the others differs: that weighs more */
		flip("cut.iso", 3 * BLOCK_SIZE + 1);
		r = (struct recorder){ .tree = "big" };
		assert_int_equal(stream("cut.iso", map, blocks, &r, &count, &f), ERR_BLOCK);
		assert_int_equal(count.differ, 1);
		assert_int_equal(count.unreadable, blocks - readable);
		assert_int_equal(count.first_bad, 3);
	}
	free(map);
}

/* Every block is the one that was signed for, and yet no file system is in them. */
static void
no_file_system(void **state)
{
	static const char *const made[] = {
		"truncate -s 2M bad.iso",
		"truncate -s 64K bad.iso",
		"cp random bad.iso",
		"head -c 34816 tree.iso >bad.iso",	/* descriptors, and then nothing */
		"head -c 50000 tree.iso >bad.iso && cat random >>bad.iso",
		"cp tree.iso bad.iso && truncate -s 393216 bad.iso",	/* ends within the files */
		"{ head -c 32768 /dev/zero; gzip -c random; } >bad.iso",
		"{ head -c 32768 /dev/zero; tar cf - tree; } >bad.iso",
	};

	(void)state;
	NEED_ISO();
	make_tree();
	make_file("random", 3 * 1024 * 1024, 9);
	for (size_t i = 0; i < COUNT(made); i++) {
		struct recorder r = { .tree = "tree" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		struct digest *map;
		uint64_t blocks;
		enum err e;

		assert_int_equal(scratch_run(&s, "rm -f bad.iso"), 0);
		assert_int_equal(scratch_run(&s, made[i]), 0);
		blocks = pad("bad.iso", 0);
		map = map_of("bad.iso", blocks);
		e = stream("bad.iso", map, blocks, &r, &count, &f);
		if (e != ERR_CONTENTS_FORM)
			fail_msg("%s: %s %s", made[i], err_code(e), f.at);
		assert_string_not_equal(f.at, "");
		free(map);
	}
}

/* ${make} puts something called "odd" into a tree that is otherwise good. */
static void
odd(const char *make, const char *options, enum err want, unsigned others)
{
	struct recorder r = { .tree = "odd" };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	struct digest *map;
	uint64_t blocks;
	enum err e;

	assert_int_equal(scratch_run(&s,
	    "rm -rf odd odd.iso && mkdir -p odd/d && echo x >odd/plain"), 0);
	if (scratch_run(&s, make) != 0) {
		print_message("not checked here: %s\n", make);
		return;
	}
	make_iso("odd", options);
	blocks = pad("odd.iso", 0);
	map = map_of("odd.iso", blocks);
	e = stream("odd.iso", map, blocks, &r, &count, &f);
	if (e != want || r.others != others)
		fail_msg("%s: %s %s, %u others", make, err_code(e), f.at, r.others);
	free(map);
}

static void
other_types(void **state)
{
	(void)state;
	NEED_ISO();
	odd("true", "", OK, 0);
	odd("ln -s plain odd/odd", "", OK, 1);
	odd("ln -s /etc/passwd odd/d/odd", "", OK, 1);
	odd("ln -s nowhere odd/odd", "", OK, 1);
	odd("mkfifo odd/odd", "", OK, 1);
	odd("mknod odd/odd c 1 3", "", OK, 1);
	odd("mknod odd/odd b 7 0", "", OK, 1);
	odd("perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); "
	    "bind(S, sockaddr_un(\"odd/odd\")) or die'", "", OK,
	    1);
	odd("ln odd/plain odd/odd", "-cache-inodes", OK, 1);
	/* compressed: what is unpacked is no piece of the image */
	odd("command -v mkzftree >/dev/null && rm -rf wide && mkdir wide && rm -r odd && "
	    "head -c 500000 /dev/zero >wide/odd && mkzftree wide odd", "-z", ERR_CONTENTS_FORM, 0);
}

static void
handler_errors(void **state)
{
	static const enum call calls[] = { CALL_ENTRY, CALL_DATA, CALL_END };
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	make_big();
	blocks = pad("big.iso", 0);
	map = map_of("big.iso", blocks);
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct recorder r = { .tree = "big", .fail_at = calls[i] };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };

		assert_int_equal(stream("big.iso", map, blocks, &r, &count, &f), ERR_SPACE);
		assert_int_equal(r.files + r.directories,
		    calls[i] == CALL_ENTRY ? 1 : r.directories + 1);
		assert_int_equal(r.ended, calls[i] == CALL_END ? 1 : 0);
		assert_int_equal(r.bytes > 0, calls[i] != CALL_ENTRY);
	}
	free(map);
}

static void
reads(void **state)
{
	static const struct {
		uint64_t at, len;
		enum err want;
	} table[] = {
		{ 0, 0, OK },
		{ 0, 1, OK },
		{ 16384, 16384, OK },
		{ 1048570, 12, OK },
		{ 12345, 20 * 1048576, OK },		/* more than the ring holds */
		{ 27 * 1048576 - 1, 1, OK },
		{ 27 * 1048576, 0, OK },
		{ 27 * 1048576, 1, ERR_UNREADABLE },
		{ 27 * 1048576 - 10, 11, ERR_UNREADABLE },
		{ 25 * 1048576, 3 * 1048576, ERR_UNREADABLE },
		{ UINT64_C(1) << 42, 1, ERR_UNREADABLE },
	};
	const size_t size = 27 * 1048576;
	uint8_t *want = malloc(size), *got = malloc(size);
	uint64_t bytes = 0;
	struct pipeline *p;
	char path[256];
	FILE *f;

	(void)state;
	make_file("data", size, 4);
	f = fopen(scratch_path(&s, "data", path), "r");
	assert_int_equal(fread(want, 1, size, f), size);
	fclose(f);
	p = start("data", -1);
	assert_int_equal(pipeline_bytes(p), 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault fault = { .at = "" };
		enum err e = pipeline_read(p, table[i].at, got, table[i].len, &fault);

		if (e != table[i].want)
			fail_msg("row %zu: %s %s", i, err_code(e), fault.at);
		if (e == OK)
			assert_memory_equal(got, want + table[i].at, table[i].len);
		bytes += table[i].at > size ? 0 : table[i].at + table[i].len > size ?
		    size - table[i].at : table[i].len;
		assert_int_equal(pipeline_bytes(p), bytes);
	}
	pipeline_stop(p);
	free(want);
	free(got);
}

/* ---- good blocks of another copy ---- */

/* The file that they are kept in; ${fresh}: with none. */
static int
open_kept(bool fresh)
{
	char path[256];
	int fd = open(scratch_path(&s, "kept", path),
	    O_RDWR | O_CREAT | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

/* How many blocks of ${map} are in their places; not one of those in ${without} may be. */
static uint64_t
blocks_in(int fd, const struct digest *map, uint64_t blocks, const uint64_t *without, size_t n)
{
	uint8_t *block = malloc(BLOCK_SIZE);
	struct digest d;
	uint64_t found = 0;

	assert_non_null(block);
	for (uint64_t i = 0; i < blocks; i++) {
		if (pread(fd, block, BLOCK_SIZE, (off_t)(i * BLOCK_SIZE)) != (ssize_t)BLOCK_SIZE)
			continue;
		digest_sha256(block, BLOCK_SIZE, &d);
		if (!digest_equal(&d, &map[i]))
			continue;
		found++;
		for (size_t k = 0; k < n; k++)
			assert_true(without[k] != i);
	}
	free(block);
	return found;
}

#define HOLES 5

/* Change a byte in each of these blocks, or change it back; UINT64_MAX: none. */
static size_t
flip_blocks(const char *name, const uint64_t block[HOLES])
{
	size_t n;

	for (n = 0; n < HOLES && block[n] != UINT64_MAX; n++)
		flip(name, block[n] * BLOCK_SIZE + 40000);
	return n;
}

#define NO UINT64_MAX

static struct digest *
big_map(uint64_t *blocks)
{
	make_big();
	*blocks = pad("big.iso", 0);
	return map_of("big.iso", *blocks);
}

/* What is good is written down wherever it stands, in front of the first bad block too. */
static void
kept_of_damaged(void **state)
{
	static const char seal[SEAL_SIZE] = "WAXSEAL1 this counts as zeros";
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	poke("big.iso", SEAL_OFFSET, seal, sizeof seal);
	const uint64_t table[][HOLES] = {
		{ 0, NO }, { 15, NO }, { 16, NO }, { 1, 2, 3, NO }, { 17, 18, 100, 101, 200 },
		{ 255, 256, 257, NO }, { 300, blocks - 1, NO }, { blocks - 1, NO },
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		const int kept = open_kept(true);
		const size_t n = flip_blocks("big.iso", table[i]);
		enum err e = stream_kept("big.iso", kept, map, blocks, &r, &count, &f);

		if (e != ERR_BLOCK || count.kept != blocks - n)
			fail_msg("row %zu: %s, %llu kept", i, err_code(e),
			    (unsigned long long)count.kept);
		assert_int_equal(count.differ, n);
		assert_int_equal(count.good, blocks - n);
		assert_int_equal(count.mended, 0);
		assert_int_equal(count.first_bad, table[i][0]);
		assert_int_equal(blocks_in(kept, map, blocks, table[i], n), blocks - n);
		flip_blocks("big.iso", table[i]);
		close(kept);
	}
	poke("big.iso", SEAL_OFFSET, (const char[SEAL_SIZE]){ 0 }, SEAL_SIZE);
	free(map);
}

/* The first copy has holes and the second others: together they are whole. */
static void
mended(void **state)
{
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	const struct {
		uint64_t first[HOLES], second[HOLES];
		uint64_t stay;		/* those that both lack */
	} table[] = {
		{ { 40, NO }, { 0, NO }, 0 },
		{ { 0, NO }, { 40, NO }, 0 },
		{ { 1, 17, 33, NO }, { 2, 18, 34, blocks - 1, NO }, 0 },
		{ { blocks - 1, NO }, { 14, 15, 16, 17, NO }, 0 },
		{ { 100, NO }, { 100, NO }, 1 },
		{ { 100, NO }, { 99, 100, 101, NO }, 1 },
		{ { 16, 200, NO }, { 3, 16, 200, 300, NO }, 2 },
		{ { 300, 301, NO }, { 5, 301, NO }, 1 },
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct recorder r = { .tree = "big" }, again = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		const int kept = open_kept(true);
		const size_t n = flip_blocks("big.iso", table[i].first);
		size_t lacks;
		enum err e;

		e = stream_kept("big.iso", kept, map, blocks, &r, &count, &f);
		assert_int_equal(e, ERR_BLOCK);
		assert_int_equal(count.kept, blocks - n);
		flip_blocks("big.iso", table[i].first);
		lacks = flip_blocks("big.iso", table[i].second);
		e = stream_kept("big.iso", kept, map, blocks, &again, &count, &f);
		flip_blocks("big.iso", table[i].second);
		if (e != (table[i].stay == 0 ? OK : ERR_BLOCK) ||
		    count.mended != lacks - table[i].stay || count.differ != table[i].stay)
			fail_msg("row %zu: %s, %llu mended, %llu differ", i, err_code(e),
			    (unsigned long long)count.mended, (unsigned long long)count.differ);
		assert_int_equal(count.good, blocks - table[i].stay);
		assert_int_equal(again.progressed, blocks);
		if (e == OK) {
			assert_int_equal(again.ended, BIG_FILES);	/* each compared */
			assert_int_equal(count.kept, 0);
			assert_true(count.first_bad == UINT64_MAX);
		} else {
			/* what both have is more than either had */
			assert_int_equal(count.kept, blocks - table[i].stay);
			assert_int_equal(blocks_in(kept, map, blocks, NULL, 0),
			    blocks - table[i].stay);
		}
		close(kept);
	}
	free(map);
}

/* Copies that end too early: what cannot be read comes from the other, or is lacking in both. */
static void
mended_unreadable(void **state)
{
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	for (uint64_t lost = 1; lost < blocks; lost = lost * 5 + 3) {
		const uint64_t readable = blocks - lost;
		struct recorder r = { .tree = "big" }, again = r, third = r;
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		int kept = open_kept(true);
		char line[128];

		/* half a block more: nothing of it counts */
		snprintf(line, sizeof line, "cp big.iso cut.iso && truncate -s %llu cut.iso",
		    (unsigned long long)(readable * BLOCK_SIZE + 30000));
		assert_int_equal(scratch_run(&s, line), 0);
		assert_int_equal(stream_kept("cut.iso", kept, map, blocks, &r, &count, &f),
		    ERR_UNREADABLE);
		assert_int_equal(count.kept, readable);
		assert_int_equal(count.unreadable, lost);
		assert_int_equal(blocks_in(kept, map, blocks, &readable, 1), readable);
		/* the same again changes nothing */
		assert_int_equal(stream_kept("cut.iso", kept, map, blocks, &again, &count, &f),
		    ERR_UNREADABLE);
		assert_int_equal(count.mended, 0);
		assert_int_equal(count.unreadable, lost);
		assert_int_equal(count.kept, readable);
		close(kept);
		/* a copy with only the end fills it: blocks in front of it do not count */
		snprintf(line, sizeof line, "cp big.iso kept && dd if=/dev/zero of=kept bs=%u "
		    "count=%llu conv=notrunc status=none", BLOCK_SIZE,
		    (unsigned long long)readable);
		assert_int_equal(scratch_run(&s, line), 0);
		kept = open_kept(false);
		assert_int_equal(stream_kept("cut.iso", kept, map, blocks, &third, &count, &f), OK);
		assert_int_equal(count.mended, lost);
		assert_int_equal(count.good, blocks);
		assert_int_equal(count.unreadable, 0);
		assert_int_equal(third.ended, BIG_FILES);
		close(kept);
	}
	free(map);
}

/* What came from another copy was not read from this one. */
static void
mended_was_not_read(void **state)
{
	const uint64_t lost = 20;
	struct recorder r = { .tree = "big" };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	uint64_t blocks;
	struct digest *map;
	char line[128];
	int kept;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	snprintf(line, sizeof line, "cp big.iso kept && cp big.iso cut.iso && "
	    "truncate -s %llu cut.iso", (unsigned long long)((blocks - lost) * BLOCK_SIZE));
	assert_int_equal(scratch_run(&s, line), 0);
	kept = open_kept(false);
	assert_int_equal(stream_kept("cut.iso", kept, map, blocks, &r, &count, &f), OK);
	assert_int_equal(count.mended, lost);
	assert_int_equal(r.read, (blocks - lost) * BLOCK_SIZE);
	close(kept);
	free(map);
}

/* Nothing that is kept is believed: it may be damaged, short, or of another image. */
static void
kept_is_false(void **state)
{
	static const char *const made[] = {
		": >kept",
		"head -c 6619135 good.iso >kept",	/* one byte of block 100 is missing */
		"truncate -s 40M kept",
		"cp good.iso kept; printf x | dd of=kept bs=1 seek=6600000 conv=notrunc 2>dd.log",
		/* each in the wrong place */
		"head -c 65536 /dev/zero >kept && cat good.iso >>kept",
		"tail -c +65537 good.iso >kept",
		"cp big.iso kept",			/* damaged in the same place */
	};
	static const uint64_t hole[HOLES] = { 100, NO };
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	flip_blocks("big.iso", hole);
	for (size_t i = 0; i < COUNT(made); i++) {
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		int kept;
		enum err e;

		assert_int_equal(scratch_run(&s, "rm -f kept"), 0);
		assert_int_equal(scratch_run(&s, made[i]), 0);
		kept = open_kept(false);
		e = stream_kept("big.iso", kept, map, blocks, &r, &count, &f);
		if (e != ERR_BLOCK || count.mended != 0 || count.differ != 1)
			fail_msg("%s: %s, %llu mended", made[i], err_code(e),
			    (unsigned long long)count.mended);
		assert_int_equal(count.first_bad, 100);
		/* and all that is good stands there now */
		assert_int_equal(count.kept, blocks - 1);
		assert_int_equal(blocks_in(kept, map, blocks, hole, 1), blocks - 1);
		close(kept);
	}
	flip_blocks("big.iso", hole);
	/* a copy of the image itself is as good, but for the block that holds its seal */
	poke("big.iso", SEAL_OFFSET, "WAXSEAL1", 8);
	assert_int_equal(scratch_run(&s, "cp big.iso kept"), 0);
	for (uint64_t at = 0; at <= 100; at += 100) {
		const uint64_t block[HOLES] = { at, NO };
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		const int kept = open_kept(false);

		flip_blocks("big.iso", block);
		assert_int_equal(stream_kept("big.iso", kept, map, blocks, &r, &count, &f),
		    at == 0 ? ERR_BLOCK : OK);
		assert_int_equal(count.mended, at == 0 ? 0 : 1);
		flip_blocks("big.iso", block);
		assert_int_equal(scratch_run(&s, "cp big.iso kept"), 0);
		close(kept);
	}
	poke("big.iso", SEAL_OFFSET, "\0\0\0\0\0\0\0\0", 8);
	free(map);
}

/* A medium with nothing wrong leaves the file as it is, with a long tail too. */
static void
kept_of_good(void **state)
{
	static const uint64_t lengths_of[] = { 0, 3 * RING_SIZE / BLOCK_SIZE + 5 };

	(void)state;
	NEED_ISO();
	make_tree();
	for (size_t i = 0; i < COUNT(lengths_of); i++) {
		const uint64_t blocks = pad("tree.iso", lengths_of[i]);
		struct digest *map = map_of("tree.iso", blocks);
		struct recorder r = { .tree = "tree" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		const int kept = open_kept(true);
		struct stat st;

		assert_int_equal(stream_kept("tree.iso", kept, map, blocks, &r, &count, &f), OK);
		assert_int_equal(count.kept, 0);
		assert_int_equal(count.mended, 0);
		assert_int_equal(fstat(kept, &st), 0);
		assert_int_equal(st.st_size, 0);
		close(kept);
		free(map);
	}
}

/* The parser has long ended when the bad block comes. */
static void
kept_of_long_tail(void **state)
{
	const uint64_t blocks = 3 * RING_SIZE / BLOCK_SIZE + 5;
	const uint64_t hole[HOLES] = { blocks - 2, NO };
	struct recorder r = { .tree = "tree" };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	struct digest *map;
	int kept;

	(void)state;
	NEED_ISO();
	make_tree();
	assert_int_equal(pad("tree.iso", blocks), blocks);
	map = map_of("tree.iso", blocks);
	flip_blocks("tree.iso", hole);
	kept = open_kept(true);
	assert_int_equal(stream_kept("tree.iso", kept, map, blocks, &r, &count, &f), ERR_BLOCK);
	assert_int_equal(count.first_bad, hole[0]);
	assert_int_equal(count.good, blocks - 1);
	/* it is zeros, and so is a place where nothing was written */
	assert_int_equal(blocks_in(kept, map, blocks, NULL, 0), blocks);
	assert_int_equal(count.kept, blocks - 1);	/* each counts once */
	close(kept);
	free(map);
}

/* ---- what cannot be written down changes nothing ---- */

static const uint64_t full_holes[HOLES] = { 20, 300, NO };

static void
kept_nowhere(void **state)
{
	static const struct { const char *path; int flags; } table[] = {
		{ "/dev/full", O_RDWR },	/* reads zeros, takes nothing: ENOSPC */
		{ "kept", O_RDONLY },
		{ "kept", O_WRONLY },
	};
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	flip_blocks("big.iso", full_holes);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		char path[256];
		int kept;

		assert_int_equal(scratch_run(&s, ": >kept"), 0);
		kept = open(*table[i].path == '/' ? table[i].path :
		    scratch_path(&s, table[i].path, path), table[i].flags | O_CLOEXEC);
		assert_int_not_equal(kept, -1);
		assert_int_equal(stream_kept("big.iso", kept, map, blocks, &r, &count, &f),
		    ERR_BLOCK);
		assert_int_equal(count.differ, 2);
		assert_int_equal(count.good, blocks - 2);
		assert_int_equal(count.mended, 0);
		assert_int_equal(count.kept, table[i].flags == O_WRONLY ? blocks - 2 : 0);
		close(kept);
	}
	flip_blocks("big.iso", full_holes);
	free(map);
}

struct limited {
	const struct digest *map;
	uint64_t blocks;
	int kept;
	rlim_t limit;
};

/* As somebody whose files may be no longer than that; what is wrong as the exit status. */
static int
stream_limited(void *arg)
{
	const struct limited *l = arg;
	const struct rlimit most = { l->limit, l->limit };
	struct recorder r = { .tree = "big" };
	const struct pipeline_handler h = { .arg = &r, .entry = on_entry, .data = on_data,
	    .end = on_end };
	char path[256];
	const struct crew_medium m = { .path = path, .source = &device_machine, .kept = l->kept,
	    .keeps = true };
	struct pipeline_blocks count;
	struct pipeline *p;
	struct device d;
	struct fault f;
	enum err e;

	snprintf(path, sizeof path, "%s/big.iso", s.dir);
	alarm(PATIENCE);
	if (setrlimit(RLIMIT_FSIZE, &most) != 0 ||
	    (getuid() == 0 && setresuid(65534, 65534, 65534) != 0))
		return 1;
	if (pipeline_start(&p, &m, &d, &f) != OK)
		return 2;
	e = pipeline_stream(p, l->map, l->blocks, &h, &count, &f);
	pipeline_stop(p);
	return e != ERR_BLOCK ? 3 : count.differ != 2 ? 4 : r.false_bytes ? 5 :
	    count.kept > l->limit / BLOCK_SIZE ? 6 : 0;
}

static void
kept_within_limits(void **state)
{
	/* the ring is a file too, so that with less nothing works at all */
	static const rlim_t limits[] = { RING_SIZE, RING_SIZE + BLOCK_SIZE + 1, 20 * MIB };
	struct limited l;
	struct digest *map;

	(void)state;
	NEED_ISO();
	map = big_map(&l.blocks);
	l.map = map;
	flip_blocks("big.iso", full_holes);
	assert_int_equal(scratch_run(&s, "chmod 755 . && chmod -R a+rX big big.iso"), 0);
	for (size_t i = 0; i < COUNT(limits); i++) {
		l.kept = open_kept(true);
		l.limit = limits[i];
		assert_int_equal(process_run(stream_limited, &l), 0);
		close(l.kept);
		/* nor does it matter to who keeps nothing */
		l.kept = -1;
		assert_int_equal(process_run(stream_limited, &l), 0);
	}
	flip_blocks("big.iso", full_holes);
	free(map);
}

/* The reader dies when all was counted and it only had to write down. */
static void
killed_while_keeping(void **state)
{
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	uint64_t blocks;
	struct digest *map;
	int kept;

	(void)state;
	NEED_ISO();
	map = big_map(&blocks);
	flip_blocks("big.iso", full_holes);
	kept = open_kept(true);
	assert_int_equal(stream_kept("big.iso", kept, map, blocks,
	    &(struct recorder){ .tree = "big", .kill_reader = blocks }, &count, &f), ERR_BLOCK);
	assert_int_equal(count.differ, 2);
	assert_int_equal(count.good, blocks - 2);
	assert_int_equal(count.kept, 0);
	close(kept);
	flip_blocks("big.iso", full_holes);
	free(map);
}

/* ---- parity ---- */

struct coded {
	struct recovery r;
	uint64_t blocks;
	struct digest *map;
};

/* Blocks of zeros are not like others: a file with holes has them everywhere. */
static void
fill_zeros(uint8_t *image, uint64_t blocks)
{
	static const uint8_t zeros[BLOCK_SIZE];

	for (uint64_t i = 0; i < blocks; i++)
		if (memcmp(image + i * BLOCK_SIZE, zeros, BLOCK_SIZE) == 0)
			memset(image + i * BLOCK_SIZE, 1 + (int)(i % 255), BLOCK_SIZE);
}

/*
 * coded.iso: ${data} blocks of ${name}.iso with ${parity} for each of ${stripes}, and a seal.  What
 * pads it is zeros only where there are to be ${zeros}.
 */
static struct coded
encode(const char *name, uint64_t data, uint64_t stripes, unsigned parity, bool zeros)
{
	static const char seal[SEAL_SIZE] = "WAXSEAL1 this counts as zeros";
	struct coded c = { .r = { .stripes = stripes, .parity = parity } };
	uint8_t *row[RECOVERY_ROWS], *image;
	struct recovery_code *code;
	char line[64], path[256];
	unsigned k;
	FILE *f;

	snprintf(line, sizeof line, "cp %s.iso coded.iso", name);
	assert_int_equal(scratch_run(&s, line), 0);
	c.r.data = pad("coded.iso", data);
	assert_true(recovery_ok(&c.r));
	c.blocks = c.r.data + stripes * parity;
	/* zeros behind the end are the rows that some stripes do not have */
	image = calloc(c.blocks + 1, BLOCK_SIZE);
	assert_non_null(image);
	f = fopen(scratch_path(&s, "coded.iso", path), "r+");
	assert_int_equal(fread(image, BLOCK_SIZE, c.r.data, f), c.r.data);
	if (!zeros)
		fill_zeros(image, c.r.data);
	k = recovery_data_rows(&c.r);
	code = recovery_code_new(k, parity);
	assert_non_null(code);
	for (uint64_t stripe = 0; stripe < stripes; stripe++) {
		for (unsigned i = 0; i < k + parity; i++) {
			uint64_t block = recovery_block(&c.r, stripe, i);

			row[i] = image + (block == UINT64_MAX ? c.blocks : block) * BLOCK_SIZE;
		}
		recovery_encode(code, row);
	}
	recovery_code_free(code);
	assert_int_equal(fseek(f, 0, SEEK_SET), 0);
	assert_int_equal(fwrite(image, BLOCK_SIZE, c.blocks, f), c.blocks);
	assert_int_equal(fclose(f), 0);
	free(image);
	c.map = map_of("coded.iso", c.blocks);
	poke("coded.iso", SEAL_OFFSET, seal, sizeof seal);
	assert_int_equal(scratch_run(&s, "cp coded.iso whole.iso"), 0);
	return c;
}

enum damage { DIFFERS, UNREADABLE };

/* One thing wrong with coded.iso: ${count} blocks from ${first} on, each ${step} further. */
struct scratched {
	enum damage how;
	uint64_t first, count, step;
};

/* Returns how many differ, and how many cannot be read. */
static void
damage(const struct scratched *d, size_t n, uint64_t *differ, uint64_t *unreadable)
{
	char path[256];

	assert_int_equal(scratch_run(&s, "cp whole.iso coded.iso"), 0);
	holes_begin(scratch_path(&s, "coded.iso", path));
	*differ = *unreadable = 0;
	for (; n-- > 0; d++)
		for (uint64_t i = 0; i < d->count; i++) {
			const uint64_t at = (d->first + i * d->step) * BLOCK_SIZE;

			if (d->how == DIFFERS) {
				flip("coded.iso", at + 65535);
				++*differ;
			} else {
				holes_add(at + 40960, 2048);	/* a sector */
				++*unreadable;
			}
		}
}

/* 442 blocks in 20 stripes of 22 or 23, each with 3 parity blocks: 502. */
#define DATA UINT64_C(442)
#define STRIPES UINT64_C(20)
#define ROWS 3u

static uint64_t
extents_of(const struct pipeline_blocks *count)
{
	uint64_t sum = 0, end = 0;

	for (size_t i = 0; i < count->bad.count; i++) {
		assert_true(i == 0 || count->bad.run[i].first > end);
		end = count->bad.run[i].first + count->bad.run[i].count;
		sum += count->bad.run[i].count;
	}
	return sum;
}

static void
repaired(void **state)
{
	static const struct {
		const char *what;
		struct scratched damage[4];
		uint64_t lost, stripes;		/* what is beyond repair */
	} table[] = {
		{ "one", { { DIFFERS, 47, 1, 1 } }, 0, 0 },
		{ "one that does not read", { { UNREADABLE, 47, 1, 1 } }, 0, 0 },
		{ "that of the seal", { { DIFFERS, 0, 1, 1 } }, 0, 0 },
		{ "that of the seal, unread", { { UNREADABLE, 0, 1, 1 } }, 0, 0 },
		{ "as many as parity", { { DIFFERS, 5, 3, 20 } }, 0, 0 },
		{ "as many, unread", { { UNREADABLE, 5, 3, 20 } }, 0, 0 },
		{ "as many, of both kinds", { { DIFFERS, 5, 1, 1 }, { UNREADABLE, 425, 1, 1 },
		    { UNREADABLE, 442 + 5, 1, 1 } }, 0, 0 },
		{ "parity only", { { DIFFERS, 442, 2, 1 }, { UNREADABLE, 501, 1, 1 } }, 0, 0 },
		{ "all parity", { { UNREADABLE, 442, 60, 1 } }, 0, 0 },
		{ "first and last", { { DIFFERS, 0, 1, 1 }, { UNREADABLE, 441, 1, 1 },
		    { DIFFERS, 501, 1, 1 } }, 0, 0 },
		{ "a burst", { { UNREADABLE, 100, 60, 1 } }, 0, 0 },
		{ "a burst from data into parity", { { DIFFERS, 422, 40, 1 } }, 0, 0 },
		{ "one more", { { DIFFERS, 5, 4, 20 } }, 4, 1 },
		{ "one more, unread", { { UNREADABLE, 5, 4, 20 } }, 4, 1 },
		{ "one more, of both kinds", { { UNREADABLE, 5, 3, 20 }, { DIFFERS, 487, 1, 1 } },
		    4, 1 },
		{ "a burst that is too long", { { UNREADABLE, 100, 61, 1 } }, 4, 1 },
		{ "two stripes, and one that is repaired", { { DIFFERS, 5, 4, 20 },
		    { UNREADABLE, 7, 5, 20 }, { DIFFERS, 9, 3, 20 } }, 9, 2 },
		{ "half of it", { { DIFFERS, 200, 250, 1 } }, 250, 20 },
	};
	struct coded c;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	assert_int_equal(c.blocks, 502);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct recorder r = { .tree = "big", .recovery = &c.r };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		const int kept = open_kept(true);
		uint64_t differ, unreadable, bad, stay = table[i].lost;
		char beyond[80];
		enum err e;

		damage(table[i].damage, COUNT(table[i].damage), &differ, &unreadable);
		bad = differ + unreadable;
		e = stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f);
		if (e != (stay == 0 ? OK : differ > 0 ? ERR_BLOCK : ERR_UNREADABLE) ||
		    count.lost != stay || count.stripes != table[i].stripes)
			fail_msg("%s: %s %s; %llu lost of %llu", table[i].what, err_code(e), f.at,
			    (unsigned long long)count.lost, (unsigned long long)count.stripes);
		assert_int_equal(count.good, c.blocks - bad);
		assert_int_equal(count.differ, differ);
		assert_int_equal(count.unreadable, unreadable);
		assert_int_equal(count.mended, 0);
		assert_int_equal(count.repaired, stay == 0 ? bad : 0);
		assert_true(count.first_bad == count.bad.run[0].first);
		assert_false(count.bad.more);
		assert_int_equal(extents_of(&count), bad);
		assert_int_equal(r.restarts, stay == 0);
		assert_int_equal(r.progressed, c.blocks);
		snprintf(beyond, sizeof beyond, "%llu blocks of %llu stripes are beyond repair",
		    (unsigned long long)stay, (unsigned long long)table[i].stripes);
		if (stay == 0) {
			assert_int_equal(r.ended, BIG_FILES);	/* each compared */
			assert_int_equal(count.kept, 0);
		} else {
			assert_non_null(strstr(f.at, beyond));
			/* what was computed is kept with what was read */
			assert_int_equal(count.kept, c.blocks - stay);
			assert_int_equal(blocks_in(kept, c.map, c.blocks, NULL, 0),
			    c.blocks - stay);
		}
		close(kept);
	}
	free(c.map);
}

/* In every stripe as much as there is parity for, in stripes of every form; then one more. */
static void
repaired_forms(void **state)
{
	(void)state;
	NEED_ISO();
	make_tree();
	const uint64_t data = pad("tree.iso", 0);
	const struct { uint64_t stripes; unsigned parity; } table[] = {
		{ 1, 1 }, { 1, 7 }, { 2, 1 }, { 3, 2 }, { data - 1, 1 }, { data, 1 }, { data, 3 },
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct coded c = encode("tree", data, table[i].stripes, table[i].parity,
		    false);
		const unsigned rows = recovery_data_rows(&c.r) + table[i].parity;

		for (unsigned more = 0; more < 2; more++) {
			struct recorder r = { .tree = "tree", .recovery = &c.r };
			struct pipeline_blocks count;
			struct fault f = { .at = "" };
			const int kept = open_kept(true);
			uint64_t bad = 0;
			enum err e;

			assert_int_equal(scratch_run(&s, "cp whole.iso coded.iso"), 0);
			for (uint64_t stripe = 0; stripe < c.r.stripes; stripe++) {
				unsigned left = table[i].parity + (more == 1 && stripe == 0);

				for (unsigned k = 0; left > 0 && k < rows; k++) {
					const uint64_t block = recovery_block(&c.r, stripe,
					    (k + (unsigned)stripe) % rows);

					if (block == UINT64_MAX)
						continue;
					flip("coded.iso", block * BLOCK_SIZE + 7);
					left--;
					bad++;
				}
				assert_int_equal(left, 0);
			}
			e = stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f);
			if (e != (more == 0 ? OK : ERR_BLOCK))
				fail_msg("%llu stripes, %u parity: %s %s",
				    (unsigned long long)c.r.stripes, table[i].parity, err_code(e),
				    f.at);
			assert_int_equal(count.differ, bad);
			assert_int_equal(count.repaired, more == 0 ? bad : 0);
			assert_int_equal(count.lost, more == 0 ? 0 : table[i].parity + 1);
			assert_int_equal(count.stripes, more);
			if (more == 0 && r.ended != TREE_FILES)
				fail_msg("%llu stripes, %u parity: %u files: %s",
				    (unsigned long long)c.r.stripes, table[i].parity, r.ended, r.names);
			close(kept);
		}
		free(c.map);
	}
}

/* Blocks of zeros are repaired and counted like others. */
static void
repaired_zeros(void **state)
{
	static const struct scratched some[] = { { DIFFERS, 47, 2, 1 }, { UNREADABLE, 438, 4, 1 } };
	struct recorder r = { .tree = "big" };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	uint64_t differ, unreadable;
	struct coded c;
	int kept;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, true);
	r.recovery = &c.r;
	damage(some, COUNT(some), &differ, &unreadable);
	kept = open_kept(true);
	assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f), OK);
	assert_int_equal(count.differ, 2);
	assert_int_equal(count.unreadable, 4);
	assert_int_equal(r.ended, BIG_FILES);
	close(kept);
	free(c.map);
	assert_int_equal(count.repaired, 6);
}

/* Without parity damage stays what it is; without a place for what is computed it is ours. */
static void
not_repaired(void **state)
{
	static const struct scratched one[] = { { DIFFERS, 47, 1, 1 } };
	struct coded c;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	for (unsigned i = 0; i < 4; i++) {
		struct recorder r = { .tree = "big", .recovery = i % 2 == 0 ? &c.r : NULL,
		    .forgets = i >= 2 };
		const int kept = i % 2 == 0 ? -1 : open_kept(true);
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		uint64_t differ, unreadable;

		damage(one, COUNT(one), &differ, &unreadable);
		assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f),
		    i % 2 == 0 ? ERR_IO : ERR_BLOCK);
		assert_int_equal(strstr(f.at, "parity gives 1 blocks that the medium does not, "
		    "but they cannot be kept: no file can be made for them") != NULL, i % 2 == 0);
		assert_int_equal(r.restarts, 0);
		assert_int_equal(count.repaired, 0);
		assert_int_equal(count.lost, 0);
		assert_int_equal(count.kept, i == 1 ? c.blocks - 1 : 0);
		assert_null(strstr(f.at, "beyond"));
		if (kept != -1)
			close(kept);
	}
	free(c.map);
}

/* Who does not keep good blocks has only those that were computed. */
static void
repaired_and_forgotten(void **state)
{
	static const struct scratched some[] = { { DIFFERS, 47, 2, 1 }, { UNREADABLE, 5, 4, 20 } };
	struct recorder r = { .tree = "big", .forgets = true };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	uint64_t differ, unreadable;
	struct coded c;
	int kept;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	r.recovery = &c.r;
	damage(some, COUNT(some), &differ, &unreadable);
	kept = open_kept(true);
	assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f), ERR_BLOCK);
	assert_int_equal(count.kept, 0);
	assert_int_equal(count.lost, 4);
	assert_int_equal(blocks_in(kept, c.map, c.blocks, NULL, 0), 2);
	close(kept);
	free(c.map);
}

/* More runs of bad blocks than are told one by one. */
static void
many_runs(void **state)
{
	(void)state;
	NEED_ISO();
	make_big();
	const uint64_t blocks = pad("big.iso", 0);
	struct digest *map = map_of("big.iso", blocks);

	assert_int_equal(scratch_run(&s, "cp big.iso coded.iso"), 0);
	for (uint64_t n = 1; n <= EXTENTS_MOST + 2; n++) {
		struct recorder r = { .tree = "big" };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		const uint64_t told = n < EXTENTS_MOST ? n : EXTENTS_MOST;

		flip("coded.iso", (n * 5 - 1) * BLOCK_SIZE);
		flip("coded.iso", n * 5 * BLOCK_SIZE);
		if (n < EXTENTS_MOST - 1 && n > 2)
			continue;
		assert_int_equal(stream("coded.iso", map, blocks, &r, &count, &f), ERR_BLOCK);
		assert_int_equal(count.differ, 2 * n);
		assert_int_equal(count.bad.count, told);
		assert_int_equal(count.bad.more, n > EXTENTS_MOST);
		for (uint64_t i = 0; i < told; i++) {
			assert_int_equal(count.bad.run[i].first, 5 * i + 4);
			assert_int_equal(count.bad.run[i].count, 2);
		}
	}
	free(map);
}

/* ---- a medium that changes while it is repaired ---- */

static void flip_same(void) { flip("coded.iso", 47 * BLOCK_SIZE); }	/* stripe 7 */
static void flip_other(void) { flip("coded.iso", 48 * BLOCK_SIZE); }
static void flip_parity(void) { flip("coded.iso", (442 + 8) * BLOCK_SIZE); }

static void
cut_blocks(unsigned n)
{
	char line[64];

	snprintf(line, sizeof line, "truncate -s -%u coded.iso", n * BLOCK_SIZE);
	assert_int_equal(scratch_run(&s, line), 0);
}

static void cut_one(void) { cut_blocks(1); }	/* the last parity block of stripe 19 */
static void cut_three(void) { cut_blocks(3); }

static void
gets_worse(void **state)
{
	static const struct {
		uint64_t bad;		/* a block that differs from the start */
		void (*at_end)(void), (*at_restart)(void);
		enum err want;
		unsigned restarts;
		uint64_t differ, unreadable, lost, repaired, kept;
	} table[] = {
		{ 27, NULL, NULL, OK, 1, 1, 0, 0, 1, 0 },
		/* what goes into the stripe is no longer what it was: it is computed, too */
		{ 27, flip_same, NULL, OK, 1, 1, 0, 0, 2, 0 },
		/* what nobody looked at a second time is found by the second pass */
		{ 27, flip_other, NULL, ERR_BLOCK, 1, 1, 0, 0, 0, 501 },
		{ 27, flip_parity, NULL, ERR_BLOCK, 1, 1, 0, 0, 0, 501 },
		{ 27, NULL, flip_same, ERR_BLOCK, 1, 1, 0, 0, 0, 501 },
		{ 27, NULL, flip_parity, ERR_BLOCK, 1, 1, 0, 0, 0, 501 },
		{ 27, NULL, cut_three, ERR_BLOCK, 1, 1, 0, 0, 0, 499 },
		/* one more is lost than before, and there is parity for it */
		{ 39, cut_one, NULL, OK, 1, 1, 0, 0, 2, 0 },
		{ 27, cut_one, NULL, ERR_BLOCK, 1, 1, 0, 0, 0, 501 },
	};
	struct coded c;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct scratched one[] = { { DIFFERS, table[i].bad, 1, 1 } };
		struct recorder r = { .tree = "big", .recovery = &c.r, .at_end = table[i].at_end,
		    .at_restart = table[i].at_restart };
		const int kept = open_kept(true);
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		uint64_t differ, unreadable;
		enum err e;

		damage(one, COUNT(one), &differ, &unreadable);
		e = stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f);
		if (e != table[i].want || r.restarts != table[i].restarts ||
		    count.lost != table[i].lost)
			fail_msg("row %zu: %s %s, %llu lost", i, err_code(e), f.at,
			    (unsigned long long)count.lost);
		assert_int_equal(count.differ, table[i].differ);
		assert_int_equal(count.unreadable, table[i].unreadable);
		assert_int_equal(count.repaired, table[i].repaired);
		assert_int_equal(count.kept, table[i].kept);
		if (e == OK)
			assert_int_equal(r.ended, BIG_FILES);
		else	/* the first pass is what is told, and that there was more */
			assert_non_null(strstr(f.at, "the first is block 27; all that was computed, but then"));
		close(kept);
	}
	free(c.map);
}

static void
kill_child(size_t number)
{
	pid_t child[8];

	assert_in_range(process_children(child, COUNT(child)), number, COUNT(child));
	assert_int_equal(kill(child[number - 1], SIGKILL), 0);
}

static void kill_first(void) { kill_child(1); }		/* the reader */
static void kill_last(void) { kill_child(2); }		/* the second parser; the first is gone */

/* Neither the reader's nor the second parser's end says anything of the medium. */
static void
killed_while_repairing(void **state)
{
	static void (*const how[])(void) = { kill_first, kill_last };
	static const struct scratched one[] = { { DIFFERS, 47, 1, 1 } };
	struct coded c;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	for (size_t i = 0; i < 2 * COUNT(how); i++) {
		struct recorder r = { .tree = "big", .recovery = &c.r };
		const int kept = open_kept(true);
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		uint64_t differ, unreadable;
		enum err e;

		if (i < COUNT(how))
			r.at_restart = how[i];
		else
			r.at_end = how[i - COUNT(how)];
		damage(one, COUNT(one), &differ, &unreadable);
		e = stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f);
		/* the first parser has nothing to do any more when all blocks were looked at */
		if (e != (i == 3 ? OK : ERR_CHILD))
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		close(kept);
	}
	free(c.map);
}

static void
restart_fails(void **state)
{
	static const struct scratched one[] = { { DIFFERS, 47, 1, 1 } };
	struct recorder r = { .tree = "big", .fail_at = CALL_RESTART };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	uint64_t differ, unreadable;
	struct coded c;
	int kept;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	r.recovery = &c.r;
	damage(one, COUNT(one), &differ, &unreadable);
	kept = open_kept(true);
	assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f), ERR_SPACE);
	assert_int_equal(r.ended, 0);
	close(kept);
	free(c.map);
}

/* What is computed cannot be written down: that is ours, unless more than that is lost. */
static void
nowhere_to_repair(void **state)
{
	static const struct scratched some[] = { { DIFFERS, 47, 2, 1 } };
	static const struct scratched more[] = { { DIFFERS, 47, 2, 1 }, { DIFFERS, 5, 4, 20 } };
	struct coded c;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	for (unsigned i = 0; i < 2; i++) {
		struct recorder r = { .tree = "big", .recovery = &c.r };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		uint64_t differ, unreadable;
		char path[256];
		int kept;

		assert_int_equal(scratch_run(&s, ": >kept"), 0);
		kept = open(i == 0 ? "/dev/full" : scratch_path(&s, "kept", path),
		    (i == 0 ? O_RDWR : O_RDONLY) | O_CLOEXEC);
		assert_int_not_equal(kept, -1);
		damage(some, COUNT(some), &differ, &unreadable);
		assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f),
		    i == 0 ? ERR_SPACE : ERR_IO);
		assert_int_equal(r.restarts, 0);
		assert_int_equal(count.repaired, 0);
		assert_int_equal(count.kept, 0);
		assert_int_equal(count.lost, 0);
		assert_int_equal(count.stripes, 0);
		damage(more, COUNT(more), &differ, &unreadable);
		r = (struct recorder){ .tree = "big", .recovery = &c.r };
		assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f),
		    ERR_BLOCK);
		assert_int_equal(count.lost, 4);
		assert_int_equal(count.stripes, 1);
		close(kept);
	}
	free(c.map);
}

/* What was computed is in our own file, which does not give it back: that is ours, too. */
static void
not_to_be_read_back(void **state)
{
	static const struct scratched some[] = { { DIFFERS, 47, 2, 1 } };
	struct recorder r = { .tree = "big" };
	struct pipeline_blocks count;
	struct fault f = { .at = "" };
	uint64_t differ, unreadable;
	struct coded c;
	char path[256];
	int kept;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	r.recovery = &c.r;
	assert_int_equal(scratch_run(&s, ": >kept"), 0);
	kept = open(scratch_path(&s, "kept", path), O_WRONLY | O_CLOEXEC);
	assert_int_not_equal(kept, -1);
	damage(some, COUNT(some), &differ, &unreadable);
	assert_int_equal(stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f), ERR_IO);
	assert_int_equal(strncmp(f.at, "2 blocks of our own file of computed ones", 41), 0);
	assert_int_equal(r.restarts, 1);
	close(kept);
	free(c.map);
}

/*
 * A second copy, damaged too: what the first one gave stands in for its blocks, and goes into the
 * stripes in their place, whether they do not read or read falsely.
 */
static void
repaired_beside_kept(void **state)
{
	static const uint64_t had[] = { 5, 45 };	/* both of stripe 5 */
	struct coded c;

	(void)state;
	NEED_ISO();
	make_big();
	c = encode("big", DATA, STRIPES, ROWS, false);
	for (enum damage how = DIFFERS; how <= UNREADABLE; how++) {
		const struct scratched some[] = { { how, 5, 5, 20 } };
		struct recorder r = { .tree = "big", .recovery = &c.r };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };
		uint64_t differ, unreadable;
		char line[128];
		int kept;
		enum err e;

		assert_int_equal(scratch_run(&s, "rm -f kept"), 0);
		for (size_t i = 0; i < COUNT(had); i++) {
			snprintf(line, sizeof line, "dd if=whole.iso of=kept bs=65536 skip=%u seek=%u "
			    "count=1 conv=notrunc status=none", (unsigned)had[i], (unsigned)had[i]);
			assert_int_equal(scratch_run(&s, line), 0);
		}
		damage(some, COUNT(some), &differ, &unreadable);
		kept = open_kept(false);
		e = stream_kept("coded.iso", kept, c.map, c.blocks, &r, &count, &f);
		close(kept);
		if (e != OK)
			fail_msg("%s: %s %s", how == DIFFERS ? "differ" : "unreadable", err_code(e),
			    f.at);
		assert_int_equal(count.mended, 2);
		assert_int_equal(count.repaired, 3);
		assert_int_equal(count.good, c.blocks - 3);
		assert_int_equal(r.ended, BIG_FILES);
	}
	free(c.map);
}

/* ---- */

/* As the judge does it: header, stream, copies behind the blocks. */
static void
reads_before_and_after(void **state)
{
	const struct pipeline_handler h = { .arg = &(struct recorder){ .tree = "tree" },
	    .entry = on_entry, .data = on_data, .end = on_end };
	struct pipeline_blocks count;
	struct pipeline *p;
	uint64_t blocks;
	struct digest *map;
	char got[16];

	(void)state;
	NEED_ISO();
	make_tree();
	blocks = pad("tree.iso", 0);
	map = map_of("tree.iso", blocks);
	poke("tree.iso", blocks * BLOCK_SIZE, "behind it", 9);
	p = start("tree.iso", -1);
	assert_int_equal(pipeline_read(p, 32769, got, 5, NULL), OK);
	assert_memory_equal(got, "CD001", 5);	/* ECMA-119 8.1.2 */
	assert_int_equal(pipeline_stream(p, map, blocks, &h, &count, NULL), OK);
	assert_int_equal(pipeline_read(p, blocks * BLOCK_SIZE, got, 9, NULL), OK);
	assert_memory_equal(got, "behind it", 9);
	assert_int_equal(pipeline_read(p, 32769, got, 5, NULL), OK);
	assert_memory_equal(got, "CD001", 5);
	assert_int_equal(pipeline_bytes(p), blocks * BLOCK_SIZE + 19);
	pipeline_stop(p);
	free(map);
}

/* The reader is the first child, the parser the second. */
static void
killed(void **state)
{
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	make_big();
	blocks = pad("big.iso", 0);
	map = map_of("big.iso", blocks);
	for (size_t child = 1; child <= 2; child++) {
		for (unsigned i = 0; i < 3; i++) {
			struct recorder r = { .tree = "big", .kill_child = child };
			struct pipeline_blocks count;
			struct fault f = { .at = "" };
			enum err e = stream("big.iso", map, blocks, &r, &count, &f);

			assert_int_equal(r.kill_child, 0);
			if (e != ERR_CHILD)
				fail_msg("child %zu: %s %s", child, err_code(e), f.at);
		}
	}
	free(map);
}

/* ---- a parser that lies ---- */

static void
speak(const struct parser *p, uint32_t type, uint64_t a, uint64_t b, const char *text)
{
	const struct message m = { .type = type, .length = (uint32_t)strlen(text), .a = a, .b = b };

	if (!wire_write(p->message, &m, sizeof m) || !wire_write(p->message, text, m.length))
		_exit(1);
}

/* It has nothing to say, and does not end. */
static void
begin_for_ever(const struct parser *p)
{
	for (;;)
		speak(p, MESSAGE_BEGIN, 0, 0, "");
}

/* Every chunk, as fast as it can, and it has read none. */
static void
release_all(const struct parser *p)
{
	speak(p, MESSAGE_BEGIN, 0, 0, "");
	for (uint64_t n = 0;; n++)
		speak(p, MESSAGE_RELEASE, n, 0, "");
}

/* The reader has no leave to read that far. */
static void
point_ahead(const struct parser *p)
{
	speak(p, MESSAGE_BEGIN, 0, 0, "");
	speak(p, MESSAGE_FILE, 100, 0, "README.TXT");
	speak(p, MESSAGE_SPAN, RING_SLOTS * CHUNK_SIZE, 100, "");
}

static enum err
take_any(void *arg, enum entry type, const char *path, size_t len, uint64_t size)
{
	(void)arg, (void)type, (void)path, (void)len, (void)size;
	return OK;
}

/* So many chunks of zeros under ${parser}; ${f} says what became of it. */
static enum err
stream_zeros(uint64_t chunks, void (*parser)(const struct parser *p), struct fault *f)
{
	static const uint8_t zeros[BLOCK_SIZE];
	const uint64_t blocks = chunks * CHUNK_BLOCKS;
	struct recorder r = { .tree = "" };
	const struct pipeline_handler h = { .arg = &r, .entry = take_any, .data = on_data,
	    .end = on_end };
	struct digest *map = calloc(blocks, sizeof *map);
	struct pipeline_blocks count;
	struct pipeline *p;
	char line[64];
	enum err e;

	assert_non_null(map);
	digest_sha256(zeros, sizeof zeros, &map[0]);
	for (uint64_t i = 1; i < blocks; i++)
		map[i] = map[0];
	snprintf(line, sizeof line, "rm -f zeros && truncate -s %lluM zeros",
	    (unsigned long long)chunks);
	assert_int_equal(scratch_run(&s, line), 0);
	hostile = parser;
	p = start("zeros", -1);
	*f = (struct fault){ .at = "" };
	e = pipeline_stream(p, map, blocks, &h, &count, f);
	pipeline_stop(p);
	free(map);
	return e;
}

/* Whatever it says, nobody waits for what cannot come, and the medium is not to blame. */
static void
lies(void **state)
{
	static const struct {
		void (*parser)(const struct parser *p);
		const char *why;
	} table[] = {
		{ begin_for_ever, "the parser begins again" },
		{ release_all, "the parser gives back what it does not have" },
		{ point_ahead, "the parser points at a block that is not good" },
	};
	struct fault f;

	(void)state;
	small_pipes = true;	/* of 341 commands, and 512 chunks */
	for (size_t i = 0; i < COUNT(table); i++) {
		const time_t start = time(NULL);

		enum err e = stream_zeros(600, table[i].parser, &f);

		if (e != ERR_CONTENTS_FORM)
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		assert_string_equal(f.at, table[i].why);
		assert_in_range(time(NULL) - start, 0, LIMIT_SILENCE / 2);
	}
}

/* LIMIT_PARSING: that long the judge waits for a parser that thinks, and no longer. */
static void
thinks(void **state)
{
	uint64_t blocks;
	struct digest *map;

	(void)state;
	NEED_ISO();
	make_big();
	blocks = pad("big.iso", 0);
	map = map_of("big.iso", blocks);
	for (unsigned late = 0; late < 2; late++) {
		struct recorder r = { .tree = "big", .stop_parser = true };
		struct pipeline_blocks count;
		struct fault f = { .at = "" };

		memset(&sleeper, 0, sizeof sleeper);
		sleeper.wakes = late == 0;
		assert_int_equal(stream("big.iso", map, blocks, &r, &count, &f),
		    late ? ERR_CHILD : OK);
		assert_false(r.stop_parser);
		assert_in_range(sleeper.waited, 1, 1000);
		assert_int_equal(r.files, late ? 1 : BIG_FILES);
		if (late)
			assert_string_equal(f.at,
			    "the parser got no processor time for 20 seconds");
	}
	free(map);
}

/* ---- a parser that ends, or thinks for ever ---- */

static void
begin_and_think(const struct parser *p)
{
	speak(p, MESSAGE_BEGIN, 0, 0, "");
}

static void
only_think(const struct parser *p)
{
	(void)p;
}

static void die_unconfined(const struct parser *p) { (void)p; _exit(PARSER_UNCONFINED); }
static void die_of_memory(const struct parser *p) { (void)p; _exit(PARSER_NO_MEMORY); }
static void die_before(const struct parser *p) { (void)p; _exit(1); }
static void begin_and_exit_1(const struct parser *p) { begin_and_think(p); _exit(1); }
static void begin_unconfined(const struct parser *p) { begin_and_think(p); die_unconfined(p); }
static void begin_without_memory(const struct parser *p) { begin_and_think(p); die_of_memory(p); }

/* Only libarchive does that, when it has no memory. */
static void
begin_and_exit(const struct parser *p)
{
	(void)p;
	assert_int_equal(atexit(at_exit), 0);
	begin_and_think(p);
	exit(1);
}

/* libarchive has no memory for an entry, and would go on without one. */
static bool no_entry;

struct archive_entry *
archive_entry_new2(struct archive *a)
{
	union { void *object; struct archive_entry *(*function)(struct archive *); } real;

	real.object = dlsym(RTLD_NEXT, "archive_entry_new2");
	return no_entry ? NULL : real.function(a);
}

static void
without_entry(const struct parser *p)
{
	no_entry = true;
	honest_run(p);
}

static const struct {
	void (*parser)(const struct parser *p);
	enum err want;
} ends_of_parser[] = {
	{ only_think, ERR_CHILD }, { begin_and_think, ERR_CONTENTS_FORM },
	{ die_before, ERR_CHILD }, { begin_and_exit_1, ERR_CONTENTS_FORM },
	{ die_unconfined, ERR_SANDBOX }, { begin_unconfined, ERR_CONTENTS_FORM },
	{ die_of_memory, ERR_MEMORY }, { begin_without_memory, ERR_MEMORY },
	{ begin_and_exit, ERR_MEMORY }, { without_entry, ERR_MEMORY },
};

/* The row that comes out otherwise, from 1; 0: none does. */
static int
try_ends(void *arg)
{
	struct fault f;

	(void)arg;
	sleeper.child = ANY;
	for (size_t i = 0; i < COUNT(ends_of_parser); i++)
		if (stream_zeros(RING_SLOTS + 2, ends_of_parser[i].parser, &f) !=
		    ends_of_parser[i].want || f.err != ends_of_parser[i].want)
			return (int)i + 1;
	return 0;
}

static int
try_ends_as_nobody(void *arg)
{
	alarm(PATIENCE);
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 100;
	return try_ends(arg);
}

/* It is believed where it can be true: when the children are users of their own, and when not. */
static void
ends_and_thinks(void **state)
{
	(void)state;
	assert_int_equal(try_ends(NULL), 0);
	if (getuid() != 0)
		return;
	assert_int_equal(scratch_run(&s, "chmod 777 . && rm -f zeros"), 0);
	assert_int_equal(process_run(try_ends_as_nobody, NULL), 0);
}

static void
killed_before(void **state)
{
	const struct pipeline_handler h = { .arg = &(struct recorder){ .tree = "tree" },
	    .entry = on_entry, .data = on_data, .end = on_end };
	struct pipeline_blocks count;
	uint64_t blocks;
	struct digest *map;
	struct fault f;
	char got[8];

	(void)state;
	NEED_ISO();
	make_tree();
	blocks = pad("tree.iso", 0);
	map = map_of("tree.iso", blocks);
	for (size_t i = 0; i < 2; i++) {
		struct pipeline *p;
		pid_t child[CHILDREN + 1];
		siginfo_t info;
		enum err e;

		p = start("tree.iso", -1);
		assert_int_equal(process_children(child, COUNT(child)), CHILDREN);
		assert_int_equal(kill(child[i], SIGKILL), 0);
		assert_int_equal(waitid(P_PID, (id_t)child[i], &info, WEXITED | WNOWAIT), 0);
		e = pipeline_read(p, 32769, got, 5, &f);
		assert_int_equal(e, i == 0 ? ERR_CHILD : OK);
		e = pipeline_stream(p, map, blocks, &h, &count, &f);
		assert_int_equal(e, ERR_CHILD);
		assert_int_equal(f.err, e);
		pipeline_stop(p);
		}
	free(map);
}

/*
 * The children have nothing but their pipes and the medium (under the sanitizers standard error
 * too), and may get nothing.
 */
static void
are_bare(bool with_kept)
{
	pid_t child[CHILDREN + 1];
	struct pipeline *p;
	char got[8], line[256];
	int kept;

	make_file("data", 65536, 1);
	kept = open_kept(true);
	p = start("data", with_kept ? kept : -1);
	assert_int_equal(pipeline_read(p, 0, got, 8, NULL), OK);
	assert_int_equal(process_children(child, COUNT(child)), CHILDREN);
	for (unsigned i = 0; i < CHILDREN; i++) {
		/* medium, map and four pipes, kept blocks; two pipes */
		const unsigned most = (i == 0 ? 6 + with_kept : 2) + (unsigned)SANITIZED;

		snprintf(line, sizeof line,
		    "for i in $(seq 50); do grep -q '^NoNewPrivs:.*1' /proc/%d/status && "
		    "test $(ls /proc/%d/fd | wc -l) -le %u && exit 0; sleep 0.1; done; false",
		    (int)child[i], (int)child[i], most);
		assert_int_equal(scratch_run(&s, line), 0);
		snprintf(line, sizeof line, "grep -Eq '^Max open files +0 +0 ' /proc/%d/limits && "
		    "grep -Eq '^Max core file size +0 +0 ' /proc/%d/limits", (int)child[i],
		    (int)child[i]);
		assert_int_equal(scratch_run(&s, line), 0);
		snprintf(line, sizeof line, "grep -Eq '^Max file size +0 +0 ' /proc/%d/limits",
		    (int)child[i]);
		assert_int_equal(scratch_run(&s, line), i == 0 && with_kept ? 1 : 0);
	}
	pipeline_stop(p);
	pipeline_stop(NULL);
	close(kept);
}

static void
children_are_bare(void **state)
{
	(void)state;
	are_bare(false);
	are_bare(true);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(every_file),
		T(lengths),
		T(one_block),
		T(ring_wraps),
		T(changed),
		T(truncated),
		T(no_file_system),
		T(other_types),
		T(handler_errors),
		T(reads),
		T(reads_before_and_after),
		T(killed),
		T(lies),
		T(thinks),
		T(ends_and_thinks),
		T(killed_before),
		T(children_are_bare),
		T(long_tail),
		T(kept_of_damaged),
		T(mended),
		T(mended_unreadable),
		T(mended_was_not_read),
		T(kept_is_false),
		T(kept_of_good),
		T(kept_of_long_tail),
		T(kept_nowhere),
		T(kept_within_limits),
		T(killed_while_keeping),
		T(repaired),
		T(repaired_forms),
		T(repaired_zeros),
		T(not_repaired),
		T(repaired_and_forgotten),
		T(many_runs),
		T(gets_worse),
		T(killed_while_repairing),
		T(restart_fails),
		T(nowhere_to_repair),
		T(not_to_be_read_back),
		T(repaired_beside_kept),
	};

	return cmocka_run_group_tests(tests, make_scratch, end_scratch);
}
