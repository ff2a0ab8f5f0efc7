/*
 * Tests of verify/ask: from files, pipes and a terminal, which is a pseudo-terminal here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pty.h>
#include <utmp.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/ask.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct code code;
static char printed[CODE_PRINT];

static int
make_code(void **state)
{
	(void)state;
	if (code_make("acme-plant7", 7, &code) != OK)
		return -1;
	code_print(&code, printed);
	return 0;
}

static void
from_files(void **state)
{
	static const struct {
		const char *before, *after;	/* of the code; before is NULL where it is all */
		enum err want;
	} table[] = {
		{ "", "", OK },
		{ "", "\n", OK },
		{ "", "\r\n", OK },
		{ "  ", "\n", OK },
		{ "", "\nand more\nlines\n", OK },
		{ "", " x\n", ERR_CODE_TYPED },
		{ "\n", "\n", ERR_CODE_TYPED },
		{ "x", "\n", ERR_CODE_TYPED },
		{ NULL, "", ERR_CODE_TYPED },
		{ NULL, "\n", ERR_CODE_TYPED },
		{ NULL, "acme-plant7 QPZR\n", ERR_CODE_TYPED },
	};
	struct scratch s = scratch_new();
	const unsigned before = process_descriptors();
	char path[256], text[1000];
	bool given;

	(void)state;
	scratch_path(&s, "code", path);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		struct code got;
		enum err e;

		snprintf(text, sizeof text, "%s%s%s",
		    table[i].before == NULL ? "" : table[i].before,
		    table[i].before == NULL ? "" : printed, table[i].after);
		scratch_put(&s, "code", text, strlen(text));
		given = false;
		e = ask_code(path, i % 2 == 0, &got, &given, &f);
		if (e != table[i].want)
			fail_msg("row %zu: %s %s", i, err_code(e), f.at);
		if (e == OK) {
			assert_true(given);
			assert_string_equal(got.text, code.text);
		} else {
			assert_string_not_equal(f.at, "");
			assert_null(strstr(f.at, code.text + strlen("acme-plant71")));
		}
	}
	/* a line that never ends */
	memset(text, 'q', sizeof text);
	scratch_put(&s, "code", text, sizeof text);
	assert_int_equal(ask_code(path, false, &(struct code){ .number = 0 }, &given, NULL),
	    ERR_CODE_TYPED);
	scratch_path(&s, "missing", path);
	assert_int_equal(ask_code(path, true, &(struct code){ .number = 0 }, &given, NULL),
	    ERR_USAGE);
	assert_int_not_equal(ask_code(s.dir, true, &(struct code){ .number = 0 }, &given, NULL),
	    OK);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
}

/* What a child says: an err; 100 is added when a code was given, 50 when it was the right one. */
static int
ask(const char *from, bool optional)
{
	bool given = true;
	struct code got = { .number = 0 };
	struct fault f;
	enum err e = ask_code(from, optional, &got, &given, &f);

	return (e == OK ? 0 : e == ERR_CODE_TYPED ? 1 : 2) + (given ? 100 : 0) +
	    (strcmp(got.text, code.text) == 0 ? 50 : 0);
}

#define GIVEN 150
#define NONE 0
#define TYPED 1

static int
ask_stdin(void *arg)
{
	const int *ends = arg;

	if (dup2(ends[0], STDIN_FILENO) == -1)
		return 99;
	return ask("-", false);
}

static int
ask_without_terminal(void *arg)
{
	const int *ends = arg;

	char line[16] = "as it was";

	if (dup2(ends[0], STDIN_FILENO) == -1 || ask_yes("Really?") ||
	    ask_line("What?", line, sizeof line))
		return 99;
	return ask(NULL, false) + ask(NULL, true);
}

static void
from_pipes(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], printed, strlen(printed)), (ssize_t)strlen(printed));
	assert_int_equal(write(ends[1], "\n", 1), 1);	/* and it stays open */
	assert_int_equal(process_run(ask_stdin, ends), GIVEN);
	/* nobody is asked, and nothing is read, without a terminal */
	assert_int_equal(write(ends[1], printed, strlen(printed)), (ssize_t)strlen(printed));
	assert_int_equal(process_run(ask_without_terminal, ends), NONE);
	close(ends[1]);
	assert_int_equal(process_run(ask_stdin, ends), GIVEN);
	assert_int_equal(process_run(ask_stdin, ends), 100 + TYPED);	/* empty */
	close(ends[0]);
}

/* Run ${fn} at a terminal where ${typed} is typed; ${shown} gets what is to be seen there. */
static int
at_terminal(int (*fn)(bool), bool arg, const char *typed, char *shown, size_t cap)
{
	size_t n = 0;
	ssize_t got;
	int master, slave, status;
	pid_t pid;

	fflush(NULL);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(login_tty(slave) == 0 ? fn(arg) : 98);
	assert_int_equal(write(master, typed, strlen(typed)), (ssize_t)strlen(typed));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* As long as the other end is open here, nothing that was shown can be lost. */
	while (n < cap - 1 &&
	    poll(&(struct pollfd){ .fd = master, .events = POLLIN }, 1, 100) == 1 &&
	    (got = read(master, shown + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	close(slave);
	shown[n] = '\0';
	close(master);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
ask_person(bool optional)
{
	return ask(NULL, optional);
}

static int
ask_question(bool unused)
{
	(void)unused;
	return ask_yes("Go on?") ? 1 : 0;
}

static unsigned
occurrences(const char *text, const char *of)
{
	unsigned n = 0;

	for (; (text = strstr(text, of)) != NULL; text++)
		n++;
	return n;
}

static void
from_a_terminal(void **state)
{
	/* @ is the code, ^ the end of the file */
	static const struct {
		const char *typed;
		bool optional;
		int want;
		unsigned asked, explained;
	} table[] = {
		{ "@\n", false, GIVEN, 1, 0 },
		{ "@\n", true, GIVEN, 1, 0 },
		{ "x\n@\n", false, GIVEN, 2, 1 },
		{ "x\nx\nx\nx\n@\n", false, GIVEN, 5, 4 },
		{ "x\nx\nx\nx\nx\n", false, TYPED, 5, 5 },
		{ "x\nx\nx\nx\nx\n", true, TYPED, 5, 5 },
		{ "\n", true, NONE, 1, 0 },
		{ "x\n\n", true, NONE, 2, 1 },
		{ "\n@\n", false, GIVEN, 2, 1 },
		{ "^", true, NONE, 1, 0 },
	};
	char typed[500], shown[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t n = 0;
		int got;

		for (const char *p = table[i].typed; *p != '\0'; p++) {
			const char *put = *p == '@' ? printed : *p == '^' ? "\004" : p;

			n += (size_t)snprintf(typed + n, sizeof typed - n, "%.*s",
			    *p == '@' ? (int)sizeof typed : 1, put);
		}
		got = at_terminal(ask_person, table[i].optional, typed, shown, sizeof shown);
		if (got != table[i].want)
			fail_msg("row %zu: %d; %s", i, got, shown);
		assert_int_equal(occurrences(shown, "Code from the letter"), table[i].asked);
		assert_int_equal(occurrences(shown, "Mistyped"), table[i].explained);
	}
}

/* What is wrong is said in words, and a group by its number. */
static void
explains(void **state)
{
	char typed[CODE_PRINT + 16], shown[8192], *last;

	(void)state;
	snprintf(typed, sizeof typed, "%s", printed);
	last = typed + strlen(typed) - 1;
	*last = *last == 'Q' ? 'P' : 'Q';
	strcat(typed, "\n\n");
	assert_int_equal(at_terminal(ask_person, true, typed, shown, sizeof shown), NONE);
	assert_non_null(strstr(shown, "cannot be right"));
	snprintf(typed, sizeof typed, "%.*s\n\n", (int)strlen(printed) - 2, printed);
	assert_int_equal(at_terminal(ask_person, true, typed, shown, sizeof shown), NONE);
	assert_non_null(strstr(shown, "2 characters are missing"));
	snprintf(typed, sizeof typed, "%sQQQ\n\n", printed);
	assert_int_equal(at_terminal(ask_person, true, typed, shown, sizeof shown), NONE);
	assert_non_null(strstr(shown, "3 characters too many"));
}

static void
yes_or_no(void **state)
{
	static const struct { const char *typed; int want; } table[] = {
		{ "y\n", 1 }, { "Y\n", 1 }, { "yes\n", 1 }, { "n\n", 0 }, { "\n", 0 },
		{ " y\n", 0 }, { "j\n", 0 }, { "no, y\n", 0 }, { "\004", 0 },
	};
	char shown[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(at_terminal(ask_question, false, table[i].typed, shown,
		    sizeof shown),
		    table[i].want);
		assert_non_null(strstr(shown, "Go on? [y/N]"));
	}
}

#define ROOM 16

/* The line, between marks, to standard output; 1 when there was one. */
static int
ask_for_line(bool unused)
{
	char line[ROOM + 8];

	(void)unused;
	memset(line, '#', sizeof line);
	if (!ask_line("Which?", line, ROOM))
		return 0;
	if (memchr(line, '\0', ROOM) == NULL || memcmp(line + ROOM, "########", 8) != 0)
		return 97;
	printf("<%s>", line);
	fflush(stdout);
	return 1;
}

static void
lines(void **state)
{
	/* ^ is the end of the file: twice where it stands behind something */
	static const struct { const char *typed; const char *want; } table[] = {
		{ "\n", "<>" }, { "x\n", "<x>" }, { "CLEAR\n", "<CLEAR>" },
		{ " a b \n", "< a b >" },
		{ "\xc3\xa4\n", "<\xc3\xa4>" }, { "one\ntwo\n", "<one>" },
		{ "12345678901234\n", "<12345678901234>" },
		{ "123456789012345\n", "<123456789012345>" },	/* as many as there is room for */
		{ "1234567890123456\n", NULL },
		{ "12345678901234567890123456789012345678901234567890\n", NULL },
		{ "\004", NULL }, { "x\004\004", NULL },
	};
	char shown[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		int got = at_terminal(ask_for_line, false, table[i].typed, shown, sizeof shown);

		if (got != (table[i].want != NULL))
			fail_msg("row %zu: %d; %s", i, got, shown);
		assert_non_null(strstr(shown, "  Which? "));
		if (table[i].want != NULL)
			assert_non_null(strstr(shown, table[i].want));
	}
}

static int
ask_two_questions(bool unused)
{
	int answers = ask_question(unused);

	return answers + 2 * ask_question(unused);
}

static int
ask_line_then_question(bool unused)
{
	char line[ROOM];

	(void)ask_line("Which?", line, sizeof line);
	return ask_question(unused);
}

/* What is too long for one question is no answer to the next. */
static void
too_long(void **state)
{
	static int (*const ask_two[])(bool) = { ask_two_questions, ask_line_then_question };
	char typed[1024], shown[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(ask_two); i++) {
		memset(typed, 'n', ROOM - 1);
		strcpy(typed + ROOM - 1, "yes\nn\n");
		if (at_terminal(ask_two[i], false, typed, shown, sizeof shown) != 0)
			fail_msg("row %zu: %s", i, shown);
	}
	/* nor is the end of a very long code the empty line of one who has none */
	memset(typed, 'n', 511);
	snprintf(typed + 511, sizeof typed - 511, "\n%s\n", printed);
	assert_int_equal(at_terminal(ask_person, true, typed, shown, sizeof shown), GIVEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_files),
		cmocka_unit_test(from_pipes),
		cmocka_unit_test(from_a_terminal),
		cmocka_unit_test(explains),
		cmocka_unit_test(yes_or_no),
		cmocka_unit_test(lines),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, make_code, NULL);
}
