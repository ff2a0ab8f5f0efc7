/*
 * list: the consignments that were accepted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/missing.h"
#include "ingest/news.h"
#include "ingest/query.h"
#include "ingest/stage.h"
#include "verify/file.h"
#include "verify/report.h"
#include "verify/size.h"

struct listing_of {
	struct query *q;
	struct json_writer *w;		/* NULL: for people */
	const char *customer;		/* NULL: all */
	uint64_t number;
	size_t shown;
};

static void
print_releases(const struct json_node *o, struct json *j, const char *vendor)
{
	const struct json_node *list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES), *r;
	size_t i;

	for (i = 0; i < json_count(list); i++) {
		r = json_get_object_at(j, list, i);
		(void)printf("    %s:%-40s %s\n", vendor,
		    json_get_string(j, r, "id", 1, LIMIT_RELEASE_ID),
		    json_get_string(j, r, "status", 1, LIMIT_TEXT));
	}
}

static void
print_consignment(const struct listing_of *l, const struct json_node *o, struct json *j,
    uint64_t entry)
{
	char at[TIME_TEXT], sealed[TIME_TEXT], by[512], size[SIZE_TEXT];
	const uint64_t files = json_get_uint(j, o, "files", 0, LIMIT_INTEGER);
	const char *who = json_has(o, "by") ? json_get_string(j, o, "by", 0, LIMIT_LONG_TEXT) : "";

	time_print_short(json_get_moment(j, o, "time"), at);
	time_print_short(json_get_moment(j, o, "sealed_at"), sealed);
	(void)printf("  %s/%llu  accepted %s%s%s, sealed %s, %llu file%s, %s, ledger %llu%s\n",
	    json_get_string(j, o, "customer", 1, LIMIT_ID),
	    (unsigned long long)json_get_uint(j, o, "number", 1, LIMIT_NUMBER), at,
	    *who == '\0' ? "" : " by ", name_show(by, sizeof(by), who), sealed,
	    (unsigned long long)files, size_plural(files),
	    size_print(json_get_uint(j, o, "bytes", 0, LIMIT_INTEGER), size),
	    (unsigned long long)entry, site_lost(l->q->station.site, entry) ? ", lost" : "");
	print_releases(o, j, json_get_string(j, o, "vendor", 1, LIMIT_ID));
}

static enum err
visit(void *arg, uint64_t entry, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	static const char *const KEYS[] = { "time", "vendor", "customer", "number", "seal",
		"sealed_at", "stage", "files", "bytes", "releases", "by", "via", "place" };
	struct listing_of *l = arg;
	size_t i;

	(void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "accepted") != 0)
		return OK;
	if (l->customer != NULL && (json_get_uint(j, o, "number", 1, LIMIT_NUMBER) != l->number ||
	    strcmp(json_get_string(j, o, "customer", 1, LIMIT_ID), l->customer) != 0))
		return OK;
	l->shown++;
	if (l->w == NULL) {
		print_consignment(l, o, j, entry);
		return ledger_sense(j);
	}
	json_open_object(l->w, NULL);
	json_put_uint(l->w, "ledger", entry);
	for (i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++)
		json_put_copy(l->w, KEYS[i], o, KEYS[i]);
	json_put_bool(l->w, "lost", site_lost(l->q->station.site, entry));
	json_close(l->w);
	return ledger_sense(j);
}

static int
answer(struct listing_of *l, struct fault *f)
{
	if (l->q->json) {
		if ((l->w = json_writer_new()) == NULL)
			return 1;
		json_open_array(l->w, "consignments");
	}
	if (ledger_each(l->q->station.site->ledger, visit, l, f) != OK ||
	    (l->customer != NULL && l->shown == 0)) {
		json_writer_free(l->w);
		if (f->err == OK)
			(void)err_fault(f, ERR_USAGE, "%s/%llu was not accepted here", l->customer,
			    (unsigned long long)l->number);
		return 2;
	}
	if (l->w != NULL) {
		json_close(l->w);
		return report_print_json(l->w, 0);
	}
	if (l->shown == 0)
		(void)printf("  Nothing was accepted yet.  Next: ingest accept MEDIUM\n");
	return 0;
}

static int
answer_list(struct query *q, struct fault *f)
{
	struct listing_of l = { .q = q };

	return *(const bool *)q->own ? missing_show(q, f) : answer(&l, f);
}

/* The page of notice ${number}; with --json, its body as it was signed. */
static int
print_notice(const struct query *q, const struct news *news, const char *vendor, uint64_t number,
    struct fault *f)
{
	const struct news_vendor *v = news_of(news, vendor);
	const struct notice *n = v == NULL ? NULL : news_numbered(v, number);
	char path[NEWS_PATH], *text;
	struct document doc = { .body = NULL };
	size_t len;
	enum err e;

	if (n == NULL) {
		(void)err_fault(f, ERR_USAGE, "notice %llu of %.60s is not here",
		    (unsigned long long)number, vendor);
		return 2;
	}
	news_path(vendor, number, false, path);
	if (!q->json)
		e = notice_text(n, trust_chain_newest(site_vendor(q->station.site, vendor)->chain),
		    &text, &len);
	else if ((e = file_load(q->station.home.fd, path, LIMIT_NOTICE, &text, &len, f)) == OK &&
	    (e = document_split(text, len, &doc)) == OK)
		len = doc.body_len;
	if (e != OK) {
		(void)err_fault(f, e, "%s", path);
		return 1;
	}
	(void)fwrite(text, 1, len, stdout);
	free(text);
	return 0;
}

/* "VENDOR/notice/N"? */
static bool
is_notice(const char *text, char vendor[static LIMIT_ID + 1], uint64_t *number)
{
	const char *slash = strchr(text, '/');
	char *end = NULL;

	if (slash == NULL || (size_t)(slash - text) > LIMIT_ID ||
	    strncmp(slash, "/notice/", 8) != 0 || slash[8] < '1' || slash[8] > '9')
		return false;
	(void)snprintf(vendor, LIMIT_ID + 1, "%.*s", (int)(slash - text), text);
	*number = strtoull(slash + 8, &end, 10);
	return *end == '\0' && *number <= LIMIT_INTEGER;
}

static int
show_notice(const struct query *q, const char *vendor, uint64_t number, struct fault *f)
{
	struct news news;
	int status = 1;

	if (news_load(&news, &q->station, f) == OK)
		status = print_notice(q, &news, vendor, number, f);
	news_free(&news);
	return status;
}

static int
answer_show(struct query *q, struct fault *f)
{
	char customer[LIMIT_ID + 1];
	struct listing_of l = { .q = q, .customer = customer };

	if (is_notice(q->args.item[0], customer, &l.number))
		return show_notice(q, customer, l.number, f);
	if (query_consignment(q->args.item[0], customer, &l.number, f) != OK)
		return 2;
	return answer(&l, f);
}

int
list_run(int argc, char **argv)
{
	bool missing = false;
	const struct option option = { "missing", OPTION_FLAG, &missing };

	return query_run_own(argc, argv, 0, option, &missing, "list takes no arguments",
	    answer_list);
}

int
list_show_run(int argc, char **argv)
{
	return query_run(argc, argv, 1, false, "show takes one consignment, CUSTOMER/N, or one "
	    "notice, VENDOR/notice/N", answer_show);
}
