/*
 * device_descriptors: see device_descriptors.h.
 */
#include "verify/device_descriptors.h"

#include <string.h>

/* bDescriptorType, and the least bLength of each.  USB 2.0, tables 9-5, 9-8, 9-10, 9-12. */
enum {
	TYPE_DEVICE = 1, TYPE_CONFIGURATION = 2, TYPE_STRING = 3, TYPE_INTERFACE = 4,
	LENGTH_DEVICE = 18, LENGTH_CONFIGURATION = 9, LENGTH_INTERFACE = 9,
};

struct cursor {
	const uint8_t *p;
	size_t left;
};

static uint16_t
little(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/* The next descriptor, whole; NULL if there is none. */
static const uint8_t *
next(struct cursor *c)
{
	const uint8_t *p = c->p;

	if (c->left < 2 || p[0] < 2 || p[0] > c->left)
		return NULL;
	c->p += p[0];
	c->left -= p[0];
	return p;
}

void
device_descriptors_add(struct device *d, const struct device_interface *i)
{
	if (d->interface_count == LIMIT_INTERFACES)
		d->interfaces_cut = true;
	else
		d->interface[d->interface_count++] = *i;
}

/* All that follows the head ${head} of a configuration; false if it is not as the head says. */
static bool
parse_interfaces(struct device *d, const uint8_t *head, struct cursor c)
{
	bool seen[256] = { false };
	unsigned distinct = 0;
	const uint8_t *p;

	while (c.left > 0) {
		p = next(&c);
		/* A head in here: the length of a configuration is a lie. */
		if (p == NULL || p[1] == TYPE_DEVICE || p[1] == TYPE_CONFIGURATION)
			return false;
		if (p[1] != TYPE_INTERFACE)
			continue;
		if (p[0] < LENGTH_INTERFACE)
			return false;
		device_descriptors_add(d, &(struct device_interface){ .configuration = head[5],
		    .number = p[2], .alternate = p[3], .class = p[5], .subclass = p[6],
		    .protocol = p[7] });
		distinct += !seen[p[2]];
		seen[p[2]] = true;
	}
	return distinct == head[4];
}

static bool
parse_configuration(struct device *d, struct cursor *c)
{
	const uint8_t *p = next(c);
	struct cursor inside;

	if (p == NULL || p[0] < LENGTH_CONFIGURATION || p[1] != TYPE_CONFIGURATION)
		return false;
	inside.p = c->p;
	if (little(p + 2) < p[0] || (size_t)(little(p + 2) - p[0]) > c->left)
		return false;
	inside.left = (size_t)(little(p + 2) - p[0]);
	c->p += inside.left;
	c->left -= inside.left;
	return parse_interfaces(d, p, inside);
}

static bool
parse_device(struct device *d, struct cursor c)
{
	const uint8_t *p = next(&c);
	unsigned i;

	if (p == NULL || p[0] != LENGTH_DEVICE || p[1] != TYPE_DEVICE)
		return false;
	d->vendor = little(p + 8);
	d->product = little(p + 10);
	for (i = 0; i < p[17]; i++)
		if (!parse_configuration(d, &c))
			return false;
	return p[17] > 0 && c.left == 0;
}

void
device_descriptors_parse(struct device *d, const uint8_t *raw, size_t len)
{
	d->interface_count = 0;
	d->interfaces_cut = false;
	if (!parse_device(d, (struct cursor){ raw, len }))
		d->interfaces_cut = true;
}

static size_t
put_utf8(uint8_t out[static 4], uint32_t point)
{
	if (point < 0x80 && point != 0) {
		out[0] = (uint8_t)point;
		return 1;
	}
	if (point < 0x800) {	/* NUL too: C0 80 is not UTF-8, and does not end a string */
		out[0] = (uint8_t)(0xc0 | point >> 6);
		out[1] = (uint8_t)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (uint8_t)(0xe0 | point >> 12);
		out[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | point >> 18);
	out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (point & 0x3f));
	return 4;
}

bool
device_descriptors_string(char out[static DEVICE_TEXT], const uint8_t *raw, size_t len)
{
	uint8_t piece[4];
	size_t i, n, used = 0;
	uint32_t point;

	out[0] = '\0';
	if (len < 2 || raw[0] < 2 || raw[1] != TYPE_STRING)
		return false;
	if (len > raw[0])	/* junk behind it is common; shorter than it says is too */
		len = raw[0];
	for (i = 2; i + 1 < len; i += 2) {
		point = little(raw + i);
		if (point >> 10 == 0x36 && i + 3 < len && little(raw + i + 2) >> 10 == 0x37) {
			point = 0x10000 + ((point & 0x3ff) << 10 | (little(raw + i + 2) & 0x3ff));
			i += 2;
		}
		n = put_utf8(piece, point);
		for (size_t k = 0; k < n && used < LIMIT_DEVICE_TEXT; k++)
			out[used++] = (char)piece[k];
	}
	out[used] = '\0';
	return true;
}
