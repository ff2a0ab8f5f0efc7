/*
 * site: see site.h.
 */
#include "verify/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/file.h"
#include "verify/room.h"

static void
copy_id(char to[static LIMIT_ID + 1], const char *from)
{
	(void)snprintf(to, LIMIT_ID + 1, "%.27s", from);
}

static enum err
take_founded(struct site *s, const struct json_node *o, struct json *j)
{
	copy_id(s->id, json_get_string(j, o, "site", 1, LIMIT_ID));
	(void)snprintf(
	    s->name, sizeof(s->name), "%s", json_get_string(j, o, "name", 1, LIMIT_TEXT));
	s->solo = json_get_bool(j, o, "solo");
	return OK;
}

static enum err
take_trust(struct site *s, const struct json_node *o, struct json *j, bool added)
{
	const char *id = json_get_string(j, o, "vendor", 1, LIMIT_ID);
	struct site_vendor *v = site_vendor(s, id);

	if (added && v == NULL) {
		if ((v = room_for_one(s->vendor, s->vendor_count, sizeof(*v))) == NULL)
			return ERR_MEMORY;
		s->vendor = v;
		v += s->vendor_count++;
		*v = (struct site_vendor){ .version = 0 };
		copy_id(v->id, id);
		copy_id(v->customer, json_get_string(j, o, "customer", 1, LIMIT_ID));
		v->anchor = json_get_digest(j, o, "anchor");
	} else if (added || v == NULL) {
		json_refuse(j, ERR_LEDGER, "vendor");
		return OK;
	}
	v->version = json_get_uint(j, o, "version", v->version + 1, LIMIT_CHAIN);
	v->version_digest = json_get_digest(j, o, "digest");
	return OK;
}

static bool
is_waiting(const struct site_waiting *w, const char *vendor, const char *customer, uint64_t number)
{
	return w->number == number && strcmp(w->vendor, vendor) == 0 &&
	    strcmp(w->customer, customer) == 0;
}

static bool
is_kept(const struct site_kept *k, const char *vendor, const char *customer, uint64_t number)
{
	return k->number == number && strcmp(k->vendor, vendor) == 0 &&
	    strcmp(k->customer, customer) == 0;
}

/* Its volumes wait no longer, and their blocks are not needed any more. */
static void
end_waiting(struct site *s, const char *vendor, const char *customer, uint64_t number)
{
	size_t i, left = 0;

	for (i = 0; i < s->waiting_count; i++)
		if (!is_waiting(&s->waiting[i], vendor, customer, number))
			s->waiting[left++] = s->waiting[i];
	s->waiting_count = left;
	for (i = left = 0; i < s->kept_count; i++)
		if (!is_kept(&s->kept[i], vendor, customer, number))
			s->kept[left++] = s->kept[i];
	s->kept_count = left;
}

static bool
knows_kept(const struct site *s, const struct site_kept *k)
{
	size_t i;

	for (i = 0; i < s->kept_count; i++)
		if (is_kept(&s->kept[i], k->vendor, k->customer, k->number) &&
		    s->kept[i].volume == k->volume)
			return true;
	return false;
}

/* Of a refusal only this matters: that good blocks were kept. */
static enum err
take_refused(struct site *s, const struct json_node *o, struct json *j)
{
	struct site_kept k = { .number = 0 }, *more;

	if (!json_has(o, "kept") || json_get_uint(j, o, "kept", 0, LIMIT_INTEGER) == 0)
		return OK;
	copy_id(k.vendor, json_get_string(j, o, "vendor", 1, LIMIT_ID));
	copy_id(k.customer, json_get_string(j, o, "customer", 1, LIMIT_ID));
	k.number = json_get_uint(j, o, "number", 1, LIMIT_NUMBER);
	k.volume = json_get_uint(j, o, "volume", 1, LIMIT_VOLUMES);
	if (ledger_sense(j) != OK || knows_kept(s, &k))
		return OK;
	if ((more = room_for_one(s->kept, s->kept_count, sizeof(*more))) == NULL)
		return ERR_MEMORY;
	s->kept = more;
	more[s->kept_count++] = k;
	return OK;
}

static enum err
take_accepted(struct site *s, const struct json_node *o, struct json *j, uint64_t entry)
{
	struct site_vendor *v = site_vendor(s, json_get_string(j, o, "vendor", 1, LIMIT_ID));
	struct site_accepted *a;

	if (v == NULL) {
		json_refuse(j, ERR_LEDGER, "vendor");
		return OK;
	}
	if ((a = room_for_one(s->accepted, s->accepted_count, sizeof(*a))) == NULL)
		return ERR_MEMORY;
	s->accepted = a;
	a += s->accepted_count++;
	*a = (struct site_accepted){ .entry = 0 };
	a->entry = entry;
	copy_id(a->vendor, v->id);
	copy_id(a->customer, json_get_string(j, o, "customer", 1, LIMIT_ID));
	a->number = json_get_uint(j, o, "number", 1, LIMIT_NUMBER);
	a->seal = json_get_digest(j, o, "seal");
	(void)snprintf(a->scratch, sizeof(a->scratch), "%s",
	    json_get_string(j, o, "scratch", 1, sizeof(a->scratch) - 1));
	s->floor = (int64_t)json_get_uint(j, o, "floor", 0, LIMIT_INTEGER);
	end_waiting(s, a->vendor, a->customer, a->number);
	return OK;
}

/* What older entries do not have is none. */
static uint64_t
count_of(const struct json_node *o, struct json *j, const char *key)
{
	return json_has(o, key) ? json_get_uint(j, o, key, 0, LIMIT_INTEGER) : 0;
}

static enum err
take_waiting(struct site *s, const struct json_node *o, struct json *j, uint64_t entry)
{
	struct site_waiting *w = room_for_one(s->waiting, s->waiting_count, sizeof(*w));

	if (w == NULL)
		return ERR_MEMORY;
	s->waiting = w;
	w += s->waiting_count++;
	*w = (struct site_waiting){ .entry = entry };
	copy_id(w->vendor, json_get_string(j, o, "vendor", 1, LIMIT_ID));
	copy_id(w->customer, json_get_string(j, o, "customer", 1, LIMIT_ID));
	w->number = json_get_uint(j, o, "number", 1, LIMIT_NUMBER);
	w->volumes = json_get_uint(j, o, "volumes", 2, LIMIT_VOLUMES);
	w->volume = json_get_uint(j, o, "volume", 1, w->volumes);
	w->mended = count_of(o, j, "mended");
	w->mended_differ = count_of(o, j, "mended_differ");
	w->repaired = count_of(o, j, "repaired");
	w->unreadable = count_of(o, j, "unreadable");
	w->differ = count_of(o, j, "differ");
	w->set = json_get_digest(j, o, "set");
	w->seal = json_get_digest(j, o, "seal");
	if (site_vendor(s, w->vendor) == NULL)
		json_refuse(j, ERR_LEDGER, "vendor");
	return OK;
}

static enum err
take_dropped(struct site *s, const struct json_node *o, struct json *j)
{
	end_waiting(s, json_get_string(j, o, "vendor", 1, LIMIT_ID),
	    json_get_string(j, o, "customer", 1, LIMIT_ID),
	    json_get_uint(j, o, "number", 1, LIMIT_NUMBER));
	return OK;
}

static enum err
take_lost(struct site *s, const struct json_node *o, struct json *j)
{
	uint64_t entry = json_get_uint(j, o, "entry", 1, LIMIT_INTEGER);
	size_t i;

	for (i = 0; i < s->accepted_count; i++)
		if (s->accepted[i].entry == entry)
			s->accepted[i].lost = true;
	return OK;
}

/* Entries that decide nothing here: ingest reads them, or only people do. */
static bool
is_elsewhere(const char *what)
{
	static const char *const known[] = { "quarantined", "system-added",
		"system-tell", "passport", "passport-sent", "notice", "notice-refused",
		"catalogue", "evaluated", "judged" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(what, known[i]) == 0)
			return true;
	return false;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct site *s = arg;
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT);
	enum err e = OK;

	(void)line, (void)len;
	if (strcmp(what, "founded") == 0)
		e = take_founded(s, o, j);
	else if (strcmp(what, "trust-added") == 0)
		e = take_trust(s, o, j, true);
	else if (strcmp(what, "trust-adopted") == 0)
		e = take_trust(s, o, j, false);
	else if (strcmp(what, "accepted") == 0)
		e = take_accepted(s, o, j, number);
	else if (strcmp(what, "lost") == 0)
		e = take_lost(s, o, j);
	else if (strcmp(what, "waiting") == 0)
		e = take_waiting(s, o, j, number);
	else if (strcmp(what, "refused") == 0)
		e = take_refused(s, o, j);
	else if (strcmp(what, "dropped") == 0)
		e = take_dropped(s, o, j);
	else if (!is_elsewhere(what))
		json_refuse(j, ERR_LEDGER, "what");	/* what we do not know might decide */
	return e == OK ? ledger_sense(j) : e;
}

/* The chain file may be ahead of the ledger by a crash, never behind it. */
static enum err
load_chain(struct site_vendor *v, const struct home *h, struct fault *f)
{
	char path[LIMIT_ID + 16], *buf;
	const struct trust *newest;
	size_t len;
	enum err e;

	(void)snprintf(path, sizeof(path), "trust/%s.chain", v->id);
	if ((e = file_load(h->fd, path, LIMIT_CHAIN_BYTES, &buf, &len, f)) != OK)
		return e;
	e = trust_chain_parse(&v->chain, buf, len, &v->anchor, f);
	free(buf);
	if (e != OK)	/* this computer's failure, and no verdict on a medium */
		return e == ERR_MEMORY ? e
				       : err_fault(f, ERR_HOME, "%s: %s", path, err_sentence(e));
	trust_chain_cut(v->chain, (size_t)v->version);
	newest = trust_chain_newest(v->chain);
	if (newest->version != v->version || !digest_equal(&newest->digest, &v->version_digest))
		return err_fault(f, ERR_HOME, "%s is not what the ledger says (version %llu)", path,
		    (unsigned long long)v->version);
	return OK;
}

static void
find_highest(struct site *s)
{
	struct site_vendor *v;
	size_t i;

	for (i = 0; i < s->accepted_count; i++) {
		struct site_accepted *a = &s->accepted[i];

		v = site_vendor(s, a->vendor);
		if (v != NULL && !a->lost && a->number >= v->highest) {
			v->highest = a->number;
			v->last_seal = a->seal;
		}
	}
}

void
site_key_file(const struct home *h, char *out, size_t cap)
{
	(void)snprintf(out, cap, "%s/keys/site", h->path);
}

enum err
site_load(struct site **out, const struct home *h, bool write, struct fault *f)
{
	struct site *s = calloc(1, sizeof(*s));
	char key[1100], origin[64];
	size_t i;
	enum err e;

	*out = NULL;
	if (s == NULL)
		return err_fault(f, ERR_MEMORY, "site");
	site_key_file(h, key, sizeof(key));
	if ((e = ledger_open(&s->ledger, h->fd, "ledger", write ? key : NULL, f)) == OK)
		e = ledger_each(s->ledger, take_entry, s, f);
	for (i = 0; e == OK && i < s->vendor_count; i++)
		e = load_chain(&s->vendor[i], h, f);
	if (e != OK) {
		site_free(s);
		return e;
	}
	(void)snprintf(origin, sizeof(origin), "waxseal/site/%s", s->id);
	if (*s->id == '\0' || strcmp(s->ledger->checkpoint.origin, origin) != 0) {
		e = err_fault(f, ERR_LEDGER, "it is the ledger of %s, not of this site",
		    s->ledger->checkpoint.origin);
		site_free(s);
		return e;
	}
	find_highest(s);
	*out = s;
	return OK;
}

void
site_free(struct site *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->vendor_count; i++)
		trust_chain_free(s->vendor[i].chain);
	free(s->vendor);
	free(s->accepted);
	free(s->waiting);
	free(s->kept);
	ledger_free(s->ledger);
	free(s);
}

struct site_vendor *
site_vendor(const struct site *s, const char *vendor)
{
	size_t i;

	for (i = 0; i < s->vendor_count; i++)
		if (strcmp(s->vendor[i].id, vendor) == 0)
			return &s->vendor[i];
	return NULL;
}

const struct site_accepted *
site_accepted(const struct site *s, const char *vendor, const char *customer, uint64_t number)
{
	size_t i;

	for (i = 0; i < s->accepted_count; i++) {
		const struct site_accepted *a = &s->accepted[i];

		if (!a->lost && a->number == number && strcmp(a->vendor, vendor) == 0 &&
		    strcmp(a->customer, customer) == 0)
			return a;
	}
	return NULL;
}

bool
site_lost(const struct site *s, uint64_t entry)
{
	size_t i;

	for (i = 0; i < s->accepted_count; i++)
		if (s->accepted[i].entry == entry)
			return s->accepted[i].lost;
	return false;
}

const struct site_waiting *
site_waiting(const struct site *s, const char *vendor, const char *customer, uint64_t number,
    uint64_t volume)
{
	size_t i;

	for (i = 0; i < s->waiting_count; i++)
		if (is_waiting(&s->waiting[i], vendor, customer, number) &&
		    (volume == 0 || s->waiting[i].volume == volume))
			return &s->waiting[i];
	return NULL;
}

char *
site_missing(const struct site *s, const char *vendor, const char *customer, uint64_t number,
    uint64_t volumes, uint64_t here, char *out, size_t cap)
{
	uint64_t volume, last;
	size_t used = 0;
	int n;

	*out = '\0';
	for (volume = 1; volume <= volumes && used + 12 < cap; volume++) {
		if (volume == here || site_waiting(s, vendor, customer, number, volume) != NULL)
			continue;
		for (last = volume; last < volumes && last + 1 != here && site_waiting(s, vendor,
		    customer, number, last + 1) == NULL; last++)
			;
		if (last < volume + 2)
			last = volume;	/* three in a row, or each alone */
		n = snprintf(out + used, cap - used, last == volume ? "%s%llu" : "%s%llu-%llu",
		    used == 0 ? "" : ", ", (unsigned long long)volume,
		    (unsigned long long)last);
		used += n < 0 ? 0 : (size_t)n;
		volume = last;
	}
	return out;
}

void
site_gaps(const struct site *s, const struct site_vendor *v, char *out, size_t cap)
{
	uint64_t number;
	size_t used = 0;
	int n;

	*out = '\0';
	for (number = 1; number < v->highest && used + 16 < cap; number++) {
		if (site_accepted(s, v->id, v->customer, number) != NULL)
			continue;
		n = snprintf(out + used, cap - used, "%s%llu", used == 0 ? "" : ", ",
		    (unsigned long long)number);
		used += n < 0 ? 0 : (size_t)n;
	}
}

int64_t
site_floor_after(const struct site *s, int64_t now, int64_t signed_at, int64_t expires)
{
	int64_t most = (s->floor != 0 ? s->floor : now) + LIMIT_FLOOR_STEP;

	if (signed_at > most)
		signed_at = most;
	if (signed_at > expires)
		signed_at = expires;
	return signed_at > s->floor ? signed_at : s->floor;
}
