/*
 * letter: the code of a consignment, once more.
 */
#include <stdio.h>
#include <string.h>

#include "mkmedia/commands.h"
#include "mkmedia/kept.h"
#include "verify/options.h"
#include "verify/report.h"

static enum err
load_code(
    const struct vendor_register *r, const char *consignment, struct code *code, struct fault *f)
{
	const struct register_volume *v = register_consignment(r, consignment);

	if (v == NULL)
		return err_fault(f, ERR_USAGE, "no consignment %s was sealed; CUSTOMER/N is needed",
		    consignment);
	return kept_code(r, v->customer, v->number, code, f);
}

static int
say(const struct vendor_register *r, const struct code *code, bool code_only, bool json)
{
	const struct trust *t = trust_chain_newest(r->chain);
	char shown[CODE_PRINT];
	struct json_writer *w;

	code_print(code, shown);
	if (json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "customer", code->customer);
		json_put_uint(w, "number", code->number);
		json_put_string(w, "code", code->text);
		return report_print_json(w, 0);
	}
	if (code_only)
		(void)printf("%s\n", code->text);
	else
		(void)printf("LETTER: goes SEPARATELY from the parcel.\n\nFrom         %s (%s)\n"
			     "Consignment  %s no. %llu\n\nAuthorization code\n\n    %s\n",
		    t->name, t->vendor, code->customer, (unsigned long long)code->number, shown);
	explicit_bzero(shown, sizeof(shown));
	return 0;
}

int
letter_run(int argc, char **argv)
{
	struct vendor_register *r = NULL;
	const char *home = NULL;
	bool code_only = false, json = false;
	const struct option table[] = {
		{ "code-only", OPTION_FLAG, &code_only },
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	struct code code = { .number = 0 };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "letter takes one consignment, CUSTOMER/N");
	if (f.err != OK || register_open(&r, home, false, &f) != OK ||
	    load_code(r, args.item[0], &code, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = say(r, &code, code_only, json);
	code_wipe(&code);
	register_close(r);
	return status;
}
