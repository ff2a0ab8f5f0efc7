/*
 * seal: the header line and the signed statement at a fixed place of the image.  SPEC, "The seal".
 */
#ifndef FORMATS_SEAL_H
#define FORMATS_SEAL_H

#include "formats/document.h"
#include "formats/json.h"

struct seal_region { uint64_t offset, length; };

struct seal_header {
	char vendor[LIMIT_ID + 1];
	struct digest anchor;		/* digest of the vendor's trust version 1 */
	struct seal_region chain, chain2;
	struct digest tag;		/* code tag; not repeated in the body */
	uint64_t length;		/* of the document that follows the line */
};

/*
 * Parse the header line at the start of a SEAL area of ${len} bytes (normally SEAL_SIZE); ${line}
 * gets the length of the line with its newline.  ERR_NOT_SEALED: it does not begin with "WAXSEAL";
 * ERR_NEWER: another version; ERR_SEAL_HEADER: malformed, or the document does not fit the area.
 */
enum err seal_header_parse(const void *area, size_t len, struct seal_header *out,
    size_t *line) MUST_USE;
/* Print the line with its newline and NUL; ERR_LIMIT past LIMIT_HEADER_LINE. */
enum err seal_header_print(const struct seal_header *h, char out[static LIMIT_HEADER_LINE + 1],
    size_t *len) MUST_USE;

struct seal_release { const char *id; struct digest digest; };

struct seal {
	struct json *json;	/* owns the strings */
	struct digest digest;	/* of the body */
	const char *vendor;
	struct digest anchor;
	const char *customer, *customer_name;
	uint64_t number;			/* 1 .. LIMIT_NUMBER */
	bool has_previous;
	struct digest previous;			/* body of the customer's last seal */
	struct moment sealed_at;
	const char *place;
	bool has_expires;
	struct moment expires;
	const char *invoice;			/* "" when not given */
	uint64_t volume, volumes;		/* 1 of 1 */
	uint64_t trust_version;
	struct digest trust_digest;
	size_t release_count;
	struct seal_release release[LIMIT_RELEASES];
	/* image */
	uint64_t size, blocks;			/* bytes; blocks before the map */
	uint64_t iso; /* bytes of ISO volume and padding: the map covers blocks * BLOCK_SIZE */
	struct seal_region map, map2, chain, chain2;
	uint64_t backup;			/* offset of the second SEAL area */
	struct digest map_digest;
};

/*
 * seal_parse(out, doc, vendor, f):
 * Parse a seal body of ${vendor} (NULL: any).  Signatures are not looked at.  On OK the caller
 * frees it.
 */
enum err seal_parse(struct seal **out, const struct document *doc, const char *vendor,
    struct fault *f) MUST_USE;
void seal_free(struct seal *s);

/* The body for ${s} (json and digest are not looked at); the caller frees *${text}. */
enum err seal_print(const struct seal *s, char **text, size_t *len) MUST_USE;

/* Do header and body say the same? */
enum err seal_agrees(const struct seal_header *h, const struct seal *s, struct fault *f) MUST_USE;

/*
 * Regions ascending, disjoint, aligned (BLOCK_SIZE; the backup BACKUP_ALIGN), inside ${s}->size, of
 * the right length for the number of blocks, at least TAIL_ZEROS at the end; ERR_SEAL_REGIONS.
 */
enum err seal_regions(const struct seal *s, struct fault *f) MUST_USE;

/*
 * The layout for an ISO volume of ${iso} bytes and a chain of ${chain} bytes: fills in size,
 * blocks, map, map2, chain, chain2, backup.  ERR_LIMIT past LIMIT_IMAGE.
 */
enum err seal_layout(struct seal *s, uint64_t iso, uint64_t chain) MUST_USE;

#endif
