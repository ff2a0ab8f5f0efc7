/*
 * register: what the vendor's desk knows, derived from its ledger and nothing else, and the home
 * that holds it.  SPEC, "Ledger entries" and "Homes".
 *
 *	HOME/keys/		ledger (signs checkpoints) and, for a single person, trust release
 *				seal notice; public halves of all role keys as ID.pub
 *	HOME/trust/N.trust	trust documents, signed or on their way to be
 *	HOME/trust/chain	those in force, in the form that is handed out
 *	HOME/letters/CUSTOMER-N.code	the code of a consignment, one line, mode 0600
 *	HOME/seals/CUSTOMER-N-I.seal	the SEAL area of a volume; or .draft, see mkmedia/kept.h
 *	HOME/releases/ID.release	signed releases, see mkmedia/kept.h
 *	HOME/notices/ catalogues/	see mkmedia/news.h
 *	HOME/inbox/CUSTOMER/		see mkmedia/arrival.h
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
	char key[SSHSIG_LINE];		/* that it names, as a line; "": none */
	uint64_t highest;		/* number of the last consignment; 0: none */
};

struct register_release {
	char id[LIMIT_RELEASE_ID + 1];
	struct digest digest;		/* of the body; the last one finished counts */
	char directory[REGISTER_DIRECTORY];	/* where payload/, release and SHA256SUMS lie */
	uint64_t files, bytes;
	bool is_signed;			/* its quorum was seen */
	bool is_sealed;			/* a consignment has it: it does not change any more */
	bool is_told;			/* a notice or a catalogue has it: the same */
	bool is_withdrawn;		/* by its last notice */
	uint64_t entry;			/* in the ledger */
};

/* One volume of a consignment. */
struct register_volume {
	char customer[LIMIT_ID + 1];
	uint64_t number, volume, volumes;
	struct digest map;
	struct digest seal;		/* its body; bound: of the first good copy, zero before */
	bool bound;			/* sealed when it is written, each copy to its device */
	uint64_t size;			/* of the image */
	uint64_t copies;		/* written or read back, and good: numbered from 1 up */
	struct moment sealed_at;	/* bound: when the image was built */
	uint64_t notice, catalogue;	/* the newest that it has; 0: none */
	uint64_t entry;			/* in the ledger */
};

/* A copy of a bound volume, which has a seal of its own. */
struct register_copy {
	struct digest seal;
	size_t volume;			/* index */
};

/* A notice that was signed. */
struct register_notice {
	struct digest digest;
	char release[LIMIT_RELEASE_ID + 1];
	bool withdrawal;
	struct moment issued;
};

/* The newest catalogue that was signed. */
struct register_catalogue {
	uint64_t number;		/* 0: there is none */
	struct digest digest;
	struct moment issued;
	bool has_next;
	struct moment next_expected;
};

/* What a site sent, and was taken in. */
struct register_arrival {
	struct digest digest;		/* of the passport or receipt */
	char customer[LIMIT_ID + 1];
	char system[LIMIT_ID + 1];	/* of a passport; "": a receipt */
	uint64_t number;		/* of this system's passports, or of the consignment */
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
	size_t volume_count;
	struct register_volume *volume;	/* those of a consignment behind each other */
	size_t copy_count;
	struct register_copy *copy;
	size_t notice_count;
	struct register_notice *notice;	/* sequence 1 is notice[0] */
	struct register_catalogue catalogue;
	size_t arrival_count;
	struct register_arrival *arrival;
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

/* NULL: no such volume. */
struct register_volume *register_volume(const struct vendor_register *r, const char *customer,
    uint64_t number, uint64_t volume);
/* The volume whose seal has this digest, also that of a copy that is bound to its device. */
struct register_volume *register_volume_by_seal(const struct vendor_register *r,
    const struct digest *seal);
/* What has this digest; NULL: it did not arrive yet. */
const struct register_arrival *register_arrival(const struct vendor_register *r,
    const struct digest *digest);
/* The highest number of a passport of that system; 0: none arrived yet. */
uint64_t register_passports(const struct vendor_register *r, const char *customer,
    const char *system);

/* The first volume of the consignment that people call ${name}, "CUSTOMER/N"; or NULL. */
struct register_volume *register_consignment(const struct vendor_register *r, const char *name);

/* HOME/${name} as a path for programs that are run and for signer_sign. */
void register_path(const struct vendor_register *r, const char *name, char *out, size_t cap);

#endif
