/*
 * listing: see listing.h.
 */
#include "verify/listing.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/sums.h"

#define CHUNK_TEXT 65536u

struct listing_chunk {
	struct listing_chunk *next;
	size_t used;
	char text[CHUNK_TEXT];
};

static const char *
keep_text(struct listing *l, const char *text, size_t len)
{
	struct listing_chunk *c = l->text;

	if (len > CHUNK_TEXT)
		return NULL;
	if (c == NULL || CHUNK_TEXT - c->used < len) {
		if ((c = malloc(sizeof(*c))) == NULL)
			return NULL;
		c->next = l->text;
		c->used = 0;
		l->text = c;
	}
	memcpy(c->text + c->used, text, len);
	c->used += len;
	return c->text + c->used - len;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct listing_row *x = a, *y = b;

	return sums_compare(x->path, x->len, y->path, y->len);
}

static enum err
add(struct listing *l, struct listing_table *t, const char *path, size_t len,
    const struct digest *digest)
{
	struct listing_row *row;
	size_t room;

	if (t->count == LIMIT_FILES || len > UINT32_MAX)
		return ERR_LIMIT;
	if (t->count == t->room) {
		room = t->room == 0 ? 256 : 2 * t->room;
		if ((row = reallocarray(t->row, room, sizeof(*row))) == NULL)
			return ERR_MEMORY;
		t->row = row;
		t->room = room;
	}
	row = &t->row[t->count];
	*row = (struct listing_row){ .path = keep_text(l, path, len), .len = (uint32_t)len };
	if (row->path == NULL)
		return ERR_MEMORY;
	if (digest != NULL)
		row->digest = *digest;
	if (t->count > 0 && compare_rows(row - 1, row) >= 0)
		t->unsorted = true;
	t->count++;
	return OK;
}

enum err
listing_add_file(struct listing *l, const char *path, size_t len, uint64_t size,
    const struct digest *digest)
{
	if (size > LIMIT_IMAGE || l->bytes > LIMIT_IMAGE - size)
		return ERR_LIMIT;
	l->bytes += size;
	return add(l, &l->files, path, len, digest);
}

enum err
listing_add_directory(struct listing *l, const char *path, size_t len)
{
	return add(l, &l->directories, path, len, NULL);
}

void
listing_free(struct listing *l)
{
	struct listing_chunk *next;

	while (l->text != NULL) {
		next = l->text->next;
		free(l->text);
		l->text = next;
	}
	free(l->files.row);
	free(l->directories.row);
	*l = (struct listing){ .text = NULL };
}

static void
sort(struct listing_table *t)
{
	if (t->unsorted)
		qsort(t->row, t->count, sizeof(t->row[0]), compare_rows);
	t->unsorted = false;
}

static struct listing_row *
find(const struct listing_table *t, const char *path, size_t len)
{
	struct listing_row key = { .path = path, .len = (uint32_t)len };

	return t->count == 0 ? NULL :
	    bsearch(&key, t->row, t->count, sizeof(key), compare_rows);
}

static enum err
fault_at(struct fault *f, enum err e, const char *path, size_t len)
{
	return err_fault(f, e, "%.*s", (int)(len < 280 ? len : 280), path);
}

/* The next of the lines ${first} to ${last}. */
static enum err
next_line(struct sums *s, uint64_t first, uint64_t last, struct sums_line *line, bool *more)
{
	enum err e;

	do
		if ((e = sums_next(s, line, more)) != OK || !*more)
			return e;
	while (s->line < first);
	*more = s->line <= last;
	return OK;
}

/* Both lists are sorted: walk them side by side. */
static enum err
compare_files(struct listing_table *t, const char *sums, size_t len, uint64_t first, uint64_t last,
    struct fault *f)
{
	struct sums_line line;
	struct sums s;
	bool more;
	size_t i;
	int order;
	enum err e;

	sums_open(&s, sums, len);
	for (i = 0;; i++) {
		const struct listing_row *row = i < t->count ? &t->row[i] : NULL;

		if ((e = next_line(&s, first, last, &line, &more)) != OK)
			return err_fault(f, e, "SHA256SUMS, line %llu", (unsigned long long)s.line);
		if (!more)
			return row == NULL ? OK
					   : fault_at(f, ERR_CONTENTS_EXTRA, row->path, row->len);
		order = row == NULL ? -1 : sums_compare(line.path, line.len, row->path, row->len);
		if (order < 0)
			return fault_at(f, ERR_CONTENTS_MISSING, line.path, line.len);
		if (order > 0)
			return fault_at(f, ERR_CONTENTS_EXTRA, row->path, row->len);
		if (!digest_equal(&line.digest, &row->digest))
			return fault_at(f, ERR_CONTENTS_DIGEST, line.path, line.len);
	}
}

/* Every directory is the parent of a file, and each of them is there. */
static enum err
compare_directories(struct listing *l, struct fault *f)
{
	const struct listing_row *file, *before = NULL;
	struct listing_row *directory;
	size_t i, at, same;

	for (i = 0; i < l->files.count; i++, before = file) {
		file = &l->files.row[i];
		for (same = 0; before != NULL && same < file->len && same < before->len &&
		    file->path[same] == before->path[same]; same++)
			;
		for (at = same; at < file->len; at++) {
			if (file->path[at] != '/')
				continue;
			if ((directory = find(&l->directories, file->path, at)) == NULL)
				return fault_at(f, ERR_CONTENTS_MISSING, file->path, at);
			directory->expected = true;
		}
	}
	for (i = 0; i < l->directories.count; i++)
		if (!l->directories.row[i].expected)
			return fault_at(f, ERR_CONTENTS_EXTRA, l->directories.row[i].path,
			    l->directories.row[i].len);
	return OK;
}

enum err
listing_compare(struct listing *l, const char *sums, size_t len, uint64_t first, uint64_t last,
    struct fault *f)
{
	enum err e;

	sort(&l->files);
	sort(&l->directories);
	e = compare_files(&l->files, sums, len, first, last, f);
	return e == OK ? compare_directories(l, f) : e;
}

bool
listing_has(const struct listing *l, const char *path, size_t len)
{
	return find(&l->files, path, len) != NULL;
}
