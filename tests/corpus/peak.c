/*
 * peak: run a command, and write down what it took: the most memory that it or one of its children
 * had at once (KiB), and the bytes that all of them read.
 *   peak FILE COMMAND...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What this process and the children that it has waited for have read. */
static uint64_t
bytes_read(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	uint64_t n = 0;

	if (f == NULL || fscanf(f, "rchar: %" SCNu64, &n) != 1)
		exit(125);
	(void)fclose(f);
	return n;
}

int
main(int argc, char **argv)
{
	struct rusage used;
	uint64_t before;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return 125;
	before = bytes_read();
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid == -1 || wait4(pid, &status, 0, &used) != pid || (f = fopen(argv[1], "w")) == NULL)
		return 125;
	if (fprintf(f, "%ld %" PRIu64 "\n", used.ru_maxrss, bytes_read() - before) < 0 ||
	    fclose(f) != 0)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
