/*
 * quorum: see quorum.h.
 */
#include "mkmedia/quorum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "mkmedia/news.h"
#include "verify/file.h"
#include "verify/input.h"

/*
 * A version that comes next needs the quorum in force and its own; the first one, its own; one
 * that is in force is shown by its own.
 */
static enum err
judge_trust(struct quorum *q, const struct vendor_register *r, struct fault *f)
{
	size_t count = r->chain == NULL ? 0 : r->chain->count;
	unsigned long long version;
	enum err e = trust_parse(&q->trust, &q->doc, f);

	if (e != OK)
		return e;
	version = q->trust->version;
	if (strcmp(q->trust->vendor, r->vendor) != 0)
		return err_fault(f, ERR_DOC_VENDOR, "%s", q->trust->vendor);
	if (version > count + 1)
		return err_fault(f, ERR_CHAIN_ORDER, "version %llu; first comes %zu", version,
		    count + 1);
	if (version <= count) {
		q->recorded = digest_equal(&r->chain->version[version - 1]->digest, &q->doc.digest);
		if (!q->recorded)
			return err_fault(f, ERR_CHAIN_FORKED,
			    "another version %llu is in force already", version);
	} else if (count > 0) {
		q->judge[q->judge_count++] = trust_chain_newest(r->chain);
	}
	q->judge[q->judge_count++] = q->trust;
	return OK;
}

static enum err
judge_release(struct quorum *q, const struct vendor_register *r, struct fault *f)
{
	const struct register_release *known;
	enum err e = release_parse(&q->release, &q->doc, r->vendor, f);

	if (e != OK)
		return e;
	if (r->chain == NULL)
		return err_fault(f, ERR_USAGE,
		    "no trust document is in force yet; see mkmedia sign 1.trust");
	known = register_release(r, q->release->id);
	if (known == NULL || !digest_equal(&known->digest, &q->doc.digest))
		return err_fault(f, ERR_RELEASE_DIGEST, "it is not what mkmedia release finish "
		    "wrote last under the id %s", q->release->id);
	q->recorded = known->is_signed;
	q->judge[q->judge_count++] = trust_chain_newest(r->chain);
	return OK;
}

/* Is it the one that was recorded, or else the next one as it was drafted in this home? */
static enum err
find_news(struct quorum *q, const struct vendor_register *r, enum news kind, uint64_t number,
    const struct digest *recorded, struct fault *f)
{
	const uint64_t next = news_next(r, kind);
	char name[NEWS_NAME], *text = NULL;
	struct document doc;
	size_t len;

	if (r->chain == NULL)
		return err_fault(f, ERR_USAGE,
		    "no trust document is in force yet; see mkmedia sign 1.trust");
	q->judge[q->judge_count++] = trust_chain_newest(r->chain);
	q->recorded = recorded != NULL && digest_equal(recorded, &q->doc.digest);
	if (q->recorded)
		return OK;
	news_name(kind, number, name);
	if (number == next &&
	    file_load(r->home.fd, name, LIMIT_CATALOGUE, &text, &len, f) == OK &&
	    document_split_unsigned(text, len, &doc) == OK &&
	    digest_equal(&doc.digest, &q->doc.digest)) {
		free(text);
		return OK;
	}
	free(text);
	return err_fault(f, ERR_USAGE, "it is not %s as it was drafted in this home",
	    strchr(name, '/') + 1);
}

/* May ${s} be told now?  A draft may be older than what became of its release. */
static enum err
check_told(const struct vendor_register *r, const struct summary *s, struct fault *f)
{
	const struct register_release *known = register_release(r, s->id);

	if (known == NULL || !known->is_signed || !digest_equal(&known->digest, &s->digest))
		return err_fault(f, ERR_RELEASE_DIGEST, "%s is not what was signed under that id; "
		    "draft it again with --replace", s->id);
	return OK;
}

static enum err
judge_notice(struct quorum *q, const struct vendor_register *r, struct fault *f)
{
	const struct digest *recorded = NULL;
	enum err e = notice_parse(&q->notice, &q->doc, r->vendor, f);

	if (e != OK)
		return e;
	if (q->notice->sequence <= r->notice_count)
		recorded = &r->notice[q->notice->sequence - 1].digest;
	e = find_news(q, r, NEWS_NOTICE, q->notice->sequence, recorded, f);
	return e != OK || q->recorded ? e : check_told(r, &q->notice->release, f);
}

static enum err
judge_catalogue(struct quorum *q, const struct vendor_register *r, struct fault *f)
{
	const struct digest *recorded = NULL;
	enum err e = catalogue_parse(&q->catalogue, &q->doc, r->vendor, f);
	size_t i;

	if (e != OK)
		return e;
	if (q->catalogue->number == r->catalogue.number)
		recorded = &r->catalogue.digest;
	e = find_news(q, r, NEWS_CATALOGUE, q->catalogue->number, recorded, f);
	for (i = 0; e == OK && !q->recorded && i < q->catalogue->count; i++)
		e = check_told(r, &q->catalogue->release[i], f);
	if (e == OK && !q->recorded && q->catalogue->highest_notice != r->notice_count)
		e = err_fault(f, ERR_USAGE,
		    "there are newer notices; draft it again with --replace");
	return e;
}

static enum err
read_document(struct quorum *q, const struct vendor_register *r, struct fault *f)
{
	char namespace[32];
	enum err e;

	if ((e = document_split_unsigned(q->text, q->len, &q->doc)) != OK ||
	    (e = document_type(q->doc.body, q->doc.body_len, q->type, sizeof(q->type))) != OK)
		return err_fault(f, e, "%s", "");
	(void)snprintf(namespace, sizeof(namespace), "%s@waxseal", q->type);
	if ((e = document_signers(&q->doc, namespace, &q->signers)) != OK)
		return err_fault(f, e, "%s", "");
	q->role = strcmp(q->type, "catalogue") == 0 ? ROLE_NOTICE : trust_role_from_name(q->type);
	if (q->role == ROLE_TRUST)
		return judge_trust(q, r, f);
	if (q->role == ROLE_RELEASE)
		return judge_release(q, r, f);
	if (q->role == ROLE_NOTICE)
		return strcmp(q->type, "notice") == 0 ? judge_notice(q, r, f) :
		    judge_catalogue(q, r, f);
	return err_fault(f, ERR_DOC_TYPE, "%s: only trust documents, releases, notices and "
	    "catalogues are signed like this", q->type);
}

enum err
quorum_take(struct quorum *q, const struct vendor_register *r, char *text, size_t len,
    const char *name, struct fault *f)
{
	*q = (struct quorum){ .text = text, .len = len };
	return read_document(q, r, f) == OK ? OK : input_refuse(f, name);
}

enum err
quorum_load(struct quorum *q, const struct vendor_register *r, int dir, const char *path,
    struct fault *f)
{
	char *text;
	size_t len;

	*q = (struct quorum){ .text = NULL };
	if (file_load(dir, path, LIMIT_CATALOGUE, &text, &len, f) != OK)
		return input_refuse(f, path);
	return quorum_take(q, r, text, len, path, f);
}

void
quorum_free(struct quorum *q)
{
	trust_free(q->trust);
	release_free(q->release);
	notice_free(q->notice);
	catalogue_free(q->catalogue);
	free(q->text);
	*q = (struct quorum){ .text = NULL };
}

struct trust_count
quorum_count(const struct quorum *q)
{
	struct trust_count worst = { .need = 0 }, c;
	unsigned i, lack, most = 0;

	for (i = 0; i < q->judge_count; i++) {
		c = trust_count(q->judge[i], q->role, &q->signers);
		lack = c.need > c.have ? c.need - c.have : 0;
		if (i == 0 || lack > most) {
			worst = c;
			most = lack;
		}
	}
	return worst;
}

bool
quorum_met(const struct quorum *q)
{
	struct trust_count c = quorum_count(q);

	return q->judge_count > 0 && c.have >= c.need;
}

bool
quorum_signed(const struct quorum *q, const struct ssh_key *key)
{
	unsigned i;

	for (i = 0; i < q->signers.count; i++)
		if (sshsig_key_equal(&q->signers.key[i], key))
			return true;
	return false;
}

const struct trust_key *
quorum_key(const struct quorum *q, const struct ssh_key *key)
{
	const struct trust_key *k;
	unsigned i, n;

	for (i = 0; i < q->judge_count; i++)
		for (n = 0; n < q->judge[i]->role[q->role].count; n++) {
			k = &q->judge[i]->keys[q->judge[i]->role[q->role].key[n]];
			if (sshsig_key_equal(&k->key, key))
				return k;
		}
	return NULL;
}

/* A person counts once, so a second key of hers is not asked for. */
static bool
holder_signed(const struct trust *t, const struct trust_count *c, const char *holder)
{
	unsigned i;

	for (i = 0; i < c->signer_count; i++)
		if (strcmp(t->keys[c->signer[i]].holder, holder) == 0)
			return true;
	return false;
}

/* The keys that quorum_names speaks of; returns how many. */
static size_t
list_keys(const struct quorum *q, bool have_signed,
    const struct trust_key *list[static 2 * LIMIT_TRUST_KEYS])
{
	const struct trust_key *k;
	struct trust_count c;
	const struct trust *t;
	size_t count = 0, known;
	unsigned i, n;

	for (i = 0; i < q->judge_count; i++) {
		t = q->judge[i];
		c = trust_count(t, q->role, &q->signers);
		for (n = 0; n < t->role[q->role].count; n++) {
			k = &t->keys[t->role[q->role].key[n]];
			if (have_signed ? !quorum_signed(q, &k->key) :
			    c.have >= c.need || holder_signed(t, &c, k->holder))
				continue;
			for (known = 0; known < count; known++)
				if (sshsig_key_equal(&list[known]->key, &k->key))
					break;
			if (known == count)
				list[count++] = k;
		}
	}
	return count;
}

void
quorum_names(const struct quorum *q, bool have_signed, char *out, size_t cap)
{
	const struct trust_key *list[2 * LIMIT_TRUST_KEYS];
	size_t count = list_keys(q, have_signed, list), used = 0, i;
	char id[128];
	int n;

	*out = '\0';
	for (i = 0; i < count && used + 1 < cap; i++) {
		n = snprintf(out + used, cap - used, "%s%s", i == 0 ? "" : ", ",
		    name_show(id, sizeof(id), list[i]->id));
		used += n < 0 ? 0 : (size_t)n;
	}
}

static void
json_names(const struct quorum *q, bool have_signed, const char *key, struct json_writer *w)
{
	const struct trust_key *list[2 * LIMIT_TRUST_KEYS];
	size_t count = list_keys(q, have_signed, list), i;

	json_open_array(w, key);
	for (i = 0; i < count; i++)
		json_put_string(w, NULL, list[i]->id);
	json_close(w);
}

void
quorum_json(const struct quorum *q, struct json_writer *w)
{
	struct trust_count c = quorum_count(q);

	json_put_digest(w, "digest", &q->doc.digest);
	json_put_uint(w, "signatures", c.have);
	json_put_uint(w, "needed", c.need);
	json_names(q, true, "signed_by", w);
	json_names(q, false, "missing", w);
}
