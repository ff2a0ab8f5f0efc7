/*
 * table: see table.h.
 */
#include "ingest/table.h"

#include <string.h>

#include "formats/form.h"
#include "formats/name.h"

#define SHOWN 512

static const char *
outcome_code(enum fit_outcome outcome)
{
	return outcome == FIT_FOR_SOME ? "fits" : outcome == FIT_HELD ? "held" : "none";
}

/* A judgement stands beside the reason why it was needed. */
static void
print_row(FILE *out, const struct system *system, const struct fit_row *row,
    const struct judged *judged)
{
	const struct passport_component *c = row->component;
	char name[SHOWN], version[SHOWN], reason[2 * FIT_REASON], by[SHOWN], why[SHOWN];

	(void)fprintf(out, "    %-16s %-24s %-20s %-26s %s", system->name,
	    c == NULL ? "-" : name_show(name, sizeof(name), c->name),
	    c == NULL ? "-" : name_show(version, sizeof(version), c->version),
	    fit_words(row->verdict),
	    name_show(reason, sizeof(reason), row->reason));
	if (judged != NULL)
		(void)fprintf(out, "; judged by %s: %s (ledger %llu)",
		    name_show(by, sizeof(by), judged->by),
		    name_show(why, sizeof(why), judged->reason),
		    (unsigned long long)judged->entry);
	if ((fit_good(row->verdict) || fit_open(row->verdict)) && *system->tell != '\0')
		(void)fprintf(out, "; tell %s",
		    name_show(by, sizeof(by), system->tell));
	(void)fprintf(out, "\n");
}

/* One statement that a vendor makes of another one's patch; ${w} NULL: for people. */
static void
say_compat(FILE *out, struct json_writer *w, const struct known_release *by,
    const struct json_node *o)
{
	struct json *j = by->summary.json;
	const char *status = json_get_string(j, o, "status", 1, LIMIT_TEXT);
	const struct moment date = json_get_moment(j, o, "date");
	char when[TIME_TEXT];

	if (w != NULL) {
		json_open_object(w, NULL);
		json_put_string(w, "by", by->name);
		json_put_string(w, "status", status);
		json_put_moment(w, "date", date);
		json_close(w);
		return;
	}
	time_print_short(date, when);
	(void)fprintf(out, "    %s says of it: %s, %.10s\n", by->name, status, when);
}

/* What the releases that are known say of ${release} as a patch of somebody else. */
static void
say_compats(FILE *out, struct json_writer *w, const struct library *l, size_t release)
{
	const char *name = fit_release_name(l->fit, release);
	const struct json_node *list, *o;
	size_t i, k;

	for (i = 0; i < l->known.count; i++) {
		const struct known_release *by = &l->known.release[i];

		list = form_list(by->summary.json, by->summary.node, "compat");
		for (k = 0; k < json_count(list); k++) {
			o = json_get_object_at(by->summary.json, list, k);
			if (strcmp(json_get_string(by->summary.json, o, "patch", 1, LIMIT_TEXT),
			    name) == 0)
				say_compat(out, w, by, o);
		}
	}
}

enum err
table_print(FILE *out, const struct library *l, size_t release)
{
	const struct judged *judged;
	struct fit_row row;
	size_t i;
	enum err e;

	(void)fprintf(out, "  %s\n", fit_release_name(l->fit, release));
	for (i = 0; i < fit_systems(l->fit); i++) {
		if ((e = library_judge(l, release, i, &row, &judged)) != OK)
			return e;
		print_row(out, &l->systems.system[i], &row, judged);
	}
	if (i == 0)
		(void)fprintf(out,
		    "    No systems are registered here.  Next: ingest system add NAME\n");
	say_compats(out, NULL, l, release);
	return OK;
}

static void
put_text(struct json_writer *w, const char *key, const char *text)
{
	char shown[4 * LIMIT_PURL];

	json_put_string(w, key, name_show(shown, sizeof(shown), text));
}

enum err
table_json(struct json_writer *w, const struct library *l, size_t release)
{
	const struct judged *judged;
	enum fit_outcome outcome;
	struct fit_row row;
	size_t i;
	enum err e = library_outcome(l, release, &outcome);

	json_open_object(w, NULL);
	json_put_string(w, "release", fit_release_name(l->fit, release));
	json_put_string(w, "outcome", outcome_code(outcome));
	json_open_array(w, "systems");
	for (i = 0; e == OK && i < fit_systems(l->fit); i++) {
		if ((e = library_judge(l, release, i, &row, &judged)) != OK)
			break;
		json_open_object(w, NULL);
		json_put_string(w, "system", fit_system_name(l->fit, i));
		json_put_string(w, "verdict", fit_code(row.verdict));
		put_text(w, "reason", row.reason);
		put_text(w, "component", row.component == NULL ? "" : row.component->name);
		put_text(w, "installed", row.component == NULL ? "" : row.component->version);
		put_text(w, "needed", row.needed);
		json_put_uint(w, "judged", judged == NULL ? 0 : judged->entry);
		put_text(w, "tell", l->systems.system[i].tell);
		json_close(w);
	}
	json_close(w);
	json_open_array(w, "compat");
	say_compats(NULL, w, l, release);
	json_close(w);
	json_close(w);
	return e;
}

/* The systems of one kind of verdict, as "bed-1, hmi-3", at most as many as fit. */
static enum err
list_systems(const struct library *l, size_t release, bool (*which)(enum fit_verdict v),
    char *out, size_t cap, struct fit_row *last)
{
	struct fit_row row;
	size_t i, at;
	enum err e;

	*out = '\0';
	for (i = 0; i < fit_systems(l->fit); i++) {
		if ((e = library_judge(l, release, i, &row, NULL)) != OK)
			return e;
		if (which != NULL && !which(row.verdict))
			continue;
		*last = row;
		at = strlen(out);
		if (at + strlen(fit_system_name(l->fit, i)) + 8 > cap) {
			(void)snprintf(out + at, cap - at, ", ...");
			break;
		}
		(void)snprintf(out + at, cap - at, "%s%s", at > 0 ? ", " : "",
		    fit_system_name(l->fit, i));
	}
	return OK;
}

enum err
table_line(const struct library *l, size_t release, char out[static TABLE_LINE])
{
	char names[120], reason[2 * FIT_REASON] = "";
	enum fit_outcome outcome;
	struct fit_row last = { .reason = "" };
	enum err e = library_outcome(l, release, &outcome);

	if (e == OK)
		e = list_systems(l, release, outcome == FIT_FOR_SOME ? fit_good :
		    outcome == FIT_HELD ? fit_open : NULL, names, sizeof(names), &last);
	if (e != OK)
		return e;
	(void)name_show(reason, sizeof(reason), last.reason);
	if (outcome == FIT_FOR_SOME)
		(void)snprintf(out, TABLE_LINE, "fits %s", *names == '\0' ? "as judged" : names);
	else if (outcome == FIT_HELD && *names == '\0')
		(void)snprintf(out, TABLE_LINE,
		    "held: no systems are registered here; see ingest system add");
	else if (outcome == FIT_HELD)
		(void)snprintf(out, TABLE_LINE, "held for %s: %.120s", names, reason);
	else
		(void)snprintf(out, TABLE_LINE, "fits none of %s: %.120s", names, reason);
	return OK;
}
