/*
 * huge: files that are longer than a test has time to read.  Of what is asked for in one piece of
 * more than 128 MiB, only the first block is read; all behind it is huge_byte, which the disk did
 * not have to keep.  Include after cmocka.h, once in a program: it takes the place of the C
 * library's call.
 */
#ifndef TESTS_UNIT_HUGE_H
#define TESTS_UNIT_HUGE_H

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "formats/limits.h"

static int huge_byte;

ssize_t huge_read(int fd, void *buf, size_t n) __asm__("read");
ssize_t huge_read_chk(int fd, void *buf, size_t n, size_t room) __asm__("__read_chk");

ssize_t
huge_read(int fd, void *buf, size_t n)
{
	if (n <= 128 * MIB)
		return syscall(SYS_read, fd, buf, n);
	if (lseek(fd, 0, SEEK_CUR) == 0)
		return syscall(SYS_read, fd, buf, BLOCK_SIZE);
	if (huge_byte != 0)	/* new memory is zeros */
		memset(buf, huge_byte, n);
	return (ssize_t)n;
}

ssize_t
huge_read_chk(int fd, void *buf, size_t n, size_t room)
{
	return n > room ? -1 : huge_read(fd, buf, n);
}

#endif
