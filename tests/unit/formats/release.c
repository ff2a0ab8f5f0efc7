/*
 * Tests of formats/release: drafting, finishing, reading.  The texts were written by hand from
 * SPEC, "release/1".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/release.h"
#include "tests/unit/edit.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#define A "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define B "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"

#define INSTALL \
"\"install\": {\n" \
"  \"method\": \"script\",\n" \
"  \"command\": \"./install.sh\",\n" \
"  \"directory\": \"/opt/tx\"\n" \
" }"

/* Every member once, before and after what release_finish() adds. */
#define HEAD \
"{\n" \
" \"waxseal\": \"release/1\",\n" \
" \"vendor\": \"etl\",\n" \
" \"id\": \"TX-2026-04\",\n" \
" \"product\": \"Turbine X\",\n" \
" \"sequence\": 4,\n"
#define ISSUED \
" \"issued\": \"2026-11-20T09:12:00+01:00\",\n"
#define MIDDLE \
" \"title\": \"Closes the debug port\",\n" \
" \"kind\": \"security\",\n" \
" \"severity\": \"high\",\n" \
" \"notes\": \"First line\\nsecond line\",\n" \
" \"fixes\": [\n" \
"  \"CVE-2026-1234\",\n" \
"  \"TX-771\"\n" \
" ],\n" \
" \"applies_to\": [\n" \
"  {\n" \
"   \"purl\": \"pkg:deb/etl/turbine-x\",\n" \
"   \"range\": \"vers:deb/<2.4\",\n" \
"   \"systems\": [\n" \
"    \"debian-12\"\n" \
"   ],\n" \
"   \"architectures\": [\n" \
"    \"amd64\"\n" \
"   ]\n" \
"  }\n" \
" ],\n" \
" \"provides\": [\n" \
"  \"pkg:deb/etl/turbine-x@2.4\"\n" \
" ],\n" \
" \"requires\": [\n" \
"  \"etl:TX-2026-01\"\n" \
" ],\n" \
" \"incorporates\": [\n" \
"  \"etl:TX-2026-02\"\n" \
" ],\n" \
" \"supersedes\": [\n" \
"  \"etl:TX-2026-03\"\n" \
" ],\n" \
" \"conflicts\": [\n" \
"  \"other:1\"\n" \
" ],\n" \
" \"compat\": [\n" \
"  {\n" \
"   \"patch\": \"KB5031364\",\n" \
"   \"status\": \"tested\",\n" \
"   \"date\": \"2026-11-01T00:00:00Z\"\n" \
"  }\n" \
" ],\n" \
" \"origin\": {\n" \
"  \"vendor\": \"upstream\",\n" \
"  \"id\": \"U-1\",\n" \
"  \"digest\": \"" A "\"\n" \
" },\n" \
" \"customised\": \"refuse\",\n" \
" " INSTALL ",\n" \
" \"checks\": [\n" \
"  \"tx --version\"\n" \
" ],\n" \
" \"rollback\": \"./install.sh --undo\",\n" \
" \"restart\": \"service\",\n" \
" \"documents\": [\n" \
"  \"Manual, chapter 3\"\n" \
" ]"
#define FILES ",\n" \
" \"files\": {\n" \
"  \"count\": 3,\n" \
"  \"bytes\": 70000,\n" \
"  \"sums\": \"" B "\",\n" \
"  \"executables\": [\n" \
"   \"bin/tx\",\n" \
"   \"install.sh\"\n" \
"  ]\n" \
" }"
#define END "\n}\n"

#define DRAFT HEAD MIDDLE END
#define BODY HEAD ISSUED MIDDLE FILES END

static const struct moment issued = { 1795162320, 60 };

static struct release_files
two_executables(void)
{
	static const char *executables[] = { "bin/tx", "install.sh" };
	struct release_files files = { .files = 3, .bytes = 70000, .executables = executables,
		.executable_count = COUNT(executables) };

	assert_true(digest_from_hex(&files.sums, B, 64));
	return files;
}

static enum err
finish(const char *draft, char **text, size_t *len, struct fault *f)
{
	const struct release_files files = two_executables();

	return release_finish(draft, strlen(draft), &files, issued, text, len, f);
}

static enum err
parse(const char *text, const char *vendor, struct release **r, struct fault *f)
{
	struct document doc;

	assert_int_equal(document_split_unsigned(text, strlen(text), &doc), OK);
	return release_parse(r, &doc, vendor, f);
}

static void
finishing(void **state)
{
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(finish(DRAFT, &text, &len, NULL), OK);
	assert_int_equal(len, strlen(BODY));
	assert_string_equal(text, BODY);
	free(text);
}

static void
reading(void **state)
{
	struct digest sums, of_text;
	struct release *r;

	(void)state;
	assert_true(digest_from_hex(&sums, B, 64));
	digest_sha256(BODY, strlen(BODY), &of_text);
	assert_int_equal(parse(BODY, "etl", &r, NULL), OK);
	assert_memory_equal(&r->digest, &of_text, sizeof of_text);
	assert_string_equal(r->vendor, "etl");
	assert_string_equal(r->id, "TX-2026-04");
	assert_string_equal(r->product, "Turbine X");
	assert_string_equal(r->title, "Closes the debug port");
	assert_string_equal(r->kind, "security");
	assert_string_equal(r->severity, "high");
	assert_int_equal(r->sequence, 4);
	assert_int_equal(r->issued.seconds, issued.seconds);
	assert_int_equal(r->issued.offset, issued.offset);
	assert_int_equal(r->files, 3);
	assert_int_equal(r->bytes, 70000);
	assert_memory_equal(&r->sums, &sums, sizeof sums);
	assert_int_equal(json_count(r->executables), 2);
	assert_true(release_executable(r, "bin/tx", 6));
	assert_true(release_executable(r, "install.sh", 10));
	assert_true(release_executable(r, "install.sh~", 10));
	assert_false(release_executable(r, "install.sh", 9));
	assert_false(release_executable(r, "install.sh~", 11));
	assert_false(release_executable(r, "", 0));
	assert_false(release_executable(r, "zz", 2));
	release_free(r);
	release_free(NULL);
}

/* The least that a release must say. */
static void
reading_the_least(void **state)
{
	static const char least[] = HEAD ISSUED " \"title\": \"t\", \"kind\": \"fix\","
	    " \"severity\": \"none\", \"files\": { \"count\": 1, \"bytes\": 0, \"sums\": \"" A "\","
	    " \"executables\": [] }" END;
	struct release *r;

	(void)state;
	assert_int_equal(parse(least, NULL, &r, NULL), OK);
	assert_false(release_executable(r, "a", 1));
	release_free(r);
}

/* A draft asks for product and title, one after the other; all else is good as it stands. */
static void
drafting(void **state)
{
	char *draft, *with_product, *filled, *text;
	struct release *r;
	struct fault f;
	size_t len;

	(void)state;
	assert_int_equal(release_draft("etl", "TX-2026-04", &draft, &len), OK);
	assert_int_equal(len, strlen(draft));
	assert_int_equal(finish(draft, &text, &len, &f), ERR_RELEASE_FORM);
	assert_null(text);
	assert_string_equal(f.at, "product");
	with_product = edit(draft, "FILL IN: the product that this is for", "Turbine X");
	assert_int_equal(finish(with_product, &text, &len, &f), ERR_RELEASE_FORM);
	assert_string_equal(f.at, "title");
	filled = edit(with_product, "FILL IN: what this does, in one line", "Closes a port");
	assert_int_equal(finish(filled, &text, &len, &f), OK);
	assert_int_equal(parse(text, "etl", &r, NULL), OK);
	assert_string_equal(r->id, "TX-2026-04");
	assert_string_equal(r->severity, "none");
	assert_int_equal(r->sequence, 1);
	release_free(r);
	/* every member that people write is there to be found, but for origin */
	assert_int_equal(parse(BODY, "etl", &r, NULL), OK);
	for (size_t i = 0; json_key_at(json_root(r->json), i) != NULL; i++) {
		const char *key = json_key_at(json_root(r->json), i);
		const bool left_out = strcmp(key, "issued") == 0 || strcmp(key, "files") == 0 ||
		    strcmp(key, "origin") == 0;

		assert_int_equal(strstr(draft, key) == NULL, left_out);
	}
	release_free(r);
	free(text);
	free(filled);
	free(with_product);
	free(draft);
	assert_int_equal(release_draft("Etl", "TX", &draft, &len), ERR_RELEASE_FORM);
	assert_int_equal(release_draft("etl", "T X", &draft, &len), ERR_RELEASE_FORM);
	assert_null(draft);
}

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X32 X32 X32 X32 X32 X32 X32 X32

/* One change, refused alike in a draft and in a finished release. */
static void
members(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ "release/1", "release/2", ERR_NEWER, "waxseal" },
		{ "release/1", "seal/1", ERR_DOC_TYPE, "waxseal" },
		{ "\"etl\"", "\"Etl\"", ERR_DOC_VENDOR, "vendor" },
		{ " \"kind\"", " \"extra\": 1,\n \"kind\"", ERR_JSON_UNKNOWN, "extra" },
		{ "   \"range\"", "\"extra\": 1, \"range\"", ERR_JSON_UNKNOWN, "extra" },
		{ "   \"status\"", "\"extra\": 1, \"status\"", ERR_JSON_UNKNOWN, "extra" },
		{ "\"id\": \"U-1\"", "\"id\": \"U-1\", \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "  \"method\"", "\"extra\": 1, \"method\"", ERR_JSON_UNKNOWN, "extra" },
		{ " \"id\": \"TX-2026-04\",\n", "", ERR_JSON_MISSING, "id" },
		{ " \"product\": \"Turbine X\",\n", "", ERR_JSON_MISSING, "product" },
		{ " \"sequence\": 4,\n", "", ERR_JSON_MISSING, "sequence" },
		{ " \"kind\": \"security\",\n", "", ERR_JSON_MISSING, "kind" },
		{ " \"severity\": \"high\",\n", "", ERR_JSON_MISSING, "severity" },
		{ "   \"purl\": \"pkg:deb/etl/turbine-x\",\n", "", ERR_JSON_MISSING, "purl" },
		{ "   \"patch\": \"KB5031364\",\n", "", ERR_JSON_MISSING, "patch" },
		{ "  \"vendor\": \"upstream\",\n", "", ERR_JSON_MISSING, "vendor" },
		{ "  \"method\": \"script\",\n", "", ERR_JSON_MISSING, "method" },
		{ "\"TX-2026-04\"", "\"TX 2026\"", ERR_RELEASE_FORM, "id" },
		{ "\"sequence\": 4", "\"sequence\": 0", ERR_JSON_VALUE, "sequence" },
		{ "\"sequence\": 4", "\"sequence\": 9007199254740991", OK, NULL },
		{ "\"Turbine X\"", "\"\"", ERR_JSON_VALUE, "product" },
		{ "Turbine X", X256, OK, NULL },
		{ "Turbine X", X256 "x", ERR_JSON_VALUE, "product" },
		{ "Turbine X", "FILL IN: x", ERR_RELEASE_FORM, "product" },
		{ "\"CVE-2026-1234\"", "\"FILL IN: x\"", ERR_RELEASE_FORM, "fixes" },
		{ "pkg:deb/etl/turbine-x\"", "FILL IN: x\"", ERR_RELEASE_FORM, "purl" },
		{ "\"security\"", "\"Security\"", ERR_JSON_VALUE, "kind" },
		{ "\"security\"", "\"\"", ERR_JSON_VALUE, "kind" },
		{ "\"security\"", "\"requested\"", OK, NULL },
		{ "\"high\"", "\"critical\"", OK, NULL },
		{ "\"high\"", "\"urgent\"", ERR_JSON_VALUE, "severity" },
		{ "\"high\"", "3", ERR_JSON_VALUE, "severity" },
		{ "\"First line\\nsecond line\"", "\"\"", OK, NULL },
		{ "\"First line\\nsecond line\"", "null", ERR_JSON_VALUE, "notes" },
		{ "\"CVE-2026-1234\",\n  \"TX-771\"", "", OK, NULL },
		{ "\"CVE-2026-1234\"", "\"\"", ERR_JSON_VALUE, NULL },
		{ "\"CVE-2026-1234\"", "1", ERR_JSON_VALUE, NULL },
		{ "\"pkg:deb/etl/turbine-x\"", "\"\"", ERR_JSON_VALUE, "purl" },
		{ "pkg:deb/etl/turbine-x\"", "turbine-x\"", ERR_PURL, "purl" },
		{ "pkg:deb/etl/turbine-x\"", "pkg:deb/turbine-x\"", ERR_PURL, "purl" },
		{ "pkg:deb/etl/turbine-x\"", "pkg:deb/etl/turbine-x@2.3\"", ERR_RELEASE_FORM,
		    "purl" },
		{ "pkg:deb/etl/turbine-x\"", "pkg:deb/etl/turbine-x@2.3?arch=amd64\"",
		    ERR_RELEASE_FORM, "purl" },
		{ "pkg:deb/etl/turbine-x\"", "pkg:generic/" X256 "\"", OK, NULL },
		{ "\"vers:deb/<2.4\"", "\"\"", ERR_JSON_VALUE, "range" },
		{ "vers:deb/<2.4", "<2.4", ERR_VERSION_RANGE, "range" },
		{ "vers:deb/<2.4", "vers:deb/2.4|<2.5", ERR_VERSION_RANGE, "range" },
		{ "vers:deb/<2.4", "vers:deb/>=2.4|<2.3", ERR_VERSION_RANGE, "range" },
		{ "vers:deb/<2.4", "vers:deb/<2.4_1", ERR_VERSION, "range" },
		{ "vers:deb/<2.4", "vers:npm/<2.4.0", ERR_VERSION_SCHEME, "range" },
		{ "vers:deb/<2.4", "FILL IN: the range", ERR_RELEASE_FORM, "range" },
		{ "vers:deb/<2.4", "vers:semver/>=1.0.0|<2.4.0", OK, NULL },
		{ "\"applies_to\": [\n  {", "\"applies_to\": [ 1, {", ERR_JSON_VALUE, NULL },
		{ "\"etl:TX-2026-01\"", "\"TX-2026-01\"", ERR_RELEASE_FORM, "requires" },
		{ "\"etl:TX-2026-02\"", "\"Etl:TX-2026-02\"", ERR_RELEASE_FORM, "incorporates" },
		{ "\"etl:TX-2026-03\"", "\"etl:\"", ERR_RELEASE_FORM, "supersedes" },
		{ "\"other:1\"", "\":1\"", ERR_RELEASE_FORM, "conflicts" },
		{ "\"other:1\"", "\"a:b:c\"", ERR_RELEASE_FORM, "conflicts" },
		{ "\"other:1\"", "\"abcdefghijklmnopqrstuvwxyz0:1\"", OK, NULL },
		{ "\"other:1\"", "\"abcdefghijklmnopqrstuvwxyz01:1\"", ERR_RELEASE_FORM,
		    "conflicts" },
		{ "\"tested\"", "\"untested\"", ERR_JSON_VALUE, "status" },
		{ "\"2026-11-01T00:00:00Z\"", "\"2026-11-01\"", ERR_JSON_VALUE, "date" },
		{ "\"upstream\"", "\"Up Stream\"", ERR_RELEASE_FORM, "vendor" },
		{ "\"U-1\"", "\"-1\"", ERR_RELEASE_FORM, "id" },
		{ "\"digest\": \"6e", "\"digest\": \"6E", ERR_JSON_VALUE, "digest" },
		{ "\"refuse\"", "\"ignore\"", ERR_JSON_VALUE, "customised" },
		{ "\"script\"", "\"exe\"", ERR_JSON_VALUE, "method" },
		{ "\"./install.sh\"", "\"\"", OK, NULL },
		{ "\"./install.sh\"", "\"" X256 "x\"", ERR_JSON_VALUE, "command" },
		{ INSTALL, "\"install\": []", ERR_JSON_VALUE, "install" },
		{ INSTALL, "\"install\": {}", ERR_JSON_MISSING, "method" },
		{ "\"service\"", "\"always\"", ERR_JSON_VALUE, "restart" },
		{ "\"severity\"", "\"kind\"", ERR_JSON_DUPLICATE, NULL },
		{ "{\n", "[\n", ERR_JSON_SYNTAX, NULL },
	};
	struct release *r;
	struct fault f;
	char *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const enum err want = table[i].want;
		char *draft = edit(DRAFT, table[i].find, table[i].put);
		char *body = edit(BODY, table[i].find, table[i].put);

		if (finish(draft, &text, &len, &f) != want || (text != NULL) != (want == OK))
			fail_msg("draft: %s -> %s", table[i].find, table[i].put);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		if (parse(body, NULL, &r, &f) != want || (r != NULL) != (want == OK))
			fail_msg("body: %s -> %s", table[i].find, table[i].put);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		free(text);
		release_free(r);
		free(draft);
		free(body);
	}
}

/* What only the finished release holds. */
static void
machine_members(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ ISSUED, "", ERR_JSON_MISSING, "issued" },
		{ FILES, "", ERR_JSON_MISSING, "files" },
		{ "2026-11-20T09:12:00+01:00", "yesterday", ERR_JSON_VALUE, "issued" },
		{ "\"count\": 3", "\"count\": 3, \"extra\": 1", ERR_JSON_UNKNOWN, "extra" },
		{ "\"count\": 3", "\"count\": 0", ERR_JSON_VALUE, "count" },
		{ "\"count\": 3", "\"count\": 1", ERR_RELEASE_FORM, "executables" },
		{ "\"count\": 3", "\"count\": 4000000", OK, NULL },
		{ "\"count\": 3", "\"count\": 4000001", ERR_JSON_VALUE, "count" },
		{ "\"bytes\": 70000", "\"bytes\": 8796093022208", OK, NULL },
		{ "\"bytes\": 70000", "\"bytes\": 8796093022209", ERR_JSON_VALUE, "bytes" },
		{ "  \"sums\": \"" B "\",\n", "", ERR_JSON_MISSING, "sums" },
		{ "  \"sums\": \"9", "  \"sums\": \"", ERR_JSON_VALUE, "sums" },
		{ "\"bin/tx\",\n   \"install.sh\"", "\"install.sh\", \"bin/tx\"", ERR_RELEASE_FORM,
		    "executables" },
		{ "\"install.sh\"\n", "\"bin/tx\"\n", ERR_RELEASE_FORM, "executables" },
		{ "\"bin/tx\"", "\"bin//tx\"", ERR_RELEASE_FORM, "executables" },
		{ "\"bin/tx\"", "\"../tx\"", ERR_RELEASE_FORM, "executables" },
		{ "\"bin/tx\"", "\"\"", ERR_JSON_VALUE, NULL },
		{ "\"bin/tx\"", "7", ERR_JSON_VALUE, NULL },
	};
	struct release *r;
	struct fault f;

	(void)state;
	assert_int_equal(parse(BODY, "other", &r, &f), ERR_DOC_VENDOR);
	for (size_t i = 0; i < COUNT(table); i++) {
		char *body = edit(BODY, table[i].find, table[i].put);

		if (parse(body, "etl", &r, &f) != table[i].want)
			fail_msg("%s -> %s", table[i].find, table[i].put);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		release_free(r);
		free(body);
	}
}

/* People may not write what the program adds, and the program checks what it is given. */
static void
finishing_refused(void **state)
{
	static const char *unsorted[] = { "b", "a" }, *latin1[] = { "\xe4" };
	struct release_files files = two_executables();
	struct fault f;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(finish(HEAD ISSUED MIDDLE END, &text, &len, &f), ERR_JSON_UNKNOWN);
	assert_int_equal(finish(HEAD MIDDLE FILES END, &text, &len, &f), ERR_JSON_UNKNOWN);
	assert_int_equal(finish("", &text, &len, &f), ERR_JSON_SYNTAX);
	assert_int_equal(finish("{\"waxseal\": \"release/2\", \"vendor\": \"etl\", \"new\": 1}",
	    &text, &len, &f), ERR_NEWER);
	files.executables = unsorted;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, &f),
	    ERR_RELEASE_FORM);
	assert_string_equal(f.at, "executables");
	files.executables = latin1;
	files.executable_count = 1;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, &f),
	    ERR_JSON_UTF8);
	assert_int_equal(f.err, ERR_JSON_UTF8);
	files = two_executables();
	files.files = 0;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, &f),
	    ERR_JSON_VALUE);
	assert_null(text);
	for (size_t n = 0; n < strlen(DRAFT) - 1; n++)
		assert_int_equal(release_finish(DRAFT, n, &files, issued, &text, &len, &f),
		    ERR_JSON_SYNTAX);
}

/* Put ${n} times ${item} and commas into the list at ${find}. */
static char *
with_list(const char *find, const char *item, size_t n)
{
	char *list = malloc(strlen(find) + n * (strlen(item) + 1) + 1), *end, *draft;

	assert_non_null(list);
	end = stpcpy(list, find);
	for (size_t i = 0; i < n; i++)
		end = stpcpy(stpcpy(end, item), ",");
	draft = edit(DRAFT, find, list);
	free(list);
	return draft;
}

/* Lists and long texts, at their limit and one past; each list holds one entry already. */
static void
limits(void **state)
{
	char *text, *draft, *notes;
	size_t len;

	(void)state;
	for (size_t past = 0; past < 2; past++) {
		const enum err want = past ? ERR_JSON_VALUE : OK;

		draft = with_list("\"checks\": [", "\"x\"", LIMIT_LIST - 1 + past);
		assert_int_equal(finish(draft, &text, &len, NULL), want);
		free(text);
		free(draft);
		draft = with_list("\"conflicts\": [", "\"a:b\"", LIMIT_LIST - 1 + past);
		assert_int_equal(finish(draft, &text, &len, NULL), want);
		free(text);
		free(draft);
		draft = with_list("\"applies_to\": [", "{\"purl\":\"pkg:a/b\",\"range\":\"vers:all/*\"}",
		    LIMIT_LIST - 1 + past);
		assert_int_equal(finish(draft, &text, &len, NULL), want);
		free(text);
		free(draft);
		notes = edit_long("\"", LIMIT_LONG_TEXT + past, "\"");
		draft = edit(DRAFT, "\"First line\\nsecond line\"", notes);
		assert_int_equal(finish(draft, &text, &len, NULL), want);
		free(text);
		free(draft);
		free(notes);
	}
}

/* ${n} sorted paths of ${width} characters each. */
struct paths {
	char *text;
	const char **path;
};

static struct paths
paths_new(size_t n, size_t width)
{
	struct paths p = { malloc(n * (width + 1)), malloc(n * sizeof(char *)) };

	assert_non_null(p.text);
	assert_non_null(p.path);
	for (size_t i = 0; i < n; i++) {
		char *path = p.text + i * (width + 1);

		assert_int_equal(snprintf(path, width + 1, "%0*zu", (int)width, i), width);
		p.path[i] = path;
	}
	return p;
}

static void
paths_free(struct paths *p)
{
	free(p->text);
	free(p->path);
}

/* LIMIT_FILES of one release. */
static void
files_limit(void **state)
{
	struct release_files files = two_executables();
	struct release *r;
	char *text;
	size_t len;

	(void)state;
	files.files = LIMIT_FILES;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, NULL),
	    OK);
	assert_int_equal(parse(text, "etl", &r, NULL), OK);
	assert_int_equal(r->files, LIMIT_FILES);
	release_free(r);
	free(text);
	files.files = LIMIT_FILES + 1;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, NULL),
	    ERR_JSON_VALUE);
}

static void
executables_limit(void **state)
{
	struct paths p = paths_new(LIMIT_EXECUTABLES + 1, 5);
	struct release_files files = two_executables();
	struct release *r;
	char *text;
	size_t len;

	(void)state;
	files.files = LIMIT_EXECUTABLES + 1;
	files.executables = p.path;
	files.executable_count = LIMIT_EXECUTABLES + 1;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, NULL),
	    ERR_JSON_VALUE);
	files.executable_count = LIMIT_EXECUTABLES;
	assert_int_equal(release_finish(DRAFT, strlen(DRAFT), &files, issued, &text, &len, NULL),
	    OK);
	assert_int_equal(parse(text, "etl", &r, NULL), OK);
	for (size_t i = 0; i < LIMIT_EXECUTABLES; i++)
		assert_true(release_executable(r, p.path[i], 5));
	assert_false(release_executable(r, p.path[LIMIT_EXECUTABLES], 5));
	assert_false(release_executable(r, "00000x", 6));
	release_free(r);
	free(text);
	paths_free(&p);
}

/* A body that leaves just the room for its signatures, and one byte more. */
static void
room_for_signatures(void **state)
{
	const size_t most = LIMIT_RELEASE - LIMIT_SIGNATURES * LIMIT_ARMOR, n = 4950;
	struct paths p = paths_new(n, 200);
	struct release_files files = two_executables();
	char *text, *notes, *draft = edit(DRAFT, "First line\\nsecond line", "");
	size_t len, bare;

	(void)state;
	files.files = files.executable_count = n;
	files.executables = p.path;
	assert_int_equal(release_finish(draft, strlen(draft), &files, issued, &text, &bare, NULL),
	    OK);
	assert_in_range(bare, most - LIMIT_LONG_TEXT + 1, most);
	free(text);
	free(draft);
	for (size_t past = 0; past < 2; past++) {
		notes = edit_long("", most - bare + past, "");
		draft = edit(DRAFT, "First line\\nsecond line", notes);
		assert_int_equal(release_finish(draft, strlen(draft), &files, issued, &text, &len,
		    NULL), past ? ERR_LIMIT : OK);
		assert_int_equal(len, past ? 0 : most);
		free(text);
		free(draft);
		free(notes);
	}
	paths_free(&p);
}

static void
reading_limit(void **state)
{
	static const char good[] = BODY;
	const size_t room = LIMIT_RELEASE - strlen(good);
	char *spaces = malloc(room + 2), *body;
	struct release *r;

	(void)state;
	assert_non_null(spaces);
	memset(spaces, ' ', room + 1);
	for (size_t past = 0; past < 2; past++) {
		spaces[room + past] = '\0';
		body = malloc(LIMIT_RELEASE + 2);
		assert_non_null(body);
		snprintf(body, LIMIT_RELEASE + 2, "{%s%s", spaces, good + 1);
		assert_int_equal(strlen(body), LIMIT_RELEASE + past);
		assert_int_equal(parse(body, "etl", &r, NULL), past ? ERR_LIMIT : OK);
		release_free(r);
		free(body);
		spaces[room + past] = ' ';
	}
	free(spaces);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finishing),
		cmocka_unit_test(reading),
		cmocka_unit_test(reading_the_least),
		cmocka_unit_test(drafting),
		cmocka_unit_test(members),
		cmocka_unit_test(machine_members),
		cmocka_unit_test(finishing_refused),
		cmocka_unit_test(limits),
		cmocka_unit_test(files_limit),
		cmocka_unit_test(executables_limit),
		cmocka_unit_test(room_for_signatures),
		cmocka_unit_test(reading_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
