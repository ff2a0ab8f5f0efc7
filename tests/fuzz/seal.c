/* The body of a seal, and what the regions that it names may be. */
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/seal.h"
#include "formats/share.h"
#include "tests/fuzz/fuzz.h"

/* What is parsed can be printed, and that is a fixed point. */
static void
print_again(const struct seal *s)
{
	struct document doc;
	struct seal *again;
	char *first, *second;
	size_t first_len, second_len;

	HOLD(seal_print(s, &first, &first_len) == OK);
	HOLD(document_split_unsigned(first, first_len, &doc) == OK);
	HOLD(seal_parse(&again, &doc, s->vendor, NULL) == OK);
	HOLD(digest_equal(&s->set, &again->set));
	HOLD(seal_regions(s, NULL) == seal_regions(again, NULL));
	HOLD(seal_print(again, &second, &second_len) == OK);
	HOLD(first_len == second_len && memcmp(first, second, first_len) == 0);
	free(first);
	free(second);
	seal_free(again);
}

/* The regions of a seal that passed: in this order, apart, and inside the image. */
static void
check_regions(const struct seal *s)
{
	const struct seal_region row[] = {
		{ 0, s->blocks * BLOCK_SIZE }, s->map, s->chain, { s->backup, SEAL_SIZE }, s->map2,
		s->chain2, { s->size - TAIL_ZEROS, TAIL_ZEROS },
	};

	HOLD(s->size <= LIMIT_IMAGE && s->blocks > 0);
	for (size_t i = 0; i + 1 < sizeof(row) / sizeof(row[0]); i++)
		HOLD(row[i].offset <= s->size && row[i].length <= s->size &&
		    row[i].offset + row[i].length <= row[i + 1].offset);
	HOLD(s->iso > ISO_START && s->iso <= s->blocks * BLOCK_SIZE);
}

/* Each line of each release is on the volumes once, whatever the cuts are. */
static void
check_shares(const struct seal *s)
{
	const uint64_t lines = 1000;
	struct share h;

	for (size_t r = 0; r < s->release_count; r++) {
		uint64_t line = 1, offset = 0;

		for (uint64_t v = 1; v <= s->volumes; v++) {
			if (share_of(s, v, r, lines, &h) != OK)
				return;		/* a cut behind the last line */
			HOLD(h.piece_count <= 2);
			for (size_t i = 0; i < h.piece_count; i++)
				HOLD(h.piece[i].offset < h.piece[i].end &&
				    h.piece[i].line >= 1 && h.piece[i].line <= lines);
			if (h.piece_count > 0 && h.piece[0].offset > 0) {
				HOLD(h.piece[0].line == line && h.piece[0].offset == offset);
				offset = h.piece[0].end;
				if (offset == SHARE_TO_END) {
					line++;
					offset = 0;
				}
			}
			if (h.first <= h.last) {
				HOLD(offset == 0 && h.first == line && h.last <= lines);
				line = h.last + 1;
			}
			if (h.piece_count > 0 && h.piece[h.piece_count - 1].offset == 0) {
				HOLD(offset == 0 && h.piece[h.piece_count - 1].line == line);
				offset = h.piece[h.piece_count - 1].end;
			}
		}
		HOLD(line == lines + 1 && offset == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document doc;
	struct fault f;
	struct seal *s;

	if (document_split_unsigned(data, size, &doc) != OK ||
	    seal_parse(&s, &doc, NULL, &f) != OK)
		return 0;
	HOLD(name_id_ok(s->vendor) && name_id_ok(s->customer));
	HOLD(s->volume >= 1 && s->volume <= s->volumes && s->volumes <= LIMIT_VOLUMES);
	HOLD(s->release_count >= 1 && s->release_count <= LIMIT_RELEASES);
	print_again(s);
	check_shares(s);
	if (seal_regions(s, &f) == OK)
		check_regions(s);
	seal_free(s);
	return 0;
}
