/*
 * Tests of formats/version_range: canonical form, and where versions lie.  The rows are our own; the
 * rules are those of VERS, clause 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/version.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
reading(void **state)
{
	static const char text[] = "vers:deb/!=0.9|>=1:1.0-1|!=1:1.5%2B1|<1:2%7e|1:2|>1%3A3";
	static const struct version_constraint want[] = {
		{ VERSION_NOT_EQUAL, "0.9" }, { VERSION_GREATER_EQUAL, "1:1.0-1" },
		{ VERSION_NOT_EQUAL, "1:1.5+1" }, { VERSION_LESS, "1:2~" }, { VERSION_EQUAL, "1:2" },
		{ VERSION_GREATER, "1:3" },
	};
	struct version_range *r;

	(void)state;
	assert_int_equal(version_range_parse(&r, text, strlen(text)), OK);
	assert_int_equal(r->scheme, VERSION_DEB);
	assert_int_equal(r->count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_int_equal(r->constraint[i].comparator, want[i].comparator);
		assert_string_equal(r->constraint[i].version, want[i].version);
	}
	version_range_free(r);
	version_range_free(NULL);
	assert_int_equal(version_range_parse(&r, "vers:all/*|", 10), OK);	/* the length counts */
	assert_int_equal(r->scheme, VERSION_ALL);
	assert_int_equal(r->count, 0);
	version_range_free(r);
	assert_int_equal(version_range_parse(&r, "vers:rpm/*", 10), OK);
	assert_int_equal(r->scheme, VERSION_RPM);
	assert_int_equal(r->count, 0);
	version_range_free(r);
}

static void
forms(void **state)
{
	static const struct { const char *text; enum err want; } table[] = {
		{ "vers:deb/1", OK },
		{ "vers:deb/!=1", OK },
		{ "vers:deb/<=1", OK },
		{ "vers:semver/1.0.0|>=2.0.0|<3.0.0-0", OK },
		{ "vers:intdot/1|2|>3|!=4|!=5|<6|7|>8", OK },
		{ "vers:rpm/<1|2|>=3|<=4|!=5", OK },
		{ "vers:rpm/>1|!=2|!=3|<4", OK },
		/* the head */
		{ "", ERR_VERSION_RANGE },
		{ "vers", ERR_VERSION_RANGE },
		{ "vers:", ERR_VERSION_RANGE },
		{ "vers:deb", ERR_VERSION_RANGE },
		{ "vers:/1", ERR_VERSION_RANGE },
		{ "vers:deb/", ERR_VERSION_RANGE },
		{ "Vers:deb/1", ERR_VERSION_RANGE },
		{ "vers:Deb/1", ERR_VERSION_RANGE },
		{ "vers:dEb/1", ERR_VERSION_RANGE },
		{ "vers:%64eb/1", ERR_VERSION_RANGE },
		{ "vers: deb/1", ERR_VERSION_RANGE },
		{ " vers:deb/1", ERR_VERSION_RANGE },
		{ "vers:2deb/1", ERR_VERSION_RANGE },
		{ "pkg:deb/1", ERR_VERSION_RANGE },
		{ "deb/1", ERR_VERSION_RANGE },
		{ "vers:npm/1.2.3", ERR_VERSION_SCHEME },
		{ "vers:none/*", ERR_VERSION_SCHEME },
		{ "vers:generic/1", ERR_VERSION_SCHEME },
		{ "vers:debian/1", ERR_VERSION_SCHEME },
		{ "vers:de/1", ERR_VERSION_SCHEME },
		{ "vers:x-1.y/nonsense||", ERR_VERSION_SCHEME },
		/* constraints */
		{ "vers:all/1", ERR_VERSION_RANGE },
		{ "vers:all/", ERR_VERSION_RANGE },
		{ "vers:all/**", ERR_VERSION_RANGE },
		{ "vers:deb/*|1", ERR_VERSION_RANGE },
		{ "vers:deb/1|*", ERR_VERSION_RANGE },
		{ "vers:deb/>*", ERR_VERSION_RANGE },
		{ "vers:deb/|1", ERR_VERSION_RANGE },
		{ "vers:deb/1|", ERR_VERSION_RANGE },
		{ "vers:deb/1||2", ERR_VERSION_RANGE },
		{ "vers:deb/>", ERR_VERSION_RANGE },
		{ "vers:deb/=1", ERR_VERSION_RANGE },
		{ "vers:deb/==1", ERR_VERSION_RANGE },
		{ "vers:deb/=>1", ERR_VERSION_RANGE },
		{ "vers:deb/>>1", ERR_VERSION_RANGE },
		{ "vers:deb/<>1", ERR_VERSION_RANGE },
		{ "vers:deb/!1", ERR_VERSION_RANGE },
		{ "vers:deb/> 1", ERR_VERSION_RANGE },
		{ "vers:deb/>1 |<2", ERR_VERSION_RANGE },
		{ "vers:deb/1\n", ERR_VERSION_RANGE },
		{ "vers:deb/1\xc3\xa4", ERR_VERSION_RANGE },
		{ "vers:deb/1\x7f", ERR_VERSION_RANGE },
		{ "vers:deb/1%", ERR_VERSION_RANGE },
		{ "vers:deb/1%2", ERR_VERSION_RANGE },
		{ "vers:deb/1%2g", ERR_VERSION_RANGE },
		{ "vers:deb/1%|2", ERR_VERSION_RANGE },
		/* versions: what is encoded is decoded once, and then must be a version */
		{ "vers:deb/1_0", ERR_VERSION },
		{ "vers:deb/>=1|<v2", ERR_VERSION },
		{ "vers:deb/1%252B1", ERR_VERSION },
		{ "vers:deb/1%20", ERR_VERSION },
		{ "vers:deb/1%00", ERR_VERSION },
		{ "vers:deb/1%7C2", ERR_VERSION },
		{ "vers:deb/1%ff", ERR_VERSION },
		{ "vers:deb/%3E1", ERR_VERSION },
		{ "vers:deb/2147483648:1", ERR_VERSION },
		{ "vers:semver/<1.0", ERR_VERSION },
		{ "vers:semver/<1.0.0|2.0.0-", ERR_VERSION },
		/* their order, each once */
		{ "vers:deb/2|1", ERR_VERSION_RANGE },
		{ "vers:deb/!=2|!=1", ERR_VERSION_RANGE },
		{ "vers:deb/>=2|<1", ERR_VERSION_RANGE },
		{ "vers:deb/<10|>9", ERR_VERSION_RANGE },
		{ "vers:deb/1|1", ERR_VERSION_RANGE },
		{ "vers:deb/>1|<1", ERR_VERSION_RANGE },
		{ "vers:deb/>=1.0|<1.0-0", ERR_VERSION_RANGE },
		{ "vers:deb/1|!=1", ERR_VERSION_RANGE },
		{ "vers:rpm/1.0|1_0", ERR_VERSION_RANGE },
		{ "vers:semver/1.0.0+a|1.0.0+b", ERR_VERSION_RANGE },
		{ "vers:intdot/1.0|1", ERR_VERSION_RANGE },
		/* which may follow which */
		{ "vers:deb/1|<2", ERR_VERSION_RANGE },
		{ "vers:deb/1|<=2", ERR_VERSION_RANGE },
		{ "vers:deb/1|!=2|<3", ERR_VERSION_RANGE },
		{ "vers:deb/<1|<2", ERR_VERSION_RANGE },
		{ "vers:deb/<1|<=2", ERR_VERSION_RANGE },
		{ "vers:deb/<1|!=2|<3", ERR_VERSION_RANGE },
		{ "vers:deb/<1|2|<3", ERR_VERSION_RANGE },
		{ "vers:deb/>1|>2", ERR_VERSION_RANGE },
		{ "vers:deb/>=1|>2", ERR_VERSION_RANGE },
		{ "vers:deb/>1|!=2|>=3", ERR_VERSION_RANGE },
		{ "vers:deb/>1|2", ERR_VERSION_RANGE },
		{ "vers:deb/>1|2|<3", ERR_VERSION_RANGE },
		{ "vers:deb/>=1|<2|<3", ERR_VERSION_RANGE },
	};
	struct version_range *r;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const enum err e = version_range_parse(&r, table[i].text, strlen(table[i].text));

		if (e != table[i].want || (r != NULL) != (e == OK))
			fail_msg("%s: %s", table[i].text, err_code(e));
		version_range_free(r);
	}
	assert_int_equal(version_range_parse(&r, "vers:deb/1\0002", 12), ERR_VERSION_RANGE);
	assert_int_equal(version_range_parse(&r, "vers:deb/*\0", 11), ERR_VERSION_RANGE);
}

/* Cut anywhere, it is another range or none, and nothing is read behind the cut. */
static void
truncation(void **state)
{
	static const char text[] = "vers:semver/!=0.1.0|>=1.0.0-rc.1|<2.0.0%2b7|>=3.10.0";
	struct version_range *r;

	(void)state;
	for (size_t n = 0; n < strlen(text); n++) {
		char *copy = malloc(n + 1);
		enum err e;

		assert_non_null(copy);
		memcpy(copy, text, n);
		e = version_range_parse(&r, copy, n);
		assert_true(e == OK || e == ERR_VERSION || e == ERR_VERSION_RANGE);
		assert_int_equal(r != NULL, e == OK);
		version_range_free(r);
		free(copy);
	}
}

static void
limits(void **state)
{
	char text[LIMIT_RANGE + 2];
	struct version_range *r;
	size_t len;

	(void)state;
	for (size_t past = 0; past < 2; past++) {
		len = (size_t)sprintf(text, "vers:intdot/1");
		for (size_t i = 2; i <= LIMIT_CONSTRAINTS + past; i++)
			len += (size_t)sprintf(text + len, "|%zu", i);
		assert_int_equal(version_range_parse(&r, text, len), past ? ERR_LIMIT : OK);
		if (r != NULL)
			assert_int_equal(r->count, LIMIT_CONSTRAINTS);
		version_range_free(r);

		memset(text, '1', sizeof text);
		memcpy(text, "vers:intdot/", 12);
		assert_int_equal(version_range_parse(&r, text, 12 + LIMIT_VERSION + past),
		    past ? ERR_LIMIT : OK);
		version_range_free(r);

		/* 15 versions of 128 bytes, and one that is partly encoded */
		len = 12;
		for (size_t i = 0; i < 15; i++) {
			len += (size_t)sprintf(text + len, "%zu.", 10 + i);
			memset(text + len, '1', LIMIT_VERSION - 3);
			len += LIMIT_VERSION - 3;
			text[len++] = '|';
		}
		text[len++] = '9';
		text[len++] = '9';
		for (; len + 3 <= LIMIT_RANGE + past; len += 3)
			memcpy(text + len, "%39", 3);
		memset(text + len, '9', LIMIT_RANGE + past - len);
		assert_int_equal(version_range_parse(&r, text, LIMIT_RANGE + past),
		    past ? ERR_LIMIT : OK);
		version_range_free(r);
	}
}

/* Where each of the versions 0 to 9 lies: I in, < below, > above, - between. */
static void
sides(void **state)
{
	static const struct { const char *range, *want; } table[] = {
		{ "*", "IIIIIIIIII" },
		{ "4", "<<<<I>>>>>" },
		{ "!=4", "IIII-IIIII" },
		{ "!=2|!=4", "II-I-IIIII" },
		{ "<4", "IIII>>>>>>" },
		{ "<=4", "IIIII>>>>>" },
		{ ">4", "<<<<<IIIII" },
		{ ">=4", "<<<<IIIIII" },
		{ ">=2|<6", "<<IIII>>>>" },
		{ ">2|<=6", "<<<IIII>>>" },
		{ "<2|>6", "II-----III" },
		{ "<=2|>=6", "III---IIII" },
		{ "2|4", "<<I-I>>>>>" },
		{ "2|>4|<6", "<<I--I>>>>" },
		{ "2|>=4", "<<I-IIIIII" },
		{ "<2|4|>6", "II--I--III" },
		{ ">=1|<3|5|>=7|<8", "<II--I-I>>" },
		{ ">=1|<3|>=3.5|<8", "<II-IIII>>" },
		{ ">=2|!=4|<6", "<<I" "I-I" ">>>>" },
		{ ">=2|!=4", "<<II-IIIII" },
		{ "!=4|<6", "IIII-I>>>>" },
		{ "!=1|>=2|<6|!=8", "<<IIII>>>>" },
		{ "2|!=4|6", "<<I---I>>>" },
		{ "<2|!=4|>=6", "II----IIII" },
		{ "!=0|1", "<I>>>>>>>>" },
		{ "1|!=9", "<I>>>>>>>>" },
	};
	static const char *const schemes[] = { "deb", "rpm", "intdot" };
	char text[64], version[2] = "";
	struct version_range *r;
	enum version_side side;
	bool in;

	(void)state;
	for (size_t i = 0; i < COUNT(table) * COUNT(schemes); i++) {
		sprintf(text, "vers:%s/%s", schemes[i % COUNT(schemes)],
		    table[i / COUNT(schemes)].range);
		assert_int_equal(version_range_parse(&r, text, strlen(text)), OK);
		for (unsigned v = 0; v < 10; v++) {
			version[0] = (char)('0' + v);
			assert_int_equal(version_range_side(r, version, &side), OK);
			if ("I<>-"[side] != table[i / COUNT(schemes)].want[v])
				fail_msg("%s, %s: %c", text, version, "I<>-"[side]);
			assert_int_equal(version_range_contains(r, version, &in), OK);
			assert_int_equal(in, side == VERSION_IN);
		}
		version_range_free(r);
	}
}

static void
equal_texts(void **state)
{
	static const struct { const char *range, *version; enum version_side want; } table[] = {
		{ "vers:deb/1.0", "0:1.0-0", VERSION_IN },
		{ "vers:deb/>=1.0-1|<1.0-1.1", "1.0-1+b2", VERSION_IN },
		{ "vers:deb/<1.0", "1.0~rc1", VERSION_IN },
		{ "vers:deb/<1.0", "1.0-0", VERSION_ABOVE },
		{ "vers:deb/<1:0", "99", VERSION_IN },
		{ "vers:rpm/!=1.0", "1_0", VERSION_BETWEEN },
		{ "vers:rpm/<=1.0", "1.0-1", VERSION_ABOVE },
		{ "vers:semver/1.0.0", "1.0.0+build.7", VERSION_IN },
		{ "vers:semver/<1.0.0", "1.0.0-rc.1", VERSION_IN },
		{ "vers:semver/>=1.0.0|<2.0.0", "2.0.0-rc.1", VERSION_IN },
		{ "vers:intdot/>=2.4", "2.4.0", VERSION_IN },
		{ "vers:all/*", "anything at all", VERSION_IN },
		{ "vers:all/*", "", VERSION_IN },
	};
	struct version_range *r;
	enum version_side side;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(version_range_parse(&r, table[i].range, strlen(table[i].range)),
		    OK);
		assert_int_equal(version_range_side(r, table[i].version, &side), OK);
		if (side != table[i].want)
			fail_msg("%s, %s", table[i].range, table[i].version);
		version_range_free(r);
	}
}

/* A version that cannot be compared is in no place, and a star is no excuse. */
static void
versions_refused(void **state)
{
	static const char *const ranges[] = { "vers:deb/*", "vers:deb/<2", "vers:deb/!=1" };
	char longest[LIMIT_VERSION + 2];
	struct version_range *r;
	enum version_side side;
	bool in = true;

	(void)state;
	memset(longest, '1', sizeof longest);
	longest[LIMIT_VERSION + 1] = '\0';
	for (size_t i = 0; i < COUNT(ranges); i++) {
		assert_int_equal(version_range_parse(&r, ranges[i], strlen(ranges[i])), OK);
		assert_int_equal(version_range_contains(r, "unknown", &in), ERR_VERSION);
		assert_false(in);
		assert_int_equal(version_range_contains(r, "", &in), ERR_VERSION);
		assert_int_equal(version_range_side(r, "99999999999:1", &side), ERR_VERSION);
		assert_int_equal(side, VERSION_BETWEEN);
		assert_int_equal(version_range_side(r, longest, &side), ERR_LIMIT);
		version_range_free(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(forms),
		cmocka_unit_test(truncation),
		cmocka_unit_test(limits),
		cmocka_unit_test(sides),
		cmocka_unit_test(equal_texts),
		cmocka_unit_test(versions_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
