/*
 * trust_fingerprint: the anchor as people print, read aloud and type it.
 */
#include <string.h>
#include <strings.h>

#include "formats/trust.h"

#define GROUP		4
#define DIGITS		64
#define DIGITS_MIN	32	/* 128 bits: nobody makes a second document to fit */

void
trust_fingerprint(const struct digest *anchor, char out[static TRUST_FINGERPRINT])
{
	char hex[DIGEST_HEX];

	digest_hex(anchor, hex);
	for (size_t i = 0; i < DIGITS; i += GROUP) {
		memcpy(out, hex + i, GROUP);
		out += GROUP;
		*out++ = ' ';
	}
	out[-1] = '\0';
}

/* The value of a hexadecimal digit, or 16. */
static unsigned
digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? 16 : (unsigned)(p - digits) % 16;
}

enum err
trust_fingerprint_parse(const char *s, struct trust_fingerprint *out)
{
	struct trust_fingerprint f = { .digits = 0 };
	unsigned d;

	s += strspn(s, " ");
	if (strncasecmp(s, "SHA256", 6) == 0)
		s += 6;
	for (; *s != '\0'; s++) {
		if (*s == ' ' || *s == ':')
			continue;
		if ((d = digit(*s)) > 15 || f.digits == DIGITS)
			return ERR_USAGE;
		f.b[f.digits / 2] |= (uint8_t)(f.digits % 2 == 0 ? d << 4 : d);
		f.digits++;
	}
	if (f.digits < DIGITS_MIN)
		return ERR_USAGE;
	*out = f;
	return OK;
}

bool
trust_fingerprint_fits(const struct trust_fingerprint *f, const struct digest *anchor)
{
	size_t whole = f->digits / 2;

	if (f->digits < DIGITS_MIN || memcmp(f->b, anchor->b, whole) != 0)
		return false;
	return f->digits % 2 == 0 || f->b[whole] == (anchor->b[whole] & 0xf0);
}
