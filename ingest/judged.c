/*
 * judged: see judged.h.
 */
#include "ingest/judged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/room.h"

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct judged_list *l = arg;
	struct judged *more;

	(void)line, (void)len;
	if (strcmp(json_get_string(j, o, "what", 1, LIMIT_TEXT), "judged") != 0)
		return OK;
	if ((more = room_for_one(l->item, l->count, sizeof(*more))) == NULL)
		return ERR_MEMORY;
	l->item = more;
	more += l->count++;
	*more = (struct judged){ .entry = number, .fits = json_get_bool(j, o, "fits") };
	(void)snprintf(more->release, sizeof(more->release), "%s",
	    json_get_string(j, o, "release", 1, sizeof(more->release) - 1));
	if (json_has(o, "system"))
		(void)snprintf(more->system, sizeof(more->system), "%s",
		    json_get_string(j, o, "system", 1, LIMIT_ID));
	(void)snprintf(more->by, sizeof(more->by), "%s",
	    json_get_string(j, o, "by", 1, LIMIT_TEXT));
	(void)snprintf(more->reason, sizeof(more->reason), "%s",
	    json_get_string(j, o, "reason", 1, LIMIT_TEXT));
	return ledger_sense(j);
}

enum err
judged_load(struct judged_list *out, const struct ledger *l, struct fault *f)
{
	enum err e;

	*out = (struct judged_list){ .count = 0 };
	if ((e = ledger_each(l, take_entry, out, f)) != OK)
		judged_free(out);
	return e;
}

void
judged_free(struct judged_list *l)
{
	free(l->item);
	*l = (struct judged_list){ .count = 0 };
}

const struct judged *
judged_find(const struct judged_list *l, const char *release, const char *system)
{
	size_t i;

	for (i = l->count; i-- > 0;)
		if (strcmp(l->item[i].release, release) == 0 && (*l->item[i].system == '\0' ||
		    strcmp(l->item[i].system, system) == 0))
			return &l->item[i];
	return NULL;
}
