/*
 * Tests of ingest/evaluation: which date counts, and when it has passed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/evaluation.h"
#include "tests/unit/process.h"
#include "tests/unit/site_home.h"

#define DAY INT64_C(86400)

static struct site_home k;
static unsigned before;

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	site_home_of_two(&k);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	site_home_end(&k);
	assert_int_equal(process_descriptors(), before);
	return 0;
}

/* What is to be said ${seconds} after everything in the ledger happened, of both vendors. */
static struct evaluations
look(int64_t seconds)
{
	const struct moment now = { site_home_now.seconds + seconds, 0 };
	struct fault f = { .at = "" };
	struct evaluations e;
	struct station st;

	site_home_close(&k);
	assert_int_equal(station_open(&st, k.s.dir, false, &f), OK);
	if (evaluation_load(&e, &st, now, &f) != OK)
		fail_msg("%s: %s", err_code(f.err), f.at);
	assert_int_equal(e.count, 2);
	assert_string_equal(e.vendor[0].vendor, "etl");
	assert_string_equal(e.vendor[1].vendor, "rhine");
	station_close(&st);
	return e;
}

static void
never(void **state)
{
	struct evaluations e = look(LIMIT_EVALUATION * DAY);

	(void)state;
	assert_false(e.vendor[0].done);
	assert_int_equal(e.vendor[0].trusted.seconds, site_home_now.seconds);
	assert_int_equal(e.vendor[0].due.seconds, site_home_now.seconds + LIMIT_EVALUATION * DAY);
	assert_false(e.vendor[0].overdue);
	assert_int_equal(e.vendor[0].highest, 0);
	assert_string_equal(e.vendor[0].gaps, "");
	assert_false(e.vendor[0].has_issued);
	evaluation_free(&e);
	e = look(LIMIT_EVALUATION * DAY + 1);
	assert_true(e.vendor[0].overdue);
	assert_true(e.vendor[1].overdue);
	evaluation_free(&e);
}

/* An entry of ${what} for etl, ${seconds} after the rest. */
static void
entry(const char *what, int64_t seconds)
{
	struct json_writer *w;

	site_home_close(&k);
	json_writer_free(site_home_entry(&k, what));
	w = ledger_entry(k.l, what,
	    (struct moment){ site_home_now.seconds + seconds, 60 });
	json_put_string(w, "vendor", "etl");
	json_put_string(w, "reason", "usage");
	site_home_commit(&k, w);
}

static void
what_counts(void **state)
{
	struct evaluations e;

	(void)state;
	entry("refused", 3 * DAY);	/* nothing was taken in */
	entry("notice-refused", 4 * DAY);
	e = look(5 * DAY);
	assert_false(e.vendor[0].done);
	evaluation_free(&e);
	entry("evaluated", 10 * DAY);
	e = look(45 * DAY);
	assert_true(e.vendor[0].done);
	assert_int_equal(e.vendor[0].last.seconds, site_home_now.seconds + 10 * DAY);
	assert_int_equal(e.vendor[0].due.seconds, site_home_now.seconds + 45 * DAY);
	assert_false(e.vendor[0].overdue);
	assert_false(e.vendor[1].done);
	assert_true(e.vendor[1].overdue);
	evaluation_free(&e);
	e = look(45 * DAY + 1);
	assert_true(e.vendor[0].overdue);
	evaluation_free(&e);
}

/* A clock that was set back does not make anything less overdue. */
static void
floor_of_time(void **state)
{
	const struct site_home_accepted a = { .vendor = "etl", .customer = "acme", .number = 1,
		.floor = (uint64_t)(site_home_now.seconds + 36 * DAY) };
	struct evaluations e;

	(void)state;
	(void)site_home_accept(&k, &a);
	e = look(0);
	assert_true(e.vendor[0].done);
	assert_true(e.vendor[0].overdue);
	evaluation_free(&e);
}

static void
broken(void **state)
{
	struct evaluations e;
	struct station st;
	struct fault f;

	(void)state;
	entry("notice", 0);	/* without a sequence */
	site_home_close(&k);
	assert_int_equal(station_open(&st, k.s.dir, false, NULL), OK);
	assert_int_equal(evaluation_load(&e, &st, site_home_now, &f), ERR_LEDGER);
	evaluation_free(&e);
	station_close(&st);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(never), T(what_counts), T(floor_of_time), T(broken),
	};

	return cmocka_run_group_tests(tests, trust_text_setup, NULL);
}
