/*
 * summary: see summary.h.
 */
#include "formats/summary.h"

#include <string.h>

#include "formats/form.h"
#include "formats/limits.h"

static const struct form_member members[] = {
	{ .key = "id", .form = FORM_RELEASE_ID, .must = true },
	{ .key = "digest", .form = FORM_DIGEST, .must = true },
	{ .key = "product", .form = FORM_TEXT, .must = true },
	{ .key = "sequence", .form = FORM_NUMBER, .must = true },
	{ .key = "issued", .form = FORM_MOMENT, .must = true },
	{ .key = "title", .form = FORM_TEXT, .must = true },
	{ .key = "kind", .form = FORM_WORD, .must = true, .words = form_kinds },
	{ .key = "severity", .form = FORM_WORD, .must = true, .words = form_severities },
	{ .key = "fixes", .form = FORM_TEXTS },
	{ .key = "applies_to", .form = FORM_OBJECTS, .members = form_applies_to },
	{ .key = "provides", .form = FORM_PACKAGES },
	{ .key = "requires", .form = FORM_RELATIONS },
	{ .key = "incorporates", .form = FORM_RELATIONS },
	{ .key = "supersedes", .form = FORM_RELATIONS },
	{ .key = "conflicts", .form = FORM_RELATIONS },
	{ .key = "compat", .form = FORM_OBJECTS, .members = form_compat },
	{ .key = "customised", .form = FORM_WORD, .words = form_rules },
	{ .key = "restart", .form = FORM_WORD, .words = form_restarts },
	{ .key = NULL },
};

void
summary_read(struct json *j, const struct json_node *o, enum err e, struct summary *out)
{
	form_check(j, o, members, e);
	*out = (struct summary){
		.json = j,
		.node = o,
		.id = json_get_string(j, o, "id", 1, LIMIT_RELEASE_ID),
		.product = json_get_string(j, o, "product", 1, LIMIT_TEXT),
		.title = json_get_string(j, o, "title", 1, LIMIT_TEXT),
		.kind = json_get_string(j, o, "kind", 1, LIMIT_TEXT),
		.severity = json_get_string(j, o, "severity", 1, LIMIT_TEXT),
		.sequence = json_get_uint(j, o, "sequence", 1, LIMIT_INTEGER),
		.issued = json_get_moment(j, o, "issued"),
		.digest = json_get_digest(j, o, "digest"),
	};
}

static bool
is_list(enum form f)
{
	return f == FORM_TEXTS || f == FORM_PACKAGES || f == FORM_RELATIONS || f == FORM_OBJECTS;
}

void
summary_put(struct json_writer *w, const char *key, const struct release *r)
{
	const struct json_node *root = json_root(r->json);

	json_open_object(w, key);
	for (const struct form_member *m = members; m->key != NULL; m++) {
		/* Empty lists say nothing, and 10,000 rows of them much. */
		if (strcmp(m->key, "digest") == 0)
			json_put_digest(w, m->key, &r->digest);
		else if (!is_list(m->form) ||
		    json_count(form_list(r->json, root, m->key)) > 0)
			json_put_copy(w, m->key, root, m->key);
	}
	json_close(w);
}
