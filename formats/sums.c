/*
 * sums: reading and printing SHA256SUMS.  Only the form that we write ourselves is read: no escaped
 * lines, no binary marker, one order.  SPEC, "SHA256SUMS".
 */
#include "formats/sums.h"

#include <string.h>

#include "formats/name.h"

#define HEX	(DIGEST_HEX - 1)
#define PREFIX	(HEX + 2)		/* the digest and two spaces */

void
sums_open(struct sums *s, const void *buf, size_t len)
{
	*s = (struct sums){ .at = buf, .end = (const char *)buf + len };
}

enum err
sums_next(struct sums *s, struct sums_line *line, bool *more)
{
	const size_t left = (size_t)(s->end - s->at);
	const char *newline = left > 0 ? memchr(s->at, '\n', left) : NULL;
	struct sums_line l;

	*line = (struct sums_line){ 0 };
	*more = false;
	if (left == 0)
		return OK;
	s->line++;
	if (newline == NULL || (size_t)(newline - s->at) < PREFIX)
		return ERR_SUMS_FORM;
	if (!digest_from_hex(&l.digest, s->at, HEX) || memcmp(s->at + HEX, "  ", 2) != 0)
		return ERR_SUMS_FORM;
	l.path = s->at + PREFIX;
	l.len = (size_t)(newline - l.path);
	if (!name_path_ok(l.path, l.len))
		return ERR_CONTENTS_NAME;
	if (s->line > 1 && sums_compare(s->last.path, s->last.len, l.path, l.len) >= 0)
		return ERR_SUMS_FORM;
	s->at = newline + 1;
	s->last = *line = l;
	*more = true;
	return OK;
}

size_t
sums_print(const struct digest *d, const char *path, size_t len, char *out)
{
	digest_hex(d, out);
	memcpy(out + HEX, "  ", 2);
	memcpy(out + PREFIX, path, len);
	out[PREFIX + len] = '\n';
	return PREFIX + len + 1;
}

int
sums_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}
