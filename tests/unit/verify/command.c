/*
 * Tests of verify/command: which command is run, and what is answered before one is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/command.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define ARGV 6

static char ran[256];

/* Remember "NAME:arg,arg"; the exit status is 40 and the number of arguments. */
static int
remember(const char *name, int argc, char **argv)
{
	size_t n = (size_t)snprintf(ran, sizeof ran, "%s:", name);

	for (int i = 0; i < argc; i++)
		n += (size_t)snprintf(ran + n, sizeof ran - n, "%s%s", i == 0 ? "" : ",", argv[i]);
	return 40 + argc;
}

static int
run_init(int argc, char **argv)
{
	return remember("init", argc, argv);
}

static int
run_add(int argc, char **argv)
{
	return remember("trust add", argc, argv);
}

static int
run_list(int argc, char **argv)
{
	return remember("trust list", argc, argv);
}

static const struct command table[] = {
	{ "init", "SITE [--solo]", "found a site", run_init },
	{ "trust add", "FILE", "trust a vendor", run_add },
	{ "trust list", "", "the vendors", run_list },
	{ NULL, NULL, NULL, NULL },
};

/* Run the words; ${out} and ${err} get what was printed. */
static int
run(const char *const words[ARGV], char *out, char *err, size_t cap)
{
	struct scratch s = scratch_new();
	char program[] = "prog", copy[ARGV][64], *argv[ARGV + 2] = { program }, path[256];
	int argc = 1, status, saved[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	const mode_t mask = umask(022);

	for (; argc <= ARGV && words[argc - 1] != NULL; argc++) {
		snprintf(copy[argc - 1], sizeof copy[0], "%s", words[argc - 1]);
		argv[argc] = copy[argc - 1];
	}
	*ran = '\0';
	fflush(NULL);
	assert_non_null(freopen(scratch_path(&s, "out", path), "w", stdout));
	assert_non_null(freopen(scratch_path(&s, "err", path), "w", stderr));
	status = command_main("prog", "does things", table, argc, argv);
	fflush(NULL);
	dup2(saved[0], STDOUT_FILENO);
	dup2(saved[1], STDERR_FILENO);
	close(saved[0]);
	close(saved[1]);
	umask(mask);
	scratch_get(&s, "out", out, cap);
	scratch_get(&s, "err", err, cap);
	scratch_end(&s);
	return status;
}

static void
dispatched(void **state)
{
	static const struct {
		const char *words[ARGV];
		const char *ran;	/* NULL: no command was */
		int status;
		const char *out, *err;	/* part of what is printed; "" is nothing at all */
	} rows[] = {
		{ { "init" }, "init:", 40, "", "" },
		{ { "init", "a", "--solo" }, "init:a,--solo", 42, "", "" },
		{ { "trust", "add" }, "trust add:", 40, "", "" },
		{ { "trust", "add", "f" }, "trust add:f", 41, "", "" },
		{ { "trust", "list", "add" }, "trust list:add", 41, "", "" },
		{ { "init", "--", "--help" }, "init:--,--help", 42, "", "" },
		/* nothing, or nothing that is known */
		{ { NULL }, NULL, 2, "", "prog trust add FILE" },
		{ { "in" }, NULL, 2, "", "no command in;" },
		{ { "initx" }, NULL, 2, "", "no command initx;" },
		{ { "INIT" }, NULL, 2, "", "no command INIT;" },
		{ { "" }, NULL, 2, "", "no command ;" },
		{ { "trust" }, NULL, 2, "", "no command trust;" },
		{ { "trust", "ad" }, NULL, 2, "", "no command trust ad;" },
		{ { "add" }, NULL, 2, "", "no command add;" },
		{ { "trust add" }, NULL, 2, "", "no command trust add;" },
		{ { "--solo", "init" }, NULL, 2, "", "--solo" },
		/* help and version, alone or behind a command */
		{ { "--help" }, NULL, 0, "trust a vendor", "" },
		{ { "--help", "init" }, NULL, 0, "found a site", "" },
		{ { "init", "--help" }, NULL, 0, "prog init SITE [--solo]", "" },
		{ { "init", "a", "--help" }, NULL, 0, "found a site", "" },
		{ { "trust", "add", "--help" }, NULL, 0, "prog trust add FILE", "" },
		{ { "--version" }, NULL, 0, "prog (Waxseal) ", "" },
		{ { "init", "--version" }, NULL, 0, "prog (Waxseal) ", "" },
	};
	char out[4096], err[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = run(rows[i].words, out, err, sizeof out);

		if (status != rows[i].status || strcmp(ran,
		    rows[i].ran == NULL ? "" : rows[i].ran) != 0)
			fail_msg("row %zu (%s): %d, ran %s", i, rows[i].words[0], status, ran);
		assert_non_null(strstr(out, rows[i].out));
		assert_non_null(strstr(err, rows[i].err));
		assert_int_equal(*out == '\0', *rows[i].out == '\0');
		assert_int_equal(*err == '\0', *rows[i].err == '\0');
	}
}

static int
run_umask(int argc, char **argv)
{
	struct sigaction pipe;

	(void)argc, (void)argv;
	if (sigaction(SIGPIPE, NULL, &pipe) != 0 || pipe.sa_handler != SIG_IGN)
		return 1;
	return umask(0) == 022 ? 0 : 2;
}

/* Nobody else writes to what a command makes, and a reader that goes away does not kill it. */
static int
in_child(void *arg)
{
	static const struct command one[] = {
		{ "x", "", "", run_umask }, { NULL, NULL, NULL, NULL },
	};
	char program[] = "prog", name[] = "x", *argv[] = { program, name, NULL };

	(void)arg;
	umask(0);
	signal(SIGPIPE, SIG_DFL);
	return command_main("prog", "", one, 2, argv);
}

static void
surroundings(void **state)
{
	(void)state;
	assert_int_equal(process_run(in_child, NULL), 0);
}

static void
now(void **state)
{
	static const struct { const char *zone; int offset; } rows[] = {
		{ "UTC0", 0 }, { "XXX-5:30", 330 }, { "XXX+3:30", -210 }, { "XXX-14", 840 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const int64_t before = (int64_t)time(NULL);
		struct moment m;

		setenv("TZ", rows[i].zone, 1);
		tzset();
		m = command_now();
		assert_int_equal(m.offset, rows[i].offset);
		assert_true(m.seconds >= before && m.seconds <= (int64_t)time(NULL));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dispatched),
		cmocka_unit_test(surroundings),
		cmocka_unit_test(now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
