/*
 * probe: see probe.h.
 */
#include "verify/probe.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/limits.h"
#include "verify/clock.h"
#include "verify/sandbox.h"

/* What comes back from the child, which may by then be whatever the medium wanted. */
struct answer {
	uint8_t code;
	char type[32], label[128], uuid[64], version[64], table[32];
};
enum { ANSWER_FAILED, ANSWER_FOUND, ANSWER_NOTHING, ANSWER_AMBIVALENT };

/* What blkid_do_safeprobe returns; -1 and other negative numbers are failures to look. */
enum { BLKID_FOUND = 0, BLKID_NOTHING = 1, BLKID_AMBIVALENT = -2 };

static void
take(blkid_probe p, const char *name, char *out, size_t cap)
{
	const char *value;
	size_t len;

	if (blkid_probe_lookup_value(p, name, &value, &len) == 0)
		(void)snprintf(out, cap, "%.*s", (int)(len < cap ? len : cap), value);
}

static void
ask(int copy, struct answer *a)
{
	blkid_probe p = blkid_new_probe();

	if (p == NULL || blkid_probe_set_device(p, copy, 0, 0) != 0 ||
	    blkid_probe_enable_superblocks(p, 1) != 0 ||
	    blkid_probe_set_superblocks_flags(p, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
	    BLKID_SUBLKS_UUID | BLKID_SUBLKS_VERSION) != 0 ||
	    blkid_probe_enable_partitions(p, 1) != 0)
		return;
	switch (blkid_do_safeprobe(p)) {
	case BLKID_FOUND:
		a->code = ANSWER_FOUND;
		take(p, "TYPE", a->type, sizeof(a->type));
		take(p, "LABEL", a->label, sizeof(a->label));
		take(p, "UUID", a->uuid, sizeof(a->uuid));
		take(p, "VERSION", a->version, sizeof(a->version));
		take(p, "PTTYPE", a->table, sizeof(a->table));
		break;
	case BLKID_NOTHING:
		a->code = ANSWER_NOTHING;
		break;
	case BLKID_AMBIVALENT:
		a->code = ANSWER_AMBIVALENT;
		break;
	default:
		break;
	}
}

static _Noreturn void
child(int copy, int go, int result)
{
	const struct sandbox s = { .role = FILTER_PROBE, .memory = LIMIT_PROBE_MEMORY,
		.processor = LIMIT_SILENCE, .count = 3, .keep = { copy, go, result } };
	struct answer a = { .code = ANSWER_FAILED };
	char byte;

	if (sandbox_enter(&s) != OK || read(go, &byte, 1) != 1)
		_exit(1);
	ask(copy, &a);
	_exit(write(result, &a, sizeof(a)) == (ssize_t)sizeof(a) ? 0 : 1);
}

static bool
write_at(int fd, const uint8_t *p, size_t len, uint64_t offset)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n, offset += (uint64_t)n) {
		n = pwrite(fd, p, len, (off_t)offset);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

/* The whole answer, in time; otherwise it stays a failure. */
static void
wait_for(int result, struct answer *a)
{
	struct pollfd ready = { .fd = result, .events = POLLIN };
	struct answer got = { .code = ANSWER_FAILED };
	const uint64_t end = clock_in(LIMIT_PROBING);
	size_t used = 0;
	ssize_t n = 1;

	while (used < sizeof(got) && n != 0) {
		n = poll(&ready, 1, clock_left(end));
		if (n == 1)
			n = read(result, (uint8_t *)&got + used, sizeof(got) - used);
		if (n == -1 && errno != EINTR)
			return;
		used += n > 0 ? (size_t)n : 0;
	}
	if (used == sizeof(got))
		*a = got;
}

static void
copy_text(char *out, size_t cap, const char *text)
{
	(void)snprintf(out, cap, "%.*s", (int)cap - 1, text);	/* it need not end in NUL */
}

static void
believe(struct probe *out, const struct answer *a)
{
	out->known = a->code == ANSWER_FOUND || a->code == ANSWER_NOTHING ||
	    a->code == ANSWER_AMBIVALENT;
	out->ambivalent = a->code == ANSWER_AMBIVALENT;
	if (a->code != ANSWER_FOUND)
		return;
	copy_text(out->type, sizeof(out->type), a->type);
	copy_text(out->label, sizeof(out->label), a->label);
	copy_text(out->uuid, sizeof(out->uuid), a->uuid);
	copy_text(out->version, sizeof(out->version), a->version);
	copy_text(out->table, sizeof(out->table), a->table);
}

static void
close_end(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

enum err
probe_start(struct probe_child *c, struct fault *f)
{
	int go[2] = { -1, -1 }, result[2] = { -1, -1 };
	enum err e = ERR_MEMORY;
	int why;

	*c = (struct probe_child){ .pid = -1, .copy = -1, .go = -1, .result = -1 };
	if ((c->copy = memfd_create("probe", MFD_CLOEXEC)) == -1)
		goto out;
	e = ERR_CHILD;
	(void)signal(SIGPIPE, SIG_IGN);
	if (pipe2(go, O_CLOEXEC) == -1 || pipe2(result, O_CLOEXEC) == -1 ||
	    (c->pid = fork()) == -1)
		goto out;
	if (c->pid == 0)
		child(c->copy, go[0], result[1]);
	c->go = go[1];
	c->result = result[0];
	go[1] = result[0] = -1;
	e = OK;
out:
	why = errno;
	close_end(&go[0]);
	close_end(&go[1]);
	close_end(&result[0]);
	close_end(&result[1]);
	if (e != OK)
		probe_stop(c);
	return e == OK ? OK : err_fault(f, e, "probing the medium: %s", strerror(why));
}

void
probe_stop(struct probe_child *c)
{
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	c->pid = -1;
	close_end(&c->copy);
	close_end(&c->go);
	close_end(&c->result);
}

enum err
probe_ask(struct probe_child *c, const void *head, size_t head_len, const void *tail,
    size_t tail_len, uint64_t size, struct probe *out, struct fault *f)
{
	struct answer a = { .code = ANSWER_FAILED };

	*out = (struct probe){ .known = false };
	if (head_len > size || tail_len > size)
		return err_fault(f, ERR_USAGE, "more bytes to probe than the medium has");
	if (size > INT64_MAX)
		return err_fault(f, ERR_LIMIT, "a medium of more than 2^63-1 bytes");
	if (ftruncate(c->copy, (off_t)size) == -1 || !write_at(c->copy, head, head_len, 0) ||
	    !write_at(c->copy, tail, tail_len, size - tail_len))
		return err_fault(f, ERR_MEMORY, "probing the medium: %s", strerror(errno));
	if (write(c->go, "", 1) == 1)
		wait_for(c->result, &a);
	else if (errno != EPIPE)	/* it is gone, and has no answer */
		return err_fault(f, ERR_CHILD, "probing the medium: %s", strerror(errno));
	believe(out, &a);
	return OK;
}

enum err
probe_look(const void *head, size_t head_len, const void *tail, size_t tail_len, uint64_t size,
    struct probe *out, struct fault *f)
{
	struct probe_child c;
	enum err e;

	*out = (struct probe){ .known = false };
	if ((e = probe_start(&c, f)) != OK)
		return e;
	e = probe_ask(&c, head, head_len, tail, tail_len, size, out, f);
	probe_stop(&c);
	return e;
}

bool
probe_is_polyglot(const struct probe *p)
{
	return p->known && (p->ambivalent || p->table[0] != '\0' ||
	    (p->type[0] != '\0' && strcmp(p->type, "iso9660") != 0));
}
