/*
 * source: openat2, reading in large pieces, a digest on the way; and the callbacks of an IsoStream.
 */
#include "mkmedia/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LIBISOFS_WITHOUT_LIBBURN
#include <libisofs/libisofs.h>

#include "mkmedia/image.h"

struct source {
	int fd;
	uint64_t unread;	/* bytes that must still come */
	uint64_t behind;	/* bytes of the file behind these: other pieces of it */
	const struct digest *expect;
	struct digest_state *own;
	struct digest_state *sha;	/* NULL, the own one, or that of a cut file */

	ino_t streams;		/* how many were made */
	const uint8_t *next;	/* bytes that the open stream may hand out, */
	size_t ready;		/* and how many */
	struct fault fault;	/* the first failure of a stream */
	uint8_t buffer[SOURCE_PIECE + 1];	/* the one more shows that a file has grown */
};

struct source *
source_new(void)
{
	struct source *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->fd = -1;
	s->own = digest_new();
	if (s->own == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	source_close(s);
	digest_free(s->own);
	free(s);
}

static enum err
open_err(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return ERR_CONTENTS_MISSING;
	case ELOOP:	/* a symbolic link */
	case EXDEV:	/* a way out of the directory */
	case ENXIO:	/* a socket */
		return ERR_CONTENTS_TYPE;
	default:
		return err_errno();
	}
}

enum err
source_open(struct source *s, int dirfd, const char *name, uint64_t size,
    const struct image_piece *piece, const struct digest *expect)
{
	uint64_t offset = piece == NULL ? 0 : piece->offset;
	uint64_t whole = piece == NULL ? size : piece->whole;
	struct open_how how = {
		/* not to wait for a FIFO's writer */
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	struct stat st;

	source_close(s);
	s->fd = (int)syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
	if (s->fd < 0)
		return open_err();
	if (fstat(s->fd, &st) != 0)
		return err_errno();
	if (!S_ISREG(st.st_mode))
		return ERR_CONTENTS_TYPE;
	if ((uint64_t)st.st_size != whole)
		return ERR_CONTENTS_DIGEST;
	if (offset > 0 && lseek(s->fd, (off_t)offset, SEEK_SET) == -1)
		return err_errno();
	s->unread = size;
	s->behind = whole - offset - size;
	s->expect = expect;
	s->sha = expect == NULL ? NULL : piece == NULL ? s->own : piece->digest;
	if (s->sha != NULL && offset == 0)
		digest_begin(s->sha);
	return OK;
}

enum err
source_read(struct source *s, const uint8_t **bytes, size_t *len)
{
	size_t want = (size_t)(s->unread < SOURCE_PIECE ? s->unread : SOURCE_PIECE);
	/* at the end: for one too many */
	size_t ask = want == s->unread && s->behind == 0 ? want + 1 : want;
	size_t got = 0;
	struct digest sha;
	ssize_t n;

	while (got < want) {
		n = read(s->fd, s->buffer + got, ask - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno();
		if (n == 0)
			return ERR_CONTENTS_DIGEST;
		got += (size_t)n;
	}
	if (got > want)
		return ERR_CONTENTS_DIGEST;
	s->unread -= want;
	if (s->sha != NULL) {
		digest_add(s->sha, s->buffer, want);
		if (s->unread == 0 && s->behind == 0) {
			digest_end(s->sha, &sha);
			if (!digest_equal(&sha, s->expect))
				return ERR_CONTENTS_DIGEST;
			s->sha = NULL;	/* once is enough */
		}
	}
	*bytes = s->buffer;
	*len = want;
	return OK;
}

void
source_close(struct source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

/* The rest is the streams: called by libisofs's thread, which asks for one sector at a time. */

/* One allocation for all of it: there may be millions. */
struct file {
	IsoStream stream;	/* first, so that a stream is its file; its data is the reader */
	uint64_t size;
	ino_t number;		/* of its own: files with equal ids would share their sectors */
	const void *data;
	const struct image_piece *piece;
	const char *source;	/* in or behind the path */
	struct digest expect;
	bool expected;
	int dirfd;
	char path[];
};

/* libisofs would fill an unreadable file with zeros and go on, but for an error that is fatal. */
static int
library_result(struct source *s, const struct file *file, enum err e)
{
	if (e == OK)
		return ISO_SUCCESS;
	if (s->fault.err == OK)
		(void)err_fault(&s->fault, e, "%s", file->path);
	return (int)ISO_FATAL_ERROR;
}

static enum err
take_data(struct source *s, const struct file *file)
{
	struct digest sha;

	s->next = file->data;
	s->ready = (size_t)file->size;
	if (!file->expected)
		return OK;
	digest_sha256(file->data, s->ready, &sha);
	return digest_equal(&sha, &file->expect) ? OK : ERR_CONTENTS_DIGEST;
}

static int
stream_open(IsoStream *stream)
{
	struct file *file = (struct file *)stream;
	struct source *s = stream->data;
	enum err e;

	if (file->data != NULL)
		return library_result(s, file, take_data(s, file));
	e = source_open(s, file->dirfd, file->source, file->size, file->piece,
	    file->expected ? &file->expect : NULL);
	/* now, because nobody asks for the bytes of an empty file */
	if (e == OK)
		e = source_read(s, &s->next, &s->ready);
	if (e != OK)
		source_close(s);	/* nobody closes what did not open */
	return library_result(s, file, e);
}

static int
stream_close(IsoStream *stream)
{
	source_close(stream->data);
	return ISO_SUCCESS;
}

static off_t
stream_size(IsoStream *stream)
{
	return (off_t)((struct file *)stream)->size;
}

static int
stream_read(IsoStream *stream, void *buf, size_t count)
{
	struct file *file = (struct file *)stream;
	struct source *s = stream->data;
	enum err e;

	if (s->ready == 0 && file->data == NULL && (e = source_read(s, &s->next, &s->ready)) != OK)
		return library_result(s, file, e);
	if (count > s->ready)
		count = s->ready;	/* a piece is whole sectors: only the last one is short */
	memcpy(buf, s->next, count);
	s->next += count;
	s->ready -= count;
	return (int)count;
}

static int
stream_repeatable(IsoStream *stream)
{
	(void)stream;
	return 1;
}

static void
stream_id(IsoStream *stream, unsigned *fs, dev_t *dev, ino_t *ino)
{
	*fs = 1;
	*dev = 0;
	*ino = ((struct file *)stream)->number;
}

/* The last iso_stream_unref frees the stream, which is the whole file. */
static void
stream_free(IsoStream *stream)
{
	(void)stream;
}

static IsoStreamIface stream_class = {
	.type = { 'u', 's', 'e', 'r' },
	.open = stream_open,
	.close = stream_close,
	.get_size = stream_size,
	.read = stream_read,
	.is_repeatable = stream_repeatable,
	.get_id = stream_id,
	.free = stream_free,
};

/* Most sources are the tail of their path (payload/x, RELEASES/id/payload/x): one copy does. */
struct iso_stream *
source_stream(struct source *s, const struct image_file *f)
{
	const char *source = f->data == NULL ? f->source : "";
	size_t path_len = strlen(f->path), len = strlen(source), at = path_len + 1;
	struct file *file;

	if (len <= path_len && strcmp(f->path + path_len - len, source) == 0)
		at = path_len - len;
	file = calloc(1, sizeof(*file) + path_len + 1 + (at > path_len ? len + 1 : 0));
	if (file == NULL)
		return NULL;
	file->stream.class = &stream_class;
	file->stream.refcount = 1;
	file->stream.data = s;
	file->number = ++s->streams;
	file->size = f->size;
	file->data = f->data;
	file->piece = f->piece;
	file->expected = f->expect != NULL;
	if (file->expected)
		file->expect = *f->expect;
	file->dirfd = f->dirfd;
	memcpy(file->path, f->path, path_len + 1);
	file->source = memcpy(file->path + at, source, len + 1);
	return &file->stream;
}

const char *
source_path(const struct iso_stream *stream)
{
	return ((const struct file *)stream)->path;
}

const struct fault *
source_fault(const struct source *s)
{
	return &s->fault;
}
