/*
 * reader: see reader.h.  While streaming, one thread reads and one hashes: slot n of the ring is
 * filled, then checked, then published, then (by the judge's credit) filled again.
 *
 * From the first bad block on nothing is published any more.  If good blocks are to be kept, they
 * are written down from there; those in front of it the judge asks for when the stream has ended.
 */
#include "verify/reader.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "formats/digest.h"
#include "verify/wire.h"

struct slot {
	uint64_t length;		/* bytes that belong to this chunk */
	bool unreadable[CHUNK_BLOCKS];
	bool good[CHUNK_BLOCKS];
};

struct stream {
	const struct reader *r;
	const struct digest *map;
	uint64_t blocks, chunks;
	struct slot slot[RING_SLOTS];
	pthread_mutex_t lock;		/* guards filled and checked */
	pthread_cond_t changed;
	uint64_t filled, checked;	/* chunks */
	/* of whoever fills: */
	uint64_t failing;	/* seconds that reads took to fail */
	unsigned hangs;		/* how many in a row took LIMIT_HANG */
	/* of whoever checks: */
	bool bad;	/* a bad block was seen, nothing is published any more */
	uint64_t kept;	/* blocks that were written down */
	struct digest_state *digest;
};

static time_t
seconds(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_MONOTONIC, &now) == 0 ? now.tv_sec : 0;
}

/* Read [offset, offset + len) as far as it goes; the result is the number of bytes from the start.
 */
static size_t
read_at(int fd, uint8_t *to, size_t len, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, to + done, len - done, (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/*
 * read_at, as long as there is patience with what fails: a drive may take half a minute for each bad
 * sector, and a stick that hangs takes as long for every one.
 */
static bool
try_read(struct stream *s, uint8_t *to, size_t len, uint64_t offset)
{
	const struct report alive = { .kind = REPORT_ALIVE };
	uint64_t took;
	time_t start;

	if (s->failing > LIMIT_PATIENCE)
		return false;
	start = seconds();
	if (read_at(s->r->medium, to, len, offset) == len) {
		s->hangs = 0;
		return true;
	}
	took = (uint64_t)(seconds() - start);
	s->failing += took;
	if (took < LIMIT_HANG) {
		s->hangs = 0;
		(void)wire_write(s->r->report, &alive, sizeof(alive));
	} else if (++s->hangs == 2) {	/* it will not answer any more */
		s->failing = LIMIT_PATIENCE + 1;
	}
	return false;
}

/* A block that does not read is tried again: some errors are a matter of luck. */
static bool
read_block(struct stream *s, uint8_t *to, uint64_t offset)
{
	unsigned i;

	for (i = 0; i < LIMIT_RETRIES; i++)
		if (try_read(s, to, BLOCK_SIZE, offset))
			return true;
	return false;
}

/* One chunk, at once if it can be, otherwise block by block: one bad sector costs one block. */
static void
fill(struct stream *s, uint64_t number)
{
	struct slot *slot = &s->slot[number % RING_SLOTS];
	uint8_t *to = s->r->ring + (number % RING_SLOTS) * CHUNK_SIZE;
	uint64_t offset = number * CHUNK_SIZE, left = s->blocks * BLOCK_SIZE - offset;
	size_t i, n;

	slot->length = left < CHUNK_SIZE ? left : CHUNK_SIZE;
	memset(slot->unreadable, 0, sizeof(slot->unreadable));
	if (try_read(s, to, (size_t)slot->length, offset))
		return;
	n = (size_t)(slot->length / BLOCK_SIZE);
	for (i = 0; i < n; i++)
		slot->unreadable[i] = !read_block(s, to + i * BLOCK_SIZE, offset + i * BLOCK_SIZE);
}

static bool
is_good(const struct stream *s, const uint8_t *block, uint64_t number)
{
	struct digest d;

	digest_begin(s->digest);
	digest_add(s->digest, block, BLOCK_SIZE);
	digest_end(s->digest, &d);
	return digest_equal(&d, &s->map[number]);
}

/* Another copy, read before, may have had what this one lacks. */
static bool
mend(const struct stream *s, uint8_t *block, uint64_t number)
{
	return s->r->kept != -1 &&
	    read_at(s->r->kept, block, BLOCK_SIZE, number * BLOCK_SIZE) == BLOCK_SIZE &&
	    is_good(s, block, number);
}

/* SPEC V8: the SEAL area counts as zeros, and nobody behind us sees anything else there. */
static void
check(struct stream *s, uint64_t number, struct report *out)
{
	struct slot *slot = &s->slot[number % RING_SLOTS];
	uint8_t *at = s->r->ring + (number % RING_SLOTS) * CHUNK_SIZE;
	size_t i, n = (size_t)(slot->length / BLOCK_SIZE);

	*out = (struct report){ .kind = REPORT_CHUNK, .number = number, .first_bad = CHUNK_BLOCKS };
	if (number == 0)
		memset(at + SEAL_OFFSET, 0, SEAL_SIZE);
	for (i = 0; i < n; i++, at += BLOCK_SIZE) {
		uint64_t block = number * CHUNK_BLOCKS + i;

		slot->good[i] = true;
		if (!slot->unreadable[i] && is_good(s, at, block)) {
			out->good++;
		} else if (mend(s, at, block)) {
			out->good++;
			out->mended++;
		} else {
			slot->good[i] = false;
			if (slot->unreadable[i])
				out->unreadable++;
			else
				out->differ++;
			if (out->first_bad == CHUNK_BLOCKS)
				out->first_bad = (uint32_t)i;
		}
	}
}

/* What cannot be written down is read again another time: that is no failure. */
static void
keep(struct stream *s, uint64_t number)
{
	const struct slot *slot = &s->slot[number % RING_SLOTS];
	const uint8_t *at = s->r->ring + (number % RING_SLOTS) * CHUNK_SIZE;
	size_t i;

	for (i = 0; s->r->kept != -1 && i < slot->length / BLOCK_SIZE; i++)
		if (slot->good[i] && pwrite(s->r->kept, at + i * BLOCK_SIZE, BLOCK_SIZE,
		    (off_t)(number * CHUNK_SIZE + i * BLOCK_SIZE)) == BLOCK_SIZE)
			s->kept++;
}

static void
publish(struct stream *s, uint64_t number, const struct report *report)
{
	struct feed feed = { number, s->slot[number % RING_SLOTS].length };

	/* The judge first: it must know that a chunk is good before the parser can speak of it. */
	if (!wire_write(s->r->report, report, sizeof(*report)))
		_exit(1);
	if (report->good * (uint64_t)BLOCK_SIZE != feed.length)
		s->bad = true;
	if (s->bad) {
		keep(s, number);
		return;
	}
	if (!wire_write(s->r->feed, &feed, sizeof(feed)))
		s->bad = true;	/* the parser is gone; the blocks are counted all the same */
}

static void *
hash_thread(void *arg)
{
	struct stream *s = arg;
	struct report report;
	uint64_t n;

	for (n = 0; n < s->chunks; n++) {
		pthread_mutex_lock(&s->lock);
		while (s->filled <= n)
			pthread_cond_wait(&s->changed, &s->lock);
		pthread_mutex_unlock(&s->lock);
		check(s, n, &report);
		publish(s, n, &report);
		pthread_mutex_lock(&s->lock);
		s->checked = n + 1;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

/*
 * Wait until slot ${n} is free: given back by the judge, and no longer looked at by the hash
 * thread.
 */
static void
wait_for_slot(struct stream *s, uint64_t n, uint64_t *credit)
{
	struct command c;

	while (*credit <= n) {
		if (!wire_read(s->r->command, &c, sizeof(c)) || c.op != COMMAND_CREDIT)
			_exit(1);
		*credit = c.a;
	}
	pthread_mutex_lock(&s->lock);
	while (n - s->checked >= RING_SLOTS)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void
stream(const struct reader *r, uint64_t blocks, struct stream *s)
{
	struct feed last = { 0, 0 };
	uint64_t credit = RING_SLOTS, n;
	pthread_t hasher;
	void *map;

	map = mmap(NULL, (size_t)blocks * sizeof(struct digest), PROT_READ, MAP_SHARED, r->map, 0);
	if (map == MAP_FAILED)
		_exit(1);
	*s = (struct stream){ .r = r, .map = map, .blocks = blocks,
	    .chunks = (blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS, .digest = digest_new() };
	if (s->digest == NULL || pthread_mutex_init(&s->lock, NULL) != 0 ||
	    pthread_cond_init(&s->changed, NULL) != 0 ||
	    pthread_create(&hasher, NULL, hash_thread, s) != 0)
		_exit(1);
	for (n = 0; n < s->chunks; n++) {
		wait_for_slot(s, n, &credit);
		fill(s, n);
		pthread_mutex_lock(&s->lock);
		s->filled = n + 1;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	if (pthread_join(hasher, NULL) != 0)
		_exit(1);
	if (!s->bad)
		(void)wire_write(r->feed, &last, sizeof(last));
	(void)close(
	    r->feed); /* after a bad block this is how the parser learns that no more comes */
}

/* The good blocks in front of the first bad one, which nobody kept at the time. */
static void
keep_first(struct stream *s, uint64_t chunks)
{
	struct report done;
	uint64_t n;

	for (n = 0; n < chunks && n < s->chunks; n++) {
		fill(s, n);
		check(s, n, &done);
		keep(s, n);
		done = (struct report){ .kind = REPORT_ALIVE };
		if (!wire_write(s->r->report, &done, sizeof(done)))
			_exit(1);
	}
	done = (struct report){ .kind = REPORT_KEPT, .number = s->kept };
	if (!wire_write(s->r->report, &done, sizeof(done)))
		_exit(1);
}


_Noreturn void
reader_run(const struct reader *r)
{
	static struct stream s;
	struct command c;
	struct report done;

	while (wire_read(r->command, &c, sizeof(c))) {
		if (c.op == COMMAND_READ && c.b <= RING_SIZE) {
			done = (struct report){ .kind = REPORT_READ,
			    .number = read_at(r->medium, r->ring, (size_t)c.b, c.a) };
			if (!wire_write(r->report, &done, sizeof(done)))
				break;
		} else if (c.op == COMMAND_STREAM && c.a > 0 && c.a <= LIMIT_IMAGE / BLOCK_SIZE) {
			stream(r, c.a, &s);
		} else if (c.op == COMMAND_KEEP && s.digest != NULL) {
			keep_first(&s, c.a);
		} else if (c.op == COMMAND_SIZE) {
			done = (struct report){ .kind = REPORT_SIZE,
			    .number = (uint64_t)lseek(r->medium, 0, SEEK_END) };
			if (!wire_write(r->report, &done, sizeof(done)))
				break;
		} else if (c.op != COMMAND_CREDIT) {	/* a credit may come after the last chunk */
			break;
		}
	}
	_exit(0);
}
