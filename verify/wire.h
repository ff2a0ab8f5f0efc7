/*
 * wire: what the reader, the parser and the judge say to each other.  SPEC, "Three processes".
 *
 *	judge  --command-->  reader  --report-->  judge		(numbers only)
 *			     reader  --feed---->  parser	(numbers only)
 *	judge  <--message--  parser				(numbers, paths)
 *
 * The bytes of the medium lie in one ring of RING_SIZE that only the reader can write.
 */
#ifndef VERIFY_WIRE_H
#define VERIFY_WIRE_H

#include "formats/err.h"
#include "formats/limits.h"
#include "verify/device.h"

#define RING_SLOTS (RING_SIZE / CHUNK_SIZE)
#define CHUNK_BLOCKS (CHUNK_SIZE / BLOCK_SIZE)

/* The reader's first words: could it open the medium, and what is it? */
struct opening {
	struct fault fault;
	struct device device;
};

enum { COMMAND_READ = 1, COMMAND_STREAM, COMMAND_CREDIT, COMMAND_KEEP,
    COMMAND_SIZE, COMMAND_REPAIR };
struct command {
	uint64_t op;
	/* READ: offset; STREAM: blocks; CREDIT: chunks that may have been published in all;
	 * KEEP: write down what is good; REPAIR: stripes; both after a STREAM */
	uint64_t a;
	/* READ: length, at most RING_SIZE; the bytes go to the start of the ring;
	 * REPAIR: parity blocks of a stripe */
	uint64_t b;
};

enum { REPORT_READ = 1, REPORT_CHUNK, REPORT_ALIVE, REPORT_KEPT, REPORT_SIZE,
    REPORT_REPAIRED };
struct report {
	uint64_t kind;
	/* READ: bytes that could be read, from the start; CHUNK: which one, from 0;
	 * KEPT: good blocks that were written down; SIZE: bytes that can be asked for now;
	 * REPAIRED: blocks that were computed from others;
	 * ALIVE: steps of the job that are done (stripes, chunks), 0: none is */
	uint64_t number;
	uint32_t good, unreadable, differ;	/* CHUNK: blocks */
	uint32_t mended;	/* CHUNK: of the good ones, those that another copy had to give */
	uint32_t mended_differ;	/* CHUNK: of these, those that read, but differ */
	uint32_t bad;		/* CHUNK: bit i: its block i is not good */
	uint32_t lost, stripes;	/* REPAIRED: blocks that stay lost, and stripes they are in */
	/* CHUNK: bad blocks that the kept ones might have, if they could be read;
	 * REPAIRED: blocks that parity could give, but for this computer; errno of the first */
	uint32_t failed, why;
};

struct feed {
	uint64_t number;	/* chunk, from 0 */
	uint64_t length;	/* 0: that was the last one */
};

enum { MESSAGE_FILE = 1, MESSAGE_DIRECTORY, MESSAGE_OTHER, MESSAGE_SPAN, MESSAGE_RELEASE,
    MESSAGE_END, MESSAGE_FAIL, MESSAGE_BEGIN };	/* BEGIN: it is confined, and reads now */
struct message {
	uint32_t type;
	uint32_t
	    length; /* bytes of path (or of a reason, with FAIL) that follow; at most WIRE_PATH */
	uint64_t a; /* FILE: size; SPAN: offset in the image; RELEASE: chunk no longer needed */
	uint64_t b;		/* SPAN: length */
};
#define WIRE_PATH (LIMIT_PATH + 512)

/* Write or read exactly ${len} bytes; false on any failure or end of file. */
bool wire_write(int fd, const void *buf, size_t len);
bool wire_read(int fd, void *buf, size_t len);

#endif
