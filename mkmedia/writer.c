/*
 * writer: see writer.h.
 */
#include "mkmedia/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BUFFER (4 * MIB)
#define ALIGNMENT 4096u		/* enough for every sector size that is made */
#define WIPE (1 * MIB)		/* backup GPT, md and firmware RAID lie in the last one */

struct writing {
	const struct writer_image *image;
	int fd;
	const char *device;
	uint64_t size;
	uint8_t *buffer;	/* BUFFER bytes, aligned as direct writing needs */
};

static const uint8_t NO_SEAL[SEAL_SIZE];

/* Of ${area}, which belongs at ${place}, put in what lies in the ${len} bytes from ${offset} on. */
static void
overlay(const uint8_t *area, uint64_t place, uint64_t offset, uint8_t *out, size_t len)
{
	const uint64_t from = place > offset ? place : offset;
	const uint64_t end = place + SEAL_SIZE < offset + len ? place + SEAL_SIZE : offset + len;

	if (from < end)
		memcpy(out + (from - offset), area + (from - place), (size_t)(end - from));
}

enum err
writer_read(const struct writer_image *im, const uint8_t *area, uint64_t offset, void *out,
    size_t len, struct fault *f)
{
	uint8_t *at = out;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(im->fd, at + done, len - done, (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_fault(f, ERR_IO, "%s: %s", im->name,
			    n == 0 ? "became shorter while it was read" : strerror(errno));
		done += (size_t)n;
	}
	overlay(area != NULL ? area : NO_SEAL, SEAL_OFFSET, offset, out, len);
	overlay(area != NULL ? area : NO_SEAL, im->backup, offset, out, len);
	return OK;
}

static enum err
device_fault(const struct writing *w, uint64_t offset, struct fault *f)
{
	const unsigned long long at = offset;

	switch (errno) {
	case ENODEV:
	case ENXIO:
	case ENOMEDIUM:
		return err_fault(f, ERR_IO, "%s: was taken out at byte %llu; put it back in and "
		    "write it again", w->device, at);
	case EROFS:
	case EPERM:
	case EACCES:
		return err_fault(f, ERR_IO, "%s: became write-protected at byte %llu; look for a "
		    "switch, else take another stick", w->device, at);
	case ENOSPC:
	case EFBIG:
		return err_fault(f, ERR_IO, "%s: ends at byte %llu and not at %llu as it says; "
		    "take another stick", w->device, at, (unsigned long long)w->size);
	default:
		return err_fault(f, ERR_IO, "%s: writing fails at byte %llu (%s); check the cable, "
		    "try another port, then another stick", w->device, at, strerror(errno));
	}
}

static enum err
put(const struct writing *w, uint64_t offset, size_t len, struct fault *f)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pwrite(w->fd, w->buffer + done, len - done, (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return device_fault(w, offset + done, f);
		done += (size_t)n;
	}
	return OK;
}

static enum err
flush(const struct writing *w, uint64_t offset, struct fault *f)
{
	return fsync(w->fd) == 0 ? OK : device_fault(w, offset, f);
}

/* Put ${area} into the place at ${offset}, for good. */
static enum err
put_area(const struct writing *w, uint64_t offset, const uint8_t *area, struct fault *f)
{
	enum err e;

	memcpy(w->buffer, area, SEAL_SIZE);
	e = put(w, offset, SEAL_SIZE, f);
	return e == OK ? flush(w, offset, f) : e;
}

/* The image without its seal, and zeros from its end to the next MiB. */
static enum err
put_image(const struct writing *w, uint64_t *end, struct progress *progress, struct fault *f)
{
	const struct writer_image *im = w->image;
	uint64_t at;
	size_t n, from_file;
	enum err e = OK;

	*end = (im->size + MIB - 1) / MIB * MIB;
	if (*end > w->size)
		*end = w->size;
	for (at = 0; at < *end && e == OK; at += n) {
		n = *end - at < BUFFER ? (size_t)(*end - at) : BUFFER;
		from_file = at >= im->size ? 0 : im->size - at < n ? (size_t)(im->size - at) : n;
		memset(w->buffer + from_file, 0, n - from_file);
		if ((e = writer_read(im, NULL, at, w->buffer, from_file, f)) == OK)
			e = put(w, at, n, f);
		progress_step(progress, at + n, *end);
	}
	return e;
}

/* Zeros in the last MiB, behind ${end}. */
static enum err
wipe_tail(const struct writing *w, uint64_t end, struct fault *f)
{
	const uint64_t from = w->size > end + WIPE ? w->size - WIPE : end;

	memset(w->buffer, 0, WIPE);
	return put(w, from, (size_t)(w->size - from), f);
}

static enum err
put_all(const struct writing *w, struct progress *progress, struct fault *f)
{
	const struct writer_image *im = w->image;
	uint64_t end;
	enum err e;

	if ((e = put_area(w, SEAL_OFFSET, NO_SEAL, f)) != OK ||
	    (e = put_area(w, im->backup, NO_SEAL, f)) != OK ||
	    (e = put_image(w, &end, progress, f)) != OK || (e = wipe_tail(w, end, f)) != OK ||
	    (e = flush(w, end, f)) != OK || (e = put_area(w, im->backup, im->area, f)) != OK)
		return e;
	return put_area(w, SEAL_OFFSET, im->area, f);
}

enum err
writer_write(const struct writer_image *im, int fd, const char *device, uint64_t size,
    struct progress *progress, struct fault *f)
{
	struct writing w = { .image = im, .fd = fd, .device = device, .size = size };
	const int flags = fcntl(fd, F_GETFL);
	void *buffer;
	enum err e;

	if (size < im->size || im->backup + SEAL_SIZE > im->size)
		return err_fault(f, ERR_USAGE, "%s: has %llu bytes, the image %llu", device,
		    (unsigned long long)size, (unsigned long long)im->size);
	if (posix_memalign(&buffer, ALIGNMENT, BUFFER) != 0)
		return err_fault(f, ERR_MEMORY, "%s", device);
	w.buffer = buffer;
	/* The page cache does not fill up, and the rate is the stick's.  Not every file can. */
	(void)fcntl(fd, F_SETFL, flags | O_DIRECT);
	e = put_all(&w, progress, f);
	(void)fcntl(fd, F_SETFL, flags);
	/* What was read before, such as by who asked what is on it, must not be read again. */
	(void)ioctl(fd, BLKFLSBUF);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	free(buffer);
	return e;
}
