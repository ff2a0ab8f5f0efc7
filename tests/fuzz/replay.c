/*
 * replay: runs a target once on each file that is named, or lies in a directory that is named, with
 * no need of libFuzzer.  What does not hold ends the program.
 */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#pragma weak LLVMFuzzerInitialize

static unsigned
replay_file(const char *path)
{
	size_t size = 0;
	uint8_t *data = fuzz_load(path, &size);

	if (data == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(2);
	}
	/* The last word, if it is the last: which one it was. */
	fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static unsigned
replay(const char *path)
{
	char below[PATH_MAX];
	struct dirent *entry;
	unsigned n = 0;
	DIR *d = opendir(path);

	if (d == NULL)
		return replay_file(path);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		n += replay_file(below);
	}
	(void)closedir(d);
	return n;
}

int
main(int argc, char **argv)
{
	static const uint8_t nothing[1];
	unsigned n = 1;
	int i;

	if (LLVMFuzzerInitialize != NULL)
		(void)LLVMFuzzerInitialize(&argc, &argv);
	(void)LLVMFuzzerTestOneInput(nothing, 0);
	for (i = 1; i < argc; i++)
		n += replay(argv[i]);
	(void)printf("%u\n", n);
	return 0;
}
