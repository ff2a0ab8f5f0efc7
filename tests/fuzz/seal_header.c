/* The line at the start of the SEAL area: nothing of it is authentic. */
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/seal.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[LIMIT_HEADER_LINE + 1];
	struct seal_header h;
	size_t line, len;

	if (size > SEAL_SIZE || seal_header_parse(data, size, &h, &line) != OK)
		return 0;
	HOLD(line <= LIMIT_HEADER_LINE && line <= size && data[line - 1] == '\n');
	HOLD(h.length <= size - line);
	HOLD(name_id_ok(h.vendor));
	/* There is one way to write it. */
	HOLD(seal_header_print(&h, text, &len) == OK);
	HOLD(len == line && memcmp(text, data, len) == 0);
	return 0;
}
