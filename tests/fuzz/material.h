/*
 * material: the tiny consignment that seeds.sh had our programs make: its image, and what is known
 * of it once its signatures were verified.
 */
#ifndef TESTS_FUZZ_MATERIAL_H
#define TESTS_FUZZ_MATERIAL_H

#include "formats/code.h"
#include "formats/limits.h"
#include "tests/fuzz/fuzz.h"
#include "verify/judgement.h"

struct material {
	uint8_t *image;
	size_t size;
	struct seal_header header;
	struct trust_chain *chain;
	struct seal *seal;
};

static inline struct material
material_load(void)
{
	const char *dir = getenv("FUZZ_MATERIAL");
	struct material m = { .size = 0 };
	struct document doc;
	char path[1200];
	size_t line;

	(void)snprintf(path, sizeof(path), "%s/a1.iso", dir != NULL ? dir : "build/fuzz/material");
	if ((m.image = fuzz_load(path, &m.size)) == NULL) {
		fprintf(stderr, "no %s: see tests/fuzz/seeds.sh\n", path);
		exit(2);
	}
	HOLD(m.size > ISO_START);
	HOLD(seal_header_parse(m.image + SEAL_OFFSET, SEAL_SIZE, &m.header, &line) == OK);
	HOLD(document_split(m.image + SEAL_OFFSET + line, m.header.length, &doc) == OK);
	HOLD(seal_parse(&m.seal, &doc, NULL, NULL) == OK && seal_regions(m.seal, NULL) == OK);
	HOLD(trust_chain_parse(&m.chain, m.image + m.header.chain.offset, m.header.chain.length,
	    &m.header.anchor, NULL) == OK);
	return m;
}

#endif
