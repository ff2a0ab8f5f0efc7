/*
 * device_machine: the source of facts that is this computer.  See device.h.
 */
#include <linux/fs.h>
#undef BLOCK_SIZE	/* limits.h has another */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify/device.h"
#include "verify/device_scsi.h"
#include "verify/device_sysfs.h"
#include "verify/device_usb.h"

static enum err
look_at_block(struct device *d, int fd, struct fault *f)
{
	uint64_t size;
	struct stat st;
	int read_only;
	enum err e;

	if (fstat(fd, &st) == -1)
		return err_fault(f, err_errno(), "what is opened");
	if (S_ISREG(st.st_mode)) {
		d->kind = DEVICE_FILE;
		d->size = (uint64_t)st.st_size;
		return OK;
	}
	if (!S_ISBLK(st.st_mode))
		return err_fault(f, ERR_USAGE, "neither an image file nor a block device");
	e = device_sysfs_block(d, st.st_rdev, f);
	/* The kernel's answers at the descriptor are about what will be read through it. */
	if (ioctl(fd, BLKGETSIZE64, &size) == 0)
		d->size = size;
	if (ioctl(fd, BLKROGET, &read_only) == 0)
		d->read_only = read_only != 0;
	return e;
}

static enum err
look_at_scsi(struct device *d, int fd, struct fault *f)
{
	(void)f;
	device_scsi_look(d, fd);
	return OK;
}

const struct device_source device_machine = {
	.block = look_at_block,
	.usb = device_usb_look,
	.scsi = look_at_scsi,
	.disc = device_scsi_disc,
};
