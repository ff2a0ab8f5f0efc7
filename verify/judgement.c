/*
 * judgement: see judgement.h.
 */
#include "verify/judgement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
judgement_note(struct judgement *j, const char *step, const char *name, enum check_state state,
    enum err e, const char *fmt, ...)
{
	struct check *c;
	va_list ap;

	if (j->check_count == JUDGEMENT_CHECKS)
		return;
	c = &j->check[j->check_count++];
	*c = (struct check){ .step = step, .name = name, .state = state, .err = e };
	va_start(ap, fmt);
	(void)vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
}

enum err
judgement_fail(struct judgement *j, const char *step, const char *name, enum err e)
{
	if (j->fault.err != e)	/* who failed had no word for where */
		(void)err_fault(&j->fault, e, "%s", "");
	judgement_note(j, step, name, CHECK_FAILED, e, "%s%s%s", err_sentence(e),
	    *j->fault.at == '\0' ? "" : ": ", j->fault.at);
	return e;
}

const struct check *
judgement_unchecked(const struct judgement *j, char *list, size_t cap)
{
	const struct check *first = NULL;
	size_t i, used = 0;
	int n;

	*list = '\0';
	for (i = 0; i < j->check_count; i++) {
		if (j->check[i].state != CHECK_NOT_MADE)
			continue;
		n = snprintf(list + used, cap - used, "%s%s", first == NULL ? "" : ", ",
		    j->check[i].name);
		if (n > 0 && (size_t)n < cap - used)
			used += (size_t)n;
		if (first == NULL)
			first = &j->check[i];
	}
	return first;
}

const char *
judgement_verdict(const struct judgement *j)
{
	const bool good = j->verdict == OK || j->verdict == ERR_HELD;

	if (good && (j->blocks.mended > 0 || j->blocks.repaired > 0))
		return "REPAIRED";
	return err_verdict(good ? 0 : err_status(j->verdict));
}

void
judgement_free(struct judgement *j)
{
	size_t i;

	for (i = 0; i < LIMIT_RELEASES; i++)
		release_free(j->release[i].release);
	for (i = 0; i < j->notice_count; i++)
		notice_free(j->notice[i]);
	catalogue_free(j->catalogue);
	seal_free(j->seal);
	trust_chain_free(j->chain);
	free(j->image_chain);
	code_wipe(&j->code);
	*j = (struct judgement){ .verdict = OK };
}
