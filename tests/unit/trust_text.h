/*
 * trust_text: a good trust document as text, changed by replacing words and signed by keys that are
 * named by their index.  Include after cmocka.h.
 */
#ifndef TESTS_UNIT_TRUST_TEXT_H
#define TESTS_UNIT_TRUST_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/trust.h"
#include "tests/unit/keypair.h"

#define TRUST_TEXT (256 * 1024)

/* Keys 0..7 are @0..@7 in the text; key 3 and key 7 are hardware keys. */
static struct keypair trust_pair[8];

static const char trust_template[] =
    "{\n"
    "  \"waxseal\": \"trust/1\",\n"
    "  \"vendor\": \"etl\",\n"
    "  \"name\": \"Elbe Turbine Logic\",\n"
    "  \"telephone\": \"+49 351 5550\",\n"
    "  \"address\": \"Elbufer 1\\nDresden\",\n"
    "  \"version\": 1,\n"
    "  \"issued\": \"2026-11-20T09:12:00+01:00\",\n"
    "  \"expires\": \"2028-11-20T09:12:00+01:00\",\n"
    "  \"single_person\": false,\n"
    "  \"keys\": [\n"
    "    {\"id\": \"anna\", \"holder\": \"Anna\", \"key\": \"@0\"},\n"
    "    {\"id\": \"ben\", \"holder\": \"Ben\", \"key\": \"@1\"},\n"
    "    {\"id\": \"cora\", \"holder\": \"Cora\", \"key\": \"@2\"},\n"
    "    {\"id\": \"anna2\", \"holder\": \"Anna\", \"key\": \"@3\"},\n"
    "    {\"id\": \"ben2\", \"holder\": \"Ben\", \"key\": \"@4\"},\n"
    "    {\"id\": \"desk\", \"holder\": \"Dora\", \"key\": \"@5\"},\n"
    "    {\"id\": \"desk2\", \"holder\": \"Dora\", \"key\": \"@6\"}\n"
    "  ],\n"
    "  \"roles\": {\n"
    "    \"trust\": {\"threshold\": 2, \"keys\": [\"anna\", \"ben\", \"cora\"]},\n"
    "    \"release\": {\"threshold\": 2, \"keys\": [\"anna2\", \"ben2\"]},\n"
    "    \"seal\": {\"threshold\": 1, \"keys\": [\"desk\"]},\n"
    "    \"notice\": {\"threshold\": 1, \"keys\": [\"desk2\"]}\n"
    "  }\n"
    "}\n";

static inline int
trust_text_setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < 8; i++)
		trust_pair[i] = keypair_new(i % 4 == 3 ? SSH_SK_ED25519 : SSH_ED25519);
	return 0;
}

/* Replace the first ${from}, which must be there; ${text} has room for TRUST_TEXT bytes. */
static inline void
trust_replace(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from);
	size_t rest, n = strlen(to);

	assert_non_null(at);
	rest = strlen(at + strlen(from)) + 1;
	assert_true((size_t)(at - text) + n + rest <= TRUST_TEXT);
	memmove(at + n, at + strlen(from), rest);
	memcpy(at, to, n);
}

/* A new text; the caller frees it. */
static inline char *
trust_text(void)
{
	char *text = calloc(1, TRUST_TEXT);

	assert_non_null(text);
	memcpy(text, trust_template, sizeof trust_template);
	return text;
}

/* Put the keys in, and the signatures of those whose digits are in ${who}; returns the length. */
static inline size_t
trust_sign(char *text, const char *who)
{
	char line[SSHSIG_LINE], mark[3] = "@0";
	size_t body, len;

	for (size_t i = 0; i < 8; i++) {
		mark[1] = (char)('0' + i);
		sshsig_key_print(&trust_pair[i].key, line);
		while (strstr(text, mark) != NULL)
			trust_replace(text, mark, line);
	}
	body = len = strlen(text);
	for (; *who != '\0'; who++)
		len += keypair_sign(&trust_pair[*who - '0'], "trust@waxseal", text, body,
		    text + len, TRUST_TEXT - len);
	return len;
}

#endif
