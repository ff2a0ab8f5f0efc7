/*
 * fuzz: what every target begins with.  A target hands any bytes to one parser of ours; whatever
 * happens there, what is accepted must hold.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls these; replay.c does too, once for each file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define HOLD(what) do {									\
	if (!(what)) {									\
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what);	\
		abort();								\
	}										\
} while (0)

/* A copy with a NUL behind it, for parsers of text; the caller frees it. */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	HOLD(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* The whole file at ${path}, or NULL; the caller frees it. */
static inline uint8_t *
fuzz_load(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	uint8_t *data = NULL;
	long end;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (end = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		*size = (size_t)end;
		data = malloc(*size == 0 ? 1 : *size);
		HOLD(data != NULL && fread(data, 1, *size, f) == *size);
	}
	(void)fclose(f);
	return data;
}

#endif
