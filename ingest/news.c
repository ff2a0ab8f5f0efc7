/*
 * news: see news.h.  What was taken in; news_offer.c takes it in.
 */
#include "ingest/news.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/file.h"
#include "verify/room.h"

static struct news_vendor *
find(const struct news *n, const char *vendor)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->vendor[i].vendor, vendor) == 0)
			return &n->vendor[i];
	return NULL;
}

/* NULL: no memory. */
static struct news_vendor *
find_or_add(struct news *n, const char *vendor)
{
	struct news_vendor *v = find(n, vendor);

	if (v != NULL || (v = room_for_one(n->vendor, n->count, sizeof(*v))) == NULL)
		return v;
	n->vendor = v;
	v += n->count++;
	*v = (struct news_vendor){ .highest = 0 };
	(void)snprintf(v->vendor, sizeof(v->vendor), "%s", vendor);
	return v;
}

/* The place of ${sequence} among the notices, which are sorted. */
static size_t
place_of(const struct news_vendor *v, uint64_t sequence)
{
	size_t low = 0, high = v->notices;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (v->notice[middle]->sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum err
news_add_notice(struct news *n, struct notice *notice)
{
	struct news_vendor *v = find_or_add(n, notice->vendor);
	struct notice **more = NULL;
	size_t at;

	if (v == NULL ||
	    (more = room_for_one(v->notice, v->notices, sizeof(struct notice *))) == NULL) {
		notice_free(notice);
		return ERR_MEMORY;
	}
	v->notice = more;
	at = place_of(v, notice->sequence);
	memmove(more + at + 1, more + at, (v->notices - at) * sizeof(struct notice *));
	more[at] = notice;
	v->highest = more[v->notices++]->sequence;
	return OK;
}

enum err
news_add_catalogue(struct news *n, struct catalogue *catalogue)
{
	struct news_vendor *v = find_or_add(n, catalogue->vendor);

	if (v == NULL) {
		catalogue_free(catalogue);
		return ERR_MEMORY;
	}
	catalogue_free(v->newest);
	v->newest = catalogue;
	v->catalogue = catalogue->number;
	v->catalogue_digest = catalogue->digest;
	return OK;
}

void
news_path(const char *vendor, uint64_t number, bool is_catalogue, char out[static NEWS_PATH])
{
	(void)snprintf(out, NEWS_PATH, "news/%s/%" PRIu64 ".%s", vendor, number,
	    is_catalogue ? "catalogue" : "notice");
}

/* ---- from the ledger ---- */

struct loading {
	struct news *news;
	const struct station *station;
	struct fault *f;
};

/*
 * The document at ${path} with the digest that the ledger names: its signatures were checked when
 * it came.  The caller frees *${text}.
 */
static enum err
load(const struct loading *l, const char *path, uint64_t limit, const struct digest *digest,
    char **text, struct document *doc)
{
	size_t len;
	enum err e = file_load(l->station->home.fd, path, limit, text, &len, l->f);

	if (e != OK)
		return e;
	if (document_split(*text, len, doc) == OK && digest_equal(&doc->digest, digest))
		return OK;
	free(*text);
	*text = NULL;
	return err_fault(l->f, ERR_HOME, "%s is not what the ledger says", path);
}

/* What was taken in and is not understood any more: an older program is at work. */
static enum err
not_understood(const struct loading *l, const char *path, enum err e)
{
	return e == ERR_MEMORY ? err_fault(l->f, e, "%s", path) :
	    err_fault(l->f, ERR_HOME, "%s: %s", path, err_sentence(e));
}

static enum err
load_notice(const struct loading *l, const char *vendor, uint64_t sequence,
    const struct digest *digest)
{
	char path[NEWS_PATH], *text;
	struct notice *notice;
	struct document doc;
	enum err e;

	news_path(vendor, sequence, false, path);
	if ((e = load(l, path, LIMIT_NOTICE, digest, &text, &doc)) != OK)
		return e;
	if ((e = notice_parse(&notice, &doc, vendor, NULL)) == OK)
		e = news_add_notice(l->news, notice);
	free(text);
	return e == OK ? OK : not_understood(l, path, e);
}

static enum err
load_catalogue(const struct loading *l, const struct news_vendor *v)
{
	char path[NEWS_PATH], *text;
	struct catalogue *catalogue;
	struct document doc;
	enum err e;

	news_path(v->vendor, v->catalogue, true, path);
	if ((e = load(l, path, LIMIT_CATALOGUE, &v->catalogue_digest, &text, &doc)) != OK)
		return e;
	if ((e = catalogue_parse(&catalogue, &doc, v->vendor, NULL)) == OK)
		e = news_add_catalogue(l->news, catalogue);
	free(text);
	return e == OK ? OK : not_understood(l, path, e);
}

static enum err
take_notice(const struct loading *l, const struct json_node *o, struct json *j)
{
	const char *vendor = json_get_string(j, o, "vendor", 1, LIMIT_ID);
	const uint64_t sequence = json_get_uint(j, o, "sequence", 1, LIMIT_INTEGER);
	const struct digest digest = json_get_digest(j, o, "digest");
	const struct news_vendor *v = find(l->news, vendor);
	enum err e = ledger_sense(j);

	if (e == OK && v != NULL && news_numbered(v, sequence) != NULL)
		e = ERR_LEDGER;
	return e == OK ? load_notice(l, vendor, sequence, &digest) : e;
}

/* Only the newest is read, when all are known. */
static enum err
take_catalogue(const struct loading *l, const struct json_node *o, struct json *j)
{
	struct news_vendor *v = find_or_add(l->news, json_get_string(j, o, "vendor", 1, LIMIT_ID));

	if (v == NULL)
		return ERR_MEMORY;
	v->catalogue = json_get_uint(j, o, "number", v->catalogue + 1, LIMIT_INTEGER);
	v->catalogue_digest = json_get_digest(j, o, "digest");
	return ledger_sense(j);
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct loading *l = arg;
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT);

	(void)number, (void)line, (void)len;
	if (strcmp(what, "notice") == 0)
		return take_notice(l, o, j);
	if (strcmp(what, "catalogue") == 0)
		return take_catalogue(l, o, j);
	return OK;
}

enum err
news_load(struct news *out, const struct station *s, struct fault *f)
{
	struct fault inside = { .err = OK };
	struct loading l = { .news = out, .station = s, .f = &inside };
	enum err e;

	*out = (struct news){ .count = 0 };
	e = ledger_each(s->site->ledger, take_entry, &l, f);
	for (size_t i = 0; e == OK && i < out->count; i++)
		if (out->vendor[i].catalogue > 0)
			e = load_catalogue(&l, &out->vendor[i]);
	if (inside.err != OK && f != NULL)
		*f = inside;	/* which file, rather than which entry */
	return e;
}

void
news_free(struct news *n)
{
	for (size_t i = 0; i < n->count; i++) {
		struct news_vendor *v = &n->vendor[i];

		for (size_t k = 0; k < v->notices; k++)
			notice_free(v->notice[k]);
		free(v->notice);
		catalogue_free(v->newest);
	}
	free(n->vendor);
	*n = (struct news){ .count = 0 };
}

/* ---- questions ---- */

const struct news_vendor *
news_of(const struct news *n, const char *vendor)
{
	return find(n, vendor);
}

const struct notice *
news_numbered(const struct news_vendor *v, uint64_t sequence)
{
	const size_t at = place_of(v, sequence);

	return at < v->notices && v->notice[at]->sequence == sequence ? v->notice[at] : NULL;
}

const struct notice *
news_notice(const struct news *n, const char *vendor, const char *id)
{
	const struct news_vendor *v = find(n, vendor);

	for (size_t i = v == NULL ? 0 : v->notices; i > 0; i--)
		if (strcmp(v->notice[i - 1]->release.id, id) == 0)
			return v->notice[i - 1];
	return NULL;
}

bool
news_withdrawn(const struct news *n, const char *vendor, const char *id)
{
	const struct notice *notice = news_notice(n, vendor, id);

	return notice != NULL && notice->withdrawal;
}

char *
news_gaps(const struct news_vendor *v, char *out, size_t cap)
{
	uint64_t next = 1, last = v->highest, until;
	size_t used = 0;
	int n;

	if (v->newest != NULL && v->newest->highest_notice > last)
		last = v->newest->highest_notice;
	*out = '\0';
	for (size_t i = 0; i <= v->notices && used + 40 < cap; i++) {
		until = i < v->notices ? v->notice[i]->sequence : last + 1;
		if (until > next) {
			n = snprintf(out + used, cap - used, until - 1 == next ? "%s%" PRIu64 :
			    "%s%" PRIu64 "-%" PRIu64, used == 0 ? "" : ", ", next, until - 1);
			used += n < 0 ? 0 : (size_t)n;
		}
		next = until + 1;
	}
	return out;
}
