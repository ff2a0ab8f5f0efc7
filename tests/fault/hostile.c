/*
 * hostile: stands where the parser stands, in a build of ingest that must never accept a byte that
 * nobody signed for.  It knows what an honest parser would say (verify/parser.c is compiled in, and
 * what it says comes here), and makes of that whatever HOSTILE_SEED tells it to.  It is confined
 * like the parser: it can read, write, and die.  Without HOSTILE_SEED it is honest.
 *
 * The judge's patience is a second and a half here, not a minute.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

#include "verify/parser.h"
#include "verify/wire.h"

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);

int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return __real_poll(fds, n, timeout > (int)(LIMIT_PARSING * 1000) ? 1500 : timeout);
}

static bool hostile_write(int fd, const void *bytes, size_t len);

#define parser_run honest_run
#define wire_write hostile_write
_Noreturn void honest_run(const struct parser *p);
#include "verify/parser.c"
#undef wire_write
#undef parser_run

/* ---- chance ---- */

static uint64_t state;

/* splitmix64 */
static uint64_t
chance(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t
below(uint64_t n)
{
	return chance() % n;
}

/* Numbers where something changes. */
static uint64_t
odd_number(uint64_t near)
{
	static const uint64_t edges[] = { 0, 1, 2, 2047, 2048, BLOCK_SIZE, CHUNK_SIZE - 1,
		CHUNK_SIZE, CHUNK_SIZE + 1, RING_SIZE - 1, RING_SIZE, RING_SIZE + 1, UINT32_MAX,
		UINT64_C(1) << 32, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX };

	switch (below(4)) {
	case 0:
		return edges[below(sizeof(edges) / sizeof(edges[0]))];
	case 1:
		return near + below(5) - 2;
	case 2:
		return near ^ UINT64_C(1) << below(64);
	default:
		return chance() >> below(64);
	}
}

/* ---- messages ---- */

#define TEXT 9000u

struct said {
	struct message m;
	char text[TEXT];
};

static const struct parser *parser;
static int out;			/* to the judge */
static uint64_t spoken;		/* messages so far */

static void
raw(const void *bytes, size_t len)
{
	if (!wire_write(out, bytes, len))
		_exit(1);
}

/* The head as it is, and as many bytes of text as it should have, whatever it says. */
static void
say(const struct said *s, size_t text)
{
	raw(&s->m, sizeof(s->m));
	raw(s->text, text < TEXT ? text : TEXT);
}

static void
odd_path(struct said *s)
{
	static const char *const paths[] = { "", ".", "..", "/", "/etc/passwd",
		"../../ledger/checkpoint", "RELEASES", "RELEASES/", "RELEASES/R1",
		"RELEASES/R1/payload", "RELEASES/R1/payload/", "RELEASES/R1/payload/..",
		"RELEASES/R1/payload/../../../../keys/site",
		"RELEASES/R1/payload/one", "RELEASES/R1/payload//one", "RELEASES/R1/payload/one/",
		"RELEASES/R1/payload/One", "RELEASES/R1/payload/extra", "RELEASES/R1/payload/sub",
		"RELEASES/R1/payload/one/below", "RELEASES/R2/payload/one", "RELEASES/R1/release",
		"RELEASES/R1/SHA256SUMS", "RELEASES/R1/pieces/1-0000000000000000", "README.TXT",
		"TRUST/1.trust", "TRUST/2.trust", "TRUST/01.trust", "seal", "trust.chain",
		"RELEASES/R1/payload/\033[2J", "RELEASES/R1/payload/a\\b",
		"RELEASES/R1/payload/\xff" };
	size_t len = s->m.length, at;

	switch (below(6)) {
	case 0:
	case 1:
		strcpy(s->text, paths[below(sizeof(paths) / sizeof(paths[0]))]);
		s->m.length = (uint32_t)strlen(s->text);
		break;
	case 2:
		if (len > 0)
			s->text[below(len)] = (char)chance();
		break;
	case 3:
		s->m.length = len > 0 ? (uint32_t)below(len) : 0;
		break;
	case 4:
		at = below(len + 1);
		memmove(s->text + at + 3, s->text + at, len - at);
		memcpy(s->text + at, "../", 3);
		s->m.length += 3;
		break;
	default:
		memset(s->text + len, 'x', WIRE_PATH + 200 - len);
		s->m.length = (uint32_t)(WIRE_PATH + below(3) - 1);
		break;
	}
}

/* Any message. */
static void
invent(struct said *s)
{
	memset(s, 0, sizeof(*s));
	s->m.type = (uint32_t)below(9);
	s->m.a = odd_number(0);
	s->m.b = odd_number(0);
	if (below(2) == 0)
		odd_path(s);
	if (below(8) == 0)
		s->m.type = (uint32_t)chance();
}

/* One thing of it is not as it was; ${text} gets the bytes that follow. */
static void
spoil(struct said *s, size_t *text)
{
	*text = s->m.length;
	switch (below(7)) {
	case 0:
		s->m.type = (uint32_t)below(9);
		return;
	case 1:
	case 2:
		s->m.a = odd_number(s->m.a);
		return;
	case 3:
		s->m.b = odd_number(s->m.b);
		return;
	case 4:
		s->m.length = (uint32_t)odd_number(s->m.length);	/* but not the text */
		return;
	default:
		odd_path(s);
		*text = s->m.length;
		return;
	}
}

/* ---- ends ---- */

static _Noreturn void
fall_silent(void)
{
	struct feed f;

	while (wire_read(parser->feed, &f, sizeof(f)))
		;
	for (;;)	/* there is no call left to wait with */
		__asm__ volatile("pause");
}

static _Noreturn void
die(void)
{
	static const int statuses[] = { 0, 1, 2, 3, 4, 77, 255 };
	int *volatile nowhere = NULL;

	switch (below(5)) {
	case 0:
		*nowhere = 1;
		break;
	case 1:
		__builtin_trap();
	case 2:
		abort();
	case 3:
		(void)open("/etc/passwd", 0);	/* the filter's business */
		break;
	default:
		break;
	}
	_exit(statuses[below(sizeof(statuses) / sizeof(statuses[0]))]);
}

/* For ever, or until nobody listens. */
static _Noreturn void
flood(void)
{
	uint64_t kind = below(7), n;
	struct said s;

	for (n = 0;; n++) {
		memset(&s, 0, sizeof(s.m));
		switch (kind) {
		case 0:
			s.m.type = MESSAGE_SPAN;	/* of no bytes, wherever it may be */
			s.m.a = 0;
			break;
		case 1:
			s.m.type = MESSAGE_RELEASE;
			s.m.a = n;
			break;
		case 2:
			s.m.type = MESSAGE_DIRECTORY;
			strcpy(s.text, "RELEASES/R1/payload");
			break;
		case 3:
		case 4:
			s.m.type = kind == 3 ? MESSAGE_DIRECTORY : MESSAGE_FILE;
			(void)snprintf(s.text, TEXT, "RELEASES/R1/payload/%llu",
			    (unsigned long long)n);
			break;
		case 5:
			s.m.type = MESSAGE_BEGIN;
			break;
		default:
			invent(&s);
			break;
		}
		if (kind >= 2 && kind <= 4)
			s.m.length = (uint32_t)strlen(s.text);
		say(&s, s.m.length);
	}
}

/* ---- what becomes of an honest message ---- */

enum way {
	HONEST, ONE_SPOILT, MANY_SPOILT, ONE_DROPPED, ONE_TWICE, ONE_INSERTED, TWO_SWAPPED,
	SPAN_MOVED, SPAN_SPLIT, NAMES_SWAPPED, END_EARLY, DIE, SILENT, FLOOD, NOISE, INVENTED,
	ALL_TWICE, FAILS, WAYS
};

static enum way way;
static uint64_t victim;		/* which message; of spans, which span */
static uint64_t spans;

static void
move_span(struct said *s)
{
	switch (below(4)) {
	case 0:	/* other bytes of the image, as many */
		s->m.a = below(CHUNK_SIZE);
		break;
	case 1:
		s->m.a += below(2) == 0 ? 1 : SECTOR_SIZE;
		break;
	case 2:
		s->m.a += CHUNK_SIZE * below(20);
		break;
	default:
		s->m.b += below(3) - 1;
		break;
	}
}

/* The same bytes in more pieces: that is still honest. */
static void
split_span(const struct said *s)
{
	struct said part = *s;
	uint64_t first = below(s->m.b + 1);

	part.m.b = first;
	say(&part, 0);
	part.m.a += first;
	part.m.b = s->m.b - first;
	say(&part, 0);
}

/* Two files that are signed for change their names. */
static void
swap_names(struct said *s)
{
	char *name = memmem(s->text, s->m.length, "/alpha", 6);
	const char *other = "/betas";

	if (name == NULL) {
		name = memmem(s->text, s->m.length, "/betas", 6);
		other = "/alpha";
	}
	if (name != NULL)
		memcpy(name, other, 6);
}

static void
end_all(void)
{
	struct said s = { .m = { .type = MESSAGE_END } };

	say(&s, 0);
	_exit(0);
}

static void
twist(struct said *s, bool hit)
{
	static struct said kept, other;
	static bool keeping;
	size_t text = s->m.length;

	if (way == MANY_SPOILT)
		hit = below(8) == 0;
	switch (way) {
	case ONE_SPOILT:
	case MANY_SPOILT:
		if (hit)
			spoil(s, &text);
		break;
	case ONE_DROPPED:
		if (hit)
			return;
		break;
	case ALL_TWICE:
	case ONE_TWICE:
		if (hit || way == ALL_TWICE)
			say(s, text);
		break;
	case ONE_INSERTED:
		if (hit) {
			invent(&other);
			say(&other, other.m.length);
		}
		break;
	case TWO_SWAPPED:
		if (hit) {
			kept = *s;
			keeping = true;
			return;
		}
		say(s, text);
		if (keeping)
			say(&kept, kept.m.length);
		keeping = false;
		return;
	case SPAN_MOVED:
		if (s->m.type == MESSAGE_SPAN && spans++ == victim)
			move_span(s);
		break;
	case SPAN_SPLIT:
		if (s->m.type == MESSAGE_SPAN) {
			split_span(s);
			return;
		}
		break;
	case NAMES_SWAPPED:
		swap_names(s);
		break;
	case END_EARLY:
		if (hit)
			end_all();
		break;
	case DIE:
		if (hit)
			die();
		break;
	case SILENT:
		if (hit)
			fall_silent();
		break;
	case FLOOD:
		if (hit)
			flood();
		break;
	case FAILS:
		if (hit)
			fail(&(struct walk){ .p = parser }, "\033]0;all is well\007 \xff %s%n");
		break;
	case HONEST:
	case NOISE:
	case INVENTED:
	case WAYS:
		break;
	}
	say(s, text);
}

/* Whole messages come in: whoever wrote them flushes between two of them only. */
static bool
hostile_write(int fd, const void *bytes, size_t len)
{
	static struct said s;
	size_t at;

	out = fd;
	if (way == HONEST || (way == FAILS && spoken > victim))
		return wire_write(fd, bytes, len);
	for (at = 0; at < len; at += sizeof(s.m) + s.m.length) {
		struct message head;

		memcpy(&s.m, (const uint8_t *)bytes + at, sizeof(s.m));
		memcpy(s.text, (const uint8_t *)bytes + at + sizeof(s.m), s.m.length);
		head = s.m;
		twist(&s, spoken++ == victim);
		s.m = head;
	}
	return true;
}

static _Noreturn void
make_noise(void)
{
	static uint8_t bytes[70000];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)chance();
	raw(bytes, below(sizeof(bytes)));
	_exit(0);
}

/* Messages of the right form that have nothing to do with the image. */
static _Noreturn void
make_up(void)
{
	uint64_t n = below(2000);
	struct said s;

	while (n-- > 0) {
		invent(&s);
		if (s.m.type > MESSAGE_SPAN && below(10) != 0)
			s.m.type = MESSAGE_FILE;
		if (s.m.type == MESSAGE_SPAN && below(2) == 0) {
			s.m.a = below(CHUNK_SIZE);
			s.m.b = below(5000);
		}
		if (s.m.type == MESSAGE_FILE)
			s.m.a = below(5000);
		say(&s, s.m.length);
	}
	end_all();
	_exit(0);
}

_Noreturn void
parser_run(const struct parser *p)
{
	const char *seed = getenv("HOSTILE_SEED");

	parser = p;
	out = p->message;
	if (seed != NULL) {
		state = strtoull(seed, NULL, 10);
		way = (enum way)(state % WAYS);
		(void)chance();
		/* Most of the images used have some thirty messages. */
		victim = below(below(2) == 0 ? 8 : 48);
	}
	if (way == NOISE)
		make_noise();
	if (way == INVENTED)
		make_up();
	honest_run(p);
}
