/*
 * parity FILE PERCENT: how long the parity of a file takes, as mkmedia build makes it.  The parity
 * goes behind the file, and is cut off again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mkmedia/parity.h"

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct recovery r;
	struct digest *map;
	struct stat st;
	double start, took;
	int fd = argc == 3 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	bool good;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    recovery_plan(&r, (uint64_t)st.st_size / BLOCK_SIZE, (unsigned)atoi(argv[2])) != OK ||
	    (map = calloc((size_t)(r.data + r.stripes * r.parity), sizeof(*map))) == NULL) {
		(void)fprintf(stderr, "usage: parity FILE PERCENT\n");
		return 2;
	}
	start = seconds();
	good = parity_write(fd, &r, map, NULL) == OK;
	took = seconds() - start;
	good &= ftruncate(fd, st.st_size) == 0;
	free(map);
	(void)close(fd);
	if (good)
		(void)printf("%.3f\n", took);
	return good ? 0 : 1;
}
