/*
 * Tests of verify/keymaker: the key is one that signer reads, and nothing that is there is touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/keymaker.h"
#include "verify/signer.h"

static struct scratch s;
static unsigned before;
static char path[256];
static struct fault f;

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	scratch_path(&s, "key", path);
	f = (struct fault){ .err = OK };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	process_no_children();
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

static void
makes_a_key(void **state)
{
	char comment[64], armor[LIMIT_ARMOR + 1];
	struct ssh_key key, by, from;
	struct stat st;

	(void)state;
	NEED_TOOL("ssh-keygen");
	/* The shell would do something with that comment; ssh-keygen's options would with a hyphen. */
	assert_int_equal(keymaker_make(path, "-q $(touch x) 'O\"B'", &f), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(signer_public(path, &key, comment, sizeof comment, &f), OK);
	assert_int_equal(key.type, SSH_ED25519);
	assert_string_equal(comment, "-q $(touch x) 'O\"B'");
	unsetenv("SSH_AUTH_SOCK");
	assert_int_equal(signer_sign(path, "test@waxseal", "abc", 3, armor, &by, &f), OK);
	assert_true(sshsig_key_equal(&key, &by));
	assert_int_equal(sshsig_verify(armor, strlen(armor), "test@waxseal", "abc", 3, &from), OK);
	assert_true(sshsig_key_equal(&key, &from));
	assert_int_equal(scratch_run(&s, "[ $(ls | wc -l) = 2 ]"), 0);
}

static void
touches_nothing(void **state)
{
	(void)state;
	NEED_TOOL("ssh-keygen");
	assert_int_equal(scratch_run(&s, "echo mine >key"), 0);
	assert_int_equal(keymaker_make(path, "c", &f), ERR_USAGE);
	assert_int_equal(scratch_run(&s, "[ $(cat key) = mine ] && [ ! -e key.pub ]"), 0);
	assert_int_equal(scratch_run(&s, "mv key key.pub"), 0);
	assert_int_equal(keymaker_make(path, "c", &f), ERR_USAGE);
	assert_int_equal(scratch_run(&s, "[ $(cat key.pub) = mine ] && [ ! -e key ]"), 0);
	assert_int_equal(scratch_run(&s, "rm key.pub && ln -s nowhere key"), 0);
	assert_int_equal(keymaker_make(path, "c", &f), ERR_USAGE);
	assert_int_equal(scratch_run(&s, "[ ! -e nowhere ]"), 0);
}

static void
fails(void **state)
{
	char *paths = strdup(getenv("PATH")), name[PATH_MAX + 8], comment[600];

	(void)state;
	NEED_TOOL("ssh-keygen");
	assert_non_null(paths);
	scratch_path(&s, "none/key", path);
	assert_int_equal(keymaker_make(path, "c", &f), ERR_CHILD);
	assert_non_null(strstr(f.at, "none/key"));
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_int_equal(keymaker_make(name, "c", &f), ERR_USAGE);
	memset(comment, 'c', sizeof comment);
	comment[sizeof comment - 1] = '\0';
	scratch_path(&s, "key", path);
	assert_int_equal(keymaker_make(path, comment, &f), ERR_USAGE);
	setenv("PATH", s.dir, 1);
	assert_int_equal(keymaker_make(path, "c", &f), ERR_CHILD);
	setenv("PATH", paths, 1);
	free(paths);
	assert_int_equal(scratch_run(&s, "[ ! -e key ] && [ ! -e key.pub ]"), 0);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(makes_a_key), TEST(touches_nothing), TEST(fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
