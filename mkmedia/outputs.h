/*
 * outputs: the images in the directory of -o.  Until they are done they have names that nobody
 * would ship.
 */
#ifndef MKMEDIA_OUTPUTS_H
#define MKMEDIA_OUTPUTS_H

#include "formats/limits.h"
#include "formats/time.h"

#define OUTPUTS_NAME 80
#define OUTPUTS_PATH 1200

struct outputs {
	const char *path;		/* of the directory, as it was given */
	int directory;			/* -1: not open */
	char customer[LIMIT_ID + 1];
	uint64_t number, first, count;	/* the volumes that are made */
	int64_t stamp;
	int file[LIMIT_VOLUMES];	/* of volume first + i */
	bool kept;			/* they are recorded, and stay as they are */
};

/* Open the directory ${path}, which is made if it is not there. */
enum err outputs_open(struct outputs *o, const char *path, struct fault *f) MUST_USE;
/* Close, and remove what is not kept; harmless when ${o}->directory is -1. */
void outputs_close(struct outputs *o);

/*
 * outputs_recover(o, customer, number, count, sealed_at):
 * Images of a consignment that was recorded, and so are whole and verified, get their names, when
 * the computer stopped before that.
 */
void outputs_recover(const struct outputs *o, const char *customer, uint64_t number,
    uint64_t count, struct moment sealed_at);

/* Remove what is left of tries at a number that is still free. */
void outputs_sweep(const struct outputs *o, const char *customer, uint64_t number);

/*
 * outputs_begin(o, customer, number, first, count, stamp, f):
 * Begin the images of ${count} volumes from ${first} on, as empty files.  ${stamp} tells tries
 * apart: when the consignment is sealed, or zero for a volume that is made again.  ERR_USAGE: one
 * of the names is taken.
 */
enum err outputs_begin(struct outputs *o, const char *customer, uint64_t number, uint64_t first,
    uint64_t count, struct moment stamp, struct fault *f) MUST_USE;

/* "CUSTOMER-N-I.iso". */
void outputs_name(const char *customer, uint64_t number, uint64_t volume,
    char name[static OUTPUTS_NAME]);
/* The same in the directory; and as it is called there until it is done. */
void outputs_path(const struct outputs *o, uint64_t volume, char path[static OUTPUTS_PATH]);
void outputs_partial(const struct outputs *o, uint64_t volume, char path[static OUTPUTS_PATH]);
/* "CUSTOMER-N.KIND.txt" in the same directory. */
void outputs_paper(const struct outputs *o, const char *kind, char path[static OUTPUTS_PATH]);

/* Bring all to the disk. */
enum err outputs_sync(const struct outputs *o, struct fault *f) MUST_USE;
/* Give all their names. */
enum err outputs_publish(const struct outputs *o, struct fault *f) MUST_USE;

#endif
