/*
 * contents: see contents.h.  Every entry has one place where it may be; what has none is refused at
 * once.
 */
#include "verify/contents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "verify/found.h"
#include "verify/size.h"
#include "verify/told.h"

struct contents {
	struct judgement *j;
	const struct judge_sink *sink;
	struct digest_state *digest;
	bool readme;
	struct kept *trust;	/* TRUST/1.trust ..., one for each document of the image's chain */
	struct found release[LIMIT_RELEASES];
	struct told told;
	uint64_t names;		/* name_weight of all of them */
	uint64_t sums;		/* bytes of all SHA256SUMS */

	/* the file that is being read */
	struct kept *keeping;		/* NULL: payload or a piece */
	struct listing *payload;	/* NULL: no whole file of the payload */
	bool sinking;			/* its bytes go to the sink */
	char path[LIMIT_PATH + 1];	/* below payload/ */
	size_t path_len;
	uint64_t size;
};

enum err
contents_new(struct contents **out, struct judgement *j, const struct judge_sink *sink)
{
	struct contents *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return ERR_MEMORY;
	c->j = j;
	c->sink = sink;
	c->digest = digest_new();
	c->trust = calloc(j->image_versions, sizeof(*c->trust));
	return c->digest == NULL || c->trust == NULL ? ERR_MEMORY : OK;
}

void
contents_free(struct contents *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; c->trust != NULL && i < c->j->image_versions; i++)
		free(c->trust[i].bytes);
	for (i = 0; i < LIMIT_RELEASES; i++)
		found_free(&c->release[i]);
	told_free(&c->told);
	free(c->trust);
	digest_free(c->digest);
	free(c);
}

static enum err
refuse(struct contents *c, enum err e, const char *path, size_t len)
{
	return err_fault(&c->j->fault, e, "%.*s", (int)(len < 280 ? len : 280), path);
}

static bool
equals(const char *path, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(path, text, len) == 0;
}

/* Does the path begin with ${text}?  Then it is moved behind it. */
static bool
skip(const char **path, size_t *len, const char *text)
{
	size_t n = strlen(text);

	if (*len < n || memcmp(*path, text, n) != 0)
		return false;
	*path += n;
	*len -= n;
	return true;
}

/* "ID" or "ID/..." of a release that the seal names; LIMIT_RELEASES if it names none such. */
static size_t
skip_release(const struct contents *c, const char **path, size_t *len)
{
	const char *slash = memchr(*path, '/', *len);
	size_t i, n = slash == NULL ? *len : (size_t)(slash - *path);

	for (i = 0; i < c->j->seal->release_count; i++)
		if (equals(*path, n, c->j->seal->release[i].id)) {
			*path += n;
			*len -= n;
			return i;
		}
	return LIMIT_RELEASES;
}

static enum err
take_directory(struct contents *c, const char *path, size_t len)
{
	const char *at = path;
	size_t left = len, i;

	if (equals(path, len, ".") || equals(path, len, "TRUST") || equals(path, len, "RELEASES"))
		return OK;
	if (equals(path, len, "NOTICES")) {
		c->told.has_directory = true;
		return OK;
	}
	if (!skip(&at, &left, "RELEASES/") || (i = skip_release(c, &at, &left)) == LIMIT_RELEASES)
		return refuse(c, ERR_CONTENTS_EXTRA, path, len);
	if (left == 0 || equals(at, left, "/payload"))
		return OK;
	if (equals(at, left, "/pieces")) {
		c->release[i].has_pieces = true;
		return OK;
	}
	if (!skip(&at, &left, "/payload/"))
		return refuse(c, ERR_CONTENTS_EXTRA, path, len);
	if (!name_path_ok(at, left))
		return refuse(c, ERR_CONTENTS_NAME, path, len);
	return listing_add_directory(&c->release[i].payload.whole, at, left);
}

static enum err
begin_kept(struct contents *c, struct kept *k, uint64_t limit, const char *path, size_t len,
    uint64_t size)
{
	if (k->seen)
		return refuse(c, ERR_CONTENTS_EXTRA, path, len);
	if (size > limit)
		return refuse(c, ERR_LIMIT, path, len);
	k->seen = true;
	k->len = 0;
	c->keeping = k;
	if ((k->bytes = malloc((size_t)size + 1)) == NULL)
		return ERR_MEMORY;
	return OK;
}

static enum err
open_sink(struct contents *c, const char *path, size_t len, uint64_t size)
{
	char copy[LIMIT_PATH + LIMIT_RELEASE_ID + 32];

	if (c->sink == NULL)
		return OK;
	if (len >= sizeof(copy))
		return refuse(c, ERR_CONTENTS_NAME, path, len);
	memcpy(copy, path, len);
	copy[len] = '\0';
	c->sinking = true;
	return c->sink->open(c->sink->arg, copy, size);
}

static enum err
begin_payload(struct contents *c, struct listing *l, const char *whole, size_t whole_len,
    const char *path, size_t len, uint64_t size)
{
	if (!name_path_ok(path, len))
		return refuse(c, ERR_CONTENTS_NAME, whole, whole_len);
	memcpy(c->path, path, len);
	c->path_len = len;
	c->payload = l;
	digest_begin(c->digest);
	return open_sink(c, whole, whole_len, size);
}

static enum err
begin_piece(struct contents *c, struct portion *p, const char *whole, size_t whole_len,
    const char *name, size_t len, uint64_t size)
{
	enum err e = portion_add_piece(p, name, len, size);

	return e == OK ? open_sink(c, whole, whole_len, size) : refuse(c, e, whole, whole_len);
}

/* TRUST/N.trust with N one of the chain's versions, canonically written. */
static struct kept *
find_trust(struct contents *c, const char *path, size_t len)
{
	char name[16], *end;
	unsigned long n;

	if (len >= sizeof(name))
		return NULL;
	memcpy(name, path, len);
	name[len] = '\0';
	n = strtoul(name, &end, 10);
	if (name[0] < '1' || name[0] > '9' || strcmp(end, ".trust") != 0 || n < 1 ||
	    n > c->j->image_versions)
		return NULL;
	return &c->trust[n - 1];
}

static enum err
take_file(struct contents *c, const char *path, size_t len, uint64_t size)
{
	const char *at = path;
	size_t left = len, i;
	struct kept *k;

	if (equals(path, len, "README.TXT")) {
		if (c->readme || size > LIMIT_README)
			return refuse(c, c->readme ? ERR_CONTENTS_EXTRA : ERR_LIMIT, path, len);
		c->readme = true;	/* its text is under the map, and nobody acts on it */
		return OK;
	}
	if (skip(&at, &left, "TRUST/")) {
		if ((k = find_trust(c, at, left)) == NULL)
			return refuse(c, ERR_CONTENTS_EXTRA, path, len);
		return begin_kept(c, k, LIMIT_TRUST, path, len, size);
	}
	if (skip(&at, &left, "NOTICES/")) {
		if ((k = told_notice(&c->told, at, left)) == NULL)
			return refuse(c, ERR_CONTENTS_EXTRA, path, len);
		return begin_kept(c, k, LIMIT_NOTICE, path, len, size);
	}
	if (equals(path, len, "CATALOGUE.catalogue"))
		return begin_kept(c, &c->told.catalogue, LIMIT_CATALOGUE, path, len, size);
	if (!skip(&at, &left, "RELEASES/") || (i = skip_release(c, &at, &left)) == LIMIT_RELEASES)
		return refuse(c, ERR_CONTENTS_EXTRA, path, len);
	if (equals(at, left, "/release"))
		return begin_kept(c, &c->release[i].document, LIMIT_RELEASE, path, len, size);
	if (equals(at, left, "/SHA256SUMS") && size <= LIMIT_SUMS &&
	    (c->sums += size) > LIMIT_ALL_SUMS)
		return refuse(c, ERR_LIMIT, path, len);
	if (equals(at, left, "/SHA256SUMS"))
		return begin_kept(c, &c->release[i].sums, LIMIT_SUMS, path, len, size);
	if (skip(&at, &left, "/payload/"))
		return begin_payload(c, &c->release[i].payload.whole, path, len, at, left, size);
	if (skip(&at, &left, "/pieces/"))
		return begin_piece(c, &c->release[i].payload, path, len, at, left, size);
	return refuse(c, ERR_CONTENTS_EXTRA, path, len);
}

enum err
contents_entry(void *arg, enum entry type, const char *path, size_t len, uint64_t size)
{
	struct contents *c = arg;

	c->keeping = NULL;
	c->payload = NULL;
	c->sinking = false;
	c->size = size;
	/* Each is remembered before anybody's signature of the releases was looked at. */
	if ((c->names += name_weight(len)) > LIMIT_NAMES)
		return refuse(c, ERR_LIMIT, path, len);
	switch (type) {
	case ENTRY_FILE:
		return take_file(c, path, len, size);
	case ENTRY_DIRECTORY:
		return take_directory(c, path, len);
	case ENTRY_OTHER:
		break;
	}
	return refuse(c, ERR_CONTENTS_TYPE, path, len);
}

enum err
contents_data(void *arg, const void *bytes, size_t len)
{
	struct contents *c = arg;

	if (c->keeping != NULL) {
		memcpy(c->keeping->bytes + c->keeping->len, bytes, len);
		c->keeping->len += len;
	}
	if (c->payload != NULL)
		digest_add(c->digest, bytes, len);
	return c->sinking ? c->sink->write(c->sink->arg, bytes, len) : OK;
}

enum err
contents_end(void *arg)
{
	struct contents *c = arg;
	struct digest d;
	enum err e;

	if (c->keeping != NULL)
		c->keeping->bytes[c->keeping->len] = '\0';
	if (c->payload != NULL) {
		digest_end(c->digest, &d);
		e = listing_add_file(c->payload, c->path, c->path_len, c->size, &d);
		if (e != OK)
			return refuse(c, e, c->path, c->path_len);
	}
	return c->sinking ? c->sink->close(c->sink->arg) : OK;
}

/* TRUST/ is there for checking by hand; it must not say anything else than the chain. */
static enum err
check_trust(struct contents *c)
{
	struct document doc;
	size_t i;

	for (i = 0; i < c->j->image_versions; i++) {
		if (!c->trust[i].seen)
			return err_fault(
			    &c->j->fault, ERR_CONTENTS_MISSING, "TRUST/%zu.trust", i + 1);
		if (document_split(c->trust[i].bytes, c->trust[i].len, &doc) != OK ||
		    !digest_equal(&doc.digest, &c->j->chain->version[i]->digest))
			return err_fault(
			    &c->j->fault, ERR_CONTENTS_DIGEST, "TRUST/%zu.trust", i + 1);
	}
	if (!c->readme)
		return err_fault(&c->j->fault, ERR_CONTENTS_MISSING, "README.TXT");
	return OK;
}

static void
note_told(struct judgement *j)
{
	const unsigned long long first = j->notice_count == 0 ? 0 : j->notice[0]->sequence;
	const unsigned long long last =
	    j->notice_count == 0 ? 0 : j->notice[j->notice_count - 1]->sequence;
	char text[96] = "", catalogue[48] = "";

	if (j->notice_count > 0 && last - first + 1 > j->notice_count)
		(void)snprintf(text, sizeof(text), "%zu notices from %llu to %llu",
		    j->notice_count, first, last);
	else if (j->notice_count > 0)
		(void)snprintf(text, sizeof(text), first == last ? "notice %llu" :
		    "notices %llu to %llu", first, last);
	if (j->catalogue != NULL)
		(void)snprintf(catalogue, sizeof(catalogue), "%scatalogue %llu",
		    *text == '\0' ? "" : ", ", (unsigned long long)j->catalogue->number);
	if (*text != '\0' || *catalogue != '\0')
		judgement_note(j, "V10", "news", CHECK_OK, OK, "%s%s", text, catalogue);
}

enum err
contents_check(struct contents *c)
{
	struct judgement *j = c->j;
	const char *step = "V9";
	size_t i;
	enum err e;

	if ((e = check_trust(c)) != OK)
		return judgement_fail(j, "V9", "contents", e);
	for (i = 0; i < j->seal->release_count; i++)
		if ((e = found_check(&c->release[i], j, i, c->sink, &step)) != OK)
			return judgement_fail(j, step, "release", e);
	if ((e = told_check(&c->told, j, c->sink)) != OK)
		return judgement_fail(j, "V10", "news", e);
	judgement_note(j, "V9", "contents", CHECK_OK, OK,
	    "%llu file%s%s, exactly what was signed for", (unsigned long long)j->files,
	    size_plural(j->files), j->seal->volumes == 1 ? "" : " and pieces of files");
	for (i = 0; i < j->seal->release_count; i++)
		judgement_note(j, "V10", "release", CHECK_OK, OK,
		    "%s:%s, %u of %u signatures, %llu file%s", j->seal->vendor,
		    j->seal->release[i].id, j->release[i].signatures.have,
		    j->release[i].signatures.need,
		    (unsigned long long)j->release[i].release->files,
		    size_plural(j->release[i].release->files));
	note_told(j);
	return OK;
}
