/*
 * notice: the news of a release, or that it was withdrawn.  SPEC, "notice/1".
 */
#include "formats/notice.h"

#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/limits.h"
#include "formats/page.h"

static const char *const events[] = { "release", "withdrawal", NULL };

static const struct form_member members[] = {
	{ .key = "waxseal", .form = FORM_OTHER, .must = true },
	{ .key = "vendor", .form = FORM_OTHER, .must = true },
	{ .key = "sequence", .form = FORM_NUMBER, .must = true },
	{ .key = "issued", .form = FORM_MOMENT, .must = true },
	{ .key = "place", .form = FORM_TEXT, .must = true },
	{ .key = "event", .form = FORM_WORD, .must = true, .words = events },
	{ .key = "reason", .form = FORM_TEXT },
	{ .key = "release", .form = FORM_OTHER, .must = true },
	{ .key = "notes", .form = FORM_LONG_NOTE },
	{ .key = "acquisition", .form = FORM_TEXT },
	{ .key = "details", .form = FORM_LONG_NOTE },
	{ .key = "if_not_applied", .form = FORM_TEXT },
	{ .key = NULL },
};

/* ---- reading ---- */

static const char *
optional(struct json *j, const char *key)
{
	const struct json_node *root = json_root(j);

	return json_has(root, key) ? json_get_string(j, root, key, 0, LIMIT_LONG_TEXT) : "";
}

static void
read_notice(struct json *j, const char *vendor, struct notice *n)
{
	const struct json_node *root = json_root(j);

	json_check_type(j, "notice", "vendor", vendor);
	form_check(j, root, members, ERR_NOTICE_FORM);
	n->vendor = json_get_string(j, root, "vendor", 1, LIMIT_ID);
	n->sequence = json_get_uint(j, root, "sequence", 1, LIMIT_INTEGER);
	n->issued = json_get_moment(j, root, "issued");
	n->place = json_get_string(j, root, "place", 1, LIMIT_TEXT);
	n->withdrawal = strcmp(json_get_string(j, root, "event", 1, LIMIT_TEXT), "withdrawal") == 0;
	n->reason = optional(j, "reason");
	if ((*n->reason != '\0') != n->withdrawal)
		json_refuse(j, ERR_NOTICE_FORM, "reason");
	summary_read(j, json_get_object(j, root, "release"), ERR_NOTICE_FORM, &n->release);
	n->notes = optional(j, "notes");
	n->acquisition = optional(j, "acquisition");
	n->details = optional(j, "details");
	n->if_not_applied = optional(j, "if_not_applied");
}

enum err
notice_parse(struct notice **out, const struct document *doc, const char *vendor, struct fault *f)
{
	struct notice *n;
	enum err e;

	*out = NULL;
	if (doc->body_len > LIMIT_NOTICE)
		return err_fault(f, ERR_LIMIT, "notice");
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return err_fault(f, ERR_MEMORY, "notice");
	e = json_parse(&n->json, doc->body, doc->body_len, f);
	if (e != OK)
		goto out;
	n->digest = doc->digest;
	read_notice(n->json, vendor, n);
	e = json_error(n->json, f);
	if (e != OK)
		goto out;
	*out = n;
	n = NULL;
out:
	notice_free(n);
	return e;
}

void
notice_free(struct notice *n)
{
	if (n == NULL)
		return;
	json_free(n->json);
	free(n);
}

/* ---- writing ---- */

static void
put_optional(struct json_writer *w, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_put_string(w, key, text);
}

static enum err
print_members(const struct notice *n, const struct release *r, char **text, size_t *len)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "waxseal", "notice/1");
	json_put_string(w, "vendor", r->vendor);
	json_put_uint(w, "sequence", n->sequence);
	json_put_moment(w, "issued", n->issued);
	json_put_string(w, "place", n->place);
	json_put_string(w, "event", events[n->withdrawal ? 1 : 0]);
	if (n->withdrawal)
		put_optional(w, "reason", n->reason);
	summary_put(w, "release", r);
	json_put_copy(w, "notes", json_root(r->json), "notes");
	put_optional(w, "acquisition", n->acquisition);
	put_optional(w, "details", n->details);
	put_optional(w, "if_not_applied", n->if_not_applied);
	return json_finish(w, 1, text, len);
}

/* Nobody shall sign what notice_parse() then refuses, nor what has no room for its signatures. */
static enum err
check_printed(const char *text, size_t len, struct fault *f)
{
	const struct document doc = { .body = text, .body_len = len };
	struct notice *n;
	enum err e;

	if (len > LIMIT_NOTICE - LIMIT_SIGNATURES * LIMIT_ARMOR)
		return err_fault(f, ERR_LIMIT, "notice");
	e = notice_parse(&n, &doc, NULL, f);
	notice_free(n);
	return e;
}

enum err
notice_print(const struct notice *n, const struct release *r, char **text, size_t *len,
    struct fault *f)
{
	char *s = NULL;
	enum err e;

	*text = NULL;
	*len = 0;
	e = print_members(n, r, &s, len);
	if (e != OK)
		return err_fault(f, e, "notice");
	e = check_printed(s, *len, f);
	if (e == OK)
		*text = s;
	else
		free(s);
	return e;
}

/* ---- the page ---- */

/* "a, b, c" of the list ${key}; nothing when there is none. */
static void
row_list(struct page *p, const char *title, struct json *j, const struct json_node *o,
    const char *key)
{
	const struct json_node *list = form_list(j, o, key);
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++)
		page_row(p, i == 0 ? title : "", json_get_string_at(j, list, i, 1, LIMIT_TEXT));
}

static void
rows_for(struct page *p, const struct summary *s)
{
	const struct json_node *list = form_list(s->json, s->node, "applies_to"), *o;
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++) {
		o = json_get_object_at(s->json, list, i);
		page_row(p, "For", json_get_string(s->json, o, "purl", 1, LIMIT_TEXT));
		page_row(p, "  versions", json_get_string(s->json, o, "range", 1, LIMIT_TEXT));
		row_list(p, "  systems", s->json, o, "systems");
		row_list(p, "  machines", s->json, o, "architectures");
	}
}

static void
rows_compat(struct page *p, const struct summary *s)
{
	const struct json_node *list = form_list(s->json, s->node, "compat"), *o;
	const size_t n = json_count(list);
	char when[TIME_TEXT];

	for (size_t i = 0; i < n; i++) {
		o = json_get_object_at(s->json, list, i);
		time_print_short(json_get_moment(s->json, o, "date"), when);
		page_row(p, i == 0 ? "With others" : "",
		    json_get_string(s->json, o, "patch", 1, LIMIT_TEXT));
		page_row(p, "  is", json_get_string(s->json, o, "status", 1, LIMIT_TEXT));
		page_row(p, "  since", when);
	}
}

static void
rows_release(struct page *p, const struct summary *s)
{
	char when[TIME_TEXT], hex[DIGEST_HEX];

	page_row(p, "Release", s->id);
	page_row(p, "Title", s->title);
	page_row(p, "Product", s->product);
	page_number(p, "Sequence", s->sequence);
	time_print_short(s->issued, when);
	page_row(p, "Released", when);
	page_row(p, "Kind", s->kind);
	page_row(p, "Severity", s->severity);
	row_list(p, "Fixes", s->json, s->node, "fixes");
	rows_for(p, s);
	row_list(p, "Provides", s->json, s->node, "provides");
	row_list(p, "Requires", s->json, s->node, "requires");
	row_list(p, "Incorporates", s->json, s->node, "incorporates");
	row_list(p, "Supersedes", s->json, s->node, "supersedes");
	row_list(p, "Conflicts", s->json, s->node, "conflicts");
	rows_compat(p, s);
	if (json_has(s->node, "customised"))
		page_row(p, "Customised",
		    json_get_string(s->json, s->node, "customised", 1, LIMIT_TEXT));
	if (json_has(s->node, "restart"))
		page_row(p, "Restart", json_get_string(s->json, s->node, "restart", 1, LIMIT_TEXT));
	digest_hex(&s->digest, hex);
	page_block(p, "SHA-256 of the release", hex);
}

enum err
notice_text(const struct notice *n, const struct trust *t, char **text, size_t *len)
{
	struct page *p = page_new();
	char when[TIME_TEXT];

	page_line(p, n->withdrawal ? "NOTICE: A RELEASE WAS WITHDRAWN" : "NOTICE OF A RELEASE");
	page_line(p, "");
	page_row(p, "From", t->name);
	page_row(p, "Telephone", t->telephone);
	page_row(p, "Vendor", n->vendor);
	page_number(p, "Notice", n->sequence);
	time_print_short(n->issued, when);
	page_row(p, "Issued", when);
	page_row(p, "Place", n->place);
	page_row(p, "Withdrawn", n->reason);
	page_line(p, "");
	rows_release(p, &n->release);
	page_line(p, "");
	page_row(p, "To get it", n->acquisition);
	page_row(p, "Without it", n->if_not_applied);
	page_block(p, "Notes", n->notes);
	page_block(p, "Details", n->details);
	page_line(p, "");
	page_line(p, "Anyone can print such a page.  "
	    "What counts is the signed notice: verify FILE");
	return page_finish(p, text, len);
}
