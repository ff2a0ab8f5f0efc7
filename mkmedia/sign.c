/*
 * sign: see sign.h.
 */
#include "mkmedia/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mkmedia/commands.h"
#include "mkmedia/kept.h"
#include "mkmedia/news.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/signer.h"

/*
 * May the key ${as} sign now?  Nobody is asked to touch a token for a signature that cannot
 * count.
 */
static enum err
check_key(const struct quorum *q, const char *as, struct fault *f)
{
	struct ssh_key key;
	char names[200];

	if (signer_public(as, &key, NULL, 0, f) != OK)
		return input_refuse(f, "--as");
	if (q->recorded && q->role != ROLE_RELEASE)
		return err_fault(f, ERR_USAGE,
		    "it is in force already; another signature would change nothing");
	quorum_names(q, false, names, sizeof(names));
	if (quorum_key(q, &key) == NULL)
		return err_fault(f, ERR_USAGE, "%s is no key of the %s role; nothing was signed.  "
		    "Waited for: %s", as, trust_role_name(q->role),
		    *names == '\0' ? "nobody" : names);
	if (quorum_signed(q, &key))
		return err_fault(f, ERR_USAGE, "%s signed it already", as);
	if (q->signers.count == LIMIT_SIGNATURES)
		return err_fault(f, ERR_USAGE, "it has %u signatures, the most there can be",
		    LIMIT_SIGNATURES);
	return OK;
}

/* ${as} signed, that was enough, and the computer stopped before it was recorded. */
static bool
only_record(const struct quorum *q, const char *as)
{
	struct ssh_key key;

	return !q->recorded && quorum_met(q) &&
	    signer_public(as, &key, NULL, 0, NULL) == OK && quorum_signed(q, &key);
}

/*
 * Nothing is written before the whole document, with the new signature, was read and verified
 * again.
 */
static enum err
add_signature(const struct vendor_register *r, const char *path, const char *as, struct quorum *q,
    struct fault *f)
{
	char namespace[32], armor[LIMIT_ARMOR + 1], *text;
	size_t len = q->len;
	struct ssh_key key;
	struct stat st;
	enum err e;

	(void)snprintf(namespace, sizeof(namespace), "%s@waxseal", q->type);
	if ((e = signer_sign(as, namespace, q->doc.body, q->doc.body_len, armor, &key, f)) != OK)
		return e;
	if ((text = malloc(len + sizeof(armor))) == NULL)
		return err_fault(f, ERR_MEMORY, "%s", path);
	memcpy(text, q->text, len);
	memcpy(text + len, armor, strlen(armor));
	len += strlen(armor);
	quorum_free(q);
	if ((e = quorum_take(q, r, text, len, path, f)) != OK)
		return e;
	if (stat(path, &st) == -1)
		return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	return file_replace(AT_FDCWD, path, st.st_mode & 0777, q->text, q->len, f);
}

/*
 * Nothing but its own quorum vouches for a first version: whoever takes one in from elsewhere
 * must have the one that was drafted here.
 */
static enum err
check_first(const struct vendor_register *r, const struct quorum *q, struct fault *f)
{
	struct document doc;
	char *text;
	size_t len;
	enum err e;

	if ((e = file_load(r->home.fd, "trust/1.trust", LIMIT_TRUST, &text, &len, f)) != OK)
		return e;
	if (document_split_unsigned(text, len, &doc) != OK ||
	    !digest_equal(&doc.digest, &q->doc.digest))
		e = err_fault(f, ERR_USAGE, "it is not the 1.trust that was drafted in this home");
	free(text);
	return e;
}

/* The chain first, then the ledger, which decides: see register.c on a chain that is ahead. */
static enum err
put_in_force(struct vendor_register *r, struct quorum *q, struct fault *f)
{
	struct json_writer *w;
	struct trust *t;
	enum err e;

	if (r->chain == NULL && (e = check_first(r, q, f)) != OK)
		return e;
	e = r->chain == NULL ? trust_first(&t, q->text, q->len, NULL, f) :
	    trust_next(&t, q->text, q->len, trust_chain_newest(r->chain), f);
	if (e != OK)
		return input_refuse(f, "trust");
	if (r->chain == NULL && (r->chain = trust_chain_new()) == NULL) {
		trust_free(t);
		return err_fault(f, ERR_MEMORY, "trust");
	}
	if ((e = trust_chain_add(r->chain, t, q->text, q->len)) != OK)
		return err_fault(f, e, "trust");
	if ((e = file_replace(r->home.fd, "trust/chain", 0600, r->chain->bytes, r->chain->len,
	    f)) != OK)
		return e;
	w = ledger_entry(r->ledger, "trust-in-force", command_now());
	json_put_uint(w, "version", q->trust->version);
	json_put_digest(w, "digest", &q->doc.digest);
	return ledger_commit(r->ledger, w, NULL, f);
}

/* Whoever signed a copy brings it back like this: the release lies where it is built from. */
static enum err
record_release(struct vendor_register *r, const struct quorum *q, struct fault *f)
{
	const struct register_release *known = register_release(r, q->release->id);
	char path[REGISTER_DIRECTORY + 16];
	struct json_writer *w;
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/release", known->directory);
	if ((e = file_replace(AT_FDCWD, path, 0644, q->text, q->len, f)) != OK ||
	    (e = kept_put_release(r, known->id, q->text, q->len, f)) != OK)
		return e;
	w = ledger_entry(r->ledger, "release-signed", command_now());
	json_put_string(w, "id", q->release->id);
	json_put_digest(w, "digest", &q->doc.digest);
	return ledger_commit(r->ledger, w, NULL, f);
}

/* The one key of its role that a single person's home has, when it has not signed yet. */
static enum err
own_key(const struct vendor_register *r, const struct quorum *q, char *out, size_t cap,
    const char **as, struct fault *f)
{
	char name[32];
	struct ssh_key key;
	enum err e;

	(void)snprintf(name, sizeof(name), "keys/%s", trust_role_name(q->role));
	register_path(r, name, out, cap);
	if (!r->single_person || access(out, F_OK) == -1)
		return OK;
	if ((e = signer_public(out, &key, NULL, 0, f)) == OK && !quorum_signed(q, &key))
		*as = out;
	return e;
}

enum err
sign_document(struct vendor_register *r, const char *path, const char *as, struct quorum *q,
    struct fault *f)
{
	char own[1100];
	enum err e;

	if ((e = quorum_load(q, r, AT_FDCWD, path, f)) != OK)
		return e;
	if (as == NULL && !q->recorded && (e = own_key(r, q, own, sizeof(own), &as, f)) != OK)
		return e;
	if (as != NULL && !only_record(q, as) && ((e = check_key(q, as, f)) != OK ||
	    (e = add_signature(r, path, as, q, f)) != OK))
		return e;
	if (q->recorded || !quorum_met(q))
		return OK;
	e = q->role == ROLE_TRUST ? put_in_force(r, q, f) :
	    q->role == ROLE_RELEASE ? record_release(r, q, f) : news_record(r, q, f);
	q->recorded = e == OK;
	return e;
}

/* Where in the home "N.trust", "N.notice", "N.catalogue" lie; NULL: it is another name. */
static const char *
find_numbered(const char *name)
{
	static const struct { const char *suffix, *directory; } numbered[] = {
		{ ".trust", "trust" }, { ".notice", "notices" }, { ".catalogue", "catalogues" },
	};
	const size_t digits = strspn(name, "0123456789");
	size_t i;

	for (i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++)
		if (digits > 0 && digits <= 16 && strcmp(name + digits, numbered[i].suffix) == 0)
			return numbered[i].directory;
	return NULL;
}

/*
 * Which file ${name} means: itself, the release in that directory, a numbered document of the
 * home, a release's id.
 */
static enum err
find_document(const struct vendor_register *r, const char *name, char out[static PATH_MAX],
    struct fault *f)
{
	const struct register_release *known = register_release(r, name);
	const char *numbered = find_numbered(name);
	char path[PATH_MAX + 16], member[48];
	struct stat st;

	if (strlen(name) >= PATH_MAX)
		return err_fault(f, ERR_USAGE, "the name of the document is too long");
	(void)snprintf(path, sizeof(path), "%s", name);
	if (stat(name, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			(void)snprintf(path, sizeof(path), "%s/release", name);
	} else if (numbered != NULL) {
		(void)snprintf(member, sizeof(member), "%s/%s", numbered, name);
		register_path(r, member, path, sizeof(path));
	} else if (known != NULL) {
		(void)snprintf(path, sizeof(path), "%s/release", known->directory);
	}
	if (realpath(path, out) == NULL)
		return err_fault(f, errno == ENOENT ? ERR_USAGE : err_errno(),
		    "%.200s: there is no such document", path);
	return OK;
}

static int
say(const struct vendor_register *r, const struct quorum *q, const char *path, bool json)
{
	struct trust_count c = quorum_count(q);
	char names[400], anchor[TRUST_FINGERPRINT], document[LIMIT_RELEASE_ID + 1];
	struct json_writer *w;

	if (json) {
		w = json_writer_new();
		json_put_string(w, "document", path);
		json_put_string(w, "type", q->type);
		quorum_json(q, w);
		json_put_bool(w, "complete", q->recorded);
		if (r->chain != NULL)
			json_put_digest(w, "anchor", trust_chain_anchor(r->chain));
		return report_print_json(w, 0);
	}
	if (q->release != NULL)
		(void)snprintf(document, sizeof(document), "%s", q->release->id);
	else
		(void)snprintf(document, sizeof(document), "%llu.%s", (unsigned long long)(
		    q->trust != NULL ? q->trust->version : q->notice != NULL ?
		    q->notice->sequence : q->catalogue->number), q->type);
	if (!q->recorded) {
		quorum_names(q, false, names, sizeof(names));
		(void)printf("  %s: %u of %u signatures.  Waited for: %s\n", document, c.have,
		    c.need, names);
	} else if (q->release != NULL) {
		(void)printf("  %s: %u of %u: complete.\n"
		    "  Next: mkmedia build %s --customer ID -o DIR\n", document, c.have, c.need,
		    document);
	} else if (q->trust == NULL) {
		(void)printf("  %s: %u of %u: complete.\n  Next: mail it: %s\n", document, c.have,
		    c.need, path);
	} else {
		trust_fingerprint(trust_chain_anchor(r->chain), anchor);
		(void)printf("  %s: %u of %u: in force.  Anchor SHA256 %s\n", document, c.have,
		    c.need, anchor);
	}
	return 0;
}

int
sign_run(int argc, char **argv)
{
	const char *home = NULL, *as = NULL;
	bool json = false;
	const struct option table[] = {
		{ "as", OPTION_VALUE, &as },
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct vendor_register *r = NULL;
	struct quorum q = { .text = NULL };
	struct fault f = { .err = OK };
	char path[PATH_MAX];
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE,
		    "sign takes one document: a file, N.trust, N.notice, N.catalogue, a release "
		    "or its directory");
	if (f.err != OK || register_open(&r, home, true, &f) != OK ||
	    find_document(r, args.item[0], path, &f) != OK ||
	    sign_document(r, path, as, &q, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = say(r, &q, path, json);
	quorum_free(&q);
	register_close(r);
	return status;
}
