/*
 * root: see root.h.
 */
#include "ingest/root.h"

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
#include "formats/name.h"

enum err
root_open(struct root *r, const char *path, struct fault *f)
{
	struct stat here, own;

	*r = (struct root){ .path = path };
	r->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->fd == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	r->own = fstat(r->fd, &here) == 0 && stat("/", &own) == 0 && here.st_dev == own.st_dev &&
	    here.st_ino == own.st_ino;
	return OK;
}

void
root_close(struct root *r)
{
	if (r->fd != -1)
		(void)close(r->fd);
	r->fd = -1;
}

int
root_file(const struct root *r, const char *path, int flags)
{
	/* Whatever it is, opening it shall not wait; openat2 wants nothing else beside O_PATH. */
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC |
		    ((flags & O_PATH) == 0 ? O_NOCTTY | O_NONBLOCK : 0)),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, r->fd, path, &how, sizeof(how));
}

/* Up to ${cap} bytes; what fstat says of files in /sys is not their length. */
static ssize_t
read_up_to(int fd, char *out, size_t cap)
{
	size_t have = 0;
	ssize_t n;

	while (have < cap) {
		n = read(fd, out + have, cap - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static enum err
load(int fd, const char *path, uint64_t max, char **buf, size_t *len, struct fault *f)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return err_fault(f, ERR_PACKAGES, "%s: not a regular file", path);
	if ((uint64_t)st.st_size > max)
		return err_fault(f, ERR_LIMIT, "%s: more than %llu bytes", path,
		    (unsigned long long)max);
	if ((*buf = malloc((size_t)st.st_size + 1)) == NULL)
		return err_fault(f, ERR_MEMORY, "%s", path);
	n = read_up_to(fd, *buf, (size_t)st.st_size);
	if (n == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	if (n != st.st_size)
		return err_fault(f, ERR_IO, "%s: became shorter while it was read", path);
	(*buf)[n] = '\0';
	*len = (size_t)n;
	return OK;
}

enum err
root_load(const struct root *r, const char *path, uint64_t max, char **buf, size_t *len,
    struct fault *f)
{
	int fd = root_file(r, path, O_RDONLY);
	enum err e;

	*buf = NULL;
	*len = 0;
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR ? OK :
		    err_fault(f, err_errno(), "%s/%s: %s", r->path, path, strerror(errno));
	e = load(fd, path, max, buf, len, f);
	(void)close(fd);
	if (e != OK) {
		free(*buf);
		*buf = NULL;
	}
	return e;
}

bool
root_is_text(const char *text)
{
	char shown[4 * (LIMIT_TEXT + 1)];
	const size_t len = strlen(text);

	return len <= LIMIT_TEXT &&
	    strcmp(name_escape(shown, sizeof(shown), text, len), text) == 0;
}

void
root_line(const struct root *r, const char *directory, const char *name,
    char out[static ROOT_LINE])
{
	char path[1024], text[ROOT_LINE];
	size_t start, end;
	ssize_t n;
	int fd;

	out[0] = '\0';
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path) ||
	    (fd = root_file(r, path, O_RDONLY)) == -1)
		return;
	n = read_up_to(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	end = strcspn(text, "\n");
	start = strspn(text, " \t");
	while (end > start && strchr(" \t", text[end - 1]) != NULL)
		end--;
	if (end <= start)
		return;
	text[end] = '\0';
	if (root_is_text(text + start))
		memcpy(out, text + start, end - start + 1);
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && root_is_text(entry->d_name);
}

enum err
root_list(const struct root *r, const char *path, struct root_names *out, struct fault *f)
{
	int fd = root_file(r, path, O_RDONLY | O_DIRECTORY), n;

	*out = (struct root_names){ .count = 0 };
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR ? OK :
		    err_fault(f, err_errno(), "%s/%s: %s", r->path, path, strerror(errno));
	n = scandirat(fd, ".", &out->name, is_shown, alphasort);
	if (n == -1)
		(void)err_fault(f, err_errno(), "%s/%s: %s", r->path, path, strerror(errno));
	(void)close(fd);
	if (n == -1)
		return f == NULL ? ERR_IO : f->err;
	out->count = (size_t)n;
	return OK;
}

void
root_list_free(struct root_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->name[i]);
	free(n->name);
	*n = (struct root_names){ .count = 0 };
}
