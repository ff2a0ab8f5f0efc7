/*
 * waiting: see waiting.h.
 */
#include "ingest/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/name.h"
#include "verify/file.h"

void
waiting_path(const char *vendor, const char *customer, uint64_t number, uint64_t volume, char *out,
    size_t cap)
{
	if (volume == 0)
		(void)snprintf(out, cap, "waiting/%s/%s-%llu", vendor, customer,
		    (unsigned long long)number);
	else
		(void)snprintf(out, cap, "waiting/%s/%s-%llu/%llu", vendor, customer,
		    (unsigned long long)number, (unsigned long long)volume);
}

enum err
waiting_remove(const struct station *s, const char *vendor, const char *customer, uint64_t number,
    struct fault *f)
{
	char path[128];

	waiting_path(vendor, customer, number, 0, path, sizeof(path));
	return file_remove_tree(s->home.fd, path, f);
}

/* ---- blocks ---- */

static void
blocks_path(const char *vendor, const char *customer, uint64_t number, uint64_t volume, char *out,
    size_t cap)
{
	(void)snprintf(out, cap, "waiting/%s/%s-%llu/%llu.blocks", vendor, customer,
	    (unsigned long long)number, (unsigned long long)volume);
}

static void
blocks_of(const struct seal *s, char *out, size_t cap)
{
	blocks_path(s->vendor, s->customer, s->number, s->volume, out, cap);
}

int
waiting_new_blocks(const struct station *s)
{
	return file_open(s->home.fd, "scratch", O_RDWR | O_TMPFILE, 0600);
}

/* Only what is there: most of such a file is holes. */
static bool
copy_data(int from, int to)
{
	off_t at = 0, end, size = lseek(from, 0, SEEK_END);

	if (size == -1 || ftruncate(to, size) == -1)
		return false;
	while ((at = lseek(from, at, SEEK_DATA)) != -1) {
		off_t out = at;

		end = lseek(from, at, SEEK_HOLE);
		while (end != -1 && at < end)
			if (copy_file_range(from, &at, to, &out, (size_t)(end - at), 0) <= 0)
				return false;
		if (end == -1)
			return false;
	}
	return errno == ENXIO;
}

enum err
waiting_take_blocks(const struct station *s, const struct seal *seal, int blocks, struct fault *f)
{
	char path[160];
	int from;
	enum err e = OK;

	blocks_of(seal, path, sizeof(path));
	from = file_open(s->home.fd, path, O_RDONLY, 0);
	if (from == -1)
		return errno == ENOENT ? OK : err_fault(f, err_errno(), "%s", path);
	if (!copy_data(from, blocks))
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	(void)close(from);
	return e;
}

enum err
waiting_keep_blocks(const struct station *s, const struct seal *seal, int blocks, struct fault *f)
{
	char path[160], fresh[192], self[64];
	enum err e;

	blocks_of(seal, path, sizeof(path));
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", blocks);
	if ((e = file_mkdir_parents(s->home.fd, path, f)) != OK)
		return e;
	(void)unlinkat(s->home.fd, fresh, 0);
	if (fsync(blocks) == -1 ||
	    linkat(AT_FDCWD, self, s->home.fd, fresh, AT_SYMLINK_FOLLOW) == -1 ||
	    renameat(s->home.fd, fresh, s->home.fd, path) == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	return stage_sync_parents(s, path, f);
}

void
waiting_drop_blocks(const struct station *s, const struct seal *seal)
{
	char path[160];

	blocks_of(seal, path, sizeof(path));
	(void)!file_remove_tree(s->home.fd, path, NULL);
}

/* ---- crash ---- */

/* A directory below waiting/, which is walked through. */
struct visit {
	const struct station *s;
	const char *vendor, *path;
};

/* Volumes that wait, and blocks that a refusal kept: all else was dropped, or never recorded. */
static enum err
visit_volume(void *arg, const char *name, struct fault *f)
{
	const struct visit *v = arg;
	const struct station *s = v->s;
	char path[600], expected[160];
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/%s", v->path, name);
	for (i = 0; i < s->site->waiting_count; i++) {
		const struct site_waiting *w = &s->site->waiting[i];

		waiting_path(w->vendor, w->customer, w->number, w->volume, expected,
		    sizeof(expected));
		if (strcmp(path, expected) == 0)
			return OK;
	}
	for (i = 0; i < s->site->kept_count; i++) {
		const struct site_kept *k = &s->site->kept[i];

		blocks_path(k->vendor, k->customer, k->number, k->volume, expected,
		    sizeof(expected));
		if (strcmp(path, expected) == 0)
			return OK;
	}
	return file_remove_tree(s->home.fd, path, f);
}

static enum err
visit_consignment(void *arg, const char *name, struct fault *f)
{
	const struct visit *v = arg;
	const struct station *s = v->s;
	char customer[LIMIT_ID + 1], path[600];
	const uint64_t number = stage_number(name, customer);
	struct visit below = { .s = s, .vendor = v->vendor, .path = path };
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/%s", v->path, name);
	if (number == 0 || site_accepted(s->site, v->vendor, customer, number) != NULL)
		return file_remove_tree(s->home.fd, path, f);
	e = file_each(s->home.fd, path, visit_volume, &below, f);
	(void)unlinkat(s->home.fd, path, AT_REMOVEDIR);	/* if it is empty now */
	return e;
}

static enum err
visit_vendor(void *arg, const char *name, struct fault *f)
{
	const struct station *s = arg;
	char path[300];
	struct visit v = { .s = s, .vendor = name, .path = path };
	struct stat st;

	(void)snprintf(path, sizeof(path), "waiting/%s", name);
	/* People put things there, too. */
	if (fstatat(s->home.fd, path, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISDIR(st.st_mode))
		return OK;
	return file_each(s->home.fd, path, visit_consignment, &v, f);
}

enum err
waiting_recover(struct station *s, struct fault *f)
{
	return file_each(s->home.fd, "waiting", visit_vendor, s, f);
}
