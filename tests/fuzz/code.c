/* What people type: authorization codes, and receipt lines over the telephone. */
#include "formats/code.h"
#include "formats/name.h"
#include "formats/receipt.h"
#include "tests/fuzz/fuzz.h"

static void
check_code(const char *typed, size_t len)
{
	char printed[CODE_PRINT], line[RECEIPT_LINE];
	struct receipt_line l;
	struct code c, again;
	struct code_typo typo;
	enum err e = code_parse(typed, len, &c, &typo);

	HOLD(typo.group <= 9 && strlen(typo.typed) < sizeof(typo.typed));
	if (e != OK)
		return;
	HOLD(name_id_ok(c.customer) && c.number >= 1 && c.number <= LIMIT_NUMBER);
	code_print(&c, printed);
	HOLD(code_parse(printed, strlen(printed), &again, &typo) == OK);
	HOLD(strcmp(c.text, again.text) == 0 && c.number == again.number);
	HOLD(code_parse(c.text, strlen(c.text), &again, &typo) == OK);
	HOLD(strcmp(c.text, again.text) == 0);
	HOLD(receipt_line_print(&c, 13, line) == OK && receipt_line_parse(line, &l) == OK);
	HOLD(l.status == 13 && receipt_line_check(&l, &c) == OK);
	code_wipe(&c);
}

static void
check_line(const char *typed)
{
	struct receipt_line l;

	if (receipt_line_parse(typed, &l) != OK)
		return;
	HOLD(name_id_ok(l.customer) && l.number >= 1 && l.number <= LIMIT_NUMBER);
	HOLD(l.status <= 31 && l.mac >> 40 == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_code((const char *)data, size);
	check_line(text);
	free(text);
	return 0;
}
