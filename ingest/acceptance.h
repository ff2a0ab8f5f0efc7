/*
 * acceptance: one medium on its way into the site, from `ingest accept` to the stage; what
 * accept.c, records.c and conclude.c share.
 */
#ifndef INGEST_ACCEPTANCE_H
#define INGEST_ACCEPTANCE_H

#include "ingest/stage.h"
#include "ingest/station.h"
#include "verify/fit.h"
#include "verify/judge.h"
#include "verify/progress.h"

/* What the person says. */
struct journey {
	const char *medium, *code, *by, *via, *place, *home;
	bool json;
};

/* V11: which systems it fits. */
struct appraisal {
	bool held;			/* of one release at least a person must judge that */
	enum fit_outcome outcome[LIMIT_RELEASES];	/* of each release of the seal */
	char why[300];			/* of the last one, in a phrase */
	char *text;			/* the tables, JSON; NULL: not looked at */
	size_t len;
};

struct acceptance {
	struct journey journey;
	struct station station;
	struct anchors anchors;
	struct stage stage;
	struct judge_sink sink;
	int kept;			/* see struct judge_request; -1: the disk cannot */
	struct judge_request request;
	struct judgement j;
	struct appraisal fit;
	struct progress progress;
	struct code code;		/* the one of the volume before, for the next */
	bool has_code;
	bool asked;			/* for another volume, at the terminal */
	bool confined;			/* nothing is written outside the home any more */
	bool prepared;			/* V1 to V5 were good: its blocks are worth keeping */
	bool already;			/* this volume waits here already */
	uint64_t entry;			/* of the ledger; 0: nothing was recorded */
	char staged[128];		/* "stage/VENDOR/CUSTOMER-N" */
	char missing[300];		/* of a set: "1, 3"; "" when all are there */
	char receipt[160];		/* "out/VENDOR/..." ; "" when there is none */
};

/* ---- records.c: the entries of the ledger and the receipt.  All under the lock. ---- */

/*
 * New trust that the medium brought is adopted as an act of its own, whatever becomes of the
 * consignment: otherwise a spoiled block would keep a revocation away.
 */
enum err records_trust(struct acceptance *a, struct fault *f) MUST_USE;
/* Each sets ${a}->entry; records_refused keeps the raw SEAL area below records/. */
enum err records_accepted(struct acceptance *a, struct fault *f) MUST_USE;
enum err records_waiting(struct acceptance *a, struct fault *f) MUST_USE;
enum err records_refused(struct acceptance *a, struct fault *f) MUST_USE;
/* Write ${a}->receipt, signed by the site. */
enum err records_receipt(struct acceptance *a, struct fault *f) MUST_USE;
/* It is accepted, held or not. */
bool records_staged(const struct acceptance *a);
/* The sender is a vendor that this site trusts. */
bool records_ours(const struct acceptance *a);

/* ---- appraise.c ---- */

/*
 * V11: ${a}->fit and a check for each release; ERR_FIT when none of them fits any system.  Under
 * the lock.  appraise_free also where it was not called.
 */
enum err appraise_consignment(struct acceptance *a, struct fault *f) MUST_USE;
void appraise_free(struct acceptance *a);

/* ---- conclude.c ---- */

/*
 * Everything that follows the judgement, under the lock: V12.  ${a}->j.verdict may become worse, or
 * better: INCOMPLETE becomes OK with the last volume of a set.
 */
enum err conclude(struct acceptance *a, struct fault *f) MUST_USE;

#endif
