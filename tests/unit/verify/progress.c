/*
 * Tests of verify/progress: how fast, how long still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verify/progress.h"

static char said[4096];

/* What the steps ${done} of 100, half a second and more apart, say on a terminal. */
static void
show(struct progress *p, const uint64_t *done, size_t n)
{
	const int err = dup(STDERR_FILENO), file = open("/tmp", O_RDWR | O_TMPFILE, 0600);
	ssize_t len;

	assert_true(err != -1 && file != -1 && dup2(file, STDERR_FILENO) != -1);
	for (size_t i = 0; i < n; i++) {
		(void)usleep(i == 0 ? 0 : 600000);
		progress_step(p, done[i], 100);
	}
	progress_end(p);
	(void)dup2(err, STDERR_FILENO);
	(void)close(err);
	len = pread(file, said, sizeof(said) - 1, 0);
	assert_true(len >= 0);
	said[len] = '\0';
	(void)close(file);
}

/* The seconds that are left at ${percent}; a busy computer may take a few more. */
static void
soon(const char *percent)
{
	const char *at = strstr(said, percent);

	assert_non_null(at);
	at = strstr(at, "MiB/s");
	assert_non_null(at);
	assert_in_range(atoi(at + 5), 0, 15);
}

/* The time for typing a code, before the first step, is no time of reading. */
static void
from_the_first_step(void **state)
{
	const uint64_t done[] = { 0, 10 };
	struct progress p;

	(void)state;
	progress_begin(&p, "blocks", 65536, false);
	p.shown = true;
	(void)sleep(3);	/* with these more than half a minute would be left */
	show(&p, done, 2);
	soon(" 10 %");
}

/* After a repair all is read again. */
static void
second_pass(void **state)
{
	const uint64_t done[] = { 10, 100, 10, 55 };
	struct progress p;

	(void)state;
	progress_begin(&p, "blocks", 65536, false);
	p.shown = true;
	show(&p, done, 4);
	assert_non_null(strstr(said, "100 %"));
	assert_null(strstr(said, " 10 %"));
	soon(" 55 %");
}

static void
quiet(void **state)
{
	const uint64_t done[] = { 0, 60 };
	struct progress p;

	(void)state;
	progress_begin(&p, "blocks", 65536, true);
	show(&p, done, 2);
	assert_string_equal(said, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_first_step),
		cmocka_unit_test(second_pass),
		cmocka_unit_test(quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
