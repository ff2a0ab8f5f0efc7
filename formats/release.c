/*
 * release: the description of one patch.  One table says what members there are, in which order and
 * in which form; reading, drafting and finishing all follow it.  SPEC, "release/1".
 */
#include "formats/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/sums.h"

static const char *const methods[] = { "copy", "script", "deb", "rpm", "by-hand", NULL };

static const struct form_member origin[] = {
	{ .key = "vendor", .form = FORM_VENDOR_ID, .must = true },
	{ .key = "id", .form = FORM_RELEASE_ID, .must = true },
	{ .key = "digest", .form = FORM_DIGEST, .must = true },
	{ .key = NULL },
};

static const struct form_member install[] = {
	{ .key = "method", .form = FORM_WORD, .must = true, .words = methods },
	{ .key = "command", .form = FORM_NOTE },
	{ .key = "directory", .form = FORM_NOTE },
	{ .key = NULL },
};

static const struct form_member release[] = {
	{ .key = "waxseal", .form = FORM_OTHER, .must = true },
	{ .key = "vendor", .form = FORM_OTHER, .must = true },
	{ .key = "id", .form = FORM_RELEASE_ID, .must = true },
	{ .key = "product", .form = FORM_TEXT, .must = true },
	{ .key = "sequence", .form = FORM_NUMBER, .must = true },
	{ .key = "issued", .form = FORM_OTHER, .must = true },
	{ .key = "title", .form = FORM_TEXT, .must = true },
	{ .key = "kind", .form = FORM_WORD, .must = true, .words = form_kinds },
	{ .key = "severity", .form = FORM_WORD, .must = true, .words = form_severities },
	{ .key = "notes", .form = FORM_LONG_NOTE },
	{ .key = "fixes", .form = FORM_TEXTS },
	{ .key = "applies_to", .form = FORM_OBJECTS, .members = form_applies_to },
	{ .key = "provides", .form = FORM_PACKAGES },
	{ .key = "requires", .form = FORM_RELATIONS },
	{ .key = "incorporates", .form = FORM_RELATIONS },
	{ .key = "supersedes", .form = FORM_RELATIONS },
	{ .key = "conflicts", .form = FORM_RELATIONS },
	{ .key = "compat", .form = FORM_OBJECTS, .members = form_compat },
	{ .key = "origin", .form = FORM_OBJECT, .members = origin },
	{ .key = "customised", .form = FORM_WORD, .words = form_rules },
	{ .key = "install", .form = FORM_OBJECT, .members = install },
	{ .key = "checks", .form = FORM_TEXTS },
	{ .key = "rollback", .form = FORM_NOTE },
	{ .key = "restart", .form = FORM_WORD, .words = form_restarts },
	{ .key = "documents", .form = FORM_TEXTS },
	{ .key = "files", .form = FORM_OTHER, .must = true },
	{ .key = NULL },
};

/* ---- reading ---- */

static void
require(struct json *j, bool good, const char *key)
{
	if (!good)
		json_refuse(j, ERR_RELEASE_FORM, key);
}

static void
read_files(struct json *j, const struct json_node *root, struct release *r)
{
	const struct json_node *o = json_get_object(j, root, "files");
	const char *path, *last = "";
	size_t n;

	json_only(j, o, "count bytes sums executables");
	r->files = json_get_uint(j, o, "count", 1, LIMIT_FILES);
	r->bytes = json_get_uint(j, o, "bytes", 0, LIMIT_IMAGE);
	r->sums = json_get_digest(j, o, "sums");
	r->executables = json_get_array(j, o, "executables", 0, LIMIT_EXECUTABLES);
	n = json_count(r->executables);
	require(j, n <= r->files, "executables");
	for (size_t i = 0; i < n; i++, last = path) {
		path = json_get_string_at(j, r->executables, i, 1, LIMIT_PATH);
		require(j, name_path_ok(path, strlen(path)), "executables");
		require(j, sums_compare(last, strlen(last), path, strlen(path)) < 0, "executables");
	}
}

static void
read_release(struct json *j, const char *vendor, struct release *r)
{
	const struct json_node *root = json_root(j);

	json_check_type(j, "release", "vendor", vendor);
	form_check(j, root, release, ERR_RELEASE_FORM);
	r->vendor = json_get_string(j, root, "vendor", 1, LIMIT_ID);
	r->id = json_get_string(j, root, "id", 1, LIMIT_RELEASE_ID);
	r->product = json_get_string(j, root, "product", 1, LIMIT_TEXT);
	r->sequence = json_get_uint(j, root, "sequence", 1, LIMIT_INTEGER);
	r->issued = json_get_moment(j, root, "issued");
	r->title = json_get_string(j, root, "title", 1, LIMIT_TEXT);
	r->kind = json_get_string(j, root, "kind", 1, LIMIT_TEXT);
	r->severity = json_get_string(j, root, "severity", 1, LIMIT_TEXT);
	read_files(j, root, r);
}

enum err
release_parse(struct release **out, const struct document *doc, const char *vendor, struct fault *f)
{
	struct release *r;
	enum err e;

	*out = NULL;
	if (doc->body_len > LIMIT_RELEASE)
		return err_fault(f, ERR_LIMIT, "release");
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return err_fault(f, ERR_MEMORY, "release");
	e = json_parse(&r->json, doc->body, doc->body_len, f);
	if (e != OK)
		goto out;
	r->digest = doc->digest;
	read_release(r->json, vendor, r);
	e = json_error(r->json, f);
	if (e != OK)
		goto out;
	*out = r;
	r = NULL;
out:
	release_free(r);
	return e;
}

void
release_free(struct release *r)
{
	if (r == NULL)
		return;
	json_free(r->json);
	free(r);
}

bool
release_executable(struct release *r, const char *path, size_t len)
{
	size_t low = 0, high = json_count(r->executables);

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const char *s = json_get_string_at(r->json, r->executables, middle, 1, LIMIT_PATH);
		const int order = sums_compare(path, len, s, strlen(s));

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* ---- writing ---- */

static void
put_files(struct json_writer *w, const struct release_files *files)
{
	json_open_object(w, "files");
	json_put_uint(w, "count", files->files);
	json_put_uint(w, "bytes", files->bytes);
	json_put_digest(w, "sums", &files->sums);
	json_open_array(w, "executables");
	for (size_t i = 0; i < files->executable_count; i++)
		json_put_string(w, NULL, files->executables[i]);
	json_close(w);
	json_close(w);
}

static enum err
print_release(const struct json_node *draft, const struct release_files *files,
    struct moment issued, char **text, size_t *len)
{
	struct json_writer *w = json_writer_new();

	for (const struct form_member *m = release; m->key != NULL; m++) {
		if (strcmp(m->key, "issued") == 0)
			json_put_moment(w, m->key, issued);
		else if (strcmp(m->key, "files") == 0)
			put_files(w, files);
		else
			json_put_copy(w, m->key, draft, m->key);
	}
	return json_finish(w, 1, text, len);
}

static enum err
check_draft(struct json *j, struct fault *f)
{
	const struct json_node *root = json_root(j);

	json_check_type(j, "release", "vendor", NULL);
	form_check(j, root, release, ERR_RELEASE_FORM);
	if (json_has(root, "issued") || json_has(root, "files"))
		json_refuse(j, ERR_JSON_UNKNOWN, "issued, files");
	return json_error(j, f);
}

/* Nobody shall sign what release_parse() then refuses, nor what has no room for its signatures. */
static enum err
check_finished(const char *text, size_t len, struct fault *f)
{
	const struct document doc = { .body = text, .body_len = len };
	struct release *r;
	enum err e;

	if (len > LIMIT_RELEASE - LIMIT_SIGNATURES * LIMIT_ARMOR)
		return err_fault(f, ERR_LIMIT, "release");
	e = release_parse(&r, &doc, NULL, f);
	release_free(r);
	return e;
}

enum err
release_finish(const void *draft, size_t len, const struct release_files *files,
    struct moment issued, char **text, size_t *text_len, struct fault *f)
{
	struct json *j = NULL;
	char *s = NULL;
	enum err e;

	*text = NULL;
	*text_len = 0;
	e = json_parse(&j, draft, len, f);
	if (e != OK)
		goto out;
	e = check_draft(j, f);
	if (e != OK)
		goto out;
	e = print_release(json_root(j), files, issued, &s, &len);
	if (e != OK) {
		err_fault(f, e, "release");
		goto out;
	}
	e = check_finished(s, len, f);
	if (e != OK)
		goto out;
	*text = s;
	*text_len = len;
	s = NULL;
out:
	free(s);
	json_free(j);
	return e;
}
