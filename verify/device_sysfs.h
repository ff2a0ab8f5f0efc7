/*
 * device_sysfs: what the kernel keeps in /sys of a block device and of the USB device that it is
 * on.  Strings of devices are there as they came.
 */
#ifndef VERIFY_DEVICE_SYSFS_H
#define VERIFY_DEVICE_SYSFS_H

#include <limits.h>
#include <sys/types.h>

#include "verify/device.h"

/*
 * device_sysfs_block(d, node, f):
 * Kind, name, partition, size, read_only and removable of the block device with the number ${node}.
 * ERR_IO: /sys does not know it.
 */
enum err device_sysfs_block(struct device *d, dev_t node, struct fault *f) MUST_USE;

/*
 * The directory of the USB device that the block device ${name} belongs to: the nearest above it.
 * False: it is on no USB device, or has just gone.
 */
bool device_sysfs_usb(const char *name, char directory[static PATH_MAX]);

/* Up to ${cap} bytes of the file DIRECTORY/NAME; -1: there is none or it cannot be read. */
ssize_t device_sysfs_read(const char *directory, const char *name, void *out, size_t cap);

/* The same as text, cut, without the newline that the kernel adds; false and "": there is none. */
bool device_sysfs_text(const char *directory, const char *name, char out[static DEVICE_TEXT]);

/* The same as a number; false if it is none or above ${max}. */
bool device_sysfs_number(const char *directory, const char *name, int base, uint64_t max,
    uint64_t *out);

#endif
