/*
 * signer: first the agent, then ssh-keygen as a child.  SPEC, "Signatures".
 */
#include "verify/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verify/agent.h"
#include "verify/file.h"

struct names {
	char public[PATH_MAX], private[PATH_MAX];
};

static enum err
find_names(const char *key_file, struct names *n, struct fault *f)
{
	static const char suffix[] = ".pub";
	const size_t len = strlen(key_file), end = sizeof(suffix) - 1;
	const bool is_public = len > end && strcmp(key_file + len - end, suffix) == 0;
	const size_t stem = is_public ? len - end : len;

	if (stem == 0 || stem + sizeof(suffix) > sizeof(n->public))
		return err_fault(f, ERR_USAGE, "the name of a key file has %zu bytes", len);
	(void)snprintf(n->private, sizeof(n->private), "%.*s", (int)stem, key_file);
	memcpy(n->public, n->private, stem);
	memcpy(n->public + stem, suffix, sizeof(suffix));
	return OK;
}

enum err
signer_public(const char *key_file, struct ssh_key *key, char *comment, size_t cap,
    struct fault *f)
{
	struct names n;
	char *line;
	size_t len;
	enum err e;

	if ((e = find_names(key_file, &n, f)) != OK ||
	    (e = file_load(AT_FDCWD, n.public, LIMIT_KEY_LINE + 1, &line, &len, f)) != OK)
		return e;
	e = sshsig_key_parse(line, len, key, comment, cap);
	if (e != OK)
		e = err_fault(f, e, "%s", n.public);
	free(line);
	return e;
}

/* The environment without the agent; its strings are borrowed. */
static char **
environment_without_agent(void)
{
	static const char prefix[] = "SSH_AUTH_SOCK=";
	size_t count = 0, n = 0;
	char **env;

	while (environ[count] != NULL)
		count++;
	if ((env = calloc(count + 1, sizeof(*env))) == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], prefix, sizeof(prefix) - 1) != 0)
			env[n++] = environ[i];
	return env;
}

/* Start "ssh-keygen -Y sign"; a negative result says that errno tells why not. */
static pid_t
start_ssh_keygen(const char *private, const char *namespace, int in, int out)
{
	const char *const argv[] = {
		"ssh-keygen", "-q", "-Y", "sign", "-f", private, "-n", namespace, NULL
	};
	char **env = environment_without_agent();
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int error = ENOMEM;

	if (env == NULL || posix_spawn_file_actions_init(&actions) != 0)
		goto out;
	if ((error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO)) == 0 &&
	    (error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)) == 0)
		error = posix_spawnp(&pid, argv[0], &actions, NULL,
		    (char *const *)(uintptr_t)argv, env);
	(void)posix_spawn_file_actions_destroy(&actions);
out:
	free(env);
	errno = error;
	return error == 0 ? pid : -1;
}

/* Read until the end, at most LIMIT_ARMOR bytes and a NUL; false when there is more. */
static bool
read_armor(int fd, char armor[static LIMIT_ARMOR + 1])
{
	size_t have = 0;
	ssize_t n;

	while (have <= LIMIT_ARMOR) {
		n = read(fd, armor + have, LIMIT_ARMOR + 1 - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			armor[have] = '\0';
			return n == 0;
		}
		have += (size_t)n;
	}
	armor[0] = '\0';
	return false;
}

static bool
succeeds(pid_t pid)
{
	int status;
	pid_t p;

	do
		p = waitpid(pid, &status, 0);
	while (p == -1 && errno == EINTR);
	return p == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The body lies in memory: the child reads as much as it likes, and nobody waits for the other. */
static int
body_in_memory(const void *body, size_t len)
{
	int fd = memfd_create("body", MFD_CLOEXEC);

	if (fd != -1 && (file_write(fd, body, len) != OK || lseek(fd, 0, SEEK_SET) == -1)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static enum err
sign_by_ssh_keygen(const char *private, const char *namespace, const void *body, size_t len,
    char armor[static LIMIT_ARMOR + 1], struct fault *f)
{
	int in = body_in_memory(body, len), ends[2] = { -1, -1 };
	bool complete, done;
	enum err e = OK;
	pid_t pid;

	if (in == -1 || pipe2(ends, O_CLOEXEC) == -1) {
		e = err_fault(f, err_errno(), "ssh-keygen: %s", strerror(errno));
		goto out;
	}
	if ((pid = start_ssh_keygen(private, namespace, in, ends[1])) == -1) {
		e = err_fault(f, ERR_SIGNER, "ssh-keygen cannot be run: %s", strerror(errno));
		goto out;
	}
	(void)close(ends[1]);
	ends[1] = -1;
	complete = read_armor(ends[0], armor);
	/* Closed before waiting: a child that has more to say must not wait for us. */
	(void)close(ends[0]);
	ends[0] = -1;
	done = succeeds(pid);
	if (!complete || !done)
		e = err_fault(f, ERR_SIGNER, "ssh-keygen did not sign with %s", private);
out:
	if (in != -1)
		(void)close(in);
	if (ends[0] != -1)
		(void)close(ends[0]);
	if (ends[1] != -1)
		(void)close(ends[1]);
	return e;
}

enum err
signer_sign(const char *key_file, const char *namespace, const void *body, size_t len,
    char armor[static LIMIT_ARMOR + 1], struct ssh_key *key, struct fault *f)
{
	struct ssh_key made_by;
	struct names n;
	bool held;
	enum err e;

	if ((e = find_names(key_file, &n, f)) != OK ||
	    (e = signer_public(key_file, key, NULL, 0, f)) != OK ||
	    (e = agent_sign(key, namespace, body, len, armor, &held, f)) != OK)
		goto out;
	if (!held && access(n.private, F_OK) == -1) {
		e = err_fault(f, ERR_SIGNER, "no agent holds this key and %s is not there:"
		    " insert the token or run ssh-add", n.private);
		goto out;
	}
	if (!held && (e = sign_by_ssh_keygen(n.private, namespace, body, len, armor, f)) != OK)
		goto out;
	e = sshsig_verify(armor, strlen(armor), namespace, body, len, &made_by);
	if (e == OK && (!sshsig_key_equal(key, &made_by) || key->type != made_by.type))
		e = ERR_KEY_FORM;
	if (e != OK)
		e = err_fault(f, ERR_SIGNER, "what came back is not a signature by %s (%s)",
		    n.public, err_code(e));
out:
	if (e != OK)
		armor[0] = '\0';
	return e;
}
