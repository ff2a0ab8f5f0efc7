/*
 * code: the authorization code of a consignment: bech32m, the customer ID is its readable part.
 * SPEC, "Authorization code".
 */
#ifndef FORMATS_CODE_H
#define FORMATS_CODE_H

#include "formats/bech32.h"
#include "formats/digest.h"
#include "formats/limits.h"

#define CODE_SYMBOLS 33		/* version 1, number 6, secret 20 (100 bits), checksum 6 */
#define CODE_TEXT (LIMIT_ID + 1 + CODE_SYMBOLS + 1)
#define CODE_PRINT 96

struct code {
	char customer[LIMIT_ID + 1];
	uint64_t number;
	char text[CODE_TEXT];	/* canonical: lower case, "customer1data" */
};

struct code_typo {
	unsigned group;		/* the group that cannot be right, from 1; 0: cannot be told */
	char typed[8];		/* that group as it was typed, upper case, not escaped */
	int missing;		/* characters too few (> 0) or too many (< 0) */
};

/*
 * Make a code; the secret comes from the system's random numbers.  A bad customer is ERR_USAGE, a
 * number not from 1 to LIMIT_NUMBER ERR_LIMIT.
 */
enum err code_make(const char *customer, uint64_t number, struct code *out) MUST_USE;
/* For letters and screens: "ACME-PLANT7  QPZR Y9X8 ...": ID, gap, groups of four, then five. */
void code_print(const struct code *c, char out[static CODE_PRINT]);
/*
 * code_parse(typed, len, out, typo):
 * What a person typed: any case, spaces and hyphens anywhere right of the ID, with or without the
 * "1" after it; no line end.  ERR_CODE_TYPED with ${typo} filled in when it cannot be right,
 * ERR_NEWER when it is right but of another version.
 */
enum err code_parse(const char *typed, size_t len, struct code *out,
    struct code_typo *typo) MUST_USE;
void code_wipe(struct code *c);

/* HMAC-SHA256(SHA-256("waxseal-code-v1" 0x00 code), "waxseal-seal-v1" 0x00 body). */
enum err code_tag(const struct code *c, const void *body, size_t len, struct digest *out) MUST_USE;

/* 40 bits for receipt lines: HMAC-SHA256 keyed as above over "waxseal-receipt-v1" 0x00 ${text}. */
enum err code_mac40(const struct code *c, const void *text, size_t len, uint64_t *out) MUST_USE;

#endif
