/*
 * wire: see wire.h.
 */
#include "verify/wire.h"

#include <errno.h>
#include <unistd.h>

bool
wire_write(int fd, const void *buf, size_t len)
{
	const uint8_t *at = buf;
	ssize_t n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool
wire_read(int fd, void *buf, size_t len)
{
	uint8_t *at = buf;
	ssize_t n;

	while (len > 0) {
		n = read(fd, at, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}
