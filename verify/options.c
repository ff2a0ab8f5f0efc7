/*
 * options: see options.h.
 */
#include "verify/options.h"

#include <string.h>

static const struct option *
find(const struct option *table, const char *name, size_t len, size_t *index)
{
	for (*index = 0; table[*index].name != NULL; (*index)++)
		if (strlen(table[*index].name) == len && memcmp(table[*index].name, name, len) == 0)
			return &table[*index];
	return NULL;
}

static enum err
take_value(const struct option *o, const char *value, struct fault *f)
{
	struct options_list *list = o->to;

	if (o->kind == OPTION_VALUE) {
		*(const char **)o->to = value;
		return OK;
	}
	if (list->count == OPTIONS_MAX)
		return err_fault(f, ERR_USAGE, "--%s: too many of them", o->name);
	list->item[list->count++] = value;
	return OK;
}

static enum err
take_option(const struct option *table, char **argv, int argc, int *i, uint64_t *seen,
    struct fault *f)
{
	const char *name = argv[*i] + (argv[*i][1] == '-' ? 2 : 1), *value = strchr(name, '=');
	size_t len = value == NULL ? strlen(name) : (size_t)(value - name), index;
	const struct option *o = find(table, name, len, &index);

	if (o == NULL || (argv[*i][1] == '-') != (len > 1))
		return err_fault(f, ERR_USAGE, "there is no option %s; see --help", argv[*i]);
	if ((*seen >> index & 1) != 0 && o->kind != OPTION_LIST)
		return err_fault(f, ERR_USAGE, "--%s is given twice", o->name);
	*seen |= UINT64_C(1) << index;
	if (o->kind == OPTION_FLAG) {
		if (value != NULL)
			return err_fault(f, ERR_USAGE, "--%s takes no value", o->name);
		*(bool *)o->to = true;
		return OK;
	}
	if (value != NULL)
		return take_value(o, value + 1, f);
	if (*i + 1 >= argc)
		return err_fault(f, ERR_USAGE, "--%s needs a value", o->name);
	return take_value(o, argv[++*i], f);
}

static enum err
parse(int argc, char **argv, const struct option *table, struct options_list *args,
    struct fault *f)
{
	bool ended = false;
	uint64_t seen = 0;
	enum err e;
	int i;

	args->count = 0;
	for (i = 0; i < argc; i++) {
		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (!ended && argv[i][0] == '-' && (argv[i][1] == '-' ||
		    (argv[i][1] != '\0' && argv[i][2] == '\0'))) {
			if ((e = take_option(table, argv, argc, &i, &seen, f)) != OK)
				return e;
		} else if (!ended && argv[i][0] == '-' && argv[i][1] != '\0') {
			return err_fault(
			    f, ERR_USAGE, "there is no option %s; see --help", argv[i]);
		} else if (args->count == OPTIONS_MAX) {
			return err_fault(f, ERR_USAGE, "too many arguments");
		} else {
			args->item[args->count++] = argv[i];
		}
	}
	return OK;
}

/* Whoever asked for JSON is told in JSON what is wrong, wherever the mistake stands. */
static void
take_json(int argc, char **argv, const struct option *table)
{
	size_t index;
	const struct option *o = find(table, "json", 4, &index);
	int i;

	for (i = 0; o != NULL && i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			*(bool *)o->to = true;
}

enum err
options_parse(int argc, char **argv, const struct option *table, struct options_list *args,
    struct fault *f)
{
	enum err e = parse(argc, argv, table, args, f);

	if (e != OK)
		take_json(argc, argv, table);
	return e;
}
