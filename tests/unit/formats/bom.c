/*
 * Tests of formats/bom.  The lists have the form of what syft 1.4 and Debian's tools write; the rules are those
 * of the CycloneDX 1.4 to 1.6 and SPDX 2.3 schemas.  More of both in tests/cli/37-passport.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "formats/bom.h"
#include "formats/limits.h"
#include "tests/unit/edit.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static const char cyclonedx[] =
"{\"$schema\": \"http://cyclonedx.org/schema/bom-1.6.schema.json\", \"bomFormat\": \"CycloneDX\",\n"
" \"specVersion\": \"1.6\", \"version\": 1, \"metadata\": {\"timestamp\": \"2026-11-20T08:15:30.125+01:00\"},\n"
" \"components\": [\n"
"  {\"bom-ref\": \"a\", \"type\": \"library\", \"name\": \"attr\", \"version\": \"1:2.4.47-2+b1\",\n"
"   \"purl\": \"pkg:deb/debian/attr@1:2.4.47-2+b1?arch=amd64\", \"publisher\": \"P\",\n"
"   \"supplier\": {\"name\": \"S\"}, \"description\": \"two\\u000clines\", \"score\": -1.5e3,\n"
"   \"components\": [{\"bom-ref\": \"b\", \"type\": \"application\", \"name\": \"inner\", \"version\": \"7\",\n"
"    \"components\": [{\"type\": \"firmware\", \"name\": \"innermost\", \"version\": \"8\"}]}]},\n"
"  {\"bom-ref\": \"c\", \"type\": \"file\", \"name\": \"/etc/passwd\"},\n"
"  {\"bom-ref\": \"d\", \"type\": \"device\", \"name\": \"panel\"}]}";

static const char spdx[] =
"{\"spdxVersion\": \"SPDX-2.3\", \"creationInfo\": {\"created\": \"2026-11-21T10:00:00Z\"},\n"
" \"documentDescribes\": [\"SPDXRef-Root\"], \"packages\": [\n"
"  {\"SPDXID\": \"SPDXRef-Root\", \"name\": \"plant\"},\n"
"  {\"SPDXID\": \"SPDXRef-1\", \"name\": \"openssl\", \"versionInfo\": \"3.0.15-1\", \"supplier\": \"Organization: Debian\",\n"
"   \"externalRefs\": [{\"referenceType\": \"cpe23Type\", \"referenceLocator\": \"cpe:2.3:a:openssl\"},\n"
"   {\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:deb/debian/openssl@3.0.15-1\"}]},\n"
"  {\"SPDXID\": \"SPDXRef-2\", \"name\": \"bios\", \"versionInfo\": \"2\", \"primaryPackagePurpose\": \"FIRMWARE\",\n"
"   \"supplier\": \"NOASSERTION\"},\n"
"  {\"SPDXID\": \"SPDXRef-3\", \"name\": \"x.tar\", \"primaryPackagePurpose\": \"ARCHIVE\"}]}";

static enum err
read_list(const char *text, size_t len, struct passport **p, size_t *skipped, struct fault *f)
{
	enum err e;

	*p = passport_new();
	assert_non_null(*p);
	(*p)->system = "x";
	e = bom_read(*p, text, len, skipped, f);
	return e != OK ? e : passport_settle(*p, f);
}

static const struct passport_component *
find(const struct passport *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->component[i].name, name) == 0)
			return &p->component[i];
	fail_msg("no %s", name);
	return NULL;
}

static void
reads_cyclonedx(void **state)
{
	const struct passport_component *c;
	struct passport *p;
	size_t skipped;

	(void)state;
	assert_int_equal(read_list(cyclonedx, strlen(cyclonedx), &p, &skipped, NULL), OK);
	assert_int_equal(p->count, 4);
	assert_int_equal(skipped, 1);
	assert_int_equal(p->taken.seconds, 1795158930);
	assert_int_equal(p->taken.offset, 60);
	c = find(p, "attr");
	assert_string_equal(c->purl, "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64");
	assert_string_equal(c->ref, c->purl);
	assert_string_equal(c->version, "1:2.4.47-2+b1");
	assert_string_equal(c->maker, "S");
	assert_string_equal(c->description, "");
	assert_string_equal(find(p, "inner")->ref, "application:inner@7");
	assert_string_equal(find(p, "innermost")->kind, "firmware");
	assert_string_equal(find(p, "panel")->version, "");
	passport_free(p);
}

static void
reads_spdx(void **state)
{
	const struct passport_component *c;
	struct passport *p;
	size_t skipped;

	(void)state;
	assert_int_equal(read_list(spdx, strlen(spdx), &p, &skipped, NULL), OK);
	assert_int_equal(p->count, 2);
	assert_int_equal(skipped, 2);
	assert_int_equal(p->taken.seconds, 1795255200);
	c = find(p, "openssl");
	assert_string_equal(c->purl, "pkg:deb/debian/openssl@3.0.15-1");
	assert_string_equal(c->maker, "Debian");
	assert_string_equal(c->kind, "library");
	c = find(p, "bios");
	assert_string_equal(c->kind, "firmware");
	assert_string_equal(c->maker, "");
	passport_free(p);
}

static void
forms(void **state)
{
	static const struct { const char *list, *find, *put; enum err want; } table[] = {
		{ cyclonedx, "\"1.6\"", "\"1.4\"", OK },
		{ cyclonedx, "\"1.6\"", "\"1.5\"", OK },
		{ cyclonedx, "\"1.6\"", "\"1.3\"", ERR_BOM },
		{ cyclonedx, "\"1.6\"", "\"1.7\"", ERR_NEWER },
		{ cyclonedx, "\"1.6\"", "1.6", ERR_BOM },
		{ cyclonedx, "\"CycloneDX\"", "\"cdx\"", ERR_BOM },
		{ cyclonedx, "\"bomFormat\"", "\"format\"", ERR_BOM },
		{ cyclonedx, "2026-11-20T08", "yesterday", OK },
		{ cyclonedx, "{\"$schema\"", "\xef\xbb\xbf{\"$schema\"", OK },
		{ cyclonedx, "{\"$schema\"", "[{\"$schema\"", ERR_JSON_SYNTAX },
		{ cyclonedx, "\"version\": 1,", "\"version\": 1, \"version\": 1,",
		    ERR_JSON_DUPLICATE },
		{ cyclonedx, "\"b\"", "\"a\"", ERR_PASSPORT_TWICE },
		{ cyclonedx, "\"c\"", "\"a\"", ERR_PASSPORT_TWICE },
		{ cyclonedx, ", \"version\": \"7\"", "", ERR_PASSPORT_VERSION },
		{ cyclonedx, "\"version\": \"8\"", "\"version\": \"\"", ERR_PASSPORT_VERSION },
		{ cyclonedx, "pkg:deb/debian/attr", "pkg:deb/attr", ERR_PURL },
		{ cyclonedx, "\"library\"", "\"thing\"", ERR_BOM },
		{ cyclonedx, "\"type\": \"library\", ", "", ERR_BOM },
		{ cyclonedx, "\"attr\"", "\"\"", ERR_BOM },
		{ cyclonedx, "\"attr\"", "\"at\\u007ftr\"", ERR_BOM },
		{ cyclonedx, "\"attr\"", "\"at\\u0085tr\"", ERR_BOM },
		{ cyclonedx, "\"attr\"", "\"at\\u0000tr\"", ERR_JSON_UTF8 },
		{ cyclonedx, "\"attr\"", "7", ERR_JSON_VALUE },
		{ cyclonedx, "\"attr\"", "\"at\xfftr\"", ERR_JSON_UTF8 },
		{ cyclonedx, "-1.5e3", "1e999", ERR_JSON_NUMBER },
		{ cyclonedx, "-1.5e3", "123456789012345678901234567890", OK },
		{ cyclonedx, "\"components\": [\n", "\"components\": [7,\n", ERR_JSON_VALUE },
		{ cyclonedx, "\"components\": [\n", "\"components\": 7, \"more\": [\n",
		    ERR_JSON_VALUE },
		{ cyclonedx, "\"supplier\": {\"name\": \"S\"}", "\"supplier\": \"S\"",
		    ERR_JSON_VALUE },
		{ spdx, "SPDX-2.3", "SPDX-2.2", OK },
		{ spdx, "SPDX-2.3", "SPDX-2.1", ERR_BOM },
		{ spdx, "SPDX-2.3", "SPDX-3.0", ERR_NEWER },
		{ spdx, "\"packages\"", "\"files\"", ERR_JSON_MISSING },
		{ spdx, "SPDXRef-2", "SPDXRef-1", ERR_PASSPORT_TWICE },
		{ spdx, "[\"SPDXRef-Root\"]", "[]", ERR_PASSPORT_VERSION },
		{ spdx, "\"3.0.15-1\"", "\"NOASSERTION\"", ERR_PASSPORT_VERSION },
		{ spdx, "\"documentDescribes\": [\"SPDXRef-Root\"]", "\"relationships\": ["
		    "{\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\","
		    " \"relatedSpdxElement\": \"SPDXRef-Root\"}]", OK },
		{ spdx, "\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:",
		    "\"referenceType\": \"purl\", \"referenceLocator\": \"pkg", ERR_PURL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *text = edit(table[i].list, table[i].find, table[i].put);
		struct fault f = { .at = "" };
		struct passport *p;
		size_t skipped;
		enum err e = read_list(text, strlen(text), &p, &skipped, &f);

		if (e != table[i].want)
			fail_msg("%s -> %s: %s %s", table[i].find, table[i].put, err_code(e), f.at);
		passport_free(p);
		free(text);
	}
}

static void
cut(void **state)
{
	static const char *const lists[] = { cyclonedx, spdx };
	struct passport *p;
	size_t skipped;

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		for (size_t n = 0; n < strlen(lists[i]); n++) {
			assert_int_not_equal(read_list(lists[i], n, &p, &skipped, NULL), OK);
			passport_free(p);
		}
	}
}

/* The same component twice is one; another version of it is another. */
static void
twins(void **state)
{
	static const char list[] = "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"components\": ["
	    "{\"type\": \"library\", \"name\": \"a\", \"version\": \"1\"},"
	    "{\"type\": \"library\", \"name\": \"a\", \"version\": \"1\"},"
	    "{\"type\": \"library\", \"name\": \"a\", \"version\": \"2\"}]}";
	struct passport *p;
	size_t skipped;

	(void)state;
	assert_int_equal(read_list(list, strlen(list), &p, &skipped, NULL), OK);
	assert_int_equal(p->count, 2);
	assert_int_equal(p->taken.seconds, 0);
	passport_free(p);
}

/* Depth and length, each at its limit and one past. */
static void
limits(void **state)
{
	static char text[8192];
	char *big = malloc(LIMIT_IMPORT + 2), *end;
	struct passport *p;
	size_t skipped;

	(void)state;
	for (size_t past = 0; past < 2; past++) {
		const size_t levels = LIMIT_IMPORT_DEPTH / 2 - 1;

		/* {"components": [{ ... }]}: two levels each. */
		end = stpcpy(text, "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\"");
		for (size_t i = 0; i < levels; i++)
			end += sprintf(end, ", \"components\": [{\"type\": \"device\", \"name\": \"d%zu\"", i);
		end = stpcpy(end, past ? ", \"x\": [[]]" : ", \"x\": [], \"y\": \"[[[\\\"[[[\"");
		for (size_t i = 0; i < levels; i++)
			end = stpcpy(end, "}]");
		stpcpy(end, "}");
		assert_int_equal(read_list(text, strlen(text), &p, &skipped, NULL),
		    past ? ERR_JSON_DEPTH : OK);
		assert_true(past || p->count == levels);
		passport_free(p);
	}
	assert_non_null(big);
	memset(big, ' ', LIMIT_IMPORT + 2);
	memcpy(big, cyclonedx, strlen(cyclonedx));
	assert_int_equal(read_list(big, LIMIT_IMPORT, &p, &skipped, NULL), OK);
	passport_free(p);
	assert_int_equal(read_list(big, LIMIT_IMPORT + 1, &p, &skipped, NULL), ERR_LIMIT);
	passport_free(p);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_cyclonedx),
		cmocka_unit_test(reads_spdx),
		cmocka_unit_test(forms),
		cmocka_unit_test(cut),
		cmocka_unit_test(twins),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
