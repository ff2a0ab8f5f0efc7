/*
 * keymaker: ssh-keygen as a child.  SPEC, "Signing".
 */
#include "verify/keymaker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run ssh-keygen with nothing to ask: it fails rather than wait for an answer. */
static enum err
run(const char *path, const char *comment, struct fault *f)
{
	char program[] = "ssh-keygen", quiet[] = "-q", type[] = "-t", ed25519[] = "ed25519",
	    phrase[] = "-N", none[] = "", about[] = "-C", file[] = "-f", text[512], name[PATH_MAX];
	char *argv[] = { program, quiet, type, ed25519, phrase, none, about, text, file, name,
	    NULL };
	posix_spawn_file_actions_t actions;
	int failed, status = -1;
	pid_t child;

	if (snprintf(text, sizeof(text), "%s", comment) >= (int)sizeof(text) ||
	    snprintf(name, sizeof(name), "%s", path) >= (int)sizeof(name))
		return err_fault(f, ERR_USAGE, "the name of a key is too long");
	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_fault(f, ERR_MEMORY, "ssh-keygen");
	failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (failed == 0)
		failed = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
		    O_WRONLY, 0);
	if (failed == 0)
		failed = posix_spawnp(&child, program, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (failed != 0)
		return err_fault(f, ERR_CHILD, "ssh-keygen: %s", strerror(failed));
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_fault(f, ERR_CHILD, "ssh-keygen could not make %s", path);
	return OK;
}

/*
 * ssh-keygen leaves that to the system; a key that a ledger depends on shall survive a power cut.
 */
static enum err
flush(const char *path, mode_t mode, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum err e = OK;

	if (fd == -1 || (mode != 0 && fchmod(fd, mode) == -1) || fsync(fd) == -1)
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return e;
}

enum err
keymaker_make(const char *path, const char *comment, struct fault *f)
{
	char public[PATH_MAX], parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	enum err e;

	if (snprintf(public, sizeof(public), "%s.pub", path) >= (int)sizeof(public))
		return err_fault(f, ERR_USAGE, "the name of a key is too long");
	(void)snprintf(parent, sizeof(parent), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    faccessat(AT_FDCWD, public, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_fault(f, ERR_USAGE, "%s: there is a key already", path);
	if ((e = run(path, comment, f)) != OK || (e = flush(path, 0600, f)) != OK ||
	    (e = flush(public, 0600, f)) != OK)
		return e;
	return flush(parent, 0, f);
}
