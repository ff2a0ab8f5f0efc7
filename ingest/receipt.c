/*
 * receipt: what was written for the vendor when a consignment was accepted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/receipt.h"
#include "ingest/commands.h"
#include "ingest/query.h"
#include "ingest/sequel.h"
#include "verify/ask.h"
#include "verify/file.h"
#include "verify/report.h"

/* The receipt of ${customer}/${number}, whichever vendor calls us so. */
static enum err
load(struct query *q, const char *customer, uint64_t number, char *path, size_t cap, char **buf,
    size_t *len, struct fault *f)
{
	const struct site *s = q->station.site;
	size_t i;

	for (i = 0; i < s->vendor_count; i++) {
		if (strcmp(s->vendor[i].customer, customer) != 0 ||
		    site_accepted(s, s->vendor[i].id, customer, number) == NULL)
			continue;
		sequel_receipt_path(s->vendor[i].id, customer, number, path, cap);
		return file_load(q->station.home.fd, path, LIMIT_DOCUMENT, buf, len, f);
	}
	return err_fault(f, ERR_USAGE, "%s/%llu was not accepted here", customer,
	    (unsigned long long)number);
}

/* The short form needs the code, which this site does not keep. */
static enum err
make_line(struct query *q, const struct receipt *r, char line[static RECEIPT_LINE], struct fault *f)
{
	struct code code = { .number = 0 };
	bool given;
	enum err e;

	*line = '\0';
	if (q->code == NULL)
		return OK;
	if ((e = ask_code(q->code, false, &code, &given, f)) != OK)
		return e;
	if (strcmp(code.customer, r->customer) != 0 || code.number != r->number)
		e = err_fault(
		    f, ERR_CODE_OTHER, "%s/%llu", r->customer, (unsigned long long)r->number);
	else if ((e = receipt_line_print(&code, r->status, line)) != OK)
		(void)err_fault(f, e, "receipt line");
	code_wipe(&code);
	return e;
}

static int
say(const struct query *q, const struct receipt *r, const char *path, const char *line)
{
	struct json_writer *w;
	char at[TIME_TEXT];
	size_t i;

	if (q->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "file", path);
		json_put_string(w, "customer", r->customer);
		json_put_uint(w, "number", r->number);
		json_put_string(w, "verdict", r->verdict);
		json_put_moment(w, "at", r->at);
		if (*line != '\0')
			json_put_string(w, "line", line);
		return report_print_json(w, 0);
	}
	time_print_short(r->at, at);
	(void)printf("  %s/%s\n  %s no. %llu: %s, %s\n", q->station.home.path, path, r->customer,
	    (unsigned long long)r->number, r->verdict, at);
	for (i = 0; i < r->release_count; i++)
		(void)printf("    %s:%s %s\n", r->vendor, r->release[i].id, r->release[i].status);
	if (*line != '\0')
		(void)printf("  To be read out over the telephone: %s\n", line);
	return 0;
}

static int
answer(struct query *q, struct fault *f)
{
	char customer[LIMIT_ID + 1], path[160], line[RECEIPT_LINE], *buf = NULL;
	struct receipt *r = NULL;
	uint64_t number;
	size_t len;
	int status = 1;

	if (query_consignment(q->args.item[0], customer, &number, f) == OK &&
	    load(q, customer, number, path, sizeof(path), &buf, &len, f) == OK &&
	    receipt_open(&r, buf, len, &q->station.site->ledger->key, NULL, f) == OK &&
	    make_line(q, r, line, f) == OK)
		status = say(q, r, path, line);
	receipt_free(r);
	free(buf);
	return status;
}

int
receipt_run(int argc, char **argv)
{
	return query_run(argc, argv, 1, true, "receipt takes one consignment, CUSTOMER/N", answer);
}
