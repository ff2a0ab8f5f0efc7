/*
 * Tests of formats/dpkg.  The forms are those of deb-control(5) and of what dpkg 1.21.22 writes; the list of
 * this computer, where it has one, is compared with dpkg-query's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/dpkg.h"
#include "formats/limits.h"
#include "tests/unit/edit.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static const char good[] =
"Package: attr\n"
"Status: install ok installed\n"
"Priority: optional\n"
"Architecture: amd64\n"
"Source: attr-source (1:2.4.47-2)\n"
"Version: 1:2.4.47-2+b1\n"
"Conffiles:\n"
" /etc/xattr.conf 743ca3f83ea263f1f56ad1f63f907bdb\n"
"Description: utilities\n"
" Version: 9\n"
" .\n"
"\tStatus: none\n"
"\n"
"Package: gone\n"
"Status: deinstall ok config-files\n"
"Version: 2\n"
"Architecture: all\n"
"\n";

static void
assert_text(const struct dpkg_text *t, const char *want)
{
	assert_int_equal(t->len, strlen(want));
	assert_memory_equal(t->at, want, t->len);
}

/* How the list ends, and how many packages came before that. */
static enum err
count(const char *text, size_t len, size_t *n, struct fault *f)
{
	struct dpkg_package p;
	struct dpkg d;
	bool more = true;
	enum err e = OK;

	dpkg_open(&d, text, len);
	for (*n = 0; (e = dpkg_next(&d, &p, &more, f)) == OK && more; (*n)++)
		assert_true(p.name.len > 0 && p.state.len > 0);
	return e;
}

static void
reading(void **state)
{
	struct dpkg_package p;
	struct dpkg d;
	bool more;

	(void)state;
	dpkg_open(&d, good, strlen(good));
	assert_int_equal(dpkg_next(&d, &p, &more, NULL), OK);
	assert_true(more && p.present);
	assert_text(&p.name, "attr");
	assert_text(&p.version, "1:2.4.47-2+b1");
	assert_text(&p.architecture, "amd64");
	assert_text(&p.source, "attr-source");
	assert_text(&p.source_version, "1:2.4.47-2");
	assert_text(&p.state, "installed");
	assert_int_equal(dpkg_next(&d, &p, &more, NULL), OK);
	assert_true(more && !p.present);
	assert_text(&p.name, "gone");
	assert_int_equal(p.source.len, 0);
	assert_int_equal(dpkg_next(&d, &p, &more, NULL), OK);
	assert_false(more);
	dpkg_open(&d, "\n\n", 2);
	assert_int_equal(dpkg_next(&d, &p, &more, NULL), OK);
	assert_false(more);
}

static void
forms(void **state)
{
	static const struct { const char *find, *put; enum err want; } table[] = {
		{ "Package: attr", "Package: Attr.2+x", OK },
		{ "Package: attr", "Package:attr", OK },
		{ "Package: attr", "Package: a ttr", ERR_PACKAGES },
		{ "Package: attr", "Package: a/ttr", ERR_PACKAGES },
		{ "Package: attr", "Package:", ERR_PACKAGES },
		{ "Package: attr", "Package", ERR_PACKAGES },
		{ "Package: attr", ": attr", ERR_PACKAGES },
		{ "Package: attr", " Package: attr", ERR_PACKAGES },
		{ "Package: attr", "Package: attr\nPackage: attr", ERR_PACKAGES },
		{ "install ok installed", "hold ok installed", OK },
		{ "install ok installed", "install reinstreq half-installed", OK },
		{ "install ok installed", "install ok unpacked", OK },
		{ "install ok installed", "install ok triggers-pending", OK },
		{ "install ok installed", "install ok", ERR_PACKAGES },
		{ "install ok installed", "install ok installed now", ERR_PACKAGES },
		{ "install ok installed", "install ok Installed", ERR_PACKAGES },
		{ "install ok installed", "", ERR_PACKAGES },
		{ "Priority", "Status: install ok installed\nPriority", ERR_PACKAGES },
		{ "Version: 1:2.4.47-2+b1", "Version: 1:2.4.47~rc1-2+b1", OK },
		{ "Version: 1:2.4.47-2+b1", "Version: 1_2", ERR_PACKAGES },
		{ "Version: 1:2.4.47-2+b1", "Version: 1 2", ERR_PACKAGES },
		{ "Version: 1:2.4.47-2+b1\n", "", ERR_PACKAGES },
		{ "Architecture: amd64\n", "", ERR_PACKAGES },
		{ "Architecture: amd64", "Architecture: amd64+", ERR_PACKAGES },
		{ "Source: attr-source (1:2.4.47-2)", "Source: attr-source", OK },
		{ "Source: attr-source (1:2.4.47-2)", "Source: attr-source 1", ERR_PACKAGES },
		{ "Source: attr-source (1:2.4.47-2)", "Source: attr-source ()", ERR_PACKAGES },
		{ "Source: attr-source (1:2.4.47-2)", "Source: attr-source (1", ERR_PACKAGES },
		{ "\n\nPackage: gone", "\n\n\n\nPackage: gone", OK },
		{ "\n\nPackage: gone", "\nPackage: gone", ERR_PACKAGES },
		/* Of a package that is not there, only that is of interest. */
		{ "Version: 2\n", "", OK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *text = edit(good, table[i].find, table[i].put);
		struct fault f = { .at = "" };
		size_t n;
		enum err e = count(text, strlen(text), &n, &f);

		if (e != table[i].want || (e == OK && n != 2))
			fail_msg("%s -> %s: %s %zu", table[i].find, table[i].put, err_code(e), n);
		assert_true(e == OK || strstr(f.at, "byte") != NULL);
		free(text);
	}
}

/* Cut anywhere but between two records, it is refused, with the byte. */
static void
cut(void **state)
{
	const size_t second = (size_t)(strstr(good, "Package: gone") - good);
	char want[32];
	struct fault f;
	size_t n;

	(void)state;
	for (size_t len = 1; len < strlen(good); len++) {
		const enum err e = count(good, len, &n, &f);

		if (len == second) {
			assert_int_equal(e, OK);
			continue;
		}
		assert_int_equal(e, ERR_PACKAGES);
		snprintf(want, sizeof want, "byte %zu is cut off", len < second ? 0 : second);
		assert_non_null(strstr(f.at, want));
	}
}

static void
lengths(void **state)
{
	static const struct { const char *find, *before; } table[] = {
		{ "Package: attr\n", "Package: " },
		{ "Version: 1:2.4.47-2+b1\n", "Version: " },
		{ "Architecture: amd64\n", "Architecture: " },
		{ "Source: attr-source (1:2.4.47-2)\n", "Source: " },
	};
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		for (size_t past = 0; past < 2; past++) {
			char *put = edit_long(table[i].before, LIMIT_TEXT + past, "\n");
			char *text = edit(good, table[i].find, put);

			assert_int_equal(count(text, strlen(text), &n, NULL),
			    past ? ERR_PACKAGES : OK);
			free(text);
			free(put);
		}
	}
}

/* The list of this computer, beside dpkg-query. */
static void
beside_dpkg_query(void **state)
{
	static char text[64 * 1024 * 1024];
	char number[32];
	struct scratch s;
	struct dpkg_package p;
	struct dpkg d;
	size_t len, present = 0;
	bool more = true;

	(void)state;
	NEED_TOOL("dpkg-query");
	s = scratch_new();
	assert_int_equal(scratch_run(&s, "dpkg-query -W -f '${db:Status-Abbrev}\\n' |"
	    " grep -c '^.[iHUFWt]' >number"), 0);
	scratch_get(&s, "number", number, sizeof number);
	scratch_end(&s);
	len = scratch_load("/var/lib/dpkg/status", text, sizeof text);
	dpkg_open(&d, text, len);
	while (dpkg_next(&d, &p, &more, NULL) == OK && more)
		present += p.present;
	assert_int_equal(present, strtoull(number, NULL, 10));
	assert_int_equal(d.at, len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(forms),
		cmocka_unit_test(cut),
		cmocka_unit_test(lengths),
		cmocka_unit_test(beside_dpkg_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
