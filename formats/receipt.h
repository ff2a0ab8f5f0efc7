/*
 * receipt: what became of a consignment, signed by the site for the vendor.  SPEC, "receipt/1".
 */
#ifndef FORMATS_RECEIPT_H
#define FORMATS_RECEIPT_H

#include "formats/code.h"
#include "formats/document.h"
#include "formats/json.h"
#include "formats/merkle.h"

struct receipt_check {
	const char *step, *state, *text;
}; /* "V2", "ok" | "failed" | "not checked" | "-", ... */
struct receipt_release { const char *id; struct digest digest; const char *status; };

struct receipt {
	struct json *json;	/* owns the strings of a parsed one; NULL for one to be printed */
	struct digest digest;
	const char *site, *vendor, *customer;	/* vendor, customer: "" when unknown */
	uint64_t number;			/* 0 when unknown */
	struct digest seal; /* of its body; zero when there was none that could be read */
	uint64_t status;			/* exit status, 0..31 */
	const char *verdict, *reason;
	struct moment at;
	const char *by, *via, *place;		/* the journey; "" when not given */
	const char *missing;			/* volumes that are not there: "1, 3"; or "" */
	size_t check_count;
	struct receipt_check check[32];
	size_t release_count;
	struct receipt_release release[LIMIT_RELEASES];
	struct checkpoint ledger;
};

/* Parse and verify: signed by ${key} (NULL: by any one key, which *${signer} then is).  The caller
 * frees it. */
enum err receipt_open(struct receipt **out, const void *buf, size_t len, const struct ssh_key *key,
    struct ssh_key *signer, struct fault *f) MUST_USE;
void receipt_free(struct receipt *r);
enum err receipt_print(const struct receipt *r, char **text, size_t *len) MUST_USE;

/*
 * The receipt line, to be read out over the telephone: bech32m, customer as readable part, number
 * (6), exit status (1), MAC of "customer number status" (8), checksum (6).
 */
#define RECEIPT_LINE (LIMIT_ID + 1 + 21 + 1)
struct receipt_line { char customer[LIMIT_ID + 1]; uint64_t number, status, mac; };
enum err receipt_line_print(
    const struct code *c, uint64_t status, char out[static RECEIPT_LINE]) MUST_USE;
enum err receipt_line_parse(const char *typed, struct receipt_line *out) MUST_USE;
/* Is the MAC of ${l} the one that ${c} makes? */
enum err receipt_line_check(const struct receipt_line *l, const struct code *c) MUST_USE;

#endif
