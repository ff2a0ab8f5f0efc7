/*
 * summary: what a vendor tells of a release before anybody has it: in a notice, and in each row of
 * a catalogue.  Its members are called as in the release.  SPEC, "notice/1".
 */
#ifndef FORMATS_SUMMARY_H
#define FORMATS_SUMMARY_H

#include "formats/json.h"
#include "formats/release.h"

struct summary {
	struct json *json;		/* owns the strings, and lives longer */
	const struct json_node *node;	/* the other members are read through it */
	const char *id, *product, *title, *kind, *severity;
	uint64_t sequence;		/* in its product */
	struct moment issued;		/* the release */
	struct digest digest;
};

/* Check and read the object ${o}; what is wrong sticks in ${j}, ${e} for what the form forbids. */
void summary_read(struct json *j, const struct json_node *o, enum err e, struct summary *out);

/* What is to be told of ${r}, as the object ${key} (NULL in an array). */
void summary_put(struct json_writer *w, const char *key, const struct release *r);

#endif
