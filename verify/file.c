/*
 * file: see file.h.
 */
#include "verify/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "formats/limits.h"

int
file_open(int dir, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

int
file_nameless(void)
{
	const char *const place[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	size_t i;
	int fd = -1;

	for (i = 0; fd == -1 && i < sizeof(place) / sizeof(place[0]); i++)
		if (place[i] != NULL)
			fd = open(place[i], O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	return fd;
}

enum err
file_load(int dir, const char *path, uint64_t max, char **buf, size_t *len, struct fault *f)
{
	struct stat st;
	size_t have = 0;
	ssize_t n;
	enum err e = OK;
	int fd, saved;

	*buf = NULL;
	*len = 0;
	fd = dir == AT_FDCWD ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) :
	    file_open(dir, path, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		e = err_fault(f, ERR_IO, "%s: not a regular file", path);
		errno = EINVAL;		/* ENOENT would mean that it is not there */
		goto out;
	}
	if ((uint64_t)st.st_size > max) {
		e = err_fault(f, ERR_LIMIT, "%s: more than %llu bytes", path,
		    (unsigned long long)max);
		goto out;
	}
	if ((*buf = malloc((size_t)st.st_size + 1)) == NULL) {
		e = err_fault(f, ERR_MEMORY, "%s", path);
		goto out;
	}
	while (have < (size_t)st.st_size) {
		n = read(fd, *buf + have, (size_t)st.st_size - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			e = err_fault(f, n == 0 ? ERR_IO : err_errno(),
			    "%s: cannot be read to its end", path);
			errno = EIO;
			goto out;
		}
		have += (size_t)n;
	}
	(*buf)[have] = '\0';
	*len = have;
out:
	saved = errno;
	if (e != OK) {
		free(*buf);
		*buf = NULL;
	}
	(void)close(fd);
	errno = saved;
	return e;
}

enum err
file_write(int fd, const void *buf, size_t len)
{
	const char *at = buf;
	ssize_t n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno();
		at += n;
		len -= (size_t)n;
	}
	return OK;
}

/* The directory that ${path} lies in, opened; ${name} gets the last component. */
static int
open_parent(int dir, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char parent[LIMIT_PATH + LIMIT_RELEASE_ID + 32];

	*name = path;
	if (slash == NULL)
		return openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if ((size_t)(slash - path) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	*name = slash + 1;
	if (dir == AT_FDCWD)
		return open(slash == path ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return file_open(dir, parent, O_RDONLY | O_DIRECTORY, 0);
}

enum err
file_replace(int dir, const char *path, mode_t mode, const void *buf, size_t len, struct fault *f)
{
	char temporary[LIMIT_NAME + 16];
	const char *name;
	int parent, fd = -1;
	enum err e;

	parent = open_parent(dir, path, &name);
	if (parent == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	(void)snprintf(temporary, sizeof(temporary), ".%.*s.new", (int)LIMIT_NAME - 8, name);
	(void)unlinkat(parent, temporary, 0);	/* left over from a crash */
	fd = openat(parent, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	e = fd == -1 ? err_errno() : file_write(fd, buf, len);
	if (e == OK && (fchmod(fd, mode) == -1 || fsync(fd) == -1))
		e = err_errno();
	if (fd != -1 && close(fd) == -1 && e == OK)
		e = err_errno();
	if (e == OK && (renameat(parent, temporary, parent, name) == -1 || fsync(parent) == -1))
		e = err_errno();
	if (e != OK) {
		(void)err_fault(f, e, "%s: %s", path, strerror(errno));
		(void)unlinkat(parent, temporary, 0);
	}
	(void)close(parent);
	return e;
}

enum err
file_write_at(int fd, const void *buf, size_t len, uint64_t offset)
{
	const uint8_t *at = buf;
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, at, len, (off_t)offset);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno();
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return OK;
}

static enum err
make_directory(int dir, const char *path, bool lasts, struct fault *f)
{
	const char *name;
	int parent = open_parent(dir, path, &name);
	bool made = parent != -1 && mkdirat(parent, name, 0700) == 0;
	enum err e = OK;

	if (parent == -1 || (!made && errno != EEXIST) ||
	    (made && lasts && fsync(parent) == -1))
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	if (parent != -1)
		(void)close(parent);
	return e;
}

enum err
file_mkdir(int dir, const char *path, struct fault *f)
{
	return make_directory(dir, path, true, f);
}

static enum err
make_parents(int dir, const char *path, bool lasts, struct fault *f)
{
	char parent[LIMIT_PATH + LIMIT_RELEASE_ID + 32];
	const char *slash;
	enum err e;

	for (slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		if ((size_t)(slash - path) >= sizeof(parent))
			return err_fault(f, ERR_LIMIT, "%s", path);
		memcpy(parent, path, (size_t)(slash - path));
		parent[slash - path] = '\0';
		if ((e = make_directory(dir, parent, lasts, f)) != OK)
			return e;
	}
	return OK;
}

enum err
file_mkdir_parents(int dir, const char *path, struct fault *f)
{
	return make_parents(dir, path, true, f);
}

enum err
file_mkdir_unsynced(int dir, const char *path, struct fault *f)
{
	return make_parents(dir, path, false, f);
}

bool
file_sync_above(int directory)
{
	int above = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = above == -1 ? errno == EACCES : fsync(above) == 0;

	if (above != -1)
		(void)close(above);
	return good;
}

enum err
file_each(int dir, const char *path, file_visit *fn, void *arg, struct fault *f)
{
	int fd = file_open(dir, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	enum err e = OK;

	if (fd == -1 && errno == ENOENT)
		return OK;
	if (d == NULL) {
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
		if (fd != -1)
			(void)close(fd);
		return e;
	}
	while (e == OK && (errno = 0, entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			e = fn(arg, entry->d_name, f);
	if (e == OK && entry == NULL && errno != 0)
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	(void)closedir(d);
	return e;
}

/* Remove ${name} from ${dir} if that can be done at once; ERR_LIMIT: it is a full directory. */
static enum err
remove_name(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return OK;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return OK;
	return errno == ENOTEMPTY || errno == EEXIST ? ERR_LIMIT : err_errno();
}

/*
 * Empty the directory ${fd}, which is closed.  Its full subdirectories move up into ${root} under
 * new names: no path grows and nothing recurses, however deep the tree is.
 */
static enum err
empty_into(int fd, int root, uint64_t *moved)
{
	char name[32];
	struct dirent *entry;
	enum err e = OK;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);

	if (d == NULL) {
		e = err_errno();
		if (fd != -1)
			(void)close(fd);
		return e;
	}
	while (e == OK && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((e = remove_name(fd, entry->d_name)) != ERR_LIMIT)
			continue;
		do
			(void)snprintf(name, sizeof(name), "removed-%llu",
			    (unsigned long long)(*moved)++);
		while ((e = renameat2(fd, entry->d_name, root, name, RENAME_NOREPLACE) == 0 ? OK :
		    err_errno()) != OK && errno == EEXIST);
	}
	(void)closedir(d);
	return e;
}

/* One pass over what is in ${root}. */
static enum err
empty_root(int root, uint64_t *moved)
{
	struct dirent *entry;
	enum err e = OK;
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);

	if (d == NULL)
		return err_errno();
	while (e == OK && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((e = remove_name(root, entry->d_name)) != ERR_LIMIT)
			continue;
		e = empty_into(openat(root, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), root, moved);
		if (e == OK)
			e = remove_name(root, entry->d_name);
	}
	(void)closedir(d);
	return e;
}

enum err
file_remove_tree(int dir, const char *path, struct fault *f)
{
	uint64_t moved = 0;
	const char *name;
	int parent = open_parent(dir, path, &name), root = -1;
	enum err e = parent == -1 ? err_errno() : remove_name(parent, name);

	if (parent == -1 && errno == ENOENT)
		return OK;
	if (e == ERR_LIMIT) {
		root = file_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
		e = root == -1 ? err_errno() : ERR_LIMIT;
	}
	while (e == ERR_LIMIT && (e = empty_root(root, &moved)) == OK)
		e = remove_name(parent, name);
	if (e != OK)
		(void)err_fault(f, e, "%s: %s", path, strerror(errno));
	if (root != -1)
		(void)close(root);
	if (parent != -1)
		(void)close(parent);
	return e;
}
