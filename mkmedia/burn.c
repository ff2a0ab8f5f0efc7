/*
 * burn: see burn.h.
 */
#include "mkmedia/burn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/cdrom.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verify/file.h"

#define PIECE (256 * KIB)
#define ARGUMENT 1100
#define SAID (64 * KIB)		/* of what xorriso says, this much from the start is searched */

struct burning {
	const char *drive;
	pid_t child;
	int in, out;		/* our end of its input; a file in memory with all it says */
};

/*
 * No -multi: the disc gets closed.  The size is announced, so that a CD is written in one go
 * (session at once) and a DVD-R too; no padding, as the image ends in zeros for the same reason.
 */
static int
start(struct burning *b, uint64_t size, int in)
{
	char program[] = "xorriso", no_rc[] = "-no_rc", as[] = "-as", cdrecord[] = "cdrecord",
	    blank[] = "blank=as_needed", padding[] = "padsize=0", input[] = "-", drive[ARGUMENT],
	    length[64], path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LC_ALL=C";
	char *argv[] = { program, no_rc, as, cdrecord, drive, blank, length, padding, input, NULL };
	char *environment[] = { path, language, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t usual;
	int error;

	if (snprintf(drive, sizeof(drive), "dev=%s", b->drive) >= (int)sizeof(drive))
		return ENAMETOOLONG;
	(void)snprintf(length, sizeof(length), "tsize=%llu", (unsigned long long)size);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if ((error = posix_spawnattr_init(&attributes)) != 0)
		goto out;
	if ((error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF)) == 0 &&
	    (error = posix_spawnattr_setsigdefault(&attributes, &usual)) == 0 &&
	    (error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO)) == 0 &&
	    (error = posix_spawn_file_actions_adddup2(&actions, b->out, STDOUT_FILENO)) == 0 &&
	    (error = posix_spawn_file_actions_adddup2(&actions, b->out, STDERR_FILENO)) == 0)
		error = posix_spawnp(&b->child, program, &actions, &attributes, argv, environment);
	(void)posix_spawnattr_destroy(&attributes);
out:
	(void)posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* The image into its input.  That it stops reading is no error here: it will say why. */
static enum err
feed(const struct burning *b, const struct writer_image *im, struct progress *progress,
    struct fault *f)
{
	uint8_t *piece = malloc(PIECE);
	enum err e = piece == NULL ? err_fault(f, ERR_MEMORY, "%s", b->drive) : OK;
	uint64_t at;
	size_t n;

	for (at = 0; at < im->size && e == OK; at += n) {
		n = im->size - at < PIECE ? (size_t)(im->size - at) : PIECE;
		if ((e = writer_read(im, im->area, at, piece, n, f)) != OK ||
		    file_write(b->in, piece, n) != OK)
			break;
		progress_step(progress, at + n, im->size);
	}
	free(piece);
	return e;
}

static bool
succeeds(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The line that tells best why it failed: the first grave one, else the last. */
static void
find_reason(int fd, char *out, size_t cap)
{
	static const char *const grave[] = { " : SORRY : ", " : FAILURE : ", " : FATAL : " };
	char *said = calloc(1, SAID + 1), *line, *rest = said;
	ssize_t n = said == NULL ? -1 : pread(fd, said, SAID, 0);
	size_t i;

	*out = '\0';
	while (n > 0 && (line = strsep(&rest, "\n")) != NULL) {
		if (*line != '\0')
			(void)snprintf(out, cap, "%s", line);
		for (i = 0; i < sizeof(grave) / sizeof(*grave); i++)
			if (strstr(line, grave[i]) != NULL)
				n = 0;
	}
	free(said);
}

enum err
burn_image(const struct writer_image *im, const char *drive, struct progress *progress,
    struct fault *f)
{
	struct burning b = { .drive = drive, .in = -1 };
	int ends[2] = { -1, -1 }, error;
	char reason[200];
	bool done;
	enum err e = OK;

	b.out = memfd_create("xorriso", MFD_CLOEXEC);
	if (b.out == -1 || pipe2(ends, O_CLOEXEC) == -1) {
		e = err_fault(f, err_errno(), "%s: %s", drive, strerror(errno));
		goto out;
	}
	b.in = ends[1];
	error = start(&b, im->size, ends[0]);
	(void)close(ends[0]);
	if (error != 0) {
		e = err_fault(f, ERR_CHILD, "xorriso cannot be run: %s; install it, or burn the "
		    "image elsewhere and use mkmedia readback", strerror(error));
		goto out;
	}
	/* With less than was announced it fails, and the disc cannot be taken for a whole one. */
	e = feed(&b, im, progress, f);
	(void)close(b.in);
	b.in = -1;
	done = succeeds(b.child);
	if (e == OK && !done) {
		find_reason(b.out, reason, sizeof(reason));
		e = err_fault(f, ERR_IO, "%s: %s; take another blank disc, or another drive",
		    drive, *reason == '\0' ? "xorriso failed" : reason);
	}
out:
	if (b.in != -1)
		(void)close(b.in);
	if (b.out != -1)
		(void)close(b.out);
	return e;
}

enum err
burn_reload(const char *drive, unsigned int seconds, struct fault *f)
{
	const struct timespec second = { .tv_sec = 1 };
	int fd = open(drive, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	unsigned int i;
	bool ready = false;

	if (fd == -1)
		return err_fault(f, err_errno(), "%s: %s", drive, strerror(errno));
	/* Drives without a motor for the tray refuse the second; the user is asked to push. */
	(void)ioctl(fd, CDROMEJECT);
	(void)ioctl(fd, CDROMCLOSETRAY);
	for (i = 0; i < seconds && !ready; i++) {
		ready = ioctl(fd, CDROM_DRIVE_STATUS, CDSL_CURRENT) == CDS_DISC_OK;
		if (!ready)
			(void)nanosleep(&second, NULL);
	}
	(void)close(fd);
	return ready ? OK : err_fault(f, ERR_NO_MEDIUM, "%s: push the tray in", drive);
}
