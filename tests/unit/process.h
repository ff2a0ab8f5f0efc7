/*
 * process: what a process has open and whom it started; code that runs in a child of its own.
 * Include after cmocka.h.
 */
#ifndef TESTS_UNIT_PROCESS_H
#define TESTS_UNIT_PROCESS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many descriptors are open, not counting the one that looks. */
static inline unsigned
process_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 3;	/* ".", "..", and that of the directory */
}

/* Living and dead children that were not waited for, in the order of their births. */
static inline size_t
process_children(pid_t *out, size_t cap)
{
	char path[64];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "r");
	assert_non_null(f);
	while (n < cap && fscanf(f, "%d", &out[n]) == 1)
		n++;
	fclose(f);
	return n;
}

/* None lives on.  One that was killed and not waited for may need a moment to die. */
static inline void
process_no_children(void)
{
	for (unsigned i = 0; i < 1000; i++) {
		errno = 0;
		if (waitpid(-1, NULL, WNOHANG) == -1)
			break;
		usleep(10000);
	}
	assert_int_equal(errno, ECHILD);
}

/* Until the process is confined it has the limits of its parent: look for five seconds. */
static inline void
process_has_limit(pid_t pid, const char *limit, uint64_t value)
{
	char wanted[64], path[64], line[256];

	snprintf(wanted, sizeof wanted, "%s %llu %llu ", limit, (unsigned long long)value,
	    (unsigned long long)value);
	snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
	for (unsigned i = 0; i < 500; i++) {
		FILE *f = fopen(path, "r");
		bool found = false;

		assert_non_null(f);
		while (!found && fgets(line, sizeof line, f) != NULL) {
			char *to = line;

			for (const char *from = line; *from != '\0'; from++)	/* one blank for many */
				if (*from != ' ' || from[1] != ' ')
					*to++ = *from;
			*to = '\0';
			found = strncmp(line, wanted, strlen(wanted)) == 0;
		}
		fclose(f);
		if (found)
			return;
		usleep(10000);
	}
	fail_msg("process %d: %s is not %llu", (int)pid, limit, (unsigned long long)value);
}

/* How a child ends that runs ${fn}, as waitpid has it; a child must not use cmocka's assertions. */
static inline int
process_end(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(fn(arg));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Its exit status. */
static inline int
process_run(int (*fn)(void *arg), void *arg)
{
	const int status = process_end(fn, arg);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Root may do everything: become nobody for as long as refusals are to be seen. */
static inline void
process_drop_root(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(65534), 0);
}

static inline void
process_be_root_again(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

#endif
