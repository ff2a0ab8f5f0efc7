/*
 * device_sysfs: see device_sysfs.h.
 */
#include "verify/device_sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	MAJOR_OPTICAL = 11,	/* Linux, Documentation/admin-guide/devices.txt: SCSI CD-ROM */
	SCSI_TYPE_OPTICAL = 5,	/* SPC-4, table 143: CD/DVD device */
};

static bool
join(char out[static PATH_MAX], const char *directory, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", directory, name);

	return n > 0 && n < PATH_MAX;
}

ssize_t
device_sysfs_read(const char *directory, const char *name, void *out, size_t cap)
{
	char path[PATH_MAX], *p = out;
	size_t used = 0;
	ssize_t n = 0;
	int fd;

	if (!join(path, directory, name))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	while (used < cap && ((n = read(fd, p + used, cap - used)) > 0 ||
	    (n == -1 && errno == EINTR)))
		used += n > 0 ? (size_t)n : 0;
	(void)close(fd);
	return n == -1 ? -1 : (ssize_t)used;
}

bool
device_sysfs_text(const char *directory, const char *name, char out[static DEVICE_TEXT])
{
	/* One byte more than may stay, so that the newline of a text of full length is seen. */
	ssize_t n = device_sysfs_read(directory, name, out, LIMIT_DEVICE_TEXT + 1);

	out[0] = n > 0 ? out[0] : '\0';
	if (n < 0)
		return false;
	if (n > 0 && (out[n - 1] == '\n' || (size_t)n > LIMIT_DEVICE_TEXT))
		n--;
	out[n] = '\0';
	return true;
}

bool
device_sysfs_number(const char *directory, const char *name, int base, uint64_t max, uint64_t *out)
{
	char text[DEVICE_TEXT], *end;
	unsigned long long n;

	if (!device_sysfs_text(directory, name, text) || !isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	n = strtoull(text, &end, base);
	if (*end != '\0' || errno != 0 || n > max)
		return false;
	*out = n;
	return true;
}

static bool
is_there(const char *directory, const char *name)
{
	char path[PATH_MAX];

	return join(path, directory, name) && access(path, F_OK) == 0;
}

/* The directory above; false at the root of all devices. */
static bool
go_up(char directory[static PATH_MAX])
{
	static const char root[] = "/sys/devices/";
	char *slash = strrchr(directory, '/');

	if (slash == NULL || strncmp(directory, root, sizeof(root) - 1) != 0 ||
	    slash < directory + sizeof(root))
		return false;
	*slash = '\0';
	return true;
}

static bool
find_usb(char directory[static PATH_MAX])
{
	while (!is_there(directory, "idVendor") || !is_there(directory, "descriptors"))
		if (!go_up(directory))
			return false;
	return true;
}

bool
device_sysfs_usb(const char *name, char directory[static PATH_MAX])
{
	char path[PATH_MAX];

	return name[0] != '\0' && join(path, "/sys/class/block", name) &&
	    realpath(path, directory) != NULL && find_usb(directory);
}

static enum device_kind
kind_of(const char *disk, dev_t node)
{
	char directory[PATH_MAX];
	uint64_t type;

	if (major(node) == MAJOR_OPTICAL || (device_sysfs_number(disk, "device/type", 10, 255,
	    &type) && type == SCSI_TYPE_OPTICAL))
		return DEVICE_DISC;
	(void)snprintf(directory, sizeof(directory), "%s", disk);
	return find_usb(directory) ? DEVICE_STICK : DEVICE_OTHER;
}

enum err
device_sysfs_block(struct device *d, dev_t node, struct fault *f)
{
	char path[PATH_MAX], directory[PATH_MAX];
	uint64_t n;
	int len;

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(node), minor(node));
	if (realpath(path, directory) == NULL)
		return err_fault(f, ERR_IO, "%s: %s; is the device still plugged in?", path,
		    strerror(errno));
	len = snprintf(d->name, sizeof(d->name), "%s", strrchr(directory, '/') + 1);
	if (len < 1 || (size_t)len >= sizeof(d->name))
		return err_fault(f, ERR_IO, "%s: no name for a device", directory);
	if (device_sysfs_number(directory, "size", 10, UINT64_MAX / 512, &n))
		d->size = n * 512;	/* the unit is 512 whatever the device's sectors are */
	d->read_only = device_sysfs_number(directory, "ro", 10, 1, &n) && n == 1;
	d->partition = is_there(directory, "partition");
	if (d->partition && !go_up(directory))
		return err_fault(f, ERR_IO, "%s: no disk above the partition", directory);
	d->removable = device_sysfs_number(directory, "removable", 10, 1, &n) && n == 1;
	d->kind = d->partition ? DEVICE_OTHER : kind_of(directory, node);
	return OK;
}
