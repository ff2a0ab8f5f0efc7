/*
 * Tests of ingest/send: no more is written for a vendor than that vendor reads.  What is written,
 * and what is not, is in tests/cli/37-passport.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/site_home.h"

/* All of it is made in one go; the last step of that is looked at. */
#define send_run send_run_of_test
int send_run(int argc, char **argv);
#include "ingest/send.c"

/*
 * LIMIT_SENT of all that goes into one file, encrypted, and a byte more: the last of several
 * passports is as long as that.
 */
static void
largest(void **state)
{
	static const char body[] = "the last passport\n";
	struct sending s = { .vendor = "etl" };
	uint64_t most = LIMIT_SENT;
	struct site_home k;
	struct fault f;
	size_t one;

	(void)state;
	while (age_encrypt_size(most, 1) > LIMIT_SENT)
		most--;
	assert_int_equal(age_encrypt_size(most, 1), LIMIT_SENT);
	site_home_new(&k, "plant7");
	s.station.home = k.h;
	assert_int_equal(add_signed(&s, body, sizeof body - 1, &f), OK);
	one = s.len;
	for (size_t past = 0; past < 2; past++) {
		free(s.text);
		s.len = most - one + past;
		s.text = calloc(1, s.len);
		assert_non_null(s.text);
		assert_int_equal(add_signed(&s, body, sizeof body - 1, &f), past ? ERR_LIMIT : OK);
		assert_int_equal(s.len, most + past);
	}
	free(s.text);
	site_home_end(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(largest),
	};

	return cmocka_run_group_tests(tests, trust_text_setup, NULL);
}
