/*
 * Tests of formats/json: what is refused, what sticks where, what is written; jq as a peer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "formats/json.h"
#include "formats/limits.h"
#include "tests/unit/scratch.h"

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct json *
parse(const char *text)
{
	struct json *j;
	struct fault f = { OK, "" };

	if (json_parse(&j, text, strlen(text), &f) != OK)
		fail_msg("%s: %s at %s", text, err_code(f.err), f.at);
	return j;
}

/* The error that sticks and its place; frees ${j}. */
static void
expect(struct json *j, enum err want, const char *at)
{
	struct fault f = { OK, "" };

	assert_int_equal(json_error(j, NULL), want);
	assert_int_equal(json_error(j, &f), want);
	assert_string_equal(f.at, at);
	assert_int_equal(f.err, want);
	json_free(j);
}

/* What the scan refuses is tested in scan.c; here its place, and what jansson is left with. */
static void
refused(void **state)
{
	static const struct {
		const char *text;
		enum err want;
		const char *at;		/* NULL: jansson's words, not ours */
	} table[] = {
		{ "", ERR_JSON_SYNTAX, "byte 0" },
		{ "{\"a\":\"\xff\"}", ERR_JSON_UTF8, "byte 6" },
		{ "{\"a\":1.5}", ERR_JSON_NUMBER, "byte 6" },
		{ "{\"a\":[[[[[[[[[[[[[[[[0", ERR_JSON_DEPTH, "byte 20" },
		{ "{\"a\":\"\\u001b\"}", ERR_JSON_VALUE, "byte 12" },
		{ "{}x", ERR_JSON_SYNTAX, "byte 2" },
		/* the same key twice, however it is written and however deep */
		{ "{\"a\":0,\"a\":0}", ERR_JSON_DUPLICATE, NULL },
		{ "{\"a\":0,\"b\":0,\"\\u0061\":1}", ERR_JSON_DUPLICATE, NULL },
		{ "{\"a\":[{\"\":0,\"\":0}]}", ERR_JSON_DUPLICATE, NULL },
		{ "{\"\xc3\xa4\":0,\"\\u00E4\":0}", ERR_JSON_DUPLICATE, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct fault f = { OK, "" };
		struct json *j = (struct json *)(uintptr_t)8;
		enum err e = json_parse(&j, table[i].text, strlen(table[i].text), &f);

		if (e != table[i].want)
			fail_msg("%s: %s", table[i].text, err_code(e));
		assert_null(j);
		assert_int_equal(f.err, e);
		assert_memory_equal(f.at, "byte ", 5);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		assert_int_equal(json_parse(&j, table[i].text, strlen(table[i].text), NULL), e);
	}
	json_free(NULL);
}

/* Keys that differ only by case or by normal form are not the same key; other objects are other. */
static void
not_duplicates(void **state)
{
	(void)state;
	json_free(parse("{\"a\":0,\"A\":0,\"\xc3\xa4\":0,\"a\xcc\x88\":0,\"b\":{\"a\":0}}\n"));
}

static const char whole[] =
    "{\"waxseal\":\"seal/1\",\"vendor\":\"etl\","
    "\"text\":\"T\xc3\xbcr\\n\\\"\\ud83d\\ude00\",\"n\":7,"
    "\"max\":9007199254740991,\"yes\":true,\"no\":false,\"nil\":null,\"digest\":\"" HEX "\","
    "\"when\":\"2026-11-20T09:12:00+01:00\",\"object\":{\"b\":1,\"a\":2},"
    "\"array\":[\"x\",{\"k\":\"v\"},3],\"empty\":[]}\n";

static void
cut_everywhere(void **state)
{
	struct json *j;

	(void)state;
	for (size_t len = 0; len < sizeof whole - 1; len++) {
		char *copy = malloc(len + 1);	/* exact, for ASan to see a byte too far */
		enum err want = len == sizeof whole - 2 ? OK : ERR_JSON_SYNTAX, e;

		assert_non_null(copy);
		memcpy(copy, whole, len);
		e = json_parse(&j, copy, len, NULL);
		free(copy);
		if (e != want && e != ERR_JSON_UTF8)
			fail_msg("%zu bytes: %s", len, err_code(e));
		json_free(j);
	}
}

/*
 * The scan and jansson must agree on the grammar: a text that only jansson refuses would be called
 * a lack of memory.  Every byte of the text replaced, and each character put in anywhere.
 */
static void
agreed_grammar(void **state)
{
	static const char characters[] = "{}[]:,\"\\ 0-.eEnu\n";
	char text[sizeof whole + 1];

	(void)state;
	for (size_t at = 0; at < sizeof whole - 1; at++) {
		for (size_t i = 0; i < 2 * (sizeof characters - 1); i++) {
			size_t more = i % 2, n = sizeof whole - 1 + more;
			struct json *j;

			memcpy(text, whole, at);
			text[at] = characters[i / 2];
			memcpy(text + at + 1, whole + at + 1 - more, n - at - 1);
			if (json_parse(&j, text, n, NULL) == ERR_MEMORY)
				fail_msg("%.*s", (int)n, text);
			json_free(j);
		}
	}
}

static void
values(void **state)
{
	struct json *j = parse(whole);
	const struct json_node *root = json_root(j), *o, *a;
	struct digest d;
	struct moment m;
	char hex[DIGEST_HEX];

	(void)state;
	assert_string_equal(json_get_string(j, root, "text", 10, 10),
	    "T\xc3\xbcr\n\"\xf0\x9f\x98\x80");
	assert_int_equal(json_get_uint(j, root, "n", 7, 7), 7);
	assert_int_equal(json_get_uint(j, root, "max", 0, LIMIT_INTEGER), LIMIT_INTEGER);
	assert_true(json_get_bool(j, root, "yes"));
	assert_false(json_get_bool(j, root, "no"));
	d = json_get_digest(j, root, "digest");
	digest_hex(&d, hex);
	assert_string_equal(hex, HEX);
	m = json_get_moment(j, root, "when");
	assert_int_equal(m.seconds, 1795162320);
	assert_int_equal(m.offset, 60);
	assert_true(json_has(root, "nil"));
	assert_false(json_has(root, "nix"));
	assert_false(json_has(NULL, "n"));

	o = json_get_object(j, root, "object");
	assert_int_equal(json_count(o), 2);
	assert_string_equal(json_key_at(o, 0), "b");
	assert_string_equal(json_key_at(o, 1), "a");
	assert_null(json_key_at(o, 2));
	assert_null(json_key_at(NULL, 0));
	a = json_get_array(j, root, "array", 3, 3);
	assert_int_equal(json_count(a), 3);
	assert_null(json_key_at(a, 0));
	assert_string_equal(json_get_string_at(j, a, 0, 1, 1), "x");
	assert_string_equal(json_get_string(j, json_get_object_at(j, a, 1), "k", 0, 9), "v");
	assert_int_equal(json_count(json_get_array(j, root, "empty", 0, 0)), 0);
	assert_int_equal(json_count(NULL), 0);
	expect(j, OK, "");
}

enum getter { STRING, UINT, BOOL, DIGEST, MOMENT, OBJECT, ARRAY };

/* Call one getter with the bounds 2 and 3; the value must be empty. */
static void
get(struct json *j, const struct json_node *o, enum getter getter, const char *key)
{
	struct digest d;
	struct moment m;

	switch (getter) {
	case STRING:
		assert_string_equal(json_get_string(j, o, key, 2, 3), "");
		break;
	case UINT:
		assert_int_equal(json_get_uint(j, o, key, 2, 3), 0);
		break;
	case BOOL:
		assert_false(json_get_bool(j, o, key));
		break;
	case DIGEST:
		d = json_get_digest(j, o, key);
		assert_true(digest_is_zero(&d));
		break;
	case MOMENT:
		m = json_get_moment(j, o, key);
		assert_int_equal(m.seconds, 0);
		break;
	case OBJECT:
		assert_null(json_get_object(j, o, key));
		break;
	case ARRAY:
		assert_null(json_get_array(j, o, key, 2, 3));
		break;
	}
}

static void
wrong_values(void **state)
{
	static const struct {
		enum getter getter;
		const char *values;	/* each must be refused, separated by spaces */
	} table[] = {
		{ STRING, "null true 2 {} [] \"\" \"a\" \"abcd\" "
		    "\"\\u20ac\\u20ac\" \"\xc3\xa4\xc3\xa4\"" },
		{ UINT, "null true \"2\" {} [] 0 1 4 9007199254740991" },
		{ BOOL, "null 0 1 \"true\" {} []" },
		{ DIGEST, "null 0 \"\" \"" HEX "0\" {} [] "
		    "\"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\"" },
		{ MOMENT, "null 0 \"\" \"2026-11-20\" \"2026-11-20T09:12:00\" {} []" },
		{ OBJECT, "null true 2 \"{}\" []" },
		{ ARRAY, "null true 2 \"[]\" {} [] [0] [0,1,2,3]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char list[256], text[300], *rest = list;

		strcpy(list, table[i].values);
		for (char *v; (v = strsep(&rest, " ")) != NULL;) {
			struct json *j;

			snprintf(text, sizeof text, "{\"k\":%s}", v);
			j = parse(text);
			get(j, json_root(j), table[i].getter, "k");
			if (json_error(j, NULL) != ERR_JSON_VALUE)
				fail_msg("%s as %zu", text, i);
			expect(j, ERR_JSON_VALUE, "k");
		}
	}
}

static void
missing_values(void **state)
{
	(void)state;
	for (enum getter g = STRING; g <= ARRAY; g++) {
		struct json *j = parse("{}");

		get(j, json_root(j), g, "k");
		expect(j, ERR_JSON_MISSING, "k");
		j = parse("{}");
		get(j, NULL, g, "k");
		expect(j, ERR_JSON_MISSING, "k");
	}
}

static void
bounds(void **state)
{
	struct json *j = parse(
	    "{\"s\":\"ab\",\"t\":\"abc\",\"m\":2,\"n\":3,\"a\":[0,1],\"b\":[0,1,2]}");
	const struct json_node *root = json_root(j);

	(void)state;
	assert_string_equal(json_get_string(j, root, "s", 2, 3), "ab");
	assert_string_equal(json_get_string(j, root, "t", 2, 3), "abc");
	assert_int_equal(json_get_uint(j, root, "m", 2, 3), 2);
	assert_int_equal(json_get_uint(j, root, "n", 2, 3), 3);
	assert_non_null(json_get_array(j, root, "a", 2, 3));
	assert_non_null(json_get_array(j, root, "b", 2, 3));
	expect(j, OK, "");
}

static void
arrays(void **state)
{
	static const struct {
		size_t i;
		bool object;
		enum err want;
		const char *at;
	} table[] = {
		{ 0, true, ERR_JSON_VALUE, "entry 1" },
		{ 1, false, ERR_JSON_VALUE, "entry 2" },
		{ 2, false, ERR_JSON_VALUE, "entry 3" },	/* too long */
		{ 3, true, ERR_JSON_MISSING, "entry 4" },
		{ SIZE_MAX - 1, false, ERR_JSON_MISSING, "entry 18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct json *j = parse("{\"a\":[\"x\",{},\"xyz\"]}");
		const struct json_node *a = json_get_array(j, json_root(j), "a", 3, 3);

		if (table[i].object)
			assert_null(json_get_object_at(j, a, table[i].i));
		else
			assert_string_equal(json_get_string_at(j, a, table[i].i, 1, 2), "");
		expect(j, table[i].want, table[i].at);
	}
}

static void
first_error_sticks(void **state)
{
	struct json *j = parse("{\"a\":1,\"b\":2}");

	(void)state;
	assert_int_equal(json_get_uint(j, json_root(j), "b", 3, 4), 0);
	assert_int_equal(json_get_uint(j, json_root(j), "a", 1, 1), 1);
	assert_string_equal(json_get_string(j, json_root(j), "c", 0, 9), "");
	json_only(j, json_root(j), "");
	json_check_type(j, "seal", "vendor", NULL);
	json_refuse(j, ERR_TRUST_RULE, "a");
	expect(j, ERR_JSON_VALUE, "b");

	j = parse("{}");
	json_refuse(j, ERR_TRUST_RULE, "roles");
	json_refuse(j, ERR_LIMIT, "keys");
	expect(j, ERR_TRUST_RULE, "roles");
}

static void
unknown_keys(void **state)
{
	static const struct {
		const char *text, *keys, *at;
	} table[] = {
		{ "{\"one\":0,\"two\":0}", "one two", NULL },
		{ "{\"two\":0}", "one two three", NULL },
		{ "{}", "", NULL },
		{ "{\"two\":0,\"on\":0}", "one two", "on" },
		{ "{\"onee\":0}", "one two", "onee" },
		{ "{\"one two\":0}", "one two", "one two" },
		{ "{\"\":0}", "one two", "" },
		{ "{\"One\":0}", "one two", "One" },
		{ "{\" \":0}", "one two", " " },
		{ "{\"a\":0}", "", "a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct json *j = parse(table[i].text);

		json_only(j, json_root(j), table[i].keys);
		if (table[i].at == NULL)
			expect(j, OK, "");
		else
			expect(j, ERR_JSON_UNKNOWN, table[i].at);
	}
}

static void
types(void **state)
{
	static const struct {
		const char *text;
		const char *id;
		enum err want;
		const char *at;
	} table[] = {
		{ "{\"waxseal\":\"seal/1\",\"vendor\":\"etl\"}", "etl", OK, "" },
		{ "{\"waxseal\":\"seal/1\",\"vendor\":\"etl\",\"x\":0}", NULL, OK, "" },
		{ "{\"waxseal\":\"seal/2\",\"vendor\":\"etl\"}", "etl", ERR_NEWER, "waxseal" },
		{ "{\"waxseal\":\"seal/10\"}", "etl", ERR_NEWER, "waxseal" },
		{ "{\"waxseal\":\"seal/99999999999999999999\"}", "etl", ERR_NEWER, "waxseal" },
		{ "{\"waxseal\":\"seal/0\",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"seal/01\",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"seal/1 \",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"seal/\",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"seal\",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"seals/1\",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"trust/1\",\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":1,\"vendor\":\"etl\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"vendor\":\"etl\",\"waxseal\":\"seal/1\"}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{}", "etl", ERR_DOC_TYPE, "waxseal" },
		{ "{\"waxseal\":\"seal/1\"}", "etl", ERR_DOC_VENDOR, "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"site\":\"etl\"}", "etl", ERR_DOC_VENDOR, "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"x\":0,\"vendor\":\"etl\"}", "etl", ERR_DOC_VENDOR,
		    "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"vendor\":\"et1\"}", "etl", ERR_DOC_VENDOR, "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"vendor\":\"etl2\"}", "etl", ERR_DOC_VENDOR, "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"vendor\":7}", "etl", ERR_DOC_VENDOR, "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"vendor\":\"ETL\"}", NULL, ERR_DOC_VENDOR, "vendor" },
		{ "{\"waxseal\":\"seal/1\",\"vendor\":\"\"}", NULL, ERR_DOC_VENDOR, "vendor" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct json *j = parse(table[i].text);

		json_check_type(j, "seal", "vendor", table[i].id);
		if (json_error(j, NULL) != table[i].want)
			fail_msg("%s: %s", table[i].text, err_code(json_error(j, NULL)));
		expect(j, table[i].want, table[i].at);
	}
}

/* Everything that can be written, with a value copied from ${from}. */
static struct json_writer *
write_all(const struct json_node *from)
{
	struct json_writer *w = json_writer_new();
	struct digest d = { { 0xab } };

	json_put_string(w, "z", "T\xc3\xbcr\n\t\"/\\");
	json_put_uint(w, "a", LIMIT_INTEGER);
	json_put_bool(w, "yes", true);
	json_put_bool(w, "no", false);
	json_put_digest(w, "digest", &d);
	json_put_moment(w, "when", (struct moment){ 1795162320, 60 });
	json_open_array(w, "list");
	json_put_string(w, NULL, "");
	json_open_object(w, NULL);
	json_put_uint(w, "n", 0);
	json_close(w);
	json_open_array(w, NULL);
	json_close(w);
	json_close(w);
	json_put_copy(w, "copy", from, "object");
	json_put_copy(w, "none", from, "nothing there");
	json_put_copy(w, "none", NULL, "object");
	json_open_object(w, "last");	/* left open */
	return w;
}

static const char compact[] = "{\"z\":\"T\xc3\xbcr\\n\\t\\\"/\\\\\",\"a\":9007199254740991,"
    "\"yes\":true,\"no\":false,\"digest\":\""
    "ab00000000000000000000000000000000000000000000000000000000000000\","
    "\"when\":\"2026-11-20T09:12:00+01:00\",\"list\":[\"\",{\"n\":0},[]],"
    "\"copy\":{\"b\":1,\"a\":2},\"last\":{}}\n";

static void
written(void **state)
{
	struct json *j = parse(whole), *back;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(json_finish(write_all(json_root(j)), 0, &text, &len), OK);
	assert_string_equal(text, compact);
	assert_int_equal(len, strlen(compact));
	free(text);
	assert_int_equal(json_finish(write_all(json_root(j)), 2, &text, &len), OK);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(text, "{\n  \"z\": \"T", 11);
	assert_non_null(strstr(text,
	    "\n  \"list\": [\n    \"\",\n    {\n      \"n\": 0\n    },\n"));
	json_free(j);		/* the copy lives on its own */
	assert_int_equal(json_parse(&back, text, len, NULL), OK);
	json_free(back);
	free(text);
	assert_int_equal(json_finish(json_writer_new(), 0, &text, &len), OK);
	assert_string_equal(text, "{}\n");
	free(text);
	json_writer_free(json_writer_new());
	json_writer_free(NULL);
}

/* jq reads both forms and finds the same in them; its own compact form is ours. */
static void
like_jq(void **state)
{
	struct scratch dir;
	struct json *j = parse(whole);
	char *text, out[1024];
	size_t len;

	(void)state;
	NEED_TOOL("jq");
	dir = scratch_new();
	assert_int_equal(json_finish(write_all(json_root(j)), 4, &text, &len), OK);
	scratch_put(&dir, "indented", text, len);
	free(text);
	json_free(j);
	assert_int_equal(scratch_run(&dir, "jq -c . indented >compact"), 0);
	scratch_get(&dir, "compact", out, sizeof out);
	assert_string_equal(out, compact);
	scratch_end(&dir);
}

static void
open_deeply(struct json_writer *w, unsigned levels)
{
	json_open_array(w, "a");
	while (--levels > 0)
		json_open_array(w, NULL);
}

/* Each of these must come out of json_finish as its error, though more is written after it. */
static enum err
write_wrongly(unsigned which, const struct json_node *deep)
{
	struct json_writer *w = json_writer_new();
	char *text = NULL;
	size_t len = 1;
	enum err e;

	switch (which) {
	case 0: json_put_string(w, "a", "\xff"); break;
	case 1: json_put_string(w, "\xff", "a"); break;
	case 2: json_put_string(w, "a", "\x1b[1m"); break;
	case 3: json_put_string(w, "a", "\xc2\x9b"); break;
	case 4: json_put_string(w, "a\n", "a"); break;
	case 5: json_put_uint(w, "a", LIMIT_INTEGER + 1); break;
	case 6: json_put_uint(w, "a", UINT64_MAX); break;
	case 7: json_put_bool(w, "a", true); json_put_bool(w, "a", true); break;
	case 8: json_put_bool(w, NULL, true); break;
	case 9: json_open_array(w, "a"); json_put_bool(w, "b", true); break;
	case 10: open_deeply(w, LIMIT_JSON_DEPTH); break;
	case 11:	/* found when it is printed */
		open_deeply(w, LIMIT_JSON_DEPTH - 2);
		json_put_copy(w, NULL, deep, "a");
		for (unsigned i = 0; i < LIMIT_JSON_DEPTH - 2; i++)
			json_close(w);
		break;
	case 12: json_put_bool(w, "k1234567890123456789012345678901"
	    "234567890123456789012345678901234", true); break;
	case 13: json_writer_free(w); w = NULL; break;	/* as if there had been no memory */
	}
	json_open_object(w, "more");
	json_put_string(w, "more", "");
	json_put_uint(w, "more still", 0);
	json_close(w);
	json_close(w);
	json_close(w);
	e = json_finish(w, 0, &text, &len);
	assert_null(text);
	assert_int_equal(len, 0);
	return e;
}

static void
written_wrongly(void **state)
{
	static const enum err want[] = {
		ERR_JSON_UTF8, ERR_JSON_UTF8, ERR_JSON_VALUE, ERR_JSON_VALUE, ERR_JSON_VALUE,
		ERR_JSON_NUMBER, ERR_JSON_NUMBER, ERR_JSON_DUPLICATE, ERR_JSON_SYNTAX,
		ERR_JSON_SYNTAX, ERR_JSON_DEPTH, ERR_JSON_DEPTH, ERR_LIMIT, ERR_MEMORY,
	};
	struct json *j = parse("{\"a\":[[0]]}");
	struct json_writer *w = json_writer_new();
	char *text;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < sizeof want / sizeof *want; i++) {
		enum err e = write_wrongly(i, json_root(j));

		if (e != want[i])
			fail_msg("%u: %s", i, err_code(e));
	}
	/* One level less is right. */
	open_deeply(w, LIMIT_JSON_DEPTH - 1);
	assert_int_equal(json_finish(w, 0, &text, &len), OK);
	assert_string_equal(text, "{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}\n");
	free(text);
	json_free(j);
}

/* jansson's allocations that are still granted. */
static unsigned granted;

static void *
meager(size_t size)
{
	return granted == 0 ? NULL : (granted--, malloc(size));
}

static void
without_memory(void **state)
{
	struct json *j;
	char *text;
	size_t len;
	enum err e;

	(void)state;
	json_set_alloc_funcs(meager, free);
	for (unsigned n = 0;; n++) {
		granted = n;
		e = json_parse(&j, whole, sizeof whole - 1, NULL);
		json_free(j);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_MEMORY);
		assert_in_range(n, 0, 500);
	}
	granted = 500;
	j = parse(whole);
	for (unsigned n = 0;; n++) {
		granted = n;
		e = json_finish(write_all(json_root(j)), 0, &text, &len);
		free(text);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_MEMORY);
		assert_in_range(n, 0, 500);
	}
	json_free(j);
	json_set_alloc_funcs(malloc, free);
}

/* One allocation fails, and those after it do not: jansson then goes on without a character. */
static unsigned refusal;

static void *
once(size_t size)
{
	return refusal > 0 && --refusal == 0 ? NULL : malloc(size);
}

static void
nothing_is_lost(void **state)
{
	static const char text[] = "{\"a\":\"a string that is longer than what fits at first, which is sixteen "
	    "bytes, then thirty-two and so on\",\"n\":9007199254740991,"
	    "\"a key that is longer than that, too, as far as keys may be\":[true]}";
	struct json *j;
	enum err e;

	(void)state;
	json_set_alloc_funcs(once, free);
	for (unsigned n = 1; n < 200; n++) {
		refusal = n;
		e = json_parse(&j, text, sizeof text - 1, NULL);
		if (e != OK) {
			assert_int_equal(e, ERR_MEMORY);
			assert_null(j);
			continue;
		}
		assert_int_equal(strlen(json_get_string(j, json_root(j), "a", 1, 256)), 98);
		assert_int_equal(json_get_uint(j, json_root(j), "n", 1, LIMIT_INTEGER), LIMIT_INTEGER);
		json_free(j);
	}
	assert_int_equal(refusal > 0, true);
	json_set_alloc_funcs(malloc, free);
}

static void
nothing_is_lost_in_print(void **state)
{
	static const char all[] = "{\"a key that is longer than what fits at first\":1,\"b\":[],\"seven\":2,"
	    "\"another key, for which there must be more\":{\"c\":\"d\"}}\n";
	char *text;
	size_t len;
	enum err e;

	(void)state;
	json_set_alloc_funcs(once, free);
	for (unsigned n = 1; n < 200; n++) {
		struct json_writer *w;

		refusal = n;
		w = json_writer_new();
		json_put_uint(w, "a key that is longer than what fits at first", 1);
		json_open_array(w, "b");
		json_close(w);
		json_put_uint(w, "seven", 2);
		json_open_object(w, "another key, for which there must be more");
		json_put_string(w, "c", "d");
		json_close(w);
		e = json_finish(w, 0, &text, &len);
		if (e == OK)
			assert_string_equal(text, all);
		else
			assert_int_equal(e, ERR_MEMORY);
		free(text);
	}
	assert_int_equal(refusal > 0, true);
	json_set_alloc_funcs(malloc, free);
}

/* What other programs write, and we do not. */
static void
foreign(void **state)
{
	static const struct { const char *text; enum err strict, want; } table[] = {
		{ "{\"a\": 1.5}", ERR_JSON_NUMBER, OK },
		{ "{\"a\": -1}", ERR_JSON_NUMBER, OK },
		{ "{\"a\": 123456789012345678901234567890}", ERR_JSON_NUMBER, OK },
		{ "{\"a\": 1e999}", ERR_JSON_NUMBER, ERR_JSON_NUMBER },
		{ "{\"a\": \"\\f\"}", ERR_JSON_VALUE, OK },
		{ " {}\r\n \n", ERR_JSON_SYNTAX, OK },
		{ "{\"a\": \"\\u0000\"}", ERR_JSON_UTF8, ERR_JSON_UTF8 },
		{ "{\"\\u0000\": 1}", ERR_JSON_UTF8, ERR_JSON_UTF8 },
		{ "{\"a\": \"\xff\"}", ERR_JSON_UTF8, ERR_JSON_UTF8 },
		{ "{\"a\": 1, \"a\": 1}", ERR_JSON_DUPLICATE, ERR_JSON_DUPLICATE },
		{ "[]", ERR_JSON_SYNTAX, ERR_JSON_SYNTAX },
		{ "7", ERR_JSON_SYNTAX, ERR_JSON_SYNTAX },
		{ "", ERR_JSON_SYNTAX, ERR_JSON_SYNTAX },
		{ "{\"a\": 1} x", ERR_JSON_SYNTAX, ERR_JSON_SYNTAX },
		{ "{'a': 1}", ERR_JSON_SYNTAX, ERR_JSON_SYNTAX },
	};
	char deep[2 * LIMIT_IMPORT_DEPTH + 16];
	struct json *j;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const size_t len = strlen(table[i].text);

		assert_int_equal(json_parse(&j, table[i].text, len, NULL), table[i].strict);
		assert_null(j);
		if (json_parse_foreign(&j, table[i].text, len, NULL) != table[i].want)
			fail_msg("%s", table[i].text);
		assert_true((j != NULL) == (table[i].want == OK));
		json_free(j);
	}
	for (size_t past = 0; past < 2; past++) {
		const size_t n = LIMIT_IMPORT_DEPTH - 1 + past;

		memcpy(deep, "{\"a\":", 5);
		memset(deep + 5, '[', n);
		memset(deep + 5 + n, ']', n);
		deep[5 + 2 * n] = '}';
		assert_int_equal(json_parse_foreign(&j, deep, 6 + 2 * n, NULL),
		    past ? ERR_JSON_DEPTH : OK);
		json_free(j);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(not_duplicates),
		cmocka_unit_test(cut_everywhere),
		cmocka_unit_test(agreed_grammar),
		cmocka_unit_test(values),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(missing_values),
		cmocka_unit_test(bounds),
		cmocka_unit_test(arrays),
		cmocka_unit_test(first_error_sticks),
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(types),
		cmocka_unit_test(written),
		cmocka_unit_test(like_jq),
		cmocka_unit_test(written_wrongly),
		cmocka_unit_test(foreign),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(nothing_is_lost_in_print),
		cmocka_unit_test(nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
