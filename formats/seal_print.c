/*
 * seal_print: the body of a seal.  SPEC, "seal/1".
 */
#include <stdio.h>

#include "formats/seal.h"

static void
put_region(struct json_writer *w, const char *key, const struct seal_region *r,
    const struct digest *digest)
{
	json_open_object(w, key);
	json_put_uint(w, "offset", r->offset);
	json_put_uint(w, "length", r->length);
	if (digest != NULL)
		json_put_digest(w, "digest", digest);
	json_close(w);
}

static void
put_image(struct json_writer *w, const struct seal *s)
{
	json_open_object(w, "image");
	json_put_uint(w, "size", s->size);
	json_put_uint(w, "blocks", s->blocks);
	json_put_uint(w, "iso", s->iso);
	if (s->recovery.stripes > 0) {
		json_open_object(w, "recovery");
		json_put_uint(w, "stripes", s->recovery.stripes);
		json_put_uint(w, "parity", s->recovery.parity);
		json_close(w);
	}
	put_region(w, "map", &s->map, &s->map_digest);
	put_region(w, "map2", &s->map2, NULL);
	put_region(w, "chain", &s->chain, NULL);
	put_region(w, "chain2", &s->chain2, NULL);
	json_put_uint(w, "backup", s->backup);
	json_close(w);
}

static void
put_consignment(struct json_writer *w, const struct seal *s)
{
	json_open_object(w, "customer");
	json_put_string(w, "id", s->customer);
	json_put_string(w, "name", s->customer_name);
	json_close(w);
	json_put_uint(w, "number", s->number);
	if (s->has_previous)
		json_put_digest(w, "previous", &s->previous);
	json_put_moment(w, "sealed_at", s->sealed_at);
	json_put_string(w, "place", s->place);
	if (s->has_expires)
		json_put_moment(w, "expires", s->expires);
	if (s->invoice[0] != '\0')
		json_put_string(w, "invoice", s->invoice);
}

static void
put_volume(struct json_writer *w, const struct seal *s)
{
	size_t i;

	json_open_object(w, "volume");
	json_put_uint(w, "index", s->volume);
	json_put_uint(w, "count", s->volumes);
	if (s->volumes > 1) {
		json_open_array(w, "maps");
		for (i = 0; i < s->volumes; i++)
			json_put_digest(w, NULL, &s->map_of[i]);
		json_close(w);
		json_open_array(w, "cuts");
		for (i = 1; i < s->volumes; i++) {
			json_open_object(w, NULL);
			json_put_string(w, "release", s->release[s->cut[i].release].id);
			json_put_uint(w, "line", s->cut[i].line);
			json_put_uint(w, "offset", s->cut[i].offset);
			json_close(w);
		}
		json_close(w);
	}
	json_close(w);
}

static void
put_medium(struct json_writer *w, const struct seal_medium *m)
{
	char id[8];

	if (m->kind == SEAL_UNBOUND)
		return;
	json_open_object(w, "medium");
	json_put_string(w, "kind", m->kind == SEAL_USB ? "usb" : "disc");
	if (m->kind == SEAL_USB) {
		(void)snprintf(id, sizeof(id), "%04x", m->vendor);
		json_put_string(w, "vendor", id);
		(void)snprintf(id, sizeof(id), "%04x", m->product);
		json_put_string(w, "product", id);
		json_put_string(w, "serial", m->serial);
		json_put_uint(w, "size", m->size);
	} else {
		json_put_string(w, "disc", m->disc);
	}
	json_close(w);
}

enum err
seal_print(const struct seal *s, char **text, size_t *len)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "waxseal", "seal/1");
	json_put_string(w, "vendor", s->vendor);
	json_put_digest(w, "anchor", &s->anchor);
	put_consignment(w, s);
	put_volume(w, s);
	json_open_object(w, "trust");
	json_put_uint(w, "version", s->trust_version);
	json_put_digest(w, "digest", &s->trust_digest);
	json_close(w);
	json_open_array(w, "releases");
	for (size_t i = 0; i < s->release_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "id", s->release[i].id);
		json_put_digest(w, "digest", &s->release[i].digest);
		json_close(w);
	}
	json_close(w);
	put_medium(w, &s->medium);
	put_image(w, s);
	return json_finish(w, 1, text, len);
}
