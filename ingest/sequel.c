/*
 * sequel: see sequel.h.
 */
#include "ingest/sequel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/receipt.h"
#include "ingest/news.h"
#include "ingest/stage.h"
#include "verify/file.h"

#define SUFFIX ".notice"
#define CATALOGUE "CATALOGUE.catalogue"

/* ---- the news ---- */

struct telling {
	struct station *st;
	struct news news;
	const char *vendor, *directory;
	char via[128];
};

/* Older than what is known: every disc has that, which comes late. */
static bool
is_old(const struct telling *t, const char *text, size_t len)
{
	const struct news_vendor *v = news_of(&t->news, t->vendor);
	struct catalogue *c = NULL;
	struct document doc;
	bool old;

	if (v == NULL || document_split(text, len, &doc) != OK ||
	    catalogue_parse(&c, &doc, t->vendor, NULL) != OK)
		return false;
	old = c->number <= v->catalogue;
	catalogue_free(c);
	return old;
}

static enum err
offer(struct telling *t, const char *name, uint64_t max, bool is_catalogue, struct fault *f)
{
	char path[256], *text;
	struct news_offer o;
	size_t len;
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/%s", t->directory, name);
	e = file_load(t->st->home.fd, path, max, &text, &len, f);
	if (e != OK)
		return e;
	if (!is_catalogue || !is_old(t, text, len))
		e = news_offer(t->st, &t->news, text, len, t->via, &o, f);
	free(text);
	return e;
}

static int
is_notice(const struct dirent *entry)
{
	const size_t digits = strspn(entry->d_name, "0123456789");

	return digits > 0 && digits <= 16 && strcmp(entry->d_name + digits, SUFFIX) == 0;
}

/* By their numbers: one that comes behind its successor would be late. */
static int
compare(const struct dirent **a, const struct dirent **b)
{
	const unsigned long long x = strtoull((*a)->d_name, NULL, 10);
	const unsigned long long y = strtoull((*b)->d_name, NULL, 10);

	return (x > y) - (x < y);
}

static enum err
offer_notices(struct telling *t, struct fault *f)
{
	char path[160], name[64];
	struct dirent **entry = NULL;
	enum err e = OK;
	int fd, n, i;

	(void)snprintf(path, sizeof(path), "%s/NOTICES", t->directory);
	fd = file_open(t->st->home.fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return errno == ENOENT ? OK :
		    err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	n = scandirat(fd, ".", &entry, is_notice, compare);
	if (n == -1)
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	(void)close(fd);
	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "NOTICES/%.40s", entry[i]->d_name);
		if (e == OK)
			e = offer(t, name, LIMIT_NOTICE, false, f);
		free(entry[i]);
	}
	free(entry);
	return e;
}

/* Is it on the medium? */
static bool
has(const struct telling *t, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", t->directory, name);
	return faccessat(t->st->home.fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

enum err
sequel_news(struct station *st, const char *vendor, const char *customer, uint64_t number,
    const char *directory, struct fault *f)
{
	struct telling t = { .st = st, .vendor = vendor, .directory = directory };
	enum err e;

	if (!has(&t, "NOTICES") && !has(&t, CATALOGUE))
		return OK;
	(void)snprintf(t.via, sizeof(t.via), "%s no. %llu", customer, (unsigned long long)number);
	if ((e = news_load(&t.news, st, f)) == OK && (e = offer_notices(&t, f)) == OK &&
	    has(&t, CATALOGUE))
		e = offer(&t, CATALOGUE, LIMIT_CATALOGUE, true, f);
	news_free(&t.news);
	return e;
}

/* ---- the receipt, from the ledger ---- */

void
sequel_receipt_path(const char *vendor, const char *customer, uint64_t number, char *out,
    size_t cap)
{
	(void)snprintf(out, cap, "out/%s/%s-%llu.receipt", vendor, customer,
	    (unsigned long long)number);
}

void
sequel_incomplete_path(const char *vendor, const char *customer, uint64_t number, char *out,
    size_t cap)
{
	(void)snprintf(out, cap, "out/%s/%s-%llu-incomplete.receipt", vendor, customer,
	    (unsigned long long)number);
}

struct writing {
	struct station *st;
	const struct site_accepted *a;
	struct receipt r;
};

static const char *
text_of(struct json *j, const struct json_node *o, const char *key)
{
	return json_has(o, key) ? json_get_string(j, o, key, 0, LIMIT_TEXT) : "";
}

static void
take_releases(struct receipt *r, const struct json_node *o, struct json *j)
{
	const struct json_node *list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES), *one;

	for (size_t i = 0; i < json_count(list); i++) {
		one = json_get_object_at(j, list, i);
		r->release[r->release_count++] = (struct receipt_release){
			json_get_string(j, one, "id", 1, LIMIT_RELEASE_ID),
			json_get_digest(j, one, "digest"),
			json_get_string(j, one, "status", 1, LIMIT_TEXT) };
		if (strcmp(r->release[i].status, "held") == 0)
			r->status = (uint64_t)err_status(ERR_HELD);
	}
}

static enum err
write_receipt(void *arg, uint64_t number, const struct json_node *o, struct json *j,
    const char *line, size_t len)
{
	struct writing *w = arg;
	const struct site_accepted *a = w->a;
	char path[160], *text;
	size_t text_len;
	enum err e;

	(void)line, (void)len;
	if (number != a->entry)
		return OK;
	w->r = (struct receipt){ .site = w->st->site->id, .vendor = a->vendor,
		.customer = a->customer, .number = a->number, .seal = a->seal,
		.verdict = json_get_string(j, o, "verdict", 1, LIMIT_TEXT),
		.at = json_get_moment(j, o, "time"), .by = text_of(j, o, "by"),
		.via = text_of(j, o, "via"), .place = text_of(j, o, "place"), .missing = "",
		.ledger = w->st->site->ledger->checkpoint };
	take_releases(&w->r, o, j);
	w->r.reason = err_code(w->r.status == 0 ? OK : ERR_HELD);
	if ((e = ledger_sense(j)) != OK || (e = receipt_print(&w->r, &text, &text_len)) != OK)
		return e;
	sequel_receipt_path(a->vendor, a->customer, a->number, path, sizeof(path));
	e = station_sign(w->st, "receipt@waxseal", path, text, text_len, NULL);
	free(text);
	return e;
}

static enum err
recover_receipt(struct station *st, const struct site_accepted *a, struct fault *f)
{
	static struct writing w;
	char path[160];
	enum err e;

	sequel_receipt_path(a->vendor, a->customer, a->number, path, sizeof(path));
	if (faccessat(st->home.fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return OK;
	if ((e = station_out(st, a->vendor, f)) != OK)
		return e;
	w = (struct writing){ .st = st, .a = a };
	e = ledger_each(st->site->ledger, write_receipt, &w, f);
	return e == OK ? OK : err_fault(f, e, "%s", path);
}

enum err
sequel_recover(struct station *st, const struct site_accepted *a, const char *directory,
    struct fault *f)
{
	enum err e = recover_receipt(st, a, f);

	return e != OK ? e : sequel_news(st, a->vendor, a->customer, a->number, directory, f);
}

enum err
sequel_undo(const struct station *st, const struct site_accepted *a, struct fault *f)
{
	char path[160];

	sequel_receipt_path(a->vendor, a->customer, a->number, path, sizeof(path));
	if (unlinkat(st->home.fd, path, 0) == 0)
		return stage_sync_parents(st, path, f);
	return errno == ENOENT ? OK : err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
}
