/*
 * arrival: see arrival.h.
 */
#include "mkmedia/arrival.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/age.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/room.h"

#define IDENTITY "keys/contact.age-identity"
#define AGE "age-encryption.org/"
#define PATH (2 * LIMIT_ID + 80)

/* ---- opening ---- */

/* In the place of an encrypted file its contents. */
static enum err
decrypt(struct arrival *a, const struct vendor_register *r, struct fault *f)
{
	char *identity;
	uint8_t *plain;
	size_t len;
	enum err e;

	if (a->len < strlen(AGE) || memcmp(a->text, AGE, strlen(AGE)) != 0)
		return OK;
	e = file_load(r->home.fd, IDENTITY, LIMIT_DOCUMENT, &identity, &len, f);
	if (e != OK)
		return e == ERR_IO ? err_fault(f, ERR_IDENTITY, IDENTITY " cannot be read") : e;
	e = age_decrypt(identity, a->text, a->len, &plain, &a->len);
	explicit_bzero(identity, len);
	free(identity);
	if (e != OK)
		return err_fault(f, e, e == ERR_IDENTITY ? IDENTITY : "the encrypted file");
	free(a->text);
	a->text = (char *)plain;
	return OK;
}

/*
 * Whose is it?  ${signer} is known to have signed; that it is the customer's key, only the
 * enrolment can tell, if there is one.
 */
static enum err
find_sender(struct arrival *a, const struct vendor_register *r, const char *vendor,
    const char *customer, const struct ssh_key *signer, struct fault *f)
{
	const struct register_customer *c = register_customer(r, customer);
	struct ssh_key key;

	if (strcmp(vendor, r->vendor) != 0)
		return err_fault(f, ERR_DOC_VENDOR, "for \"%s\", and we are %s", vendor,
		    r->vendor);
	if (c == NULL)
		return err_fault(f, ERR_CUSTOMER, "\"%s\"", customer);
	if (a->customer != NULL && a->customer != c)
		return err_fault(f, ERR_PASSPORT, "of two customers, %s and %s", a->customer->id,
		    c->id);
	a->customer = c;
	a->checked = *c->key != '\0';
	if (!a->checked)
		return OK;
	if (sshsig_key_parse(c->key, strlen(c->key), &key, NULL, 0) != OK)
		return err_fault(f, ERR_LEDGER, "the key of %s", c->id);
	return sshsig_key_equal(&key, signer) ? OK : err_fault(f, ERR_DOC_SIGNATURE,
	    "not signed by the key in the enrolment of %s", c->id);
}

static enum err
add_passport(struct arrival *a, const struct vendor_register *r, const char *text, size_t len,
    struct fault *f)
{
	struct arrival_passport *p = room_for_one(a->passport, a->count, sizeof(*p));
	struct ssh_key signer;
	uint64_t newest;
	enum err e;

	if (p == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	a->passport = p;
	p += a->count;
	*p = (struct arrival_passport){ .text = text, .len = len };
	if ((e = passport_open(&p->passport, text, len, NULL, &signer, f)) != OK)
		return e;
	a->count++;
	e = find_sender(a, r, p->passport->vendor, p->passport->customer, &signer, f);
	if (e != OK)
		return e;
	newest = register_passports(r, a->customer->id, p->passport->system);
	p->newer = newest > p->passport->number ? newest : 0;
	p->known = register_arrival(r, &p->passport->digest) != NULL;
	for (size_t i = 0; i + 1 < a->count; i++)
		if (strcmp(a->passport[i].passport->system, p->passport->system) == 0)
			return err_fault(f, ERR_PASSPORT, "two passports of %s",
			    p->passport->system);
	return OK;
}

/* A row of signed passports, to the last byte. */
static enum err
open_passports(struct arrival *a, const struct vendor_register *r, struct fault *f)
{
	size_t at = 0, len;
	enum err e = OK;

	for (; e == OK && at < a->len; at += len) {
		len = passport_span(a->text + at, a->len - at);
		if (len == 0)
			return err_fault(f, ERR_DOC_FORM, "cut short: passport %zu of the row",
			    a->count + 1);
		if (a->count == LIMIT_SYSTEMS)
			return err_fault(f, ERR_LIMIT, "a site has at most %u systems",
			    LIMIT_SYSTEMS);
		e = add_passport(a, r, a->text + at, len, f);
	}
	return e;
}

static enum err
open_receipt(struct arrival *a, const struct vendor_register *r, struct fault *f)
{
	struct ssh_key signer;
	const struct register_volume *v;
	enum err e;

	if ((e = receipt_open(&a->receipt, a->text, a->len, NULL, &signer, f)) != OK)
		return e;
	e = find_sender(a, r, a->receipt->vendor, a->receipt->customer, &signer, f);
	if (e != OK)
		return e;
	v = register_volume_by_seal(r, &a->receipt->seal);
	a->ours = !digest_is_zero(&a->receipt->seal) && v != NULL &&
	    v->number == a->receipt->number && strcmp(v->customer, a->receipt->customer) == 0;
	a->known = register_arrival(r, &a->receipt->digest) != NULL;
	return OK;
}

static enum err
open_text(struct arrival *a, const struct vendor_register *r, struct fault *f)
{
	char type[16];
	enum err e;

	if (passport_is(a->text, a->len))
		return open_passports(a, r, f);
	if ((e = document_type(a->text, a->len, type, sizeof(type))) != OK)
		return err_fault(f, e, "neither passports nor a receipt nor an enrolment");
	if (strcmp(type, "receipt") == 0)
		return open_receipt(a, r, f);
	if (strcmp(type, "enrolment") == 0)
		return enrolment_open(&a->enrolment, a->text, a->len, f);
	return err_fault(f, ERR_DOC_TYPE, "%s", type);
}

enum err
arrival_open(struct arrival *out, const struct vendor_register *r, const char *file,
    struct fault *f)
{
	struct fault why = { .err = OK };
	enum err e;

	*out = (struct arrival){ .text = NULL };
	if ((e = file_load(AT_FDCWD, file, LIMIT_SENT, &out->text, &out->len, f)) != OK)
		return e;
	if ((e = decrypt(out, r, &why)) == OK)
		e = open_text(out, r, &why);
	return e == OK ? OK : err_fault(f, e, "%.150s: %.160s", file, why.at);
}

void
arrival_close(struct arrival *a)
{
	for (size_t i = 0; i < a->count; i++)
		passport_free(a->passport[i].passport);
	free(a->passport);
	enrolment_free(a->enrolment);
	receipt_free(a->receipt);
	free(a->text);
}

/* ---- keeping ---- */

static enum err
keep(struct vendor_register *r, const char *path, const char *text, size_t len, struct fault *f)
{
	enum err e = file_mkdir_parents(r->home.fd, path, f);

	return e == OK ? file_replace(r->home.fd, path, 0600, text, len, f) : e;
}

/* Commit ${w}, and know it from now on. */
static enum err
commit(struct vendor_register *r, struct json_writer *w, const char *customer, const char *system,
    uint64_t number, const struct digest *digest, struct fault *f)
{
	struct register_arrival *more = room_for_one(r->arrival, r->arrival_count, sizeof(*more));
	enum err e = ledger_commit(r->ledger, w, NULL, f);

	if (e != OK)
		return e;
	if (more == NULL)
		return err_fault(f, ERR_MEMORY, "register");
	r->arrival = more;
	more += r->arrival_count++;
	*more = (struct register_arrival){ .digest = *digest, .number = number };
	(void)snprintf(more->customer, sizeof(more->customer), "%s", customer);
	(void)snprintf(more->system, sizeof(more->system), "%s", system);
	return OK;
}

static enum err
record_passport(const struct arrival *a, const struct arrival_passport *p,
    struct vendor_register *r, struct fault *f)
{
	const struct passport *s = p->passport;
	char path[PATH], hex[DIGEST_HEX];
	struct json_writer *w;
	enum err e;

	digest_hex(&s->digest, hex);
	(void)snprintf(path, sizeof(path), "inbox/%s/%s-%llu-%.16s.passport", a->customer->id,
	    s->system, (unsigned long long)s->number, hex);
	if ((e = keep(r, path, p->text, p->len, f)) != OK)
		return e;
	w = ledger_entry(r->ledger, "passport-received", command_now());
	json_put_string(w, "customer", a->customer->id);
	json_put_string(w, "system", s->system);
	json_put_uint(w, "number", s->number);
	json_put_digest(w, "digest", &s->digest);
	json_put_moment(w, "taken", s->taken);
	json_put_bool(w, "checked", a->checked);
	json_put_string(w, "path", path);
	return commit(r, w, a->customer->id, s->system, s->number, &s->digest, f);
}

static enum err
record_receipt(const struct arrival *a, struct vendor_register *r, struct fault *f)
{
	const struct receipt *s = a->receipt;
	char path[PATH], hex[DIGEST_HEX];
	struct json_writer *w;
	enum err e;

	digest_hex(&s->digest, hex);
	(void)snprintf(path, sizeof(path), "inbox/%s/%llu-%.16s.receipt", a->customer->id,
	    (unsigned long long)s->number, hex);
	if ((e = keep(r, path, a->text, a->len, f)) != OK)
		return e;
	w = ledger_entry(r->ledger, "receipt-received", command_now());
	json_put_string(w, "customer", a->customer->id);
	json_put_uint(w, "number", s->number);
	json_put_digest(w, "digest", &s->digest);
	json_put_uint(w, "status", s->status);
	json_put_string(w, "verdict", s->verdict);
	json_put_string(w, "reason", s->reason);
	json_put_bool(w, "checked", a->checked);
	json_put_bool(w, "ours", a->ours);
	json_put_string(w, "path", path);
	return commit(r, w, a->customer->id, "", s->number, &s->digest, f);
}

enum err
arrival_record(const struct arrival *a, struct vendor_register *r, struct fault *f)
{
	enum err e = OK;

	if (a->receipt != NULL)
		return a->known ? OK : record_receipt(a, r, f);
	for (size_t i = 0; e == OK && i < a->count; i++)
		if (!a->passport[i].known)
			e = record_passport(a, &a->passport[i], r, f);
	return e;
}
