/*
 * Tests of formats/err: the table as a whole, and what is said for each exit status.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/err.h"

/* DESIGN section 7, "Exit". */
static const int statuses[] = {
	0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
};

static bool
is_status(int status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (statuses[i] == status)
			return true;
	return false;
}

static void
table_is_sound(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ERR_COUNT; i++) {
		const char *code = err_code((enum err)i), *sentence = err_sentence((enum err)i);

		assert_true(is_status(err_status((enum err)i)));
		assert_int_equal(err_status((enum err)i) == 0, i == OK);
		assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789."),
		    strlen(code));
		assert_in_range(strlen(code), 2, 31);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(code, err_code((enum err)k));
		/* Lower case but for names such as SHA256SUMS and JSON, and no full stop. */
		assert_true(strlen(sentence) > 10);
		assert_false(sentence[0] >= 'A' && sentence[0] <= 'Z' &&
		    !(sentence[1] >= 'A' && sentence[1] <= 'Z'));
		assert_null(strpbrk(sentence, "\n\t\"\\"));
		assert_true(sentence[strlen(sentence) - 1] != '.');
	}
}

static void
outside_the_table(void **state)
{
	static const enum err outside[] = { ERR_COUNT, (enum err)1000, (enum err)-1 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(err_status(outside[i]), 1);
		assert_string_equal(err_code(outside[i]), "own.unknown");
		assert_non_null(err_sentence(outside[i]));
	}
	for (unsigned i = 0; i < ERR_COUNT; i++)
		assert_string_not_equal(err_code((enum err)i), "own.unknown");
}

static void
verdicts(void **state)
{
	static const struct {
		int status;
		const char *verdict;
	} table[] = {
		{ 0, "GENUINE" }, { 1, "FAILED" }, { 2, "USAGE" },
		{ 3, "GENUINE AS FAR AS CHECKED" }, { 4, "INCOMPLETE" }, { 5, "NEWER FORMAT" },
		{ 10, "NOT SEALED" }, { 11, "UNKNOWN SENDER" }, { 12, "COUNTERFEIT" },
		{ 13, "ALTERED" }, { 14, "DAMAGED" }, { 15, "NOT FOR YOU" }, { 16, "WRONG CODE" },
		{ 17, "WRONG DEVICE" }, { 18, "REPLAYED" }, { 19, "EXPIRED" }, { 20, "REVOKED" },
		{ 21, "DOES NOT FIT" }, { 22, "NOT APPROVED" }, { 23, "TRIAL FAILED" },
		{ 24, "DEPLOYMENT FAILED" }, { 25, "ROLLBACK FAILED" },
	};
	static const int unknown[] = { -1, 6, 9, 26, 127, 255, INT_MAX, INT_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_string_equal(err_verdict(table[i].status), table[i].verdict);
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		assert_string_equal(err_verdict(unknown[i]), "FAILED");
}

/* SPEC, "Reason codes": other programs decide by these. */
static void
of_media_and_sets(void **state)
{
	static const struct {
		enum err e;
		int status;
		const char *code;
	} table[] = {
		{ ERR_INCOMPLETE, 4, "set.incomplete" }, { ERR_SET, 4, "set.other" },
		{ ERR_DISC_OPEN, 13, "disc.open" }, { ERR_DISC_SESSIONS, 13, "disc.sessions" },
		{ ERR_POLYGLOT, 13, "medium.polyglot" }, { ERR_NO_MEDIUM, 14, "medium.none" },
		{ ERR_SILENT, 14, "medium.silent" }, { ERR_UNREADABLE, 14, "medium.unreadable" },
		{ ERR_INTERFACE, 17, "device.interface" }, { ERR_WRONG_DEVICE, 17, "device.other" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(err_status(table[i].e), table[i].status);
		assert_string_equal(err_code(table[i].e), table[i].code);
	}
}

static void
advice(void **state)
{
	(void)state;
	assert_string_equal(err_advice(OK), "");
	assert_string_equal(err_advice(ERR_SEAL_SIGNATURE), "Do not put it into another computer. Keep the medium "
	    "and the envelope, and call the sender at the number you already have.");
	assert_string_equal(err_advice(ERR_UNREADABLE),
	    "Clean it, try another drive, or ask for a second copy.");
	assert_non_null(strstr(err_advice(ERR_BLOCK), "altered or miscopied"));
	assert_string_equal(err_advice(ERR_COUNT), err_advice(ERR_IO));
	assert_non_null(strstr(err_advice(ERR_LEDGER), "Change nothing."));
	assert_null(strstr(err_advice(ERR_IO), "Change nothing."));
	assert_non_null(strstr(err_advice(ERR_SHORTER), "cut short: copy it again"));
	for (int e = OK + 1; e < ERR_COUNT; e++) {
		const char *text = err_advice((enum err)e);

		assert_true(text[0] >= 'A' && text[0] <= 'Z');
		assert_int_equal(text[strlen(text) - 1], '.');
		assert_null(strchr(text, '\n'));
	}
}

static void
faults(void **state)
{
	struct fault f;
	char longest[400];

	(void)state;
	memset(&f, 0xff, sizeof f);
	assert_int_equal(err_fault(&f, ERR_LIMIT, "line %d of %s", 7, "\x1b[1m"), ERR_LIMIT);
	assert_int_equal(f.err, ERR_LIMIT);
	assert_string_equal(f.at, "line 7 of \x1b[1m");
	assert_int_equal(err_fault(NULL, ERR_IO, "%s", "x"), ERR_IO);

	for (size_t len = sizeof f.at - 2; len <= sizeof f.at + 1; len++) {
		memset(longest, 'a', len);
		longest[len] = '\0';
		assert_int_equal(err_fault(&f, ERR_IO, "%s", longest), ERR_IO);
		assert_int_equal(strlen(f.at), len < sizeof f.at ? len : sizeof f.at - 1);
	}
}

static void
from_errno(void **state)
{
	static const struct {
		int number;
		enum err want;
	} table[] = {
		{ ENOSPC, ERR_SPACE }, { EDQUOT, ERR_SPACE }, { EACCES, ERR_DENIED },
		{ EPERM, ERR_DENIED }, { ENOMEM, ERR_MEMORY }, { EIO, ERR_IO }, { ENOENT, ERR_IO },
		{ 0, ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		errno = table[i].number;
		assert_int_equal(err_errno(), table[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test(outside_the_table),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(of_media_and_sets),
		cmocka_unit_test(advice),
		cmocka_unit_test(faults),
		cmocka_unit_test(from_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
