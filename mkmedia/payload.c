/*
 * payload: see payload.h.
 */
#include "mkmedia/payload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "formats/sums.h"
#include "verify/file.h"
#include "verify/twins.h"

/*
 * What is known while walking.  Directories still to be looked into are a list, instead of
 * recursion.
 */
struct walk {
	struct payload *p;
	size_t room;			/* for files */
	char **todo;
	size_t todo_count, todo_room;
	struct fault *f;
};

/* ${array} with room for ${count} + 1 things of ${size}; NULL: no memory, and ${array} stays. */
static void *
room_for(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 64 : 2 * *room;

	if (count < *room)
		return array;
	if ((array = reallocarray(array, more, size)) != NULL)
		*room = more;
	return array;
}

/* ${path} is taken over, on OK only; so it is below. */
static enum err
add_directory(struct walk *w, char *path)
{
	char **grown = room_for(w->todo, w->todo_count, &w->todo_room, sizeof(*grown));

	if (grown == NULL)
		return err_fault(w->f, ERR_MEMORY, "payload");
	w->todo = grown;
	w->todo[w->todo_count++] = path;
	return OK;
}

static enum err
add_file(struct walk *w, char *path, const struct stat *st)
{
	struct payload *p = w->p;
	struct payload_file *grown;

	if (p->count == LIMIT_FILES)
		return err_fault(w->f, ERR_LIMIT, "more than %llu files",
		    (unsigned long long)LIMIT_FILES);
	if ((uint64_t)st->st_size > LIMIT_IMAGE - p->bytes)
		return err_fault(w->f, ERR_LIMIT, "the files are larger than an image can be");
	if ((grown = room_for(p->file, p->count, &w->room, sizeof(*grown))) == NULL)
		return err_fault(w->f, ERR_MEMORY, "payload");
	p->file = grown;
	p->file[p->count++] = (struct payload_file){ .path = path, .size = (uint64_t)st->st_size,
	    .executable = (st->st_mode & 0111) != 0 };
	p->bytes += (uint64_t)st->st_size;
	return OK;
}

static const char *
kind_of(mode_t mode)
{
	return S_ISLNK(mode) ? "a symbolic link; put the file itself there" :
	    S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

static enum err
add_entry(struct walk *w, char *path, const struct stat *st)
{
	if (!name_path_ok(path, strlen(path)))
		return err_fault(w->f, ERR_CONTENTS_NAME, "%.200s", path);
	if (S_ISDIR(st->st_mode))
		return add_directory(w, path);
	if (S_ISREG(st->st_mode))
		return add_file(w, path, st);
	return err_fault(w->f, ERR_CONTENTS_TYPE, "%.200s is %s", path, kind_of(st->st_mode));
}

/* Look into the directory ${d}, which is ${path} ("" at the top). */
static enum err
read_directory(struct walk *w, DIR *d, const char *path)
{
	struct dirent *entry;
	struct stat st;
	bool empty = true;
	enum err e = OK;
	char *full;

	while (e == OK && (errno = 0, entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		empty = false;
		if (asprintf(&full, "%s%s%s", path, *path == '\0' ? "" : "/", entry->d_name) < 0)
			return err_fault(w->f, ERR_MEMORY, "payload");
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			e = err_fault(w->f, err_errno(), "%.200s: %s", full, strerror(errno));
		else
			e = add_entry(w, full, &st);
		if (e != OK)
			free(full);
	}
	if (e == OK && errno != 0)
		return err_fault(w->f, err_errno(), "%.200s: %s", path, strerror(errno));
	if (e == OK && empty && *path != '\0')
		return err_fault(w->f, ERR_CONTENTS_EXTRA, "%.200s is empty, and an empty "
		    "directory cannot be signed for; remove it, or put a file into it", path);
	return e;
}

static enum err
walk_one(struct walk *w, const char *path)
{
	int fd = file_open(w->p->dir, *path == '\0' ? "." : path, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	enum err e;

	if (d == NULL) {
		e = err_fault(w->f, err_errno(), "%.200s: %s", path, strerror(errno));
		if (fd != -1)
			(void)close(fd);
		return e;
	}
	e = read_directory(w, d, path);
	(void)closedir(d);
	return e;
}

static int
compare(const void *a, const void *b)
{
	const struct payload_file *x = a, *y = b;

	return sums_compare(x->path, strlen(x->path), y->path, strlen(y->path));
}

/*
 * Whether names are twins is known before anything is summed: the list is made with zeros for
 * once.
 */
static enum err
check_twins(const struct payload *p, struct fault *f)
{
	char *text;
	size_t len;
	enum err e = payload_sums(p, &text, &len, f);

	if (e == OK)
		e = twins_check(text, len, f);
	free(text);
	return e;
}

enum err
payload_walk(struct payload *p, int dirfd, const char *name, struct fault *f)
{
	struct walk w = { .p = p, .f = f };
	char *path;
	enum err e;

	*p = (struct payload){ .dir = file_open(dirfd, name, O_RDONLY | O_DIRECTORY, 0) };
	if (p->dir == -1)
		return err_fault(f, err_errno(), "%s: %s", name, strerror(errno));
	e = walk_one(&w, "");
	while (w.todo_count > 0) {
		path = w.todo[--w.todo_count];
		if (e == OK)
			e = walk_one(&w, path);
		free(path);
	}
	free(w.todo);
	if (e == OK && p->count == 0)
		e = err_fault(f, ERR_CONTENTS_MISSING, "%s: there is no file in it", name);
	if (e != OK)
		return e;
	qsort(p->file, p->count, sizeof(p->file[0]), compare);
	return check_twins(p, f);
}

struct work {
	struct payload *p;
	atomic_size_t next;		/* file that nobody has taken yet */
	_Atomic uint64_t done;		/* bytes */
	atomic_bool failed;
};

struct worker {
	struct work *work;
	struct progress *progress;	/* of the first worker only */
	uint8_t *buf;			/* CHUNK_SIZE */
	struct digest_state *state;
	struct fault fault;
};

static enum err
read_file(struct worker *w, int fd, struct payload_file *file)
{
	uint64_t left = file->size + 1;		/* one more, to see that nothing follows */
	ssize_t n;

	digest_begin(w->state);
	do {
		n = read(fd, w->buf, left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_fault(&w->fault, err_errno(), "%.200s: %s", file->path,
			    strerror(errno));
		digest_add(w->state, w->buf, (size_t)n);
		left -= (uint64_t)n;
		(void)atomic_fetch_add(&w->work->done, (uint64_t)n);
		if (w->progress != NULL)
			progress_step(w->progress, atomic_load(&w->work->done), w->work->p->bytes);
	} while (n != 0 && left > 0);
	digest_end(w->state, &file->digest);
	return left == 1 ? OK : err_fault(&w->fault, ERR_CONTENTS_DIGEST,
	    "%.200s changed while it was being summed", file->path);
}

static enum err
sum_file(struct worker *w, struct payload_file *file)
{
	int fd = file_open(w->work->p->dir, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	enum err e;

	if (fd == -1)
		return err_fault(&w->fault, err_errno(), "%.200s: %s", file->path,
		    strerror(errno));
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	e = read_file(w, fd, file);
	(void)close(fd);
	return e;
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	struct payload *p = w->work->p;
	size_t i;

	while (!atomic_load(&w->work->failed) &&
	    (i = atomic_fetch_add(&w->work->next, 1)) < p->count)
		if (sum_file(w, &p->file[i]) != OK)
			atomic_store(&w->work->failed, true);
	return NULL;
}

enum err
payload_sum(struct payload *p, struct progress *progress, struct fault *f)
{
	struct work work = { .p = p };
	struct worker w[2] = { { .work = &work, .progress = progress }, { .work = &work } };
	pthread_t second;
	bool alone;
	enum err e = OK;
	unsigned i;

	for (i = 0; i < 2; i++) {
		w[i].buf = malloc(CHUNK_SIZE);
		w[i].state = digest_new();
		if (w[i].buf == NULL || w[i].state == NULL)
			e = err_fault(f, ERR_MEMORY, "payload");
	}
	if (e == OK) {
		alone = pthread_create(&second, NULL, worker_run, &w[1]) != 0;
		(void)worker_run(&w[0]);
		if (!alone)
			(void)pthread_join(second, NULL);
	}
	for (i = 0; i < 2; i++) {
		if (e == OK && w[i].fault.err != OK)
			e = err_fault(f, w[i].fault.err, "%s", w[i].fault.at);
		free(w[i].buf);
		digest_free(w[i].state);
	}
	return e;
}

enum err
payload_sums(const struct payload *p, char **text, size_t *len, struct fault *f)
{
	size_t size = 0, i;

	*text = NULL;
	*len = 0;
	for (i = 0; i < p->count; i++)
		size += strlen(p->file[i].path) + DIGEST_HEX + 2;
	if (size > LIMIT_SUMS)
		return err_fault(f, ERR_LIMIT, "SHA256SUMS");
	if ((*text = malloc(size)) == NULL)
		return err_fault(f, ERR_MEMORY, "SHA256SUMS");
	for (i = 0; i < p->count; i++)
		*len += sums_print(&p->file[i].digest, p->file[i].path, strlen(p->file[i].path),
		    *text + *len);
	return OK;
}

void
payload_free(struct payload *p)
{
	size_t i;

	if (p->dir != -1)
		(void)close(p->dir);
	for (i = 0; i < p->count; i++)
		free(p->file[i].path);
	free(p->file);
	*p = (struct payload){ .dir = -1 };
}
