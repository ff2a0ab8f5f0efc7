/*
 * conclude: what becomes of a judged medium.  SPEC V12 and "Sets".
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ingest/acceptance.h"
#include "ingest/join.h"
#include "ingest/recheck.h"
#include "ingest/sequel.h"
#include "ingest/waiting.h"
#include "verify/provenance.h"

#define PATIENCE 60	/* times the ten seconds of home_lock */

/* V5 again, under today's trust. */
static enum err
still_good(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	const struct site_vendor *v = site_vendor(a->station.site, s->vendor);
	size_t before = a->j.check_count;
	enum err e;

	if (v == NULL || !digest_equal(&v->version_digest, &a->j.trust->digest))
		return err_fault(
		    f, ERR_BUSY, "the trust in %s changed while the medium was read", s->vendor);
	if ((e = provenance_use(&a->request, &a->j)) != OK) {
		*f = a->j.fault;
		return e;
	}
	if (a->j.deferred != OK)
		return err_fault(f, a->j.deferred, "while the medium was read");
	a->j.check_count = before;	/* they are on the list already */
	return OK;
}

/* The seal and the chain, beside what was read; then everything is on disk. */
static enum err
complete(struct acceptance *a)
{
	enum err e;

	if ((e = stage_add(&a->stage, "seal", a->j.area, SEAL_SIZE)) != OK ||
	    (e = stage_add(&a->stage, "trust.chain", a->j.chain->bytes, a->j.chain->len)) != OK)
		return e;
	return stage_sync(&a->stage);
}

/*
 * The entry, what follows from it, then the rename: from the entry on the scratch directory is
 * recover's business.
 */
static enum err
publish(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	char scratch[96];
	enum err e;

	(void)snprintf(scratch, sizeof(scratch), "scratch/%s", a->stage.name);
	stage_path(s->vendor, s->customer, s->number, a->staged, sizeof(a->staged));
	if ((e = station_out(&a->station, s->vendor, f)) != OK ||	/* for the receipt */
	    (e = stage_free_place(&a->station, a->staged, f)) != OK)
		return e;
	stage_keep(&a->stage);
	if ((e = records_accepted(a, f)) != OK)
		return e;
	a->j.verdict = a->fit.held ? err_fault(&a->j.fault, ERR_HELD,
	    "see ingest fit and ingest judge") : OK;
	if ((e = records_receipt(a, f)) != OK ||
	    (e = sequel_news(&a->station, s->vendor, s->customer, s->number, scratch, f)) != OK ||
	    (e = stage_publish(&a->station, a->stage.name, a->staged, f)) != OK)
		return e;
	return waiting_remove(&a->station, s->vendor, s->customer, s->number, f);
}

/*
 * The rename, then the entry: what lies in waiting/ without one is removed, and that disc is read
 * again.
 */
static enum err
wait_for_others(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	char path[128];
	enum err e;

	if ((e = complete(a)) != OK)
		return e;
	waiting_path(s->vendor, s->customer, s->number, s->volume, path, sizeof(path));
	stage_keep(&a->stage);
	if ((e = stage_publish(&a->station, a->stage.name, path, f)) != OK ||
	    (e = records_waiting(a, f)) != OK)
		return e;
	return station_reload(&a->station, f);
}

/* What is said of the whole is said of all its volumes; which blocks, each says of itself. */
static void
count_blocks(struct acceptance *a)
{
	const struct seal *s = a->j.seal;
	struct pipeline_blocks *b = &a->j.blocks;
	const struct site_waiting *w;
	uint64_t volume;

	*b = (struct pipeline_blocks){ .good = b->good, .first_bad = b->first_bad };
	for (volume = 1; volume <= s->volumes; volume++) {
		w = site_waiting(a->station.site, s->vendor, s->customer, s->number, volume);
		if (w == NULL)
			continue;
		b->mended += w->mended;
		b->mended_differ += w->mended_differ;
		b->repaired += w->repaired;
		b->unreadable += w->unreadable;
		b->differ += w->differ;
	}
}

/* The record of this volume; NULL: there is none, or none any more. */
static const struct site_waiting *
volume_here(const struct acceptance *a)
{
	const struct seal *s = a->j.seal;

	return site_waiting(a->station.site, s->vendor, s->customer, s->number, s->volume);
}

/*
 * All volumes wait: hashed again, as what they are together.  Each of them was good when it was
 * read, so what is wrong now became so in this home.
 */
static enum err
join(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	const struct site_waiting *first =
	    site_waiting(a->station.site, s->vendor, s->customer, s->number, 1);
	struct fault why = { .err = OK };
	enum err e;

	stage_abort(&a->stage);	/* of one that waited already there is a copy now */
	count_blocks(a);
	if ((e = stage_begin(&a->stage, &a->station, f)) != OK)
		return e;
	if ((e = join_volumes(&a->station, s, &a->stage, &why)) == OK &&
	    (e = stage_add(&a->stage, "trust.chain", a->j.chain->bytes, a->j.chain->len)) == OK)
		e = recheck_consignment(a->stage.scratch, &first->seal, &why);
	if (e == OK)
		return stage_sync(&a->stage);
	if (err_status(e) != 1)
		return err_fault(f, ERR_HOME, "what waits of %s no. %llu is not any more what was "
		    "read (%s: %.200s): ingest drop %s/%llu, then read its discs again",
		    s->customer, (unsigned long long)s->number, err_code(e), why.at, s->customer,
		    (unsigned long long)s->number);
	if (why.err != OK)
		*f = why;
	return e;
}

static enum err
take_volume(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	enum err e;

	if ((e = still_good(a, f)) != OK)
		return e;
	if (!a->already && volume_here(a) == NULL && (e = wait_for_others(a, f)) != OK)
		return e;
	(void)site_missing(a->station.site, s->vendor, s->customer, s->number, s->volumes, 0,
	    a->missing, sizeof(a->missing));
	/* Another process brought the others, or dropped this one; nothing was read for that. */
	if (a->already && (*a->missing == '\0' || volume_here(a) == NULL))
		return err_fault(f, ERR_BUSY, "the set changed while its disc %llu was looked at; "
		    "read that disc again", (unsigned long long)s->volume);
	if (*a->missing != '\0') {
		/* Also where it was not this process that put it on record. */
		a->entry = volume_here(a)->entry;
		return ERR_INCOMPLETE;
	}
	a->entry = 0;	/* of the whole there is none yet */
	if ((e = appraise_consignment(a, f)) != OK || (e = join(a, f)) != OK)
		return e;
	a->j.verdict = OK;	/* so the ledger says */
	return publish(a, f);
}

static enum err
take_whole(struct acceptance *a, struct fault *f)
{
	enum err e;

	if ((e = still_good(a, f)) != OK || (e = appraise_consignment(a, f)) != OK ||
	    (e = complete(a)) != OK)
		return e;
	return publish(a, f);
}

static void
drop_blocks(struct acceptance *a)
{
	waiting_drop_blocks(&a->station, a->j.seal);
	(void)close(a->kept);	/* what they take of the disk is free only then */
	a->kept = -1;
	a->j.blocks.kept = 0;
}

/*
 * The good blocks of a damaged volume wait for another copy; the verdict is worth more than they.
 */
static enum err
refuse(struct acceptance *a, struct fault *f)
{
	enum err e;

	if (!a->prepared || a->j.blocks.kept == 0 || a->kept == -1)
		return records_refused(a, f);
	if (waiting_keep_blocks(&a->station, a->j.seal, a->kept, f) != OK)
		drop_blocks(a);
	e = records_refused(a, f);
	if (e != ERR_SPACE || a->j.blocks.kept == 0 || a->station.site->ledger->stuck)
		return e;
	drop_blocks(a);
	return records_refused(a, f);
}

static void
take(struct acceptance *a)
{
	struct fault why = { .err = OK };
	enum err e;

	a->stage.fault = &why;
	e = a->j.verdict == OK ? take_whole(a, &why) : take_volume(a, &why);
	if (e != OK && e != ERR_INCOMPLETE) {
		a->j.verdict = e;
		if (why.err != e)
			(void)err_fault(&why, e, "publishing");
		a->j.fault = why;
		(void)judgement_fail(&a->j, e == ERR_FIT ? "V11" : "V12",
		    e == ERR_FIT ? "fit" : "stage", e);
	}
}

/* Who has the home may hash a whole disc just now: a verdict waits longer than a command begins. */
static enum err
lock(struct acceptance *a, struct fault *f)
{
	unsigned tries = PATIENCE;
	enum err e;

	do
		*f = (struct fault){ .err = OK };
	while ((e = station_relock(&a->station, f)) == ERR_BUSY && --tries > 0);
	return e;
}

enum err
conclude(struct acceptance *a, struct fault *f)
{
	enum err e;

	if ((e = lock(a, f)) != OK || (e = records_trust(a, f)) != OK)
		return e;
	if (records_ours(a) && (e = station_reload(&a->station, f)) != OK)
		return e;
	a->request.site = a->station.site;
	if (a->j.verdict == OK || a->j.verdict == ERR_INCOMPLETE)
		take(a);
	if (records_staged(a))
		return OK;
	/* Now: where the disk was full there is room for the entry then. */
	stage_abort(&a->stage);
	if (a->j.verdict == ERR_INCOMPLETE)
		return records_receipt(a, f);	/* that of a volume before is out of date */
	if (a->entry != 0 || a->station.site->ledger->stuck) {
		*f = a->j.fault;
		return a->j.verdict;
	}
	if ((e = refuse(a, f)) != OK)
		return e;
	/* What failed here is nothing to tell the vendor. */
	return records_ours(a) && err_status(a->j.verdict) != 1 ? records_receipt(a, f) : OK;
}
