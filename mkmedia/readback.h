/*
 * readback: a medium is examined as its receiver will do it, with this desk's own chain and codes,
 * and that is put on record.  SPEC, "Writing media".
 */
#ifndef MKMEDIA_READBACK_H
#define MKMEDIA_READBACK_H

#include "mkmedia/register.h"
#include "verify/device.h"
#include "verify/judgement.h"

struct readback {
	struct register_volume volume;	/* which it is; customer "": none of ours */
	struct digest seal;		/* of the medium */
	struct device device;		/* what it is, as far as that is known */
	bool has_judgement;
	struct judgement j;		/* if so */
	struct fault fault;		/* OK: good */
	uint64_t entry;			/* in the ledger, once it is on record */
	uint64_t copy;			/* its number; 0: it is not good, and does not count */
};

/*
 * Examine the medium at ${path}.  With ${b}->volume it must be that one; without, it is looked up
 * in ${r}.  ${b}->fault is OK when everything is good that a vendor can check: whether the number
 * was used, and what other volumes the receiver has, only the receiver knows.  The caller ends it
 * with readback_free.
 */
void readback_examine(struct readback *b, const struct vendor_register *r, const char *path,
    bool quiet);
void readback_free(struct readback *b);

/*
 * Enter it into the ledger of ${home} as ${what}, "written" or "read-back".  Waits as long as
 * another command is at work in that home.
 */
enum err readback_record(struct readback *b, const char *home, const char *what,
    struct fault *f) MUST_USE;

/*
 * Say what came out, in lines for people or, with ${w}, as members of its open object, and what is
 * on record; the result is the exit status.
 */
int readback_say(const struct readback *b, struct json_writer *w);

#endif
