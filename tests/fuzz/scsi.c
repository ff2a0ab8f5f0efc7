/*
 * What a drive answers.  The bytes are its answers, one after the other: a byte with the status,
 * one with the residue, one with the length, then so many bytes, of sense or of data.
 */
#include <errno.h>
#include <linux/cdrom.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <time.h>

#include "tests/fuzz/fuzz.h"
#include "verify/device_scsi.h"

static struct {
	const uint8_t *at;
	size_t left;
} drive;

static uint8_t
next(void)
{
	if (drive.left == 0)
		return 0;
	drive.left--;
	return *drive.at++;
}

static void
fill(uint8_t *to, size_t cap, size_t n)
{
	size_t i;

	for (i = 0; i < n && drive.left > 0; i++)
		if (i < cap)
			to[i] = next();
}

static int
answer(struct sg_io_hdr *io)
{
	uint8_t status = next();
	int residue = (int8_t)next();
	size_t n = next();

	HOLD(io->interface_id == 'S' && io->dxfer_direction == SG_DXFER_FROM_DEV);
	if (status == 0xff)
		return -1;
	io->host_status = status >> 7;
	io->status = (unsigned char)(status & 2);
	fill(status & 2 ? io->sbp : io->dxferp, status & 2 ? io->mx_sb_len : io->dxfer_len, n);
	io->resid = n < io->dxfer_len ? (int)(io->dxfer_len - n) + residue : residue;
	return 0;
}

/* In place of the C library's. */
int
ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	errno = EIO;
	switch (request) {
	case SG_IO:
		return answer(arg);
	case CDROM_DRIVE_STATUS:
	case CDROM_DISC_STATUS:
		return next() - 1;
	case CDROMMULTISESSION:
		((struct cdrom_multisession *)arg)->addr.lba = next();
		return next() - 1;
	default:
		return -1;
	}
}

/* Nobody waits. */
int
nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)t, (void)left;
	return 0;
}

static void
check_text(const char *text)
{
	HOLD(memchr(text, '\0', DEVICE_TEXT) != NULL && strlen(text) <= LIMIT_DEVICE_TEXT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device d = { .kind = DEVICE_DISC, .name = "sr0" };
	char shown[300];
	struct fault f;

	drive.at = data;
	drive.left = size;
	device_scsi_look(&d, 0);
	if (device_scsi_disc(&d, 0, &f) == OK)
		(void)!device_check(&d, &f);
	check_text(d.scsi_vendor);
	check_text(d.scsi_model);
	check_text(d.scsi_revision);
	check_text(d.scsi_serial);
	check_text(d.disc_id);
	HOLD(strlen(device_describe(&d, shown, sizeof(shown))) < sizeof(shown));
	return 0;
}
