/* Passports: the bytes as they are, and signed by key 0; what is read is what is printed. */
#include "formats/limits.h"
#include "formats/passport.h"
#include "formats/purl.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"

static char *
print(const struct passport *p, size_t *len)
{
	char *text;

	HOLD(passport_print(p, &text, len, NULL) == OK);
	return text;
}

static bool
every_second(void *arg, const struct passport_component *c)
{
	unsigned *n = arg;

	(void)c;
	return (*n)++ % 2 == 0;
}

/* Nothing goes out but what the header says. */
static void
redact(const struct passport *p)
{
	struct passport *shown;
	const size_t system = *p->os_id == '\0' ? 0 : 1;
	unsigned asked = 0;
	size_t n, kept;

	HOLD(passport_redact(&shown, p, "s1", every_second, &asked, NULL) == OK);
	kept = ((size_t)asked + 1) / 2;
	HOLD(asked + system == p->count && shown->count == kept + (kept > 0 ? system : 0));
	HOLD(strcmp(shown->system, "s1") == 0 && *shown->kernel == '\0' && *shown->read_by == '\0');
	for (size_t i = 0; i < shown->count; i++) {
		const struct passport_component *c = &shown->component[i];

		HOLD(*c->maker == '\0' && *c->description == '\0' && strchr(c->purl, '#') == NULL);
		for (int k = FACT_CUSTOMISED + 1; k < FACT_COUNT; k++)
			HOLD(*c->fact[k] == '\0');
	}
	free(print(shown, &n));
	passport_free(shown);
}

static void
check(const void *text, size_t len)
{
	struct passport *p, *again;
	char *first, *second;
	struct purl *purl;
	size_t n, m;

	if (passport_open(&p, text, len, NULL, NULL, NULL) != OK)
		return;
	HOLD(passport_is(text, len) && passport_span(text, len) > 0);
	for (size_t i = 0; i < p->count; i++) {
		const struct passport_component *c = &p->component[i];

		HOLD(i == 0 || strcmp(c[-1].ref, c->ref) < 0);
		HOLD(*c->version != '\0' || !passport_is_software(c->kind));
		HOLD(passport_find(p, c->ref) == c);
		if (*c->purl == '\0')
			continue;
		HOLD(purl_parse(&purl, c->purl, strlen(c->purl)) == OK);
		purl_free(purl);
	}
	first = print(p, &n);
	HOLD(passport_parse(&again, first, n, NULL) == OK);
	second = print(again, &m);
	HOLD(n == m && memcmp(first, second, n) == 0);
	redact(again);
	free(first);
	free(second);
	passport_free(again);
	passport_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t n;

	check(data, size);
	text = sign_body(data, size, "passport@waxseal", 1, &n);
	check(text, n);
	free(text);
	return 0;
}
