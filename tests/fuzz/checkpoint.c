/* The three lines of a checkpoint. */
#include "formats/merkle.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CHECKPOINT_TEXT];
	struct checkpoint c;

	if (merkle_checkpoint_parse((const char *)data, size, &c) != OK)
		return 0;
	HOLD(strlen(c.origin) > 0 && strlen(c.origin) < sizeof(c.origin));
	/* There is one way to write it. */
	HOLD(merkle_checkpoint_print(&c, text) == size && memcmp(text, data, size) == 0);
	return 0;
}
