/*
 * Tests of formats/version: which texts are versions, and their order.  The rows are our own; the
 * rules are those of Debian Policy 5.6.12, of rpm-version(7), and of semver.org, items 2, 9 to 11.
 * tests/unit/formats/version_peers.c asks dpkg and rpm themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/version.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
names(void **state)
{
	static const char *const all[] = { "deb", "rpm", "semver", "intdot", "all" };
	static const char *const none[] = { "", "de", "debx", "DEB", "npm", "none", "generic" };
	enum version_scheme s;

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_int_equal(version_scheme_find(all[i], strlen(all[i]), &s), OK);
		assert_int_equal(s, i);
		assert_string_equal(version_scheme_name(s), all[i]);
	}
	assert_int_equal(version_scheme_find("debian", 3, &s), OK);
	for (size_t i = 0; i < COUNT(none); i++)
		assert_int_equal(version_scheme_find(none[i], strlen(none[i]), &s),
		    ERR_VERSION_SCHEME);
}

struct text { enum version_scheme scheme; const char *text; };

static void
forms(void **state)
{
	static const struct text good[] = {
		{ VERSION_DEB, "1" }, { VERSION_DEB, "0" }, { VERSION_DEB, "0:0-0" },
		{ VERSION_DEB, "1:2.4.47-2+b1" }, { VERSION_DEB, "2.4-rc1-1" },
		{ VERSION_DEB, "1:2:3-4" }, { VERSION_DEB, "1.0~~a+dfsg-0.1~bpo12+1" },
		{ VERSION_DEB, "2147483647:1" }, { VERSION_DEB, "0002147483647:1" },
		{ VERSION_DEB, "1." }, { VERSION_DEB, "1-a" },
		{ VERSION_RPM, "1" }, { VERSION_RPM, "1.0-1.el9_4" }, { VERSION_RPM, "3:1.0^git1-~1" },
		{ VERSION_RPM, "a15b79cc-63d04c2c" }, { VERSION_RPM, "4294967295:1" },
		{ VERSION_SEMVER, "0.0.0" }, { VERSION_SEMVER, "1.2.3-0.a.-.0a.00a" },
		{ VERSION_SEMVER, "1.2.3-rc.1+001.x-y" }, { VERSION_SEMVER, "1.2.3+a-b" },
		{ VERSION_SEMVER, "99999999999999999999999.0.18446744073709551616" },
		{ VERSION_INTDOT, "7" }, { VERSION_INTDOT, "10.234.5.12" },
		{ VERSION_INTDOT, "007.00.99999999999999999999999" },
	};
	static const struct text bad[] = {
		{ VERSION_DEB, "" }, { VERSION_DEB, "a" }, { VERSION_DEB, "v1" },
		{ VERSION_DEB, ":1" }, { VERSION_DEB, "1:" }, { VERSION_DEB, "1:-1" },
		{ VERSION_DEB, "-1" }, { VERSION_DEB, "1-" }, { VERSION_DEB, "1-1-" },
		{ VERSION_DEB, "2147483648:1" }, { VERSION_DEB, "99999999999999999999:1" },
		{ VERSION_DEB, "18446744073709551617:1" }, { VERSION_DEB, "-1:1" },
		{ VERSION_DEB, "+1:1" }, { VERSION_DEB, "a:1" }, { VERSION_DEB, "1:a" },
		{ VERSION_DEB, "1_0" }, { VERSION_DEB, "1 " }, { VERSION_DEB, " 1" },
		{ VERSION_DEB, "1\n" }, { VERSION_DEB, "1%2B1" }, { VERSION_DEB, "1^2" },
		{ VERSION_DEB, "1-1_1" }, { VERSION_DEB, "1\xc3\xa4" }, { VERSION_DEB, "1/2" },
		{ VERSION_RPM, "" }, { VERSION_RPM, ":1" }, { VERSION_RPM, "1:" },
		{ VERSION_RPM, "1-" }, { VERSION_RPM, "-1" }, { VERSION_RPM, "1-2-3" },
		{ VERSION_RPM, "4294967296:1" }, { VERSION_RPM, "1:2:3" }, { VERSION_RPM, "1 2" },
		{ VERSION_RPM, "1%2" }, { VERSION_RPM, "1\xff" }, { VERSION_RPM, "(none):1" },
		{ VERSION_SEMVER, "" }, { VERSION_SEMVER, "1" }, { VERSION_SEMVER, "1.2" },
		{ VERSION_SEMVER, "1.2.3.4" }, { VERSION_SEMVER, "v1.2.3" },
		{ VERSION_SEMVER, "01.2.3" }, { VERSION_SEMVER, "1.02.3" },
		{ VERSION_SEMVER, "1.2.00" }, { VERSION_SEMVER, "1..3" },
		{ VERSION_SEMVER, "1.2." }, { VERSION_SEMVER, "1.2.3-" },
		{ VERSION_SEMVER, "1.2.3+" }, { VERSION_SEMVER, "1.2.3-+a" },
		{ VERSION_SEMVER, "1.2.3-a..b" }, { VERSION_SEMVER, "1.2.3-01" },
		{ VERSION_SEMVER, "1.2.3-a.00" }, { VERSION_SEMVER, "1.2.3-a_b" },
		{ VERSION_SEMVER, "1.2.3+a+b" }, { VERSION_SEMVER, "1.2.3+a." },
		{ VERSION_SEMVER, "1.2.-3" }, { VERSION_SEMVER, "1.2-3.4" },
		{ VERSION_INTDOT, "" }, { VERSION_INTDOT, "." }, { VERSION_INTDOT, "1." },
		{ VERSION_INTDOT, ".1" }, { VERSION_INTDOT, "1..2" }, { VERSION_INTDOT, "1a" },
		{ VERSION_INTDOT, "1-2" }, { VERSION_INTDOT, "-1" }, { VERSION_INTDOT, "1.2 " },
	};
	int order;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (version_check(good[i].scheme, good[i].text, strlen(good[i].text)) != OK)
			fail_msg("refused: %s", good[i].text);
		assert_int_equal(version_compare(good[i].scheme, good[i].text, good[i].text,
		    &order), OK);
		assert_int_equal(order, 0);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *other = bad[i].scheme == VERSION_SEMVER ? "1.2.3" : "1";

		if (version_check(bad[i].scheme, bad[i].text, strlen(bad[i].text)) != ERR_VERSION)
			fail_msg("not refused: %s", bad[i].text);
		order = 7;
		assert_int_equal(version_compare(bad[i].scheme, bad[i].text, other, &order),
		    ERR_VERSION);
		assert_int_equal(order, 0);
		assert_int_equal(version_compare(bad[i].scheme, other, bad[i].text, &order),
		    ERR_VERSION);
	}
	assert_int_equal(version_check(VERSION_DEB, "1\0002", 3), ERR_VERSION);
	assert_int_equal(version_check(VERSION_DEB, "1-\xff", 1), OK);	/* only the length counts */
	assert_int_equal(version_check(VERSION_ALL, "1", 1), ERR_VERSION_SCHEME);
	assert_int_equal(version_compare(VERSION_ALL, "1", "1", &order), ERR_VERSION_SCHEME);
}

static void
limit(void **state)
{
	static const char *const ends[] = { "-1", "-1", "-1", ".1" };
	char text[LIMIT_VERSION + 2];
	int order;

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		memset(text, '1', sizeof text);
		if (i == VERSION_SEMVER)
			memcpy(text, "1.1.1", 5);
		memcpy(text + LIMIT_VERSION - 2, ends[i], 3);
		assert_int_equal(version_compare((enum version_scheme)i, text, text, &order), OK);
		assert_int_equal(order, 0);
		text[LIMIT_VERSION] = '1';
		text[LIMIT_VERSION + 1] = '\0';
		assert_int_equal(version_check((enum version_scheme)i, text, strlen(text)),
		    ERR_LIMIT);
		assert_int_equal(version_compare((enum version_scheme)i, text, "1", &order),
		    ERR_LIMIT);
	}
	/* the longest one that does not end in a digit: dpkg's 0 still fits behind it */
	memset(text, '1', sizeof text);
	text[LIMIT_VERSION - 1] = 'a';
	text[LIMIT_VERSION] = '\0';
	assert_int_equal(version_compare(VERSION_DEB, text, text, &order), OK);
	assert_int_equal(order, 0);
}

/* One order a list; "=" in front of a version: equal to the one before it. */
static void
check_ladder(enum version_scheme scheme, const char *const *ladder, size_t n)
{
	unsigned rank[64] = { 0 };
	int order;

	assert_in_range(n, 1, COUNT(rank));
	for (size_t i = 1; i < n; i++)
		rank[i] = rank[i - 1] + (ladder[i][0] != '=');
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			const char *a = ladder[i] + (ladder[i][0] == '=');
			const char *b = ladder[k] + (ladder[k][0] == '=');
			const int want = (rank[i] > rank[k]) - (rank[i] < rank[k]);

			assert_int_equal(version_compare(scheme, a, b, &order), OK);
			if (order != want)
				fail_msg("%s, %s: %d", a, b, order);
		}
	}
}

static void
order_of_deb(void **state)
{
	static const char *const ladder[] = {
		"0~~", "0~~a", "0~", "0", "=0-0", "=00-000", "=0:0", "=0000:0-0", "0-0+1", "0-1", "=0-01",
		"0.~1", "0.", "=0.0", "=0.00-0", "0.1", "0.1a", "=0.1a0", "0.1a1", "0.1a.", "0.1+",
		"=0.1+0", "0.1.", "1~rc1-1", "1-0.1", "1-1~bpo12+1", "1-1", "1-1+b1", "1-1+deb12u1",
		"1-1.1", "1-10", "1a-1", "1+dfsg0~-1", "1+dfsg-1", "1.0-1", "1.0-1-1", "2", "9", "10",
		"99999999999999999999", "100000000000000000000", "1:0~", "1:0", "1:0:1", "2147483647:0",
	};

	(void)state;
	check_ladder(VERSION_DEB, ladder, COUNT(ladder));
}

static void
order_of_rpm(void **state)
{
	static const char *const ladder[] = {
		"~~1", "~1", "a", "=0:a", "aa", "b", "1~rc1", "1~rc1-1", "1", "=01", "=001", "1-0", "=1-00",
		"=0:1-0", "1-1", "=1-1.", "1-1.el9", "1-1.el9_4", "1-2", "1-10", "1^", "1^a", "1^1", "1.a",
		"1.0", "=1_0", "=1+0", "=1..0", "1.0^git1-1", "1.0.1", "1.1", "1.1a", "1.1.1", "1.10",
		"99999999999999999999", "100000000000000000000", "1:0", "4294967295:0",
	};

	(void)state;
	check_ladder(VERSION_RPM, ladder, COUNT(ladder));
}

static void
order_of_semver(void **state)
{
	static const char *const ladder[] = {
		"0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10",
		"1.0.0-10.0", "1.0.0-10.a", "1.0.0-18446744073709551615", "1.0.0-18446744073709551616",
		"1.0.0--", "1.0.0-1-", "1.0.0-A", "1.0.0-a", "=1.0.0-a+b", "1.0.0-a.0", "1.0.0-a.0.0",
		"1.0.0-a.b", "1.0.0-a0", "1.0.0-aa", "1.0.0-b", "1.0.0", "=1.0.0+a", "=1.0.0+a-b.00",
		"1.0.1", "1.2.0", "1.10.0", "2.0.0-rc.1", "2.0.0", "10.0.0",
		"18446744073709551616.0.0", "18446744073709551617.0.0",
	};

	(void)state;
	check_ladder(VERSION_SEMVER, ladder, COUNT(ladder));
}

static void
order_of_intdot(void **state)
{
	static const char *const ladder[] = {
		"0", "=0.0", "=00.000", "0.0.1", "0.1", "=0.1.0", "=0.01", "0.1.0.1", "0.2", "0.10", "1",
		"=1.0.0.0", "1.9.9.9", "2", "10", "10.234.5.12", "10.234.5.13", "18446744073709551615",
		"18446744073709551616", "018446744073709551617",
	};

	(void)state;
	check_ladder(VERSION_INTDOT, ladder, COUNT(ladder));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(forms),
		cmocka_unit_test(limit),
		cmocka_unit_test(order_of_deb),
		cmocka_unit_test(order_of_rpm),
		cmocka_unit_test(order_of_semver),
		cmocka_unit_test(order_of_intdot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
