/*
 * json: reading a tree that json_parse.c made, and writing one.
 */
#include "formats/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json_tree.h"
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/scan.h"

struct json_writer {
	json_t *open[LIMIT_JSON_DEPTH];	/* the root, which is owned, and what is open inside it */
	unsigned depth;
	enum err err;
};

/* Nodes are jansson's values; its iterators take them as not const but do not change them. */
static json_t *
value_of(const struct json_node *o)
{
	return (json_t *)(uintptr_t)o;
}

static const struct json_node *
node_of(const json_t *value)
{
	return (const struct json_node *)value;
}

/* Reading. */

void
json_free(struct json *j)
{
	if (j == NULL)
		return;
	json_decref(j->root);
	free(j);
}

void
json_refuse(struct json *j, enum err e, const char *key)
{
	if (j->fault.err == OK)
		err_fault(&j->fault, e, "%s", key);
}

enum err
json_error(const struct json *j, struct fault *f)
{
	if (j->fault.err != OK && f != NULL)
		*f = j->fault;
	return j->fault.err;
}

/* The value at ${key}, or NULL and the error sticks. */
static json_t *
member(struct json *j, const struct json_node *o, const char *key)
{
	json_t *value = json_object_get(value_of(o), key);

	if (value == NULL)
		json_refuse(j, ERR_JSON_MISSING, key);
	return value;
}

/* The ${i}-th value of an array, or NULL and the error sticks; ${place} names it from 1. */
static json_t *
entry(struct json *j, const struct json_node *array, size_t i, char place[static 32])
{
	json_t *value = json_array_get(value_of(array), i);

	snprintf(place, 32, "entry %zu", i + 1);
	if (value == NULL)
		json_refuse(j, ERR_JSON_MISSING, place);
	return value;
}

static const char *
string_of(struct json *j, const json_t *value, const char *place, size_t min, size_t max)
{
	size_t len = json_string_length(value);

	if (json_is_string(value) && len >= min && len <= max)
		return json_string_value(value);
	json_refuse(j, ERR_JSON_VALUE, place);
	return "";
}

static const struct json_node *
object_of(struct json *j, const json_t *value, const char *place)
{
	if (json_is_object(value))
		return node_of(value);
	json_refuse(j, ERR_JSON_VALUE, place);
	return NULL;
}

const struct json_node *
json_root(const struct json *j)
{
	return node_of(j->root);
}

bool
json_has(const struct json_node *o, const char *key)
{
	return json_object_get(value_of(o), key) != NULL;
}

const char *
json_get_string(struct json *j, const struct json_node *o, const char *key, size_t min, size_t max)
{
	return string_of(j, member(j, o, key), key, min, max);
}

uint64_t
json_get_uint(struct json *j, const struct json_node *o, const char *key, uint64_t min,
    uint64_t max)
{
	const json_t *value = member(j, o, key);
	uint64_t n = (uint64_t)json_integer_value(value);

	if (json_is_integer(value) && n >= min && n <= max)
		return n;
	json_refuse(j, ERR_JSON_VALUE, key);
	return 0;
}

bool
json_get_bool(struct json *j, const struct json_node *o, const char *key)
{
	const json_t *value = member(j, o, key);

	if (!json_is_boolean(value))
		json_refuse(j, ERR_JSON_VALUE, key);
	return json_is_true(value);
}

struct digest
json_get_digest(struct json *j, const struct json_node *o, const char *key)
{
	const char *hex = json_get_string(j, o, key, DIGEST_HEX - 1, DIGEST_HEX - 1);
	struct digest d = { { 0 } };

	if (!digest_from_hex(&d, hex, strlen(hex)))
		json_refuse(j, ERR_JSON_VALUE, key);
	return d;
}

struct moment
json_get_moment(struct json *j, const struct json_node *o, const char *key)
{
	const char *text = json_get_string(j, o, key, 1, TIME_TEXT - 1);
	struct moment m = { 0, 0 };

	if (time_parse(text, &m) != OK)
		json_refuse(j, ERR_JSON_VALUE, key);
	return m;
}

const struct json_node *
json_get_object(struct json *j, const struct json_node *o, const char *key)
{
	return object_of(j, member(j, o, key), key);
}

const struct json_node *
json_get_array(struct json *j, const struct json_node *o, const char *key, size_t min, size_t max)
{
	const json_t *value = member(j, o, key);
	size_t count = json_array_size(value);

	if (json_is_array(value) && count >= min && count <= max)
		return node_of(value);
	json_refuse(j, ERR_JSON_VALUE, key);
	return NULL;
}

size_t
json_count(const struct json_node *node)
{
	return json_array_size(value_of(node)) + json_object_size(value_of(node));
}

const struct json_node *
json_get_object_at(struct json *j, const struct json_node *array, size_t i)
{
	char place[32];
	const json_t *value = entry(j, array, i, place);

	return object_of(j, value, place);
}

const char *
json_get_string_at(struct json *j, const struct json_node *array, size_t i, size_t min, size_t max)
{
	char place[32];
	const json_t *value = entry(j, array, i, place);

	return string_of(j, value, place, min, max);
}

const char *
json_key_at(const struct json_node *o, size_t i)
{
	void *at = json_object_iter(value_of(o));

	while (at != NULL && i-- > 0)
		at = json_object_iter_next(value_of(o), at);
	return at == NULL ? NULL : json_object_iter_key(at);
}

/* Is ${key} one of ${keys}? */
static bool
is_listed(const char *keys, const char *key)
{
	size_t len = strlen(key), n;

	for (; *keys != '\0'; keys += n + (keys[n] == ' ')) {
		n = strcspn(keys, " ");
		if (n == len && memcmp(keys, key, n) == 0)
			return true;
	}
	return false;
}

void
json_only(struct json *j, const struct json_node *o, const char *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach(value_of(o), key, value) {
		if (!is_listed(keys, key))
			json_refuse(j, ERR_JSON_UNKNOWN, key);
	}
}

/* Is ${text} "${type}/1"?  Another whole number after the slash is a version still to come. */
static enum err
check_version(const char *text, const char *type)
{
	size_t len = strlen(type), n;

	if (text == NULL || strncmp(text, type, len) != 0 || text[len] != '/')
		return ERR_DOC_TYPE;
	text += len + 1;
	if (strcmp(text, "1") == 0)
		return OK;
	n = strspn(text, "0123456789");
	return n > 0 && text[n] == '\0' && text[0] != '0' ? ERR_NEWER : ERR_DOC_TYPE;
}

void
json_check_type(struct json *j, const char *type, const char *party, const char *id)
{
	const char *first = json_key_at(json_root(j), 0), *second = json_key_at(json_root(j), 1);
	const char *text = json_string_value(json_object_get(j->root, "waxseal"));
	const char *found = json_string_value(json_object_get(j->root, party));
	enum err e;

	if (first == NULL || strcmp(first, "waxseal") != 0)
		text = NULL;
	if ((e = check_version(text, type)) != OK)
		json_refuse(j, e, "waxseal");
	if (second == NULL || strcmp(second, party) != 0 || found == NULL ||
	    !(id == NULL ? name_id_ok(found) : strcmp(found, id) == 0))
		json_refuse(j, ERR_DOC_VENDOR, party);
}

/* Writing. */

struct json_writer *
json_writer_new(void)
{
	struct json_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->open[0] = json_object();
	if (w->open[0] == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void
json_writer_free(struct json_writer *w)
{
	if (w == NULL)
		return;
	json_decref(w->open[0]);
	free(w);
}

static void
writer_refuse(struct json_writer *w, enum err e)
{
	if (w != NULL && w->err == OK)
		w->err = e;
}

/* Put ${value}, which now belongs to the writer, where it is due; false if it has no place. */
static bool
put(struct json_writer *w, const char *key, json_t *value)
{
	json_t *parent;

	if (w == NULL || value == NULL) {
		writer_refuse(w, ERR_MEMORY);
		json_decref(value);
		return false;
	}
	parent = w->open[w->depth];
	if (json_is_array(parent) != (key == NULL))
		writer_refuse(w, ERR_JSON_SYNTAX);
	else if (key != NULL && !scan_utf8(key, strlen(key)))
		writer_refuse(w, ERR_JSON_UTF8);
	else if (key != NULL && json_object_get(parent, key) != NULL)
		writer_refuse(w, ERR_JSON_DUPLICATE);
	else if ((key == NULL ? json_array_append(parent, value) :
	    json_object_set(parent, key, value)) != 0)
		writer_refuse(w, ERR_MEMORY);
	json_decref(value);
	return w->err == OK;
}

static void
put_open(struct json_writer *w, const char *key, json_t *value)
{
	if (w != NULL && w->depth + 1 == LIMIT_JSON_DEPTH) {
		json_decref(value);
		writer_refuse(w, ERR_JSON_DEPTH);
	} else if (put(w, key, value)) {
		w->open[++w->depth] = value;
	}
}

void
json_open_object(struct json_writer *w, const char *key)
{
	put_open(w, key, json_object());
}

void
json_open_array(struct json_writer *w, const char *key)
{
	put_open(w, key, json_array());
}

void
json_close(struct json_writer *w)
{
	/* After an error some opening calls opened nothing. */
	if (w != NULL && w->depth > 0)
		w->depth--;
}

void
json_put_string(struct json_writer *w, const char *key, const char *value)
{
	if (!scan_utf8(value, strlen(value)))
		writer_refuse(w, ERR_JSON_UTF8);
	else
		put(w, key, json_string_nocheck(value));
}

void
json_put_uint(struct json_writer *w, const char *key, uint64_t value)
{
	if (value > LIMIT_INTEGER)
		writer_refuse(w, ERR_JSON_NUMBER);
	else
		put(w, key, json_integer((json_int_t)value));
}

void
json_put_bool(struct json_writer *w, const char *key, bool value)
{
	put(w, key, json_boolean(value));
}

void
json_put_digest(struct json_writer *w, const char *key, const struct digest *value)
{
	char hex[DIGEST_HEX];

	digest_hex(value, hex);
	json_put_string(w, key, hex);
}

void
json_put_moment(struct json_writer *w, const char *key, struct moment value)
{
	char text[TIME_TEXT];

	time_print(value, text);
	json_put_string(w, key, text);
}

void
json_put_copy(struct json_writer *w, const char *key, const struct json_node *o,
    const char *from_key)
{
	json_t *value = json_object_get(value_of(o), from_key);

	/* Neither side changes it, so that both can hold the same one. */
	if (value != NULL)
		put(w, key, json_incref(value));
}

/* Print ${root} and a newline; refuse what json_parse would refuse. */
static enum err
print(json_t *root, size_t indent, char **text, size_t *len)
{
	char *plain = json_dumps(root, indent == 0 ? JSON_COMPACT : JSON_INDENT(indent)), *lined;
	uint64_t weight;
	size_t n, at;
	enum err e;

	if (plain == NULL)
		return ERR_MEMORY;
	n = strlen(plain);
	lined = realloc(plain, n + 2);
	if (lined == NULL) {
		free(plain);
		return ERR_MEMORY;
	}
	memcpy(lined + n, "\n", 2);
	e = scan_json(lined, n + 1, &at, &weight);
	/* What was put is JSON: if this is not, or is lighter, something was lost on the way. */
	if (e == ERR_JSON_SYNTAX || (e == OK && weight != json_parse_weigh(root)))
		e = ERR_MEMORY;
	if (e != OK) {
		free(lined);
		return e;
	}
	*text = lined;
	*len = n + 1;
	return OK;
}

enum err
json_finish(struct json_writer *w, unsigned indent, char **text, size_t *len)
{
	enum err e;

	*text = NULL;
	*len = 0;
	if (w == NULL)
		return ERR_MEMORY;
	e = w->err;
	if (e == OK)
		e = print(w->open[0], indent, text, len);
	json_writer_free(w);
	return e;
}
