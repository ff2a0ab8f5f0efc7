/*
 * medium: see medium.h.
 */
#include "verify/medium.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err
medium_open(struct medium *m, const char *path, struct fault *f)
{
	struct stat st;
	off_t end;

	*m = (struct medium){ .path = path, .fd = -1 };
	/*
	 * Non-blocking: a named pipe must not hold us up, and a drive without a disc answers at
	 * once.
	 */
	m->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (m->fd == -1) {
		if (errno == ENOMEDIUM)
			return err_fault(
			    f, ERR_UNREADABLE, "%s: there is no disc in the drive", path);
		if (errno == ENOENT)
			return err_fault(f, ERR_USAGE, "%s: there is no such file or device", path);
		if (errno == EACCES || errno == EPERM)
			return err_fault(f, ERR_DENIED,
			    "%s: may not be read; for a drive, join the group disk or cdrom", path);
		return err_fault(f, ERR_IO, "%s: %s", path, strerror(errno));
	}
	if (fstat(m->fd, &st) == -1)
		return err_fault(f, ERR_IO, "%s: %s", path, strerror(errno));
	m->device = S_ISBLK(st.st_mode);
	if (!m->device && !S_ISREG(st.st_mode))
		return err_fault(f, ERR_USAGE,
		    "%s: neither an image file nor a block device", path);
	end = lseek(m->fd, 0, SEEK_END);
	if (end == -1)
		return err_fault(f, ERR_UNREADABLE, "%s: its size cannot be told", path);
	m->size = (uint64_t)end;
	return OK;
}

void
medium_close(struct medium *m)
{
	if (m->fd != -1)
		(void)close(m->fd);
	m->fd = -1;
}
