/*
 * assemble: see assemble.h.
 */
#include "mkmedia/assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/limits.h"
#include "formats/zero.h"
#include "mkmedia/parity.h"
#include "verify/file.h"

struct assembly {
	int fd;
	struct digest *map;
	struct digest_state *digest;
	uint64_t at, size;		/* of the ISO volume with its padding */
	struct progress *progress;
};

/* Pieces begin on block boundaries; only the last is not whole blocks, and zeros fill it up. */
static enum err
take_piece(void *arg, const void *bytes, size_t len)
{
	static const uint8_t ZEROS[BLOCK_SIZE];
	struct assembly *a = arg;
	const uint8_t *at = bytes;
	size_t done, n;
	enum err e;

	/* Zeros are there already: an image of empty space takes no space. */
	if (!zero_all(bytes, len) && (e = file_write_at(a->fd, bytes, len, a->at)) != OK)
		return e;
	for (done = 0; done < len; done += n) {
		n = len - done < BLOCK_SIZE ? len - done : BLOCK_SIZE;
		digest_begin(a->digest);
		digest_add(a->digest, at + done, n);
		digest_add(a->digest, ZEROS, BLOCK_SIZE - n);
		digest_end(a->digest, &a->map[(a->at + done) / BLOCK_SIZE]);
	}
	a->at += len;
	progress_step(a->progress, a->at, a->size);
	return OK;
}

enum err
assemble_image(struct image *im, const void *chain, size_t chain_len, int fd, struct seal *s,
    struct progress *progress, struct fault *f)
{
	struct assembly a = { .fd = fd, .progress = progress };
	uint64_t iso = 0;
	enum err e;

	if ((e = image_size(im, &iso)) == ERR_LIMIT)
		return err_fault(f, e, "names of more than %llu MiB on one medium, 67 bytes more "
		    "for each: build fewer releases at a time",
		    (unsigned long long)(LIMIT_NAMES / MIB));
	if (e != OK || (e = seal_layout(s, iso, chain_len)) != OK)
		return err_fault(f, e, "laying out the image");
	a.size = s->recovery.data * BLOCK_SIZE;
	a.map = calloc((size_t)s->blocks, sizeof(*a.map));
	a.digest = digest_new();
	if (a.map == NULL || a.digest == NULL)
		e = err_fault(f, ERR_MEMORY, "block map");
	else if (ftruncate(fd, (off_t)s->size) == -1)	/* everything not written is zero */
		e = err_fault(f, err_errno(), "%s", strerror(errno));
	else if ((e = image_stream(im, take_piece, &a, f)) == OK &&
	    (s->recovery.stripes == 0 || (e = parity_write(fd, &s->recovery, a.map, f)) == OK)) {
		digest_sha256(a.map, (size_t)s->map.length, &s->map_digest);
		if ((e = file_write_at(fd, a.map, (size_t)s->map.length, s->map.offset)) != OK ||
		    (e = file_write_at(fd, a.map, (size_t)s->map.length, s->map2.offset)) != OK ||
		    (e = file_write_at(fd, chain, chain_len, s->chain.offset)) != OK ||
		    (e = file_write_at(fd, chain, chain_len, s->chain2.offset)) != OK)
			(void)err_fault(f, e, "writing the image");
	} else if (f->err != e) {
		(void)err_fault(f, e, "writing the image: %s", strerror(errno));
	}
	digest_free(a.digest);
	free(a.map);
	return e;
}

/* The disk works while the image is verified; the fsync that counts comes after. */
static enum err
write_area(int fd, const uint8_t *area, uint64_t offset, struct fault *f)
{
	enum err e = file_write_at(fd, area, SEAL_SIZE, offset);

	if (e != OK)
		return err_fault(f, e, "writing the seal");
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return OK;
}

enum err
assemble_seal(int fd, const struct seal *s, const uint8_t *area, struct fault *f)
{
	enum err e = write_area(fd, area, s->backup, f);

	return e == OK ? write_area(fd, area, SEAL_OFFSET, f) : e;
}

enum err
assemble_unsealed(int fd, const uint8_t *area, struct fault *f)
{
	return write_area(fd, area, SEAL_OFFSET, f);
}

/*
 * Does every image fit whose ISO volume has at most ${iso} bytes?  Parity comes in steps, and a
 * smaller volume may have more of it: that is allowed for.
 */
static bool
all_fit(struct seal *s, uint64_t iso, size_t chain_len, uint64_t size)
{
	uint64_t parity, most;

	if (seal_layout(s, iso, chain_len) != OK)
		return false;
	parity = s->recovery.stripes * s->recovery.parity;
	most = parity == 0 ? 0 : s->recovery.stripes + 1 +
	    ((s->recovery.data + s->recovery.stripes) * s->percent + 99) / 100;
	if (most <= parity)
		return s->size <= size;
	parity = (most - parity) * (BLOCK_SIZE + 2 * sizeof(struct digest));
	return s->size + parity + BACKUP_ALIGN <= size;
}

/* The size of an image grows with its ISO volume, in steps: halve what is not known. */
uint64_t
assemble_room(uint64_t size, size_t chain_len, unsigned percent)
{
	uint64_t fits = 0, too_many = size / SECTOR_SIZE + 1, middle;
	struct seal s = { .percent = percent };

	while (too_many - fits > 1) {
		middle = fits + (too_many - fits) / 2;
		if (all_fit(&s, middle * SECTOR_SIZE, chain_len, size))
			fits = middle;
		else
			too_many = middle;
	}
	return fits * SECTOR_SIZE;
}
