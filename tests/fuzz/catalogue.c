/* The list of current releases, and how they relate. */
#include "formats/catalogue.h"
#include "formats/name.h"
#include "formats/relations.h"
#include "tests/fuzz/fuzz.h"

/* Whatever leads where, every question has an answer, and the order is one. */
static void
relate(const struct catalogue *c)
{
	struct relations *r = relations_new();
	size_t *out, n, count, i;
	bool *present;

	HOLD(r != NULL);
	for (i = 0; i < c->count; i++)
		HOLD(relations_add(r, c->vendor, c->release[i].id, c->json, c->release[i].node) ==
		    OK);
	HOLD(relations_ready(r) == OK);
	count = relations_count(r);
	HOLD(count >= c->count);
	out = calloc(count + 1, sizeof(*out));
	present = calloc(count + 1, sizeof(*present));
	HOLD(out != NULL && present != NULL);
	for (i = 0; i < count && i < 50; i++) {
		HOLD(relations_find(r, relations_name(r, i)) == i);
		HOLD(relations_reach(r, i, RELATIONS_OLDER, false, out, &n) == OK && n < count);
		HOLD(relations_reach(r, i, RELATIONS_REPLACES, true, out, &n) == OK && n < count);
		HOLD(relations_conflicts(r, i, out, &n) == OK && n < count);
		HOLD(relations_missing(r, i, present, out, &n) == OK && n < count);
		present[i] = i % 3 == 0;
	}
	(void)relations_circle(r, &n);
	HOLD(n <= count);
	for (i = 0; i < count; i++)
		out[i] = i;
	relations_order(r, out, count);
	memset(present, 0, count);
	for (i = 0; i < count; i++) {
		HOLD(!present[out[i]]);
		present[out[i]] = true;
	}
	free(present);
	free(out);
	relations_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct trust t = { .name = "E", .telephone = "" };
	struct catalogue *c;
	struct document doc;
	char *text;
	size_t len;

	if (document_split_unsigned(data, size, &doc) != OK ||
	    catalogue_parse(&c, &doc, NULL, NULL) != OK)
		return 0;
	HOLD(name_id_ok(c->vendor) && c->number >= 1);
	for (size_t i = 0; i < c->count; i++)
		HOLD(catalogue_find(c, c->release[i].id) == &c->release[i]);
	relate(c);
	HOLD(catalogue_text(c, &t, &text, &len) == OK);
	free(text);
	catalogue_free(c);
	return 0;
}
