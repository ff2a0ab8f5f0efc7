/*
 * pipeline: the judge's end of the three processes.  SPEC, "Three processes".
 */
#ifndef VERIFY_PIPELINE_H
#define VERIFY_PIPELINE_H

#include "formats/digest.h"
#include "formats/err.h"
#include "formats/recovery.h"
#include "verify/crew.h"
#include "verify/extents.h"

struct pipeline;

/*
 * pipeline_start(out, m, device, f):
 * Start reader and parser for ${m}, before any secret is in memory.  If ${m}->kept is a file, its
 * blocks fill holes; when the medium has holes that stay, its good blocks are added there.
 * ${device} gets what the medium is, as far as is known, also with an error.  The errors of
 * medium_open; ERR_SILENT, ERR_CHILD.  On OK the caller ends with pipeline_stop, which takes NULL
 * and never waits for a process that hangs in a drive.
 */
enum err pipeline_start(struct pipeline **out, const struct crew_medium *m, struct device *device,
    struct fault *f) MUST_USE;
void pipeline_stop(struct pipeline *p);

/*
 * Copy ${len} bytes at ${offset} of the medium into ${buf}: ERR_UNREADABLE, ERR_SILENT after
 * LIMIT_SILENCE seconds without an answer, ERR_CHILD.  Before or after pipeline_stream, not within.
 */
enum err pipeline_read(struct pipeline *p, uint64_t offset, void *buf, size_t len,
    struct fault *f) MUST_USE;
/* How many bytes can be asked for now; 0 when that cannot be told.  Not within pipeline_stream. */
uint64_t pipeline_size(struct pipeline *p);
/* Bytes read from the medium so far. */
uint64_t pipeline_bytes(const struct pipeline *p);

enum entry { ENTRY_FILE, ENTRY_DIRECTORY, ENTRY_OTHER };

/* What the contents of the ISO volume are handed to.  An error ends the stream and is its result.
 */
struct pipeline_handler {
	void *arg;
	const struct recovery *recovery;	/* the image's parity; NULL: it has none */
	/* Something was repaired: the contents begin anew, what was handed out so far is void. */
	enum err (*restart)(void *arg);
	/* ${path} is ${len} bytes as the medium has them, anything but authentic. */
	enum err (*entry)(void *arg, enum entry type, const char *path, size_t len, uint64_t size);
	/* The next bytes of the last file, in our own memory; never more than its size. */
	enum err (*data)(void *arg, const void *bytes, size_t len);
	/* The last file is complete. */
	enum err (*end)(void *arg);
	/* ${done} of all blocks were looked at. */
	void (*progress)(void *arg, uint64_t done);
};

/* What the first pass found, and what became of it. */
struct pipeline_blocks {
	uint64_t good, unreadable, differ;
	uint64_t mended;	/* of the good ones, those that came from another copy */
	uint64_t mended_differ;	/* of these, those that read well here, but differ */
	uint64_t repaired;	/* of the others, those that were computed from parity */
	uint64_t lost, stripes;	/* those that could not be, and stripes they are in */
	/* of unreadable and differ, those that our own file may have, but does not give; errno */
	uint64_t failed;
	int why;
	uint64_t kept;		/* good ones that were written down, for the next copy */
	uint64_t first_bad;	/* UINT64_MAX: none */
	uint64_t worse, first_worse;	/* bad ones of a second pass that found some */
	struct extents bad;	/* those that were unreadable or differ */
};

/*
 * Read all ${blocks} blocks once, check each against ${map} (SPEC V8), hand the contents of the
 * good ones to ${h}.  At the first bad block extraction stops and the rest is only counted.  Where
 * there is parity, what is lost is computed, and a second pass checks every block again: OK if all
 * are good then.  Where there is parity enough, but no room for what it gives, or the file that it
 * was put into does not give it back, that is ERR_SPACE, ERR_IO or ERR_MEMORY, and says nothing of
 * the medium.  Otherwise ERR_BLOCK when any differ, else ERR_UNREADABLE.  A parser that lies, dies
 * or is silent is ERR_CONTENTS_FORM, or what blame.h says.
 */
enum err pipeline_stream(struct pipeline *p, const struct digest *map, uint64_t blocks,
    const struct pipeline_handler *h, struct pipeline_blocks *count, struct fault *f) MUST_USE;

#endif
