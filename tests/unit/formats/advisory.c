/*
 * Tests of formats/advisory: names by CSAF 2.0 section 5.1, and what becomes of a notice.  That the
 * whole is valid CSAF is shown by its validator, in tests/cli/33-news.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/advisory.h"
#include "tests/unit/edit.h"
#include "tests/unit/release_text.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
names(void **state)
{
	/* The first two are the examples of section 5.1. */
	static const struct { const char *id, *name; } table[] = {
		{ "Example Company - 2019-YH3234", "example_company_-_2019-yh3234.json" },
		{ "RHBA-2019:0024", "rhba-2019_0024.json" },
		{ "ETL-2026-0042", "etl-2026-0042.json" },
		{ "a._.b+c", "a_b+c.json" },
		{ "...", "_.json" },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.json" },
	};
	char name[ADVISORY_NAME];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		advisory_name(table[i].id, name);
		assert_string_equal(name, table[i].name);
	}
}

static char *
print(const char *release, bool withdrawal, size_t revisions)
{
	static const struct advisory_revision revision[] = {
		{ 3, { 1795162320, 60 }, false }, { 7, { 1795251600, 60 }, true },
	};
	struct notice n = { .sequence = 3, .issued = { 1795162320, 60 }, .place = "Hamburg",
		.withdrawal = withdrawal, .reason = withdrawal ? "loses data" : "",
		.acquisition = "by disc", .if_not_applied = withdrawal ? "" : "open" };
	const struct digest anchor = { { 0xab } };
	struct release *r = release_from(release);
	struct notice *parsed;
	struct document doc;
	char *body, *text;
	size_t len;

	assert_int_equal(notice_print(&n, r, &body, &len, NULL), OK);
	assert_int_equal(document_split_unsigned(body, len, &doc), OK);
	assert_int_equal(notice_parse(&parsed, &doc, NULL, NULL), OK);
	assert_int_equal(advisory_print(parsed, "Elbe", &anchor, revision, revisions, &text, &len),
	    OK);
	assert_int_equal(len, strlen(text));
	notice_free(parsed);
	free(body);
	release_free(r);
	return text;
}

static void
says(const char *text, const char *const *parts, size_t n)
{
	const char *at = text;

	for (size_t i = 0; i < n; i++) {
		at = strstr(at, parts[i]);
		if (at == NULL)
			fail_msg("not there, or not behind what comes before: %s\n%s", parts[i], text);
	}
}

static void
contents(void **state)
{
	static const char *const released[] = { "\"text\": \"high\"", "csaf_security_advisory",
		"\"text\": \"First line\\nsecond line\"", "\"category\": \"vendor\"",
		"\"namespace\": \"urn:waxseal:etl:ab00", "\"id\": \"TX-2026-04\"",
		"\"summary\": \"Notice 3\"", "\"version\": \"1\"", "\"name\": \"Turbine X\"",
		"\"name\": \"vers:deb/<2.4\"", "\"product_id\": \"p1\"",
		"\"purl\": \"pkg:deb/etl/turbine-x\"", "\"cve\": \"CVE-2026-1234\"",
		"\"category\": \"vendor_fix\"", "TX-2026-04: Closes the debug port.  by disc",
		"\"category\": \"service\"", "\"details\": \"open\"",
		"\"system_name\": \"Elbe\"", "\"text\": \"TX-771\"" };
	static const char *const withdrawn[] = { "\"summary\": \"Notice 3\"",
		"\"number\": \"2\"", "\"summary\": \"Notice 7: withdrawn\"", "\"version\": \"2\"",
		"\"category\": \"none_available\"", "TX-2026-04 was withdrawn: loses data" };
	static const char *const least[] = { "\"name\": \"vers:all/*\"",
		"\"name\": \"Turbine X vers:all/*\"", "\"product_id\": \"p1\"", "\"text\": \"TX-2026-04\"" };
	char *text, *release;

	(void)state;
	text = print(RELEASE_TEXT, false, 1);
	says(text, released, COUNT(released));
	free(text);
	text = print(RELEASE_TEXT, true, 2);
	says(text, withdrawn, COUNT(withdrawn));
	assert_null(strstr(text, "vendor_fix"));
	assert_null(strstr(text, "threats"));
	free(text);
	release = edit(RELEASE_TEXT, RELEASE_LISTS, "");
	text = print(release, false, 1);
	says(text, least, COUNT(least));
	free(text);
	free(release);
}

/* One vulnerability each, whatever is listed twice; not everything is a CVE that looks like one. */
static void
fixes(void **state)
{
	static const struct { const char *fix; bool cve; } table[] = {
		{ "CVE-2026-1234", true }, { "CVE-2026-1234567", true }, { "CVE-2026-123", false },
		{ "CVE-26-1234", false }, { "cve-2026-1234", false }, { "CVE-2026-1234a", false },
		{ "CVE-2026", false }, { "CVE-2026-", false }, { "TX-1", false },
	};
	char *release, *text;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char list[64];

		(void)snprintf(list, sizeof list, "\"%s\", \"%s\"", table[i].fix, table[i].fix);
		release = edit(RELEASE_TEXT, "\"CVE-2026-1234\", \"TX-771\"", list);
		text = print(release, false, 1);
		assert_true((strstr(text, "\"cve\"") != NULL) == table[i].cve);
		assert_true((strstr(text, "\"ids\"") == NULL) == table[i].cve);
		assert_null(strstr(strstr(text, "product_status") + 1, "product_status"));
		free(text);
		free(release);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(contents),
		cmocka_unit_test(fixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
