/*
 * json_tree: what a struct json is, for json.c and json_parse.c.
 */
#ifndef FORMATS_JSON_TREE_H
#define FORMATS_JSON_TREE_H

#include <jansson.h>

#include "formats/err.h"

struct json {
	json_t *root;
	struct fault fault;
};

/*
 * What scan_json's weight must be for the text of ${root}, which is at most LIMIT_JSON_DEPTH deep:
 * jansson 2.14 loses a key or a character that it has no memory for, and goes on.
 */
uint64_t json_parse_weigh(json_t *root);

#endif
