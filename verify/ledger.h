/*
 * ledger: the audit log of a site or a vendor: one JSON object a line, under a signed checkpoint of
 * its Merkle tree.  An entry counts when the checkpoint that covers it is on disk.  SPEC, "Ledger".
 */
#ifndef VERIFY_LEDGER_H
#define VERIFY_LEDGER_H

#include "formats/json.h"
#include "formats/merkle.h"
#include "formats/sshsig.h"

struct ledger {
	int dir;			/* the directory with entries.jsonl, checkpoint, key.pub */
	char *bytes;			/* the committed lines as they were when it was opened */
	size_t len;
	uint64_t size;			/* bytes of all committed lines, also those added since */
	struct merkle tree;		/* of all committed lines, also those added since */
	struct checkpoint checkpoint;	/* the newest */
	struct ssh_key key;		/* that signed it: key.pub */
	char key_file[1100];		/* "" when it was opened for reading only */
	bool stuck; /* opened for reading, or a commit failed: nothing is added */
	bool torn; /* one entry was written but never committed; it does not count */
};

/*
 * Make the ledger in the new directory "ledger" of ${home} with no entries.  ${key_file} (with
 * ".pub" beside it) signs checkpoints; ${origin} is "waxseal/site/ID" or "waxseal/vendor/ID".
 */
enum err ledger_create(
    int home, const char *origin, const char *key_file, struct fault *f) MUST_USE;

/*
 * A home is one when it has a ledger: so that appears in ${home} at once, with its first entry,
 * "founded", of which ${put} adds the members.  It is made in the directory ${within} of ${home};
 * what an earlier try left there is removed.
 */
typedef void ledger_members(struct json_writer *w, const struct ledger *l, void *arg);
enum err ledger_found(int home, const char *within, const char *origin, const char *key_file,
    struct moment now, ledger_members *put, void *arg, struct fault *f) MUST_USE;

/*
 * Open the directory ${path} beneath ${at} (AT_FDCWD: any path) and check everything: the
 * checkpoint's signature, the tree over all lines, the form and number of each line.  With
 * ${key_file} it can be added to, and an entry without checkpoint left by a crash is cut off;
 * without, it is only noted.  Anything else that does not agree is ERR_LEDGER or ERR_LEDGER_KEY. On
 * OK the caller frees *${out}.
 */
enum err ledger_open(struct ledger **out, int at, const char *path, const char *key_file,
    struct fault *f) MUST_USE;
void ledger_free(struct ledger *l);

/* Call ${fn} with each committed entry, oldest first, until it returns an error. */
typedef enum err ledger_visit(void *arg, uint64_t number, const struct json_node *entry,
    struct json *j, const char *line, size_t len);
enum err ledger_each(const struct ledger *l, ledger_visit *fn, void *arg, struct fault *f) MUST_USE;

/* The error that sticks to an entry: whatever it is, our own record is broken: ERR_LEDGER. */
enum err ledger_sense(const struct json *j) MUST_USE;

/*
 * Begin an entry: number, ${now} and ${what} are in it; the caller adds the rest and hands it to
 * ledger_commit, which frees it.  NULL: no memory.
 */
struct json_writer *ledger_entry(const struct ledger *l, const char *what, struct moment now);
/*
 * Append, fsync, sign and replace the checkpoint.  After an error the act must not happen, and the
 * ledger takes nothing more; the next ledger_open cuts the entry, or counts it where only the last
 * fsync failed.
 * *${number} (may be NULL) gets its number, from 1.
 */
enum err ledger_commit(struct ledger *l, struct json_writer *w, uint64_t *number,
    struct fault *f) MUST_USE;

#endif
