/*
 * signer: the SSH agent's protocol (RFC 9987), and ssh-keygen as a child.  SPEC, "Signing".
 */
#include "verify/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verify/file.h"

#define AGENT_VARIABLE	"SSH_AUTH_SOCK"
#define AGENT_REPLY_MAX	(256 * 1024)
#define AGENT_PATIENCE	60000	/* ms: somebody may have to find the token and touch it */
#define REQUEST_MAX	512	/* the longest request has 401 bytes */

enum {
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
};

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
		return (err_fault(f, ERR_USAGE, "the name of a key file has %zu bytes", len));
	(void)snprintf(n->private, sizeof(n->private), "%.*s", (int)stem, key_file);
	memcpy(n->public, n->private, stem);
	memcpy(n->public + stem, suffix, sizeof(suffix));
	return (OK);
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
		return (e);
	e = sshsig_key_parse(line, len, key, comment, cap);
	if (e != OK)
		e = err_fault(f, e, "%s", n.public);
	free(line);
	return (e);
}

/* ---- the agent ---- */

struct agent {
	int fd;
	int64_t deadline;	/* ms of the monotonic clock */
	uint8_t *reply;		/* behind the type byte */
	size_t len;
};

static int64_t
monotonic(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* After a call that gave ${n}: is it worth trying again? */
static bool
wait_again(const struct agent *a, ssize_t n, short events)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	int64_t left;

	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		return (false);
	if ((left = a->deadline - monotonic()) <= 0)
		return (false);
	return (poll(&p, 1, (int)left) != 0);
}

static bool
send_all(const struct agent *a, const uint8_t *buf, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(a->fd, buf, len, MSG_NOSIGNAL);
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		} else if (!wait_again(a, n, POLLOUT))
			return (false);
	}
	return (true);
}

static bool
receive_all(const struct agent *a, uint8_t *buf, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = recv(a->fd, buf, len, 0);
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		} else if (!wait_again(a, n, POLLIN))
			return (false);
	}
	return (true);
}

static uint32_t
get_u32(const uint8_t *b)
{
	return ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
}

static uint8_t *
put_u32(uint8_t *end, size_t n)
{
	*end++ = (uint8_t)(n >> 24);
	*end++ = (uint8_t)(n >> 16);
	*end++ = (uint8_t)(n >> 8);
	*end++ = (uint8_t)n;
	return (end);
}

static uint8_t *
put_string(uint8_t *end, const uint8_t *data, size_t len)
{
	memcpy(put_u32(end, len), data, len);
	return (end + 4 + len);
}

/* Take the string in front of *${at}; NULL when there is none. */
static const uint8_t *
take_string(const uint8_t **at, size_t *left, size_t *len)
{
	const uint8_t *string;

	if (*left < 4 || get_u32(*at) > *left - 4)
		return (NULL);
	*len = get_u32(*at);
	string = *at + 4;
	*at = string + *len;
	*left -= 4 + *len;
	return (string);
}

/* Send a request of ${len} bytes, of which the first four are left for the length. */
static enum err
ask(struct agent *a, uint8_t *request, size_t len, uint8_t want, struct fault *f)
{
	uint8_t head[5];

	free(a->reply);
	a->reply = NULL;
	(void)put_u32(request, len - 4);
	if (!send_all(a, request, len) || !receive_all(a, head, sizeof(head)))
		return (err_fault(f, ERR_SIGNER, "the SSH agent does not answer"));
	a->len = get_u32(head);
	if (a->len == 0 || a->len > AGENT_REPLY_MAX)
		return (err_fault(f, ERR_SIGNER, "the SSH agent's answer has %zu bytes", a->len));
	if (head[4] != want)
		return (err_fault(f, ERR_SIGNER, "the SSH agent refused: is it locked, was the"
		    " token touched in time?"));
	a->len--;
	if ((a->reply = malloc(a->len + 1)) == NULL)
		return (err_fault(f, ERR_MEMORY, "the SSH agent's answer"));
	if (!receive_all(a, a->reply, a->len))
		return (err_fault(f, ERR_SIGNER, "the SSH agent's answer ends too early"));
	return (OK);
}

static enum err
find_key(struct agent *a, const uint8_t *blob, size_t blob_len, bool *held, struct fault *f)
{
	uint8_t request[5] = { [4] = REQUEST_IDENTITIES };
	const uint8_t *at, *found;
	size_t left, len, comment_len;
	uint32_t n = 0;
	enum err e;

	if ((e = ask(a, request, sizeof(request), IDENTITIES_ANSWER, f)) != OK)
		return (e);
	if (a->len < 4)
		goto malformed;
	at = a->reply + 4;
	left = a->len - 4;
	for (n = get_u32(a->reply); n > 0; n--) {
		if ((found = take_string(&at, &left, &len)) == NULL ||
		    take_string(&at, &left, &comment_len) == NULL)
			goto malformed;
		if (len == blob_len && memcmp(found, blob, len) == 0)
			*held = true;
	}
	return (OK);
malformed:
	return (err_fault(f, ERR_SIGNER, "the SSH agent's list of keys is malformed"));
}

static enum err
sign_with_key(struct agent *a, const struct ssh_key *key, const uint8_t *blob, size_t blob_len,
    const char *namespace, const void *body, size_t len, char *armor, struct fault *f)
{
	uint8_t tbs[SSHSIG_TBS], request[REQUEST_MAX], *end = request + 4;
	const uint8_t *at, *sig;
	size_t left, n = sshsig_tbs(namespace, body, len, tbs);
	enum err e;

	*end++ = SIGN_REQUEST;
	end = put_string(end, blob, blob_len);
	end = put_string(end, tbs, n);
	end = put_u32(end, 0);		/* no flags: they are for RSA */
	if ((e = ask(a, request, (size_t)(end - request), SIGN_RESPONSE, f)) != OK)
		return (e);
	at = a->reply;
	left = a->len;
	sig = take_string(&at, &left, &n);
	if (sig == NULL || left != 0 ||
	    sshsig_armor(key, namespace, sig, n, armor, LIMIT_ARMOR + 1) != OK)
		return (err_fault(f, ERR_SIGNER, "the SSH agent's signature is malformed"));
	return (OK);
}

/* A descriptor, or -1 when there is no agent. */
static int
connect_agent(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv(AGENT_VARIABLE);
	int fd;

	if (path == NULL || strlen(path) >= sizeof(address.sun_path))
		return (-1);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == -1) {
		(void)close(fd);
		fd = -1;
	}
	return (fd);
}

/* OK with *${held} false when there is no agent or it does not hold the key. */
static enum err
sign_by_agent(const struct ssh_key *key, const char *namespace, const void *body, size_t len,
    char *armor, bool *held, struct fault *f)
{
	struct agent a = { .fd = connect_agent(), .deadline = monotonic() + AGENT_PATIENCE };
	uint8_t blob[SSHSIG_BLOB];
	size_t blob_len = sshsig_key_blob(key, blob);
	enum err e;

	*held = false;
	if (a.fd == -1)
		return (OK);
	e = find_key(&a, blob, blob_len, held, f);
	if (e == OK && *held)
		e = sign_with_key(&a, key, blob, blob_len, namespace, body, len, armor, f);
	free(a.reply);
	(void)close(a.fd);
	return (e);
}

/* ---- ssh-keygen ---- */

/* The environment without the agent; its strings are borrowed. */
static char **
environment_without_agent(void)
{
	static const char prefix[] = AGENT_VARIABLE "=";
	size_t count = 0, n = 0;
	char **env;

	while (environ[count] != NULL)
		count++;
	if ((env = calloc(count + 1, sizeof(*env))) == NULL)
		return (NULL);
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], prefix, sizeof(prefix) - 1) != 0)
			env[n++] = environ[i];
	return (env);
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
	return (error == 0 ? pid : -1);
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
			return (n == 0);
		}
		have += (size_t)n;
	}
	armor[0] = '\0';
	return (false);
}

static bool
succeeds(pid_t pid)
{
	int status;
	pid_t p;

	do
		p = waitpid(pid, &status, 0);
	while (p == -1 && errno == EINTR);
	return (p == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
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
	return (fd);
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
	return (e);
}

/* ---- both ---- */

enum err
signer_sign(const char *key_file, const char *namespace, const void *body, size_t len,
    char armor[static LIMIT_ARMOR + 1], struct ssh_key *key, struct fault *f)
{
	struct ssh_key made_by;
	struct names n;
	bool held;
	enum err e;

	armor[0] = '\0';
	if ((e = find_names(key_file, &n, f)) != OK ||
	    (e = signer_public(key_file, key, NULL, 0, f)) != OK ||
	    (e = sign_by_agent(key, namespace, body, len, armor, &held, f)) != OK)
		return (e);
	if (!held && access(n.private, F_OK) == -1)
		return (err_fault(f, ERR_SIGNER, "no agent holds this key and %s is not there:"
		    " insert the token or run ssh-add", n.private));
	if (!held && (e = sign_by_ssh_keygen(n.private, namespace, body, len, armor, f)) != OK)
		return (e);
	e = sshsig_verify(armor, strlen(armor), namespace, body, len, &made_by);
	if (e == OK && sshsig_key_equal(key, &made_by) && key->type == made_by.type)
		return (OK);
	armor[0] = '\0';
	return (err_fault(f, ERR_SIGNER, "what came back is not a signature by %s (%s)", n.public,
	    err_code(e == OK ? ERR_KEY_FORM : e)));
}
