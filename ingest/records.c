/*
 * records: what the ledger and the vendor are told of a medium.  SPEC, "Ledger entries".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "formats/receipt.h"
#include "ingest/acceptance.h"
#include "ingest/sequel.h"
#include "verify/file.h"
#include "verify/report.h"

bool
records_ours(const struct acceptance *a)
{
	return a->j.trust != NULL && site_vendor(a->station.site, a->j.trust->vendor) != NULL;
}

enum err
records_trust(struct acceptance *a, struct fault *f)
{
	struct site_vendor *v =
	    records_ours(a) ? site_vendor(a->station.site, a->j.trust->vendor) : NULL;
	char path[LIMIT_ID + 16];
	struct json_writer *w;
	enum err e;

	if (v == NULL || a->j.trust->version <= v->version ||
	    !digest_equal(&a->j.chain->version[v->version - 1]->digest, &v->version_digest) ||
	    !digest_equal(trust_chain_anchor(a->j.chain), &v->anchor))
		return OK;
	(void)snprintf(path, sizeof(path), "trust/%s.chain", v->id);
	if ((e = file_replace(
		 a->station.home.fd, path, 0600, a->j.chain->bytes, a->j.chain->len, f)) != OK)
		return e;
	w = ledger_entry(a->station.site->ledger, "trust-adopted", a->request.now);
	if (w != NULL) {
		json_put_string(w, "vendor", v->id);
		json_put_uint(w, "version", a->j.trust->version);
		json_put_digest(w, "digest", &a->j.trust->digest);
		json_put_string(w, "from", "medium");
	}
	return ledger_commit(a->station.site->ledger, w, NULL, f);
}

/* What both kinds of entry say of the journey. */
static void
put_journey(const struct acceptance *a, struct json_writer *w)
{
	if (a->journey.by != NULL)
		json_put_string(w, "by", a->journey.by);
	if (a->journey.via != NULL)
		json_put_string(w, "via", a->journey.via);
	if (a->journey.place != NULL)
		json_put_string(w, "place", a->journey.place);
}

static void
put_consignment(const struct seal *s, struct json_writer *w)
{
	json_put_string(w, "vendor", s->vendor);
	json_put_string(w, "customer", s->customer);
	json_put_uint(w, "number", s->number);
	json_put_uint(w, "volumes", s->volumes);
	json_put_digest(w, "set", &s->set);
}

/* What had to come from elsewhere, and why. */
static void
put_blocks(const struct pipeline_blocks *b, struct json_writer *w)
{
	json_put_uint(w, "mended", b->mended);
	json_put_uint(w, "mended_differ", b->mended_differ);
	json_put_uint(w, "repaired", b->repaired);
	json_put_uint(w, "unreadable", b->unreadable);
	json_put_uint(w, "differ", b->differ);
	if (b->bad.count > 0)
		extents_json(w, &b->bad);
}

bool
records_staged(const struct acceptance *a)
{
	return a->j.verdict == OK || a->j.verdict == ERR_HELD;
}

/* Of release ${i}, once it is known what becomes of all. */
static const char *
release_status(const struct acceptance *a, size_t i)
{
	static const char *const STAGED[] = { [FIT_FOR_SOME] = "staged", [FIT_HELD] = "held",
		[FIT_FOR_NONE] = "does-not-fit" };

	return records_staged(a) ? STAGED[a->fit.outcome[i]] :
	    a->j.verdict == ERR_INCOMPLETE ? "waiting" : "refused";
}

/* ${status} of all; NULL: of each its own. */
static void
put_releases(const struct acceptance *a, struct json_writer *w, const char *status)
{
	const struct judgement *j = &a->j;
	size_t i;

	json_open_array(w, "releases");
	for (i = 0; i < j->seal->release_count; i++) {
		json_open_object(w, NULL);
		json_put_string(w, "id", j->seal->release[i].id);
		json_put_digest(w, "digest", &j->seal->release[i].digest);
		json_put_string(w, "status", status == NULL ? release_status(a, i) : status);
		json_close(w);
	}
	json_close(w);
}

/* Of a set, the seal that stands for all is the one of the first volume. */
static const struct digest *
first_seal(const struct acceptance *a)
{
	const struct seal *s = a->j.seal;
	const struct site_waiting *w =
	    site_waiting(a->station.site, s->vendor, s->customer, s->number, 1);

	return w == NULL ? &s->digest : &w->seal;
}

/*
 * What belongs to the entry that comes next, as records/N/${name}; the entry says so as ${key},
 * with its digest as ${digest_key}.
 */
static enum err
keep(const struct acceptance *a, struct json_writer *w, const char *name, const char *key,
    const char *digest_key, const void *bytes, size_t len, struct fault *f)
{
	const uint64_t number = a->station.site->ledger->tree.size + 1;
	char directory[64], path[96];
	struct digest digest;
	enum err e;

	(void)snprintf(directory, sizeof(directory), "records/%llu", (unsigned long long)number);
	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if ((e = file_mkdir(a->station.home.fd, "records", f)) != OK ||
	    (e = file_mkdir(a->station.home.fd, directory, f)) != OK ||
	    (e = file_replace(a->station.home.fd, path, 0600, bytes, len, f)) != OK)
		return e;
	digest_sha256(bytes, len, &digest);
	json_put_string(w, key, path);
	json_put_digest(w, digest_key, &digest);
	return OK;
}

/* The evaluation, for whoever asks later why it was installed, or why not. */
static enum err
keep_evaluation(const struct acceptance *a, struct json_writer *w, struct fault *f)
{
	return a->fit.text == NULL ? OK : keep(a, w, "fit", "evaluation", "evaluation_digest",
	    a->fit.text, a->fit.len, f);
}

enum err
records_accepted(struct acceptance *a, struct fault *f)
{
	const struct seal *s = a->j.seal;
	struct json_writer *w = ledger_entry(a->station.site->ledger, "accepted", a->request.now);
	uint64_t files = 0, bytes = 0;
	size_t i;
	enum err e;

	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	for (i = 0; i < s->release_count; i++) {
		files += a->j.release[i].release->files;
		bytes += a->j.release[i].release->bytes;
	}
	put_consignment(s, w);
	json_put_digest(w, "seal", first_seal(a));
	json_put_moment(w, "sealed_at", s->sealed_at);
	json_put_uint(w, "trust", a->j.trust->version);
	json_put_uint(w, "floor", (uint64_t)site_floor_after(a->station.site,
	    a->request.now.seconds, s->sealed_at.seconds, a->j.trust->expires.seconds));
	json_put_string(w, "stage", a->staged);
	json_put_string(w, "scratch", a->stage.name);
	json_put_string(w, "verdict", judgement_verdict(&a->j));
	put_blocks(&a->j.blocks, w);
	json_put_uint(w, "files", files);
	json_put_uint(w, "bytes", bytes);
	put_releases(a, w, NULL);
	if ((e = keep_evaluation(a, w, f)) != OK) {
		json_writer_free(w);
		return e;
	}
	report_device(w, &a->j.device);
	put_journey(a, w);
	return ledger_commit(a->station.site->ledger, w, &a->entry, f);
}

enum err
records_waiting(struct acceptance *a, struct fault *f)
{
	struct json_writer *w = ledger_entry(a->station.site->ledger, "waiting", a->request.now);

	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	put_consignment(a->j.seal, w);
	json_put_uint(w, "volume", a->j.seal->volume);
	json_put_digest(w, "seal", &a->j.seal->digest);
	json_put_moment(w, "sealed_at", a->j.seal->sealed_at);
	put_blocks(&a->j.blocks, w);
	put_releases(a, w, "waiting");
	report_device(w, &a->j.device);
	put_journey(a, w);
	return ledger_commit(a->station.site->ledger, w, &a->entry, f);
}

enum err
records_refused(struct acceptance *a, struct fault *f)
{
	struct json_writer *w = ledger_entry(a->station.site->ledger, "refused", a->request.now);
	char shown[4 * sizeof(a->j.fault.at)];
	enum err e = OK;

	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	if (a->j.has_header)
		json_put_string(w, "claims", a->j.header.vendor);
	if (a->j.seal != NULL) {
		json_put_string(w, "vendor", a->j.seal->vendor);
		json_put_string(w, "customer", a->j.seal->customer);
		json_put_uint(w, "number", a->j.seal->number);
		json_put_uint(w, "volume", a->j.seal->volume);
		json_put_digest(w, "seal", &a->j.seal->digest);
		json_put_uint(w, "kept", a->j.blocks.kept);
		if (a->j.blocks.bad.count > 0)
			extents_json(w, &a->j.blocks.bad);
	}
	json_put_uint(w, "status", (uint64_t)err_status(a->j.verdict));
	json_put_string(w, "verdict", judgement_verdict(&a->j));
	json_put_string(w, "reason", err_code(a->j.verdict));
	json_put_string(w, "where", name_show(shown, sizeof(shown), a->j.fault.at));
	if (a->j.has_area && err_status(a->j.verdict) != 1)
		e = keep(a, w, "seal", "record", "record_digest", a->j.area, SEAL_SIZE, f);
	if (e != OK || (e = keep_evaluation(a, w, f)) != OK) {
		json_writer_free(w);
		return e;
	}
	report_device(w, &a->j.device);
	put_journey(a, w);
	return ledger_commit(a->station.site->ledger, w, &a->entry, f);
}

static void
fill_receipt(const struct acceptance *a, struct receipt *r)
{
	static const char *const STATE[] = { "ok", "failed", "not checked", "-" };
	const struct judgement *j = &a->j;
	int status = err_status(j->verdict);
	size_t i;

	*r = (struct receipt){ .site = a->station.site->id,
		.vendor = j->trust->vendor,
		.customer = site_vendor(a->station.site, j->trust->vendor)->customer,
		.status = (uint64_t)status,
		.verdict = judgement_verdict(j),
		.reason = err_code(j->verdict),
		.at = a->request.now,
		.by = a->journey.by == NULL ? "" : a->journey.by,
		.via = a->journey.via == NULL ? "" : a->journey.via,
		.place = a->journey.place == NULL ? "" : a->journey.place,
		.missing = a->missing,
		.ledger = a->station.site->ledger->checkpoint };
	for (i = 0; i < j->check_count && r->check_count < 32; i++)
		r->check[r->check_count++] = (struct receipt_check){ j->check[i].step,
		    STATE[j->check[i].state], j->check[i].name };
	if (j->seal == NULL)
		return;
	r->number = j->seal->number;
	r->seal = j->seal->digest;
	for (i = 0; i < j->seal->release_count; i++)
		r->release[r->release_count++] = (struct receipt_release){ j->seal->release[i].id,
		    j->seal->release[i].digest, release_status(a, i) };
}

enum err
records_receipt(struct acceptance *a, struct fault *f)
{
	static struct receipt r;
	char *text;
	size_t len;
	enum err e;

	fill_receipt(a, &r);
	if (records_staged(a))
		sequel_receipt_path(r.vendor, r.customer, r.number, a->receipt,
		    sizeof(a->receipt));
	else if (a->j.verdict == ERR_INCOMPLETE)
		sequel_incomplete_path(r.vendor, r.customer, r.number, a->receipt,
		    sizeof(a->receipt));
	else
		(void)snprintf(a->receipt, sizeof(a->receipt), "out/%s/%s-refused-%llu.receipt",
		    r.vendor, r.customer, (unsigned long long)a->entry);
	if ((e = station_out(&a->station, r.vendor, f)) != OK ||
	    (e = receipt_print(&r, &text, &len)) != OK)
		return err_fault(f, e, "receipt");
	e = station_sign(&a->station, "receipt@waxseal", a->receipt, text, len, f);
	free(text);
	return e;
}

