/*
 * err: everything that can go wrong, in one table: exit status, reason code, sentence.
 * Reason codes and exit statuses are contracts (SPEC, "Reason codes").
 */
#ifndef FORMATS_ERR_H
#define FORMATS_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(a, b) __attribute__((format(printf, a, b)))

/* name, exit status, reason code, what happened */
#define ERR_TABLE(X) \
	X(OK, 0, "ok", \
	    "every check was made and is good") \
	X(ERR_IO, 1, "own.io", \
	    "reading or writing on this computer failed") \
	X(ERR_MEMORY, 1, "own.memory", \
	    "this computer is out of memory") \
	X(ERR_SPACE, 1, "own.space", \
	    "the disk is full") \
	X(ERR_DENIED, 1, "own.permission", \
	    "this user may not do that") \
	X(ERR_HOME, 1, "own.home", \
	    "the home directory is not usable") \
	X(ERR_BUSY, 1, "own.busy", \
	    "another command is at work in this home") \
	X(ERR_CHILD, 1, "own.child", \
	    "a helper process of this program failed") \
	X(ERR_SANDBOX, 1, "own.sandbox", \
	    "the processes that read the medium cannot be confined") \
	X(ERR_SIGNER, 1, "own.signer", \
	    "the signature could not be made") \
	X(ERR_IDENTITY, 1, "own.identity", \
	    "the age identity of this computer is not usable") \
	X(ERR_LEDGER, 1, "ledger.broken", \
	    "the ledger does not agree with its checkpoint") \
	X(ERR_LEDGER_KEY, 1, "ledger.key", \
	    "the ledger's checkpoint is not signed by its key") \
	X(ERR_STAGED, 1, "stage.occupied", \
	    "something else stands where the consignment belongs") \
	X(ERR_PACKAGES, 1, "packages.form", \
	    "the list of installed packages is not whole") \
	X(ERR_PACKAGES_NONE, 1, "packages.none", \
	    "nothing there says what is installed") \
	X(ERR_PACKAGES_RPM, 1, "packages.rpm", \
	    "the rpm database cannot be read") \
	X(ERR_USAGE, 2, "usage", \
	    "the command is not used as it should be") \
	X(ERR_SYSTEM, 2, "system.unknown", \
	    "no system of this name is known here") \
	X(ERR_HELD, 3, "fit.held", \
	    "genuine and staged, but a person must judge whether it fits") \
	X(ERR_UNCHECKED, 3, "unchecked", \
	    "what was checked is good, but not everything could be checked") \
	X(ERR_INCOMPLETE, 4, "set.incomplete", \
	    "what is here is genuine, but other volumes of the consignment are missing") \
	X(ERR_SET, 4, "set.other", \
	    "volumes of another set with this number are waiting") \
	X(ERR_NEWER, 5, "format.newer", \
	    "made by a newer version of this toolkit") \
	X(ERR_NOT_SEALED, 10, "seal.none", \
	    "there is no seal") \
	X(ERR_SENDER, 11, "sender.unknown", \
	    "no trust document for this sender is held here") \
	X(ERR_LOOKALIKE, 11, "sender.resembles", \
	    "not a sender that is trusted here, but it resembles one") \
	X(ERR_CUSTOMER, 11, "customer.unknown", \
	    "no customer of this name is entered here") \
	X(ERR_SEAL_SIGNATURE, 12, "seal.signature", \
	    "no key that may seal for this sender signed the seal") \
	X(ERR_DOC_SIGNATURE, 12, "document.quorum", \
	    "too few of the sender's keys signed the document") \
	X(ERR_SEAL_HEADER, 13, "seal.header", \
	    "the seal's header line is malformed or contradicts the signed seal") \
	X(ERR_SEAL_FORM, 13, "seal.form", \
	    "the signed seal is malformed") \
	X(ERR_SEAL_REGIONS, 13, "seal.regions", \
	    "the regions that the seal describes overlap or lie outside the image") \
	X(ERR_CHAIN_FORM, 13, "chain.form", \
	    "the chain of trust documents is malformed") \
	X(ERR_CHAIN_CUT, 13, "chain.cut", \
	    "the chain of trust documents ends before the version that the seal names") \
	X(ERR_CHAIN_FORKED, 13, "chain.forked", \
	    "the chain holds another trust document than the one held here") \
	X(ERR_CHAIN_ORDER, 13, "chain.order", \
	    "the trust documents are not in the order of their versions") \
	X(ERR_CHAIN_QUORUM, 13, "chain.quorum", \
	    "too few keys and holders signed a trust document") \
	X(ERR_CHAIN_COPY, 13, "chain.copy", \
	    "the second copy of the trust chain differs from the first") \
	X(ERR_MAP_DIGEST, 13, "map.digest", \
	    "the block map is not the one that was sealed") \
	X(ERR_MAP_COPY, 13, "map.copy", \
	    "the second copy of the block map differs from the first") \
	X(ERR_BACKUP, 13, "backup.differs", \
	    "the backup of the seal differs from the seal") \
	X(ERR_NOT_ZERO, 13, "image.stray", \
	    "there are bytes where the image must be empty") \
	X(ERR_LONGER, 13, "image.longer", \
	    "the file is longer than the sealed image") \
	X(ERR_BLOCK, 13, "block.differs", \
	    "blocks read well but differ from what was sealed") \
	X(ERR_DISC_OPEN, 13, "disc.open", \
	    "the disc is not closed: something could be added to it") \
	X(ERR_DISC_SESSIONS, 13, "disc.sessions", \
	    "the disc has more than one session") \
	X(ERR_POLYGLOT, 13, "medium.polyglot", \
	    "the medium is also something else than the sealed volume") \
	X(ERR_CONTENTS_FORM, 13, "contents.form", \
	    "the file system of the image cannot be unpacked") \
	X(ERR_CONTENTS_TYPE, 13, "contents.type", \
	    "there is something other than plain files and directories") \
	X(ERR_CONTENTS_NAME, 13, "contents.name", \
	    "there is a name that may not be on a medium") \
	X(ERR_CONTENTS_TWIN, 13, "contents.twin", \
	    "two names differ only by case or by the form of their letters") \
	X(ERR_CONTENTS_EXTRA, 13, "contents.extra", \
	    "there is a file or directory that nobody signed for") \
	X(ERR_CONTENTS_MISSING, 13, "contents.missing", \
	    "a file that was signed for is missing") \
	X(ERR_CONTENTS_DIGEST, 13, "contents.digest", \
	    "a file is not the one that was signed for") \
	X(ERR_CONTENTS_NOTICE, 13, "contents.notice", \
	    "a notice on the medium is not one of the sender's, or is malformed") \
	X(ERR_CONTENTS_CATALOGUE, 13, "contents.catalogue", \
	    "the catalogue on the medium is not the sender's, or is malformed") \
	X(ERR_RELEASE_DIGEST, 13, "release.digest", \
	    "the release is not the one that the seal names") \
	X(ERR_RELEASE_QUORUM, 13, "release.quorum", \
	    "too few keys and holders of the release role signed the release") \
	X(ERR_RELEASE_FORM, 13, "release.form", \
	    "the signed release description is malformed") \
	X(ERR_RELEASE_SUMS, 13, "release.sums", \
	    "SHA256SUMS is not the list that the release names") \
	X(ERR_RELEASE_RELATIONS, 13, "release.relations", \
	    "the relations of releases lead in a circle, or to a release that there is not") \
	X(ERR_NOTICE_FORM, 13, "notice.form", \
	    "the signed notice is malformed") \
	X(ERR_CATALOGUE_FORM, 13, "catalogue.form", \
	    "the signed catalogue is malformed") \
	X(ERR_NEWS_FORKED, 13, "notice.forked", \
	    "it contradicts what the same sender told before") \
	X(ERR_SUMS_FORM, 13, "sums.form", \
	    "SHA256SUMS is malformed") \
	X(ERR_JSON_SYNTAX, 13, "json.syntax", \
	    "not valid JSON") \
	X(ERR_JSON_UTF8, 13, "json.utf8", \
	    "not valid UTF-8, or a NUL") \
	X(ERR_JSON_DEPTH, 13, "json.depth", \
	    "nested too deeply") \
	X(ERR_JSON_NUMBER, 13, "json.number", \
	    "a number that is not a whole number up to 2^53-1") \
	X(ERR_JSON_DUPLICATE, 13, "json.duplicate", \
	    "the same key twice") \
	X(ERR_JSON_UNKNOWN, 13, "json.unknown", \
	    "a key that this format does not have") \
	X(ERR_JSON_MISSING, 13, "json.missing", \
	    "a key that this format must have is missing") \
	X(ERR_JSON_VALUE, 13, "json.value", \
	    "a value that this key cannot have") \
	X(ERR_LIMIT, 13, "limit", \
	    "larger than a fixed limit") \
	X(ERR_DOC_FORM, 13, "document.form", \
	    "not a body followed by its signatures") \
	X(ERR_DOC_TYPE, 13, "document.type", \
	    "another type of document than expected") \
	X(ERR_DOC_VENDOR, 13, "document.vendor", \
	    "the document is another vendor's or site's") \
	X(ERR_SIG_FORM, 13, "signature.form", \
	    "a signature is malformed or of a kind that is not accepted") \
	X(ERR_SIG_FALSE, 13, "signature.false", \
	    "a signature does not fit the document") \
	X(ERR_SIG_NAMESPACE, 13, "signature.namespace", \
	    "a signature was made for another purpose") \
	X(ERR_SIG_TOUCH, 13, "signature.touch", \
	    "a hardware key signed without its button being touched") \
	X(ERR_KEY_FORM, 13, "key.form", \
	    "not a public key of a kind that is accepted") \
	X(ERR_TRUST_RULE, 13, "trust.rule", \
	    "the trust document breaks a rule for keys, roles or thresholds") \
	X(ERR_BECH32, 13, "bech32.form", \
	    "not a valid bech32 string") \
	X(ERR_PROOF, 13, "proof.false", \
	    "the proof does not lead to the checkpoint") \
	X(ERR_CHECKPOINT, 13, "checkpoint.form", \
	    "the checkpoint is malformed") \
	X(ERR_AGE_FORM, 13, "age.form", \
	    "not a file encrypted with age, or its header is malformed") \
	X(ERR_AGE_ALTERED, 13, "age.altered", \
	    "the encrypted file was altered, cut short or added to") \
	X(ERR_VERSION, 13, "version.form", \
	    "a version is malformed") \
	X(ERR_VERSION_SCHEME, 13, "version.scheme", \
	    "versions of a kind that is not known here, and cannot be compared") \
	X(ERR_VERSION_RANGE, 13, "version.range", \
	    "a range of versions is malformed or not in canonical form") \
	X(ERR_PURL, 13, "purl.form", \
	    "a package URL is malformed") \
	X(ERR_PASSPORT, 13, "passport.form", \
	    "the passport is malformed") \
	X(ERR_PASSPORT_VERSION, 13, "passport.version", \
	    "a software component has no version") \
	X(ERR_PASSPORT_TWICE, 13, "passport.twice", \
	    "two components have the same bom-ref") \
	X(ERR_BOM, 13, "bom.form", \
	    "not a list of components as CycloneDX 1.4 to 1.6 or SPDX 2.2 or 2.3 have it") \
	X(ERR_UNREADABLE, 14, "medium.unreadable", \
	    "parts of the medium cannot be read") \
	X(ERR_SHORTER, 14, "image.shorter", \
	    "the image is shorter than what was sealed") \
	X(ERR_NO_MEDIUM, 14, "medium.none", \
	    "there is no medium in the drive") \
	X(ERR_SILENT, 14, "medium.silent", \
	    "the medium stopped answering") \
	X(ERR_RECIPIENT, 15, "recipient.other", \
	    "it is for another customer") \
	X(ERR_AGE_KEY, 15, "age.key", \
	    "it is encrypted for another key") \
	X(ERR_CODE_TYPED, 16, "code.mistyped", \
	    "the code was mistyped") \
	X(ERR_CODE_OTHER, 16, "code.other", \
	    "the code is well formed but belongs to another customer or consignment") \
	X(ERR_CODE_WRONG, 16, "code.wrong", \
	    "the code is well formed but is not the one of this seal") \
	X(ERR_INTERFACE, 17, "device.interface", \
	    "the device is more than a storage device") \
	X(ERR_WRONG_DEVICE, 17, "device.other", \
	    "the seal is bound to another device") \
	X(ERR_REPLAYED, 18, "number.used", \
	    "this consignment was accepted before") \
	X(ERR_NEWS_OLDER, 18, "catalogue.older", \
	    "a newer catalogue was taken in before") \
	X(ERR_EXPIRED, 19, "seal.expired", \
	    "the consignment has expired") \
	X(ERR_KEY_RETIRED, 20, "key.retired", \
	    "sealed or signed with keys that no longer have that role") \
	X(ERR_KEY_REVOKED, 20, "key.revoked", \
	    "sealed or signed with a revoked key") \
	X(ERR_RELEASE_REVOKED, 20, "release.revoked", \
	    "the release was revoked") \
	X(ERR_SEAL_REVOKED, 20, "consignment.revoked", \
	    "the consignment was revoked") \
	X(ERR_FIT, 21, "fit.none", \
	    "it fits none of the systems here") \
	X(ERR_JUMP, 22, "number.jump", \
	    "the number is more than 1,000 above the highest known")

enum err {
#define X(name, status, code, sentence) name,
	ERR_TABLE(X)
#undef X
	ERR_COUNT
};

/*
 * What went wrong and where.  ${at} names the file, key or field; it may hold text from a medium
 * and is escaped when it is printed.
 */
struct fault {
	enum err err;
	char at[320];
};

/* The exit status, the reason code and the sentence of ${e}; any value is allowed. */
int err_status(enum err e);
const char *err_code(enum err e);
const char *err_sentence(enum err e);

/* The verdict that stands for exit status ${status} ("GENUINE", "ALTERED", ...), never NULL. */
const char *err_verdict(int status);

/* What to do next after ${e}: one or two sentences, never NULL, perhaps empty. */
const char *err_advice(enum err e);

/*
 * err_fault(f, e, fmt, ...):
 * Record ${e} and the place ${fmt} in ${f} (which may be NULL) and return ${e}.
 */
enum err err_fault(struct fault *f, enum err e, const char *fmt, ...) PRINTF(3, 4);

/* The err for the current errno: no space, no permission, no memory, or ERR_IO. */
enum err err_errno(void);

#endif
