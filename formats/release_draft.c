/*
 * release_draft: a description to fill in.  SPEC, "release/1".
 */
#include <stdio.h>

#include "formats/form.h"
#include "formats/name.h"
#include "formats/release.h"

/* "origin" is left out: no digest of a foreign release would be a harmless default. */
static const char draft_format[] =
"{\n"
" \"waxseal\": \"release/1\",\n"
" \"vendor\": \"%s\",\n"
" \"id\": \"%s\",\n"
" \"product\": \"" FORM_PLACEHOLDER "the product that this is for\",\n"
" \"sequence\": 1,\n"
" \"title\": \"" FORM_PLACEHOLDER "what this does, in one line\",\n"
" \"kind\": \"fix\",\n"
" \"severity\": \"none\",\n"
" \"notes\": \"\",\n"
" \"fixes\": [],\n"
" \"applies_to\": [],\n"
" \"provides\": [],\n"
" \"requires\": [],\n"
" \"incorporates\": [],\n"
" \"supersedes\": [],\n"
" \"conflicts\": [],\n"
" \"compat\": [],\n"
" \"customised\": \"judge\",\n"
" \"install\": {\n"
"  \"method\": \"by-hand\",\n"
"  \"command\": \"\",\n"
"  \"directory\": \"\"\n"
" },\n"
" \"checks\": [],\n"
" \"rollback\": \"\",\n"
" \"restart\": \"none\",\n"
" \"documents\": []\n"
"}\n";

enum err
release_draft(const char *vendor, const char *id, char **text, size_t *len)
{
	int n;

	*text = NULL;
	*len = 0;
	if (!name_id_ok(vendor) || !name_release_ok(id))
		return ERR_RELEASE_FORM;
	n = asprintf(text, draft_format, vendor, id);
	if (n < 0) {
		*text = NULL;
		return ERR_MEMORY;
	}
	*len = (size_t)n;
	return OK;
}
