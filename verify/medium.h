/*
 * medium: an image file or a block device, opened for reading and never mounted.  SPEC V1.
 */
#ifndef VERIFY_MEDIUM_H
#define VERIFY_MEDIUM_H

#include "formats/err.h"

struct medium {
	const char *path;	/* as the caller gave it; must outlive the medium */
	int fd;
	bool device;		/* a block device; otherwise a regular file */
	uint64_t size;		/* bytes that can be asked for */
};

/*
 * Open ${path}.  Anything but a regular file or a block device is ERR_USAGE; a drive without a disc
 * is ERR_UNREADABLE.  On OK close with medium_close, which accepts a zeroed or failed medium with
 * fd -1.
 */
enum err medium_open(struct medium *m, const char *path, struct fault *f) MUST_USE;
void medium_close(struct medium *m);

#endif
