/*
 * Tests of verify/blame: who is to blame, whatever the parser says of it itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "formats/limits.h"
#include "verify/blame.h"
#include "verify/parser.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define EXITED(n) ((n) << 8)	/* as waitpid(2) has it */

static void
ends(void **state)
{
	static const long full = (long)(LIMIT_PARSER_MEMORY / KIB), late = LIMIT_PARSER_TIME;
	static const struct {
		int status;
		long kib, seconds;
		enum err before, after;
	} table[] = {
		{ EXITED(0), 0, 0, ERR_CHILD, ERR_CONTENTS_FORM },
		{ EXITED(1), 0, 0, ERR_CHILD, ERR_CONTENTS_FORM },
		{ EXITED(77), 0, 0, ERR_CHILD, ERR_CONTENTS_FORM },
		/* it is confined, or it would not have begun */
		{ EXITED(PARSER_UNCONFINED), 0, 0, ERR_SANDBOX, ERR_CONTENTS_FORM },
		/* LIMIT_PARSER_MEMORY: at two thirds of it the image is to blame, below it this computer */
		{ EXITED(PARSER_NO_MEMORY), 0, 0, ERR_MEMORY, ERR_MEMORY },
		{ EXITED(PARSER_NO_MEMORY), full / 3 * 2 - 4, 0, ERR_MEMORY, ERR_MEMORY },
		{ EXITED(PARSER_NO_MEMORY), full / 3 * 2, 0, ERR_MEMORY, ERR_LIMIT },
		{ EXITED(PARSER_NO_MEMORY), full, 0, ERR_MEMORY, ERR_LIMIT },
		{ EXITED(0), full, 0, ERR_CHILD, ERR_CONTENTS_FORM },
		{ SIGSEGV, 0, 0, ERR_CHILD, ERR_CONTENTS_FORM },
		{ SIGSYS, 0, 0, ERR_SANDBOX, ERR_CONTENTS_FORM },
		{ SIGABRT, 0, 0, ERR_CHILD, ERR_CONTENTS_FORM },
		/* from outside, unless the kernel did it because of LIMIT_PARSER_TIME */
		{ SIGKILL, 0, 0, ERR_CHILD, ERR_CHILD },
		{ SIGKILL, full, late / 2, ERR_CHILD, ERR_CHILD },
		{ SIGKILL, 0, late, ERR_CHILD, ERR_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct rusage used = { .ru_maxrss = table[i].kib,
		    .ru_utime = { .tv_sec = table[i].seconds } };
		const enum err before = blame_end(table[i].status, &used, false),
		    after = blame_end(table[i].status, &used, true);

		if (before != table[i].before || after != table[i].after)
			fail_msg("row %zu: %s, %s", i, err_code(before), err_code(after));
	}
}

static void
silence(void **state)
{
	static const struct { uint64_t ms; bool begun; enum err want; } table[] = {
		{ 0, false, ERR_CHILD }, { LIMIT_PARSING * 1000, false, ERR_CHILD },
		{ 0, true, ERR_CHILD }, { LIMIT_PARSING * 100 - 1, true, ERR_CHILD },
		{ LIMIT_PARSING * 100, true, ERR_CONTENTS_FORM },
		{ LIMIT_PARSING * 1000, true, ERR_CONTENTS_FORM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .err = OK };

		assert_int_equal(blame_silence(table[i].ms, table[i].begun, &f), table[i].want);
		assert_int_equal(f.err, table[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
