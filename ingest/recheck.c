/*
 * recheck: see recheck.h.
 */
#include "ingest/recheck.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/limits.h"
#include "formats/release.h"
#include "formats/seal.h"
#include "formats/sums.h"
#include "verify/file.h"
#include "verify/found.h"

#define PIECE 131072u

/* What is not there is missing for good; what cannot be read may be readable another time. */
static enum err
load_part(int dir, const char *path, uint64_t max, char **buf, size_t *len, struct fault *f)
{
	enum err e = file_load(dir, path, max, buf, len, f);

	return e == ERR_IO && errno == ENOENT ? err_fault(f, ERR_CONTENTS_MISSING, "%s", path) : e;
}

static enum err
check_file(int dir, const char *path, const struct digest *expected, struct digest_state *s,
    uint8_t *buf, uint64_t *bytes, struct fault *f)
{
	struct digest d;
	ssize_t n;
	enum err e;
	int fd = file_open(dir, path, O_RDONLY, 0);

	if (fd == -1)
		return err_fault(
		    f, errno == ENOENT ? ERR_CONTENTS_MISSING : err_errno(), "%s", path);
	digest_begin(s);
	while ((n = read(fd, buf, PIECE)) > 0 || (n == -1 && errno == EINTR))
		if (n > 0) {
			digest_add(s, buf, (size_t)n);
			*bytes += (uint64_t)n;
		}
	e = n == -1 ? err_errno() : OK;
	(void)close(fd);
	digest_end(s, &d);
	if (e != OK)
		return err_fault(f, e, "%s", path);
	return digest_equal(&d, expected) ? OK : err_fault(f, ERR_CONTENTS_DIGEST, "%s", path);
}

static enum err
check_payload(int dir, const struct release *r, const char *sums, size_t len, struct fault *f)
{
	char path[LIMIT_PATH + LIMIT_RELEASE_ID + 32];
	struct digest_state *s = digest_new();
	uint8_t *buf = malloc(PIECE);
	struct sums_line line;
	struct sums lines;
	uint64_t bytes = 0;
	bool more = true;
	enum err e = s == NULL || buf == NULL ? err_fault(f, ERR_MEMORY, "%s", r->id) : OK;

	sums_open(&lines, sums, len);
	while (e == OK && (e = sums_next(&lines, &line, &more)) == OK && more) {
		(void)snprintf(path, sizeof(path), "RELEASES/%s/payload/%.*s", r->id,
		    (int)line.len, line.path);
		e = check_file(dir, path, &line.digest, s, buf, &bytes, f);
	}
	if (e == OK && (lines.line != r->files || bytes != r->bytes))
		e = err_fault(f, ERR_RELEASE_FORM, "%s: its count of files or bytes", r->id);
	digest_free(s);
	free(buf);
	return e;
}

static enum err
check_release(int dir, const struct seal *seal, const struct seal_release *named, struct fault *f)
{
	char path[LIMIT_RELEASE_ID + 32], *text = NULL, *sums = NULL;
	struct release *r = NULL;
	struct document doc;
	struct digest d;
	size_t len;
	enum err e;

	if ((e = found_path(named->id, "release", path, sizeof(path))) != OK ||
	    (e = load_part(dir, path, LIMIT_RELEASE, &text, &len, f)) != OK)
		goto out;
	if (document_split(text, len, &doc) != OK || !digest_equal(&doc.digest, &named->digest)) {
		e = err_fault(f, ERR_RELEASE_DIGEST, "%s", named->id);
		goto out;
	}
	if ((e = release_parse(&r, &doc, seal->vendor, f)) != OK ||
	    (e = found_path(named->id, "SHA256SUMS", path, sizeof(path))) != OK ||
	    (e = load_part(dir, path, LIMIT_SUMS, &sums, &len, f)) != OK)
		goto out;
	digest_sha256(sums, len, &d);
	e = digest_equal(&d, &r->sums) ? check_payload(dir, r, sums, len, f) :
	    err_fault(f, ERR_RELEASE_SUMS, "%s", named->id);
out:
	release_free(r);
	free(text);
	free(sums);
	return e;
}

enum err
recheck_consignment(int dir, const struct digest *seal, struct fault *f)
{
	struct seal_header header;
	struct seal *s = NULL;
	struct document doc;
	char *area = NULL;
	size_t len, line, i;
	enum err e;

	if ((e = load_part(dir, "seal", SEAL_SIZE, &area, &len, f)) != OK)
		return e;
	if (seal_header_parse(area, len, &header, &line) != OK ||
	    document_split(area + line, (size_t)header.length, &doc) != OK ||
	    !digest_equal(&doc.digest, seal))
		e = err_fault(f, ERR_SEAL_FORM, "seal");
	else
		e = seal_parse(&s, &doc, NULL, f);
	for (i = 0; e == OK && i < s->release_count; i++)
		e = check_release(dir, s, &s->release[i], f);
	seal_free(s);
	free(area);
	return e;
}
