/*
 * desk: see desk.h.
 */
#include "mkmedia/desk.h"

#include "verify/options.h"
#include "verify/report.h"

int
desk_show(int argc, char **argv, const char *takes, desk_view *view)
{
	const char *home = NULL;
	bool json = false;
	const struct option table[] = {
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct vendor_register *r = NULL;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK &&
	    args.count != (takes == NULL ? 0 : 1))
		(void)err_fault(&f, ERR_USAGE, "%s is what it takes",
		    takes == NULL ? "no argument" : takes);
	if (f.err != OK || register_open(&r, home, false, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = view(r, takes == NULL ? NULL : args.item[0], json);
	register_close(r);
	return status;
}
