/*
 * device: see device.h.  The rules; the facts come from a device_source.
 */
#include "verify/device.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/name.h"

#define CLASS_MASS_STORAGE 0x08
#define SERIAL_DIGITS 12u	/* USB Mass Storage Class, Bulk-Only Transport 1.0, 4.1.1 */

enum err
device_look(struct device *out, int fd, const struct device_source *source, struct fault *f)
{
	enum err e;

	memset(out, 0, sizeof(*out));
	e = source->block(out, fd, f);
	if (e != OK || out->kind == DEVICE_FILE)
		return e;
	e = source->usb(out, f);
	if (e == OK)
		e = source->scsi(out, fd, f);
	if (e == OK && out->kind == DEVICE_DISC)
		e = source->disc(out, fd, f);
	return e;
}

/* What people call it.  https://www.usb.org/defined-class-codes */
static const char *
class_name(uint8_t class)
{
	static const struct { uint8_t class; const char *name; } names[] = {
		{ 0x01, "audio" }, { 0x02, "a modem or network" },
		{ 0x03, "a keyboard, mouse or other input" }, { 0x06, "a camera" },
		{ 0x07, "a printer" }, { 0x09, "a hub" }, { 0x0a, "a modem or network" },
		{ 0x0b, "a smart card" }, { 0x0e, "video" }, { 0xe0, "wireless" },
		{ 0xff, "of its vendor's own kind" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].class == class)
			return names[i].name;
	return "of another kind";
}

static enum err
check_interfaces(const struct device *d, struct fault *f)
{
	const struct device_interface *i;
	uint32_t n;

	for (n = 0; n < d->interface_count; n++) {
		i = &d->interface[n];
		if (i->class != CLASS_MASS_STORAGE)
			return err_fault(f, ERR_INTERFACE,
			    "%s: interface %u of configuration %u is %s (class %02x/%02x/%02x)",
			    d->name, i->number, i->configuration, class_name(i->class), i->class,
			    i->subclass, i->protocol);
	}
	if (d->interface_count == 0 || d->interfaces_cut)
		return err_fault(f, ERR_INTERFACE,
		    "%s: its USB interfaces could not all be told", d->name);
	return OK;
}

enum err
device_check(const struct device *d, struct fault *f)
{
	if (d->is_usb || d->kind == DEVICE_STICK) {
		enum err e = check_interfaces(d, f);

		if (e != OK)
			return e;
	}
	if (d->kind != DEVICE_DISC)
		return OK;
	if (d->disc == DISC_BLANK)
		return err_fault(f, ERR_NOT_SEALED, "%s: the disc is blank", d->name);
	if (d->disc == DISC_APPENDABLE)
		return err_fault(f, ERR_DISC_OPEN, "the disc in %s", d->name);
	if (d->sessions > 1)
		return err_fault(f, ERR_DISC_SESSIONS, "the disc in %s", d->name);
	return OK;
}

/* Do the characters follow each other as in one of the usual placeholders, wherever they begin? */
static bool
counts_up(const char *serial)
{
	static const char *const wheels[] = {
		"0123456789", "0123456789ABCDEF", "1234567890ABCDEF"
	};
	size_t i, k;

	for (i = 0; i < sizeof(wheels) / sizeof(wheels[0]); i++) {
		const char *at = strchr(wheels[i], toupper((unsigned char)serial[0]));

		for (k = 0; at != NULL && serial[k] != '\0' &&
		    toupper((unsigned char)serial[k]) == *at; k++)
			at = at[1] != '\0' ? at + 1 : wheels[i];
		if (at != NULL && serial[k] == '\0')
			return true;
	}
	return false;
}

static unsigned
distinct_characters(const char *serial)
{
	bool seen[256] = { false };
	unsigned n = 0;

	for (; *serial != '\0'; serial++) {
		n += !seen[(unsigned char)*serial];
		seen[(unsigned char)*serial] = true;
	}
	return n;
}

/* Why the serial number need not be this device's own; NULL: it may be. */
static const char *
weakness(const char *serial)
{
	if (serial[0] == '\0')
		return "it has no serial number";
	if (strlen(serial) < SERIAL_DIGITS)
		return "its serial number is shorter than the 12 digits that USB asks for";
	/* The last is that of sticks of many makes, whose makers left what the chip came with. */
	if (distinct_characters(serial) < 3 || counts_up(serial) ||
	    strcmp(serial, "AA00000000000489") == 0)
		return "its serial number is one that many devices have";
	return NULL;
}

static enum device_match
mismatch(struct fault *f, const struct device *d, const char *why)
{
	(void)err_fault(f, ERR_WRONG_DEVICE, "%s%s%s", d->name, d->name[0] == '\0' ? "" : ": ",
	    why);
	return DEVICE_MISMATCH;
}

static enum device_match
weak(struct fault *f, const struct device *d, const char *why)
{
	(void)err_fault(f, ERR_WRONG_DEVICE, "%s fits, but %s", d->name, why);
	return DEVICE_WEAK;
}

static enum device_match
compare_stick(const struct device *d, const struct seal_medium *bound, struct fault *f)
{
	char serial[4 * LIMIT_DEVICE_TEXT + 1], why[300];

	if (d->partition)
		return mismatch(f, d, "this is a partition of it at best; name the whole device");
	if (d->kind != DEVICE_STICK || !d->is_usb)
		return mismatch(f, d, d->kind == DEVICE_FILE ?
		    "the seal is bound to a USB stick, and this is a file: check the stick itself" :
		    "the seal is bound to a USB stick, and this is none");
	(void)name_show(serial, sizeof(serial), d->serial);
	why[0] = '\0';
	if (d->vendor != bound->vendor || d->product != bound->product)
		(void)snprintf(why, sizeof(why), "this is a %04x:%04x, and the seal is bound to a "
		    "%04x:%04x", d->vendor, d->product, bound->vendor, bound->product);
	else if (strcmp(serial, bound->serial) != 0)
		(void)snprintf(why, sizeof(why), "its serial number is \"%.100s\", and the seal is "
		    "bound to \"%.100s\"", serial, bound->serial);
	else if (d->size != bound->size)
		(void)snprintf(why, sizeof(why), "it has %" PRIu64 " bytes, and the seal is bound "
		    "to one of %" PRIu64, d->size, bound->size);
	if (why[0] != '\0')
		return mismatch(f, d, why);
	if (d->disputed)
		return weak(f, d, "it does not say the same twice");
	return weakness(d->serial) == NULL ? DEVICE_MATCH : weak(f, d, weakness(d->serial));
}

/* The value behind ${key}, with its length, in a list like "disc=1a2b3c4d atip=971500"; or NULL. */
static const char *
find_id(const char *list, const char *key, size_t *len)
{
	const size_t n = strlen(key);

	while (list != NULL && *list != '\0') {
		if (strncmp(list, key, n) == 0) {
			*len = strcspn(list + n, " ");
			return list + n;
		}
		list = strchr(list, ' ');
		if (list != NULL)
			list++;
	}
	return NULL;
}

/*
 * A drive tells more of a disc that is written than of a blank one, and a plain reader less than a
 * writer: only what was told both times is compared.
 */
static enum device_match
compare_disc(const struct device *d, const struct seal_medium *bound, struct fault *f)
{
	static const char *const keys[] = { "disc=", "atip=" };
	const char *mine[2], *other[2];
	size_t i, len_mine, len_other;
	bool common = false;

	if (d->kind != DEVICE_DISC)
		return mismatch(f, d, d->kind == DEVICE_FILE ?
		    "the seal is bound to a disc, and this is a file: check the disc itself" :
		    "the seal is bound to a disc, and this is none");
	for (i = 0; i < 2; i++) {
		mine[i] = find_id(d->disc_id, keys[i], &len_mine);
		other[i] = find_id(bound->disc, keys[i], &len_other);
		if (mine[i] == NULL || other[i] == NULL)
			continue;
		common = true;
		if (len_mine != len_other || memcmp(mine[i], other[i], len_mine) != 0)
			return mismatch(f, d, "the seal is bound to another disc");
	}
	if (mine[0] != NULL && other[0] != NULL)
		return DEVICE_MATCH;
	if (common)
		return weak(f, d, "all blanks of this make say the same");
	if (bound->disc[0] == '\0')
		return weak(f, d, "the seal names no single disc");
	return mismatch(f, d, "this drive does not tell which disc it is; try one that can write "
	    "discs");
}

enum device_match
device_compare(const struct device *d, const struct seal_medium *bound, struct fault *f)
{
	switch (bound->kind) {
	case SEAL_USB:
		return compare_stick(d, bound, f);
	case SEAL_DISC:
		return compare_disc(d, bound, f);
	case SEAL_UNBOUND:
	default:
		return DEVICE_MATCH;
	}
}

enum err
device_bind(const struct device *d, struct seal_medium *out,
    char serial[static 4 * LIMIT_DEVICE_TEXT + 1], struct fault *f)
{
	const size_t cap = 4 * LIMIT_DEVICE_TEXT + 1;

	*out = (struct seal_medium){ .kind = SEAL_UNBOUND, .serial = "", .disc = "" };
	if (d->kind == DEVICE_DISC) {
		out->kind = SEAL_DISC;
		out->disc = name_show(serial, cap, d->disc_id);
		return OK;
	}
	if (d->partition)
		return err_fault(f, ERR_USAGE, "%s: a partition; name the whole device", d->name);
	if (d->kind != DEVICE_STICK || !d->is_usb)
		return err_fault(f, ERR_USAGE,
		    "%s: nothing tells it from others of its kind; bind to a USB stick",
		    d->name[0] == '\0' ? "an image file" : d->name);
	if (d->size == 0 || d->size > LIMIT_INTEGER)
		return err_fault(f, ERR_USAGE, "%s: it has no size; is there a card in it?",
		    d->name);
	out->kind = SEAL_USB;
	out->vendor = d->vendor;
	out->product = d->product;
	out->serial = name_show(serial, cap, d->serial);
	out->size = d->size;
	return OK;
}
