/*
 * advisory: see advisory.h.  The members are in alphabetical order, as CSAF wants them.
 */
#include "formats/advisory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"

#define DIGITS "0123456789"

struct advisory {
	const struct notice *n;
	const char *name;
	const struct digest *anchor;
	const struct advisory_revision *revision;
	size_t revisions;
	struct json_writer *w;
};

void
advisory_name(const char *id, char out[static ADVISORY_NAME])
{
	size_t n = 0;

	for (; *id != '\0' && n < LIMIT_RELEASE_ID; id++) {
		const char c = (char)(*id >= 'A' && *id <= 'Z' ? *id - 'A' + 'a' : *id);

		if (strchr("abcdefghijklmnopqrstuvwxyz+-" DIGITS, c) != NULL)
			out[n++] = c;
		else if (n == 0 || out[n - 1] != '_')
			out[n++] = '_';
	}
	(void)snprintf(out + n, ADVISORY_NAME - n, ".json");
}

/* ---- document ---- */

static void
put_number(struct json_writer *w, const char *key, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	json_put_string(w, key, text);
}

static void
put_publisher(const struct advisory *a)
{
	char hex[DIGEST_HEX], namespace[LIMIT_ID + DIGEST_HEX + 16];

	digest_hex(a->anchor, hex);
	(void)snprintf(namespace, sizeof(namespace), "urn:waxseal:%.*s:%s", (int)LIMIT_ID,
	    a->n->vendor, hex);
	json_open_object(a->w, "publisher");
	json_put_string(a->w, "category", "vendor");
	json_put_string(a->w, "name", a->name);
	json_put_string(a->w, "namespace", namespace);
	json_close(a->w);
}

static void
put_revision(const struct advisory *a, size_t i)
{
	const struct advisory_revision *r = &a->revision[i];
	char summary[64];

	(void)snprintf(summary, sizeof(summary), "Notice %" PRIu64 "%s", r->sequence,
	    r->withdrawal ? ": withdrawn" : "");
	json_open_object(a->w, NULL);
	json_put_moment(a->w, "date", r->issued);
	put_number(a->w, "number", i + 1);
	json_put_string(a->w, "summary", summary);
	json_close(a->w);
}

static void
put_tracking(const struct advisory *a)
{
	json_open_object(a->w, "tracking");
	json_put_moment(a->w, "current_release_date", a->revision[a->revisions - 1].issued);
	json_put_string(a->w, "id", a->n->release.id);
	json_put_moment(a->w, "initial_release_date", a->revision[0].issued);
	json_open_array(a->w, "revision_history");
	for (size_t i = 0; i < a->revisions; i++)
		put_revision(a, i);
	json_close(a->w);
	json_put_string(a->w, "status", "final");
	put_number(a->w, "version", a->revisions);
	json_close(a->w);
}

static void
put_note(const struct advisory *a, const char *category, const char *title, const char *text)
{
	if (*text == '\0')
		return;
	json_open_object(a->w, NULL);
	json_put_string(a->w, "category", category);
	json_put_string(a->w, "text", text);
	json_put_string(a->w, "title", title);
	json_close(a->w);
}

static void
put_document(const struct advisory *a)
{
	json_open_object(a->w, "document");
	json_open_object(a->w, "aggregate_severity");
	json_put_string(a->w, "text", a->n->release.severity);
	json_close(a->w);
	json_put_string(a->w, "category", "csaf_security_advisory");
	json_put_string(a->w, "csaf_version", "2.0");
	json_open_array(a->w, "notes");
	put_note(a, "summary", "Release", a->n->release.title);
	put_note(a, "description", "Notes", a->n->notes);
	put_note(a, "details", "Details", a->n->details);
	json_close(a->w);
	put_publisher(a);
	json_put_string(a->w, "title", a->n->release.title);
	put_tracking(a);
	json_close(a->w);
}

/* ---- products: what the release is for ---- */

static const struct json_node *
applies_to(const struct advisory *a)
{
	return form_list(a->n->release.json, a->n->release.node, "applies_to");
}

/* One product for each row of applies_to; the whole product if there is none. */
static size_t
count_products(const struct advisory *a)
{
	const size_t n = json_count(applies_to(a));

	return n == 0 ? 1 : n;
}

static void
put_product_ids(const struct advisory *a, const char *key)
{
	const size_t n = count_products(a);
	char id[24];

	json_open_array(a->w, key);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(id, sizeof(id), "p%zu", i + 1);
		json_put_string(a->w, NULL, id);
	}
	json_close(a->w);
}

static void
put_product(const struct advisory *a, size_t i, const char *range, const char *purl)
{
	char id[24], name[2 * LIMIT_TEXT + 8];

	(void)snprintf(id, sizeof(id), "p%zu", i + 1);
	(void)snprintf(name, sizeof(name), "%s %s", purl == NULL ? a->n->release.product : purl,
	    range);
	json_open_object(a->w, NULL);
	json_put_string(a->w, "category", "product_version_range");
	json_put_string(a->w, "name", range);
	json_open_object(a->w, "product");
	json_put_string(a->w, "name", name);
	json_put_string(a->w, "product_id", id);
	if (purl != NULL) {
		json_open_object(a->w, "product_identification_helper");
		json_put_string(a->w, "purl", purl);
		json_close(a->w);
	}
	json_close(a->w);
	json_close(a->w);
}

static void
put_products(const struct advisory *a)
{
	const struct json_node *list = applies_to(a), *o;
	const size_t n = json_count(list);
	struct json *j = a->n->release.json;

	for (size_t i = 0; i < n; i++) {
		o = json_get_object_at(j, list, i);
		put_product(a, i, json_get_string(j, o, "range", 1, LIMIT_TEXT),
		    json_get_string(j, o, "purl", 1, LIMIT_TEXT));
	}
	if (n == 0)
		put_product(a, 0, "vers:all/*", NULL);
}

static void
open_branch(const struct advisory *a, const char *category, const char *name)
{
	json_open_array(a->w, "branches");
	json_open_object(a->w, NULL);
	json_put_string(a->w, "category", category);
	json_put_string(a->w, "name", name);
}

static void
close_branch(const struct advisory *a)
{
	json_close(a->w);
	json_close(a->w);
}

static void
put_tree(const struct advisory *a)
{
	json_open_object(a->w, "product_tree");
	open_branch(a, "vendor", a->name);
	open_branch(a, "product_name", a->n->release.product);
	json_open_array(a->w, "branches");
	put_products(a);
	json_close(a->w);
	close_branch(a);
	close_branch(a);
	json_close(a->w);
}

/* ---- vulnerabilities: what the release fixes ---- */

/* CVE-YYYY-NNNN, four digits or more at the end. */
static bool
is_cve(const char *text)
{
	return strncmp(text, "CVE-", 4) == 0 && strspn(text + 4, DIGITS) == 4 && text[8] == '-' &&
	    strspn(text + 9, DIGITS) >= 4 && strspn(text + 9, DIGITS) == strlen(text + 9);
}

static void
put_remedy(const struct advisory *a)
{
	const struct notice *n = a->n;
	const struct summary *s = &n->release;
	char details[3 * LIMIT_TEXT + 64];

	if (n->withdrawal)
		(void)snprintf(details, sizeof(details), "%s was withdrawn: %s", s->id, n->reason);
	else
		(void)snprintf(details, sizeof(details), "%s: %s%s%s", s->id, s->title,
		    *n->acquisition == '\0' ? "" : ".  ", n->acquisition);
	json_open_array(a->w, "remediations");
	json_open_object(a->w, NULL);
	json_put_string(a->w, "category", n->withdrawal ? "none_available" : "vendor_fix");
	json_put_moment(a->w, "date", n->withdrawal ? n->issued : s->issued);
	json_put_string(a->w, "details", details);
	put_product_ids(a, "product_ids");
	if (!n->withdrawal && json_has(s->node, "restart")) {
		json_open_object(a->w, "restart_required");
		json_put_string(a->w, "category",
		    json_get_string(s->json, s->node, "restart", 1, LIMIT_TEXT));
		json_close(a->w);
	}
	json_close(a->w);
	json_close(a->w);
}

static void
put_vulnerability(const struct advisory *a, const char *fix)
{
	json_open_object(a->w, NULL);
	if (is_cve(fix)) {
		json_put_string(a->w, "cve", fix);
	} else {
		json_open_array(a->w, "ids");
		json_open_object(a->w, NULL);
		json_put_string(a->w, "system_name", a->name);
		json_put_string(a->w, "text", fix);
		json_close(a->w);
		json_close(a->w);
	}
	json_open_array(a->w, "notes");
	put_note(a, "summary", "Release", a->n->release.title);
	json_close(a->w);
	json_open_object(a->w, "product_status");
	put_product_ids(a, "known_affected");
	json_close(a->w);
	put_remedy(a);
	if (*a->n->if_not_applied != '\0') {
		json_open_array(a->w, "threats");
		json_open_object(a->w, NULL);
		json_put_string(a->w, "category", "impact");
		json_put_string(a->w, "details", a->n->if_not_applied);
		put_product_ids(a, "product_ids");
		json_close(a->w);
		json_close(a->w);
	}
	json_close(a->w);
}

/* CSAF 2.0, 6.1.23: none twice. */
static bool
is_first(const struct advisory *a, const struct json_node *list, size_t i)
{
	struct json *j = a->n->release.json;
	const char *fix = json_get_string_at(j, list, i, 1, LIMIT_TEXT);

	for (size_t before = 0; before < i; before++)
		if (strcmp(json_get_string_at(j, list, before, 1, LIMIT_TEXT), fix) == 0)
			return false;
	return true;
}

static void
put_vulnerabilities(const struct advisory *a)
{
	struct json *j = a->n->release.json;
	const struct json_node *list = form_list(j, a->n->release.node, "fixes");
	const size_t n = json_count(list);

	json_open_array(a->w, "vulnerabilities");
	for (size_t i = 0; i < n; i++)
		if (is_first(a, list, i))
			put_vulnerability(a, json_get_string_at(j, list, i, 1, LIMIT_TEXT));
	if (n == 0)
		put_vulnerability(a, a->n->release.id);
	json_close(a->w);
}

enum err
advisory_print(const struct notice *n, const char *name, const struct digest *anchor,
    const struct advisory_revision *revision, size_t revisions, char **text, size_t *len)
{
	const struct advisory a = { .n = n, .name = name, .anchor = anchor, .revision = revision,
		.revisions = revisions, .w = json_writer_new() };

	put_document(&a);
	put_tree(&a);
	put_vulnerabilities(&a);
	return json_finish(a.w, 1, text, len);
}
