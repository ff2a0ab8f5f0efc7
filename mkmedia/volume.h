/*
 * volume: the ISO volume of one volume of a consignment: README.TXT, trust, news, the description
 * of every release, and its share of the payload.  SPEC, "ISO volume" and "Sets".
 */
#ifndef MKMEDIA_VOLUME_H
#define MKMEDIA_VOLUME_H

#include "mkmedia/consignment.h"
#include "mkmedia/image.h"

/* Which files are held against SHA256SUMS while they are read. */
enum volume_check {
	VOLUME_NONE,	/* the whole image is held against something else, or nobody gets it */
	VOLUME_CUT,	/* those of which nobody ever sees all on one volume */
	VOLUME_ALL,
};

struct volume {
	struct image *image;
	struct image_piece piece[2];	/* of cut files; the image refers to them */
	size_t pieces;
};

/*
 * volume_fill(v, c, s, check, f):
 * Everything that volume ${s}->volume of the set of ${s} holds, as its cuts have it.  With
 * VOLUME_CUT and VOLUME_ALL the volumes of a set are filled and read in their order, each once.
 * ${c} stays until volume_free, which follows in any case.
 */
enum err volume_fill(struct volume *v, struct consignment *c, const struct seal *s,
    enum volume_check check, struct fault *f) MUST_USE;
void volume_free(struct volume *v);

/*
 * volume_write(c, s, check, fd, quiet, f):
 * The same as the image of volume ${s}->volume, not sealed, into the empty file ${fd}; fills in the
 * image members of ${s}.  ERR_CONTENTS_DIGEST: a file changed since the release was finished.
 */
enum err volume_write(struct consignment *c, struct seal *s, enum volume_check check, int fd,
    bool quiet, struct fault *f) MUST_USE;

#endif
