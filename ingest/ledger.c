/*
 * ledger: the audit log, shown and checked.
 */
#include "ingest/commands.h"
#include "ingest/query.h"
#include "verify/audit.h"

static int
answer_show(struct query *q, struct fault *f)
{
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
	return query_run(argc, argv, 0, false, "ledger show takes no arguments", answer_show);
}

int
ledger_verify_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, false, "ledger verify takes no arguments", answer_verify);
}
