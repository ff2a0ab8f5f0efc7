/*
 * register: see register.h.
 *
 * The entries of a vendor's ledger, besides "n", "time" and "what" (* may be missing):
 *
 *	founded			vendor name place single_person
 *	trust-in-force		version digest
 *	customer-added		customer name; with an enrolment: site* enrolment* key*
 *	release-finished	id digest sums files bytes directory
 *	release-signed		id digest
 *	sealed			customer number volume volumes seal map size previous* sealed_at
 *				image releases [{id digest}]
 */
#include "mkmedia/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/file.h"
#include "verify/room.h"
#include "verify/signer.h"

#define ORIGIN "waxseal/vendor/"

struct reading {
	struct vendor_register *r;
	uint64_t version;		/* of the trust in force; 0: none */
	struct digest digest;
};

static void
copy_text(char *to, size_t cap, const char *from)
{
	(void)snprintf(to, cap, "%s", from);
}

static enum err
take_founded(struct reading *reading, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = reading->r;

	copy_text(r->vendor, sizeof(r->vendor), json_get_string(j, o, "vendor", 1, LIMIT_ID));
	copy_text(r->name, sizeof(r->name), json_get_string(j, o, "name", 1, LIMIT_TEXT));
	copy_text(r->place, sizeof(r->place), json_get_string(j, o, "place", 0, LIMIT_TEXT));
	r->single_person = json_get_bool(j, o, "single_person");
	return OK;
}

static enum err
take_trust(struct reading *reading, const struct json_node *o, struct json *j)
{
	uint64_t next = reading->version + 1;

	reading->version = json_get_uint(j, o, "version", next, next);
	reading->digest = json_get_digest(j, o, "digest");
	return OK;
}

static enum err
take_customer(struct reading *reading, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = reading->r;
	const char *id = json_get_string(j, o, "customer", 1, LIMIT_ID);
	struct register_customer *c;

	if (register_customer(r, id) != NULL)
		json_refuse(j, ERR_LEDGER, "customer");
	if ((c = room_for_one(r->customer, r->customer_count, sizeof(*c))) == NULL)
		return ERR_MEMORY;
	r->customer = c;
	c += r->customer_count++;
	*c = (struct register_customer){ .highest = 0 };
	copy_text(c->id, sizeof(c->id), id);
	copy_text(c->name, sizeof(c->name), json_get_string(j, o, "name", 1, LIMIT_TEXT));
	if (json_has(o, "enrolment"))
		c->enrolment = json_get_digest(j, o, "enrolment");
	return OK;
}

static enum err
take_finished(struct reading *reading, const struct json_node *o, struct json *j, uint64_t entry)
{
	struct vendor_register *r = reading->r;
	const char *id = json_get_string(j, o, "id", 1, LIMIT_RELEASE_ID);
	struct register_release *s = register_release(r, id);

	if (s == NULL) {
		if ((s = room_for_one(r->release, r->release_count, sizeof(*s))) == NULL)
			return ERR_MEMORY;
		r->release = s;
		s += r->release_count++;
	}
	*s = (struct register_release){ .entry = entry };
	copy_text(s->id, sizeof(s->id), id);
	s->digest = json_get_digest(j, o, "digest");
	copy_text(s->directory, sizeof(s->directory),
	    json_get_string(j, o, "directory", 1, sizeof(s->directory) - 1));
	s->files = json_get_uint(j, o, "files", 1, LIMIT_FILES);
	s->bytes = json_get_uint(j, o, "bytes", 0, LIMIT_IMAGE);
	return OK;
}

/* The release that ${o} names by id and digest; the ledger must know it. */
static struct register_release *
named_release(const struct vendor_register *r, const struct json_node *o, struct json *j)
{
	struct register_release *s = register_release(r, json_get_string(j, o, "id", 1,
	    LIMIT_RELEASE_ID));
	struct digest d = json_get_digest(j, o, "digest");

	if (s != NULL && digest_equal(&s->digest, &d))
		return s;
	json_refuse(j, ERR_LEDGER, "id");
	return NULL;
}

static enum err
take_signed(struct reading *reading, const struct json_node *o, struct json *j)
{
	struct register_release *s = named_release(reading->r, o, j);

	if (s != NULL)
		s->is_signed = true;
	return OK;
}

static enum err
take_sealed(struct reading *reading, const struct json_node *o, struct json *j, uint64_t entry)
{
	struct vendor_register *r = reading->r;
	const struct json_node *list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES);
	struct register_customer *c = register_customer(r, json_get_string(j, o, "customer", 1,
	    LIMIT_ID));
	struct register_release *release;
	struct register_seal *s;
	size_t i;

	if (c == NULL) {
		json_refuse(j, ERR_LEDGER, "customer");
		return OK;
	}
	for (i = 0; i < json_count(list); i++) {
		release = named_release(r, json_get_object_at(j, list, i), j);
		if (release != NULL)
			release->is_sealed = true;
	}
	if ((s = room_for_one(r->seal, r->seal_count, sizeof(*s))) == NULL)
		return ERR_MEMORY;
	r->seal = s;
	s += r->seal_count++;
	*s = (struct register_seal){ .entry = entry };
	copy_text(s->customer, sizeof(s->customer), c->id);
	s->number = json_get_uint(j, o, "number", 1, LIMIT_NUMBER);
	s->seal = json_get_digest(j, o, "seal");
	s->sealed_at = json_get_moment(j, o, "sealed_at");
	if (s->number >= c->highest) {
		c->highest = s->number;
		c->last_seal = s->seal;
	}
	return OK;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT);
	enum err e = OK;

	(void)line, (void)len;
	if (strcmp(what, "founded") == 0)
		e = take_founded(arg, o, j);
	else if (strcmp(what, "trust-in-force") == 0)
		e = take_trust(arg, o, j);
	else if (strcmp(what, "customer-added") == 0)
		e = take_customer(arg, o, j);
	else if (strcmp(what, "release-finished") == 0)
		e = take_finished(arg, o, j, number);
	else if (strcmp(what, "release-signed") == 0)
		e = take_signed(arg, o, j);
	else if (strcmp(what, "sealed") == 0)
		e = take_sealed(arg, o, j, number);
	/* The line is signed: what does not fit here was written by something else, not altered. */
	return e != OK ? e : ledger_sense(j);
}

/* The chain file may be ahead of the ledger by a crash, never behind it. */
static enum err
load_chain(const struct reading *reading, struct fault *f)
{
	struct vendor_register *r = reading->r;
	const struct trust *newest;
	char *buf;
	size_t len;
	enum err e;

	if (reading->version == 0)
		return OK;
	if ((e = file_load(r->home.fd, "trust/chain", LIMIT_CHAIN_BYTES, &buf, &len, f)) != OK)
		return e;
	e = trust_chain_parse(&r->chain, buf, len, NULL, f);
	free(buf);
	if (e == OK) {
		trust_chain_cut(r->chain, (size_t)reading->version);
		newest = trust_chain_newest(r->chain);
		if (newest->version == reading->version &&
		    digest_equal(&newest->digest, &reading->digest))
			return OK;
	}
	return err_fault(f, ERR_HOME, "trust/chain is not what the ledger says (version %llu)",
	    (unsigned long long)reading->version);
}

static enum err
open_ledger(struct vendor_register *r, bool write, struct fault *f)
{
	struct ssh_key key;
	char file[1100];
	enum err e;

	register_path(r, "keys/ledger", file, sizeof(file));
	if ((e = ledger_open(&r->ledger, r->home.fd, "ledger", write ? file : NULL, f)) != OK)
		return e;
	if (strncmp(r->ledger->checkpoint.origin, ORIGIN, strlen(ORIGIN)) != 0)
		return err_fault(f, ERR_HOME, "%s: is no home of mkmedia", r->home.path);
	if ((e = signer_public(file, &key, NULL, 0, f)) != OK)
		return e;
	if (!sshsig_key_equal(&key, &r->ledger->key))
		return err_fault(f, ERR_LEDGER_KEY, "ledger/key.pub is not keys/ledger.pub");
	return OK;
}

static enum err
read_all(struct vendor_register *r, struct fault *f)
{
	struct reading reading = { .r = r };
	enum err e = ledger_each(r->ledger, take_entry, &reading, f);

	if (e != OK)
		return e;
	if (strcmp(r->ledger->checkpoint.origin + strlen(ORIGIN), r->vendor) != 0)
		return err_fault(f, ERR_LEDGER, "it does not begin with its vendor");
	return load_chain(&reading, f);
}

enum err
register_open(struct vendor_register **out, const char *path, bool write, struct fault *f)
{
	struct vendor_register *r = calloc(1, sizeof(*r));
	char usual[1024];
	enum err e;

	*out = NULL;
	if (r == NULL)
		return err_fault(f, ERR_MEMORY, "register");
	r->home = (struct home){ .fd = -1, .lock = -1 };
	if (path == NULL && home_default_mkmedia(usual, sizeof(usual)) != OK)
		e = err_fault(f, ERR_HOME, "say where with --home or MKMEDIA_HOME");
	else if ((e = home_open(&r->home, path != NULL ? path : usual, f)) == OK &&
	    (!write || (e = home_lock(&r->home, f)) == OK) &&
	    (e = open_ledger(r, write, f)) == OK)
		e = read_all(r, f);
	if (e != OK)
		register_close(r);
	else
		*out = r;
	return e;
}

void
register_close(struct vendor_register *r)
{
	if (r == NULL)
		return;
	trust_chain_free(r->chain);
	free(r->customer);
	free(r->release);
	free(r->seal);
	ledger_free(r->ledger);
	home_close(&r->home);
	free(r);
}

struct register_customer *
register_customer(const struct vendor_register *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->customer_count; i++)
		if (strcmp(r->customer[i].id, id) == 0)
			return &r->customer[i];
	return NULL;
}

struct register_release *
register_release(const struct vendor_register *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->release_count; i++)
		if (strcmp(r->release[i].id, id) == 0)
			return &r->release[i];
	return NULL;
}

void
register_path(const struct vendor_register *r, const char *name, char *out, size_t cap)
{
	(void)snprintf(out, cap, "%s/%s", r->home.path, name);
}
