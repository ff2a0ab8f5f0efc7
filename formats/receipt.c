/*
 * receipt: what a site tells the vendor about a consignment, and the line of it that can be read
 * out over the telephone.  SPEC, "receipt/1" and "Receipt line".
 */
#include "formats/receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/bech32.h"
#include "formats/limits.h"
#include "formats/name.h"

#define NAMESPACE	"receipt@waxseal"
#define STATUS_MAX	31u		/* one symbol of the receipt line */
#define CHECKS_MAX	(sizeof(((struct receipt *)0)->check) / sizeof(struct receipt_check))

/* ---- reading ---- */

static void
require(struct json *j, bool good, const char *key)
{
	if (!good)
		json_refuse(j, ERR_JSON_VALUE, key);
}

/* A text that may be left out: then "". */
static const char *
optional(struct json *j, const struct json_node *root, const char *key)
{
	return json_has(root, key) ? json_get_string(j, root, key, 1, LIMIT_TEXT) : "";
}

static void
read_subject(struct json *j, const struct json_node *root, struct receipt *r)
{
	r->site = json_get_string(j, root, "site", 1, LIMIT_ID);
	r->vendor = optional(j, root, "vendor");
	require(j, r->vendor[0] == '\0' || name_id_ok(r->vendor), "vendor");
	r->customer = optional(j, root, "customer");
	require(j, r->customer[0] == '\0' || name_id_ok(r->customer), "customer");
	if (json_has(root, "number"))
		r->number = json_get_uint(j, root, "number", 1, LIMIT_NUMBER);
	if (json_has(root, "seal"))
		r->seal = json_get_digest(j, root, "seal");
	r->status = json_get_uint(j, root, "status", 0, STATUS_MAX);
	r->verdict = json_get_string(j, root, "verdict", 1, LIMIT_TEXT);
	r->reason = json_get_string(j, root, "reason", 1, LIMIT_TEXT);
	r->at = json_get_moment(j, root, "at");
	r->by = optional(j, root, "by");
	r->via = optional(j, root, "via");
	r->place = optional(j, root, "place");
	r->missing = json_has(root, "missing") ?
	    json_get_string(j, root, "missing", 1, LIMIT_LONG_TEXT) : "";
}

static void
read_checks(struct json *j, const struct json_node *root, struct receipt *r)
{
	const struct json_node *list = json_get_array(j, root, "checks", 0, CHECKS_MAX);

	r->check_count = json_count(list);
	for (size_t i = 0; i < r->check_count; i++) {
		const struct json_node *o = json_get_object_at(j, list, i);

		json_only(j, o, "step state text");
		r->check[i].step = json_get_string(j, o, "step", 1, LIMIT_TEXT);
		r->check[i].state = json_get_string(j, o, "state", 1, LIMIT_TEXT);
		r->check[i].text = json_get_string(j, o, "text", 0, LIMIT_LONG_TEXT);
	}
}

static void
read_releases(struct json *j, const struct json_node *root, struct receipt *r)
{
	const struct json_node *list = json_get_array(j, root, "releases", 0, LIMIT_RELEASES);

	r->release_count = json_count(list);
	for (size_t i = 0; i < r->release_count; i++) {
		const struct json_node *o = json_get_object_at(j, list, i);

		json_only(j, o, "id digest status");
		r->release[i].id = json_get_string(j, o, "id", 1, LIMIT_RELEASE_ID);
		r->release[i].digest = json_get_digest(j, o, "digest");
		r->release[i].status = json_get_string(j, o, "status", 1, LIMIT_TEXT);
		require(j, name_release_ok(r->release[i].id), "releases");
	}
}

/* The formats are news from a site that may be newer than we are: only their form is looked at. */
static void
read_formats(struct json *j, const struct json_node *root)
{
	const struct json_node *list = json_get_array(j, root, "formats", 1, LIMIT_LIST);
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++)
		(void)json_get_string_at(j, list, i, 1, LIMIT_TEXT);
}

/* A checkpoint under a receipt is that of the site's own ledger. */
static void
read_ledger(struct json *j, const struct json_node *root, struct receipt *r)
{
	const struct json_node *o = json_get_object(j, root, "ledger");
	const char *origin = json_get_string(j, o, "origin", 1, sizeof(r->ledger.origin) - 1);

	json_only(j, o, "origin size root");
	snprintf(r->ledger.origin, sizeof(r->ledger.origin), "waxseal/site/%s", r->site);
	require(j, strcmp(r->ledger.origin, origin) == 0, "origin");
	r->ledger.size = json_get_uint(j, o, "size", 0, LIMIT_INTEGER);
	r->ledger.root = json_get_digest(j, o, "root");
}

static enum err
read_body(const struct document *doc, struct receipt *r, struct fault *f)
{
	const struct json_node *root;
	enum err e;

	e = json_parse(&r->json, doc->body, doc->body_len, f);
	if (e != OK)
		return e;
	r->digest = doc->digest;
	root = json_root(r->json);
	json_check_type(r->json, "receipt", "site", NULL);
	json_only(r->json, root, "waxseal site vendor customer number seal status verdict reason at"
	    " by via place missing checks releases formats ledger");
	read_subject(r->json, root, r);
	read_checks(r->json, root, r);
	read_releases(r->json, root, r);
	read_formats(r->json, root);
	read_ledger(r->json, root, r);
	return json_error(r->json, f);
}

/* Exactly one signature, by ${key} if it is known.  Nothing of the body is parsed before this. */
static enum err
check_signature(const void *buf, size_t len, const struct ssh_key *key, struct document *doc,
    struct signers *by)
{
	enum err e;

	if (len > LIMIT_DOCUMENT)
		return ERR_LIMIT;
	e = document_split(buf, len, doc);
	if (e != OK)
		return e;
	e = document_signers(doc, NAMESPACE, by);
	if (e != OK)
		return e;
	if (by->count != 1)
		return ERR_DOC_FORM;
	return key == NULL || sshsig_key_equal(key, &by->key[0]) ? OK : ERR_DOC_SIGNATURE;
}

enum err
receipt_open(struct receipt **out, const void *buf, size_t len, const struct ssh_key *key,
    struct ssh_key *signer, struct fault *f)
{
	struct receipt *r = NULL;
	struct document doc;
	struct signers by;
	enum err e;

	*out = NULL;
	e = check_signature(buf, len, key, &doc, &by);
	if (e != OK)
		return err_fault(f, e, "receipt");
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return err_fault(f, ERR_MEMORY, "receipt");
	e = read_body(&doc, r, f);
	if (e != OK)
		goto out;
	if (signer != NULL)
		*signer = by.key[0];
	*out = r;
	r = NULL;
out:
	receipt_free(r);
	return e;
}

void
receipt_free(struct receipt *r)
{
	if (r == NULL)
		return;
	json_free(r->json);
	free(r);
}

/* ---- writing ---- */

static void
put_optional(struct json_writer *w, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_put_string(w, key, value);
}

static void
put_subject(struct json_writer *w, const struct receipt *r)
{
	json_put_string(w, "waxseal", "receipt/1");
	json_put_string(w, "site", r->site);
	put_optional(w, "vendor", r->vendor);
	put_optional(w, "customer", r->customer);
	if (r->number != 0)
		json_put_uint(w, "number", r->number);
	if (!digest_is_zero(&r->seal))
		json_put_digest(w, "seal", &r->seal);
	json_put_uint(w, "status", r->status);
	json_put_string(w, "verdict", r->verdict);
	json_put_string(w, "reason", r->reason);
	json_put_moment(w, "at", r->at);
	put_optional(w, "by", r->by);
	put_optional(w, "via", r->via);
	put_optional(w, "place", r->place);
	put_optional(w, "missing", r->missing);
}

static void
put_lists(struct json_writer *w, const struct receipt *r)
{
	static const char *const formats[] = { "seal/1", "release/1", "trust/1" };

	json_open_array(w, "checks");
	for (size_t i = 0; i < r->check_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "step", r->check[i].step);
		json_put_string(w, "state", r->check[i].state);
		json_put_string(w, "text", r->check[i].text);
		json_close(w);
	}
	json_close(w);
	json_open_array(w, "releases");
	for (size_t i = 0; i < r->release_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "id", r->release[i].id);
		json_put_digest(w, "digest", &r->release[i].digest);
		json_put_string(w, "status", r->release[i].status);
		json_close(w);
	}
	json_close(w);
	json_open_array(w, "formats");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		json_put_string(w, NULL, formats[i]);
	json_close(w);
}

enum err
receipt_print(const struct receipt *r, char **text, size_t *len)
{
	struct json_writer *w = json_writer_new();

	put_subject(w, r);
	put_lists(w, r);
	json_open_object(w, "ledger");
	json_put_string(w, "origin", r->ledger.origin);
	json_put_uint(w, "size", r->ledger.size);
	json_put_digest(w, "root", &r->ledger.root);
	json_close(w);
	return json_finish(w, 1, text, len);
}

/* ---- the line ---- */

#define NUMBER_AT	0u
#define NUMBER_SYMBOLS	6u
#define STATUS_AT	6u
#define STATUS_SYMBOLS	1u
#define MAC_AT		7u
#define MAC_SYMBOLS	8u
#define SYMBOLS		15u

static enum err
line_mac(const struct code *c, uint64_t status, uint64_t *out)
{
	char text[LIMIT_ID + 64];
	int n;

	n = snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu64, c->customer, c->number, status);
	return n < 0 ? ERR_LIMIT : code_mac40(c, text, (size_t)n, out);
}

enum err
receipt_line_print(const struct code *c, uint64_t status, char out[static RECEIPT_LINE])
{
	uint8_t values[SYMBOLS];
	uint64_t mac;
	enum err e;

	if (status > STATUS_MAX || c->number > LIMIT_NUMBER)
		return ERR_LIMIT;
	e = line_mac(c, status, &mac);
	if (e != OK)
		return e;
	bech32_put_bits(values, NUMBER_AT, NUMBER_SYMBOLS, c->number);
	bech32_put_bits(values, STATUS_AT, STATUS_SYMBOLS, status);
	bech32_put_bits(values, MAC_AT, MAC_SYMBOLS, mac);
	return bech32_encode(BECH32M, c->customer, values, SYMBOLS, out, RECEIPT_LINE);
}

/* As it was heard: any case, spaces anywhere, hyphens where they cannot belong to the ID. */
static enum err
tidy(const char *typed, char out[static RECEIPT_LINE])
{
	const char *separator = strrchr(typed, '1');
	size_t n = 0;

	for (const char *p = typed; *p != '\0'; p++) {
		if (strchr(" \t\r\n", *p) != NULL)
			continue;
		if (*p == '-' && separator != NULL && p > separator)
			continue;
		if (n == RECEIPT_LINE - 1)
			return ERR_BECH32;
		out[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	}
	out[n] = '\0';
	return OK;
}

enum err
receipt_line_parse(const char *typed, struct receipt_line *out)
{
	struct receipt_line l = { .number = 0 };
	char text[RECEIPT_LINE];
	uint8_t values[SYMBOLS];
	size_t n;
	enum err e;

	e = tidy(typed, text);
	if (e != OK)
		return e;
	e = bech32_decode(BECH32M, text, RECEIPT_LINE - 1, l.customer, sizeof(l.customer), values,
	    SYMBOLS, &n);
	if (e != OK || n != SYMBOLS || !name_id_ok(l.customer))
		return ERR_BECH32;
	l.number = bech32_get_bits(values, NUMBER_AT, NUMBER_SYMBOLS);
	l.status = bech32_get_bits(values, STATUS_AT, STATUS_SYMBOLS);
	l.mac = bech32_get_bits(values, MAC_AT, MAC_SYMBOLS);
	if (l.number == 0)
		return ERR_BECH32;
	*out = l;
	return OK;
}

enum err
receipt_line_check(const struct receipt_line *l, const struct code *c)
{
	uint64_t mac;
	enum err e;

	if (strcmp(l->customer, c->customer) != 0 || l->number != c->number)
		return ERR_CODE_OTHER;
	e = line_mac(c, l->status, &mac);
	if (e != OK)
		return e;
	return mac == l->mac ? OK : ERR_CODE_WRONG;
}
