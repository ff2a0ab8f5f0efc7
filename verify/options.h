/*
 * options: long options (and a few letters), exact names, each once.
 */
#ifndef VERIFY_OPTIONS_H
#define VERIFY_OPTIONS_H

#include "formats/err.h"

#define OPTIONS_MAX 64u

struct options_list {
	size_t count;
	const char *item[OPTIONS_MAX];
};

enum option_kind { OPTION_FLAG, OPTION_VALUE, OPTION_LIST };

struct option {
	const char *
	    name; /* without hyphens: two before a word, one before a letter; NULL ends the table */
	enum option_kind kind;
	void *to; /* bool *, const char **, struct options_list * (the only one that may be
		     repeated) */
};

/*
 * Take the options out of ${argv}[0..argc): what is left are the ${args}.  "--name VALUE" and
 * "--name=VALUE" are the same, "-o VALUE" is one letter; "--" ends the options; a lone "-" is an
 * argument.  ERR_USAGE says what is wrong; a flag --json is taken then, too, wherever it stands.
 */
enum err options_parse(int argc, char **argv, const struct option *table, struct options_list *args,
    struct fault *f) MUST_USE;

#endif
