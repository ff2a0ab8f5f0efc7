/*
 * arrival: one file that a site sent: passports, encrypted for us or not, a receipt, or an
 * enrolment.  SPEC, "What sites send".
 *
 *	HOME/inbox/CUSTOMER/SYSTEM-N-DIGEST.passport	as the site signed it
 *	HOME/inbox/CUSTOMER/N-DIGEST.receipt		DIGEST: its first 16 digits
 */
#ifndef MKMEDIA_ARRIVAL_H
#define MKMEDIA_ARRIVAL_H

#include "formats/enrolment.h"
#include "formats/passport.h"
#include "formats/receipt.h"
#include "mkmedia/register.h"

struct arrival_passport {
	struct passport *passport;
	const char *text;		/* with its signature */
	size_t len;
	bool known;			/* it was here already */
	uint64_t newer;			/* number of a newer one that was; 0: none */
};

struct arrival {
	char *text;			/* what was in the file, decrypted */
	size_t len;
	const struct register_customer *customer;	/* NULL: an enrolment */
	bool checked;			/* signed by the key of the customer's enrolment */
	/* One of these. */
	size_t count;
	struct arrival_passport *passport;
	struct enrolment *enrolment;
	struct receipt *receipt;
	bool known;			/* of a receipt: it was here already; */
	bool ours;			/* it is of a seal that was made here */
};

/*
 * arrival_open(out, r, file, f):
 * Read and check ${file}; nothing is kept yet.  ERR_DOC_VENDOR: for another vendor; ERR_CUSTOMER:
 * from nobody who is entered; ERR_DOC_SIGNATURE: not signed by that customer's key; and whatever is
 * wrong with the document.  In any case the caller ends with arrival_close.
 */
enum err arrival_open(struct arrival *out, const struct vendor_register *r, const char *file,
    struct fault *f) MUST_USE;
void arrival_close(struct arrival *a);

/* Keep what is new of it, and put it on record. */
enum err arrival_record(const struct arrival *a, struct vendor_register *r,
    struct fault *f) MUST_USE;

#endif
