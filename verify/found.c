/*
 * found: see found.h.
 */
#include "verify/found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "verify/twins.h"

struct checking {
	struct judgement *j;
	const struct judge_sink *sink;
	struct found *found;
	size_t index;			/* in the seal's list */
	const struct seal_release *named;
	struct judged_release *judged;
};

enum err
found_path(const char *id, const char *name, char *out, size_t cap)
{
	int n = snprintf(out, cap, "RELEASES/%s/%s", id, name);

	return n < 0 || (size_t)n >= cap ? ERR_LIMIT : OK;
}

void
found_free(struct found *f)
{
	free(f->document.bytes);
	free(f->sums.bytes);
	portion_free(&f->payload);
}

/* SPEC V10: the release role's quorum under the newest trust signed exactly this. */
static enum err
check_signed(const struct checking *c, const struct document *doc)
{
	struct judged_release *r = c->judged;
	const char *id = c->named->id;
	struct signers s;
	enum err e;

	if (!digest_equal(&doc->digest, &c->named->digest))
		return err_fault(&c->j->fault, ERR_RELEASE_DIGEST, "%s", id);
	if ((e = document_signers(doc, "release@waxseal", &s)) != OK)
		return err_fault(&c->j->fault, ERR_RELEASE_QUORUM, "%s: %s", id, err_sentence(e));
	e = trust_chain_quorum(c->j->chain, ROLE_RELEASE, &s, &r->signatures);
	if (e == OK)
		return OK;
	return err_fault(&c->j->fault, e == ERR_DOC_SIGNATURE ? ERR_RELEASE_QUORUM : e,
	    "%s: %u of %u", id, r->signatures.have, r->signatures.need);
}

static enum err
check_described(const struct checking *c, const struct document *doc)
{
	struct judged_release *r = c->judged;
	const struct kept *sums = &c->found->sums;
	const char *id = c->named->id;
	struct digest d;
	enum err e;

	if ((e = release_parse(&r->release, doc, c->j->seal->vendor, &c->j->fault)) != OK)
		return e;
	if (strcmp(r->release->id, id) != 0)
		return err_fault(&c->j->fault, ERR_RELEASE_FORM, "%s calls itself %s", id,
		    r->release->id);
	digest_sha256(sums->bytes, sums->len, &d);
	if (!digest_equal(&d, &r->release->sums))
		return err_fault(&c->j->fault, ERR_RELEASE_SUMS, "%s", id);
	return OK;
}

/*
 * Of a set, only what is whole on this volume is made executable now, the rest when it is joined.
 */
static enum err
check_executables(const struct checking *c)
{
	const struct release *r = c->judged->release;
	char path[LIMIT_PATH + LIMIT_RELEASE_ID + 32], name[LIMIT_PATH + 16];
	const char *executable;
	size_t n;
	enum err e;

	for (n = 0; n < json_count(r->executables); n++) {
		executable = json_get_string_at(r->json, r->executables, n, 1, LIMIT_PATH);
		if (!listing_has(&c->found->payload.whole, executable, strlen(executable))) {
			if (c->j->seal->volumes > 1)
				continue;
			return err_fault(&c->j->fault, ERR_RELEASE_FORM, "%s: no file %s", r->id,
			    executable);
		}
		(void)snprintf(name, sizeof(name), "payload/%s", executable);
		if (c->sink != NULL &&
		    ((e = found_path(r->id, name, path, sizeof(path))) != OK ||
		    (e = c->sink->executable(c->sink->arg, path)) != OK))
			return err_fault(&c->j->fault, e, "%s", executable);
	}
	return OK;
}

/* SPEC V9: set equality both ways, and the counts. */
static enum err
check_payload(const struct checking *c)
{
	const struct release *r = c->judged->release;
	struct portion *p = &c->found->payload;
	const struct kept *sums = &c->found->sums;
	uint64_t lines;
	enum err e;

	/* The list first, whole: whether it is one decides what can be missing from it. */
	if ((e = twins_check(sums->bytes, sums->len, &c->j->fault)) != OK ||
	    (e = portion_check(p, c->j->seal, c->index, sums->bytes, sums->len, &lines,
		 &c->j->fault)) != OK)
		return e;
	if (c->found->has_pieces && p->piece_count == 0)
		return err_fault(&c->j->fault, ERR_CONTENTS_EXTRA, "RELEASES/%s/pieces", r->id);
	if (lines != r->files || (c->j->seal->volumes == 1 && p->whole.bytes != r->bytes))
		return err_fault(&c->j->fault, ERR_RELEASE_FORM, "%s: its count of files or bytes",
		    r->id);
	c->j->files += p->whole.files.count + p->piece_count;
	c->j->payload += portion_bytes(p);
	return check_executables(c);
}

static enum err
write_kept(const struct checking *c, const struct kept *k, const char *name)
{
	char path[LIMIT_RELEASE_ID + 64];
	enum err e;

	if (c->sink == NULL)
		return OK;
	if ((e = found_path(c->named->id, name, path, sizeof(path))) == OK &&
	    (e = c->sink->open(c->sink->arg, path, k->len)) == OK &&
	    (e = c->sink->write(c->sink->arg, k->bytes, k->len)) == OK)
		e = c->sink->close(c->sink->arg);
	return e == OK ? OK : err_fault(&c->j->fault, e, "%s", name);
}

enum err
found_check(struct found *found, struct judgement *j, size_t i, const struct judge_sink *sink,
    const char **step)
{
	const struct checking checking = { .j = j, .sink = sink, .found = found, .index = i,
		.named = &j->seal->release[i], .judged = &j->release[i] }, *c = &checking;
	const struct kept *document = &c->found->document, *sums = &c->found->sums;
	struct document doc;
	enum err e;

	*step = "V9";
	if (!document->seen || !sums->seen)
		return err_fault(&c->j->fault, ERR_CONTENTS_MISSING, "RELEASES/%s/%s",
		    c->named->id, document->seen ? "SHA256SUMS" : "release");
	*step = "V10";
	if (document_split(document->bytes, document->len, &doc) != OK)
		return err_fault(&c->j->fault, ERR_RELEASE_FORM, "%s", c->named->id);
	if ((e = check_signed(c, &doc)) != OK || (e = check_described(c, &doc)) != OK)
		return e;
	*step = "V9";
	if ((e = check_payload(c)) != OK)
		return e;
	*step = "V12";
	if ((e = write_kept(c, document, "release")) != OK ||
	    (e = write_kept(c, sums, "SHA256SUMS")) != OK)
		return e;
	c->judged->status = "genuine";
	return OK;
}
