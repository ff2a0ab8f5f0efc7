/*
 * stage: see stage.h.
 */
#include "ingest/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify/file.h"

#define WRITE_BEHIND (16 * MIB)

enum err
stage_begin(struct stage *g, const struct station *s, struct fault *f)
{
	unsigned long long salt;
	char path[96];
	enum err e;

	*g = (struct stage){
		.home = s->home.fd, .scratch = -1, .directory = -1, .file = -1, .fault = f
	};
	if ((e = file_mkdir(g->home, "scratch", f)) != OK)
		return e;
	if (getrandom(&salt, sizeof(salt), 0) != sizeof(salt))
		return err_fault(f, ERR_IO, "random numbers");
	(void)snprintf(g->name, sizeof(g->name), "%016llx", salt);
	(void)snprintf(path, sizeof(path), "scratch/%s", g->name);
	if (mkdirat(g->home, path, 0700) == -1 ||
	    (g->scratch = file_open(g->home, path, O_RDONLY | O_DIRECTORY, 0)) == -1 ||
	    flock(g->scratch, LOCK_EX | LOCK_NB) == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	return OK;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

void
stage_abort(struct stage *g)
{
	char path[96];

	close_fd(&g->file);
	close_fd(&g->directory);
	if (g->scratch == -1)
		return;
	(void)snprintf(path, sizeof(path), "scratch/%s", g->name);
	(void)!file_remove_tree(g->home, path, NULL);	/* what stays, the next start removes */
	close_fd(&g->scratch);
}

void
stage_keep(struct stage *g)
{
	close_fd(&g->file);
	close_fd(&g->directory);
	close_fd(&g->scratch);
}

static enum err
failed(const struct stage *g, const char *path)
{
	return err_fault(g->fault, err_errno(), "%s: %s", path, strerror(errno));
}

/* Files come directory by directory: keep the last one open. */
static enum err
enter_directory(struct stage *g, const char *path, size_t len)
{
	enum err e = OK;

	if (g->directory != -1 && strlen(g->path) == len && memcmp(g->path, path, len) == 0)
		return OK;
	close_fd(&g->directory);
	if (len >= sizeof(g->path) - 1)
		return err_fault(g->fault, ERR_LIMIT, "%s", path);
	memcpy(g->path, path, len);
	memcpy(g->path + len, "/", 2);
	if (len > 0)
		e = file_mkdir_unsynced(g->scratch, g->path, g->fault);
	g->path[len] = '\0';
	g->directory = file_open(g->scratch, len == 0 ? "." : g->path, O_RDONLY | O_DIRECTORY, 0);
	if (g->directory == -1 && (errno == ENOTDIR || errno == ELOOP))	/* a file came before it */
		return err_fault(g->fault, ERR_CONTENTS_EXTRA, "%s", path);
	return e == OK && g->directory == -1 ? failed(g, g->path) : e;
}

static enum err
sink_open(void *arg, const char *path, uint64_t size)
{
	struct stage *g = arg;
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	enum err e;

	(void)size;
	if ((e = enter_directory(g, path, slash == NULL ? 0 : (size_t)(slash - path))) != OK)
		return e;
	g->file =
	    openat(g->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (g->file == -1 && errno == EEXIST)
		return err_fault(g->fault, ERR_CONTENTS_EXTRA, "%s", path);
	if (g->file == -1)
		return failed(g, path);
	g->written = g->started = 0;
	return OK;
}

static enum err
sink_write(void *arg, const void *bytes, size_t len)
{
	struct stage *g = arg;

	if (file_write(g->file, bytes, len) != OK)
		return failed(g, g->path);
	g->written += len;
	/* The disk works while the medium is read; the sync that counts comes at the end. */
	if (g->written - g->started >= WRITE_BEHIND) {
		(void)sync_file_range(g->file, (off_t)g->started,
		    (off_t)(g->written - g->started), SYNC_FILE_RANGE_WRITE);
		g->started = g->written;
	}
	return OK;
}

static enum err
sink_close(void *arg)
{
	struct stage *g = arg;
	int fd = g->file;

	g->file = -1;
	return close(fd) == -1 ? failed(g, g->path) : OK;
}

static enum err
remove_one(void *arg, const char *name, struct fault *f)
{
	return file_remove_tree(((struct stage *)arg)->scratch, name, f);
}

/* The directory stays, and with it the lock that tells others whose it is. */
static enum err
sink_restart(void *arg)
{
	struct stage *g = arg;

	close_fd(&g->file);
	close_fd(&g->directory);
	return file_each(g->scratch, ".", remove_one, g, g->fault);
}

static enum err
sink_executable(void *arg, const char *path)
{
	struct stage *g = arg;
	int fd = file_open(g->scratch, path, O_RDONLY, 0);
	enum err e = fd == -1 || fchmod(fd, 0555) == -1 ? failed(g, path) : OK;

	close_fd(&fd);
	return e;
}

struct judge_sink
stage_sink(struct stage *g)
{
	return (struct judge_sink){ .arg = g, .open = sink_open, .write = sink_write,
	    .close = sink_close, .restart = sink_restart, .executable = sink_executable };
}

enum err
stage_add(struct stage *g, const char *name, const void *bytes, size_t len)
{
	enum err e;

	if ((e = sink_open(g, name, len)) != OK || (e = sink_write(g, bytes, len)) != OK)
		return e;
	return sink_close(g);
}

enum err
stage_sync(struct stage *g)
{
	/* One call for all files and directories: an error of any of them is reported here. */
	return syncfs(g->scratch) == -1 ? failed(g, "scratch") : OK;
}

void
stage_path(const char *vendor, const char *customer, uint64_t number, char *out, size_t cap)
{
	(void)snprintf(out, cap, "stage/%s/%s-%llu", vendor, customer, (unsigned long long)number);
}

uint64_t
stage_number(const char *name, char customer[static LIMIT_ID + 1])
{
	const char *hyphen = strrchr(name, '-');
	char *end;
	unsigned long long n;

	*customer = '\0';
	if (hyphen == NULL || hyphen - name > LIMIT_ID || hyphen[1] < '1' || hyphen[1] > '9')
		return 0;
	n = strtoull(hyphen + 1, &end, 10);
	if (*end != '\0')
		return 0;
	memcpy(customer, name, (size_t)(hyphen - name));
	customer[hyphen - name] = '\0';
	return n;
}

enum err
stage_free_place(const struct station *s, const char *path, struct fault *f)
{
	struct stat st;

	if (fstatat(s->home.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_fault(f, ERR_STAGED, "%s/%s", s->home.path, path);
	return OK;
}

enum err
stage_sync_parents(const struct station *s, const char *path, struct fault *f)
{
	char parent[256];
	char *slash;
	enum err e = OK;
	int fd;

	(void)snprintf(parent, sizeof(parent), "./%s", path);
	while (e == OK && (slash = strrchr(parent, '/')) != NULL) {
		*slash = '\0';
		fd = file_open(s->home.fd, parent, O_RDONLY | O_DIRECTORY, 0);
		if (fd == -1 || fsync(fd) == -1)
			e = err_fault(f, err_errno(), "%s: %s", parent, strerror(errno));
		close_fd(&fd);
	}
	return e;
}

enum err
stage_publish(const struct station *s, const char *name, const char *path, struct fault *f)
{
	char from[96];
	enum err e;

	(void)snprintf(from, sizeof(from), "scratch/%s", name);
	if ((e = file_mkdir_parents(s->home.fd, path, f)) != OK)
		return e;
	if (renameat2(s->home.fd, from, s->home.fd, path, RENAME_NOREPLACE) == -1)
		return err_fault(f, errno == EEXIST ? ERR_STAGED : err_errno(), "%s: %s", path,
		    strerror(errno));
	if ((e = stage_sync_parents(s, path, f)) != OK)
		return e;
	return stage_sync_parents(s, from, f);
}
