/*
 * Tests of verify/options: exact names, each once, and nothing guessed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "verify/options.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define ARGV 8

struct result {
	bool json, quiet;
	const char *home, *letter;
	struct options_list key, args;
};

static enum err
parse(int argc, char **argv, struct result *r, struct fault *f)
{
	const struct option table[] = {
		{ "json", OPTION_FLAG, &r->json },
		{ "home", OPTION_VALUE, &r->home },
		{ "key", OPTION_LIST, &r->key },
		{ "o", OPTION_VALUE, &r->letter },
		{ "q", OPTION_FLAG, &r->quiet },
		{ NULL, OPTION_FLAG, NULL },
	};

	*r = (struct result){ .json = false };
	return options_parse(argc, argv, table, &r->args, f);
}

/* "json quiet home=X o=X key=X,Y args=A,B": what was taken. */
static void
describe(const struct result *r, char *out, size_t cap)
{
	const struct { const char *name; const struct options_list *list; } lists[] = {
		{ "key", &r->key }, { "args", &r->args },
	};
	size_t n = (size_t)snprintf(out, cap, "%s%s%s%s%s%s", r->json ? "json " : "",
	    r->quiet ? "quiet " : "", r->home != NULL ? "home=" : "",
	    r->home != NULL ? r->home : "",
	    r->letter != NULL ? " o=" : "", r->letter != NULL ? r->letter : "");

	for (size_t l = 0; l < COUNT(lists); l++)
		for (size_t i = 0; i < lists[l].list->count; i++)
			n += (size_t)snprintf(out + n, cap - n, "%s%s%s", i == 0 ? " " : ",",
			    i == 0 ? lists[l].name : "", i == 0 ? "=" : "") +
			    (size_t)snprintf(out + strlen(out), cap - strlen(out), "%s",
			    lists[l].list->item[i]);
}

static int
split(const char *const words[ARGV], char *argv[ARGV + 1], char copy[ARGV][64])
{
	int argc = 0;

	for (; argc < ARGV && words[argc] != NULL; argc++) {
		snprintf(copy[argc], 64, "%s", words[argc]);
		argv[argc] = copy[argc];
	}
	argv[argc] = NULL;
	return argc;
}

static void
taken(void **state)
{
	static const struct {
		const char *argv[ARGV];
		const char *want;
	} table[] = {
		{ { NULL }, "" },
		{ { "a", "b" }, " args=a,b" },
		{ { "--json" }, "json " },
		{ { "a", "--json", "b" }, "json  args=a,b" },
		{ { "--home", "X" }, "home=X" },
		{ { "--home=X" }, "home=X" },
		{ { "--home=" }, "home=" },
		{ { "--home", "" }, "home=" },
		{ { "--home=a=b" }, "home=a=b" },
		{ { "--home", "--json" }, "home=--json" },
		{ { "--home", "--" }, "home=--" },
		{ { "--home", "-" }, "home=-" },
		{ { "-o", "X" }, " o=X" },
		{ { "-o", "-q" }, " o=-q" },
		{ { "-q", "a" }, "quiet  args=a" },
		{ { "--key", "X", "--key=Y", "--key", "X" }, " key=X,Y,X" },
		{ { "--key", "X", "a", "--key", "Y" }, " key=X,Y args=a" },
		/* a lone hyphen, and what stands behind two */
		{ { "-" }, " args=-" },
		{ { "-", "--json", "-" }, "json  args=-,-" },
		{ { "--", "--json", "-o", "-x", "--", "-" }, " args=--json,-o,-x,--,-" },
		{ { "--json", "--" }, "json " },
		{ { "a", "--", "b" }, " args=a,b" },
		{ { "", "a" }, " args=,a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char copy[ARGV][64], *argv[ARGV + 1], got[512];
		struct fault f = { .at = "" };
		struct result r;
		int argc = split(table[i].argv, argv, copy);

		if (parse(argc, argv, &r, &f) != OK)
			fail_msg("row %zu: %s", i, f.at);
		describe(&r, got, sizeof got);
		assert_string_equal(got, table[i].want);
	}
}

static void
refused(void **state)
{
	static const struct {
		const char *argv[ARGV];
		const char *says;
	} table[] = {
		{ { "--jso" }, "--jso" },
		{ { "--jsonx" }, "--jsonx" },
		{ { "--JSON" }, "--JSON" },
		{ { "--ho=X" }, "--ho=X" },
		{ { "--=X" }, "--=X" },
		{ { "--json=yes" }, "takes no value" },
		{ { "--json=" }, "takes no value" },
		{ { "--json", "--json" }, "twice" },
		{ { "--home", "a", "--home", "b" }, "twice" },
		{ { "--home=a", "--home=a" }, "twice" },
		{ { "-q", "-q" }, "twice" },
		{ { "--home" }, "needs a value" },
		{ { "a", "--key" }, "needs a value" },
		{ { "-o" }, "needs a value" },
		{ { "-x" }, "-x" },
		{ { "-=" }, "-=" },
		{ { "-oX" }, "-oX" },
		{ { "-o=X" }, "-o=X" },
		{ { "-qo" }, "-qo" },
		{ { "-json" }, "-json" },
		{ { "-home", "X" }, "-home" },
		{ { "---json" }, "---json" },
		/* two hyphens before a word, one before a letter */
		{ { "--o", "X" }, "--o" },
		{ { "--q" }, "--q" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char copy[ARGV][64], *argv[ARGV + 1];
		struct fault f = { .at = "" };
		struct result r;
		int argc = split(table[i].argv, argv, copy);

		if (parse(argc, argv, &r, &f) != ERR_USAGE)
			fail_msg("%s is accepted", argv[0]);
		assert_int_equal(f.err, ERR_USAGE);
		assert_non_null(strstr(f.at, table[i].says));
		assert_int_equal(parse(argc, argv, &r, NULL), ERR_USAGE);
	}
}

/* As many arguments, and as many of a list, as fit; then one more. */
static void
limits(void **state)
{
	static char name[] = "--key", value[] = "v";
	char *argv[2 * OPTIONS_MAX + 2];
	struct result r;

	(void)state;
	for (size_t i = 0; i <= OPTIONS_MAX; i++)
		argv[i] = value;
	assert_int_equal(parse((int)OPTIONS_MAX, argv, &r, NULL), OK);
	assert_int_equal(r.args.count, OPTIONS_MAX);
	assert_int_equal(parse((int)OPTIONS_MAX + 1, argv, &r, NULL), ERR_USAGE);
	for (size_t i = 0; i <= OPTIONS_MAX; i++) {
		argv[2 * i] = name;
		argv[2 * i + 1] = value;
	}
	assert_int_equal(parse(2 * (int)OPTIONS_MAX, argv, &r, NULL), OK);
	assert_int_equal(r.key.count, OPTIONS_MAX);
	assert_int_equal(parse(2 * (int)OPTIONS_MAX + 2, argv, &r, NULL), ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
