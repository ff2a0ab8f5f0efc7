/*
 * match_system: what a system has, found by package; for match alone.
 */
#ifndef VERIFY_MATCH_SYSTEM_H
#define VERIFY_MATCH_SYSTEM_H

#include "formats/purl.h"
#include "verify/match.h"

/* A component that has a package URL. */
struct match_item {
	struct purl *purl;
	const char *machine;		/* as match_system_machine; "": not known */
	const struct passport_component *component;
};

struct match_system {
	const struct passport *passport;	/* NULL: there is none */
	size_t count;
	struct match_item *item;	/* sorted by package */
	size_t nameless;
	const struct passport_component **named;	/* without a package, sorted by name */
};

/* One name for each machine: "amd64" for "x86_64"; "" for whatever is made for all of them. */
const char *match_system_machine(const char *name);

/* The first component of the package ${key}, or where it would be. */
size_t match_system_first(const struct match_system *s, const struct purl *key);

/* A component of software without a package URL that is called ${name}, or NULL. */
const struct passport_component *match_system_named(const struct match_system *s,
    const char *name);

#endif
