/*
 * ledger: the audit log, shown and checked.
 */
#include <stdio.h>
#include <string.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/query.h"
#include "verify/report.h"

static enum err
show_line(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	static const char *const SHOWN[] = { "vendor", "customer", "claims", "verdict", "reason", "by",
	    "via", "stage", "record" };
	char at[TIME_TEXT], text[512];
	const char *value;
	size_t i;

	if (*(const bool *)arg) {
		(void)printf("%.*s\n", (int)len, line);
		return OK;
	}
	time_print_short(json_get_moment(j, o, "time"), at);
	(void)printf("  %5llu  %s  %-14s", (unsigned long long)number, at,
	    json_get_string(j, o, "what", 1, LIMIT_TEXT));
	for (i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++) {
		if (!json_has(o, SHOWN[i]))
			continue;
		value = json_get_string(j, o, SHOWN[i], 0, LIMIT_LONG_TEXT);
		(void)printf(" %s=%s", SHOWN[i], name_escape(text, sizeof(text), value, strlen(value)));
	}
	(void)printf("\n");
	return json_error(j, NULL);
}

static int
answer_show(struct query *q, struct fault *f)
{
	return ledger_each(q->station.site->ledger, show_line, &q->json, f) == OK ? 0 : 1;
}

/* Opening it checked everything. */
static int
answer_verify(struct query *q, struct fault *f)
{
	const struct ledger *l = q->station.site->ledger;
	char key[SSHSIG_PRINT];
	struct json_writer *w;

	(void)f;
	sshsig_key_fingerprint(&l->key, key);
	if (q->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "origin", l->checkpoint.origin);
		json_put_uint(w, "entries", l->checkpoint.size);
		json_put_digest(w, "root", &l->checkpoint.root);
		json_put_string(w, "key", key);
		json_put_bool(w, "torn", l->torn);
		return report_print_json(w, 0);
	}
	(void)printf("  %s: %llu entries, all under one checkpoint, signed by %s\n", l->checkpoint.origin,
	    (unsigned long long)l->checkpoint.size, key);
	if (l->torn)
		(void)printf("  One entry was being written when the computer stopped; it does not count.\n");
	return 0;
}

int
ledger_show_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, "ledger show takes no arguments", answer_show);
}

int
ledger_verify_run(int argc, char **argv)
{
	return query_run(argc, argv, 0, "ledger verify takes no arguments", answer_verify);
}
