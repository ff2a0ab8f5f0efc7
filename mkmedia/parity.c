/*
 * parity: see parity.h.
 */
#include "mkmedia/parity.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/zero.h"
#include "verify/file.h"

#define WORKERS 2u

struct worker {
	int fd;
	const struct recovery *r;
	const struct recovery_code *code;
	struct digest *map;
	uint64_t first;		/* its stripes are this one and every WORKERS-th behind it */
	uint8_t *room;
	struct digest_state *digest;
	enum err err;
};

static enum err
read_row(const struct worker *w, uint64_t block, uint8_t *to)
{
	size_t done = 0;
	ssize_t n;

	while (done < BLOCK_SIZE) {
		n = pread(w->fd, to + done, BLOCK_SIZE - done, (off_t)(block * BLOCK_SIZE + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == -1 ? err_errno() : ERR_IO;
		done += (size_t)n;
	}
	return OK;
}

/* Zeros are there already. */
static enum err
write_row(const struct worker *w, uint64_t block, const uint8_t *row)
{
	digest_begin(w->digest);
	digest_add(w->digest, row, BLOCK_SIZE);
	digest_end(w->digest, &w->map[block]);
	return zero_all(row, BLOCK_SIZE) ? OK :
	    file_write_at(w->fd, row, BLOCK_SIZE, block * BLOCK_SIZE);
}

static enum err
encode_stripe(const struct worker *w, uint64_t stripe)
{
	const unsigned k = recovery_data_rows(w->r), rows = k + (unsigned)w->r->parity;
	uint8_t *row[RECOVERY_ROWS];
	uint64_t block;
	enum err e = OK;
	unsigned i;

	for (i = 0; i < rows; i++)
		row[i] = w->room + (size_t)i * BLOCK_SIZE;
	for (i = 0; e == OK && i < k; i++) {
		block = recovery_block(w->r, stripe, i);
		if (block == UINT64_MAX)
			memset(row[i], 0, BLOCK_SIZE);
		else
			e = read_row(w, block, row[i]);
	}
	if (e == OK)
		recovery_encode(w->code, row);
	for (i = k; e == OK && i < rows; i++)
		e = write_row(w, recovery_block(w->r, stripe, i), row[i]);
	return e;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	uint64_t stripe;

	w->room = malloc((size_t)RECOVERY_ROWS * BLOCK_SIZE);
	w->digest = digest_new();
	w->err = w->room == NULL || w->digest == NULL ? ERR_MEMORY : OK;
	for (stripe = w->first; w->err == OK && stripe < w->r->stripes; stripe += WORKERS)
		w->err = encode_stripe(w, stripe);
	digest_free(w->digest);
	free(w->room);
	return NULL;
}

enum err
parity_write(int fd, const struct recovery *r, struct digest *map, struct fault *f)
{
	struct recovery_code *code =
	    recovery_code_new(recovery_data_rows(r), (unsigned)r->parity);
	struct worker worker[WORKERS];
	pthread_t thread[WORKERS];
	unsigned i, started;
	enum err e = code == NULL ? ERR_MEMORY : OK;

	for (started = 0; e == OK && started < WORKERS; started++) {
		worker[started] = (struct worker){ .fd = fd, .r = r, .code = code, .map = map,
			.first = started };
		if (pthread_create(&thread[started], NULL, work, &worker[started]) != 0) {
			e = ERR_MEMORY;
			break;
		}
	}
	for (i = 0; i < started; i++) {
		(void)pthread_join(thread[i], NULL);
		if (e == OK)
			e = worker[i].err;
	}
	recovery_code_free(code);
	return e == OK ? OK : err_fault(f, e, "writing the parity");
}
