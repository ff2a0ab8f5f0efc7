/*
 * image: the ISO 9660 volume of a consignment as a stream of bytes, the same bytes for the same
 * tree and date (SPEC, "ISO volume").
 */
#ifndef MKMEDIA_IMAGE_H
#define MKMEDIA_IMAGE_H

#include "formats/digest.h"
#include "formats/err.h"
#include "formats/time.h"

/*
 * ISO 9660 level 3 with Rock Ridge, no Joliet, one copy of every file.  Every date in it is the one
 * of image_new; files are 0444, directories 0555, owner and group 0.  Nothing else of the sources,
 * of the caller's environment or of the order of the calls gets into it.
 */
struct image;

/* A piece of a file that is cut. */
struct image_piece {
	uint64_t offset;	/* of its first byte in the source */
	uint64_t whole;		/* bytes of the source */
	/*
	 * Begun by the piece at offset 0, continued by each that follows; at the last one it must
	 * be what is expected.  NULL: nothing is expected.
	 */
	struct digest_state *digest;
};

/*
 * One file of the volume: either ${source}, opened below ${dirfd} while it is read and never
 * through a symbolic link, or the bytes at ${data}.
 */
struct image_file {
	const char *path;	/* in the volume, '/'-separated; name_path_ok accepts it */
	int dirfd;		/* kept open by the caller until image_stream has returned */
	const char *source;	/* a regular file of exactly ${size} bytes, or ${piece}->whole */
	const void *data;	/* when not NULL: the bytes; kept by the caller until image_free */
	uint64_t size;
	const struct image_piece *piece;	/* NULL: all of the source; kept like ${data} */
	const struct digest *expect;	/* NULL, or what the whole of it must hash to */
};

#define IMAGE_PIECE (128 * 1024)	/* the most that a sink gets at once */

/*
 * Takes the next ${len} bytes of the image: IMAGE_PIECE of them, at the end perhaps fewer.  They
 * stand at ${bytes} only during the call.  Anything but OK ends the stream.
 */
typedef enum err image_sink(void *arg, const void *bytes, size_t len);

/*
 * image_new(out, volume_id, date):
 * Begin a volume.  ${volume_id} is 1 to 32 characters of A-Z, 0-9 and "_" (else ERR_USAGE).  Of
 * ${date} only the instant counts; it lies in the years 1970 to 2155 (else ERR_LIMIT: ISO 9660 has
 * one byte for the year).  On OK the caller frees *${out}; on any error it is NULL.  Several images
 * may exist at the same time.
 */
enum err image_new(struct image **out, const char *volume_id, struct moment date) MUST_USE;

/*
 * image_add(im, f):
 * Add a file, in any order, and the directories above it.  Copies ${f}, its path, its source and
 * its expected digest; opens nothing yet.  ERR_LIMIT: the contents exceed 4 TiB less 64 GiB
 * (libisofs fails at 4 TiB).  ERR_USAGE: image_size was called before, or ${f} has neither source
 * nor data.
 */
enum err image_add(struct image *im, const struct image_file *f) MUST_USE;

/*
 * image_size(im, bytes):
 * Lay the volume out and say how long it will be, a multiple of 2048.  Nothing can be added after
 * this.  From here until image_stream has returned, libisofs's own thread reads some MiB ahead of
 * the sink: sources must not change and ${dirfd} stays open.  ERR_CONTENTS_TWIN: a path was added
 * twice, or is a file and a directory; ERR_CONTENTS_NAME: a component is empty, ".", ".." or longer
 * than 255 bytes; ERR_LIMIT: all names exceed LIMIT_NAMES.  After an error the image can only be
 * freed.
 */
enum err image_size(struct image *im, uint64_t *bytes) MUST_USE;

/*
 * image_stream(im, sink, arg, f):
 * Hand exactly image_size bytes to ${sink}, from byte 0 (the 32 KiB system area, zeros) and in
 * this thread; once for an image (ERR_USAGE).  Stops at the first error: the sink's, returned as it
 * is, or a file's, with its path in ${f}:
 *   ERR_CONTENTS_MISSING  there is no such source
 *   ERR_CONTENTS_TYPE     it is not a regular file, or a symbolic link or ".." is in its way
 *   ERR_CONTENTS_DIGEST   it is not as long as it should be, or not what was expected
 *   ERR_IO, ERR_DENIED    it cannot be read
 * What the sink got before an error is not an image and must be thrown away.
 */
enum err image_stream(struct image *im, image_sink *sink, void *arg, struct fault *f) MUST_USE;

/* At any time, also when nothing or only a part was streamed. */
void image_free(struct image *im);

#endif
