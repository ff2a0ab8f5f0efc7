/*
 * Tests of verify/clock: it goes as the kernel's does, and never back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <time.h>

#include "verify/clock.h"

static uint64_t
of_kernel(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)(t.tv_nsec / 1000000);
}

static void
goes(void **state)
{
	const struct timespec pause = { 0, 30000000 };
	const uint64_t before = of_kernel(), start = clock_ms();
	uint64_t last = start;

	(void)state;
	assert_in_range(start, before, of_kernel());
	for (int i = 0; i < 1000; i++) {
		const uint64_t now = clock_ms();

		assert_true(now >= last);
		last = now;
	}
	assert_int_equal(nanosleep(&pause, NULL), 0);
	assert_true(clock_ms() - start >= 30 - 1);
}

/* Until then: what is left of it for poll. */
static void
until(void **state)
{
	const uint64_t now = clock_ms(), then = clock_in(100);

	(void)state;
	assert_in_range(then, now + 100000, clock_ms() + 100000);
	assert_in_range(clock_left(then), 1, 100000);
	assert_int_equal(clock_left(now), 0);
	assert_int_equal(clock_left(0), 0);
	assert_int_equal(clock_left(UINT64_MAX), INT_MAX);
}

/* Of a clock that is not there. */
static void
none(void **state)
{
	(void)state;
	assert_int_equal(clock_of(1000), 0);
	assert_true(clock_of(CLOCK_REALTIME) > UINT64_C(1600000000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(goes),
		cmocka_unit_test(until), cmocka_unit_test(none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
