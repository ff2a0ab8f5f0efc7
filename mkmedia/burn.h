/*
 * burn: an image onto a disc, by running xorriso.  SPEC, "Writing media".
 */
#ifndef MKMEDIA_BURN_H
#define MKMEDIA_BURN_H

#include "mkmedia/writer.h"

/*
 * Burn the image as the one session of the disc in ${drive}, and close the disc.  What can be
 * blanked is blanked; a disc that can be written once must be blank.  ${drive} may be "stdio:FILE",
 * xorriso's imitation of a drive.  ERR_CHILD: xorriso cannot be run; ERR_IO: it failed, and ${f}
 * has what it said; the image's own errors.
 */
enum err burn_image(const struct writer_image *im, const char *drive, struct progress *progress,
    struct fault *f) MUST_USE;

/*
 * Open the tray of ${drive} and close it again, so that the kernel learns what is on the disc now,
 * and wait until it is ready, ${seconds} at most.  ERR_NO_MEDIUM: the tray has to be pushed in by
 * hand.
 */
enum err burn_reload(const char *drive, unsigned int seconds, struct fault *f) MUST_USE;

#endif
