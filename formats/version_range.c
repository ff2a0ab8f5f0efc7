/*
 * version_range: ranges of versions, "vers:deb/>=1.2|<2.0".  Read in canonical form only.
 * SPEC, "Versions, ranges, packages"; the rules are those of VERS, its clause 5.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/version.h"

#define HEAD "vers:"
#define TYPE "abcdefghijklmnopqrstuvwxyz0123456789.-"

/* "vers:", a type in lower case, a slash. */
static enum err
read_head(const char *text, size_t len, enum version_scheme *scheme, size_t *head)
{
	const char *type = text + strlen(HEAD), *slash;

	if (len < strlen(HEAD) || memcmp(text, HEAD, strlen(HEAD)) != 0)
		return ERR_VERSION_RANGE;
	slash = memchr(type, '/', len - strlen(HEAD));
	if (slash == NULL || *type < 'a' || *type > 'z')
		return ERR_VERSION_RANGE;
	for (const char *p = type; p < slash; p++)
		if (memchr(TYPE, *p, strlen(TYPE)) == NULL)
			return ERR_VERSION_RANGE;
	*head = (size_t)(slash + 1 - text);
	return version_scheme_find(type, (size_t)(slash - type), scheme);
}

static size_t
read_comparator(const char *text, enum version_comparator *out)
{
	static const struct { const char *text; enum version_comparator comparator; } table[] = {
		{ "!=", VERSION_NOT_EQUAL },
		{ "<=", VERSION_LESS_EQUAL },
		{ ">=", VERSION_GREATER_EQUAL },
		{ "<", VERSION_LESS },
		{ ">", VERSION_GREATER },
		{ "", VERSION_EQUAL },
	};
	size_t i = 0;

	while (strncmp(text, table[i].text, strlen(table[i].text)) != 0)
		i++;
	*out = table[i].comparator;
	return strlen(table[i].text);
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undo the percent-encoding of ${text} in its place, once, and give the length that is left. */
static enum err
decode(char *text, size_t *len)
{
	char *out = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~' || strchr("<>=!*", *p) != NULL)
			return ERR_VERSION_RANGE;
		if (*p == '%') {
			if (hex_value(p[1]) < 0 || hex_value(p[2]) < 0)
				return ERR_VERSION_RANGE;
			*out++ = (char)(hex_value(p[1]) << 4 | hex_value(p[2]));
			p += 2;
		} else
			*out++ = *p;
	}
	*out = '\0';
	*len = (size_t)(out - text);
	return *len > 0 ? OK : ERR_VERSION_RANGE;
}

static enum err
read_constraint(enum version_scheme scheme, char *text, struct version_constraint *out)
{
	char *version = text + read_comparator(text, &out->comparator);
	size_t len;
	enum err e = decode(version, &len);

	out->version = version;
	return e != OK ? e : version_check(scheme, version, len);
}

static bool
is_upper_bound(enum version_comparator c)
{
	return c == VERSION_LESS || c == VERSION_LESS_EQUAL;
}

static bool
is_lower_bound(enum version_comparator c)
{
	return c == VERSION_GREATER || c == VERSION_GREATER_EQUAL;
}

/* Ascending, no version twice, and without "!=" one interval or version behind the other. */
static enum err
check_order(const struct version_range *r)
{
	bool first = true, open = false;
	int order;

	for (size_t i = 0; i < r->count; i++) {
		const enum version_comparator c = r->constraint[i].comparator;

		if (i > 0) {
			enum err e = version_compare(r->scheme, r->constraint[i - 1].version,
			    r->constraint[i].version, &order);

			if (e != OK)
				return e;
			if (order >= 0)
				return ERR_VERSION_RANGE;
		}
		if (c == VERSION_NOT_EQUAL)
			continue;
		if (is_upper_bound(c) ? !first && !open : open)
			return ERR_VERSION_RANGE;
		first = false;
		open = is_lower_bound(c);
	}
	return OK;
}

/* ${text} is the range's own copy of what stands behind the slash. */
static enum err
read_constraints(struct version_range *r, char *text)
{
	enum err e = OK;

	if (strcmp(text, "*") == 0) {
		r->count = 0;
		return OK;
	}
	if (r->scheme == VERSION_ALL)
		return ERR_VERSION_RANGE;
	for (size_t i = 0; i < r->count && e == OK; i++)
		e = read_constraint(r->scheme, strsep(&text, "|"), &r->constraint[i]);
	return e != OK ? e : check_order(r);
}

enum err
version_range_parse(struct version_range **out, const char *text, size_t len)
{
	struct version_range *r = NULL;
	enum version_scheme scheme;
	size_t head, count = 1;
	char *copy;
	enum err e;

	*out = NULL;
	if (len > LIMIT_RANGE)
		return ERR_LIMIT;
	e = read_head(text, len, &scheme, &head);
	if (e != OK)
		return e;
	if (memchr(text, '\0', len) != NULL)
		return ERR_VERSION_RANGE;
	for (size_t i = head; i < len; i++)
		count += text[i] == '|';
	if (count > LIMIT_CONSTRAINTS)
		return ERR_LIMIT;
	/* The constraints, and behind them the text that they look at. */
	r = malloc(sizeof(*r) + count * sizeof(r->constraint[0]) + len - head + 1);
	if (r == NULL)
		return ERR_MEMORY;
	*r = (struct version_range){ .scheme = scheme, .count = count };
	copy = (char *)&r->constraint[count];
	memcpy(copy, text + head, len - head);
	copy[len - head] = '\0';
	e = read_constraints(r, copy);
	if (e != OK)
		goto out;
	*out = r;
	r = NULL;
out:
	version_range_free(r);
	return e;
}

void
version_range_free(struct version_range *r)
{
	free(r);
}

/* ---- where a version lies ---- */

/* What is known of the range around one version, after some of its constraints. */
struct place {
	bool named;		/* as a version of the range itself */
	bool excluded;		/* by "!=" */
	bool inside;		/* of an interval */
	bool below, above;	/* something of the range lies there */
};

/* The next constraint up, whose version is lower (-1), equal (0), higher (1). */
static void
look_at(struct place *p, enum version_comparator c, int order)
{
	if (c == VERSION_NOT_EQUAL)
		p->excluded |= order == 0;
	else if (order < 0) {
		p->below = true;
		p->inside = is_lower_bound(c);
	} else if (order > 0) {
		/* Only the first one above can be the end of the interval that it lies in. */
		if (!p->above)
			p->inside = is_upper_bound(c);
		p->above = true;
	} else if (c == VERSION_LESS) {
		p->below = true;
		p->inside = false;
	} else if (c == VERSION_GREATER) {
		p->above = true;
		p->inside = false;
	} else
		p->named = true;
}

static enum version_side
side_of(const struct place *p)
{
	if (p->named || (p->inside && !p->excluded))
		return VERSION_IN;
	if (p->inside || p->below == p->above)
		return VERSION_BETWEEN;
	return p->below ? VERSION_ABOVE : VERSION_BELOW;
}

enum err
version_range_side(const struct version_range *r, const char *version, enum version_side *side)
{
	struct place p = { .inside = true };
	enum err e = OK;
	int order;

	*side = VERSION_BETWEEN;
	if (r->scheme != VERSION_ALL)
		e = version_check(r->scheme, version, strlen(version));
	for (size_t i = 0; i < r->count && e == OK; i++) {
		e = version_compare(r->scheme, r->constraint[i].version, version, &order);
		look_at(&p, r->constraint[i].comparator, order);
	}
	if (e == OK)
		*side = side_of(&p);
	return e;
}

enum err
version_range_contains(const struct version_range *r, const char *version, bool *in)
{
	enum version_side side;
	enum err e = version_range_side(r, version, &side);

	*in = e == OK && side == VERSION_IN;
	return e;
}
