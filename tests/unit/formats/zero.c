/*
 * zero: every place of the one byte that is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/zero.h"

static void
every_place(void **state)
{
	unsigned char b[300] = { 0 };

	(void)state;
	for (size_t len = 0; len <= sizeof(b); len++) {
		assert_true(zero_all(b, len));
		for (size_t i = 0; i < len; i++) {
			b[i] = 0x80;
			assert_false(zero_all(b, len));
			assert_true(zero_all(b, i));
			b[i] = 0;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_place) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
