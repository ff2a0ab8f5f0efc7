/*
 * waiting: volumes of sets until all are there, and the good blocks of damaged ones.  SPEC, "Sets".
 *
 *	HOME/waiting/VENDOR/CUSTOMER-N/I/	a genuine volume: seal, trust.chain, RELEASES/...
 *	HOME/waiting/VENDOR/CUSTOMER-N/I.blocks	good blocks of a damaged one, each at its place
 */
#ifndef INGEST_WAITING_H
#define INGEST_WAITING_H

#include "ingest/stage.h"
#include "ingest/station.h"

/* Its place; ${volume} 0: that of the whole consignment. */
void waiting_path(const char *vendor, const char *customer, uint64_t number, uint64_t volume,
    char *out, size_t cap);

/* Nothing of the consignment waits any more; that nothing did is no error. */
enum err waiting_remove(const struct station *s, const char *vendor, const char *customer,
    uint64_t number, struct fault *f) MUST_USE;

/*
 * A file without a name for good blocks; -1 where the file system has none.  waiting_take_blocks
 * copies into it what is kept of that volume, waiting_keep_blocks gives it its name.
 */
int waiting_new_blocks(const struct station *s);
enum err waiting_take_blocks(const struct station *s, const struct seal *seal, int blocks,
    struct fault *f) MUST_USE;
enum err waiting_keep_blocks(const struct station *s, const struct seal *seal, int blocks,
    struct fault *f) MUST_USE;
/* None is kept of that volume. */
void waiting_drop_blocks(const struct station *s, const struct seal *seal);

/* After a crash: remove what no entry explains, or what was dropped or accepted since. */
enum err waiting_recover(struct station *s, struct fault *f) MUST_USE;

#endif
