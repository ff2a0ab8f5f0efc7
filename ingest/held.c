/*
 * held: see held.h.
 */
#include "ingest/held.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/library.h"
#include "verify/room.h"

struct search {
	const struct site *site;
	struct held_list *out;
};

static enum err
add(struct held_list *l, const struct json_node *entry, struct json *j, const char *id)
{
	struct held *more = room_for_one(l->item, l->count, sizeof(*more));

	if (more == NULL)
		return ERR_MEMORY;
	l->item = more;
	more += l->count++;
	(void)snprintf(more->release, sizeof(more->release), "%s:%s",
	    json_get_string(j, entry, "vendor", 1, LIMIT_ID), id);
	(void)snprintf(more->customer, sizeof(more->customer), "%s",
	    json_get_string(j, entry, "customer", 1, LIMIT_ID));
	more->number = json_get_uint(j, entry, "number", 1, LIMIT_NUMBER);
	return OK;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	const struct search *s = arg;
	const struct json_node *list, *r;
	size_t i;

	(void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "accepted") != 0 ||
	    site_lost(s->site, number))
		return OK;
	list = json_get_array(j, o, "releases", 1, LIMIT_RELEASES);
	for (i = 0; i < json_count(list); i++) {
		r = json_get_object_at(j, list, i);
		if (strcmp(json_get_string(j, r, "status", 1, LIMIT_TEXT), "held") == 0 &&
		    add(s->out, o, j, json_get_string(j, r, "id", 1, LIMIT_RELEASE_ID)) != OK)
			return ERR_MEMORY;
	}
	return ledger_sense(j);
}

/* Keep those that are held still.  What is not in the stage any more is not known as a release. */
static enum err
keep_open(struct held_list *l, const struct library *library, struct fault *f)
{
	struct fault unknown;
	enum fit_outcome outcome;
	size_t i, kept = 0, release;
	enum err e;

	for (i = 0; i < l->count; i++) {
		release = library_find(library, l->item[i].release, &unknown);
		if (release == FIT_NONE)
			continue;
		if ((e = library_outcome(library, release, &outcome)) != OK)
			return err_fault(f, e, "%s", l->item[i].release);
		if (outcome == FIT_HELD)
			l->item[kept++] = l->item[i];
	}
	l->count = kept;
	return OK;
}

enum err
held_load(struct held_list *out, const struct station *st, struct fault *f)
{
	struct search s = { .site = st->site, .out = out };
	struct library library;
	enum err e;

	*out = (struct held_list){ .count = 0 };
	if ((e = ledger_each(st->site->ledger, take_entry, &s, f)) != OK || out->count == 0)
		return e;
	if ((e = library_open(&library, st, NULL, 0, f)) == OK)
		e = keep_open(out, &library, f);
	library_free(&library);
	return e;
}

void
held_free(struct held_list *l)
{
	free(l->item);
	*l = (struct held_list){ .count = 0 };
}
