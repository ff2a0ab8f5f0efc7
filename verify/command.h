/*
 * command: the table of subcommands that mkmedia and ingest are made of.
 */
#ifndef VERIFY_COMMAND_H
#define VERIFY_COMMAND_H

#include "formats/err.h"
#include "formats/time.h"

struct command {
	const char *name;	/* one word, or two: "trust add" */
	const char *synopsis;	/* what follows the name */
	const char *summary;	/* one line */
	/* ${argv} without program and name; the result is the exit status. */
	int (*run)(int argc, char **argv);
};

/*
 * What every program begins with: standard streams that are closed become /dev/null, a broken
 * pipe and a file beyond the limit of its size are errors and no signals, nobody else may write to
 * what is made.  False: not even that can be had.
 */
bool command_begin(void) MUST_USE;

/*
 * Run the command of ${table} (ended by a NULL name) that ${argv} names.  --help and --version are
 * answered here, alone or behind a command.
 */
int command_main(const char *program, const char *purpose, const struct command *table, int argc,
    char **argv);

/* The time now, with the local offset. */
struct moment command_now(void);

#endif
