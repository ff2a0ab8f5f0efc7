/*
 * The home of a site: ledger, checkpoint, key, chain.  The first byte says which of its files the
 * rest is: the entries (under a checkpoint that fits), the body of the checkpoint (signed), the
 * checkpoint as a file, or the key.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/merkle.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"
#include "verify/site.h"

#define FOUNDED "{\"n\":1,\"time\":\"2026-11-20T09:12:00Z\",\"what\":\"founded\","	\
	"\"site\":\"plant7\",\"name\":\"Plant 7\",\"key\":\"\",\"solo\":true}\n"

static struct home home = { .fd = -1, .lock = -1 };

static void
clean(void)
{
	static const char *const names[] = { "ledger/entries.jsonl", "ledger/checkpoint",
		"ledger/key.pub", "ledger", "trust/etl.chain", "trust", "" };
	char path[1200];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", home.path, names[i]);
		(void)remove(path);
	}
}

static void
put(const char *name, const void *data, size_t size)
{
	int fd = openat(home.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	HOLD(fd != -1 && write(fd, data, size) == (ssize_t)size);
	(void)close(fd);
}

/* A chain of one document: seeds/chain/one, as the target chain would sign it. */
static void
put_chain(void)
{
	const char *dir = getenv("FUZZ_SEEDS");
	uint8_t *body, *chain;
	char path[1200], *doc;
	size_t size, len;

	(void)snprintf(path, sizeof(path), "%s/chain/one", dir != NULL ? dir : "tests/fuzz/seeds");
	body = fuzz_load(path, &size);
	if (body == NULL) {
		fprintf(stderr, "no %s: set FUZZ_SEEDS\n", path);
		exit(2);
	}
	doc = sign_body(body, size, "trust@waxseal", 3, &len);
	chain = malloc(8 + len);
	HOLD(chain != NULL && len < 65536);
	memcpy(chain, (const uint8_t[8]){ 1, 0, 0, 0, (uint8_t)len, (uint8_t)(len >> 8) }, 8);
	memcpy(chain + 8, doc, len);
	put("trust/etl.chain", chain, 8 + len);
	free(chain);
	free(doc);
	free(body);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	(void)snprintf(home.path, sizeof(home.path), "%s/waxseal-fuzz-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	HOLD(mkdtemp(home.path) != NULL && atexit(clean) == 0);
	home.fd = open(home.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	HOLD(home.fd != -1 && mkdirat(home.fd, "ledger", 0700) == 0 &&
	    mkdirat(home.fd, "trust", 0700) == 0);
	put_chain();
	return 0;
}

/* The checkpoint of all whole lines. */
static void
cover(const char *lines, size_t len)
{
	struct checkpoint c = { .origin = "waxseal/site/plant7" };
	struct merkle tree = { .size = 0 };
	const char *end = lines + len, *newline;
	char text[CHECKPOINT_TEXT], *doc;
	struct digest leaf;
	size_t n;

	while ((newline = memchr(lines, '\n', (size_t)(end - lines))) != NULL) {
		merkle_leaf(lines, (size_t)(newline - lines), &leaf);
		merkle_append(&tree, &leaf);
		lines = newline + 1;
	}
	c.size = tree.size;
	merkle_root(&tree, &c.root);
	doc = sign_body(text, merkle_checkpoint_print(&c, text), "checkpoint@waxseal", 1, &n);
	put("ledger/checkpoint", doc, n);
	free(doc);
}

static void
put_all(uint8_t which, const char *data, size_t size)
{
	struct keypair k = sign_key(0);
	char line[SSHSIG_LINE], *doc;
	size_t n;

	sshsig_key_print(&k.key, line);
	put("ledger/key.pub", line, strlen(line));
	put("ledger/entries.jsonl", FOUNDED, strlen(FOUNDED));
	cover(FOUNDED, strlen(FOUNDED));
	switch (which % 4) {
	case 0:
		put("ledger/entries.jsonl", data, size);
		cover(data, size);
		break;
	case 1:
		doc = sign_body(data, size, "checkpoint@waxseal", 1, &n);
		put("ledger/checkpoint", doc, n);
		free(doc);
		break;
	case 2:
		put("ledger/checkpoint", data, size);
		break;
	default:
		put("ledger/key.pub", data, size);
		break;
	}
}

static enum err
count_entry(void *arg, uint64_t number, const struct json_node *entry, struct json *j,
    const char *line, size_t len)
{
	uint64_t *n = arg;

	(void)entry, (void)j;
	HOLD(number == ++*n && line[len] == '\n' && memchr(line, '\n', len) == NULL);
	return OK;
}

static void
check(const struct site *s)
{
	const struct ledger *l = s->ledger;
	char text[240];
	uint64_t n = 0;

	HOLD(l->tree.size == l->checkpoint.size && l->tree.size >= 1);
	HOLD(ledger_each(l, count_entry, &n, NULL) == OK && n == l->tree.size);
	HOLD(*s->id != '\0' && s->floor >= 0);
	for (size_t i = 0; i < s->vendor_count; i++) {
		const struct site_vendor *v = &s->vendor[i];

		HOLD(site_vendor(s, v->id) == v && v->chain->count == v->version);
		site_gaps(s, v, text, sizeof(text));
	}
	for (size_t i = 0; i < s->accepted_count; i++)
		HOLD(s->accepted[i].entry <= n && site_vendor(s, s->accepted[i].vendor) != NULL);
	for (size_t i = 0; i < s->waiting_count; i++) {
		const struct site_waiting *w = &s->waiting[i];

		HOLD(w->volume >= 1 && w->volume <= w->volumes);
		HOLD(strlen(site_missing(s, w->vendor, w->customer, w->number, w->volumes, 0, text,
		    sizeof(text))) < sizeof(text));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct site *s = NULL;
	struct fault f;

	if (size == 0)
		return 0;
	put_all(data[0], (const char *)data + 1, size - 1);
	if (site_load(&s, &home, false, &f) == OK)
		check(s);
	else
		HOLD(s == NULL && f.err != OK);
	site_free(s);
	return 0;
}
