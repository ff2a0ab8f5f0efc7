/*
 * input: see input.h.
 */
#include "verify/input.h"

#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"

/* From here on exit statuses are verdicts (SPEC, "Exit status"). */
#define FIRST_VERDICT 3

enum err
input_refuse(struct fault *f, const char *name)
{
	struct fault was = *f;

	if (err_status(was.err) < FIRST_VERDICT)
		return was.err;
	return err_fault(f, ERR_USAGE, "%s: %s, %s%s%s", name, err_code(was.err),
	    err_sentence(was.err), *was.at == '\0' ? "" : ": ", was.at);
}

enum err
input_text(const char *option, const char *text, struct fault *f)
{
	char shown[4 * LIMIT_TEXT + 1];
	size_t len = strlen(text);

	if (len < 1 || len > LIMIT_TEXT)
		return err_fault(f, ERR_USAGE, "--%s: 1 to %u bytes are needed", option,
		    LIMIT_TEXT);
	if (strcmp(name_escape(shown, sizeof(shown), text, len), text) != 0)
		return err_fault(f, ERR_USAGE, "--%s: %s: not plain text", option, shown);
	return OK;
}
