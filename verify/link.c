/*
 * link: see link.h.
 */
#include "verify/link.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "verify/clock.h"

static enum err
wait_until(struct pollfd *fds, nfds_t n, uint64_t until)
{
	int left, rc;

	do {
		if ((left = clock_left(until)) == 0)
			return ERR_SILENT;
		rc = poll(fds, n, left);
	} while (rc == -1 && errno == EINTR);
	if (rc == 0)
		return ERR_SILENT;
	return rc == -1 ? ERR_CHILD : OK;
}

enum err
link_wait(struct pollfd *fds, nfds_t n, uint64_t *left)
{
	const uint64_t start = clock_ms();
	enum err e = wait_until(fds, n, start + *left);
	const uint64_t took = clock_ms() - start;

	*left -= took < *left ? took : *left;
	return e;
}

/* All ${len} bytes of what the reader says, until then. */
static enum err
hear(const struct link *l, void *to, size_t len, uint64_t until)
{
	struct pollfd fd = { .fd = l->crew.report, .events = POLLIN };
	size_t have = 0;
	ssize_t n;
	enum err e;

	while (have < len) {
		if ((e = wait_until(&fd, 1, until)) != OK)
			return e;
		n = read(l->crew.report, (uint8_t *)to + have, len - have);
		if (n == 0 || (n == -1 && errno != EINTR))
			return ERR_CHILD;
		have += n == -1 ? 0 : (size_t)n;
	}
	return OK;
}

enum err
link_report(struct link *l, uint64_t steps, struct report *r)
{
	uint64_t silence, answer = clock_in(LIMIT_ANSWER), step = 0;
	enum err e;

	do {
		silence = clock_in(LIMIT_SILENCE);
		if ((e = hear(l, r, sizeof(*r), silence < answer ? silence : answer)) != OK)
			return e;
		if (r->kind == REPORT_ALIVE && r->number > step && r->number <= steps) {
			step = r->number;
			answer = clock_in(LIMIT_ANSWER);
		}
	} while (r->kind == REPORT_ALIVE);
	return OK;
}

bool
link_command(struct link *l, uint64_t op, uint64_t a, uint64_t b)
{
	const struct command c = { op, a, b };
	const uint64_t until = clock_in(LIMIT_SILENCE);
	struct pollfd fd = { .fd = l->crew.command, .events = POLLOUT };
	ssize_t n;

	do	/* a command goes out whole or not at all */
		n = write(fd.fd, &c, sizeof(c));
	while (n == -1 &&
	    (errno == EINTR || (errno == EAGAIN && wait_until(&fd, 1, until) == OK)));
	return n == (ssize_t)sizeof(c);
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
	struct opening o;
	enum err e = hear(l, &o, sizeof(o), clock_in(LIMIT_SILENCE));

	if (e == ERR_SILENT)
		return err_fault(f, e, "%s: it does not answer; pull it out, try another port or "
				       "drive", path);
	if (e != OK)
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

	if (!link_command(l, COMMAND_SIZE, 0, 0) || link_report(l, 0, &r) != OK ||
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
		if ((e = link_report(l, 0, &r)) != OK)
			return err_fault(f, e, "at byte %llu", (unsigned long long)offset);
		if (r.kind != REPORT_READ || r.number > n)
			return err_fault(f, ERR_CHILD, "the reader answers nonsense");
		memcpy(to, l->crew.ring, (size_t)r.number);
		memset(to + r.number, 0, n - (size_t)r.number);
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
