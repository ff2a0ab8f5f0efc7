/*
 * seal: the header line, the signed body, and the places of everything in the image.
 * SPEC, "The seal" and "The image".
 */
#include "formats/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"

#define INTEGER_DIGITS 16	/* of LIMIT_INTEGER */

/* ---- header line ---- */

/* What is left of the line; from the first thing that does not fit, ok stays false. */
struct cursor {
	const char *at;
	size_t left;
	bool ok;
};

/* Step over ${n} bytes that were found good. */
static void
step(struct cursor *c, size_t n, bool good)
{
	c->ok = c->ok && good;
	if (c->ok) {
		c->at += n;
		c->left -= n;
	}
}

static void
take_literal(struct cursor *c, const char *text)
{
	const size_t n = strlen(text);

	step(c, n, n <= c->left && memcmp(c->at, text, n) == 0);
}

/* Canonical decimal: no leading zero, at most LIMIT_INTEGER. */
static uint64_t
take_number(struct cursor *c)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < c->left && n < INTEGER_DIGITS && c->at[n] >= '0' && c->at[n] <= '9'; n++)
		value = value * 10 + (uint64_t)(c->at[n] - '0');
	step(c, n, n > 0 && (n == 1 || c->at[0] != '0') && value <= LIMIT_INTEGER);
	return value;
}

static void
take_digest(struct cursor *c, struct digest *out)
{
	const size_t n = DIGEST_HEX - 1;

	step(c, n, n <= c->left && digest_from_hex(out, c->at, n));
}

static void
take_region(struct cursor *c, struct seal_region *out)
{
	out->offset = take_number(c);
	take_literal(c, "+");
	out->length = take_number(c);
}

static void
take_id(struct cursor *c, char out[static LIMIT_ID + 1])
{
	size_t n = 0;

	for (; n < c->left && n < LIMIT_ID && c->at[n] > ' '; n++)
		out[n] = c->at[n];
	out[n] = '\0';
	step(c, n, name_id_ok(out));
}

enum err
seal_header_parse(const void *area, size_t len, struct seal_header *out, size_t *line)
{
	const size_t most = len < LIMIT_HEADER_LINE ? len : LIMIT_HEADER_LINE;
	struct cursor c = { .at = area, .left = most, .ok = true };
	struct seal_header h = { 0 };
	uint64_t version;

	take_literal(&c, "WAXSEAL");
	if (!c.ok)
		return ERR_NOT_SEALED;
	version = take_number(&c);
	if (c.ok && version != 1)
		return ERR_NEWER;
	take_literal(&c, " vendor=");
	take_id(&c, h.vendor);
	take_literal(&c, " anchor=");
	take_digest(&c, &h.anchor);
	take_literal(&c, " chain=");
	take_region(&c, &h.chain);
	take_literal(&c, " chain2=");
	take_region(&c, &h.chain2);
	take_literal(&c, " tag=");
	take_digest(&c, &h.tag);
	take_literal(&c, " length=");
	h.length = take_number(&c);
	take_literal(&c, "\n");
	if (!c.ok || h.length > len - (most - c.left))
		return ERR_SEAL_HEADER;
	*out = h;
	*line = most - c.left;
	return OK;
}

enum err
seal_header_print(const struct seal_header *h, char out[static LIMIT_HEADER_LINE + 1], size_t *len)
{
	const uint64_t number[] = { h->chain.offset, h->chain.length, h->chain2.offset,
		h->chain2.length, h->length };
	char anchor[DIGEST_HEX], tag[DIGEST_HEX];
	int n;

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		if (number[i] > LIMIT_INTEGER)
			return ERR_LIMIT;
	}
	digest_hex(&h->anchor, anchor);
	digest_hex(&h->tag, tag);
	n = snprintf(out, LIMIT_HEADER_LINE + 1, "WAXSEAL1 vendor=%s anchor=%s"
	    " chain=%" PRIu64 "+%" PRIu64 " chain2=%" PRIu64 "+%" PRIu64 " tag=%s"
	    " length=%" PRIu64 "\n",
	    h->vendor, anchor, number[0], number[1], number[2], number[3], tag, number[4]);
	if (n < 0 || (size_t)n > LIMIT_HEADER_LINE)
		return ERR_LIMIT;
	*len = (size_t)n;
	return OK;
}

/* ---- body ---- */

static void
require(struct json *j, bool good, const char *key)
{
	if (!good)
		json_refuse(j, ERR_SEAL_FORM, key);
}

static void
read_customer(struct json *j, const struct json_node *root, struct seal *s)
{
	const struct json_node *customer = json_get_object(j, root, "customer");

	json_only(j, customer, "id name");
	s->customer = json_get_string(j, customer, "id", 1, LIMIT_ID);
	s->customer_name = json_get_string(j, customer, "name", 1, LIMIT_TEXT);
	require(j, name_id_ok(s->customer), "customer");
	s->number = json_get_uint(j, root, "number", 1, LIMIT_NUMBER);
	s->has_previous = json_has(root, "previous");
	if (s->has_previous)
		s->previous = json_get_digest(j, root, "previous");
}

static void
read_circumstances(struct json *j, const struct json_node *root, struct seal *s)
{
	const struct json_node *trust = json_get_object(j, root, "trust");

	s->sealed_at = json_get_moment(j, root, "sealed_at");
	s->place = json_get_string(j, root, "place", 1, LIMIT_TEXT);
	s->has_expires = json_has(root, "expires");
	if (s->has_expires) {
		s->expires = json_get_moment(j, root, "expires");
		require(j, s->expires.seconds > s->sealed_at.seconds, "expires");
	}
	s->invoice = json_has(root, "invoice") ?
	    json_get_string(j, root, "invoice", 1, LIMIT_TEXT) : "";
	json_only(j, trust, "version digest");
	s->trust_version = json_get_uint(j, trust, "version", 1, LIMIT_CHAIN);
	s->trust_digest = json_get_digest(j, trust, "digest");
}

static void
read_releases(struct json *j, const struct json_node *root, struct seal *s)
{
	const struct json_node *list = json_get_array(j, root, "releases", 1, LIMIT_RELEASES);

	s->release_count = json_count(list);
	for (size_t i = 0; i < s->release_count; i++) {
		const struct json_node *o = json_get_object_at(j, list, i);
		struct seal_release *r = &s->release[i];

		json_only(j, o, "id digest");
		r->id = json_get_string(j, o, "id", 1, LIMIT_RELEASE_ID);
		r->digest = json_get_digest(j, o, "digest");
		require(j, name_release_ok(r->id), "releases");
		for (size_t k = 0; k < i; k++)
			require(j, strcmp(s->release[k].id, r->id) != 0, "releases");
	}
}

static struct seal_region
read_region(struct json *j, const struct json_node *image, const char *key, const char *keys)
{
	const struct json_node *o = json_get_object(j, image, key);

	json_only(j, o, keys);
	return (struct seal_region){
		.offset = json_get_uint(j, o, "offset", 0, LIMIT_INTEGER),
		.length = json_get_uint(j, o, "length", 0, LIMIT_INTEGER),
	};
}

static void
read_recovery(struct json *j, const struct json_node *image, struct seal *s)
{
	const struct json_node *o;

	s->recovery = (struct recovery){ .data = s->iso / BLOCK_SIZE + (s->iso % BLOCK_SIZE != 0) };
	if (!json_has(image, "recovery"))
		return;
	o = json_get_object(j, image, "recovery");
	json_only(j, o, "stripes parity");
	s->recovery.stripes = json_get_uint(j, o, "stripes", 1, LIMIT_INTEGER);
	s->recovery.parity = json_get_uint(j, o, "parity", 1, RECOVERY_ROWS - 1);
	s->percent = recovery_percent(&s->recovery);
}

/* Only the form: what the numbers may be together is the business of seal_regions(). */
static void
read_image(struct json *j, const struct json_node *root, struct seal *s)
{
	const struct json_node *image = json_get_object(j, root, "image");

	json_only(j, image, "size blocks iso recovery map map2 chain chain2 backup");
	s->size = json_get_uint(j, image, "size", 0, LIMIT_INTEGER);
	s->blocks = json_get_uint(j, image, "blocks", 0, LIMIT_INTEGER);
	s->iso = json_get_uint(j, image, "iso", 0, LIMIT_INTEGER);
	read_recovery(j, image, s);
	s->map = read_region(j, image, "map", "offset length digest");
	s->map_digest = json_get_digest(j, json_get_object(j, image, "map"), "digest");
	s->map2 = read_region(j, image, "map2", "offset length");
	s->chain = read_region(j, image, "chain", "offset length");
	s->chain2 = read_region(j, image, "chain2", "offset length");
	s->backup = json_get_uint(j, image, "backup", 0, LIMIT_INTEGER);
}

static size_t
release_index(const struct seal *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->release_count && strcmp(s->release[i].id, id) != 0; i++)
		;
	return i;
}

int
seal_cut_compare(const struct seal_cut *a, const struct seal_cut *b)
{
	if (a->release != b->release)
		return a->release < b->release ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->offset == b->offset ? 0 : a->offset < b->offset ? -1 : 1;
}

/* Volume ${i} + 1 begins behind the one before it. */
static void
read_cut(struct json *j, const struct json_node *cuts, struct seal *s, size_t i)
{
	const struct json_node *o = json_get_object_at(j, cuts, i - 1);
	struct seal_cut *cut = &s->cut[i];

	json_only(j, o, "release line offset");
	cut->release = release_index(s, json_get_string(j, o, "release", 1, LIMIT_RELEASE_ID));
	cut->line = json_get_uint(j, o, "line", 1, LIMIT_FILES);
	cut->offset = json_get_uint(j, o, "offset", 0, LIMIT_IMAGE);
	require(j, cut->release < s->release_count && seal_cut_compare(&s->cut[i - 1], cut) < 0,
	    "cuts");
}

static void
read_map(struct json *j, const struct json_node *maps, size_t i, struct digest *out)
{
	const char *hex = json_get_string_at(j, maps, i, DIGEST_HEX - 1, DIGEST_HEX - 1);

	require(j, digest_from_hex(out, hex, strlen(hex)), "maps");
}

/* After releases and image, which it refers to. */
static void
read_volume(struct json *j, const struct json_node *root, struct seal *s)
{
	const struct json_node *volume = json_get_object(j, root, "volume");
	const struct json_node *maps, *cuts;
	size_t i;

	s->volume = json_get_uint(j, volume, "index", 1, LIMIT_VOLUMES);
	s->volumes = json_get_uint(j, volume, "count", 1, LIMIT_VOLUMES);
	require(j, s->volume <= s->volumes, "volume");
	s->cut[0] = (struct seal_cut){ 0, 1, 0 };
	s->map_of[0] = s->map_digest;
	if (s->volumes == 1) {
		json_only(j, volume, "index count");
	} else {
		json_only(j, volume, "index count maps cuts");
		maps = json_get_array(j, volume, "maps", s->volumes, s->volumes);
		cuts = json_get_array(j, volume, "cuts", s->volumes - 1, s->volumes - 1);
		for (i = 0; i < json_count(maps) && i < s->volumes; i++)
			read_map(j, maps, i, &s->map_of[i]);
		for (i = 1; i <= json_count(cuts) && i < s->volumes; i++)
			read_cut(j, cuts, s, i);
		require(j, s->volume > 0 &&
		    digest_equal(&s->map_of[s->volume - 1], &s->map_digest), "maps");
	}
	digest_sha256(s->map_of, (size_t)s->volumes * sizeof(s->map_of[0]), &s->set);
}

static uint16_t
read_usb_id(struct json *j, const struct json_node *medium, const char *key)
{
	const char *text = json_get_string(j, medium, key, 4, 4);

	require(j, strspn(text, "0123456789abcdef") == 4, key);
	return (uint16_t)strtoul(text, NULL, 16);
}

static void
read_medium(struct json *j, const struct json_node *root, struct seal *s)
{
	const struct json_node *medium;
	const char *kind;

	s->medium = (struct seal_medium){ .kind = SEAL_UNBOUND, .serial = "", .disc = "" };
	if (!json_has(root, "medium"))
		return;
	medium = json_get_object(j, root, "medium");
	kind = json_get_string(j, medium, "kind", 1, LIMIT_TEXT);
	if (strcmp(kind, "usb") == 0) {
		json_only(j, medium, "kind vendor product serial size");
		s->medium.kind = SEAL_USB;
		s->medium.vendor = read_usb_id(j, medium, "vendor");
		s->medium.product = read_usb_id(j, medium, "product");
		s->medium.serial = json_get_string(j, medium, "serial", 0, 4 * LIMIT_DEVICE_TEXT);
		s->medium.size = json_get_uint(j, medium, "size", 1, LIMIT_INTEGER);
	} else {
		json_only(j, medium, "kind disc");
		require(j, strcmp(kind, "disc") == 0, "medium");
		s->medium.kind = SEAL_DISC;
		s->medium.disc = json_get_string(j, medium, "disc", 0, LIMIT_DEVICE_TEXT);
	}
}

enum err
seal_parse(struct seal **out, const struct document *doc, const char *vendor, struct fault *f)
{
	const struct json_node *root;
	struct seal *s = NULL;
	struct json *j;
	enum err e;

	*out = NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_fault(f, ERR_MEMORY, "seal");
	e = json_parse(&s->json, doc->body, doc->body_len, f);
	if (e != OK)
		goto out;
	s->digest = doc->digest;
	j = s->json;
	root = json_root(j);
	json_check_type(j, "seal", "vendor", vendor);
	json_only(j, root, "waxseal vendor anchor customer number previous sealed_at place expires"
	    " invoice volume trust releases medium image");
	s->vendor = json_get_string(j, root, "vendor", 1, LIMIT_ID);
	s->anchor = json_get_digest(j, root, "anchor");
	read_customer(j, root, s);
	read_circumstances(j, root, s);
	read_releases(j, root, s);
	read_image(j, root, s);
	read_volume(j, root, s);
	read_medium(j, root, s);
	e = json_error(j, f);
	if (e != OK)
		goto out;
	*out = s;
	s = NULL;
out:
	seal_free(s);
	return e;
}

void
seal_free(struct seal *s)
{
	if (s == NULL)
		return;
	json_free(s->json);
	free(s);
}

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

static bool
same_region(const struct seal_region *a, const struct seal_region *b)
{
	return a->offset == b->offset && a->length == b->length;
}

enum err
seal_agrees(const struct seal_header *h, const struct seal *s, struct fault *f)
{
	if (strcmp(h->vendor, s->vendor) != 0)
		return err_fault(f, ERR_SEAL_HEADER, "vendor");
	if (!digest_equal(&h->anchor, &s->anchor))
		return err_fault(f, ERR_SEAL_HEADER, "anchor");
	if (!same_region(&h->chain, &s->chain))
		return err_fault(f, ERR_SEAL_HEADER, "chain");
	if (!same_region(&h->chain2, &s->chain2))
		return err_fault(f, ERR_SEAL_HEADER, "chain2");
	return OK;
}

/* ---- regions ---- */

static uint64_t
round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

/*
 * The numbers are a stranger's until they were compared with s->size, and s->size with LIMIT_IMAGE:
 * only after that can sums and products not overflow.
 */
enum err
seal_regions(const struct seal *s, struct fault *f)
{
	const struct {
		const char *name;
		uint64_t offset, length, align;
	} region[] = {
		{ "map", s->map.offset, s->map.length, BLOCK_SIZE },
		{ "chain", s->chain.offset, s->chain.length, BLOCK_SIZE },
		{ "backup", s->backup, SEAL_SIZE, BACKUP_ALIGN },
		{ "map2", s->map2.offset, s->map2.length, BLOCK_SIZE },
		{ "chain2", s->chain2.offset, s->chain2.length, BLOCK_SIZE },
	};
	uint64_t end;

	if (s->size > LIMIT_IMAGE || s->size % SECTOR_SIZE != 0)
		return err_fault(f, ERR_SEAL_REGIONS, "size");
	if (s->iso <= ISO_START || s->iso > s->size)
		return err_fault(f, ERR_SEAL_REGIONS, "iso");
	if (s->recovery.data != round_up(s->iso, BLOCK_SIZE) / BLOCK_SIZE ||
	    !recovery_ok(&s->recovery))
		return err_fault(f, ERR_SEAL_REGIONS, "recovery");
	if (s->blocks != s->recovery.data + s->recovery.stripes * s->recovery.parity)
		return err_fault(f, ERR_SEAL_REGIONS, "blocks");
	end = s->blocks * BLOCK_SIZE;
	if (s->map.length != s->blocks * sizeof(struct digest) || s->map2.length != s->map.length)
		return err_fault(f, ERR_SEAL_REGIONS, "map");
	if (s->chain.length == 0 || s->chain.length > LIMIT_CHAIN_BYTES ||
	    s->chain2.length != s->chain.length)
		return err_fault(f, ERR_SEAL_REGIONS, "chain");
	for (size_t i = 0; i < sizeof(region) / sizeof(region[0]); i++) {
		if (region[i].offset < end || region[i].offset % region[i].align != 0 ||
		    region[i].offset > s->size || region[i].length > s->size - region[i].offset)
			return err_fault(f, ERR_SEAL_REGIONS, "%s", region[i].name);
		end = region[i].offset + region[i].length;
	}
	/* Bounded, so that nobody lets the checking of zeros take a day. */
	if (s->size - end < TAIL_ZEROS || s->size - end > TAIL_ZEROS + BACKUP_ALIGN)
		return err_fault(f, ERR_SEAL_REGIONS, "size");
	return OK;
}

enum err
seal_layout(struct seal *s, uint64_t iso, uint64_t chain)
{
	if (iso > LIMIT_IMAGE || chain > LIMIT_CHAIN_BYTES ||
	    recovery_plan(&s->recovery, round_up(iso, BLOCK_SIZE) / BLOCK_SIZE,
	    s->percent) != OK)
		return ERR_LIMIT;
	s->iso = iso;
	s->blocks = s->recovery.data + s->recovery.stripes * s->recovery.parity;
	s->map.offset = s->blocks * BLOCK_SIZE;
	s->map.length = s->map2.length = s->blocks * sizeof(struct digest);
	s->chain.offset = round_up(s->map.offset + s->map.length, BLOCK_SIZE);
	s->chain.length = s->chain2.length = chain;
	s->backup = round_up(s->chain.offset + chain, BACKUP_ALIGN);
	s->map2.offset = round_up(s->backup + SEAL_SIZE, BLOCK_SIZE);
	s->chain2.offset = round_up(s->map2.offset + s->map2.length, BLOCK_SIZE);
	s->size = round_up(s->chain2.offset + chain + TAIL_ZEROS, SECTOR_SIZE);
	return s->size > LIMIT_IMAGE ? ERR_LIMIT : seal_regions(s, NULL);
}
