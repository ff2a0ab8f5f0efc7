/*
 * Who sealed it?  What is read of a medium before anything is authentic: header, chain, seal.
 * verify/link.c and verify/probe.c are replaced: the medium is the image of the material, with
 * other bytes in its SEAL area and, behind the first 16 KiB of them, in its first chain.
 *
 * The first byte: 1: the sender is known by a fingerprint only; 2: the document in the SEAL area is
 * signed by key 0, and the chain is seeds/chain/one.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/material.h"
#include "tests/fuzz/sign.h"
#include "verify/judge.h"
#include "verify/link.h"
#include "verify/probe.h"

enum { BY_FINGERPRINT = 1, BY_OUR_KEY = 2 };

static struct material material;
static uint8_t *medium;
static struct trust_chain *ours;

/* ---- in place of verify/link.c ---- */

enum err
link_start(struct link *l, const struct crew_medium *m, struct device *device, struct fault *f)
{
	(void)m, (void)f;
	l->bytes = 0;
	*device = (struct device){ .kind = DEVICE_FILE, .size = material.size };
	return OK;
}

void
link_stop(struct link *l)
{
	(void)l;
}

enum err
link_wait(struct pollfd *fds, nfds_t n, uint64_t *left)
{
	(void)fds, (void)n, (void)left;
	return ERR_SILENT;
}

bool
link_command(struct link *l, uint64_t op, uint64_t a, uint64_t b)
{
	(void)l, (void)op, (void)a, (void)b;
	return false;
}

enum err
link_report(struct link *l, uint64_t steps, struct report *r)
{
	(void)l, (void)steps, (void)r;
	return ERR_SILENT;
}

enum err
link_read(struct link *l, uint64_t offset, void *buf, size_t len, struct fault *f)
{
	l->bytes += len;
	HOLD(l->bytes < 64 * MIB);	/* nobody lets us read for ever */
	if (offset > material.size || len > material.size - offset)
		return err_fault(f, ERR_UNREADABLE, "at byte %llu", (unsigned long long)offset);
	memcpy(buf, medium + offset, len);
	return OK;
}

uint64_t
link_size(struct link *l)
{
	(void)l;
	return material.size;
}

enum err
probe_start(struct probe_child *c, struct fault *f)
{
	(void)c, (void)f;
	return OK;
}

void
probe_stop(struct probe_child *c)
{
	(void)c;
}

enum err
probe_ask(struct probe_child *c, const void *head, size_t head_len, const void *tail,
    size_t tail_len, uint64_t size, struct probe *out, struct fault *f)
{
	(void)c, (void)head, (void)head_len, (void)tail, (void)tail_len, (void)size, (void)f;
	*out = (struct probe){ .known = true };
	return OK;
}

bool
probe_is_polyglot(const struct probe *p)
{
	(void)p;
	return false;
}

/* ---- */

static void
load_ours(void)
{
	const char *dir = getenv("FUZZ_SEEDS");
	struct trust *t;
	uint8_t *body;
	char path[1200], *doc;
	size_t size, len;

	(void)snprintf(path, sizeof(path), "%s/chain/one", dir != NULL ? dir : "tests/fuzz/seeds");
	if ((body = fuzz_load(path, &size)) == NULL) {
		fprintf(stderr, "no %s: set FUZZ_SEEDS\n", path);
		exit(2);
	}
	doc = sign_body(body, size, "trust@waxseal", 3, &len);
	HOLD((ours = trust_chain_new()) != NULL);
	HOLD(trust_first(&t, doc, len, NULL, NULL) == OK);
	HOLD(trust_chain_add(ours, t, doc, len) == OK);
	free(doc);
	free(body);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	material = material_load();
	load_ours();
	HOLD((medium = malloc(material.size)) != NULL);
	return 0;
}

/* The header line as it is but for the length, then the rest as a signed document. */
static void
put_signed(const uint8_t *area, size_t len)
{
	const uint8_t *newline = memchr(area, '\n', len);
	char line[LIMIT_HEADER_LINE + 1], *doc;
	struct seal_header h;
	size_t body, n, used;

	if (newline == NULL)
		return;
	body = len - (size_t)(newline + 1 - area);
	doc = sign_body(newline + 1, body, "seal@waxseal", 1, &n);
	if (seal_header_parse(medium + SEAL_OFFSET, SEAL_SIZE, &h, &used) == OK) {
		h.length = n;
		h.anchor = *trust_chain_anchor(ours);
		if (seal_header_print(&h, line, &used) == OK && used + n <= SEAL_SIZE) {
			memset(medium + SEAL_OFFSET, 0, SEAL_SIZE);
			memcpy(medium + SEAL_OFFSET, line, used);
			memcpy(medium + SEAL_OFFSET + used, doc, n);
		}
	}
	free(doc);
	memcpy(medium + material.header.chain.offset, ours->bytes,
	    ours->len < material.header.chain.length ? ours->len : material.header.chain.length);
}

static void
put_medium(uint8_t flags, const uint8_t *data, size_t size)
{
	size_t n = size < SEAL_SIZE ? size : SEAL_SIZE, room = material.header.chain.length;

	memcpy(medium, material.image, material.size);
	memset(medium + SEAL_OFFSET, 0, SEAL_SIZE);
	memcpy(medium + SEAL_OFFSET, data, n);
	if ((flags & BY_OUR_KEY) != 0)
		put_signed(data, n);
	if (size > n)
		memcpy(medium + material.header.chain.offset, data + n,
		    size - n < room ? size - n : room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct anchors anchors = { .count = 0 };
	struct judge_request q = { .path = "medium", .anchors = &anchors,
	    .now = { 1795162320, 60 } };
	struct judgement j;
	enum err e;

	if (size == 0 || size - 1 > SEAL_SIZE + material.header.chain.length)
		return 0;
	put_medium(data[0], data + 1, size - 1);
	if ((data[0] & BY_FINGERPRINT) != 0) {
		anchors.has_fingerprint = true;
		memcpy(anchors.fingerprint.b, trust_chain_anchor(ours)->b, 32);
		anchors.fingerprint.digits = 64;
	} else {
		anchors.anchor[anchors.count++].chain = material.chain;
	}
	anchors.anchor[anchors.count++].chain = ours;
	e = judge(&q, &j);
	/* The blocks are never to be had here: nothing can be good. */
	HOLD(e != OK && e != ERR_UNCHECKED && e != ERR_INCOMPLETE && j.verdict == e);
	if (j.seal != NULL)
		HOLD(j.chain != NULL && strcmp(j.seal->vendor, j.header.vendor) == 0);
	judgement_free(&j);
	return 0;
}
