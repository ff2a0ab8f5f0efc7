/*
 * device_scsi: what a SCSI device (a stick, an optical drive) answers to commands that only read
 * and that the kernel lets everybody send who may read the device.
 */
#ifndef VERIFY_DEVICE_SCSI_H
#define VERIFY_DEVICE_SCSI_H

#include "verify/device.h"

/* Vendor, model, revision, serial. */
void device_scsi_look(struct device *d, int fd);

/*
 * The disc in an optical drive: profile, state, sessions, and what names it.  ERR_NO_MEDIUM: there
 * is none.
 */
enum err device_scsi_disc(struct device *d, int fd, struct fault *f) MUST_USE;

#endif
