/*
 * form: see form.h.
 */
#include "formats/form.h"

#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "formats/purl.h"
#include "formats/version.h"

const char *const form_kinds[] = { "security", "fix", "enhancement", "requested", NULL };
const char *const form_severities[] = { "none", "low", "medium", "high", "critical", NULL };
const char *const form_rules[] = { "judge", "refuse", "applies", NULL };
const char *const form_restarts[] = { "none", "service", "system", NULL };

static const char *const statuses[] = { "tested", "approved", "refused", NULL };

const struct form_member form_applies_to[] = {
	{ .key = "purl", .form = FORM_PACKAGE, .must = true },
	{ .key = "range", .form = FORM_RANGE, .must = true },
	{ .key = "systems", .form = FORM_TEXTS },
	{ .key = "architectures", .form = FORM_TEXTS },
	{ .key = NULL },
};

const struct form_member form_compat[] = {
	{ .key = "patch", .form = FORM_TEXT, .must = true },
	{ .key = "status", .form = FORM_WORD, .must = true, .words = statuses },
	{ .key = "date", .form = FORM_MOMENT, .must = true },
	{ .key = NULL },
};

/* One object with its table. */
struct checking {
	struct json *j;
	const struct json_node *o;
	enum err e;
};

static void
require(const struct checking *c, bool good, const char *key)
{
	if (!good)
		json_refuse(c->j, c->e, key);
}

static void
check_text(const struct checking *c, const char *text, const char *key)
{
	require(c, strncmp(text, FORM_PLACEHOLDER, strlen(FORM_PLACEHOLDER)) != 0, key);
}

/* Which versions a package has is said by its range alone; what a release provides has one. */
static void
check_package(const struct checking *c, const char *text, bool versioned, const char *key)
{
	struct purl *p;
	enum err e;

	check_text(c, text, key);
	e = purl_parse(&p, text, strlen(text));
	if (e == OK && (p->version != NULL) != versioned)
		e = c->e;
	purl_free(p);
	if (e != OK)
		json_refuse(c->j, e, key);
}

static void
check_range(const struct checking *c, const char *text, const char *key)
{
	struct version_range *r;
	enum err e;

	check_text(c, text, key);
	e = version_range_parse(&r, text, strlen(text));
	version_range_free(r);
	if (e != OK)
		json_refuse(c->j, e, key);
}

static void
check_word(const struct checking *c, const char *text, const struct form_member *m)
{
	const char *const *word = m->words;

	while (*word != NULL && strcmp(*word, text) != 0)
		word++;
	if (*word == NULL)
		json_refuse(c->j, ERR_JSON_VALUE, m->key);
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
check_list(const struct checking *c, const struct form_member *m)
{
	const struct json_node *list = json_get_array(c->j, c->o, m->key, 0, LIMIT_LIST);
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++) {
		const char *text = json_get_string_at(c->j, list, i, 1,
		    m->form == FORM_PACKAGES ? LIMIT_PURL : LIMIT_TEXT);

		if (m->form == FORM_PACKAGES)
			check_package(c, text, true, m->key);
		check_text(c, text, m->key);
		require(c, m->form != FORM_RELATIONS || is_relation(text), m->key);
	}
}

/* Everything but objects, which form_check() takes apart. */
static void
check_value(const struct checking *c, const struct form_member *m)
{
	struct json *j = c->j;

	switch (m->form) {
	case FORM_TEXT:
		check_text(c, json_get_string(j, c->o, m->key, 1, LIMIT_TEXT), m->key);
		break;
	case FORM_NOTE:
		(void)json_get_string(j, c->o, m->key, 0, LIMIT_TEXT);
		break;
	case FORM_LONG_NOTE:
		(void)json_get_string(j, c->o, m->key, 0, LIMIT_LONG_TEXT);
		break;
	case FORM_WORD:
		check_word(c, json_get_string(j, c->o, m->key, 1, LIMIT_TEXT), m);
		break;
	case FORM_VENDOR_ID:
		require(c, name_id_ok(json_get_string(j, c->o, m->key, 1, LIMIT_ID)), m->key);
		break;
	case FORM_RELEASE_ID:
		require(c, name_release_ok(json_get_string(j, c->o, m->key, 1, LIMIT_RELEASE_ID)),
		    m->key);
		break;
	case FORM_NUMBER:
		(void)json_get_uint(j, c->o, m->key, 1, LIMIT_INTEGER);
		break;
	case FORM_MOMENT:
		(void)json_get_moment(j, c->o, m->key);
		break;
	case FORM_DIGEST:
		(void)json_get_digest(j, c->o, m->key);
		break;
	case FORM_PACKAGE:
		check_package(c, json_get_string(j, c->o, m->key, 1, LIMIT_PURL), false, m->key);
		break;
	case FORM_RANGE:
		check_range(c, json_get_string(j, c->o, m->key, 1, LIMIT_RANGE), m->key);
		break;
	case FORM_TEXTS:
	case FORM_RELATIONS:
	case FORM_PACKAGES:
		check_list(c, m);
		break;
	case FORM_OTHER:
	case FORM_OBJECT:
	case FORM_OBJECTS:
		break;
	}
}

static void
check_members(const struct checking *c, const struct form_member *members)
{
	const struct form_member *m;
	const char *key;

	for (size_t i = 0; (key = json_key_at(c->o, i)) != NULL; i++) {
		for (m = members; m->key != NULL && strcmp(m->key, key) != 0; m++)
			continue;
		if (m->key == NULL) {
			json_refuse(c->j, ERR_JSON_UNKNOWN, key);
			return;
		}
	}
	for (m = members; m->key != NULL; m++) {
		if (m->must || json_has(c->o, m->key))
			check_value(c, m);
	}
}

void
form_check(struct json *j, const struct json_node *o, const struct form_member *members,
    enum err e)
{
	struct checking c = { .j = j, .o = o, .e = e };

	check_members(&c, members);
	for (const struct form_member *m = members; m->key != NULL; m++) {
		const struct json_node *list;
		size_t n;

		if (m->members == NULL || !json_has(o, m->key))
			continue;
		if (m->form == FORM_OBJECT) {
			c.o = json_get_object(j, o, m->key);
			check_members(&c, m->members);
			continue;
		}
		list = json_get_array(j, o, m->key, 0, LIMIT_LIST);
		n = json_count(list);
		for (size_t i = 0; i < n; i++) {
			c.o = json_get_object_at(j, list, i);
			check_members(&c, m->members);
		}
	}
}

const struct json_node *
form_list(struct json *j, const struct json_node *o, const char *key)
{
	return json_has(o, key) ? json_get_array(j, o, key, 0, LIMIT_LIST) : NULL;
}
