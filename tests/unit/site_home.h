/*
 * site_home: the home of a site as ingest would have made it, entry by entry (SPEC, "The ledger").
 * Include after cmocka.h.
 */
#ifndef TESTS_UNIT_SITE_HOME_H
#define TESTS_UNIT_SITE_HOME_H

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/scratch.h"
#include "tests/unit/trust_text.h"
#include "verify/file.h"
#include "verify/home.h"
#include "verify/keymaker.h"
#include "verify/ledger.h"

static const struct moment site_home_now = { 1795162320, 60 };

struct site_home {
	struct scratch s;
	struct home h;
	struct ledger *l;	/* open for writing; NULL while somebody else has it */
};

static inline struct json_writer *
site_home_entry(struct site_home *k, const char *what)
{
	char key[256];

	if (k->l == NULL)
		assert_int_equal(ledger_open(&k->l, k->h.fd, "ledger",
		    scratch_path(&k->s, "keys/site", key), NULL), OK);
	return ledger_entry(k->l, what, site_home_now);
}

/* Returns its number. */
static inline uint64_t
site_home_commit(struct site_home *k, struct json_writer *w)
{
	uint64_t number = 0;

	assert_int_equal(ledger_commit(k->l, w, &number, NULL), OK);
	return number;
}

/* Close the ledger, so that another may open it. */
static inline void
site_home_close(struct site_home *k)
{
	ledger_free(k->l);
	k->l = NULL;
}

static inline void
site_home_new(struct site_home *k, const char *site)
{
	struct json_writer *w;
	char key[256], origin[64];

	*k = (struct site_home){ .l = NULL };
	unsetenv("SSH_AUTH_SOCK");
	k->s = scratch_new();
	assert_int_equal(home_open(&k->h, k->s.dir, NULL), OK);
	assert_int_equal(scratch_run(&k->s, "mkdir keys trust"), 0);
	snprintf(origin, sizeof origin, "waxseal/site/%s", site);
	assert_int_equal(keymaker_make(scratch_path(&k->s, "keys/site", key), site, NULL), OK);
	assert_int_equal(ledger_create(k->h.fd, origin, key, NULL), OK);
	w = site_home_entry(k, "founded");
	json_put_string(w, "site", site);
	json_put_string(w, "name", "Acme, Werk 7");
	json_put_string(w, "key", "not looked at");
	json_put_bool(w, "solo", true);
	site_home_commit(k, w);
}

static inline void
site_home_end(struct site_home *k)
{
	site_home_close(k);
	home_close(&k->h);
	scratch_end(&k->s);
}

/* A chain of ${n} versions of ${vendor}, each as the template with ${name}; the caller frees it. */
static inline struct trust_chain *
site_home_chain(const char *vendor, const char *name, unsigned n)
{
	struct trust_chain *c = trust_chain_new();

	assert_non_null(c);
	for (unsigned i = 1; i <= n; i++) {
		char *text = trust_text(), word[320];
		struct trust *t = NULL;
		size_t len;

		snprintf(word, sizeof word, "\"vendor\": \"%s\"", vendor);
		trust_replace(text, "\"vendor\": \"etl\"", word);
		trust_replace(text, "Elbe Turbine Logic", name);
		snprintf(word, sizeof word, "\"version\": %u", i);
		trust_replace(text, "\"version\": 1", word);
		len = trust_sign(text, "01");
		assert_int_equal(i == 1 ? trust_first(&t, text, len, NULL, NULL) :
		    trust_next(&t, text, len, c->version[i - 2], NULL), OK);
		assert_int_equal(trust_chain_add(c, t, text, len), OK);
		free(text);
	}
	return c;
}

/* Put a chain into the home, as far as version ${n}. */
static inline void
site_home_put_chain(struct site_home *k, const char *vendor, const struct trust_chain *c, size_t n)
{
	struct trust_chain *copy;
	char path[64];

	assert_int_equal(trust_chain_parse(&copy, c->bytes, c->len, NULL, NULL), OK);
	trust_chain_cut(copy, n);
	snprintf(path, sizeof path, "trust/%s.chain", vendor);
	assert_int_equal(file_replace(k->h.fd, path, 0600, copy->bytes, copy->len, NULL), OK);
	trust_chain_free(copy);
}

/* The ledger's word on version ${n} of a chain; ${customer} is NULL once the vendor was added. */
static inline void
site_home_trust(struct site_home *k, const struct trust_chain *c, size_t n, const char *customer)
{
	const struct trust *t = c->version[n - 1];
	struct json_writer *w = site_home_entry(k,
	    customer != NULL ? "trust-added" : "trust-adopted");

	json_put_string(w, "vendor", t->vendor);
	json_put_uint(w, "version", t->version);
	json_put_digest(w, "digest", &t->digest);
	if (customer != NULL) {
		json_put_string(w, "name", t->name);
		json_put_string(w, "customer", customer);
		json_put_digest(w, "anchor", trust_chain_anchor(c));
	} else {
		json_put_string(w, "from", "file");
	}
	site_home_commit(k, w);
}

struct site_home_accepted {
	const char *vendor, *customer;
	uint64_t number, floor;
};

/* Returns the number of the entry; the digest of the seal begins with ${number}. */
static inline uint64_t
site_home_accept(struct site_home *k, const struct site_home_accepted *a)
{
	const struct digest seal = { { (uint8_t)a->number, 1 } }, set = { { 0xff } };
	struct json_writer *w = site_home_entry(k, "accepted");

	json_put_string(w, "vendor", a->vendor);
	json_put_string(w, "customer", a->customer);
	json_put_uint(w, "number", a->number);
	json_put_uint(w, "volumes", 2);
	json_put_digest(w, "set", &set);
	json_put_digest(w, "seal", &seal);
	json_put_moment(w, "sealed_at", site_home_now);
	json_put_uint(w, "floor", a->floor);
	json_put_string(w, "stage", "stage/x");
	json_put_string(w, "scratch", "0123456789abcdef");
	json_put_string(w, "verdict", "GENUINE");
	return site_home_commit(k, w);
}

struct site_home_waiting {
	const char *vendor, *customer;
	uint64_t number, volume, volumes;
};

/* Returns the number of the entry; set and seal begin with ${number}, the seal goes on with
 * ${volume}. */
static inline uint64_t
site_home_wait(struct site_home *k, const struct site_home_waiting *v)
{
	const struct digest set = { { (uint8_t)v->number } };
	const struct digest seal = { { (uint8_t)v->number, (uint8_t)v->volume } };
	struct json_writer *w = site_home_entry(k, "waiting");

	json_put_string(w, "vendor", v->vendor);
	json_put_string(w, "customer", v->customer);
	json_put_uint(w, "number", v->number);
	json_put_uint(w, "volumes", v->volumes);
	json_put_digest(w, "set", &set);
	json_put_uint(w, "volume", v->volume);
	json_put_digest(w, "seal", &seal);
	json_put_moment(w, "sealed_at", site_home_now);
	return site_home_commit(k, w);
}

static inline void
site_home_drop(struct site_home *k, const char *vendor, const char *customer, uint64_t number)
{
	struct json_writer *w = site_home_entry(k, "dropped");

	json_put_string(w, "vendor", vendor);
	json_put_string(w, "customer", customer);
	json_put_uint(w, "number", number);
	site_home_commit(k, w);
}

static inline void
site_home_lose(struct site_home *k, uint64_t entry)
{
	struct json_writer *w = site_home_entry(k, "lost");

	json_put_uint(w, "entry", entry);
	json_put_string(w, "reason", "its files differ");
	site_home_commit(k, w);
}

/* A new one, "plant7", that trusts etl and rhine; both call it acme. */
static inline void
site_home_of_two(struct site_home *k)
{
	static const char *const vendors[][2] = { { "etl", "Elbe" }, { "rhine", "Rhine" } };

	site_home_new(k, "plant7");
	for (size_t i = 0; i < 2; i++) {
		struct trust_chain *c = site_home_chain(vendors[i][0], vendors[i][1], 1);

		site_home_trust(k, c, 1, "acme");
		site_home_put_chain(k, vendors[i][0], c, 1);
		trust_chain_free(c);
	}
}

#endif
