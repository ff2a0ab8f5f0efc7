/*
 * parser: see parser.h.
 */
#include "verify/parser.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify/wire.h"

#define OUTBOX 32768u

struct walk {
	const struct parser *p;
	uint64_t next;		/* number of the chunk that comes next */
	uint8_t outbox[OUTBOX];
	size_t used;
};

static void
flush(struct walk *w)
{
	if (!wire_write(w->p->message, w->outbox, w->used))
		_exit(1);
	w->used = 0;
}

static void
tell(struct walk *w, uint32_t type, uint64_t a, uint64_t b, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);
	struct message m = { .type = type, .a = a, .b = b };

	if (len > WIRE_PATH)
		len = WIRE_PATH; /* longer than any name that may be: refused for its length */
	m.length = (uint32_t)len;
	if (sizeof(m) + len > OUTBOX - w->used)
		flush(w);
	memcpy(w->outbox + w->used, &m, sizeof(m));
	w->used += sizeof(m);
	if (len > 0)
		memcpy(w->outbox + w->used, text, len);
	w->used += len;
}

static _Noreturn void
fail(struct walk *w, const char *why)
{
	tell(w, MESSAGE_FAIL, 0, 0, why != NULL ? why : "no reason given");
	flush(w);
	_exit(0);
}

/* Only libarchive calls exit, and only when it has no memory. */
static void
at_exit(void)
{
	_exit(PARSER_NO_MEMORY);
}

/* libarchive gave up: because of what it read, or because of us? */
static _Noreturn void
give_up(struct walk *w, struct archive *a)
{
	if (archive_errno(a) == ENOMEM)
		_exit(PARSER_NO_MEMORY);
	fail(w, archive_error_string(a));
}

/*
 * The next chunk.  When libarchive asks for it, it holds no pointer into the one before, so that
 * the judge may give that slot back; and whatever we have to say must be said before we wait.
 */
static la_ssize_t
read_chunk(struct archive *a, void *arg, const void **bytes)
{
	struct walk *w = arg;
	struct feed f;

	(void)a;
	if (w->next > 0)
		tell(w, MESSAGE_RELEASE, w->next - 1, 0, NULL);
	flush(w);
	if (!wire_read(w->p->feed, &f, sizeof(f)))
		_exit(1);
	*bytes = w->p->ring + (w->next % RING_SLOTS) * CHUNK_SIZE;
	w->next++;
	return (la_ssize_t)f.length;
}

static void
walk_data(struct walk *w, struct archive *a)
{
	const void *bytes;
	const uint8_t *at;
	size_t len;
	la_int64_t offset;
	uint64_t slot;
	int rc;

	while ((rc = archive_read_data_block(a, &bytes, &len, &offset)) == ARCHIVE_OK) {
		at = bytes;
		slot = (w->next - 1) % RING_SLOTS;
		/*
		 * Everything on our images is a piece of the ring; what is not was made up by a
		 * decoder.
		 */
		if (w->next == 0 || at < w->p->ring + slot * CHUNK_SIZE ||
		    at + len > w->p->ring + (slot + 1) * CHUNK_SIZE)
			fail(w, "file data that is not a piece of the image");
		tell(w, MESSAGE_SPAN, (w->next - 1) * CHUNK_SIZE +
		    (uint64_t)(at - (w->p->ring + slot * CHUNK_SIZE)), len, NULL);
	}
	if (rc != ARCHIVE_EOF)
		give_up(w, a);
}

static void
walk_entry(struct walk *w, struct archive *a, struct archive_entry *e)
{
	const char *path = archive_entry_pathname(e);

	if (path == NULL)
		fail(w, "a name that cannot be read");
	if (archive_entry_hardlink(e) != NULL || archive_entry_symlink(e) != NULL) {
		tell(w, MESSAGE_OTHER, 0, 0, path);
	} else if (archive_entry_filetype(e) == AE_IFDIR) {
		tell(w, MESSAGE_DIRECTORY, 0, 0, path);
	} else if (archive_entry_filetype(e) == AE_IFREG && archive_entry_size_is_set(e) &&
	    archive_entry_size(e) >= 0) {
		tell(w, MESSAGE_FILE, (uint64_t)archive_entry_size(e), 0, path);
		walk_data(w, a);
	} else {
		tell(w, MESSAGE_OTHER, 0, 0, path);
	}
}

_Noreturn void
parser_run(const struct parser *p)
{
	static struct walk w;
	struct archive *a;
	struct archive_entry *e;
	int rc;

	if (atexit(at_exit) != 0)
		_exit(PARSER_NO_MEMORY);
	a = archive_read_new();
	w.p = p;
	w.next = w.used = 0;
	tell(&w, MESSAGE_BEGIN, 0, 0, NULL);
	flush(&w);
	/* Ours: libarchive 3.6 does not look whether it has memory for the one it makes. */
	if (a == NULL || (e = archive_entry_new2(a)) == NULL)
		_exit(PARSER_NO_MEMORY);
	/* One tree only: Rock Ridge.  Joliet would be a second opinion on every name. */
	if (archive_read_support_format_iso9660(a) != ARCHIVE_OK ||
	    archive_read_set_format_option(a, "iso9660", "joliet", NULL) != ARCHIVE_OK ||
	    archive_read_set_read_callback(a, read_chunk) != ARCHIVE_OK ||
	    archive_read_set_callback_data(a, &w) != ARCHIVE_OK)
		give_up(&w, a);
	if (archive_read_open1(a) != ARCHIVE_OK) {
		if (archive_error_string(a) == NULL)	/* that is all it says then */
			_exit(PARSER_NO_MEMORY);
		give_up(&w, a);
	}
	while ((rc = archive_read_next_header2(a, e)) == ARCHIVE_OK)
		walk_entry(&w, a, e);
	if (rc != ARCHIVE_EOF)	/* a warning too: our images give none */
		give_up(&w, a);
	tell(&w, MESSAGE_END, 0, 0, NULL);
	flush(&w);
	_exit(0);
}
