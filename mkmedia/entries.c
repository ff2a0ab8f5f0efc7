/*
 * entries: see entries.h.
 *
 * The entries of a vendor's ledger, besides "n", "time" and "what" (* may be missing):
 *
 *	founded			vendor name place single_person
 *	trust-in-force		version digest
 *	customer-added		customer name; with an enrolment: site* enrolment* key*
 *	release-finished	id digest sums files bytes directory
 *	release-signed		id digest
 *	sealed			customer number volumes set bound previous* sealed_at notice*
 *				catalogue* releases [{id digest}]
 *				images [{volume seal* map size image}]
 *	written, read-back	customer number volume copy seal bound status, and more
 *	remade			customer number volume map image
 *	notice-signed		sequence notice event id digest issued
 *	catalogue-signed	number catalogue issued next_expected* highest_notice releases
 *	passport-received	customer system number digest, and more
 *	receipt-received	customer number digest, and more
 */
#include "mkmedia/entries.h"

#include <stdio.h>
#include <string.h>

#include "mkmedia/outputs.h"
#include "verify/room.h"

static void
copy_text(char *to, size_t cap, const char *from)
{
	(void)snprintf(to, cap, "%s", from);
}

static enum err
take_founded(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = entries->r;

	copy_text(r->vendor, sizeof(r->vendor), json_get_string(j, o, "vendor", 1, LIMIT_ID));
	copy_text(r->name, sizeof(r->name), json_get_string(j, o, "name", 1, LIMIT_TEXT));
	copy_text(r->place, sizeof(r->place), json_get_string(j, o, "place", 0, LIMIT_TEXT));
	r->single_person = json_get_bool(j, o, "single_person");
	return OK;
}

static enum err
take_trust(struct entries *entries, const struct json_node *o, struct json *j)
{
	uint64_t next = entries->version + 1;

	entries->version = json_get_uint(j, o, "version", next, next);
	entries->digest = json_get_digest(j, o, "digest");
	return OK;
}

static enum err
take_customer(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = entries->r;
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
	if (json_has(o, "key"))
		copy_text(c->key, sizeof(c->key),
		    json_get_string(j, o, "key", 1, SSHSIG_LINE - 1));
	return OK;
}

static enum err
take_finished(struct entries *entries, const struct json_node *o, struct json *j, uint64_t entry)
{
	struct vendor_register *r = entries->r;
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
take_signed(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct register_release *s = named_release(entries->r, o, j);

	if (s != NULL)
		s->is_signed = true;
	return OK;
}

static enum err
take_image(struct vendor_register *r, const struct json_node *image, struct json *j,
    const struct register_volume *consignment)
{
	struct register_volume *v = room_for_one(r->volume, r->volume_count, sizeof(*v));
	uint64_t next = consignment->volume;

	if (v == NULL)
		return ERR_MEMORY;
	r->volume = v;
	v += r->volume_count++;
	*v = *consignment;
	v->volume = json_get_uint(j, image, "volume", next, next);
	v->map = json_get_digest(j, image, "map");
	v->size = json_get_uint(j, image, "size", 1, LIMIT_IMAGE);
	if (!v->bound)
		v->seal = json_get_digest(j, image, "seal");
	return OK;
}

static enum err
take_images(struct vendor_register *r, const struct json_node *o, struct json *j,
    struct register_volume *consignment)
{
	const struct json_node *list;
	size_t i;
	enum err e = OK;

	list = json_get_array(j, o, "images", consignment->volumes, consignment->volumes);
	for (i = 0; e == OK && i < json_count(list); i++) {
		consignment->volume = i + 1;
		e = take_image(r, json_get_object_at(j, list, i), j, consignment);
	}
	return e;
}

static enum err
take_sealed(struct entries *entries, const struct json_node *o, struct json *j, uint64_t entry)
{
	struct vendor_register *r = entries->r;
	const struct json_node *list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES);
	struct register_customer *c = register_customer(r, json_get_string(j, o, "customer", 1,
	    LIMIT_ID));
	struct register_volume consignment = { .entry = entry };
	struct register_release *release;
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
	copy_text(consignment.customer, sizeof(consignment.customer), c->id);
	consignment.number = json_get_uint(j, o, "number", c->highest + 1, LIMIT_NUMBER);
	consignment.volumes = json_get_uint(j, o, "volumes", 1, LIMIT_VOLUMES);
	consignment.bound = json_get_bool(j, o, "bound");
	consignment.sealed_at = json_get_moment(j, o, "sealed_at");
	if (json_has(o, "notice"))
		consignment.notice = json_get_uint(j, o, "notice", 1, r->notice_count);
	if (json_has(o, "catalogue"))
		consignment.catalogue = json_get_uint(j, o, "catalogue", 1, r->catalogue.number);
	if (ledger_sense(j) == OK)
		c->highest = consignment.number;
	return take_images(r, o, j, &consignment);
}

/* A copy that was not good counts for nothing; the next one gets its number. */
static enum err
take_copy(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = entries->r;
	const char *customer = json_get_string(j, o, "customer", 1, LIMIT_ID);
	uint64_t number = json_get_uint(j, o, "number", 1, LIMIT_NUMBER);
	struct register_volume *v = register_volume(r, customer, number,
	    json_get_uint(j, o, "volume", 1, LIMIT_VOLUMES));
	struct register_copy copy = { .seal = json_get_digest(j, o, "seal") }, *c;
	uint64_t status = json_get_uint(j, o, "status", 0, 255);

	if (v == NULL) {
		json_refuse(j, ERR_LEDGER, "volume");
		return OK;
	}
	if (json_get_uint(j, o, "copy", 1, v->copies + 1) <= v->copies ||
	    (status != 0 && status != 3 && status != 4))
		return OK;
	v->copies++;
	if (!v->bound)
		return OK;
	if (digest_is_zero(&v->seal))
		v->seal = copy.seal;
	if ((c = room_for_one(r->copy, r->copy_count, sizeof(*c))) == NULL)
		return ERR_MEMORY;
	r->copy = c;
	copy.volume = (size_t)(v - r->volume);
	r->copy[r->copy_count++] = copy;
	return OK;
}

static enum err
take_notice(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = entries->r;
	const uint64_t next = r->notice_count + 1;
	struct register_release *s = named_release(r, o, j);
	struct register_notice *n = room_for_one(r->notice, r->notice_count, sizeof(*n));

	if (n == NULL)
		return ERR_MEMORY;
	r->notice = n;
	n += r->notice_count++;
	(void)json_get_uint(j, o, "sequence", next, next);
	*n = (struct register_notice){ .digest = json_get_digest(j, o, "notice"),
		.withdrawal = strcmp(json_get_string(j, o, "event", 1, LIMIT_TEXT),
		    "withdrawal") == 0, .issued = json_get_moment(j, o, "issued") };
	if (s == NULL)
		return OK;
	copy_text(n->release, sizeof(n->release), s->id);
	s->is_told = true;
	s->is_withdrawn = n->withdrawal;
	return OK;
}

/* It has every release that was signed by then, but those that must not be used. */
static enum err
take_catalogue(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = entries->r;
	const uint64_t next = r->catalogue.number + 1;
	size_t i;

	r->catalogue = (struct register_catalogue){
		.number = json_get_uint(j, o, "number", next, next),
		.digest = json_get_digest(j, o, "catalogue"),
		.issued = json_get_moment(j, o, "issued"),
		.has_next = json_has(o, "next_expected"),
	};
	if (r->catalogue.has_next)
		r->catalogue.next_expected = json_get_moment(j, o, "next_expected");
	for (i = 0; i < r->release_count; i++)
		r->release[i].is_told |= r->release[i].is_signed && !r->release[i].is_withdrawn;
	return OK;
}

static enum err
take_arrival(struct entries *entries, const struct json_node *o, struct json *j)
{
	struct vendor_register *r = entries->r;
	const char *customer = json_get_string(j, o, "customer", 1, LIMIT_ID);
	struct register_arrival *a = room_for_one(r->arrival, r->arrival_count, sizeof(*a));

	if (a == NULL)
		return ERR_MEMORY;
	r->arrival = a;
	a += r->arrival_count++;
	*a = (struct register_arrival){ .digest = json_get_digest(j, o, "digest"),
		.number = json_get_uint(j, o, "number", 0, LIMIT_NUMBER) };
	if (register_customer(r, customer) == NULL)
		json_refuse(j, ERR_LEDGER, "customer");
	copy_text(a->customer, sizeof(a->customer), customer);
	if (json_has(o, "system"))
		copy_text(a->system, sizeof(a->system),
		    json_get_string(j, o, "system", 1, LIMIT_ID));
	return OK;
}

enum err
entries_take(void *arg, uint64_t number, const struct json_node *o, struct json *j,
    const char *line, size_t len)
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
	else if (strcmp(what, "written") == 0 || strcmp(what, "read-back") == 0)
		e = take_copy(arg, o, j);
	else if (strcmp(what, "notice-signed") == 0)
		e = take_notice(arg, o, j);
	else if (strcmp(what, "catalogue-signed") == 0)
		e = take_catalogue(arg, o, j);
	else if (strcmp(what, "passport-received") == 0 || strcmp(what, "receipt-received") == 0)
		e = take_arrival(arg, o, j);
	/* The line is signed: what does not fit here was written by something else, not altered. */
	return e != OK ? e : ledger_sense(j);
}

static void
put_images(struct json_writer *w, const struct seal *s, const struct digest *digests)
{
	char name[OUTPUTS_NAME];
	uint64_t i;

	json_open_array(w, "images");
	for (i = 0; i < s->volumes; i++) {
		outputs_name(s->customer, s->number, i + 1, name);
		json_open_object(w, NULL);
		json_put_uint(w, "volume", i + 1);
		if (digests != NULL)
			json_put_digest(w, "seal", &digests[i]);
		json_put_digest(w, "map", &s[i].map_digest);
		json_put_uint(w, "size", s[i].size);
		json_put_string(w, "image", name);
		json_close(w);
	}
	json_close(w);
}

enum err
entries_add_sealed(const struct vendor_register *r, const struct seal *s,
    const struct digest *digests, struct fault *f)
{
	struct json_writer *w = ledger_entry(r->ledger, "sealed", s->sealed_at);
	struct digest set;
	size_t i;

	digest_sha256(s->map_of, (size_t)s->volumes * sizeof(s->map_of[0]), &set);
	json_put_string(w, "customer", s->customer);
	json_put_uint(w, "number", s->number);
	json_put_uint(w, "volumes", s->volumes);
	json_put_digest(w, "set", &set);
	json_put_bool(w, "bound", digests == NULL);
	if (s->has_previous)
		json_put_digest(w, "previous", &s->previous);
	json_put_moment(w, "sealed_at", s->sealed_at);
	if (r->notice_count > 0)
		json_put_uint(w, "notice", r->notice_count);
	if (r->catalogue.number > 0)
		json_put_uint(w, "catalogue", r->catalogue.number);
	json_open_array(w, "releases");
	for (i = 0; i < s->release_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "id", s->release[i].id);
		json_put_digest(w, "digest", &s->release[i].digest);
		json_close(w);
	}
	json_close(w);
	put_images(w, s, digests);
	return ledger_commit(r->ledger, w, NULL, f);
}

enum err
entries_add_remade(const struct vendor_register *r, const struct register_volume *v,
    struct moment now, struct fault *f)
{
	struct json_writer *w = ledger_entry(r->ledger, "remade", now);
	char name[OUTPUTS_NAME];

	outputs_name(v->customer, v->number, v->volume, name);
	json_put_string(w, "customer", v->customer);
	json_put_uint(w, "number", v->number);
	json_put_uint(w, "volume", v->volume);
	json_put_digest(w, "map", &v->map);
	json_put_string(w, "image", name);
	return ledger_commit(r->ledger, w, NULL, f);
}
