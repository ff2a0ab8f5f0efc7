/*
 * passport: what one system has: a CycloneDX 1.6 bill of materials as the body of a document that
 * the site signed.  SPEC, "Passports".
 */
#ifndef FORMATS_PASSPORT_H
#define FORMATS_PASSPORT_H

#include "formats/document.h"
#include "formats/json.h"

/* What is known of a component besides its name; each is a property "waxseal:...". */
enum passport_fact {
	FACT_CUSTOMISED,	/* the version that the maker delivered, before it was changed */
	FACT_READ_BY,		/* who read this component off the system, */
	FACT_READ_FROM,		/* and where: "Help > About" */
	FACT_SERIAL,		/* of a device */
	FACT_SLOT,		/* where a device is: "0000:00:1f.2", "sda" */
	FACT_SOURCE,		/* source package and version, where they are others */
	FACT_STATE,		/* of a package that is not simply installed: "half-configured" */
	FACT_COUNT,
};

/* One component.  Texts are never NULL: "" is what is not known. */
struct passport_component {
	const char *ref;	/* bom-ref: unique in the passport */
	const char *kind;	/* CycloneDX type: "application", "device", "firmware", ... */
	const char *name;
	const char *version;	/* software has one always */
	const char *purl;
	const char *maker;	/* manufacturer */
	const char *description;
	const char *fact[FACT_COUNT];
};

struct passport {
	const char *system;	/* its name at the site; a pseudonym in what is sent */
	uint64_t number;	/* of this system's passports, from 1 */
	struct moment taken;
	/* Of the whole; "" when not known. */
	const char *read_by, *read_from, *kernel, *architecture;
	const char *vendor, *customer;	/* whom it is for, and what they call us: what is sent */
	const char *os_id, *os_version;	/* of the component "operating-system"; "" without one */
	size_t count;
	struct passport_component *component;	/* sorted by ref (after a parse and a sort) */
	struct digest digest;	/* of the document it was read from */

	size_t room;		/* the rest is for passport.c: who owns the texts */
	struct json *json;
	struct passport_text *texts;
};

/* Does the file begin as a passport does?  Nothing else of it is looked at. */
bool passport_is(const void *buf, size_t len);

/*
 * passport_open(out, buf, len, key, signer, f):
 * A signed passport: exactly one signature in "passport@waxseal"; by ${key}, unless that is NULL.
 * Nothing of the body is parsed before that.  ${signer} (may be NULL) gets the key.  On OK the
 * caller frees *${out}; ${buf} may go.
 */
enum err passport_open(struct passport **out, const void *buf, size_t len,
    const struct ssh_key *key, struct ssh_key *signer, struct fault *f) MUST_USE;

/* The body alone, signatures not looked at; as strict. */
enum err passport_parse(struct passport **out, const void *body, size_t len,
    struct fault *f) MUST_USE;

/*
 * What is sent is a row of signed passports, one behind the other: the length of the first document
 * at ${buf}; 0 if none ends there.
 */
size_t passport_span(const void *buf, size_t len);

/* ---- making one ---- */

/* A passport without components, all texts ""; NULL: no memory. */
struct passport *passport_new(void);
void passport_free(struct passport *p);

/*
 * A copy of ${len} bytes at ${text}, with a NUL, that lives as long as ${p}; NULL: no memory.
 * passport_word: the same of a string.
 */
const char *passport_text(struct passport *p, const char *text, size_t len);
const char *passport_word(struct passport *p, const char *text);

/* Add a component; its texts are copied.  ERR_LIMIT: there are too many. */
enum err passport_add(struct passport *p, const struct passport_component *c) MUST_USE;
/* Sort the components by ref; of equals (ref, kind, name, version) the first stays. */
void passport_unify(struct passport *p);
/* A component of which nothing is known. */
struct passport_component passport_blank(void);

/*
 * Sort the components by ref and check the rules that passport_parse checks; what passes is
 * printed, and what is printed is parsed.
 */
enum err passport_settle(struct passport *p, struct fault *f) MUST_USE;

/* The component with this ref, or NULL; of a settled passport. */
struct passport_component *passport_find(const struct passport *p, const char *ref);

/* Is a component of this kind software, which must have a version?  Firmware is. */
bool passport_is_software(const char *kind);

/* The body to be signed, of a settled passport; the caller frees *${text}. */
enum err passport_print(const struct passport *p, char **text, size_t *len,
    struct fault *f) MUST_USE;

/*
 * passport_redact(out, in, pseudonym, keep, arg):
 * What may be shown to a vendor: the components for which ${keep} is true (never asked of the
 * operating system), as kind, name, version, purl (without qualifiers but "arch", "distro" and
 * "epoch", and without a subpath) and customised; of a system that has any of them the
 * ${pseudonym}, operating system and architecture, and when the passport was taken.  No host names,
 * addresses, serial numbers, persons, places, kernel.  The result is settled; the caller frees it.
 */
typedef bool passport_keep(void *arg, const struct passport_component *c);
enum err passport_redact(struct passport **out, const struct passport *in, const char *pseudonym,
    passport_keep *keep, void *arg, struct fault *f) MUST_USE;

/* The name of the property that holds ${f}: "waxseal:serial". */
const char *passport_fact_name(enum passport_fact f);

#endif
