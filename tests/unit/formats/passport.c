/*
 * Tests of formats/passport: made, printed, signed and opened again; what no passport may be; what a
 * vendor gets to see; how long 2,000 components take.  That CycloneDX's own validator accepts what is
 * printed is shown in tests/cli/37-passport.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "formats/limits.h"
#include "formats/passport.h"
#include "tests/unit/edit.h"
#include "tests/unit/keypair.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static const char ours[] = "passport@waxseal";

static const char good[] = "{\n"
" \"bomFormat\": \"CycloneDX\",\n"
" \"specVersion\": \"1.6\",\n"
" \"version\": 3,\n"
" \"metadata\": {\n"
"  \"timestamp\": \"2026-11-20T09:12:00+01:00\",\n"
"  \"component\": {\n"
"   \"type\": \"device\",\n"
"   \"name\": \"bed-1\"\n"
"  },\n"
"  \"properties\": [\n"
"   {\n"
"    \"name\": \"waxseal:architecture\",\n"
"    \"value\": \"amd64\"\n"
"   },\n"
"   {\n"
"    \"name\": \"waxseal:kernel\",\n"
"    \"value\": \"6.1.0-22-amd64\"\n"
"   },\n"
"   {\n"
"    \"name\": \"waxseal:read_by\",\n"
"    \"value\": \"jon\"\n"
"   }\n"
"  ]\n"
" },\n"
" \"components\": [\n"
"  {\n"
"   \"type\": \"device\",\n"
"   \"bom-ref\": \"disk:sda\",\n"
"   \"name\": \"MZ7LH240\",\n"
"   \"manufacturer\": {\n"
"    \"name\": \"SAMSUNG\"\n"
"   },\n"
"   \"description\": \"228936 MiB\",\n"
"   \"properties\": [\n"
"    {\n"
"     \"name\": \"waxseal:serial\",\n"
"     \"value\": \"S45R\"\n"
"    }\n"
"   ]\n"
"  },\n"
"  {\n"
"   \"type\": \"operating-system\",\n"
"   \"bom-ref\": \"operating-system\",\n"
"   \"name\": \"debian\",\n"
"   \"version\": \"12\"\n"
"  },\n"
"  {\n"
"   \"type\": \"library\",\n"
"   \"bom-ref\": \"pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64\",\n"
"   \"name\": \"attr\",\n"
"   \"version\": \"1:2.4.47-2+b1\",\n"
"   \"purl\": \"pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64\",\n"
"   \"properties\": [\n"
"    {\n"
"     \"name\": \"waxseal:customised\",\n"
"     \"value\": \"1:2.4.47-2\"\n"
"    }\n"
"   ]\n"
"  }\n"
" ]\n"
"}\n";

static struct passport *
parsed(const char *text)
{
	struct passport *p;
	struct fault f = { .at = "" };

	if (passport_parse(&p, text, strlen(text), &f) != OK)
		fail_msg("%s: %s", err_code(f.err), f.at);
	return p;
}

static void
reading(void **state)
{
	struct passport *p = parsed(good);
	const struct passport_component *c;
	struct digest d;

	(void)state;
	digest_sha256(good, strlen(good), &d);
	assert_memory_equal(&p->digest, &d, sizeof d);
	assert_string_equal(p->system, "bed-1");
	assert_int_equal(p->number, 3);
	assert_int_equal(p->taken.offset, 60);
	assert_string_equal(p->read_by, "jon");
	assert_string_equal(p->read_from, "");
	assert_string_equal(p->kernel, "6.1.0-22-amd64");
	assert_string_equal(p->architecture, "amd64");
	assert_string_equal(p->os_id, "debian");
	assert_string_equal(p->os_version, "12");
	assert_int_equal(p->count, 3);
	c = passport_find(p, "disk:sda");
	assert_non_null(c);
	assert_string_equal(c->kind, "device");
	assert_string_equal(c->version, "");
	assert_string_equal(c->maker, "SAMSUNG");
	assert_string_equal(c->fact[FACT_SERIAL], "S45R");
	assert_string_equal(c->fact[FACT_CUSTOMISED], "");
	c = passport_find(p, "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64");
	assert_non_null(c);
	assert_string_equal(c->version, "1:2.4.47-2+b1");
	assert_string_equal(c->fact[FACT_CUSTOMISED], "1:2.4.47-2");
	assert_null(passport_find(p, "attr"));
	passport_free(p);
	passport_free(NULL);
}

/* What is read is what is printed, and made from its parts it is the same again. */
static void
printing(void **state)
{
	struct passport *p = parsed(good), *made = passport_new();
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(passport_print(p, &text, &len, NULL), OK);
	assert_string_equal(text, good);
	assert_int_equal(len, strlen(good));
	free(text);
	assert_non_null(made);
	made->system = passport_word(made, p->system);
	made->number = p->number;
	made->taken = p->taken;
	made->read_by = passport_word(made, p->read_by);
	made->kernel = passport_word(made, p->kernel);
	made->architecture = passport_text(made, "amd64 and more", 5);
	for (size_t i = p->count; i-- > 0;)
		assert_int_equal(passport_add(made, &p->component[i]), OK);
	passport_free(p);	/* the texts must be copies */
	assert_int_equal(passport_settle(made, NULL), OK);
	assert_string_equal(made->os_id, "debian");
	assert_int_equal(passport_print(made, &text, &len, NULL), OK);
	assert_string_equal(text, good);
	free(text);
	passport_free(made);
}

static void
forms(void **state)
{
	static const struct {
		const char *find, *put;
		enum err want;
		const char *at;
	} table[] = {
		{ "CycloneDX", "cyclonedx", ERR_DOC_TYPE, "bomFormat" },
		{ "\"bomFormat\": \"CycloneDX\",\n", "", ERR_DOC_TYPE, NULL },
		{ "\"1.6\"", "\"1.5\"", ERR_PASSPORT, "specVersion" },
		{ "\"1.6\"", "\"1.7\"", ERR_NEWER, "specVersion" },
		{ "\"1.6\"", "\"2.0\"", ERR_NEWER, "specVersion" },
		{ "\"version\": 3", "\"version\": 0", ERR_JSON_VALUE, "version" },
		{ " \"version\": 3,\n", "", ERR_JSON_MISSING, "version" },
		{ "\"version\": 3", "\"version\": 3, \"serialNumber\": \"\"", ERR_JSON_UNKNOWN,
		    "serialNumber" },
		{ "2026-11-20T", "2026-11-31T", ERR_JSON_VALUE, "timestamp" },
		{ "\"type\": \"device\",\n   \"name\": \"bed-1\"",
		    "\"type\": \"application\",\n   \"name\": \"bed-1\"", ERR_PASSPORT, "type" },
		{ "bed-1", "Bed 1", ERR_PASSPORT, NULL },
		{ "waxseal:kernel", "waxseal:colonel", ERR_JSON_UNKNOWN, "waxseal:colonel" },
		{ "waxseal:kernel", "waxseal:architecture", ERR_JSON_DUPLICATE, NULL },
		{ "6.1.0-22-amd64", "", ERR_JSON_VALUE, "value" },
		{ "\"disk:sda\"", "\"operating-system\"", ERR_PASSPORT_TWICE, "operating-system" },
		{ "\"disk:sda\"", "\"pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64\"",
		    ERR_PASSPORT_TWICE, NULL },
		{ "\"disk:sda\"", "\"\"", ERR_JSON_VALUE, "bom-ref" },
		{ "   \"bom-ref\": \"disk:sda\",\n", "", ERR_JSON_MISSING, "bom-ref" },
		{ "\"type\": \"device\",\n   \"bom-ref\"", "\"type\": \"gadget\",\n   \"bom-ref\"",
		    ERR_PASSPORT, NULL },
		{ "\"type\": \"device\",\n   \"bom-ref\"",
		    "\"type\": \"firmware\",\n   \"bom-ref\"", ERR_PASSPORT_VERSION, NULL },
		{ "\"type\": \"device\",\n   \"bom-ref\": \"disk:sda\",\n",
		    "\"type\": \"operating-system\",\n   \"version\": \"1\",\n"
		    "   \"bom-ref\": \"disk:sda\",\n", ERR_PASSPORT, NULL },
		{ ",\n   \"version\": \"12\"", "", ERR_PASSPORT_VERSION, NULL },
		{ "\"version\": \"1:2.4.47-2+b1\",\n", "", ERR_PASSPORT_VERSION, NULL },
		{ "\"purl\": \"pkg:deb/debian/", "\"purl\": \"pkg:deb/", ERR_PURL, NULL },
		{ "\"purl\": \"pkg:deb/debian/", "\"purl\": \"pkg:DEB/debian/", ERR_PURL, NULL },
		{ "\"description\"", "\"licenses\"", ERR_JSON_UNKNOWN, "licenses" },
		{ "\"name\": \"SAMSUNG\"", "\"name\": \"SAMSUNG\", \"url\": []", ERR_JSON_UNKNOWN,
		    "url" },
		{ "waxseal:serial", "syft:serial", ERR_JSON_UNKNOWN, "syft:serial" },
		{ "waxseal:customised", "waxseal:customized", ERR_JSON_UNKNOWN, NULL },
		{ "{\n", "{{\n", ERR_JSON_SYNTAX, NULL },
		{ "\"name\": \"debian\"", "\"name\": \"deb\\u001bian\"", ERR_JSON_VALUE, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *other = edit(good, table[i].find, table[i].put);
		struct fault f = { .at = "" };
		struct passport *p;
		enum err e = passport_parse(&p, other, strlen(other), &f);

		if (e != table[i].want)
			fail_msg("%s -> %s: %s %s", table[i].find, table[i].put, err_code(e), f.at);
		assert_null(p);
		assert_int_equal(f.err, e);
		if (table[i].at != NULL)
			assert_string_equal(f.at, table[i].at);
		free(other);
	}
	for (size_t n = 0; n + 1 < strlen(good); n++) {
		struct passport *p;

		assert_int_not_equal(passport_parse(&p, good, n, NULL), OK);
	}
}

/* Lengths of texts, each at its limit and one past. */
static void
lengths(void **state)
{
	static const struct {
		const char *find, *before, *after;
		size_t limit;
		enum err want;
	} table[] = {
		{ "\"debian\"", "\"", "\"", LIMIT_TEXT, ERR_JSON_VALUE },
		{ "\"12\"", "\"", "\"", LIMIT_TEXT, ERR_JSON_VALUE },
		{ "\"SAMSUNG\"", "\"", "\"", LIMIT_TEXT, ERR_JSON_VALUE },
		{ "\"228936 MiB\"", "\"", "\"", LIMIT_TEXT, ERR_JSON_VALUE },
		{ "\"S45R\"", "\"", "\"", LIMIT_TEXT, ERR_JSON_VALUE },
		{ "\"jon\"", "\"", "\"", LIMIT_TEXT, ERR_JSON_VALUE },
		{ "\"disk:sda\"", "\"", "\"", LIMIT_PURL, ERR_JSON_VALUE },
		{ "\"bed-1\"", "\"", "\"", LIMIT_ID, ERR_JSON_VALUE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		for (size_t past = 0; past < 2; past++) {
			char *put = edit_long(table[i].before, table[i].limit + past,
			    table[i].after);
			char *text = edit(good, table[i].find, put);
			struct passport *p;
			enum err e = passport_parse(&p, text, strlen(text), NULL);

			if (e != (past ? table[i].want : OK))
				fail_msg("%s: %s", table[i].find, err_code(e));
			passport_free(p);
			free(text);
			free(put);
		}
	}
}

/* A passport of ${n} packages. */
static struct passport *
many(size_t n)
{
	struct passport *p = passport_new();
	struct passport_component c = passport_blank();
	char purl[64], name[32];

	assert_non_null(p);
	p->system = "bed-1";
	p->number = 1;
	c.kind = "library";
	c.version = "1.0-1";
	c.ref = c.purl = purl;
	c.name = name;
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "package-%zu", (i * 7919) % n);
		snprintf(purl, sizeof purl, "pkg:deb/debian/%s@1.0-1?arch=amd64", name);
		assert_int_equal(passport_add(p, &c), OK);
	}
	return p;
}

static void
limits(void **state)
{
	struct passport *p = many(LIMIT_COMPONENTS), *again;
	char *text, *padding, *padded;
	size_t len, room;

	(void)state;
	assert_int_equal(passport_add(p, &p->component[0]), ERR_LIMIT);
	assert_int_equal(passport_settle(p, NULL), OK);
	assert_int_equal(passport_print(p, &text, &len, NULL), OK);
	assert_int_equal(passport_parse(&again, text, len, NULL), OK);
	assert_int_equal(again->count, LIMIT_COMPONENTS);
	passport_free(again);
	padded = edit(text, " \"components\": [", " \"components\": [\n  {\n   \"type\": \"device\","
	    "\n   \"bom-ref\": \"one more\",\n   \"name\": \"one more\"\n  },");
	assert_int_equal(passport_parse(&again, padded, strlen(padded), NULL), ERR_JSON_VALUE);
	free(padded);
	free(text);

	/* LIMIT_PASSPORT, and one byte more. */
	room = LIMIT_PASSPORT - strlen(good);
	padding = malloc(room + 3);
	assert_non_null(padding);
	memset(padding, ' ', room + 3);
	padding[0] = '{';
	for (size_t past = 0; past < 2; past++) {
		padding[room + 1 + past] = '\0';
		padded = edit(good, "{", padding);
		assert_int_equal(strlen(padded), LIMIT_PASSPORT + past);
		assert_int_equal(passport_parse(&again, padded, strlen(padded), NULL),
		    past ? ERR_LIMIT : OK);
		passport_free(again);
		assert_int_equal(passport_open(&again, padded, strlen(padded), NULL, NULL, NULL),
		    past ? ERR_LIMIT : ERR_DOC_FORM);
		free(padded);
		padding[room + 1 + past] = ' ';
	}
	free(padding);
	passport_free(p);

	/* What has no room for its signature is not printed. */
	p = many(LIMIT_COMPONENTS);
	padding = edit_long("", LIMIT_TEXT, "");
	for (size_t i = 0; i < p->count; i++)
		p->component[i].description = p->component[i].fact[FACT_STATE] = padding;
	assert_int_equal(passport_settle(p, NULL), OK);
	assert_int_equal(passport_print(p, &text, &len, NULL), ERR_LIMIT);
	assert_null(text);
	free(padding);
	passport_free(p);
}

/* The figure: 2,000 components in a few milliseconds; here with room for slow computers. */
static void
speed(void **state)
{
	struct passport *p = many(2000), *again;
	struct timespec a, b;
	double took;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(passport_settle(p, NULL), OK);
	assert_int_equal(passport_print(p, &text, &len, NULL), OK);
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(passport_parse(&again, text, len, NULL), OK);
	clock_gettime(CLOCK_MONOTONIC, &b);
	took = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
	print_message("2,000 components, %zu bytes: parsed in %.1f ms\n", len, took);
	assert_true(took < 1000);
	passport_free(again);
	passport_free(p);
	free(text);
}

static void
unify(void **state)
{
	struct passport *p = many(100);

	(void)state;
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(passport_add(p, &p->component[2 * i]), OK);
	assert_int_equal(p->count, 150);
	assert_int_equal(passport_settle(p, NULL), ERR_PASSPORT_TWICE);
	passport_unify(p);
	assert_int_equal(p->count, 100);
	assert_int_equal(passport_settle(p, NULL), OK);
	p->component[0].version = "2.0-1";
	p->component[0].ref = p->component[1].ref;
	passport_unify(p);	/* not equal: for people to decide */
	assert_int_equal(p->count, 100);
	assert_int_equal(passport_settle(p, NULL), ERR_PASSPORT_TWICE);
	p->count = 0;
	passport_unify(p);
	assert_int_equal(passport_settle(p, NULL), OK);
	assert_null(passport_find(p, "x"));
	passport_free(p);
}

static char *
signed_by(const char *body, const char *namespace, const struct keypair *k, size_t n)
{
	char *text = malloc(strlen(body) + 8192);

	assert_non_null(text);
	strcpy(text, body);
	for (size_t i = 0; i < n; i++)
		keypair_sign(&k[i], namespace, body, strlen(body), text + strlen(text), 2048);
	return text;
}

static void
signatures(void **state)
{
	const struct keypair k[2] = { keypair_new(SSH_ED25519), keypair_new(SSH_ED25519) };
	const struct {
		const char *body, *namespace;
		size_t n;
		const struct ssh_key *key;
		enum err want;
	} table[] = {
		{ good, ours, 1, NULL, OK },
		{ good, ours, 1, &k[0].key, OK },
		{ good, ours, 1, &k[1].key, ERR_DOC_SIGNATURE },
		{ good, ours, 0, NULL, ERR_DOC_FORM },
		{ good, ours, 2, NULL, ERR_DOC_FORM },
		{ good, "receipt@waxseal", 1, NULL, ERR_SIG_NAMESPACE },
		{ "not JSON\n", "receipt@waxseal", 1, NULL, ERR_SIG_NAMESPACE },
		{ "not JSON\n", ours, 1, NULL, ERR_JSON_SYNTAX },
	};
	struct passport *p;
	struct ssh_key by;
	struct fault f;
	char *all;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		all = signed_by(table[i].body, table[i].namespace, k, table[i].n);
		assert_int_equal(passport_open(&p, all, strlen(all), table[i].key, &by, &f),
		    table[i].want);
		assert_true((p != NULL) == (table[i].want == OK));
		if (p != NULL)
			assert_true(sshsig_key_equal(&by, &k[0].key));
		free(all);
		passport_free(p);
	}
	all = signed_by(good, ours, k, 1);
	*strstr(all, "2.4.47") = '3';
	assert_int_equal(passport_open(&p, all, strlen(all), NULL, NULL, &f), ERR_SIG_FALSE);
	free(all);
}

/* What is sent: one behind the other. */
static void
row(void **state)
{
	const struct keypair k = keypair_new(SSH_ED25519);
	char *one = signed_by(good, ours, &k, 1), *two;
	const size_t len = strlen(one);

	(void)state;
	assert_true(passport_is(one, len));
	assert_true(passport_is("{\"bomFormat\":\"CycloneDX\"", 24));
	assert_true(passport_is("{\r\n\t \"bomFormat\" :\t\"CycloneDX\"", 30));
	assert_false(passport_is("{\"bomFormat\":\"CycloneDX\"", 23));
	assert_false(passport_is("{\"waxseal\": \"receipt/1\"", 23));
	assert_false(passport_is("", 0));
	two = malloc(2 * len + 1);
	assert_non_null(two);
	memcpy(two, one, len);
	memcpy(two + len, one, len + 1);
	assert_int_equal(passport_span(two, 2 * len), len);
	assert_int_equal(passport_span(two + len, len), len);
	assert_int_equal(passport_span(two, len - 1), 0);
	assert_int_equal(passport_span(two, 0), 0);
	free(two);
	free(one);
}

static bool
is_etl(void *arg, const struct passport_component *c)
{
	(*(unsigned *)arg)++;
	return strstr(c->purl, "/etl/") != NULL;
}

static void
redaction(void **state)
{
	static const char want[] = "{\n"
	    " \"bomFormat\": \"CycloneDX\",\n"
	    " \"specVersion\": \"1.6\",\n"
	    " \"version\": 3,\n"
	    " \"metadata\": {\n"
	    "  \"timestamp\": \"2026-11-20T09:12:00+01:00\",\n"
	    "  \"component\": {\n"
	    "   \"type\": \"device\",\n"
	    "   \"name\": \"s1\"\n"
	    "  },\n"
	    "  \"properties\": [\n"
	    "   {\n"
	    "    \"name\": \"waxseal:architecture\",\n"
	    "    \"value\": \"amd64\"\n"
	    "   }\n"
	    "  ]\n"
	    " },\n"
	    " \"components\": [\n"
	    "  {\n"
	    "   \"type\": \"application\",\n"
	    "   \"bom-ref\": \"c1\",\n"
	    "   \"name\": \"hmi\",\n"
	    "   \"version\": \"4.1\",\n"
	    "   \"purl\": \"pkg:generic/etl/hmi@4.1?arch=amd64&epoch=1\",\n"
	    "   \"properties\": [\n"
	    "    {\n"
	    "     \"name\": \"waxseal:customised\",\n"
	    "     \"value\": \"4.0\"\n"
	    "    }\n"
	    "   ]\n"
	    "  },\n"
	    "  {\n"
	    "   \"type\": \"operating-system\",\n"
	    "   \"bom-ref\": \"c2\",\n"
	    "   \"name\": \"debian\",\n"
	    "   \"version\": \"12\"\n"
	    "  }\n"
	    " ]\n"
	    "}\n";
	struct passport *p = parsed(good), *out;
	struct passport_component c = passport_blank();
	unsigned asked = 0;
	char *text;
	size_t len;

	(void)state;
	c.kind = "application";
	c.ref = "on plc-host-7";
	c.name = "hmi";
	c.version = "4.1";
	c.purl = "pkg:generic/etl/hmi@4.1?arch=amd64&download_url=http://10.1.2.3/&epoch=1"
	    "&vcs_url=git.plant7#etc/host";
	c.maker = "Elbe";
	c.description = "at 10.1.2.3";
	for (size_t i = 0; i < FACT_COUNT; i++)
		c.fact[i] = "secret";
	c.fact[FACT_CUSTOMISED] = "4.0";
	assert_int_equal(passport_add(p, &c), OK);
	assert_int_equal(passport_redact(&out, p, "s1", is_etl, &asked, NULL), OK);
	assert_int_equal(asked, 3);
	passport_free(p);
	assert_int_equal(passport_print(out, &text, &len, NULL), OK);
	assert_string_equal(text, want);
	free(text);
	passport_free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(printing),
		cmocka_unit_test(forms),
		cmocka_unit_test(lengths),
		cmocka_unit_test(limits),
		cmocka_unit_test(speed),
		cmocka_unit_test(unify),
		cmocka_unit_test(signatures),
		cmocka_unit_test(row),
		cmocka_unit_test(redaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
