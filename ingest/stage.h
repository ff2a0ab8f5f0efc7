/*
 * stage: where accepted consignments lie: all or nothing, and on record.  SPEC V12.
 *
 *	HOME/scratch/NAME/			being read; held by a lock on the directory
 *	HOME/stage/VENDOR/CUSTOMER-N/		accepted:
 *		seal				the SEAL area as it was on the medium
 *		trust.chain			the trust chain it was judged under
 *		RELEASES/ID/release, SHA256SUMS, payload/...
 *		NOTICES/N.notice, CATALOGUE.catalogue	if there are any
 *	HOME/quarantine/			what no entry of the ledger explains
 */
#ifndef INGEST_STAGE_H
#define INGEST_STAGE_H

#include "ingest/station.h"
#include "verify/judge.h"

struct stage {
	int home;			/* descriptor of the home, borrowed */
	char name[64];			/* below scratch/ */
	int scratch;			/* that directory, locked */
	int directory;			/* the one the last file went to */
	char path[LIMIT_PATH + LIMIT_RELEASE_ID +
	    32]; /* of that directory, below the scratch directory */
	int file;			/* the one being written, */
	uint64_t written, started;	/* its bytes, and those on their way to the disk */
	struct fault *fault;
};

/*
 * Make an empty scratch directory.  The caller ends with stage_abort, which takes a published stage
 * too.
 */
enum err stage_begin(struct stage *g, const struct station *s, struct fault *f) MUST_USE;
void stage_abort(struct stage *g);
/*
 * From here on the scratch directory stays, whatever happens: an entry of the ledger may name it,
 * and recover_run publishes or removes it.
 */
void stage_keep(struct stage *g);
/* The sink to hand to judge(); it writes into ${g}. */
struct judge_sink stage_sink(struct stage *g);
/* Write one more file, ${name} at the top of the consignment. */
enum err stage_add(struct stage *g, const char *name, const void *bytes, size_t len) MUST_USE;
/* Everything is on disk. */
enum err stage_sync(struct stage *g) MUST_USE;

/* "stage/VENDOR/CUSTOMER-N" of a consignment. */
void stage_path(const char *vendor, const char *customer, uint64_t number, char *out, size_t cap);
/* What a name "CUSTOMER-N" says: the number, 0 if it is no such name. */
uint64_t stage_number(const char *name, char customer[static LIMIT_ID + 1]);
/* May a consignment be published at ${path}?  ERR_STAGED if something is there. */
enum err stage_free_place(const struct station *s, const char *path, struct fault *f) MUST_USE;
/* fsync every directory above ${path}, up to the home: one of them may be new. */
enum err stage_sync_parents(const struct station *s, const char *path, struct fault *f) MUST_USE;
/* Rename the scratch directory ${name} to ${path}; all directories above either are fsynced. */
enum err stage_publish(const struct station *s, const char *name, const char *path,
    struct fault *f) MUST_USE;

#endif
