/* Strict JSON: what is parsed is what is printed; jansson refuses nothing that the scan lets by. */
#include "formats/json.h"
#include "formats/limits.h"
#include "formats/scan.h"
#include "tests/fuzz/fuzz.h"

/* Copy all members, print, parse: the same text. */
static void
print_again(const struct json *j)
{
	const struct json_node *root = json_root(j);
	char *text[2];
	size_t len[2], i;
	struct json *again = NULL;

	for (unsigned round = 0; round < 2; round++) {
		struct json_writer *w = json_writer_new();

		HOLD(w != NULL);
		for (i = 0; i < json_count(root); i++)
			json_put_copy(w, json_key_at(root, i), root, json_key_at(root, i));
		HOLD(json_finish(w, round == 0 ? 0 : 1, &text[round], &len[round]) == OK);
		json_free(again);
		HOLD(json_parse(&again, text[round], len[round], NULL) == OK);
		root = json_root(again);
	}
	/* Text with and without spaces between: read again, each prints the same. */
	{
		struct json_writer *w = json_writer_new();
		char *third;
		size_t n;

		for (i = 0; i < json_count(root); i++)
			json_put_copy(w, json_key_at(root, i), root, json_key_at(root, i));
		HOLD(json_finish(w, 0, &third, &n) == OK);
		HOLD(n == len[0] && memcmp(third, text[0], n) == 0);
		free(third);
	}
	json_free(again);
	free(text[0]);
	free(text[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *j;
	struct fault f = { .at = "" };
	size_t at = 0;
	enum err scanned = scan_json(data, size, &at, NULL), parsed = json_parse(&j, data, size, &f);

	if (scanned != OK) {
		HOLD(parsed == scanned && j == NULL && at <= size);
		/* Bytes that are none, a NUL, or half a pair of surrogates. */
		HOLD(scanned != ERR_JSON_UTF8 || !scan_utf8(data, size) ||
		    memchr(data, '\0', size) != NULL || memmem(data, size, "\\u", 2) != NULL);
		return 0;
	}
	HOLD(parsed == OK || parsed == ERR_JSON_DUPLICATE);
	if (parsed == OK) {
		HOLD(scan_utf8(data, size));
		json_check_type(j, "seal", "vendor", NULL);
		(void)!json_error(j, NULL);
		print_again(j);
	}
	json_free(j);
	return 0;
}
