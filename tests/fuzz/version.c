/* Versions, ranges of versions, package URLs: what vendors sign and what passports of others say. */
#include "formats/purl.h"
#include "formats/version.h"
#include "tests/fuzz/fuzz.h"

static void
check_order(enum version_scheme scheme, const char *a, const char *b)
{
	int order, back;

	if (version_check(scheme, a, strlen(a)) != OK || version_check(scheme, b, strlen(b)) != OK) {
		HOLD(version_compare(scheme, a, b, &order) != OK && order == 0);
		return;
	}
	HOLD(version_compare(scheme, a, b, &order) == OK && order >= -1 && order <= 1);
	HOLD(version_compare(scheme, b, a, &back) == OK && back == -order);
	HOLD(version_compare(scheme, a, a, &order) == OK && order == 0);
}

static void
check_range(const char *text, size_t len, const char *version)
{
	struct version_range *r;
	enum version_side side;
	bool in;
	int order;

	if (version_range_parse(&r, text, len) != OK)
		return;
	HOLD(len <= LIMIT_RANGE && r->count <= LIMIT_CONSTRAINTS);
	for (size_t i = 0; i < r->count; i++) {
		const struct version_constraint *c = &r->constraint[i];

		HOLD(version_range_contains(r, c->version, &in) == OK);
		HOLD(in == (c->comparator == VERSION_EQUAL || c->comparator == VERSION_LESS_EQUAL ||
		    c->comparator == VERSION_GREATER_EQUAL));
		HOLD(i == 0 || (version_compare(r->scheme, c[-1].version, c->version, &order) == OK &&
		    order < 0));
	}
	if (version_range_side(r, version, &side) == OK) {
		HOLD(version_range_contains(r, version, &in) == OK && in == (side == VERSION_IN));
		if (side == VERSION_BELOW)
			HOLD(version_compare(r->scheme, version, r->constraint[r->count - 1].version,
			    &order) == OK && order <= 0);
		if (side == VERSION_ABOVE)
			HOLD(version_compare(r->scheme, version, r->constraint[0].version,
			    &order) == OK && order >= 0);
	} else
		HOLD(side == VERSION_BETWEEN);
	version_range_free(r);
}

static void
check_purl(const char *text, size_t len)
{
	char out[LIMIT_PURL + 1], again[LIMIT_PURL + 1];
	struct purl *p, *q;

	if (purl_parse(&p, text, len) != OK)
		return;
	HOLD(len <= LIMIT_PURL && p->qualifiers <= LIMIT_QUALIFIERS && *p->name != '\0');
	for (size_t i = 0; i < p->qualifiers; i++)
		HOLD(purl_qualifier(p, p->qualifier[i].key) == p->qualifier[i].value);
	if (purl_print(p, out) == OK) {
		HOLD(purl_parse(&q, out, strlen(out)) == OK && purl_same(p, q));
		HOLD((p->version == NULL) == (q->version == NULL) && p->qualifiers == q->qualifiers);
		HOLD(purl_print(q, again) == OK && strcmp(out, again) == 0);
		purl_free(q);
	}
	purl_free(p);
}

/* Two texts with a NUL between them: one to be read, and a version to hold against it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const size_t len = strlen(text);
	const char *second = len < size ? text + len + 1 : "1.0.0";

	for (int s = VERSION_DEB; s <= VERSION_ALL; s++)
		check_order((enum version_scheme)s, text, second);
	check_range(text, len, second);
	check_purl(text, len);
	HOLD(version_check(VERSION_RPM, text, size) != OK || len == size);
	free(text);
	return 0;
}
