/*
 * books: the vendor's ledger, to be read and to be checked.
 */
#include <stdio.h>
#include <string.h>

#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/desk.h"
#include "verify/report.h"

/* What is worth reading of each kind of entry, besides number, time and kind. */
static const struct {
	const char *what;
	const char *text[2];	/* strings */
	const char *number;
} lines[] = {
	{ "founded", { "vendor", "name" }, NULL },
	{ "trust-in-force", { NULL, NULL }, "version" },
	{ "customer-added", { "customer", "name" }, NULL },
	{ "release-finished", { "id", "directory" }, "files" },
	{ "release-signed", { "id", NULL }, NULL },
	{ "sealed", { "customer", "image" }, "number" },
};

static void
show_text(struct json *j, const struct json_node *entry, const char *key)
{
	const char *text;
	char shown[1024];

	if (key == NULL || !json_has(entry, key))
		return;
	text = json_get_string(j, entry, key, 0, LIMIT_LONG_TEXT);
	(void)printf("  %s", name_escape(shown, sizeof(shown), text, strlen(text)));
}

static enum err
show_line(void *arg, uint64_t number, const struct json_node *entry, struct json *j,
    const char *line, size_t len)
{
	const char *what = json_get_string(j, entry, "what", 1, LIMIT_TEXT);
	char when[TIME_TEXT];
	size_t i;

	if (*(const bool *)arg) {
		(void)printf("%.*s\n", (int)len, line);
		return (OK);
	}
	time_print_short(json_get_moment(j, entry, "time"), when);
	(void)printf("  %5llu  %s  %-16s", (unsigned long long)number, when, what);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(what, lines[i].what) != 0)
			continue;
		show_text(j, entry, lines[i].text[0]);
		if (lines[i].number != NULL)
			(void)printf("  %s %llu", lines[i].number,
			    (unsigned long long)json_get_uint(j, entry, lines[i].number, 0,
			    LIMIT_INTEGER));
		show_text(j, entry, lines[i].text[1]);
	}
	(void)printf("\n");
	return (OK);
}

static int
view_entries(const struct vendor_register *r, const char *none, bool json)
{
	struct fault f = { .err = OK };

	(void)none;
	if (ledger_each(r->ledger, show_line, &json, &f) != OK)
		return (report_fault("mkmedia", json, &f));
	return (fflush(stdout) == 0 ? 0 : 1);
}

int
books_show(int argc, char **argv)
{

	return (desk_show(argc, argv, NULL, view_entries));
}

/*
 * To open the register is to check it: signature, tree, form of every line, key, sense, trust
 * chain.
 */
static int
view_whole(const struct vendor_register *r, const char *none, bool json)
{
	const struct ledger *l = r->ledger;
	char key[SSHSIG_PRINT], hex[DIGEST_HEX];
	struct json_writer *w;

	(void)none;
	sshsig_key_fingerprint(&l->key, key);
	if (json) {
		w = json_writer_new();
		json_put_string(w, "origin", l->checkpoint.origin);
		json_put_uint(w, "entries", l->checkpoint.size);
		json_put_digest(w, "root", &l->checkpoint.root);
		json_put_string(w, "key", key);
		json_put_bool(w, "torn", l->torn);
		return (report_print_json(w, 0));
	}
	digest_hex(&l->checkpoint.root, hex);
	(void)printf("  ledger    %s, %llu entries, all under one checkpoint\n  root      %s\n"
	    "  key       %s\n", l->checkpoint.origin, (unsigned long long)l->checkpoint.size, hex,
	    key);
	if (l->torn)
		(void)printf("  remark    one entry was being written when the computer stopped; "
		    "it does not count\n");
	(void)printf("  The ledger is whole, and signed by the key of this home.\n");
	return (fflush(stdout) == 0 ? 0 : 1);
}

int
books_verify(int argc, char **argv)
{

	return (desk_show(argc, argv, NULL, view_whole));
}
