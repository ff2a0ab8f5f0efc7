/*
 * told: see told.h.
 */
#include "verify/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"

#define SUFFIX	".notice"
#define DIGITS	16		/* of LIMIT_INTEGER */

void
told_free(struct told *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		free(t->notice[i].file.bytes);
	free(t->catalogue.bytes);
	*t = (struct told){ .count = 0 };
}

struct kept *
told_notice(struct told *t, const char *name, size_t len)
{
	char text[DIGITS + sizeof(SUFFIX)];
	size_t digits, i;
	uint64_t n;

	if (len >= sizeof(text))
		return NULL;
	memcpy(text, name, len);
	text[len] = '\0';
	digits = strspn(text, "0123456789");
	if (text[0] < '1' || text[0] > '9' || digits > DIGITS || strlen(text) != len ||
	    strcmp(text + digits, SUFFIX) != 0)
		return NULL;
	n = strtoull(text, NULL, 10);
	for (i = 0; i < t->count; i++)
		if (t->notice[i].sequence == n)
			return &t->notice[i].file;
	if (t->count == LIMIT_NOTICES)
		return NULL;
	t->notice[t->count].sequence = n;
	return &t->notice[t->count++].file;
}

/* Our own failures, what is newer, and keys that lost their role stay what they are. */
static enum err
refuse(struct judgement *j, enum err as, const char *name)
{
	const struct fault was = j->fault;

	if (err_status(was.err) < err_status(ERR_NOT_SEALED) || was.err == ERR_KEY_RETIRED ||
	    was.err == ERR_KEY_REVOKED)
		as = was.err;
	return err_fault(&j->fault, as, "%s: %s%s%.200s", name,
	    as == was.err ? "" : err_sentence(was.err), *was.at == '\0' ? "" : ": ", was.at);
}

/* Nothing is parsed before this. */
static enum err
check_signed(const struct judgement *j, const struct kept *k, const char *namespace,
    struct document *doc, struct fault *f)
{
	struct trust_count count;
	struct signers s;
	enum err e;

	if ((e = document_split(k->bytes, k->len, doc)) != OK ||
	    (e = document_signers(doc, namespace, &s)) != OK)
		return err_fault(f, e, "%s", "");
	e = trust_chain_quorum(j->chain, ROLE_NOTICE, &s, &count);
	return e == OK ? OK : err_fault(f, e, "%u of %u", count.have, count.need);
}

static enum err
hand_on(const struct judge_sink *sink, const struct kept *k, const char *name, struct judgement *j)
{
	enum err e;

	if (sink == NULL)
		return OK;
	if ((e = sink->open(sink->arg, name, k->len)) == OK &&
	    (e = sink->write(sink->arg, k->bytes, k->len)) == OK)
		e = sink->close(sink->arg);
	return e == OK ? OK : err_fault(&j->fault, e, "%s", name);
}

static enum err
check_notice(struct told *t, size_t i, struct judgement *j, const struct judge_sink *sink)
{
	char name[DIGITS + sizeof("NOTICES/" SUFFIX)];
	struct document doc;
	struct notice *n = NULL;
	enum err e;

	(void)snprintf(name, sizeof(name), "NOTICES/%llu" SUFFIX,
	    (unsigned long long)t->notice[i].sequence);
	if ((e = check_signed(j, &t->notice[i].file, "notice@waxseal", &doc, &j->fault)) == OK &&
	    (e = notice_parse(&n, &doc, j->seal->vendor, &j->fault)) == OK &&
	    n->sequence != t->notice[i].sequence)
		e = err_fault(&j->fault, ERR_NOTICE_FORM, "it is notice %llu",
		    (unsigned long long)n->sequence);
	if (e != OK) {
		notice_free(n);
		return refuse(j, ERR_CONTENTS_NOTICE, name);
	}
	j->notice[j->notice_count++] = n;
	return hand_on(sink, &t->notice[i].file, name, j);
}

static enum err
check_catalogue(const struct told *t, struct judgement *j, const struct judge_sink *sink)
{
	static const char name[] = "CATALOGUE.catalogue";
	struct document doc;
	enum err e;

	if (!t->catalogue.seen)
		return OK;
	if ((e = check_signed(j, &t->catalogue, "catalogue@waxseal", &doc, &j->fault)) == OK)
		e = catalogue_parse(&j->catalogue, &doc, j->seal->vendor, &j->fault);
	return e == OK ? hand_on(sink, &t->catalogue, name, j) :
	    refuse(j, ERR_CONTENTS_CATALOGUE, name);
}

static int
compare_sequence(const void *a, const void *b)
{
	const struct notice *const *x = a, *const *y = b;

	return (*x)->sequence < (*y)->sequence ? -1 : (*x)->sequence > (*y)->sequence;
}

static enum err
check_all(struct told *t, struct judgement *j, const struct judge_sink *sink)
{
	size_t i;
	enum err e;

	if (t->has_directory && t->count == 0)
		return err_fault(&j->fault, ERR_CONTENTS_EXTRA, "NOTICES");
	for (i = 0; i < t->count; i++)
		if ((e = check_notice(t, i, j, sink)) != OK)
			return e;
	return check_catalogue(t, j, sink);
}

enum err
told_check(struct told *t, struct judgement *j, const struct judge_sink *sink)
{
	enum err e = check_all(t, j, sink);

	if (e != OK)	/* one that is false, and none is believed */
		while (j->notice_count > 0)
			notice_free(j->notice[--j->notice_count]);
	else if (j->notice_count > 0)
		qsort(j->notice, j->notice_count, sizeof(j->notice[0]), compare_sequence);
	return e;
}
