/*
 * news_offer: a notice or a catalogue comes in.  SPEC, "News".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/name.h"
#include "ingest/news.h"
#include "verify/command.h"
#include "verify/file.h"

struct offered {
	struct station *station;
	struct news *news;
	const char *text, *via;
	size_t len;
	struct moment now;
	struct document doc;
	char type[16], vendor[2 * LIMIT_ID];	/* as it says of itself, cut */
	struct notice *notice;		/* read, and not yet one of the news */
	struct catalogue *catalogue;
	struct news_offer *out;
};

/* ---- who says so? ---- */

/* What it says of itself is for the record, and to know whose keys to ask. */
static void
look_at(struct offered *o)
{
	if (document_type(o->text, o->len, o->type, sizeof(o->type)) != OK)
		*o->type = '\0';
	if (document_party(o->text, o->len, "vendor", o->vendor, sizeof(o->vendor)) != OK)
		*o->vendor = '\0';
	o->out->is_catalogue = strcmp(o->type, "catalogue") == 0;
	(void)name_show(o->out->claims, sizeof(o->out->claims), o->vendor);
}

static enum err
unknown_sender(const struct offered *o)
{
	const struct site *s = o->station->site;

	for (size_t i = 0; i < s->vendor_count; i++)
		if (name_resembles(o->vendor, s->vendor[i].id))
			return err_fault(&o->out->why, ERR_LOOKALIKE, "%s, not %s", o->vendor,
			    s->vendor[i].id);
	return err_fault(&o->out->why, ERR_SENDER, "%s",
	    *o->vendor == '\0' ? "it names nobody" : o->vendor);
}

/* Is it a document of a vendor who is trusted here? */
static enum err
check_outside(struct offered *o)
{
	enum err e = document_split(o->text, o->len, &o->doc);

	if (e != OK)
		return err_fault(&o->out->why, e, "the file");
	if (!o->out->is_catalogue && strcmp(o->type, "notice") != 0)
		return err_fault(&o->out->why, ERR_DOC_TYPE, "%s", *o->type == '\0' ?
		    "neither a notice nor a catalogue" : o->type);
	/* It is kept with its signatures, and read back with them. */
	if (o->len > (o->out->is_catalogue ? LIMIT_CATALOGUE : LIMIT_NOTICE))
		return err_fault(&o->out->why, ERR_LIMIT, "%s", o->type);
	return site_vendor(o->station->site, o->vendor) == NULL ? unknown_sender(o) : OK;
}

/* The very same body was taken in before, under whatever keys were in force then. */
static bool
is_known(struct offered *o)
{
	const struct news_vendor *v = news_of(o->news, o->vendor);

	if (v == NULL)
		return false;
	for (size_t i = 0; !o->out->is_catalogue && i < v->notices; i++)
		if (digest_equal(&v->notice[i]->digest, &o->doc.digest))
			o->out->notice = v->notice[i];
	if (o->out->is_catalogue && digest_equal(&v->catalogue_digest, &o->doc.digest))
		o->out->catalogue = v->newest;
	return o->out->notice != NULL || o->out->catalogue != NULL;
}

/* Nothing of the body is parsed before this is good. */
static enum err
check_signatures(struct offered *o)
{
	const struct site_vendor *v = site_vendor(o->station->site, o->vendor);
	struct trust_count count;
	struct signers signers;
	char namespace[32];
	enum err e;

	(void)snprintf(namespace, sizeof(namespace), "%s@waxseal", o->type);
	if ((e = document_signers(&o->doc, namespace, &signers)) != OK)
		return err_fault(&o->out->why, e, "its signatures");
	e = trust_chain_quorum(v->chain, ROLE_NOTICE, &signers, &count);
	return e == OK ? OK : err_fault(&o->out->why, e, "%u of %u of the notice role of %s",
	    count.have, count.need, v->id);
}

/* ---- does it go with what is known? ---- */

static void
set_age(struct offered *o, struct moment issued)
{
	o->out->dated = issued.seconds <= o->now.seconds;
	if (o->out->dated)
		o->out->days = (uint64_t)(o->now.seconds - issued.seconds) / 86400;
}

static enum err
forked(const struct offered *o, uint64_t number)
{
	return err_fault(&o->out->why, ERR_NEWS_FORKED, "another %s %" PRIu64 " of %s came before",
	    o->type, number, o->vendor);
}

/* A number that a crowd of documents cannot have led to; the first one may have any. */
static enum err
check_jump(const struct offered *o, uint64_t number, uint64_t highest)
{
	if (highest == 0 || number <= highest || number - highest <= LIMIT_NUMBER_JUMP)
		return OK;
	return err_fault(&o->out->why, ERR_JUMP, "%s %" PRIu64 ", the highest was %" PRIu64,
	    o->type, number, highest);
}

/* What a vendor has told of a release does not change any more. */
static enum err
check_told(const struct offered *o, const struct summary *now, const struct summary *before)
{
	if (before == NULL || strcmp(now->id, before->id) != 0 ||
	    digest_equal(&now->digest, &before->digest))
		return OK;
	return err_fault(&o->out->why, ERR_NEWS_FORKED,
	    "%s:%s was told of before, with other contents", o->vendor, now->id);
}

static enum err
check_notice(struct offered *o, const struct news_vendor *v)
{
	static const struct news_vendor NOTHING = { .highest = 0 };
	const struct notice *n = o->notice;
	enum err e;

	if (v == NULL)
		v = &NOTHING;
	if (news_numbered(v, n->sequence) != NULL)
		return forked(o, n->sequence);
	if ((e = check_jump(o, n->sequence, v->highest)) != OK)
		return e;
	for (size_t i = 0; e == OK && i < v->notices; i++)
		e = check_told(o, &n->release, &v->notice[i]->release);
	if (e == OK && v->newest != NULL)
		e = check_told(o, &n->release, catalogue_find(v->newest, n->release.id));
	if (e == OK && n->sequence > v->highest + 1) {
		o->out->gap_from = v->highest + 1;
		o->out->gap_to = n->sequence - 1;
	}
	o->out->late = n->sequence < v->highest;
	return e;
}

static enum err
check_catalogue(struct offered *o, const struct news_vendor *v)
{
	const struct catalogue *c = o->catalogue;
	const struct summary *row;
	enum err e;

	if (v == NULL)
		return OK;
	if (c->number < v->catalogue)
		return err_fault(&o->out->why, ERR_NEWS_OLDER, "catalogue %" PRIu64 ", %" PRIu64
		    " is here", c->number, v->catalogue);
	if (c->number == v->catalogue)
		return forked(o, c->number);
	e = check_jump(o, c->number, v->catalogue);
	for (size_t i = 0; e == OK && i < v->notices; i++)
		if ((row = catalogue_find(c, v->notice[i]->release.id)) != NULL)
			e = check_told(o, row, &v->notice[i]->release);
	for (size_t i = 0; e == OK && v->newest != NULL && i < c->count; i++)
		e = check_told(o, &c->release[i], catalogue_find(v->newest, c->release[i].id));
	return e;
}

static enum err
read_notice(struct offered *o)
{
	enum err e = notice_parse(&o->notice, &o->doc, o->vendor, &o->out->why);

	if (e != OK)
		return e;
	o->out->number = o->notice->sequence;
	set_age(o, o->notice->issued);
	return check_notice(o, news_of(o->news, o->vendor));
}

static enum err
read_catalogue(struct offered *o)
{
	enum err e = catalogue_parse(&o->catalogue, &o->doc, o->vendor, &o->out->why);

	if (e != OK)
		return e;
	o->out->number = o->catalogue->number;
	set_age(o, o->catalogue->issued);
	return check_catalogue(o, news_of(o->news, o->vendor));
}

/* ---- on record ---- */

static void
put_notice(struct json_writer *w, const struct notice *n)
{
	json_put_uint(w, "sequence", n->sequence);
	json_put_digest(w, "digest", &n->digest);
	json_put_moment(w, "issued", n->issued);
	json_put_string(w, "event", n->withdrawal ? "withdrawal" : "release");
	json_put_string(w, "id", n->release.id);
	json_put_digest(w, "release", &n->release.digest);
}

static void
put_catalogue(struct json_writer *w, const struct catalogue *c)
{
	json_put_uint(w, "number", c->number);
	json_put_digest(w, "digest", &c->digest);
	json_put_moment(w, "issued", c->issued);
	if (c->has_next)
		json_put_moment(w, "next_expected", c->next_expected);
	json_put_uint(w, "highest_notice", c->highest_notice);
	json_put_uint(w, "releases", c->count);
}

/* A file that no entry names is as good as not there: the next one takes its place. */
static enum err
keep(struct offered *o, struct fault *f)
{
	struct json_writer *w;
	char path[NEWS_PATH];
	enum err e;

	news_path(o->vendor, o->out->number, o->out->is_catalogue, path);
	if ((e = file_mkdir_parents(o->station->home.fd, path, f)) != OK ||
	    (e = file_replace(o->station->home.fd, path, 0600, o->text, o->len, f)) != OK)
		return e;
	w = ledger_entry(o->station->site->ledger, o->type, o->now);
	json_put_string(w, "vendor", o->vendor);
	if (o->notice != NULL)
		put_notice(w, o->notice);
	else
		put_catalogue(w, o->catalogue);
	if (o->out->dated)
		json_put_uint(w, "days", o->out->days);
	if (*o->via != '\0')
		json_put_string(w, "via", o->via);
	return ledger_commit(o->station->site->ledger, w, &o->out->entry, f);
}

static enum err
record_refused(struct offered *o, struct fault *f)
{
	const struct news_offer *out = o->out;
	struct json_writer *w = ledger_entry(o->station->site->ledger, "notice-refused", o->now);
	const int status = err_status(out->why.err);
	char where[4 * sizeof(out->why.at)];

	if (o->doc.body == NULL)	/* it does not even have a body */
		digest_sha256(o->text, o->len, &o->doc.digest);
	if (*out->claims != '\0')
		json_put_string(w, "claims", out->claims);
	if (*o->type != '\0')
		json_put_string(w, "type", o->type);
	if (out->number != 0)
		json_put_uint(w, "number", out->number);
	json_put_digest(w, "digest", &o->doc.digest);
	json_put_uint(w, "status", (uint64_t)status);
	json_put_string(w, "verdict", err_verdict(status));
	json_put_string(w, "reason", err_code(out->why.err));
	json_put_string(w, "where", name_show(where, sizeof(where), out->why.at));
	if (*o->via != '\0')
		json_put_string(w, "via", o->via);
	return ledger_commit(o->station->site->ledger, w, &o->out->entry, f);
}

/* The news have it from now on. */
static enum err
add(struct offered *o, struct fault *f)
{
	enum err e;

	o->out->notice = o->notice;
	o->out->catalogue = o->catalogue;
	if (o->notice != NULL)
		e = news_add_notice(o->news, o->notice);
	else
		e = news_add_catalogue(o->news, o->catalogue);
	o->notice = NULL;
	o->catalogue = NULL;
	return e == OK ? OK : err_fault(f, e, "news");
}

/* The document is looked at, from the outside in; ${o}->out->why is OK if nothing is wrong. */
static enum err
examine(struct offered *o)
{
	struct news_offer *out = o->out;
	enum err e;

	look_at(o);
	if ((e = check_outside(o)) != OK)
		return e;
	if (is_known(o)) {
		out->known = true;
		out->number = out->is_catalogue ? out->catalogue->number : out->notice->sequence;
		set_age(o, out->is_catalogue ? out->catalogue->issued : out->notice->issued);
		return OK;
	}
	if ((e = check_signatures(o)) != OK)
		return e;
	return out->is_catalogue ? read_catalogue(o) : read_notice(o);
}

enum err
news_offer(struct station *st, struct news *n, const char *text, size_t len, const char *via,
    struct news_offer *out, struct fault *f)
{
	struct offered o = { .station = st, .news = n, .text = text, .len = len, .via = via,
		.now = command_now(), .out = out };
	enum err e;

	*out = (struct news_offer){ .number = 0 };
	if ((e = examine(&o)) == ERR_MEMORY)
		e = err_fault(f, e, "news");
	else if (e != OK)
		e = record_refused(&o, f);
	else if (!out->known && (e = keep(&o, f)) == OK)
		e = add(&o, f);
	notice_free(o.notice);
	catalogue_free(o.catalogue);
	return e;
}
