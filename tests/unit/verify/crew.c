/*
 * Tests of verify/crew.h: the three processes as they really are, seen from outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/sanitized.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/crew.h"
#include "verify/wire.h"

struct fixture {
	struct scratch s;
	struct crew c;
	char path[256];
};

/* A crew over a file of some bytes; the reader has said its first words. */
static void
begin(struct fixture *k)
{
	static struct opening o;
	struct fault f = { .err = OK };

	k->s = scratch_new();
	scratch_put(&k->s, "image", "contents", 8);
	scratch_path(&k->s, "image", k->path);
	assert_int_equal(crew_start(&k->c, &(struct crew_medium){ .path = k->path,
	    .source = &device_machine, .kept = -1 }, &f), OK);
	assert_true(wire_read(k->c.report, &o, sizeof o));
	assert_int_equal(o.fault.err, OK);
}

static void
end(struct fixture *k)
{
	crew_stop(&k->c);
	process_no_children();
	scratch_end(&k->s);
}

static void
limits(void **state)
{
	struct fixture k;

	(void)state;
	begin(&k);
	process_has_limit(k.c.reader, "Max cpu time", LIMIT_READER_TIME);
	process_has_limit(k.c.parser, "Max cpu time", LIMIT_PARSER_TIME);
	process_has_limit(k.c.spare, "Max cpu time", LIMIT_PARSER_TIME);
	if (!SANITIZED) {	/* one limit cannot hold under them */
		process_has_limit(k.c.parser, "Max address space", LIMIT_PARSER_MEMORY);
		process_has_limit(k.c.spare, "Max address space", LIMIT_PARSER_MEMORY);
		process_has_limit(k.c.reader, "Max address space", LIMIT_READER_MEMORY);
	}
	for (size_t i = 0; i < 3; i++) {
		const pid_t pid[] = { k.c.reader, k.c.parser, k.c.spare };

		process_has_limit(pid[i], "Max file size", 0);
		process_has_limit(pid[i], "Max open files", 0);
		process_has_limit(pid[i], "Max core file size", 0);
	}
	end(&k);
}

/* The judge cannot write to the ring, and cannot make it so that it can. */
static void
ring(void **state)
{
	struct fixture k;

	(void)state;
	begin(&k);
	assert_int_equal(k.c.ring[0], 0);
	assert_int_equal(mprotect((void *)(uintptr_t)k.c.ring, 4096, PROT_READ | PROT_WRITE), -1);
	end(&k);
}

/* Whoever is killed from outside says nothing of the medium. */
static void
killed(void **state)
{
	struct fixture k;

	(void)state;
	begin(&k);
	assert_int_equal(crew_died(&k.c, true), ERR_CONTENTS_FORM);	/* nobody's fault but its own */
	assert_int_equal(kill(k.c.parser, SIGKILL), 0);
	assert_int_equal(crew_died(&k.c, true), ERR_CHILD);
	crew_change_parser(&k.c);
	assert_int_equal(k.c.spare, -1);
	assert_int_equal(crew_died(&k.c, true), ERR_CONTENTS_FORM);
	assert_int_equal(kill(k.c.reader, SIGKILL), 0);
	assert_int_equal(crew_died(&k.c, true), ERR_CHILD);
	end(&k);
}

/* What this computer does not give is named, and nobody is left behind. */
static void
cannot_start(void **state)
{
	static const struct {
		__rlimit_resource_t what;
		rlim_t most;
		int why;
	} table[] = { { RLIMIT_FSIZE, 4096, EFBIG }, { RLIMIT_NOFILE, 8, EMFILE } };

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct fault f = { .err = OK };
		struct rlimit was, less;
		struct crew c;

		assert_int_equal(getrlimit(table[i].what, &was), 0);
		less = was;
		less.rlim_cur = table[i].most;
		assert_int_equal(setrlimit(table[i].what, &less), 0);
		assert_int_equal(crew_start(&c, &(struct crew_medium){ .path = "/nowhere/at/all",
		    .source = &device_machine, .kept = -1 }, &f), ERR_CHILD);
		assert_int_equal(setrlimit(table[i].what, &was), 0);
		assert_non_null(strstr(f.at, strerror(table[i].why)));
		crew_stop(&c);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_int_equal(errno, ECHILD);
	}
}

/* A medium that cannot be opened is said by the reader, and leaves nobody behind. */
static void
nothing_there(void **state)
{
	static struct opening o;
	struct fault f = { .err = OK };
	struct crew c;

	(void)state;
	assert_int_equal(crew_start(&c, &(struct crew_medium){ .path = "/nowhere/at/all",
	    .source = &device_machine, .kept = -1 }, &f), OK);
	assert_true(wire_read(c.report, &o, sizeof o));
	assert_int_equal(o.fault.err, ERR_USAGE);
	crew_stop(&c);
	process_no_children();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(ring),
		cmocka_unit_test(killed),
		cmocka_unit_test(cannot_start),
		cmocka_unit_test(nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
