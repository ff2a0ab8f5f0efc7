/*
 * Tests of verify/site: everything that decides comes from the ledger.  The homes are made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/process.h"
#include "tests/unit/site_home.h"
#include "verify/site.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define DAY INT64_C(86400)

static struct site_home k;
static unsigned before;

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	site_home_new(&k, "plant7");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	site_home_end(&k);
	assert_int_equal(process_descriptors(), before);
	return 0;
}

static struct site *
load(void)
{
	struct fault f = { .at = "" };
	struct site *s;

	site_home_close(&k);
	if (site_load(&s, &k.h, false, &f) != OK)
		fail_msg("%s: %s", err_code(f.err), f.at);
	return s;
}

static void
refused(enum err want)
{
	struct fault f = { .at = "" };
	struct site *s;
	enum err e;

	site_home_close(&k);
	e = site_load(&s, &k.h, false, &f);
	assert_int_equal(s != NULL, e == OK);
	site_free(s);
	if (e != want)
		fail_msg("%s: %s", err_code(e), f.at);
	assert_string_not_equal(f.at, "");
}

static void
just_founded(void **state)
{
	struct site *s = load();
	char path[1100];

	(void)state;
	assert_string_equal(s->id, "plant7");
	assert_string_equal(s->name, "Acme, Werk 7");
	assert_true(s->solo);
	assert_int_equal(s->floor, 0);
	assert_int_equal(s->vendor_count, 0);
	assert_int_equal(s->accepted_count, 0);
	assert_null(site_vendor(s, "etl"));
	assert_int_equal(s->waiting_count, 0);
	assert_null(site_accepted(s, "etl", "acme-plant7", 1));
	assert_null(site_waiting(s, "etl", "acme-plant7", 1, 0));
	site_key_file(&k.h, path, sizeof path);
	assert_int_equal(strncmp(path, k.s.dir, strlen(k.s.dir)), 0);
	assert_string_equal(path + strlen(k.s.dir), "/keys/site");
	site_free(s);
	site_free(NULL);
}

static void
vendors(void **state)
{
	struct trust_chain *etl = site_home_chain("etl", "Elbe", 3);
	struct trust_chain *rhine = site_home_chain("rhine", "Rhine", 1);
	const struct site_vendor *v;
	struct site *s;

	(void)state;
	site_home_trust(&k, etl, 1, "acme-plant7");
	site_home_trust(&k, rhine, 1, "0815");
	site_home_trust(&k, etl, 2, NULL);
	site_home_put_chain(&k, "etl", etl, 2);
	site_home_put_chain(&k, "rhine", rhine, 1);
	s = load();
	assert_int_equal(s->vendor_count, 2);
	v = site_vendor(s, "etl");
	assert_non_null(v);
	assert_string_equal(v->id, "etl");
	assert_string_equal(v->customer, "acme-plant7");
	assert_memory_equal(&v->anchor, trust_chain_anchor(etl), sizeof v->anchor);
	assert_int_equal(v->version, 2);
	assert_memory_equal(&v->version_digest, &etl->version[1]->digest, sizeof v->version_digest);
	assert_int_equal(v->chain->count, 2);
	assert_int_equal(v->highest, 0);
	assert_string_equal(site_vendor(s, "rhine")->customer, "0815");
	assert_int_equal(site_vendor(s, "rhine")->version, 1);
	assert_null(site_vendor(s, "et"));
	assert_null(site_vendor(s, "etl2"));
	site_free(s);
	/* a medium may bring two versions at once */
	site_home_trust(&k, etl, 3, NULL);
	site_home_put_chain(&k, "etl", etl, 3);
	s = load();
	assert_int_equal(site_vendor(s, "etl")->version, 3);
	site_free(s);
	trust_chain_free(etl);
	trust_chain_free(rhine);
}

static void
many_vendors(void **state)
{
	char id[16];
	struct site *s;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct trust_chain *c;

		snprintf(id, sizeof id, "vendor-%u", i);
		c = site_home_chain(id, "Name", 1);
		site_home_trust(&k, c, 1, "acme");
		site_home_put_chain(&k, id, c, 1);
		trust_chain_free(c);
	}
	s = load();
	assert_int_equal(s->vendor_count, 20);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(id, sizeof id, "vendor-%u", i);
		assert_string_equal(site_vendor(s, id)->id, id);
		assert_string_equal(trust_chain_newest(site_vendor(s, id)->chain)->vendor, id);
	}
	site_free(s);
}

/* The file of the chain beside what the ledger says: versions 1 and 2. */
static void
chain_files(void **state)
{
	struct trust_chain *c = site_home_chain("etl", "Elbe", 4);
	struct trust_chain *fork = site_home_chain("etl", "Elbe too", 1);
	struct trust_chain *fork2 = trust_chain_new();
	struct site *s;
	struct trust *t;
	char *text = trust_text();
	size_t len;

	(void)state;
	site_home_trust(&k, c, 1, "acme");
	site_home_trust(&k, c, 2, NULL);
	refused(ERR_IO);				/* not there */
	for (size_t n = 2; n <= 4; n++) {		/* ahead by a crash, or just so */
		site_home_put_chain(&k, "etl", c, n);
		s = load();
		assert_int_equal(s->vendor[0].version, 2);
		assert_int_equal(s->vendor[0].chain->count, 2);
		assert_int_equal(trust_chain_newest(s->vendor[0].chain)->version, 2);
		site_free(s);
	}
	site_home_put_chain(&k, "etl", c, 1);		/* behind */
	refused(ERR_HOME);
	site_home_put_chain(&k, "etl", fork, 1);	/* another anchor */
	refused(ERR_HOME);
	/* the same anchor, another second version */
	trust_replace(text, "\"version\": 1", "\"version\": 2");
	trust_replace(text, "Elbe Turbine Logic", "Other");
	len = trust_sign(text, "01");
	assert_int_equal(trust_first(&t, c->bytes + c->document[0].at, c->document[0].len, NULL,
	    NULL), OK);
	assert_int_equal(trust_chain_add(fork2, t, c->bytes + c->document[0].at,
	    c->document[0].len), OK);
	assert_int_equal(trust_next(&t, text, len, fork2->version[0], NULL), OK);
	assert_int_equal(trust_chain_add(fork2, t, text, len), OK);
	site_home_put_chain(&k, "etl", fork2, 2);
	refused(ERR_HOME);
	/* no chain at all */
	assert_int_equal(scratch_run(&k.s, ": >trust/etl.chain"), 0);
	refused(ERR_HOME);
	assert_int_equal(scratch_run(&k.s, "echo '{\"x\": 1}' >trust/etl.chain"), 0);
	refused(ERR_HOME);
	/* a link */
	site_home_put_chain(&k, "etl", c, 2);
	assert_int_equal(scratch_run(&k.s, "mv trust/etl.chain x && ln -s ../x trust/etl.chain"),
	    0);
	refused(ERR_IO);
	assert_int_equal(scratch_run(&k.s, "rm trust/etl.chain && mv x trust/etl.chain"), 0);
	s = load();
	site_free(s);
	free(text);
	trust_chain_free(c);
	trust_chain_free(fork);
	trust_chain_free(fork2);
}

/* Anyone may read it; only who has its key may write. */
static void
written(void **state)
{
	struct json_writer *w;
	uint64_t number;
	struct site *s;

	(void)state;
	site_home_close(&k);
	assert_int_equal(site_load(&s, &k.h, true, NULL), OK);
	w = ledger_entry(s->ledger, "quarantined", site_home_now);
	json_put_string(w, "from", "stage/x");
	json_put_string(w, "to", "quarantine/x");
	assert_int_equal(ledger_commit(s->ledger, w, &number, NULL), OK);
	assert_int_equal(number, 2);
	site_free(s);
	s = load();
	assert_int_equal(s->ledger->checkpoint.size, 2);
	assert_string_equal(s->ledger->key_file, "");
	site_free(s);
}

static void
numbers(void **state)
{
	static const struct site_home_accepted accepted[] = {
		{ "etl", "acme", 1, 1000 },
		{ "etl", "acme", 2, 1001 },
		{ "etl", "acme", 6, 1500 },
		{ "etl", "acme", 3, 1500 },		/* late */
		{ "etl", "acme", 10, 1700 },
		{ "rhine", "0815", 1, 1800 },
		{ "etl", "other", 4, 1900 },		/* what the vendor once called us */
		{ "etl", "acme", 8, 2000 },
	};
	struct trust_chain *etl = site_home_chain("etl", "Elbe", 1);
	struct trust_chain *rhine = site_home_chain("rhine", "Rhine", 1);
	uint64_t entry[COUNT(accepted)];
	struct digest last = { { 10, 1 } };
	const struct site_accepted *a;
	struct site_vendor *v;
	struct site *s;
	char gaps[64];

	(void)state;
	site_home_trust(&k, etl, 1, "acme");
	site_home_trust(&k, rhine, 1, "0815");
	site_home_put_chain(&k, "etl", etl, 1);
	site_home_put_chain(&k, "rhine", rhine, 1);
	for (size_t i = 0; i < COUNT(accepted); i++)
		entry[i] = site_home_accept(&k, &accepted[i]);
	s = load();
	assert_int_equal(s->accepted_count, COUNT(accepted));
	assert_int_equal(s->floor, 2000);
	v = site_vendor(s, "etl");
	assert_int_equal(v->highest, 10);
	assert_memory_equal(&v->last_seal, &last, sizeof last);
	site_gaps(s, v, gaps, sizeof gaps);
	assert_string_equal(gaps, "4, 5, 7, 9");
	for (size_t cap = 1; cap < sizeof gaps; cap++) {	/* as many as fit, none cut */
		site_gaps(s, v, gaps, cap);
		assert_in_range(strlen(gaps), 0, cap - 1);
		assert_int_equal(strncmp(gaps, "4, 5, 7, 9,", strlen(gaps)), 0);
		assert_true(*gaps == '\0' || "4, 5, 7, 9"[strlen(gaps)] != ' ');
	}
	assert_int_equal(site_vendor(s, "rhine")->highest, 1);
	site_gaps(s, site_vendor(s, "rhine"), gaps, sizeof gaps);
	assert_string_equal(gaps, "");
	a = site_accepted(s, "etl", "acme", 6);
	assert_non_null(a);
	assert_int_equal(a->entry, entry[2]);
	assert_string_equal(a->vendor, "etl");
	assert_string_equal(a->customer, "acme");
	assert_string_equal(a->scratch, "0123456789abcdef");
	assert_null(site_accepted(s, "etl", "acme", 4));
	assert_non_null(site_accepted(s, "etl", "other", 4));
	assert_null(site_accepted(s, "rhine", "acme", 6));
	assert_null(site_accepted(s, "etl", "acme", 0));
	site_free(s);

	/* 10 and 6 were never published: their numbers may come again */
	site_home_lose(&k, entry[4]);
	site_home_lose(&k, entry[2]);
	s = load();
	v = site_vendor(s, "etl");
	assert_int_equal(v->highest, 8);
	assert_int_equal(v->last_seal.b[0], 8);
	assert_null(site_accepted(s, "etl", "acme", 10));
	assert_null(site_accepted(s, "etl", "acme", 6));
	assert_non_null(site_accepted(s, "etl", "acme", 8));
	site_gaps(s, v, gaps, sizeof gaps);
	assert_string_equal(gaps, "4, 5, 6, 7");
	assert_int_equal(s->floor, 2000);	/* what was signed was signed */
	site_free(s);
	/* and do */
	site_home_accept(&k, &accepted[2]);
	site_home_accept(&k, &accepted[4]);
	s = load();
	assert_int_equal(site_accepted(s, "etl", "acme", 6)->entry, entry[7] + 3);
	assert_non_null(site_accepted(s, "etl", "acme", 10));
	assert_int_equal(site_vendor(s, "etl")->highest, 10);
	site_free(s);
	trust_chain_free(etl);
	trust_chain_free(rhine);
}

/* Two vendors whose consignments may wait; both call us acme. */
static void
two_vendors(void)
{
	struct trust_chain *etl = site_home_chain("etl", "Elbe", 1);
	struct trust_chain *rhine = site_home_chain("rhine", "Rhine", 1);

	site_home_trust(&k, etl, 1, "acme");
	site_home_trust(&k, rhine, 1, "acme");
	site_home_put_chain(&k, "etl", etl, 1);
	site_home_put_chain(&k, "rhine", rhine, 1);
	trust_chain_free(etl);
	trust_chain_free(rhine);
}

/* Which volumes of number ${number} of ${vendor} wait, as "1 3 ". */
static void
waits(const struct site *s, const char *vendor, uint64_t number, const char *want)
{
	char got[64] = "";

	for (uint64_t v = 1; v <= LIMIT_VOLUMES; v++)
		if (site_waiting(s, vendor, "acme", number, v) != NULL)
			snprintf(got + strlen(got), sizeof got - strlen(got), "%u ", (unsigned)v);
	assert_string_equal(got, want);
	assert_int_equal(site_waiting(s, vendor, "acme", number, 0) != NULL, *want != '\0');
}

static void
waiting(void **state)
{
	static const struct site_home_waiting volumes[] = {
		{ "etl", "acme", 7, 3, 3 },
		{ "etl", "acme", 7, 1, 3 },
		{ "rhine", "acme", 7, 2, 3 },
		{ "etl", "acme", 8, 1, 2 },
		{ "etl", "other", 7, 2, 3 },	/* what the vendor once called us */
	};
	uint64_t entry[COUNT(volumes)];
	const struct site_waiting *w;
	struct site *s;

	(void)state;
	two_vendors();
	for (size_t i = 0; i < COUNT(volumes); i++)
		entry[i] = site_home_wait(&k, &volumes[i]);
	s = load();
	assert_int_equal(s->waiting_count, COUNT(volumes));
	waits(s, "etl", 7, "1 3 ");
	waits(s, "etl", 8, "1 ");
	waits(s, "etl", 9, "");
	waits(s, "rhine", 7, "2 ");
	waits(s, "other", 7, "");
	assert_null(site_waiting(s, "etl", "acme2", 7, 0));
	assert_non_null(site_waiting(s, "etl", "other", 7, 2));
	assert_null(site_waiting(s, "etl", "other", 7, 1));
	w = site_waiting(s, "etl", "acme", 7, 3);
	assert_int_equal(w->entry, entry[0]);
	assert_string_equal(w->vendor, "etl");
	assert_string_equal(w->customer, "acme");
	assert_int_equal(w->number, 7);
	assert_int_equal(w->volume, 3);
	assert_int_equal(w->volumes, 3);
	assert_int_equal(w->set.b[0], 7);
	assert_int_equal(w->seal.b[1], 3);
	assert_int_equal(site_waiting(s, "etl", "acme", 7, 1)->entry, entry[1]);
	/* nothing of that was accepted */
	assert_int_equal(s->accepted_count, 0);
	assert_int_equal(s->floor, 0);
	assert_int_equal(site_vendor(s, "etl")->highest, 0);
	assert_null(site_accepted(s, "etl", "acme", 7));
	site_free(s);
}

/* What was accepted waits no longer; nothing else of the same number ends with it. */
static void
waiting_ends(void **state)
{
	static const struct site_home_waiting volumes[] = {
		{ "etl", "acme", 7, 1, 2 },
		{ "rhine", "acme", 7, 1, 2 },
		{ "etl", "acme", 7, 2, 2 },
		{ "etl", "acme", 8, 1, 2 },
	};
	static const struct site_home_accepted accepted[] = {
		{ "etl", "acme", 7, 1000 },
		{ "rhine", "acme", 7, 1001 },
	};
	uint64_t entry;
	struct site *s;

	(void)state;
	two_vendors();
	for (size_t i = 0; i < COUNT(volumes); i++)
		site_home_wait(&k, &volumes[i]);
	entry = site_home_accept(&k, &accepted[0]);
	s = load();
	waits(s, "etl", 7, "");
	waits(s, "etl", 8, "1 ");
	waits(s, "rhine", 7, "1 ");
	assert_non_null(site_accepted(s, "etl", "acme", 7));
	assert_null(site_accepted(s, "rhine", "acme", 7));
	site_free(s);
	/* lost: its volumes must come again, and may */
	site_home_lose(&k, entry);
	s = load();
	waits(s, "etl", 7, "");
	site_free(s);
	site_home_wait(&k, &volumes[2]);
	s = load();
	waits(s, "etl", 7, "2 ");
	assert_null(site_accepted(s, "etl", "acme", 7));
	site_free(s);
	/* given up */
	site_home_drop(&k, "etl", "acme", 7);
	s = load();
	waits(s, "etl", 7, "");
	waits(s, "etl", 8, "1 ");
	waits(s, "rhine", 7, "1 ");
	assert_int_equal(s->waiting_count, 2);
	site_free(s);
	/* the number is not used by that */
	site_home_wait(&k, &volumes[0]);
	s = load();
	waits(s, "etl", 7, "1 ");
	site_free(s);
	/* what does not wait: no harm */
	site_home_drop(&k, "etl", "acme", 99);
	site_home_drop(&k, "etl", "other", 8);
	site_home_drop(&k, "rhine", "acme", 8);
	site_home_accept(&k, &accepted[1]);
	s = load();
	waits(s, "etl", 7, "1 ");
	waits(s, "etl", 8, "1 ");
	waits(s, "rhine", 7, "");
	assert_int_equal(s->waiting_count, 2);
	site_free(s);
}

static void
missing(void **state)
{
	static const struct site_home_waiting volumes[] = {
		{ "etl", "acme", 7, 2, 99 },
		{ "etl", "acme", 7, 99, 99 },
		{ "etl", "acme", 8, 1, 2 },
		{ "etl", "acme", 8, 2, 2 },
		{ "rhine", "acme", 7, 3, 3 },
		{ "etl", "other", 7, 4, 99 },
	};
	static const struct {
		const char *vendor;
		uint64_t number, volumes, here;
		const char *want;
	} table[] = {
		{ "etl", 7, 5, 0, "1, 3-5" },
		{ "etl", 7, 5, 3, "1, 4, 5" },
		{ "etl", 7, 5, 2, "1, 3-5" },
		{ "etl", 7, 5, 1, "3-5" },
		{ "etl", 7, 5, 5, "1, 3, 4" },
		{ "etl", 7, 5, 4, "1, 3, 5" },
		{ "etl", 7, 4, 0, "1, 3, 4" },
		{ "etl", 7, 2, 1, "" },
		{ "etl", 7, 99, 0, "1, 3-98" },
		{ "etl", 7, 99, 50, "1, 3-49, 51-98" },
		{ "etl", 7, 99, 4, "1, 3, 5-98" },
		{ "etl", 7, 99, 97, "1, 3-96, 98" },
		{ "etl", 8, 2, 0, "" },
		{ "etl", 8, 2, 2, "" },
		{ "etl", 9, 3, 2, "1, 3" },
		{ "etl", 9, 3, 0, "1-3" },
		{ "etl", 9, 99, 0, "1-99" },
		{ "etl", 9, 99, 1, "2-99" },
		{ "etl", 9, 99, 99, "1-98" },
		{ "rhine", 7, 3, 0, "1, 2" },
		{ "nobody", 7, 2, 0, "1, 2" },
	};
	char out[512], *got;
	struct site *s;

	(void)state;
	two_vendors();
	for (size_t i = 0; i < COUNT(volumes); i++)
		site_home_wait(&k, &volumes[i]);
	s = load();
	for (size_t i = 0; i < COUNT(table); i++) {
		got = site_missing(s, table[i].vendor, "acme", table[i].number, table[i].volumes,
		    table[i].here, out, sizeof out);
		assert_ptr_equal(got, out);
		assert_string_equal(out, table[i].want);
	}
	site_free(s);
}

/* The longest list: every third is here, the others are no runs. */
static void
longest_missing(void **state)
{
	struct site_home_waiting volume = { "etl", "acme", 7, 0, 99 };
	char all[512] = "", out[512], *got;
	struct site *s;

	(void)state;
	two_vendors();
	for (volume.volume = 1; volume.volume <= 99; volume.volume++) {
		if (volume.volume % 3 == 0)
			site_home_wait(&k, &volume);
		else
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s%u",
			    *all == '\0' ? "" : ", ", (unsigned)volume.volume);
	}
	s = load();
	(void)site_missing(s, "etl", "acme", 7, 99, 0, out, sizeof out);
	assert_string_equal(out, all);
	/* as many as fit, none cut, and nothing written behind the end */
	for (size_t cap = 1; cap <= strlen(all) + 16; cap++) {
		size_t len;

		got = malloc(cap);
		assert_non_null(got);
		assert_ptr_equal(site_missing(s, "etl", "acme", 7, 99, 0, got, cap), got);
		len = strnlen(got, cap);
		assert_in_range(len, 0, cap - 1);
		assert_int_equal(strncmp(got, all, len), 0);
		assert_true(len == 0 || all[len] == ',' || all[len] == '\0');
		/* one that is missing is not told as none */
		if (cap >= 16)
			assert_true(len > cap - 16 || all[len] == '\0');
		free(got);
	}
	/* what must be enough: a disc that nobody names is never sent again */
	(void)site_missing(s, "etl", "acme", 7, 99, 0, out, 280);
	assert_string_equal(out, all);
	site_free(s);
}

/* SPEC, "Floor". */
static void
floors(void **state)
{
	static const struct {
		int64_t floor, signed_at, expires, want;
	} table[] = {
		{ 0, 1000, 5000, 1000 },
		{ 0, 410 * DAY, 5000 * DAY, 410 * DAY },	/* the first, from the clock */
		{ 0, 1000 * DAY, 5000 * DAY, 410 * DAY },
		{ 0, 6000, 5000, 5000 },
		{ 1000, 1001, 5000, 1001 },
		{ 1000, 1000, 5000, 1000 },
		{ 1000, 999, 5000, 1000 },			/* never back */
		{ 1000, 6000, 5000, 5000 },			/* never past the trust document */
		{ 1000, 6000, 500, 1000 },
		{ DAY, DAY + LIMIT_FLOOR_STEP, 5000 * DAY, 401 * DAY },
		{ DAY, DAY + LIMIT_FLOOR_STEP + 1, 5000 * DAY, 401 * DAY },
		{ DAY, 4000 * DAY, 5000 * DAY, 401 * DAY },
		{ DAY, 4000 * DAY, 300 * DAY, 300 * DAY },
		{ DAY, INT64_C(253402300799), INT64_C(253402300799), 401 * DAY },	/* 9999 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct site s = { .floor = table[i].floor };

		assert_int_equal(site_floor_after(&s, 10 * DAY, table[i].signed_at,
		    table[i].expires), table[i].want);
	}
}

/* One entry that no program of ours would write, behind a good beginning. */
static void
bad_entries(void **state)
{
	struct trust_chain *c = site_home_chain("etl", "Elbe", 2);
	static const struct {
		const char *what, *vendor, *customer;
		uint64_t version, number;
		bool seal;
	} table[] = {
		{ "trust-added", "etl", "acme", 2, 0, false },		/* a second time */
		{ "trust-adopted", "rhine", NULL, 2, 0, false },	/* never added */
		{ "trust-adopted", "etl", NULL, 1, 0, false },		/* not newer */
		{ "trust-adopted", "etl", NULL, 0, 0, false },
		{ "trust-adopted", "etl", NULL, 1025, 0, false },
		{ "trust-added", "rhine", NULL, 1, 0, false },		/* no customer */
		{ "accepted", "rhine", "acme", 0, 1, true },
		{ "accepted", "etl", "acme", 0, 0, true },
		{ "accepted", "etl", "acme", 0, UINT64_C(1) << 30, true },
		{ "accepted", "etl", "acme", 0, 1, false },
		{ "lost", NULL, NULL, 0, 0, false },			/* what? */
		{ "dropped", "etl", NULL, 0, 1, false },
		{ "dropped", "etl", "acme", 0, 0, false },
		{ "dropped", NULL, NULL, 0, 0, false },
		{ "founded", NULL, NULL, 0, 0, false },
	};

	(void)state;
	site_home_trust(&k, c, 1, "acme");
	site_home_put_chain(&k, "etl", c, 2);
	site_home_close(&k);
	assert_int_equal(scratch_run(&k.s, "cp -a ledger good"), 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct digest d = { { 1 } };
		struct json_writer *w;
		struct site *s;

		assert_int_equal(scratch_run(&k.s, "rm -r ledger && cp -a good ledger"), 0);
		w = site_home_entry(&k, table[i].what);
		if (table[i].vendor != NULL)
			json_put_string(w, "vendor", table[i].vendor);
		if (table[i].customer != NULL)
			json_put_string(w, "customer", table[i].customer);
		if (strncmp(table[i].what, "trust", 5) == 0) {
			json_put_uint(w, "version", table[i].version);
			json_put_digest(w, "digest", &d);
			json_put_digest(w, "anchor", &d);
		} else if (table[i].vendor != NULL) {
			json_put_uint(w, "number", table[i].number);
			json_put_uint(w, "floor", 1);
			json_put_string(w, "scratch", "x");
			if (table[i].seal)
				json_put_digest(w, "seal", &d);
		}
		site_home_commit(&k, w);
		site_home_close(&k);
		if (site_load(&s, &k.h, false, NULL) == OK)
			fail_msg("row %zu, %s", i, table[i].what);
		assert_null(s);
	}
	assert_int_equal(scratch_run(&k.s, "rm -r ledger && cp -a good ledger"), 0);
	site_free(load());
	trust_chain_free(c);
}

static void
bad_waiting(void **state)
{
	static const struct { const char *key, *value; } table[] = {	/* NULL: not there */
		{ "vendor", "\"nobody\"" }, { "vendor", NULL }, { "customer", NULL },
		{ "number", "0" }, { "number", "1073741824" }, { "number", NULL },
		{ "volumes", "1" }, { "volumes", "0" }, { "volumes", "100" }, { "volumes", NULL },
		{ "volume", "0" }, { "volume", "4" }, { "volume", NULL }, { "set", "\"00\"" },
		{ "set", NULL }, { "seal", NULL }, { "other", "1" },
	};
	static const char good[] = "{\"vendor\":\"etl\",\"customer\":\"acme\",\"number\":7,"
	    "\"volumes\":3,\"volume\":3,\"set\":\"%064d\",\"seal\":\"%064d\"}";
	char text[512];

	(void)state;
	two_vendors();
	site_home_close(&k);
	assert_int_equal(scratch_run(&k.s, "cp -a ledger good"), 0);
	snprintf(text, sizeof text, good, 0, 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		const bool fine = strcmp(table[i].key, "other") == 0;
		struct json_writer *w;
		struct json *j, *other;
		char value[128];
		struct site *s;

		assert_int_equal(scratch_run(&k.s, "rm -r ledger && cp -a good ledger"), 0);
		assert_int_equal(json_parse(&j, text, strlen(text), NULL), OK);
		snprintf(value, sizeof value, "{\"x\":%s}", table[i].value == NULL ? "0" :
		    table[i].value);
		assert_int_equal(json_parse(&other, value, strlen(value), NULL), OK);
		w = site_home_entry(&k, "waiting");
		for (size_t n = 0; json_key_at(json_root(j), n) != NULL; n++) {
			const char *key = json_key_at(json_root(j), n);

			if (strcmp(key, table[i].key) != 0)
				json_put_copy(w, key, json_root(j), key);
			else if (table[i].value != NULL)
				json_put_copy(w, key, json_root(other), "x");
		}
		site_home_commit(&k, w);
		site_home_close(&k);
		if ((site_load(&s, &k.h, false, NULL) == OK) != fine)
			fail_msg("%s: %s", table[i].key, table[i].value);
		site_free(s);
		json_free(other);
		json_free(j);
	}
}

/* What this program does not know may decide: a reader refuses it (SPEC, "Conventions"). */
static void
unknown_entries(void **state)
{
	static const char *const known[] = { "refused", "quarantined" };
	struct site *s;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		site_home_commit(&k, site_home_entry(&k, known[i]));
	s = load();
	assert_int_equal(s->accepted_count, 0);
	site_free(s);
	site_home_commit(&k, site_home_entry(&k, "trust-withdrawn"));
	refused(ERR_LEDGER);
}

/* A ledger that does not begin with the founding of the site, or is of another one. */
static void
other_ledgers(void **state)
{
	static const struct {
		const char *origin;
		const char *site;	/* NULL: never founded, as after a crash in ingest init */
	} table[] = {
		{ "waxseal/site/plant7", NULL },
		{ "waxseal/vendor/plant7", "plant7" },
		{ "waxseal/site/plant8", "plant7" },
	};
	char key[256];

	(void)state;
	scratch_path(&k.s, "keys/site", key);
	site_home_close(&k);
	assert_int_equal(scratch_run(&k.s, "rm -r ledger"), 0);
	refused(ERR_IO);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct json_writer *w;

		assert_int_equal(scratch_run(&k.s, "rm -rf ledger"), 0);
		assert_int_equal(ledger_create(k.h.fd, table[i].origin, key, NULL), OK);
		if (table[i].site != NULL) {
			w = site_home_entry(&k, "founded");
			json_put_string(w, "site", table[i].site);
			json_put_string(w, "name", "Name");
			json_put_bool(w, "solo", true);
			site_home_commit(&k, w);
		}
		refused(ERR_LEDGER);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(just_founded),
		T(vendors),
		T(many_vendors),
		T(chain_files),
		T(written),
		T(numbers),
		T(waiting),
		T(waiting_ends),
		T(missing),
		T(longest_missing),
		cmocka_unit_test(floors),
		T(bad_entries),
		T(bad_waiting),
		T(unknown_entries),
		T(other_ledgers),
	};

	return cmocka_run_group_tests(tests, trust_text_setup, NULL);
}
