/*
 * sources: see sources.h.
 */
#include "ingest/sources.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "verify/report.h"
#include "verify/room.h"

#define NAME 128	/* claims are escaped and cut when they are recorded */

struct tally {
	uint64_t count;
	struct moment last;
};

struct source {
	char name[NAME];		/* "": nobody was named */
	struct tally media_good, media_refused, notices_good, notices_refused;
	char reason[64];		/* of the last refusal */
	size_t ways;
	char (*way)[LIMIT_TEXT + 1];	/* how they came, each once */
};

struct sources {
	size_t count;
	struct source *source;
};

static void
free_all(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->source[i].way);
	free(s->source);
}

/* NULL: no memory. */
static struct source *
find_or_add(struct sources *s, const char *name)
{
	struct source *more;

	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->source[i].name, name) == 0)
			return &s->source[i];
	if ((more = room_for_one(s->source, s->count, sizeof(*more))) == NULL)
		return NULL;
	s->source = more;
	more += s->count++;
	*more = (struct source){ .ways = 0 };
	(void)snprintf(more->name, sizeof(more->name), "%s", name);
	return more;
}

static enum err
add_way(struct source *s, const char *via)
{
	char (*more)[LIMIT_TEXT + 1];

	for (size_t i = 0; i < s->ways; i++)
		if (strcmp(s->way[i], via) == 0)
			return OK;
	if ((more = room_for_one(s->way, s->ways, sizeof(*more))) == NULL)
		return ERR_MEMORY;
	s->way = more;
	(void)snprintf(more[s->ways++], sizeof(*more), "%s", via);
	return OK;
}

/* Which of its four counts an entry belongs to; NULL: none. */
static struct tally *
tally_of(struct source *s, const char *what)
{
	if (strcmp(what, "accepted") == 0 || strcmp(what, "waiting") == 0)
		return &s->media_good;
	if (strcmp(what, "refused") == 0)
		return &s->media_refused;
	if (strcmp(what, "notice") == 0 || strcmp(what, "catalogue") == 0)
		return &s->notices_good;
	return strcmp(what, "notice-refused") == 0 ? &s->notices_refused : NULL;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	struct source probe = { .ways = 0 }, *s;
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT), *name = "";
	struct tally *t;

	(void)number, (void)line, (void)len;
	if (tally_of(&probe, what) == NULL)
		return OK;
	/* This computer failed: that says nothing of who sent it. */
	if (strcmp(what, "refused") == 0 &&
	    json_get_uint(j, o, "status", 0, 255) == (uint64_t)err_status(ERR_IO))
		return ledger_sense(j);
	if (json_has(o, "claims"))
		name = json_get_string(j, o, "claims", 0, NAME - 1);
	else if (json_has(o, "vendor"))
		name = json_get_string(j, o, "vendor", 0, LIMIT_ID);
	if ((s = find_or_add(arg, name)) == NULL)
		return ERR_MEMORY;
	t = tally_of(s, what);
	t->count++;
	t->last = json_get_moment(j, o, "time");
	if (t == &s->media_refused || t == &s->notices_refused)
		(void)snprintf(s->reason, sizeof(s->reason), "%s",
		    json_get_string(j, o, "reason", 1, sizeof(s->reason) - 1));
	if (json_has(o, "via") && add_way(s, json_get_string(j, o, "via", 0, LIMIT_TEXT)) != OK)
		return ERR_MEMORY;
	return ledger_sense(j);
}

static struct moment
later(const struct tally *a, const struct tally *b)
{
	return a->last.seconds > b->last.seconds ? a->last : b->last;
}

static int
show_json(const struct site *site, const struct sources *all)
{
	struct json_writer *w = json_writer_new();

	json_open_array(w, "sources");
	for (size_t i = 0; i < all->count; i++) {
		const struct source *s = &all->source[i];

		json_open_object(w, NULL);
		json_put_string(w, "vendor", s->name);
		json_put_bool(w, "trusted", site_vendor(site, s->name) != NULL);
		json_put_uint(w, "media_good", s->media_good.count);
		json_put_uint(w, "media_refused", s->media_refused.count);
		json_put_uint(w, "notices_good", s->notices_good.count);
		json_put_uint(w, "notices_refused", s->notices_refused.count);
		if (s->media_good.count + s->notices_good.count > 0)
			json_put_moment(w, "last_good", later(&s->media_good, &s->notices_good));
		if (*s->reason != '\0') {
			json_put_moment(w, "last_refused",
			    later(&s->media_refused, &s->notices_refused));
			json_put_string(w, "last_reason", s->reason);
		}
		json_open_array(w, "via");
		for (size_t k = 0; k < s->ways; k++)
			json_put_string(w, NULL, s->way[k]);
		json_close(w);
		json_close(w);
	}
	json_close(w);
	return report_print_json(w, 0);
}

static void
print_source(const struct site *site, const struct source *s)
{
	char when[TIME_TEXT], text[4 * LIMIT_TEXT + 1];

	(void)printf("  %-27s %s\n", *s->name == '\0' ? "(no name)" :
	    name_show(text, sizeof(text), s->name),
	    site_vendor(site, s->name) != NULL ? "trusted" : "NOT TRUSTED");
	(void)printf("      media    %" PRIu64 " good, %" PRIu64 " refused\n"
	    "      notices  %" PRIu64 " good, %" PRIu64 " refused\n", s->media_good.count,
	    s->media_refused.count, s->notices_good.count, s->notices_refused.count);
	if (s->media_good.count + s->notices_good.count > 0) {
		time_print_short(later(&s->media_good, &s->notices_good), when);
		(void)printf("      good     last %s\n", when);
	}
	if (*s->reason != '\0') {
		time_print_short(later(&s->media_refused, &s->notices_refused), when);
		(void)printf("      refused  last %s (%s)\n", when, s->reason);
	}
	for (size_t i = 0; i < s->ways; i++)
		(void)printf("      %-8s %s\n", i == 0 ? "came by" : "",
		    name_show(text, sizeof(text), s->way[i]));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

int
sources_show(const struct query *q, struct fault *f)
{
	struct sources all = { .count = 0 };
	int status = 0;

	if (ledger_each(q->station.site->ledger, take_entry, &all, f) != OK) {
		free_all(&all);
		return 1;
	}
	if (all.count > 1)
		qsort(all.source, all.count, sizeof(*all.source), by_name);
	if (q->json)
		status = show_json(q->station.site, &all);
	for (size_t i = 0; !q->json && i < all.count; i++)
		print_source(q->station.site, &all.source[i]);
	if (!q->json && all.count == 0)
		(void)printf("  Nothing was offered yet.\n");
	free_all(&all);
	return status;
}
