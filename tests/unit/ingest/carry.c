/*
 * Tests of ingest/carry: what people said outlasts the next scan; which component a person means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ingest/carry.h"

/* Add KIND NAME VERSION PURL, read by ${by}, customised from ${base}. */
static void
add(struct passport *p, const char *purl, const char *name, const char *version, const char *by,
    const char *base)
{
	struct passport_component c = passport_blank();
	char ref[128];

	snprintf(ref, sizeof ref, "library:%s@%s", name, version);
	c.ref = *purl == '\0' ? ref : purl;
	c.kind = "library";
	c.name = name;
	c.version = version;
	c.purl = purl;
	c.fact[FACT_READ_BY] = by;
	c.fact[FACT_CUSTOMISED] = base;
	assert_int_equal(passport_add(p, &c), OK);
}

static struct passport *
empty(void)
{
	struct passport *p = passport_new();

	assert_non_null(p);
	p->system = "bed-1";
	return p;
}

/* "NAME VERSION[*BASE], ..." of a settled passport. */
static const char *
all(struct passport *p)
{
	static char text[1024];
	size_t n = 0;

	assert_int_equal(passport_settle(p, NULL), OK);
	*text = '\0';
	for (size_t i = 0; i < p->count; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s%s%s", i > 0 ? ", " : "",
		    p->component[i].name, p->component[i].version,
		    *p->component[i].fact[FACT_CUSTOMISED] != '\0' ? "*" : "",
		    p->component[i].fact[FACT_CUSTOMISED]);
	return text;
}

static void
over(void **state)
{
	struct passport *old = empty(), *new = empty();

	(void)state;
	add(old, "pkg:deb/debian/a@1?arch=amd64", "a", "1", "", "0");
	add(old, "pkg:deb/debian/b@1?arch=amd64", "b", "1", "", "");
	add(old, "pkg:generic/etl/hmi@4", "hmi", "4", "jon", "3");
	add(old, "pkg:generic/etl/plc@4", "plc", "4", "jon", "");
	add(old, "", "panel", "1", "jon", "");
	add(old, "", "gone", "1", "", "0");
	add(new, "pkg:deb/debian/a@2?arch=amd64", "a", "2", "", "");
	add(new, "pkg:deb/debian/a@2?arch=i386", "a", "2", "", "");
	add(new, "pkg:deb/debian/ab@2?arch=i386", "ab", "2", "", "");
	add(new, "pkg:deb/ubuntu/b@2?arch=amd64", "b", "2", "", "");
	add(new, "pkg:generic/etl/plc@5", "plc", "5", "", "");
	assert_int_equal(carry_over(new, old, false, NULL), OK);
	passport_free(old);
	/* By ref: the ones without a purl first. */
	assert_string_equal(all(new), "panel 1, a 2*0, a 2*0, ab 2, b 2, hmi 4*3, plc 5");
	passport_free(new);
}

static void
everything(void **state)
{
	struct passport *old = empty(), *new = empty();

	(void)state;
	add(old, "pkg:deb/debian/a@1?arch=amd64", "a", "1", "", "0");
	add(old, "", "panel", "1", "", "");
	assert_int_equal(carry_over(new, old, true, NULL), OK);
	assert_string_equal(all(new), "panel 1, a 1*0");
	assert_int_equal(carry_over(new, new, true, NULL), OK);
	assert_int_equal(new->count, 2);
	carry_remove(new, &old->component[0]);
	assert_string_equal(all(new), "panel 1");
	passport_free(old);
	passport_free(new);
}

static void
meant(void **state)
{
	static const struct { const char *text, *want; } table[] = {
		{ "panel", "panel" }, { "library:panel@1", "panel" }, { "hmi", "hmi" },
		{ "pkg:generic/etl/hmi", "hmi" }, { "pkg:generic/etl/hmi@4%2B1", "hmi" },
		{ "pkg:generic/etl/hmi@4+1", "hmi" }, { "pkg:GENERIC/etl/hmi", "hmi" },
		{ "pkg:generic/etl/hmi@5", NULL }, { "pkg:generic/etl/hm", NULL },
		{ "pkg:generic/hmi", NULL }, { "a", NULL }, { "pkg:deb/debian/a", NULL },
		{ "pkg:deb/debian/a@1?arch=i386", "a" }, { "", NULL }, { "pane", NULL },
	};
	struct passport *p = empty();
	struct passport_component *found;
	struct fault f;

	(void)state;
	add(p, "pkg:generic/etl/hmi@4%2B1", "hmi", "4+1", "", "");
	add(p, "", "panel", "1", "", "");
	add(p, "pkg:deb/debian/a@1?arch=amd64", "a", "1", "", "");
	add(p, "pkg:deb/debian/a@1?arch=i386", "a", "1", "", "");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const enum err e = carry_find(p, table[i].text, &found, &f);

		if (e != (table[i].want == NULL ? ERR_USAGE : OK))
			fail_msg("%s: %s", table[i].text, err_code(e));
		if (e == OK)
			assert_string_equal(found->name, table[i].want);
	}
	passport_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over),
		cmocka_unit_test(everything),
		cmocka_unit_test(meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
