/*
 * news: see news.h.
 */
#include "mkmedia/news.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/advisory.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/report.h"

static const char *const directories[] = { "notices", "catalogues" };
static const char *const types[] = { "notice", "catalogue" };

static void
name_file(enum news kind, uint64_t number, const char *suffix, char name[static NEWS_NAME])
{
	(void)snprintf(name, NEWS_NAME, "%s/%llu.%s", directories[kind],
	    (unsigned long long)number, suffix);
}

void
news_name(enum news kind, uint64_t number, char name[static NEWS_NAME])
{
	name_file(kind, number, types[kind], name);
}

uint64_t
news_next(const struct vendor_register *r, enum news kind)
{
	return (kind == NEWS_NOTICE ? r->notice_count : r->catalogue.number) + 1;
}

bool
news_waits(const struct vendor_register *r, enum news kind)
{
	char name[NEWS_NAME];

	news_name(kind, news_next(r, kind), name);
	return faccessat(r->home.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

enum err
news_begin(const struct vendor_register *r, enum news kind, bool replace, struct fault *f)
{
	if (r->chain == NULL)
		return err_fault(
		    f, ERR_USAGE, "trust 1 is not in force yet; see mkmedia sign 1.trust");
	if (!replace && news_waits(r, kind))
		return err_fault(f, ERR_USAGE, "%llu.%s waits for its signatures: see mkmedia "
		    "sign, or draft it again with --replace",
		    (unsigned long long)news_next(r, kind), types[kind]);
	return OK;
}

/* ---- drafting ---- */

static enum err
print_page(enum news kind, const char *body, size_t len, const struct trust *t, char **page,
    size_t *page_len, struct fault *f)
{
	const struct document doc = { .body = body, .body_len = len };
	struct catalogue *c = NULL;
	struct notice *n = NULL;
	enum err e;

	*page = NULL;
	if (kind == NEWS_NOTICE) {
		if ((e = notice_parse(&n, &doc, NULL, f)) == OK)
			e = notice_text(n, t, page, page_len);
	} else {
		if ((e = catalogue_parse(&c, &doc, NULL, f)) == OK)
			e = catalogue_text(c, t, page, page_len);
	}
	notice_free(n);
	catalogue_free(c);
	return e == OK || f->err == e ? e : err_fault(f, e, "the page");
}

enum err
news_draft(const struct vendor_register *r, enum news kind, const char *body, size_t len,
    struct fault *f)
{
	const uint64_t number = news_next(r, kind);
	char name[NEWS_NAME], page_name[NEWS_NAME], *page;
	size_t page_len;
	enum err e;

	news_name(kind, number, name);
	name_file(kind, number, "txt", page_name);
	e = print_page(kind, body, len, trust_chain_newest(r->chain), &page, &page_len, f);
	if (e == OK && (e = file_mkdir(r->home.fd, directories[kind], f)) == OK &&
	    (e = file_replace(r->home.fd, page_name, 0644, page, page_len, f)) == OK)
		e = file_replace(r->home.fd, name, 0644, body, len, f);
	free(page);
	return e;
}

static int
say_json(const struct quorum *q, const char *path, const char *page, uint64_t number)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "document", path);
	json_put_string(w, "page", page);
	json_put_string(w, "type", q->type);
	json_put_uint(w, "number", number);
	quorum_json(q, w);
	return report_print_json(w, 0);
}

int
news_say(const struct vendor_register *r, enum news kind, bool json)
{
	const uint64_t number = news_next(r, kind);
	char name[NEWS_NAME], path[1200], page[1200], names[400];
	struct quorum q = { .text = NULL };
	struct fault f = { .err = OK };
	struct trust_count c;
	int status;

	name_file(kind, number, "txt", name);
	register_path(r, name, page, sizeof(page));
	news_name(kind, number, name);
	register_path(r, name, path, sizeof(path));
	if (quorum_load(&q, r, r->home.fd, name, &f) != OK) {
		status = report_fault("mkmedia", json, &f);
	} else if (json) {
		status = say_json(&q, path, page, number);
	} else {
		c = quorum_count(&q);
		quorum_names(&q, false, names, sizeof(names));
		(void)printf("  %s drafted.  It needs %u of: %s\n  on paper  %s\n"
		    "  Next: mkmedia sign %s%s\n", path, c.need, names, page,
		    strchr(name, '/') + 1, r->single_person ? "" : " --as KEY");
		status = 0;
	}
	quorum_free(&q);
	return status;
}

/* ---- signed ---- */

/* All notices of the same release up to this one. */
static enum err
write_advisory(const struct vendor_register *r, const struct notice *n, struct fault *f)
{
	struct advisory_revision *revision = calloc(r->notice_count + 1, sizeof(*revision));
	char name[sizeof("notices/") + ADVISORY_NAME] = "notices/", *text = NULL;
	size_t count = 0, len = 0, i;
	enum err e = ERR_MEMORY;

	for (i = 0; revision != NULL && i < r->notice_count; i++)
		if (strcmp(r->notice[i].release, n->release.id) == 0)
			revision[count++] = (struct advisory_revision){ i + 1,
				r->notice[i].issued, r->notice[i].withdrawal };
	if (revision != NULL) {
		revision[count++] =
		    (struct advisory_revision){ n->sequence, n->issued, n->withdrawal };
		e = advisory_print(n, trust_chain_newest(r->chain)->name,
		    trust_chain_anchor(r->chain), revision, count, &text, &len);
	}
	advisory_name(n->release.id, name + strlen(name));
	e = e == OK ? file_replace(r->home.fd, name, 0644, text, len, f) :
	    err_fault(f, e, "%s", name);
	free(text);
	free(revision);
	return e;
}

static struct json_writer *
notice_entry(const struct vendor_register *r, const struct notice *n)
{
	struct json_writer *w = ledger_entry(r->ledger, "notice-signed", command_now());

	json_put_uint(w, "sequence", n->sequence);
	json_put_digest(w, "notice", &n->digest);
	json_put_string(w, "event", n->withdrawal ? "withdrawal" : "release");
	json_put_string(w, "id", n->release.id);
	json_put_digest(w, "digest", &n->release.digest);
	json_put_moment(w, "issued", n->issued);
	return w;
}

static struct json_writer *
catalogue_entry(const struct vendor_register *r, const struct catalogue *c)
{
	struct json_writer *w = ledger_entry(r->ledger, "catalogue-signed", command_now());

	json_put_uint(w, "number", c->number);
	json_put_digest(w, "catalogue", &c->digest);
	json_put_moment(w, "issued", c->issued);
	if (c->has_next)
		json_put_moment(w, "next_expected", c->next_expected);
	json_put_uint(w, "highest_notice", c->highest_notice);
	json_put_uint(w, "releases", c->count);
	return w;
}

/* Whoever signed a copy brings it back like this: it lies where it was drafted. */
enum err
news_record(struct vendor_register *r, const struct quorum *q, struct fault *f)
{
	const enum news kind = q->notice != NULL ? NEWS_NOTICE : NEWS_CATALOGUE;
	char name[NEWS_NAME];
	enum err e;

	news_name(kind, news_next(r, kind), name);
	if ((e = file_replace(r->home.fd, name, 0644, q->text, q->len, f)) != OK)
		return e;
	if (kind == NEWS_NOTICE && strcmp(q->notice->release.kind, "security") == 0 &&
	    (e = write_advisory(r, q->notice, f)) != OK)
		return e;
	return ledger_commit(r->ledger, kind == NEWS_NOTICE ? notice_entry(r, q->notice) :
	    catalogue_entry(r, q->catalogue), NULL, f);
}

/* ---- on a medium ---- */

void
news_free(struct news_set *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->notice[i].text);
	free(s->catalogue);
	*s = (struct news_set){ .count = 0 };
}

/* *${text} is NULL when the trust in force does not stand for it. */
static enum err
load_valid(const struct vendor_register *r, enum news kind, uint64_t number, char **text,
    size_t *len, struct fault *f)
{
	char name[NEWS_NAME], namespace[32];
	struct trust_count count;
	struct document doc;
	struct signers signers;
	enum err e;

	news_name(kind, number, name);
	(void)snprintf(namespace, sizeof(namespace), "%s@waxseal", types[kind]);
	if ((e = file_load(r->home.fd, name, LIMIT_CATALOGUE, text, len, f)) != OK)
		return e;
	if ((e = document_split(*text, *len, &doc)) != OK ||
	    (e = document_signers(&doc, namespace, &signers)) != OK) {
		free(*text);
		*text = NULL;
		return err_fault(f, e, "%s", name);
	}
	if (trust_chain_quorum(r->chain, ROLE_NOTICE, &signers, &count) != OK) {
		free(*text);
		*text = NULL;
	}
	return OK;
}

enum err
news_load(struct news_set *s, const struct vendor_register *r, uint64_t notice, uint64_t catalogue,
    struct fault *f)
{
	uint64_t n = notice > LIMIT_NOTICES ? notice - LIMIT_NOTICES : 0;
	enum err e = OK;

	*s = (struct news_set){ .count = 0 };
	while (e == OK && n++ < notice) {
		s->notice[s->count].sequence = n;
		e = load_valid(r, NEWS_NOTICE, n, &s->notice[s->count].text,
		    &s->notice[s->count].len, f);
		s->count += s->notice[s->count].text != NULL;
	}
	if (e == OK && catalogue > 0)
		e = load_valid(r, NEWS_CATALOGUE, catalogue, &s->catalogue, &s->catalogue_len, f);
	return e;
}
