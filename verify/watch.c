/*
 * watch: see watch.h.  Looking at a device may hang as long as the device does: a child looks.
 */
#include "verify/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <linux/cdrom.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/name.h"
#include "verify/wire.h"

#define EVERY 1		/* seconds between two looks */
#define PATIENCE 10	/* seconds that a look may take */

/* linux/fs.h since 5.16, which has a macro that is ours too. */
#define GET_DISKSEQ _IOR(0x12, 128, uint64_t)

/* A number for what is there: of a device, how many media it had; of a file, which file it is. */
static uint64_t
look(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	uint64_t number = 0;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 || lseek(fd, 0, SEEK_END) <= 0)
		return 0;
	if (S_ISBLK(st.st_mode)) {
		int state = ioctl(fd, CDROM_DRIVE_STATUS, INT_MAX);
		if (state == CDS_NO_DISC || state == CDS_TRAY_OPEN || state == CDS_DRIVE_NOT_READY)
			return 0;
	}
	if (!S_ISBLK(st.st_mode))
		number = (uint64_t)st.st_ino * 1000003 + (uint64_t)st.st_mtim.tv_sec * 1009 +
		    (uint64_t)st.st_mtim.tv_nsec;
	else if (ioctl(fd, GET_DISKSEQ, &number) == -1)
		number = 1;
	return number == 0 ? 1 : number;
}

uint64_t
watch_look(const char *path, int seconds)
{
	struct pollfd fd = { .events = POLLIN };
	uint64_t number = 0;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return 0;
	child = fork();
	if (child == 0) {
		number = look(path);
		_exit(wire_write(ends[1], &number, sizeof(number)) ? 0 : 1);
	}
	(void)close(ends[1]);
	fd.fd = ends[0];
	if (child == -1 || !(poll(&fd, 1, seconds * 1000) == 1 &&
	    wire_read(ends[0], &number, sizeof(number))))
		number = child == -1 ? 0 : WATCH_HANGS;
	(void)close(ends[0]);
	if (child != -1) {
		/* A process that hangs in a drive is left to its fate. */
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, number == WATCH_HANGS ? WNOHANG : 0);
	}
	return number;
}

static void
say(const char *before, const char *path, const char *after)
{
	char shown[1024];

	(void)fprintf(stderr, "  %s%s%s\n", before,
	    name_show(shown, sizeof(shown), path), after);
	(void)fflush(stderr);
}

int
watch_run(const char *path, int (*each)(void *arg), void *arg)
{
	uint64_t judged = 0, now, seen = 0;
	int status;

	say("Waiting for a medium in ", path, " (Ctrl-C ends).");
	for (;; (void)sleep(EVERY)) {
		now = watch_look(path, PATIENCE);
		if (now == judged || now != seen) {
			seen = now;
			continue;
		}
		if (now == 0) {
			say("Waiting for the next medium in ", path, ".");
		} else if (now == WATCH_HANGS) {
			say("", path, " does not answer. Pull it out; try another port or drive.");
		} else {
			if ((status = each(arg)) < 0)
				return status;
			say("The medium in ", path, " can be taken out now.");
		}
		judged = now;
	}
}
