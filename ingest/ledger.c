/*
 * ledger: the audit log, shown and checked.
 */
#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/sources.h"
#include "verify/audit.h"

static int
answer_show(struct query *q, struct fault *f)
{
	if (*(const bool *)q->own)
		return sources_show(q, f);
	return audit_show(q->station.site->ledger, q->json, f) == OK ? 0 : 1;
}

/* Opening it checked everything. */
static int
answer_verify(struct query *q, struct fault *f)
{
	(void)f;
	return audit_verify(q->station.site->ledger, NULL, true, q->json);
}

int
ledger_show_run(int argc, char **argv)
{
	bool sources = false;
	const struct option option = { "sources", OPTION_FLAG, &sources };

	return query_run_own(argc, argv, 0, option, &sources, "ledger show takes no arguments",
	    answer_show);
}

int
ledger_verify_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, false, "ledger verify takes no arguments", answer_verify);
}
