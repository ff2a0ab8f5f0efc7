/*
 * link: see link.h.
 */
#include "verify/link.h"

#include <errno.h>
#include <string.h>

enum err
link_wait(struct pollfd *fds, nfds_t n, unsigned seconds)
{
	int rc;

	do
		rc = poll(fds, n, (int)(seconds * 1000));
	while (rc == -1 && errno == EINTR);
	if (rc == 0)
		return ERR_SILENT;
	return rc == -1 ? ERR_CHILD : OK;
}

enum err
link_report(struct link *l, struct report *r)
{
	struct pollfd fd = { .fd = l->crew.report, .events = POLLIN };
	enum err e;

	do {
		if ((e = link_wait(&fd, 1, LIMIT_SILENCE)) != OK)
			return e;
		if (!wire_read(l->crew.report, r, sizeof(*r)))
			return ERR_CHILD;
	} while (r->kind == REPORT_ALIVE);
	return OK;
}

bool
link_command(struct link *l, uint64_t op, uint64_t a, uint64_t b)
{
	struct command c = { op, a, b };

	return wire_write(l->crew.command, &c, sizeof(c));
}

/* The reader has talked to the device: what it says is within its bounds, whatever it says. */
static void
tame(struct opening *o)
{
	struct device *d = &o->device;
	char *const text[] = { d->name, d->dispute, d->manufacturer, d->model, d->serial,
		d->scsi_vendor, d->scsi_model, d->scsi_revision, d->scsi_serial, d->disc_id,
		o->fault.at };
	const size_t size[] = { sizeof(d->name), sizeof(d->dispute), DEVICE_TEXT, DEVICE_TEXT,
		DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT, DEVICE_TEXT,
		sizeof(o->fault.at) };
	/* As bytes: what is neither 0 nor 1 is no bool that may be looked at. */
	uint8_t *const truth[] = { (uint8_t *)&d->partition, (uint8_t *)&d->read_only,
		(uint8_t *)&d->removable, (uint8_t *)&d->is_usb, (uint8_t *)&d->disputed,
		(uint8_t *)&d->interfaces_cut, (uint8_t *)&d->rewritable };
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		text[i][size[i] - 1] = '\0';
	d->kind = (unsigned)d->kind > DEVICE_OTHER ? DEVICE_OTHER : d->kind;
	d->disc = (unsigned)d->disc > DISC_CLOSED ? DISC_UNKNOWN : d->disc;
	for (i = 0; i < sizeof(truth) / sizeof(truth[0]); i++)
		*truth[i] = *truth[i] != 0;
	if (d->interface_count > LIMIT_INTERFACES) {
		d->interface_count = LIMIT_INTERFACES;
		d->interfaces_cut = true;
	}
	if ((unsigned)o->fault.err >= ERR_COUNT)
		o->fault.err = ERR_CHILD;
}

/* The reader's first words.  Until they come the medium may hang as it likes. */
static enum err
next_opening(struct link *l, const char *path, struct device *device, struct fault *f)
{
	struct pollfd fd = { .fd = l->crew.report, .events = POLLIN };
	struct opening o;
	enum err e;

	if ((e = link_wait(&fd, 1, LIMIT_SILENCE)) != OK)
		return err_fault(f, e, "%s: it does not answer; pull it out, try another port or "
				       "drive", path);
	if (!wire_read(l->crew.report, &o, sizeof(o)))
		return err_fault(f, ERR_CHILD, "%s: the reader ended", path);
	tame(&o);
	*device = o.device;
	if (o.fault.err != OK)
		return err_fault(f, o.fault.err, "%s", o.fault.at);
	return device_check(device, f);		/* the judge judges */
}

enum err
link_start(struct link *l, const struct crew_medium *m, struct device *device, struct fault *f)
{
	enum err e;

	l->bytes = 0;
	if ((e = crew_start(&l->crew, m, f)) != OK)
		return e;
	return next_opening(l, m->path, device, f);
}

void
link_stop(struct link *l)
{
	crew_stop(&l->crew);
}

uint64_t
link_size(struct link *l)
{
	struct report r;

	if (!link_command(l, COMMAND_SIZE, 0, 0) || link_report(l, &r) != OK ||
	    r.kind != REPORT_SIZE || r.number > INT64_MAX)
		return 0;
	return r.number;
}

enum err
link_read(struct link *l, uint64_t offset, void *buf, size_t len, struct fault *f)
{
	uint8_t *to = buf;
	struct report r;
	enum err e;

	while (len > 0) {
		size_t n = len < CHUNK_SIZE ? len : CHUNK_SIZE;

		if (!link_command(l, COMMAND_READ, offset, n))
			return err_fault(f, ERR_CHILD, "the reader ended");
		if ((e = link_report(l, &r)) != OK)
			return err_fault(f, e, "at byte %llu", (unsigned long long)offset);
		if (r.kind != REPORT_READ || r.number > n)
			return err_fault(f, ERR_CHILD, "the reader answers nonsense");
		memcpy(to, l->crew.ring, n);
		l->bytes += r.number;
		if (r.number < n)
			return err_fault(f, ERR_UNREADABLE, "at byte %llu",
			    (unsigned long long)(offset + r.number));
		to += n;
		offset += n;
		len -= n;
	}
	return OK;
}
