/*
 * writer: an image onto a stick or card.  Whether that may be done is for target to say.
 * SPEC, "Writing media".
 */
#ifndef MKMEDIA_WRITER_H
#define MKMEDIA_WRITER_H

#include "formats/limits.h"
#include "verify/progress.h"

/* What is to be on the medium. */
struct writer_image {
	int fd;			/* the image file */
	const char *name;	/* for messages */
	uint64_t size;		/* bytes */
	const uint8_t *area;	/* SEAL_SIZE bytes that count instead of those in the file */
	uint64_t backup;	/* where they stand for the second time */
};

/*
 * ${len} bytes of the image from ${offset} on, with ${area} in both places of the seal; NULL: zeros
 * there.
 */
enum err writer_read(const struct writer_image *im, const uint8_t *area, uint64_t offset, void *out,
    size_t len, struct fault *f) MUST_USE;

/*
 * writer_write(im, fd, device, size, progress, f):
 * Put the image on ${device}, which is open at ${fd} and has ${size} bytes (also a regular file of
 * that size).  The seal comes last, behind a flush: what was cut off is not sealed.  From the end
 * of the image to the next MiB, and in the last MiB of the device, are zeros afterwards: no old
 * partition table or superblock is left.  On OK everything is on the medium, and what is read next
 * comes from there, as far as this user may have that done.  ERR_IO names the device and what to
 * look at.
 */
enum err writer_write(const struct writer_image *im, int fd, const char *device, uint64_t size,
    struct progress *progress, struct fault *f) MUST_USE;

#endif
