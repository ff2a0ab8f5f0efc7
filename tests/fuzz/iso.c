/*
 * The parser's own walk over an ISO volume: the bytes are those from ISO_START on.  verify/parser.c
 * is compiled in here with another world around it: blocks come from memory, what it says goes into
 * memory, and its end is a jump.  With FUZZ_MESSAGES what it says is written to that file.
 *
 * libarchive can be led in circles, which is the judge's business (it waits a minute, and then ends
 * the parser): here that takes a fifth of a second.
 */
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "verify/parser.h"
#include "verify/wire.h"

#define SAID (8 * MIB)

static uint8_t ring[RING_SIZE], said[SAID];
static struct {
	uint64_t length;		/* of the volume, in whole blocks */
	uint64_t next;			/* chunk */
	size_t used;			/* of what was said */
	bool lost;			/* it went in circles */
	struct archive *archive;
	sigjmp_buf end;
} world;

int __lsan_is_turned_off(void);

static _Noreturn void
leave(void)
{
	siglongjmp(world.end, 1);
}

static void
on_time(int number)
{
	(void)number;
	world.lost = true;
	siglongjmp(world.end, 1);
}

static void
set_time(long microseconds)
{
	const struct itimerval t = { .it_value = { 0, microseconds } };

	HOLD(setitimer(ITIMER_VIRTUAL, &t, NULL) == 0);
}

/* What libarchive holds when it is left in the middle stays lost. */
int
__lsan_is_turned_off(void)
{
	return 1;
}

static bool
hear(const void *bytes, size_t len)
{
	if (len > SAID - world.used)
		leave();	/* enough */
	memcpy(said + world.used, bytes, len);
	world.used += len;
	return true;
}

static bool
feed_next(struct feed *f)
{
	uint64_t at = world.next * CHUNK_SIZE;

	f->number = world.next++;
	f->length = at >= world.length ? 0 :
	    world.length - at < CHUNK_SIZE ? world.length - at : CHUNK_SIZE;
	return true;
}

#define _exit(status) leave()
#define atexit(fn) ((void)(fn), 0)	/* this process ends for other reasons */
#define wire_write(fd, bytes, len) hear(bytes, len)
#define wire_read(fd, f, len) feed_next(f)
#define archive_read_new() (world.archive = (archive_read_new)())
#include "verify/parser.c"

/* What an honest parser says is well formed, and of the image, whatever the image is. */
static void
check(void)
{
	struct message m;
	size_t at;
	bool ended = false;
	uint64_t released = 0;

	for (at = 0; at < world.used; at += sizeof(m) + m.length) {
		HOLD(world.used - at >= sizeof(m) && !ended);
		memcpy(&m, said + at, sizeof(m));
		HOLD(m.length <= WIRE_PATH && m.length <= world.used - at - sizeof(m));
		switch (m.type) {
		case MESSAGE_FILE:
			HOLD(m.a <= INT64_MAX);
			break;
		case MESSAGE_DIRECTORY:
		case MESSAGE_OTHER:
			break;
		case MESSAGE_SPAN:
			HOLD(m.a <= world.length && m.b <= world.length - m.a);
			HOLD(m.a / CHUNK_SIZE == released);
			break;
		case MESSAGE_BEGIN:
			HOLD(at == 0);
			break;
		case MESSAGE_RELEASE:
			HOLD(m.a == released++);
			break;
		case MESSAGE_FAIL:
		case MESSAGE_END:
			ended = true;
			break;
		default:
			HOLD(m.type == MESSAGE_END);
		}
	}
}

static void
write_down(void)
{
	const char *path = getenv("FUZZ_MESSAGES");
	FILE *f = path == NULL ? NULL : fopen(path, "w");

	if (f == NULL)
		return;
	HOLD(fwrite(said, 1, world.used, f) == world.used);
	(void)fclose(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct parser p = { -1, -1, ring };
	static uint64_t dirty;

	if (size > RING_SIZE - ISO_START)
		return 0;
	memset(ring, 0, dirty);
	if (size > 0)
		memcpy(ring + ISO_START, data, size);
	world.length = (ISO_START + size + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
	dirty = world.length;
	world.next = world.used = 0;
	world.lost = false;
	(void)signal(SIGVTALRM, on_time);
	if (sigsetjmp(world.end, 1) == 0) {
		set_time(200000);
		parser_run(&p);
	}
	set_time(0);
	if (!world.lost)
		(void)archive_read_free(world.archive);
	check();
	write_down();
	return 0;
}
