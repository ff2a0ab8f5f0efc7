/*
 * form: which members an object has and in which form, as a table: what release, notice and
 * catalogue are checked by.
 */
#ifndef FORMATS_FORM_H
#define FORMATS_FORM_H

#include "formats/json.h"

/* Stands in a draft where only a person knows what belongs there. */
#define FORM_PLACEHOLDER "FILL IN: "

enum form {
	FORM_OTHER,		/* the caller looks at it */
	FORM_TEXT,		/* 1..LIMIT_TEXT bytes, no placeholder */
	FORM_NOTE,		/* 0..LIMIT_TEXT bytes */
	FORM_LONG_NOTE,		/* 0..LIMIT_LONG_TEXT bytes */
	FORM_WORD,		/* one of .words */
	FORM_VENDOR_ID,
	FORM_RELEASE_ID,
	FORM_NUMBER,		/* 1..LIMIT_INTEGER */
	FORM_MOMENT,
	FORM_DIGEST,
	FORM_TEXTS,		/* a list of TEXT */
	FORM_RELATIONS,		/* a list of "vendor:id" */
	FORM_PACKAGE,		/* a package URL without version */
	FORM_PACKAGES,		/* a list of package URLs with version */
	FORM_RANGE,		/* of versions */
	FORM_OBJECT,		/* of .members, none of which is an object */
	FORM_OBJECTS,		/* a list of such */
};

struct form_member {
	const char *key;
	enum form form;
	bool must;
	const char *const *words;		/* up to NULL */
	const struct form_member *members;	/* up to one without a key */
};

/*
 * form_check(j, o, members, e):
 * Stick in ${j} what is wrong with ${o}: ERR_JSON_* for keys, types and sizes, ${e} for what the
 * form itself forbids.
 */
void form_check(struct json *j, const struct json_node *o, const struct form_member *members,
    enum err e);

/* The list ${key} of ${o}, which was checked; NULL when it is not there. */
const struct json_node *form_list(struct json *j, const struct json_node *o, const char *key);

/* What a release says and what is said of it have in common. */
extern const char *const form_kinds[], *const form_severities[], *const form_rules[],
    *const form_restarts[];
extern const struct form_member form_applies_to[], form_compat[];

#endif
