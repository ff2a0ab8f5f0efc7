/*
 * target: may this block device be overwritten?  What sysfs and procfs tell of it and of everything
 * built on it, and the rules.  SPEC, "Writing media".
 */
#ifndef MKMEDIA_TARGET_H
#define MKMEDIA_TARGET_H

#include <sys/types.h>

#include "formats/err.h"

/* What the device, or something built on it, is used for; the worst is the last. */
enum target_use {
	TARGET_FREE,
	TARGET_HELD,		/* by a volume group, a RAID, encryption, a loop device, a pool */
	TARGET_SWAP,
	TARGET_MOUNTED,
	TARGET_SYSTEM,		/* this computer runs from it */
};

struct target {
	const char *path;	/* as the user gave it; borrowed */
	dev_t device;
	bool block;		/* else a file, a directory, ..., and nothing below is known */
	char name[32];		/* the kernel's: "sdb" */
	bool partition;
	char whole[32];		/* of a partition: the device that it is part of */
	bool optical, usb, removable, read_only;
	uint64_t size;		/* bytes; of an optical drive it says nothing about a blank disc */
	enum target_use use;	/* the worst there is, */
	char where[256];	/* ... its mount point, swap or holder, */
	char through[32];	/* ... and the kernel's name of what is used so: "sdb1", "dm-0" */
};

/*
 * target_look(t, path, root, f):
 * What is ${path}?  ROOT/sys and ROOT/proc are read; ${root} is "" for this computer.  ERR_USAGE:
 * there is no such file or device; other errors: the system does not tell, so nothing may be
 * written.
 */
enum err target_look(struct target *t, const char *path, const char *root,
    struct fault *f) MUST_USE;

/* The same for a ${t} of which path, device and block are known. */
enum err target_examine(struct target *t, const char *root, struct fault *f) MUST_USE;

/*
 * May an image of ${size} bytes be written to it?  Each refusal is ERR_USAGE, and ${f} names the
 * device, what it is in the way of, and what to do.
 */
enum err target_check(const struct target *t, uint64_t size, struct fault *f) MUST_USE;

/*
 * Open it for writing, for us alone: the kernel refuses what is mounted or held, also by what
 * target_look cannot see.  *${fd} is still the device that was looked at, or it is ERR_USAGE.
 */
enum err target_open(const struct target *t, int *fd, struct fault *f) MUST_USE;

#endif
