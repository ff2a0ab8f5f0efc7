/*
 * plan: how the payload of a consignment is divided among volumes.  Arithmetic only: what a volume
 * really takes is known when it is laid out.  SPEC, "Sets".
 */
#ifndef MKMEDIA_PLAN_H
#define MKMEDIA_PLAN_H

#include "formats/seal.h"

/* No piece of a cut file is smaller, but the last one. */
#define PLAN_PIECE BLOCK_SIZE

struct plan_file {
	uint64_t size;		/* at most LIMIT_IMAGE */
	uint64_t names;		/* bytes that its name takes in the directories, about */
};

/* The payload: releases in the order of the seal, their files in the order of SHA256SUMS. */
struct plan {
	size_t count;
	struct {
		uint64_t count;			/* at least 1 */
		const struct plan_file *file;	/* line 1 of SHA256SUMS is file[0] */
	} release[LIMIT_RELEASES];
};

/*
 * plan_fill(p, from, room, used):
 * Where the next volume begins when ${room} bytes are filled from ${from} on, as far as they go: a
 * file that does not fit is cut, at the end of a sector.  The result is ${from} when nothing fits,
 * and for plan_end the end of everything.  ${used} gets how many of the bytes are taken.
 */
struct seal_cut plan_fill(const struct plan *p, struct seal_cut from, uint64_t room,
    uint64_t *used);

/* Is that behind the last file? */
bool plan_end(const struct plan *p, const struct seal_cut *at);

/*
 * What the name ${path} takes in the directories of an ISO volume with Rock Ridge, about, when it
 * comes after ${before} ("" for none): its record, and the directories that are new with it.
 */
uint64_t plan_names(const char *path, size_t len, const char *before, size_t before_len);

#endif
