/*
 * ledger: see ledger.h.
 */
#include "verify/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/document.h"
#include "formats/limits.h"
#include "verify/file.h"
#include "verify/signer.h"

#define CHECKPOINT_NAMESPACE "checkpoint@waxseal"

static enum err
write_checkpoint(int dir, const char *key_file, const struct ssh_key *ledger_key,
    const struct checkpoint *c, struct fault *f)
{
	char text[CHECKPOINT_TEXT + LIMIT_ARMOR + 1];
	struct ssh_key key;
	size_t len = merkle_checkpoint_print(c, text);
	enum err e;

	e = signer_sign(key_file, CHECKPOINT_NAMESPACE, text, len, text + len, &key, f);
	if (e != OK)
		return e;
	if (!sshsig_key_equal(&key, ledger_key))	/* it would never open again */
		return err_fault(f, ERR_LEDGER_KEY, "%s is not the key of this ledger", key_file);
	return file_replace(dir, "checkpoint", 0600, text, strlen(text), f);
}

enum err
ledger_create(int home, const char *origin, const char *key_file, struct fault *f)
{
	struct checkpoint c = { .size = 0 };
	struct merkle empty = { .size = 0 };
	char line[SSHSIG_LINE + 1];
	struct ssh_key key;
	enum err e;
	int dir;

	if ((e = signer_public(key_file, &key, NULL, 0, f)) != OK ||
	    (e = file_mkdir(home, "ledger", f)) != OK)
		return e;
	dir = file_open(home, "ledger", O_RDONLY | O_DIRECTORY, 0);
	if (dir == -1)
		return err_fault(f, err_errno(), "ledger: %s", strerror(errno));
	(void)snprintf(c.origin, sizeof(c.origin), "%s", origin);
	merkle_root(&empty, &c.root);
	sshsig_key_print(&key, line);
	memcpy(line + strlen(line), "\n", 2);
	if ((e = file_replace(dir, "key.pub", 0600, line, strlen(line), f)) == OK &&
	    (e = file_replace(dir, "entries.jsonl", 0600, "", 0, f)) == OK)
		e = write_checkpoint(dir, key_file, &key, &c, f);
	(void)close(dir);
	return e;
}

static enum err
load_checkpoint(struct ledger *l, struct fault *f)
{
	struct document doc;
	struct signers signers;
	char *text = NULL, *line = NULL;
	size_t len;
	enum err e;

	if ((e = file_load(l->dir, "key.pub", LIMIT_KEY_LINE, &line, &len, f)) != OK)
		goto out;
	if (sshsig_key_parse(line, len, &l->key, NULL, 0) != OK) {
		e = err_fault(f, ERR_LEDGER_KEY, "key.pub is no public key");
		goto out;
	}
	if ((e = file_load(l->dir, "checkpoint", CHECKPOINT_TEXT + LIMIT_ARMOR, &text, &len, f)) !=
	    OK)
		goto out;
	if (document_split(text, len, &doc) != OK ||
	    document_signers(&doc, CHECKPOINT_NAMESPACE, &signers) != OK || signers.count != 1 ||
	    !sshsig_key_equal(&signers.key[0], &l->key)) {
		e = err_fault(f, ERR_LEDGER_KEY, "checkpoint");
		goto out;
	}
	if (merkle_checkpoint_parse(doc.body, doc.body_len, &l->checkpoint) != OK)
		e = err_fault(f, ERR_LEDGER, "the checkpoint is malformed");
out:
	free(text);
	free(line);
	return e;
}

/* Take the lines that the checkpoint covers into the tree; ${end} gets where they end. */
static enum err
grow_tree(struct ledger *l, size_t *end, struct fault *f)
{
	const char *at = l->bytes, *stop = l->bytes + l->len, *newline;
	struct digest leaf, root;

	while (l->tree.size < l->checkpoint.size) {
		newline = memchr(at, '\n', (size_t)(stop - at));
		if (newline == NULL || newline - at > (ptrdiff_t)LIMIT_ENTRY)
			return err_fault(f, ERR_LEDGER, "entry %llu of %llu is missing or cut",
			    (unsigned long long)l->tree.size + 1,
			    (unsigned long long)l->checkpoint.size);
		merkle_leaf(at, (size_t)(newline - at), &leaf);
		merkle_append(&l->tree, &leaf);
		at = newline + 1;
	}
	merkle_root(&l->tree, &root);
	if (!digest_equal(&root, &l->checkpoint.root))
		return err_fault(f, ERR_LEDGER,
		    "the entries are not those of the checkpoint (%llu)",
		    (unsigned long long)l->checkpoint.size);
	*end = (size_t)(at - l->bytes);
	return OK;
}

/* A crash leaves at most one entry that no checkpoint covers, whole or torn.  More is not a crash.
 */
static enum err
cut_uncommitted(struct ledger *l, size_t end, struct fault *f)
{
	const char *newline;
	int fd;
	enum err e = OK;

	if (end == l->len)
		return OK;
	newline = memchr(l->bytes + end, '\n', l->len - end);
	if ((newline != NULL && newline + 1 != l->bytes + l->len) || l->len - end > LIMIT_ENTRY)
		return err_fault(f, ERR_LEDGER,
		    "entries behind number %llu are under no checkpoint",
		    (unsigned long long)l->checkpoint.size);
	l->torn = true;
	l->len = end;
	if (*l->key_file == '\0')
		return OK;
	fd = file_open(l->dir, "entries.jsonl", O_WRONLY, 0);
	if (fd == -1 || ftruncate(fd, (off_t)end) == -1 || fsync(fd) == -1)
		e = err_fault(f, err_errno(), "entries.jsonl: %s", strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return e;
}

enum err
ledger_sense(const struct json *j)
{
	enum err e = json_error(j, NULL);

	return e == OK || e == ERR_MEMORY ? e : ERR_LEDGER;
}

static enum err
check_entry(void *arg, uint64_t number, const struct json_node *entry, struct json *j,
    const char *line, size_t len)
{
	(void)arg, (void)line, (void)len;
	if (json_get_uint(j, entry, "n", 1, LIMIT_INTEGER) != number)
		json_refuse(j, ERR_JSON_VALUE, "n");
	(void)json_get_moment(j, entry, "time");
	(void)json_get_string(j, entry, "what", 1, LIMIT_TEXT);
	return ledger_sense(j);
}

static enum err
open_once(struct ledger **out, int at, const char *path, const char *key_file, struct fault *f)
{
	struct ledger *l = calloc(1, sizeof(*l));
	size_t end = 0;
	enum err e;

	*out = NULL;
	if (l == NULL)
		return err_fault(f, ERR_MEMORY, "ledger");
	(void)snprintf(l->key_file, sizeof(l->key_file), "%s", key_file == NULL ? "" : key_file);
	l->stuck = key_file == NULL;
	l->dir = at == AT_FDCWD ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
	    file_open(at, path, O_RDONLY | O_DIRECTORY, 0);
	/* The checkpoint that is read may be one whose name a crash kept from the disk. */
	if (l->dir == -1 || (key_file != NULL && fsync(l->dir) == -1))
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	else if ((e = load_checkpoint(l, f)) == OK &&
	    (e = file_load(l->dir, "entries.jsonl", LIMIT_LEDGER, &l->bytes, &l->len, f)) == OK &&
	    (e = grow_tree(l, &end, f)) == OK && (e = cut_uncommitted(l, end, f)) == OK)
		e = ledger_each(l, check_entry, NULL, f);
	l->size = l->len;
	if (e != OK) {
		ledger_free(l);
		return e;
	}
	*out = l;
	return OK;
}

/* Who only reads holds no lock: what looks broken may have been written meanwhile. */
enum err
ledger_open(struct ledger **out, int at, const char *path, const char *key_file, struct fault *f)
{
	enum err e;

	if (key_file == NULL) {
		e = open_once(out, at, path, NULL, NULL);
		if (e == OK && !(*out)->torn)
			return OK;
		ledger_free(*out);
	}
	return open_once(out, at, path, key_file, f);
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	if (l->dir != -1)
		(void)close(l->dir);
	free(l->bytes);
	free(l);
}

enum err
ledger_each(const struct ledger *l, ledger_visit *fn, void *arg, struct fault *f)
{
	const char *at = l->bytes, *stop = l->bytes + l->len, *newline;
	uint64_t number;
	struct json *j;
	enum err e;

	for (number = 1; at < stop; number++, at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(stop - at));
		if (newline == NULL)
			return err_fault(f, ERR_LEDGER, "entry %llu is cut",
			    (unsigned long long)number);
		e = json_parse(&j, at, (size_t)(newline - at), NULL);
		if (e == OK)
			e = fn(arg, number, json_root(j), j, at, (size_t)(newline - at));
		else if (e != ERR_MEMORY)
			e = ERR_LEDGER;
		json_free(j);
		if (e != OK)
			return err_fault(f, e, "ledger entry %llu", (unsigned long long)number);
	}
	return OK;
}

struct json_writer *
ledger_entry(const struct ledger *l, const char *what, struct moment now)
{
	struct json_writer *w = json_writer_new();

	if (w != NULL) {
		json_put_uint(w, "n", l->tree.size + 1);
		json_put_moment(w, "time", now);
		json_put_string(w, "what", what);
	}
	return w;
}

static enum err
append_line(struct ledger *l, const char *line, size_t len, struct fault *f)
{
	int fd = file_open(l->dir, "entries.jsonl", O_WRONLY | O_APPEND, 0);
	enum err e = OK;

	if (fd == -1 || (e = file_write(fd, line, len)) != OK || fsync(fd) == -1)
		e = err_fault(f, e != OK ? e : err_errno(), "entries.jsonl: %s", strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return e;
}

enum err
ledger_commit(struct ledger *l, struct json_writer *w, uint64_t *number, struct fault *f)
{
	struct merkle tree = l->tree;
	struct checkpoint next = l->checkpoint;
	struct digest leaf;
	char *line = NULL;
	size_t len = 0;
	enum err e;

	if (w == NULL)
		return err_fault(f, ERR_MEMORY, "ledger entry");
	if (l->stuck) {
		json_writer_free(w);
		return err_fault(f, ERR_LEDGER, "nothing can be added to it now");
	}
	if ((e = json_finish(w, 0, &line, &len)) != OK)
		return err_fault(f, e, "ledger entry");
	if (len > LIMIT_ENTRY) {
		free(line);
		return err_fault(f, ERR_HOME, "an entry of more than %lu bytes",
		    (unsigned long)LIMIT_ENTRY);
	}
	if (len > LIMIT_LEDGER - l->size) {	/* it would never open again */
		free(line);
		return err_fault(f, ERR_HOME, "the ledger is full");
	}
	merkle_leaf(line, len - 1, &leaf);
	merkle_append(&tree, &leaf);
	next.size = tree.size;
	merkle_root(&tree, &next.root);
	if ((e = append_line(l, line, len, f)) == OK)
		e = write_checkpoint(l->dir, l->key_file, &l->key, &next, f);
	free(line);
	if (e != OK) {
		/*
		 * Whether it counts is decided by the checkpoint that is on disk when it is opened
		 * next.
		 */
		l->stuck = true;
		return e;
	}
	l->tree = tree;
	l->size += len;
	l->checkpoint = next;
	if (number != NULL)
		*number = tree.size;
	return OK;
}

static enum err
commit_founded(int at, const char *key_file, struct moment now, ledger_members *put, void *arg,
    struct fault *f)
{
	struct json_writer *w;
	struct ledger *l;
	enum err e;

	if ((e = ledger_open(&l, at, "ledger", key_file, f)) != OK)
		return e;
	w = ledger_entry(l, "founded", now);
	put(w, l, arg);
	e = ledger_commit(l, w, NULL, f);
	ledger_free(l);
	return e;
}

enum err
ledger_found(int home, const char *within, const char *origin, const char *key_file,
    struct moment now, ledger_members *put, void *arg, struct fault *f)
{
	int at = file_open(home, within, O_RDONLY | O_DIRECTORY, 0);
	enum err e;

	if (at == -1)
		return err_fault(f, err_errno(), "%s: %s", within, strerror(errno));
	if ((e = file_remove_tree(at, "ledger", f)) == OK &&
	    (e = ledger_create(at, origin, key_file, f)) == OK &&
	    (e = commit_founded(at, key_file, now, put, arg, f)) == OK &&
	    (renameat(at, "ledger", home, "ledger") == -1 || fsync(home) == -1 || fsync(at) == -1))
		e = err_fault(f, err_errno(), "ledger: %s", strerror(errno));
	(void)close(at);
	return e;
}
