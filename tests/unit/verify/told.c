/*
 * Tests of verify/told: which names notices have on a medium.  What they must be is in
 * tests/cli/33-news.sh, with real signatures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify/told.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void
names(void **state)
{
	static const char *const bad[] = { "", "notice", ".notice", "0.notice", "01.notice",
		"-1.notice", "+1.notice", " 1.notice", "1.Notice", "1.notices", "1.notice ",
		"1.txt", "1", "1/1.notice", "x.notice", "11111111111111111.notice",
		"1111111111111111111111111111111.notice" };
	struct told t = { .count = 0 };
	struct kept *one, *last;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (told_notice(&t, bad[i], strlen(bad[i])) != NULL)
			fail_msg("%s", bad[i]);
	assert_null(told_notice(&t, "1.notice", 7));
	assert_null(told_notice(&t, "1.notice\0.notice", 16));
	assert_int_equal(t.count, 0);
	one = told_notice(&t, "1.noticeX", 8);
	assert_non_null(one);
	last = told_notice(&t, "9007199254740991.notice", 23);
	assert_non_null(last);
	assert_ptr_not_equal(one, last);
	/* the same again is the same */
	assert_ptr_equal(told_notice(&t, "1.notice", 8), one);
	assert_int_equal(t.count, 2);
	assert_true(t.notice[1].sequence == 9007199254740991);
	told_free(&t);
}

static void
as_many_as_there_may_be(void **state)
{
	struct told t = { .count = 0 };
	char name[32];

	(void)state;
	for (unsigned i = 1; i <= LIMIT_NOTICES; i++) {
		(void)snprintf(name, sizeof name, "%u.notice", i);
		assert_non_null(told_notice(&t, name, strlen(name)));
	}
	assert_null(told_notice(&t, "99.notice", 9));
	assert_non_null(told_notice(&t, "7.notice", 8));
	told_free(&t);
	assert_int_equal(t.count, 0);
}

/* Nothing told is nothing wrong; a directory without a notice is. */
static void
nothing(void **state)
{
	struct judgement *j = calloc(1, sizeof *j);
	struct told t = { .count = 0 };

	(void)state;
	assert_non_null(j);
	assert_int_equal(told_check(&t, j, NULL), OK);
	assert_int_equal(j->notice_count, 0);
	assert_null(j->catalogue);
	t.has_directory = true;
	assert_int_equal(told_check(&t, j, NULL), ERR_CONTENTS_EXTRA);
	free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(as_many_as_there_may_be),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
