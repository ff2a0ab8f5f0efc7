/*
 * Tests of verify/agent against an agent that says whatever a row tells it to.  The real one is in
 * the tests of verify/signer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/keypair.h"
#include "tests/unit/scratch.h"
#include "verify/agent.h"

#define NAMESPACE "test@waxseal"
#define REPLY_MAX (256 * 1024)

static const char body[] = "{\n  \"waxseal\": \"test/1\"\n}\n";
#define BODY_LEN (sizeof body - 1)

struct message {
	const uint8_t *data;	/* with its length in front; NULL: hang up */
	size_t len;
};

static struct scratch dir;
static struct keypair pair, stranger;

static int
setup(void **state)
{
	(void)state;
	dir = scratch_new();
	pair = keypair_new(SSH_SK_ED25519);
	stranger = keypair_new(SSH_ED25519);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_end(&dir);
	return 0;
}

static bool
read_request(int fd)
{
	uint8_t request[512];
	size_t have = 0, want = 4;
	ssize_t n;

	while (have < want) {
		if ((n = read(fd, request + have, want - have)) <= 0)
			return false;
		have += (size_t)n;
		if (have == 4)
			want = 4 + (size_t)request[3] + 256 * (size_t)request[2];
		if (want > sizeof request)
			return false;
	}
	return true;
}

/* One connection: every request is read whole and answered by the next message, in two pieces. */
static void
serve(int listener, const struct message *m, size_t count)
{
	int fd = accept(listener, NULL, NULL);

	for (size_t i = 0; i < count && m[i].data != NULL && read_request(fd); i++) {
		size_t half = m[i].len / 2;

		if (send(fd, m[i].data, half, MSG_NOSIGNAL) < 0)
			break;
		usleep(1000);
		if (send(fd, m[i].data + half, m[i].len - half, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static enum err
ask(const struct message *m, size_t count, bool *held, char armor[static LIMIT_ARMOR + 1])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct fault f = { .err = OK };
	char path[256];
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;
	enum err e;

	scratch_path(&dir, "sock", path);
	unlink(path);
	assert_in_range(strlen(path), 1, sizeof address.sun_path - 1);
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(setenv("SSH_AUTH_SOCK", path, 1), 0);
	fflush(NULL);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		serve(listener, m, count);
	e = agent_sign(&pair.key, NAMESPACE, body, BODY_LEN, armor, held, &f);
	assert_int_equal(f.err, e);
	close(listener);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return e;
}

static size_t
put_u32(uint8_t *out, size_t n)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
	return 4;
}

/* An answer of ${type} with ${len} bytes behind it, in ${out}; returns it as a message. */
static struct message
message(uint8_t type, const uint8_t *data, size_t len, uint8_t *out)
{
	put_u32(out, 1 + len);
	out[4] = type;
	if (len > 0)
		memcpy(out + 5, data, len);
	return (struct message){ out, 5 + len };
}

/* The list that holds the keys of ${k}; returns its length. */
static size_t
list(const struct keypair *const *k, size_t count, uint8_t *out)
{
	uint8_t blob[SSHSIG_BLOB], *end = out + put_u32(out, count);

	for (size_t i = 0; i < count; i++) {
		end = keypair_string(end, blob, sshsig_key_blob(&k[i]->key, blob));
		end = keypair_string(end, "a comment", 9);
	}
	return (size_t)(end - out);
}

/* What a genuine agent answers to the request for a signature. */
static size_t
signature(uint8_t *out)
{
	uint8_t tbs[SSHSIG_TBS], inner[128];
	size_t n = sshsig_tbs(NAMESPACE, body, BODY_LEN, tbs);

	n = keypair_inner(&pair, 1, tbs, n, inner);
	return (size_t)(keypair_string(out, inner, n) - out);
}

static void
good(void **state)
{
	const struct keypair *const keys[] = { &stranger, &pair, &stranger };
	uint8_t data[1024], one[1024], two[1024];
	char armor[LIMIT_ARMOR + 1];
	struct message m[2];
	struct ssh_key key;
	bool held;

	(void)state;
	m[0] = message(12, data, list(keys, 3, data), one);
	m[1] = message(14, data, signature(data), two);
	assert_int_equal(ask(m, 2, &held, armor), OK);
	assert_true(held);
	assert_int_equal(sshsig_verify(armor, strlen(armor), NAMESPACE, body, BODY_LEN, &key), OK);
	assert_true(sshsig_key_equal(&key, &pair.key));

	/* not among them, also when only the type differs */
	m[0] = message(12, data, list(keys, 1, data), one);
	assert_int_equal(ask(m, 1, &held, armor), OK);
	assert_false(held);
	pair.key.type = SSH_ED25519;
	m[0] = message(12, data, list(keys, 3, data), one);
	pair.key.type = SSH_SK_ED25519;
	assert_int_equal(ask(m, 1, &held, armor), OK);
	assert_false(held);
	m[0] = message(12, data, list(keys, 0, data), one);
	assert_int_equal(ask(m, 1, &held, armor), OK);
	assert_false(held);
}

static void
bad_list(void **state)
{
	const struct keypair *const keys[] = { &stranger, &pair };
	uint8_t data[1024], one[1024];
	char armor[LIMIT_ARMOR + 1];
	size_t len = list(keys, 2, data);
	struct message m;
	bool held;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		m = message(12, data, cut, one);
		assert_int_equal(ask(&m, 1, &held, armor), ERR_SIGNER);
	}
	put_u32(data, UINT32_MAX);
	m = message(12, data, len, one);
	assert_int_equal(ask(&m, 1, &held, armor), ERR_SIGNER);
	list(keys, 2, data);
	put_u32(data + 4, UINT32_MAX);
	m = message(12, data, len, one);
	assert_int_equal(ask(&m, 1, &held, armor), ERR_SIGNER);
}

static void
bad_answers(void **state)
{
	static const uint8_t no_length[] = { 0, 0, 0, 0, 12 };
	static const uint8_t early[] = { 0, 0, 0, 9, 12, 0, 0, 0, 0 };
	static const uint8_t cut[] = { 0, 0, 0 };
	static const uint8_t failure[] = { 0, 0, 0, 1, 5 };
	static const uint8_t response[] = { 0, 0, 0, 5, 14, 0, 0, 0, 0 };
	static const struct message table[] = {
		{ NULL, 0 },
		{ no_length, sizeof no_length },
		{ early, sizeof early },
		{ cut, sizeof cut },
		{ failure, sizeof failure },
		{ response, sizeof response },
	};
	char armor[LIMIT_ARMOR + 1];
	bool held;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(ask(&table[i], 1, &held, armor), ERR_SIGNER);
		assert_false(held);
	}
}

/* The limit of authfd.c in OpenSSH: 256 KiB, the type byte included. */
static void
reply_limit(void **state)
{
	uint8_t *large = calloc(1, 4 + REPLY_MAX + 1);
	char armor[LIMIT_ARMOR + 1];
	struct message m = { large, 4 + REPLY_MAX };
	bool held;

	(void)state;
	assert_non_null(large);
	put_u32(large, REPLY_MAX);
	large[4] = 12;
	assert_int_equal(ask(&m, 1, &held, armor), OK);
	put_u32(large, REPLY_MAX + 1);
	m.len++;
	assert_int_equal(ask(&m, 1, &held, armor), ERR_SIGNER);
	put_u32(large, UINT32_MAX);
	assert_int_equal(ask(&m, 1, &held, armor), ERR_SIGNER);
	free(large);
}

static void
bad_signature(void **state)
{
	static const uint8_t failure[] = { 0, 0, 0, 1, 5 };
	const struct keypair *const keys[] = { &pair };
	uint8_t data[1024], one[1024], two[1024];
	char armor[LIMIT_ARMOR + 1];
	struct message m[2];
	size_t len;
	bool held;

	(void)state;
	m[0] = message(12, data, list(keys, 1, data), one);
	m[1] = (struct message){ failure, sizeof failure };
	assert_int_equal(ask(m, 2, &held, armor), ERR_SIGNER);
	assert_true(held);
	assert_int_equal(ask(m, 1, &held, armor), ERR_SIGNER);
	len = signature(data);
	for (size_t n = 0; n < len; n++) {
		m[1] = message(14, data, n, two);
		assert_int_equal(ask(m, 2, &held, armor), ERR_SIGNER);
	}
	data[len] = 0;
	m[1] = message(14, data, len + 1, two);
	assert_int_equal(ask(m, 2, &held, armor), ERR_SIGNER);
	/* the string is whole, but what is in it is not a signature */
	put_u32(data, len - 5);
	m[1] = message(14, data, len - 1, two);
	assert_int_equal(ask(m, 2, &held, armor), ERR_SIGNER);
}

static void
no_agent(void **state)
{
	char armor[LIMIT_ARMOR + 1], longest[256], path[256];
	const char *const table[] = { NULL, "", "/nonexistent", "/dev/null", path, longest };
	bool held;

	(void)state;
	memset(longest, 'x', sizeof longest);
	longest[108] = '\0';
	scratch_put(&dir, "file", "", 0);
	scratch_path(&dir, "file", path);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i] == NULL)
			unsetenv("SSH_AUTH_SOCK");
		else
			assert_int_equal(setenv("SSH_AUTH_SOCK", table[i], 1), 0);
		held = true;
		assert_int_equal(agent_sign(&pair.key, NAMESPACE, body, BODY_LEN, armor, &held,
		    NULL), OK);
		assert_false(held);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad_list),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(reply_limit),
		cmocka_unit_test(bad_signature),
		cmocka_unit_test(no_agent),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
