/* The description of one patch, signed, and the draft of one that a person writes. */
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/release.h"
#include "tests/fuzz/fuzz.h"

static void
parse(const void *text, size_t len, bool ours)
{
	struct document doc;
	struct release *r;
	enum err e = document_split_unsigned(text, len, &doc);

	if (e == OK)
		e = release_parse(&r, &doc, NULL, NULL);
	HOLD(e == OK || !ours);
	if (e != OK)
		return;
	HOLD(name_id_ok(r->vendor) && name_release_ok(r->id) && r->sequence >= 1);
	for (size_t i = 0; i < json_count(r->executables); i++) {
		const char *path =
		    json_get_string_at(r->json, r->executables, i, 1, LIMIT_PATH);

		HOLD(name_path_ok(path, strlen(path)));
		HOLD(release_executable(r, path, strlen(path)));
	}
	release_free(r);
}

/* What is finished can be read. */
static void
finish(const void *draft, size_t len)
{
	static const char *executables[] = { "bin/a", "bin/b" };
	const struct release_files files = { .files = 3, .bytes = 4, .executables = executables,
		.executable_count = 2 };
	char *text;
	size_t n;

	if (release_finish(draft, len, &files, (struct moment){ 1795162320, 60 }, &text, &n,
	    NULL) != OK)
		return;
	parse(text, n, n <= LIMIT_RELEASE);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse(data, size, false);
	finish(data, size);
	return 0;
}
