/*
 * Tests of ingest/news and ingest/news_offer: what comes in and in which order, what is refused, what
 * is read back.  The texts were written by hand from SPEC, "notice/1", "catalogue/1" and "News".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "ingest/news.h"
#include "tests/unit/process.h"
#include "tests/unit/site_home.h"

#define D "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define OTHER "06a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define NOTICE_KEY 6		/* of tests/unit/trust_text.h: "desk2" */
#define RELEASE_KEY 3

#define SUMMARY "{\"id\": \"%s\", \"digest\": \"%s\", \"product\": \"P\", \"sequence\": 1," \
    " \"issued\": \"2026-11-20T09:12:00Z\", \"title\": \"t\", \"kind\": \"fix\"," \
    " \"severity\": \"none\"}"

static struct site_home k;
static struct station st;
static struct news news;
static unsigned before;

static void
close_station(void)
{
	news_free(&news);
	station_close(&st);
}

static void
open_station(void)
{
	struct fault f = { .at = "" };

	site_home_close(&k);
	if (station_open(&st, k.s.dir, true, &f) != OK || news_load(&news, &st, &f) != OK)
		fail_msg("%s: %s", err_code(f.err), f.at);
}

/* The same again, from what is on disk. */
static void
reopen(void)
{
	close_station();
	open_station();
}

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	site_home_of_two(&k);
	open_station();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close_station();
	site_home_end(&k);
	assert_int_equal(process_descriptors(), before);
	return 0;
}

/* ---- documents ---- */

static char text[64 * 1024];

static size_t
sign(const char *namespace, unsigned key)
{
	const size_t body = strlen(text);

	return body + keypair_sign(&trust_pair[key], namespace, text, body, text + body,
	    sizeof text - body);
}

/* Notice ${sequence} of ${id} into text; ${event} and a reason. */
static size_t
notice_with(const char *vendor, uint64_t sequence, const char *id, const char *digest,
    const char *event)
{
	int n = snprintf(text, sizeof text, "{\"waxseal\": \"notice/1\", \"vendor\": \"%s\","
	    " \"sequence\": %llu, \"issued\": \"2026-11-21T10:00:00Z\", \"place\": \"Hamburg\","
	    " \"event\": %s, \"release\": " SUMMARY "}\n", vendor, (unsigned long long)sequence,
	    event, id, digest);

	assert_in_range(n, 1, sizeof text - 1);
	return sign("notice@waxseal", NOTICE_KEY);
}

static size_t
notice_text_of(uint64_t sequence, const char *id)
{
	return notice_with("etl", sequence, id, D, "\"release\"");
}

/* Catalogue ${number}, which has heard of ${highest} notices, of one release. */
static size_t
catalogue_text_of(uint64_t number, uint64_t highest, const char *id, const char *digest)
{
	int n = snprintf(text, sizeof text, "{\"waxseal\": \"catalogue/1\", \"vendor\": \"etl\","
	    " \"number\": %llu, \"issued\": \"2026-11-21T10:00:00Z\", \"highest_notice\": %llu,"
	    " \"releases\": [" SUMMARY "]}\n", (unsigned long long)number,
	    (unsigned long long)highest, id, digest);

	assert_in_range(n, 1, sizeof text - 1);
	return sign("catalogue@waxseal", NOTICE_KEY);
}

/*
 * The document in text, of ${len} bytes, signed again with blanks in it, so that it has ${size};
 * the caller frees it.
 */
static char *
padded(size_t len, size_t size)
{
	const size_t body = (size_t)(strstr(text, "-----BEGIN") - text), more = size - len;
	char *out = malloc(size + 1), type[16], namespace[32];

	assert_non_null(out);
	assert_int_equal(document_type(text, len, type, sizeof type), OK);
	snprintf(namespace, sizeof namespace, "%s@waxseal", type);
	memcpy(out, text, body - 2);	/* without "}\n" */
	memset(out + body - 2, ' ', more);
	memcpy(out + body - 2 + more, "}\n", 2);
	assert_int_equal(body + more + keypair_sign(&trust_pair[NOTICE_KEY], namespace, out,
	    body + more, out + body + more, size + 1 - body - more), size);
	return out;
}

/* ---- offering ---- */

static struct news_offer
offer_text(const char *bytes, size_t len)
{
	struct fault f = { .at = "" };
	struct news_offer o;

	if (news_offer(&st, &news, bytes, len, "mail", &o, &f) != OK)
		fail_msg("%s: %s", err_code(f.err), f.at);
	return o;
}

/* The document in text is taken in, or is refused with ${want}; either way that is on record. */
static struct news_offer
offer(size_t len, enum err want)
{
	const uint64_t entries = st.site->ledger->tree.size;
	struct news_offer o = offer_text(text, len);

	if (o.why.err != want)
		fail_msg("%s: %s", err_code(o.why.err), o.why.at);
	assert_false(o.known);
	assert_int_equal(o.entry, entries + 1);
	assert_int_equal(st.site->ledger->tree.size, entries + 1);
	if (want != OK)
		assert_string_not_equal(o.why.at, "");
	return o;
}

static void
known(size_t len)
{
	const uint64_t entries = st.site->ledger->tree.size;
	struct news_offer o = offer_text(text, len);

	assert_int_equal(o.why.err, OK);
	assert_true(o.known);
	assert_int_equal(o.entry, 0);
	assert_int_equal(st.site->ledger->tree.size, entries);
	assert_true(o.notice != NULL || o.catalogue != NULL);
}

static const char *
gaps(void)
{
	static char out[200];

	return news_gaps(news_of(&news, "etl"), out, sizeof out);
}

/* ---- notices ---- */

static void
in_order(void **state)
{
	struct news_offer o;

	(void)state;
	assert_null(news_of(&news, "etl"));
	assert_null(news_notice(&news, "etl", "T-1"));
	assert_false(news_withdrawn(&news, "etl", "T-1"));
	o = offer(notice_text_of(1, "T-1"), OK);
	assert_string_equal(o.claims, "etl");
	assert_int_equal(o.number, 1);
	assert_false(o.is_catalogue);
	assert_false(o.late);
	assert_int_equal(o.gap_from, 0);
	assert_string_equal(o.notice->release.id, "T-1");
	o = offer(notice_text_of(2, "T-2"), OK);
	assert_int_equal(o.gap_from, 0);
	known(notice_text_of(1, "T-1"));
	assert_int_equal(news_of(&news, "etl")->highest, 2);
	assert_string_equal(gaps(), "");
	reopen();
	assert_int_equal(news.count, 1);
	assert_int_equal(news_of(&news, "etl")->highest, 2);
	assert_int_equal(news_of(&news, "etl")->notices, 2);
	assert_int_equal(news_of(&news, "etl")->catalogue, 0);
	assert_null(news_of(&news, "etl")->newest);
	assert_int_equal(news_notice(&news, "etl", "T-2")->sequence, 2);
	assert_null(news_notice(&news, "rhine", "T-2"));
	known(notice_text_of(2, "T-2"));
}

static void
gaps_and_late_ones(void **state)
{
	static const struct {
		uint64_t sequence, from, to;
		bool late;
		const char *gaps;
	} table[] = {
		{ 3, 1, 2, false, "1-2" },
		{ 4, 0, 0, false, "1-2" },
		{ 6, 5, 5, false, "1-2, 5" },
		{ 10, 7, 9, false, "1-2, 5, 7-9" },
		{ 8, 0, 0, true, "1-2, 5, 7, 9" },
		{ 1, 0, 0, true, "2, 5, 7, 9" },
		{ 5, 0, 0, true, "2, 7, 9" },
		{ 11, 0, 0, false, "2, 7, 9" },
	};
	char id[16];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct news_offer o;

		snprintf(id, sizeof id, "T-%llu", (unsigned long long)table[i].sequence);
		o = offer(notice_text_of(table[i].sequence, id), OK);
		assert_int_equal(o.gap_from, table[i].from);
		assert_int_equal(o.gap_to, table[i].to);
		assert_int_equal(o.late, table[i].late);
		assert_string_equal(gaps(), table[i].gaps);
		if (i == 4)	/* sorted, also from the ledger, where they are not */
			reopen();
	}
	for (size_t i = 1; i < news_of(&news, "etl")->notices; i++)
		assert_true(news_of(&news, "etl")->notice[i - 1]->sequence <
		    news_of(&news, "etl")->notice[i]->sequence);
	assert_null(news_numbered(news_of(&news, "etl"), 7));
	assert_int_equal(news_numbered(news_of(&news, "etl"), 8)->sequence, 8);
	assert_null(news_numbered(news_of(&news, "etl"), 12));
	/* what does not fit is left out, whole */
	for (size_t cap = 1; cap < 60; cap++) {
		char out[60];

		memset(out, 'x', sizeof out);
		assert_ptr_equal(news_gaps(news_of(&news, "etl"), out, cap), out);
		assert_true(strlen(out) < cap);
		assert_int_equal(strncmp("2, 7, 9", out, strlen(out)), 0);
	}
}

static void
jumps(void **state)
{
	(void)state;
	/* whoever begins late does not know how far the vendor is */
	assert_int_equal(offer(notice_text_of(70000, "T-1"), OK).gap_to, 69999);
	(void)offer(notice_text_of(70000 + LIMIT_NUMBER_JUMP + 1, "T-2"), ERR_JUMP);
	(void)offer(notice_text_of(LIMIT_INTEGER, "T-2"), ERR_JUMP);
	(void)offer(notice_text_of(70000 + LIMIT_NUMBER_JUMP, "T-2"), OK);
	assert_true(offer(notice_text_of(1, "T-3"), OK).late);
	(void)offer(catalogue_text_of(500, 0, "T-1", D), OK);
	(void)offer(catalogue_text_of(500 + LIMIT_NUMBER_JUMP + 1, 0, "T-1", D), ERR_JUMP);
	(void)offer(catalogue_text_of(500 + LIMIT_NUMBER_JUMP, 0, "T-1", D), OK);
}

/*
 * LIMIT_NOTICE and LIMIT_CATALOGUE are of all of it, as it is kept: what were taken in without its
 * signatures counted, could not be read back, and nothing else with it.
 */
static void
sizes(void **state)
{
	static const size_t most[] = { LIMIT_NOTICE, LIMIT_CATALOGUE };
	struct news_offer o;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t past = 2; past-- > 0;) {
			const size_t len = i == 0 ? notice_text_of(1, "T-1") :
			    catalogue_text_of(1, 0, "T-1", D);
			char *large = padded(len, most[i] + past);

			o = offer_text(large, most[i] + past);
			assert_int_equal(o.why.err, past ? ERR_LIMIT : OK);
			free(large);
		}
		reopen();
	}
	assert_int_equal(news_of(&news, "etl")->highest, 1);
	assert_int_equal(news_of(&news, "etl")->catalogue, 1);
}

static void
forks(void **state)
{
	(void)state;
	(void)offer(notice_text_of(1, "T-1"), OK);
	(void)offer(notice_text_of(1, "T-2"), ERR_NEWS_FORKED);
	(void)offer(notice_with("etl", 2, "T-1", OTHER, "\"release\""), ERR_NEWS_FORKED);
	(void)offer(catalogue_text_of(1, 0, "T-1", OTHER), ERR_NEWS_FORKED);
	(void)offer(catalogue_text_of(1, 0, "T-5", D), OK);
	(void)offer(catalogue_text_of(1, 0, "T-6", D), ERR_NEWS_FORKED);
	(void)offer(catalogue_text_of(2, 0, "T-5", OTHER), ERR_NEWS_FORKED);
	(void)offer(notice_with("etl", 2, "T-5", OTHER, "\"release\""), ERR_NEWS_FORKED);
	/* another vendor's releases have names of their own */
	(void)offer(notice_with("rhine", 1, "T-1", OTHER, "\"release\""), OK);
	assert_int_equal(news_of(&news, "etl")->notices, 1);
	known(notice_text_of(1, "T-1"));
}

static void
withdrawals(void **state)
{
	static const char *const gone = "\"withdrawal\", \"reason\": \"loses data\"";

	(void)state;
	(void)offer(notice_text_of(1, "T-1"), OK);
	assert_false(news_withdrawn(&news, "etl", "T-1"));
	(void)offer(notice_with("etl", 3, "T-1", D, gone), OK);
	assert_true(news_withdrawn(&news, "etl", "T-1"));
	assert_false(news_withdrawn(&news, "etl", "T-2"));
	assert_false(news_withdrawn(&news, "rhine", "T-1"));
	/* late, and older than the withdrawal */
	(void)offer(notice_text_of(2, "T-1"), OK);
	assert_true(news_withdrawn(&news, "etl", "T-1"));
	(void)offer(notice_text_of(4, "T-1"), OK);
	assert_false(news_withdrawn(&news, "etl", "T-1"));
	assert_int_equal(news_notice(&news, "etl", "T-1")->sequence, 4);
	reopen();
	assert_false(news_withdrawn(&news, "etl", "T-1"));
}

/* ---- catalogues ---- */

static void
catalogues(void **state)
{
	struct news_offer o;

	(void)state;
	o = offer(catalogue_text_of(4, 0, "T-1", D), OK);
	assert_true(o.is_catalogue);
	assert_int_equal(o.number, 4);
	assert_int_equal(o.catalogue->count, 1);
	known(catalogue_text_of(4, 0, "T-1", D));
	(void)offer(catalogue_text_of(3, 0, "T-1", D), ERR_NEWS_OLDER);
	(void)offer(catalogue_text_of(9, 2, "T-2", D), OK);
	(void)offer(catalogue_text_of(4, 0, "T-1", D), ERR_NEWS_OLDER);
	assert_string_equal(gaps(), "1-2");
	(void)offer(notice_text_of(1, "T-1"), OK);
	assert_string_equal(gaps(), "2");
	reopen();
	assert_int_equal(news_of(&news, "etl")->catalogue, 9);
	assert_string_equal(news_of(&news, "etl")->newest->release[0].id, "T-2");
	assert_string_equal(gaps(), "2");
	known(catalogue_text_of(9, 2, "T-2", D));
}

/* ---- what is no news of a vendor ---- */

static void
refused(void **state)
{
	struct news_offer o;
	size_t n;

	(void)state;
	(void)notice_text_of(1, "T-1");
	*strstr(text, "-----BEGIN") = '\0';
	o = offer(sign("notice@waxseal", RELEASE_KEY), ERR_DOC_SIGNATURE);
	assert_string_equal(o.claims, "etl");
	assert_int_equal(o.number, 0);
	assert_null(o.notice);
	*strstr(text, "-----BEGIN") = '\0';
	(void)offer(sign("catalogue@waxseal", NOTICE_KEY), ERR_SIG_NAMESPACE);
	n = notice_text_of(1, "T-1");
	memcpy(strstr(text, "Hamburg"), "Homburg", 7);
	(void)offer(n, ERR_SIG_FALSE);
	(void)offer(notice_with("ruhr", 1, "T-1", D, "\"release\""), ERR_SENDER);
	o = offer(notice_with("et1", 1, "T-1", D, "\"release\""), ERR_LOOKALIKE);
	assert_string_equal(o.claims, "et1");
	/* a trusted name with more behind it is another name, however long it is */
	o = offer(notice_with("etl-etl-etl-etl-etl-etl-etl-etl-etl-etl-etl-etl-etl-etl-etl-etl", 1,
	    "T-1", D, "\"release\""), ERR_SENDER);
	assert_true(strlen(o.claims) > LIMIT_ID);
	o = offer(notice_with("etl\x1b[2J", 1, "T-1", D, "\"release\""), ERR_SENDER);
	assert_string_equal(o.claims, "etl\\x1b[2J");
	o = offer(notice_with("\\u0065tl", 1, "T-1", D, "\"release\""), ERR_SENDER);
	assert_string_equal(o.claims, "\\x5cu0065tl");
	(void)offer(notice_with("etl", 1, "T-1", D, "\"rumour\""), ERR_JSON_VALUE);
	(void)offer(notice_with("etl", 1, "T-1", D, "\"withdrawal\""), ERR_NOTICE_FORM);
	(void)offer(catalogue_text_of(0, 0, "T-1", D), ERR_JSON_VALUE);
	(void)offer(catalogue_text_of(1, 0, "T 1", D), ERR_CATALOGUE_FORM);
	snprintf(text, sizeof text, "{\"waxseal\": \"seal/1\", \"vendor\": \"etl\"}\n");
	o = offer(sign("seal@waxseal", 5), ERR_DOC_TYPE);
	assert_string_equal(o.claims, "etl");
	snprintf(text, sizeof text, "{\"waxseal\": \"notice/1\", \"sequence\": 1}\n");
	o = offer(sign("notice@waxseal", NOTICE_KEY), ERR_SENDER);
	assert_string_equal(o.claims, "");
	assert_int_equal(news.count, 0);
	assert_int_equal(access(scratch_path(&k.s, "news", (char[256]){ "" }), F_OK), -1);
}

static void
cut(void **state)
{
	size_t len, n;

	(void)state;
	len = notice_text_of(1, "T-1");
	for (n = 0; n < len; n += 61) {
		struct news_offer o = offer_text(text, n);

		assert_int_equal(o.why.err, ERR_DOC_FORM);
		assert_true(o.entry > 0);
		/* the claim is in the first bytes */
		assert_string_equal(o.claims, n > 48 ? "etl" : "");
	}
	(void)offer(len, OK);
}

/* What an entry of a refusal says; from the file, which is what others will read. */
static void
recorded(void **state)
{
	static char log[256 * 1024];
	const char *line;
	size_t n;

	(void)state;
	n = notice_with("et1", 1, "T-1", D, "\"release\"");
	(void)offer(n, ERR_LOOKALIKE);
	(void)scratch_get(&k.s, "ledger/entries.jsonl", log, sizeof log);
	line = strstr(log, "\"what\":\"notice-refused\"");
	assert_non_null(line);
	assert_non_null(strstr(line, "\"claims\":\"et1\",\"type\":\"notice\",\"digest\":\""));
	assert_non_null(strstr(line, "\"status\":11,\"verdict\":\"UNKNOWN SENDER\","
	    "\"reason\":\"sender.resembles\",\"where\":\"et1, not etl\",\"via\":\"mail\"}"));
	(void)offer(notice_text_of(7, "T-1"), OK);
	(void)scratch_get(&k.s, "ledger/entries.jsonl", log, sizeof log);
	line = strstr(log, "\"what\":\"notice\"");
	assert_non_null(line);
	assert_non_null(strstr(line, "\"vendor\":\"etl\",\"sequence\":7,\"digest\":\""));
	assert_non_null(strstr(line, "\"issued\":\"2026-11-21T10:00:00Z\",\"event\":\"release\","
	    "\"id\":\"T-1\",\"release\":\"" D "\""));
}

/* ---- from the ledger ---- */

static void
not_loaded(enum err want)
{
	struct fault f = { .at = "" };

	close_station();
	assert_int_equal(station_open(&st, k.s.dir, false, NULL), OK);
	assert_int_equal(news_load(&news, &st, &f), want);
	assert_int_equal(f.err, want);
	assert_string_not_equal(f.at, "");
	news_free(&news);
	assert_int_equal(news_load(&news, &st, NULL), want);
	close_station();
}

static void
kept_files(void **state)
{
	(void)state;
	(void)offer(notice_text_of(1, "T-1"), OK);
	(void)offer(catalogue_text_of(1, 1, "T-1", D), OK);
	(void)offer(catalogue_text_of(2, 1, "T-1", D), OK);
	/* only the newest catalogue is looked at */
	assert_int_equal(scratch_run(&k.s, "rm news/etl/1.catalogue; cp -r news spare"), 0);
	reopen();
	assert_int_equal(news_of(&news, "etl")->catalogue, 2);
	assert_int_equal(scratch_run(&k.s, "sed -i s/Hamburg/Homburg/ news/etl/1.notice"), 0);
	not_loaded(ERR_HOME);
	assert_int_equal(scratch_run(&k.s, "cp spare/etl/2.catalogue news/etl/1.notice"), 0);
	not_loaded(ERR_HOME);
	assert_int_equal(scratch_run(&k.s, ": >news/etl/1.notice"), 0);
	not_loaded(ERR_HOME);
	assert_int_equal(scratch_run(&k.s, "rm news/etl/1.notice"), 0);
	not_loaded(ERR_IO);
	assert_int_equal(scratch_run(&k.s, "cp spare/etl/1.notice news/etl;"
	    " sed -i s/T-1/T-2/ news/etl/2.catalogue"), 0);
	not_loaded(ERR_HOME);
	assert_int_equal(scratch_run(&k.s, "cp spare/etl/* news/etl; echo >news/etl/9.notice"), 0);
	open_station();
	assert_int_equal(news_of(&news, "etl")->highest, 1);
	(void)offer(notice_text_of(9, "T-9"), OK);
}

/* A notice entry of ${sequence}, or a catalogue entry of ${number}, that nobody should have written. */
static void
put_entry(const char *what, const char *key, uint64_t number)
{
	const struct digest d = { { 1 } };
	struct json_writer *w = site_home_entry(&k, what);

	json_put_string(w, "vendor", "etl");
	json_put_uint(w, key, number);
	json_put_digest(w, "digest", &d);
	(void)site_home_commit(&k, w);
	site_home_close(&k);
}

static void
broken_records(void **state)
{
	(void)state;
	(void)offer(notice_text_of(3, "T-1"), OK);
	close_station();
	put_entry("notice", "sequence", 3);
	not_loaded(ERR_LEDGER);
}

static void
broken_catalogues(void **state)
{
	(void)state;
	(void)offer(catalogue_text_of(3, 0, "T-1", D), OK);
	close_station();
	put_entry("catalogue", "number", 3);
	not_loaded(ERR_LEDGER);
}

/* ---- 10,000 releases ---- */

static void
large(void **state)
{
	static char row[400];
	char *big = malloc(16 * 1024 * 1024), *end = big;
	struct timespec from, to;
	struct news_offer o;
	double seconds;

	(void)state;
	assert_non_null(big);
	end += sprintf(end, "{\"waxseal\": \"catalogue/1\", \"vendor\": \"etl\", \"number\": 1,"
	    " \"issued\": \"2026-11-21T10:00:00Z\", \"highest_notice\": 0, \"releases\": [");
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(row, sizeof row, "T-%05u", i);
		end += sprintf(end, "%s" SUMMARY, i == 0 ? "" : ",\n", row, D);
	}
	end += sprintf(end, "]}\n");
	end += keypair_sign(&trust_pair[NOTICE_KEY], "catalogue@waxseal", big,
	    (size_t)(end - big), end, 4096);
	o = offer_text(big, (size_t)(end - big));
	assert_int_equal(o.why.err, OK);
	assert_int_equal(o.catalogue->count, 10000);
	reopen();
	close_station();
	assert_int_equal(station_open(&st, k.s.dir, false, NULL), OK);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(news_load(&news, &st, NULL), OK);
	clock_gettime(CLOCK_MONOTONIC, &to);
	seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	print_message("10,000 releases: %.2f s\n", seconds);
	assert_non_null(catalogue_find(news_of(&news, "etl")->newest, "T-07777"));
	free(big);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(in_order), T(gaps_and_late_ones), T(jumps), T(sizes), T(forks), T(withdrawals),
		T(catalogues), T(refused), T(cut), T(recorded), T(kept_files), T(broken_records),
		T(broken_catalogues), T(large),
	};

	return cmocka_run_group_tests(tests, trust_text_setup, NULL);
}
