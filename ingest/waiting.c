/*
 * waiting: see waiting.h.
 */
#include "ingest/waiting.h"

#include <dirent.h>
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

/* ---- crash ---- */

/* "CUSTOMER-N" or "I": the number behind the last hyphen, 0 if there is none. */
static uint64_t
number_of(const char *name)
{
	const char *hyphen = strrchr(name, '-'), *digits = hyphen == NULL ? name : hyphen + 1;
	char *end;
	unsigned long long n = strtoull(digits, &end, 10);

	return *end != '\0' || digits[0] < '1' || digits[0] > '9' ? 0 : n;
}

typedef enum err visit(const struct station *s, const char *vendor, const char *path,
    const char *name, struct fault *f);

/* Call ${fn} with every name below ${path}, which need not be there. */
static enum err
each(const struct station *s, const char *vendor, const char *path, visit *fn, struct fault *f)
{
	int fd = file_open(s->home.fd, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char below[600];
	enum err e = OK;

	if (d == NULL && fd != -1)
		(void)close(fd);
	if (d == NULL)
		return errno == ENOENT ? OK : err_fault(f, err_errno(), "%s", path);
	while (e == OK && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(below, sizeof(below), "%.300s/%s", path, entry->d_name);
		e = fn(s, vendor, below, entry->d_name, f);
	}
	(void)closedir(d);
	return e;
}

/* Volumes that wait, and blocks that a refusal kept: all else was dropped, or never recorded. */
static enum err
visit_volume(const struct station *s, const char *vendor, const char *path, const char *name,
    struct fault *f)
{
	char expected[160];
	size_t i;

	(void)vendor, (void)name;
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
visit_consignment(const struct station *s, const char *vendor, const char *path, const char *name,
    struct fault *f)
{
	const char *hyphen = strrchr(name, '-');
	char customer[LIMIT_ID + 1];
	enum err e;

	(void)snprintf(customer, sizeof(customer), "%.*s",
	    hyphen == NULL ? 0 : (int)(hyphen - name), name);
	if (number_of(name) == 0 ||
	    site_accepted(s->site, vendor, customer, number_of(name)) != NULL)
		return file_remove_tree(s->home.fd, path, f);
	e = each(s, vendor, path, visit_volume, f);
	(void)unlinkat(s->home.fd, path, AT_REMOVEDIR);	/* if it is empty now */
	return e;
}

static enum err
visit_vendor(const struct station *s, const char *vendor, const char *path, const char *name,
    struct fault *f)
{
	(void)vendor;
	return each(s, name, path, visit_consignment, f);
}

enum err
waiting_recover(const struct station *s, struct fault *f)
{
	return each(s, NULL, "waiting", visit_vendor, f);
}
