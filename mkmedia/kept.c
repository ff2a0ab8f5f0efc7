/*
 * kept: see kept.h.
 */
#include "mkmedia/kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/file.h"

#define NAME 96

static void
name_code(const char *customer, uint64_t number, char name[static NAME])
{
	(void)snprintf(name, NAME, "letters/%.27s-%llu.code", customer, (unsigned long long)number);
}

static void
name_seal(const char *customer, uint64_t number, uint64_t volume, bool bound,
    char name[static NAME])
{
	(void)snprintf(name, NAME, "seals/%.27s-%llu-%llu.%s", customer,
	    (unsigned long long)number, (unsigned long long)volume, bound ? "draft" : "seal");
}

enum err
kept_put_code(const struct vendor_register *r, const struct code *code, struct fault *f)
{
	char name[NAME], line[CODE_TEXT + 1];
	enum err e;

	(void)snprintf(line, sizeof(line), "%s\n", code->text);
	name_code(code->customer, code->number, name);
	if ((e = file_mkdir(r->home.fd, "letters", f)) == OK)
		e = file_replace(r->home.fd, name, 0600, line, strlen(line), f);
	explicit_bzero(line, sizeof(line));
	return e;
}

enum err
kept_code(const struct vendor_register *r, const char *customer, uint64_t number,
    struct code *code, struct fault *f)
{
	struct code_typo typo;
	char name[NAME], *text;
	size_t len;
	enum err e;

	name_code(customer, number, name);
	if ((e = file_load(r->home.fd, name, LIMIT_KEY_LINE, &text, &len, f)) != OK)
		return e;
	e = code_parse(text, len > 0 && text[len - 1] == '\n' ? len - 1 : len, code, &typo);
	explicit_bzero(text, len);
	free(text);
	return e == OK ? OK : err_fault(f, e, "%s", name);
}

static enum err
put(const struct vendor_register *r, const struct seal *s, bool bound, const void *bytes,
    size_t len, struct fault *f)
{
	char name[NAME];
	enum err e;

	name_seal(s->customer, s->number, s->volume, bound, name);
	if ((e = file_mkdir(r->home.fd, "seals", f)) == OK)
		e = file_replace(r->home.fd, name, 0600, bytes, len, f);
	return e;
}

enum err
kept_put_area(const struct vendor_register *r, const struct seal *s,
    const uint8_t area[static SEAL_SIZE], struct fault *f)
{
	return put(r, s, false, area, SEAL_SIZE, f);
}

enum err
kept_put_draft(const struct vendor_register *r, const struct seal *s, struct fault *f)
{
	char *text = NULL;
	size_t len;
	enum err e;

	if ((e = seal_print(s, &text, &len)) != OK)
		return err_fault(f, e, "the seal");
	e = put(r, s, true, text, len, f);
	free(text);
	return e;
}

/* The document in an area is signed, a draft is not. */
static enum err
parse(const char *text, size_t len, bool bound, const char *vendor, struct seal **s,
    struct fault *f)
{
	struct seal_header h;
	struct document doc;
	size_t line = 0;
	enum err e;

	if (bound)
		e = document_split_unsigned(text, len, &doc);
	else if (len != SEAL_SIZE)
		e = ERR_SEAL_HEADER;
	else if ((e = seal_header_parse(text, len, &h, &line)) == OK)
		e = document_split(text + line, (size_t)h.length, &doc);
	return e == OK ? seal_parse(s, &doc, vendor, f) : err_fault(f, e, "the seal");
}

enum err
kept_seal(const struct vendor_register *r, const struct register_volume *v,
    uint8_t area[static SEAL_SIZE], struct seal **s, struct fault *f)
{
	char name[NAME], *text;
	size_t len;
	enum err e;

	*s = NULL;
	name_seal(v->customer, v->number, v->volume, v->bound, name);
	if ((e = file_load(r->home.fd, name, SEAL_SIZE, &text, &len, f)) != OK)
		return e;
	e = parse(text, len, v->bound, r->vendor, s, f);
	if (e != OK || (*s)->volume != v->volume || !digest_equal(&(*s)->map_digest, &v->map) ||
	    (!v->bound && !digest_equal(&(*s)->digest, &v->seal))) {
		e = err_fault(f, ERR_HOME, "%s is not the seal that the ledger names", name);
		seal_free(*s);
		*s = NULL;
	} else if (!v->bound) {
		memcpy(area, text, SEAL_SIZE);
	}
	free(text);
	return e;
}

static void
name_release(const char *id, char name[static NAME])
{
	(void)snprintf(name, NAME, "releases/%s.release", id);
}

enum err
kept_put_release(const struct vendor_register *r, const char *id, const void *document, size_t len,
    struct fault *f)
{
	char name[NAME];
	enum err e = file_mkdir(r->home.fd, "releases", f);

	name_release(id, name);
	return e == OK ? file_replace(r->home.fd, name, 0600, document, len, f) : e;
}

/* Only what the ledger names counts: a release may have been finished again since. */
static enum err
load_release(const struct vendor_register *r, const struct register_release *known, int dir,
    const char *path, struct release **release, struct fault *f)
{
	struct document doc;
	char *text;
	size_t len;
	enum err e;

	if ((e = file_load(dir, path, LIMIT_RELEASE, &text, &len, f)) != OK)
		return e;
	if (document_split_unsigned(text, len, &doc) != OK ||
	    !digest_equal(&doc.digest, &known->digest))
		e = err_fault(f, ERR_USAGE, "%s is not the release that was finished", path);
	else
		e = release_parse(release, &doc, r->vendor, f);
	free(text);
	return e;
}

enum err
kept_release(const struct vendor_register *r, const struct register_release *known,
    struct release **release, struct fault *f)
{
	char name[NAME], path[REGISTER_DIRECTORY + 16];
	struct fault ignored;

	*release = NULL;
	name_release(known->id, name);
	if (load_release(r, known, r->home.fd, name, release, &ignored) == OK)
		return OK;
	(void)snprintf(path, sizeof(path), "%s/release", known->directory);
	return load_release(r, known, AT_FDCWD, path, release, f);
}
