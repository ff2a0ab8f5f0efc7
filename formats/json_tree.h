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

#endif
