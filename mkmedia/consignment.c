/*
 * consignment: see consignment.h.
 */
#include "mkmedia/consignment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/sums.h"
#include "mkmedia/paper.h"
#include "verify/file.h"

static enum err
load_files(struct consignment_release *s, const struct register_release *known, struct fault *f)
{
	int dir = open(known->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e;

	if (dir == -1)
		return err_fault(f, err_errno(),
		    "%s: %s; if it was moved, run mkmedia release finish there",
		    known->directory, strerror(errno));
	s->payload = file_open(dir, "payload", O_RDONLY | O_DIRECTORY, 0);
	if (s->payload == -1)
		e = err_fault(f, err_errno(), "%s/payload: %s", known->directory, strerror(errno));
	else if ((e = file_load(
		      dir, "release", LIMIT_RELEASE, &s->document, &s->document_len, f)) == OK)
		e = file_load(dir, "SHA256SUMS", LIMIT_SUMS, &s->sums, &s->sums_len, f);
	(void)close(dir);
	return e;
}

/* Is it what was finished, and did enough persons sign it? */
static enum err
check_release(const struct vendor_register *r, struct consignment_release *s,
    const struct register_release *known, struct fault *f)
{
	const char *id = known->id;
	struct trust_count count;
	struct document doc;
	struct signers signers;
	struct digest d;
	enum err e;

	if (document_split(s->document, s->document_len, &doc) != OK)
		return err_fault(f, ERR_USAGE, "%s is not signed yet; see mkmedia sign %s", id, id);
	if (!digest_equal(&doc.digest, &known->digest))
		return err_fault(
		    f, ERR_RELEASE_DIGEST, "%s is not what was finished; finish it again", id);
	if ((e = document_signers(&doc, "release@waxseal", &signers)) != OK)
		return err_fault(f, e, "%s", id);
	count = trust_count(trust_chain_newest(r->chain), ROLE_RELEASE, &signers);
	if (count.have < count.need)
		return err_fault(f, ERR_USAGE, "%s has %u of %u signatures; see mkmedia sign %s",
		    id, count.have, count.need, id);
	if ((e = release_parse(&s->release, &doc, r->vendor, f)) != OK)
		return e;
	digest_sha256(s->sums, s->sums_len, &d);
	if (!digest_equal(&d, &s->release->sums))
		return err_fault(f, ERR_RELEASE_SUMS, "%s: finish it again", id);
	return OK;
}

static enum err
look_at_file(const struct consignment_release *s, const struct sums_line *line,
    const struct sums_line *before, struct plan_file *out, struct fault *f)
{
	char name[LIMIT_PATH + 1];
	struct stat st;

	memcpy(name, line->path, line->len);
	name[line->len] = '\0';
	if (fstatat(s->payload, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return err_fault(f, err_errno(), "%s/payload/%.200s: %s", s->release->id, name,
		    strerror(errno));
	if ((uint64_t)st.st_size > LIMIT_IMAGE)
		return err_fault(f, ERR_LIMIT, "%s/payload/%.200s", s->release->id, name);
	*out = (struct plan_file){ .size = (uint64_t)st.st_size,
		.names = plan_names(line->path, line->len, before->path, before->len) };
	return OK;
}

static enum err
look_at_files(struct consignment_release *s, uint64_t *count, struct fault *f)
{
	struct sums_line line, before = { .path = "" };
	struct sums lines;
	bool more;
	enum err e = OK;

	s->file = calloc((size_t)s->release->files, sizeof(*s->file));
	if (s->file == NULL)
		return err_fault(f, ERR_MEMORY, "payload");
	sums_open(&lines, s->sums, s->sums_len);
	for (*count = 0; *count < s->release->files; ++*count, before = line) {
		if ((e = sums_next(&lines, &line, &more)) != OK || !more)
			break;
		if ((e = look_at_file(s, &line, &before, &s->file[*count], f)) != OK)
			return e;
	}
	if (lines.at != lines.end || *count != s->release->files)
		return err_fault(f, ERR_RELEASE_FORM, "%s: its count of files", s->release->id);
	return OK;
}

static enum err
load_release(struct consignment *c, struct consignment_release *s, const char *id, struct fault *f)
{
	const struct register_release *known = register_release(c->r, id);
	size_t i = (size_t)(s - c->release);
	enum err e;

	if (known == NULL)
		return err_fault(
		    f, ERR_USAGE, "there is no finished release %s; see mkmedia release list", id);
	if ((e = load_files(s, known, f)) != OK || (e = check_release(c->r, s, known, f)) != OK ||
	    (e = look_at_files(s, &c->plan.release[i].count, f)) != OK)
		return e;
	if ((c->sums += s->sums_len) > LIMIT_ALL_SUMS)
		return err_fault(f, ERR_LIMIT, "SHA256SUMS of all releases have more than %llu "
		    "MiB: build fewer at a time", (unsigned long long)(LIMIT_ALL_SUMS / MIB));
	c->plan.release[i].file = s->file;
	c->plan.count = i + 1;
	/* The date of everything in a volume: same input, same bytes. */
	if (i == 0 || s->release->issued.seconds > c->date.seconds)
		c->date = s->release->issued;
	return OK;
}

enum err
consignment_load(struct consignment *c, const struct vendor_register *r, const char *const *ids,
    size_t count, uint64_t notice, uint64_t catalogue, struct fault *f)
{
	size_t i, other;
	enum err e = OK;

	*c = (struct consignment){ .r = r };
	if (count == 0 || count > LIMIT_RELEASES)
		return err_fault(f, ERR_USAGE, "1 to %u releases are needed", LIMIT_RELEASES);
	for (i = 0; e == OK && i < count; i++) {
		for (other = 0; other < i; other++)
			if (strcmp(ids[i], ids[other]) == 0)
				return err_fault(f, ERR_USAGE, "%s is named twice", ids[i]);
		c->release[i].payload = -1;
		c->count = i + 1;
		e = load_release(c, &c->release[i], ids[i], f);
	}
	if (e == OK && (e = paper_readme(&c->readme, &c->readme_len)) != OK)
		(void)err_fault(f, e, "README.TXT");
	return e == OK ? news_load(&c->news, r, notice, catalogue, f) : e;
}

void
consignment_free(struct consignment *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		release_free(c->release[i].release);
		free(c->release[i].document);
		free(c->release[i].sums);
		free(c->release[i].file);
		if (c->release[i].payload != -1)
			(void)close(c->release[i].payload);
	}
	for (i = 0; i < LIMIT_VOLUMES; i++)
		digest_free(c->running[i]);
	free(c->readme);
	news_free(&c->news);
	*c = (struct consignment){ .count = 0 };
}
