/*
 * Tests of verify/fit (and fit_system): many releases beside many systems, and how releases relate.
 * A world is a few lines: "system NAME: PASSPORT" (or "system NAME" without one), and
 * "ID: for 3 brings 4; requires v:X w:Y; ..." is a release of the vendor v for the package
 * pkg:generic/v/ID in versions below 3 (with "of P" for another package).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fit_text.h"
#include "verify/fit.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define MOST 64

struct world {
	struct fit *f;
	struct json *json[MOST];
	struct passport *passport[MOST];
	size_t jsons, passports;
};

static void PRINTF(3, 4)
append(char *text, size_t cap, const char *format, ...)
{
	const size_t at = strlen(text);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text + at, cap - at, format, args);
	va_end(args);
	assert_in_range(n, 1, (int)(cap - at) - 1);
}

/* "from 2 for 3 brings 4 of P", or nothing. */
static void
put_package(char *text, size_t cap, const char *id, char *words)
{
	const char *below = NULL, *brings = NULL, *package = id;
	char from[40] = "";
	char *save, *word;

	for (word = strtok_r(words, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		const char *value = strtok_r(NULL, " ", &save);

		if (strcmp(word, "for") == 0)
			below = value;
		else if (strcmp(word, "from") == 0)
			snprintf(from, sizeof from, ">=%s|", value);
		else if (strcmp(word, "brings") == 0)
			brings = value;
		else
			package = value;
	}
	if (below == NULL)
		return;
	append(text, cap, ", 'applies_to': [{'purl': 'pkg:generic/v/%s', "
	    "'range': 'vers:intdot/%s<%s'}]", package, from, below);
	if (brings != NULL)
		append(text, cap, ", 'provides': ['pkg:generic/v/%s@%s']", package, brings);
}

static void
put_relation(char *text, size_t cap, char *words)
{
	char *save, *word = strtok_r(words, " ", &save);
	const char *between = "";

	append(text, cap, ", '%s': [", word);
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		append(text, cap, "%s'%s'", between, word);
		between = ", ";
	}
	append(text, cap, "]");
}

/* "ID: ...": a "!" before the id is a release that was withdrawn; "w:ID" is one of vendor w. */
static void
take_release(struct world *w, const char *line)
{
	char copy[1000], text[4000] = "{'title': 'x'", vendor[2] = "v", *id = copy, *save, *part;
	bool withdrawn = *line == '!';

	snprintf(copy, sizeof copy, "%s", line + withdrawn);
	if (strncmp(id, "w:", 2) == 0) {
		*vendor = 'w';
		id += 2;
	}
	part = strchr(id, ':');
	*part++ = '\0';
	part = strtok_r(part, ";", &save);
	if (part != NULL)
		put_package(text, sizeof text, id, part);
	while ((part = strtok_r(NULL, ";", &save)) != NULL)
		put_relation(text, sizeof text, part);
	append(text, sizeof text, "}");
	w->json[w->jsons] = fit_text_json(text);
	assert_int_equal(fit_add_release(w->f, vendor, id, w->json[w->jsons],
	    json_root(w->json[w->jsons]), withdrawn), OK);
	assert_true(++w->jsons < MOST);
}

static void
take_system(struct world *w, const char *line)
{
	const char *colon = strchr(line, ':');
	struct passport *p = NULL;
	char name[30], text[1000];

	snprintf(name, sizeof name, "%.*s", (int)strcspn(line, ":"), line);
	if (colon != NULL) {
		snprintf(text, sizeof text, "debian/12 amd64; %s", colon + 1);
		p = fit_text_passport(text);
	}
	w->passport[w->passports++] = p;
	assert_int_equal(fit_add_system(w->f, name, p), OK);
}

static struct world
world(const char *const *lines, size_t n)
{
	struct world w = { .f = fit_new() };

	assert_non_null(w.f);
	for (size_t i = 0; i < n; i++)
		if (strncmp(lines[i], "system ", 7) == 0)
			take_system(&w, lines[i] + 7);
		else
			take_release(&w, lines[i]);
	assert_int_equal(fit_ready(w.f), OK);
	return w;
}
#define WORLD(...) world((const char *const[]){ __VA_ARGS__ }, \
    COUNT(((const char *const[]){ __VA_ARGS__ })))

static void
end(struct world *w)
{
	fit_free(w->f);
	for (size_t i = 0; i < w->jsons; i++)
		json_free(w->json[i]);
	for (size_t i = 0; i < w->passports; i++)
		passport_free(w->passport[i]);
}

static size_t
at(const struct world *w, const char *name)
{
	size_t i = fit_find(w->f, name);

	assert_int_not_equal(i, FIT_NONE);
	return i;
}

/* The release ${name} on the system ${system} has this code, and this reason. */
static void
says(struct world *w, const char *name, size_t system, const char *code, const char *reason)
{
	struct fit_row row;

	assert_int_equal(fit_judge(w->f, at(w, name), system, &row), OK);
	if (strcmp(fit_code(row.verdict), code) != 0 || strcmp(row.reason, reason) != 0)
		fail_msg("%s: %s, %s\n  not %s, %s", name, fit_code(row.verdict), row.reason, code,
		    reason);
}

#define P "pkg:generic/v/"
#define THIS "it is for this version"
#define SAME "it brings this version"
#define OTHER "it is for other versions"
#define LATER "it is for a version that comes before it"

static void
test_verdicts(void **state)
{
	struct world w = WORLD("system one: " P "A 2; " P "B 4; " P "C 9; " P "D 2.1 base=2; "
	    P "E x; " P "F 2",
	    "system none",
	    "A: for 3 brings 3", "B: for 4 brings 4", "C: for 4 brings 4", "D: for 3 brings 3",
	    "E: for 3 brings 3", "!F: for 3 brings 3", "G: for 3", "H:");

	(void)state;
	says(&w, "v:A", 0, "fits", THIS);
	says(&w, "v:B", 0, "already-there", SAME);
	says(&w, "v:C", 0, "older", "newer than what it brings, 4");
	says(&w, "v:D", 0, "customised", "customised; the maker delivered 2");
	says(&w, "v:E", 0, "unknown", "its version cannot be compared: x");
	says(&w, "v:F", 0, "withdrawn", THIS "; its vendor has withdrawn it");
	says(&w, "v:G", 0, "not-affected", "it has nothing of that");
	says(&w, "v:H", 0, "unknown", "the release does not say what it is for");
	says(&w, "v:A", 1, "unknown", "no passport");
	says(&w, "v:F", 1, "withdrawn", "no passport; its vendor has withdrawn it");
	end(&w);
}

static void
test_names(void **state)
{
	struct world w = WORLD("system one: " P "A 2", "system two", "B: for 3", "A: for 3",
	    "w:A: for 3; requires v:Z");

	(void)state;
	assert_int_equal(fit_releases(w.f), 3);
	assert_int_equal(fit_systems(w.f), 2);
	assert_string_equal(fit_release_name(w.f, 0), "v:A");
	assert_string_equal(fit_release_name(w.f, 2), "w:A");
	assert_string_equal(fit_system_name(w.f, 1), "two");
	assert_int_equal(fit_find(w.f, "v:Z"), FIT_NONE);	/* only named */
	assert_int_equal(fit_find(w.f, ""), FIT_NONE);
	end(&w);
	w = WORLD("system one");
	assert_int_equal(fit_releases(w.f), 0);
	assert_int_equal(fit_find(w.f, "v:A"), FIT_NONE);
	end(&w);
	fit_free(NULL);
}

static void
test_codes(void **state)
{
	static const struct { enum fit_verdict v; const char *code; bool good, open; } all[] = {
		{ FIT_FITS, "fits", true, false },
		{ FIT_AFTER, "fits-after", true, false },
		{ FIT_ALREADY, "already-there", false, false },
		{ FIT_UNAFFECTED, "not-affected", false, false },
		{ FIT_OLDER, "older", false, false },
		{ FIT_REFUSED, "customised-refused", false, false },
		{ FIT_CONFLICTS, "conflicts", false, false },
		{ FIT_CUSTOMISED, "customised", false, true },
		{ FIT_UNKNOWN, "unknown", false, true },
		{ FIT_WITHDRAWN, "withdrawn", false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_string_equal(fit_code(all[i].v), all[i].code);
		assert_true(*fit_words(all[i].v) != '\0');
		assert_int_equal(fit_good(all[i].v), all[i].good);
		assert_int_equal(fit_open(all[i].v), all[i].open);
	}
}

static void
test_contained(void **state)
{
	/* A is without "brings": only that C, which contains B, which contains A, is there tells. */
	struct world w = WORLD("system one: " P "hmi 4; " P "N 4; " P "K 2 base=2; " P "M 2 base=2",
	    "A: for 9 of hmi; incorporates v:Z", "B: for 3 brings 3 of hmi; incorporates v:A",
	    "C: for 4 brings 4 of hmi; incorporates v:B v:L v:N v:G v:K v:M",
	    /* It says which version it brings, and there is an older one: someone is wrong. */
	    "N: for 9 brings 8", "L: for 9 of hmi; requires v:A",
	    "G: for 3", "K: for 3", "M: for 3 brings 3",
	    "w:D: for 9 of hmi; supersedes v:A", "Z: for 9 of hmi");

	(void)state;
	says(&w, "v:C", 0, "already-there", SAME);
	says(&w, "v:B", 0, "already-there",
	    "newer than what it brings, 3; contained in v:C");
	says(&w, "v:A", 0, "already-there", THIS "; contained in v:C");
	says(&w, "v:Z", 0, "already-there", THIS "; contained in v:C");
	says(&w, "v:L", 0, "already-there", THIS "; contained in v:C");
	says(&w, "v:N", 0, "unknown", THIS "; though contained in v:C");
	says(&w, "v:G", 0, "not-affected", "it has nothing of that");
	says(&w, "v:K", 0, "already-there", "customised; the maker delivered 2; contained in v:C");
	says(&w, "v:M", 0, "customised",
	    "customised; the maker delivered 2; though contained in v:C");
	says(&w, "w:D", 0, "fits", THIS);
	end(&w);
}

static void
test_conflicts(void **state)
{
	struct world w = WORLD("system one: " P "A 1; " P "B 2; " P "C 1; " P "D 1; " P "E 1; "
	    P "F 1 base=1; " P "G 1; " P "H 2",
	    "A: for 2 brings 2; conflicts v:B",	/* says it itself */
	    "B: for 2 brings 2; conflicts v:C",	/* it is said of C */
	    "C: for 2 brings 2",
	    "D: for 2 brings 2; conflicts v:A v:X",	/* neither is there */
	    "E: for 2 brings 2; conflicts v:I",	/* is there in another */
	    "F: for 2 brings 2; conflicts v:B",	/* customised, and yet */
	    "G: for 2 brings 2; requires v:A",	/* cannot come */
	    "H: for 2 brings 2; incorporates v:I", "I:");

	(void)state;
	says(&w, "v:A", 0, "conflicts", THIS "; conflicts with v:B");
	says(&w, "v:C", 0, "conflicts", THIS "; conflicts with v:B");
	says(&w, "v:D", 0, "fits", THIS);
	says(&w, "v:E", 0, "unknown", THIS "; conflicts with v:I, contained in v:H");
	says(&w, "v:F", 0, "conflicts",
	    "customised; the maker delivered 1; conflicts with v:B");
	says(&w, "v:G", 0, "unknown", THIS "; this cannot be installed: v:A; after v:A");
	end(&w);
}

static void
test_missing(void **state)
{
	struct world w = WORLD("system one: " P "A 1; " P "B 1; " P "C 1; " P "D 2; " P "E 1; "
	    P "F 1; " P "G 1; " P "H 1; " P "I 1; " P "J 2; " P "K 1 base=1; " P "L 1; " P "M 3; "
	    P "N 1",
	    "system none",
	    "C: for 2 brings 2; requires v:B", "B: for 2 brings 2; requires v:A v:D",
	    "A: for 2 brings 2", "D: for 2 brings 2",
	    "E: for 2 brings 2; requires v:D",	/* is there */
	    "F: for 2 brings 2; requires w:X",	/* of which nothing is known */
	    "G: for 2 brings 2; requires v:N v:C",
	    "H: for 2 brings 2; requires v:W",	/* was withdrawn */
	    "!W: for 2 brings 2 of A",
	    "I: for 2 brings 2; requires v:O",	/* contained in what is there */
	    "J: for 2 brings 2; incorporates v:O", "O: for 1",
	    "K: for 2 brings 2; requires v:A",
	    "L: for 2 brings 2; requires v:M",	/* what is there is newer */
	    "M: for 2 brings 2", "N: for 2 brings 2; requires v:Y",
	    "Y: for 2 brings 2");		/* nothing of it is there */
	size_t out[MOST], n;

	(void)state;
	says(&w, "v:A", 0, "fits", THIS);
	says(&w, "v:B", 0, "fits-after", THIS "; after v:A");
	says(&w, "v:C", 0, "fits-after", THIS "; after v:A, v:B");
	says(&w, "v:E", 0, "fits", THIS);
	says(&w, "v:F", 0, "unknown", THIS "; nothing is known of w:X; after w:X");
	says(&w, "v:G", 0, "unknown", THIS "; this cannot be installed: v:Y; "
	    "after v:A, v:B, v:C, v:Y, v:N");
	says(&w, "v:H", 0, "unknown", THIS "; this cannot be installed: v:W; after v:W");
	says(&w, "v:I", 0, "fits", THIS);
	says(&w, "v:K", 0, "customised", "customised; the maker delivered 1; after v:A");
	says(&w, "v:L", 0, "unknown", THIS "; this cannot be installed: v:M; after v:M");
	says(&w, "v:C", 1, "unknown", "no passport; after v:A, v:D, v:B");
	assert_int_equal(fit_missing(w.f, at(&w, "v:C"), 0, out, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(out[0], at(&w, "v:A"));
	assert_int_equal(out[1], at(&w, "v:B"));
	assert_int_equal(fit_missing(w.f, at(&w, "v:F"), 0, out, &n), OK);
	assert_int_equal(n, 0);		/* what is not known has no number */
	end(&w);
}

/* Patches that build on each other: each is for the version that the one before brings. */
static void
test_later(void **state)
{
	struct world w = WORLD("system one: " P "x 1; " P "y 1; " P "z 1; " P "c 1 base=1; " P "u 1",
	    "system two: " P "x 2",
	    "A: for 2 brings 2 of x", "B: from 2 for 3 brings 3 of x; requires v:A",
	    "C: from 3 for 4 brings 4 of x; requires v:B",
	    "D: from 3 for 4 brings 4 of x; requires v:A",	/* A does not lead there */
	    "E: from 3 for 4 brings 4 of x",			/* nothing leads there */
	    "!F: from 2 for 3 brings 3 of x; requires v:A",
	    "G: from 2 for 3 brings 3 of x; requires v:A w:X",	/* nobody knows X */
	    "H: from 2 for 3 brings 3 of y; requires v:I; conflicts v:K",
	    "I: for 2 brings 2 of y", "K: for 1 brings 1 of z",
	    "L: for 2 brings 2 of c", "M: from 2 for 3 brings 3 of c; requires v:L",
	    "N: from 2 for 3 of u; requires w:O", "w:O: from 2 for 3 brings 2 of u; requires v:N");

	(void)state;
	says(&w, "v:B", 0, "fits-after", LATER "; after v:A");
	says(&w, "v:C", 0, "fits-after", LATER "; after v:A, v:B");
	says(&w, "v:D", 0, "not-affected", OTHER);
	says(&w, "v:E", 0, "not-affected", OTHER);
	says(&w, "v:F", 0, "not-affected", OTHER);
	says(&w, "v:G", 0, "not-affected", OTHER);
	says(&w, "v:H", 0, "not-affected", OTHER);
	says(&w, "v:M", 0, "not-affected", OTHER);
	says(&w, "v:N", 0, "not-affected", OTHER);
	says(&w, "w:O", 0, "not-affected", OTHER);
	says(&w, "v:A", 1, "already-there", SAME);
	says(&w, "v:B", 1, "fits", THIS);
	says(&w, "v:C", 1, "fits-after", LATER "; after v:B");
	end(&w);
}

static void
test_replaced(void **state)
{
	struct world w = WORLD("system one: " P "hmi 1; " P "x 1; " P "y 5",
	    "A: for 9 brings 2 of hmi", "B: for 9 brings 3 of hmi; supersedes v:A",
	    "C: for 9 brings 4 of hmi; incorporates v:B", "!Z: for 9 brings 5 of hmi; supersedes v:C",
	    "D: for 9 brings 2 of x", "E: for 5 brings 5 of y; supersedes v:D",
	    "F: for 5 of nothing; supersedes v:D");
	struct fit_row row;

	(void)state;
	says(&w, "v:A", 0, "fits", THIS "; replaced by v:C");
	says(&w, "v:B", 0, "fits", THIS "; replaced by v:C");
	says(&w, "v:C", 0, "fits", THIS);	/* its follower was withdrawn */
	says(&w, "v:D", 0, "fits", THIS);	/* its followers are there, or do not fit */
	assert_int_equal(fit_judge(w.f, at(&w, "v:A"), 0, &row), OK);
	assert_int_equal(row.replaced, at(&w, "v:C"));
	assert_string_equal(row.component->version, "1");
	assert_string_equal(row.needed, "vers:intdot/<9");
	assert_int_equal(fit_judge(w.f, at(&w, "v:C"), 0, &row), OK);
	assert_int_equal(row.replaced, FIT_NONE);
	end(&w);
}

/* Several vendors may make a circle together; whatever is said, it is said. */
static void
test_circles(void **state)
{
	struct world w = WORLD("system one: " P "A 1; " P "B 1; " P "C 1; " P "D 1; " P "E 2",
	    "A: for 2 brings 2; requires w:B", "w:B: for 2 brings 2 of B; requires v:A",
	    "C: for 2 brings 2; supersedes v:D; conflicts v:C",
	    "D: for 2 brings 2; supersedes v:C; requires v:D",
	    "E: for 2 brings 2; incorporates v:F", "F: for 2; incorporates v:E");

	(void)state;
	says(&w, "v:A", 0, "fits-after", THIS "; after w:B");
	says(&w, "w:B", 0, "fits-after", THIS "; after v:A");
	says(&w, "v:C", 0, "fits", THIS "; replaced by v:D");
	says(&w, "v:D", 0, "fits", THIS "; replaced by v:C");
	says(&w, "v:E", 0, "already-there", SAME);
	says(&w, "v:F", 0, "not-affected", "it has nothing of that");
	end(&w);
}

/* The stage and a catalogue have the same release; news of a withdrawal may come from either. */
static void
test_twice(void **state)
{
	struct world w = WORLD("system one: " P "A 1; " P "B 1",
	    "B: for 2 brings 2; requires v:A", "A: for 2 brings 2", "A: for 1 brings 1",
	    "B: for 2 brings 2", "!B: for 2 brings 2", "A: for 1");

	(void)state;
	assert_int_equal(fit_releases(w.f), 2);
	says(&w, "v:A", 0, "fits", THIS);
	says(&w, "v:B", 0, "withdrawn", THIS "; after v:A; its vendor has withdrawn it");
	end(&w);
}

static void
outcome(struct world *w, const char *name, enum fit_outcome expected)
{
	enum fit_outcome out;

	assert_int_equal(fit_outcome(w->f, at(w, name), NULL, NULL, &out), OK);
	if (out != expected)
		fail_msg("%s: %d", name, (int)out);
}

static void
test_outcome(void **state)
{
	struct world w = WORLD("system one: " P "A 1; " P "B 2; " P "C 1 base=1; " P "D 1 base=1; "
	    P "E 1",
	    "system two: " P "A 2; " P "D 1; " P "E 1",
	    "A: for 2 brings 2", "B: for 2 brings 2", "C: for 2 brings 2", "D: for 2 brings 2",
	    "!E: for 2 brings 2", "F: for 2", "G:");

	(void)state;
	outcome(&w, "v:A", FIT_FOR_SOME);
	outcome(&w, "v:B", FIT_FOR_NONE);
	outcome(&w, "v:C", FIT_HELD);
	outcome(&w, "v:D", FIT_FOR_SOME);	/* good for one is enough */
	outcome(&w, "v:E", FIT_HELD);
	outcome(&w, "v:F", FIT_FOR_NONE);
	outcome(&w, "v:G", FIT_HELD);
	end(&w);
	w = WORLD("A: for 2");
	outcome(&w, "v:A", FIT_HELD);		/* no systems */
	end(&w);
	w = WORLD("system one: " P "B 2", "system none", "A: for 2");
	outcome(&w, "v:A", FIT_HELD);		/* one without a passport */
	end(&w);
}

static void
test_order(void **state)
{
	struct world w = WORLD("C: for 2; requires v:Z", "A: for 2; supersedes v:C", "Z: for 2",
	    "B: for 2; requires w:nobody");
	size_t list[] = { at(&w, "v:A"), at(&w, "v:B"), at(&w, "v:C"), at(&w, "v:Z") };

	(void)state;
	fit_order(w.f, list, COUNT(list));
	assert_int_equal(list[0], at(&w, "v:Z"));
	assert_int_equal(list[1], at(&w, "v:C"));
	assert_int_equal(list[2], at(&w, "v:A"));
	assert_int_equal(list[3], at(&w, "v:B"));
	fit_order(w.f, list, 0);
	end(&w);
}

/* Names that have no room in a reason are left out whole. */
static void
test_long_chain(void **state)
{
	char lines[40][240], previous[80] = "", id[80];
	const char *pointers[41] = { "system one: " P "x 1" };
	struct fit_row row;
	struct world w;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		snprintf(id, sizeof id, "%062zuR", i);
		snprintf(lines[i], sizeof lines[i], "%s: for 2 brings 2 of x%s%s", id,
		    i == 0 ? "" : "; requires v:", previous);
		snprintf(previous, sizeof previous, "%s", id);
		pointers[i + 1] = lines[i];
	}
	w = world(pointers, COUNT(pointers));
	assert_int_equal(fit_judge(w.f, fit_releases(w.f) - 1, 0, &row), OK);
	if (row.verdict != FIT_AFTER)
		fail_msg("%s", row.reason);
	assert_in_range(strlen(row.reason), FIT_REASON - 100, FIT_REASON - 1);
	assert_int_equal(row.reason[strlen(row.reason) - 1], 'R');
	end(&w);
}

/* A release that cannot be read is not added. */
static void
test_refused(void **state)
{
	struct json *j = fit_text_json("{'applies_to': [{'purl': 'x', 'range': 'vers:deb/<1'}]}");
	struct fit *f = fit_new();

	(void)state;
	assert_int_equal(fit_add_release(f, "v", "A", j, json_root(j), false), ERR_PURL);
	assert_int_equal(fit_ready(f), OK);
	assert_int_equal(fit_releases(f), 0);
	fit_free(f);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_contained),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
