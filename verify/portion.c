/*
 * portion: see portion.h.
 */
#include "verify/portion.h"

#include "formats/limits.h"
#include "formats/sums.h"

void
portion_free(struct portion *p)
{
	listing_free(&p->whole);
	p->piece_count = 0;
}

uint64_t
portion_bytes(const struct portion *p)
{
	uint64_t bytes = p->whole.bytes;
	size_t i;

	for (i = 0; i < p->piece_count; i++)
		bytes += p->piece[i].end - p->piece[i].offset;
	return bytes;
}

enum err
portion_add_piece(struct portion *p, const char *name, size_t len, uint64_t size)
{
	struct share_piece seen;

	if (!share_parse(name, len, &seen))
		return ERR_CONTENTS_NAME;
	if (p->piece_count == sizeof(p->piece) / sizeof(p->piece[0]))
		return ERR_CONTENTS_EXTRA;
	if (size > LIMIT_IMAGE || seen.offset > LIMIT_IMAGE)
		return ERR_LIMIT;
	seen.end = seen.offset + size;
	p->piece[p->piece_count++] = seen;
	return OK;
}

static enum err
count_lines(const char *sums, size_t len, uint64_t *lines, struct fault *f)
{
	struct sums_line line;
	struct sums s;
	bool more;
	enum err e;

	sums_open(&s, sums, len);
	*lines = 0;
	while ((e = sums_next(&s, &line, &more)) == OK && more)
		++*lines;
	return e == OK ? OK :
	    err_fault(f, e, "SHA256SUMS, line %llu", (unsigned long long)s.line);
}

static enum err
fault_at(struct fault *f, enum err e, const struct share_piece *piece)
{
	char name[SHARE_NAME];

	share_name(piece, name);
	return err_fault(f, e, "pieces/%s", name);
}

/* The digest of a cut file is checked when its pieces are together; until then, their lengths. */
static enum err
check_piece(const struct portion *p, const struct share_piece *expected, struct fault *f)
{
	size_t i;

	for (i = 0; i < p->piece_count; i++) {
		const struct share_piece *seen = &p->piece[i];

		if (seen->line != expected->line || seen->offset != expected->offset)
			continue;
		if (seen->end == seen->offset ||
		    (expected->end != SHARE_TO_END && seen->end != expected->end))
			return fault_at(f, ERR_CONTENTS_DIGEST, expected);
		return OK;
	}
	return fault_at(f, ERR_CONTENTS_MISSING, expected);
}

enum err
portion_check(struct portion *p, const struct seal *s, size_t release, const char *sums, size_t len,
    uint64_t *lines, struct fault *f)
{
	struct share share;
	size_t i;
	enum err e;

	if ((e = count_lines(sums, len, lines, f)) != OK)
		return e;
	if ((e = share_of(s, s->volume, release, *lines, &share)) != OK)
		return err_fault(f, e, "a cut behind the last file of %s", s->release[release].id);
	for (i = 0; i < share.piece_count; i++)
		if ((e = check_piece(p, &share.piece[i], f)) != OK)
			return e;
	/* All that are expected were found, under as many names. */
	if (p->piece_count > share.piece_count)
		return err_fault(f, ERR_CONTENTS_EXTRA, "pieces of %s", s->release[release].id);
	return listing_compare(&p->whole, sums, len, share.first, share.last, f);
}
