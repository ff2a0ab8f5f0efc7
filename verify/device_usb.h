/*
 * device_usb: what a USB device says of itself, asked twice: of the kernel, which asked when the
 * device was plugged in, and of libusb, which asks now if this user may.
 */
#ifndef VERIFY_DEVICE_USB_H
#define VERIFY_DEVICE_USB_H

#include "verify/device.h"

/*
 * The USB part of ${d}, found by its name; nothing when it is on no USB device.  ERR_IO: the device
 * went away.
 */
enum err device_usb_look(struct device *d, struct fault *f) MUST_USE;

#endif
