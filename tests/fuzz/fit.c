/*
 * What fits: a release and the body of a passport, with a line "%" between them.  Whatever they
 * say, there is a verdict, and its reason can be written down.
 */
#include "formats/release.h"
#include "tests/fuzz/fuzz.h"
#include "verify/fit.h"

#define LINE "\n%\n"

/* Follows, contains, requires and forbids what is being tried. */
static const char other[] = "{\"applies_to\": [{\"purl\": \"pkg:deb/debian/openssl\", \"range\": "
    "\"vers:deb/<3\"}], \"provides\": [\"pkg:deb/debian/openssl@3\"], \"requires\": [\"v:A\", "
    "\"w:X\"], \"incorporates\": [\"v:A\"], \"supersedes\": [\"v:A\", \"v:B\"], "
    "\"conflicts\": [\"w:Y\", \"v:A\"]}";

static void
check_row(struct fit *f, size_t release, size_t system)
{
	struct json_writer *w = json_writer_new();
	size_t missing[2], n, len;
	struct fit_row row;
	char *text;

	HOLD(fit_judge(f, release, system, &row) == OK && *row.reason != '\0');
	HOLD(fit_missing(f, release, system, missing, &n) == OK && n <= 2);
	HOLD(!fit_good(row.verdict) || row.component != NULL);
	HOLD(system == 0 || fit_open(row.verdict));	/* there is no passport */
	HOLD(row.replaced == FIT_NONE || row.replaced < fit_releases(f));
	json_put_string(w, "reason", row.reason);
	json_put_string(w, "needed", row.needed);
	HOLD(json_finish(w, 0, &text, &len) == OK);
	free(text);
}

static void
check(struct json *release, struct json *second, const struct passport *p)
{
	struct fit *f = fit_new();
	enum fit_outcome outcome;

	HOLD(f != NULL);
	if (fit_add_release(f, "v", "A", release, json_root(release), false) == OK) {
		HOLD(fit_add_release(f, "v", "B", second, json_root(second), false) == OK);
		HOLD(fit_add_system(f, "s1", p) == OK && fit_add_system(f, "s2", NULL) == OK);
		HOLD(fit_ready(f) == OK && fit_releases(f) == 2);
		for (size_t i = 0; i < 4; i++)
			check_row(f, i / 2, i % 2);
		HOLD(fit_outcome(f, 0, NULL, NULL, &outcome) == OK && outcome != FIT_FOR_NONE);
	}
	fit_free(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = memmem(data, size, LINE, strlen(LINE));
	struct json *second = NULL;
	struct release *r = NULL;
	struct passport *p;
	struct document doc;

	if (line == NULL)
		return 0;
	doc = (struct document){ .body = (const char *)data,
		.body_len = (size_t)(line - data) + 1 };
	line += strlen(LINE);
	if (release_parse(&r, &doc, NULL, NULL) == OK &&
	    passport_parse(&p, line, size - (size_t)(line - data), NULL) == OK) {
		HOLD(json_parse(&second, other, strlen(other), NULL) == OK);
		check(r->json, second, p);
		passport_free(p);
	}
	json_free(second);
	release_free(r);
	return 0;
}
