/*
 * purl: package URLs, taken apart and put together.  SPEC, "Versions, ranges, packages"; the rules
 * are those of ECMA-427, its clause 5, and of the package types.
 */
#include "formats/purl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/scan.h"

#define SCHEME "pkg:"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Types that must have a namespace, in lower case; nothing is known of any other. */
static const struct type { const char *name; bool lower_name; } types[] = {
	{ "alpm", true },
	{ "apk", true },
	{ "bitbucket", true },
	{ "composer", true },
	{ "deb", true },
	{ "github", true },
	{ "rpm", false },
};

/* A purl and the text that its parts look at. */
struct parsed {
	struct purl purl;
	struct purl_qualifier qualifier[];
};

/* ---- reading: all in the copy, from right to left ---- */

static void
to_lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + ('a' - 'A'));
}

/* ${first}, then any of ${rest}. */
static bool
is_made_of(const char *s, const char *first, const char *rest)
{
	return *s != '\0' && strchr(first, *s) != NULL && s[strspn(s, rest)] == '\0';
}

static int
hex_value(char c)
{
	const char *digit = memchr("0123456789abcdef", c >= 'A' && c <= 'F' ? c + 0x20 : c, 16);

	return digit == NULL ? -1 : (int)(digit - "0123456789abcdef");
}

/* Undo the percent-encoding in place; what comes out is text. */
static bool
decode(char *s)
{
	const char *start = s;
	char *out = s;

	for (; *s != '\0'; s++, out++) {
		*out = *s;
		if (*s == '%') {
			if (hex_value(s[1]) < 0 || hex_value(s[2]) < 0)
				return false;
			*out = (char)(hex_value(s[1]) << 4 | hex_value(s[2]));
			s += 2;
		}
		if ((unsigned char)*out < 0x20 || *out == 0x7f)
			return false;
		/* C1 begins with this byte. */
		if (out > start && out[-1] == '\xc2' && (unsigned char)*out < 0xa0)
			return false;
	}
	*out = '\0';
	return scan_utf8(start, (size_t)(out - start));
}

/* Cut ${s} at its last ${separator} and give what stands behind it, or NULL. */
static char *
cut(char *s, char separator)
{
	char *at = strrchr(s, separator);

	if (at != NULL)
		*at++ = '\0';
	return at;
}

/* Decode each segment for itself; empty ones are dropped, and none may hold a slash. */
static bool
decode_path(char *s)
{
	char *out = s, *next;

	for (char *at = s; at != NULL; at = next) {
		const size_t n = strcspn(at, "/");

		next = at[n] == '\0' ? NULL : at + n + 1;
		at[n] = '\0';
		if (n == 0)
			continue;
		if (!decode(at) || strchr(at, '/') != NULL)
			return false;
		if (out > s)
			*out++ = '/';
		memmove(out, at, strlen(at) + 1);
		out += strlen(out);
	}
	*out = '\0';
	return true;
}

/* The standard forbids them, and a reader that dropped them would take one path for another. */
static bool
has_dots(const char *path)
{
	for (size_t n; *path != '\0'; path += n + (path[n] == '/')) {
		n = strcspn(path, "/");
		if (n <= 2 && memcmp(path, "..", n) == 0)
			return true;
	}
	return false;
}

/* What is empty is not there. */
static const char *
or_null(const char *s)
{
	return s == NULL || *s == '\0' ? NULL : s;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct purl_qualifier *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static bool
read_qualifiers(struct parsed *p, char *text)
{
	size_t n = 0;
	char *key, *value;

	while ((key = strsep(&text, "&")) != NULL) {
		value = strchr(key, '=');
		if (value == NULL)
			return false;
		*value++ = '\0';
		to_lower(key);
		if (!is_made_of(key, LOWER, LOWER DIGITS ".-_") || !decode(value))
			return false;
		if (*value != '\0')
			p->qualifier[n++] = (struct purl_qualifier){ key, value };
	}
	qsort(p->qualifier, n, sizeof(p->qualifier[0]), compare_keys);
	for (size_t i = 1; i < n; i++)
		if (strcmp(p->qualifier[i - 1].key, p->qualifier[i].key) == 0)
			return false;
	p->purl.qualifiers = n;
	p->purl.qualifier = p->qualifier;
	return true;
}

/* "#subpath" and "?qualifiers"; neither mark may stand anywhere else. */
static bool
read_marks(struct parsed *p, char *text)
{
	char *subpath = cut(text, '#'), *qualifiers = cut(text, '?');

	if (strpbrk(text, "?#") != NULL || (subpath != NULL && strchr(subpath, '?') != NULL))
		return false;
	if (subpath != NULL && (!decode_path(subpath) || has_dots(subpath)))
		return false;
	p->purl.subpath = or_null(subpath);
	return or_null(qualifiers) == NULL || read_qualifiers(p, qualifiers);
}

/* "pkg:type/"; any slashes in front of the type are forgiven.  What follows, or NULL. */
static char *
read_type(struct parsed *p, char *text)
{
	char *type = text + strlen(SCHEME), *end;

	if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0)
		return NULL;
	type += strspn(type, "/");
	end = strchr(type, '/');
	if (end == NULL)
		return NULL;
	*end = '\0';
	to_lower(type);
	if (!is_made_of(type, LOWER, LOWER DIGITS ".-"))
		return NULL;
	p->purl.type = type;
	return end + 1;
}

static const struct type *
find_type(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

/* "namespace/name@version". */
static bool
read_package(struct parsed *p, char *text)
{
	char *version = cut(text, '@'), *name, *namespace = NULL;
	const struct type *type;
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == '/')
		text[--n] = '\0';
	name = cut(text, '/');
	if (name == NULL)
		name = text;
	else
		namespace = text;
	if (version != NULL && (strchr(version, '/') != NULL || !decode(version)))
		return false;
	if (!decode(name) || *name == '\0' || (namespace != NULL && !decode_path(namespace)))
		return false;
	type = find_type(p->purl.type);
	if (type != NULL) {
		if (or_null(namespace) == NULL)
			return false;
		to_lower(namespace);
		if (type->lower_name)
			to_lower(name);
	}
	p->purl.namespace = or_null(namespace);
	p->purl.name = name;
	p->purl.version = or_null(version);
	return true;
}

static bool
read_purl(struct parsed *p, char *text)
{
	char *package;

	if (!read_marks(p, text))
		return false;
	package = read_type(p, text);
	return package != NULL && read_package(p, package);
}

enum err
purl_parse(struct purl **out, const char *text, size_t len)
{
	struct parsed *p;
	size_t pairs = 1;
	char *copy;

	*out = NULL;
	if (len > LIMIT_PURL)
		return ERR_LIMIT;
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return ERR_PURL;
		pairs += text[i] == '&';
	}
	if (pairs > LIMIT_QUALIFIERS)
		return ERR_LIMIT;
	p = calloc(1, sizeof(*p) + pairs * sizeof(p->qualifier[0]) + len + 1);
	if (p == NULL)
		return ERR_MEMORY;
	copy = (char *)&p->qualifier[pairs];
	memcpy(copy, text, len);
	if (!read_purl(p, copy)) {
		free(p);
		return ERR_PURL;
	}
	*out = &p->purl;
	return OK;
}

void
purl_free(struct purl *p)
{
	free(p);	/* the first member of its struct parsed */
}

/* ---- writing ---- */

struct writer {
	char *out;	/* LIMIT_PURL bytes and a NUL */
	size_t len;
	bool full;
};

static void
put(struct writer *w, char c)
{
	if (w->len == LIMIT_PURL)
		w->full = true;
	else
		w->out[w->len++] = c;
}

/* ${text} behind ${mark}, percent-encoded but for the bytes of ${plain}. */
static void
put_part(struct writer *w, char mark, const char *text, const char *plain)
{
	static const char hex[] = "0123456789ABCDEF";

	put(w, mark);
	for (const char *p = text; *p != '\0'; p++) {
		if (strchr(plain, *p) != NULL)
			put(w, *p);
		else {
			put(w, '%');
			put(w, hex[(unsigned char)*p >> 4]);
			put(w, hex[(unsigned char)*p & 15]);
		}
	}
}

static enum err
print(const struct purl *p, char *out)
{
	static const char plain[] = LOWER UPPER DIGITS ".-_~:";
	static const char path[] = LOWER UPPER DIGITS ".-_~:/";
	struct writer w = { .out = memcpy(out, "pkg", 3), .len = 3 };

	put_part(&w, ':', p->type, plain);
	if (p->namespace != NULL)
		put_part(&w, '/', p->namespace, path);
	put_part(&w, '/', p->name, plain);
	if (p->version != NULL)
		put_part(&w, '@', p->version, plain);
	for (size_t i = 0; i < p->qualifiers; i++) {
		put_part(&w, i == 0 ? '?' : '&', p->qualifier[i].key, plain);
		put_part(&w, '=', p->qualifier[i].value, plain);
	}
	if (p->subpath != NULL)
		put_part(&w, '#', p->subpath, path);
	out[w.len] = '\0';
	return w.full ? ERR_LIMIT : OK;
}

/* Once as it comes, and once more as it is read: sorted, in lower case, without empty parts. */
enum err
purl_print(const struct purl *p, char out[static LIMIT_PURL + 1])
{
	struct purl *again = NULL;
	enum err e = print(p, out);

	if (e == OK)
		e = purl_parse(&again, out, strlen(out));
	if (e == OK)
		e = print(again, out);
	purl_free(again);
	return e;
}

/* ---- comparing ---- */

int
purl_compare(const struct purl *a, const struct purl *b)
{
	int order = strcmp(a->type, b->type);

	if (order == 0)
		order = strcmp(a->namespace != NULL ? a->namespace : "",
		    b->namespace != NULL ? b->namespace : "");
	return order != 0 ? order : strcmp(a->name, b->name);
}

bool
purl_same(const struct purl *a, const struct purl *b)
{
	return purl_compare(a, b) == 0;
}

const char *
purl_qualifier(const struct purl *p, const char *key)
{
	for (size_t i = 0; i < p->qualifiers; i++)
		if (strcmp(p->qualifier[i].key, key) == 0)
			return p->qualifier[i].value;
	return NULL;
}
