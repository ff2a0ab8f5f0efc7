/*
 * ask: see ask.h.
 */
#include "verify/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "verify/file.h"

#define TRIES 5
#define LINE 512

static void
explain(const struct code_typo *typo, char *out, size_t cap)
{
	char shown[40];

	(void)name_escape(
	    shown, sizeof(shown), typo->typed, strnlen(typo->typed, sizeof(typo->typed)));
	if (typo->missing > 0)
		(void)snprintf(out, cap, "%d characters are missing", typo->missing);
	else if (typo->missing < 0)
		(void)snprintf(out, cap, "%d characters too many", -typo->missing);
	else if (typo->group > 0)
		(void)snprintf(out, cap, "group %u cannot be right (%s)", typo->group, shown);
	else
		(void)snprintf(out, cap, "more than one group cannot be right");
}

static enum err
parse(const char *line, size_t len, struct code *out, struct fault *f)
{
	struct code_typo typo = { .group = 0 };
	char why[128];
	enum err e;

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	e = code_parse(line, len, out, &typo);
	if (e == OK)
		return OK;
	explain(&typo, why, sizeof(why));
	return err_fault(f, e, "%s", e == ERR_CODE_TYPED ? why : "the code");
}

static enum err
from_descriptor(int fd, struct code *out, struct fault *f)
{
	char line[LINE] = "";
	size_t len = 0;
	ssize_t n = 1;
	enum err e;

	while (n != 0 && len < sizeof(line) && memchr(line, '\n', len) == NULL) {
		n = read(fd, line + len, sizeof(line) - len);
		if (n == -1 && errno != EINTR)
			return err_fault(f, err_errno(), "the code: %s", strerror(errno));
		len += n > 0 ? (size_t)n : 0;
	}
	if (memchr(line, '\n', len) != NULL)
		len = (size_t)((char *)memchr(line, '\n', len) - line);
	e = parse(line, len, out, f);
	explicit_bzero(line, sizeof(line));
	return e;
}

/*
 * A whole line of at most ${cap} - 1 bytes; of a longer one nothing is left for the next
 * question.
 */
static bool
read_line(char *out, size_t cap)
{
	size_t len = 0;
	int c;

	while ((c = getc(stdin)) != EOF && c != '\n')
		if (len < cap)
			out[len++] = (char)c;
	if (c == EOF || len == cap)
		return false;
	out[len] = '\0';
	return true;
}

static enum err
from_terminal(bool optional, struct code *out, bool *given, struct fault *f)
{
	char line[LINE];
	enum err e = OK;
	int tries;

	*given = false;
	for (tries = 0; tries < TRIES; tries++) {
		(void)fprintf(stderr, "  Code from the letter%s: ",
		    optional ? " (Enter: go on without it)" : "");
		(void)fflush(stderr);
		if (!read_line(line, sizeof(line)) || (line[0] == '\0' && optional))
			return OK;
		e = parse(line, strlen(line), out, f);
		explicit_bzero(line, sizeof(line));
		if (e == OK) {
			*given = true;
			return OK;
		}
		if (f != NULL)
			(void)fprintf(stderr, "  Mistyped: %s. Nothing was judged yet.\n", f->at);
	}
	return e;
}

enum err
ask_code(const char *from, bool optional, struct code *out, bool *given, struct fault *f)
{
	enum err e;
	int fd;

	*given = false;
	if (from == NULL)
		return isatty(STDIN_FILENO) == 1 ? from_terminal(optional, out, given, f) : OK;
	*given = true;
	if (strcmp(from, "-") == 0)
		return from_descriptor(STDIN_FILENO, out, f);
	fd = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return err_fault(f, ERR_USAGE, "%s: %s", from, strerror(errno));
	e = from_descriptor(fd, out, f);
	(void)close(fd);
	return e;
}

bool
ask_line(const char *question, char *out, size_t cap)
{
	if (isatty(STDIN_FILENO) != 1)
		return false;
	(void)fprintf(stderr, "  %s ", question);
	(void)fflush(stderr);
	return read_line(out, cap);
}

bool
ask_yes(const char *question)
{
	char text[200], line[16];

	(void)snprintf(text, sizeof(text), "%s [y/N]", question);
	return ask_line(text, line, sizeof(line)) && (line[0] == 'y' || line[0] == 'Y');
}
