/*
 * judgement: what was checked, what came out, and everything authentic that was learned on the way.
 */
#ifndef VERIFY_JUDGEMENT_H
#define VERIFY_JUDGEMENT_H

#include "formats/catalogue.h"
#include "formats/code.h"
#include "formats/notice.h"
#include "formats/release.h"
#include "formats/seal.h"
#include "formats/trust.h"
#include "verify/device.h"
#include "verify/pipeline.h"

enum check_state {
	CHECK_OK,
	CHECK_FAILED,
	CHECK_NOT_MADE,		/* makes GENUINE into GENUINE AS FAR AS CHECKED */
	CHECK_REMARK,		/* said, and changes nothing */
};

#define JUDGEMENT_CHECKS (26u + 3 * LIMIT_RELEASES)	/* three for each release */

struct check {
	const char *step;	/* "V2" ... "V12" of SPEC */
	const char *name;	/* one word for the line on the screen */
	enum check_state state;
	enum err err;
	char text[400];		/* may hold text from the medium: escaped when it is shown */
};

struct judged_release {
	struct release *release;	/* NULL until its signatures were verified */
	struct trust_count signatures;
	const char *status;		/* "genuine", "staged", ...; NULL: not judged */
};

struct judgement {
	enum err verdict;		/* OK, ERR_UNCHECKED, or the first thing that is wrong */
	struct fault fault;		/* ${verdict} and where */
	enum err deferred;		/* wrong, but the other checks go on: ERR_EXPIRED; or OK */
	size_t check_count;
	struct check check[JUDGEMENT_CHECKS];

	struct device device;		/* the medium, beside its bytes */
	/* where the second SEAL area was found; 0: the first was read */
	uint64_t backup;
	bool has_area;
	uint8_t area[SEAL_SIZE];	/* the raw SEAL area, kept for the record */
	bool has_header;
	struct seal_header header;	/* not authentic */
	struct trust_chain
	    *chain; /* verified, from the anchor on: what the image and this reader know */
	size_t image_versions;		/* how many of these the image has */
	uint8_t *image_chain;	/* its copy of the chain, as it was read; NULL: none reads well */
	bool second_chain;		/* that is the second one: the first cannot be read */
	const struct trust
	    *trust; /* the newest of chain; also set where only the sender is known */
	struct { char vendor[LIMIT_ID + 1], name[LIMIT_TEXT + 1], telephone[LIMIT_TEXT + 1];
	} resembles; /* a trusted vendor that an unknown one could be taken for; "": none */
	struct seal *seal;		/* NULL until its signatures were verified */
	bool second_map;		/* of the block map the first copy cannot be read */
	struct judged_release release[LIMIT_RELEASES];
	size_t notice_count;
	struct notice *notice[LIMIT_NOTICES];	/* of the medium, verified, in their sequence */
	struct catalogue *catalogue;		/* of the medium, verified; NULL: there is none */
	bool code_given;
	bool needs_code;		/* without it nothing more was read, as the caller wants */
	struct code code;		/* wiped by judgement_free */
	struct pipeline_blocks blocks;
	uint64_t bytes;			/* read from the medium */
	uint64_t files, payload;	/* of all releases */
	uint64_t milliseconds;
};

/* Record one check; the text is a printf format. */
void judgement_note(struct judgement *j, const char *step, const char *name, enum check_state state,
    enum err e, const char *fmt, ...) PRINTF(6, 7);
/* Record the failure ${e} of a check, with what ${j}->fault says, and return ${e}. */
enum err judgement_fail(struct judgement *j, const char *step, const char *name, enum err e);
/*
 * The first check that was not made, or NULL; ${list} gets the names of all, "code, recipient,
 * fit".
 */
const struct check *judgement_unchecked(const struct judgement *j, char *list, size_t cap);
/*
 * Its word for people: "GENUINE", "REPAIRED" when blocks came from parity or another copy,
 * "ALTERED", ...
 */
const char *judgement_verdict(const struct judgement *j);
/* Free what it owns, wipe the code. */
void judgement_free(struct judgement *j);

#endif
