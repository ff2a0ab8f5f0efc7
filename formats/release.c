/*
 * release: the description of one patch.  One table says what members there are, in which order and
 * in which form; reading and finishing both follow it.  SPEC, "release/1".
 */
#include "formats/release.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "formats/purl.h"
#include "formats/sums.h"
#include "formats/version.h"

enum form {
	TYPE,		/* json_check_type() looks at it */
	TEXT,		/* 1..LIMIT_TEXT bytes, no placeholder */
	NOTE,		/* 0..LIMIT_TEXT bytes */
	LONG_NOTE,	/* 0..LIMIT_LONG_TEXT bytes */
	WORD,		/* one of .words */
	VENDOR_ID,
	RELEASE_ID,
	NUMBER,		/* 1..LIMIT_INTEGER */
	MOMENT,
	DIGEST,
	TEXTS,		/* a list of TEXT */
	RELATIONS,	/* a list of "vendor:id" */
	PACKAGE,	/* a package URL without version */
	RANGE,		/* of its versions */
	OBJECT,		/* of .members */
	OBJECTS,	/* a list of such */
	ISSUED,		/* this and the next: not by people, release_finish() adds them */
	FILES,
};

struct member {
	const char *key;
	enum form form;
	bool must;
	const char *const *words;	/* up to NULL */
	const struct member *members;	/* up to one without a key */
};

static const char *const kinds[] = { "security", "fix", "enhancement", "requested", NULL };
static const char *const severities[] = { "none", "low", "medium", "high", "critical", NULL };
static const char *const statuses[] = { "tested", "approved", "refused", NULL };
static const char *const rules[] = { "judge", "refuse", "applies", NULL };
static const char *const methods[] = { "copy", "script", "deb", "rpm", "by-hand", NULL };
static const char *const restarts[] = { "none", "service", "system", NULL };

static const struct member applies_to[] = {
	{ .key = "purl", .form = PACKAGE, .must = true },
	{ .key = "range", .form = RANGE, .must = true },
	{ .key = "systems", .form = TEXTS },
	{ .key = "architectures", .form = TEXTS },
	{ .key = NULL },
};

static const struct member compat[] = {
	{ .key = "patch", .form = TEXT, .must = true },
	{ .key = "status", .form = WORD, .must = true, .words = statuses },
	{ .key = "date", .form = MOMENT, .must = true },
	{ .key = NULL },
};

static const struct member origin[] = {
	{ .key = "vendor", .form = VENDOR_ID, .must = true },
	{ .key = "id", .form = RELEASE_ID, .must = true },
	{ .key = "digest", .form = DIGEST, .must = true },
	{ .key = NULL },
};

static const struct member install[] = {
	{ .key = "method", .form = WORD, .must = true, .words = methods },
	{ .key = "command", .form = NOTE },
	{ .key = "directory", .form = NOTE },
	{ .key = NULL },
};

static const struct member release[] = {
	{ .key = "waxseal", .form = TYPE, .must = true },
	{ .key = "vendor", .form = TYPE, .must = true },
	{ .key = "id", .form = RELEASE_ID, .must = true },
	{ .key = "product", .form = TEXT, .must = true },
	{ .key = "sequence", .form = NUMBER, .must = true },
	{ .key = "issued", .form = ISSUED, .must = true },
	{ .key = "title", .form = TEXT, .must = true },
	{ .key = "kind", .form = WORD, .must = true, .words = kinds },
	{ .key = "severity", .form = WORD, .must = true, .words = severities },
	{ .key = "notes", .form = LONG_NOTE },
	{ .key = "fixes", .form = TEXTS },
	{ .key = "applies_to", .form = OBJECTS, .members = applies_to },
	{ .key = "provides", .form = TEXTS },
	{ .key = "requires", .form = RELATIONS },
	{ .key = "incorporates", .form = RELATIONS },
	{ .key = "supersedes", .form = RELATIONS },
	{ .key = "conflicts", .form = RELATIONS },
	{ .key = "compat", .form = OBJECTS, .members = compat },
	{ .key = "origin", .form = OBJECT, .members = origin },
	{ .key = "customised", .form = WORD, .words = rules },
	{ .key = "install", .form = OBJECT, .members = install },
	{ .key = "checks", .form = TEXTS },
	{ .key = "rollback", .form = NOTE },
	{ .key = "restart", .form = WORD, .words = restarts },
	{ .key = "documents", .form = TEXTS },
	{ .key = "files", .form = FILES, .must = true },
	{ .key = NULL },
};

/* ---- checking ---- */

static void
require(struct json *j, bool good, const char *key)
{
	if (!good)
		json_refuse(j, ERR_RELEASE_FORM, key);
}

static void
check_text(struct json *j, const char *text, const char *key)
{
	require(j, strncmp(text, RELEASE_UNFILLED, strlen(RELEASE_UNFILLED)) != 0, key);
}

/* Which versions a package has is said by its range alone. */
static void
check_package(struct json *j, const char *text, const char *key)
{
	struct purl *p;
	enum err e;

	check_text(j, text, key);
	e = purl_parse(&p, text, strlen(text));
	if (e == OK && p->version != NULL)
		e = ERR_RELEASE_FORM;
	purl_free(p);
	if (e != OK)
		json_refuse(j, e, key);
}

static void
check_range(struct json *j, const char *text, const char *key)
{
	struct version_range *r;
	enum err e;

	check_text(j, text, key);
	e = version_range_parse(&r, text, strlen(text));
	version_range_free(r);
	if (e != OK)
		json_refuse(j, e, key);
}

static void
check_word(struct json *j, const char *text, const struct member *m)
{
	const char *const *word = m->words;

	while (*word != NULL && strcmp(*word, text) != 0)
		word++;
	if (*word == NULL)
		json_refuse(j, ERR_JSON_VALUE, m->key);
}

/* "vendor:id". */
static bool
is_relation(const char *text)
{
	const size_t n = strcspn(text, ":");
	char vendor[LIMIT_ID + 1] = "";

	if (n > LIMIT_ID || text[n] == '\0')
		return false;
	memcpy(vendor, text, n);
	return name_id_ok(vendor) && name_release_ok(text + n + 1);
}

static void
check_list(struct json *j, const struct json_node *o, const struct member *m)
{
	const struct json_node *list = json_get_array(j, o, m->key, 0, LIMIT_LIST);
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++) {
		const char *text = json_get_string_at(j, list, i, 1, LIMIT_TEXT);

		check_text(j, text, m->key);
		require(j, m->form != RELATIONS || is_relation(text), m->key);
	}
}

/* Everything but objects, which check_release() takes apart. */
static void
check_value(struct json *j, const struct json_node *o, const struct member *m)
{
	switch (m->form) {
	case TEXT:
		check_text(j, json_get_string(j, o, m->key, 1, LIMIT_TEXT), m->key);
		break;
	case NOTE:
		(void)json_get_string(j, o, m->key, 0, LIMIT_TEXT);
		break;
	case LONG_NOTE:
		(void)json_get_string(j, o, m->key, 0, LIMIT_LONG_TEXT);
		break;
	case WORD:
		check_word(j, json_get_string(j, o, m->key, 1, LIMIT_TEXT), m);
		break;
	case VENDOR_ID:
		require(j, name_id_ok(json_get_string(j, o, m->key, 1, LIMIT_ID)), m->key);
		break;
	case RELEASE_ID:
		require(j, name_release_ok(json_get_string(j, o, m->key, 1, LIMIT_RELEASE_ID)),
		    m->key);
		break;
	case NUMBER:
		(void)json_get_uint(j, o, m->key, 1, LIMIT_INTEGER);
		break;
	case MOMENT:
		(void)json_get_moment(j, o, m->key);
		break;
	case DIGEST:
		(void)json_get_digest(j, o, m->key);
		break;
	case PACKAGE:
		check_package(j, json_get_string(j, o, m->key, 1, LIMIT_PURL), m->key);
		break;
	case RANGE:
		check_range(j, json_get_string(j, o, m->key, 1, LIMIT_RANGE), m->key);
		break;
	case TEXTS:
	case RELATIONS:
		check_list(j, o, m);
		break;
	case TYPE:
	case OBJECT:
	case OBJECTS:
	case ISSUED:
	case FILES:
		break;
	}
}

static void
check_members(struct json *j, const struct json_node *o, const struct member *members)
{
	const struct member *m;
	const char *key;

	for (size_t i = 0; (key = json_key_at(o, i)) != NULL; i++) {
		for (m = members; m->key != NULL && strcmp(m->key, key) != 0; m++)
			continue;
		if (m->key == NULL) {
			json_refuse(j, ERR_JSON_UNKNOWN, key);
			return;
		}
	}
	for (m = members; m->key != NULL; m++) {
		if (m->must || json_has(o, m->key))
			check_value(j, o, m);
	}
}

/* All that people write, the same in a draft and in a finished release. */
static void
check_release(struct json *j, const struct json_node *root)
{
	check_members(j, root, release);
	for (const struct member *m = release; m->key != NULL; m++) {
		const struct json_node *list;
		size_t n;

		if (m->members == NULL || !json_has(root, m->key))
			continue;
		if (m->form == OBJECT) {
			check_members(j, json_get_object(j, root, m->key), m->members);
			continue;
		}
		list = json_get_array(j, root, m->key, 0, LIMIT_LIST);
		n = json_count(list);
		for (size_t i = 0; i < n; i++)
			check_members(j, json_get_object_at(j, list, i), m->members);
	}
}

/* ---- reading ---- */

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
	check_release(j, root);
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

	for (const struct member *m = release; m->key != NULL; m++) {
		if (m->form == ISSUED)
			json_put_moment(w, m->key, issued);
		else if (m->form == FILES)
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
	check_release(j, root);
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
