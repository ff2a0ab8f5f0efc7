/*
 * twins: see twins.h.
 */
#include "verify/twins.h"

#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "formats/sums.h"

struct folded {
	const char *path;	/* view into the list */
	size_t len;
	const char *fold;	/* ${path} itself where folding changes nothing */
	size_t fold_len;
	char *own;		/* to be freed, or NULL */
};

struct table {
	struct folded *row;
	size_t count, room;
};

static bool
folds_to_itself(const char *path, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)path[i] >= 0x80 || (path[i] >= 'A' && path[i] <= 'Z'))
			return false;
	return true;
}

static enum err
table_add(struct table *t, const char *path, size_t len)
{
	struct folded *row;
	size_t room;
	enum err e;

	if (t->count == t->room) {
		room = t->room == 0 ? 256 : 2 * t->room;
		if ((row = reallocarray(t->row, room, sizeof(*row))) == NULL)
			return ERR_MEMORY;
		t->row = row;
		t->room = room;
	}
	row = &t->row[t->count];
	*row = (struct folded){ .path = path, .len = len, .fold = path, .fold_len = len };
	if (!folds_to_itself(path, len)) {
		if ((e = name_fold(path, len, &row->own)) != OK)
			return e;
		row->fold = row->own;
		row->fold_len = strlen(row->own);
	}
	t->count++;
	return OK;
}

/* The path and those of its directories that the path before it did not have. */
static enum err
table_add_all(struct table *t, const struct sums_line *line, const struct sums_line *before)
{
	size_t i, same = 0;
	enum err e;

	while (same < line->len && same < before->len && line->path[same] == before->path[same])
		same++;
	for (i = same; i < line->len; i++)
		if (line->path[i] == '/' && (e = table_add(t, line->path, i)) != OK)
			return e;
	return table_add(t, line->path, line->len);
}

static int
compare(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;

	return sums_compare(x->fold, x->fold_len, y->fold, y->fold_len);
}

static enum err
find_equal(const struct table *t, struct fault *f)
{
	size_t i;

	for (i = 1; i < t->count; i++)
		if (compare(&t->row[i - 1], &t->row[i]) == 0)
			return err_fault(f, ERR_CONTENTS_TWIN, "%.*s",
			    (int)(t->row[i].len < 200 ? t->row[i].len : 200), t->row[i].path);
	return OK;
}

enum err
twins_check(const char *sums, size_t len, struct fault *f)
{
	struct sums_line line, before = { .len = 0 };
	struct table t = { .row = NULL };
	struct sums s;
	bool more = true;
	enum err e = OK;
	size_t i;

	sums_open(&s, sums, len);
	while (e == OK && (e = sums_next(&s, &line, &more)) == OK && more) {
		e = table_add_all(&t, &line, &before);
		before = line;
	}
	if (e != OK) {
		(void)err_fault(f, e, "SHA256SUMS, line %llu", (unsigned long long)s.line);
	} else if (t.count > 0) {
		qsort(t.row, t.count, sizeof(t.row[0]), compare);
		e = find_equal(&t, f);
	}
	for (i = 0; i < t.count; i++)
		free(t.row[i].own);
	free(t.row);
	return e;
}
