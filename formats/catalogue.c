/*
 * catalogue: a vendor's list of its current releases.  SPEC, "catalogue/1".
 */
#include "formats/catalogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/limits.h"
#include "formats/page.h"

static const struct form_member members[] = {
	{ .key = "waxseal", .form = FORM_OTHER, .must = true },
	{ .key = "vendor", .form = FORM_OTHER, .must = true },
	{ .key = "number", .form = FORM_NUMBER, .must = true },
	{ .key = "issued", .form = FORM_MOMENT, .must = true },
	{ .key = "next_expected", .form = FORM_MOMENT },
	{ .key = "highest_notice", .form = FORM_OTHER, .must = true },
	{ .key = "releases", .form = FORM_OTHER, .must = true },
	{ .key = NULL },
};

/* ---- reading ---- */

static enum err
read_releases(struct json *j, const struct json_node *root, struct catalogue *c)
{
	const struct json_node *list =
	    json_get_array(j, root, "releases", 0, LIMIT_CATALOGUE_RELEASES);

	c->count = json_count(list);
	c->release = calloc(c->count + 1, sizeof(*c->release));
	if (c->release == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < c->count; i++) {
		summary_read(j, json_get_object_at(j, list, i), ERR_CATALOGUE_FORM,
		    &c->release[i]);
		if (i > 0 && strcmp(c->release[i - 1].id, c->release[i].id) >= 0)
			json_refuse(j, ERR_CATALOGUE_FORM, "releases");
	}
	return OK;
}

static enum err
read_catalogue(struct json *j, const char *vendor, struct catalogue *c)
{
	const struct json_node *root = json_root(j);

	json_check_type(j, "catalogue", "vendor", vendor);
	form_check(j, root, members, ERR_CATALOGUE_FORM);
	c->vendor = json_get_string(j, root, "vendor", 1, LIMIT_ID);
	c->number = json_get_uint(j, root, "number", 1, LIMIT_INTEGER);
	c->issued = json_get_moment(j, root, "issued");
	c->has_next = json_has(root, "next_expected");
	if (c->has_next)
		c->next_expected = json_get_moment(j, root, "next_expected");
	if (c->has_next && c->next_expected.seconds <= c->issued.seconds)
		json_refuse(j, ERR_CATALOGUE_FORM, "next_expected");
	c->highest_notice = json_get_uint(j, root, "highest_notice", 0, LIMIT_INTEGER);
	return read_releases(j, root, c);
}

enum err
catalogue_parse(struct catalogue **out, const struct document *doc, const char *vendor,
    struct fault *f)
{
	struct catalogue *c;
	enum err e;

	*out = NULL;
	if (doc->body_len > LIMIT_CATALOGUE)
		return err_fault(f, ERR_LIMIT, "catalogue");
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return err_fault(f, ERR_MEMORY, "catalogue");
	e = json_parse(&c->json, doc->body, doc->body_len, f);
	if (e != OK)
		goto out;
	c->digest = doc->digest;
	e = read_catalogue(c->json, vendor, c);
	if (e != OK) {
		err_fault(f, e, "catalogue");
		goto out;
	}
	e = json_error(c->json, f);
	if (e != OK)
		goto out;
	*out = c;
	c = NULL;
out:
	catalogue_free(c);
	return e;
}

void
catalogue_free(struct catalogue *c)
{
	if (c == NULL)
		return;
	free(c->release);
	json_free(c->json);
	free(c);
}

static int
compare_id(const void *id, const void *summary)
{
	return strcmp(id, ((const struct summary *)summary)->id);
}

const struct summary *
catalogue_find(const struct catalogue *c, const char *id)
{
	return bsearch(id, c->release, c->count, sizeof(*c->release), compare_id);
}

/* ---- writing ---- */

static int
compare_releases(const void *a, const void *b)
{
	const struct release *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static enum err
print_members(const struct catalogue *c, const struct release *const *releases, size_t count,
    char **text, size_t *len)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "waxseal", "catalogue/1");
	json_put_string(w, "vendor", c->vendor);
	json_put_uint(w, "number", c->number);
	json_put_moment(w, "issued", c->issued);
	if (c->has_next)
		json_put_moment(w, "next_expected", c->next_expected);
	json_put_uint(w, "highest_notice", c->highest_notice);
	json_open_array(w, "releases");
	for (size_t i = 0; i < count; i++)
		summary_put(w, NULL, releases[i]);
	json_close(w);
	return json_finish(w, 1, text, len);
}

/* Nobody shall sign what is refused afterwards, nor what has no room for its signatures. */
static enum err
check_printed(const char *text, size_t len, struct fault *f)
{
	const struct document doc = { .body = text, .body_len = len };
	struct catalogue *c;
	enum err e;

	if (len > LIMIT_CATALOGUE - LIMIT_SIGNATURES * LIMIT_ARMOR)
		return err_fault(f, ERR_LIMIT, "catalogue");
	e = catalogue_parse(&c, &doc, NULL, f);
	catalogue_free(c);
	return e;
}

enum err
catalogue_print(const struct catalogue *c, const struct release **releases, size_t count,
    char **text, size_t *len, struct fault *f)
{
	char *s = NULL;
	enum err e;

	*text = NULL;
	*len = 0;
	if (count > LIMIT_CATALOGUE_RELEASES)
		return err_fault(f, ERR_LIMIT, "%zu releases", count);
	if (count > 0)
		qsort(releases, count, sizeof(*releases), compare_releases);
	e = print_members(c, releases, count, &s, len);
	if (e != OK)
		return err_fault(f, e, "catalogue");
	e = check_printed(s, *len, f);
	if (e == OK)
		*text = s;
	else
		free(s);
	return e;
}

/* ---- the page ---- */

static void
rows_release(struct page *p, const struct summary *s)
{
	const struct json_node *fixes = form_list(s->json, s->node, "fixes");
	const size_t n = json_count(fixes);
	char text[LIMIT_TEXT + 64];

	page_line(p, "");
	page_line(p, s->id);
	page_row(p, "  title", s->title);
	(void)snprintf(text, sizeof(text), "%s, sequence %" PRIu64, s->product, s->sequence);
	page_row(p, "  product", text);
	(void)snprintf(text, sizeof(text), "%s, severity %s", s->kind, s->severity);
	page_row(p, "  kind", text);
	for (size_t i = 0; i < n; i++)
		page_row(p, i == 0 ? "  fixes" : "",
		    json_get_string_at(s->json, fixes, i, 1, LIMIT_TEXT));
}

enum err
catalogue_text(const struct catalogue *c, const struct trust *t, char **text, size_t *len)
{
	struct page *p = page_new();
	char when[TIME_TEXT];

	page_line(p, "CATALOGUE OF CURRENT RELEASES");
	page_line(p, "");
	page_row(p, "From", t->name);
	page_row(p, "Telephone", t->telephone);
	page_row(p, "Vendor", c->vendor);
	page_number(p, "Catalogue", c->number);
	time_print_short(c->issued, when);
	page_row(p, "Issued", when);
	if (c->has_next) {
		time_print_short(c->next_expected, when);
		page_row(p, "The next by", when);
	}
	page_number(p, "Newest notice", c->highest_notice);
	page_number(p, "Releases", c->count);
	for (size_t i = 0; i < c->count; i++)
		rows_release(p, &c->release[i]);
	page_line(p, "");
	page_line(p, "Anyone can print such a page.  "
	    "What counts is the signed catalogue: verify FILE");
	return page_finish(p, text, len);
}
