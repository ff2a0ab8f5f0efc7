/*
 * Tests of verify/judgement: the list of checks and its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "verify/judgement.h"

static struct judgement *
judgement_new(void)
{
	struct judgement *j = calloc(1, sizeof *j);

	assert_non_null(j);
	return j;
}

static void
notes(void **state)
{
	struct judgement *j = judgement_new();
	char longest[1000];

	(void)state;
	judgement_note(j, "V2", "sender", CHECK_OK, OK, "%s, trust %u", "Elbe", 3u);
	assert_int_equal(j->check_count, 1);
	assert_string_equal(j->check[0].step, "V2");
	assert_string_equal(j->check[0].name, "sender");
	assert_int_equal(j->check[0].state, CHECK_OK);
	assert_int_equal(j->check[0].err, OK);
	assert_string_equal(j->check[0].text, "Elbe, trust 3");
	/* longer than there is room: cut, and ended */
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	judgement_note(j, "V3", "x", CHECK_REMARK, ERR_IO, "%s", longest);
	assert_int_equal(strlen(j->check[1].text), sizeof j->check[1].text - 1);
	/* as many as there is room for, and no more */
	while (j->check_count < JUDGEMENT_CHECKS)
		judgement_note(j, "V4", "y", CHECK_OK, OK, "%zu", j->check_count);
	judgement_note(j, "V5", "z", CHECK_OK, OK, "one too many");
	assert_int_equal(j->check_count, JUDGEMENT_CHECKS);
	assert_string_equal(j->check[JUDGEMENT_CHECKS - 1].step, "V4");
	judgement_free(j);
	assert_int_equal(j->check_count, 0);
	free(j);
}

static void
failures(void **state)
{
	struct judgement *j = judgement_new();

	(void)state;
	assert_int_equal(judgement_fail(j, "V7", "map", ERR_MAP_DIGEST), ERR_MAP_DIGEST);
	assert_string_equal(j->check[0].text, err_sentence(ERR_MAP_DIGEST));
	assert_int_equal(j->check[0].state, CHECK_FAILED);
	assert_int_equal(j->check[0].err, ERR_MAP_DIGEST);
	assert_int_equal(j->fault.err, ERR_MAP_DIGEST);		/* although nobody said where */
	(void)err_fault(&j->fault, ERR_BLOCK, "block %d, 100%%s", 7);	/* not a format any more */
	assert_int_equal(judgement_fail(j, "V8", "blocks", ERR_BLOCK), ERR_BLOCK);
	assert_string_equal(j->check[1].text,
	    "blocks read well but differ from what was sealed: block 7, 100%s");
	judgement_free(j);
	free(j);
}

static void
unchecked(void **state)
{
	struct judgement *j = judgement_new();
	char list[64], small[10];

	(void)state;
	assert_null(judgement_unchecked(j, list, sizeof list));
	assert_string_equal(list, "");
	judgement_note(j, "V2", "sender", CHECK_OK, OK, "x");
	judgement_note(j, "V2", "remark", CHECK_REMARK, OK, "x");
	judgement_note(j, "V8", "blocks", CHECK_FAILED, ERR_BLOCK, "x");
	assert_null(judgement_unchecked(j, list, sizeof list));
	judgement_note(j, "V3", "recipient", CHECK_NOT_MADE, ERR_UNCHECKED, "x");
	assert_ptr_equal(judgement_unchecked(j, list, sizeof list), &j->check[3]);
	assert_string_equal(list, "recipient");
	judgement_note(j, "V4", "code", CHECK_NOT_MADE, ERR_UNCHECKED, "x");
	judgement_note(j, "V5", "number", CHECK_NOT_MADE, ERR_UNCHECKED, "x");
	assert_ptr_equal(judgement_unchecked(j, list, sizeof list), &j->check[3]);
	assert_string_equal(list, "recipient, code, number");
	assert_non_null(judgement_unchecked(j, small, sizeof small));
	assert_in_range(strlen(small), 1, sizeof small - 1);
	assert_non_null(judgement_unchecked(j, small, 1));
	assert_string_equal(small, "");
	judgement_free(j);
	free(j);
}

/* A verdict for people: good because another copy had what this one lacks is said. */
static void
verdicts(void **state)
{
	static const struct { enum err e; uint64_t mended, kept; const char *want; } table[] = {
		{ OK, 0, 0, "GENUINE" },
		{ OK, 1, 0, "REPAIRED" },
		{ OK, UINT64_MAX, 0, "REPAIRED" },
		{ OK, 0, 7, "GENUINE" },
		{ ERR_UNCHECKED, 1, 0, "GENUINE AS FAR AS CHECKED" },
		{ ERR_INCOMPLETE, 0, 0, "INCOMPLETE" },
		{ ERR_INCOMPLETE, 3, 0, "INCOMPLETE" },
		{ ERR_UNREADABLE, 3, 9, "DAMAGED" },
		{ ERR_BLOCK, 1, 0, "ALTERED" },
		{ ERR_SET, 0, 0, "INCOMPLETE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct judgement *j = judgement_new();

		j->verdict = table[i].e;
		j->blocks.mended = table[i].mended;
		j->blocks.kept = table[i].kept;
		assert_string_equal(judgement_verdict(j), table[i].want);
		free(j);
	}
}

static void
ends(void **state)
{
	struct judgement *j = judgement_new();
	const uint8_t *byte = (const uint8_t *)&j->code;

	(void)state;
	j->chain = trust_chain_new();
	assert_non_null(j->chain);
	assert_int_equal(code_make("acme", 7, &j->code), OK);
	j->code_given = true;
	j->verdict = ERR_BLOCK;
	judgement_free(j);
	for (size_t i = 0; i < sizeof j->code; i++)
		assert_int_equal(byte[i], 0);
	assert_null(j->chain);
	assert_false(j->code_given);
	judgement_free(j);
	free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes),
		cmocka_unit_test(failures),
		cmocka_unit_test(unchecked),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
