/*
 * Tests of verify/signer with the real ssh-keygen and ssh-agent, and with stand-ins for ssh-keygen
 * that do what it never should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"
#include "verify/signer.h"

#define NAMESPACE "test@waxseal"

static const char body[] = "{\n  \"waxseal\": \"test/1\"\n}\n";
#define BODY_LEN (sizeof body - 1)

static struct scratch dir;
static char path_saved[4096];

/* key and other are keys; sock an agent that holds nothing. */
static int
setup(void **state)
{
	const char *path = getenv("PATH");

	(void)state;
	dir = scratch_new();
	assert_non_null(path);
	snprintf(path_saved, sizeof path_saved, "%s", path);
	unsetenv("SSH_AUTH_SOCK");
	if (system("command -v ssh-keygen >/dev/null") != 0)
		return 0;
	assert_int_equal(scratch_run(&dir, "ssh-keygen -q -t ed25519 -N '' -C 'Anna B' -f key &&"
	    " ssh-keygen -q -t ed25519 -N '' -f other && ssh-keygen -q -t rsa -N '' -f rsa"), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	/* of a test that failed */
	assert_int_equal(scratch_run(&dir, "test ! -f pid || kill $(cat pid)"), 0);
	scratch_end(&dir);
	return 0;
}

static enum err
sign(const char *name, const char *namespace, const void *data, size_t len, struct fault *f)
{
	char path[256], armor[LIMIT_ARMOR + 1];
	struct ssh_key key, by;
	enum err e;

	*f = (struct fault){ .err = OK };
	e = signer_sign(scratch_path(&dir, name, path), namespace, data, len, armor, &key, f);
	assert_int_equal(f->err, e);
	if (e != OK) {
		assert_string_equal(armor, "");
		return e;
	}
	assert_int_equal(sshsig_verify(armor, strlen(armor), namespace, data, len, &by), OK);
	assert_true(sshsig_key_equal(&key, &by));
	scratch_put(&dir, "sig", armor, strlen(armor));
	return OK;
}

static void
public_half(void **state)
{
	char path[256], comment[32], print[SSHSIG_PRINT], log[512];
	struct ssh_key a, b;
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-keygen");
	assert_int_equal(signer_public(scratch_path(&dir, "key", path), &a, comment, sizeof comment,
	    &f), OK);
	assert_string_equal(comment, "Anna B");
	assert_int_equal(scratch_run(&dir, "ssh-keygen -l -f key >log"), 0);
	scratch_get(&dir, "log", log, sizeof log);
	sshsig_key_fingerprint(&a, print);
	assert_non_null(strstr(log, print));
	assert_int_equal(signer_public(scratch_path(&dir, "key.pub", path), &b, NULL, 0, &f), OK);
	assert_true(sshsig_key_equal(&a, &b));

	assert_int_equal(signer_public(scratch_path(&dir, "rsa", path), &a, NULL, 0, &f),
	    ERR_KEY_FORM);
	assert_int_equal(signer_public(scratch_path(&dir, "none", path), &a, NULL, 0, &f), ERR_IO);
	assert_non_null(strstr(f.at, "none.pub"));
	assert_int_equal(scratch_run(&dir, "head -c 1026 /dev/zero >long.pub"), 0);
	assert_int_equal(signer_public(scratch_path(&dir, "long", path), &a, NULL, 0, &f),
	    ERR_LIMIT);
}

static void
names(void **state)
{
	char armor[LIMIT_ARMOR + 1], longest[4097];
	struct ssh_key key;
	struct fault f;

	(void)state;
	memset(longest, 'x', sizeof longest);
	longest[4092] = '\0';
	assert_int_equal(signer_public("", &key, NULL, 0, &f), ERR_USAGE);
	assert_int_equal(signer_public(longest, &key, NULL, 0, &f), ERR_USAGE);
	assert_int_equal(signer_sign(longest, NAMESPACE, body, BODY_LEN, armor, &key, &f),
	    ERR_USAGE);
	longest[4091] = '\0';
	assert_int_equal(signer_public(longest, &key, NULL, 0, &f), ERR_IO);
	assert_int_equal(signer_public(".pub", &key, NULL, 0, &f), ERR_IO);	/* .pub.pub */
}

static void
key_file(void **state)
{
	char *large = malloc(MIB);
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-keygen");
	assert_non_null(large);
	memset(large, 'x', MIB);
	assert_int_equal(sign("key", NAMESPACE, large, MIB, &f), OK);
	assert_int_equal(sign("key.pub", NAMESPACE, "", 0, &f), OK);
	assert_int_equal(sign("key", NAMESPACE, body, BODY_LEN, &f), OK);
	scratch_put(&dir, "body", body, BODY_LEN);
	assert_int_equal(scratch_run(&dir, "sed 's/^/me /' key.pub >allowed && ssh-keygen -Y verify"
	    " -f allowed -I me -n " NAMESPACE " -s sig <body >log"), 0);
	free(large);
}

static void
useless_key_files(void **state)
{
	char *large = calloc(1, MIB);
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-keygen");
	assert_non_null(large);
	assert_int_equal(scratch_run(&dir, "cp key.pub gone.pub; cp key.pub junk.pub; echo x >junk;"
	    " cp key.pub swapped.pub; cp other swapped; chmod 600 junk swapped"), 0);
	assert_int_equal(sign("gone", NAMESPACE, body, BODY_LEN, &f), ERR_SIGNER);
	assert_non_null(strstr(f.at, "ssh-add"));
	/* ssh-keygen gives up before it reads the body */
	assert_int_equal(sign("junk", NAMESPACE, large, MIB, &f), ERR_SIGNER);
	assert_int_equal(sign("swapped", NAMESPACE, body, BODY_LEN, &f), ERR_SIGNER);
	assert_int_equal(sign("rsa", NAMESPACE, body, BODY_LEN, &f), ERR_KEY_FORM);
	assert_int_equal(sign("none", NAMESPACE, body, BODY_LEN, &f), ERR_IO);
	free(large);
}

/* A program called ssh-keygen that runs ${script} is found first. */
static enum err
sign_with(const char *script, const char *namespace, struct fault *f)
{
	char path[4200], text[512];
	enum err e;

	snprintf(text, sizeof text, "#!/bin/sh\nPATH='%.300s'\n%s\n", path_saved, script);
	assert_int_equal(scratch_run(&dir, "mkdir -p bin"), 0);
	scratch_put(&dir, "bin/ssh-keygen", text, strlen(text));
	assert_int_equal(scratch_run(&dir, "chmod +x bin/ssh-keygen"), 0);
	snprintf(path, sizeof path, "%s/bin:%s", dir.dir, path_saved);
	assert_int_equal(setenv("PATH", path, 1), 0);
	e = sign("key", namespace, body, BODY_LEN, f);
	assert_int_equal(setenv("PATH", path_saved, 1), 0);
	return e;
}

static void
false_ssh_keygen(void **state)
{
	static const struct {
		const char *script;
		enum err want;
	} table[] = {
		{ "exec ssh-keygen \"$@\"", OK },
		{ "ssh-keygen \"$@\"; exit 1", ERR_SIGNER },
		{ "ssh-keygen \"$@\"; kill -9 $$", ERR_SIGNER },
		{ "ssh-keygen \"$@\"; echo", ERR_SIGNER },
		{ "exit 0", ERR_SIGNER },
		{ "yes", ERR_SIGNER },
		{ "head -c 2048 /dev/zero", ERR_SIGNER },
		{ "head -c 2049 /dev/zero", ERR_SIGNER },
		{ "ssh-keygen -q -Y sign -f \"${5%key}other\" -n \"$7\"", ERR_SIGNER },
		{ "ssh-keygen -q -Y sign -f \"$5\" -n other@waxseal", ERR_SIGNER },
		{ "echo more | ssh-keygen \"$@\"", ERR_SIGNER },
	};
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-keygen");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(sign_with(table[i].script, NAMESPACE, &f), table[i].want);
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	assert_int_equal(sign("key", NAMESPACE, body, BODY_LEN, &f), ERR_SIGNER);
	assert_int_equal(setenv("PATH", path_saved, 1), 0);
	assert_non_null(strstr(f.at, "cannot be run"));
}

/* No shell stands between: the namespace is one word, whatever is in it. */
static void
arguments(void **state)
{
	static const char purpose[] = "a b;c$(d)'@waxseal";
	char script[256], words[512];
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-keygen");
	snprintf(script, sizeof script, "printf '<%%s>' \"$@\" >%s/words; exec ssh-keygen \"$@\"",
	    dir.dir);
	assert_int_equal(sign_with(script, purpose, &f), OK);
	scratch_get(&dir, "words", words, sizeof words);
	assert_non_null(strstr(words, "<-q><-Y><sign><-f>"));
	assert_non_null(strstr(words, "<-n><a b;c$(d)'@waxseal>"));
	assert_int_equal(sign("key", "", body, BODY_LEN, &f), ERR_SIGNER);
	assert_int_equal(sign("key", "sixty-five-bytes-are-too-many-for-a-namespace-in-this-"
	    "toolkit-xxx", body, BODY_LEN, &f), ERR_SIGNER);
}

static void
start_agent(const char *environment)
{
	static char name[] = "sock0";
	char line[512], path[256];

	name[4]++;
	snprintf(line, sizeof line, "%s ssh-agent -s -a %s >env && . ./env >log &&"
	    " echo $SSH_AGENT_PID >pid", environment, name);
	assert_int_equal(scratch_run(&dir, line), 0);
	assert_int_equal(setenv("SSH_AUTH_SOCK", scratch_path(&dir, name, path), 1), 0);
}

static void
stop_agent(void)
{
	assert_int_equal(scratch_run(&dir, "kill $(cat pid) && rm pid"), 0);
	unsetenv("SSH_AUTH_SOCK");
}

static void
agent(void **state)
{
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-agent");
	NEED_TOOL("ssh-add");
	start_agent("");
	/* held by nobody else: other.pub stands alone, as for a token */
	assert_int_equal(scratch_run(&dir, "ssh-add -q other rsa && mv other other.gone"), 0);
	assert_int_equal(sign("other", NAMESPACE, body, BODY_LEN, &f), OK);
	assert_int_equal(sign("other.pub", NAMESPACE, body, BODY_LEN, &f), OK);
	assert_int_equal(sign("other", "", body, BODY_LEN, &f), ERR_SIGNER);
	/* one that the agent does not hold comes from its file */
	assert_int_equal(sign("key", NAMESPACE, body, BODY_LEN, &f), OK);
	assert_int_equal(scratch_run(&dir, "ssh-add -q -d other.pub 2>log"), 0);
	assert_int_equal(sign("other", NAMESPACE, body, BODY_LEN, &f), ERR_SIGNER);
	assert_non_null(strstr(f.at, "ssh-add"));
	stop_agent();
	assert_int_equal(scratch_run(&dir, "mv other.gone other"), 0);
}

/* The agent decides: that the key's file is there too does not overrule its refusal. */
static void
agent_refuses(void **state)
{
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-agent");
	NEED_TOOL("ssh-add");
	start_agent("DISPLAY=none SSH_ASKPASS=/bin/false");
	assert_int_equal(scratch_run(&dir, "ssh-add -q -c key"), 0);
	assert_int_equal(sign("key", NAMESPACE, body, BODY_LEN, &f), ERR_SIGNER);
	assert_non_null(strstr(f.at, "refused"));
	stop_agent();
}

/* When the file signs, ssh-keygen must not find an agent on its own; the rest it inherits. */
static void
agent_is_kept_from_ssh_keygen(void **state)
{
	char script[256], path[256], environment[16384];
	struct fault f;

	(void)state;
	NEED_TOOL("ssh-keygen");
	assert_int_equal(setenv("SSH_AUTH_SOCK", scratch_path(&dir, "nothing", path), 1), 0);
	assert_int_equal(setenv("SSH_AUTH_SOCKET", "kept", 1), 0);
	snprintf(script, sizeof script, "env >%s/seen; exec ssh-keygen \"$@\"", dir.dir);
	assert_int_equal(sign_with(script, NAMESPACE, &f), OK);
	scratch_get(&dir, "seen", environment, sizeof environment);
	assert_null(strstr(environment, "SSH_AUTH_SOCK="));
	assert_non_null(strstr(environment, "SSH_AUTH_SOCKET=kept\n"));
	assert_string_equal(getenv("SSH_AUTH_SOCK"), path);
	unsetenv("SSH_AUTH_SOCK");
	unsetenv("SSH_AUTH_SOCKET");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_half),
		cmocka_unit_test(names),
		cmocka_unit_test(key_file),
		cmocka_unit_test(useless_key_files),
		cmocka_unit_test(false_ssh_keygen),
		cmocka_unit_test(arguments),
		cmocka_unit_test(agent),
		cmocka_unit_test(agent_refuses),
		cmocka_unit_test(agent_is_kept_from_ssh_keygen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
