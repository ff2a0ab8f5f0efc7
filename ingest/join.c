/*
 * join: the volumes of a set put together to the consignment that was cut.  SPEC, "Sets".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/release.h"
#include "formats/share.h"
#include "formats/sums.h"
#include "ingest/join.h"
#include "ingest/waiting.h"
#include "verify/file.h"
#include "verify/found.h"

#define COPY (1u << 20)
#define PATH_ROOM (LIMIT_PATH + LIMIT_RELEASE_ID + 32)

struct join {
	const struct station *s;
	const struct seal *seal;
	int to;			/* the scratch directory */
	int from;		/* that of the volume at hand */
	struct fault *f;
};

static enum err
failed(const struct join *n, const char *path)
{
	enum err e = errno == ENOENT ? ERR_CONTENTS_MISSING : err_errno();

	return err_fault(n->f, e, "%s: %s", path, strerror(errno));
}

static enum err
link_file(const struct join *n, const char *path, const char *as)
{
	enum err e;

	if ((e = file_mkdir_unsynced(n->to, as, n->f)) != OK)
		return e;
	return linkat(n->from, path, n->to, as, 0) == -1 ? failed(n, path) : OK;
}

/* The piece of ${line}'s file that the volume has, behind those of the volumes before. */
static enum err
append(const struct join *n, const char *id, const struct share_piece *p,
    const struct sums_line *line)
{
	char name[SHARE_NAME], from[PATH_ROOM], to[PATH_ROOM];
	int in, out = -1;
	ssize_t copied;
	enum err e;

	share_name(p, name);
	(void)snprintf(from, sizeof(from), "RELEASES/%s/pieces/%s", id, name);
	(void)snprintf(to, sizeof(to), "RELEASES/%s/payload/%.*s", id, (int)line->len, line->path);
	if ((e = file_mkdir_unsynced(n->to, to, n->f)) != OK)
		return e;
	if ((in = file_open(n->from, from, O_RDONLY, 0)) == -1)
		return failed(n, from);
	/* Its mode is that of the stage; whoever writes it here has it open already. */
	if ((p->offset > 0 && fchmodat(n->to, to, 0644, 0) == -1) ||
	    (out = file_open(n->to, to, O_WRONLY | O_CREAT, 0644)) == -1 ||
	    lseek(out, (off_t)p->offset, SEEK_SET) == -1) {
		e = failed(n, to);
	} else {
		while ((copied = copy_file_range(in, NULL, out, NULL, COPY, 0)) > 0)
			;
		if (copied == -1 || fchmod(out, 0444) == -1)
			e = failed(n, to);
	}
	if (out != -1 && close(out) == -1 && e == OK)
		e = failed(n, to);
	(void)close(in);
	return e;
}

/* What this volume has of release ${i}. */
static enum err
join_payload(const struct join *n, uint64_t volume, size_t i, const char *sums, size_t len,
    uint64_t lines)
{
	const char *id = n->seal->release[i].id;
	char path[PATH_ROOM];
	struct sums_line line;
	struct share share;
	struct sums s;
	bool more;
	size_t k;
	enum err e;

	if ((e = share_of(n->seal, volume, i, lines, &share)) != OK)
		return err_fault(n->f, e, "%s", id);
	sums_open(&s, sums, len);
	while ((e = sums_next(&s, &line, &more)) == OK && more) {
		for (k = 0; k < share.piece_count; k++)
			if (share.piece[k].line == s.line &&
			    (e = append(n, id, &share.piece[k], &line)) != OK)
				return e;
		if (s.line < share.first || s.line > share.last)
			continue;
		(void)snprintf(path, sizeof(path), "RELEASES/%s/payload/%.*s", id, (int)line.len,
		    line.path);
		if ((e = link_file(n, path, path)) != OK)
			return e;
	}
	return e == OK ? OK : err_fault(n->f, e, "%s", id);
}

static enum err
join_release(const struct join *n, uint64_t volume, size_t i)
{
	char path[PATH_ROOM], *sums = NULL;
	struct sums_line line;
	struct sums s;
	bool more;
	size_t len;
	enum err e;

	if ((e = found_path(n->seal->release[i].id, "SHA256SUMS", path, sizeof(path))) != OK ||
	    (e = file_load(n->from, path, LIMIT_SUMS, &sums, &len, n->f)) != OK)
		return e;
	if (volume == 1 && (e = link_file(n, path, path)) == OK &&
	    (e = found_path(n->seal->release[i].id, "release", path, sizeof(path))) == OK)
		e = link_file(n, path, path);
	sums_open(&s, sums, len);
	while (e == OK && (e = sums_next(&s, &line, &more)) == OK && more)
		;
	if (e == OK)
		e = join_payload(n, volume, i, sums, len, s.line);
	free(sums);
	return e;
}

static enum err
join_notice(void *arg, const char *name, struct fault *f)
{
	char path[sizeof("NOTICES/") + NAME_MAX];

	(void)f;
	(void)snprintf(path, sizeof(path), "NOTICES/%s", name);
	return link_file(arg, path, path);
}

/* Notices and catalogue: those of volume 1, for they are on every volume. */
static enum err
join_news(struct join *n)
{
	enum err e = file_each(n->from, "NOTICES", join_notice, n, n->f);

	if (e == OK && faccessat(n->from, "CATALOGUE.catalogue", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		e = link_file(n, "CATALOGUE.catalogue", "CATALOGUE.catalogue");
	return e;
}

static enum err
join_volume(struct join *n, uint64_t volume)
{
	char path[128], seal[32] = "seal";
	size_t i;
	enum err e;

	waiting_path(n->seal->vendor, n->seal->customer, n->seal->number, volume, path,
	    sizeof(path));
	n->from = file_open(n->s->home.fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (n->from == -1)
		return failed(n, path);
	if (volume > 1)
		(void)snprintf(seal, sizeof(seal), "seal.%llu", (unsigned long long)volume);
	e = link_file(n, "seal", seal);
	if (e == OK && volume == 1)
		e = join_news(n);
	for (i = 0; e == OK && i < n->seal->release_count; i++)
		e = join_release(n, volume, i);
	(void)close(n->from);
	return e;
}

/* Files that were cut are executable only now. */
static enum err
set_executables(const struct join *n, size_t i)
{
	const char *id = n->seal->release[i].id, *name;
	struct release *r = NULL;
	struct document doc;
	char path[PATH_ROOM], *text = NULL;
	size_t len, k;
	enum err e;

	if ((e = found_path(id, "release", path, sizeof(path))) != OK ||
	    (e = file_load(n->to, path, LIMIT_RELEASE, &text, &len, n->f)) != OK)
		return e;
	if ((e = document_split(text, len, &doc)) == OK)
		e = release_parse(&r, &doc, n->seal->vendor, n->f);
	for (k = 0; e == OK && k < json_count(r->executables); k++) {
		name = json_get_string_at(r->json, r->executables, k, 1, LIMIT_PATH);
		(void)snprintf(path, sizeof(path), "RELEASES/%s/payload/%s", id, name);
		if (fchmodat(n->to, path, 0555, 0) == -1)
			e = err_fault(n->f, ERR_RELEASE_FORM, "%s: no file %s", id, name);
	}
	release_free(r);
	free(text);
	return e;
}

enum err
join_volumes(const struct station *s, const struct seal *seal, struct stage *g, struct fault *f)
{
	struct join n = { .s = s, .seal = seal, .to = g->scratch, .f = f };
	uint64_t volume;
	size_t i;
	enum err e = OK;

	for (volume = 1; e == OK && volume <= seal->volumes; volume++)
		e = join_volume(&n, volume);
	for (i = 0; e == OK && i < seal->release_count; i++)
		e = set_executables(&n, i);
	return e;
}
