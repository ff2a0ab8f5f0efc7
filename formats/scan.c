/*
 * scan: is a text JSON, and of our strict kind?  One pass without recursion, memory or a tree.
 * Only duplicate keys are left to the parser that follows (formats/json.c).
 */
#include "formats/scan.h"

#include <string.h>

#include "formats/limits.h"

/* What may come next: RFC 8259 sections 4 and 5. */
enum next { KEY, KEY_OR_END, COLON, VALUE, VALUE_OR_END, COMMA_OR_END };

struct scan {
	const uint8_t *at, *end;
	enum next next;
	unsigned depth;
	uint64_t weight;
	bool object[LIMIT_JSON_DEPTH + 1];	/* at each depth: an object, not an array */
};

/* The length of the UTF-8 sequence at ${p} and its code point (RFC 3629), or 0. */
static size_t
utf8(const uint8_t *p, size_t left, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 :
	    p[0] < 0xf8 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	*point = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (p[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return n;
}

/* C0, DEL and C1. */
static bool
is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

/* "uXXXX" at ${s}. */
static bool
scan_unit(struct scan *s, uint32_t *unit)
{
	if (s->end - s->at < 5 || s->at[0] != 'u')
		return false;
	*unit = 0;
	for (int i = 1; i <= 4; i++) {
		uint8_t c = s->at[i], lower = c | 0x20;

		if (c >= '0' && c <= '9')
			*unit = *unit << 4 | (uint32_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			*unit = *unit << 4 | (uint32_t)(lower - 'a' + 10);
		else
			return false;
	}
	s->at += 5;
	return true;
}

/* What follows a backslash (RFC 8259 section 7); a lone surrogate would not be UTF-8. */
static enum err
scan_escape(struct scan *s, uint32_t *point)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	uint32_t low;

	if (s->at == s->end)
		return ERR_JSON_SYNTAX;
	if (*s->at != 'u') {
		letter = memchr(letters, *s->at, sizeof(letters) - 1);
		if (letter == NULL)
			return ERR_JSON_SYNTAX;
		*point = (uint8_t)meanings[letter - letters];
		s->at++;
		return OK;
	}
	if (!scan_unit(s, point))
		return ERR_JSON_SYNTAX;
	if (*point < 0xd800 || *point > 0xdfff)
		return OK;
	if (*point > 0xdbff || s->at == s->end || *s->at++ != '\\' || !scan_unit(s, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return ERR_JSON_UTF8;
	*point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
	return OK;
}

/* One character of a string, written out or escaped. */
static enum err
scan_character(struct scan *s, uint32_t *point)
{
	enum err e = OK;
	size_t n;

	if (*s->at == '\\') {
		s->at++;
		e = scan_escape(s, point);
	} else {
		n = utf8(s->at, (size_t)(s->end - s->at), point);
		if (n == 0)
			e = ERR_JSON_UTF8;
		else if (*point > 0 && *point < 0x20)
			e = ERR_JSON_SYNTAX;
		s->at += n;
	}
	if (e != OK)
		return e;
	if (*point == 0)
		return ERR_JSON_UTF8;
	return is_control(*point) && *point != '\n' && *point != '\t' ? ERR_JSON_VALUE : OK;
}

static void
scan_blanks(struct scan *s)
{
	while (s->at < s->end &&
	    (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

/* A string from its opening quote; as a key it is short and on one line. */
static enum err
scan_string(struct scan *s, bool key)
{
	bool controls = false;
	size_t len = 0;
	uint32_t point;
	enum err e;

	for (s->at++; s->at < s->end && *s->at != '"';) {
		if ((e = scan_character(s, &point)) != OK)
			return e;
		controls |= is_control(point);
		len += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	}
	if (s->at == s->end)
		return ERR_JSON_SYNTAX;
	s->at++;
	s->weight += len;
	return !key ? OK : controls ? ERR_JSON_VALUE : len > LIMIT_KEY ? ERR_LIMIT : OK;
}

/* Whole numbers from 0 to 2^53-1, as every reader of JSON understands them. */
static enum err
scan_number(struct scan *s)
{
	const uint8_t *first = s->at;
	uint64_t n = 0;

	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
		n = n * 10 + (uint64_t)(*s->at - '0');
		if (n > LIMIT_INTEGER || (*first == '0' && s->at > first))
			return ERR_JSON_NUMBER;
	}
	/* Signs, fractions and exponents; another character is for the next token to refuse. */
	if (s->at == first || (s->at < s->end && memchr("+-.eE", *s->at, 5) != NULL))
		return ERR_JSON_NUMBER;
	s->weight += n;
	return OK;
}

static enum err
scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(s->end - s->at) >= n && memcmp(s->at, words[i], n) == 0) {
			s->at += n;
			return OK;
		}
	}
	return ERR_JSON_SYNTAX;
}

static enum err
scan_value(struct scan *s)
{
	uint8_t c = *s->at;

	s->next = COMMA_OR_END;
	if (c == '"')
		return scan_string(s, false);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	if (c != '{' && c != '[')
		return scan_word(s);
	if (s->depth == LIMIT_JSON_DEPTH)
		return ERR_JSON_DEPTH;
	s->object[++s->depth] = c == '{';
	s->next = c == '{' ? KEY_OR_END : VALUE_OR_END;
	s->at++;
	return OK;
}

/* One token, of the kind that may come next. */
static enum err
scan_token(struct scan *s)
{
	bool object = s->object[s->depth];
	uint32_t point;
	uint8_t c = *s->at;

	if (c == 0 || utf8(s->at, (size_t)(s->end - s->at), &point) == 0)
		return ERR_JSON_UTF8;
	if (c == (object ? '}' : ']') && (s->next == KEY_OR_END || s->next == VALUE_OR_END ||
	    s->next == COMMA_OR_END)) {
		s->depth--;
		s->next = COMMA_OR_END;
	} else if (c == ',' && s->next == COMMA_OR_END) {
		s->next = object ? KEY : VALUE;
	} else if (c == ':' && s->next == COLON) {
		s->next = VALUE;
	} else if (c == '"' && (s->next == KEY || s->next == KEY_OR_END)) {
		s->next = COLON;
		return scan_string(s, true);
	} else if (s->next == VALUE || s->next == VALUE_OR_END) {
		return scan_value(s);
	} else {
		return ERR_JSON_SYNTAX;
	}
	s->at++;
	return OK;
}

/* The text up to and with the bracket that closes its first one. */
static enum err
scan_object(struct scan *s)
{
	enum err e;

	if (s->at == s->end || *s->at != '{')
		return ERR_JSON_SYNTAX;
	do {
		if ((e = scan_token(s)) != OK)
			return e;
		if (s->depth > 0)
			scan_blanks(s);
	} while (s->depth > 0 && s->at < s->end);
	return s->depth == 0 ? OK : ERR_JSON_SYNTAX;
}

enum err
scan_json(const void *text, size_t len, size_t *at, uint64_t *weight)
{
	struct scan s = { .at = text, .end = (const uint8_t *)text + len, .next = VALUE };
	enum err e = scan_object(&s);

	if (e == OK && s.at < s.end && *s.at == '\n')
		s.at++;
	*at = len - (size_t)(s.end - s.at);
	if (weight != NULL)
		*weight = s.weight;
	return e != OK ? e : *at == len ? OK : ERR_JSON_SYNTAX;
}

bool
scan_utf8(const void *text, size_t len)
{
	const uint8_t *p = text;
	uint32_t point;
	size_t n;

	for (; len > 0; p += n, len -= n)
		if ((n = utf8(p, len, &point)) == 0)
			return false;
	return true;
}

bool
scan_depth(const void *text, size_t len, unsigned max)
{
	const uint8_t *p = text, *end = p + len;
	unsigned depth = 0;
	bool string = false;

	for (; p < end; p++) {
		if (*p == '"')
			string = !string;
		else if (string && *p == '\\')
			p++;
		else if (!string && (*p == '{' || *p == '[') && ++depth > max)
			return false;
		else if (!string && (*p == '}' || *p == ']') && depth > 0)
			depth--;
	}
	return true;
}
