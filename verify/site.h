/*
 * site: what an ingest home knows, derived from its ledger and nothing else.  SPEC, "Ledger
 * entries".
 */
#ifndef VERIFY_SITE_H
#define VERIFY_SITE_H

#include "formats/limits.h"
#include "formats/trust.h"
#include "verify/home.h"
#include "verify/ledger.h"

struct site_vendor {
	char id[LIMIT_ID + 1];
	char customer[LIMIT_ID + 1];	/* what the vendor calls us */
	struct digest anchor;
	uint64_t version;		/* of the newest trust adopted */
	struct digest version_digest;
	struct trust_chain *chain;	/* versions 1..version, from trust/ID.chain */
	uint64_t highest;		/* consignment number accepted; 0: none */
	struct digest last_seal;	/* body of the seal with that number */
};

/* One consignment that was accepted. */
struct site_accepted {
	uint64_t entry;			/* in the ledger */
	char vendor[LIMIT_ID + 1], customer[LIMIT_ID + 1];
	uint64_t number;
	struct digest seal;		/* of its first volume */
	char scratch[64]; /* the directory below scratch/ that it was published from */
	bool lost; /* its files were never published: the number may come again */
};

/* One genuine volume of a set, until all are there. */
struct site_waiting {
	uint64_t entry;
	char vendor[LIMIT_ID + 1], customer[LIMIT_ID + 1];
	uint64_t number, volume, volumes;
	uint64_t mended, mended_differ, repaired, unreadable, differ;	/* of its blocks */
	struct digest set, seal;
};

/* Good blocks of a damaged volume, until its consignment is accepted or dropped. */
struct site_kept {
	char vendor[LIMIT_ID + 1], customer[LIMIT_ID + 1];
	uint64_t number, volume;
};

struct site {
	struct ledger *ledger;
	char id[LIMIT_ID + 1];
	char name[LIMIT_TEXT + 1];
	bool solo;
	int64_t floor; /* seconds; the highest time signed by a vendor in what was accepted */
	size_t vendor_count;
	struct site_vendor *vendor;
	size_t accepted_count;
	struct site_accepted *accepted;
	size_t waiting_count;
	struct site_waiting *waiting;
	size_t kept_count;
	struct site_kept *kept;
};

/*
 * Read the home ${h}: ledger, and the chains that it names.  ${write}: the caller holds the lock
 * and may commit entries.  On OK the caller frees *${out}.
 */
enum err site_load(struct site **out, const struct home *h, bool write, struct fault *f) MUST_USE;
void site_free(struct site *s);

struct site_vendor *site_vendor(const struct site *s, const char *vendor); /* NULL: not known */
/* Its entry; NULL when the number was not used.  Lost ones do not count. */
const struct site_accepted *site_accepted(const struct site *s, const char *vendor,
    const char *customer, uint64_t number);
/* Were the files of the consignment that entry ${entry} accepts never published? */
bool site_lost(const struct site *s, uint64_t entry);
/* Volume ${volume} (0: any) of that consignment, if it waits; else NULL. */
const struct site_waiting *site_waiting(const struct site *s, const char *vendor,
    const char *customer, uint64_t number, uint64_t volume);
/*
 * The volumes of the ${volumes} of that consignment that do not wait, ${here} aside (0: none), as
 * "1, 3-7"; at most as many as fit (280 bytes are enough), "" if none.  Returns ${out}.
 */
char *site_missing(const struct site *s, const char *vendor, const char *customer, uint64_t number,
    uint64_t volumes, uint64_t here, char *out, size_t cap);
/*
 * Numbers from 1 to ${highest} that never arrived, as "4, 5, 9", at most as many as fit; "" if
 * none.
 */
void site_gaps(const struct site *s, const struct site_vendor *v, char *out, size_t cap);
/*
 * The floor after a document signed at ${signed_at} under trust that expires at ${expires} was
 * accepted; the first step counts from ${now}.  All are seconds.
 */
int64_t site_floor_after(const struct site *s, int64_t now, int64_t signed_at, int64_t expires);
/* The key file of home ${h}, for signer_sign. */
void site_key_file(const struct home *h, char *out, size_t cap);

#endif
