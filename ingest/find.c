/*
 * find: the releases of all vendors that fix something.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "formats/form.h"
#include "formats/name.h"
#include "ingest/commands.h"
#include "ingest/known.h"
#include "ingest/query.h"
#include "verify/report.h"

/* Names of flaws are written in any case. */
static bool
is_fixed(const struct known_release *r, const char *name)
{
	const struct json_node *list = form_list(r->summary.json, r->summary.node, "fixes");
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++)
		if (strcasecmp(json_get_string_at(r->summary.json, list, i, 1, LIMIT_TEXT),
		    name) == 0)
			return true;
	return false;
}

static void
put_one(struct json_writer *w, const struct known_release *r)
{
	json_open_object(w, NULL);
	json_put_string(w, "release", r->name);
	json_put_string(w, "kind", r->summary.kind);
	json_put_string(w, "severity", r->summary.severity);
	json_put_string(w, "title", r->summary.title);
	json_put_string(w, "stage", r->staged != NULL ? r->staged->stage : "");
	if (r->catalogue != NULL)
		json_put_uint(w, "catalogue", r->catalogue->number);
	if (r->notice != NULL)
		json_put_uint(w, "notice", r->notice->sequence);
	json_put_bool(w, "withdrawn", r->notice != NULL && r->notice->withdrawal);
	json_close(w);
}

static void
print_one(const struct known_release *r)
{
	char title[4 * LIMIT_TEXT + 1];

	(void)printf("  %-40s %s%s\n      %s\n      %s", r->name,
	    r->staged != NULL ? "in the stage" : "NOT HERE",
	    r->notice != NULL && r->notice->withdrawal ? ", WITHDRAWN" : "",
	    name_show(title, sizeof(title), r->summary.title),
	    r->staged != NULL ? r->staged->stage : "told by its vendor");
	if (r->catalogue != NULL)
		(void)printf("; catalogue %" PRIu64, r->catalogue->number);
	if (r->notice != NULL)
		(void)printf("; notice %" PRIu64, r->notice->sequence);
	(void)printf("\n");
}

static int
show(const struct known *k, const char *name, bool json)
{
	struct json_writer *w = json ? json_writer_new() : NULL;
	char text[4 * LIMIT_TEXT + 1];
	size_t shown = 0;

	json_put_string(w, "fixes", name);
	json_open_array(w, "releases");
	for (size_t i = 0; i < k->count; i++) {
		if (!is_fixed(&k->release[i], name))
			continue;
		shown++;
		if (json)
			put_one(w, &k->release[i]);
		else
			print_one(&k->release[i]);
	}
	json_close(w);
	if (json)
		return report_print_json(w, 0);
	if (shown == 0)
		(void)printf("  No release that is known here fixes %s.\n",
		    name_show(text, sizeof(text), name));
	return 0;
}

static int
answer(struct query *q, struct fault *f)
{
	const char *name = *(const char *const *)q->own;
	struct known k;
	int status = 1;

	if (name == NULL) {
		(void)err_fault(f, ERR_USAGE,
		    "--fixes: what is to be fixed, such as CVE-2026-1234");
		return 2;
	}
	if (known_load(&k, &q->station, f) == OK)
		status = show(&k, name, q->json);
	known_free(&k);
	return status;
}

int
find_run(int argc, char **argv)
{
	const char *fixes = NULL;
	const struct option option = { "fixes", OPTION_VALUE, &fixes };

	return query_run_own(argc, argv, 0, option, &fixes, "find takes no arguments but --fixes",
	    answer);
}
