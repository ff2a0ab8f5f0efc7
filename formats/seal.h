/*
 * seal: the header line and the signed statement at a fixed place of the image.  SPEC, "The seal".
 */
#ifndef FORMATS_SEAL_H
#define FORMATS_SEAL_H

#include "formats/document.h"
#include "formats/json.h"
#include "formats/recovery.h"

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

/*
 * Where a volume of a set begins in the payload: releases in the order of the seal, files in the
 * order of SHA256SUMS.  With ${offset} 0 it begins with a whole file.
 */
struct seal_cut {
	size_t release;		/* index in the seal's list */
	uint64_t line;		/* of its SHA256SUMS, from 1 */
	uint64_t offset;	/* bytes of that file that are on volumes before */
};

enum seal_kind { SEAL_UNBOUND, SEAL_USB, SEAL_DISC };

/* The device that the seal is bound to.  SPEC V6. */
struct seal_medium {
	enum seal_kind kind;
	/* SEAL_USB */
	uint16_t vendor, product;	/* of the USB device descriptor */
	const char *serial;		/* escaped by name_escape; "" when it has none */
	uint64_t size;			/* bytes */
	/* SEAL_DISC */
	/* what the drive tells of this disc alone; "" when nothing */
	const char *disc;
};

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
	uint64_t volume, volumes;		/* index, from 1, of count */
	struct digest set;	/* SHA-256 over the map digests of all volumes in their order */
	struct digest map_of[LIMIT_VOLUMES];	/* the map digest of each volume */
	/* where each volume begins; the first begins at the start of everything */
	struct seal_cut cut[LIMIT_VOLUMES];
	struct seal_medium medium;
	uint64_t trust_version;
	struct digest trust_digest;
	size_t release_count;
	struct seal_release release[LIMIT_RELEASES];
	/* image */
	uint64_t size, blocks;			/* bytes; blocks before the map */
	uint64_t iso;	/* bytes of the ISO volume, without its padding to a block */
	unsigned percent;	/* of parity: what is to be planned; parsed: what had been */
	struct recovery recovery;	/* its stripes are 0 when there is no parity */
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

/* The body for ${s} (json, digest and set are not looked at); the caller frees *${text}. */
enum err seal_print(const struct seal *s, char **text, size_t *len) MUST_USE;

/* Is the place ${a} in front of (< 0), at (0) or behind (> 0) ${b}? */
int seal_cut_compare(const struct seal_cut *a, const struct seal_cut *b);

/* Do header and body say the same? */
enum err seal_agrees(const struct seal_header *h, const struct seal *s, struct fault *f) MUST_USE;

/*
 * Regions ascending, disjoint, aligned (BLOCK_SIZE; the backup BACKUP_ALIGN), inside ${s}->size, of
 * the right length for the number of blocks, at least TAIL_ZEROS at the end; ERR_SEAL_REGIONS.
 */
enum err seal_regions(const struct seal *s, struct fault *f) MUST_USE;

/*
 * The layout for an ISO volume of ${iso} bytes, a chain of ${chain} bytes and ${s}->percent of
 * parity: fills in size, blocks, recovery, map, map2, chain, chain2, backup.  ERR_LIMIT past
 * LIMIT_IMAGE or LIMIT_RECOVERY.
 */
enum err seal_layout(struct seal *s, uint64_t iso, uint64_t chain) MUST_USE;

/*
 * Where the backup may be in an image of ${size} bytes that seal_layout made: on the boundaries
 * from *${first} down to *${last}, 17 at most.  False: there is none in so short an image.
 */
bool seal_backup_range(uint64_t size, uint64_t *first, uint64_t *last) MUST_USE;

#endif
