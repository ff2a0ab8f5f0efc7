/*
 * home: see home.h.
 */
#include "verify/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "verify/file.h"

enum err
home_default_ingest(char *out, size_t cap)
{
	const char *own = getenv("INGEST_HOME");
	int n = snprintf(out, cap, "%s", own != NULL && *own != '\0' ? own : HOME_INGEST);

	return n < 0 || (size_t)n >= cap ? ERR_HOME : OK;
}

enum err
home_default_mkmedia(char *out, size_t cap)
{
	const char *own = getenv("MKMEDIA_HOME"), *data = getenv("XDG_DATA_HOME"),
	    *user = getenv("HOME");
	int n;

	if (own != NULL && *own != '\0')
		n = snprintf(out, cap, "%s", own);
	else if (data != NULL && *data == '/')
		n = snprintf(out, cap, "%s/mkmedia", data);
	else if (user != NULL && *user == '/')
		n = snprintf(out, cap, "%s/.local/share/mkmedia", user);
	else
		return ERR_HOME;
	return n < 0 || (size_t)n >= cap ? ERR_HOME : OK;
}

enum err
home_open(struct home *h, const char *path, struct fault *f)
{
	struct stat st;

	*h = (struct home){ .fd = -1, .lock = -1 };
	if (strlen(path) >= sizeof(h->path))
		return err_fault(f, ERR_HOME, "%.100s...: the name is too long", path);
	(void)snprintf(h->path, sizeof(h->path), "%s", path);
	h->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->fd == -1)
		return err_fault(f, errno == ENOENT ? ERR_HOME : err_errno(), "%s: %s", path,
		    errno != ENOENT ? strerror(errno) :
		    "there is no home here; make one with ingest init or mkmedia init");
	if (fstat(h->fd, &st) == -1 || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
		home_close(h);
		return err_fault(f, ERR_HOME,
		    "%s: must belong to this user and be closed to others (chmod 700)", path);
	}
	return OK;
}

static bool
make_parents(const char *path)
{
	char parent[1024];
	const char *slash;

	for (slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		if ((size_t)(slash - path) >= sizeof(parent))
			return false;
		memcpy(parent, path, (size_t)(slash - path));
		parent[slash - path] = '\0';
		if (mkdir(parent, 0755) == -1 && errno != EEXIST)
			return false;
	}
	return true;
}

enum err
home_create(struct home *h, const char *path, struct fault *f)
{
	bool made = false;
	enum err e;

	*h = (struct home){ .fd = -1, .lock = -1 };
	if (*path == '\0' || !make_parents(path) ||
	    (!(made = mkdir(path, 0700) == 0) && errno != EEXIST))
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	if ((e = home_open(h, path, f)) != OK)
		return e;
	if (made && !file_sync_above(h->fd))
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	/* Another one may be making it just now. */
	if (e == OK && (e = home_lock(h, f)) == OK &&
	    faccessat(h->fd, "ledger", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		e = err_fault(f, ERR_USAGE, "%s: is in use already; nothing was changed", path);
	if (e != OK)
		home_close(h);
	return e;
}

void
home_unlock(struct home *h)
{
	if (h->lock != -1)
		(void)close(h->lock);
	h->lock = -1;
}

void
home_close(struct home *h)
{
	home_unlock(h);
	if (h->fd != -1)
		(void)close(h->fd);
	h->fd = -1;
}

enum err
home_lock(struct home *h, struct fault *f)
{
	struct timespec pause = { 0, 50000000 };
	unsigned i;

	h->lock = file_open(h->fd, "lock", O_RDWR | O_CREAT, 0600);
	if (h->lock == -1)
		return err_fault(f, err_errno(), "%s/lock: %s", h->path, strerror(errno));
	for (i = 0; i < 200; i++) {
		if (flock(h->lock, LOCK_EX | LOCK_NB) == 0)
			return OK;
		(void)nanosleep(&pause, NULL);
	}
	home_unlock(h);
	return err_fault(f, ERR_BUSY, "%s: try again when it has finished", h->path);
}
