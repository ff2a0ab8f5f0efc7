/*
 * Tests of formats/seal: header line, body, regions.  The golden texts were written by hand from
 * SPEC, "The seal".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/seal.h"
#include "tests/unit/edit.h"
#include "tests/unit/keypair.h"
#include "tests/unit/scratch.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#define A "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define B "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define C "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define LINE "WAXSEAL1 vendor=etl anchor=" A " chain=131072+5000 chain2=1179648+5000" \
	" tag=" B " length=1000\n"

static struct digest
hex(const char *text)
{
	struct digest d;

	assert_true(digest_from_hex(&d, text, 64));
	return d;
}

/* Parse ${text} at the start of an area of zeros of ${len} bytes. */
static enum err
parse_line(const char *text, size_t len, struct seal_header *h, size_t *line)
{
	char *area = calloc(1, len);
	enum err e;

	assert_non_null(area);
	assert_in_range(strlen(text), 0, len);
	memcpy(area, text, strlen(text));
	e = seal_header_parse(area, len, h, line);
	free(area);
	return e;
}

static void
header(void **state)
{
	const struct digest a = hex(A), b = hex(B);
	char out[LIMIT_HEADER_LINE + 1];
	struct seal_header h;
	size_t line, len;

	(void)state;
	assert_int_equal(parse_line(LINE, SEAL_SIZE, &h, &line), OK);
	assert_int_equal(line, strlen(LINE));
	assert_string_equal(h.vendor, "etl");
	assert_memory_equal(&h.anchor, &a, sizeof a);
	assert_memory_equal(&h.tag, &b, sizeof b);
	assert_int_equal(h.chain.offset, 131072);
	assert_int_equal(h.chain.length, 5000);
	assert_int_equal(h.chain2.offset, 1179648);
	assert_int_equal(h.chain2.length, 5000);
	assert_int_equal(h.length, 1000);
	assert_int_equal(seal_header_print(&h, out, &len), OK);
	assert_int_equal(len, strlen(LINE));
	assert_string_equal(out, LINE);
}

static void
header_forms(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
	} table[] = {
		{ "etl", "abcdefghijklmnopqrstuvwxy-0", OK },
		{ "etl", "abcdefghijklmnopqrstuvwxyz-0", ERR_SEAL_HEADER },
		{ "etl", "", ERR_SEAL_HEADER },
		{ "etl", "Etl", ERR_SEAL_HEADER },
		{ "etl", "e tl", ERR_SEAL_HEADER },
		{ "etl", "\xc3\xa4", ERR_SEAL_HEADER },
		{ "5000 ", "0 ", OK },
		{ "131072", "9007199254740991", OK },
		{ "131072", "9007199254740992", ERR_SEAL_HEADER },
		{ "131072", "18446744073709682688", ERR_SEAL_HEADER },
		{ "131072", "0131072", ERR_SEAL_HEADER },
		{ "131072", "00", ERR_SEAL_HEADER },
		{ "131072", "", ERR_SEAL_HEADER },
		{ "131072", "-1", ERR_SEAL_HEADER },
		{ "131072", "+1", ERR_SEAL_HEADER },
		{ "131072", "0x20000", ERR_SEAL_HEADER },
		{ "131072+", "131072 ", ERR_SEAL_HEADER },
		{ "6e340b", "6E340B", ERR_SEAL_HEADER },
		{ "6e340b", "6e340", ERR_SEAL_HEADER },
		{ "6e340b", "6e340b0", ERR_SEAL_HEADER },
		{ "tag=" B " ", "", ERR_SEAL_HEADER },
		{ "chain=131072+5000 chain2=1179648+5000",
		    "chain2=1179648+5000 chain=131072+5000", ERR_SEAL_HEADER },
		{ " chain2=", "  chain2=", ERR_SEAL_HEADER },
		{ " chain2=", "\tchain2=", ERR_SEAL_HEADER },
		{ " chain2=", " Chain2=", ERR_SEAL_HEADER },
		{ "1000\n", "1000 \n", ERR_SEAL_HEADER },
		{ "1000\n", "1000\r\n", ERR_SEAL_HEADER },
		{ "1000\n", "1000", ERR_SEAL_HEADER },
		{ "1000\n", "1000 more=1\n", ERR_SEAL_HEADER },
		{ "WAXSEAL1", "waxseal1", ERR_NOT_SEALED },
		{ "WAXSEAL1", " WAXSEAL1", ERR_NOT_SEALED },
		{ "WAXSEAL1", "WAXSEAL", ERR_SEAL_HEADER },
		{ "WAXSEAL1", "WAXSEALS", ERR_SEAL_HEADER },
		{ "WAXSEAL1", "WAXSEAL01", ERR_SEAL_HEADER },
		{ "WAXSEAL1", "WAXSEAL0", ERR_SEAL_HEADER },
		{ "WAXSEAL1", "WAXSEAL1x", ERR_SEAL_HEADER },
		{ "WAXSEAL1", "WAXSEAL2", ERR_NEWER },
		{ "WAXSEAL1", "WAXSEAL10", ERR_NEWER },
		{ LINE, "WAXSEAL2 of another form", ERR_NEWER },
		{ LINE, "", ERR_NOT_SEALED },
	};
	struct seal_header h;
	size_t line;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *text = edit(LINE, table[i].find, table[i].put);

		if (parse_line(text, SEAL_SIZE, &h, &line) != table[i].want)
			fail_msg("%s -> %s", table[i].find, table[i].put);
		free(text);
	}
}

static void
header_cut(void **state)
{
	struct seal_header h;
	size_t line;

	(void)state;
	for (size_t n = 0; n < strlen(LINE); n++) {
		char *copy = malloc(n + 1);	/* so that reading past the end is seen */
		enum err want = n < 7 ? ERR_NOT_SEALED : ERR_SEAL_HEADER;

		assert_non_null(copy);
		memcpy(copy, LINE, n);
		assert_int_equal(seal_header_parse(copy, n, &h, &line), want);
		free(copy);
	}
}

/* Line and document fill the area exactly, and one byte more. */
static void
header_fit(void **state)
{
	const size_t fit = strlen(LINE) + 1000;
	struct seal_header h;
	char *text, number[24];
	size_t line;

	(void)state;
	assert_int_equal(parse_line(LINE, fit, &h, &line), OK);
	assert_int_equal(parse_line(LINE, fit - 1, &h, &line), ERR_SEAL_HEADER);
	for (size_t past = 0; past < 2; past++) {
		snprintf(number, sizeof number, "=%zu\n", SEAL_SIZE - strlen(LINE) - 1 + past);
		text = edit(LINE, "=1000\n", number);	/* one digit more */
		assert_int_equal(parse_line(text, SEAL_SIZE, &h, &line),
		    past ? ERR_SEAL_HEADER : OK);
		free(text);
	}
	text = edit(LINE, "=1000\n", "=9007199254740991\n");
	assert_int_equal(parse_line(text, SEAL_SIZE, &h, &line), ERR_SEAL_HEADER);
	free(text);
}

/* Every number at its limit still prints, and what cannot be read is not printed. */
static void
header_limits(void **state)
{
	struct seal_header h = { .vendor = "abcdefghijklmnopqrstuvwxyz0" };
	uint64_t *const number[] = { &h.chain.offset, &h.chain.length, &h.chain2.offset,
		&h.chain2.length, &h.length };
	char out[LIMIT_HEADER_LINE + 1];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(number); i++)
		*number[i] = LIMIT_INTEGER;
	assert_int_equal(seal_header_print(&h, out, &len), OK);
	assert_int_equal(len, strlen(out));
	assert_int_equal(len, 290);	/* no line is longer, so that none comes near the limit */
	for (size_t i = 0; i < COUNT(number); i++) {
		++*number[i];
		assert_int_equal(seal_header_print(&h, out, &len), ERR_LIMIT);
		--*number[i];
	}
	h.length = SEAL_SIZE - 290;
	assert_int_equal(seal_header_print(&h, out, &len), OK);
	assert_int_equal(parse_line(out, SEAL_SIZE, &h, &len), OK);
}

/* What is not the longest line there is, and is as long as LIMIT_HEADER_LINE, or longer. */
static void
header_too_long(void **state)
{
	struct seal_header h;
	char *blanks, *text;
	size_t line;

	(void)state;
	for (size_t past = 0; past < 2; past++) {
		blanks = edit_long(" ", LIMIT_HEADER_LINE + past - strlen(LINE), "tag=");
		memset(blanks, ' ', strlen(blanks) - strlen("tag="));
		text = edit(LINE, "tag=", blanks + 1);
		assert_int_equal(strlen(text), LIMIT_HEADER_LINE + past);
		assert_int_equal(parse_line(text, SEAL_SIZE, &h, &line), ERR_SEAL_HEADER);
		free(text);
		free(blanks);
	}
}

/* ---- body ---- */

#define ALONE \
"  \"index\": 1,\n" \
"  \"count\": 1\n"

/* The second of three: its own map is A. */
#define OF_A_SET \
"  \"index\": 2,\n" \
"  \"count\": 3,\n" \
"  \"maps\": [\n" \
"   \"" B "\",\n" \
"   \"" A "\",\n" \
"   \"" C "\"\n" \
"  ],\n" \
"  \"cuts\": [\n" \
"   {\n" \
"    \"release\": \"TX-2026-04\",\n" \
"    \"line\": 3,\n" \
"    \"offset\": 681574400\n" \
"   },\n" \
"   {\n" \
"    \"release\": \"TX-2026-05\",\n" \
"    \"line\": 1,\n" \
"    \"offset\": 0\n" \
"   }\n" \
"  ]\n"

#define USB \
" \"medium\": {\n" \
"  \"kind\": \"usb\",\n" \
"  \"vendor\": \"0951\",\n" \
"  \"product\": \"16fe\",\n" \
"  \"serial\": \"60A44C413E4AE36146ED0BEE\",\n" \
"  \"size\": 15518924800\n" \
" },\n"

#define DISC \
" \"medium\": {\n" \
"  \"kind\": \"disc\",\n" \
"  \"disc\": \"CMC MAG-AM3 0017\"\n" \
" },\n"

#define BODY_WITH(volume, medium) \
"{\n" \
" \"waxseal\": \"seal/1\",\n" \
" \"vendor\": \"etl\",\n" \
" \"anchor\": \"" A "\",\n" \
" \"customer\": {\n" \
"  \"id\": \"acme-plant7\",\n" \
"  \"name\": \"Acme, Werk 7\"\n" \
" },\n" \
" \"number\": 7,\n" \
" \"previous\": \"" B "\",\n" \
" \"sealed_at\": \"2026-11-20T09:12:00+01:00\",\n" \
" \"place\": \"Linz\",\n" \
" \"expires\": \"2027-11-20T08:12:01Z\",\n" \
" \"invoice\": \"R-2026-118\",\n" \
" \"volume\": {\n" \
volume \
" },\n" \
" \"trust\": {\n" \
"  \"version\": 3,\n" \
"  \"digest\": \"" B "\"\n" \
" },\n" \
" \"releases\": [\n" \
"  {\n" \
"   \"id\": \"TX-2026-04\",\n" \
"   \"digest\": \"" A "\"\n" \
"  },\n" \
"  {\n" \
"   \"id\": \"TX-2026-05\",\n" \
"   \"digest\": \"" B "\"\n" \
"  }\n" \
" ],\n" \
medium \
" \"image\": {\n" \
"  \"size\": 1492992,\n" \
"  \"blocks\": 1,\n" \
"  \"iso\": 40960,\n" \
"  \"map\": {\n" \
"   \"offset\": 65536,\n" \
"   \"length\": 32,\n" \
"   \"digest\": \"" A "\"\n" \
"  },\n" \
"  \"map2\": {\n" \
"   \"offset\": 1114112,\n" \
"   \"length\": 32\n" \
"  },\n" \
"  \"chain\": {\n" \
"   \"offset\": 131072,\n" \
"   \"length\": 5000\n" \
"  },\n" \
"  \"chain2\": {\n" \
"   \"offset\": 1179648,\n" \
"   \"length\": 5000\n" \
"  },\n" \
"  \"backup\": 1048576\n" \
" }\n" \
"}\n"

#define BODY BODY_WITH(ALONE, "")
#define SET BODY_WITH(OF_A_SET, "")

static enum err
parse_body(const char *text, const char *vendor, struct seal **s, struct fault *f)
{
	struct document doc;

	assert_int_equal(document_split_unsigned(text, strlen(text), &doc), OK);
	return seal_parse(s, &doc, vendor, f);
}

static bool
at(const struct seal_cut *cut, size_t release, uint64_t line, uint64_t offset)
{
	return cut->release == release && cut->line == line && cut->offset == offset;
}

/* ${s} is printed as ${want}. */
static void
prints(const struct seal *s, const char *want)
{
	char *text;
	size_t len;

	assert_int_equal(seal_print(s, &text, &len), OK);
	assert_int_equal(len, strlen(want));
	assert_string_equal(text, want);
	free(text);
}

static void
body(void **state)
{
	const struct digest a = hex(A), b = hex(B);
	struct digest of_text;
	struct seal *s;

	(void)state;
	assert_int_equal(parse_body(BODY, "etl", &s, NULL), OK);
	digest_sha256(BODY, strlen(BODY), &of_text);
	assert_memory_equal(&s->digest, &of_text, sizeof of_text);
	assert_string_equal(s->vendor, "etl");
	assert_memory_equal(&s->anchor, &a, sizeof a);
	assert_string_equal(s->customer, "acme-plant7");
	assert_string_equal(s->customer_name, "Acme, Werk 7");
	assert_int_equal(s->number, 7);
	assert_true(s->has_previous);
	assert_memory_equal(&s->previous, &b, sizeof b);
	assert_int_equal(s->sealed_at.seconds, 1795162320);
	assert_int_equal(s->sealed_at.offset, 60);
	assert_string_equal(s->place, "Linz");
	assert_true(s->has_expires);
	assert_int_equal(s->expires.seconds, 1826698321);
	assert_string_equal(s->invoice, "R-2026-118");
	assert_int_equal(s->volume, 1);
	assert_int_equal(s->volumes, 1);
	assert_memory_equal(&s->map_of[0], &a, sizeof a);
	assert_true(at(&s->cut[0], 0, 1, 0));
	assert_int_equal(s->medium.kind, SEAL_UNBOUND);
	assert_string_equal(s->medium.serial, "");
	assert_string_equal(s->medium.disc, "");
	assert_int_equal(s->trust_version, 3);
	assert_memory_equal(&s->trust_digest, &b, sizeof b);
	assert_int_equal(s->release_count, 2);
	assert_string_equal(s->release[1].id, "TX-2026-05");
	assert_memory_equal(&s->release[1].digest, &b, sizeof b);
	assert_int_equal(s->size, 1492992);
	assert_int_equal(s->blocks, 1);
	assert_int_equal(s->iso, 40960);
	assert_int_equal(s->percent, 0);
	assert_int_equal(s->recovery.data, 1);
	assert_int_equal(s->recovery.stripes, 0);
	assert_int_equal(s->recovery.parity, 0);
	assert_int_equal(s->map.offset, 65536);
	assert_int_equal(s->map.length, 32);
	assert_memory_equal(&s->map_digest, &a, sizeof a);
	assert_int_equal(s->map2.offset, 1114112);
	assert_int_equal(s->chain.offset, 131072);
	assert_int_equal(s->chain2.offset, 1179648);
	assert_int_equal(s->chain2.length, 5000);
	assert_int_equal(s->backup, 1048576);
	prints(s, BODY);
	seal_free(s);
}

static void
body_without_options(void **state)
{
	char *no_previous = edit(BODY, " \"previous\": \"" B "\",\n", "");
	char *no_expires = edit(no_previous, " \"expires\": \"2027-11-20T08:12:01Z\",\n", "");
	char *bare = edit(no_expires, " \"invoice\": \"R-2026-118\",\n", "");
	struct seal *s;

	(void)state;
	assert_int_equal(parse_body(bare, NULL, &s, NULL), OK);
	assert_false(s->has_previous);
	assert_false(s->has_expires);
	assert_string_equal(s->invoice, "");
	prints(s, bare);
	seal_free(s);
	seal_free(NULL);
	free(bare);
	free(no_expires);
	free(no_previous);
}

/* One change to a body that is good. */
struct form {
	const char *find, *put;
	enum err want;
	const char *at;
};

static void
forms(const char *good, const struct form *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fault f = { .at = "" };
		struct seal *s;
		char *text = edit(good, table[i].find, table[i].put);
		enum err e = parse_body(text, "etl", &s, &f);

		if (e != table[i].want || (table[i].at != NULL && strcmp(f.at, table[i].at) != 0))
			fail_msg("%s -> %s: %s, %s", table[i].find, table[i].put, err_code(e),
			    f.at);
		assert_true(e == OK ? s != NULL : s == NULL);
		seal_free(s);
		free(text);
	}
}

static void
body_forms(void **state)
{
	static const struct form table[] = {
		{ "seal/1", "seal/2", ERR_NEWER, "waxseal" },
		{ "seal/1", "release/1", ERR_DOC_TYPE, "waxseal" },
		{ " \"vendor\": \"etl\",\n", "", ERR_DOC_VENDOR, "vendor" },
		{ "\"etl\"", "\"other\"", ERR_DOC_VENDOR, "vendor" },
		{ "}\n}\n", "},\n \"extra\": 1\n}\n", ERR_JSON_UNKNOWN, "extra" },
		{ "\"Acme, Werk 7\"", "\"x\", \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "\"count\": 1", "\"count\": 1, \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "\"count\": 1", "\"count\": 1, \"maps\": []", ERR_JSON_UNKNOWN, "maps" },
		{ "\"count\": 1", "\"count\": 1, \"cuts\": []", ERR_JSON_UNKNOWN, "cuts" },
		{ "\"version\": 3", "\"version\": 3, \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "\"TX-2026-04\"", "\"a\", \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "\"blocks\"", "\"extra\": 1, \"blocks\"", ERR_JSON_UNKNOWN, "extra" },
		{ ": 32\n", ": 32, \"digest\": 1\n", ERR_JSON_UNKNOWN, "digest" },
		{ " \"number\": 7,\n", "", ERR_JSON_MISSING, "number" },
		{ " \"place\": \"Linz\",\n", "", ERR_JSON_MISSING, "place" },
		{ "  \"blocks\": 1,\n", "", ERR_JSON_MISSING, "blocks" },
		{ ",\n   \"digest\": \"" A "\"\n  },\n  \"map2", "},\n  \"map2", ERR_JSON_MISSING,
		    "digest" },
		{ "\"number\": 7", "\"number\": 0", ERR_JSON_VALUE, "number" },
		{ "\"number\": 7", "\"number\": 1073741823", OK, NULL },
		{ "\"number\": 7", "\"number\": 1073741824", ERR_JSON_VALUE, "number" },
		{ "\"number\": 7", "\"number\": \"7\"", ERR_JSON_VALUE, "number" },
		{ "\"Linz\"", "\"\"", ERR_JSON_VALUE, "place" },
		{ "\"R-2026-118\"", "\"\"", ERR_JSON_VALUE, "invoice" },
		{ "\"R-2026-118\"", "null", ERR_JSON_VALUE, "invoice" },
		{ "acme-plant7", "Acme", ERR_SEAL_FORM, "customer" },
		{ "2027-11-20T08:12:01Z", "2026-11-20T08:12:01Z", OK, NULL },
		{ "2027-11-20T08:12:01Z", "2026-11-20T08:12:00Z", ERR_SEAL_FORM, "expires" },
		{ "2027-11-20T08:12:01Z", "2027-11-20", ERR_JSON_VALUE, "expires" },
		{ "\"index\": 1", "\"index\": 2", ERR_SEAL_FORM, "volume" },
		{ "\"index\": 1", "\"index\": 0", ERR_JSON_VALUE, "index" },
		{ "\"count\": 1", "\"count\": 0", ERR_JSON_VALUE, "count" },
		{ "\"count\": 1", "\"count\": 2", ERR_JSON_MISSING, "maps" },
		{ "\"count\": 1", "\"count\": 99", ERR_JSON_MISSING, "maps" },
		{ "\"count\": 1", "\"count\": 100", ERR_JSON_VALUE, "count" },
		{ "\"version\": 3", "\"version\": 1024", OK, NULL },
		{ "\"version\": 3", "\"version\": 1025", ERR_JSON_VALUE, "version" },
		{ "\"version\": 3", "\"version\": 0", ERR_JSON_VALUE, "version" },
		{ "TX-2026-05", "TX-2026-04", ERR_SEAL_FORM, "releases" },
		{ "TX-2026-05", "../TX", ERR_SEAL_FORM, "releases" },
		{ "\"size\": 1492992", "\"size\": 9007199254740991", OK, NULL },
		{ "\"size\": 1492992", "\"size\": 9007199254740992", ERR_JSON_NUMBER, NULL },
		{ "\"iso\"", "\"size\"", ERR_JSON_DUPLICATE, NULL },
		{ "{\n", "[\n", ERR_JSON_SYNTAX, NULL },
	};

	(void)state;
	forms(BODY, table, COUNT(table));
}

/* ---- sets ---- */

/* "perl -e 'print pack "H*", ...' | sha256sum" of the digests of the maps in their order. */
static void
set(void **state)
{
	const struct digest a = hex(A), b = hex(B), c = hex(C);
	const struct digest three =
	    hex("baa9a193e70c7d6950614183fed50c9608b36214d183bca4d4b9bab2d87d2bfc");
	const struct digest one =
	    hex("1406e05881e299367766d313e26c05564ec91bf721d31726bd6e46e60689539a");
	struct seal *s;

	(void)state;
	assert_int_equal(parse_body(SET, "etl", &s, NULL), OK);
	assert_int_equal(s->volume, 2);
	assert_int_equal(s->volumes, 3);
	assert_memory_equal(&s->map_of[0], &b, sizeof b);
	assert_memory_equal(&s->map_of[1], &a, sizeof a);
	assert_memory_equal(&s->map_of[2], &c, sizeof c);
	assert_true(at(&s->cut[0], 0, 1, 0));
	assert_true(at(&s->cut[1], 0, 3, 681574400));
	assert_true(at(&s->cut[2], 1, 1, 0));
	assert_memory_equal(&s->set, &three, sizeof three);
	s->set = a;	/* is not looked at */
	prints(s, SET);
	seal_free(s);
	assert_int_equal(parse_body(BODY, "etl", &s, NULL), OK);
	assert_memory_equal(&s->set, &one, sizeof one);
	seal_free(s);
}

static void
set_forms(void **state)
{
#define CUT1 "\"release\": \"TX-2026-04\",\n    \"line\": 3,\n    \"offset\": 681574400"
#define CUT2 "\"release\": \"TX-2026-05\",\n    \"line\": 1,\n    \"offset\": 0"
#define CUT(release, line, offset) "\"release\": \"" release "\",\n    \"line\": " line \
	",\n    \"offset\": " offset
	static const struct form table[] = {
		/* index and count */
		{ "\"index\": 2", "\"index\": 3", ERR_SEAL_FORM, "maps" },
		{ "\"index\": 2", "\"index\": 4", ERR_SEAL_FORM, "volume" },
		{ "\"index\": 2", "\"index\": 99", ERR_SEAL_FORM, "volume" },
		{ "\"index\": 2", "\"index\": 100", ERR_JSON_VALUE, "index" },
		{ "\"index\": 2", "\"index\": -1", ERR_JSON_NUMBER, NULL },
		{ "\"index\": 2", "\"index\": \"2\"", ERR_JSON_VALUE, "index" },
		{ "  \"index\": 2,\n", "", ERR_JSON_MISSING, "index" },
		{ "\"count\": 3", "\"count\": 2", ERR_JSON_VALUE, "maps" },
		{ "\"count\": 3", "\"count\": 4", ERR_JSON_VALUE, "maps" },
		{ "\"count\": 3", "\"count\": 1", ERR_SEAL_FORM, "volume" },
		{ "\"count\": 3", "\"count\": 0", ERR_JSON_VALUE, "count" },
		{ "\"count\": 3", "\"count\": 100", ERR_JSON_VALUE, "count" },
		{ "\"count\": 3", "\"count\": 3, \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		/* maps */
		{ "\"maps\"", "\"mops\"", ERR_JSON_UNKNOWN, "mops" },
		{ "\"" B "\",\n   \"" A "\"", "\"" B "\"", ERR_JSON_VALUE, "maps" },
		{ "\"" C "\"", "\"" C "\", \"" C "\"", ERR_JSON_VALUE, "maps" },
		{ "\"maps\": [\n   \"" B "\",\n   \"" A "\",\n   \"" C "\"\n  ]", "\"maps\": {}",
		    ERR_JSON_VALUE, "maps" },
		{ "\"" C "\"", "1", ERR_JSON_VALUE, NULL },
		{ "\"" C, "\"", ERR_JSON_VALUE, NULL },
		{ "\"" C, "\"0" C, ERR_JSON_VALUE, NULL },
		{ "\"e3b0c4", "\"E3b0c4", ERR_SEAL_FORM, "maps" },
		{ "\"e3b0c4", "\"g3b0c4", ERR_SEAL_FORM, "maps" },
		{ "\"" B "\",\n   \"" A "\"", "\"" A "\",\n   \"" B "\"", ERR_SEAL_FORM, "maps" },
		{ "\"" B "\",\n   \"" A "\"", "\"" A "\",\n   \"" A "\"", OK, NULL },
		/* cuts */
		{ "\"cuts\"", "\"cats\"", ERR_JSON_UNKNOWN, "cats" },
		{ "{\n    " CUT1 "\n   },\n", "", ERR_JSON_VALUE, "cuts" },
		{ CUT2 "\n   }", CUT2 "\n   }, { " CUT("TX-2026-05", "2", "0") " }", ERR_JSON_VALUE,
		    "cuts" },
		{ "{\n    " CUT1 "\n   }", "\"TX-2026-04\"", ERR_JSON_VALUE, NULL },
		{ CUT1, CUT1 ", \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ CUT1, "\"line\": 3, \"offset\": 1", ERR_JSON_MISSING, "release" },
		{ CUT1, "\"release\": \"TX-2026-04\", \"offset\": 1", ERR_JSON_MISSING, "line" },
		{ CUT1, "\"release\": \"TX-2026-04\", \"line\": 3", ERR_JSON_MISSING, "offset" },
		{ CUT1, CUT("TX-2026-06", "3", "0"), ERR_SEAL_FORM, "cuts" },
		{ CUT1, CUT("", "3", "0"), ERR_JSON_VALUE, "release" },
		{ CUT1, CUT("TX-2026-04", "0", "1"), ERR_JSON_VALUE, "line" },
		{ CUT1, CUT("TX-2026-04", "4000000", "0"), OK, NULL },
		{ CUT1, CUT("TX-2026-04", "4000001", "0"), ERR_JSON_VALUE, "line" },
		{ CUT1, CUT("TX-2026-04", "1", "8796093022208"), OK, NULL },
		{ CUT1, CUT("TX-2026-04", "1", "8796093022209"), ERR_JSON_VALUE, "offset" },
		{ CUT1, CUT("TX-2026-04", "1", "-1"), ERR_JSON_NUMBER, NULL },
		/* they ascend, from the start of everything */
		{ CUT1, CUT("TX-2026-04", "1", "0"), ERR_SEAL_FORM, "cuts" },
		{ CUT1, CUT("TX-2026-04", "1", "1"), OK, NULL },
		{ CUT1, CUT("TX-2026-05", "1", "0"), ERR_SEAL_FORM, "cuts" },
		{ CUT1, CUT("TX-2026-05", "1", "1"), ERR_SEAL_FORM, "cuts" },
		{ CUT1, CUT("TX-2026-05", "2", "0"), ERR_SEAL_FORM, "cuts" },
		{ CUT2, CUT("TX-2026-04", "3", "681574400"), ERR_SEAL_FORM, "cuts" },
		{ CUT2, CUT("TX-2026-04", "3", "681574399"), ERR_SEAL_FORM, "cuts" },
		{ CUT2, CUT("TX-2026-04", "3", "681574401"), OK, NULL },
		{ CUT2, CUT("TX-2026-04", "2", "681574401"), ERR_SEAL_FORM, "cuts" },
		{ CUT2, CUT("TX-2026-04", "4", "0"), OK, NULL },
	};

	(void)state;
	forms(SET, table, COUNT(table));
}

/* No volume has the number 0, and none has a map there. */
static void
set_without_index(void **state)
{
	static const struct form table[] = {
		{ "\"index\": 2", "\"index\": 0", ERR_JSON_VALUE, "index" },
	};

	(void)state;
	forms(SET, table, COUNT(table));
}

static void
cut_order(void **state)
{
	static const struct seal_cut ascending[] = {
		{ 0, 1, 0 }, { 0, 1, 1 }, { 0, 1, UINT64_MAX }, { 0, 2, 0 }, { 0, UINT64_MAX, 0 },
		{ 1, 1, 0 }, { 1, 1, 5 }, { 1, 2, 4 }, { 63, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ascending); i++) {
		for (size_t k = 0; k < COUNT(ascending); k++) {
			const int order = seal_cut_compare(&ascending[i], &ascending[k]);

			assert_true(i < k ? order < 0 : i > k ? order > 0 : order == 0);
		}
	}
}

/* A seal of a set of ${volumes} with one release; ${most}: every text as long as it may be. */
static void
large_set(struct seal *s, uint64_t volumes, bool most, unsigned percent)
{
	static char text[LIMIT_TEXT + 1], id[LIMIT_ID + 1], release[LIMIT_RELEASE_ID + 1],
	    serial[4 * LIMIT_DEVICE_TEXT + 1];

	memset(text, 't', LIMIT_TEXT);
	memset(id, 'i', LIMIT_ID);
	memset(release, 'r', LIMIT_RELEASE_ID);
	memset(serial, 's', 4 * LIMIT_DEVICE_TEXT);
	*s = (struct seal){ .vendor = most ? id : "etl", .anchor = hex(A),
	    .customer = most ? id : "acme-plant7", .customer_name = most ? text : "Acme, Werk 7",
	    .number = most ? LIMIT_NUMBER : 7, .has_previous = true, .previous = hex(B),
	    .sealed_at = { 1795162320, 60 }, .place = most ? text : "Linz", .has_expires = most,
	    .expires = { 1826698321, 60 }, .invoice = most ? text : "R-2026-118", .volume = volumes,
	    .volumes = volumes, .trust_version = most ? LIMIT_CHAIN : 3, .trust_digest = hex(A),
	    .release_count = 1, .release = { { .id = most ? release : "TX-2026-04" } },
	    .percent = percent };
	assert_int_equal(seal_layout(s, most ? LIMIT_IMAGE / 2 : 650 * MIB, 5000), OK);
	if (most)
		s->medium = (struct seal_medium){ .kind = SEAL_USB, .serial = serial,
		    .size = LIMIT_INTEGER };
	for (uint64_t i = 1; i < volumes; i++)
		s->cut[i] = (struct seal_cut){ .line = most ? LIMIT_FILES - LIMIT_VOLUMES + i : 12,
		    .offset = most ? LIMIT_IMAGE : i * 650 * MIB };
}

/* Bytes of header line, body and one signature: what the SEAL area must hold. */
static size_t
area_of(const struct seal *s)
{
	const struct keypair k = keypair_new(SSH_ED25519);
	struct seal_header h = { .chain = s->chain, .chain2 = s->chain2 };
	char line[LIMIT_HEADER_LINE + 1], armor[LIMIT_ARMOR], *text;
	size_t len, line_len, signature;
	struct seal *again;

	assert_int_equal(seal_print(s, &text, &len), OK);
	assert_int_equal(parse_body(text, NULL, &again, NULL), OK);
	seal_free(again);
	signature = keypair_sign(&k, "seal@waxseal", text, len, armor, sizeof armor);
	free(text);
	snprintf(h.vendor, sizeof h.vendor, "%s", s->vendor);
	h.length = len + signature;
	assert_int_equal(seal_header_print(&h, line, &line_len), OK);
	return line_len + len + signature;
}

/*
 * LIMIT_VOLUMES is no less than what fits with one release; what does not fit is refused by
 * mkmedia/sealing.
 */
static void
largest_set(void **state)
{
	static const struct { bool most; unsigned percent; size_t fit; } table[] = {
		{ false, 0, 97 }, { false, 5, 96 }, { true, 0, 62 }, { true, 5, 61 },
	};
	static struct seal s;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		uint64_t n;

		for (n = 0; n < LIMIT_VOLUMES; n++) {
			large_set(&s, n + 1, table[i].most, table[i].percent);
			if (area_of(&s) > SEAL_SIZE)
				break;
		}
		print_message("%s texts, %u %% parity: %u volumes fit\n",
		    table[i].most ? "the longest" : "the usual", table[i].percent, (unsigned)n);
		assert_int_equal(n, table[i].fit);
	}
}

/* LIMIT_VOLUMES as it is read, wherever that stands. */
static void
volumes_limit(void **state)
{
	static struct seal s;
	struct seal *again;
	char *text, *more;
	struct fault f;
	size_t len;

	(void)state;
	large_set(&s, LIMIT_VOLUMES, false, 0);
	assert_int_equal(seal_print(&s, &text, &len), OK);
	assert_int_equal(parse_body(text, NULL, &again, NULL), OK);
	assert_int_equal(again->volumes, LIMIT_VOLUMES);
	seal_free(again);
	more = edit(text, "\"count\": 99", "\"count\": 100");
	assert_int_equal(parse_body(more, NULL, &again, &f), ERR_JSON_VALUE);
	assert_string_equal(f.at, "count");
	free(more);
	more = edit(text, "\"index\": 99", "\"index\": 100");
	assert_int_equal(parse_body(more, NULL, &again, &f), ERR_JSON_VALUE);
	assert_string_equal(f.at, "index");
	free(more);
	free(text);
}

/* ---- parity ---- */

/* Of 1,000 blocks: 5 stripes of 200 data rows, each with 10 parity rows, are 5 %. */
#define LARGE "\"iso\": 65536000"
#define PARITY "\"iso\": 65536000,\n  \"recovery\": {\n   \"stripes\": 5,\n   \"parity\": 10\n  }"

static void
parity(void **state)
{
	struct recovery plan;
	struct seal *s;
	char *text = edit(BODY, "\"iso\": 40960", PARITY);

	(void)state;
	assert_int_equal(parse_body(text, "etl", &s, NULL), OK);
	assert_int_equal(s->recovery.data, 1000);
	assert_int_equal(s->recovery.stripes, 5);
	assert_int_equal(s->recovery.parity, 10);
	assert_int_equal(s->percent, 5);
	assert_int_equal(recovery_plan(&plan, 1000, 5), OK);
	assert_memory_equal(&plan, &s->recovery, sizeof plan);
	prints(s, text);
	seal_free(s);
	free(text);
}

static void
parity_forms(void **state)
{
	static const struct form table[] = {
		{ PARITY, LARGE, OK, NULL },
		{ PARITY, LARGE ", \"recovery\": null", ERR_JSON_VALUE, "recovery" },
		{ PARITY, LARGE ", \"recovery\": 5", ERR_JSON_VALUE, "recovery" },
		{ PARITY, LARGE ", \"recovery\": []", ERR_JSON_VALUE, "recovery" },
		{ PARITY, LARGE ", \"recovery\": {}", ERR_JSON_MISSING, "stripes" },
		{ "   \"stripes\": 5,\n", "", ERR_JSON_MISSING, "stripes" },
		{ ",\n   \"parity\": 10", "", ERR_JSON_MISSING, "parity" },
		{ "\"parity\": 10", "\"parity\": 10, \"data\": 1000", ERR_JSON_UNKNOWN, "data" },
		{ "\"stripes\": 5", "\"stripes\": \"5\"", ERR_JSON_VALUE, "stripes" },
		/* absent is the one way to say that there is none */
		{ "\"stripes\": 5", "\"stripes\": 0", ERR_JSON_VALUE, "stripes" },
		{ "\"parity\": 10", "\"parity\": 0", ERR_JSON_VALUE, "parity" },
		{ "\"stripes\": 5", "\"stripes\": 9007199254740991", OK, NULL },
		{ "\"stripes\": 5", "\"stripes\": 9007199254740992", ERR_JSON_NUMBER, NULL },
		{ "\"stripes\": 5", "\"stripes\": -5", ERR_JSON_NUMBER, NULL },
		{ "\"parity\": 10", "\"parity\": 254", OK, NULL },
		{ "\"parity\": 10", "\"parity\": 255", ERR_JSON_VALUE, "parity" },
	};
	char *text = edit(BODY, "\"iso\": 40960", PARITY);

	(void)state;
	forms(text, table, COUNT(table));
	free(text);
}

/* Whatever was laid out, up to LIMIT_IMAGE, its backup is where it is looked for. */
static void
backup_ranges(void **state)
{
	static const uint64_t chains[] = { 1, 3000, 65536, MIB, 5 * MIB + 1, LIMIT_CHAIN_BYTES };
	static const unsigned percents[] = { 0, 5, LIMIT_RECOVERY };
	uint64_t first, last, largest = 0;

	(void)state;
	for (uint64_t near = 40960; near <= LIMIT_IMAGE; near += near / 3)
		for (uint64_t n = 0; n < 60 * COUNT(chains) * COUNT(percents); n++) {
			struct seal s = { .percent = percents[n % COUNT(percents)] };
			const uint64_t iso = near + n * 7919 * SECTOR_SIZE,
			    chain = chains[n / COUNT(percents) % COUNT(chains)];

			if (seal_layout(&s, iso, chain) != OK)
				continue;
			largest = s.size > largest ? s.size : largest;
			if (!seal_backup_range(s.size, &first, &last) || first < s.backup ||
			    last > s.backup)
				fail_msg("%llu bytes, a chain of %llu: not at %llu",
				    (unsigned long long)s.size, (unsigned long long)chain,
				    (unsigned long long)s.backup);
			assert_int_equal(first % BACKUP_ALIGN, 0);
			assert_int_equal(last % BACKUP_ALIGN, 0);
			assert_in_range(last, BACKUP_ALIGN, first);
			assert_in_range((first - last) / BACKUP_ALIGN, 0, 16);
		}
	assert_in_range(largest, LIMIT_IMAGE / 4 * 3, LIMIT_IMAGE);
	assert_false(seal_backup_range(0, &first, &last));
	assert_false(seal_backup_range(BACKUP_ALIGN, &first, &last));
}

/* What was planned is told from what is written; of percentages that plan the same, the least. */
static void
parity_percent(void **state)
{
	static const uint64_t isos[] = { 40960, 100 * MIB, 650 * MIB + 1, 50000 * MIB };

	(void)state;
	for (unsigned percent = 0; percent <= LIMIT_RECOVERY; percent++) {
		for (size_t i = 0; i < COUNT(isos); i++) {
			struct seal *s, *again;
			char *text;
			size_t len;

			assert_int_equal(parse_body(BODY, "etl", &s, NULL), OK);
			s->percent = percent;
			assert_int_equal(seal_layout(s, isos[i], 5000), OK);
			assert_int_equal(s->recovery.stripes > 0, percent > 0);
			assert_int_equal(seal_print(s, &text, &len), OK);
			assert_int_equal(strstr(text, "recovery") != NULL, percent > 0);
			assert_int_equal(parse_body(text, "etl", &again, NULL), OK);
			assert_int_equal(seal_regions(again, NULL), OK);
			assert_memory_equal(&again->recovery, &s->recovery, sizeof s->recovery);
			assert_in_range(again->percent, percent > 0, percent);
			/* and it plans the same image */
			assert_int_equal(seal_layout(again, isos[i], 5000), OK);
			assert_memory_equal(&again->recovery, &s->recovery, sizeof s->recovery);
			assert_int_equal(again->size, s->size);
			assert_int_equal(again->blocks, s->blocks);
			seal_free(again);
			seal_free(s);
			free(text);
		}
	}
}

/* Beside the good plan of 1,000 blocks with 5 stripes of 10. */
static void
parity_regions(void **state)
{
	static const struct {
		struct recovery recovery;
		uint64_t blocks;
		enum err want;
		const char *at;
	} table[] = {
		{ { 1000, 5, 10 }, 1050, OK, "" },
		/* another form than any that mkmedia plans, and yet one that can be */
		{ { 1000, 10, 5 }, 1050, OK, "" },
		{ { 1000, 50, 1 }, 1050, OK, "" },
		{ { 1000, 5, 10 }, 1049, ERR_SEAL_REGIONS, "blocks" },
		{ { 1000, 5, 10 }, 1051, ERR_SEAL_REGIONS, "blocks" },
		{ { 1000, 5, 10 }, 1000, ERR_SEAL_REGIONS, "blocks" },
		{ { 1000, 0, 0 }, 1050, ERR_SEAL_REGIONS, "blocks" },
		{ { 1000, 5, 11 }, 1050, ERR_SEAL_REGIONS, "blocks" },
		{ { 1000, 6, 10 }, 1050, ERR_SEAL_REGIONS, "blocks" },
		{ { 1000, 0, 10 }, 1050, ERR_SEAL_REGIONS, "recovery" },
		{ { 1000, 5, 0 }, 1050, ERR_SEAL_REGIONS, "recovery" },
		{ { 1000, 1, 50 }, 1050, ERR_SEAL_REGIONS, "recovery" },	/* 1,050 rows */
		{ { 1000, 4, 6 }, 1024, ERR_SEAL_REGIONS, "recovery" },	/* 256 rows */
		{ { 1000, 1001, 1 }, 2001, ERR_SEAL_REGIONS, "recovery" },
		{ { 1000, 5, 255 }, 2275, ERR_SEAL_REGIONS, "recovery" },
		{ { 1000, UINT64_MAX, UINT64_MAX }, 1001, ERR_SEAL_REGIONS, "recovery" },
		{ { 1000, UINT64_C(1) << 63, 2 }, 1000, ERR_SEAL_REGIONS, "recovery" },
		{ { 1000, LIMIT_INTEGER, 1 }, 1000, ERR_SEAL_REGIONS, "recovery" },
		/* the data is what the volume is, and nothing else */
		{ { 999, 5, 10 }, 1050, ERR_SEAL_REGIONS, "recovery" },
		{ { 1001, 5, 10 }, 1051, ERR_SEAL_REGIONS, "recovery" },
		{ { 0, 5, 10 }, 1050, ERR_SEAL_REGIONS, "recovery" },
		{ { UINT64_MAX, 5, 10 }, 1050, ERR_SEAL_REGIONS, "recovery" },
	};
	struct seal s = { .percent = 5 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		f = (struct fault){ .at = "" };
		assert_int_equal(seal_layout(&s, 65536000, 5000), OK);
		s.recovery = table[i].recovery;
		s.blocks = table[i].blocks;
		if (seal_regions(&s, &f) != table[i].want || strcmp(f.at, table[i].at) != 0)
			fail_msg("row %zu: %s %s", i, err_code(f.err), f.at);
	}
	/* too much of it */
	s.percent = LIMIT_RECOVERY;
	assert_int_equal(seal_layout(&s, 65536000, 5000), OK);
	s.percent = LIMIT_RECOVERY + 1;
	assert_int_equal(seal_layout(&s, 65536000, 5000), ERR_LIMIT);
	s.percent = UINT32_MAX;
	assert_int_equal(seal_layout(&s, 65536000, 5000), ERR_LIMIT);
	/* parity counts: without it the image would not be too large */
	s.percent = 0;
	assert_int_equal(seal_layout(&s, LIMIT_IMAGE / 100 * 97, 5000), OK);
	s.percent = 5;
	assert_int_equal(seal_layout(&s, LIMIT_IMAGE / 100 * 97, 5000), ERR_LIMIT);
}

/* ---- bound media ---- */

static void
media(void **state)
{
	char *text;
	struct seal *s;

	(void)state;
	assert_int_equal(parse_body(BODY_WITH(ALONE, USB), "etl", &s, NULL), OK);
	assert_int_equal(s->medium.kind, SEAL_USB);
	assert_int_equal(s->medium.vendor, 0x0951);
	assert_int_equal(s->medium.product, 0x16fe);
	assert_string_equal(s->medium.serial, "60A44C413E4AE36146ED0BEE");
	assert_int_equal(s->medium.size, UINT64_C(15518924800));
	assert_string_equal(s->medium.disc, "");
	prints(s, BODY_WITH(ALONE, USB));
	seal_free(s);

	text = edit(BODY_WITH(OF_A_SET, USB), "60A44C413E4AE36146ED0BEE", "");
	assert_int_equal(parse_body(text, "etl", &s, NULL), OK);
	assert_string_equal(s->medium.serial, "");
	prints(s, text);
	seal_free(s);
	free(text);

	assert_int_equal(parse_body(BODY_WITH(OF_A_SET, DISC), "etl", &s, NULL), OK);
	assert_int_equal(s->medium.kind, SEAL_DISC);
	assert_string_equal(s->medium.disc, "CMC MAG-AM3 0017");
	assert_string_equal(s->medium.serial, "");
	assert_int_equal(s->medium.size, 0);
	prints(s, BODY_WITH(OF_A_SET, DISC));
	seal_free(s);

	text = edit(BODY_WITH(ALONE, DISC), "CMC MAG-AM3 0017", "");
	assert_int_equal(parse_body(text, "etl", &s, NULL), OK);
	assert_int_equal(s->medium.kind, SEAL_DISC);
	assert_string_equal(s->medium.disc, "");
	prints(s, text);
	seal_free(s);
	free(text);
}

static void
media_forms(void **state)
{
	static const struct form usb[] = {
		{ "\"usb\"", "\"USB\"", ERR_JSON_UNKNOWN, "vendor" },
		{ "\"usb\"", "\"disc\"", ERR_JSON_UNKNOWN, "vendor" },
		{ "\"usb\"", "\"\"", ERR_JSON_VALUE, "kind" },
		{ "  \"kind\": \"usb\",\n", "", ERR_JSON_MISSING, "kind" },
		{ "\"medium\": {", "\"medium\": [", ERR_JSON_SYNTAX, NULL },
		{ "\"0951\"", "\"951\"", ERR_JSON_VALUE, "vendor" },
		{ "\"0951\"", "\"00951\"", ERR_JSON_VALUE, "vendor" },
		{ "\"0951\"", "2385", ERR_JSON_VALUE, "vendor" },
		{ "\"0951\"", "\"095G\"", ERR_SEAL_FORM, "vendor" },
		{ "\"0951\"", "\"0x95\"", ERR_SEAL_FORM, "vendor" },
		{ "\"0951\"", "\" 951\"", ERR_SEAL_FORM, "vendor" },
		{ "\"0951\"", "\"-951\"", ERR_SEAL_FORM, "vendor" },
		{ "\"0951\"", "\"09\xc3\xa4\"", ERR_SEAL_FORM, "vendor" },
		{ "\"16fe\"", "\"16FE\"", ERR_SEAL_FORM, "product" },
		{ "\"16fe\"", "\"ffff\"", OK, NULL },
		{ "\"16fe\"", "\"16f\"", ERR_JSON_VALUE, "product" },
		{ "  \"product\": \"16fe\",\n", "", ERR_JSON_MISSING, "product" },
		{ "  \"serial\": \"60A44C413E4AE36146ED0BEE\",\n", "", ERR_JSON_MISSING, "serial" },
		{ "\"60A44C413E4AE36146ED0BEE\"", "null", ERR_JSON_VALUE, "serial" },
		{ "15518924800", "1", OK, NULL },
		{ "15518924800", "0", ERR_JSON_VALUE, "size" },
		{ "15518924800", "9007199254740991", OK, NULL },
		{ "15518924800", "9007199254740992", ERR_JSON_NUMBER, NULL },
		{ "15518924800", "1, \"disc\": \"\"", ERR_JSON_UNKNOWN, "disc" },
	};
	static const struct form disc[] = {
		{ "\"disc\",\n", "\"tape\",\n", ERR_SEAL_FORM, "medium" },
		{ "\"disc\",\n", "\"usb\",\n", ERR_JSON_UNKNOWN, "disc" },
		{ ",\n  \"disc\": \"CMC MAG-AM3 0017\"", "", ERR_JSON_MISSING, "disc" },
		{ "\"CMC MAG-AM3 0017\"", "17", ERR_JSON_VALUE, "disc" },
		{ "\"CMC MAG-AM3 0017\"", "\"\", \"size\": 1", ERR_JSON_UNKNOWN, "size" },
	};
	static const struct { const char *good, *old; size_t most; const char *at; } texts[] = {
		{ BODY_WITH(ALONE, USB), "60A44C413E4AE36146ED0BEE", 4 * LIMIT_DEVICE_TEXT,
		    "serial" },
		{ BODY_WITH(ALONE, DISC), "CMC MAG-AM3 0017", LIMIT_DEVICE_TEXT, "disc" },
	};

	(void)state;
	forms(BODY_WITH(ALONE, USB), usb, COUNT(usb));
	forms(BODY_WITH(ALONE, DISC), disc, COUNT(disc));
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (size_t past = 0; past < 2; past++) {
			char *text = edit_long("", texts[i].most + past, "");
			const struct form form = { texts[i].old, text, past ? ERR_JSON_VALUE : OK,
			    past ? texts[i].at : "" };

			forms(texts[i].good, &form, 1);
			free(text);
		}
	}
}

/* ---- the whole body again ---- */

/* LIMIT_TEXT and LIMIT_RELEASES, at and one past. */
static void
body_limits(void **state)
{
	struct seal *s, *again;
	char *place, *text;
	char id[LIMIT_RELEASES + 1][8];
	size_t len;

	(void)state;
	for (size_t past = 0; past < 2; past++) {
		place = edit_long("\"", LIMIT_TEXT + past, "\"");
		text = edit(BODY, "\"Linz\"", place);
		assert_int_equal(parse_body(text, "etl", &s, NULL), past ? ERR_JSON_VALUE : OK);
		seal_free(s);
		free(text);
		free(place);
	}
	assert_int_equal(parse_body(BODY, "etl", &s, NULL), OK);
	for (s->release_count = 0; s->release_count < LIMIT_RELEASES; s->release_count++) {
		snprintf(id[s->release_count], sizeof id[0], "r%zu", s->release_count);
		s->release[s->release_count].id = id[s->release_count];
	}
	assert_int_equal(seal_print(s, &text, &len), OK);
	assert_int_equal(parse_body(text, "etl", &again, NULL), OK);
	assert_int_equal(again->release_count, LIMIT_RELEASES);
	seal_free(again);
	place = edit(text, "\"releases\": [",
	    "\"releases\": [ { \"id\": \"z\", \"digest\": \"" A "\" },");
	assert_int_equal(parse_body(place, "etl", &again, NULL), ERR_JSON_VALUE);
	free(place);
	free(text);
	s->release_count = 0;
	assert_int_equal(seal_print(s, &text, &len), OK);
	assert_int_equal(parse_body(text, "etl", &again, NULL), ERR_JSON_VALUE);
	free(text);
	seal_free(s);
}

static void
body_cut(void **state)
{
	static const char *const whole[] = { BODY, BODY_WITH(OF_A_SET, USB) };
	struct seal *s;

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		struct document doc = { .body = whole[i] };

		for (doc.body_len = 0; doc.body_len < strlen(whole[i]) - 1; doc.body_len++) {
			assert_int_equal(seal_parse(&s, &doc, "etl", NULL), ERR_JSON_SYNTAX);
			assert_null(s);
		}
	}
}

/* jq reads in our text what we wrote. */
static void
beside_jq(void **state)
{
	struct scratch d;

	(void)state;
	NEED_TOOL("jq");
	d = scratch_new();
	scratch_put(&d, "seal", BODY_WITH(OF_A_SET, USB), strlen(BODY_WITH(OF_A_SET, USB)));
	assert_int_equal(scratch_run(&d, "jq -e '.waxseal == \"seal/1\""
	    " and .image.backup == 1048576 and .releases[1].id == \"TX-2026-05\""
	    " and .volume.cuts[0].offset == 681574400 and .medium.kind == \"usb\"' seal > out"), 0);
	scratch_end(&d);
}

static void
agrees(void **state)
{
	struct seal_header h, other;
	struct fault f = { 0 };
	struct seal *s;
	size_t line;

	(void)state;
	assert_int_equal(parse_line(LINE, SEAL_SIZE, &h, &line), OK);
	assert_int_equal(parse_body(BODY, "etl", &s, NULL), OK);
	assert_int_equal(seal_agrees(&h, s, &f), OK);
	for (unsigned i = 0; i < 6; i++) {
		static const char *const at[] = { "vendor", "anchor", "chain", "chain", "chain2",
			"chain2" };

		other = h;
		other.vendor[2] = (char)(i == 0 ? 'm' : other.vendor[2]);
		other.anchor.b[31] ^= i == 1;
		other.chain.offset ^= i == 2;
		other.chain.length ^= i == 3;
		other.chain2.offset ^= i == 4;
		other.chain2.length ^= i == 5;
		assert_int_equal(seal_agrees(&other, s, &f), ERR_SEAL_HEADER);
		assert_string_equal(f.at, at[i]);
	}
	seal_free(s);
}

/* ---- regions ---- */

#define BLOCK ((uint64_t)BLOCK_SIZE)

/* By hand: 40960 bytes are one block; map at 65536, chain at 131072, and so on as in BODY. */
static void
layout(void **state)
{
	struct seal want, *s;
	struct fault f;

	(void)state;
	assert_int_equal(parse_body(BODY, "etl", &s, NULL), OK);
	assert_int_equal(seal_regions(s, &f), OK);
	want = *s;
	s->size = s->blocks = s->iso = s->backup = 0;
	s->map = s->map2 = s->chain = s->chain2 = (struct seal_region){ 0 };
	assert_int_equal(seal_layout(s, 40960, 5000), OK);
	assert_memory_equal(&want, s, sizeof want);
	seal_free(s);
}

static void
layouts(void **state)
{
	static const struct {
		uint64_t iso, chain;
		enum err want;
	} table[] = {
		{ ISO_START + 1, 1, OK },
		{ ISO_START, 1, ERR_SEAL_REGIONS },
		{ 0, 1, ERR_SEAL_REGIONS },
		{ BLOCK_SIZE, 0, ERR_SEAL_REGIONS },
		{ BLOCK_SIZE, BLOCK_SIZE, OK },
		{ BLOCK_SIZE + 1, BLOCK_SIZE + 1, OK },
		{ 2048 * BLOCK, 1, OK },	/* the map fills a block */
		{ 2049 * BLOCK, 1, OK },
		{ 3 * (MIB / 4), MIB / 8, OK },
		{ 50 * 1024 * MIB + 1, LIMIT_CHAIN_BYTES, OK },
		{ BLOCK_SIZE, LIMIT_CHAIN_BYTES + 1, ERR_LIMIT },
		{ LIMIT_IMAGE / 1024 * 1022, LIMIT_CHAIN_BYTES, OK },
		{ LIMIT_IMAGE, 1, ERR_LIMIT },
		{ LIMIT_IMAGE + 1, 1, ERR_LIMIT },
		{ UINT64_MAX, 1, ERR_LIMIT },
		{ BLOCK_SIZE, UINT64_MAX, ERR_LIMIT },
	};
	struct seal s = { .vendor = "etl" };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(seal_layout(&s, table[i].iso, table[i].chain), table[i].want);
		if (table[i].want != OK)
			continue;
		assert_int_equal(seal_regions(&s, NULL), OK);
		assert_true(s.blocks * BLOCK_SIZE >= s.iso && (s.blocks - 1) * BLOCK_SIZE < s.iso);
		assert_int_equal(s.map.offset, s.blocks * BLOCK_SIZE);
		assert_int_equal(s.backup % BACKUP_ALIGN, 0);
		assert_in_range(s.backup - (s.chain.offset + s.chain.length), 0, BACKUP_ALIGN - 1);
		assert_in_range(s.size - (s.chain2.offset + s.chain2.length), TAIL_ZEROS,
		    TAIL_ZEROS + SECTOR_SIZE - 1);
	}
}

/* What a hostile seal may say: each number in turn, beside the good layout of 40960 and 5000. */
static void
regions(void **state)
{
	struct seal s = { .vendor = "etl" };
	uint64_t *const number[] = { &s.size, &s.blocks, &s.iso, &s.recovery.data,
		&s.recovery.stripes, &s.recovery.parity, &s.map.offset, &s.map.length, &s.map2.offset, &s.map2.length, &s.chain.offset, &s.chain.length, &s.chain2.offset,
		&s.chain2.length, &s.backup };
	static const uint64_t hostile[] = { 0, 1, 31, 4095, 32769, 65537, 5001, 16384, 1048577,
		LIMIT_IMAGE, LIMIT_IMAGE + 1, LIMIT_IMAGE + 65536, LIMIT_INTEGER,
		LIMIT_INTEGER - 65535, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 65535,
		UINT64_MAX - 1048575 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < COUNT(number); i++) {
		for (size_t k = 0; k < COUNT(hostile); k++) {
			assert_int_equal(seal_layout(&s, 40960, 5000), OK);
			if (*number[i] == hostile[k])
				continue;
			*number[i] = hostile[k];
			/* another length of the volume in the same one block is as good */
			if (number[i] == &s.iso && hostile[k] == 32769)
				assert_int_equal(seal_regions(&s, &f), OK);
			else
				assert_int_equal(seal_regions(&s, &f), ERR_SEAL_REGIONS);
		}
	}
	for (size_t k = 0; k < COUNT(hostile); k++) {	/* all at once */
		for (size_t i = 0; i < COUNT(number); i++)
			*number[i] = hostile[k];
		assert_int_equal(seal_regions(&s, &f), ERR_SEAL_REGIONS);
	}
}

/* Moved by ${by}, each at its edge: what follows must give way, what is apart need not touch. */
static void
region_edges(void **state)
{
	static const struct {
		const char *what;
		size_t number;
		uint64_t by;		/* two's complement */
		enum err want;
	} table[] = {
		{ "map", offsetof(struct seal, map.offset), -BLOCK, ERR_SEAL_REGIONS },
		{ "map", offsetof(struct seal, map.offset), BLOCK_SIZE, ERR_SEAL_REGIONS },
		{ "chain", offsetof(struct seal, chain.offset), BLOCK_SIZE, OK },
		{ "chain", offsetof(struct seal, chain.offset), SECTOR_SIZE, ERR_SEAL_REGIONS },
		{ "chain", offsetof(struct seal, chain.offset), -BLOCK, ERR_SEAL_REGIONS },
		{ "backup", offsetof(struct seal, backup), MIB, ERR_SEAL_REGIONS },
		{ "backup", offsetof(struct seal, backup), -MIB, ERR_SEAL_REGIONS },
		{ "backup", offsetof(struct seal, backup), -BLOCK, ERR_SEAL_REGIONS },
		{ "map2", offsetof(struct seal, map2.offset), -BLOCK, ERR_SEAL_REGIONS },
		{ "chain2", offsetof(struct seal, chain2.offset), -BLOCK, ERR_SEAL_REGIONS },
		{ "chain2", offsetof(struct seal, chain2.offset), BLOCK_SIZE, ERR_SEAL_REGIONS },
		{ "size", offsetof(struct seal, size), 1, ERR_SEAL_REGIONS },
		{ "size", offsetof(struct seal, size), -(uint64_t)SECTOR_SIZE, ERR_SEAL_REGIONS },
		{ "size", offsetof(struct seal, size), SECTOR_SIZE, OK },
		{ "size", offsetof(struct seal, size), MIB - SECTOR_SIZE, OK },
		{ "size", offsetof(struct seal, size), MIB, ERR_SEAL_REGIONS },
		{ "blocks", offsetof(struct seal, blocks), 1, ERR_SEAL_REGIONS },
		{ "iso", offsetof(struct seal, iso), BLOCK_SIZE - 40960, OK },
		{ "blocks", offsetof(struct seal, iso), BLOCK_SIZE - 40960 + 1, ERR_SEAL_REGIONS },
	};
	struct seal s = { .vendor = "etl" };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		uint64_t n;

		assert_int_equal(seal_layout(&s, 40960, 5000), OK);
		memcpy(&n, (char *)&s + table[i].number, sizeof n);
		n += table[i].by;
		memcpy((char *)&s + table[i].number, &n, sizeof n);
		if (seal_regions(&s, &f) != table[i].want)
			fail_msg("%zu: %s", i, table[i].what);
	}
	/* room between the regions is allowed, but not in front of the map: no digest covers it */
	assert_int_equal(seal_layout(&s, 40960, 5000), OK);
	s.chain.offset += MIB;
	s.backup += MIB;
	s.map2.offset += 3 * MIB;
	s.chain2.offset += 3 * MIB;
	s.size += 3 * MIB;
	assert_int_equal(seal_regions(&s, &f), OK);
	s.map.offset += BLOCK_SIZE;
	assert_int_equal(seal_regions(&s, &f), ERR_SEAL_REGIONS);
	assert_string_equal(f.at, "map");
	s.map.offset -= BLOCK_SIZE;
	/* the same regions in another order are not */
	s.map2.offset = s.chain.offset + BLOCK_SIZE;
	assert_int_equal(seal_regions(&s, &f), ERR_SEAL_REGIONS);
}

/* A tail of exactly the least and the most, an image of exactly the most. */
static void
region_sizes(void **state)
{
	struct seal s = { .vendor = "etl" };
	uint64_t iso = LIMIT_IMAGE, room;

	(void)state;
	assert_int_equal(seal_layout(&s, 40960, 3 * SECTOR_SIZE), OK);
	assert_int_equal(s.size, s.chain2.offset + s.chain2.length + TAIL_ZEROS);
	s.size -= SECTOR_SIZE;
	assert_int_equal(seal_regions(&s, NULL), ERR_SEAL_REGIONS);
	s.size += SECTOR_SIZE + BACKUP_ALIGN;
	assert_int_equal(seal_regions(&s, NULL), OK);
	s.size += SECTOR_SIZE;
	assert_int_equal(seal_regions(&s, NULL), ERR_SEAL_REGIONS);
	while (seal_layout(&s, iso, 5000) == ERR_LIMIT)
		iso -= 64 * MIB;
	room = (LIMIT_IMAGE - s.size) / BLOCK * BLOCK;
	s.map2.offset += room;
	s.chain2.offset += room;
	s.size = LIMIT_IMAGE;
	assert_int_equal(seal_regions(&s, NULL), OK);
	s.size += SECTOR_SIZE;
	assert_int_equal(seal_regions(&s, NULL), ERR_SEAL_REGIONS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),
		cmocka_unit_test(header_forms),
		cmocka_unit_test(header_cut),
		cmocka_unit_test(header_fit),
		cmocka_unit_test(header_limits),
		cmocka_unit_test(header_too_long),
		cmocka_unit_test(body),
		cmocka_unit_test(body_without_options),
		cmocka_unit_test(body_forms),
		cmocka_unit_test(set),
		cmocka_unit_test(set_forms),
		cmocka_unit_test(set_without_index),
		cmocka_unit_test(cut_order),
		cmocka_unit_test(largest_set),
		cmocka_unit_test(volumes_limit),
		cmocka_unit_test(parity),
		cmocka_unit_test(parity_forms),
		cmocka_unit_test(parity_percent),
		cmocka_unit_test(parity_regions),
		cmocka_unit_test(media),
		cmocka_unit_test(media_forms),
		cmocka_unit_test(body_limits),
		cmocka_unit_test(body_cut),
		cmocka_unit_test(beside_jq),
		cmocka_unit_test(agrees),
		cmocka_unit_test(layout),
		cmocka_unit_test(layouts),
		cmocka_unit_test(regions),
		cmocka_unit_test(region_edges),
		cmocka_unit_test(region_sizes),
		cmocka_unit_test(backup_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
