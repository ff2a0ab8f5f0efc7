/*
 * device_bytes: USB descriptors as the kernel keeps them in sysfs: the device's, then those of each
 * configuration.  All are 0951:1666 with strings 1, 2 and 3.  USB 2.0, 9.6.
 */
#ifndef TESTS_UNIT_VERIFY_DEVICE_BYTES_H
#define TESTS_UNIT_VERIFY_DEVICE_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct device_bytes {
	size_t len;
	uint8_t byte[128];
};

#define HEAD(configurations) \
	18, 1, 0x00, 2, 0, 0, 0, 64, 0x51, 0x09, 0x66, 0x16, 0, 1, 1, 2, 3, configurations
#define CONFIGURATION(number, total, interfaces) 9, 2, total, 0, interfaces, number, 0, 0x80, 150
#define INTERFACE(number, alternate, endpoints, ...) \
	9, 4, number, alternate, endpoints, __VA_ARGS__, 0
#define ENDPOINT(address, attributes) 7, 5, address, attributes, 0x40, 0, 1
#define BULK ENDPOINT(0x81, 2), ENDPOINT(0x02, 2)

/* A stick as there are thousands. */
#define DEVICE_BYTES_STICK { 50, { HEAD(1), CONFIGURATION(1, 32, 1), \
	INTERFACE(0, 0, 2, 8, 6, 0x50), BULK } }

/* The same storage in two ways, with SuperSpeed companions and pipe usages: USB Attached SCSI. */
#define DEVICE_BYTES_UAS { 101, { HEAD(1), CONFIGURATION(1, 83, 1), \
	INTERFACE(0, 0, 2, 8, 6, 0x50), BULK, INTERFACE(0, 1, 2, 8, 6, 0x62), \
	ENDPOINT(0x81, 2), 6, 0x30, 15, 0, 0, 0, 4, 0x24, 3, 0, \
	ENDPOINT(0x02, 2), 6, 0x30, 15, 0, 0, 0, 4, 0x24, 1, 0, \
	8, 0x0b, 0, 1, 8, 6, 0x50, 0 } }

/* A stick that types. */
#define DEVICE_BYTES_KEYBOARD { 75, { HEAD(1), CONFIGURATION(1, 57, 2), \
	INTERFACE(0, 0, 2, 8, 6, 0x50), BULK, \
	INTERFACE(1, 0, 1, 3, 1, 1), 9, 0x21, 0x11, 1, 0, 1, 0x22, 63, 0, ENDPOINT(0x83, 3) } }

/* A stick with something only its vendor understands. */
#define DEVICE_BYTES_VENDOR { 59, { HEAD(1), CONFIGURATION(1, 41, 2), \
	INTERFACE(0, 0, 2, 8, 6, 0x50), BULK, INTERFACE(1, 0, 0, 0xff, 0, 0) } }

/* A stick that becomes a network card in its second configuration. */
#define DEVICE_BYTES_TWO { 91, { HEAD(2), CONFIGURATION(1, 32, 1), \
	INTERFACE(0, 0, 2, 8, 6, 0x50), BULK, \
	CONFIGURATION(2, 41, 2), INTERFACE(0, 0, 0, 2, 6, 0), \
	INTERFACE(1, 0, 2, 0x0a, 0, 0), BULK } }

#endif
