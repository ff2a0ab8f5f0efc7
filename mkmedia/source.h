/*
 * source: the files on their way into a volume, opened as late as possible and checked while they
 * are read; and the same as streams for libisofs.
 */
#ifndef MKMEDIA_SOURCE_H
#define MKMEDIA_SOURCE_H

#include "formats/digest.h"
#include "formats/err.h"

struct image_file;
struct image_piece;
struct iso_stream;	/* libisofs's IsoStream */

/* A reader for one file after the other, by one thread at a time. */
struct source;

#define SOURCE_PIECE (256 * 1024)	/* the most that source_read gives at once */

struct source *source_new(void);	/* NULL: no memory */
void source_free(struct source *s);	/* closes too */

/*
 * source_open(s, dirfd, name, size, piece, expect):
 * Open the regular file ${name} below ${dirfd}, through no symbolic link and by no way out of the
 * directory, to read all of it, ${size} bytes, or with ${piece} (see image.h) ${size} bytes of it.
 * It must be as long as that says and, when ${expect} is not NULL, have that SHA-256.  Both are
 * kept by the caller until source_close.  Closes what was open before.
 *   ERR_CONTENTS_MISSING  there is no such file
 *   ERR_CONTENTS_TYPE     not a regular file, or a link or a way out of the directory
 *   ERR_CONTENTS_DIGEST   of another size
 *   ERR_IO, ERR_DENIED    it cannot be opened
 */
enum err source_open(struct source *s, int dirfd, const char *name, uint64_t size,
    const struct image_piece *piece, const struct digest *expect) MUST_USE;

/*
 * source_read(s, bytes, len):
 * The next 1 .. SOURCE_PIECE bytes, valid until the next call; or, after all of them, *${len} = 0.
 * ERR_CONTENTS_DIGEST: the file has shrunk or grown, or is not the expected one.  That is known
 * before the last piece is given (for an empty file: by the first call), so whoever has all the
 * bytes has the right ones.  ERR_IO: it cannot be read.  After an error, close.
 */
enum err source_read(struct source *s, const uint8_t **bytes, size_t *len) MUST_USE;

void source_close(struct source *s);	/* harmless when nothing is open */

/*
 * source_stream(s, f):
 * ${f} as a stream that reads through ${s}, which must outlive it; it copies what image_add copies.
 * NULL: no memory.  The last iso_stream_unref frees it.  Streams of one ${s} are opened by one
 * thread, one at a time; one that fails to open or to read stops libisofs.
 */
struct iso_stream *source_stream(struct source *s, const struct image_file *f);

/* The path in the volume of a stream that source_stream made. */
const char *source_path(const struct iso_stream *stream);

/* The first failure of a stream of ${s}, with its path; its err is OK when there was none. */
const struct fault *source_fault(const struct source *s);

#endif
