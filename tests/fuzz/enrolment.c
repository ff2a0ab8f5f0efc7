/* How a site introduces itself: the bytes as they are, and signed by key 0. */
#include "formats/enrolment.h"
#include "formats/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"

static void
check(const void *text, size_t len)
{
	struct enrolment *e, *again;
	const struct keypair k = sign_key(0);
	char *body, *signed_body;
	size_t n, m;

	if (enrolment_open(&e, text, len, NULL) != OK)
		return;
	HOLD(name_id_ok(e->site) && *e->name != '\0');
	HOLD(enrolment_print(e->site, e->name, &k.key, e->issued, &body, &n) == OK);
	signed_body = sign_body(body, n, "enrolment@waxseal", 1, &m);
	HOLD(enrolment_open(&again, signed_body, m, NULL) == OK);
	HOLD(strcmp(e->site, again->site) == 0 && strcmp(e->name, again->name) == 0);
	HOLD(e->issued.seconds == again->issued.seconds);
	HOLD(e->issued.offset == again->issued.offset);
	free(signed_body);
	free(body);
	enrolment_free(again);
	enrolment_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t n;

	check(data, size);
	text = sign_body(data, size, "enrolment@waxseal", 1, &n);
	check(text, n);
	free(text);
	return 0;
}
