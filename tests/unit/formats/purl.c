/*
 * Tests of formats/purl: taking package URLs apart, printing and comparing them.  The rows are our
 * own; the rules are those of ECMA-427, clause 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/purl.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct purl *
parse(const char *text)
{
	struct purl *p;
	const enum err e = purl_parse(&p, text, strlen(text));

	if (e != OK)
		fail_msg("%s: %s", text, err_code(e));
	return p;
}

static void
assert_part(const char *text, const char *part, const char *want)
{
	if ((part == NULL) != (want == NULL) || (want != NULL && strcmp(part, want) != 0))
		fail_msg("%s: %s instead of %s", text, part != NULL ? part : "nothing",
		    want != NULL ? want : "nothing");
}

static void
parts(void **state)
{
	static const struct {
		const char *text, *type, *namespace, *name, *version, *subpath;
		size_t qualifiers;
		const char *canonical;	/* NULL: it is */
	} table[] = {
		{ "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64", "deb", "debian", "attr",
		    "1:2.4.47-2+b1", NULL, 1, NULL },
		{ "pkg:deb/debian/attr@1:2.4.47-2+b1?arch=amd64", "deb", "debian", "attr",
		    "1:2.4.47-2+b1", NULL, 1, "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64" },
		{ "pkg:deb/Debian/ATTR", "deb", "debian", "attr", NULL, NULL, 0,
		    "pkg:deb/debian/attr" },
		{ "pkg:rpm/Fedora/NetworkManager@1.42.2-1.fc38?epoch=1&arch=x86_64", "rpm", "fedora",
		    "NetworkManager", "1.42.2-1.fc38", NULL, 2,
		    "pkg:rpm/fedora/NetworkManager@1.42.2-1.fc38?arch=x86_64&epoch=1" },
		{ "pkg:github/Acme/PLC-Tool@v2", "github", "acme", "plc-tool", "v2", NULL, 0,
		    "pkg:github/acme/plc-tool@v2" },
		{ "pkg:generic/Turbine%20X", "generic", NULL, "Turbine X", NULL, NULL, 0, NULL },
		{ "pkg:generic/Etl/Turbine", "generic", "Etl", "Turbine", NULL, NULL, 0, NULL },
		{ "pkg:generic/a/b%2Fc@1%2F2", "generic", "a", "b/c", "1/2", NULL, 0, NULL },
		{ "pkg:npm/%40angular/core@1.0.0", "npm", "@angular", "core", "1.0.0", NULL, 0, NULL },
		{ "pkg:npm/@angular/core@1.0.0", "npm", "@angular", "core", "1.0.0", NULL, 0,
		    "pkg:npm/%40angular/core@1.0.0" },
		{ "pkg:golang/example.org/a/b/c@v1#cmd/x%23", "golang", "example.org/a/b", "c", "v1",
		    "cmd/x#", 0, NULL },
		{ "PKG:///GENERIC//a//b//c///", "generic", "a/b", "c", NULL, NULL, 0,
		    "pkg:generic/a/b/c" },
		{ "pkg:generic/c@?#", "generic", NULL, "c", NULL, NULL, 0, "pkg:generic/c" },
		{ "pkg:generic/c?b=2&A=%31&x=#/s//t/", "generic", NULL, "c", NULL, "s/t", 2,
		    "pkg:generic/c?a=1&b=2#s/t" },
		{ "pkg:a.b-2/%C3%A4%7e~", "a.b-2", NULL, "\xc3\xa4~~", NULL, NULL, 0,
		    "pkg:a.b-2/%C3%A4~~" },
		{ "pkg:x/%25%32%35", "x", NULL, "%25", NULL, NULL, 0, "pkg:x/%2525" },
		{ "pkg:x/a%c2%a0", "x", NULL, "a\xc2\xa0", NULL, NULL, 0, "pkg:x/a%C2%A0" },
		{ "pkg:x/.%2e/..", "x", "..", "..", NULL, NULL, 0, "pkg:x/../.." },
	};
	char out[LIMIT_PURL + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *text = table[i].text, *canonical = table[i].canonical;
		struct purl *p = parse(text);

		assert_part(text, p->type, table[i].type);
		assert_part(text, p->namespace, table[i].namespace);
		assert_part(text, p->name, table[i].name);
		assert_part(text, p->version, table[i].version);
		assert_part(text, p->subpath, table[i].subpath);
		assert_int_equal(p->qualifiers, table[i].qualifiers);
		assert_int_equal(purl_print(p, out), OK);
		assert_string_equal(out, canonical != NULL ? canonical : text);
		purl_free(p);
	}
	purl_free(NULL);
}

static void
qualifiers(void **state)
{
	struct purl *p = parse("pkg:deb/d/n?os.x=%26%3D%3f&distro=debian-12&a_1-b=a=b@c:/d&z=&arch=amd64");

	(void)state;
	assert_int_equal(p->qualifiers, 4);
	assert_string_equal(p->qualifier[0].key, "a_1-b");
	assert_string_equal(p->qualifier[3].key, "os.x");
	assert_string_equal(purl_qualifier(p, "a_1-b"), "a=b@c:/d");
	assert_string_equal(purl_qualifier(p, "arch"), "amd64");
	assert_string_equal(purl_qualifier(p, "distro"), "debian-12");
	assert_string_equal(purl_qualifier(p, "os.x"), "&=?");
	assert_null(purl_qualifier(p, "z"));
	assert_null(purl_qualifier(p, "ARCH"));
	assert_null(purl_qualifier(p, ""));
	purl_free(p);
}

static void
refused(void **state)
{
	static const char *const table[] = {
		"", "pkg", "pkg:", "pkg:/", "pkg:deb", "pkg:deb/", "pkg:deb//", "deb/debian/x", "purl:x/a",
		"pkgs:x/a", ":x/a", "pkg:x", "pkg:x/", "pkg:x/@1", "pkg:x//@1", "pkg:x/?a=b", "pkg:x/#s",
		/* types */
		"pkg:2x/a", "pkg:-x/a", "pkg:x_y/a", "pkg:x+y/a", "pkg:%78/a", "pkg:@x/a",
		/* a namespace that a type needs */
		"pkg:deb/x", "pkg:rpm/x@1", "pkg:github/x", "pkg:deb//x", "pkg:apk/x", "pkg:alpm/x",
		"pkg:bitbucket/x", "pkg:composer/x",
		/* bytes, and what is encoded */
		" pkg:x/a", "pkg:x/a ", "pkg:x/a b", "pkg:x/a\tb", "pkg:x/a\n", "pkg:x/\xc3\xa4",
		"pkg:x/a\x7f", "pkg:x/%", "pkg:x/%2", "pkg:x/a%2g", "pkg:x/%g0", "pkg:x/a@%",
		"pkg:x/a?b=%", "pkg:x/a#%", "pkg:x/%/a", "pkg:x/%00", "pkg:x/a%0a", "pkg:x/a%1F",
		"pkg:x/a%7F", "pkg:x/%c2%85", "pkg:x/a@%c2%9f", "pkg:x/%ff", "pkg:x/%c3",
		"pkg:x/%c3%28", "pkg:x/%c0%af", "pkg:x/%ed%a0%80", "pkg:x/a?b=%1b", "pkg:x/a#%80",
		"pkg:x/%0d/a",
		/* slashes where none may be */
		"pkg:x/a%2Fb/c", "pkg:x/a#b%2fc", "pkg:x/a@1/2", "pkg:npm/@angular/core",
		"pkg:x/a@b/c?d=e",
		/* marks twice */
		"pkg:x/a?b=c?d=e", "pkg:x/a#b#c", "pkg:x/a#b?c=d", "pkg:x/a?b=c#d?e", "pkg:x?y/a?b=c",
		/* qualifiers */
		"pkg:x/a?b", "pkg:x/a?=b", "pkg:x/a?b=c&", "pkg:x/a?&b=c", "pkg:x/a?b=c&&d=e",
		"pkg:x/a?2=c", "pkg:x/a?b%61=c", "pkg:x/a?b/c=d", "pkg:x/a?b=c&b=d", "pkg:x/a?b=c&B=d",
		"pkg:x/a?b=c&d=e&b=c",
		/* subpaths */
		"pkg:x/a#.", "pkg:x/a#..", "pkg:x/a#b/../c", "pkg:x/a#b/%2e%2E", "pkg:x/a#./b",
	};
	struct purl *p;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		if (purl_parse(&p, table[i], strlen(table[i])) != ERR_PURL || p != NULL)
			fail_msg("not refused: %s", table[i]);
	}
	assert_int_equal(purl_parse(&p, "pkg:x/a\0b", 9), ERR_PURL);
	assert_int_equal(purl_parse(&p, "pkg:x/a ", 7), OK);	/* the length counts */
	purl_free(p);
}

static void
truncation(void **state)
{
	static const char text[] = "pkg:deb/de%62ian/%C3%A4ttr@1:2-2%2Bb1?arch=amd64&distro=x#a/b";
	struct purl *p;

	(void)state;
	for (size_t n = 0; n <= strlen(text); n++) {
		char *copy = malloc(n + 1);
		enum err e;

		assert_non_null(copy);
		memcpy(copy, text, n);
		e = purl_parse(&p, copy, n);
		assert_true(e == OK || e == ERR_PURL);
		assert_int_equal(p != NULL, e == OK);
		free(copy);
		purl_free(p);
	}
}

static void
limits(void **state)
{
	char text[2 * LIMIT_PURL], out[LIMIT_PURL + 1];
	struct purl *p;
	size_t len;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "pkg:x/", 6);
	for (size_t past = 0; past < 2; past++) {
		assert_int_equal(purl_parse(&p, text, LIMIT_PURL + past), past ? ERR_LIMIT : OK);
		if (p != NULL)
			assert_int_equal(purl_print(p, out), OK);
		purl_free(p);
	}
	/* what may be read need not have room when it is written */
	memset(text + 6, '+', 700);
	assert_int_equal(purl_parse(&p, text, 6 + 680), OK);
	assert_int_equal(purl_print(p, out), OK);
	assert_int_equal(strlen(out), 6 + 3 * 680);
	purl_free(p);
	assert_int_equal(purl_parse(&p, text, 6 + 681), OK);
	assert_int_equal(purl_print(p, out), ERR_LIMIT);
	purl_free(p);
	for (size_t past = 0; past < 2; past++) {
		len = (size_t)sprintf(text, "pkg:x/a?k=v");
		for (size_t i = 1; i < LIMIT_QUALIFIERS + past; i++)
			len += (size_t)sprintf(text + len, "&k%zu=v", i);
		assert_int_equal(purl_parse(&p, text, len), past ? ERR_LIMIT : OK);
		if (p != NULL)
			assert_int_equal(p->qualifiers, LIMIT_QUALIFIERS);
		purl_free(p);
	}
}

/* One that was put together by hand comes out in canonical form, or not at all. */
static void
by_hand(void **state)
{
	const struct purl_qualifier unsorted[] = { { "distro", "debian-12" }, { "arch", "amd64" } };
	const struct purl_qualifier twice[] = { { "arch", "amd64" }, { "arch", "all" } };
	struct purl p = { .type = "deb", .namespace = "Debian", .name = "libstdc++6",
		.version = "12.2.0-14", .qualifiers = 2, .qualifier = unsorted };
	char out[LIMIT_PURL + 1];

	(void)state;
	assert_int_equal(purl_print(&p, out), OK);
	assert_string_equal(out,
	    "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12");
	p.qualifier = twice;
	assert_int_equal(purl_print(&p, out), ERR_PURL);
	p.qualifiers = 0;
	p.name = "a\n";
	assert_int_equal(purl_print(&p, out), ERR_PURL);
	p.name = "\xff";
	assert_int_equal(purl_print(&p, out), ERR_PURL);
	p.name = "";
	assert_int_equal(purl_print(&p, out), ERR_PURL);
	p.name = "a";
	p.namespace = NULL;
	assert_int_equal(purl_print(&p, out), ERR_PURL);
	p.type = "d e";
	assert_int_equal(purl_print(&p, out), ERR_PURL);
}

static void
packages(void **state)
{
	static const struct { const char *a, *b; int order; } table[] = {
		{ "pkg:deb/debian/a", "pkg:deb/debian/a@1?arch=amd64#x", 0 },
		{ "pkg:deb/Debian/A@1", "pkg:deb/debian/a@2", 0 },
		{ "pkg:generic/%61", "pkg:generic/a", 0 },
		{ "pkg:npm/%40s/n", "pkg:npm/@s/n@1", 0 },
		{ "pkg:rpm/Fedora/a", "pkg:rpm/fedora/a", 0 },
		{ "pkg:rpm/fedora/A", "pkg:rpm/fedora/a", -1 },
		{ "pkg:generic/A", "pkg:generic/a", -1 },
		{ "pkg:deb/debian/a", "pkg:deb/ubuntu/a", -1 },
		{ "pkg:deb/debian/a", "pkg:rpm/debian/a", -1 },
		{ "pkg:generic/b", "pkg:generic/a/a", -1 },
		{ "pkg:generic/a/b%2Fc", "pkg:generic/a/b/c", -1 },
		{ "pkg:deb/debian/a", "pkg:deb/debian/ab", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct purl *a = parse(table[i].a), *b = parse(table[i].b);
		const int order = purl_compare(a, b), back = purl_compare(b, a);

		if ((order > 0) - (order < 0) != table[i].order ||
		    (back > 0) - (back < 0) != -table[i].order)
			fail_msg("%s, %s: %d, %d", table[i].a, table[i].b, order, back);
		assert_int_equal(purl_same(a, b), table[i].order == 0);
		purl_free(a);
		purl_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(qualifiers),
		cmocka_unit_test(refused),
		cmocka_unit_test(truncation),
		cmocka_unit_test(limits),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
