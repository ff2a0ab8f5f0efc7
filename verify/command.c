/*
 * command: see command.h.
 */
#include "verify/command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "formats/digest.h"
#include "verify/report.h"

#define VERSION "1"

static void
print_help(FILE *out, const char *program, const char *purpose, const struct command *table)
{
	const struct command *c;

	(void)fprintf(out, "%s: %s\n\n", program, purpose);
	for (c = table; c->name != NULL; c++)
		(void)fprintf(
		    out, "  %s %s %s\n        %s\n", program, c->name, c->synopsis, c->summary);
	(void)fprintf(out, "\nThe manual: man %s\n", program);
}

/* How many words of ${argv} are the name of ${c}; 0: it is another command. */
static int
matches(const struct command *c, int argc, char **argv)
{
	const char *space = strchr(c->name, ' ');
	size_t first = space == NULL ? strlen(c->name) : (size_t)(space - c->name);

	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], c->name, first) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static bool
wants(const char *option, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], option) == 0)
			return true;
	return false;
}

/* libcrypto sets itself up the first time; later, what it cannot compute ends the process. */
static bool
can_hash(void)
{
	struct digest_state *d = digest_new();

	digest_free(d);
	if (d == NULL)
		(void)fprintf(stderr, "This computer is out of memory (own.memory).\n");
	return d != NULL;
}

bool
command_begin(void)
{
	int fd;

	/* A closed standard stream would be the number of the next file that is opened. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd == -1)
		return false;
	(void)close(fd);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)umask(022);	/* modes are explicit; this only keeps others from writing */
	return can_hash();
}

static int
unknown(const char *program, int argc, char **argv)
{
	const bool two = argc > 1 && argv[1][0] != '-';
	struct fault f;

	if (wants("--json", argc, argv)) {
		(void)err_fault(&f, ERR_USAGE, "there is no command %.100s%s%.100s", argv[0],
		    two ? " " : "", two ? argv[1] : "");
		return report_fault(program, true, &f);
	}
	(void)fprintf(stderr, "%s: there is no command %s%s%s; see %s --help (usage).\n", program,
	    argv[0], two ? " " : "", two ? argv[1] : "", program);
	return 2;
}

static int
run(const char *program, const char *purpose, const struct command *table, int argc, char **argv)
{
	const struct command *c;
	int words;

	for (c = table; c->name != NULL; c++) {
		if ((words = matches(c, argc, argv)) == 0)
			continue;
		if (wants("--version", argc - words, argv + words))
			break;
		if (wants("--help", argc - words, argv + words)) {
			(void)printf("%s %s %s\n  %s\n", program, c->name, c->synopsis, c->summary);
			return 0;
		}
		return c->run(argc - words, argv + words);
	}
	if (c->name != NULL || (argc == 1 && strcmp(argv[0], "--version") == 0)) {
		(void)printf("%s (Waxseal) %s\n", program, VERSION);
		return 0;
	}
	if (argc > 0 && strcmp(argv[0], "--help") == 0) {
		print_help(stdout, program, purpose, table);
		return 0;
	}
	if (argc > 0)
		return unknown(program, argc, argv);
	print_help(stderr, program, purpose, table);
	return 2;
}

int
command_main(const char *program, const char *purpose, const struct command *table, int argc,
    char **argv)
{
	if (!command_begin())
		return 1;
	return report_printed(run(program, purpose, table, argc - 1, argv + 1));
}

struct moment
command_now(void)
{
	time_t t = time(NULL);
	struct tm tm;
	struct moment m = { .seconds = (int64_t)t, .offset = 0 };

	if (localtime_r(&t, &tm) != NULL)
		m.offset = (int16_t)(tm.tm_gmtoff / 60);
	return m;
}
