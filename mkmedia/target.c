/*
 * target: see target.h.
 */
#include "mkmedia/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mkmedia/sysfs.h"
#include "verify/size.h"

#define SECTOR 512		/* the unit of "size", whatever the device says */
/* In "device/type": SCSI's number for CD, DVD, BD, and what the MMC driver says of a card. */
#define TYPE_OPTICAL "5"
#define TYPE_CARD "SD"

static void
note_use(struct target *t, enum target_use use, const struct sysfs_node *n, const char *where)
{
	if (use <= t->use)
		return;
	t->use = use;
	(void)snprintf(t->where, sizeof(t->where), "%s", where);
	(void)snprintf(t->through, sizeof(t->through), "%s", n->name);
}

static bool
is_system(const char *mount_point)
{
	static const char *const list[] = { "/", "/usr", "/var", "/boot", "/boot/efi", "/efi" };
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (strcmp(mount_point, list[i]) == 0)
			return true;
	return false;
}

/*
 * A line of mountinfo: "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE OPTIONS".
 * The number of btrfs is none of a device: there the source counts.
 */
static void
take_mount(struct target *t, const struct sysfs_stack *s, char *line)
{
	const char *behind = strstr(line, " - ");
	unsigned int major, minor;
	char point[256], source[256] = "";
	const struct sysfs_node *n;

	if (sscanf(line, "%*s %*s %u:%u %*s %255s", &major, &minor, point) != 3)
		return;
	if (behind != NULL)
		(void)sscanf(behind + 3, "%*s %255s", source);
	if ((n = sysfs_find(s, major, minor, source)) != NULL)
		note_use(t, is_system(point) ? TARGET_SYSTEM : TARGET_MOUNTED, n, point);
}

/* A line of /proc/swaps: "/dev/sda2 partition ...". */
static void
take_swap(struct target *t, const struct sysfs_stack *s, char *line)
{
	const struct sysfs_node *n;

	line[strcspn(line, " \t")] = '\0';
	if ((n = sysfs_find(s, UINT_MAX, UINT_MAX, line)) != NULL)
		note_use(t, TARGET_SWAP, n, line);
}

static enum err
each_line(struct target *t, const struct sysfs_stack *s, const char *root, const char *name,
    void (*take)(struct target *, const struct sysfs_stack *, char *), struct fault *f)
{
	char path[PATH_MAX], *line = NULL;
	size_t cap = 0;
	enum err e = OK;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/proc/%s", root, name);
	if ((file = fopen(path, "re")) == NULL)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	while (getline(&line, &cap, file) != -1)
		take(t, s, line);
	if (ferror(file))
		e = err_fault(f, ERR_IO, "%s: %s", path, strerror(errno));
	free(line);
	(void)fclose(file);
	return e;
}

static void
note_holders(struct target *t, const struct sysfs_stack *s)
{
	const struct sysfs_node *n;
	char where[200];

	for (n = s->node; n < s->node + s->count; n++) {
		if (!n->built)
			continue;
		(void)snprintf(where, sizeof(where), "%s%s%s%s", n->name,
		    *n->mapper == '\0' ? "" : " (", n->mapper, *n->mapper == '\0' ? "" : ")");
		note_use(t, TARGET_HELD, n, where);
	}
}

/* Is there a USB device above ${directory}, which is a path without links? */
static bool
is_usb(const char *directory)
{
	char path[PATH_MAX], link[PATH_MAX + 16], text[PATH_MAX], *slash;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s", directory);
	while ((slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		(void)snprintf(link, sizeof(link), "%s/subsystem", path);
		n = readlink(link, text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		if ((slash = strrchr(text, '/')) != NULL && strcmp(slash, "/usb") == 0)
			return true;
	}
	return false;
}

static void
copy_name(char out[static 32], const char *path)
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(out, 32, "%.31s", slash == NULL ? path : slash + 1);
}

/* What sysfs says in ${path}, a directory without links. */
static void
take_facts(struct target *t, char *path)
{
	char text[32];

	copy_name(t->name, path);
	t->usb = is_usb(path);
	t->size = strtoull(sysfs_attribute(text, sizeof(text), "%s/size", path), NULL, 10) * SECTOR;
	t->read_only = strcmp(sysfs_attribute(text, sizeof(text), "%s/ro", path), "0") != 0;
	/* Sticks that say "fixed disk" and cards in a slot can be taken out all the same. */
	t->removable = t->usb ||
	    strcmp(sysfs_attribute(text, sizeof(text), "%s/removable", path), "1") == 0;
	(void)sysfs_attribute(text, sizeof(text), "%s/device/type", path);
	t->removable = t->removable || strcmp(text, TYPE_CARD) == 0;
	t->optical = strcmp(text, TYPE_OPTICAL) == 0;
	t->partition = *sysfs_attribute(text, sizeof(text), "%s/partition", path) != '\0';
	if (t->partition) {
		*strrchr(path, '/') = '\0';
		copy_name(t->whole, path);
	}
}

enum err
target_examine(struct target *t, const char *root, struct fault *f)
{
	struct sysfs_stack s;
	char directory[PATH_MAX];
	enum err e;

	if ((e = sysfs_stack(&s, t->device, root, directory, sizeof(directory))) != OK)
		return err_fault(f, e, "%s: there is no device behind it (any more); plug it in "
		    "again and look with lsblk", t->path);
	take_facts(t, directory);
	if (s.full)
		return err_fault(f, ERR_USAGE, "%s: more than %u things are built on it; take "
		    "another device", t->path, SYSFS_NODES);
	note_holders(t, &s);
	if ((e = each_line(t, &s, root, "swaps", take_swap, f)) != OK)
		return e;
	return each_line(t, &s, root, "self/mountinfo", take_mount, f);
}

enum err
target_look(struct target *t, const char *path, const char *root, struct fault *f)
{
	struct stat st;
	int fd;

	*t = (struct target){ .path = path };
	/* Another card in a reader: the kernel learns its size when somebody opens it. */
	if ((fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) != -1)
		(void)close(fd);
	if (stat(path, &st) == -1)
		return err_fault(f, errno == ENOENT || errno == ENOTDIR ? ERR_USAGE : err_errno(),
		    "%s: %s", path, strerror(errno));
	t->block = S_ISBLK(st.st_mode);
	t->device = st.st_rdev;
	return t->block ? target_examine(t, root, f) : OK;
}

static enum err
check_use(const struct target *t, struct fault *f)
{
	switch (t->use) {
	case TARGET_SYSTEM:
		return err_fault(f, ERR_USAGE, "%s: this computer runs from it: %s is on %s; "
		    "take another device", t->path, t->where, t->through);
	case TARGET_MOUNTED:
		return err_fault(f, ERR_USAGE, "%s: %s is mounted at %s; "
		    "if nobody needs what is there: umount %s", t->path, t->through, t->where,
		    t->where);
	case TARGET_SWAP:
		return err_fault(f, ERR_USAGE, "%s: %s is swap space; if nobody needs it: "
		    "swapoff %s", t->path, t->where, t->where);
	case TARGET_HELD:
		return err_fault(f, ERR_USAGE, "%s: %s is built on it (a volume group, RAID, "
		    "encryption, loop or cache); take another device, or take that down first",
		    t->path, t->where);
	case TARGET_FREE:
		break;
	}
	return OK;
}

enum err
target_check(const struct target *t, uint64_t size, struct fault *f)
{
	char need[SIZE_TEXT], have[SIZE_TEXT];
	enum err e;

	if (!t->block)
		return err_fault(f, ERR_USAGE, "%s: is no block device; name the stick or the "
		    "drive as lsblk shows it", t->path);
	if (t->partition)
		return err_fault(f, ERR_USAGE, "%s: is only a partition; name the whole device, "
		    "/dev/%s", t->path, t->whole);
	if ((e = check_use(t, f)) != OK)
		return e;
	if (!t->removable)
		return err_fault(f, ERR_USAGE, "%s: is not removable; a stick, a card or a disc is "
		    "needed", t->path);
	/* Of a disc the burner knows better. */
	if (t->optical)
		return OK;
	if (t->size == 0)
		return err_fault(f, ERR_USAGE, "%s: there is no medium in it; insert one",
		    t->path);
	if (t->read_only)
		return err_fault(f, ERR_USAGE, "%s: is write-protected; look for a switch on the "
		    "stick or card", t->path);
	if (t->size < size)
		return err_fault(f, ERR_USAGE, "%s: is too small: the image has %s (%llu bytes), "
		    "the device %s (%llu bytes); take a larger one", t->path,
		    size_print(size, need), (unsigned long long)size, size_print(t->size, have),
		    (unsigned long long)t->size);
	return OK;
}

enum err
target_open(const struct target *t, int *fd, struct fault *f)
{
	struct stat st;

	*fd = open(t->path, O_RDWR | O_EXCL | O_CLOEXEC | O_NOCTTY);
	if (*fd == -1 && errno == EBUSY)
		return err_fault(f, ERR_USAGE, "%s: is in use: mounted in a container, opened by "
		    "another program, or a member of a pool; end that first", t->path);
	if (*fd == -1 && errno == EROFS)
		return err_fault(f, ERR_USAGE, "%s: is write-protected; look for a switch on the "
		    "stick or card", t->path);
	if (*fd == -1 && (errno == EACCES || errno == EPERM))
		return err_fault(f, ERR_DENIED, "%s: you may not write to it; become a member of "
		    "its group (disk, cdrom), or root", t->path);
	if (*fd == -1)
		return err_fault(f, err_errno(), "%s: %s; plug it in again", t->path,
		    strerror(errno));
	if (fstat(*fd, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == t->device)
		return OK;
	(void)close(*fd);
	*fd = -1;
	return err_fault(f, ERR_USAGE, "%s: became another device meanwhile; begin again", t->path);
}
