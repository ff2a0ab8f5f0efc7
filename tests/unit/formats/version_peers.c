/*
 * Tests of formats/version against its peers: dpkg's Perl module, dpkg itself, and rpm give the same
 * order to pairs of versions that differ in a letter or two.  The pairs are the same every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/version.h"
#include "tests/unit/scratch.h"

#define PAIRS 12000
#define PAIRS_DPKG 300		/* two processes for each */
#define LONGEST 16		/* bytes: Perl counts with floating point */

struct pair { char a[LONGEST + 1], b[LONGEST + 1]; };

static uint64_t state_of_chance = 20261120;

static size_t
chance(size_t n)
{
	state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state_of_chance >> 33) % n;
}

/* The bytes where orders are decided are there more than once. */
static char
any_byte(enum version_scheme scheme)
{
	static const char *const bytes[] = {
		[VERSION_DEB] = "00001129aabzAZ..++~~~--:",
		[VERSION_RPM] = "00001129aabzAZ.._+~~~^^^--:",
	};

	return bytes[scheme][chance(strlen(bytes[scheme]))];
}

static bool
is_good(enum version_scheme scheme, const char *text)
{
	return version_check(scheme, text, strlen(text)) == OK;
}

static void
make_version(enum version_scheme scheme, char out[static LONGEST + 1])
{
	do {
		const size_t n = 1 + chance(10);

		for (size_t i = 0; i < n; i++)
			out[i] = any_byte(scheme);
		out[n] = '\0';
	} while (!is_good(scheme, out));
}

/* One byte goes, comes, or becomes another. */
static void
change(enum version_scheme scheme, char text[static LONGEST + 1])
{
	const size_t n = strlen(text), at = chance(n + 1);

	switch (chance(3)) {
	case 0:
		if (at < n)
			memmove(text + at, text + at + 1, n - at);
		break;
	case 1:
		if (n < LONGEST) {
			memmove(text + at + 1, text + at, n - at + 1);
			text[at] = any_byte(scheme);
		}
		break;
	default:
		if (at < n)
			text[at] = any_byte(scheme);
	}
}

static struct pair
make_pair(enum version_scheme scheme)
{
	struct pair p;

	make_version(scheme, p.a);
	do {
		p.b[0] = '\0';
		memcpy(p.b, p.a, sizeof p.b);
		for (size_t i = 0; i <= chance(3); i++)
			change(scheme, p.b);
	} while (!is_good(scheme, p.b));
	return p;
}

/* ${line} reads "pairs", "A B" a line, and writes "orders", the peer's -1, 0 or 1 a line. */
static void
ask(enum version_scheme scheme, const char *line, size_t n)
{
	const struct scratch s = scratch_new();
	struct pair *pairs = calloc(n, sizeof *pairs);
	size_t tally[3] = { 0 };
	char path[256];
	FILE *f;

	assert_non_null(pairs);
	f = fopen(scratch_path(&s, "pairs", path), "w");
	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		pairs[i] = make_pair(scheme);
		assert_true(fprintf(f, "%s %s\n", pairs[i].a, pairs[i].b) > 0);
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(scratch_run(&s, line), 0);
	f = fopen(scratch_path(&s, "orders", path), "r");
	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		int order, want;

		assert_int_equal(fscanf(f, "%d", &want), 1);
		assert_int_equal(version_compare(scheme, pairs[i].a, pairs[i].b, &order), OK);
		if (order != want)
			fail_msg("%s, %s: %d, and the peer says %d", pairs[i].a, pairs[i].b, order,
			    want);
		tally[order + 1]++;
	}
	assert_int_equal(fscanf(f, "%*s"), EOF);
	assert_int_equal(fclose(f), 0);
	/* They are near: some are equal, and neither side always wins. */
	assert_in_range(tally[1], n / 50, n / 2);
	assert_in_range(tally[0], n / 5, n);
	assert_in_range(tally[2], n / 5, n);
	free(pairs);
	scratch_end(&s);
}

static void
perl_of_dpkg(void **state)
{
	(void)state;
	NEED_TOOL("perl");
	if (system("perl -MDpkg::Version -e 1 2>/dev/null") != 0) {
		print_message("SKIPPED: libdpkg-perl is not installed\n");
		skip();
	}
	ask(VERSION_DEB, "perl -MDpkg::Version -lane 'print version_compare($F[0], $F[1])' pairs >orders", PAIRS);
}

static void
dpkg(void **state)
{
	(void)state;
	NEED_TOOL("dpkg");
	ask(VERSION_DEB,
	    "while read -r a b; do"
	    "  if dpkg --compare-versions \"$a\" lt \"$b\"; then echo -1;"
	    "  elif dpkg --compare-versions \"$a\" eq \"$b\"; then echo 0;"
	    "  else echo 1; fi;"
	    " done <pairs >orders", PAIRS_DPKG);
}

static void
rpm(void **state)
{
	(void)state;
	NEED_TOOL("rpm");
	/* What rpm's own print() gathers is more than it has room for. */
	ask(VERSION_RPM,
	    "rpm --eval '%{lua: for line in io.lines(\"pairs\") do"
	    "  local at = line:find(\" \")"
	    "  io.write(rpm.vercmp(line:sub(1, at - 1), line:sub(at + 1)), \"\\n\") end}' >orders",
	    PAIRS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perl_of_dpkg),
		cmocka_unit_test(dpkg),
		cmocka_unit_test(rpm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
