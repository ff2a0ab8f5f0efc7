/*
 * reader: see reader.h.  While streaming, one thread reads and one hashes: slot n of the ring is
 * filled, then checked, then published, then (by the judge's credit) filled again.
 *
 * From the first bad block on nothing is published any more.  The judge may then ask for what is
 * lost to be computed from parity, and stream again to a second parser; or for the good blocks to
 * be kept.
 */
#include "verify/reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verify/blocks.h"
#include "verify/repair.h"
#include "verify/wire.h"

struct slot {
	uint64_t length;		/* bytes that belong to this chunk */
	bool unreadable[CHUNK_BLOCKS];
};

struct stream {
	const struct reader *r;
	struct blocks blocks;
	uint64_t chunks;
	unsigned pass;			/* 0, then 1 */
	struct slot slot[RING_SLOTS];
	pthread_mutex_t lock;		/* guards filled and checked */
	pthread_cond_t changed;
	uint64_t filled, checked;	/* chunks */
	bool bad; /* hash thread only: a bad block was seen, nothing is published any more */
};

static uint8_t *
chunk_of(const struct stream *s, uint64_t number)
{
	return s->r->ring + (number % RING_SLOTS) * CHUNK_SIZE;
}

static bool
any_lost(const struct stream *s, uint64_t block, size_t n)
{
	while (n-- > 0)
		if (blocks_is_lost(&s->blocks, block + n))
			return true;
	return false;
}

/* One chunk, at once if it can be, otherwise block by block: one bad sector costs one block. */
static void
fill(struct stream *s, uint64_t number)
{
	struct slot *slot = &s->slot[number % RING_SLOTS];
	uint64_t first = number * CHUNK_BLOCKS, left = (s->blocks.count - first) * BLOCK_SIZE;
	uint8_t *to = chunk_of(s, number);
	size_t i, n;

	slot->length = left < CHUNK_SIZE ? left : CHUNK_SIZE;
	memset(slot->unreadable, 0, sizeof(slot->unreadable));
	n = (size_t)(slot->length / BLOCK_SIZE);
	if (!any_lost(s, first, n) &&
	    blocks_read(&s->blocks, to, (size_t)slot->length, first * BLOCK_SIZE))
		return;
	for (i = 0; i < n; i++, to += BLOCK_SIZE)
		slot->unreadable[i] = !blocks_read_one(&s->blocks, to, first + i);
}

/* SPEC V8: the SEAL area counts as zeros, and nobody behind us sees anything else there. */
static void
check(struct stream *s, uint64_t number, struct report *out)
{
	struct slot *slot = &s->slot[number % RING_SLOTS];
	uint64_t block = number * CHUNK_BLOCKS;
	uint8_t *at = chunk_of(s, number);
	size_t i, n = (size_t)(slot->length / BLOCK_SIZE);

	*out = (struct report){ .kind = REPORT_CHUNK, .number = number };
	if (number == 0)
		memset(at + SEAL_OFFSET, 0, SEAL_SIZE);
	for (i = 0; i < n; i++, block++, at += BLOCK_SIZE) {
		s->blocks.why = 0;
		if (!slot->unreadable[i] && blocks_is_good(&s->blocks, at, block)) {
			out->good++;
		} else if (blocks_mend(&s->blocks, at, block)) {
			blocks_lose(&s->blocks, block);	/* to this medium */
			out->good++;
			out->mended++;
			out->mended_differ += !slot->unreadable[i];
		} else {
			blocks_lose(&s->blocks, block);
			out->bad |= 1u << i;
			if (s->blocks.why != 0) {
				out->failed++;
				out->why = (uint32_t)s->blocks.why;
			}
			if (slot->unreadable[i])
				out->unreadable++;
			else
				out->differ++;
		}
	}
}

static void
publish(struct stream *s, uint64_t number, const struct report *report)
{
	struct feed feed = { number, s->slot[number % RING_SLOTS].length };

	/* The judge first: it must know that a chunk is good before the parser can speak of it. */
	if (!wire_write(s->r->report, report, sizeof(*report)))
		_exit(1);
	if (report->bad != 0)
		s->bad = true;
	if (s->bad)
		return;
	if (wire_write(s->r->feed[s->pass], &feed, sizeof(feed)))
		return;
	if (errno != EPIPE && errno != EAGAIN)	/* a pipe does not fail, but for us */
		_exit(1);
	s->bad = true;	/* the parser is gone, or does not listen; the blocks are counted */
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

/* For the first pass: what both need. */
static void
prepare(const struct reader *r, uint64_t blocks, struct stream *s)
{
	s->r = r;
	s->chunks = (blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
	if (!blocks_begin(&s->blocks, r->map, blocks) ||
	    pthread_mutex_init(&s->lock, NULL) != 0 || pthread_cond_init(&s->changed, NULL) != 0)
		_exit(1);
}

static void
stream(struct stream *s)
{
	const struct feed last = { 0, 0 };
	uint64_t credit = RING_SLOTS, n;
	pthread_t hasher;

	s->filled = s->checked = 0;
	s->bad = false;
	if (pthread_create(&hasher, NULL, hash_thread, s) != 0)
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
		(void)wire_write(s->r->feed[s->pass], &last, sizeof(last));
	/* After a bad block this is how the parser learns that no more comes. */
	(void)close(s->r->feed[s->pass]);
	s->pass++;
}

/* The good blocks, for the next copy.  What cannot be written down is no failure. */
static void
keep(struct stream *s, struct report *done)
{
	struct report alive = { .kind = REPORT_ALIVE }, chunk;
	uint64_t n;
	size_t i;

	*done = (struct report){ .kind = REPORT_KEPT };
	for (n = 0; n < s->chunks; n++) {
		fill(s, n);
		check(s, n, &chunk);
		for (i = 0; i < s->slot[n % RING_SLOTS].length / BLOCK_SIZE; i++)
			if ((chunk.bad >> i & 1) == 0 && blocks_keep(&s->blocks,
			    chunk_of(s, n) + i * BLOCK_SIZE, n * CHUNK_BLOCKS + i))
				done->number++;
		alive.number = n + 1;
		(void)wire_write(s->r->report, &alive, sizeof(alive));
	}
}

/* What the judge asks for when the first pass has ended; false: nothing we know. */
static bool
serve_streamed(struct stream *s, const struct command *c, struct report *done)
{
	struct recovery r = { .stripes = c->a, .parity = c->b };

	if (s->pass == 0)
		return false;
	if (c->op == COMMAND_KEEP && s->r->kept != -1) {
		keep(s, done);
		return true;
	}
	if (c->op != COMMAND_REPAIR || c->a == 0 || c->b == 0 || c->b >= RECOVERY_ROWS ||
	    c->a > s->blocks.count / c->b)
		return false;
	r.data = s->blocks.count - r.stripes * r.parity;
	if (!recovery_ok(&r))
		return false;
	repair_run(&s->blocks, &r, s->r->ring, done);
	return true;
}

_Noreturn void
reader_run(const struct reader *r)
{
	static struct stream s;
	uint64_t last = COMMAND_READ;
	struct command c;
	struct report done;

	s.blocks = (struct blocks){
		.medium = r->medium, .kept = r->kept, .report = r->report };
	while (wire_read(r->command, &c, sizeof(c))) {
		done = (struct report){ .kind = REPORT_SIZE };
		if (c.op != last && c.op != COMMAND_CREDIT && c.op != COMMAND_SIZE) {
			blocks_rest(&s.blocks);
			last = c.op;
		}
		if (c.op == COMMAND_CREDIT) {
			continue;	/* one may come after the last chunk */
		} else if (c.op == COMMAND_STREAM && s.pass < READER_PASSES && c.a > 0 &&
		    c.a <= LIMIT_IMAGE / BLOCK_SIZE && (s.pass == 0 || c.a == s.blocks.count)) {
			if (s.pass == 0)
				prepare(r, c.a, &s);
			stream(&s);
			continue;
		} else if (c.op == COMMAND_READ && c.b <= RING_SIZE) {
			done.kind = REPORT_READ;
			done.number = blocks_read_some(&s.blocks, r->ring, (size_t)c.b, c.a);
		} else if (c.op == COMMAND_SIZE) {
			done.number = (uint64_t)lseek(r->medium, 0, SEEK_END);
		} else if (!serve_streamed(&s, &c, &done)) {
			break;
		}
		if (!wire_write(r->report, &done, sizeof(done)))
			break;
	}
	_exit(0);
}
