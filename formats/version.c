/*
 * version: the order of versions.  That of deb and rpm is libsolv's, which only this file uses.
 * SPEC, "Versions, ranges, packages".
 */
#include "formats/version.h"

#include <limits.h>
#include <string.h>

#include "formats/limits.h"

/*
 * libsolv exports both orders side by side, but its headers declare only the one of the system that
 * it was built for.  Each takes two texts by their starts and ends.
 */
int solv_vercmp_deb(const char *a, const char *a_end, const char *b, const char *b_end);
int solv_vercmp_rpm(const char *a, const char *a_end, const char *b, const char *b_end);

#define DIGITS "0123456789"
#define ALNUM DIGITS "abcdefghijklmnopqrstuvwxyz" "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct span { const char *at, *end; };

/* A version taken apart: EPOCH:BODY-TAIL; semver has no epoch, intdot only a body. */
struct parts {
	uint64_t epoch;
	struct span body, tail;
	bool has_tail;		/* else ${tail} is empty */
};

struct scheme {
	const char *name;
	bool (*split)(struct span text, struct parts *out);
	int (*compare)(const struct parts *a, const struct parts *b);
};

/* ---- texts and numbers ---- */

static size_t
length(struct span s)
{
	return (size_t)(s.end - s.at);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One or more bytes, all of them of ${set}. */
static bool
is_made_of(struct span s, const char *set)
{
	for (const char *p = s.at; p < s.end; p++)
		if (memchr(set, *p, strlen(set)) == NULL)
			return false;
	return s.at < s.end;
}

/*
 * Take from ${rest} what stands before the first ${separator}, and the separator; or all, and then
 * nothing is left, not even an empty text.
 */
static struct span
take(struct span *rest, char separator)
{
	const char *end = memchr(rest->at, separator, length(*rest));
	const struct span s = { rest->at, end != NULL ? end : rest->end };

	rest->at = end != NULL ? end + 1 : NULL;
	return s;
}

static bool
is_left(struct span rest)
{
	return rest.at != NULL;
}

static int
sign(int order)
{
	return (order > 0) - (order < 0);
}

static int
compare_sizes(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Digits of any length: they need not fit an integer. */
static int
compare_numbers(struct span a, struct span b)
{
	while (a.at < a.end && *a.at == '0')
		a.at++;
	while (b.at < b.end && *b.at == '0')
		b.at++;
	if (length(a) != length(b))
		return compare_sizes(length(a), length(b));
	return sign(memcmp(a.at, b.at, length(a)));
}

/* Numbers with dots between them; those that are not there are 0. */
static int
compare_dotted(struct span a, struct span b)
{
	static const char digit[] = "0";
	static const struct span zero = { digit, digit + 1 };
	int order = 0;

	while (order == 0 && (is_left(a) || is_left(b)))
		order = compare_numbers(is_left(a) ? take(&a, '.') : zero,
		    is_left(b) ? take(&b, '.') : zero);
	return order;
}

/* ---- deb and rpm: EPOCH:VERSION-RELEASE ---- */

struct evr {
	uint64_t epoch;			/* the highest */
	const char *version, *release;	/* what they are made of */
};

static bool
read_epoch(struct span s, uint64_t max, uint64_t *out)
{
	*out = 0;
	for (const char *p = s.at; p < s.end; p++) {
		if (!is_digit(*p))
			return false;
		*out = *out * 10 + (uint64_t)(*p - '0');
		if (*out > max)
			return false;
	}
	return s.at < s.end;
}

static bool
split_evr(struct span text, const struct evr *form, struct parts *out)
{
	const char *colon = memchr(text.at, ':', length(text)), *hyphen;

	*out = (struct parts){ .tail = { text.end, text.end } };
	if (colon != NULL) {
		if (!read_epoch((struct span){ text.at, colon }, form->epoch, &out->epoch))
			return false;
		text.at = colon + 1;
	}
	out->body = text;
	hyphen = memrchr(text.at, '-', length(text));
	if (hyphen != NULL) {
		out->has_tail = true;
		out->body.end = hyphen;
		out->tail.at = hyphen + 1;
		if (!is_made_of(out->tail, form->release))
			return false;
	}
	return is_made_of(out->body, form->version);
}

/* Debian Policy 5.6.12; the highest epoch is dpkg's. */
static bool
split_deb(struct span text, struct parts *out)
{
	static const struct evr form = { INT_MAX, ALNUM ".+-~:", ALNUM ".+~" };

	return split_evr(text, &form, out) && is_digit(*out->body.at);
}

/* What rpmbuild takes for Version and Release. */
static bool
split_rpm(struct span text, struct parts *out)
{
	static const struct evr form = { UINT32_MAX, ALNUM "._+~^", ALNUM "._+~^" };

	return split_evr(text, &form, out);
}

/*
 * Letters and digits take turns, and for dpkg digits that are not there are 0: "1a" is "1a0", and
 * no revision is "0".  For libsolv a text that ends is lower than one that goes on with digits; so
 * it gets them.
 */
static size_t
with_last_digits(struct span s, char out[static LIMIT_VERSION + 1])
{
	size_t n = length(s);

	memcpy(out, s.at, n);
	if (n == 0 || !is_digit(out[n - 1]))
		out[n++] = '0';
	return n;
}

static int
compare_deb_part(struct span a, struct span b)
{
	char x[LIMIT_VERSION + 1], y[LIMIT_VERSION + 1];
	const size_t x_len = with_last_digits(a, x), y_len = with_last_digits(b, y);

	return solv_vercmp_deb(x, x + x_len, y, y + y_len);
}

static int
compare_deb(const struct parts *a, const struct parts *b)
{
	int order = compare_sizes(a->epoch, b->epoch);

	if (order == 0)
		order = compare_deb_part(a->body, b->body);
	return order != 0 ? order : compare_deb_part(a->tail, b->tail);
}

/* libsolv reads a run of letters or digits to its end: behind each part is a hyphen or the NUL. */
static int
compare_rpm(const struct parts *a, const struct parts *b)
{
	int order = compare_sizes(a->epoch, b->epoch);

	if (order == 0)
		order = solv_vercmp_rpm(a->body.at, a->body.end, b->body.at, b->body.end);
	if (order == 0)
		order = a->has_tail - b->has_tail;
	return order != 0 ? order :
	    solv_vercmp_rpm(a->tail.at, a->tail.end, b->tail.at, b->tail.end);
}

/* ---- semver (Semantic Versioning 2.0.0) and intdot ---- */

/* Item 2, and 9 for identifiers of digits only. */
static bool
is_plain_number(struct span s)
{
	return is_made_of(s, DIGITS) && (*s.at != '0' || length(s) == 1);
}

/* Items 9 and 10: identifiers with dots between them. */
static bool
are_identifiers(struct span rest, bool plain)
{
	while (is_left(rest)) {
		const struct span s = take(&rest, '.');

		if (!is_made_of(s, ALNUM "-"))
			return false;
		if (plain && is_made_of(s, DIGITS) && !is_plain_number(s))
			return false;
	}
	return true;
}

static bool
split_semver(struct span text, struct parts *out)
{
	struct span rest = text, numbers;
	unsigned n = 0;

	*out = (struct parts){ .body = take(&rest, '+') };
	if (is_left(rest) && !are_identifiers(rest, false))
		return false;
	rest = out->body;
	out->body = take(&rest, '-');
	out->tail = (struct span){ out->body.end, out->body.end };
	if (is_left(rest)) {
		out->has_tail = true;
		out->tail = rest;
		if (!are_identifiers(rest, true))
			return false;
	}
	for (numbers = out->body; is_left(numbers); n++)
		if (!is_plain_number(take(&numbers, '.')))
			return false;
	return n == 3;
}

/* Item 11, points 4.1 to 4.3. */
static int
compare_identifiers(struct span a, struct span b)
{
	const bool a_number = is_made_of(a, DIGITS), b_number = is_made_of(b, DIGITS);
	const size_t n = length(a) < length(b) ? length(a) : length(b);
	int order;

	if (a_number != b_number)
		return b_number - a_number;
	if (a_number)
		return compare_numbers(a, b);
	order = sign(memcmp(a.at, b.at, n));
	return order != 0 ? order : compare_sizes(length(a), length(b));
}

static int
compare_semver(const struct parts *a, const struct parts *b)
{
	struct span x = a->tail, y = b->tail;
	int order = compare_dotted(a->body, b->body);

	if (order == 0)
		order = b->has_tail - a->has_tail;
	while (order == 0 && is_left(x) && is_left(y))
		order = compare_identifiers(take(&x, '.'), take(&y, '.'));
	return order != 0 ? order : is_left(x) - is_left(y);
}

static bool
split_intdot(struct span text, struct parts *out)
{
	*out = (struct parts){ .body = text };
	while (is_left(text))
		if (!is_made_of(take(&text, '.'), DIGITS))
			return false;
	return true;
}

static int
compare_intdot(const struct parts *a, const struct parts *b)
{
	return compare_dotted(a->body, b->body);
}

/* ---- all of them ---- */

static const struct scheme schemes[] = {
	[VERSION_DEB] = { "deb", split_deb, compare_deb },
	[VERSION_RPM] = { "rpm", split_rpm, compare_rpm },
	[VERSION_SEMVER] = { "semver", split_semver, compare_semver },
	[VERSION_INTDOT] = { "intdot", split_intdot, compare_intdot },
	[VERSION_ALL] = { "all", NULL, NULL },
};

const char *
version_scheme_name(enum version_scheme scheme)
{
	return schemes[scheme].name;
}

enum err
version_scheme_find(const char *name, size_t len, enum version_scheme *out)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strlen(schemes[i].name) == len && memcmp(schemes[i].name, name, len) == 0) {
			*out = (enum version_scheme)i;
			return OK;
		}
	}
	return ERR_VERSION_SCHEME;
}

static enum err
read_version(const struct scheme *s, const char *text, size_t len, struct parts *out)
{
	if (s->split == NULL)
		return ERR_VERSION_SCHEME;
	if (len > LIMIT_VERSION)
		return ERR_LIMIT;
	return len > 0 && s->split((struct span){ text, text + len }, out) ? OK : ERR_VERSION;
}

enum err
version_check(enum version_scheme scheme, const char *text, size_t len)
{
	struct parts parts;

	return read_version(&schemes[scheme], text, len, &parts);
}

enum err
version_compare(enum version_scheme scheme, const char *a, const char *b, int *order)
{
	const struct scheme *s = &schemes[scheme];
	struct parts x, y;
	enum err e;

	*order = 0;
	e = read_version(s, a, strlen(a), &x);
	if (e == OK)
		e = read_version(s, b, strlen(b), &y);
	if (e == OK)
		*order = s->compare(&x, &y);
	return e;
}
