/*
 * json_parse: from text to tree.  scan_json decides what may be parsed at all; jansson then sees
 * only valid, flat text, finds duplicate keys and builds the tree.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/json_tree.h"
#include "formats/limits.h"
#include "formats/scan.h"

/* ${buf} as a tree; that it is not too deep was seen before, because jansson recurses. */
static enum err
load(struct json **out, const void *buf, size_t len, size_t flags, struct fault *f)
{
	static const struct {
		enum json_error_code code;
		enum err err;
	} meanings[] = {
		{ json_error_duplicate_key, ERR_JSON_DUPLICATE },
		{ json_error_out_of_memory, ERR_MEMORY },
		{ json_error_invalid_utf8, ERR_JSON_UTF8 },
		{ json_error_null_character, ERR_JSON_UTF8 },
		{ json_error_null_byte_in_key, ERR_JSON_UTF8 },
		{ json_error_numeric_overflow, ERR_JSON_NUMBER },
	};
	json_error_t error = { .position = 0 };
	struct json *j = calloc(1, sizeof(*j));
	enum err e = ERR_JSON_SYNTAX;

	if (j == NULL)
		return err_fault(f, ERR_MEMORY, "JSON");
	j->root = json_loadb(buf, len, JSON_REJECT_DUPLICATES | flags, &error);
	if (j->root != NULL) {
		*out = j;
		return OK;
	}
	json_free(j);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].code == json_error_code(&error))
			e = meanings[i].err;
	return err_fault(f, e, "byte %d", error.position);
}

/* What ${value} weighs without what is inside of it: see scan_json. */
static uint64_t
weight_of(json_t *value)
{
	return json_is_string(value) ? json_string_length(value) :
	    json_is_integer(value) ? (uint64_t)json_integer_value(value) : 0;
}

struct level {
	json_t *value;		/* an object or an array, */
	void *member;		/* the next of its members, */
	size_t i;		/* or elements */
};

/* The next value inside of ${l}, and in ${weight} its key; NULL at the end. */
static json_t *
next_value(struct level *l, uint64_t *weight)
{
	json_t *value;

	if (json_is_array(l->value))
		return json_array_get(l->value, l->i++);
	if (l->member == NULL)
		return NULL;
	value = json_object_iter_value(l->member);
	*weight += strlen(json_object_iter_key(l->member));
	l->member = json_object_iter_next(l->value, l->member);
	return value;
}

uint64_t
json_parse_weigh(json_t *root)
{
	struct level stack[LIMIT_JSON_DEPTH + 1] = { { root, json_object_iter(root), 0 } };
	size_t depth = 1;
	uint64_t weight = 0;
	json_t *value;

	while (depth > 0) {
		value = next_value(&stack[depth - 1], &weight);
		if (value == NULL)
			depth--;
		else if (json_is_object(value) || json_is_array(value))
			stack[depth++] = (struct level){ value, json_object_iter(value), 0 };
		else
			weight += weight_of(value);
	}
	return weight;
}

enum err
json_parse(struct json **out, const void *buf, size_t len, struct fault *f)
{
	uint64_t weight;
	size_t at;
	enum err e;

	*out = NULL;
	if ((e = scan_json(buf, len, &at, &weight)) != OK)
		return err_fault(f, e, "byte %zu", at);
	e = load(out, buf, len, 0, f);
	if (e == ERR_JSON_DUPLICATE || (e == OK && json_parse_weigh((*out)->root) == weight))
		return e;
	json_free(*out);
	*out = NULL;
	return err_fault(f, ERR_MEMORY, "JSON");
}

enum err
json_parse_foreign(struct json **out, const void *buf, size_t len, struct fault *f)
{
	enum err e;

	*out = NULL;
	if (!scan_depth(buf, len, LIMIT_IMPORT_DEPTH))
		return err_fault(f, ERR_JSON_DEPTH, "more than %u levels", LIMIT_IMPORT_DEPTH);
	if ((e = load(out, buf, len, JSON_DECODE_INT_AS_REAL, f)) != OK)
		return e;
	if (json_is_object((*out)->root))
		return OK;
	json_free(*out);
	*out = NULL;
	return err_fault(f, ERR_JSON_SYNTAX, "it is no object");
}
