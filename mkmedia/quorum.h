/*
 * quorum: a document of this vendor on its way to being signed: by whom it is, and whom it waits
 * for.
 */
#ifndef MKMEDIA_QUORUM_H
#define MKMEDIA_QUORUM_H

#include "formats/catalogue.h"
#include "formats/document.h"
#include "formats/json.h"
#include "formats/notice.h"
#include "formats/release.h"
#include "formats/trust.h"
#include "mkmedia/register.h"

struct quorum {
	char *text;			/* the whole document */
	size_t len;
	struct document doc;		/* views into it */
	char type[16];			/* "trust", "release", "notice" or "catalogue" */
	enum trust_role role;
	struct signers signers;		/* every signature there is was verified */
	struct trust *trust;		/* the body of a trust document */
	struct release *release;	/* that of a release */
	struct notice *notice;
	struct catalogue *catalogue;
	unsigned judge_count;
	const struct trust *judge[2];	/* whose quorum must sign: in force, or its own, or both */
	bool recorded;			/* the ledger says that it was complete */
};

/*
 * quorum_take(q, r, text, len, name, f):
 * Read a document and judge it by what ${r} has in force.  ${text} (from malloc) is taken over,
 * also on error; ${name} is for messages.  What is wrong with it is ERR_USAGE with the reason
 * code in its words.  In any case the caller ends with quorum_free.
 */
enum err quorum_take(struct quorum *q, const struct vendor_register *r, char *text, size_t len,
    const char *name, struct fault *f) MUST_USE;
/* The same with the file ${path} beneath ${dir} (see file_load). */
enum err quorum_load(struct quorum *q, const struct vendor_register *r, int dir, const char *path,
    struct fault *f) MUST_USE;
void quorum_free(struct quorum *q);

/* The count of the judge that lacks most, and whether none lacks any. */
struct trust_count quorum_count(const struct quorum *q);
bool quorum_met(const struct quorum *q);

/* The key of the role that is ${key}, or NULL. */
const struct trust_key *quorum_key(const struct quorum *q, const struct ssh_key *key);
bool quorum_signed(const struct quorum *q, const struct ssh_key *key);

/*
 * The ids of the keys that signed, or of those that still may (none when it is met), as "anna,
 * ben".
 */
void quorum_names(const struct quorum *q, bool have_signed, char *out, size_t cap);

/* The members digest, signatures, needed, signed_by, missing. */
void quorum_json(const struct quorum *q, struct json_writer *w);

#endif
