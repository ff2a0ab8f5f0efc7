/*
 * volume: see volume.h.
 */
#include "mkmedia/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/sums.h"
#include "mkmedia/paper.h"
#include "verify/contents.h"
#include "verify/file.h"

static enum err
load_release(struct volume *v, struct volume_release *s, const char *id, struct fault *f)
{
	const struct trust *t = trust_chain_newest(v->r->chain);
	struct trust_count count;
	struct document doc;
	struct signers signers;
	struct digest d;
	int dir;
	enum err e;

	if ((s->known = register_release(v->r, id)) == NULL)
		return err_fault(
		    f, ERR_USAGE, "there is no finished release %s; see mkmedia release list", id);
	dir = open(s->known->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return err_fault(f, err_errno(),
		    "%s: %s; if it was moved, run mkmedia release finish there",
		    s->known->directory, strerror(errno));
	s->payload = file_open(dir, "payload", O_RDONLY | O_DIRECTORY, 0);
	if (s->payload == -1)
		e = err_fault(
		    f, err_errno(), "%s/payload: %s", s->known->directory, strerror(errno));
	else if ((e = file_load(
		      dir, "release", LIMIT_RELEASE, &s->document, &s->document_len, f)) == OK)
		e = file_load(dir, "SHA256SUMS", LIMIT_SUMS, &s->sums, &s->sums_len, f);
	(void)close(dir);
	if (e != OK)
		return e;
	if (document_split(s->document, s->document_len, &doc) != OK)
		return err_fault(f, ERR_USAGE, "%s is not signed yet; see mkmedia sign %s", id, id);
	if (!digest_equal(&doc.digest, &s->known->digest))
		return err_fault(
		    f, ERR_RELEASE_DIGEST, "%s is not what was finished; finish it again", id);
	if ((e = document_signers(&doc, "release@waxseal", &signers)) != OK)
		return err_fault(f, e, "%s", id);
	count = trust_count(t, ROLE_RELEASE, &signers);
	if (count.have < count.need)
		return err_fault(f, ERR_USAGE, "%s has %u of %u signatures; see mkmedia sign %s",
		    id, count.have, count.need, id);
	if ((e = release_parse(&s->release, &doc, v->r->vendor, f)) != OK)
		return e;
	digest_sha256(s->sums, s->sums_len, &d);
	if (!digest_equal(&d, &s->release->sums))
		return err_fault(f, ERR_RELEASE_SUMS, "%s: finish it again", id);
	return OK;
}

enum err
volume_load(struct volume *v, const struct vendor_register *r, const char *const *ids, size_t count,
    struct fault *f)
{
	size_t i, other;
	enum err e = OK;

	*v = (struct volume){ .r = r };
	if (count == 0 || count > LIMIT_RELEASES)
		return err_fault(f, ERR_USAGE, "1 to %u releases are needed", LIMIT_RELEASES);
	for (i = 0; e == OK && i < count; i++) {
		for (other = 0; other < i; other++)
			if (strcmp(ids[i], ids[other]) == 0)
				return err_fault(f, ERR_USAGE, "%s is named twice", ids[i]);
		v->release[i].payload = -1;
		v->count = i + 1;
		e = load_release(v, &v->release[i], ids[i], f);
	}
	return e;
}

static enum err
add_bytes(struct volume *v, const char *path, const void *bytes, size_t len)
{
	return image_add(v->image, &(struct image_file){ .path = path, .dirfd = -1, .data = bytes,
	    .size = len });
}

/*
 * Nothing is summed here: build verifies the whole image before it hands it out, so that a file
 * that changed since it was finished is found there, and every byte is hashed once less.
 */
static enum err
add_payload(struct volume *v, const struct volume_release *s, struct fault *f)
{
	char path[LIMIT_PATH + LIMIT_RELEASE_ID + 32], name[LIMIT_PATH + 16];
	struct sums_line line;
	struct sums lines;
	struct stat st;
	bool more;
	enum err e;

	sums_open(&lines, s->sums, s->sums_len);
	while ((e = sums_next(&lines, &line, &more)) == OK && more) {
		(void)snprintf(name, sizeof(name), "payload/%.*s", (int)line.len, line.path);
		if ((e = contents_path(s->release->id, name, path, sizeof(path))) != OK)
			break;
		if (fstatat(s->payload, strchr(name, '/') + 1, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
		e = image_add(v->image, &(struct image_file){ .path = path, .dirfd = s->payload,
		    .source = strchr(name, '/') + 1, .size = (uint64_t)st.st_size });
		if (e != OK)
			break;
	}
	return e == OK ? OK : err_fault(f, e, "%s", s->release->id);
}

static enum err
add_release(struct volume *v, const struct volume_release *s, struct fault *f)
{
	char path[LIMIT_RELEASE_ID + 32];
	enum err e;

	if ((e = contents_path(s->release->id, "release", path, sizeof(path))) != OK ||
	    (e = add_bytes(v, path, s->document, s->document_len)) != OK ||
	    (e = contents_path(s->release->id, "SHA256SUMS", path, sizeof(path))) != OK ||
	    (e = add_bytes(v, path, s->sums, s->sums_len)) != OK)
		return err_fault(f, e, "%s", s->release->id);
	return add_payload(v, s, f);
}

/* The date of everything in the volume is that of its newest release: same input, same bytes. */
static struct moment
newest_date(const struct volume *v)
{
	struct moment m = v->release[0].release->issued;
	size_t i;

	for (i = 1; i < v->count; i++)
		if (v->release[i].release->issued.seconds > m.seconds)
			m = v->release[i].release->issued;
	return m;
}

enum err
volume_fill(struct volume *v, struct fault *f)
{
	const struct trust_chain *c = v->r->chain;
	char path[48];
	size_t i, len;
	enum err e;

	if ((e = image_new(&v->image, "WAXSEAL", newest_date(v))) != OK ||
	    (e = paper_readme(&v->readme, &len)) != OK ||
	    (e = add_bytes(v, "README.TXT", v->readme, len)) != OK)
		return err_fault(f, e, "the volume");
	for (i = 0; i < c->count; i++) {
		(void)snprintf(path, sizeof(path), "TRUST/%zu.trust", i + 1);
		if ((e = add_bytes(v, path, c->bytes + c->document[i].at, c->document[i].len)) !=
		    OK)
			return err_fault(f, e, "%s", path);
	}
	for (i = 0; e == OK && i < v->count; i++)
		e = add_release(v, &v->release[i], f);
	return e;
}

void
volume_free(struct volume *v)
{
	size_t i;

	image_free(v->image);
	for (i = 0; i < v->count; i++) {
		release_free(v->release[i].release);
		free(v->release[i].document);
		free(v->release[i].sums);
		if (v->release[i].payload != -1)
			(void)close(v->release[i].payload);
	}
	free(v->readme);
	*v = (struct volume){ .count = 0 };
}
