/* A body and its signatures; nothing of the body is looked into. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *end = (const char *)data + size, *at;
	struct document doc, again;
	struct signers by;
	char type[16], vendor[64], *text;
	size_t len;

	if (document_split_unsigned(data, size, &doc) != OK)
		return 0;
	/* All of it, in this order, nothing between. */
	HOLD(doc.body == (const char *)data && doc.body_len > 0 && doc.count <= LIMIT_SIGNATURES);
	HOLD(doc.body[doc.body_len - 1] == '\n');
	at = doc.body + doc.body_len;
	for (unsigned i = 0; i < doc.count; i++) {
		HOLD(doc.signature[i].armor == at && doc.signature[i].len <= LIMIT_ARMOR);
		at += doc.signature[i].len;
	}
	HOLD(at == end);
	if (document_type(doc.body, doc.body_len, type, sizeof(type)) == OK)
		HOLD(strlen(type) > 0 && strlen(type) < sizeof(type));
	if (document_party(doc.body, doc.body_len, "vendor", vendor, sizeof(vendor)) == OK)
		HOLD(strlen(vendor) < sizeof(vendor) && strchr(vendor, '"') == NULL);
	if (document_signers(&doc, "trust@waxseal", &by) == OK)
		HOLD(by.count == doc.count);
	/* The body as it is can be signed, and then is the same document. */
	text = sign_body(doc.body, doc.body_len, "trust@waxseal", 2, &len);
	HOLD(document_split(text, len, &again) == OK && again.count == 2);
	HOLD(digest_equal(&again.digest, &doc.digest));
	HOLD(document_signers(&again, "trust@waxseal", &by) == OK && by.count == 2);
	HOLD(document_signers(&again, "seal@waxseal", &by) == ERR_SIG_NAMESPACE);
	free(text);
	return 0;
}
