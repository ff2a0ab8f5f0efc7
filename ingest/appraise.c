/*
 * appraise: does the consignment fit the systems of this site?  SPEC V11, "Fit".
 */
#include <stdio.h>
#include <stdlib.h>

#include "ingest/acceptance.h"
#include "ingest/table.h"

/* Was it announced? */
static void
note_announcement(struct acceptance *a, const struct library *l, const struct release *r)
{
	const struct notice *n = news_notice(&l->known.news, r->vendor, r->id);
	char when[TIME_TEXT] = "";

	if (n == NULL) {
		judgement_note(&a->j, "V11", "notice", CHECK_REMARK, OK, "%s:%s was not announced",
		    r->vendor, r->id);
		return;
	}
	time_print_short(n->issued, when);
	judgement_note(&a->j, "V11", "notice", CHECK_REMARK, OK, "%s:%s %s notice %llu of %.10s%s",
	    r->vendor, r->id, n->withdrawal ? "was withdrawn by" : "was announced by",
	    (unsigned long long)n->sequence, when,
	    digest_equal(&n->release.digest, &r->digest) ? "" : ", with other contents");
}

/* One release: what becomes of it, a line among the checks, and its table. */
static enum err
appraise_release(struct acceptance *a, const struct library *l, size_t i, struct json_writer *w)
{
	const struct release *r = a->j.release[i].release;
	const struct library_guest guest = library_guest_of(r);
	const size_t release = library_guest_find(l, &guest);
	enum fit_outcome *outcome = &a->fit.outcome[i];
	char line[TABLE_LINE];
	enum err e;

	if ((e = library_outcome(l, release, outcome)) != OK ||
	    (e = table_line(l, release, line)) != OK || (e = table_json(w, l, release)) != OK)
		return e;
	a->fit.held |= *outcome == FIT_HELD;
	(void)snprintf(a->fit.why, sizeof(a->fit.why), "%s", line);
	judgement_note(&a->j, "V11", "fit", *outcome == FIT_FOR_SOME ? CHECK_OK : CHECK_REMARK, OK,
	    "%s %s", fit_release_name(l->fit, release), line);
	note_announcement(a, l, r);
	return OK;
}

static enum err
none_fits(struct acceptance *a, struct fault *f)
{
	size_t i;

	for (i = 0; i < a->j.seal->release_count; i++)
		if (a->fit.outcome[i] != FIT_FOR_NONE)
			return OK;
	return err_fault(f, ERR_FIT, "%s; see ingest fit", a->j.seal->release_count == 1 ?
	    a->fit.why : "none of the releases");
}

enum err
appraise_consignment(struct acceptance *a, struct fault *f)
{
	struct library_guest guest[LIMIT_RELEASES];
	struct json_writer *w = json_writer_new();
	struct library l;
	size_t i;
	enum err e, printed;

	for (i = 0; i < a->j.seal->release_count; i++)
		guest[i] = library_guest_of(a->j.release[i].release);
	e = library_open(&l, &a->station, guest, i, f);
	json_open_array(w, "releases");
	for (i = 0; e == OK && i < a->j.seal->release_count; i++)
		if ((e = appraise_release(a, &l, i, w)) != OK)
			(void)err_fault(f, e, "%s", a->j.seal->release[i].id);
	library_free(&l);
	printed = json_finish(w, 1, &a->fit.text, &a->fit.len);
	if (e == OK && printed != OK)
		e = err_fault(f, printed, "what fits");
	return e == OK ? none_fits(a, f) : e;
}

void
appraise_free(struct acceptance *a)
{
	free(a->fit.text);
	a->fit = (struct appraisal){ .text = NULL };
}
