/*
 * books: the vendor's ledger, shown and checked.
 */
#include "mkmedia/commands.h"
#include "mkmedia/desk.h"
#include "verify/audit.h"
#include "verify/report.h"

static int
view_show(const struct vendor_register *r, const char *arg, bool json)
{
	struct fault f = { .err = OK };

	(void)arg;
	return audit_show(r->ledger, json, &f) == OK ? 0 : report_fault("mkmedia", json, &f);
}

/* Opening it checked everything. */
static int
view_verify(const struct vendor_register *r, const char *arg, bool json)
{
	(void)arg;
	return audit_verify(r->ledger, NULL, true, json);
}

int
books_show(int argc, char **argv)
{
	return desk_show(argc, argv, NULL, view_show);
}

int
books_verify(int argc, char **argv)
{
	return desk_show(argc, argv, NULL, view_verify);
}
