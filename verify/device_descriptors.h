/*
 * device_descriptors: what a USB device says that it is, byte by byte.  Every length in it is a
 * claim of the device.  Universal Serial Bus Specification 2.0, 9.5 to 9.7.
 */
#ifndef VERIFY_DEVICE_DESCRIPTORS_H
#define VERIFY_DEVICE_DESCRIPTORS_H

#include "verify/device.h"

/*
 * device_descriptors_parse(d, raw, len):
 * Vendor, product and the interfaces from a device descriptor with all its configurations behind
 * it, as the kernel keeps them in sysfs.  What is not well formed to the last byte sets
 * interfaces_cut; what was understood before that stays.
 */
void device_descriptors_parse(struct device *d, const uint8_t *raw, size_t len);

/* One more interface; interfaces_cut when there is no room for it. */
void device_descriptors_add(struct device *d, const struct device_interface *i);

/*
 * device_descriptors_string(out, raw, len):
 * The text of a string descriptor of ${len} bytes in UTF-8, as the kernel makes it; but a NUL or
 * half a pair of surrogates is not dropped: it becomes bytes that are no UTF-8.  False: it is no
 * string descriptor.
 */
bool device_descriptors_string(char out[static DEVICE_TEXT], const uint8_t *raw, size_t len);

#endif
