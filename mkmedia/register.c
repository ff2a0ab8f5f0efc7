/*
 * register: see register.h.
 */
#include "mkmedia/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmedia/entries.h"
#include "verify/file.h"
#include "verify/signer.h"

#define ORIGIN "waxseal/vendor/"

/* The chain file may be ahead of the ledger by a crash, never behind it. */
static enum err
load_chain(const struct entries *entries, struct fault *f)
{
	struct vendor_register *r = entries->r;
	const struct trust *newest;
	char *buf;
	size_t len;
	enum err e;

	if (entries->version == 0)
		return OK;
	if ((e = file_load(r->home.fd, "trust/chain", LIMIT_CHAIN_BYTES, &buf, &len, f)) != OK)
		return e;
	e = trust_chain_parse(&r->chain, buf, len, NULL, f);
	free(buf);
	if (e == OK) {
		trust_chain_cut(r->chain, (size_t)entries->version);
		newest = trust_chain_newest(r->chain);
		if (newest->version == entries->version &&
		    digest_equal(&newest->digest, &entries->digest))
			return OK;
	}
	return err_fault(f, ERR_HOME, "trust/chain is not what the ledger says (version %llu)",
	    (unsigned long long)entries->version);
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
	struct entries entries = { .r = r };
	enum err e = ledger_each(r->ledger, entries_take, &entries, f);

	if (e != OK)
		return e;
	if (strcmp(r->ledger->checkpoint.origin + strlen(ORIGIN), r->vendor) != 0)
		return err_fault(f, ERR_LEDGER, "it does not begin with its vendor");
	return load_chain(&entries, f);
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
	free(r->volume);
	free(r->copy);
	free(r->notice);
	free(r->arrival);
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

/* From the newest: what is asked for was sealed lately. */
struct register_volume *
register_volume(const struct vendor_register *r, const char *customer, uint64_t number,
    uint64_t volume)
{
	struct register_volume *v;
	size_t i;

	for (i = r->volume_count; i > 0; i--) {
		v = &r->volume[i - 1];
		if (v->number == number && v->volume == volume &&
		    strcmp(v->customer, customer) == 0)
			return v;
	}
	return NULL;
}

struct register_volume *
register_volume_by_seal(const struct vendor_register *r, const struct digest *seal)
{
	size_t i;

	for (i = r->volume_count; i > 0; i--)
		if (digest_equal(&r->volume[i - 1].seal, seal))
			return &r->volume[i - 1];
	for (i = r->copy_count; i > 0; i--)
		if (digest_equal(&r->copy[i - 1].seal, seal))
			return &r->volume[r->copy[i - 1].volume];
	return NULL;
}

const struct register_arrival *
register_arrival(const struct vendor_register *r, const struct digest *digest)
{
	size_t i;

	for (i = r->arrival_count; i > 0; i--)
		if (digest_equal(&r->arrival[i - 1].digest, digest))
			return &r->arrival[i - 1];
	return NULL;
}

uint64_t
register_passports(const struct vendor_register *r, const char *customer, const char *system)
{
	const struct register_arrival *a;
	uint64_t highest = 0;
	size_t i;

	for (i = 0; i < r->arrival_count; i++) {
		a = &r->arrival[i];
		if (a->number > highest && strcmp(a->customer, customer) == 0 &&
		    strcmp(a->system, system) == 0)
			highest = a->number;
	}
	return highest;
}

struct register_volume *
register_consignment(const struct vendor_register *r, const char *name)
{
	char usual[LIMIT_ID + 32];
	size_t i;

	for (i = 0; i < r->volume_count; i += (size_t)r->volume[i].volumes) {
		(void)snprintf(usual, sizeof(usual), "%s/%llu", r->volume[i].customer,
		    (unsigned long long)r->volume[i].number);
		if (strcmp(usual, name) == 0)
			return &r->volume[i];
	}
	return NULL;
}

void
register_path(const struct vendor_register *r, const char *name, char *out, size_t cap)
{
	(void)snprintf(out, cap, "%s/%s", r->home.path, name);
}
