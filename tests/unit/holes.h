/*
 * holes: a medium with bad sectors, as pread(2) shows them.  The reader is a child of the test:
 * what it opens for reading under the name of holes.path has holes; a test that reads by itself
 * names the descriptor.  Include after cmocka.h, once in a program: it takes the place of the C
 * library's calls.
 */
#ifndef TESTS_UNIT_HOLES_H
#define TESTS_UNIT_HOLES_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOLES_MOST 64

static struct {
	char path[256];
	pid_t test;		/* opens of this process have no holes */
	int fd;
	size_t count;
	struct hole {
		uint64_t first, end;	/* bytes */
		unsigned heals;		/* it reads when it was tried that often; 0: never */
	} hole[HOLES_MOST];
	unsigned tries;		/* reads that met a hole */
} holes = { .fd = -1 };

static inline void
holes_begin(const char *path)
{
	holes.test = getpid();
	holes.fd = -1;
	holes.count = 0;
	holes.tries = 0;
	snprintf(holes.path, sizeof holes.path, "%s", path);
}

static inline void
holes_add(uint64_t first, uint64_t len)
{
	assert_in_range(holes.count, 0, HOLES_MOST - 1);
	holes.hole[holes.count++] = (struct hole){ first, first + len, 0 };
}

/* Bytes at ${at} that can be read before the first hole; -1: one begins right there. */
static ssize_t
holes_until(uint64_t at, size_t len)
{
	uint64_t end = at + len;

	for (size_t i = 0; i < holes.count; i++) {
		struct hole *h = &holes.hole[i];

		if (h->end <= at || h->first >= end)
			continue;
		if (h->first > at) {
			end = h->first;
			continue;
		}
		holes.tries++;
		if (h->heals == 0 || --h->heals > 0)
			return -1;
		h->end = h->first;
	}
	return (ssize_t)(end - at);
}

int holes_open(const char *path, int flags, ...) __asm__("open64");
int holes_open_2(const char *path, int flags) __asm__("__open64_2");
ssize_t holes_pread(int fd, void *buf, size_t len, off_t at) __asm__("pread64");
ssize_t holes_pread_chk(int fd, void *buf, size_t len, off_t at, size_t room)
    __asm__("__pread64_chk");

int
holes_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;
	int fd;

	va_start(ap, flags);
	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd != -1 && (flags & O_ACCMODE) == O_RDONLY && *holes.path != '\0' &&
	    strcmp(path, holes.path) == 0 && getpid() != holes.test)
		holes.fd = fd;
	return fd;
}

int
holes_open_2(const char *path, int flags)
{
	return holes_open(path, flags);
}

ssize_t
holes_pread(int fd, void *buf, size_t len, off_t at)
{
	ssize_t n = (ssize_t)len;

	if (fd == holes.fd && fd != -1 && (n = holes_until((uint64_t)at, len)) == -1) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, buf, (size_t)n, at);
}

ssize_t
holes_pread_chk(int fd, void *buf, size_t len, off_t at, size_t room)
{
	return len > room ? -1 : holes_pread(fd, buf, len, at);
}

#endif
