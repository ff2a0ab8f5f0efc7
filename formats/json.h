/*
 * json: strict JSON in and out.  jansson behind a pre-scan; only json.c and json_parse.c see it.
 * SPEC, "JSON": UTF-8, no duplicate or unknown keys, no floats, integers 0..2^53-1, depth <= 16,
 * no NUL, nothing after the value but one newline.
 */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include "formats/digest.h"
#include "formats/err.h"
#include "formats/time.h"

struct json;		/* a parsed text; the first error found while reading it sticks */
struct json_node;	/* an object or array inside it; lives as long as the struct json */

/*
 * json_parse(out, buf, len, f):
 * Parse the ${len} bytes at ${buf} (one object, then nothing or one newline) into a new tree.
 * On OK the caller owns *${out}; otherwise it is NULL and ${f} (may be NULL) says where.
 */
enum err json_parse(struct json **out, const void *buf, size_t len, struct fault *f) MUST_USE;
/*
 * The same for what other programs wrote: any JSON whose root is an object, no key twice, at most
 * LIMIT_IMPORT_DEPTH deep.  Strings may hold control characters; numbers are not to be read.
 */
enum err json_parse_foreign(struct json **out, const void *buf, size_t len,
    struct fault *f) MUST_USE;
void json_free(struct json *j);

/*
 * Reading (json_get_*, because jansson has its own json_string, json_object and json_array and the
 * linker would mix them up).  Each call takes the key ${key} of the object ${o}; a missing key or
 * a wrong value makes the error stick, and the call returns an empty value that is safe to use ("",
 * 0, NULL, count 0).  All accept ${o} == NULL.  Call json_error() once at the end.  Strings live as
 * long as ${j}, are measured in bytes, and hold no control characters except newline and tab.
 */
const struct json_node *json_root(const struct json *j);
bool json_has(const struct json_node *o, const char *key);
const char *json_get_string(struct json *j, const struct json_node *o, const char *key, size_t min,
    size_t max);
uint64_t json_get_uint(struct json *j, const struct json_node *o, const char *key, uint64_t min,
    uint64_t max);
bool json_get_bool(struct json *j, const struct json_node *o, const char *key);
struct digest json_get_digest(struct json *j, const struct json_node *o, const char *key);
struct moment json_get_moment(struct json *j, const struct json_node *o, const char *key);
const struct json_node *json_get_object(struct json *j, const struct json_node *o, const char *key);
/* An array of ${min} to ${max} values. */
const struct json_node *json_get_array(struct json *j, const struct json_node *o, const char *key,
    size_t min, size_t max);
size_t json_count(const struct json_node *node);	/* values of an array, keys of an object */
/* The ${i}-th value of an array: an object, or a string of ${min} to ${max} bytes. */
const struct json_node *json_get_object_at(struct json *j, const struct json_node *array, size_t i);
const char *json_get_string_at(struct json *j, const struct json_node *array, size_t i, size_t min,
    size_t max);
/* Keys of ${o} in their order: the ${i}-th, or NULL past the end.  For objects used as tables. */
const char *json_key_at(const struct json_node *o, size_t i);

/* Refuse every key of ${o} that is not in ${keys}, a list separated by single spaces. */
void json_only(struct json *j, const struct json_node *o, const char *keys);

/*
 * json_check_type(j, type, party, id):
 * The first key of the root must be "waxseal" with "${type}/1", the second ${party} ("vendor" or
 * "site") with ${id} (any valid id if ${id} is NULL).  Another version of ${type} sticks ERR_NEWER,
 * another type ERR_DOC_TYPE, another party ERR_DOC_VENDOR.
 */
void json_check_type(struct json *j, const char *type, const char *party, const char *id);

/* Stick ${e} at ${key} by the reader's own rule, unless an error sticks already. */
void json_refuse(struct json *j, enum err e, const char *key);

/* The error that sticks, copied to ${f} (may be NULL), or OK. */
enum err json_error(const struct json *j, struct fault *f) MUST_USE;

/*
 * Writing.  A writer starts as one open object.  ${key} is NULL inside arrays.  Errors, also of
 * json_writer_new(), stick until json_finish(): all calls take a writer that is NULL.
 * json_put_copy copies a value that was read.
 */
struct json_writer;
struct json_writer *json_writer_new(void);
void json_open_object(struct json_writer *w, const char *key);
void json_open_array(struct json_writer *w, const char *key);
void json_close(struct json_writer *w);
void json_put_string(struct json_writer *w, const char *key, const char *value);
void json_put_uint(struct json_writer *w, const char *key, uint64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_digest(struct json_writer *w, const char *key, const struct digest *value);
void json_put_moment(struct json_writer *w, const char *key, struct moment value);
/* The value of ${from_key} in ${o} under ${key}; nothing when it is not there. */
void json_put_copy(struct json_writer *w, const char *key, const struct json_node *o,
    const char *from_key);

/*
 * json_finish(w, indent, text, len):
 * Close what is open, print (${indent} spaces a level; 0 prints one line without spaces), end with
 * a newline, and free ${w}.  On OK the caller frees *${text}, which is ${len} bytes and a NUL.
 * Text that is not UTF-8 is ERR_JSON_UTF8; all else that json_parse would refuse (control
 * characters but newline and tab, a key twice, too deep, ...) is refused with the same error.
 */
enum err json_finish(struct json_writer *w, unsigned indent, char **text, size_t *len) MUST_USE;
void json_writer_free(struct json_writer *w);

#endif
