/*
 * seal: the signed body, and the places of everything in the image.  The header line is in
 * seal_header.c, printing in seal_print.c.  SPEC, "seal/1" and "The image".
 */
#include "formats/seal.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"

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
	/* Nothing lies between the last block and its map: no digest would cover it. */
	if (s->map.offset != end || s->map.length != s->blocks * sizeof(struct digest) ||
	    s->map2.length != s->map.length)
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

/*
 * Behind it lie the second map, the second chain and zeros.  The number of blocks is known but for
 * those whose place the longest chains would take; the chain may have any length.
 */
bool
seal_backup_range(uint64_t size, uint64_t *first, uint64_t *last)
{
	const uint64_t with_map = BLOCK_SIZE + 2 * sizeof(struct digest), gaps = 2 * BACKUP_ALIGN,
	    chains = 2 * LIMIT_CHAIN_BYTES, fixed = BLOCK_SIZE + TAIL_ZEROS,
	    fewest = size < gaps + chains ? 0 : (size - gaps - chains) / with_map;
	const uint64_t nearest = fixed + fewest * sizeof(struct digest),
	    farthest = fixed + size / with_map * sizeof(struct digest) + BLOCK_SIZE +
	    LIMIT_CHAIN_BYTES + SECTOR_SIZE;

	if (size < nearest + BACKUP_ALIGN)
		return false;
	*first = (size - nearest) / BACKUP_ALIGN * BACKUP_ALIGN;
	*last = size < farthest + BACKUP_ALIGN ? BACKUP_ALIGN :
	    round_up(size - farthest, BACKUP_ALIGN);
	return true;
}
