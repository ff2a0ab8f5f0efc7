/*
 * device_describe: a device in one line for people.  See device.h.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/name.h"
#include "verify/device.h"
#include "verify/size.h"

struct line {
	char *out;
	size_t cap, used;
	bool raw;	/* foreign text as it is */
};

static void PRINTF(2, 3)
say(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->out + l->used, l->cap - l->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->used += (size_t)n < l->cap - l->used ? (size_t)n : l->cap - l->used - 1;
}

/* ${what} before a foreign text, if there is any. */
static void
say_text(struct line *l, const char *what, const char *text)
{
	char shown[4 * LIMIT_DEVICE_TEXT + 1];

	if (text[0] != '\0')
		say(l, "%s%s", what,
		    l->raw ? text : name_show(shown, sizeof(shown), text));
}

static void
say_size(struct line *l, uint64_t size)
{
	const uint64_t tenth = 1024 * MIB / 10;
	char text[SIZE_TEXT];

	if (size >= 10240 * MIB)
		say(l, ", %" PRIu64 ".%" PRIu64 " GiB", size / tenth / 10, size / tenth % 10);
	else if (size > 0)
		say(l, ", %s", size_print(size, text));
}

/* On its case is mostly what it says on USB; of an optical drive that may be the adapter's name. */
static void
say_maker(struct line *l, const struct device *d)
{
	bool usb = d->manufacturer[0] != '\0' || d->model[0] != '\0';
	bool scsi = d->scsi_vendor[0] != '\0' || d->scsi_model[0] != '\0';

	if (usb && !(scsi && d->kind == DEVICE_DISC)) {
		say_text(l, " ", d->manufacturer);
		say_text(l, " ", d->model);
	} else {
		say_text(l, " ", d->scsi_vendor);
		say_text(l, " ", d->scsi_model);
	}
	if (d->is_usb)
		say(l, " (%04x:%04x)", d->vendor, d->product);
}

/* MMC-6, table 94. */
static const char *
disc_name(uint16_t profile)
{
	static const struct { uint16_t profile; const char *name; } names[] = {
		{ 0x08, "CD-ROM" }, { 0x09, "CD-R" }, { 0x0a, "CD-RW" }, { 0x10, "DVD-ROM" },
		{ 0x11, "DVD-R" }, { 0x12, "DVD-RAM" }, { 0x13, "DVD-RW" }, { 0x14, "DVD-RW" },
		{ 0x15, "DVD-R DL" }, { 0x16, "DVD-R DL" }, { 0x1a, "DVD+RW" }, { 0x1b, "DVD+R" },
		{ 0x2a, "DVD+RW DL" }, { 0x2b, "DVD+R DL" }, { 0x40, "BD-ROM" }, { 0x41, "BD-R" },
		{ 0x42, "BD-R" }, { 0x43, "BD-RE" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].profile == profile)
			return names[i].name;
	return "a disc";
}

static void
say_disc(struct line *l, const struct device *d)
{
	static const char *const states[] = {
		[DISC_UNKNOWN] = "", [DISC_BLANK] = ", blank", [DISC_APPENDABLE] = ", not closed",
		[DISC_CLOSED] = ", closed",
	};

	say(l, "%s%s", disc_name(d->profile), states[d->disc]);
	if (d->sessions > 0)
		say(l, ", %u session%s", d->sessions, d->sessions == 1 ? "" : "s");
	say_size(l, d->size);
	say(l, ", in %s", d->name);
	say_maker(l, d);
}

static char *
describe(const struct device *d, char *out, size_t cap, bool raw)
{
	struct line l = { out, cap, 0, raw };

	if (cap == 0)
		return out;
	out[0] = '\0';
	if (d->kind == DEVICE_FILE) {
		say(&l, "an image file");
	} else if (d->kind == DEVICE_DISC) {
		say_disc(&l, d);
	} else {
		if (d->partition)
			say(&l, "a partition (%s) of ", d->name);
		if (d->is_usb) {
			say(&l, d->removable ? "USB stick" : "USB disk");
			say_maker(&l, d);
			say(&l, d->serial[0] == '\0' ? ", without a serial number" : ", serial ");
			say_text(&l, "", d->serial);
		} else {
			say(&l, d->partition ? "a disk" : "the disk %s", d->name);
			say_maker(&l, d);
		}
		say_size(&l, d->size);
	}
	return out;
}

char *
device_describe(const struct device *d, char *out, size_t cap)
{
	return describe(d, out, cap, false);
}

char *
device_describe_raw(const struct device *d, char *out, size_t cap)
{
	return describe(d, out, cap, true);
}
