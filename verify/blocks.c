/*
 * blocks: see blocks.h.
 */
#include "verify/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "verify/clock.h"
#include "verify/file.h"
#include "verify/wire.h"

bool
blocks_begin(struct blocks *b, int map, uint64_t count)
{
	void *digests = mmap(NULL, (size_t)count * sizeof(struct digest), PROT_READ, MAP_SHARED,
	    map, 0);

	b->count = count;
	b->map = digests;
	b->lost = calloc(1, (size_t)count / 8 + 1);
	b->digest = digest_new();
	return digests != MAP_FAILED && b->lost != NULL && b->digest != NULL;
}

size_t
blocks_read_at(int fd, void *to, size_t len, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, (uint8_t *)to + done, len - done, (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = 0;	/* the end of the file is no error */
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/*
 * A drive may take half a minute for each bad sector, and a stick that hangs takes as long for
 * every one: the judge hears of both, and is left waiting by neither.
 */
size_t
blocks_read_some(struct blocks *b, uint8_t *to, size_t len, uint64_t offset)
{
	const struct report alive = { .kind = REPORT_ALIVE };
	/* Seconds that end meanwhile: so short reads count, too, now and then one. */
	const uint64_t start = clock_ms() / 1000;
	uint64_t took;
	size_t n;

	if (b->failing > LIMIT_PATIENCE)
		return 0;
	n = blocks_read_at(b->medium, to, len, offset);
	took = clock_ms() / 1000 - start;
	if (n < len || took > 0)
		(void)wire_write(b->report, &alive, sizeof(alive));
	if (n == len) {
		b->hangs = 0;
		return n;
	}
	b->failing += took;
	if (took < LIMIT_HANG)
		b->hangs = 0;
	else if ((len <= BLOCK_SIZE || b->hangs > 0) && ++b->hangs == 2)
		b->failing = LIMIT_PATIENCE + 1;	/* it will not answer any more */
	return n;
}

bool
blocks_read(struct blocks *b, uint8_t *to, size_t len, uint64_t offset)
{
	return blocks_read_some(b, to, len, offset) == len;
}

/* Some errors are a matter of luck. */
bool
blocks_read_one(struct blocks *b, uint8_t *to, uint64_t number)
{
	const unsigned hangs = b->hangs;
	unsigned i;

	for (i = 0; i < LIMIT_RETRIES && b->hangs <= hangs && !blocks_is_lost(b, number); i++)
		if (blocks_read(b, to, BLOCK_SIZE, number * BLOCK_SIZE))
			return true;
	return false;
}

void
blocks_rest(struct blocks *b)
{
	const bool given_up = b->hangs >= 2;

	if (given_up && b->given_up_once)
		return;
	b->given_up_once |= given_up;
	b->failing = 0;
	b->hangs = given_up ? 1 : 0;
}

bool
blocks_is_good(const struct blocks *b, const uint8_t *block, uint64_t number)
{
	struct digest d;

	digest_begin(b->digest);
	digest_add(b->digest, block, BLOCK_SIZE);
	digest_end(b->digest, &d);
	return digest_equal(&d, &b->map[number]);
}

bool
blocks_mend(struct blocks *b, uint8_t *block, uint64_t number)
{
	if (b->kept == -1)
		return false;
	if (blocks_read_at(b->kept, block, BLOCK_SIZE, number * BLOCK_SIZE) == BLOCK_SIZE)
		return blocks_is_good(b, block, number);
	if (errno != 0)
		b->why = errno;
	return false;
}

bool
blocks_keep(const struct blocks *b, const uint8_t *block, uint64_t number)
{
	return file_write_at(b->kept, block, BLOCK_SIZE, number * BLOCK_SIZE) == OK;
}

bool
blocks_is_lost(const struct blocks *b, uint64_t number)
{
	return (b->lost[number / 8] >> number % 8 & 1) != 0;
}

void
blocks_lose(struct blocks *b, uint64_t number)
{
	b->lost[number / 8] |= (uint8_t)(1u << number % 8);
}
