/*
 * The judge's end of the three processes, and the contents that it is told of.  verify/crew.c is
 * replaced: reader and parser are pipes into which the bytes were written before.
 *
 * The bytes: flags (OWN_*), chunks, u16 length of what the reader says, that, what the parser says.
 * The ring holds the image of the material, again and again.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/material.h"
#include "verify/contents.h"
#include "verify/wire.h"

enum {
	OWN_REPORTS = 1,	/* the reader says what the bytes say; else: all blocks are good */
	OWN_OPENING = 2,	/* also first of all */
	OWN_PARITY = 4,		/* there is parity: a second pass may come */
};
#define CAPACITY 65000u		/* of a pipe */
#define HEAD 4u

static struct material material;
static uint8_t *ring;
static struct {
	uint8_t flags;
	uint64_t chunks, blocks;
	const uint8_t *reports, *messages;
	size_t reports_len, messages_len;
	int drain;		/* the reader's end of the commands: never read */
} input;

/* ---- in place of verify/crew.c ---- */

static int
pipe_with(const void *bytes, size_t len)
{
	int ends[2];

	HOLD(pipe2(ends, O_CLOEXEC) == 0);
	HOLD(write(ends[1], bytes, len) == (ssize_t)len);
	(void)close(ends[1]);
	return ends[0];
}

static int
reports(void)
{
	static uint8_t all[2 * CAPACITY];
	struct opening o = { .device = { .kind = DEVICE_FILE, .size = material.size } };
	size_t len = 0;

	if ((input.flags & OWN_OPENING) == 0) {
		memcpy(all, &o, sizeof(o));
		len = sizeof(o);
	}
	if ((input.flags & OWN_REPORTS) != 0) {
		if (input.reports_len > 0)
			memcpy(all + len, input.reports, input.reports_len);
		len += input.reports_len;
	}
	for (uint64_t i = 0; (input.flags & OWN_REPORTS) == 0 && i < input.chunks; i++) {
		struct report r = { .kind = REPORT_CHUNK, .number = i, .good = CHUNK_BLOCKS };

		if (i == input.chunks - 1 && input.blocks % CHUNK_BLOCKS != 0)
			r.good = (uint32_t)(input.blocks % CHUNK_BLOCKS);
		memcpy(all + len, &r, sizeof(r));
		len += sizeof(r);
	}
	return pipe_with(all, len < CAPACITY ? len : CAPACITY);
}

enum err
crew_start(struct crew *c, const struct crew_medium *m, struct fault *f)
{
	int ends[2];

	(void)m, (void)f;
	HOLD(pipe2(ends, O_CLOEXEC) == 0);
	input.drain = ends[0];
	*c = (struct crew){ .reader = -1, .parser = -1, .spare = -1, .command = ends[1],
	    .report = reports(), .message = pipe_with(input.messages, input.messages_len),
	    .spare_message = pipe_with(input.messages, input.messages_len),
	    .map = memfd_create("map", MFD_CLOEXEC | MFD_ALLOW_SEALING), .ring = ring };
	HOLD(c->map != -1);
	return OK;
}

void
crew_stop(struct crew *c)
{
	(void)close(c->command);
	(void)close(c->report);
	(void)close(c->message);
	if (c->spare_message != -1)
		(void)close(c->spare_message);
	(void)close(c->map);
	(void)close(input.drain);
}

void
crew_change_parser(struct crew *c)
{
	(void)close(c->message);
	c->message = c->spare_message;
	c->spare_message = -1;
}

enum err
crew_died(struct crew *c, bool begun)
{
	(void)c;
	return begun ? ERR_CONTENTS_FORM : ERR_CHILD;
}

uint64_t
crew_parser_time(const struct crew *c)
{
	(void)c;
	return 0;
}

/* ---- what comes out ---- */

struct watch {
	struct contents *contents;
	struct judgement *j;
	bool in_file;
	uint64_t size, got, files, sunk;
};

static enum err
on_entry(void *arg, enum entry type, const char *path, size_t len, uint64_t size)
{
	struct watch *w = arg;

	HOLD(!w->in_file && len <= WIRE_PATH);
	w->in_file = type == ENTRY_FILE;
	w->size = size;
	w->got = 0;
	w->files += w->in_file;
	return contents_entry(w->contents, type, path, len, size);
}

static enum err
on_data(void *arg, const void *bytes, size_t len)
{
	struct watch *w = arg;

	HOLD(w->in_file && len <= w->size - w->got);
	w->got += len;
	return contents_data(w->contents, bytes, len);
}

static enum err
on_end(void *arg)
{
	struct watch *w = arg;

	HOLD(w->in_file && w->got == w->size);
	w->in_file = false;
	return contents_end(w->contents);
}

static struct judge_sink sink;

static enum err
on_restart(void *arg)
{
	struct watch *w = arg;

	w->in_file = false;
	contents_free(w->contents);
	return contents_new(&w->contents, w->j, &sink);
}

/* A path goes into the stage as it is: never out of it. */
static enum err
sink_open(void *arg, const char *path, uint64_t size)
{
	(void)arg, (void)size;
	HOLD(strncmp(path, "RELEASES/", 9) == 0 && strstr(path, "/../") == NULL);
	HOLD(strlen(path) > 9 && path[strlen(path) - 1] != '/' && strstr(path, "//") == NULL);
	return OK;
}

static enum err
sink_write(void *arg, const void *bytes, size_t len)
{
	(void)bytes;
	((struct watch *)arg)->sunk += len;
	return OK;
}

static enum err
sink_done(void *arg)
{
	(void)arg;
	return OK;
}

static enum err
sink_executable(void *arg, const char *path)
{
	return sink_open(arg, path, 0);
}

/* ---- */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t at, n;

	(void)argc, (void)argv;
	(void)signal(SIGPIPE, SIG_IGN);
	material = material_load();
	ring = malloc(RING_SIZE);
	HOLD(ring != NULL);
	for (at = 0; at < RING_SIZE; at += n) {
		n = material.size < RING_SIZE - at ? material.size : RING_SIZE - at;
		memcpy(ring + at, material.image, n);
	}
	memset(ring + SEAL_OFFSET, 0, SEAL_SIZE);
	return 0;
}

static bool
take_input(const uint8_t *data, size_t size)
{
	if (size < HEAD || size > CAPACITY - sizeof(struct opening))
		return false;
	input.flags = data[0];
	input.chunks = data[1] % 64 + 1u;
	input.blocks = input.chunks * CHUNK_BLOCKS - data[1] % 16;
	if (data[1] == 0)
		input.blocks = material.seal->blocks;
	input.chunks = (input.blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
	input.reports_len = (size_t)(data[2] | data[3] << 8);
	if (input.reports_len > size - HEAD)
		input.reports_len = size - HEAD;
	input.reports = data + HEAD;
	input.messages = input.reports + input.reports_len;
	input.messages_len = size - HEAD - input.reports_len;
	return true;
}

static void
stream(struct pipeline *p, const struct device *d)
{
	static struct digest map[64 * CHUNK_BLOCKS];
	struct recovery r = { .data = input.blocks, .stripes = 1, .parity = 1 };
	struct judgement j = { .device = *d, .header = material.header, .chain = material.chain,
	    .image_versions = material.chain->count, .trust = trust_chain_newest(material.chain),
	    .seal = material.seal };
	struct watch w = { .j = &j };
	const struct pipeline_handler h = { .arg = &w,
	    .recovery = (input.flags & OWN_PARITY) != 0 ? &r : NULL, .restart = on_restart,
	    .entry = on_entry, .data = on_data, .end = on_end };
	struct pipeline_blocks count;
	enum err e;

	sink = (struct judge_sink){ .arg = &w, .open = sink_open, .write = sink_write,
	    .close = sink_done, .restart = sink_done, .executable = sink_executable };
	HOLD(contents_new(&w.contents, &j, &sink) == OK);
	e = pipeline_stream(p, map, input.blocks, &h, &count, &j.fault);
	if (e == OK) {
		HOLD(!w.in_file);
		HOLD((input.flags & OWN_REPORTS) != 0 || count.good == input.blocks);
		e = contents_check(w.contents);
		/* The three files of seeds.sh, and nothing more. */
		if (e == OK)
			HOLD(j.files == 3 && j.payload == 14 && w.files == 7);
	} else {
		HOLD(j.fault.err != OK || e < ERR_COUNT);
	}
	contents_free(w.contents);
	for (size_t i = 0; i < LIMIT_RELEASES; i++)
		release_free(j.release[i].release);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crew_medium m = { .path = "medium", .kept = -1 };
	struct pipeline *p;
	struct device d;
	struct fault f;

	if (!take_input(data, size))
		return 0;
	if ((input.flags & OWN_PARITY) != 0)
		m.kept = 0;	/* only asked whether it is there */
	if (pipeline_start(&p, &m, &d, &f) != OK)
		return 0;
	stream(p, &d);
	pipeline_stop(p);
	return 0;
}
