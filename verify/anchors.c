/*
 * anchors: see anchors.h.
 */
#include "verify/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "verify/file.h"

static enum err
add(struct anchors *a, const struct trust_chain *chain, struct trust_chain *own, struct fault *f)
{
	if (a->count == LIMIT_ANCHORS) {
		trust_chain_free(own);
		return err_fault(f, ERR_LIMIT, "more than %u trusted vendors", LIMIT_ANCHORS);
	}
	a->anchor[a->count].chain = chain;
	a->anchor[a->count].own = own;
	a->count++;
	return OK;
}

enum err
anchors_add_file(struct anchors *a, const char *path, struct fault *f)
{
	struct trust_chain *chain;
	char *buf;
	size_t len;
	enum err e;

	if ((e = file_load(AT_FDCWD, path, LIMIT_CHAIN_BYTES, &buf, &len, f)) != OK)
		return e;
	/* Whoever names the file trusts its first document; the rest must follow from it. */
	e = trust_chain_parse(&chain, buf, len, NULL, f);
	free(buf);
	if (e != OK)	/* no verdict on a medium: none was looked at */
		return e == ERR_MEMORY ? e
				       : err_fault(f, ERR_USAGE, "%s: %s", path, err_sentence(e));
	return add(a, chain, chain, f);
}

enum err
anchors_add_directory(struct anchors *a, const char *path, struct fault *f)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	enum err e = OK;

	if (d == NULL)
		return OK;
	while (e == OK && (entry = readdir(d)) != NULL) {
		size_t len = strlen(entry->d_name);
		char file[4096];

		if (len < 7 || entry->d_name[0] == '.' ||
		    strcmp(entry->d_name + len - 6, ".trust") != 0)
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		e = anchors_add_file(a, file, f);
	}
	(void)closedir(d);
	return e;
}

enum err
anchors_add_site(struct anchors *a, const struct site *s, struct fault *f)
{
	size_t i;
	enum err e = OK;

	for (i = 0; e == OK && i < s->vendor_count; i++)
		e = add(a, s->vendor[i].chain, NULL, f);
	return e;
}

enum err
anchors_set_fingerprint(struct anchors *a, const char *text, struct fault *f)
{
	if (trust_fingerprint_parse(text, &a->fingerprint) != OK)
		return err_fault(f, ERR_USAGE,
		    "--fingerprint: 32 to 64 hexadecimal digits are needed");
	a->has_fingerprint = true;
	return OK;
}

void
anchors_free(struct anchors *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		trust_chain_free(a->anchor[i].own);
	a->count = 0;
}

const struct trust_chain *
anchors_find(const struct anchors *a, const char *vendor, const struct digest *anchor)
{
	const struct trust_chain *best = NULL, *c;
	size_t i;

	for (i = 0; i < a->count; i++) {
		c = a->anchor[i].chain;
		if (digest_equal(trust_chain_anchor(c), anchor) &&
		    strcmp(trust_chain_newest(c)->vendor, vendor) == 0 &&
		    (best == NULL || c->count > best->count))
			best = c;
	}
	return best;
}

bool
anchors_trusted(const struct anchors *a, const char *vendor, const struct digest *anchor)
{
	return anchors_find(a, vendor, anchor) != NULL ||
	    (a->has_fingerprint && trust_fingerprint_fits(&a->fingerprint, anchor));
}

const struct trust *
anchors_resembling(const struct anchors *a, const char *vendor)
{
	const struct trust *t;
	size_t i;

	for (i = 0; i < a->count; i++) {
		t = trust_chain_newest(a->anchor[i].chain);
		if (strcmp(t->vendor, vendor) == 0 || name_resembles(t->vendor, vendor))
			return t;
	}
	return NULL;
}
