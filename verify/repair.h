/*
 * repair: what is lost computed from parity, after the medium was read once.  SPEC, "Recovery".
 */
#ifndef VERIFY_REPAIR_H
#define VERIFY_REPAIR_H

#include "formats/recovery.h"
#include "verify/blocks.h"
#include "verify/wire.h"

/*
 * repair_run(b, c, room, done):
 * Compute every lost block of each stripe that has no more of them than parity, and keep it;
 * ${room} has RECOVERY_ROWS blocks.  ${done} becomes a REPORT_REPAIRED: what cannot be kept is not
 * lost, but failed.  Without memory one has failed, and nothing was done.
 */
void repair_run(struct blocks *b, const struct recovery *c, uint8_t *room, struct report *done);

#endif
