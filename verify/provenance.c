/*
 * provenance: see provenance.h.
 */
#include "verify/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/code.h"
#include "formats/limits.h"
#include "formats/zero.h"
#include "verify/walk.h"

/*
 * Where the second SEAL area may be, when the first cannot be read: where it is in an image that is
 * as long as the medium.  It counts only if the signed seal in it names that very place.
 */
static enum err
find_backup(struct pipeline *p, struct judgement *j)
{
	struct seal_header h;
	struct fault unread;
	size_t line;
	uint64_t at, last;
	enum err e;

	if (!seal_backup_range(j->device.size, &at, &last))
		return ERR_UNREADABLE;
	for (; at >= last; at -= BACKUP_ALIGN) {
		e = pipeline_read(p, at, j->area, SEAL_SIZE, &unread);
		if (e != OK && e != ERR_UNREADABLE) {
			j->fault = unread;
			return e;
		}
		if (e == OK && seal_header_parse(j->area, SEAL_SIZE, &h, &line) == OK) {
			j->backup = at;
			return OK;
		}
	}
	return ERR_UNREADABLE;
}

static enum err
read_header(struct pipeline *p, struct judgement *j, size_t *line)
{
	enum err e;

	if (j->device.size < ISO_START)
		return err_fault(&j->fault, ERR_NOT_SEALED, "%llu bytes are too few for a seal",
		    (unsigned long long)j->device.size);
	e = pipeline_read(p, SEAL_OFFSET, j->area, SEAL_SIZE, &j->fault);
	if (e == ERR_UNREADABLE && (e = find_backup(p, j)) == OK)
		j->fault = (struct fault){ .err = OK };
	if (e != OK)
		return e;
	j->has_area = true;
	if ((e = seal_header_parse(j->area, SEAL_SIZE, &j->header, line)) != OK)
		return err_fault(&j->fault, e, "the line at byte %u", SEAL_OFFSET);
	j->has_header = true;
	return OK;
}

static enum err
unknown_sender(struct judgement *j, const struct trust *like)
{
	if (like == NULL)
		return err_fault(
		    &j->fault, ERR_SENDER, "it calls itself %s", j->header.vendor);
	(void)snprintf(j->resembles.vendor, sizeof(j->resembles.vendor), "%s", like->vendor);
	(void)snprintf(j->resembles.name, sizeof(j->resembles.name), "%s", like->name);
	(void)snprintf(
	    j->resembles.telephone, sizeof(j->resembles.telephone), "%s", like->telephone);
	return err_fault(&j->fault, ERR_LOOKALIKE,
	    "it calls itself %s, and resembles %s, which you trust", j->header.vendor,
	    like->vendor);
}

/*
 * Is the sender one that is trusted here?  What the header says is a claim until the seal is
 * verified.
 */
static enum err
find_sender(const struct judge_request *q, struct judgement *j, struct trust_chain **chain)
{
	const struct trust_chain *held =
	    anchors_find(q->anchors, j->header.vendor, &j->header.anchor);

	*chain = NULL;
	if (!anchors_trusted(q->anchors, j->header.vendor, &j->header.anchor))
		return unknown_sender(j, anchors_resembling(q->anchors, j->header.vendor));
	if (held == NULL) {
		*chain = trust_chain_new();
		return *chain == NULL ? err_fault(&j->fault, ERR_MEMORY, "trust chain") : OK;
	}
	return trust_chain_parse(chain, held->bytes, held->len, &j->header.anchor, &j->fault);
}

/* The seal's quorum under the newest trust; who once could and no longer may is told apart. */
static enum err
check_signers(struct judgement *j, const struct document *doc)
{
	struct trust_count count;
	struct signers s;
	enum err e;

	if (document_signers(doc, "seal@waxseal", &s) != OK)
		return err_fault(&j->fault, ERR_SEAL_SIGNATURE, "it names %s", j->header.vendor);
	e = trust_chain_quorum(j->chain, ROLE_SEAL, &s, &count);
	if (e == ERR_DOC_SIGNATURE)
		return err_fault(&j->fault, ERR_SEAL_SIGNATURE, "it names %s", j->header.vendor);
	return e == OK ? OK : err_fault(&j->fault, e, "under trust %llu of %s",
	    (unsigned long long)j->trust->version, j->trust->vendor);
}

static enum err
check_size(struct judgement *j)
{
	const struct seal *s = j->seal;

	if (j->device.size < s->size)
		return err_fault(&j->fault, ERR_SHORTER, "%llu bytes are missing",
		    (unsigned long long)(s->size - j->device.size));
	if (j->device.kind == DEVICE_FILE && j->device.size > s->size)
		return err_fault(&j->fault, ERR_LONGER, "by %llu bytes",
		    (unsigned long long)(j->device.size - s->size));
	return OK;
}

/* Authentic now: can what it says be true of this medium? */
static enum err
check_statement(struct judgement *j, size_t line)
{
	const struct seal *s = j->seal;
	const struct trust *named;
	enum err e;

	if ((e = seal_regions(s, &j->fault)) != OK)
		return e;
	if (j->backup != 0 && j->backup != s->backup)
		return err_fault(&j->fault, ERR_SEAL_HEADER, "a second copy at byte %llu",
		    (unsigned long long)j->backup);
	if (!zero_all(
		j->area + line + j->header.length, SEAL_SIZE - line - (size_t)j->header.length))
		return err_fault(&j->fault, ERR_NOT_ZERO, "behind the seal");
	if (s->trust_version > j->image_versions)
		return err_fault(&j->fault, ERR_CHAIN_CUT,
		    "%zu documents, the seal names version %llu", j->image_versions,
		    (unsigned long long)s->trust_version);
	named = j->chain->version[s->trust_version - 1];
	if (!digest_equal(&named->digest, &s->trust_digest))
		return err_fault(&j->fault, ERR_CHAIN_FORKED, "version %llu",
		    (unsigned long long)s->trust_version);
	return check_size(j);
}

/* It says nothing of the chain, and the other copy is not asked. */
static bool
is_ours(enum err e)
{
	return e == ERR_SILENT || e == ERR_CHILD || e == ERR_MEMORY;
}

/*
 * The first copy decides; where it cannot be read, the second one does.  Where it is false, the
 * second tells a spoiled chain from a counterfeit seal: ${spoiled} is what is wrong.
 */
static enum err
read_chain(struct pipeline *p, struct judgement *j, struct fault *spoiled)
{
	struct fault second = { .err = OK };
	size_t versions;
	enum err e;

	e = walk_chain(p, &j->header.chain, &j->header.anchor, j->chain, &j->image_versions,
	    &j->image_chain, spoiled);
	if (e == OK)
		return OK;
	if (is_ours(e)) {
		j->fault = *spoiled;
		return e;
	}
	e = walk_chain(p, &j->header.chain2, &j->header.anchor, j->chain, &versions,
	    &j->image_chain, &second);
	if (is_ours(e)) {
		j->fault = second;
		return e;
	}
	if (e != OK)
		return OK;
	j->image_versions = versions;
	if (spoiled->err == ERR_UNREADABLE) {
		j->second_chain = true;
		*spoiled = (struct fault){ .err = OK };
	}
	return OK;
}

static enum err
establish(struct pipeline *p, const struct judge_request *q, struct judgement *j)
{
	struct fault chain_fault = { .err = OK };
	struct document doc;
	size_t line = 0;
	enum err e;

	if ((e = read_header(p, j, &line)) != OK || (e = find_sender(q, j, &j->chain)) != OK ||
	    (e = read_chain(p, j, &chain_fault)) != OK)
		return e;
	j->trust = trust_chain_newest(j->chain);
	if (j->trust == NULL) { /* nothing verifies, nothing was held: no word of the seal */
		j->fault = chain_fault;
		return chain_fault.err;
	}
	/* A fingerprint names no vendor: only the document that it fits does. */
	if (strcmp(j->trust->vendor, j->header.vendor) != 0)
		return err_fault(&j->fault, ERR_DOC_VENDOR, "the trust document is that of %s",
		    j->trust->vendor);
	if (document_split(j->area + line, (size_t)j->header.length, &doc) != OK)
		return err_fault(&j->fault, ERR_SEAL_SIGNATURE, "the seal is no signed document");
	if ((e = check_signers(j, &doc)) != OK)
		return e;
	if ((e = seal_parse(&j->seal, &doc, j->header.vendor, &j->fault)) != OK ||
	    (e = seal_agrees(&j->header, j->seal, &j->fault)) != OK)
		return e;
	if (chain_fault.err == OK)
		return check_statement(j, line);
	/* What was cut off cannot be read: that it is missing says more. */
	if (chain_fault.err == ERR_UNREADABLE && check_size(j) == ERR_SHORTER)
		return ERR_SHORTER;
	j->fault = chain_fault;
	return chain_fault.err;
}

enum err
provenance_seal(struct pipeline *p, const struct judge_request *q, struct judgement *j)
{
	const struct trust *t;
	enum err e;

	if ((e = establish(p, q, j)) != OK)
		return judgement_fail(j, "V2", "sender", e);
	t = j->trust;
	judgement_note(j, "V2", "sender", CHECK_OK, OK, "%s (%s), trust %llu", t->name, t->vendor,
	    (unsigned long long)t->version);
	if (j->backup != 0)
		judgement_note(j, "V2", "seal", CHECK_REMARK, OK,
		    "the first copy of the seal cannot be read; the second one was used");
	if (j->second_chain)
		judgement_note(j, "V2", "chain", CHECK_REMARK, OK,
		    "the first copy of the trust chain cannot be read; the second one was used");
	if (t->single_person)
		judgement_note(j, "V2", "persons", CHECK_REMARK, OK,
		    "one person alone can release and seal for %s", t->vendor);
	if (q->now.seconds > t->expires.seconds) {
		char text[TIME_TEXT];

		time_print_short(t->expires, text);
		judgement_note(j, "V2", "trust", CHECK_REMARK, OK,
		    "the trust document expired at %s; ask %s for a newer one", text, t->name);
	}
	return OK;
}

enum err
provenance_recipient(const struct judge_request *q, struct judgement *j)
{
	const struct site_vendor *v =
	    q->site == NULL ? NULL : site_vendor(q->site, j->seal->vendor);
	const char *customer = q->customer != NULL ? q->customer : v != NULL ? v->customer : NULL;

	if (customer == NULL) {
		judgement_note(j, "V3", "recipient", CHECK_NOT_MADE, ERR_UNCHECKED, "%s (%s)",
		    j->seal->customer_name, j->seal->customer);
		return OK;
	}
	if (strcmp(customer, j->seal->customer) != 0) {
		(void)err_fault(&j->fault, ERR_RECIPIENT, "its seal is genuine, and for %s (%s); "
		    "the rest was not read", j->seal->customer_name, j->seal->customer);
		return judgement_fail(j, "V3", "recipient", ERR_RECIPIENT);
	}
	judgement_note(j, "V3", "recipient", CHECK_OK, OK, "%s (%s)", j->seal->customer_name,
	    j->seal->customer);
	return OK;
}

/* The tag is over the body as it was signed. */
static enum err
check_code(struct judgement *j)
{
	struct document doc;
	struct digest tag;
	size_t line;
	enum err e;

	if (strcmp(j->code.customer, j->seal->customer) != 0 || j->code.number != j->seal->number)
		return err_fault(&j->fault, ERR_CODE_OTHER,
		    "it is for %s no. %llu; this is %s no. %llu", j->code.customer,
		    (unsigned long long)j->code.number, j->seal->customer,
		    (unsigned long long)j->seal->number);
	if ((e = seal_header_parse(j->area, SEAL_SIZE, &j->header, &line)) != OK ||
	    (e = document_split(j->area + line, (size_t)j->header.length, &doc)) != OK ||
	    (e = code_tag(&j->code, doc.body, doc.body_len, &tag)) != OK)
		return err_fault(&j->fault, e, "the code");
	if (!digest_equal(&tag, &j->header.tag))
		return err_fault(&j->fault, ERR_CODE_WRONG, "%s no. %llu", j->seal->customer,
		    (unsigned long long)j->seal->number);
	return OK;
}

/* What is not looked at without the code. */
static void
note_rest(struct judgement *j)
{
	static const struct {
		const char *step, *name;
	} rest[] = { { "V5", "number" }, { "V6", "medium" }, { "V8", "blocks" },
		{ "V9", "contents" }, { "V10", "release" }, { "V11", "fit" } };
	size_t i;

	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		judgement_note(j, rest[i].step, rest[i].name, CHECK_NOT_MADE, ERR_UNCHECKED,
		    "not looked at");
}

enum err
provenance_code(const struct judge_request *q, struct judgement *j)
{
	enum err e = OK;

	if (q->code != NULL)
		e = q->code(q->arg, j->seal, &j->code, &j->code_given, &j->fault);
	if (e == OK && !j->code_given) {
		judgement_note(j, "V4", "code", CHECK_NOT_MADE, ERR_UNCHECKED, "no code was given");
		return OK;
	}
	if (e == ERR_UNCHECKED) {	/* whoever keeps something does not go on without it */
		judgement_note(j, "V4", "code", CHECK_NOT_MADE, e, "%s", j->fault.at);
		j->needs_code = true;
		note_rest(j);
		return e;
	}
	if (e == OK)
		e = check_code(j);
	if (e != OK)
		return judgement_fail(j, "V4", "code", e);
	judgement_note(j, "V4", "code", CHECK_OK, OK, "the one of this seal");
	return OK;
}

static enum err
check_revoked(struct judgement *j)
{
	size_t i;

	if (trust_seal_revoked(j->trust, &j->seal->digest))
		return err_fault(&j->fault, ERR_SEAL_REVOKED, "%s no. %llu", j->seal->customer,
		    (unsigned long long)j->seal->number);
	for (i = 0; i < j->seal->release_count; i++)
		if (trust_release_revoked(j->trust, &j->seal->release[i].digest))
			return err_fault(&j->fault, ERR_RELEASE_REVOKED, "%s",
			    j->seal->release[i].id);
	return OK;
}

/* Volumes of one set only can wait under one number. */
static enum err
check_waiting(const struct site *site, struct judgement *j)
{
	const struct seal *s = j->seal;
	const struct site_waiting *w =
	    site_waiting(site, s->vendor, s->customer, s->number, 0);

	if (w == NULL || digest_equal(&w->set, &s->set))
		return OK;
	return err_fault(&j->fault, ERR_SET, "%s no. %llu, disc %llu of %llu, ledger %llu",
	    s->customer, (unsigned long long)s->number, (unsigned long long)w->volume,
	    (unsigned long long)w->volumes, (unsigned long long)w->entry);
}

static enum err
check_number(const struct site *site, struct judgement *j)
{
	const struct seal *s = j->seal;
	const struct site_vendor *v = site == NULL ? NULL : site_vendor(site, s->vendor);
	const struct site_accepted *used;
	enum err e;

	if (v == NULL) {
		judgement_note(j, "V5", "number", CHECK_NOT_MADE, ERR_UNCHECKED, "%llu",
		    (unsigned long long)s->number);
		return OK;
	}
	used = site_accepted(site, s->vendor, s->customer, s->number);
	if (used != NULL)
		return err_fault(&j->fault, ERR_REPLAYED, "%s no. %llu, ledger %llu", s->customer,
		    (unsigned long long)s->number, (unsigned long long)used->entry);
	if ((e = check_waiting(site, j)) != OK)
		return e;
	if (s->number > v->highest && s->number - v->highest > LIMIT_NUMBER_JUMP)
		return err_fault(&j->fault, ERR_JUMP, "no. %llu, the highest was %llu",
		    (unsigned long long)s->number, (unsigned long long)v->highest);
	if (v->highest == 0)
		judgement_note(j, "V5", "number", CHECK_OK, OK, "%llu, the first to arrive",
		    (unsigned long long)s->number);
	else if (s->number < v->highest)
		judgement_note(j, "V5", "number", CHECK_OK, OK, "%llu, late: %llu came before it",
		    (unsigned long long)s->number, (unsigned long long)v->highest);
	else
		judgement_note(j, "V5", "number", CHECK_OK, OK, "%llu, the last was %llu%s",
		    (unsigned long long)s->number, (unsigned long long)v->highest,
		    s->number - v->highest > 1 ? ": what lies between has not arrived" : "");
	return OK;
}

/* At the later of clock and floor: a clock that was set back revives nothing. */
static void
check_expiry(const struct judge_request *q, struct judgement *j)
{
	int64_t now = q->now.seconds;
	char text[TIME_TEXT];

	if (q->site != NULL && q->site->floor > now)
		now = q->site->floor;
	if (!j->seal->has_expires || now <= j->seal->expires.seconds)
		return;
	time_print_short(j->seal->expires, text);
	j->deferred = ERR_EXPIRED;
	judgement_note(j, "V5", "expiry", CHECK_FAILED, ERR_EXPIRED, "expired at %s", text);
}

enum err
provenance_use(const struct judge_request *q, struct judgement *j)
{
	enum err e;

	if ((e = check_revoked(j)) != OK || (e = check_number(q->site, j)) != OK)
		return judgement_fail(j, "V5", "number", e);
	check_expiry(q, j);
	return OK;
}
