/* Lists of components that other programs made: what is taken over can be signed. */
#include "formats/bom.h"
#include "formats/purl.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct passport *p = passport_new(), *again;
	char *text;
	size_t skipped, len;

	HOLD(p != NULL);
	p->system = "bed-1";
	p->number = 1;
	if (bom_read(p, data, size, &skipped, NULL) == OK && passport_settle(p, NULL) == OK) {
		HOLD(passport_print(p, &text, &len, NULL) == OK);
		HOLD(passport_parse(&again, text, len, NULL) == OK);
		HOLD(again->count == p->count);
		passport_free(again);
		free(text);
	}
	passport_free(p);
	return 0;
}
