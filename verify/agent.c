/*
 * agent: the SSH agent's protocol (RFC 9987): every message is a length, a type and a body.
 */
#include "verify/agent.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "verify/clock.h"

#define REPLY_MAX	(256 * 1024)
#define PATIENCE	60000	/* ms: somebody may have to find the token and touch it */
#define REQUEST_MAX	512	/* the longest has 401 bytes */

enum {
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
};

struct agent {
	int fd;
	uint64_t deadline;	/* of clock_ms */
	uint8_t *reply;		/* behind the type byte */
	size_t len;
};

/* After a call that gave ${n}: is it worth trying again? */
static bool
wait_again(const struct agent *a, ssize_t n, short events)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	int left;

	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		return false;
	left = clock_left(a->deadline);
	return left > 0 && poll(&p, 1, left) != 0;
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
			return false;
	}
	return true;
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
			return false;
	}
	return true;
}

static uint32_t
get_u32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint8_t *
put_u32(uint8_t *end, size_t n)
{
	*end++ = (uint8_t)(n >> 24);
	*end++ = (uint8_t)(n >> 16);
	*end++ = (uint8_t)(n >> 8);
	*end++ = (uint8_t)n;
	return end;
}

static uint8_t *
put_string(uint8_t *end, const uint8_t *data, size_t len)
{
	memcpy(put_u32(end, len), data, len);
	return end + 4 + len;
}

/* Take the string in front of *${at}; NULL when there is none. */
static const uint8_t *
take_string(const uint8_t **at, size_t *left, size_t *len)
{
	const uint8_t *string;

	if (*left < 4 || get_u32(*at) > *left - 4)
		return NULL;
	*len = get_u32(*at);
	string = *at + 4;
	*at = string + *len;
	*left -= 4 + *len;
	return string;
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
		return err_fault(f, ERR_SIGNER, "the SSH agent does not answer");
	a->len = get_u32(head);
	if (a->len == 0 || a->len > REPLY_MAX)
		return err_fault(f, ERR_SIGNER, "the SSH agent's answer has %zu bytes", a->len);
	if (head[4] != want)
		return err_fault(f, ERR_SIGNER, "the SSH agent refused: is it locked, was the"
		    " token touched in time?");
	a->len--;
	if ((a->reply = malloc(a->len + 1)) == NULL)
		return err_fault(f, ERR_MEMORY, "the SSH agent's answer");
	if (!receive_all(a, a->reply, a->len))
		return err_fault(f, ERR_SIGNER, "the SSH agent's answer ends too early");
	return OK;
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
		return e;
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
	return OK;
malformed:
	return err_fault(f, ERR_SIGNER, "the SSH agent's list of keys is malformed");
}

static enum err
sign_with_key(struct agent *a, const struct ssh_key *key, const uint8_t *blob, size_t blob_len,
    const char *namespace, const void *body, size_t len, char *armor, struct fault *f)
{
	uint8_t tbs[SSHSIG_TBS], request[REQUEST_MAX], *end = request + 4;
	const uint8_t *at, *sig;
	size_t left, n = sshsig_tbs(namespace, body, len, tbs);
	enum err e;

	if (n == 0)
		return err_fault(f, ERR_SIGNER, "no namespace: %s", namespace);
	*end++ = SIGN_REQUEST;
	end = put_string(end, blob, blob_len);
	end = put_string(end, tbs, n);
	end = put_u32(end, 0);		/* no flags: they are for RSA */
	if ((e = ask(a, request, (size_t)(end - request), SIGN_RESPONSE, f)) != OK)
		return e;
	at = a->reply;
	left = a->len;
	sig = take_string(&at, &left, &n);
	if (sig == NULL || left != 0 ||
	    sshsig_armor(key, namespace, sig, n, armor, LIMIT_ARMOR + 1) != OK)
		return err_fault(f, ERR_SIGNER, "the SSH agent's signature is malformed");
	return OK;
}

/* A descriptor, or -1 when there is no agent. */
static int
connect_agent(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("SSH_AUTH_SOCK");
	int fd;

	if (path == NULL || *path == '\0' || strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == -1) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

enum err
agent_sign(const struct ssh_key *key, const char *namespace, const void *body, size_t len,
    char armor[static LIMIT_ARMOR + 1], bool *held, struct fault *f)
{
	struct agent a = { .fd = connect_agent(), .deadline = clock_ms() + PATIENCE };
	uint8_t blob[SSHSIG_BLOB];
	size_t blob_len = sshsig_key_blob(key, blob);
	enum err e;

	*held = false;
	if (a.fd == -1)
		return OK;
	e = find_key(&a, blob, blob_len, held, f);
	if (e == OK && *held)
		e = sign_with_key(&a, key, blob, blob_len, namespace, body, len, armor, f);
	free(a.reply);
	(void)close(a.fd);
	return e;
}
