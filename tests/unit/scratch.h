/*
 * scratch: a directory that a test fills, and tools that it runs there.
 * Include after cmocka.h.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct scratch {
	char dir[64];
};

static inline struct scratch
scratch_new(void)
{
	struct scratch s = { "/tmp/waxseal-test-XXXXXX" };

	assert_non_null(mkdtemp(s.dir));
	return s;
}

/* Run a shell line inside the directory; returns its exit status. */
static inline int
scratch_run(const struct scratch *s, const char *line)
{
	char command[2048];
	int n, status;

	n = snprintf(command, sizeof command, "cd '%s' && { %s; }", s->dir, line);
	assert_in_range(n, 1, (int)sizeof command - 1);
	fflush(NULL);
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static inline void
scratch_end(const struct scratch *s)
{
	assert_int_equal(scratch_run(s, "rm -rf -- \"$PWD\""), 0);
}

static inline const char *
scratch_path(const struct scratch *s, const char *name, char out[static 256])
{
	assert_in_range(snprintf(out, 256, "%s/%s", s->dir, name), 1, 255);
	return out;
}

static inline void
scratch_put(const struct scratch *s, const char *name, const void *data, size_t len)
{
	char path[256];
	FILE *f = fopen(scratch_path(s, name, path), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Read a file of at most ${cap} - 1 bytes and end it with a NUL; ${path} as it is. */
static inline size_t
scratch_load(const char *path, char *out, size_t cap)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, cap, f);
	assert_in_range(n, 0, cap - 1);
	assert_int_equal(fclose(f), 0);
	out[n] = '\0';
	return n;
}

static inline size_t
scratch_get(const struct scratch *s, const char *name, char *out, size_t cap)
{
	char path[256];

	return scratch_load(scratch_path(s, name, path), out, cap);
}

/* Skip the test loudly when ${tool} is not installed. */
#define NEED_TOOL(tool) do {						\
	if (system("command -v " tool " >/dev/null") != 0) {		\
		print_message("SKIPPED: " tool " is not installed\n");	\
		skip();							\
	}								\
} while (0)

#endif
