/*
 * Tests of formats/relations and formats/graph.  Small worlds are written as one line a release:
 * "a requires b c; incorporates d".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "formats/relations.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define MOST 64

struct world {
	struct relations *r;
	struct json *json[MOST];
	size_t count;
};

/* {"requires": ["v:b", "v:c"], ...} of "a requires b c; ...": all are of the vendor v. */
static void
take(struct world *w, const char *line)
{
	char text[2000] = "{", copy[500], *save, *part, *word, *save2;
	const char *between = "";
	char id[64] = "";

	(void)snprintf(copy, sizeof copy, "%s", line);
	for (part = strtok_r(copy, ";", &save); part != NULL; part = strtok_r(NULL, ";", &save)) {
		word = strtok_r(part, " ", &save2);
		if (*id == '\0') {
			(void)snprintf(id, sizeof id, "%s", word);
			word = strtok_r(NULL, " ", &save2);
		}
		if (word == NULL)
			continue;
		sprintf(text + strlen(text), "%s\"%s\": [", between, word);
		between = "";
		while ((word = strtok_r(NULL, " ", &save2)) != NULL) {
			sprintf(text + strlen(text), "%s\"v:%s\"", between, word);
			between = ", ";
		}
		strcat(text, "]");
		between = ", ";
	}
	strcat(text, "}");
	assert_true(w->count < MOST);
	assert_int_equal(json_parse(&w->json[w->count], text, strlen(text), NULL), OK);
	assert_int_equal(relations_add(w->r, "v", id, w->json[w->count],
	    json_root(w->json[w->count])), OK);
	w->count++;
}

static struct world
world(const char *const *lines, size_t n)
{
	struct world w = { .r = relations_new() };

	assert_non_null(w.r);
	for (size_t i = 0; i < n; i++)
		take(&w, lines[i]);
	assert_int_equal(relations_ready(w.r), OK);
	return w;
}
#define WORLD(...) world((const char *const[]){ __VA_ARGS__ }, \
    COUNT(((const char *const[]){ __VA_ARGS__ })))

static void
end(struct world *w)
{
	relations_free(w->r);
	for (size_t i = 0; i < w->count; i++)
		json_free(w->json[i]);
}

static size_t
at(const struct world *w, const char *id)
{
	char name[80];
	size_t i;

	(void)snprintf(name, sizeof name, "v:%s", id);
	i = relations_find(w->r, name);
	assert_int_not_equal(i, RELATIONS_NONE);
	return i;
}

/* "a b c" of a list. */
static const char *
names(const struct world *w, const size_t *list, size_t n)
{
	static char text[500];

	*text = '\0';
	for (size_t i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s%s", i == 0 ? "" : " ",
		    strchr(relations_name(w->r, list[i]), ':') + 1);
	return text;
}

static const char *
reach(const struct world *w, const char *from, unsigned kinds, bool back)
{
	size_t out[MOST], n;

	assert_int_equal(relations_reach(w->r, at(w, from), kinds, back, out, &n), OK);
	return names(w, out, n);
}

static const char *
missing(const struct world *w, const char *release, const char *present)
{
	bool there[MOST] = { false };
	char copy[200], *save, *word;
	size_t out[MOST], n;

	(void)snprintf(copy, sizeof copy, "%s", present);
	for (word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		there[at(w, word)] = true;
	assert_int_equal(relations_missing(w->r, at(w, release), there, out, &n), OK);
	return names(w, out, n);
}

static const char *
order(const struct world *w, const char *list)
{
	char copy[200], *save, *word;
	size_t out[MOST], n = 0;

	(void)snprintf(copy, sizeof copy, "%s", list);
	for (word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		out[n++] = at(w, word);
	relations_order(w->r, out, n);
	return names(w, out, n);
}

static const char *
circle(const struct world *w)
{
	size_t n;
	const size_t *list = relations_circle(w->r, &n);

	return names(w, list, n);
}

static void
knowing(void **state)
{
	struct world w = WORLD("b requires a", "c", "b requires a; conflicts d");

	(void)state;
	assert_int_equal(relations_count(w.r), 4);
	assert_string_equal(relations_name(w.r, 0), "v:a");
	assert_string_equal(relations_name(w.r, 3), "v:d");
	assert_false(relations_known(w.r, at(&w, "a")));
	assert_true(relations_known(w.r, at(&w, "b")));
	assert_true(relations_known(w.r, at(&w, "c")));
	assert_false(relations_known(w.r, at(&w, "d")));
	assert_int_equal(relations_find(w.r, "v:e"), RELATIONS_NONE);
	assert_int_equal(relations_find(w.r, "b"), RELATIONS_NONE);
	end(&w);
	w = world(NULL, 0);
	assert_int_equal(relations_count(w.r), 0);
	assert_int_equal(relations_find(w.r, "v:a"), RELATIONS_NONE);
	assert_string_equal(circle(&w), "");
	end(&w);
	relations_free(NULL);
}

static void
reaching(void **state)
{
	/* d contains c contains a and b; e replaces d; f replaces what never was known */
	struct world w = WORLD("a", "b", "c incorporates a b", "d incorporates c",
	    "e supersedes d", "f supersedes x; requires a");
	const unsigned contains = 1u << RELATION_INCORPORATES;

	(void)state;
	assert_string_equal(reach(&w, "a", contains, true), "c d");
	assert_string_equal(reach(&w, "d", contains, false), "a b c");
	assert_string_equal(reach(&w, "e", contains, false), "");
	assert_string_equal(reach(&w, "a", RELATIONS_REPLACES, true), "c d e");
	assert_string_equal(reach(&w, "x", RELATIONS_REPLACES, true), "f");
	assert_string_equal(reach(&w, "a", RELATIONS_OLDER, true), "c d e f");
	assert_string_equal(reach(&w, "a", 1u << RELATION_REQUIRES, true), "f");
	assert_string_equal(reach(&w, "a", 0, true), "");
	end(&w);
}

static void
what_is_missing(void **state)
{
	struct world w = WORLD("a", "b requires a", "c requires b x", "all incorporates a b",
	    "more incorporates all", "new supersedes b", "e requires e f", "f requires e");

	(void)state;
	assert_string_equal(missing(&w, "a", ""), "");
	assert_string_equal(missing(&w, "c", ""), "a b x");
	assert_string_equal(missing(&w, "c", "a x"), "b");
	assert_string_equal(missing(&w, "c", "b x"), "");
	assert_string_equal(missing(&w, "c", "b"), "x");
	/* what is contained in something that is there is there */
	assert_string_equal(missing(&w, "c", "all"), "x");
	assert_string_equal(missing(&w, "c", "more"), "x");
	/* what replaces it need not do what it did */
	assert_string_equal(missing(&w, "c", "new x"), "a b");
	/* nothing waits for itself, and circles end */
	assert_string_equal(missing(&w, "e", ""), "f");
	assert_string_equal(missing(&w, "f", ""), "e");
	end(&w);
}

static void
ordering(void **state)
{
	struct world w = WORLD("a requires m", "m requires z", "z", "b", "c supersedes d",
	    "d incorporates e", "e");

	(void)state;
	/* over a step that is not in the list */
	assert_string_equal(order(&w, "a z"), "z a");
	assert_string_equal(order(&w, "z a"), "z a");
	assert_string_equal(order(&w, "c d e"), "e d c");
	/* those that have nothing to do with each other: always the same */
	assert_string_equal(order(&w, "z m e d c b a"), order(&w, "a b c d e m z"));
	assert_string_equal(order(&w, "b"), "b");
	assert_string_equal(order(&w, ""), "");
	assert_string_equal(circle(&w), "");
	end(&w);
}

static void
circles(void **state)
{
	struct world w = WORLD("a requires a");

	(void)state;
	assert_string_equal(circle(&w), "a");
	end(&w);
	w = WORLD("a requires b", "b incorporates c", "c supersedes a", "d requires a");
	assert_string_equal(circle(&w), "a b c");
	/* they are sorted all the same, and always alike */
	assert_string_equal(order(&w, "d c b a"), order(&w, "a b c d"));
	assert_string_equal(reach(&w, "a", RELATIONS_OLDER, false), "b c");
	end(&w);
	/* the way to a circle is no part of it */
	w = WORLD("a requires b", "b requires c", "c requires d", "d requires b");
	assert_string_equal(circle(&w), "b c d");
	end(&w);
	/* that two exclude each other is no circle */
	w = WORLD("a conflicts b", "b conflicts a", "c requires a b");
	assert_string_equal(circle(&w), "");
	end(&w);
	/* two ways to the same are none either */
	w = WORLD("a requires b c", "b requires d", "c requires d");
	assert_string_equal(circle(&w), "");
	assert_string_equal(order(&w, "a b c d"), "d b c a");
	end(&w);
}

static void
conflicting(void **state)
{
	struct world w = WORLD("a conflicts b x", "c conflicts a", "d conflicts c", "e conflicts e");
	size_t out[MOST], n;

	(void)state;
	assert_int_equal(relations_conflicts(w.r, at(&w, "a"), out, &n), OK);
	assert_string_equal(names(&w, out, n), "b c x");
	assert_int_equal(relations_conflicts(w.r, at(&w, "b"), out, &n), OK);
	assert_string_equal(names(&w, out, n), "a");
	assert_int_equal(relations_conflicts(w.r, at(&w, "e"), out, &n), OK);
	assert_string_equal(names(&w, out, n), "");
	end(&w);
}

/*
 * Against the definition: on random worlds, what can be reached is what the closure of Warshall's
 * algorithm has, and the order has no release before one that it leads to.
 */
static void
random_worlds(void **state)
{
	enum { SIZE = 12 };
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		bool leads[SIZE][SIZE] = { { false } };
		struct world w = { .r = relations_new() };
		size_t out[MOST], n;

		for (int i = 0; i < SIZE; i++) {
			char line[200];

			(void)snprintf(line, sizeof line, "%c requires", 'a' + i);
			for (int k = 0; k < i; k++) {
				seed = seed * 1103515245 + 12345;
				leads[i][k] = seed >> 16 & 1 && seed >> 17 & 1;
				if (leads[i][k])
					sprintf(line + strlen(line), " %c", 'a' + k);
			}
			take(&w, line);
		}
		assert_int_equal(relations_ready(w.r), OK);
		for (int k = 0; k < SIZE; k++)
			for (int i = 0; i < SIZE; i++)
				for (int m = 0; m < SIZE; m++)
					leads[i][m] |= leads[i][k] && leads[k][m];
		for (size_t i = 0; i < SIZE; i++) {
			size_t want = 0;

			assert_int_equal(relations_reach(w.r, i, RELATIONS_OLDER, false, out, &n),
			    OK);
			for (size_t k = 0; k < SIZE; k++)
				if (leads[i][k])
					assert_int_equal(out[want++], k);
			assert_int_equal(n, want);
		}
		for (size_t i = 0; i < SIZE; i++)
			out[i] = SIZE - 1 - i;
		relations_order(w.r, out, SIZE);
		for (size_t i = 0; i < SIZE; i++)
			for (size_t k = i + 1; k < SIZE; k++)
				assert_false(leads[out[i]][out[k]]);
		end(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knowing),
		cmocka_unit_test(reaching),
		cmocka_unit_test(what_is_missing),
		cmocka_unit_test(ordering),
		cmocka_unit_test(circles),
		cmocka_unit_test(conflicting),
		cmocka_unit_test(random_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
