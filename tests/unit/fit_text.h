/*
 * fit_text: releases and passports for the tests of what fits, as short texts.  Include after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_FIT_TEXT_H
#define TESTS_UNIT_FIT_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/passport.h"

/* A body in which ' stands for ". */
static inline struct json *
fit_text_json(const char *text)
{
	char copy[8000];
	struct json *j;
	struct fault f = { .err = OK };

	assert_in_range(snprintf(copy, sizeof copy, "%s", text), 1, (int)sizeof copy - 1);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	if (json_parse(&j, copy, strlen(copy), &f) != OK)
		fail_msg("%s: %s", text, f.at);
	return j;
}

/* "state=half-configured" of a component that is being read. */
static inline void
fit_text_fact(struct passport_component *c, const char *word)
{
	if (strncmp(word, "base=", 5) == 0)
		c->fact[FACT_CUSTOMISED] = word + 5;
	else if (strncmp(word, "state=", 6) == 0)
		c->fact[FACT_STATE] = word + 6;
	else if (strncmp(word, "kind=", 5) == 0)
		c->kind = word + 5;
	else
		fail_msg("%s", word);
}

/* One component: "PURL-OR-NAME VERSION [base=...] [state=...] [kind=...]". */
static inline void
fit_text_component(struct passport *p, char *line)
{
	struct passport_component c = passport_blank();
	char *save, ref[600];
	const char *word;

	c.kind = "library";
	c.name = strtok_r(line, " ", &save);
	c.version = strtok_r(NULL, " ", &save);
	if (strncmp(c.name, "pkg:", 4) == 0)
		c.purl = c.name;
	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		fit_text_fact(&c, word);
	snprintf(ref, sizeof ref, "%zu-%s", p->count, c.name);
	c.ref = ref;
	if (strcmp(c.version, "-") == 0)
		c.version = "";
	assert_int_equal(passport_add(p, &c), OK);
}

/*
 * A passport "SYSTEM ARCHITECTURE; COMPONENT; COMPONENT...": SYSTEM is "debian/12", "debian/" (of
 * which the version is not known; nothing prints such a passport) or "-"; ARCHITECTURE may be "-".
 */
static inline struct passport *
fit_text_passport(const char *text)
{
	struct passport *p = passport_new();
	struct fault f = { .err = OK };
	char copy[4000], system[64], machine[64], *save, *line, *slash;

	snprintf(copy, sizeof copy, "%s", text);
	line = strtok_r(copy, ";", &save);
	assert_int_equal(sscanf(line, "%63s %63s", system, machine), 2);
	while ((line = strtok_r(NULL, ";", &save)) != NULL)
		if (*(line += strspn(line, " ")) != '\0')
			fit_text_component(p, line);
	p->system = "bed";
	assert_int_equal(passport_settle(p, &f), OK);
	if ((slash = strchr(system, '/')) != NULL)
		*slash++ = '\0';
	if (strcmp(system, "-") != 0) {
		p->os_id = passport_word(p, system);
		p->os_version = passport_word(p, slash == NULL ? "" : slash);
	}
	if (strcmp(machine, "-") != 0)
		p->architecture = passport_word(p, machine);
	return p;
}

#endif
