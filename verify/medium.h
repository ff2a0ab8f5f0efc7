/*
 * medium: an image file or a block device, opened for reading and never mounted.  SPEC V1.
 */
#ifndef VERIFY_MEDIUM_H
#define VERIFY_MEDIUM_H

#include "formats/err.h"
#include "verify/device.h"

struct medium {
	int fd;			/* -1: not open */
	struct device device;	/* what it is; its size is what can be asked for */
};

/*
 * medium_open(m, path, source, f):
 * Open ${path} and learn what it is from ${source}, in this order, so that nothing is read from a
 * device that is refused for what it is:
 *   ERR_USAGE      neither a regular file nor a block device, or not there
 *   ERR_DENIED     this user may not read it
 *   ERR_NO_MEDIUM  a drive without a disc, a reader without a card
 *   the errors of device_check; ${m}->device is filled in then
 * A disc that was just changed answers the first questions with errors: it is opened again, for two
 * seconds.
 * It hangs as long as the device does: call it where that harms nobody.  In any case the caller
 * ends with medium_close.
 */
enum err medium_open(struct medium *m, const char *path, const struct device_source *source,
    struct fault *f) MUST_USE;
void medium_close(struct medium *m);

#endif
