/*
 * sysfs: what the kernel tells of a block device, and of everything that is built on it.
 */
#ifndef MKMEDIA_SYSFS_H
#define MKMEDIA_SYSFS_H

#include <sys/types.h>

#include "formats/err.h"

#define SYSFS_NODES 256u

struct sysfs_node {
	unsigned int major, minor;
	bool built;		/* on the device: neither the device nor a partition of it */
	char name[32];		/* the kernel's */
	char mapper[128];	/* what the device mapper calls it; else "" */
};

/* A device, its partitions, and what is built on them: volume groups, RAID, encryption, loops. */
struct sysfs_stack {
	size_t count;
	bool full;		/* there is more than fits */
	struct sysfs_node node[SYSFS_NODES];	/* the first is the device */
};

/*
 * The stack of ${device} as ROOT/sys tells it (${root} "": this computer); ${directory} gets the
 * device's own directory there, without links.  ERR_USAGE: there is no such device.
 */
enum err sysfs_stack(struct sysfs_stack *s, dev_t device, const char *root, char *directory,
    size_t cap) MUST_USE;

/*
 * The node that has this number, or that the path ${name} names: "/dev/sdb1", "/dev/mapper/x".
 * NULL: none of them.
 */
const struct sysfs_node *sysfs_find(const struct sysfs_stack *s, unsigned int major,
    unsigned int minor, const char *name);

/* The first line of the file that the format names, without its newline; "" if it is not there. */
const char *sysfs_attribute(char *out, size_t cap, const char *fmt, ...) PRINTF(3, 4);

#endif
