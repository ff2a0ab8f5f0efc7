/*
 * documents: see documents.h.
 */
#include "verify/documents.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/catalogue.h"
#include "formats/enrolment.h"
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/notice.h"
#include "formats/receipt.h"
#include "verify/file.h"

bool
documents_is_one(const char *path)
{
	uint8_t b[9] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = pread(fd, b, sizeof(b), 0);
	if (fd != -1)
		(void)close(fd);
	if (n < 1)
		return false;
	return b[0] == '{' || (n == sizeof(b) && b[8] == '{');
}

/* A document of ${type} of the vendor's ${role}: the trust under which its quorum is met. */
static enum err
find_quorum(const struct anchors *a, const struct document *doc, const char *type,
    enum trust_role role, struct judgement *j)
{
	char namespace[64];
	struct signers s;
	struct trust_count best = { .have = 0 }, count;
	size_t i;
	enum err e;

	(void)snprintf(namespace, sizeof(namespace), "%s@waxseal", type);
	if ((e = document_signers(doc, namespace, &s)) != OK)
		return err_fault(&j->fault, e, "its signatures");
	for (i = 0; i < a->count; i++) {
		const struct trust_chain *c = a->anchor[i].chain;
		const struct trust *t = trust_chain_newest(c);

		/* A longer chain of the vendor may have retired or revoked what this one trusts. */
		if (anchors_find(a, t->vendor, trust_chain_anchor(c)) != c)
			continue;
		count = trust_count(t, role, &s);
		if (count.have > best.have) {
			best = count;
			j->trust = t;
		}
	}
	if (best.have == 0)
		return err_fault(&j->fault, ERR_SENDER, "no key that is trusted here signed it");
	if (best.have < best.need)
		return err_fault(&j->fault, ERR_DOC_SIGNATURE, "%u of %u of %s", best.have,
		    best.need, j->trust->vendor);
	j->release[0].signatures = best;
	return OK;
}

static enum err
judge_release(const struct document *doc, const struct anchors *a, struct judgement *j)
{
	struct release *r;
	enum err e;

	if ((e = find_quorum(a, doc, "release", ROLE_RELEASE, j)) != OK ||
	    (e = release_parse(&r, doc, j->trust->vendor, &j->fault)) != OK)
		return e;
	j->release[0].release = r;
	judgement_note(j, "V10", "release", CHECK_OK, OK, "%s:%s, %u of %u signatures: %s",
	    r->vendor, r->id, j->release[0].signatures.have, j->release[0].signatures.need,
	    r->title);
	if (trust_release_revoked(j->trust, &r->digest))
		return err_fault(&j->fault, ERR_RELEASE_REVOKED, "%s", r->id);
	return OK;
}

static enum err
judge_seal(const struct document *doc, const struct anchors *a, struct judgement *j)
{
	struct seal *s;
	enum err e;

	if ((e = find_quorum(a, doc, "seal", ROLE_SEAL, j)) != OK ||
	    (e = seal_parse(&s, doc, j->trust->vendor, &j->fault)) != OK)
		return e;
	judgement_note(j, "V2", "seal", CHECK_OK, OK,
	    "%s to %s (%s), no. %llu; the image was not there", j->trust->name,
	    s->customer_name, s->customer, (unsigned long long)s->number);
	judgement_note(j, "V8", "image", CHECK_NOT_MADE, ERR_UNCHECKED, "only its seal is there");
	e = trust_seal_revoked(j->trust, &s->digest) ?
	    err_fault(&j->fault, ERR_SEAL_REVOKED, "%s no. %llu", s->customer,
	    (unsigned long long)s->number) : OK;
	seal_free(s);
	return e;
}

static enum err
judge_notice(const struct document *doc, const struct anchors *a, struct judgement *j)
{
	struct notice *n;
	enum err e;

	if ((e = find_quorum(a, doc, "notice", ROLE_NOTICE, j)) != OK ||
	    (e = notice_parse(&n, doc, j->trust->vendor, &j->fault)) != OK)
		return e;
	judgement_note(j, "V2", "notice", CHECK_OK, OK, "%s, notice %llu: %s:%s %s%s",
	    j->trust->name, (unsigned long long)n->sequence, n->vendor, n->release.id,
	    n->withdrawal ? "was withdrawn: " : "is released: ",
	    n->withdrawal ? n->reason : n->release.title);
	j->notice[j->notice_count++] = n;
	return OK;
}

static enum err
judge_catalogue(const struct document *doc, const struct anchors *a, struct judgement *j)
{
	struct catalogue *c;
	enum err e;

	if ((e = find_quorum(a, doc, "catalogue", ROLE_NOTICE, j)) != OK ||
	    (e = catalogue_parse(&c, doc, j->trust->vendor, &j->fault)) != OK)
		return e;
	judgement_note(j, "V2", "catalogue", CHECK_OK, OK,
	    "%s, catalogue %llu: %zu releases, the newest notice is %llu", j->trust->name,
	    (unsigned long long)c->number, c->count, (unsigned long long)c->highest_notice);
	catalogue_free(c);
	return OK;
}

static void
note_trust(struct judgement *j, const struct trust *t)
{
	char fingerprint[TRUST_FINGERPRINT];

	trust_fingerprint(trust_chain_anchor(j->chain), fingerprint);
	judgement_note(j, "V2", "trust", CHECK_OK, OK, "%s (%s), trust %llu, signed by its quorum",
	    t->name, t->vendor, (unsigned long long)t->version);
	judgement_note(j, "V2", "anchor", CHECK_REMARK, OK, "%s", fingerprint);
}

/* One trust document: held here already, or the next of what is held; ERR_SENDER: neither. */
static enum err
judge_known_trust(const char *buf, size_t len, const struct anchors *a, struct judgement *j)
{
	const struct trust_chain *held;
	struct document doc;
	struct signers s;
	struct trust *next;
	size_t i, n;
	enum err e;

	if ((e = document_split(buf, len, &doc)) != OK ||
	    (e = document_signers(&doc, "trust@waxseal", &s)) != OK)
		return err_fault(&j->fault, e, "the file");
	for (i = 0; i < a->count; i++) {
		held = a->anchor[i].chain;
		for (n = 0; n < held->count; n++)
			if (digest_equal(&doc.digest, &held->version[n]->digest)) {
				judgement_note(j, "V2", "trust", CHECK_OK, OK,
				    "%s, trust %zu, is held here", held->version[n]->name, n + 1);
				return OK;
			}
		if (trust_next(&next, buf, len, trust_chain_newest(held), NULL) == OK) {
			judgement_note(j, "V2", "trust", CHECK_OK, OK,
			    "%s, trust %llu, follows what is held here", next->name,
			    (unsigned long long)next->version);
			trust_free(next);
			return OK;
		}
	}
	return ERR_SENDER;
}

/* A trust document that nothing here leads to: the first of a chain, to be compared by a person. */
static enum err
judge_first_trust(const char *buf, size_t len, struct judgement *j)
{
	struct trust *first;
	enum err e;

	if ((e = trust_first(&first, buf, len, NULL, &j->fault)) != OK)
		return e;
	if ((j->chain = trust_chain_new()) == NULL) {
		trust_free(first);
		return err_fault(&j->fault, ERR_MEMORY, "trust");
	}
	e = trust_chain_add(j->chain, first, buf, len);
	return e == OK ? OK : err_fault(&j->fault, e, "trust");
}

static enum err
judge_trust(const char *buf, size_t len, bool chain, const struct anchors *a, struct judgement *j)
{
	const struct trust *t;
	enum err e = chain ? ERR_SENDER : judge_known_trust(buf, len, a, j);

	if (e != ERR_SENDER)
		return e;
	e = chain ? trust_chain_parse(&j->chain, buf, len, NULL, &j->fault) :
	    judge_first_trust(buf, len, j);
	if (e != OK)
		return e;
	t = trust_chain_newest(j->chain);
	note_trust(j, t);
	if (anchors_trusted(a, t->vendor, trust_chain_anchor(j->chain)))
		return OK;
	if (a->has_fingerprint)
		return err_fault(&j->fault, ERR_SENDER, "its anchor is not the fingerprint given");
	judgement_note(j, "V2", "sender", CHECK_NOT_MADE, ERR_UNCHECKED,
	    "compare the anchor with the one that you have by another way");
	return OK;
}

static enum err
judge_enrolment(const char *buf, size_t len, const struct anchors *a, struct judgement *j)
{
	char fingerprint[TRUST_FINGERPRINT];
	struct enrolment *en;
	enum err e;

	if ((e = enrolment_open(&en, buf, len, &j->fault)) != OK)
		return e;
	trust_fingerprint(&en->digest, fingerprint);
	judgement_note(j, "V2", "enrolment", CHECK_OK, OK, "site %s, %s", en->site, en->name);
	judgement_note(j, "V2", "digest", CHECK_REMARK, OK, "%s", fingerprint);
	if (!a->has_fingerprint)
		judgement_note(j, "V2", "site", CHECK_NOT_MADE, ERR_UNCHECKED,
		    "compare the digest with what the site reads out over the telephone");
	else if (!trust_fingerprint_fits(&a->fingerprint, &en->digest))
		e = err_fault(&j->fault, ERR_SENDER, "its digest is not the fingerprint given");
	enrolment_free(en);
	return e;
}

static enum err
judge_receipt(const char *buf, size_t len, struct judgement *j)
{
	char key_text[SSHSIG_PRINT];
	struct ssh_key key;
	struct receipt *r;
	enum err e;

	if ((e = receipt_open(&r, buf, len, NULL, &key, &j->fault)) != OK)
		return e;
	sshsig_key_fingerprint(&key, key_text);
	judgement_note(j, "V2", "receipt", CHECK_OK, OK, "site %s, %s no. %llu: %s (%s)", r->site,
	    r->customer, (unsigned long long)r->number, r->verdict, r->reason);
	judgement_note(j, "V2", "site", CHECK_NOT_MADE, ERR_UNCHECKED,
	    "signed by %s; compare it with the enrolment of the site", key_text);
	receipt_free(r);
	return OK;
}

static enum err
judge_body(const char *buf, size_t len, const struct anchors *a, struct judgement *j)
{
	struct document doc;
	char type[32], shown[64];
	enum err e;

	if (len > 8 && buf[0] != '{')
		return judge_trust(buf, len, true, a, j);
	if ((e = document_split(buf, len, &doc)) != OK ||
	    (e = document_type(doc.body, doc.body_len, type, sizeof(type))) != OK)
		return err_fault(&j->fault, e, "the file");
	if (strcmp(type, "trust") == 0)
		return judge_trust(buf, len, false, a, j);
	if (strcmp(type, "release") == 0)
		return judge_release(&doc, a, j);
	if (strcmp(type, "seal") == 0)
		return judge_seal(&doc, a, j);
	if (strcmp(type, "notice") == 0)
		return judge_notice(&doc, a, j);
	if (strcmp(type, "catalogue") == 0)
		return judge_catalogue(&doc, a, j);
	if (strcmp(type, "enrolment") == 0)
		return judge_enrolment(buf, len, a, j);
	if (strcmp(type, "receipt") == 0)
		return judge_receipt(buf, len, j);
	return err_fault(&j->fault, ERR_NEWER, "a document of type %s",
	    name_show(shown, sizeof(shown), type));
}

enum err
documents_judge(const char *path, const struct anchors *anchors, struct judgement *out)
{
	char list[200], *buf;
	size_t len;
	enum err e;

	*out = (struct judgement){ .verdict = OK };
	if ((e = file_load(AT_FDCWD, path, LIMIT_CHAIN_BYTES, &buf, &len, &out->fault)) == OK) {
		e = judge_body(buf, len, anchors, out);
		free(buf);
	}
	if (e != OK)
		(void)judgement_fail(out, "V2", "document", e);
	else if (judgement_unchecked(out, list, sizeof(list)) != NULL)
		e = err_fault(&out->fault, ERR_UNCHECKED, "not checked: %s", list);
	out->verdict = e;
	return e;
}
