/*
 * Tests of verify/ledger: what was signed stands, what was not is cut, everything else is refused.
 * Signatures are made by ssh-keygen, and checked by it once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "formats/limits.h"
#include "tests/unit/huge.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/keymaker.h"
#include "verify/ledger.h"
#include "verify/signer.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define ENTRIES 5u
#define CAP (4 * (size_t)LIMIT_ENTRY)

static const struct moment when = { 1795162320, 60 };

/* Made once: the keys "key" and "other", good/ledger with five entries; each test has a copy. */
static struct scratch s;
static int home;
static char key[256], other[256];
static unsigned before;

static enum err
commit(struct ledger *l, const char *text, struct fault *f)
{
	struct json_writer *w = ledger_entry(l, "tested", when);

	json_put_string(w, "text", text);
	return ledger_commit(l, w, NULL, f);
}

static void
make_five(void)
{
	struct ledger *l;
	int good;

	assert_int_equal(scratch_run(&s, "mkdir good kept"), 0);
	good = openat(home, "good", O_RDONLY | O_DIRECTORY);
	assert_int_equal(ledger_create(good, "waxseal/site/plant7", key, NULL), OK);
	assert_int_equal(ledger_open(&l, good, "ledger", key, NULL), OK);
	for (unsigned i = 1; i <= ENTRIES; i++) {
		struct json_writer *w = ledger_entry(l, i == 1 ? "founded" : "tested", when);
		uint64_t number = 0;
		char line[64];

		json_put_uint(w, "square", i * i);
		assert_int_equal(ledger_commit(l, w, &number, NULL), OK);
		assert_int_equal(number, i);
		snprintf(line, sizeof line, "cp good/ledger/checkpoint kept/%u", i);
		assert_int_equal(scratch_run(&s, line), 0);
	}
	ledger_free(l);
	close(good);
}

static int
make_all(void **state)
{
	(void)state;
	unsetenv("SSH_AUTH_SOCK");
	s = scratch_new();
	home = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (keymaker_make(scratch_path(&s, "key", key), "key", NULL) != OK ||
	    keymaker_make(scratch_path(&s, "other", other), "other", NULL) != OK)
		return -1;
	make_five();
	return 0;
}

static int
end_all(void **state)
{
	(void)state;
	close(home);
	scratch_end(&s);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	return scratch_run(&s, "rm -rf ledger && cp -a good/ledger ledger");
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(process_descriptors(), before);
	process_no_children();
	return 0;
}

/* Open ledger/, by ${with} or for reading only, and close it again. */
static enum err
opens(const char *with, uint64_t *size, bool *torn, struct fault *f)
{
	struct ledger *l;
	enum err e = ledger_open(&l, home, "ledger", with, f);

	assert_int_equal(l != NULL, e == OK);
	if (e == OK && size != NULL)
		*size = l->checkpoint.size;
	if (e == OK && torn != NULL)
		*torn = l->torn;
	ledger_free(l);
	return e;
}

static void
run(const char *line)
{
	assert_int_equal(scratch_run(&s, line), 0);
}

/* Either way of opening must refuse it, and change nothing. */
static void
refused(const char *what, enum err want)
{
	static char was[2 * CAP], is[2 * CAP];
	const size_t len = scratch_get(&s, "ledger/entries.jsonl", was, sizeof was);

	for (int i = 0; i < 2; i++) {
		struct fault f = { .at = "" };
		enum err e = opens(i == 0 ? NULL : key, NULL, NULL, &f);

		if (e != want)
			fail_msg("%s: %s (%s)", what, err_code(e), f.at);
		assert_int_equal(f.err, e);
	}
	assert_int_equal(scratch_get(&s, "ledger/entries.jsonl", is, sizeof is), len);
	assert_memory_equal(was, is, len);
}

static void
created(void **state)
{
	static const char *const files[] = { "entries.jsonl", "checkpoint", "key.pub" };
	struct digest empty;
	struct ledger *l;
	struct stat st;
	int dir;

	(void)state;
	run("rm -rf ledger");
	assert_int_equal(ledger_create(home, "waxseal/vendor/etl", key, NULL), OK);
	dir = openat(home, "ledger", O_RDONLY | O_DIRECTORY);
	assert_int_equal(fstat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	for (size_t i = 0; i < COUNT(files); i++) {
		assert_int_equal(fstatat(dir, files[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	close(dir);
	assert_int_equal(ledger_open(&l, home, "ledger", NULL, NULL), OK);
	assert_string_equal(l->checkpoint.origin, "waxseal/vendor/etl");
	assert_int_equal(l->checkpoint.size, 0);
	digest_sha256("", 0, &empty);	/* RFC 6962 section 2.1: the hash of an empty list */
	assert_memory_equal(&l->checkpoint.root, &empty, sizeof empty);
	assert_string_equal(l->key_file, "");
	assert_false(l->torn);
	ledger_free(l);
	ledger_free(NULL);
	assert_int_not_equal(ledger_create(home, "waxseal/vendor/etl", "no-such-key", NULL), OK);
	assert_int_not_equal(ledger_open(&l, home, "nowhere", NULL, NULL), OK);
	assert_null(l);
}

/* RFC 6962 section 2.1, written down as it stands there. */
static struct digest
tree_hash(const struct digest *leaf, size_t n)
{
	struct digest d;
	uint8_t node[65] = { 1 };
	size_t k = 1;

	if (n == 1)
		return *leaf;
	while (2 * k < n)
		k *= 2;
	d = tree_hash(leaf, k);
	memcpy(node + 1, d.b, 32);
	d = tree_hash(leaf + k, n - k);
	memcpy(node + 33, d.b, 32);
	digest_sha256(node, sizeof node, &d);
	return d;
}

static void
roots(void **state)
{
	static const char first[] = "{\"n\":1,\"time\":\"2026-11-20T09:12:00+01:00\","
	    "\"what\":\"founded\",\"square\":1}\n";
	struct digest leaf[ENTRIES], root;
	char text[4096], line[1024], *at = text;
	struct ledger *l;

	(void)state;
	scratch_get(&s, "ledger/entries.jsonl", text, sizeof text);
	for (size_t i = 0; i < ENTRIES; i++) {
		const size_t len = strcspn(at, "\n");

		assert_in_range(len, 1, sizeof line - 2);
		line[0] = '\0';
		memcpy(line + 1, at, len);
		digest_sha256(line, len + 1, &leaf[i]);
		at += len + 1;
	}
	assert_string_equal(at, "");
	assert_int_equal(ledger_open(&l, home, "ledger", NULL, NULL), OK);
	assert_int_equal(l->checkpoint.size, ENTRIES);
	assert_string_equal(l->checkpoint.origin, "waxseal/site/plant7");
	root = tree_hash(leaf, ENTRIES);
	assert_memory_equal(&l->checkpoint.root, &root, sizeof root);
	ledger_free(l);
	assert_memory_equal(text, first, strlen(first));
}

/* As SPEC says that it can be done by hand. */
static void
checked_by_ssh_keygen(void **state)
{
	(void)state;
	run("csplit -sz -f part ledger/checkpoint '/^-----BEGIN SSH SIGNATURE-----$/'");
	run("printf 'me %s\\n' \"$(cat ledger/key.pub)\" >allowed");
	run("ssh-keygen -Y verify -f allowed -I me -n checkpoint@waxseal -s part01 <part00 "
	    ">/dev/null");
	run("test \"$(sed -n 1,2p part00)\" = \"$(printf 'waxseal/site/plant7\\n5')\"");
	run("test \"$(cut -d' ' -f1,2 key.pub)\" = \"$(cat ledger/key.pub)\"");
}

struct visits {
	uint64_t count, stop;
};

static enum err
visit(void *arg, uint64_t number, const struct json_node *entry, struct json *j, const char *line,
    size_t len)
{
	struct visits *v = arg;

	assert_int_equal(number, ++v->count);
	assert_int_equal(json_get_uint(j, entry, "square", 1, 100), number * number);
	assert_int_equal(line[0], '{');
	assert_int_equal(line[len - 1], '}');
	return number == v->stop ? ERR_REPLAYED : OK;
}

static void
visited(void **state)
{
	struct fault f = { .at = "" };
	struct visits v = { .count = 0 };
	struct ledger *l;
	char path[256];

	(void)state;
	assert_int_equal(ledger_open(&l, AT_FDCWD, scratch_path(&s, "ledger", path), NULL, NULL),
	    OK);
	assert_int_equal(ledger_each(l, visit, &v, NULL), OK);
	assert_int_equal(v.count, ENTRIES);
	v = (struct visits){ .stop = 3 };
	assert_int_equal(ledger_each(l, visit, &v, &f), ERR_REPLAYED);
	assert_int_equal(v.count, 3);
	assert_string_equal(f.at, "ledger entry 3");
	ledger_free(l);
}

/* What one crash can leave behind the last signed entry. */
static void
uncommitted(void **state)
{
	static const char *const tails[] = {
		"printf '{\"n\":6,\"time\":\"2026-11-20T09:12:00Z\",\"what\":\"x\"}\\n'",
		"printf '{\"n\":6,\"time\":'",
		"printf '{'",
		"printf '\\n'",
		"printf '\\0'",
		"head -c 65535 /dev/zero; printf '\\n'",
		"head -c 65536 /dev/zero",
		"tail -n 1 good/ledger/entries.jsonl",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(tails); i++) {
		struct fault f = { .at = "" };
		uint64_t size = 0;
		bool torn = false;
		char line[256];

		snprintf(line, sizeof line, "{ cat good/ledger/entries.jsonl; %s; } "
		    ">ledger/entries.jsonl && cp ledger/entries.jsonl before", tails[i]);
		run(line);
		if (opens(NULL, &size, &torn, &f) != OK)
			fail_msg("%s: %s", tails[i], f.at);
		assert_int_equal(size, ENTRIES);
		assert_true(torn);
		run("cmp before ledger/entries.jsonl");		/* a reader leaves it there */
		torn = false;
		assert_int_equal(opens(key, &size, &torn, NULL), OK);
		assert_int_equal(size, ENTRIES);
		assert_true(torn);
		run("cmp good/ledger/entries.jsonl ledger/entries.jsonl");
		assert_int_equal(opens(key, &size, &torn, NULL), OK);
		assert_false(torn);
	}
}

static void
too_much_behind(void **state)
{
	static const char *const tails[] = {
		"printf '{}\\n{}\\n'",
		"printf '{}\\n{'",
		"printf '\\n\\n'",
		"printf '\\n\\0'",
		"head -c 65536 /dev/zero; printf '\\n'",
		"head -c 65537 /dev/zero",
		"cat good/ledger/entries.jsonl",
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < COUNT(tails); i++) {
		snprintf(line, sizeof line,
		    "{ cat good/ledger/entries.jsonl; %s; } >ledger/entries.jsonl",
		    tails[i]);
		run(line);
		refused(tails[i], ERR_LEDGER);
	}
}

/* Every line changed, removed, swapped with the next, doubled, joined to the next, emptied. */
static void
tampered(void **state)
{
	static const char *const scripts[] = {
		"%us/2026/2025/", "%us/$/ /", "%us/^/ /", "%us/T09/T10/", "%us/.*//", "%us/.$//",
		"%us/$/\\r/", "%ud", "%u{h;d};%u{G}", "%up", "%u{N;s/\\n//}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		for (unsigned n = 1; n <= ENTRIES; n++) {
			char script[64], line[256];

			if (n == ENTRIES && strchr("{p", scripts[i][2]) != NULL)
				continue;	/* no next one; one behind the last is a crash */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(script, sizeof script, scripts[i], n, n + 1);
#pragma GCC diagnostic pop
			snprintf(line, sizeof line, "sed -e '%s' good/ledger/entries.jsonl "
			    ">ledger/entries.jsonl && "
			    "! cmp -s good/ledger/entries.jsonl ledger/entries.jsonl", script);
			run(line);
			refused(script, ERR_LEDGER);
		}
	}
	run(": >ledger/entries.jsonl");
	refused("emptied", ERR_LEDGER);
}

/* No byte of the entries can be cut off or changed. */
static void
every_byte(void **state)
{
	char text[4096];
	const size_t len = scratch_get(&s, "good/ledger/entries.jsonl", text, sizeof text);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		scratch_put(&s, "ledger/entries.jsonl", text, i);
		assert_int_equal(opens(NULL, NULL, NULL, NULL), ERR_LEDGER);
		text[i] ^= 1;
		scratch_put(&s, "ledger/entries.jsonl", text, len);
		assert_int_equal(opens(NULL, NULL, NULL, NULL), ERR_LEDGER);
		text[i] ^= 1;
	}
}

static void
checkpoints(void **state)
{
	char text[4096], cut[4096], line[128];
	size_t len;
	uint64_t size;
	bool torn;

	(void)state;
	/* an older one: the entries behind it were signed once, but this one does not say so */
	for (unsigned i = 1; i < ENTRIES - 1; i++) {
		snprintf(line, sizeof line, "cp kept/%u ledger/checkpoint", i);
		run(line);
		refused(line, ERR_LEDGER);
	}
	run("cp kept/4 ledger/checkpoint");
	assert_int_equal(opens(NULL, &size, &torn, NULL), OK);
	assert_int_equal(size, 4);
	assert_true(torn);
	/* a newer one */
	run("cp kept/5 ledger/checkpoint");
	run("head -n 4 good/ledger/entries.jsonl >ledger/entries.jsonl");
	refused("newer", ERR_LEDGER);
	/* every truncation, and every bit that is not the signature's own affair */
	run("cp good/ledger/* ledger/");
	len = scratch_get(&s, "ledger/checkpoint", text, sizeof text);
	for (size_t i = 0; i < len; i++) {
		scratch_put(&s, "ledger/checkpoint", text, i);
		assert_int_equal(opens(NULL, NULL, NULL, NULL), ERR_LEDGER_KEY);
		memcpy(cut, text, len);
		cut[i] ^= 1;
		scratch_put(&s, "ledger/checkpoint", cut, len);
		assert_int_equal(opens(NULL, NULL, NULL, NULL), ERR_LEDGER_KEY);
	}
	text[len] = '\n';
	scratch_put(&s, "ledger/checkpoint", text, len + 1);
	refused("a byte too many", ERR_LEDGER_KEY);
}

/* The first three lines of the checkpoint as ${who} signs them in ${namespace}. */
static void
sign_checkpoint(const char *body, size_t len, const char *who, const char *namespace,
    const char *how)
{
	char armor[LIMIT_ARMOR + 1], path[256];
	struct ssh_key by;
	FILE *f;

	assert_int_equal(signer_sign(who, namespace, body, len, armor, &by, NULL), OK);
	f = fopen(scratch_path(&s, "ledger/checkpoint", path), how);
	assert_non_null(f);
	if (*how == 'w')
		assert_int_equal(fwrite(body, 1, len, f), len);
	assert_int_equal(fwrite(armor, 1, strlen(armor), f), strlen(armor));
	assert_int_equal(fclose(f), 0);
}

static void
other_keys(void **state)
{
	char body[1024];
	size_t len;

	(void)state;
	len = scratch_get(&s, "ledger/checkpoint", body, sizeof body);
	len = (size_t)(strstr(body, "-----BEGIN") - body);
	sign_checkpoint(body, len, key, "checkpoint@waxseal", "w");
	assert_int_equal(opens(key, NULL, NULL, NULL), OK);
	sign_checkpoint(body, len, other, "checkpoint@waxseal", "w");
	refused("by another key", ERR_LEDGER_KEY);
	sign_checkpoint(body, len, key, "checkpoint@waxseal", "a");
	refused("by both", ERR_LEDGER_KEY);
	sign_checkpoint(body, len, key, "checkpoint@waxseal", "w");
	sign_checkpoint(body, len, key, "checkpoint@waxseal", "a");
	refused("twice", ERR_LEDGER_KEY);
	sign_checkpoint(body, len, key, "receipt@waxseal", "w");
	refused("in another namespace", ERR_LEDGER_KEY);
	run("cp good/ledger/checkpoint ledger/ && cp other.pub ledger/key.pub");
	refused("another key.pub", ERR_LEDGER_KEY);
	/* who opens it sees whose it is: all of it another's, and sound in itself */
	run("rm -r ledger");
	assert_int_equal(ledger_create(home, "waxseal/site/plant8", other, NULL), OK);
	assert_int_equal(opens(NULL, NULL, NULL, NULL), OK);
}

static void
missing(void **state)
{
	static const char *const lines[] = {
		"rm ledger/key.pub", "rm ledger/checkpoint", "rm ledger/entries.jsonl",
		"mv ledger/entries.jsonl e && ln -s ../e ledger/entries.jsonl",
		"mv ledger/checkpoint c && ln -s ../c ledger/checkpoint",
		"mv ledger l && ln -s l ledger",
		"rm -r ledger",
		"rm -r ledger && touch ledger",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		run("rm -rf ledger l && cp -a good/ledger ledger");
		run(lines[i]);
		assert_int_not_equal(opens(NULL, NULL, NULL, NULL), OK);
		assert_int_not_equal(opens(key, NULL, NULL, NULL), OK);
	}
	run("rm -rf ledger l");
}

/*
 * The key signed what no program of ours writes: a fault of the ledger and of nothing else.  The
 * reasons of documents would make it a verdict (exit status 13) on a medium.
 */
static void
malformed(void **state)
{
#define GOOD "\"time\":\"2026-11-20T09:12:00Z\",\"what\":\"x\"}\n"
	static const struct {
		const char *entries;
		uint64_t count;
		enum err want;
	} table[] = {
		{ "{\"n\":1," GOOD, 1, OK },
		{ "{\"n\":1," GOOD "{\"n\":2," GOOD, 2, OK },
		{ "{\"n\":2," GOOD, 1, ERR_LEDGER },
		{ "{\"n\":0," GOOD, 1, ERR_LEDGER },
		{ "{\"n\":1," GOOD "{\"n\":1," GOOD, 2, ERR_LEDGER },
		{ "{" GOOD, 1, ERR_LEDGER },
		{ "{\"n\":1,\"what\":\"x\"}\n", 1, ERR_LEDGER },
		{ "{\"n\":1,\"time\":\"2026-11-20T09:12:00Z\"}\n", 1, ERR_LEDGER },
		{ "{\"n\":1,\"time\":\"yesterday\",\"what\":\"x\"}\n", 1, ERR_LEDGER },
		{ "{\"n\":1,\"n\":1," GOOD, 1, ERR_LEDGER },
		{ "words\n", 1, ERR_LEDGER },
		{ "\n", 1, ERR_LEDGER },
	};
	char text[CHECKPOINT_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct checkpoint c = { .origin = "waxseal/site/plant7", .size = table[i].count };
		struct fault f = { .at = "" };
		struct merkle tree = { .size = 0 };
		const char *at = table[i].entries;
		struct digest leaf;
		enum err e;

		for (; *at != '\0'; at = strchr(at, '\n') + 1) {
			merkle_leaf(at, strcspn(at, "\n"), &leaf);
			merkle_append(&tree, &leaf);
		}
		merkle_root(&tree, &c.root);
		scratch_put(&s, "ledger/entries.jsonl", table[i].entries, strlen(table[i].entries));
		sign_checkpoint(text, merkle_checkpoint_print(&c, text), key, "checkpoint@waxseal",
		    "w");
		e = opens(NULL, NULL, NULL, &f);
		if (e != table[i].want)
			fail_msg("%s: %s (%s)", table[i].entries, err_code(e), f.at);
	}
	run("cp good/ledger/* ledger/");
	sign_checkpoint("words\n", 6, key, "checkpoint@waxseal", "w");
	refused("no checkpoint", ERR_LEDGER);
	run("cp good/ledger/* ledger/ && echo words >ledger/key.pub");
	refused("no key", ERR_LEDGER_KEY);
}

/* An entry that cannot be signed must not happen, nor any after it, until it is opened again. */
static void
stuck(void **state)
{
	struct fault f = { .at = "" };
	uint64_t size = 0;
	struct ledger *l;
	bool torn = false;

	(void)state;
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	assert_false(l->stuck);
	run("mv key away");
	assert_int_equal(commit(l, "never", &f), ERR_SIGNER);
	run("mv away key");
	assert_true(l->stuck);
	assert_int_equal(l->checkpoint.size, ENTRIES);
	assert_int_equal(l->tree.size, ENTRIES);
	assert_int_equal(commit(l, "never", &f), ERR_LEDGER);
	run("! cmp -s good/ledger/entries.jsonl ledger/entries.jsonl");
	run("cmp good/ledger/checkpoint ledger/checkpoint");
	ledger_free(l);

	assert_int_equal(opens(key, &size, &torn, NULL), OK);
	assert_int_equal(size, ENTRIES);
	assert_true(torn);
	run("cmp good/ledger/entries.jsonl ledger/entries.jsonl");
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	assert_int_equal(commit(l, "now", NULL), OK);
	ledger_free(l);
	assert_int_equal(opens(NULL, &size, &torn, NULL), OK);
	assert_int_equal(size, ENTRIES + 1);
	assert_false(torn);
}

/* The checkpoint cannot be replaced: a directory is in the way, which stops root, too. */
static void
stuck_before_the_rename(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	run("mkdir ledger/.checkpoint.new");
	assert_int_equal(commit(l, "never", NULL), ERR_IO);
	run("rmdir ledger/.checkpoint.new");
	assert_int_equal(commit(l, "never", NULL), ERR_LEDGER);
	ledger_free(l);
	assert_int_equal(opens(key, NULL, NULL, NULL), OK);
	run("cmp good/ledger/entries.jsonl ledger/entries.jsonl");
}

static void
bad_entries(void **state)
{
	char *text = malloc(LIMIT_ENTRY);
	struct fault f;
	struct ledger *l;
	uint64_t size;
	size_t room;

	(void)state;
	assert_non_null(text);
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	assert_int_equal(ledger_commit(l, NULL, NULL, &f), ERR_MEMORY);
	assert_int_equal(commit(l, "\xff", &f), ERR_JSON_UTF8);
	run("cmp good/ledger/entries.jsonl ledger/entries.jsonl");
	ledger_free(l);
	/* a line of just LIMIT_ENTRY bytes with its newline, and one more */
	room = (size_t)LIMIT_ENTRY - strlen("{\"n\":6,\"time\":\"2026-11-20T09:12:00+01:00\","
	    "\"what\":\"tested\",\"text\":\"\"}\n");
	memset(text, 'x', room + 1);
	text[room + 1] = '\0';
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	assert_int_equal(commit(l, text, &f), ERR_HOME);
	run("cmp good/ledger/entries.jsonl ledger/entries.jsonl");
	ledger_free(l);
	text[room] = '\0';
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	assert_int_equal(commit(l, text, &f), OK);
	ledger_free(l);
	assert_int_equal(opens(key, &size, NULL, NULL), OK);
	assert_int_equal(size, ENTRIES + 1);
	free(text);
}

/* LIMIT_LEDGER: what is larger is not read; so nothing is added that would make it larger. */
static void
largest(void **state)
{
	struct fault f;
	struct ledger *l;
	uint64_t line, size;
	char path[256];
	struct stat st;

	(void)state;
	scratch_path(&s, "ledger/entries.jsonl", path);
	assert_int_equal(ledger_open(&l, home, "ledger", key, NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	size = (uint64_t)st.st_size;
	assert_int_equal(commit(l, "a", NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	line = (uint64_t)st.st_size - size;
	assert_int_equal(l->size, st.st_size);
	l->size = LIMIT_LEDGER - line + 1;	/* pretend */
	assert_int_equal(commit(l, "b", &f), ERR_HOME);
	assert_false(l->stuck);
	l->size = LIMIT_LEDGER - line;
	assert_int_equal(commit(l, "c", NULL), OK);
	assert_int_equal(commit(l, "", &f), ERR_HOME);
	ledger_free(l);
	assert_int_equal(opens(key, &size, NULL, NULL), OK);
	assert_int_equal(size, ENTRIES + 2);

	/* It is read, and has an empty line that nobody committed. */
	run("echo >>ledger/entries.jsonl");
	assert_int_equal(truncate(path, (off_t)LIMIT_LEDGER), 0);
	assert_int_equal(opens(key, NULL, NULL, NULL), ERR_LEDGER);
	assert_int_equal(truncate(path, (off_t)LIMIT_LEDGER + 1), 0);
	assert_int_equal(opens(key, NULL, NULL, NULL), ERR_LIMIT);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(created),
		T(roots),
		T(checked_by_ssh_keygen),
		T(visited),
		T(uncommitted),
		T(too_much_behind),
		T(tampered),
		T(every_byte),
		T(checkpoints),
		T(other_keys),
		T(missing),
		T(malformed),
		T(stuck),
		T(stuck_before_the_rename),
		T(bad_entries),
		T(largest),
	};

	return cmocka_run_group_tests(tests, make_all, end_all);
}
