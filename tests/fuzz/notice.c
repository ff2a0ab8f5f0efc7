/* The news of a release: the bytes as they are, and what is printed of those that are good. */
#include "formats/advisory.h"
#include "formats/name.h"
#include "formats/notice.h"
#include "tests/fuzz/fuzz.h"

/* A page has no line that is wider than paper (of characters), and nothing that moves a cursor. */
static void
check_page(const char *text, size_t len)
{
	size_t column = 0;

	HOLD(strlen(text) == len && len > 0 && text[len - 1] == '\n');
	for (size_t i = 0; i < len; i++) {
		HOLD((unsigned char)text[i] >= 0x20 || text[i] == '\n');
		column = text[i] == '\n' ? 0 : column + (((unsigned char)text[i] & 0xc0) != 0x80);
		HOLD(column <= 72);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct trust t = { .name = "E", .telephone = "+49" };
	const struct digest anchor = { { 1 } };
	struct advisory_revision revision;
	struct document doc;
	struct notice *n;
	char *text, name[ADVISORY_NAME];
	size_t len;

	if (document_split_unsigned(data, size, &doc) != OK ||
	    notice_parse(&n, &doc, NULL, NULL) != OK)
		return 0;
	HOLD(name_id_ok(n->vendor) && n->sequence >= 1 && name_release_ok(n->release.id));
	HOLD(n->withdrawal == (*n->reason != '\0'));
	HOLD(notice_text(n, &t, &text, &len) == OK);
	check_page(text, len);
	free(text);
	revision = (struct advisory_revision){ n->sequence, n->issued, n->withdrawal };
	HOLD(advisory_print(n, "E", &anchor, &revision, 1, &text, &len) == OK);
	free(text);
	advisory_name(n->release.id, name);
	HOLD(name_path_ok(name, strlen(name)));
	notice_free(n);
	return 0;
}
