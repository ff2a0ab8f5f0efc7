/*
 * release_text: a release with every member that a notice tells, and room for changes.
 * Include after cmocka.h.
 */
#ifndef TESTS_UNIT_RELEASE_TEXT_H
#define TESTS_UNIT_RELEASE_TEXT_H

#include <string.h>

#include "formats/release.h"

#define RELEASE_SUMS "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define RELEASE_LISTS \
" \"fixes\": [\"CVE-2026-1234\", \"TX-771\"],\n" \
" \"applies_to\": [{\"purl\": \"pkg:deb/etl/turbine-x\", \"range\": \"vers:deb/<2.4\"," \
" \"systems\": [\"debian-12\"], \"architectures\": [\"amd64\", \"arm64\"]}],\n" \
" \"provides\": [\"pkg:deb/etl/turbine-x@2.4\"],\n" \
" \"requires\": [\"etl:TX-2026-01\"],\n" \
" \"incorporates\": [\"etl:TX-2026-02\"],\n" \
" \"supersedes\": [\"etl:TX-2026-03\"],\n" \
" \"conflicts\": [\"other:1\"],\n" \
" \"compat\": [{\"patch\": \"KB5031364\", \"status\": \"tested\"," \
" \"date\": \"2026-11-01T00:00:00Z\"}],\n"
#define RELEASE_TEXT \
"{\"waxseal\": \"release/1\", \"vendor\": \"etl\", \"id\": \"TX-2026-04\"," \
" \"product\": \"Turbine X\", \"sequence\": 4, \"issued\": \"2026-11-20T09:12:00+01:00\"," \
" \"title\": \"Closes the debug port\", \"kind\": \"security\", \"severity\": \"high\",\n" \
" \"notes\": \"First line\\nsecond line\",\n" RELEASE_LISTS \
" \"customised\": \"refuse\", \"restart\": \"service\", \"checks\": [\"tx --version\"],\n" \
" \"files\": {\"count\": 1, \"bytes\": 7, \"sums\": \"" RELEASE_SUMS "\"," \
" \"executables\": []}}\n"

static inline struct release *
release_from(const char *text)
{
	struct document doc;
	struct release *r;

	assert_int_equal(document_split_unsigned(text, strlen(text), &doc), OK);
	assert_int_equal(release_parse(&r, &doc, NULL, NULL), OK);
	return r;
}

#endif
