/*
 * outputs: see outputs.h.
 */
#include "mkmedia/outputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify/file.h"

#define PARTIAL ".partial"

void
outputs_name(const char *customer, uint64_t number, uint64_t volume,
    char name[static OUTPUTS_NAME])
{
	(void)snprintf(name, OUTPUTS_NAME, "%.27s-%llu-%llu.iso", customer,
	    (unsigned long long)number, (unsigned long long)volume);
}

/* With the time, so that what is left of another try is never taken for a recorded image. */
static void
name_partial(const struct outputs *o, uint64_t volume, char name[static OUTPUTS_NAME])
{
	(void)snprintf(name, OUTPUTS_NAME, ".%.27s-%llu-%llu.%lld" PARTIAL, o->customer,
	    (unsigned long long)o->number, (unsigned long long)volume, (long long)o->stamp);
}

void
outputs_path(const struct outputs *o, uint64_t volume, char path[static OUTPUTS_PATH])
{
	char name[OUTPUTS_NAME];

	outputs_name(o->customer, o->number, volume, name);
	(void)snprintf(path, OUTPUTS_PATH, "%s/%s", o->path, name);
}

void
outputs_partial(const struct outputs *o, uint64_t volume, char path[static OUTPUTS_PATH])
{
	char name[OUTPUTS_NAME];

	name_partial(o, volume, name);
	(void)snprintf(path, OUTPUTS_PATH, "%s/%s", o->path, name);
}

void
outputs_paper(const struct outputs *o, const char *kind, char path[static OUTPUTS_PATH])
{
	(void)snprintf(path, OUTPUTS_PATH, "%s/%s-%llu.%s.txt", o->path, o->customer,
	    (unsigned long long)o->number, kind);
}

enum err
outputs_open(struct outputs *o, const char *path, struct fault *f)
{
	bool made = mkdir(path, 0755) == 0;

	*o = (struct outputs){ .path = path, .directory = -1 };
	if (made || errno == EEXIST)
		o->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->directory == -1 || (made && !file_sync_above(o->directory)))
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	return OK;
}

void
outputs_recover(const struct outputs *o, const char *customer, uint64_t number, uint64_t count,
    struct moment sealed_at)
{
	struct outputs last = { .number = number, .stamp = sealed_at.seconds };
	char name[OUTPUTS_NAME], partial[OUTPUTS_NAME];
	uint64_t i;

	(void)snprintf(last.customer, sizeof(last.customer), "%s", customer);
	for (i = 1; i <= count; i++) {
		outputs_name(customer, number, i, name);
		name_partial(&last, i, partial);
		if (renameat2(o->directory, partial, o->directory, name, RENAME_NOREPLACE) == 0)
			(void)fprintf(stderr, "mkmedia: %s/%s was sealed before the computer"
			    " stopped; it is complete.\n", o->path, name);
	}
}

void
outputs_sweep(const struct outputs *o, const char *customer, uint64_t number)
{
	int fd = openat(o->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	char begin[OUTPUTS_NAME];
	struct dirent *entry;
	size_t len;

	(void)snprintf(begin, sizeof(begin), ".%s-%llu-", customer, (unsigned long long)number);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		len = strlen(entry->d_name);
		if (strncmp(entry->d_name, begin, strlen(begin)) == 0 && len > strlen(PARTIAL) &&
		    strcmp(entry->d_name + len - strlen(PARTIAL), PARTIAL) == 0)
			(void)unlinkat(o->directory, entry->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
	else if (fd != -1)
		(void)close(fd);
}

static enum err
begin_one(struct outputs *o, uint64_t i, struct fault *f)
{
	char name[OUTPUTS_NAME], partial[OUTPUTS_NAME];

	outputs_name(o->customer, o->number, o->first + i, name);
	name_partial(o, o->first + i, partial);
	if (faccessat(o->directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_fault(
		    f, ERR_USAGE, "%s/%s is there already; it was not touched", o->path, name);
	(void)unlinkat(o->directory, partial, 0);
	o->file[i] = openat(o->directory, partial,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (o->file[i] == -1)
		return err_fault(f, err_errno(), "%s/%s: %s", o->path, partial, strerror(errno));
	o->count = i + 1;
	if (fchmod(o->file[i], 0644) == -1)
		return err_fault(f, err_errno(), "%s/%s: %s", o->path, partial, strerror(errno));
	return OK;
}

enum err
outputs_begin(struct outputs *o, const char *customer, uint64_t number, uint64_t first,
    uint64_t count, struct moment stamp, struct fault *f)
{
	uint64_t i;
	enum err e = OK;

	(void)snprintf(o->customer, sizeof(o->customer), "%s", customer);
	o->number = number;
	o->first = first;
	o->stamp = stamp.seconds;
	for (i = 0; e == OK && i < count; i++)
		e = begin_one(o, i, f);
	return e;
}

enum err
outputs_sync(const struct outputs *o, struct fault *f)
{
	char partial[OUTPUTS_NAME];
	uint64_t i;

	for (i = 0; i < o->count; i++) {
		name_partial(o, o->first + i, partial);
		if (fsync(o->file[i]) == -1)
			return err_fault(
			    f, err_errno(), "%s/%s: %s", o->path, partial, strerror(errno));
	}
	if (fsync(o->directory) == -1)	/* it is by these names that they are found again */
		return err_fault(f, err_errno(), "%s: %s", o->path, strerror(errno));
	return OK;
}

enum err
outputs_publish(const struct outputs *o, struct fault *f)
{
	char name[OUTPUTS_NAME], partial[OUTPUTS_NAME];
	uint64_t i;

	for (i = 0; i < o->count; i++) {
		outputs_name(o->customer, o->number, o->first + i, name);
		name_partial(o, o->first + i, partial);
		if (renameat2(o->directory, partial, o->directory, name, RENAME_NOREPLACE) == -1)
			return err_fault(
			    f, err_errno(), "%s/%s: %s", o->path, name, strerror(errno));
	}
	if (fsync(o->directory) == -1)
		return err_fault(f, err_errno(), "%s: %s", o->path, strerror(errno));
	return OK;
}

void
outputs_close(struct outputs *o)
{
	char partial[OUTPUTS_NAME];
	uint64_t i;

	if (o->directory == -1)
		return;
	for (i = 0; i < o->count; i++) {
		name_partial(o, o->first + i, partial);
		(void)close(o->file[i]);
		if (!o->kept)
			(void)unlinkat(o->directory, partial, 0);
	}
	(void)close(o->directory);
	o->directory = -1;
}
