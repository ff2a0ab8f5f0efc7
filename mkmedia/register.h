/*
 * register: what the vendor's desk knows, derived from its ledger and nothing else, and the home
 * that holds it.  SPEC, "Ledger entries" and "Homes".
 *
 *	HOME/keys/		ledger (signs checkpoints) and, for a single person, trust release
 *				seal notice; public halves of all role keys as ID.pub
 *	HOME/trust/N.trust	trust documents, signed or on their way to be
 *	HOME/trust/chain	those in force, in the form that is handed out
 *	HOME/letters/CUSTOMER-N.code	the code of a consignment, one line, mode 0600
 *	HOME/ledger/
 */
#ifndef MKMEDIA_REGISTER_H
#define MKMEDIA_REGISTER_H

#include "formats/limits.h"
#include "formats/trust.h"
#include "verify/home.h"
#include "verify/ledger.h"

#define REGISTER_DIRECTORY 1024		/* the name of a directory and a NUL */

struct register_customer {
	char id[LIMIT_ID + 1];
	char name[LIMIT_TEXT + 1];
	struct digest enrolment;	/* zero: none */
	uint64_t highest;		/* number of the last consignment; 0: none */
	struct digest last_seal;	/* its body */
};

struct register_release {
	char id[LIMIT_RELEASE_ID + 1];
	struct digest digest;		/* of the body; the last one finished counts */
	char directory[REGISTER_DIRECTORY];	/* where payload/, release and SHA256SUMS lie */
	uint64_t files, bytes;
	bool is_signed;			/* its quorum was seen */
	bool is_sealed;			/* a consignment has it: it does not change any more */
	uint64_t entry;			/* in the ledger */
};

struct register_seal {
	char customer[LIMIT_ID + 1];
	uint64_t number;
	struct digest seal;
	struct moment sealed_at;
	uint64_t entry;
};

struct vendor_register {
	struct home home;
	struct ledger *ledger;
	char vendor[LIMIT_ID + 1];
	char name[LIMIT_TEXT + 1];
	char place[LIMIT_TEXT + 1];	/* where things are sealed; "" when not said */
	bool single_person;
	struct trust_chain *chain;	/* in force; NULL before trust 1 is */
	size_t customer_count;
	struct register_customer *customer;
	size_t release_count;
	struct register_release *release;
	size_t seal_count;
	struct register_seal *seal;
};

/*
 * Open the home ${path} (NULL: the usual one), lock it when ${write}, read its ledger.  On OK the
 * caller ends with register_close, which takes NULL.  ERR_HOME: not the home of a vendor;
 * ERR_LEDGER: an entry contradicts those before it; ERR_LEDGER_KEY: the ledger is another one
 * than keys/ledger signs.
 */
enum err register_open(struct vendor_register **out, const char *path, bool write,
    struct fault *f) MUST_USE;
void register_close(struct vendor_register *r);

struct register_customer *register_customer(const struct vendor_register *r, const char *id);
struct register_release *register_release(const struct vendor_register *r, const char *id);

/* HOME/${name} as a path for programs that are run and for signer_sign. */
void register_path(const struct vendor_register *r, const char *name, char *out, size_t cap);

#endif
