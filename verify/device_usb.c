/*
 * device_usb: see device_usb.h.
 */
#include "verify/device_usb.h"

#include <libusb-1.0/libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/device_descriptors.h"
#include "verify/device_sysfs.h"

#define LANGUAGE_ENGLISH 0x0409		/* what the kernel asks for when there is no list */
#define MAX_DESCRIPTORS 8192		/* bytes; a storage device has a few hundred */

/* The first difference is enough: it already says that nothing the device tells is reliable. */
static void
dispute(struct device *d, const char *what, const char *one, const char *other)
{
	if (!d->disputed)
		(void)snprintf(d->dispute, sizeof(d->dispute), "%s: \"%.60s\", then \"%.60s\"",
		    what, one, other);
	d->disputed = true;
}

static void
dispute_numbers(struct device *d, unsigned vendor, unsigned product)
{
	char one[16], other[16];

	if (d->vendor == vendor && d->product == product)
		return;
	(void)snprintf(one, sizeof(one), "%04x:%04x", d->vendor, d->product);
	(void)snprintf(other, sizeof(other), "%04x:%04x", vendor & 0xffff, product & 0xffff);
	dispute(d, "vendor and product", one, other);
}

static bool
ask_string(libusb_device_handle *h, uint8_t index, uint16_t language, char out[static DEVICE_TEXT])
{
	uint8_t raw[255];
	int n = libusb_get_string_descriptor(h, index, language, raw, sizeof(raw));

	return n > 0 && device_descriptors_string(out, raw, (size_t)n);
}

/* The first of the languages in string descriptor 0, as the kernel does it.  USB 2.0, 9.6.7. */
static uint16_t
ask_language(libusb_device_handle *h)
{
	uint8_t raw[255];
	int n = libusb_get_string_descriptor(h, 0, 0, raw, sizeof(raw));

	if (n < 4 || raw[0] < 4 || raw[1] != LIBUSB_DT_STRING)
		return LANGUAGE_ENGLISH;
	return (uint16_t)(raw[2] | raw[3] << 8);
}

/* Newer answers win; where there is none, sysfs has to do. */
static void
compare_strings(struct device *d, libusb_device *usb, const struct libusb_device_descriptor *said)
{
	const struct { const char *what; uint8_t index; char *text; } strings[] = {
		{ "manufacturer", said->iManufacturer, d->manufacturer },
		{ "product", said->iProduct, d->model },
		{ "serial number", said->iSerialNumber, d->serial },
	};
	libusb_device_handle *h;
	char now[DEVICE_TEXT];
	uint16_t language;
	size_t i;

	if (libusb_open(usb, &h) != 0)
		return;		/* not everyone may; that is no fault of the device */
	language = ask_language(h);
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (strings[i].index == 0 || !ask_string(h, strings[i].index, language, now))
			continue;
		if (strcmp(strings[i].text, now) != 0)
			dispute(d, strings[i].what, strings[i].text, now);
		memcpy(strings[i].text, now, sizeof(now));
	}
	libusb_close(h);
}

static void
collect(struct device *d, const struct libusb_config_descriptor *c)
{
	const struct libusb_interface_descriptor *a;
	int i, k;

	for (i = 0; i < c->bNumInterfaces; i++)
		for (k = 0; k < c->interface[i].num_altsetting; k++) {
			a = &c->interface[i].altsetting[k];
			device_descriptors_add(d, &(struct device_interface){
			    .configuration = c->bConfigurationValue,
			    .number = a->bInterfaceNumber, .alternate = a->bAlternateSetting,
			    .class = a->bInterfaceClass, .subclass = a->bInterfaceSubClass,
			    .protocol = a->bInterfaceProtocol });
		}
}

static int
compare_interface(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct device_interface));
}

/* libusb orders them in its own way. */
static bool
same_interfaces(const struct device *a, struct device *b)
{
	struct device_interface list[LIMIT_INTERFACES];
	const size_t size = sizeof(list[0]);

	memcpy(list, a->interface, sizeof(list));
	qsort(list, a->interface_count, size, compare_interface);
	qsort(b->interface, b->interface_count, size, compare_interface);
	return a->interface_count == b->interface_count && !b->interfaces_cut &&
	    memcmp(list, b->interface, size * a->interface_count) == 0;
}

static void
compare_interfaces(struct device *d, libusb_device *usb, uint8_t configurations)
{
	struct libusb_config_descriptor *c;
	struct device other = { .interface_count = 0 };
	unsigned i;

	for (i = 0; i < configurations; i++) {
		if (libusb_get_config_descriptor(usb, (uint8_t)i, &c) != 0) {
			other.interfaces_cut = true;
			continue;
		}
		collect(&other, c);
		libusb_free_config_descriptor(c);
	}
	if (d->interfaces_cut || same_interfaces(d, &other))
		return;
	d->interfaces_cut = true;
	dispute(d, "interfaces", "as the kernel has them", "as libusb reads them");
}

static void
compare_device(struct device *d, libusb_device *usb)
{
	struct libusb_device_descriptor said;

	if (libusb_get_device_descriptor(usb, &said) != 0)
		return;
	dispute_numbers(d, said.idVendor, said.idProduct);
	compare_interfaces(d, usb, said.bNumConfigurations);
	compare_strings(d, usb, &said);
}

static void
ask_libusb(struct device *d, uint64_t bus, uint64_t address)
{
	libusb_context *context;
	libusb_device **list;
	ssize_t i, n;

	if (libusb_init(&context) != 0)
		return;
	n = libusb_get_device_list(context, &list);
	for (i = 0; i < n; i++)
		if (libusb_get_bus_number(list[i]) == bus &&
		    libusb_get_device_address(list[i]) == address)
			compare_device(d, list[i]);
	if (n >= 0)
		libusb_free_device_list(list, 1);
	libusb_exit(context);
}

enum err
device_usb_look(struct device *d, struct fault *f)
{
	char directory[PATH_MAX];
	uint8_t raw[MAX_DESCRIPTORS];
	uint64_t bus, address, vendor, product;
	ssize_t n;

	if (!device_sysfs_usb(d->name, directory)) {
		if (d->kind == DEVICE_STICK)
			return err_fault(f, ERR_IO, "%s: the USB device has gone; plug it in again",
			    d->name);
		return OK;
	}
	n = device_sysfs_read(directory, "descriptors", raw, sizeof(raw));
	if (n < 0 || !device_sysfs_number(directory, "idVendor", 16, UINT16_MAX, &vendor) ||
	    !device_sysfs_number(directory, "idProduct", 16, UINT16_MAX, &product))
		return err_fault(f, ERR_IO,
		    "%s: its USB descriptors cannot be read from %s; plug it in again", d->name,
		    directory);
	d->is_usb = true;
	device_descriptors_parse(d, raw, (size_t)n);
	dispute_numbers(d, (unsigned)vendor, (unsigned)product);
	(void)device_sysfs_text(directory, "manufacturer", d->manufacturer);
	(void)device_sysfs_text(directory, "product", d->model);
	(void)device_sysfs_text(directory, "serial", d->serial);
	if (device_sysfs_number(directory, "busnum", 10, UINT8_MAX, &bus) &&
	    device_sysfs_number(directory, "devnum", 10, UINT8_MAX, &address))
		ask_libusb(d, bus, address);
	return OK;
}
