/*
 * Tests of verify/anchors: who is trusted, by whichever way it was learned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/process.h"
#include "tests/unit/site_home.h"
#include "verify/anchors.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct scratch s;
static struct trust_chain *etl, *rhine, *forked;	/* three versions; one; another "etl" */
static unsigned before;

static void
put_chain(const char *name, const struct trust_chain *c, size_t n)
{
	struct trust_chain *copy;

	assert_int_equal(trust_chain_parse(&copy, c->bytes, c->len, NULL, NULL), OK);
	trust_chain_cut(copy, n);
	scratch_put(&s, name, copy->bytes, copy->len);
	trust_chain_free(copy);
}

static int
make_chains(void **state)
{
	trust_text_setup(state);
	etl = site_home_chain("etl", "Elbe Turbine Logic", 3);
	rhine = site_home_chain("rhine", "Rhine", 1);
	forked = site_home_chain("etl", "Elbe Turbine Logic, too", 1);
	return 0;
}

static int
end_chains(void **state)
{
	(void)state;
	trust_chain_free(etl);
	trust_chain_free(rhine);
	trust_chain_free(forked);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

static enum err
add_file(struct anchors *a, const char *name)
{
	struct fault f = { .at = "" };
	char path[256];
	enum err e = anchors_add_file(a, scratch_path(&s, name, path), &f);

	assert_int_equal(*f.at != '\0', e != OK);
	return e;
}

static void
files(void **state)
{
	static const struct {
		const char *made;
		enum err want;
	} table[] = {
		{ "cp good file", OK },
		{ "ln -s good file", OK },	/* whoever names it, trusts it */
		{ "true", ERR_IO },
		{ "mkdir file", ERR_IO },
		{ ": >file", ERR_USAGE },
		{ "head -c 3 good >file", ERR_USAGE },
		{ "head -c -1 good >file", ERR_USAGE },
		{ "{ cat good; echo; } >file", ERR_USAGE },
		{ "sed 's/Dresden/Dresdon/' good >file", ERR_USAGE },
		{ "truncate -s 16777217 file", ERR_LIMIT },
	};

	(void)state;
	put_chain("good", etl, 3);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct anchors a = { .count = 0 };
		enum err e;

		assert_int_equal(scratch_run(&s, "rm -rf file"), 0);
		assert_int_equal(scratch_run(&s, table[i].made), 0);
		e = add_file(&a, "file");
		if (e != table[i].want)
			fail_msg("%s: %s", table[i].made, err_code(e));
		assert_int_equal(a.count, e == OK ? 1 : 0);
		anchors_free(&a);
		anchors_free(&a);
		assert_int_equal(a.count, 0);
	}
}

static void
directories(void **state)
{
	struct anchors a = { .count = 0 };
	char path[256];

	(void)state;
	assert_int_equal(anchors_add_directory(&a, scratch_path(&s, "d", path), NULL), OK);
	assert_int_equal(a.count, 0);
	assert_int_equal(scratch_run(&s, "mkdir d"), 0);
	assert_int_equal(anchors_add_directory(&a, path, NULL), OK);
	assert_int_equal(a.count, 0);
	put_chain("d/etl.trust", etl, 2);
	put_chain("d/r.trust", rhine, 1);
	put_chain("d/.hidden.trust", forked, 1);
	put_chain("d/.trust", forked, 1);
	put_chain("d/etl.trust.bak", forked, 1);
	put_chain("d/etl.chain", forked, 1);
	put_chain("d/trust", forked, 1);
	assert_int_equal(anchors_add_directory(&a, path, NULL), OK);
	assert_int_equal(a.count, 2);
	assert_non_null(anchors_find(&a, "etl", trust_chain_anchor(etl)));
	assert_non_null(anchors_find(&a, "rhine", trust_chain_anchor(rhine)));
	assert_null(anchors_find(&a, "etl", trust_chain_anchor(forked)));
	anchors_free(&a);
	/* one that is spoiled must not be passed over: its vendor would be unknown */
	assert_int_equal(scratch_run(&s, "echo spoiled >d/x.trust"), 0);
	assert_int_not_equal(anchors_add_directory(&a, path, NULL), OK);
	anchors_free(&a);
}

static void
sites(void **state)
{
	struct anchors a = { .count = 0 };
	struct site_home k;
	struct site *site;

	(void)state;
	site_home_new(&k, "plant7");
	site_home_trust(&k, etl, 1, "acme");
	site_home_trust(&k, rhine, 1, "0815");
	site_home_trust(&k, etl, 2, NULL);
	site_home_put_chain(&k, "etl", etl, 2);
	site_home_put_chain(&k, "rhine", rhine, 1);
	site_home_close(&k);
	assert_int_equal(site_load(&site, &k.h, false, NULL), OK);
	assert_int_equal(anchors_add_site(&a, site, NULL), OK);
	assert_int_equal(a.count, 2);
	assert_ptr_equal(anchors_find(&a, "etl", trust_chain_anchor(etl)), site->vendor[0].chain);
	assert_int_equal(anchors_find(&a, "etl", trust_chain_anchor(etl))->count, 2);
	/* a file that knows more of the same vendor is the better one, in either order */
	put_chain("longer", etl, 3);
	put_chain("shorter", etl, 1);
	assert_int_equal(add_file(&a, "longer"), OK);
	assert_int_equal(anchors_find(&a, "etl", trust_chain_anchor(etl))->count, 3);
	assert_int_equal(add_file(&a, "shorter"), OK);
	assert_int_equal(anchors_find(&a, "etl", trust_chain_anchor(etl))->count, 3);
	anchors_free(&a);	/* and the site still has its own */
	assert_int_equal(trust_chain_newest(site->vendor[0].chain)->version, 2);
	site_free(site);
	site_home_end(&k);
}

static void
trusted(void **state)
{
	struct anchors a = { .count = 0 };
	struct digest near = *trust_chain_anchor(etl);
	char fingerprint[TRUST_FINGERPRINT];

	(void)state;
	near.b[31] ^= 1;
	assert_false(anchors_trusted(&a, "etl", trust_chain_anchor(etl)));
	put_chain("etl", etl, 3);
	assert_int_equal(add_file(&a, "etl"), OK);
	assert_true(anchors_trusted(&a, "etl", trust_chain_anchor(etl)));
	assert_false(anchors_trusted(&a, "etl", &near));
	assert_false(anchors_trusted(&a, "etl", trust_chain_anchor(forked)));
	assert_false(anchors_trusted(&a, "rhine", trust_chain_anchor(etl)));
	assert_false(anchors_trusted(&a, "et", trust_chain_anchor(etl)));
	assert_null(anchors_find(&a, "etl", &near));
	anchors_free(&a);
	/* by the fingerprint alone: the anchor counts, the name is the document's */
	trust_fingerprint(trust_chain_anchor(rhine), fingerprint);
	assert_int_equal(anchors_set_fingerprint(&a, fingerprint, NULL), OK);
	assert_true(a.has_fingerprint);
	assert_true(anchors_trusted(&a, "rhine", trust_chain_anchor(rhine)));
	assert_false(anchors_trusted(&a, "etl", trust_chain_anchor(etl)));
	assert_null(anchors_find(&a, "rhine", trust_chain_anchor(rhine)));
}

static void
fingerprints(void **state)
{
	static const struct {
		size_t digits;
		enum err want;
	} table[] = { { 0, ERR_USAGE }, { 31, ERR_USAGE }, { 32, OK }, { 63, OK }, { 64, OK } };
	struct digest near = *trust_chain_anchor(etl);
	char hex[DIGEST_HEX + 1];

	(void)state;
	near.b[15] ^= 1;	/* among the first 32 digits */
	for (size_t i = 0; i < COUNT(table); i++) {
		struct anchors a = { .count = 0 };
		struct fault f = { .at = "" };

		digest_hex(trust_chain_anchor(etl), hex);
		hex[table[i].digits] = '\0';
		assert_int_equal(anchors_set_fingerprint(&a, hex, &f), table[i].want);
		assert_int_equal(a.has_fingerprint, table[i].want == OK);
		assert_int_equal(strstr(f.at, "--fingerprint") != NULL, table[i].want != OK);
		assert_int_equal(anchors_trusted(&a, "etl", trust_chain_anchor(etl)),
		    table[i].want == OK);
		assert_false(anchors_trusted(&a, "etl", &near));
	}
	digest_hex(trust_chain_anchor(etl), hex);
	strcpy(hex + 64, "0");
	assert_int_equal(anchors_set_fingerprint(&(struct anchors){ .count = 0 }, hex, NULL),
	    ERR_USAGE);
	assert_int_equal(anchors_set_fingerprint(&(struct anchors){ .count = 0 }, "xyz", NULL),
	    ERR_USAGE);
}

static void
resembling(void **state)
{
	static const struct {
		const char *vendor, *like;	/* NULL: none */
	} table[] = {
		{ "etl", "etl" },	/* under another anchor */
		{ "et1", "etl" },
		{ "eti", "etl" },
		{ "e-tl", "etl" },
		{ "rhine", "rhine" },
		{ "rh1ne", "rhine" },
		{ "rh-ine", "rhine" },
		{ "elbe", NULL },
		{ "etlx", NULL },
		{ "", NULL },
	};
	struct anchors a = { .count = 0 };

	(void)state;
	assert_null(anchors_resembling(&a, "etl"));
	put_chain("etl", etl, 3);
	put_chain("rhine", rhine, 1);
	assert_int_equal(add_file(&a, "etl"), OK);
	assert_int_equal(add_file(&a, "rhine"), OK);
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct trust *t = anchors_resembling(&a, table[i].vendor);

		if ((t != NULL) != (table[i].like != NULL))
			fail_msg("%s", table[i].vendor);
		if (t != NULL)
			assert_string_equal(t->vendor, table[i].like);
	}
	assert_int_equal(anchors_resembling(&a, "et1")->version, 3);	/* the newest */
	anchors_free(&a);
}

static void
limit(void **state)
{
	struct anchors a = { .count = 0 };
	struct fault f = { .at = "" };
	char path[256];

	(void)state;
	put_chain("file", rhine, 1);
	scratch_path(&s, "file", path);
	for (unsigned i = 0; i < LIMIT_ANCHORS; i++)
		assert_int_equal(anchors_add_file(&a, path, NULL), OK);
	assert_int_equal(anchors_add_file(&a, path, &f), ERR_LIMIT);
	assert_int_equal(a.count, LIMIT_ANCHORS);
	anchors_free(&a);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(files),
		T(directories),
		T(sites),
		T(trusted),
		T(fingerprints),
		T(resembling),
		T(limit),
	};

	return cmocka_run_group_tests(tests, make_chains, end_chains);
}
