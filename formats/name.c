/*
 * name: identifiers, payload paths, twins and look-alikes; foreign text made safe to show.
 * The only file that includes utf8proc.
 */
#include "formats/name.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "formats/limits.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* 1 to ${max} characters of ${rest}, the first of them one of ${first}. */
static bool
is_made_of(const char *s, const char *first, const char *rest, size_t max)
{
	size_t len = strspn(s, rest);

	return len >= 1 && len <= max && s[len] == '\0' && strchr(first, s[0]) != NULL;
}

bool
name_id_ok(const char *id)
{
	return is_made_of(id, LOWER, LOWER DIGITS "-", LIMIT_ID);
}

bool
name_release_ok(const char *id)
{
	return is_made_of(id, UPPER LOWER DIGITS, UPPER LOWER DIGITS "._-", LIMIT_RELEASE_ID);
}

/* May ${point} be in a file name?  Backslash and colon are mangled by old tools. */
static bool
is_name_point(utf8proc_int32_t point)
{
	return point >= 0x20 && !(point >= 0x7f && point < 0xa0) && point != '\\' && point != ':';
}

static bool
component_ok(const uint8_t *p, size_t len)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t n;

	if (len < 1 || len > LIMIT_NAME || (len <= 2 && memcmp(p, "..", len) == 0))
		return false;
	for (; len > 0; p += n, len -= (size_t)n) {
		n = utf8proc_iterate(p, (utf8proc_ssize_t)len, &point);
		if (n <= 0 || !is_name_point(point))
			return false;
	}
	return true;
}

bool
name_path_ok(const char *path, size_t len)
{
	const char *slash;
	unsigned depth = 0;
	size_t n;

	if (len > LIMIT_PATH)
		return false;
	do {
		slash = memchr(path, '/', len);
		n = slash == NULL ? len : (size_t)(slash - path);
		if (++depth > LIMIT_DEPTH || !component_ok((const uint8_t *)path, n))
			return false;
		if (slash != NULL) {
			path += n + 1;
			len -= n + 1;
		}
	} while (slash != NULL);
	return true;
}

/* ${len} bytes of UTF-8 mapped by ${options}; the caller frees *${out}. */
static enum err
map(const uint8_t *text, size_t len, int options, uint8_t **out)
{
	utf8proc_ssize_t n = utf8proc_map(text, (utf8proc_ssize_t)len, out,
	    (utf8proc_option_t)(options | UTF8PROC_STABLE));

	if (n >= 0)
		return OK;
	*out = NULL;
	return n == UTF8PROC_ERROR_NOMEM ? ERR_MEMORY : ERR_CONTENTS_NAME;
}

/*
 * Unicode's canonical caseless match (section 3.13, D145) folds what is already decomposed: the
 * combining iota U+0345 folds to a letter, so that the marks must be in order before.
 */
enum err
name_fold(const char *path, size_t len, char **out)
{
	uint8_t *decomposed = NULL, *folded;
	enum err e;

	*out = NULL;
	e = map((const uint8_t *)path, len, UTF8PROC_DECOMPOSE, &decomposed);
	if (e != OK)
		return e;
	e = map(decomposed, strlen((char *)decomposed), UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE,
	    &folded);
	free(decomposed);
	*out = (char *)folded;
	return e;
}

/*
 * Does ${point} show as itself, and only as itself?  Categories C* are controls, formats (such as
 * bidirectional controls and zero width characters), surrogates, private and unassigned characters;
 * fillers and variation selectors are letters and marks by category, but ignorable.
 */
static bool
is_visible(utf8proc_int32_t point)
{
	const char *category = utf8proc_category_string(point);

	return category[0] != 'C' && strcmp(category, "Zl") != 0 && strcmp(category, "Zp") != 0 &&
	    !utf8proc_get_property(point)->ignorable && point != '\\';
}

/* One character of foreign text as it may be shown, in ${piece}; the bytes that it takes up. */
static size_t
escape_one(const uint8_t *p, size_t len, char piece[static 17])
{
	static const char digits[] = "0123456789abcdef";
	utf8proc_int32_t point;
	utf8proc_ssize_t n = utf8proc_iterate(p, (utf8proc_ssize_t)len, &point);
	size_t taken = n > 0 ? (size_t)n : 1;

	if (n > 0 && is_visible(point)) {
		memcpy(piece, p, taken);
		piece[taken] = '\0';
		return taken;
	}
	for (size_t i = 0; i < taken; i++) {
		*piece++ = '\\';
		*piece++ = 'x';
		*piece++ = digits[p[i] >> 4];
		*piece++ = digits[p[i] & 15];
	}
	*piece = '\0';
	return taken;
}

char *
name_escape(char *out, size_t cap, const void *text, size_t len)
{
	static const char dots[] = "...";
	const uint8_t *p = text;
	size_t used = 0, cut = 0, taken, n;
	char piece[17];

	if (cap == 0)
		return out;
	for (; len > 0; p += taken, len -= taken) {
		taken = escape_one(p, len, piece);
		n = strlen(piece);
		if (n >= cap - used) {
			/* ${cut} is the last place between characters that leaves room. */
			n = cap - cut - 1 < 3 ? cap - cut - 1 : 3;
			memcpy(out + cut, dots, n);
			out[cut + n] = '\0';
			return out;
		}
		memcpy(out + used, piece, n);
		used += n;
		if (used + 3 < cap)
			cut = used;
	}
	out[used] = '\0';
	return out;
}

uint64_t
name_weight(size_t len)
{
	return len + 67;	/* digest, spaces and newline */
}

char *
name_show(char *out, size_t cap, const char *text)
{
	return name_escape(out, cap, text, strlen(text));
}

/* ${name} without what a reader overlooks; NULL if it is not UTF-8 or there is no memory. */
static uint8_t *
skeleton(const char *name)
{
	uint8_t *s, *to;

	if (map((const uint8_t *)name, strlen(name), UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
	    UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK | UTF8PROC_LUMP, &s) != OK)
		return NULL;
	to = s;
	for (const uint8_t *from = s; *from != '\0'; from++) {
		if (*from == ' ' || *from == '-')
			continue;
		*to++ = *from == '1' || *from == 'i' ? 'l' : *from == '0' ? 'o' : *from;
	}
	*to = '\0';
	return s;
}

bool
name_resembles(const char *a, const char *b)
{
	uint8_t *first = skeleton(a), *second = skeleton(b);
	bool alike = first != NULL && second != NULL && strcmp(a, b) != 0 &&
	    strcmp((char *)first, (char *)second) == 0;

	free(first);
	free(second);
	return alike;
}
