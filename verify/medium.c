/*
 * medium: see medium.h.
 */
#include "verify/medium.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "verify/clock.h"

#define ATTEMPTS 4	/* a disc that was changed does not answer at once */

static int
open_path(const char *path)
{
	/*
	 * Non-blocking: a named pipe must not hold us up, and a drive without a disc answers at
	 * once.
	 */
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static enum err
refuse_path(const char *path, struct fault *f)
{
	switch (errno) {
	case ENOMEDIUM:
		return err_fault(f, ERR_NO_MEDIUM, "%s", path);
	case ENOENT:
		return err_fault(f, ERR_USAGE, "%s: there is no such file or device", path);
	case EACCES:
	case EPERM:
		return err_fault(f, ERR_DENIED,
		    "%s: may not be read; for a drive, join the group disk or cdrom", path);
	case ENXIO:
	case EIO:
		return err_fault(f, ERR_UNREADABLE,
		    "%s: the device does not answer; check its cable and try another port", path);
	default:
		return err_fault(f, ERR_IO, "%s: %s", path, strerror(errno));
	}
}

/* One try at a device: is there anything to read? */
static enum err
touch(struct medium *m, const char *path, struct fault *f)
{
	uint8_t sector[SECTOR_SIZE];
	off_t end = lseek(m->fd, 0, SEEK_END);
	const uint64_t start = clock_ms();
	ssize_t n;

	if (end == -1)
		return err_fault(f, ERR_UNREADABLE, "%s: its size cannot be told", path);
	m->device.size = (uint64_t)end;
	if (m->device.kind == DEVICE_FILE)
		return OK;
	do
		n = pread(m->fd, sector, sizeof(sector), 0);
	while (n == -1 && errno == EINTR);
	if (n == (ssize_t)sizeof(sector))
		return OK;
	if (n == -1 && errno == ENOMEDIUM)
		return err_fault(f, ERR_NO_MEDIUM, "%s", path);
	if (end == 0)
		return err_fault(f, ERR_NO_MEDIUM, "%s: nothing is in it", path);
	if (clock_ms() - start < LIMIT_HANG * UINT64_C(1000))
		return err_fault(f, ERR_UNREADABLE, "%s", path);
	/* A scratch, or does it not answer at all? */
	if (pread(m->fd, sector, sizeof(sector), end / 2 / SECTOR_SIZE * SECTOR_SIZE) > 0)
		return OK;
	return err_fault(f, ERR_SILENT, "%s: pull it out, try another port or drive", path);
}

/* Open it and learn what it is, then whether there is anything to read. */
static enum err
open_once(struct medium *m, const char *path, const struct device_source *source, struct fault *f)
{
	struct stat st;
	enum err e;

	medium_close(m);
	if ((m->fd = open_path(path)) == -1)
		return refuse_path(path, f);
	if (fstat(m->fd, &st) == -1)
		return err_fault(f, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
		return err_fault(
		    f, ERR_USAGE, "%s: neither an image file nor a block device", path);
	if ((e = device_look(&m->device, m->fd, source, f)) != OK ||
	    (e = device_check(&m->device, f)) != OK)
		return e;
	return touch(m, path, f);
}

enum err
medium_open(struct medium *m, const char *path, const struct device_source *source,
    struct fault *f)
{
	const struct timespec pause = { 0, 700000000 };
	unsigned i;
	enum err e;

	*m = (struct medium){ .fd = -1 };
	e = open_once(m, path, source, f);
	for (i = 1; i < ATTEMPTS && e == ERR_UNREADABLE; i++) {
		(void)nanosleep(&pause, NULL);
		e = open_once(m, path, source, f);
	}
	/* One sector that does not read is a scratch like any other. */
	return e == ERR_UNREADABLE && m->fd != -1 && m->device.size > SECTOR_SIZE ? OK : e;
}

void
medium_close(struct medium *m)
{
	if (m->fd != -1)
		(void)close(m->fd);
	m->fd = -1;
}
