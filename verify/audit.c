/*
 * audit: see audit.h.
 */
#include "verify/audit.h"

#include <stdio.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "verify/report.h"

/* What is worth a place on the line, besides number, time and kind; whichever of them an entry has.
 */
static const char *const TEXTS[] = { "vendor", "site", "customer", "claims", "id", "event", "name",
	"verdict", "reason", "by", "via", "stage", "record", "image", "directory", "from" };
static const char *const NUMBERS[] = { "number", "sequence", "version", "files" };

static enum err
show_line(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	char at[TIME_TEXT], shown[512];
	const char *text;
	size_t i;

	if (*(const bool *)arg) {
		(void)printf("%.*s\n", (int)len, line);
		return OK;
	}
	time_print_short(json_get_moment(j, o, "time"), at);
	(void)printf("  %5llu  %s  %-16s", (unsigned long long)number, at,
	    json_get_string(j, o, "what", 1, LIMIT_TEXT));
	for (i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		if (!json_has(o, TEXTS[i]))
			continue;
		text = json_get_string(j, o, TEXTS[i], 0, LIMIT_LONG_TEXT);
		(void)printf(
		    " %s=%s", TEXTS[i], name_show(shown, sizeof(shown), text));
	}
	for (i = 0; i < sizeof(NUMBERS) / sizeof(NUMBERS[0]); i++)
		if (json_has(o, NUMBERS[i]))
			(void)printf(" %s=%llu", NUMBERS[i],
			    (unsigned long long)json_get_uint(j, o, NUMBERS[i], 0, LIMIT_INTEGER));
	(void)printf("\n");
	return ledger_sense(j);
}

enum err
audit_show(const struct ledger *l, bool json, struct fault *f)
{
	return ledger_each(l, show_line, &json, f);
}

static int
say_json(const struct ledger *l, enum err e, const char *key)
{
	int status = err_status(e);
	struct json_writer *w = json_writer_new();

	json_put_string(w, "verdict", err_verdict(status));
	json_put_uint(w, "status", (uint64_t)status);
	json_put_string(w, "reason", err_code(e));
	json_put_string(w, "origin", l->checkpoint.origin);
	json_put_uint(w, "entries", l->checkpoint.size);
	json_put_digest(w, "root", &l->checkpoint.root);
	json_put_string(w, "key", key);
	json_put_bool(w, "torn", l->torn);
	return report_print_json(w, status);
}

int
audit_verify(const struct ledger *l, const char *key, bool own, bool json)
{
	char actual[SSHSIG_PRINT];
	enum err e = OK;

	sshsig_key_fingerprint(&l->key, actual);
	if (key != NULL && strcmp(key, actual) != 0)
		e = ERR_LEDGER_KEY;
	else if (key == NULL && !own)
		e = ERR_UNCHECKED;
	if (json)
		return say_json(l, e, actual);
	(void)printf("  ledger    %s: %llu entr%s, all under one checkpoint\n  key       %s%s\n",
	    l->checkpoint.origin, (unsigned long long)l->checkpoint.size,
	    l->checkpoint.size == 1 ? "y" : "ies", actual,
	    own ? "" : key == NULL ? ": compare it, or give it as --fingerprint" :
	    e == OK ? ", the one you named" : ": NOT the one you named");
	if (l->torn)
		(void)printf("  remark    one entry was being written when the computer stopped; "
			     "it does not "
			     "count\n");
	(void)printf("  %s.\n", e == OK ? "The ledger is whole and signed by that key" :
	    e == ERR_UNCHECKED ? "The ledger is whole (not checked: whose key)" :
	    "FAILED. The ledger is signed by another key");
	return err_status(e);
}
