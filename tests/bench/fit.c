/*
 * fit: RELEASES releases against SYSTEMS systems of COMPONENTS components each, in seconds: taking
 * them in (JSON and passports are read before), and all verdicts.  bench.sh runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verify/fit.h"

#define RELEASES 1000u
#define SYSTEMS 50u
#define COMPONENTS 2000u

static void
need(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "bench fit: %s\n", what);
		exit(1);
	}
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Debian packages, on each system in one of three revisions; each hundredth is customised. */
static struct passport *
make_passport(unsigned system)
{
	struct passport *p = passport_new();
	char name[64], purl[256], version[64];
	struct fault f = { .err = OK };

	need(p != NULL, "no memory");
	p->system = "bed";
	p->architecture = "amd64";
	for (unsigned i = 0; i < COMPONENTS; i++) {
		struct passport_component c = passport_blank();

		snprintf(name, sizeof name, "package-%u", i);
		snprintf(version, sizeof version, "1:2.%u-%u", i % 10, (i + system) % 3);
		snprintf(purl, sizeof purl, "pkg:deb/debian/%s@%s?arch=amd64", name, version);
		c.ref = c.purl = purl;
		c.kind = "library";
		c.name = name;
		c.version = version;
		c.fact[FACT_CUSTOMISED] = i % 100 == 0 ? version : "";
		need(passport_add(p, &c) == OK, "no memory");
	}
	need(passport_settle(p, &f) == OK, f.at);
	p->os_id = "debian";
	p->os_version = "12";
	return p;
}

/* Each is for three packages, of which systems may have none, and leads on in three ways. */
static struct json *
make_release(unsigned i)
{
	char text[4000], brings[400] = "";
	struct json *j;
	int n = snprintf(text, sizeof text, "{\"applies_to\": [");

	for (unsigned k = 0; k < 3; k++) {
		const unsigned package = (i * 7 + k * 331) % (2 * COMPONENTS);
		const size_t at = strlen(brings);

		n += snprintf(text + n, sizeof text - (size_t)n, "%s{\"purl\": "
		    "\"pkg:deb/debian/package-%u\", \"range\": \"vers:deb/>=1:1.0|<1:2.%u-%u\", "
		    "\"systems\": [\"debian/11\", \"debian/12\"], \"architectures\": [\"amd64\"]}",
		    k == 0 ? "" : ", ", package, package % 10, i % 4);
		(void)snprintf(brings + at, sizeof brings - at,
		    "%s\"pkg:deb/debian/package-%u@1:2.%u-%u\"", k == 0 ? "" : ", ", package,
		    package % 10, i % 4);
	}
	n += snprintf(text + n, sizeof text - (size_t)n, "], \"provides\": [%s], \"requires\": "
	    "[%s\"v:R%04u\"], \"incorporates\": [\"v:R%04u\"], \"conflicts\": [\"v:R%04u\"]}",
	    brings, i % 9 == 0 ? "\"w:X\", " : "", i / 2, i / 3, (i + 500) % RELEASES);
	need(json_parse(&j, text, (size_t)n, NULL) == OK, "no JSON");
	return j;
}

int
main(void)
{
	static struct passport *passport[SYSTEMS];
	static struct json *json[RELEASES];
	unsigned count[16] = { 0 };
	struct fit_row row;
	double start, ready;
	struct fit *f;
	char id[16];

	for (unsigned i = 0; i < SYSTEMS; i++)
		passport[i] = make_passport(i);
	for (unsigned i = 1; i < RELEASES; i++)
		json[i] = make_release(i);
	start = seconds();
	need((f = fit_new()) != NULL, "no memory");
	for (unsigned i = 1; i < RELEASES; i++) {
		snprintf(id, sizeof id, "R%04u", i);
		need(fit_add_release(f, "v", id, json[i], json_root(json[i]), i % 50 == 0) == OK,
		    "a release is none");
	}
	for (unsigned i = 0; i < SYSTEMS; i++) {
		snprintf(id, sizeof id, "s%u", i + 1);
		need(fit_add_system(f, id, passport[i]) == OK, "a system is none");
	}
	need(fit_ready(f) == OK, "no memory");
	ready = seconds();
	for (size_t r = 0; r < fit_releases(f); r++)
		for (size_t s = 0; s < fit_systems(f); s++) {
			need(fit_judge(f, r, s, &row) == OK, "no memory");
			count[row.verdict]++;
		}
	printf("%.2f s: %.2f to take in, %.2f to judge;", seconds() - start, ready - start,
	    seconds() - ready);
	for (unsigned v = 0; v <= FIT_WITHDRAWN; v++)
		printf(" %s %u%s", fit_code(v), count[v], v < FIT_WITHDRAWN ? "," : "\n");
	fit_free(f);
	for (unsigned i = 0; i < SYSTEMS; i++)
		passport_free(passport[i]);
	for (unsigned i = 0; i < RELEASES; i++)
		json_free(json[i]);
	return 0;
}
