/* What became of a consignment: the bytes as they are, and signed by key 0. */
#include "formats/name.h"
#include "formats/receipt.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"

static char *
print(const struct receipt *r, size_t *len)
{
	char *text;

	HOLD(receipt_print(r, &text, len) == OK);
	return text;
}

static void
check(const void *text, size_t len)
{
	struct receipt *r, *again;
	struct ssh_key signer;
	char *first, *second, *sealed;
	size_t n, m, k;

	if (receipt_open(&r, text, len, NULL, &signer, NULL) != OK)
		return;
	HOLD(name_id_ok(r->site) && r->status <= 31);
	first = print(r, &n);
	sealed = sign_body(first, n, "receipt@waxseal", 1, &k);
	HOLD(receipt_open(&again, sealed, k, NULL, &signer, NULL) == OK);
	second = print(again, &m);
	HOLD(n == m && memcmp(first, second, n) == 0);
	receipt_free(again);
	signer.point[0] ^= 1;
	HOLD(receipt_open(&again, sealed, k, &signer, NULL, NULL) == ERR_DOC_SIGNATURE);
	free(first);
	free(second);
	free(sealed);
	receipt_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t n;

	check(data, size);
	text = sign_body(data, size, "receipt@waxseal", 1, &n);
	check(text, n);
	free(text);
	return 0;
}
