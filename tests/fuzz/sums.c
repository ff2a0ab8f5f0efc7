/* SHA256SUMS: what is read is what would be written, in one order. */
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/sums.h"
#include "tests/fuzz/fuzz.h"
#include "verify/twins.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	struct sums_line line, before = { .path = NULL };
	struct sums s;
	bool more = true;
	enum err e = OK, twins = twins_check((const char *)data, size, NULL);

	sums_open(&s, data, size);
	while ((e = sums_next(&s, &line, &more)) == OK && more) {
		char *text = malloc(67 + line.len);
		size_t n;

		HOLD(text != NULL && name_path_ok(line.path, line.len));
		n = sums_print(&line.digest, line.path, line.len, text);
		HOLD(n <= size - (size_t)(at - (const char *)data) && memcmp(text, at, n) == 0);
		HOLD(before.path == NULL ||
		    sums_compare(before.path, before.len, line.path, line.len) < 0);
		at += n;
		before = line;
		free(text);
	}
	HOLD(e != OK || at == (const char *)data + size);
	HOLD(e == OK ? twins == OK || twins == ERR_CONTENTS_TWIN : twins == e);
	return 0;
}
