/*
 * hardware: see hardware.h.  DMI is in /sys/class/dmi/id, the rest on its bus.
 */
#include "ingest/hardware.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/limits.h"
#include "verify/size.h"

#define DMI "sys/class/dmi/id"

/* What is read of one device; "" where there is nothing. */
struct device {
	char ref[LIMIT_TEXT + 1], slot[LIMIT_TEXT + 1];
	char name[ROOT_LINE], version[ROOT_LINE], maker[ROOT_LINE], serial[ROOT_LINE];
	char description[LIMIT_TEXT + 1];
};

static enum err
add(struct passport *p, const char *kind, const struct device *d, struct fault *f)
{
	struct passport_component c = passport_blank();
	enum err e;

	c.ref = d->ref;
	c.kind = kind;
	c.name = d->name;
	c.version = d->version;
	c.maker = d->maker;
	c.description = d->description;
	c.fact[FACT_SERIAL] = d->serial;
	c.fact[FACT_SLOT] = d->slot;
	e = passport_add(p, &c);
	return e == OK ? OK : err_fault(f, e, "%s", d->ref);
}

static void
name_device(struct device *d, const char *class, const char *slot)
{
	*d = (struct device){ .ref = "" };
	(void)snprintf(d->ref, sizeof(d->ref), "%s%s%.200s", class, *slot == '\0' ? "" : ":", slot);
	(void)snprintf(d->slot, sizeof(d->slot), "%.200s", slot);
}

static enum err
add_machine(const struct root *r, struct passport *p, struct fault *f)
{
	static const struct {
		const char *class, *kind, *maker, *name, *version, *serial;
	} parts[] = {
		{ "machine", "device", "sys_vendor", "product_name", "product_version",
		    "product_serial" },
		{ "mainboard", "device", "board_vendor", "board_name", "board_version",
		    "board_serial" },
		{ "chassis", "device", "chassis_vendor", "chassis_type", "chassis_version",
		    "chassis_serial" },
		{ "bios", "firmware", "bios_vendor", NULL, "bios_version", NULL },
	};
	struct device d;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
		name_device(&d, parts[i].class, "");
		root_line(r, DMI, parts[i].maker, d.maker);
		root_line(r, DMI, parts[i].version, d.version);
		if (parts[i].serial != NULL)
			root_line(r, DMI, parts[i].serial, d.serial);
		if (parts[i].name == NULL) {
			(void)snprintf(d.name, sizeof(d.name), "BIOS");
			root_line(r, DMI, "bios_date", d.description);
		} else {
			root_line(r, DMI, parts[i].name, d.name);
		}
		/* Software without a version is none that could be compared. */
		if (*d.name != '\0' && (parts[i].name != NULL || *d.version != '\0'))
			e = add(p, parts[i].kind, &d, f);
	}
	return e;
}

static enum err
add_pci(const struct root *r, const char *directory, const char *slot, struct passport *p,
    struct fault *f)
{
	char vendor[ROOT_LINE], device[ROOT_LINE], class[ROOT_LINE], revision[ROOT_LINE];
	struct device d;

	name_device(&d, "pci", slot);
	root_line(r, directory, "vendor", vendor);
	root_line(r, directory, "device", device);
	root_line(r, directory, "class", class);
	root_line(r, directory, "revision", revision);
	if (strlen(vendor) != 6 || strlen(device) != 6)
		return OK;
	(void)snprintf(d.name, sizeof(d.name), "PCI %.4s:%.4s", vendor + 2, device + 2);
	(void)snprintf(d.version, sizeof(d.version), "%.200s",
	    strncmp(revision, "0x", 2) == 0 ? revision + 2 : revision);
	if (*class != '\0')
		(void)snprintf(d.description, sizeof(d.description), "class %.200s", class);
	return add(p, "device", &d, f);
}

static enum err
add_usb(const struct root *r, const char *directory, const char *slot, struct passport *p,
    struct fault *f)
{
	char vendor[ROOT_LINE], product[ROOT_LINE];
	struct device d;

	name_device(&d, "usb", slot);
	root_line(r, directory, "idVendor", vendor);
	root_line(r, directory, "idProduct", product);
	if (*vendor == '\0' || *product == '\0')	/* an interface */
		return OK;
	root_line(r, directory, "product", d.name);
	if (*d.name == '\0')
		(void)snprintf(d.name, sizeof(d.name), "USB %.10s:%.10s", vendor, product);
	(void)snprintf(d.description, sizeof(d.description), "USB %.10s:%.10s", vendor, product);
	root_line(r, directory, "bcdDevice", d.version);
	root_line(r, directory, "manufacturer", d.maker);
	root_line(r, directory, "serial", d.serial);
	return add(p, "device", &d, f);
}

static enum err
add_disk(const struct root *r, const char *directory, const char *slot, struct passport *p,
    struct fault *f)
{
	char device[1024], sectors[ROOT_LINE], size[SIZE_TEXT];
	unsigned long long n = 0;
	struct device d;
	int fd;

	name_device(&d, "disk", slot);
	(void)snprintf(device, sizeof(device), "%s/device", directory);
	if ((fd = root_file(r, device, O_PATH)) == -1)	/* nothing but software */
		return OK;
	(void)close(fd);
	root_line(r, device, "model", d.name);
	root_line(r, device, "vendor", d.maker);
	if (strncmp(d.maker, "0x", 2) == 0)	/* a number of its bus */
		*d.maker = '\0';
	root_line(r, device, "rev", d.version);
	if (*d.version == '\0')
		root_line(r, device, "firmware_rev", d.version);
	root_line(r, device, "serial", d.serial);
	if (*d.serial == '\0')
		root_line(r, directory, "serial", d.serial);
	if (*d.name == '\0')
		(void)snprintf(d.name, sizeof(d.name), "disk");
	root_line(r, directory, "size", sectors);
	if (sscanf(sectors, "%20llu", &n) == 1 && n > 0)
		(void)snprintf(d.description, sizeof(d.description), "%s",
		    size_print((uint64_t)n * 512, size));
	return add(p, "device", &d, f);
}

enum err
hardware_add(const struct root *r, struct passport *p, struct fault *f)
{
	static const struct {
		const char *path;
		enum err (*add)(const struct root *r, const char *directory, const char *slot,
		    struct passport *p, struct fault *f);
	} buses[] = {
		{ "sys/bus/pci/devices", add_pci },
		{ "sys/bus/usb/devices", add_usb },
		{ "sys/block", add_disk },
	};
	char directory[1024];
	enum err e = add_machine(r, p, f);

	for (size_t i = 0; e == OK && i < sizeof(buses) / sizeof(buses[0]); i++) {
		struct root_names names;

		if ((e = root_list(r, buses[i].path, &names, f)) != OK)
			return e;
		for (size_t k = 0; e == OK && k < names.count; k++) {
			(void)snprintf(directory, sizeof(directory), "%s/%s", buses[i].path,
			    names.name[k]->d_name);
			e = buses[i].add(r, directory, names.name[k]->d_name, p, f);
		}
		root_list_free(&names);
	}
	return e;
}
