/*
 * volume: see volume.h.
 */
#include "mkmedia/volume.h"

#include <stdio.h>
#include <string.h>

#include "formats/share.h"
#include "formats/sums.h"
#include "mkmedia/assemble.h"
#include "verify/found.h"

struct filling {
	struct volume *v;
	struct consignment *c;
	const struct seal *s;
	enum volume_check check;
	size_t release;			/* index */
};

static enum err
add_bytes(const struct filling *g, const char *path, const void *bytes, size_t len)
{
	return image_add(g->v->image, &(struct image_file){ .path = path, .dirfd = -1,
	    .data = bytes, .size = len });
}

/* The digest of a cut file runs on from volume to volume: it is kept where it is first cut. */
static struct digest_state *
running_digest(const struct filling *g, uint64_t line)
{
	const struct seal_cut *cut;
	size_t i;

	for (i = 1; i < g->s->volumes; i++) {
		cut = &g->s->cut[i];
		if (cut->release == g->release && cut->line == line && cut->offset > 0)
			break;
	}
	if (i < LIMIT_VOLUMES && g->c->running[i] == NULL)
		g->c->running[i] = digest_new();
	return i < LIMIT_VOLUMES ? g->c->running[i] : NULL;
}

static enum err
add_piece(const struct filling *g, const struct share_piece *p, const struct digest *sum,
    const char *source)
{
	const struct consignment_release *r = &g->c->release[g->release];
	struct image_piece *piece = &g->v->piece[g->v->pieces++];
	uint64_t whole = r->file[p->line - 1].size;
	uint64_t end = p->end == SHARE_TO_END ? whole : p->end;
	char name[SHARE_NAME + 8], path[LIMIT_RELEASE_ID + SHARE_NAME + 32];
	enum err e;

	if (p->offset >= end || end > whole)	/* the cuts are those of other files */
		return ERR_CONTENTS_DIGEST;
	*piece = (struct image_piece){ .offset = p->offset, .whole = whole };
	if (g->check != VOLUME_NONE && (piece->digest = running_digest(g, p->line)) == NULL)
		return ERR_MEMORY;
	(void)snprintf(name, sizeof(name), "pieces/");
	share_name(p, name + strlen(name));
	if ((e = found_path(r->release->id, name, path, sizeof(path))) != OK)
		return e;
	return image_add(g->v->image, &(struct image_file){ .path = path, .dirfd = r->payload,
	    .source = source, .size = end - p->offset, .piece = piece,
	    .expect = g->check == VOLUME_NONE ? NULL : sum });
}

static enum err
add_whole(const struct filling *g, uint64_t line, const struct digest *sum, const char *name)
{
	const struct consignment_release *r = &g->c->release[g->release];
	char path[LIMIT_PATH + LIMIT_RELEASE_ID + 32];
	enum err e;

	if ((e = found_path(r->release->id, name, path, sizeof(path))) != OK)
		return e;
	return image_add(g->v->image, &(struct image_file){ .path = path, .dirfd = r->payload,
	    .source = strchr(name, '/') + 1, .size = r->file[line - 1].size,
	    .expect = g->check == VOLUME_ALL ? sum : NULL });
}

static enum err
add_payload(const struct filling *g, struct fault *f)
{
	const struct consignment_release *r = &g->c->release[g->release];
	char name[LIMIT_PATH + 16];
	struct share share;
	struct sums_line line;
	struct sums lines;
	size_t i;
	bool more;
	enum err e;

	if ((e = share_of(g->s, g->s->volume, g->release, r->release->files, &share)) != OK)
		return err_fault(f, e, "%s", r->release->id);
	sums_open(&lines, r->sums, r->sums_len);
	while ((e = sums_next(&lines, &line, &more)) == OK && more) {
		(void)snprintf(name, sizeof(name), "payload/%.*s", (int)line.len, line.path);
		if (lines.line >= share.first && lines.line <= share.last)
			e = add_whole(g, lines.line, &line.digest, name);
		for (i = 0; i < share.piece_count && e == OK; i++)
			if (share.piece[i].line == lines.line)
				e = add_piece(g, &share.piece[i], &line.digest,
				    strchr(name, '/') + 1);
		if (e != OK)
			return err_fault(f, e, "%s/%.200s", r->release->id, name);
	}
	return e == OK ? OK : err_fault(f, e, "%s", r->release->id);
}

static enum err
add_release(const struct filling *g, struct fault *f)
{
	const struct consignment_release *r = &g->c->release[g->release];
	char path[LIMIT_RELEASE_ID + 32];
	enum err e;

	if ((e = found_path(r->release->id, "release", path, sizeof(path))) != OK ||
	    (e = add_bytes(g, path, r->document, r->document_len)) != OK ||
	    (e = found_path(r->release->id, "SHA256SUMS", path, sizeof(path))) != OK ||
	    (e = add_bytes(g, path, r->sums, r->sums_len)) != OK)
		return err_fault(f, e, "%s", r->release->id);
	return add_payload(g, f);
}

static enum err
add_news(const struct filling *g, struct fault *f)
{
	const struct news_set *news = &g->c->news;
	char name[32];
	size_t i;
	enum err e = OK;

	for (i = 0; e == OK && i < news->count; i++) {
		(void)snprintf(name, sizeof(name), "NOTICES/%llu.notice",
		    (unsigned long long)news->notice[i].sequence);
		e = add_bytes(g, name, news->notice[i].text, news->notice[i].len);
	}
	if (e == OK && news->catalogue != NULL)
		e = add_bytes(g, "CATALOGUE.catalogue", news->catalogue, news->catalogue_len);
	return e == OK ? OK : err_fault(f, e, "notices and catalogue");
}

enum err
volume_fill(struct volume *v, struct consignment *c, const struct seal *s, enum volume_check check,
    struct fault *f)
{
	const struct trust_chain *chain = c->r->chain;
	struct filling g = { .v = v, .c = c, .s = s, .check = check };
	char text[48] = "WAXSEAL";
	size_t i;
	enum err e;

	*v = (struct volume){ .image = NULL };
	if (s->volumes > 1)	/* what a desktop shows of a disc without a label */
		(void)snprintf(text, sizeof(text), "WAXSEAL_%llu_OF_%llu",
		    (unsigned long long)s->volume, (unsigned long long)s->volumes);
	if ((e = image_new(&v->image, text, c->date)) != OK ||
	    (e = add_bytes(&g, "README.TXT", c->readme, c->readme_len)) != OK)
		return err_fault(f, e, "the volume");
	for (i = 0; i < chain->count; i++) {
		(void)snprintf(text, sizeof(text), "TRUST/%zu.trust", i + 1);
		if ((e = add_bytes(&g, text, chain->bytes + chain->document[i].at,
		    chain->document[i].len)) != OK)
			return err_fault(f, e, "%s", text);
	}
	e = add_news(&g, f);
	for (g.release = 0; e == OK && g.release < c->count; g.release++)
		e = add_release(&g, f);
	return e;
}

void
volume_free(struct volume *v)
{
	image_free(v->image);
	*v = (struct volume){ .image = NULL };
}

enum err
volume_write(struct consignment *c, struct seal *s, enum volume_check check, int fd, bool quiet,
    struct fault *f)
{
	const struct trust_chain *chain = c->r->chain;
	struct fault was = { .err = OK };
	struct progress progress;
	struct volume v;
	enum err e;

	if ((e = volume_fill(&v, c, s, check, &was)) == OK) {
		progress_begin(&progress, "written", 1, quiet);
		e = assemble_image(v.image, chain->bytes, chain->len, fd, s, &progress, &was);
		progress_end(&progress);
	}
	volume_free(&v);
	if (e == ERR_CONTENTS_DIGEST)
		return err_fault(f, e, "%s changed since the release was finished", was.at);
	return e == OK ? OK : err_fault(f, e, "%s", was.at);
}
